/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whether a view, a geometry and a target can be worked with. */

#pragma once

#include "image/image.h"

G_BEGIN_DECLS

/* Both return FALSE with RY_ERROR_IMAGE. */
gboolean ry_image_check (const RyImage * image, GError ** error);
gboolean ry_target_check (const RyTarget * target, const RyLetterbox * box,
    const RyImage * image, GError ** error);

G_END_DECLS
