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

static void
append (GValue * array, gdouble number)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_DOUBLE);
  g_value_set_double (&value, number);
  gst_value_array_append_and_take_value (array, &value);
}

/* A structure of that name with an array of n points. */
static GstStructure *
new_points (const gchar * name, const gdouble * points, guint n)
{
  GstStructure *structure = gst_structure_new_empty (name);
  GValue array = G_VALUE_INIT;
  guint i;

  g_value_init (&array, GST_TYPE_ARRAY);
  for (i = 0; i < n; i++)
    append (&array, points[i]);
  gst_structure_take_value (structure, "points", &array);
  return structure;
}

static GstStructure *
new_mask (gdouble x0, gdouble y0, gdouble x1, gdouble y1, gint columns,
    gint rows, gsize size)
{
  static const guint8 data[64] = { 1, 2, 3, 4, 5, 6 };
  GBytes *bytes = g_bytes_new (data, size);
  GstStructure *structure = gst_structure_new ("mask",
      "x_min", G_TYPE_DOUBLE, x0, "y_min", G_TYPE_DOUBLE, y0,
      "x_max", G_TYPE_DOUBLE, x1, "y_max", G_TYPE_DOUBLE, y1,
      "width", G_TYPE_INT, columns, "height", G_TYPE_INT, rows,
      "data", G_TYPE_BYTES, bytes, NULL);

  g_bytes_unref (bytes);
  return structure;
}

/* One detection with this further structure, in a frame of 640x480. */
static GstBuffer *
new_with_extra (GstStructure * extra)
{
  GstBuffer *buffer = gst_buffer_new ();
  GstVideoRegionOfInterestMeta *meta =
      add_detection (buffer, "bus", 10, 20, 31, 40);

  set_info (buffer, 640, 480);
  add_param (meta, 10.5 / 640, 41.25 / 640, 20.4 / 480, 59.6 / 480);
  gst_video_region_of_interest_meta_add_param (meta, extra);
  return buffer;
}

/* Neither in a frame of unknown size nor where the rectangle is another. */
static void
assert_nothing_elsewhere (GstBuffer * buffer)
{
  RknnyoloDetection detection = only_detection (buffer);
  RknnyoloMask mask = {.columns = 77 };
  RknnyoloOrientedBox box = {.rotation = 77 };
  RknnyoloKeypoint keypoint = {.x = 77 };

  set_info (buffer, 320, 240);
  fail_if (rknnyolo_detection_get_mask (&detection, buffer, &mask));
  fail_if (rknnyolo_detection_get_oriented_box (&detection, buffer, &box));
  fail_unless_equals_int (rknnyolo_detection_get_keypoints (&detection, buffer,
          &keypoint, 1), 0);

  set_info (buffer, 640, 480);
  detection.meta->x += 30;
  fail_if (rknnyolo_detection_get_mask (&detection, buffer, &mask));
  fail_if (rknnyolo_detection_get_oriented_box (&detection, buffer, &box));
  fail_unless_equals_int (rknnyolo_detection_get_keypoints (&detection, buffer,
          &keypoint, 1), 0);
  detection.meta->x -= 30;

  detection.meta = NULL;
  fail_if (rknnyolo_detection_get_mask (&detection, buffer, &mask));
  fail_unless_equals_int (mask.columns, 77);
  fail_unless_equals_float (box.rotation, 77);
  fail_unless_equals_float (keypoint.x, 77);
}

GST_START_TEST (test_mask)
{
  GstBuffer *buffer = new_with_extra (new_mask (8. / 640, 16. / 480, 44. / 640,
          64. / 480, 3, 2, 6));
  RknnyoloDetection detection = only_detection (buffer);
  RknnyoloKeypoint keypoint;
  RknnyoloOrientedBox box;
  RknnyoloMask mask;
  GBytes *kept;

  fail_unless (rknnyolo_detection_get_mask (&detection, buffer, &mask));
  fail_unless (ABS (mask.x - 8) < 1e-9);
  fail_unless (ABS (mask.y - 16) < 1e-9);
  fail_unless (ABS (mask.width - 36) < 1e-9);
  fail_unless (ABS (mask.height - 48) < 1e-9);
  fail_unless_equals_int (mask.columns, 3);
  fail_unless_equals_int (mask.rows, 2);
  fail_unless_equals_int (mask.data[5], 6);
  fail_if (rknnyolo_detection_get_oriented_box (&detection, buffer, &box));
  fail_unless_equals_int (rknnyolo_detection_get_keypoints (&detection, buffer,
          &keypoint, 1), 0);
  assert_nothing_elsewhere (buffer);

  /* A reference is enough to outlive the buffer. */
  kept = g_bytes_ref (mask.bytes);
  gst_buffer_unref (buffer);
  fail_unless_equals_int (mask.data[4], 5);
  g_bytes_unref (kept);
}

GST_END_TEST;

GST_START_TEST (test_odd_masks)
{
  GstStructure *odd[] = {
    new_mask (0, 0, 0.5, 0.5, 3, 2, 5),
    new_mask (0, 0, 0.5, 0.5, 3, 2, 7),
    new_mask (0, 0, 0.5, 0.5, 0, 2, 0),
    new_mask (0, 0, 0.5, 0.5, -3, -2, 6),
    new_mask (0, 0, 0.5, 0.5, G_MAXINT, G_MAXINT, 1),
    new_mask (0, 0, NAN, 0.5, 3, 2, 6),
    new_mask (0, -INFINITY, 0.5, 0.5, 3, 2, 6),
    new_mask (0.5, 0, 0.5, 0.5, 3, 2, 6),
    gst_structure_new_empty ("mask"),
    gst_structure_new ("mask", "x_min", G_TYPE_DOUBLE, 0.,
        "y_min", G_TYPE_DOUBLE, 0., "x_max", G_TYPE_DOUBLE, 1.,
        "y_max", G_TYPE_DOUBLE, 1., "width", G_TYPE_INT, 1,
        "height", G_TYPE_INT, 1, "data", G_TYPE_STRING, "x", NULL),
    gst_structure_new ("mask", "x_min", G_TYPE_DOUBLE, 0.,
        "y_min", G_TYPE_DOUBLE, 0., "x_max", G_TYPE_DOUBLE, 1.,
        "y_max", G_TYPE_DOUBLE, 1., "width", G_TYPE_INT, 1,
        "height", G_TYPE_INT, 1, "data", G_TYPE_BYTES, NULL, NULL),
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (odd); i++) {
    GstBuffer *buffer = new_with_extra (odd[i]);
    RknnyoloDetection detection = only_detection (buffer);
    RknnyoloMask mask;

    fail_if (rknnyolo_detection_get_mask (&detection, buffer, &mask),
        "case %u", i);
    gst_buffer_unref (buffer);
  }
}

GST_END_TEST;

GST_START_TEST (test_keypoints)
{
  const gdouble points[] = {
    10. / 640, 20. / 480, 0.5, -6.4 / 640, 240. / 480, 1, NAN, 0, 1,
    0, 0, NAN
  };
  GstBuffer *buffer = new_with_extra (new_points ("keypoints", points, 12));
  RknnyoloDetection detection = only_detection (buffer);
  RknnyoloKeypoint keypoints[5] = { {0,}, };

  keypoints[2].x = 77;
  fail_unless_equals_int (rknnyolo_detection_get_keypoints (&detection, buffer,
          NULL, 0), 4);
  fail_unless_equals_int (rknnyolo_detection_get_keypoints (&detection, buffer,
          keypoints, 2), 4);
  fail_unless (ABS (keypoints[0].x - 10) < 1e-9);
  fail_unless (ABS (keypoints[0].y - 20) < 1e-9);
  fail_unless_equals_float (keypoints[0].confidence, 0.5);
  fail_unless (ABS (keypoints[1].x + 6.4) < 1e-9);
  fail_unless (ABS (keypoints[1].y - 240) < 1e-9);
  fail_unless_equals_float (keypoints[2].x, 77);

  /* What cannot be placed is not believed. */
  fail_unless_equals_int (rknnyolo_detection_get_keypoints (&detection, buffer,
          keypoints, 5), 4);
  fail_unless_equals_float (keypoints[2].confidence, 0);
  fail_unless_equals_float (keypoints[2].x, 0);
  fail_unless_equals_float (keypoints[3].confidence, 0);
  assert_nothing_elsewhere (buffer);
  gst_buffer_unref (buffer);

  /* Not in threes. */
  buffer = new_with_extra (new_points ("keypoints", points, 11));
  detection = only_detection (buffer);
  fail_unless_equals_int (rknnyolo_detection_get_keypoints (&detection, buffer,
          keypoints, 5), 0);
  gst_buffer_unref (buffer);
}

GST_END_TEST;

/* Sides of 50 along (3, 4) and 25 along (-4, 3), about 100, 100. */
GST_START_TEST (test_oriented_box)
{
  const gdouble corners[4][2] = { {95, 72.5}, {125, 112.5}, {105, 127.5},
  {75, 87.5}
  };
  gdouble points[8];
  GstBuffer *buffer;
  RknnyoloDetection detection;
  RknnyoloOrientedBox box;
  guint i;

  for (i = 0; i < 8; i++)
    points[i] = corners[i / 2][i % 2] / (i % 2 ? 480 : 640);
  buffer = new_with_extra (new_points ("oriented-box", points, 8));
  detection = only_detection (buffer);
  fail_unless (rknnyolo_detection_get_oriented_box (&detection, buffer, &box));
  fail_unless (ABS (box.x - 100) < 1e-9);
  fail_unless (ABS (box.y - 100) < 1e-9);
  fail_unless (ABS (box.width - 50) < 1e-9);
  fail_unless (ABS (box.height - 25) < 1e-9);
  fail_unless (ABS (box.rotation - atan2 (4, 3)) < 1e-9);
  for (i = 0; i < 4; i++) {
    fail_unless (ABS (box.corner_x[i] - corners[i][0]) < 1e-9);
    fail_unless (ABS (box.corner_y[i] - corners[i][1]) < 1e-9);
  }
  assert_nothing_elsewhere (buffer);
  gst_buffer_unref (buffer);

  /* The same from another corner on: the direction is not the point. */
  for (i = 0; i < 8; i++)
    points[i] = corners[(i / 2 + 2) % 4][i % 2] / (i % 2 ? 480 : 640);
  buffer = new_with_extra (new_points ("oriented-box", points, 8));
  detection = only_detection (buffer);
  fail_unless (rknnyolo_detection_get_oriented_box (&detection, buffer, &box));
  fail_unless (ABS (box.rotation - atan2 (4, 3)) < 1e-9);
  gst_buffer_unref (buffer);

  points[3] = INFINITY;
  buffer = new_with_extra (new_points ("oriented-box", points, 8));
  detection = only_detection (buffer);
  fail_if (rknnyolo_detection_get_oriented_box (&detection, buffer, &box));
  gst_buffer_unref (buffer);

  buffer = new_with_extra (new_points ("oriented-box", points, 6));
  detection = only_detection (buffer);
  fail_if (rknnyolo_detection_get_oriented_box (&detection, buffer, &box));
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
  tcase_add_test (tc, test_mask);
  tcase_add_test (tc, test_odd_masks);
  tcase_add_test (tc, test_keypoints);
  tcase_add_test (tc, test_oriented_box);
  tcase_add_test (tc, test_through_tee_and_queue);
  tcase_add_test (tc, test_through_videoconvert);
  tcase_add_test (tc, test_through_videoscale);
  return suite;
}

GST_CHECK_MAIN (detections);
