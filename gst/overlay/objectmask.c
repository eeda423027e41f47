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

/* A row of pixels lies between the rows upper and lower of the mask.  From
 * column to column of the mask it is one colour or a slope; most are one
 * colour. */
static gboolean
mask_cover (const RyShape * shape, gint x, gint y, gint n, guint8 * coverage)
{
  const ObjectMask *self = (const ObjectMask *) shape;
  const RknnyoloMask *mask = self->mask;
  const gint last = mask->columns - 1;
  gdouble v = (y + 0.5 - mask->y) * self->rows_per_pixel - 0.5;
  gdouble u = (x + 0.5 - mask->x) * self->columns_per_pixel - 0.5;
  gint above = CLAMP (floor (v), 0, mask->rows - 1);
  gint below = MIN (above + 1, mask->rows - 1);
  gfloat down = CLAMP (v - above, 0, 1);
  const guint8 *upper = mask->data + (gsize) above * mask->columns;
  const guint8 *lower = mask->data + (gsize) below * mask->columns;
  gboolean any = FALSE;
  gint i = 0;

  while (i < n) {
    /* Before the middle of the first column and behind that of the last one
     * the mask goes on as it is there. */
    gdouble at = u + i * self->columns_per_pixel;
    gint cell = CLAMP (floor (at), -1, last);
    gint left = MAX (cell, 0), right = MIN (cell + 1, last);
    gfloat a = between (upper[left], lower[left], down);
    gfloat b = between (upper[right], lower[right], down);
    gint end = n;

    if (cell < last) {
      end = i + (gint) ceil ((cell + 1 - at) / self->columns_per_pixel);
      end = CLAMP (end, i + 1, n);
    }
    if (MAX (a, b) <= LOW) {
      memset (coverage + i, 0, end - i);
    } else {
      any = TRUE;
      if (MIN (a, b) >= HIGH)
        memset (coverage + i, RY_OBJECT_MASK_ALPHA, end - i);
      else
        cover_slope (coverage + i, end - i,
            between (a, b, CLAMP (at - cell, 0, 1)),
            (b - a) * self->columns_per_pixel);
    }
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
    mask->rows / mask->height
  };
  const RyArea covered = {
    to_pixel (mask->x), to_pixel (mask->y), to_pixel (mask->x + mask->width),
    to_pixel (mask->y + mask->height)
  };
  RyArea area = ry_area_intersect (&covered, box);

  ry_shape_paint (&shape.shape, canvas, &area, color);
}
