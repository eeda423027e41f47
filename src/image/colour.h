/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* From the pixels of a frame to those of a model, without scaling. */

#pragma once

#include "image/image.h"

G_BEGIN_DECLS

/* Converts image, of any format but 4:2:2, to target, which has its size;
 * both were checked, and target->channels is 1 or 3. */
void ry_colour_convert (const RyImage * image, const RyTarget * target);

G_END_DECLS
