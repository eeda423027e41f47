/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* An application that embeds rknnyolo: prints what is seen in a video.
 *
 *   watch MODEL VIDEO
 *
 * It reads the detections at two places, of which a program needs one:
 *
 * - a pad probe sees every frame in passing.  It runs in the thread of the
 *   stream, must be quick, and the pipeline may end in any sink;
 * - an appsink hands over frames with their pixels, here to tell how bright
 *   each object is.
 *
 * watch.py is the same in Python.  To build it outside of this tree:
 *
 *   cc watch.c $(pkg-config --cflags --libs rknnyolo-1.0 gstreamer-app-1.0)
 */

#include <gst/app/gstappsink.h>
#include <gst/gst.h>
#include <gst/video/video.h>
#include <rknnyolo/detections.h>

#define PIPELINE \
  "filesrc name=source ! decodebin ! videoconvert " \
  "! video/x-raw,format=NV12 ! rknnyolo name=yolo " \
  "! appsink name=sink sync=false max-buffers=4"

static gdouble
seconds (GstBuffer * buffer)
{
  return (gdouble) GST_BUFFER_PTS (buffer) / GST_SECOND;
}

/* Pad probe: in the thread of the stream, once a frame. */
static GstPadProbeReturn
frame_passes (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  g_autoptr (GString) line = g_string_new (NULL);
  RknnyoloDetection detection;
  gpointer state = NULL;

  while (rknnyolo_buffer_next_detection (buffer, &state, &detection))
    g_string_append_printf (line, "%s%s %.2f", line->len > 0 ? ", " : "",
        detection.label, detection.confidence);
  g_print ("probe   %8.3f  %s\n", seconds (buffer),
      line->len > 0 ? line->str : "nothing");
  return GST_PAD_PROBE_OK;
}

/* The mean of the pixels inside the box; the first plane of NV12 is the
 * brightness. */
static gdouble
brightness (GstVideoFrame * frame, const GstVideoRegionOfInterestMeta * box)
{
  const guint8 *pixels = GST_VIDEO_FRAME_PLANE_DATA (frame, 0);
  gsize stride = GST_VIDEO_FRAME_PLANE_STRIDE (frame, 0);
  guint64 total = 0;

  for (guint y = box->y; y < box->y + box->h; y++) {
    for (guint x = box->x; x < box->x + box->w; x++)
      total += pixels[y * stride + x];
  }
  return (gdouble) total / MAX (1, box->w * box->h);
}

/* A frame of the appsink: caps, pixels and detections. */
static void
print_objects (GstSample * sample)
{
  GstBuffer *buffer = gst_sample_get_buffer (sample);
  RknnyoloDetection detection;
  gpointer state = NULL;
  GstVideoFrame frame;
  GstVideoInfo info;

  if (!gst_video_info_from_caps (&info, gst_sample_get_caps (sample))
      || !gst_video_frame_map (&frame, &info, buffer, GST_MAP_READ))
    return;
  while (rknnyolo_buffer_next_detection (buffer, &state, &detection)) {
    const GstVideoRegionOfInterestMeta *box = detection.meta;

    g_print ("appsink %8.3f  %s at %u,%u size %ux%u brightness %.0f\n",
        seconds (buffer), detection.label, box->x, box->y, box->w, box->h,
        brightness (&frame, box));
  }
  gst_video_frame_unmap (&frame);
}

static int
run (GstElement * pipeline, const gchar * model, const gchar * video)
{
  g_autoptr (GstElement) source =
      gst_bin_get_by_name (GST_BIN (pipeline), "source");
  g_autoptr (GstElement) yolo =
      gst_bin_get_by_name (GST_BIN (pipeline), "yolo");
  g_autoptr (GstElement) sink =
      gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (yolo, "src");
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autoptr (GError) error = NULL;
  GstMessage *message = NULL;
  GstSample *sample;

  g_object_set (source, "location", video, NULL);
  g_object_set (yolo, "model", model, NULL);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, frame_passes, NULL, NULL);

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  while (message == NULL && !gst_app_sink_is_eos (GST_APP_SINK (sink))) {
    sample = gst_app_sink_try_pull_sample (GST_APP_SINK (sink),
        GST_SECOND / 10);
    if (sample != NULL) {
      print_objects (sample);
      gst_sample_unref (sample);
    }
    message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  }
  gst_element_set_state (pipeline, GST_STATE_NULL);
  if (message == NULL)
    return 0;
  gst_message_parse_error (message, &error, NULL);
  g_printerr ("watch: %s\n", error->message);
  gst_message_unref (message);
  return 1;
}

int
main (int argc, char **argv)
{
  g_autoptr (GstElement) pipeline = NULL;
  g_autoptr (GError) error = NULL;

  gst_init (&argc, &argv);
  if (argc != 3) {
    g_printerr ("usage: %s MODEL VIDEO\n", argv[0]);
    return 2;
  }
  pipeline = gst_parse_launch (PIPELINE, &error);
  if (error != NULL) {
    g_printerr ("watch: %s\n", error->message);
    return 1;
  }
  return run (pipeline, argv[1], argv[2]);
}
