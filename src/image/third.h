/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Planes shrunk to a third: 1080p for a model of 640 pixels. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Both take the middle sample of 3 x 3, which is what bilinear filtering comes
 * to, and what ScalePlane () and UVScale () of libyuv do there, bit by bit.
 * Sizes are those of the result, strides bytes.
 *
 * plane: samples of 8 bits; waste is memory for a row of the result.
 * pairs: samples of twice 8 bits, as the chroma of NV12. */
void ry_third_plane (const guint8 * src, gint src_stride, guint8 * dst,
    gint dst_stride, guint width, guint height, guint8 * waste);
void ry_third_pairs (const guint8 * src, gint src_stride, guint8 * dst,
    gint dst_stride, guint width, guint height);

G_END_DECLS
