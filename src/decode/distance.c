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

/* Expected distance of one side, whose bins begin at offset.  The zero point
 * cancels out of a softmax, and so a difference of codes is an exponent. */
static gfloat
side_of_codes (const RyDistances * self, const guint8 * data,
    const guint32 * offset)
{
  guint8 codes[RY_MAX_BINS], most = 0;
  gfloat sum = 0, weighted = 0;
  guint i;

  for (i = 0; i < self->bins; i++) {
    codes[i] = data[offset[i]] ^ self->map.flip;
    most = MAX (most, codes[i]);
  }
  for (i = 0; i < self->bins; i++) {
    gfloat e = self->exponent[most - codes[i]];

    sum += e;
    weighted += e * i;
  }
  return weighted / sum;
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

  for (k = 0; k < 4; k++) {
    const guint32 *offset = map->offset + k * self->bins;

    if (self->bins == 1)
      d[k] = ry_map_value (map, data, element + offset[0]);
    else if (ry_map_is_float (map))
      d[k] = side_of_floats (self, data, element, offset);
    else
      d[k] = side_of_codes (self, (const guint8 *) data + element, offset);
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
