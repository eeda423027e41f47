/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "engine/toframe.h"

#include <math.h>

/* Returns FALSE if nothing of the rectangle is in the frame. */
static gboolean
set_rectangle (RyDetection * detection, const RyLetterbox * letterbox,
    gdouble x1, gdouble y1, gdouble x2, gdouble y2)
{
  gdouble width = letterbox->frame_width, height = letterbox->frame_height;

  detection->x1 = CLAMP (x1, 0.0, width);
  detection->y1 = CLAMP (y1, 0.0, height);
  detection->x2 = CLAMP (x2, 0.0, width);
  detection->y2 = CLAMP (y2, 0.0, height);
  return detection->x2 > detection->x1 && detection->y2 > detection->y1;
}

gboolean
ry_box_to_frame (const RyBox * box, const RyLetterbox * letterbox,
    RyDetection * detection)
{
  gdouble x1, y1, x2, y2;

  ry_letterbox_to_frame (letterbox, box->x1, box->y1, &x1, &y1);
  ry_letterbox_to_frame (letterbox, box->x2, box->y2, &x2, &y2);
  detection->confidence = box->score;
  detection->class_id = box->class_id;
  return set_rectangle (detection, letterbox, x1, y1, x2, y2);
}

/* The parallelogram centre +- p +- q becomes the rectangle
 * centre +- a e +- b n, where e is the direction angle and n is e turned by a
 * right angle.  The squared distances of the corners add up to
 *
 *   4 |p - a e|^2 + 4 |q - b n|^2,
 *
 * least for a = p.e and b = q.n = r.e, r being q turned back by a right angle,
 * and for the e that makes (p.e)^2 + (r.e)^2 greatest: the main axis of the
 * matrix p p' + r r'. */
static gdouble
closest_angle (gdouble px, gdouble py, gdouble qx, gdouble qy)
{
  gdouble rx = qy, ry = -qx;

  return 0.5 * atan2 (2 * (px * py + rx * ry),
      px * px + rx * rx - py * py - ry * ry);
}

/* The w side is the longer one, its direction in (-pi/2, pi/2]. */
static void
normalise (RyDetection * detection, gdouble w, gdouble h, gdouble angle)
{
  if (w < h) {
    gdouble longer = h;

    h = w;
    w = longer;
    angle += G_PI_2;
  }
  while (angle > G_PI_2)
    angle -= G_PI;
  while (angle <= -G_PI_2)
    angle += G_PI;
  detection->w = w;
  detection->h = h;
  detection->angle = angle;
}

gboolean
ry_rotated_box_to_frame (const RyBox * box, const RyLetterbox * letterbox,
    RyDetection * detection)
{
  gdouble c = cos (box->angle), s = sin (box->angle);
  gdouble px = box->w / 2 * c / letterbox->scale_x;
  gdouble py = box->w / 2 * s / letterbox->scale_y;
  gdouble qx = -box->h / 2 * s / letterbox->scale_x;
  gdouble qy = box->h / 2 * c / letterbox->scale_y;
  gdouble angle = box->angle, cx, cy, a, b, half_x, half_y;

  ry_letterbox_to_frame (letterbox, box->cx, box->cy, &cx, &cy);
  if (letterbox->scale_x != letterbox->scale_y)
    angle = closest_angle (px, py, qx, qy);
  c = cos (angle);
  s = sin (angle);
  a = fabs (px * c + py * s);
  b = fabs (qy * c - qx * s);
  half_x = a * fabs (c) + b * fabs (s);
  half_y = a * fabs (s) + b * fabs (c);

  detection->confidence = box->score;
  detection->class_id = box->class_id;
  detection->cx = cx;
  detection->cy = cy;
  normalise (detection, 2 * a, 2 * b, angle);
  return set_rectangle (detection, letterbox, cx - half_x, cy - half_y,
      cx + half_x, cy + half_y);
}

void
ry_keypoint_to_frame (const RyKeypoint * keypoint,
    const RyLetterbox * letterbox, RyKeypoint * mapped)
{
  gdouble x, y;

  ry_letterbox_to_frame (letterbox, keypoint->x, keypoint->y, &x, &y);
  mapped->x = x;
  mapped->y = y;
  mapped->confidence = keypoint->confidence;
}

void
ry_mask_to_frame (const RyMask * mask, const RyLetterbox * letterbox,
    RyDetectionMask * mapped)
{
  gdouble x, y;

  ry_letterbox_to_frame (letterbox, (gdouble) mask->scale * mask->x,
      (gdouble) mask->scale * mask->y, &x, &y);
  mapped->x = x;
  mapped->y = y;
  mapped->scale_x = mask->scale / letterbox->scale_x;
  mapped->scale_y = mask->scale / letterbox->scale_y;
  mapped->width = mask->width;
  mapped->height = mask->height;
}
