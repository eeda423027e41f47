/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Masks and shapes on a canvas, against averages taken pixel by pixel.  (The
 * outlines of boxes are tested through the element, in tests/check.) */

#include <math.h>
#include <string.h>

#include "overlay/canvas.h"

#define SIZE 64

typedef struct
{
  GstVideoInfo info;
  GstBuffer *buffer;
  GstVideoFrame frame;
  RyCanvas canvas;
  guint8 *before;
} Fixture;

static void
fixture_init (Fixture * self, GstVideoFormat format, gint width, gint height)
{
  gsize i;

  gst_video_info_set_format (&self->info, format, width, height);
  self->buffer = gst_buffer_new_allocate (NULL,
      GST_VIDEO_INFO_SIZE (&self->info), NULL);
  g_assert_true (gst_video_frame_map (&self->frame, &self->info, self->buffer,
          GST_MAP_READWRITE));
  self->before = g_malloc (GST_VIDEO_INFO_SIZE (&self->info));
  for (i = 0; i < GST_VIDEO_INFO_SIZE (&self->info); i++)
    self->before[i] = g_test_rand_int ();
  memcpy (self->frame.map[0].data, self->before,
      GST_VIDEO_INFO_SIZE (&self->info));
  ry_canvas_init (&self->canvas, &self->frame);
}

static void
fixture_clear (Fixture * self)
{
  gst_video_frame_unmap (&self->frame);
  gst_buffer_unref (self->buffer);
  g_free (self->before);
}

/* coverage: 0..255 for each pixel of the frame.  Returns how far the result is
 * from the average at worst. */
static gdouble
worst_error (Fixture * self, const gdouble * coverage, const RySample * color)
{
  const guint8 *begin = self->frame.map[0].data;
  gdouble worst = 0;
  guint c;
  gint sx, sy, x, y;

  for (c = 0; c < GST_VIDEO_FRAME_N_COMPONENTS (&self->frame); c++) {
    const gint ws = GST_VIDEO_FORMAT_INFO_W_SUB (self->info.finfo, c);
    const gint hs = GST_VIDEO_FORMAT_INFO_H_SUB (self->info.finfo, c);

    for (sy = 0; sy < GST_VIDEO_FRAME_COMP_HEIGHT (&self->frame, c); sy++) {
      for (sx = 0; sx < GST_VIDEO_FRAME_COMP_WIDTH (&self->frame, c); sx++) {
        const guint8 *at = GST_VIDEO_FRAME_COMP_DATA (&self->frame, c);
        gdouble sum = 0, old, expected;
        gint n = 0;

        at += sy * GST_VIDEO_FRAME_COMP_STRIDE (&self->frame, c)
            + sx * GST_VIDEO_FRAME_COMP_PSTRIDE (&self->frame, c);
        for (y = sy << hs; y < MIN ((sy + 1) << hs, self->info.height); y++) {
          for (x = sx << ws; x < MIN ((sx + 1) << ws, self->info.width); x++) {
            sum += coverage[y * self->info.width + x];
            n++;
          }
        }
        old = self->before[at - begin];
        expected = old + (color->value[c] - old) * sum / n / 255;
        worst = MAX (worst, fabs (*at - expected));
        if (sum == 0)
          g_assert_cmpint (*at, ==, self->before[at - begin]);
      }
    }
  }
  return worst;
}

static const GstVideoFormat formats[] = {
  GST_VIDEO_FORMAT_NV12, GST_VIDEO_FORMAT_I420, GST_VIDEO_FORMAT_YUY2,
  GST_VIDEO_FORMAT_Y42B, GST_VIDEO_FORMAT_BGRx, GST_VIDEO_FORMAT_GRAY8,
  GST_VIDEO_FORMAT_Y41B, GST_VIDEO_FORMAT_YUV9
};

static void
check_mask (GstVideoFormat format, gint width, gint height, gint x, gint y)
{
  const RySample color = { {235, 90, 240, 255} };
  guint8 data[20 * 24];
  const RyCoverage mask = { data, 17, 20, 24 };
  gdouble *coverage = g_new0 (gdouble, width * height);
  Fixture f;
  gint i, j;

  for (i = 0; i < (gint) sizeof (data); i++)
    data[i] = g_test_rand_bit ()? g_test_rand_int () : 0;
  for (j = 0; j < mask.height; j++) {
    for (i = 0; i < mask.width; i++) {
      if (x + i >= 0 && x + i < width && y + j >= 0 && y + j < height)
        coverage[(y + j) * width + x + i] = data[j * mask.stride + i];
    }
  }

  fixture_init (&f, format, width, height);
  ry_canvas_blend_mask (&f.canvas, x, y, &mask, &color);
  /* The coverage of a sample is rounded to 8 bits, and so is the result. */
  g_assert_cmpfloat (worst_error (&f, coverage, &color), <=, 1.01);
  fixture_clear (&f);
  g_free (coverage);
}

static void
test_mask (void)
{
  guint i;
  gint at;

  for (i = 0; i < G_N_ELEMENTS (formats); i++) {
    for (at = -18; at < SIZE + 1; at++) {
      check_mask (formats[i], SIZE, SIZE, at, SIZE / 2 - at);
      check_mask (formats[i], SIZE - 1, SIZE - 1, at, 7);
      check_mask (formats[i], SIZE - 1, SIZE - 1, 8, at);
    }
  }
}

/* Translucent, with a hole, cut by a clip. */
static void
test_fill (void)
{
  const RySample color = { {16, 200, 30, 255} };
  guint i, turn;

  for (turn = 0; turn < 400; turn++) {
    for (i = 0; i < G_N_ELEMENTS (formats); i++) {
      gint w = g_test_rand_int_range (1, SIZE);
      gint h = g_test_rand_int_range (1, SIZE);
      RyArea area[3];
      gdouble *coverage = g_new0 (gdouble, w * h);
      guint alpha = g_test_rand_int_range (0, 256);
      Fixture f;
      gint a, x, y;

      for (a = 0; a < 3; a++)
        area[a] = ry_area (g_test_rand_int_range (-9, SIZE),
            g_test_rand_int_range (-9, SIZE),
            g_test_rand_int_range (-9, SIZE + 9),
            g_test_rand_int_range (-9, SIZE + 9));
#define IN(k) (x >= area[k].x0 && x < area[k].x1 \
    && y >= area[k].y0 && y < area[k].y1)
      for (y = 0; y < h; y++) {
        for (x = 0; x < w; x++)
          coverage[y * w + x] = IN (0) && !IN (1) && IN (2) ? alpha : 0;
      }
#undef IN

      fixture_init (&f, formats[i], w, h);
      ry_canvas_set_clip (&f.canvas, &area[2]);
      ry_canvas_fill (&f.canvas, &area[0], &area[1], &color, alpha);
      g_assert_cmpfloat (worst_error (&f, coverage, &color), <=, 1.01);
      fixture_clear (&f);
      g_free (coverage);
    }
  }
}

/* What the element's caps offer is what the canvas can do. */
static void
test_supports (void)
{
  g_assert_true (ry_canvas_supports (gst_video_format_get_info
          (GST_VIDEO_FORMAT_NV12)));
  g_assert_false (ry_canvas_supports (gst_video_format_get_info
          (GST_VIDEO_FORMAT_RGB16)));
  g_assert_false (ry_canvas_supports (gst_video_format_get_info
          (GST_VIDEO_FORMAT_P010_10LE)));
  g_assert_false (ry_canvas_supports (gst_video_format_get_info
          (GST_VIDEO_FORMAT_NV12_64Z32)));
  g_assert_false (ry_canvas_supports (gst_video_format_get_info
          (GST_VIDEO_FORMAT_v210)));
  g_assert_false (ry_canvas_supports (gst_video_format_get_info
          (GST_VIDEO_FORMAT_RGB8P)));
  g_assert_false (ry_canvas_supports (gst_video_format_get_info
          (GST_VIDEO_FORMAT_UNKNOWN)));
}

gint
main (gint argc, gchar ** argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/canvas/mask", test_mask);
  g_test_add_func ("/canvas/fill", test_fill);
  g_test_add_func ("/canvas/supports", test_supports);
  return g_test_run ();
}
