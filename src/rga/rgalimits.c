/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "rga/rgalimits.h"

#include <string.h>

#include "rga_api.h"
#include "ryerror.h"

const gchar *
ry_rga_reason_get_name (RyRgaReason reason)
{
  static const gchar *const names[RY_N_RGA_REASONS] = {
    "none", "no-dmabuf", "format", "colorimetry", "layout", "stride",
    "position", "size", "scale", "target", "import", "busy", "failed", "off",
  };
  return names[reason];
}

/* ---- Cores --------------------------------------------------------------- */

static const RyRgaLimits rga3 = {
  .byte_stride = 16,.max_scale = 8,.min_width = 68,.min_height = 2,
  .max_input = 8176,.max_output = 8128,.yuyv = TRUE,
  .scheduler = IM_SCHEDULER_RGA3_CORE0 | IM_SCHEDULER_RGA3_CORE1,
};

static const RyRgaLimits rga2 = {
  .byte_stride = 4,.max_scale = 16,.min_width = 2,.min_height = 2,
  .max_input = 8192,.max_output = 4096,.planar = TRUE,
};

void
ry_rga_limits_init (RyRgaLimits * self, const gchar * cores)
{
  g_auto (GStrv) words = g_strsplit_set (cores, " \t\r\n", -1);
  const gchar *const *list = (const gchar * const *) words;

  if (g_strv_contains (list, "RGA_3")) {
    *self = rga3;
    return;
  }
  *self = rga2;
  if (g_strv_contains (list, "RGA_2_PRO")) {
    self->yuyv = TRUE;
    self->max_output = 8192;
  } else if (g_strv_contains (list, "RGA_2_Enhance")) {
    self->yuyv = TRUE;
  } else if (!g_strv_contains (list, "RGA_2")) {
    *self = rga3;
    self->max_output = 2048;
    self->yuyv = FALSE;
    self->scheduler = 0;
  }
}

/* ---- Formats ------------------------------------------------------------- */

guint
ry_rga_format_get_bits (gint format)
{
  switch (format) {
    case RK_FORMAT_RGB_888:
    case RK_FORMAT_BGR_888:
      return 24;
    case RK_FORMAT_YUYV_422:
    case RK_FORMAT_UYVY_422:
      return 16;
    default:
      return ry_rga_format_is_yuv (format) ? 8 : 32;
  }
}

gboolean
ry_rga_format_is_yuv (gint format)
{
  switch (format) {
    case RK_FORMAT_YCbCr_420_SP:
    case RK_FORMAT_YCrCb_420_SP:
    case RK_FORMAT_YCbCr_422_SP:
    case RK_FORMAT_YCbCr_420_P:
    case RK_FORMAT_YCrCb_420_P:
    case RK_FORMAT_YCbCr_400:
    case RK_FORMAT_YUYV_422:
    case RK_FORMAT_UYVY_422:
      return TRUE;
    default:
      return FALSE;
  }
}

static gboolean
is_format_known (const RyRgaLimits * self, gint format)
{
  switch (format) {
    case RK_FORMAT_YCbCr_420_P:
    case RK_FORMAT_YCrCb_420_P:
      return self->planar;
    case RK_FORMAT_YUYV_422:
    case RK_FORMAT_UYVY_422:
      return self->yuyv;
    default:
      return TRUE;
  }
}

/* ---- Areas --------------------------------------------------------------- */

static gboolean
refuse (RyRgaReason * reason, RyRgaReason why)
{
  *reason = why;
  return FALSE;
}

static gboolean
check_stride (const RyRgaLimits * self, const RyRgaArea * area,
    RyRgaReason * reason, GError ** error)
{
  guint64 bits =
      (guint64) area->wstride * ry_rga_format_get_bits (area->format);

  if (bits % (self->byte_stride * 8) == 0
      && !(ry_rga_format_is_yuv (area->format) && area->wstride % 2))
    return TRUE;
  g_set_error (error, RY_ERROR, RY_ERROR_RGA,
      "rows are %u pixels (%" G_GUINT64_FORMAT " bytes) apart, but this RGA "
      "needs a multiple of %u bytes; let the element before pad its rows",
      area->wstride, bits / 8, self->byte_stride);
  return refuse (reason, RY_RGA_REASON_STRIDE);
}

/* Librga takes no area that begins at 1, whatever the format. */
static gboolean
check_position (const RyRgaArea * area, RyRgaReason * reason, GError ** error)
{
  gboolean odd = (area->x | area->y) & 1;

  if (area->x != 1 && area->y != 1
      && !(odd && ry_rga_format_is_yuv (area->format)))
    return TRUE;
  g_set_error (error, RY_ERROR, RY_ERROR_RGA,
      "the picture begins at %u,%u, but RGA needs even numbers for YUV and no "
      "1 for RGB", area->x, area->y);
  return refuse (reason, RY_RGA_REASON_POSITION);
}

static gboolean
check_size (const RyRgaLimits * self, const RyRgaArea * area, gboolean output,
    RyRgaReason * reason, GError ** error)
{
  guint limit = output ? self->max_output : self->max_input;
  gboolean odd = (area->width | area->height | area->hstride) & 1;

  if (area->width >= self->min_width && area->height >= self->min_height
      && area->width <= limit && area->height <= limit
      && !(odd && ry_rga_format_is_yuv (area->format)))
    return TRUE;
  g_set_error (error, RY_ERROR, RY_ERROR_RGA,
      "the picture has %ux%u pixels in %u rows, but this RGA needs %ux%u to "
      "%ux%u, and even numbers for YUV", area->width, area->height,
      area->hstride, self->min_width, self->min_height, limit, limit);
  return refuse (reason, RY_RGA_REASON_SIZE);
}

gboolean
ry_rga_limits_check (const RyRgaLimits * self, const RyRgaArea * area,
    gboolean output, RyRgaReason * reason, GError ** error)
{
  if (!is_format_known (self, area->format)) {
    g_set_error (error, RY_ERROR, RY_ERROR_RGA,
        "this RGA does not read the format of the frames");
    return refuse (reason, RY_RGA_REASON_FORMAT);
  }
  if (area->x + area->width > area->wstride
      || area->y + area->height > area->hstride) {
    g_set_error (error, RY_ERROR, RY_ERROR_RGA,
        "rows are shorter than the picture");
    return refuse (reason, RY_RGA_REASON_LAYOUT);
  }
  return check_size (self, area, output, reason, error)
      && check_stride (self, area, reason, error)
      && check_position (area, reason, error);
}

guint
ry_rga_limits_align_rgb (const RyRgaLimits * self, guint width)
{
  /* 3 and a power of two have no common factor. */
  return (width + self->byte_stride - 1) / self->byte_stride
      * self->byte_stride;
}

/* ---- Scaling ------------------------------------------------------------- */

static gboolean
is_within (guint a, guint b, guint scale)
{
  return (guint64) a <= (guint64) b * scale && (guint64) b <= (guint64) a * scale;
}

/* The first pass goes as far as it can when a direction shrinks, and leaves the
 * most to the second when it grows, so that less lies between. */
static guint
between (guint from, guint to, guint scale, guint least)
{
  guint size = to;

  if (!is_within (from, to, scale))
    size = from > to ? (from + scale - 1) / scale : (to + scale - 1) / scale;
  return MAX (size, least);
}

gboolean
ry_rga_limits_plan (const RyRgaLimits * self, guint width, guint height,
    guint to_width, guint to_height, RyRgaPasses * passes)
{
  guint scale = self->max_scale;

  passes->n_passes = 1;
  passes->width = to_width;
  passes->height = to_height;
  if (is_within (width, to_width, scale)
      && is_within (height, to_height, scale))
    return TRUE;
  passes->n_passes = 2;
  passes->width = between (width, to_width, scale, self->min_width);
  passes->height = between (height, to_height, scale, self->min_height);
  return is_within (width, passes->width, scale)
      && is_within (height, passes->height, scale)
      && is_within (passes->width, to_width, scale)
      && is_within (passes->height, to_height, scale);
}
