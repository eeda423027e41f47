/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "objectmask.h"

#include <math.h>
#include <string.h>

#include "shape.h"

/* The opacity rises while the mask does from LOW to HIGH, which lie around
 * 127.5, the middle between nothing and all. */
#define LOW 112.0f
#define HIGH 143.0f


typedef struct
{
  RyShape shape;
  const RknnyoloMask *mask;
  gdouble columns_per_pixel, rows_per_pixel;
  gdouble pixels_per_column;
} ObjectMask;

static guint8
opacity (gfloat value)
{
  gfloat part = (value - LOW) / (HIGH - LOW);

  return (guint8) (CLAMP (part, 0.0f, 1.0f) * RY_OBJECT_MASK_ALPHA + 0.5f);
}

/* n pixels between two columns of the mask: value at the middle of the first
 * pixel, and how much it changes from one to the next. */
static void
cover_slope (guint8 * coverage, gint n, gfloat value, gfloat slope)
{
  gint i;

  for (i = 0; i < n; i++)
    coverage[i] = opacity (value + i * slope);
}

static inline gfloat
between (gfloat a, gfloat b, gfloat part)
{
  return a + (b - a) * part;
}

/* Two rows of the mask, and how far a row of pixels lies from the upper to the
 * lower one. */
typedef struct
{
  const guint8 *upper, *lower;
  gfloat down;
} Rows;

static Rows
find_rows (const ObjectMask * self, gint y)
{
  const RknnyoloMask *mask = self->mask;
  gdouble v = (y + 0.5 - mask->y) * self->rows_per_pixel - 0.5;
  gint above = CLAMP (floor (v), 0, mask->rows - 1);
  gint below = MIN (above + 1, mask->rows - 1);
  Rows rows;

  rows.upper = mask->data + (gsize) above * mask->columns;
  rows.lower = mask->data + (gsize) below * mask->columns;
  rows.down = CLAMP (v - above, 0, 1);
  return rows;
}

/* n pixels between two columns of the mask, which are a and b there; the middle
 * of the first pixel is part of the way from one to the other.  Most are one
 * colour.  Returns FALSE where none is covered. */
static gboolean
cover_cell (const ObjectMask * self, gfloat a, gfloat b, gfloat part, gint n,
    guint8 * coverage)
{
  if (MAX (a, b) <= LOW) {
    memset (coverage, 0, n);
    return FALSE;
  }
  if (MIN (a, b) >= HIGH)
    memset (coverage, RY_OBJECT_MASK_ALPHA, n);
  else
    cover_slope (coverage, n, between (a, b, CLAMP (part, 0, 1)),
        (b - a) * (gfloat) self->columns_per_pixel);
  return TRUE;
}

static gboolean
mask_cover (const RyShape * shape, gint x, gint y, gint n, guint8 * coverage)
{
  const ObjectMask *self = (const ObjectMask *) shape;
  const gint last = self->mask->columns - 1;
  const gdouble u = (x + 0.5 - self->mask->x) * self->columns_per_pixel - 0.5;
  const Rows rows = find_rows (self, y);
  gboolean any = FALSE;
  gint i = 0;

  while (i < n) {
    /* Before the middle of the first column and behind that of the last one
     * the mask goes on as it is there. */
    gdouble at = u + i * self->columns_per_pixel;
    gint cell = CLAMP ((gint) (at + 1) - 1, -1, last);
    gint left = MAX (cell, 0), right = MIN (cell + 1, last);
    gint end = n;

    if (cell < last) {
      end = i + 1 + (gint) ((cell + 1 - at) * self->pixels_per_column);
      end = CLAMP (end, i + 1, n);
    }
    any |= cover_cell (self,
        between (rows.upper[left], rows.lower[left], rows.down),
        between (rows.upper[right], rows.lower[right], rows.down),
        at - cell, end - i, coverage + i);
    i = end;
  }
  return any;
}

/* Beyond any frame both ways, and still a gint. */
static gint
to_pixel (gdouble edge)
{
  return (gint) rint (CLAMP (edge, -(1 << 24), 1 << 24));
}

void
ry_object_mask_paint (RyCanvas * canvas, const RknnyoloMask * mask,
    const RyArea * box, const RySample * color)
{
  const ObjectMask shape = {
    {NULL, mask_cover}, mask, mask->columns / mask->width,
    mask->rows / mask->height, mask->width / mask->columns
  };
  const RyArea covered = {
    to_pixel (mask->x), to_pixel (mask->y), to_pixel (mask->x + mask->width),
    to_pixel (mask->y + mask->height)
  };
  RyArea area = ry_area_intersect (&covered, box);

  ry_shape_paint (&shape.shape, canvas, &area, color);
}
