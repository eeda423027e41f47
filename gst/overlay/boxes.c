/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "boxes.h"

#include <math.h>

#include "objectmask.h"
#include "shape.h"
#include "skeleton.h"

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

/* FALSE also for one so far away that it cannot be drawn. */
static gboolean
is_oriented (const RyShownObject * object)
{
  guint i;

  for (i = 0; object->is_oriented && i < 4; i++) {
    if (fabs (object->oriented.corner_x[i]) > RY_LINE_LIMIT / 2
        || fabs (object->oriented.corner_y[i]) > RY_LINE_LIMIT / 2)
      return FALSE;
  }
  return object->is_oriented;
}

/* Inside the box, too: the middle of a line is half its width from the edge. */
static void
draw_oriented_box (RyCanvas * canvas, const RknnyoloOrientedBox * box,
    gint line_width, const RySample * color)
{
  gdouble size = MIN (box->width, box->height);
  gdouble line = CLAMP (size / 6, 1, line_width);
  gdouble in_x = MAX (1 - line / MAX (box->width, 1), 0);
  gdouble in_y = MAX (1 - line / MAX (box->height, 1), 0);
  const gdouble *cx = box->corner_x, *cy = box->corner_y;
  /* Half the sides, from the centre. */
  gdouble ux = (cx[1] - cx[0]) / 2 * in_x, uy = (cy[1] - cy[0]) / 2 * in_x;
  gdouble vx = (cx[2] - cx[1]) / 2 * in_y, vy = (cy[2] - cy[1]) / 2 * in_y;
  static const gint sign[5][2] = {
    {-1, -1}, {1, -1}, {1, 1}, {-1, 1}, {-1, -1}
  };
  guint i;

  for (i = 0; i < 4; i++)
    ry_line_paint (canvas, box->x + sign[i][0] * ux + sign[i][1] * vx,
        box->y + sign[i][0] * uy + sign[i][1] * vy,
        box->x + sign[i + 1][0] * ux + sign[i + 1][1] * vx,
        box->y + sign[i + 1][0] * uy + sign[i + 1][1] * vy, line, color);
}

/* Limbs that suit the size of who has them. */
static void
draw_keypoints (RyCanvas * canvas, const GstVideoInfo * info,
    const RyShown * shown, const RyShownObject * object, gint line_width,
    RyColor color)
{
  const RySample sample = ry_color_to_sample (color, info);
  const RySample inner = ry_color_to_sample (ry_color_for_text (color), info);
  gdouble size = MAX (object->detection.width, object->detection.height);

  ry_skeleton_draw (canvas, &g_array_index (shown->keypoints, RknnyoloKeypoint,
          object->first_keypoint), object->n_keypoints,
      CLAMP (size / 90, 1, 1.5 * line_width), &sample, &inner);
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

/* What a label stands at: the box, or the topmost corner of a rotated one. */
static RyArea
place_of (const RyShownObject * object)
{
  const RknnyoloOrientedBox *box = &object->oriented;
  guint top = 0, i;

  if (!is_oriented (object))
    return area_of (&object->detection);
  for (i = 1; i < 4; i++) {
    if (box->corner_y[i] < box->corner_y[top])
      top = i;
  }
  return ry_area (to_pixel (box->corner_x[top]), to_pixel (box->corner_y[top]),
      to_pixel (box->corner_x[top]), to_pixel (box->corner_y[top]));
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

/* One layer of one object. */
typedef enum
{
  MASK,
  BOX,
  KEYPOINTS,
  LABEL,
  N_LAYERS
} Layer;

static void
draw_layer (RyCanvas * canvas, const GstVideoInfo * info, RyTextCache * text,
    const RyShown * shown, const RyShownObject * object,
    const RyBoxStyle * style, Layer layer)
{
  const RknnyoloDetection *detection = &object->detection;
  RyColor color = ry_color_for_class (detection->label, detection->class_id);
  RySample sample = ry_color_to_sample (color, info);
  RyArea area = area_of (detection), place;

  switch (layer) {
    case MASK:
      if (object->mask.bytes != NULL)
        ry_object_mask_paint (canvas, &object->mask, &area, &sample);
      break;
    case BOX:
      if (is_oriented (object))
        draw_oriented_box (canvas, &object->oriented, style->line_width,
            &sample);
      else
        draw_box (canvas, &area, style->line_width, &sample);
      break;
    case KEYPOINTS:
      if (object->n_keypoints > 0)
        draw_keypoints (canvas, info, shown, object, style->line_width, color);
      break;
    default:
      place = place_of (object);
      draw_label (canvas, info, text, detection, &place, style, color);
  }
}

void
ry_boxes_draw (RyCanvas * canvas, const GstVideoInfo * info,
    RyTextCache * text, const RyShown * shown, const RyBoxStyle * style)
{
  const gboolean wanted[N_LAYERS] = {
    style->masks, TRUE, style->keypoints, style->labels || style->scores
  };
  guint layer, i;

  for (layer = 0; layer < N_LAYERS; layer++) {
    for (i = wanted[layer] ? shown->objects->len : 0; i-- > 0;) {
      const RyShownObject *object =
          &g_array_index (shown->objects, RyShownObject, i);
      RyArea area = area_of (&object->detection);

      if (is_visible (canvas, &area))
        draw_layer (canvas, info, text, shown, object, style, layer);
    }
  }
}
