/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "blocktest.h"

#include <glib/gstdio.h>

void
set_block_caps (GstHarness * harness, const BlockFrame * frame)
{
  g_autofree gchar *caps =
      g_strdup_printf ("video/x-raw,format=GRAY8,width=%u,height=%u,"
      "framerate=25/1,colorimetry=1:4:0:0", frame->width, frame->height);

  gst_harness_set_src_caps_str (harness, caps);
}

void
paint_block (guint8 * pixels, guint pixel_bytes, const BlockFrame * frame,
    guint x, guint y)
{
  gsize stride = frame->width * pixel_bytes;

  memset (pixels, 0, stride * frame->height);
  for (guint row = 0; row < frame->block; row++)
    memset (pixels + (y + row) * stride + x * pixel_bytes, 255,
        frame->block * pixel_bytes);
}

GstBuffer *
new_block_frame (const BlockFrame * frame, guint x, guint y)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL,
      frame->width * frame->height, NULL);
  GstMapInfo map;

  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_WRITE));
  paint_block (map.data, 1, frame, x, y);
  gst_buffer_unmap (buffer, &map);
  return buffer;
}

void
check_block (GstBuffer * buffer, const BlockFrame * frame, guint x, guint y)
{
  GstVideoRegionOfInterestMeta *cat = find_region (buffer, "cat");
  gint half = frame->block / 2;
  gint left = MAX (0, (gint) x - half);
  gint top = MAX (0, (gint) y - half);
  gint right = MIN (frame->width, x + frame->block + half);
  gint bottom = MIN (frame->height, y + frame->block + half);

  fail_unless_equals_int (count_regions (buffer), 1);
  fail_unless (cat != NULL);
  fail_unless_equals_int (cat->x, left);
  fail_unless_equals_int (cat->y, top);
  fail_unless_equals_int (cat->w, right - left);
  fail_unless_equals_int (cat->h, bottom - top);
}

void
push_block_and_check (GstHarness * harness, const BlockFrame * frame, guint x,
    guint y)
{
  GstBuffer *buffer;

  fail_unless_equals_int (gst_harness_push (harness,
          new_block_frame (frame, x, y)), GST_FLOW_OK);
  buffer = gst_harness_pull (harness);
  check_block (buffer, frame, x, y);
  gst_buffer_unref (buffer);
}

/* Boxes, which are logits up to 20, and classes, which are probabilities, take
 * turns. */
gchar *
begin_int8 (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  gchar *path = NULL;
  gint fd = g_file_open_tmp ("rknnyolo-XXXXXX.ini", &path, &error);

  g_assert_no_error (error);
  g_close (fd, NULL);
  for (guint i = 0; i < 6; i++)
    g_string_append_printf (text, "[output %u]\ntype=int8\nzp=-128\n"
        "scale=%s\n", i, i % 2 == 0 ? "0.0784313725" : "0.0039215686");
  g_assert_true (g_file_set_contents (path, text->str, -1, NULL));
  g_setenv ("RKNN_STANDIN_CONFIG", path, TRUE);
  return path;
}

void
end_int8 (gchar * description)
{
  g_unsetenv ("RKNN_STANDIN_CONFIG");
  g_unlink (description);
  g_free (description);
}

static void
find_place (const BlockFrame * frame, guint number, guint * x, guint * y)
{
  guint columns = frame->width / frame->block;
  guint cell = number * 7 % (columns * (frame->height / frame->block));

  *x = cell % columns * frame->block;
  *y = cell / columns * frame->block;
}

void
run_blocks (GstHarness * harness, const BlockFrame * frame, guint n,
    guint every, guint seed)
{
  guint x, y;

  for (guint begin = 0; begin < n; begin += every) {
    guint end = MIN (begin + every, n);

    for (guint i = begin; i < end; i++) {
      find_place (frame, i + seed, &x, &y);
      fail_unless_equals_int (gst_harness_push (harness,
              new_block_frame (frame, x, y)), GST_FLOW_OK);
    }
    for (guint i = begin; i < end; i++) {
      GstBuffer *buffer = gst_harness_pull (harness);

      find_place (frame, i + seed, &x, &y);
      check_block (buffer, frame, x, y);
      gst_buffer_unref (buffer);
    }
  }
}
