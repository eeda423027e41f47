/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which pixels rknnyolooverlay paints, in every format it takes. */

#include "overlaytest.h"

#include <string.h>

#define LINE 3
#define BOXES_ONLY "draw-labels=false draw-scores=false line-width=3"

static const GstVideoFormat formats[] = {
  GST_VIDEO_FORMAT_NV12, GST_VIDEO_FORMAT_NV21, GST_VIDEO_FORMAT_NV16,
  GST_VIDEO_FORMAT_NV61, GST_VIDEO_FORMAT_NV24, GST_VIDEO_FORMAT_I420,
  GST_VIDEO_FORMAT_YV12, GST_VIDEO_FORMAT_Y42B, GST_VIDEO_FORMAT_Y444,
  GST_VIDEO_FORMAT_YUY2, GST_VIDEO_FORMAT_YVYU, GST_VIDEO_FORMAT_UYVY,
  GST_VIDEO_FORMAT_RGB, GST_VIDEO_FORMAT_BGR, GST_VIDEO_FORMAT_RGBx,
  GST_VIDEO_FORMAT_BGRx, GST_VIDEO_FORMAT_xRGB, GST_VIDEO_FORMAT_xBGR,
  GST_VIDEO_FORMAT_RGBA, GST_VIDEO_FORMAT_BGRA, GST_VIDEO_FORMAT_ARGB,
  GST_VIDEO_FORMAT_ABGR, GST_VIDEO_FORMAT_GRAY8
};

/* Line widths follow the rule of the property: inside the box, a sixth of its
 * shorter side at most, one pixel at least. */
static const struct
{
  Rect rect;
  gint line;
} boxes[] = {
  {{8, 8, 32, 24}, LINE},       /* even edges */
  {{7, 9, 31, 23}, LINE},       /* odd edges */
  {{9, 7, 24, 32}, LINE},       /* mixed */
  {{-5, 10, 30, 20}, LINE},     /* clipped at each border */
  {{45, 10, 40, 20}, LINE},
  {{10, -7, 20, 30}, LINE},
  {{10, 30, 20, 40}, LINE},
  {{-100, -100, 400, 300}, LINE},       /* around the frame: nothing */
  {{-3, -3, 70, 54}, LINE},     /* just around it */
  {{-2, -1, 67, 50}, LINE},     /* one or two pixels of the line show */
  {{0, 0, 64, 48}, LINE},
  {{0, 0, 63, 47}, LINE},
  {{64, 0, 20, 20}, LINE},      /* outside */
  {{0, 48, 20, 20}, LINE},
  {{-20, -20, 20, 20}, LINE},
  {{20, 20, 0, 10}, 1},         /* without an area */
  {{20, 20, 10, 0}, 1},
  {{20, 20, -5, 10}, 1},
  {{21, 21, 1, 1}, 1},          /* small */
  {{21, 20, 2, 3}, 1},
  {{30, 30, 12, 13}, 2},
  {{30, 20, 15, 11}, 1},
  {{10, 10, 2000000000, 2000000000}, LINE},     /* huge */
};

static void
check_box (GstHarness * h, const GstVideoInfo * info, gboolean padded,
    const Rect * rect, gint line, Rgb color)
{
  GstBuffer *expected = overlay_frame_new (info, 7, padded);
  GstBuffer *buffer = overlay_frame_new (info, 7, padded);
  guint8 *fuzzy = g_malloc0 (gst_buffer_get_size (expected));
  gchar *what = g_strdup_printf ("%s %dx%d%s, box %d,%d %dx%d",
      GST_VIDEO_INFO_NAME (info), GST_VIDEO_INFO_WIDTH (info),
      GST_VIDEO_INFO_HEIGHT (info), padded ? " padded" : "", rect->x, rect->y,
      rect->w, rect->h);

  overlay_expect_outline (expected, info, rect, line, color, fuzzy);
  overlay_add_box (buffer, "person", rect);
  buffer = gst_harness_push_and_pull (h, buffer);
  overlay_assert_equal (buffer, expected, fuzzy, what);

  g_free (what);
  g_free (fuzzy);
  gst_buffer_unref (buffer);
  gst_buffer_unref (expected);
}

static void
check_boxes (GstVideoFormat format, gint width, gint height)
{
  const Rgb color = overlay_find_color ("person");
  GstVideoInfo info;
  GstHarness *h;
  guint b;

  overlay_info_set (&info, format, width, height, NULL);
  h = overlay_harness_new (&info, BOXES_ONLY);
  for (b = 0; b < G_N_ELEMENTS (boxes); b++) {
    check_box (h, &info, FALSE, &boxes[b].rect, boxes[b].line, color);
    check_box (h, &info, TRUE, &boxes[b].rect, boxes[b].line, color);
  }
  gst_harness_teardown (h);
}

GST_START_TEST (test_boxes)
{
  check_boxes (formats[__i__], 64, 48);
  check_boxes (formats[__i__], 63, 47);
}

GST_END_TEST;

GST_START_TEST (test_colorimetry)
{
  static const gchar *colorimetries[] = {
    "bt601", "bt709", "1:4:0:0", "1:3:5:1"
  };
  static const GstVideoFormat yuv[] = {
    GST_VIDEO_FORMAT_NV12, GST_VIDEO_FORMAT_YUY2, GST_VIDEO_FORMAT_I420,
    GST_VIDEO_FORMAT_GRAY8
  };
  const Rgb color = overlay_find_color ("person");
  const Rect rect = { 8, 8, 32, 24 };
  GstVideoInfo info;
  GstHarness *h;

  overlay_info_set (&info, yuv[__i__ % 4], 64, 48, colorimetries[__i__ / 4]);
  h = overlay_harness_new (&info, BOXES_ONLY);
  check_box (h, &info, FALSE, &rect, LINE, color);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_crop)
{
  const Rgb color = overlay_find_color ("person");
  const Rect rect = { 2, 3, 20, 20 }, in_memory = { 10, 7, 20, 20 };
  GstVideoInfo info, picture;
  GstVideoCropMeta *crop;
  GstBuffer *expected, *buffer;
  GstHarness *h;
  guint8 *fuzzy;

  overlay_info_set (&info, GST_VIDEO_FORMAT_NV12, 64, 48, NULL);
  overlay_info_set (&picture, GST_VIDEO_FORMAT_NV12, 48, 40, NULL);
  expected = overlay_frame_new (&info, 3, TRUE);
  buffer = overlay_frame_new (&info, 3, TRUE);
  fuzzy = g_malloc0 (gst_buffer_get_size (expected));
  crop = gst_buffer_add_video_crop_meta (buffer);
  crop->x = 8;
  crop->y = 4;
  crop->width = 48;
  crop->height = 40;
  overlay_add_box (buffer, "person", &rect);

  h = overlay_harness_new (&picture, BOXES_ONLY);
  buffer = gst_harness_push_and_pull (h, buffer);
  overlay_expect_outline (expected, &info, &in_memory, LINE, color, fuzzy);
  overlay_assert_equal (buffer, expected, fuzzy, "cropped frame");

  g_free (fuzzy);
  gst_buffer_unref (buffer);
  gst_buffer_unref (expected);
  gst_harness_teardown (h);
}

GST_END_TEST;

/* All samples of the picture, and not one byte around them. */
static void
copy_picture (GstBuffer * from, GstBuffer * to, const GstVideoInfo * info)
{
  GstVideoFrame a, b;
  guint c;
  gint x, y;

  fail_unless (gst_video_frame_map (&a, info, from, GST_MAP_READ));
  fail_unless (gst_video_frame_map (&b, info, to, GST_MAP_READWRITE));
  for (c = 0; c < GST_VIDEO_FRAME_N_COMPONENTS (&a); c++) {
    for (y = 0; y < GST_VIDEO_FRAME_COMP_HEIGHT (&a, c); y++) {
      for (x = 0; x < GST_VIDEO_FRAME_COMP_WIDTH (&a, c); x++) {
        gsize at = y * GST_VIDEO_FRAME_COMP_STRIDE (&a, c)
            + x * GST_VIDEO_FRAME_COMP_PSTRIDE (&a, c);

        ((guint8 *) GST_VIDEO_FRAME_COMP_DATA (&b, c))[at] =
            ((guint8 *) GST_VIDEO_FRAME_COMP_DATA (&a, c))[at];
      }
    }
  }
  gst_video_frame_unmap (&b);
  gst_video_frame_unmap (&a);
}

/* Labels may go anywhere in the frame but not out of it, and both the odd size
 * and the padding would show a write beyond the edge. */
GST_START_TEST (test_labels_stay_inside)
{
  static const Rect at[] = {
    {0, 0, 30, 20}, {-10, -10, 40, 30}, {170, 2, 30, 20}, {150, 100, 60, 60},
    {-60, 60, 65, 20}, {0, 120, 180, 2}, {60, 60, 40, 40}
  };
  GstVideoInfo info;
  GstHarness *h;
  guint i;

  overlay_info_set (&info, formats[__i__], 181, 123, NULL);
  h = overlay_harness_new (&info, "hud=true font=\"Sans 40px\"");
  for (i = 0; i < G_N_ELEMENTS (at); i++) {
    GstBuffer *original = overlay_frame_new (&info, 5, TRUE);
    GstBuffer *buffer = overlay_frame_new (&info, 5, TRUE);

    overlay_add_box (buffer, "a long label gqj", &at[i]);
    buffer = gst_harness_push_and_pull (h, buffer);
    copy_picture (buffer, original, &info);

    /* The picture being the same now, what differs is outside of it. */
    overlay_assert_equal (buffer, original, NULL, "outside of the picture");
    gst_buffer_unref (buffer);
    gst_buffer_unref (original);
  }
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_colors_are_stable)
{
  const Rgb person = overlay_find_color ("person");
  const Rgb again = overlay_find_color ("person");
  const Rgb bus = overlay_find_color ("bus");

  fail_unless (memcmp (&person, &again, sizeof (Rgb)) == 0);
  fail_unless (memcmp (&person, &bus, sizeof (Rgb)) != 0);
}

GST_END_TEST;

static Suite *
overlay_suite (void)
{
  Suite *suite = suite_create ("rknnyolooverlay");
  TCase *tc = tcase_create ("pixels");

  suite_add_tcase (suite, tc);
  tcase_add_loop_test (tc, test_boxes, 0, G_N_ELEMENTS (formats));
  tcase_add_loop_test (tc, test_colorimetry, 0, 16);
  tcase_add_test (tc, test_crop);
  tcase_add_loop_test (tc, test_labels_stay_inside, 0, G_N_ELEMENTS (formats));
  tcase_add_test (tc, test_colors_are_stable);
  return suite;
}

GST_CHECK_MAIN (overlay);
