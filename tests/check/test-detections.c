/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reading detections and frame information off buffers, and what becomes of
 * them on their way through other elements. */

#include <math.h>

#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>

#include "rknnyoloframeinfo.h"

static GstVideoRegionOfInterestMeta *
add_detection (GstBuffer * buffer, const gchar * label, guint x, guint y,
    guint w, guint h)
{
  return gst_buffer_add_video_region_of_interest_meta (buffer, label, x, y, w,
      h);
}

static void
set_info (GstBuffer * buffer, gint width, gint height)
{
  const RknnyoloFrameInfo info = {
    .frame = G_GUINT64_CONSTANT (5000000000),.inferred = TRUE,.core = 2,
    .cores = 3,.skipped = 7,.inference_time = 12345678,.model = "yolo11n",
    .width = width,.height = height
  };

  rknnyolo_buffer_set_frame_info (buffer, &info);
}

static void
assert_info (GstBuffer * buffer, gint width, gint height)
{
  RknnyoloFrameInfo info;

  fail_unless (rknnyolo_buffer_get_frame_info (buffer, &info));
  fail_unless_equals_uint64 (info.frame, G_GUINT64_CONSTANT (5000000000));
  fail_unless (info.inferred);
  fail_unless_equals_int (info.core, 2);
  fail_unless_equals_int (info.cores, 3);
  fail_unless_equals_uint64 (info.skipped, 7);
  fail_unless_equals_uint64 (info.inference_time, 12345678);
  fail_unless_equals_string (info.model, "yolo11n");
  fail_unless_equals_int (info.width, width);
  fail_unless_equals_int (info.height, height);
}

GST_START_TEST (test_bare_meta)
{
  GstBuffer *buffer = gst_buffer_new ();
  RknnyoloDetection detection = {.id = 77 };
  gpointer state = NULL;

  fail_unless_equals_int (rknnyolo_buffer_count_detections (buffer), 0);
  fail_if (rknnyolo_buffer_next_detection (buffer, &state, &detection));
  fail_unless_equals_int (detection.id, 77);

  add_detection (buffer, "行人", 10, 20, 30, 40)->id = 4;
  add_detection (buffer, "bus", (guint) - 5, (guint) - 6, 7, 8);
  fail_unless_equals_int (rknnyolo_buffer_count_detections (buffer), 2);

  state = NULL;
  fail_unless (rknnyolo_buffer_next_detection (buffer, &state, &detection));
  fail_unless_equals_string (detection.label, "行人");
  fail_unless_equals_int (detection.id, 4);
  fail_unless_equals_int (detection.class_id, -1);
  fail_unless (detection.confidence < 0);
  fail_unless_equals_float (detection.x, 10);
  fail_unless_equals_float (detection.y, 20);
  fail_unless_equals_float (detection.width, 30);
  fail_unless_equals_float (detection.height, 40);
  fail_unless (detection.meta != NULL);

  fail_unless (rknnyolo_buffer_next_detection (buffer, &state, &detection));
  fail_unless_equals_string (detection.label, "bus");
  fail_unless_equals_float (detection.x, -5);
  fail_unless_equals_float (detection.y, -6);
  fail_if (rknnyolo_buffer_next_detection (buffer, &state, &detection));
  gst_buffer_unref (buffer);
}

GST_END_TEST;

static void
add_param (GstVideoRegionOfInterestMeta * meta, gdouble x_min, gdouble x_max,
    gdouble y_min, gdouble y_max)
{
  gst_video_region_of_interest_meta_add_param (meta,
      gst_structure_new ("detection", "label_id", G_TYPE_INT, 5,
          "label", G_TYPE_STRING, "bus", "confidence", G_TYPE_DOUBLE, 0.875,
          "x_min", G_TYPE_DOUBLE, x_min, "x_max", G_TYPE_DOUBLE, x_max,
          "y_min", G_TYPE_DOUBLE, y_min, "y_max", G_TYPE_DOUBLE, y_max,
          "model_name", G_TYPE_STRING, "yolo11n", NULL));
}

static RknnyoloDetection
only_detection (GstBuffer * buffer)
{
  RknnyoloDetection detection;
  gpointer state = NULL;

  fail_unless_equals_int (rknnyolo_buffer_count_detections (buffer), 1);
  fail_unless (rknnyolo_buffer_next_detection (buffer, &state, &detection));
  return detection;
}

GST_START_TEST (test_param)
{
  GstBuffer *buffer = gst_buffer_new ();
  RknnyoloDetection detection;

  /* In a frame of 640x480: 10.5 to 41.25 and 20.4 to 59.6. */
  add_param (add_detection (buffer, "bus", 10, 20, 31, 40), 10.5 / 640,
      41.25 / 640, 20.4 / 480, 59.6 / 480);
  detection = only_detection (buffer);
  fail_unless_equals_int (detection.class_id, 5);
  fail_unless_equals_float (detection.confidence, 0.875);
  /* Nobody said how large the frame is. */
  fail_unless_equals_float (detection.x, 10);

  set_info (buffer, 640, 480);
  detection = only_detection (buffer);
  fail_unless (ABS (detection.x - 10.5) < 1e-9);
  fail_unless (ABS (detection.y - 20.4) < 1e-9);
  fail_unless (ABS (detection.width - 30.75) < 1e-9);
  fail_unless (ABS (detection.height - 39.2) < 1e-9);

  /* Of another size, the parameters no longer speak of this rectangle. */
  set_info (buffer, 320, 240);
  detection = only_detection (buffer);
  fail_unless_equals_float (detection.x, 10);
  fail_unless_equals_float (detection.width, 31);
  gst_buffer_unref (buffer);
}

GST_END_TEST;

/* Fields of other types than expected, and numbers that are none. */
GST_START_TEST (test_odd_params)
{
  GstBuffer *buffer = gst_buffer_new ();
  GstVideoRegionOfInterestMeta *meta =
      add_detection (buffer, "bus", 10, 20, 31, 40);
  RknnyoloDetection detection;

  set_info (buffer, 640, 480);
  gst_video_region_of_interest_meta_add_param (meta,
      gst_structure_new ("detection", "label_id", G_TYPE_STRING, "five",
          "confidence", G_TYPE_DOUBLE, (gdouble) NAN,
          "x_min", G_TYPE_DOUBLE, (gdouble) NAN,
          "x_max", G_TYPE_DOUBLE, (gdouble) INFINITY,
          "y_min", G_TYPE_DOUBLE, -1e300, "y_max", G_TYPE_DOUBLE, 1e300, NULL));
  detection = only_detection (buffer);
  fail_unless_equals_int (detection.class_id, -1);
  fail_unless (detection.confidence < 0);
  fail_unless_equals_float (detection.x, 10);
  fail_unless_equals_float (detection.width, 31);
  gst_buffer_unref (buffer);
}

GST_END_TEST;

GST_START_TEST (test_frame_info)
{
  GstBuffer *buffer = gst_buffer_new (), *copy;
  RknnyoloFrameInfo info = {.frame = 1 };

  fail_if (rknnyolo_buffer_get_frame_info (buffer, &info));
  fail_unless_equals_uint64 (info.frame, 1);

  set_info (buffer, 640, 480);
  assert_info (buffer, 640, 480);
  copy = gst_buffer_copy (buffer);
  assert_info (copy, 640, 480);

  /* The copy's is its own, and there is one only however often it is set. */
  set_info (copy, 320, 240);
  set_info (copy, 320, 240);
  assert_info (buffer, 640, 480);
  assert_info (copy, 320, 240);
  fail_unless_equals_int (gst_buffer_get_n_meta (copy,
          rknnyolo_frame_meta_register ()->api), 1);
  gst_buffer_unref (copy);
  gst_buffer_unref (buffer);
}

GST_END_TEST;

/* Through real elements: which of the two survives what. */
static GstBuffer *
send_through (const gchar * elements)
{
  GstHarness *h = gst_harness_new_parse (elements);
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, 640 * 480 * 3 / 2, NULL);

  gst_harness_set_src_caps_str (h,
      "video/x-raw,format=I420,width=640,height=480,framerate=25/1");
  gst_buffer_memset (buffer, 0, 128, 640 * 480 * 3 / 2);
  add_param (add_detection (buffer, "bus", 100, 200, 40, 60), 100. / 640,
      140. / 640, 200. / 480, 260. / 480);
  set_info (buffer, 640, 480);
  buffer = gst_harness_push_and_pull (h, buffer);
  gst_harness_teardown (h);
  return buffer;
}

GST_START_TEST (test_through_tee_and_queue)
{
  GstBuffer *buffer = send_through ("tee ! queue ! identity");

  assert_info (buffer, 640, 480);
  fail_unless_equals_int (only_detection (buffer).class_id, 5);
  gst_buffer_unref (buffer);
}

GST_END_TEST;

GST_START_TEST (test_through_videoconvert)
{
  GstBuffer *buffer =
      send_through ("videoconvert ! video/x-raw,format=RGB ! identity");
  RknnyoloDetection detection = only_detection (buffer);

  assert_info (buffer, 640, 480);
  fail_unless_equals_string (detection.label, "bus");
  fail_unless_equals_float (detection.x, 100);
  fail_unless_equals_float (detection.height, 60);
  gst_buffer_unref (buffer);
}

GST_END_TEST;

GST_START_TEST (test_through_videoscale)
{
  GstBuffer *buffer =
      send_through ("videoscale ! video/x-raw,width=320,height=120 ! identity");
  RknnyoloDetection detection = only_detection (buffer);

  assert_info (buffer, 320, 120);
  fail_unless_equals_string (detection.label, "bus");
  fail_unless_equals_float (detection.x, 50);
  fail_unless_equals_float (detection.y, 50);
  fail_unless_equals_float (detection.width, 20);
  fail_unless_equals_float (detection.height, 15);
  gst_buffer_unref (buffer);
}

GST_END_TEST;

static gpointer
register_meta (gpointer data)
{
  return (gpointer) rknnyolo_frame_meta_register ();
}

GST_START_TEST (test_register_from_threads)
{
  GThread *threads[8];
  guint i;

  for (i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("register", register_meta, NULL);
  for (i = 0; i < G_N_ELEMENTS (threads); i++)
    fail_unless (g_thread_join (threads[i])
        == gst_meta_get_info (RKNNYOLO_FRAME_META_NAME));
}

GST_END_TEST;

static Suite *
detections_suite (void)
{
  Suite *suite = suite_create ("detections");
  TCase *tc = tcase_create ("detections");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_register_from_threads);
  tcase_add_test (tc, test_bare_meta);
  tcase_add_test (tc, test_param);
  tcase_add_test (tc, test_odd_params);
  tcase_add_test (tc, test_frame_info);
  tcase_add_test (tc, test_through_tee_and_queue);
  tcase_add_test (tc, test_through_videoconvert);
  tcase_add_test (tc, test_through_videoscale);
  return suite;
}

GST_CHECK_MAIN (detections);
