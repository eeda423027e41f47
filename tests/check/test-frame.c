/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which bytes of a buffer rknnyolo takes for the picture. */

#include <gst/allocators/gstdmabuf.h>
#include <gst/check/gstcheck.h>
#include <gst/video/video.h>
#include <string.h>

#include "fakedmabuf.h"
#include "gstrknnyoloexporter.h"
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

/* ---- dma-bufs ------------------------------------------------------------- */

/* NV12 of 32 x 24 with rows of 40 bytes, chroma behind 30 lines, in one dma-buf
 * whose first 100 bytes are something else. */
static GstBuffer *
new_dma_buf_frame (void)
{
  gsize offset[GST_VIDEO_MAX_PLANES] = { 0, 30 * 40 };
  gint stride[GST_VIDEO_MAX_PLANES] = { 40, 40 };
  GstMemory *memory = fake_dma_buf_new (NULL, 100 + 30 * 40 + 12 * 40);
  GstBuffer *buffer = gst_buffer_new ();

  gst_memory_resize (memory, 100, 30 * 40 + 12 * 40);
  gst_buffer_append_memory (buffer, memory);
  gst_buffer_add_video_meta_full (buffer, GST_VIDEO_FRAME_FLAG_NONE,
      GST_VIDEO_FORMAT_NV12, 32, 24, 2, offset, stride);
  return buffer;
}

GST_START_TEST (test_dma_buf)
{
  GstBuffer *buffer = new_dma_buf_frame ();
  GstMemory *memory = gst_buffer_peek_memory (buffer, 0);
  GstRknnYoloView view;
  RyImage image;

  set_crop (buffer, 4, 6);
  fail_unless (try_view (buffer, GST_VIDEO_FORMAT_NV12, &image, &view, NULL));
  for (guint i = 0; i < 2; i++) {
    assert_equals_int (image.fd[i], gst_dmabuf_memory_get_fd (memory));
    assert_equals_int (image.fd_size[i], 100 + 30 * 40 + 12 * 40);
    fail_unless (image.memory[i] == memory);
    assert_equals_int (image.stride[i], 40);
  }
  assert_equals_int (image.offset[0], 100 + 6 * 40 + 4);
  assert_equals_int (image.offset[1], 100 + 30 * 40 + 3 * 40 + 4);
  gst_buffer_unref (buffer);
}

GST_END_TEST;

/* What is looked at without a CPU is not mapped. */
GST_START_TEST (test_dma_buf_is_not_mapped)
{
  GstBuffer *buffer = gst_buffer_new ();
  GstRknnYoloView view;
  GError *error = NULL;
  RyImage image;

  gst_buffer_append_memory (buffer,
      fake_dma_buf_new_unmappable (WIDTH * HEIGHT * 3 / 2));
  fail_unless (try_view (buffer, GST_VIDEO_FORMAT_NV12, &image, &view, NULL));
  fail_unless (image.fd[0] >= 0 && image.fd[1] == image.fd[0]);
  assert_equals_int (image.offset[1], WIDTH * HEIGHT);
  fail_if (ry_image_map (&image, &error));
  fail_unless (g_error_matches (error, RY_ERROR, RY_ERROR_IMAGE));
  g_clear_error (&error);
  fail_if (ry_image_map (&image, NULL));
  /* The buffer is nobody else's again. */
  fail_unless (gst_buffer_is_writable (buffer));
  gst_buffer_unref (buffer);
}

GST_END_TEST;

/* A part of a dma-buf is known by the whole, which stays when the part goes. */
GST_START_TEST (test_part_of_a_dma_buf)
{
  GstMemory *whole = fake_dma_buf_new (NULL, 4096);
  GstBuffer *buffer = gst_buffer_new ();
  GstRknnYoloView view;
  RyImage image;

  gst_buffer_append_memory (buffer, gst_memory_share (whole, 1000,
          WIDTH * HEIGHT));
  fail_unless (try_view (buffer, GST_VIDEO_FORMAT_GRAY8, &image, &view, NULL));
  fail_unless (image.memory[0] == whole);
  assert_equals_int (image.fd[0], gst_dmabuf_memory_get_fd (whole));
  assert_equals_int (image.fd_size[0], 4096);
  assert_equals_int (image.offset[0], 1000);
  gst_buffer_unref (buffer);
  gst_memory_unref (whole);
}

GST_END_TEST;

GST_START_TEST (test_planes_in_memories_of_their_own)
{
  guint8 luma[WIDTH * HEIGHT], chroma[WIDTH * HEIGHT / 2];
  GstBuffer *buffer = gst_buffer_new ();
  GstRknnYoloView view;
  RyImage image;

  memset (luma, 50, sizeof (luma));
  memset (chroma, 200, sizeof (chroma));
  gst_buffer_append_memory (buffer, fake_dma_buf_new (luma, sizeof (luma)));
  gst_buffer_append_memory (buffer, fake_dma_buf_new (chroma, sizeof (chroma)));
  if (__i__)
    gst_buffer_add_video_meta (buffer, GST_VIDEO_FRAME_FLAG_NONE,
        GST_VIDEO_FORMAT_NV12, WIDTH, HEIGHT);
  view_and_map (buffer, GST_VIDEO_FORMAT_NV12, &image, &view);
  for (guint i = 0; i < 2; i++) {
    GstMemory *memory = gst_buffer_peek_memory (buffer, i);

    fail_unless (image.memory[i] == memory);
    assert_equals_int (image.fd[i], gst_dmabuf_memory_get_fd (memory));
    assert_equals_int (image.offset[i], 0);
    assert_equals_int (image.fd_size[i], memory->maxsize);
  }
  assert_equals_int (image.data[0][WIDTH * HEIGHT - 1], 50);
  assert_equals_int (image.data[1][0], 200);
  ry_image_unmap (&image);
  /* They were not made one in the buffer. */
  assert_equals_int (gst_buffer_n_memory (buffer), 2);
  fail_unless (gst_buffer_peek_memory (buffer, 0) == image.memory[0]);
  gst_buffer_unref (buffer);
}

GST_END_TEST;

/* A border between memories in the middle of a plane: GStreamer maps such a
 * frame as one copy, and no dma-buf has the plane. */
GST_START_TEST (test_plane_in_two_memories)
{
  guint8 pixels[WIDTH * HEIGHT];
  GstBuffer *buffer = gst_buffer_new ();
  GstRknnYoloView view;
  RyImage image;

  for (guint i = 0; i < sizeof (pixels); i++)
    pixels[i] = i;
  gst_buffer_append_memory (buffer, fake_dma_buf_new (pixels, 50));
  gst_buffer_append_memory (buffer, fake_dma_buf_new (pixels + 50,
          sizeof (pixels) - 50));
  view_and_map (buffer, GST_VIDEO_FORMAT_GRAY8, &image, &view);
  assert_equals_int (image.fd[0], -1);
  fail_unless (image.memory[0] == NULL);
  fail_unless (memcmp (image.data[0], pixels, sizeof (pixels)) == 0);
  ry_image_unmap (&image);
  assert_equals_int (gst_buffer_n_memory (buffer), 2);

  gst_buffer_add_video_meta (buffer, GST_VIDEO_FRAME_FLAG_NONE,
      GST_VIDEO_FORMAT_GRAY8, WIDTH, HEIGHT);
  assert_refused (buffer, GST_VIDEO_FORMAT_GRAY8);
}

GST_END_TEST;

/* A meta that leads beyond its dma-buf would lead hardware there, too. */
GST_START_TEST (test_outside_a_dma_buf)
{
  GstBuffer *buffer = new_dma_buf_frame ();

  gst_buffer_get_video_meta (buffer)->offset[1] += 13 * 40;
  assert_refused (buffer, GST_VIDEO_FORMAT_NV12);
  buffer = new_dma_buf_frame ();
  gst_buffer_get_video_meta (buffer)->offset[1] = G_MAXSIZE - 4;
  assert_refused (buffer, GST_VIDEO_FORMAT_NV12);
  buffer = new_dma_buf_frame ();
  gst_buffer_get_video_meta (buffer)->stride[0] = G_MAXINT;
  assert_refused (buffer, GST_VIDEO_FORMAT_NV12);
  buffer = new_dma_buf_frame ();
  gst_buffer_get_video_meta (buffer)->n_planes = 1;
  assert_refused (buffer, GST_VIDEO_FORMAT_NV12);
}

GST_END_TEST;

static guint8 somewhere_else[WIDTH * HEIGHT];

static gboolean
map_elsewhere (GstVideoMeta * meta, guint plane, GstMapInfo * info,
    gpointer * data, gint * stride, GstMapFlags flags)
{
  *data = somewhere_else;
  *stride = WIDTH;
  return TRUE;
}

static gboolean
unmap_elsewhere (GstVideoMeta * meta, guint plane, GstMapInfo * info)
{
  return TRUE;
}

/* Who maps planes in a way of his own need not have them in the memory. */
GST_START_TEST (test_own_mapping)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, 8, NULL);
  GstVideoMeta *meta = gst_buffer_add_video_meta (buffer,
      GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_FORMAT_GRAY8, WIDTH, HEIGHT);
  GstRknnYoloView view;
  RyImage image;

  meta->map = map_elsewhere;
  meta->unmap = unmap_elsewhere;
  view_and_map (buffer, GST_VIDEO_FORMAT_GRAY8, &image, &view);
  fail_unless (image.data[0] == somewhere_else);
  ry_image_unmap (&image);
  gst_buffer_unref (buffer);
}

GST_END_TEST;

/* As Linux writes them for a frame of vivid or of a USB camera, and of a dma-heap;
 * the last one is a name that a program gave. */
GST_START_TEST (test_exporter)
{
  GstMemory *memory = fake_dma_buf_new (NULL, 4096);

  fail_unless (gst_rknn_yolo_exporter_is_vmalloc ("pos:\t0\nflags:\t02000002\n"
          "mnt_id:\t14\nino:\t21\nsize:\t614400\ncount:\t1\n"
          "exp_name:\tvideobuf2_vmalloc\n"));
  fail_if (gst_rknn_yolo_exporter_is_vmalloc ("pos:\t0\nflags:\t02000002\n"
          "mnt_id:\t14\nino:\t22\nsize:\t614400\ncount:\t1\n"
          "exp_name:\tsystem\nname:\tvideobuf2_vmalloc\n"));
  fail_if (gst_rknn_yolo_exporter_is_vmalloc (""));
  for (guint i = 0; i < 2; i++)
    fail_if (gst_rknn_yolo_exporter_flushes_on_import (GST_MINI_OBJECT_CAST
            (memory), gst_dmabuf_memory_get_fd (memory)));
  gst_memory_unref (memory);
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
  tcase_add_test (tests, test_dma_buf);
  tcase_add_test (tests, test_dma_buf_is_not_mapped);
  tcase_add_test (tests, test_part_of_a_dma_buf);
  tcase_add_loop_test (tests, test_planes_in_memories_of_their_own, 0, 2);
  tcase_add_test (tests, test_plane_in_two_memories);
  tcase_add_test (tests, test_outside_a_dma_buf);
  tcase_add_test (tests, test_own_mapping);
  tcase_add_test (tests, test_exporter);
  return suite;
}

GST_CHECK_MAIN (frame);
