/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Why libyuv does not do this: its ScalePlane aligns the corners when it
 * scales up, keeps 7 bits of the horizontal weights, allocates in every call,
 * and has nothing for pixels of three bytes; the loops of rows.c have none of
 * this and are faster except where libyuv has special code.  The one such case
 * worth having, exact halving, is taken from there. */

#include "image/scaler.h"

#include <libyuv.h>
#include <string.h>

static guint
samples_end (const RyScalerOutput * output, guint n_samples)
{
  const RyLayout *l = &output->layout;

  return (n_samples - 1) * l->step + MAX (l->at[0], l->at[l->channels - 1]) + 1;
}

/* The vector loads reach into the padding; it must hold defined numbers,
 * which then count with a weight of 0. */
static void
reserve_row (RyScaler * self, guint length)
{
  gsize needed = (gsize) length + RY_ROW_PADDING;

  if (needed > self->row_allocated) {
    self->row = g_renew (guint16, self->row, needed);
    self->row_allocated = needed;
  }
  self->row_length = length;
  memset (self->row + length, 0, RY_ROW_PADDING * sizeof (guint16));
}

static gboolean
is_exact_half (const RyTaps * taps)
{
  return taps->frame == 2 * taps->picture && taps->n_source == 2 * taps->n;
}

static gboolean
is_rgb (const RyScaler * self)
{
  return self->output[0].layout.channels == 3;
}

/* Packed 4:2:2 is left out: mixing it with vector code is faster than halving
 * it without. */
static gboolean
can_halve (const RyScaler * self)
{
  const RyLayout *l = &self->output[0].layout;

  return self->n_outputs == 1 && (is_rgb (self) || l->step == l->channels)
      && is_exact_half (&self->x[0]) && is_exact_half (&self->y);
}

void
ry_scaler_update (RyScaler * self, const RyLetterbox * box, guint v_shift,
    const RyScalerOutput * outputs, guint n_outputs)
{
  guint i, length = 0;

  self->n_outputs = n_outputs;
  self->point = TRUE;
  ry_taps_update (&self->y, RY_SUBSAMPLED (box->height, v_shift),
      RY_SUBSAMPLED (box->frame_height, v_shift), box->height,
      box->frame_height, 1);

  for (i = 0; i < n_outputs; i++) {
    guint shift = outputs[i].h_shift;
    guint n_source = RY_SUBSAMPLED (box->frame_width, shift);

    self->output[i] = outputs[i];
    ry_taps_update (&self->x[i], RY_SUBSAMPLED (box->width, shift), n_source,
        box->width, box->frame_width, outputs[i].layout.step);
    self->point &= self->x[i].point;
    length = MAX (length, samples_end (&outputs[i], n_source));
  }
  if (length != self->row_length)
    reserve_row (self, length);
  self->halve = can_halve (self);
}

static void
halve_plain (const RyScaler * self, const guint8 * src, gint src_stride,
    guint n, guint8 * dst, gint dst_stride)
{
  const RyTaps *x = &self->x[0];

  if (self->output[0].layout.channels == 1)
    ScalePlane (src, src_stride, x->n_source, 2 * n, dst, dst_stride, x->n, n,
        kFilterBilinear);
  else
    UVScale (src, src_stride, x->n_source, 2 * n, dst, dst_stride, x->n, n,
        kFilterBilinear);
}

/* Weights of the rows have 8 bits, see rows.h. */
static guint
row_fraction (const RyTaps * y, guint i)
{
  const guint drop = RY_TAP_BITS - 8;

  return (y->weight[2 * i + 1] + (1u << (drop - 1))) >> drop;
}

static void
make_rgb_row (const RyScaler * self, const guint8 * a, const guint8 * b,
    guint fraction, guint8 * dst)
{
  const RyLayout *layout = &self->output[0].layout;
  const RyTaps *x = &self->x[0];

  if (self->halve)
    ry_rows_halve_rgb (dst, a, b, x, layout, self->row_length);
  else if (fraction == 0 && self->point)
    ry_rows_pick (dst, a, x, layout, self->row_length);
  else
    ry_rows_mix_rgb (dst, a, b, fraction, x, layout, self->row_length);
}

/* Row i of the band that begins at dst. */
static void
make_row (RyScaler * self, const guint8 * a, const guint8 * b,
    guint fraction, guint i, guint8 * const *dst, const gint * dst_stride)
{
  gboolean exact = fraction == 0 && self->point;
  guint k;

  if (!exact)
    ry_rows_blend (self->row, a, b, self->row_length, fraction);
  for (k = 0; k < self->n_outputs; k++) {
    const RyLayout *layout = &self->output[k].layout;
    guint8 *out = dst[k] + (gssize) dst_stride[k] * i;

    if (exact)
      ry_rows_pick (out, a, &self->x[k], layout, self->row_length);
    else
      ry_rows_mix (out, self->row, &self->x[k], layout);
  }
}

void
ry_scaler_run (RyScaler * self, const guint8 * src, gint src_stride,
    guint first, guint n, guint8 * const *dst, const gint * dst_stride)
{
  guint i;

  if (self->halve && !is_rgb (self)) {
    halve_plain (self, src + (gssize) src_stride * 2 * first, src_stride, n,
        dst[0], dst_stride[0]);
    return;
  }

  for (i = 0; i < n; i++) {
    guint fraction = row_fraction (&self->y, first + i);
    const guint8 *a = src + (gssize) src_stride * self->y.offset[first + i];
    const guint8 *b = fraction ? a + src_stride : a;

    if (is_rgb (self))
      make_rgb_row (self, a, b, fraction, dst[0] + (gssize) dst_stride[0] * i);
    else
      make_row (self, a, b, fraction, i, dst, dst_stride);
  }
}

void
ry_scaler_clear (RyScaler * self)
{
  guint i;

  for (i = 0; i < RY_SCALER_MAX_OUTPUTS; i++)
    ry_taps_clear (&self->x[i]);
  ry_taps_clear (&self->y);
  g_free (self->row);
  memset (self, 0, sizeof *self);
}
