/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the decoder found, from pixels of the model's input to pixels of the
 * frame. */

#pragma once

#include "engine/engine.h"
#include "image/letterbox.h"

G_BEGIN_DECLS

/* Fills the rectangle, confidence and class of a detection, all of it that is
 * not within the frame being cut off.  Returns FALSE if nothing is left: what
 * lies in the border alone is nothing in the frame. */
gboolean ry_box_to_frame (const RyBox * box, const RyLetterbox * letterbox,
    RyDetection * detection);

/* Fills cx, cy, w, h and angle, and takes the rectangle from them.  Where both
 * directions are scaled alike the rotated box stays one.  Stretched it becomes
 * a parallelogram; then the rectangle of the same centre is taken whose
 * corners have the least sum of squared distances from its corners. */
gboolean ry_rotated_box_to_frame (const RyBox * box,
    const RyLetterbox * letterbox, RyDetection * detection);

/* Not cut off: a limb may lead out of the frame. */
void ry_keypoint_to_frame (const RyKeypoint * keypoint,
    const RyLetterbox * letterbox, RyKeypoint * mapped);

/* All but the offset.  Not cut off: a mask pixel may lie on an edge of the
 * frame. */
void ry_mask_to_frame (const RyMask * mask, const RyLetterbox * letterbox,
    RyDetectionMask * mapped);

G_END_DECLS
