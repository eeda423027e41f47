/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Bilinear interpolation in one direction: which two source samples every
 * output sample is made of, and how much of each. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define RY_TAP_BITS 14
#define RY_TAP_ONE (1 << RY_TAP_BITS)

typedef struct
{
  guint n;                      /* output samples */
  guint32 *offset;              /* [n], of the first source sample, times step */
  gint16 *weight;               /* [n][2], of the sample at offset and of the
                                 * one a step further; sum RY_TAP_ONE */
  gboolean point;               /* every second weight is 0: nothing to mix */

  guint n_source, frame, picture, step; /* what they were made for */
  guint allocated;
} RyTaps;

/* Makes taps for n output samples out of n_source, which lie step elements
 * apart in memory.  The scale is picture : frame, in pixels; for subsampled
 * chroma it is not exactly n : n_source when a size is odd.
 *
 * Sample i lies at (i + 0.5) * frame / picture - 0.5 of the source, limited to
 * 0 .. n_source - 1: pixels have their value in their middle, as for
 * cv2.INTER_LINEAR.  Does nothing when the taps were made for the same sizes.
 *
 * At the last source sample the second weight is 0, but offset + step may
 * still be loaded: the row needs step elements of padding. */
void ry_taps_update (RyTaps * self, guint n, guint n_source, guint picture,
    guint frame, guint step);
void ry_taps_clear (RyTaps * self);

G_END_DECLS
