/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The inner loops of bilinear scaling, one row at a time.
 *
 * The vertical direction comes first and its result keeps 8 more bits, so that
 * rounding happens once, at the end; what is lost against exact arithmetic is
 * the rounding of the vertical weight to 1/256, half a grey level between
 * black and white.
 *
 * For one and two channels the rows are blended as a whole, which any compiler
 * makes vector code of; with three, every pixel is a vector of its own and
 * blends what it needs. */

#pragma once

#include <glib.h>

#include "image/taps.h"

G_BEGIN_DECLS

/* How the samples of one kind lie in a row of bytes. */
typedef struct
{
  guint8 channels;              /* 1, 2 or 3 */
  guint8 step;                  /* from one pixel to the next */
  guint8 at[3];                 /* where in a pixel each channel is.  One and
                                 * two channels ascend, two are step / 2 apart;
                                 * three are neighbours and may descend */
} RyLayout;

/* Elements that the loads of ry_rows_mix may touch behind the row. */
#define RY_ROW_PADDING 16

/* dst[i] = a[i] * (256 - fraction) + b[i] * fraction, fraction 0..256. */
void ry_rows_blend (guint16 * dst, const guint8 * a, const guint8 * b, guint n,
    guint fraction);

/* Writes x->n pixels of layout->channels bytes, interpolated from a row of
 * ry_rows_blend in which layout describes the pixels.  x was made with a step
 * of layout->step.  Exactly x->n * channels bytes are written. */
void ry_rows_mix (guint8 * dst, const guint16 * row, const RyTaps * x,
    const RyLayout * layout);

/* Both directions at once, for three channels.  Of each row, row_length bytes
 * may be read; they hold all samples that x names. */
void ry_rows_mix_rgb (guint8 * dst, const guint8 * a, const guint8 * b,
    guint fraction, const RyTaps * x, const RyLayout * layout,
    guint row_length);

/* The same for 2:1 in both directions: the mean of four pixels. */
void ry_rows_halve_rgb (guint8 * dst, const guint8 * a, const guint8 * b,
    const RyTaps * x, const RyLayout * layout, guint row_length);

/* No interpolation: x->point holds.  Of row, row_length bytes may be read. */
void ry_rows_pick (guint8 * dst, const guint8 * row, const RyTaps * x,
    const RyLayout * layout, guint row_length);

G_END_DECLS
