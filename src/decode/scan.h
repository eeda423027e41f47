/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The search over whole tensors.  Nearly all time of decoding goes here, so
 * it is done in the type the NPU wrote, in the order the memory lies. */

#pragma once

#include "decode/map.h"

G_BEGIN_DECLS
/* Memory for a scan, kept between frames. */
typedef struct
{
  gpointer block;               /* maxima of a block of cells */
  gsize block_size;
  guint8 *flags;                /* [RY_SCAN_BLOCK], hits; 0 between scans */
} RyScanBuffer;

#define RY_SCAN_BLOCK 4096      /* cells of a block, or elements of its maxima,
                                 * which so stay in L1 */

void ry_scan_buffer_init (RyScanBuffer * self);
void ry_scan_buffer_clear (RyScanBuffer * self);

/* Writes to cells, in rising order, those at which any of the channels
 * first .. first + n - 1 of the map is beyond limit; returns how many.  cells
 * has room for h * w numbers. */
guint ry_scan (const RyMap * map, gconstpointer data, guint first, guint n,
    RyLimit limit, RyScanBuffer * buffer, guint32 * cells);

/* TRUE as soon as a finite value of these channels lies outside low .. high.
 * varied tells whether there were two different values. */
gboolean ry_scan_outside (const RyMap * map, gconstpointer data, guint first,
    guint n, gfloat low, gfloat high, gboolean * varied);

/* The channel with the greatest value at an element, the first of equals.
 * NaN is never the greatest; G_MAXUINT if there is nothing else. */
guint ry_scan_best (const RyMap * map, gconstpointer data, gsize element,
    guint first, guint n);

G_END_DECLS
