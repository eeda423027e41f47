/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Planes shrunk to a third, as 1080p is for a model of 640 pixels.  Of 3 x 3
 * samples the middle one is taken: that is what bilinear filtering comes to,
 * and what libyuv does there, bit by bit.
 *
 * Most of the time goes into waiting for memory, since no CPU guesses that two
 * of three rows are passed over.  So the row that is wanted soon is called for
 * while another one is worked on. */

#pragma once

#include <glib.h>

#include "image/image.h"

G_BEGIN_DECLS

/* Bytes of waste that the functions want for a picture of that width. */
#define RY_THIRD_WASTE(width) (width)

/* From a plane of 8-bit samples; sizes are those of the result. */
void ry_third_plane (const guint8 * src, gint src_stride, guint8 * dst,
    gint dst_stride, guint width, guint height, guint8 * waste);

/* Bytes of scratch for ry_third_convert. */
#define RY_THIRD_SCRATCH(width) (3 * (gsize) (width) + RY_THIRD_WASTE (width))

/* From NV12 or NV21 to colours: image is three times as wide and as high as
 * picture, whose sizes are even and which has three channels. */
void ry_third_convert (const RyImage * image, const RyTarget * picture,
    guint8 * scratch);

G_END_DECLS
