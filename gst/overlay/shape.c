/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "shape.h"

#include <math.h>
#include <string.h>

/* Rows and columns painted at once.  Both are multiples of the coarsest chroma
 * subsampling, so that no sample is painted twice in parts. */
#define BLOCK_ROWS 16
#define BLOCK_COLUMNS 512

static void
paint_block (const RyShape * self, RyCanvas * canvas, const RyArea * block,
    const RySample * color)
{
  guint8 coverage[BLOCK_ROWS * BLOCK_COLUMNS];
  const gint n = block->x1 - block->x0;
  const RyCoverage mask = { coverage, n, block->y1 - block->y0, BLOCK_COLUMNS };
  gboolean any = FALSE;
  gint y;

  for (y = 0; y < mask.height; y++) {
    guint8 *row = coverage + y * BLOCK_COLUMNS;

    if (self->cover (self, block->x0, block->y0 + y, n, row))
      any = TRUE;
    else
      memset (row, 0, n);
  }
  if (any)
    ry_canvas_blend_mask (canvas, block->x0, block->y0, &mask, color);
}

void
ry_shape_paint (const RyShape * self, RyCanvas * canvas, const RyArea * area,
    const RySample * color)
{
  const RyArea all = ry_area_intersect (area, &canvas->clip);
  RyArea block;

  for (block.y0 = all.y0; block.y0 < all.y1; block.y0 = block.y1) {
    gint x0 = all.x0, x1 = all.x1;

    block.y1 = MIN ((block.y0 / BLOCK_ROWS + 1) * BLOCK_ROWS, all.y1);
    if (self->narrow != NULL)
      self->narrow (self, block.y0, block.y1, &x0, &x1);
    for (block.x0 = x0; block.x0 < x1; block.x0 = block.x1) {
      block.x1 = MIN ((block.x0 / BLOCK_COLUMNS + 1) * BLOCK_COLUMNS, x1);
      paint_block (self, canvas, &block, color);
    }
  }
}

typedef struct
{
  RyShape shape;
  gdouble x, y;                 /* where it begins */
  gdouble dx, dy;               /* from there to its end */
  gdouble per_square;           /* 1 / (dx^2 + dy^2), or 0 */
  gdouble slope;                /* dx / dy; infinite: rows tell nothing */
  gdouble radius;
} Line;

/* The columns that the line's middle runs through near these rows, and its
 * radius more. */
static void
line_narrow (const RyShape * shape, gint y0, gint y1, gint * x0, gint * x1)
{
  const Line *self = (const Line *) shape;
  gdouble reach = self->radius + 2;
  gdouble low = MIN (self->dx, 0), high = MAX (self->dx, 0);

  if (isfinite (self->slope)) {
    gdouble a = (y0 - reach - self->y) * self->slope;
    gdouble b = (y1 + reach - self->y) * self->slope;
    gdouble from = CLAMP (MIN (a, b), low, high);
    gdouble to = CLAMP (MAX (a, b), low, high);

    low = from;
    high = to;
  }
  /* Towards 0: reach has a pixel to spare. */
  *x0 = MAX (*x0, (gint) (self->x + low - reach));
  *x1 = MIN (*x1, (gint) (self->x + high + reach) + 1);
}

/* By the distance of the middle of the pixel: what is nearer than the radius
 * less half a pixel is inside.  Only near the edge it has to be known. */
static gboolean
line_cover (const RyShape * shape, gint x, gint y, gint n, guint8 * coverage)
{
  const Line *self = (const Line *) shape;
  const gfloat inner = MAX (self->radius - 0.5, 0), outer = self->radius + 0.5;
  const gfloat dx = self->dx, dy = self->dy, per_square = self->per_square;
  gfloat py = y + 0.5 - self->y, offset = x + 0.5 - self->x;
  gint x0 = x, x1 = x + n, i;

  line_narrow (shape, y, y + 1, &x0, &x1);
  if (x0 >= x1)
    return FALSE;
  memset (coverage, 0, x0 - x);
  memset (coverage + (x1 - x), 0, x + n - x1);
  for (i = x0 - x; i < x1 - x; i++) {
    gfloat px = offset + i;
    gfloat t = (px * dx + py * dy) * per_square;
    gfloat ox, oy, square;

    t = CLAMP (t, 0, 1);
    ox = px - t * dx;
    oy = py - t * dy;
    square = ox * ox + oy * oy;
    if (square >= outer * outer)
      coverage[i] = 0;
    else if (square <= inner * inner)
      coverage[i] = 255;
    else
      coverage[i] = MIN ((outer - sqrtf (square)) * 255 + 0.5f, 255);
  }
  return TRUE;
}

void
ry_line_paint (RyCanvas * canvas, gdouble x0, gdouble y0, gdouble x1,
    gdouble y1, gdouble thickness, const RySample * color)
{
  gdouble dx = x1 - x0, dy = y1 - y0, square = dx * dx + dy * dy;
  gdouble reach = thickness / 2 + 2;
  const Line line = {
    {line_narrow, line_cover}, x0, y0, dx, dy, square > 1e-6 ? 1 / square : 0,
    fabs (dy) > 1e-6 ? dx / dy : INFINITY, thickness / 2
  };
  const RyArea area = {
    floor (MIN (x0, x1) - reach), floor (MIN (y0, y1) - reach),
    ceil (MAX (x0, x1) + reach), ceil (MAX (y0, y1) + reach)
  };

  ry_shape_paint (&line.shape, canvas, &area, color);
}
