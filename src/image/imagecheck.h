/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whether a view, a geometry and a target can be worked with. */

#pragma once

#include "image/image.h"

G_BEGIN_DECLS

/* All return FALSE with RY_ERROR_IMAGE.  The first looks at all but data, the
 * second at data alone, which is there when the image is mapped. */
gboolean ry_image_check (const RyImage * image, GError ** error);
gboolean ry_image_check_data (const RyImage * image, GError ** error);
gboolean ry_target_check (const RyTarget * target, const RyLetterbox * box,
    const RyImage * image, GError ** error);

G_END_DECLS
