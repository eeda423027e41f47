/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Keypoints as dots, with limbs between them where it is known which belong
 * together. */

#pragma once

#include <rknnyolo/detections.h>

#include "canvas.h"

G_BEGIN_DECLS

/* Points that are less certain are not drawn, nor are their limbs. */
#define RY_KEYPOINT_CONFIDENCE 0.5

/* 17 points are those of COCO and have limbs; any other number are dots.
 * thickness is that of the limbs in pixels; dots are of the colour inner with
 * a rim of color. */
void ry_skeleton_draw (RyCanvas * canvas, const RknnyoloKeypoint * keypoints,
    guint n, gdouble thickness, const RySample * color, const RySample * inner);

G_END_DECLS
