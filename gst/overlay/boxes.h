/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Detections: masks, boxes, keypoints and labels. */

#pragma once

#include "shown.h"
#include "text.h"

G_BEGIN_DECLS

typedef struct
{
  gint line_width;              /* pixels, at least 1; inside the box, and in
                                 * small ones at most a sixth of their shorter
                                 * side, but at least one pixel */
  gboolean labels, scores;
  gboolean masks, keypoints;
} RyBoxStyle;

/* What fits a frame of this size when the user asked for nothing. */
gint ry_auto_line_width (gint width, gint height);
gint ry_auto_font_size (gint width, gint height);

/* Draws masks, then boxes, keypoints and labels, so that nothing tints a line
 * and no line crosses a text.  The earliest detection is drawn last: producers
 * put the best one first.  text may be NULL when style wants neither labels
 * nor scores. */
void ry_boxes_draw (RyCanvas * canvas, const GstVideoInfo * info,
    RyTextCache * text, const RyShown * shown, const RyBoxStyle * style);

G_END_DECLS
