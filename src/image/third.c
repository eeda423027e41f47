/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "image/third.h"

#include <libyuv.h>
#include <string.h>

#include "image/colour.h"

/* Of all CPUs that matter; a wrong guess costs time only. */
#define CACHE_LINE 64

/* Samples that the longest vectors of any CPU hold. */
#define VECTOR 64

/* Rows of a lone plane that are called for in advance.  Fewer do not cover the
 * wait, more are too many at once for small CPUs. */
#define ROWS_AHEAD 3

static const guint8 *
middle_row (const guint8 * src, gint stride, guint y)
{
  return src + (3 * (gsize) y + 1) * stride;
}

static void
call_for (const guint8 * row, gsize bytes)
{
  for (gsize i = 0; i < bytes; i += CACHE_LINE)
    __builtin_prefetch (row + i);
}

/* libyuv takes single samples with a loop of plain C on every CPU.  But three
 * samples of luma are as good as red, green and blue, which it does part with
 * vectors.  What is not wanted all goes to one place.
 *
 * Only whole vectors are left to it: for what remains of a row libyuv 1904
 * (SplitRGBRow_Any_AVX2) writes beyond a buffer on its stack. */
static void
third_row (const guint8 * src, guint8 * dst, guint width, guint8 * waste)
{
  guint whole = width - width % VECTOR;

  if (whole > 0)
    SplitRGBPlane (src, 0, waste, 0, dst, 0, waste, 0, whole, 1);
  for (guint x = whole; x < width; x++)
    dst[x] = src[3 * x + 1];
}

static void
third_row_of_pairs (const guint8 * src, guint8 * dst, guint width)
{
  for (guint x = 0; x < width; x++)
    memcpy (dst + 2 * x, src + 6 * x + 2, 2);
}

void
ry_third_plane (const guint8 * src, gint src_stride, guint8 * dst,
    gint dst_stride, guint width, guint height, guint8 * waste)
{
  for (guint y = 0; y < height; y++) {
    if (y + ROWS_AHEAD < height)
      call_for (middle_row (src, src_stride, y + ROWS_AHEAD), 3 * width);
    third_row (middle_row (src, src_stride, y), dst + (gsize) y * dst_stride,
        width, waste);
  }
}

/* Shrinks two rows of luma and the row of chroma that they share, and calls for
 * those of the next strip in between, so that not all are asked for at once. */
static void
third_strip (const RyImage * image, guint y, guint8 * luma, guint8 * chroma,
    guint width, guint8 * waste)
{
  guint next = MIN (y + 2, image->height / 3 - 2);

  for (guint i = 0; i < 2; i++) {
    call_for (middle_row (image->data[0], image->stride[0], next + i),
        3 * width);
    third_row (middle_row (image->data[0], image->stride[0], y + i),
        luma + i * width, width, waste);
  }
  call_for (middle_row (image->data[1], image->stride[1], next / 2), 3 * width);
  third_row_of_pairs (middle_row (image->data[1], image->stride[1], y / 2),
      chroma, width / 2);
}

/* A strip is converted while it is in the first-level cache. */
void
ry_third_convert (const RyImage * image, const RyTarget * picture,
    guint8 * scratch)
{
  guint width = picture->width;
  guint8 *luma = scratch, *chroma = luma + 2 * width, *waste = chroma + width;
  RyTarget rows = *picture;
  RyImage strip = *image;

  strip.data[0] = luma;
  strip.data[1] = chroma;
  strip.stride[0] = strip.stride[1] = width;
  strip.width = width;
  strip.height = rows.height = 2;
  for (guint y = 0; y < picture->height; y += 2) {
    third_strip (image, y, luma, chroma, width, waste);
    rows.data = picture->data + (gsize) y * picture->stride;
    ry_colour_convert (&strip, &rows);
  }
}
