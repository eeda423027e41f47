/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "pictures.h"

#include <math.h>

#define FRAME_TIME (GST_SECOND / 60)

#define N_BOXES 40
#define BOX 300                 /* at most so wide and high, in 1920x1080 */

/* ---- NV12 ---------------------------------------------------------------- */

static void
draw_box (GstVideoFrame * frame, GRand * rand)
{
  guint width = GST_VIDEO_FRAME_WIDTH (frame);
  guint height = GST_VIDEO_FRAME_HEIGHT (frame);
  guint8 *pixels = GST_VIDEO_FRAME_PLANE_DATA (frame, 0);
  guint stride = GST_VIDEO_FRAME_PLANE_STRIDE (frame, 0);
  guint w = g_rand_int_range (rand, 1, MAX (width * BOX / 1920, 2));
  guint h = g_rand_int_range (rand, 1, MAX (height * BOX / 1080, 2));
  guint x0 = g_rand_int_range (rand, 0, width - w + 1);
  guint y0 = g_rand_int_range (rand, 0, height - h + 1);
  guint grey = g_rand_int_range (rand, 20, 220);

  for (guint y = y0; y < y0 + h; y++) {
    for (guint x = x0; x < x0 + w; x++)
      pixels[y * stride + x] = grey + g_rand_int (rand) % 8;
  }
}

/* Slopes, edges and grain, as a photograph has them. */
static void
draw_luma (GstVideoFrame * frame, GRand * rand)
{
  guint width = GST_VIDEO_FRAME_WIDTH (frame);
  guint height = GST_VIDEO_FRAME_HEIGHT (frame);
  guint8 *pixels = GST_VIDEO_FRAME_PLANE_DATA (frame, 0);
  guint stride = GST_VIDEO_FRAME_PLANE_STRIDE (frame, 0);

  for (guint y = 0; y < height; y++) {
    for (guint x = 0; x < width; x++)
      pixels[y * stride + x] = 60 + x * 60 / width + y * 60 / height
          + g_rand_int (rand) % 12;
  }
  for (guint i = 0; i < N_BOXES; i++)
    draw_box (frame, rand);
}

static void
draw_chroma (GstVideoFrame * frame, gdouble phase)
{
  guint width = GST_VIDEO_FRAME_COMP_WIDTH (frame, 1);
  guint height = GST_VIDEO_FRAME_COMP_HEIGHT (frame, 1);
  guint8 *pixels = GST_VIDEO_FRAME_PLANE_DATA (frame, 1);
  guint stride = GST_VIDEO_FRAME_PLANE_STRIDE (frame, 1);

  for (guint y = 0; y < height; y++) {
    for (guint x = 0; x < width; x++) {
      pixels[y * stride + 2 * x] = 128 + 50 * sin (x * 0.01 + phase);
      pixels[y * stride + 2 * x + 1] = 128 + 50 * cos (y * 0.02 + phase);
    }
  }
}

static GstBuffer *
draw (const GstVideoInfo * info, guint number)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, info->size, NULL);
  g_autoptr (GRand) rand = g_rand_new_with_seed (number + 1);
  GstVideoFrame frame;

  gst_video_frame_map (&frame, info, buffer, GST_MAP_WRITE);
  draw_luma (&frame, rand);
  draw_chroma (&frame, number);
  gst_video_frame_unmap (&frame);
  return buffer;
}

/* ---- Any format ---------------------------------------------------------- */

static GstBuffer *
convert (GstVideoConverter * converter, const GstVideoInfo * from,
    GstBuffer * buffer, const GstVideoInfo * to)
{
  GstBuffer *converted = gst_buffer_new_allocate (NULL, to->size, NULL);
  GstVideoFrame in, out;

  gst_video_frame_map (&in, from, buffer, GST_MAP_READ);
  gst_video_frame_map (&out, to, converted, GST_MAP_WRITE);
  gst_video_converter_frame (converter, &in, &out);
  gst_video_frame_unmap (&out);
  gst_video_frame_unmap (&in);
  gst_buffer_unref (buffer);
  return converted;
}

gboolean
flow_pictures_init (FlowPictures * self, GstVideoFormat format, guint width,
    guint height)
{
  GstVideoConverter *converter = NULL;
  GstVideoInfo drawn;

  if (!gst_video_info_set_format (&drawn, GST_VIDEO_FORMAT_NV12, width, height)
      || !gst_video_info_set_format (&self->info, format, width, height))
    return FALSE;
  drawn.fps_n = self->info.fps_n = 60;
  drawn.fps_d = self->info.fps_d = 1;
  gst_video_colorimetry_from_string (&drawn.colorimetry, "bt709");
  if (format == GST_VIDEO_FORMAT_NV12)
    self->info = drawn;
  else
    converter = gst_video_converter_new (&drawn, &self->info, NULL);
  if (format != GST_VIDEO_FORMAT_NV12 && !converter)
    return FALSE;
  for (guint i = 0; i < FLOW_N_PICTURES; i++) {
    GstBuffer *buffer = draw (&drawn, i);

    if (converter)
      buffer = convert (converter, &drawn, buffer, &self->info);
    self->memory[i] = gst_buffer_get_all_memory (buffer);
    GST_MINI_OBJECT_FLAG_SET (self->memory[i], GST_MEMORY_FLAG_READONLY);
    gst_buffer_unref (buffer);
  }
  g_clear_pointer (&converter, gst_video_converter_free);
  return TRUE;
}

void
flow_pictures_clear (FlowPictures * self)
{
  for (guint i = 0; i < FLOW_N_PICTURES; i++)
    gst_memory_unref (self->memory[i]);
}

GstCaps *
flow_pictures_get_caps (FlowPictures * self)
{
  return gst_video_info_to_caps (&self->info);
}

GstBuffer *
flow_pictures_frame (FlowPictures * self, guint64 number)
{
  GstBuffer *buffer = gst_buffer_new ();

  gst_buffer_append_memory (buffer,
      gst_memory_ref (self->memory[number % FLOW_N_PICTURES]));
  GST_BUFFER_PTS (buffer) = number * FRAME_TIME;
  GST_BUFFER_DURATION (buffer) = FRAME_TIME;
  return buffer;
}

guint64
flow_pictures_number (GstBuffer * buffer)
{
  return (GST_BUFFER_PTS (buffer) + FRAME_TIME / 2) / FRAME_TIME;
}
