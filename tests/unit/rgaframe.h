/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Frames for tests of RGA: a smooth picture in a memfd, which the stand-in
 * takes for a dma-buf.  The same picture whatever the strides are. */

#pragma once

#include "image/image.h"
#include "rga_standin.h"

typedef struct
{
  RyImage image;
  gint fd;
  guint8 *data;                 /* the memfd as the CPU sees it */
  gsize size;
  guint n_maps;                 /* by ry_image_map */
  gfloat *across[3], *down[3];  /* what its channels are products of */
} RgaFrame;

/* How a frame lies in its memory; cleared: as tightly as it can. */
typedef struct
{
  guint align;                  /* bytes: rows are a multiple of it; 0 is 1 */
  guint x, y;                   /* what was cropped at the left and the top */
  guint rows_below;             /* between the planes */
} RgaFrameLayout;

void rga_frame_init (RgaFrame * self, RyPixelFormat format, guint width,
    guint height, const RgaFrameLayout * layout);
void rga_frame_clear (RgaFrame * self);

/* A target in a memfd, with this stride in pixels; free with
 * rga_target_clear. */
void rga_target_init (RyTarget * self, guint width, guint height,
    guint stride);
void rga_target_clear (RyTarget * self);

/* Librga-standin's own functions. */
typedef struct
{
  void (*get_counters) (rga_standin_counters *);
  void (*reset_counters) (void);
  void (*hold) (int);
} RgaStandin;

/* With the variables RGA_STANDIN_ cleared. */
void rga_standin_load (RgaStandin * self);
const gchar *rga_standin_path (void);

/* Runs test with the stand-in as another chip and with these failures (NULL:
 * none), in a new thread: which cores jobs may take is kept for each thread. */
void rga_standin_run_as (const gchar * soc, const gchar * fail,
    void (*test) (void));
