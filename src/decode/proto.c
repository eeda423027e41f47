/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "decode/proto.h"

#include <math.h>
#include <string.h>

#define USUAL_CHANNELS 32
#define STRIDE 16               /* columns of planes that are summed at once */

#define SUFFIX i8
#define ELEMENT gint8
#define NUMBER gint16
#define VALUE(e) ((gint16) (e))
#define SUM gint32
#define EXACT 1
#include "decode/proto-type.h"

#define SUFFIX u8
#define ELEMENT guint8
#define NUMBER gint16
#define VALUE(e) ((gint16) (e))
#define SUM gint32
#define EXACT 1
#include "decode/proto-type.h"

#define SUFFIX f16
#define ELEMENT guint16
#define NUMBER gfloat
#define VALUE(e) (ry_half_to_float_any (e))
#define SUM gfloat
#define EXACT 0
#include "decode/proto-type.h"

#define SUFFIX f32
#define ELEMENT gfloat
#define NUMBER gfloat
#define VALUE(e) (e)
#define SUM gfloat
#define EXACT 0
#include "decode/proto-type.h"

/* Below every table entry that a positive m can have, and above 0 in float32
 * beside the numbers it is subtracted from. */
#define BELOW (1.0f / 4096)

RyProto *
ry_proto_new (const RyTensor * tensor, const RyGrid * grid,
    const RyHeadHints * hints)
{
  RyProto *self = g_new0 (RyProto, 1);
  guint i;

  ry_map_init (&self->map, tensor, grid, 0, grid->c);
  self->zp = tensor->zp;
  self->x_factor = (gfloat) grid->w / hints->input_width;
  self->y_factor = (gfloat) grid->h / hints->input_height;
  for (i = 0; i < RY_PROTO_ENTRIES; i++) {
    gdouble m = (i + 0.5) / RY_PROTO_UNIT - 8;

    self->sigmoid[i] = (guint8) rint (255 / (1 + exp (-m)));
  }
  return self;
}

void
ry_proto_free (RyProto * self)
{
  if (self == NULL)
    return;
  ry_map_clear (&self->map);
  g_free (self);
}

void
ry_proto_buffer_init (RyProtoBuffer * self)
{
  memset (self, 0, sizeof *self);
}

void
ry_proto_buffer_clear (RyProtoBuffer * self)
{
  g_free (self->coefficients);
  g_free (self->integers);
  g_free (self->row);
  g_free (self->entries);
  memset (self, 0, sizeof *self);
}

void
ry_proto_buffer_prepare (RyProtoBuffer * self, const RyProto * proto)
{
  guint n = proto->map.n_channels, c2 = proto->map.c2;
  guint whole = (n + c2 - 1) / c2 * c2;

  if (self->n_channels < whole) {
    self->n_channels = whole;
    self->coefficients = g_renew (gfloat, self->coefficients, whole);
    self->integers = g_renew (gint16, self->integers, whole);
  }
  if (self->n_columns < proto->map.w) {
    self->n_columns = proto->map.w;
    self->row = g_realloc_n (self->row, proto->map.w, sizeof (gfloat));
    self->entries = g_renew (gint32, self->entries, proto->map.w);
  }
  memset (self->integers + n, 0, (whole - n) * sizeof self->integers[0]);
}

/* The first pixel at or behind a place, of n. */
static guint
first_pixel (gfloat place, guint n)
{
  if (!(place > 0))
    return 0;
  return place >= n ? n : (guint) ceilf (place);
}

void
ry_proto_place (const RyProto * self, const RyBox * box, RyMask * mask)
{
  guint right = first_pixel (box->x2 * self->x_factor, self->map.w);
  guint bottom = first_pixel (box->y2 * self->y_factor, self->map.h);

  mask->scale = 1 / self->x_factor;
  mask->x = first_pixel (box->x1 * self->x_factor, self->map.w);
  mask->y = first_pixel (box->y1 * self->y_factor, self->map.h);
  mask->width = right > mask->x ? right - mask->x : 0;
  mask->height = bottom > mask->y ? bottom - mask->y : 0;
  if (mask->width == 0 || mask->height == 0)
    mask->width = mask->height = 0;
}

/* The greatest weight with which no sum of n products leaves 32 bits. */
static gint
greatest_weight (const RyProto * self)
{
  gint64 code = 255 + ABS ((gint64) self->zp);

  return (gint) MIN (G_MAXINT16, (G_GINT64_CONSTANT (1) << 30)
      / (code * self->map.n_channels));
}

/* Coefficients as integers, in units of which the size is returned; exact if
 * they are multiples of step.  start is what the zero point adds to a sum. */
static gfloat
make_integers (const RyProto * self, gfloat step, RyProtoBuffer * buffer,
    gint32 * start)
{
  gint greatest = greatest_weight (self);
  gfloat most = 0, unit;
  gint64 sum = 0;
  guint j;

  for (j = 0; j < self->map.n_channels; j++) {
    if (!isfinite (buffer->coefficients[j]))
      buffer->coefficients[j] = 0;
    most = MAX (most, fabsf (buffer->coefficients[j]));
  }
  unit = step > 0 && most / step < greatest ? step : most / greatest;
  if (!(unit > 0 && isfinite (unit)))
    unit = 1;
  for (j = 0; j < self->map.n_channels; j++) {
    gfloat weight = rintf (buffer->coefficients[j] / unit);

    buffer->integers[j] = (gint16) CLAMP (weight, -greatest, greatest);
    sum += buffer->integers[j];
  }
  *start = (gint32) (-sum * self->zp);
  return unit;
}

/* From a sum to its entry in the table; unit is what a sum of 1 stands for.
 * Apart from the look-up, so that it is vectorised. */
static inline gint32
entry_of (gfloat sum, gfloat unit)
{
  gfloat place = sum * unit + (RY_PROTO_ENTRIES / 2 - BELOW);

  place = place > 0 ? place : 0;        /* NaN, too */
  place = place < RY_PROTO_ENTRIES - 1 ? place : RY_PROTO_ENTRIES - 1;
  return (gint32) place;
}

static void
look_up (const RyProto * self, const gint32 * entries, guint n,
    guint8 * restrict bytes)
{
  guint i;

  for (i = 0; i < n; i++)
    bytes[i] = self->sigmoid[entries[i]];
}

/* The columns to sum up: those of the mask, and of planes a few more where the
 * prototypes have them, as whole strides are faster than single columns. */
static guint
choose_columns (const RyMap * map, const RyMask * mask, guint * n)
{
  guint whole = (mask->width + STRIDE - 1) / STRIDE * STRIDE;

  *n = mask->width;
  if (map->c2 != 1 || whole > map->w)
    return mask->x;
  *n = whole;
  return MIN (mask->x, map->w - whole);
}

static void
draw_integers (const RyProto * self, gconstpointer prototypes, gfloat step,
    RyProtoBuffer * buffer, const RyMask * mask, guint8 * data)
{
  const RyMap *map = &self->map;
  gint32 *restrict sums = buffer->row, *restrict entries = buffer->entries;
  gint32 start;
  gfloat unit = make_integers (self, step, buffer, &start)
      * map->scale * RY_PROTO_UNIT;
  guint n, y, i, x = choose_columns (map, mask, &n);

  for (y = 0; y < mask->height; y++) {
    gsize at = map->base + (mask->y + y) * map->row + (gsize) x * map->c2;

    if (map->type == RKNN_TENSOR_INT8)
      sum_row_i8 (map, (const gint8 *) prototypes + at, n, buffer->integers,
          start, sums);
    else
      sum_row_u8 (map, (const guint8 *) prototypes + at, n, buffer->integers,
          start, sums);
    for (i = 0; i < n; i++)
      entries[i] = entry_of ((gfloat) sums[i], unit);
    look_up (self, entries + (mask->x - x), mask->width, data);
    data += mask->width;
  }
}

static void
draw_floats (const RyProto * self, gconstpointer prototypes,
    RyProtoBuffer * buffer, const RyMask * mask, guint8 * data)
{
  const RyMap *map = &self->map;
  gfloat *restrict sums = buffer->row;
  gint32 *restrict entries = buffer->entries;
  guint n, y, i, x = choose_columns (map, mask, &n);

  for (y = 0; y < mask->height; y++) {
    gsize at = map->base + (mask->y + y) * map->row + (gsize) x * map->c2;

    if (map->type == RKNN_TENSOR_FLOAT16)
      sum_row_f16 (map, (const guint16 *) prototypes + at, n,
          buffer->coefficients, 0, sums);
    else
      sum_row_f32 (map, (const gfloat *) prototypes + at, n,
          buffer->coefficients, 0, sums);
    for (i = 0; i < n; i++)
      entries[i] = entry_of (sums[i], RY_PROTO_UNIT);
    look_up (self, entries + (mask->x - x), mask->width, data);
    data += mask->width;
  }
}

void
ry_proto_draw (const RyProto * self, gconstpointer prototypes, gfloat step,
    RyProtoBuffer * buffer, const RyMask * mask, guint8 * data)
{
  if (ry_map_is_float (&self->map))
    draw_floats (self, prototypes, buffer, mask, data);
  else
    draw_integers (self, prototypes, step, buffer, mask, data);
}
