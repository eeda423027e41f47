/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What rknnyolo writes on buffers, and its properties and life. */

#include <math.h>

#include "elementtest.h"

/* ---- what a buffer carries ------------------------------------------------ */

GST_START_TEST (test_metadata)
{
  GstHarness *harness = new_harness ("");
  GstBuffer *buffer = gst_harness_push_and_pull (harness, new_frame (0));
  GstVideoRegionOfInterestMeta *cat, *dog;
  GstStructure *detection;
  gdouble confidence, x_min, x_max, y_min, y_max;
  gint label_id;

  assert_equals_int (count_regions (buffer), 2);
  cat = find_region (buffer, "cat");
  dog = find_region (buffer, "dog");
  fail_unless (cat && dog);
  assert_equals_int (cat->x, 32);
  assert_equals_int (cat->y, 16);
  assert_equals_int (cat->w, 32);
  assert_equals_int (cat->h, 32);
  assert_equals_int (dog->x, 80);
  assert_equals_int (dog->y, 24);
  assert_equals_int (dog->w, 32);
  assert_equals_int (dog->h, 56);
  fail_unless (cat->id != dog->id);

  detection = gst_video_region_of_interest_meta_get_param (dog, "detection");
  fail_unless (gst_structure_get (detection, "label_id", G_TYPE_INT, &label_id,
          "confidence", G_TYPE_DOUBLE, &confidence, "x_min", G_TYPE_DOUBLE,
          &x_min, "x_max", G_TYPE_DOUBLE, &x_max, "y_min", G_TYPE_DOUBLE,
          &y_min, "y_max", G_TYPE_DOUBLE, &y_max, NULL));
  assert_equals_int (label_id, 1);
  assert_equals_string (gst_structure_get_string (detection, "label"), "dog");
  fail_unless (fabs (confidence - 0.6) < 1e-3);
  fail_unless (fabs (x_min - 80.0 / 128) < 1e-4);
  fail_unless (fabs (x_max - 112.0 / 128) < 1e-4);
  fail_unless (fabs (y_min - 24.0 / 96) < 1e-4);
  fail_unless (fabs (y_max - 80.0 / 96) < 1e-4);
  fail_unless (gst_structure_has_field_typed (detection, "model_name",
          G_TYPE_STRING));

  gst_buffer_unref (buffer);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* Ids stay unique beside regions of other elements. */
GST_START_TEST (test_foreign_regions)
{
  GstHarness *harness = new_harness ("");
  GstBuffer *buffer = new_frame (0);
  GstVideoRegionOfInterestMeta *other, *cat, *dog;

  other = gst_buffer_add_video_region_of_interest_meta (buffer, "face", 1, 2,
      3, 4);
  other->id = 7;
  buffer = gst_harness_push_and_pull (harness, buffer);
  assert_equals_int (count_regions (buffer), 3);
  other = find_region (buffer, "face");
  cat = find_region (buffer, "cat");
  dog = find_region (buffer, "dog");
  assert_equals_int (other->id, 7);
  fail_unless (cat->id != 7 && dog->id != 7 && cat->id != dog->id);
  gst_buffer_unref (buffer);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* The pixels are those that came in, in the memory in which they came, and who
 * else holds the buffer does not see our metas. */
GST_START_TEST (test_shared_buffer)
{
  GstHarness *harness = new_harness ("");
  GstBuffer *mine = new_frame (3);
  GstBuffer *out = gst_harness_push_and_pull (harness, gst_buffer_ref (mine));

  assert_equals_int (count_regions (mine), 0);
  assert_equals_int (count_regions (out), 2);
  fail_unless (gst_buffer_peek_memory (out, 0) == gst_buffer_peek_memory (mine,
          0));
  gst_buffer_unref (out);
  gst_buffer_unref (mine);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* ---- live properties ------------------------------------------------------ */

GST_START_TEST (test_live_properties)
{
  GstHarness *harness = new_harness ("");
  GstElement *element = get_element (harness);

  assert_equals_int (regions_of_next (harness), 2);
  g_object_set (element, "confidence-threshold", 0.7f, NULL);
  assert_equals_int (regions_of_next (harness), 1);
  g_object_set (element, "confidence-threshold", 0.25f, "max-detections", 1,
      NULL);
  assert_equals_int (regions_of_next (harness), 1);
  g_object_set (element, "max-detections", 300, "classes", "dog, bird", NULL);
  assert_equals_int (regions_of_next (harness), 1);
  g_object_set (element, "classes", "2", NULL);
  assert_equals_int (regions_of_next (harness), 0);
  g_object_set (element, "classes", "0,dog", NULL);
  assert_equals_int (regions_of_next (harness), 2);
  g_object_set (element, "classes", "", NULL);
  assert_equals_int (regions_of_next (harness), 2);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* ---- queries -------------------------------------------------------------- */

GST_START_TEST (test_latency)
{
  GstHarness *harness = new_harness ("");
  GstClockTime without, with;

  gst_harness_set_upstream_latency (harness, 20 * GST_MSECOND);
  without = 20 * GST_MSECOND;
  gst_buffer_unref (gst_harness_push_and_pull (harness, new_frame (0)));
  with = gst_harness_query_latency (harness);
  fail_unless (with > without);
  fail_unless (with < without + GST_SECOND);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* Without a model there is nothing to add. */
GST_START_TEST (test_latency_without_model)
{
  GstHarness *harness = new_harness ("");
  GstElement *element = get_element (harness);

  gst_harness_set_upstream_latency (harness, 20 * GST_MSECOND);
  gst_element_set_state (element, GST_STATE_READY);
  assert_equals_uint64 (gst_harness_query_latency (harness), 20 * GST_MSECOND);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* However many frames pass between two inferences, they are not all held. */
GST_START_TEST (test_allocation_interval)
{
  GstHarness *harness = new_harness ("max-in-flight=5 interval=1000");
  g_autoptr (GstCaps) caps = gst_caps_from_string (CAPS);
  GstQuery *query = gst_query_new_allocation (caps, TRUE);
  guint min;

  gst_harness_push (harness, new_frame (0));
  fail_unless (gst_pad_peer_query (harness->srcpad, query));
  gst_query_parse_nth_allocation_pool (query, 0, NULL, NULL, &min, NULL);
  fail_unless (min >= 5 && min <= 32, "%u buffers", min);
  gst_query_unref (query);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* The pool that upstream gets is larger by what the element holds. */
GST_START_TEST (test_allocation)
{
  GstHarness *harness = new_harness ("max-in-flight=5");
  g_autoptr (GstCaps) caps = gst_caps_from_string (CAPS);
  GstQuery *query = gst_query_new_allocation (caps, TRUE);
  GstBufferPool *pool = NULL;
  guint size, min, max;

  gst_harness_push (harness, new_frame (0));
  fail_unless (gst_pad_peer_query (harness->srcpad, query));
  fail_unless (gst_query_find_allocation_meta (query, GST_VIDEO_META_API_TYPE,
          NULL));
  assert_equals_int (gst_query_get_n_allocation_pools (query), 1);
  gst_query_parse_nth_allocation_pool (query, 0, &pool, &size, &min, &max);
  assert_equals_int (size, WIDTH * HEIGHT * 3 / 2);
  fail_unless (min >= 5);
  fail_unless (max == 0 || max >= min);
  gst_clear_object (&pool);
  gst_query_unref (query);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* ---- life ----------------------------------------------------------------- */

GST_START_TEST (test_state_cycles)
{
  GstHarness *harness = new_harness ("");
  GstElement *element = get_element (harness);

  for (guint i = 0; i < 20; i++) {
    for (guint k = 0; k < i % 4; k++)
      gst_harness_push (harness, new_frame (k));
    assert_equals_int (gst_element_set_state (element, i % 2 ? GST_STATE_READY :
            GST_STATE_NULL), GST_STATE_CHANGE_SUCCESS);
    assert_equals_int (gst_element_set_state (element, GST_STATE_PLAYING),
        GST_STATE_CHANGE_SUCCESS);
    while (gst_harness_buffers_in_queue (harness))
      gst_buffer_unref (gst_harness_pull (harness));
    gst_harness_set_src_caps_str (harness, CAPS);
  }
  gst_harness_push_event (harness, gst_event_new_eos ());
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* Buffers may be held when the element is long gone. */
GST_START_TEST (test_buffers_outlive_element)
{
  GstHarness *harness = new_harness ("");
  GstBuffer *buffer = gst_harness_push_and_pull (harness, new_frame (1));
  GstVideoRegionOfInterestMeta *cat;

  gst_harness_teardown (harness);
  cat = find_region (buffer, "cat");
  assert_equals_string (g_quark_to_string (cat->roi_type), "cat");
  fail_unless (gst_video_region_of_interest_meta_get_param (cat, "detection")
      != NULL);
  gst_buffer_unref (buffer);
}

GST_END_TEST;

GST_START_TEST (test_shared_model)
{
  GstHarness *a = new_harness ("model-instance-id=shared");
  GstHarness *b = new_harness ("model-instance-id=shared");

  for (guint i = 0; i < 10; i++) {
    assert_equals_int (regions_of_next (a), 2);
    assert_equals_int (regions_of_next (b), 2);
  }
  /* Who came first may go first. */
  gst_harness_teardown (a);
  assert_equals_int (regions_of_next (b), 2);
  assert_equals_uint64 (get_counter (get_element (b), "inferred"), 11);
  gst_harness_teardown (b);
}

GST_END_TEST;

static void
add_tests (TCase * tests)
{
  tcase_add_test (tests, test_metadata);
  tcase_add_test (tests, test_foreign_regions);
  tcase_add_test (tests, test_shared_buffer);
  tcase_add_test (tests, test_live_properties);
  tcase_add_test (tests, test_latency);
  tcase_add_test (tests, test_latency_without_model);
  tcase_add_test (tests, test_allocation);
  tcase_add_test (tests, test_allocation_interval);
  tcase_add_test (tests, test_state_cycles);
  tcase_add_test (tests, test_buffers_outlive_element);
  tcase_add_test (tests, test_shared_model);
}

int
main (int argc, char **argv)
{
  return element_test_main (&argc, &argv, "rknnyolo", add_tests);
}
