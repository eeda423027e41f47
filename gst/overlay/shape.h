/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Shapes that are no rectangles, with smooth edges: what they cover is asked
 * of them row by row and painted at once, so nothing is allocated, and the
 * cost follows the pixels that are touched. */

#pragma once

#include "canvas.h"

G_BEGIN_DECLS

typedef struct _RyShape RyShape;
struct _RyShape
{
  /* Narrows the columns x0 <= x < x1 to those where the rows y0 <= y < y1 may
   * be covered at all.  May be NULL. */
  void (*narrow) (const RyShape * self, gint y0, gint y1, gint * x0, gint * x1);

  /* How far the n pixels of row y from x on are covered, 255 being all.
   * Returns FALSE, having written anything or nothing, if they are not. */
    gboolean (*cover) (const RyShape * self, gint x, gint y, gint n,
      guint8 * coverage);
};

/* Paints what the shape covers within area. */
void ry_shape_paint (const RyShape * self, RyCanvas * canvas,
    const RyArea * area, const RySample * color);

/* A line of some thickness with round ends, or a dot where its ends are the
 * same.  Coordinates are those of the edges of pixels: 0.5 is the middle of the
 * first.  They must be within +-RY_LINE_LIMIT. */
#define RY_LINE_LIMIT (1 << 24)

void ry_line_paint (RyCanvas * canvas, gdouble x0, gdouble y0, gdouble x1,
    gdouble y1, gdouble thickness, const RySample * color);

G_END_DECLS
