/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Frames whose size, format, rate and kind of memory change all the time, with
 * frames of before in flight.  A Stream checks that each frame leaves with the
 * caps it came with and with the detections of its own size. */

#include "fakedmabuf.h"
#include "streamtest.h"

static const struct
{
  GstVideoFormat format;
  guint width, height;
} pictures[] = {
  {GST_VIDEO_FORMAT_NV12, 128, 96},
  {GST_VIDEO_FORMAT_NV12, 640, 480},
  {GST_VIDEO_FORMAT_I420, 320, 320},
  {GST_VIDEO_FORMAT_RGB, 64, 64},
  {GST_VIDEO_FORMAT_BGRx, 256, 128},
  {GST_VIDEO_FORMAT_YUY2, 128, 256},
  {GST_VIDEO_FORMAT_GRAY8, 512, 384},
  {GST_VIDEO_FORMAT_NV12, 1024, 512},
  {GST_VIDEO_FORMAT_NV21, 192, 144},
};

static GstCaps *
new_caps (guint picture, guint rate, gboolean dmabuf)
{
  GstCaps *caps = gst_caps_new_simple ("video/x-raw", "format", G_TYPE_STRING,
      gst_video_format_to_string (pictures[picture].format), "width",
      G_TYPE_INT, pictures[picture].width, "height", G_TYPE_INT,
      pictures[picture].height, "framerate", GST_TYPE_FRACTION, rate, 1, NULL);

  if (dmabuf)
    gst_caps_set_features (caps, 0,
        gst_caps_features_new ("memory:DMABuf", NULL));
  return caps;
}

static void
push_sample (Stream * stream, GstBuffer * buffer, GstCaps * caps)
{
  GstSample *sample = gst_sample_new (buffer, caps, NULL, NULL);
  GstFlowReturn result;

  begin_step (stream_get_yolo (stream), "push a frame");
  g_signal_emit_by_name (stream_get (stream, "source"), "push-sample", sample,
      &result);
  end_step ();
  assert_equals_int (result, GST_FLOW_OK);
  gst_sample_unref (sample);
  gst_buffer_unref (buffer);
}

/* Of everything, after every few frames. */
GST_START_TEST (test_everything_changes)
{
  g_autofree gchar *line = g_strdup_printf ("appsrc name=source block=true "
      "max-buffers=2 format=time ! rknnyolo name=yolo model=%%s "
      "contexts-per-core=2 max-in-flight=12 interval=%d ! fakesink sync=false",
      1 + __i__);
  Stream *stream = stream_new (line);
  GRand *dice = g_rand_new_with_seed (7);
  guint n = SANITIZED ? 200 : 1000, picture = 0, rate = 25;
  GstFlowReturn result;
  gboolean dmabuf = FALSE;

  stream_ask_state (stream, GST_STATE_PLAYING);
  for (guint i = 0; i < n; i++) {
    g_autoptr (GstCaps) caps = NULL;
    GstBuffer *buffer;

    if (g_rand_int_range (dice, 0, 3) == 0) {
      picture = g_rand_int_range (dice, 0, G_N_ELEMENTS (pictures));
      rate = g_rand_int_range (dice, 1, 60);
      dmabuf = g_rand_boolean (dice);
    }
    caps = new_caps (picture, rate, dmabuf);
    buffer = new_picture (pictures[picture].format, pictures[picture].width,
        pictures[picture].height, i * GST_MSECOND);
    if (dmabuf)
      buffer = fake_dma_buf_move (buffer);
    push_sample (stream, buffer, caps);
  }
  g_signal_emit_by_name (stream_get (stream, "source"), "end-of-stream",
      &result);
  stream_wait_eos (stream);
  stream_check_complete (stream);
  assert_equals_int (stream_count_out (stream), n);
  stream_free (stream);
  g_rand_free (dice);
}

GST_END_TEST;

/* The caps of a filter before the element change while it runs; videotestsrc
 * negotiates anew each time, with an ALLOCATION query among frames.  Changed
 * at once, the filter would refuse what the source has just asked it for. */
GST_START_TEST (test_filter_changes)
{
  Stream *stream = stream_new ("videotestsrc pattern=black ! "
      "capsfilter name=filter caps-change-mode=delayed caps=" CAPS
      " ! rknnyolo name=yolo model=%s "
      "max-in-flight=6 ! fakesink sync=false");
  GstElement *filter = stream_get (stream, "filter");

  stream_set_state (stream, GST_STATE_PLAYING);
  for (guint i = 0; i < (SANITIZED ? 20 : 100); i++) {
    g_autoptr (GstCaps) caps = new_caps (i % G_N_ELEMENTS (pictures), 1 + i,
        FALSE);

    g_object_set (filter, "caps", caps, NULL);
    stream_wait_frames (stream, 1 + i % 3);
    stream_check (stream);
  }
  gst_element_send_event (stream_get_pipeline (stream), gst_event_new_eos ());
  stream_wait_eos (stream);
  stream_check_complete (stream);
  stream_free (stream);
}

GST_END_TEST;

/* One file behind the other, as concat makes of them. */
GST_START_TEST (test_concat)
{
  Stream *stream = stream_new ("concat name=all ! rknnyolo name=yolo model=%s "
      "! fakesink sync=false "
      "videotestsrc num-buffers=31 ! " CAPS " ! all. "
      "videotestsrc num-buffers=1 ! video/x-raw,format=RGB,width=640,"
      "height=480,framerate=10/1 ! all. "
      "videotestsrc num-buffers=17 ! video/x-raw,format=I420,width=64,"
      "height=64,framerate=50/1 ! all.");

  stream_set_state (stream, GST_STATE_PLAYING);
  stream_wait_eos (stream);
  stream_check_complete (stream);
  assert_equals_int (stream_count_out (stream), 31 + 1 + 17);
  stream_free (stream);
}

GST_END_TEST;

/* Two cameras that are switched between. */
GST_START_TEST (test_input_selector)
{
  Stream *stream = stream_new ("input-selector name=switch "
      "sync-streams=false ! rknnyolo name=yolo model=%s ! fakesink sync=false "
      "videotestsrc ! " CAPS " ! switch.sink_0 "
      "videotestsrc ! video/x-raw,format=YUY2,width=640,height=480,"
      "framerate=10/1 ! switch.sink_1");
  GstElement *selector = stream_get (stream, "switch");

  stream_set_state (stream, GST_STATE_PLAYING);
  for (guint i = 0; i < (SANITIZED ? 20 : 100); i++) {
    g_autoptr (GstPad) pad = gst_element_get_static_pad (selector,
        i % 2 ? "sink_0" : "sink_1");

    begin_step (stream_get_yolo (stream), "switch to another input");
    g_object_set (selector, "active-pad", pad, NULL);
    stream_wait_frames (stream, 1 + i % 4);
    stream_check (stream);
  }
  gst_element_send_event (stream_get_pipeline (stream), gst_event_new_eos ());
  stream_wait_eos (stream);
  stream_check_complete (stream);
  stream_free (stream);
}

GST_END_TEST;

/* Caps that cannot be are refused with an error, and what came before them
 * goes out. */
GST_START_TEST (test_refused_caps)
{
  GstHarness *harness = new_harness ("");
  GstElement *yolo = get_element (harness);
  GstBus *bus = gst_bus_new ();
  GstMessage *message;

  gst_element_set_bus (yolo, bus);
  for (guint i = 0; i < 3; i++)
    gst_harness_push (harness, new_frame (i));
  gst_pad_push_event (harness->srcpad,
      gst_event_new_caps (gst_caps_from_string ("video/x-raw,format=NV12,"
              "width=128,height=96,framerate=25/1,arm-afbc=1")));
  assert_equals_int (gst_harness_push (harness, new_frame (3)),
      GST_FLOW_NOT_NEGOTIATED);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  gst_message_unref (message);

  begin_step (yolo, "take good caps again");
  gst_pad_push_event (harness->srcpad,
      gst_event_new_caps (gst_caps_from_string (CAPS)));
  assert_equals_int (gst_harness_push (harness, new_frame (4)), GST_FLOW_OK);
  for (guint i = 0; i < 4; i++) {
    GstBuffer *buffer = gst_harness_pull (harness);

    assert_equals_uint64 (GST_BUFFER_PTS (buffer), (i < 3 ? i : 4) * FRAME);
    assert_equals_int (count_regions (buffer), 2);
    gst_buffer_unref (buffer);
  }
  end_step ();
  check_sum (yolo, 4);
  gst_element_set_bus (yolo, NULL);
  gst_object_unref (bus);
  gst_harness_teardown (harness);
}

GST_END_TEST;

static void
add_tests (TCase * tests)
{
  tcase_add_loop_test (tests, test_everything_changes, 0, 3);
  tcase_add_test (tests, test_filter_changes);
  tcase_add_test (tests, test_concat);
  tcase_add_test (tests, test_input_selector);
  tcase_add_test (tests, test_refused_caps);
}

int
main (int argc, char **argv)
{
  return stream_test_main (&argc, &argv, "caps-changes", add_tests);
}
