/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* From the pixels of a frame to those of a model, without scaling. */

#pragma once

#include "image/image.h"

G_BEGIN_DECLS

/* Bytes of scratch memory that a row of so many pixels needs. */
#define RY_COLOUR_SCRATCH(width) (2 * ((gsize) (width) + 1))

/* Converts image to target, which has its size; both were checked, and
 * target->channels is 1 or 3.  scratch has RY_COLOUR_SCRATCH (width) bytes. */
void ry_colour_convert (const RyImage * image, const RyTarget * target,
    guint8 * scratch);

G_END_DECLS
