/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "picture.h"

#include <string.h>

#include "jpeg.h"

#define PNG_PIPELINE \
  "filesrc name=source ! pngdec ! videoconvert ! video/x-raw,format=RGB " \
  "! fakesink name=sink enable-last-sample=true sync=false"

static GError *
pipeline_error (GstMessage * message, const gchar * path)
{
  g_autoptr (GError) cause = NULL;

  if (message != NULL && GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    gst_message_parse_error (message, &cause, NULL);
  return g_error_new (GST_STREAM_ERROR, GST_STREAM_ERROR_DECODE,
      "%s cannot be decoded: %s Expected a whole PNG file; fetch or convert "
      "this picture again.", path,
      cause != NULL ? cause->message : "no picture comes out of it.");
}

static GstSample *
run_to_sample (GstElement * pipeline, const gchar * path, GError ** error)
{
  g_autoptr (GstElement) source =
      gst_bin_get_by_name (GST_BIN (pipeline), "source");
  g_autoptr (GstElement) sink =
      gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autoptr (GstMessage) message = NULL;
  GstSample *sample = NULL;

  g_object_set (source, "location", path, NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS)
    g_object_get (sink, "last-sample", &sample, NULL);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  if (sample == NULL && error != NULL)
    *error = pipeline_error (message, path);
  return sample;
}

static GstSample *
load_png (const gchar * path, GError ** error)
{
  GstElement *pipeline = gst_parse_launch_full (PNG_PIPELINE, NULL,
      GST_PARSE_FLAG_FATAL_ERRORS, error);
  GstSample *sample;

  if (pipeline == NULL) {
    g_prefix_error (error, "PNG pictures need GStreamer's pngdec and "
        "videoconvert; Debian has them in gstreamer1.0-plugins-good and "
        "gstreamer1.0-plugins-base: ");
    return NULL;
  }
  sample = run_to_sample (pipeline, path, error);
  gst_object_unref (pipeline);
  return sample;
}

GstSample *
picture_load (const gchar * path, GError ** error)
{
  static const guint8 png[] = { 0x89, 'P', 'N', 'G' };
  static const guint8 jpeg[] = { 0xff, 0xd8, 0xff };
  g_autofree gchar *data = NULL;
  gsize size;

  if (!g_file_get_contents (path, &data, &size, error))
    return NULL;
  if (size > sizeof jpeg && memcmp (data, jpeg, sizeof jpeg) == 0)
    return jpeg_decode (path, (const guint8 *) data, size, error);
  if (size > sizeof png && memcmp (data, png, sizeof png) == 0)
    return load_png (path, error);
  g_set_error (error, GST_STREAM_ERROR, GST_STREAM_ERROR_WRONG_TYPE,
      "%s is neither a JPEG nor a PNG file by its first bytes. Convert it, or "
      "take it out of the folder.", path);
  return NULL;
}
