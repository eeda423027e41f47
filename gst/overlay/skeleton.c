/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "skeleton.h"

#include <math.h>

#include "shape.h"

/* The "skeleton" of the category person in COCO's person_keypoints annotations,
 * counted from 0. */
#define COCO_KEYPOINTS 17
static const guint8 coco_limbs[][2] = {
  {15, 13}, {13, 11}, {16, 14}, {14, 12}, {11, 12}, {5, 11}, {6, 12}, {5, 6},
  {5, 7}, {6, 8}, {7, 9}, {8, 10}, {1, 2}, {0, 1}, {0, 2}, {1, 3}, {2, 4},
  {3, 5}, {4, 6}
};

static gboolean
is_drawn (const RknnyoloKeypoint * keypoint)
{
  return keypoint->confidence >= RY_KEYPOINT_CONFIDENCE
      && fabs (keypoint->x) < RY_LINE_LIMIT
      && fabs (keypoint->y) < RY_LINE_LIMIT;
}

static void
draw_limbs (RyCanvas * canvas, const RknnyoloKeypoint * keypoints,
    gdouble thickness, const RySample * color)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (coco_limbs); i++) {
    const RknnyoloKeypoint *from = &keypoints[coco_limbs[i][0]];
    const RknnyoloKeypoint *to = &keypoints[coco_limbs[i][1]];

    if (is_drawn (from) && is_drawn (to))
      ry_line_paint (canvas, from->x, from->y, to->x, to->y, thickness, color);
  }
}

void
ry_skeleton_draw (RyCanvas * canvas, const RknnyoloKeypoint * keypoints,
    guint n, gdouble thickness, const RySample * color, const RySample * inner)
{
  guint i;

  if (n == COCO_KEYPOINTS)
    draw_limbs (canvas, keypoints, thickness, color);
  for (i = 0; i < n; i++) {
    const RknnyoloKeypoint *dot = &keypoints[i];

    if (!is_drawn (dot))
      continue;
    ry_line_paint (canvas, dot->x, dot->y, dot->x, dot->y, 2.5 * thickness,
        color);
    ry_line_paint (canvas, dot->x, dot->y, dot->x, dot->y, 1.25 * thickness,
        inner);
  }
}
