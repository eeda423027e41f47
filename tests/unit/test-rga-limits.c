/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What RGA can do, and where frames lie in its terms. */

#include <string.h>

#include "image/rgaview.h"
#include "rga/rgalibrary.h"
#include "rga/rgalimits.h"
#include "rga_api.h"
#include "rgaframe.h"
#include "ryerror.h"

static void
test_cores (void)
{
  static const struct
  {
    const gchar *cores;
    guint byte_stride, max_scale, min_width, max_output;
    gboolean planar, yuyv, pinned;
  } cases[] = {
    {"RGA_2_Enhance RGA_3", 16, 8, 68, 8128, FALSE, TRUE, TRUE},
    {"RGA_3", 16, 8, 68, 8128, FALSE, TRUE, TRUE},
    {"RGA_2_Enhance", 4, 16, 2, 4096, TRUE, TRUE, FALSE},
    {"RGA_2_PRO ", 4, 16, 2, 8192, TRUE, TRUE, FALSE},
    {"RGA_2", 4, 16, 2, 4096, TRUE, FALSE, FALSE},
    {"RGA_9000", 16, 8, 68, 2048, FALSE, FALSE, FALSE},
    {"", 16, 8, 68, 2048, FALSE, FALSE, FALSE},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    RyRgaLimits limits;

    ry_rga_limits_init (&limits, cases[i].cores);
    g_assert_cmpuint (limits.byte_stride, ==, cases[i].byte_stride);
    g_assert_cmpuint (limits.max_scale, ==, cases[i].max_scale);
    g_assert_cmpuint (limits.min_width, ==, cases[i].min_width);
    g_assert_cmpuint (limits.max_output, ==, cases[i].max_output);
    g_assert_cmpint (limits.planar, ==, cases[i].planar);
    g_assert_cmpint (limits.yuyv, ==, cases[i].yuyv);
    g_assert_cmpint (limits.scheduler, ==, cases[i].pinned ? 3 : 0);
  }
}

static void
test_versions (void)
{
  static const gchar *const enough[] = { "1.9.0", "1.10.3", "2.0", "" };
  static const gchar *const old[] = { "1.3.2", "1.8.1", "0.9" };

  for (guint i = 0; i < G_N_ELEMENTS (enough); i++)
    g_assert_true (ry_rga_version_is_enough (enough[i]));
  for (guint i = 0; i < G_N_ELEMENTS (old); i++)
    g_assert_false (ry_rga_version_is_enough (old[i]));
}

/* ---- Passes -------------------------------------------------------------- */

static gboolean
is_possible (guint a, guint b, guint scale)
{
  return a <= scale * b && b <= scale * a;
}

/* Every plan consists of passes that the cores can do, and where there is none
 * no size in between would have served. */
static void
check_plan (const RyRgaLimits * limits, guint from, guint to)
{
  RyRgaPasses passes;
  gboolean planned = ry_rga_limits_plan (limits, from, 480, to, 480, &passes);
  gboolean possible = FALSE;

  for (guint between = limits->min_width; between <= 8192 && !possible;
      between++)
    possible = is_possible (from, between, limits->max_scale)
        && is_possible (between, to, limits->max_scale);
  if (!planned) {
    if (possible)
      g_error ("from %u to %u was not planned", from, to);
    return;
  }
  if (passes.n_passes == 1) {
    g_assert_true (is_possible (from, to, limits->max_scale));
    return;
  }
  g_assert_cmpuint (passes.n_passes, ==, 2);
  g_assert_false (is_possible (from, to, limits->max_scale));
  g_assert_true (is_possible (from, passes.width, limits->max_scale));
  g_assert_true (is_possible (passes.width, to, limits->max_scale));
  g_assert_cmpuint (passes.width, >=, limits->min_width);
  g_assert_cmpuint (passes.height, ==, 480);
}

static void
test_plans (void)
{
  static const guint sizes[] = {
    68, 69, 70, 100, 320, 321, 416, 543, 544, 545, 640, 1088, 1089, 3840, 5119,
    5120, 5121, 8176,
  };
  static const gchar *const cores[] = { "RGA_3", "RGA_2_Enhance" };

  for (guint c = 0; c < G_N_ELEMENTS (cores); c++) {
    RyRgaLimits limits;

    ry_rga_limits_init (&limits, cores[c]);
    for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
      for (guint k = 0; k < G_N_ELEMENTS (sizes); k++)
        check_plan (&limits, sizes[i], sizes[k]);
    }
  }
}

static void
test_align (void)
{
  RyRgaLimits limits;

  ry_rga_limits_init (&limits, "RGA_3");
  for (guint width = 1; width < 100; width++) {
    guint stride = ry_rga_limits_align_rgb (&limits, width);

    g_assert_cmpuint (stride, >=, width);
    g_assert_cmpuint (stride, <, width + 16);
    g_assert_cmpuint (3 * stride % 16, ==, 0);
  }
}

/* ---- Views --------------------------------------------------------------- */

/* What frames were made with is found again from their offsets. */
static void
test_views (void)
{
  static const struct
  {
    RyPixelFormat format;
    guint code, pixel_bytes;
  } formats[] = {
    {RY_FORMAT_NV12, RK_FORMAT_YCbCr_420_SP, 1},
    {RY_FORMAT_NV21, RK_FORMAT_YCrCb_420_SP, 1},
    {RY_FORMAT_NV16, RK_FORMAT_YCbCr_422_SP, 1},
    {RY_FORMAT_I420, RK_FORMAT_YCbCr_420_P, 1},
    {RY_FORMAT_YV12, RK_FORMAT_YCrCb_420_P, 1},
    {RY_FORMAT_YUY2, RK_FORMAT_YUYV_422, 2},
    {RY_FORMAT_UYVY, RK_FORMAT_UYVY_422, 2},
    {RY_FORMAT_RGB, RK_FORMAT_RGB_888, 3},
    {RY_FORMAT_BGR, RK_FORMAT_BGR_888, 3},
    {RY_FORMAT_RGBX, RK_FORMAT_RGBA_8888, 4},
    {RY_FORMAT_XRGB, RK_FORMAT_ARGB_8888, 4},
    {RY_FORMAT_BGRX, RK_FORMAT_BGRA_8888, 4},
    {RY_FORMAT_XBGR, RK_FORMAT_ABGR_8888, 4},
  };
  static const RgaFrameLayout layouts[] = {
    {.align = 48}, {.align = 192,.rows_below = 8},
    {.align = 48,.x = 16,.y = 10,.rows_below = 6}, {.align = 12,.y = 2},
    {.align = 12,.x = 2},
  };

  for (guint f = 0; f < G_N_ELEMENTS (formats); f++) {
    for (guint l = 0; l < G_N_ELEMENTS (layouts); l++) {
      const RgaFrameLayout *layout = &layouts[l];
      RyRgaReason reason = RY_RGA_REASON_NONE;
      GError *error = NULL;
      RgaFrame frame;
      RyRgaArea area;
      gint colour;

      rga_frame_init (&frame, formats[f].format, 100, 60, layout);
      ry_rga_view_image (&frame.image, &area, &colour, &reason, &error);
      g_assert_no_error (error);
      g_assert_cmpint (area.format, ==, formats[f].code);
      g_assert_cmpuint (area.x, ==, layout->x);
      g_assert_cmpuint (area.y, ==, layout->y);
      g_assert_cmpuint (area.width, ==, 100);
      g_assert_cmpuint (area.height, ==, 60);
      g_assert_cmpuint (area.wstride * formats[f].pixel_bytes, ==,
          frame.image.stride[0]);
      /* Packed pictures need no rows below them. */
      g_assert_cmpuint (area.hstride, ==, layout->y + 60
          + (frame.image.n_planes > 1 ? layout->rows_below : 0));
      g_assert_cmpint (colour, ==, formats[f].pixel_bytes < 3 ?
          IM_YUV_TO_RGB_BT601_LIMIT : 0);
      rga_frame_clear (&frame);
    }
  }
}

/* A plane moved by anything but whole rows is noticed. */
static void
test_moved_planes (void)
{
  static const RgaFrameLayout layout = {.align = 16,.rows_below = 8 };
  static const RyPixelFormat formats[] = {
    RY_FORMAT_NV12, RY_FORMAT_NV16, RY_FORMAT_I420,
  };

  for (guint f = 0; f < G_N_ELEMENTS (formats); f++) {
    RyRgaReason reason;
    RgaFrame frame;
    RyRgaArea area;
    gint colour;

    rga_frame_init (&frame, formats[f], 128, 64, &layout);
    frame.image.offset[1] -= 16;
    g_assert_false (ry_rga_view_image (&frame.image, &area, &colour, &reason,
            NULL));
    g_assert_cmpint (reason, ==, RY_RGA_REASON_LAYOUT);
    frame.image.offset[1] += 16;
    frame.image.stride[1] += 16;
    g_assert_false (ry_rga_view_image (&frame.image, &area, &colour, &reason,
            NULL));
    frame.image.stride[1] -= 16;
    if (frame.image.n_planes == 3) {
      frame.image.offset[2] += 64;
      g_assert_false (ry_rga_view_image (&frame.image, &area, &colour, &reason,
              NULL));
      frame.image.offset[2] -= 64;
    }
    g_assert_true (ry_rga_view_image (&frame.image, &area, &colour, &reason,
            NULL));
    rga_frame_clear (&frame);
  }
}

/* An input that begins behind others in its dma-buf. */
static void
test_target (void)
{
  RyLetterbox box = {.x = 0,.y = 70,.width = 320,.height = 180 };
  RyRgaReason reason;
  RyTarget target = { NULL, };
  RyRgaArea area;

  target.width = target.height = 320;
  target.channels = 3;
  target.stride = 336 * 3;
  target.offset = 2 * target.stride;
  target.fd_size = 322 * target.stride;
  target.bgr = TRUE;
  g_assert_true (ry_rga_view_target (&target, &box, &area, &reason, NULL));
  g_assert_cmpint (area.format, ==, RK_FORMAT_BGR_888);
  g_assert_cmpuint (area.wstride, ==, 336);
  g_assert_cmpuint (area.hstride, ==, 322);
  g_assert_cmpuint (area.y, ==, 72);

  target.fd_size--;
  g_assert_false (ry_rga_view_target (&target, &box, &area, &reason, NULL));
  g_assert_cmpint (reason, ==, RY_RGA_REASON_TARGET);
  target.fd_size++;
  target.channels = 1;
  g_assert_false (ry_rga_view_target (&target, &box, &area, &reason, NULL));
  target.channels = 3;
  target.fd = -1;
  g_assert_false (ry_rga_view_target (&target, &box, &area, &reason, NULL));
}

/* Every name in stats is another. */
static void
test_names (void)
{
  for (guint i = 0; i < RY_N_RGA_REASONS; i++) {
    for (guint k = 0; k < i; k++)
      g_assert_cmpstr (ry_rga_reason_get_name (i), !=,
          ry_rga_reason_get_name (k));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rga-limits/cores", test_cores);
  g_test_add_func ("/rga-limits/versions", test_versions);
  g_test_add_func ("/rga-limits/plans", test_plans);
  g_test_add_func ("/rga-limits/align", test_align);
  g_test_add_func ("/rga-limits/views", test_views);
  g_test_add_func ("/rga-limits/moved-planes", test_moved_planes);
  g_test_add_func ("/rga-limits/target", test_target);
  g_test_add_func ("/rga-limits/names", test_names);
  return g_test_run ();
}
