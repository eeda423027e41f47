/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The border around the picture, painted once. */

#pragma once

#include "image/image.h"

G_BEGIN_DECLS

/* What was painted last.  Start with a cleared struct. */
typedef struct
{
  RyTarget target;
  guint x, y, width, height;
} RyBorder;

/* Paints the border of box in target with RY_LETTERBOX_FILL unless that is
 * what was painted last.  TRUE if it did. */
gboolean ry_border_paint (RyBorder * self, const RyLetterbox * box,
    const RyTarget * target);

G_END_DECLS
