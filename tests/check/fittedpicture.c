/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fittedpicture.h"

#include <gst/video/video.h>
#include <math.h>
#include <string.h>

#include "../../tools/coco-eval/picture.h"

#define BORDER 114

void
fit_init (Fit * self, gint size, gint width, gint height, gboolean top_left)
{
  gdouble scale = MIN ((gdouble) size / width, (gdouble) size / height);

  self->size = size;
  self->width = width;
  self->height = height;
  self->scale = scale;
  self->left = self->top = 0;
  if (!top_left) {
    self->left = rint ((size - rint (width * scale)) / 2 - 0.1);
    self->top = rint ((size - rint (height * scale)) / 2 - 0.1);
  }
}

void
fit_back (const Fit * self, gdouble x, gdouble y, gdouble * px, gdouble * py)
{
  *px = CLAMP ((x - self->left) / self->scale, 0, self->width);
  *py = CLAMP ((y - self->top) / self->scale, 0, self->height);
}

/* What cv2.INTER_LINEAR takes for a target pixel from one direction: a pixel,
 * and of its neighbour so much of 2048. */
static void
weigh (gint at, gint source, gint target, gint * pixel, gint * weight)
{
  gdouble position = (at + 0.5) * source / target - 0.5;

  *pixel = floor (position);
  *weight = rint ((position - *pixel) * 2048);
  if (*pixel < 0 || *pixel >= source - 1)
    *weight = 0;
  *pixel = CLAMP (*pixel, 0, source - 1);
}

static const guint8 *
pixel_at (const GstVideoFrame * frame, gint x, gint y)
{
  return (const guint8 *) GST_VIDEO_FRAME_PLANE_DATA (frame, 0)
      + y * GST_VIDEO_FRAME_PLANE_STRIDE (frame, 0) + 3 * x;
}

/* Its fixed-point arithmetic for bytes: rows with 11 bits behind the point,
 * of which 4 are dropped before they are mixed. */
static void
scale_pixel (const GstVideoFrame * frame, gint x, gint x_weight, gint y,
    gint y_weight, guint8 * out)
{
  gint right = MIN (x + 1, GST_VIDEO_FRAME_WIDTH (frame) - 1);
  gint below = MIN (y + 1, GST_VIDEO_FRAME_HEIGHT (frame) - 1);

  for (gint k = 0; k < 3; k++) {
    gint upper = pixel_at (frame, x, y)[k] * (2048 - x_weight)
        + pixel_at (frame, right, y)[k] * x_weight;
    gint lower = pixel_at (frame, x, below)[k] * (2048 - x_weight)
        + pixel_at (frame, right, below)[k] * x_weight;

    out[k] = (((upper >> 4) * (2048 - y_weight) >> 16)
        + ((lower >> 4) * y_weight >> 16) + 2) >> 2;
  }
}

static void
fill (const GstVideoFrame * frame, const Fit * fit, guint8 * pixels)
{
  gint width = rint (fit->width * fit->scale);
  gint height = rint (fit->height * fit->scale);

  memset (pixels, BORDER, 3 * fit->size * fit->size);
  for (gint y = 0; y < height; y++) {
    gint row, row_weight;

    weigh (y, fit->height, height, &row, &row_weight);
    for (gint x = 0; x < width; x++) {
      gint column, column_weight;

      weigh (x, fit->width, width, &column, &column_weight);
      scale_pixel (frame, column, column_weight, row, row_weight,
          pixels + 3 * ((y + fit->top) * fit->size + x + fit->left));
    }
  }
}

GstSample *
fitted_picture_load (const gchar * path, gint size, gboolean top_left,
    Fit * fit)
{
  g_autoptr (GError) error = NULL;
  GstSample *whole = picture_load (path, &error), *sample;
  guint8 *pixels = g_malloc (3 * size * size);
  GstBuffer *buffer = gst_buffer_new_wrapped (pixels, 3 * size * size);
  g_autoptr (GstCaps) caps = gst_caps_new_simple ("video/x-raw",
      "format", G_TYPE_STRING, "RGB", "width", G_TYPE_INT, size, "height",
      G_TYPE_INT, size, "framerate", GST_TYPE_FRACTION, 0, 1, NULL);
  GstVideoFrame frame;
  GstVideoInfo info;

  g_assert_no_error (error);
  g_assert_true (size % 4 == 0);        /* no padding of rows */
  gst_video_info_from_caps (&info, gst_sample_get_caps (whole));
  g_assert_true (gst_video_frame_map (&frame, &info,
          gst_sample_get_buffer (whole), GST_MAP_READ));
  fit_init (fit, size, GST_VIDEO_INFO_WIDTH (&info),
      GST_VIDEO_INFO_HEIGHT (&info), top_left);
  fill (&frame, fit, pixels);
  gst_video_frame_unmap (&frame);
  gst_sample_unref (whole);
  sample = gst_sample_new (buffer, caps, NULL, NULL);
  gst_buffer_unref (buffer);
  return sample;
}
