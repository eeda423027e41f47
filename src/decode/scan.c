/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "decode/scan.h"

#include <math.h>
#include <string.h>

#define SUFFIX i8
#define ELEMENT gint8
#define ORDER gint8
#define MASK gint8
#define KEY(e) (e)
#define KEYS(v) (v)
#define LOWEST G_MININT8
#define HIGHEST G_MAXINT8
#define IS_NUMBER(key) TRUE
#include "decode/scan-type.h"

#define SUFFIX u8
#define ELEMENT guint8
#define ORDER guint8
#define MASK gint8
#define KEY(e) (e)
#define KEYS(v) (v)
#define LOWEST 0
#define HIGHEST G_MAXUINT8
#define IS_NUMBER(key) TRUE
#include "decode/scan-type.h"

#define SUFFIX f16
#define ELEMENT guint16
#define ORDER gint16
#define MASK gint16
#define KEY(e) (ry_half_key (e))
#define KEYS(v) ((v) ^ (((v) >> 15) & 0x7fff))
#define LOWEST G_MININT16
#define HIGHEST G_MAXINT16
#define IS_NUMBER(key) ((key) <= 0x7c00 && (key) >= -0x7c00 - 1)
#include "decode/scan-type.h"

#define SUFFIX f32
#define ELEMENT gfloat
#define ORDER gfloat
#define MASK gint32
#define KEY(e) (e)
#define KEYS(v) (v)
#define LOWEST (-INFINITY)
#define HIGHEST INFINITY
#define IS_NUMBER(key) (!isnan (key))
#include "decode/scan-type.h"

void
ry_scan_buffer_init (RyScanBuffer * self)
{
  self->block = NULL;
  self->block_size = 0;
  self->flags = g_malloc0 (RY_SCAN_BLOCK);
}

void
ry_scan_buffer_clear (RyScanBuffer * self)
{
  g_clear_pointer (&self->block, g_free);
  g_clear_pointer (&self->flags, g_free);
}

/* Appends the flagged cells and clears their flags; eight at a time, as nearly
 * all are 0. */
static guint
take_flags (guint8 * flags, guint n_cells, guint cell, guint32 * cells)
{
  guint count = 0, i = 0;

  while (i < n_cells) {
    guint64 eight;

    if (i + 8 <= n_cells) {
      memcpy (&eight, flags + i, 8);
      if (eight == 0) {
        i += 8;
        continue;
      }
    }
    if (flags[i])
      cells[count++] = cell + i;
    flags[i++] = 0;
  }
  return count;
}

static gboolean
scan_block (const RyMap * map, gconstpointer data, gsize element,
    guint n_cells, guint first, guint n, RyLimit limit, RyScanBuffer * buffer)
{
  gpointer block = buffer->block;
  guint8 *flags = buffer->flags;

  switch (map->type) {
    case RKNN_TENSOR_INT8:
      return scan_block_i8 (map, (const gint8 *) data + element, n_cells,
          first, n, (gint8) ((gint) limit.code - 129), block, flags);
    case RKNN_TENSOR_UINT8:
      return scan_block_u8 (map, (const guint8 *) data + element, n_cells,
          first, n, (guint8) (limit.code - 1), block, flags);
    case RKNN_TENSOR_FLOAT16:
      return scan_block_f16 (map, (const guint16 *) data + element, n_cells,
          first, n, limit.key, block, flags);
    default:
      return scan_block_f32 (map, (const gfloat *) data + element, n_cells,
          first, n, limit.value, block, flags);
  }
}

static guint
take_all (guint32 * cells, guint n)
{
  guint i;

  for (i = 0; i < n; i++)
    cells[i] = i;
  return n;
}

/* Only the maxima of whole groups need room for all their lanes. */
static guint
cells_of_block (const RyMap * map, guint first, guint n)
{
  guint begin = map->first + first, end = begin + n;
  guint whole = (begin + map->c2 - 1) / map->c2;

  if (end / map->c2 <= whole)
    return RY_SCAN_BLOCK;
  return CLAMP (RY_SCAN_BLOCK / map->c2, 1, RY_SCAN_BLOCK);
}

guint
ry_scan (const RyMap * map, gconstpointer data, guint first, guint n,
    RyLimit limit, RyScanBuffer * buffer, guint32 * cells)
{
  guint width = map->dense ? map->w * map->h : map->w;
  guint rows = map->dense ? 1 : map->h;
  guint block = cells_of_block (map, first, n);
  gsize needed = (gsize) MAX (map->c2, RY_SCAN_BLOCK) * sizeof (gfloat);
  guint count = 0, y, x;

  /* "Above the limit" cannot be said of these in eight bits. */
  if (!ry_map_is_float (map) && limit.code == 0)
    return take_all (cells, map->w * map->h);
  if (!ry_map_is_float (map) && limit.code > 255)
    return 0;
  if (buffer->block_size < needed) {
    g_free (buffer->block);
    buffer->block = g_malloc (needed);
    buffer->block_size = needed;
  }
  for (y = 0; y < rows; y++) {
    for (x = 0; x < width; x += block) {
      guint n_cells = MIN (block, width - x);
      gsize element = map->base + y * map->row + (gsize) x * map->c2;

      if (scan_block (map, data, element, n_cells, first, n, limit, buffer))
        count += take_flags (buffer->flags, n_cells, y * width + x,
            cells + count);
    }
  }
  return count;
}

gboolean
ry_scan_outside (const RyMap * map, gconstpointer data, guint first, guint n,
    gfloat low, gfloat high, gboolean * varied)
{
  gfloat one = NAN;
  guint cell, c;

  for (c = first; c < first + n; c++) {
    for (cell = 0; cell < map->w * map->h; cell++) {
      gfloat value = ry_map_value (map, data,
          ry_map_cell (map, cell) + map->offset[c]);

      if (!isfinite (value))
        continue;
      if (value < low || value > high)
        return TRUE;
      if (isnan (one))
        one = value;
      else if (value != one)
        *varied = TRUE;
    }
  }
  return FALSE;
}

guint
ry_scan_best (const RyMap * map, gconstpointer data, gsize element,
    guint first, guint n)
{
  const guint32 *offset = map->offset + first;

  switch (map->type) {
    case RKNN_TENSOR_INT8:
      return best_i8 ((const gint8 *) data + element, offset, n);
    case RKNN_TENSOR_UINT8:
      return best_u8 ((const guint8 *) data + element, offset, n);
    case RKNN_TENSOR_FLOAT16:
      return best_f16 ((const guint16 *) data + element, offset, n);
    default:
      return best_f32 ((const gfloat *) data + element, offset, n);
  }
}
