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

typedef enum
{
  EMPTY,
  FULL,
  MIXED,
} Fill;

/* What a column of the mask is in these rows, however far down. */
static inline Fill
fill_of (const Rows * rows, gint column)
{
  guint8 a = rows->upper[column], b = rows->lower[column];

  if (MAX (a, b) <= LOW)
    return EMPTY;
  return MIN (a, b) >= HIGH ? FULL : MIXED;
}

/* How the pixels between the columns left and right are filled, which is moved
 * on as far as that stays so. */
static Fill
find_run (const Rows * rows, gint left, gint last, gint * right)
{
  Fill fill = fill_of (rows, MAX (left, 0));

  *right = MIN (left + 1, last);
  if (fill != fill_of (rows, *right))
    return MIXED;
  while (fill != MIXED && *right < last && fill_of (rows, *right + 1) == fill)
    (*right)++;
  return fill;
}

/* n pixels between the column left and the next, the middle of the first being
 * part of the way. */
static void
cover_edge (const ObjectMask * self, const Rows * rows, gint left,
    gdouble part, gint n, guint8 * coverage)
{
  const gint l = MAX (left, 0), r = MIN (left + 1, self->mask->columns - 1);
  gfloat a = between (rows->upper[l], rows->lower[l], rows->down);
  gfloat b = between (rows->upper[r], rows->lower[r], rows->down);

  cover_slope (coverage, n, between (a, b, CLAMP (part, 0, 1)),
      (b - a) * (gfloat) self->columns_per_pixel);
}

/* From edge to edge of the object a row is of one colour.  Before the middle of
 * the first column and behind that of the last one the mask goes on as it is
 * there. */
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
    gdouble at = u + i * self->columns_per_pixel;
    gint left = CLAMP ((gint) (at + 1) - 1, -1, last);
    gint right, end = n;
    Fill fill = find_run (&rows, left, last, &right);

    if (left < last && (right < last || fill == MIXED)) {
      gdouble pixels = (right - at) * self->pixels_per_column;

      /* The next column may be beyond the range of gint. */
      end = i + 1 + (gint) CLAMP (pixels, 0, n - i - 1);
    }
    if (fill == MIXED)
      cover_edge (self, &rows, left, at - left, end - i, coverage + i);
    else
      memset (coverage + i, fill == FULL ? RY_OBJECT_MASK_ALPHA : 0, end - i);
    any |= fill != EMPTY;
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
