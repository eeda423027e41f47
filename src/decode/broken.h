/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The 8-bit export that cannot work. */

#pragma once

#include "decode/tensor.h"

G_BEGIN_DECLS
/* Boxes in pixels and scores in one 8-bit tensor: its one scale is some
 * pixels, and every score becomes 0.  Returns FALSE with RY_ERROR_HEAD for
 * such a tensor. */
    gboolean ry_broken_check (const RyTensor * tensor, GError ** error);

G_END_DECLS
