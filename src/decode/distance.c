/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "decode/distance.h"

#include <math.h>

void
ry_distances_init (RyDistances * self, const RyTensor * tensor,
    const RyGrid * grid, guint first, guint bins)
{
  guint i;

  ry_map_init (&self->map, tensor, grid, first, 4 * bins);
  self->bins = bins;
  self->stride = grid->stride;
  for (i = 0; i < 256; i++)
    self->exponent[i] = (gfloat) exp (-(gdouble) self->map.scale * i);
}

void
ry_distances_clear (RyDistances * self)
{
  ry_map_clear (&self->map);
}

/* Expected distances of all sides at the element of a cell.  The zero point
 * cancels out of a softmax, and so a difference of codes is an exponent.  The
 * sides go side by side, as the sums of one have to wait for each other. */
static inline void
sides_of_codes (const RyDistances * self, const guint8 * data, guint bins,
    gfloat d[4])
{
  const guint32 *offset = self->map.offset;
  guint8 codes[4][RY_MAX_BINS], most[4] = { 0 };
  gfloat sums[4] = { 0 }, weighted[4] = { 0 };
  guint i, k;

  for (k = 0; k < 4; k++)
    for (i = 0; i < bins; i++) {
      guint8 code = data[offset[k * bins + i]] ^ self->map.flip;

      codes[k][i] = code;
      most[k] = code > most[k] ? code : most[k];
    }
  for (i = 0; i < bins; i++)
    for (k = 0; k < 4; k++) {
      gfloat e = self->exponent[most[k] - codes[k][i]];

      sums[k] += e;
      weighted[k] += e * i;
    }
  for (k = 0; k < 4; k++)
    d[k] = weighted[k] / sums[k];
}

/* The number of bins that nearly all have, known to the compiler. */
static void
sides_of_16_codes (const RyDistances * self, const guint8 * data, gfloat d[4])
{
  sides_of_codes (self, data, 16, d);
}

static gfloat
side_of_floats (const RyDistances * self, gconstpointer data, gsize element,
    const guint32 * offset)
{
  gfloat values[RY_MAX_BINS], most = -INFINITY, sum = 0, weighted = 0;
  guint i;

  for (i = 0; i < self->bins; i++) {
    values[i] = ry_map_value (&self->map, data, element + offset[i]);
    most = MAX (most, values[i]);
  }
  for (i = 0; i < self->bins; i++) {
    gfloat e = expf (values[i] - most);

    sum += e;
    weighted += e * i;
  }
  return weighted / sum;
}

void
ry_distances_sides (const RyDistances * self, const gconstpointer * outputs,
    guint cell, gfloat d[4])
{
  const RyMap *map = &self->map;
  gconstpointer data = outputs[map->output];
  gsize element = ry_map_cell (map, cell);
  guint k;

  if (self->bins == 16 && !ry_map_is_float (map)) {
    sides_of_16_codes (self, (const guint8 *) data + element, d);
    return;
  }
  if (self->bins > 1 && !ry_map_is_float (map)) {
    sides_of_codes (self, (const guint8 *) data + element, self->bins, d);
    return;
  }
  for (k = 0; k < 4; k++) {
    const guint32 *offset = map->offset + k * self->bins;

    if (self->bins == 1)
      d[k] = ry_map_value (map, data, element + offset[0]);
    else
      d[k] = side_of_floats (self, data, element, offset);
  }
}

void
ry_distances_box (const RyDistances * self, const gconstpointer * outputs,
    guint cell, gfloat box[4])
{
  gfloat x = cell % self->map.w + 0.5f;
  gfloat y = cell / self->map.w + 0.5f;
  gfloat d[4];

  ry_distances_sides (self, outputs, cell, d);
  box[0] = (x - d[0]) * self->stride;
  box[1] = (y - d[1]) * self->stride;
  box[2] = (x + d[2]) * self->stride;
  box[3] = (y + d[3]) * self->stride;
}
