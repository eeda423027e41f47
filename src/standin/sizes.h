/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The sizes of its picture that a model is to have. */

#pragma once

#include <glib.h>

typedef struct
{
  guint width, height;          /* pixels */
} RyPictureSize;

/* "640x640, 640x384": widths and heights from 1 to 16384, none twice, at most
 * RKNN_MAX_DYNAMIC_SHAPE_NUM.  An array of RyPictureSize in that order; NULL
 * with an error of G_KEY_FILE_ERROR. */
GArray *ry_picture_sizes_parse (const gchar * text, GError ** error);
