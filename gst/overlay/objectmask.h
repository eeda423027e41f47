/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The mask of an object as a translucent layer of colour. */

#pragma once

#include <rknnyolo/detections.h>

#include "canvas.h"

G_BEGIN_DECLS

/* How opaque: two fifths. */
#define RY_OBJECT_MASK_ALPHA 102

/* Paints the pixels of box whose middle is in the object: where the mask,
 * interpolated linearly between the middles of its bytes, reaches 128.  At
 * edges that are blurred in the mask the colour fades over some pixels. */
void ry_object_mask_paint (RyCanvas * canvas, const RknnyoloMask * mask,
    const RyArea * box, const RySample * color);

G_END_DECLS
