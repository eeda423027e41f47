/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "overlaytest.h"

#include <math.h>
#include <string.h>

#define PAD_BYTES 48
#define PAD_ROWS 8

void
overlay_info_set (GstVideoInfo * info, GstVideoFormat format, gint width,
    gint height, const gchar * colorimetry)
{
  GstCaps *caps = gst_caps_new_simple ("video/x-raw",
      "format", G_TYPE_STRING, gst_video_format_to_string (format),
      "width", G_TYPE_INT, width, "height", G_TYPE_INT, height,
      "framerate", GST_TYPE_FRACTION, 25, 1, NULL);

  if (colorimetry != NULL)
    gst_caps_set_simple (caps, "colorimetry", G_TYPE_STRING, colorimetry, NULL);
  fail_unless (gst_video_info_from_caps (info, caps));
  gst_caps_unref (caps);
}

static void
add_padding (const GstVideoInfo * info, gsize * offset, gint * stride,
    gsize * size)
{
  guint p;

  *size = 0;
  for (p = 0; p < GST_VIDEO_INFO_N_PLANES (info); p++) {
    gsize end = p + 1 < GST_VIDEO_INFO_N_PLANES (info) ?
        GST_VIDEO_INFO_PLANE_OFFSET (info, p + 1) : GST_VIDEO_INFO_SIZE (info);
    gsize rows = (end - GST_VIDEO_INFO_PLANE_OFFSET (info, p))
        / GST_VIDEO_INFO_PLANE_STRIDE (info, p);

    offset[p] = *size;
    stride[p] = GST_VIDEO_INFO_PLANE_STRIDE (info, p) + PAD_BYTES;
    *size += (rows + PAD_ROWS) * stride[p];
  }
}

GstBuffer *
overlay_frame_new (const GstVideoInfo * info, guint32 seed, gboolean padded)
{
  gsize offset[GST_VIDEO_MAX_PLANES], size = GST_VIDEO_INFO_SIZE (info), i;
  gint stride[GST_VIDEO_MAX_PLANES];
  GstBuffer *buffer;
  GstMapInfo map;

  if (padded)
    add_padding (info, offset, stride, &size);
  buffer = gst_buffer_new_allocate (NULL, size, NULL);
  gst_buffer_map (buffer, &map, GST_MAP_WRITE);
  for (i = 0; i < size; i++) {
    seed = seed * 1664525 + 1013904223;
    map.data[i] = seed >> 24;
  }
  gst_buffer_unmap (buffer, &map);

  if (padded)
    gst_buffer_add_video_meta_full (buffer, GST_VIDEO_FRAME_FLAG_NONE,
        GST_VIDEO_INFO_FORMAT (info), GST_VIDEO_INFO_WIDTH (info),
        GST_VIDEO_INFO_HEIGHT (info), GST_VIDEO_INFO_N_PLANES (info), offset,
        stride);
  return buffer;
}

void
overlay_add_box (GstBuffer * buffer, const gchar * label, const Rect * rect)
{
  gst_buffer_add_video_region_of_interest_meta (buffer, label, rect->x,
      rect->y, rect->w, rect->h);
}

GstHarness *
overlay_harness_new (const GstVideoInfo * info, const gchar * properties)
{
  gchar *line = g_strdup_printf ("rknnyolooverlay %s", properties);
  GstElement *element = gst_parse_launch (line, NULL);
  GstHarness *h;

  fail_unless (element != NULL);
  h = gst_harness_new_with_element (element, "sink", "src");
  gst_object_unref (element);
  g_free (line);
  gst_harness_set_src_caps (h, gst_video_info_to_caps (info));
  return h;
}

/* ITU-R BT.601-7, 2.5.1 and 3.5; ITU-R BT.709-6, 3.2 and 4. */
void
overlay_expect_color (const GstVideoInfo * info, Rgb color, guint8 sample[4])
{
  const gboolean bt709 =
      info->colorimetry.matrix == GST_VIDEO_COLOR_MATRIX_BT709;
  const gboolean full = info->colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255;
  gdouble r = color.r / 255., g = color.g / 255., b = color.b / 255.;
  gdouble y, cb, cr;

  sample[3] = 255;
  if (GST_VIDEO_INFO_IS_RGB (info)) {
    sample[0] = color.r;
    sample[1] = color.g;
    sample[2] = color.b;
    return;
  }

  if (bt709) {
    y = .2126 * r + .7152 * g + .0722 * b;
    cb = (b - y) / 1.8556;
    cr = (r - y) / 1.5748;
  } else {
    y = .299 * r + .587 * g + .114 * b;
    cb = (b - y) / 1.772;
    cr = (r - y) / 1.402;
  }
  sample[0] = round (full ? 255 * y : 219 * y + 16);
  sample[1] = round ((full ? 255 : 224) * cb + 128);
  sample[2] = round ((full ? 255 : 224) * cr + 128);
}

static gboolean
is_on_outline (gint x, gint y, const Rect * rect, gint line)
{
  gint64 right = (gint64) rect->x + rect->w;
  gint64 bottom = (gint64) rect->y + rect->h;

  if (x < rect->x || y < rect->y || x >= right || y >= bottom)
    return FALSE;
  return x < rect->x + line || y < rect->y + line
      || x >= right - line || y >= bottom - line;
}

static void
expect_sample (GstVideoFrame * frame, guint c, gint sx, gint sy,
    const Rect * rect, gint line, guint8 value, const guint8 * begin,
    guint8 * fuzzy)
{
  const gint ws = GST_VIDEO_FORMAT_INFO_W_SUB (frame->info.finfo, c);
  const gint hs = GST_VIDEO_FORMAT_INFO_H_SUB (frame->info.finfo, c);
  guint8 *at = (guint8 *) GST_VIDEO_FRAME_COMP_DATA (frame, c)
      + sy * GST_VIDEO_FRAME_COMP_STRIDE (frame, c)
      + sx * GST_VIDEO_FRAME_COMP_PSTRIDE (frame, c);
  gint x, y, painted = 0, pixels = 0;

  for (y = sy << hs; y < (sy + 1) << hs; y++) {
    for (x = sx << ws; x < (sx + 1) << ws; x++) {
      if (x >= GST_VIDEO_FRAME_WIDTH (frame)
          || y >= GST_VIDEO_FRAME_HEIGHT (frame))
        continue;
      pixels++;
      painted += is_on_outline (x, y, rect, line);
    }
  }

  if (painted > 0 && painted < pixels)
    fuzzy[at - begin] = 1;
  *at = round (*at + (value - *at) * (gdouble) painted / pixels);
}

void
overlay_expect_outline (GstBuffer * buffer, const GstVideoInfo * info,
    const Rect * rect, gint line, Rgb color, guint8 * fuzzy)
{
  GstVideoFrame frame;
  const guint8 *begin;
  guint8 value[4];
  guint c;
  gint x, y;

  overlay_expect_color (info, color, value);
  fail_unless (gst_video_frame_map (&frame, info, buffer, GST_MAP_READWRITE));
  begin = frame.map[0].data;
  if (frame.meta == NULL)
    begin = frame.data[0];

  for (c = 0; c < GST_VIDEO_FRAME_N_COMPONENTS (&frame); c++) {
    for (y = 0; y < GST_VIDEO_FRAME_COMP_HEIGHT (&frame, c); y++) {
      for (x = 0; x < GST_VIDEO_FRAME_COMP_WIDTH (&frame, c); x++)
        expect_sample (&frame, c, x, y, rect, line, value[c], begin, fuzzy);
    }
  }
  gst_video_frame_unmap (&frame);
}

void
overlay_assert_equal (GstBuffer * buffer, GstBuffer * expected,
    const guint8 * fuzzy, const gchar * what)
{
  GstMapInfo a, b;
  gsize i;

  fail_unless (gst_buffer_map (buffer, &a, GST_MAP_READ));
  fail_unless (gst_buffer_map (expected, &b, GST_MAP_READ));
  fail_unless_equals_int (a.size, b.size);
  for (i = 0; i < a.size; i++) {
    gint allowed = fuzzy != NULL ? fuzzy[i] : 0;

    /* fail_unless() itself is too slow for every byte of a frame. */
    if (ABS (a.data[i] - b.data[i]) > allowed)
      fail ("%s: byte %" G_GSIZE_FORMAT " is %d, expected %d (+-%d)", what,
          i, a.data[i], b.data[i], allowed);
  }
  gst_buffer_unmap (expected, &b);
  gst_buffer_unmap (buffer, &a);
}

Rgb
overlay_find_color (const gchar * label)
{
  const Rect rect = { 0, 0, 16, 16 };
  GstVideoInfo info;
  GstBuffer *buffer;
  GstHarness *h;
  Rgb color;

  overlay_info_set (&info, GST_VIDEO_FORMAT_RGB, 16, 16, NULL);
  h = overlay_harness_new (&info, "draw-labels=false draw-scores=false");
  buffer = overlay_frame_new (&info, 1, FALSE);
  overlay_add_box (buffer, label, &rect);
  buffer = gst_harness_push_and_pull (h, buffer);
  gst_buffer_extract (buffer, 0, &color, sizeof (color));
  gst_buffer_unref (buffer);
  gst_harness_teardown (h);
  return color;
}
