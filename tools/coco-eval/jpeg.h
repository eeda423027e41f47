/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* JPEG to RGB, by libjpeg. */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* path only names the picture in the error. */
GstSample *jpeg_decode (const gchar * path, const guint8 * data, gsize size,
    GError ** error);

G_END_DECLS
