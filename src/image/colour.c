/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* libyuv names 24-bit and 32-bit formats after little-endian words, the other
 * way round than memory: its RGB24 is B, G, R in memory, its ARGB is
 * B, G, R, A.  R, G, B in memory is called RAW.  For YUV to RAW its own headers
 * take the function for RGB24, exchange U and V, and use constants made for
 * that (kYvu...); here this is done by hand, since the macros paste names.
 *
 * Its constants have 6 bits and none exceeds 2, while blue wants 2.11 for
 * BT.709 and 2.14 for BT.2020 in limited range: blue is off by up to 14 levels
 * where it is purest, by less than 3 in most of a photograph. */

#include "image/colour.h"

#include <libyuv.h>
#include <string.h>

typedef const struct YuvConstants *Constants;

static Constants
find_constants (const RyImage * image, gboolean bgr)
{
  /* [matrix][full range][for B, G, R] */
  static const Constants constants[3][2][2] = {
    [RY_MATRIX_BT601] = {{&kYvuI601Constants, &kYuvI601Constants},
        {&kYvuJPEGConstants, &kYuvJPEGConstants}},
    [RY_MATRIX_BT709] = {{&kYvuH709Constants, &kYuvH709Constants},
        {&kYvuF709Constants, &kYuvF709Constants}},
    [RY_MATRIX_BT2020] = {{&kYvu2020Constants, &kYuv2020Constants},
        {&kYvuV2020Constants, &kYuvV2020Constants}},
  };

  return constants[image->matrix][!!image->full_range][!!bgr];
}

static void
convert_semiplanar (const RyImage * image, const RyTarget * t)
{
  Constants constants = find_constants (image, t->bgr);
  gboolean v_first = (image->format == RY_FORMAT_NV21) != !t->bgr;

  if (v_first)
    NV21ToRGB24Matrix (image->data[0], image->stride[0], image->data[1],
        image->stride[1], t->data, t->stride, constants, t->width, t->height);
  else
    NV12ToRGB24Matrix (image->data[0], image->stride[0], image->data[1],
        image->stride[1], t->data, t->stride, constants, t->width, t->height);
}

static void
convert_planar (const RyImage * image, const RyTarget * t)
{
  gboolean v_first = (image->format == RY_FORMAT_YV12) != !t->bgr;
  guint u = v_first ? 2 : 1, v = v_first ? 1 : 2;

  I420ToRGB24Matrix (image->data[0], image->stride[0], image->data[u],
      image->stride[u], image->data[v], image->stride[v], t->data, t->stride,
      find_constants (image, t->bgr), t->width, t->height);
}

/* The colours begin at the second byte; read from there, the fourth byte of
 * the last pixel would lie behind the frame. */
static void
convert_x_first (const guint8 * src, guint8 * dst, guint width,
    gboolean reverse)
{
  const guint8 *last = src + 4 * (gsize) (width - 1) + 1;
  guint8 *out = dst + 3 * (gsize) (width - 1);

  if (width > 1 && reverse)
    ARGBToRAW (src + 1, 0, dst, 0, width - 1, 1);
  else if (width > 1)
    ARGBToRGB24 (src + 1, 0, dst, 0, width - 1, 1);
  out[0] = last[reverse ? 2 : 0];
  out[1] = last[1];
  out[2] = last[reverse ? 0 : 2];
}

static void
convert_rgb (const RyImage * image, const RyTarget * t)
{
  RyPixelFormat format = image->format;
  gboolean is_bgr = format == RY_FORMAT_BGR || format == RY_FORMAT_BGRX
      || format == RY_FORMAT_XBGR;
  gboolean reverse = is_bgr != !!t->bgr;
  guint i;

  for (i = 0; i < t->height; i++) {
    const guint8 *src = image->data[0] + (gsize) image->stride[0] * i;
    guint8 *dst = t->data + (gsize) t->stride * i;

    if (format == RY_FORMAT_XRGB || format == RY_FORMAT_XBGR)
      convert_x_first (src, dst, t->width, reverse);
    else if (format == RY_FORMAT_RGBX || format == RY_FORMAT_BGRX)
      (reverse ? ARGBToRAW : ARGBToRGB24) (src, 0, dst, 0, t->width, 1);
    else if (reverse)
      RAWToRGB24 (src, 0, dst, 0, t->width, 1);
    else
      memcpy (dst, src, 3 * (gsize) t->width);
  }
}

static void
convert_grey (const RyImage * image, const RyTarget * t)
{
  const guint8 *src = image->data[0];
  gint stride = image->stride[0];

  MergeRGBPlane (src, stride, src, stride, src, stride, t->data, t->stride,
      t->width, t->height);
}

static void
convert_colours (const RyImage * image, const RyTarget * target)
{
  switch (image->format) {
    case RY_FORMAT_NV12:
    case RY_FORMAT_NV21:
      convert_semiplanar (image, target);
      break;
    case RY_FORMAT_I420:
    case RY_FORMAT_YV12:
      convert_planar (image, target);
      break;
    case RY_FORMAT_GRAY8:
      convert_grey (image, target);
      break;
    default:
      convert_rgb (image, target);
      break;
  }
}

/* Y' = 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601) in 16 bits: models for grey
 * pictures are trained on what cv2.cvtColor and PIL make, which is this. */
static void
rgb_row_to_luma (guint8 * dst, const guint8 * src, guint width, guint step,
    guint r, guint b)
{
  guint g = (r + b) / 2, x;

  for (x = 0; x < width; x++, src += step)
    dst[x] = (19595 * src[r] + 38470 * src[g] + 7471 * src[b] + 32768) >> 16;
}

static void
luma_row_to_luma (guint8 * dst, const guint8 * src, guint width,
    gboolean full_range)
{
  guint x;

  for (x = 0; x < width; x++) {
    gint y = src[x];

    if (!full_range)
      y = (CLAMP (y, 16, 235) * 510 - 16 * 510 + 219) / 438;
    dst[x] = y;
  }
}

static void
convert_to_luma (const RyImage * image, const RyTarget * t)
{
  guint i;

  for (i = 0; i < t->height; i++) {
    const guint8 *src = image->data[0] + (gsize) image->stride[0] * i;
    guint8 *dst = t->data + (gsize) t->stride * i;

    switch (image->format) {
      case RY_FORMAT_RGB:
        rgb_row_to_luma (dst, src, t->width, 3, 0, 2);
        break;
      case RY_FORMAT_BGR:
        rgb_row_to_luma (dst, src, t->width, 3, 2, 0);
        break;
      case RY_FORMAT_RGBX:
        rgb_row_to_luma (dst, src, t->width, 4, 0, 2);
        break;
      case RY_FORMAT_XRGB:
        rgb_row_to_luma (dst, src, t->width, 4, 1, 3);
        break;
      case RY_FORMAT_BGRX:
        rgb_row_to_luma (dst, src, t->width, 4, 2, 0);
        break;
      case RY_FORMAT_XBGR:
        rgb_row_to_luma (dst, src, t->width, 4, 3, 1);
        break;
      case RY_FORMAT_GRAY8:
        memcpy (dst, src, t->width);
        break;
      default:
        luma_row_to_luma (dst, src, t->width, image->full_range);
        break;
    }
  }
}

void
ry_colour_convert (const RyImage * image, const RyTarget * target)
{
  if (target->channels == 1)
    convert_to_luma (image, target);
  else
    convert_colours (image, target);
}
