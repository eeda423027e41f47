/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Picture files as pixels. */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Decodes a JPEG or PNG file, told apart by their first bytes, to RGB.
 *
 * JPEGs are decoded by libjpeg with its defaults, as cv2.imread and PIL do it,
 * and with them the programs that published accuracies come from.  GStreamer's
 * jpegdec is not that: it halves the chroma of 4:4:4 pictures, which most of
 * COCO's are, and its default transform is a fast, coarse one.
 *
 * Returns a sample of system memory, NULL with an error that names the file. */
GstSample *picture_load (const gchar * path, GError ** error);

G_END_DECLS
