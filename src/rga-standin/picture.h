/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The pixels of a blit, by plain bilinear interpolation in floating point. */

#pragma once

#include <glib.h>

#include "rga_api.h"

G_BEGIN_DECLS

typedef struct
{
  guint8 bits;                  /* a pixel of the first plane */
  gboolean yuv;
  guint8 h_shift, v_shift;      /* of the chroma */
  gboolean planar, grey;
  gboolean output;              /* the stand-in can write it */
} RyRgaFormat;

/* NULL for a format that is not played. */
const RyRgaFormat *ry_rga_format_get (gint format);

/* Bytes of a picture with these strides. */
gsize ry_rga_picture_size (gint format, gint wstride, gint hstride);

/* Both rectangles were checked, and lie in src_data and dst_data. */
void ry_rga_picture_blit (const guint8 * src_data, const rga_buffer_t * src,
    const im_rect * src_rect, guint8 * dst_data, const rga_buffer_t * dst,
    const im_rect * dst_rect);

G_END_DECLS
