/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "decode/map.h"

#include <math.h>

static void
fill_values (RyMap * self, const RyTensor * tensor)
{
  gint first = tensor->type == RKNN_TENSOR_INT8 ? -128 : 0;
  gint code;

  self->flip = tensor->type == RKNN_TENSOR_INT8 ? 0x80 : 0;
  for (code = 0; code < 256; code++) {
    gint64 steps = (gint64) (first + code) - tensor->zp;

    /* float32 from here on: this is the definition that thresholds meet. */
    self->value[code] = (gfloat) steps * tensor->scale;
    self->score[code] = self->value[code];
  }
}

void
ry_map_init (RyMap * self, const RyTensor * tensor, const RyGrid * grid,
    guint first, guint n)
{
  guint c;

  self->output = grid->output;
  self->type = tensor->type;
  self->n_channels = n;
  self->h = grid->h;
  self->w = grid->w;
  self->c2 = grid->c2;
  self->plane = grid->plane;
  self->row = grid->row;
  self->base = grid->base;
  self->first = first;
  self->dense = grid->h == 1 || grid->row == (gsize) grid->w * grid->c2;
  self->scale = tensor->scale;
  self->offset = g_new (guint32, n);
  for (c = 0; c < n; c++) {
    guint channel = first + c;

    self->offset[c] = (guint32) ((channel / grid->c2) * grid->plane
        + channel % grid->c2);
  }
  if (!ry_map_is_float (self))
    fill_values (self, tensor);
}

void
ry_map_init_rows (RyMap * self, const RyTensor * tensor, const RyGrid * grid)
{
  RyGrid flat = *grid;
  guint k, d;

  flat.c = 1;
  flat.h = 1;
  ry_map_init (self, tensor, &flat, 0, 1);
  self->n_channels = grid->c * grid->h;
  self->offset = g_renew (guint32, self->offset, self->n_channels);
  for (k = 0; k < grid->c; k++)
    for (d = 0; d < grid->h; d++)
      self->offset[k * grid->h + d] = (guint32) ((k / grid->c2) * grid->plane
          + k % grid->c2 + d * grid->row);
}

void
ry_map_clear (RyMap * self)
{
  g_clear_pointer (&self->offset, g_free);
}

void
ry_map_set_logits (RyMap * self)
{
  guint code;

  for (code = 0; code < 256; code++)
    self->score[code] =
        (gfloat) (1.0 / (1.0 + exp (-(gdouble) self->value[code])));
}

gfloat
ry_sigmoid (gfloat x)
{
  return 1.0f / (1.0f + expf (-x));
}

/* The smallest code whose score is above the threshold; 256 if none is. */
static guint
limit_code (const RyMap * self, gfloat threshold)
{
  guint low = 0, high = 256;

  while (low < high) {
    guint middle = (low + high) / 2;

    if (self->score[middle] > threshold)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

/* The greatest key of a half that is not above limit. */
static gint16
limit_key (gfloat limit)
{
  gint low = ry_half_key (0xfc00), high = ry_half_key (0x7c00);

  while (low < high) {
    gint middle = (gint) floor ((low + high + 1) / 2.0);

    if (ry_half_to_float (ry_half_from_key ((gint16) middle)) > limit)
      high = middle - 1;
    else
      low = middle;
  }
  return (gint16) low;
}

RyLimit
ry_map_limit (const RyMap * self, RyScores scores, gfloat threshold)
{
  RyLimit limit = { 256, INFINITY, G_MAXINT16 };

  if (isnan (threshold))
    return limit;
  if (!ry_map_is_float (self)) {
    limit.code = limit_code (self, threshold);
    return limit;
  }
  limit.value = threshold;
  if (scores == RY_SCORES_LOGITS) {
    if (threshold <= 0)
      limit.value = -INFINITY;
    else if (threshold >= 1)
      limit.value = INFINITY;
    else                        /* the margin is for the rounding of sigmoids */
      limit.value = (gfloat) (log (threshold / (1.0 - threshold)) - 1e-3);
  }
  if (self->type == RKNN_TENSOR_FLOAT16)
    limit.key = limit_key (limit.value);
  return limit;
}
