/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which bytes of a buffer rknnyolo takes for the picture. */

#include <gst/check/gstcheck.h>
#include <gst/video/video.h>

#include "gstrknnyoloframe.h"
#include "ryerror.h"

#define WIDTH 16
#define HEIGHT 8

/* A buffer whose memory is a frame of this size and, with a stride in pixels,
 * of rows that long. */
static GstBuffer *
new_buffer (GstVideoFormat format, guint width, guint height)
{
  GstVideoInfo info;
  GstBuffer *buffer;

  gst_video_info_set_format (&info, format, width, height);
  buffer = gst_buffer_new_allocate (NULL, GST_VIDEO_INFO_SIZE (&info), NULL);
  gst_buffer_memset (buffer, 0, 0, -1);
  gst_buffer_add_video_meta_full (buffer, GST_VIDEO_FRAME_FLAG_NONE, format,
      width, height, GST_VIDEO_INFO_N_PLANES (&info), info.offset, info.stride);
  return buffer;
}

static void
set_crop (GstBuffer * buffer, guint x, guint y)
{
  GstVideoCropMeta *crop = gst_buffer_add_video_crop_meta (buffer);

  crop->x = x;
  crop->y = y;
  crop->width = WIDTH;
  crop->height = HEIGHT;
}

static gboolean
try_view (GstBuffer * buffer, GstVideoFormat format, RyImage * image,
    GstRknnYoloView * view, GError ** error)
{
  GstVideoInfo info;

  gst_video_info_set_format (&info, format, WIDTH, HEIGHT);
  return gst_rknn_yolo_frame_view (view, &info, buffer, image, error);
}

static void
view_and_map (GstBuffer * buffer, GstVideoFormat format, RyImage * image,
    GstRknnYoloView * view)
{
  GError *error = NULL;

  fail_unless (try_view (buffer, format, image, view, &error));
  g_assert_no_error (error);
  fail_unless (ry_image_map (image, &error));
  g_assert_no_error (error);
}

static void
assert_refused (GstBuffer * buffer, GstVideoFormat format)
{
  GstRknnYoloView view;
  GstMapInfo memory;
  GError *error = NULL;
  RyImage image;

  fail_if (try_view (buffer, format, &image, &view, &error));
  fail_unless (g_error_matches (error, RY_ERROR, RY_ERROR_IMAGE));
  g_clear_error (&error);
  fail_if (try_view (buffer, format, &image, &view, NULL));
  /* What is mapped for reading cannot be mapped for writing. */
  fail_unless (gst_buffer_map (buffer, &memory, GST_MAP_WRITE));
  gst_buffer_unmap (buffer, &memory);
  gst_buffer_unref (buffer);
}

/* How far plane 0 and plane 1 (for two planes) are from where the memory and
 * its second plane begin. */
static void
assert_begin (GstVideoFormat format, guint x, guint y, gsize luma,
    gssize chroma)
{
  GstBuffer *buffer = new_buffer (format, 32, 24);
  gsize second = gst_buffer_get_video_meta (buffer)->offset[1];
  GstRknnYoloView view;
  GstMapInfo memory;
  RyImage image;

  set_crop (buffer, x, y);
  view_and_map (buffer, format, &image, &view);
  gst_buffer_map (buffer, &memory, GST_MAP_READ);
  assert_equals_int (image.width, WIDTH);
  assert_equals_int (image.height, HEIGHT);
  assert_equals_int (image.data[0] - memory.data, luma);
  if (chroma >= 0)
    assert_equals_int (image.data[1] - memory.data - second, chroma);
  gst_buffer_unmap (buffer, &memory);
  ry_image_unmap (&image);
  gst_buffer_unref (buffer);
}

GST_START_TEST (test_crop)
{
  assert_begin (GST_VIDEO_FORMAT_RGB, 3, 2, 2 * 96 + 3 * 3, -1);
  assert_begin (GST_VIDEO_FORMAT_BGRA, 16, 16, 16 * 128 + 16 * 4, -1);
  assert_begin (GST_VIDEO_FORMAT_GRAY8, 5, 7, 7 * 32 + 5, -1);
  assert_begin (GST_VIDEO_FORMAT_NV12, 4, 6, 6 * 32 + 4, 3 * 32 + 4);
  assert_begin (GST_VIDEO_FORMAT_NV16, 4, 6, 6 * 32 + 4, 6 * 32 + 4);
  assert_begin (GST_VIDEO_FORMAT_I420, 4, 6, 6 * 32 + 4, 3 * 16 + 2);
  /* Two pixels share their colour: the picture cannot begin between them. */
  assert_begin (GST_VIDEO_FORMAT_YUY2, 5, 1, 64 + 4 * 2, -1);
  assert_begin (GST_VIDEO_FORMAT_UYVY, 6, 1, 64 + 6 * 2, -1);
}

GST_END_TEST;

/* Decoders that write whole macroblocks: more lines than the picture has. */
GST_START_TEST (test_padded)
{
  GstBuffer *buffer = new_buffer (GST_VIDEO_FORMAT_NV12, 32, 24);
  GstRknnYoloView view;
  RyImage image;

  view_and_map (buffer, GST_VIDEO_FORMAT_NV12, &image, &view);
  assert_equals_int (image.width, WIDTH);
  assert_equals_int (image.height, HEIGHT);
  assert_equals_int (image.stride[0], 32);
  assert_equals_int (image.stride[1], 32);
  assert_equals_int (image.data[1] - image.data[0], 32 * 24);
  ry_image_unmap (&image);
  gst_buffer_unref (buffer);
}

GST_END_TEST;

GST_START_TEST (test_crop_outside)
{
  static const guint places[][2] = {
    {17, 0}, {0, 17}, {G_MAXUINT, 0}, {0, G_MAXUINT}, {33, 25},
  };

  for (guint i = 0; i < G_N_ELEMENTS (places); i++) {
    GstBuffer *buffer = new_buffer (GST_VIDEO_FORMAT_NV12, 32, 24);

    set_crop (buffer, places[i][0], places[i][1]);
    assert_refused (buffer, GST_VIDEO_FORMAT_NV12);
  }
}

GST_END_TEST;

/* Metas that do not fit the caps or the memory. */
GST_START_TEST (test_wrong_meta)
{
  GstBuffer *buffer;

  assert_refused (new_buffer (GST_VIDEO_FORMAT_NV12, 8, 8),
      GST_VIDEO_FORMAT_NV12);
  assert_refused (new_buffer (GST_VIDEO_FORMAT_NV21, 32, 24),
      GST_VIDEO_FORMAT_NV12);

  buffer = new_buffer (GST_VIDEO_FORMAT_NV12, 32, 24);
  gst_buffer_get_video_meta (buffer)->stride[0] = 4096;
  assert_refused (buffer, GST_VIDEO_FORMAT_NV12);

  buffer = new_buffer (GST_VIDEO_FORMAT_NV12, 32, 24);
  gst_buffer_get_video_meta (buffer)->stride[0] = -32;
  assert_refused (buffer, GST_VIDEO_FORMAT_NV12);

  buffer = new_buffer (GST_VIDEO_FORMAT_NV12, 32, 24);
  gst_buffer_get_video_meta (buffer)->offset[1] = 32 * 36 - 8;
  assert_refused (buffer, GST_VIDEO_FORMAT_NV12);

  /* The last row may end with its last pixel. */
  buffer = new_buffer (GST_VIDEO_FORMAT_GRAY8, WIDTH, HEIGHT);
  gst_buffer_set_size (buffer, WIDTH * HEIGHT - 1);
  assert_refused (buffer, GST_VIDEO_FORMAT_GRAY8);
}

GST_END_TEST;

static Suite *
frame_suite (void)
{
  Suite *suite = suite_create ("frame");
  TCase *tests = tcase_create ("frame");

  suite_add_tcase (suite, tests);
  tcase_add_test (tests, test_crop);
  tcase_add_test (tests, test_padded);
  tcase_add_test (tests, test_crop_outside);
  tcase_add_test (tests, test_wrong_meta);
  return suite;
}

GST_CHECK_MAIN (frame);
