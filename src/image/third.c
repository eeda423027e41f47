/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* libyuv takes single samples with a loop of plain C on every CPU.  That is
 * most of what a frame of 1080p costs. */

#include "image/third.h"

#include <libyuv.h>
#include <string.h>

/* Three luma samples are as good as red, green and blue, which libyuv does part
 * with the CPU's vectors.  The rows that are not wanted all go to one place. */
void
ry_third_plane (const guint8 * src, gint src_stride, guint8 * dst,
    gint dst_stride, guint width, guint height, guint8 * waste)
{
  SplitRGBPlane (src + src_stride, 3 * src_stride, waste, 0, dst, dst_stride,
      waste, 0, width, height);
}

void
ry_third_pairs (const guint8 * src, gint src_stride, guint8 * dst,
    gint dst_stride, guint width, guint height)
{
  for (guint y = 0; y < height; y++) {
    const guint8 *from = src + (3 * (gsize) y + 1) * src_stride + 2;
    guint8 *to = dst + (gsize) y * dst_stride;

    for (guint x = 0; x < width; x++)
      memcpy (to + 2 * x, from + 6 * x, 2);
  }
}
