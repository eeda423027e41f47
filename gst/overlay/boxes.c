/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "boxes.h"

#include <math.h>

/* Far outside any frame, and far from overflow. */
#define FAR_AWAY (1 << 24)

/* The edge of a label, in the colour of its text: labels of one class that
 * overlap can be told apart. */
#define EDGE_ALPHA 80

gint
ry_auto_line_width (gint width, gint height)
{
  return MAX ((MIN (width, height) + 180) / 360, 2);
}

gint
ry_auto_font_size (gint width, gint height)
{
  return MAX ((MIN (width, height) + 24) / 48, 12);
}

static gint
to_pixel (gdouble edge)
{
  /* The comparisons send NaN to the far side as well. */
  if (!(edge > -FAR_AWAY))
    return -FAR_AWAY;
  if (!(edge < FAR_AWAY))
    return FAR_AWAY;
  return (gint) floor (edge + 0.5);
}

static RyArea
area_of (const RknnyoloDetection * detection)
{
  return ry_area (to_pixel (detection->x), to_pixel (detection->y),
      to_pixel (detection->x + detection->width),
      to_pixel (detection->y + detection->height));
}

/* Inside the box: what is painted ends where the object ends, and a box as
 * large as the frame is seen.  Thin in small ones, or they would hide what
 * they show. */
static void
draw_box (RyCanvas * canvas, const RyArea * area, gint line_width,
    const RySample * color)
{
  gint size = MIN (area->x1 - area->x0, area->y1 - area->y0);
  gint line = CLAMP (size / 6, 1, line_width);
  RyArea inner = {
    area->x0 + line, area->y0 + line, area->x1 - line, area->y1 - line
  };

  ry_canvas_fill (canvas, area, &inner, color, 255);
}

static void
compose_label (RyTextLine * line, RyTextCache * text,
    const RknnyoloDetection * detection, const RyBoxStyle * style)
{
  ry_text_line_init (line, text);
  if (style->labels)
    ry_text_line_add (line, text, detection->label);
  if (style->scores && detection->confidence >= 0) {
    gint percent = (gint) rint (MIN (detection->confidence, 9.99) * 100);
    gchar score[8];

    /* Not "%f": the point must not depend on the locale. */
    g_snprintf (score, sizeof (score), "%d.%02d", percent / 100, percent % 100);
    if (line->n_pieces > 0)
      ry_text_line_add (line, text, " ");
    ry_text_line_add_number (line, text, score);
  }
}

/* Above the box; inside it where there is no room above; in the frame in any
 * case. */
static RyArea
place_label (const RyArea * clip, const RyArea * box, gint width, gint height)
{
  gint x = box->x0, y = box->y0 - height;

  if (y < clip->y0)
    y = box->y0;
  x = MAX (MIN (x, clip->x1 - width), clip->x0);
  y = MAX (MIN (y, clip->y1 - height), clip->y0);
  return ry_area (x, y, x + width, y + height);
}

static void
draw_label (RyCanvas * canvas, const GstVideoInfo * info, RyTextCache * text,
    const RknnyoloDetection * detection, const RyArea * box,
    const RyBoxStyle * style, RyColor color)
{
  const RySample paper = ry_color_to_sample (color, info);
  const RySample ink = ry_color_to_sample (ry_color_for_text (color), info);
  RyTextLine line;

  compose_label (&line, text, detection, style);
  if (line.n_pieces > 0) {
    gint margin = MAX (line.descent / 2, 2);
    RyArea area = place_label (&canvas->clip, box,
        line.advance + 2 * margin, line.ascent + line.descent);

    const RyArea inside = {
      area.x0 + 1, area.y0 + 1, area.x1 - 1, area.y1 - 1
    };

    ry_canvas_fill (canvas, &area, NULL, &paper, 255);
    ry_canvas_fill (canvas, &area, &inside, &ink, EDGE_ALPHA);
    ry_text_line_draw (&line, canvas, area.x0 + margin,
        area.y0 + line.ascent, &ink);
  }
  ry_text_line_clear (&line);
}

static gboolean
is_visible (const RyCanvas * canvas, const RyArea * area)
{
  RyArea seen = ry_area_intersect (area, &canvas->clip);

  return !ry_area_is_empty (&seen);
}

void
ry_boxes_draw (RyCanvas * canvas, const GstVideoInfo * info,
    RyTextCache * text, const RknnyoloDetection * detections, guint n,
    const RyBoxStyle * style)
{
  guint i;

  for (i = n; i-- > 0;) {
    const RknnyoloDetection *detection = &detections[i];
    RyColor color = ry_color_for_class (detection->label, detection->class_id);
    RySample sample = ry_color_to_sample (color, info);
    RyArea area = area_of (detection);

    if (is_visible (canvas, &area))
      draw_box (canvas, &area, style->line_width, &sample);
  }

  if (!style->labels && !style->scores)
    return;
  for (i = n; i-- > 0;) {
    const RknnyoloDetection *detection = &detections[i];
    RyColor color = ry_color_for_class (detection->label, detection->class_id);
    RyArea area = area_of (detection);

    if (is_visible (canvas, &area))
      draw_label (canvas, info, text, detection, &area, style, color);
  }
}
