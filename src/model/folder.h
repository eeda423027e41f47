/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which file of a folder is the model. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS
/* The one .rknn in folder, or else its one .onnx; to be freed with g_free.
 * Returns NULL with RY_ERROR_NOT_FOUND (unreadable) or RY_ERROR_MODEL (none,
 * or several, which are then named). */
    gchar * ry_folder_find_model (const gchar * folder, GError ** error);

G_END_DECLS
