/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "elementtest.h"

#include <stdio.h>
#include <unistd.h>

static const TestBox boxes[] = {
  {0, 0.9f, 16, 16, 32, 32},
  {1, 0.6f, 40, 20, 56, 48},
};

static const gchar *const names[] = { "cat", "dog", "bird", NULL };

gchar *element_test_model;

GstHarness *
new_harness (const gchar * properties)
{
  g_autofree gchar *line = g_strdup_printf ("rknnyolo model=%s %s",
      element_test_model,
      properties);
  GstHarness *harness = gst_harness_new_parse (line);

  gst_harness_set_src_caps_str (harness, CAPS);
  return harness;
}

GstBuffer *
new_frame (guint number)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, WIDTH * HEIGHT * 3 / 2,
      NULL);

  gst_buffer_memset (buffer, 0, number & 0xff, -1);
  GST_BUFFER_PTS (buffer) = number * FRAME;
  GST_BUFFER_DURATION (buffer) = FRAME;
  return buffer;
}

guint
count_regions (GstBuffer * buffer)
{
  return gst_buffer_get_n_meta (buffer,
      GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE);
}

GstVideoRegionOfInterestMeta *
find_region (GstBuffer * buffer, const gchar * label)
{
  gpointer state = NULL;
  GstMeta *meta;

  while ((meta = gst_buffer_iterate_meta_filtered (buffer, &state,
              GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE))) {
    GstVideoRegionOfInterestMeta *roi = (GstVideoRegionOfInterestMeta *) meta;
    if (g_strcmp0 (g_quark_to_string (roi->roi_type), label) == 0)
      return roi;
  }
  return NULL;
}

guint64
get_counter (GstElement * element, const gchar * name)
{
  g_autoptr (GstStructure) stats = NULL;
  guint64 value = G_MAXUINT64;

  g_object_get (element, "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint64 (stats, name, &value), "no %s", name);
  return value;
}

guint
get_stats_uint (GstElement * element, const gchar * name)
{
  g_autoptr (GstStructure) stats = NULL;
  guint value = G_MAXUINT;

  g_object_get (element, "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint (stats, name, &value), "no %s", name);
  return value;
}

guint64
get_series_count (GstElement * element, const gchar * name)
{
  g_autoptr (GstStructure) stats = NULL;
  g_autoptr (GstStructure) series = NULL;
  guint64 count = 0;

  g_object_get (element, "stats", &stats, NULL);
  fail_unless (gst_structure_get (stats, name, GST_TYPE_STRUCTURE, &series,
          NULL), "no %s", name);
  fail_unless (gst_structure_get_uint64 (series, "count", &count));
  return count;
}

GstElement *
get_element (GstHarness * harness)
{
  GstElement *element = gst_harness_find_element (harness, "rknnyolo");

  /* The harness keeps it alive. */
  gst_object_unref (element);
  return element;
}

GstBus *
add_bus (GstHarness * harness)
{
  GstBus *bus = gst_bus_new ();

  gst_element_set_bus (get_element (harness), bus);
  return bus;
}

void
remove_bus (GstHarness * harness, GstBus * bus)
{
  gst_element_set_bus (get_element (harness), NULL);
  gst_object_unref (bus);
}

/* EOS is an event of which the harness shows the arrival. */
void
wait_for_eos (GstHarness * harness)
{
  gboolean eos = FALSE;

  while (!eos) {
    GstEvent *event = gst_harness_pull_event (harness);

    fail_unless (event != NULL, "no EOS in a minute");
    eos = GST_EVENT_TYPE (event) == GST_EVENT_EOS;
    gst_event_unref (event);
  }
}

void
check_stats_sum (const GstStructure * stats)
{
  static const gchar *const parts[] = {
    "inferred", "passed", "skipped", "failed", "corrupted", "dropped",
    "flushed",
  };
  guint64 sum = 0, value;
  guint in_flight;

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++) {
    fail_unless (gst_structure_get_uint64 (stats, parts[i], &value));
    sum += value;
  }
  fail_unless (gst_structure_get_uint (stats, "in-flight", &in_flight));
  fail_unless (gst_structure_get_uint64 (stats, "frames-in", &value));
  assert_equals_uint64 (sum + in_flight, value);
}

void
check_sum (GstElement * element, guint64 frames_in)
{
  g_autoptr (GstStructure) stats = NULL;
  guint in_flight;

  g_object_get (element, "stats", &stats, NULL);
  check_stats_sum (stats);
  fail_unless (gst_structure_get_uint (stats, "in-flight", &in_flight));
  assert_equals_int (in_flight, 0);
  assert_equals_uint64 (get_counter (element, "frames-in"), frames_in);
}

guint
regions_of_next (GstHarness * harness)
{
  GstBuffer *buffer = gst_harness_push_and_pull (harness, new_frame (0));
  guint n = count_regions (buffer);

  gst_buffer_unref (buffer);
  return n;
}

int
element_test_main (int *argc, char ***argv, const gchar * name,
    ElementTestAdd add)
{
  Suite *suite;
  TCase *tests;
  gint failed;

  gst_check_init (argc, argv);
  /* 77 is what test runners take for skipped. */
  if (!test_model_can_run ())
    return 77;
  element_test_model = test_model_write (boxes, G_N_ELEMENTS (boxes), 3, names);
  suite = suite_create (name);
  tests = tcase_create (name);
  suite_add_tcase (suite, tests);
  tcase_set_timeout (tests, 240);
  add (tests);
  failed = gst_check_run_suite (suite, name, __FILE__);
  test_model_remove (element_test_model);
  /* A test that failed has left its pipeline playing, whose threads hold up the
   * end of the process. */
  if (failed > 0) {
    fflush (NULL);
    _exit (1);
  }
  return failed;
}
