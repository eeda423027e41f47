/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Models that take several pictures in a run: frames go in together where they
 * wait, none waits for others, and each gets what is its own. */

#include <dlfcn.h>

#include "blocktest.h"

#define BATCH 4

static gchar *batch_model;

static const BlockFrame frame = { 64, 64, 8 };

/* Borders above and below, and half the size. */
static const BlockFrame other_frame = { 128, 64, 16 };

static GstHarness *
new_batch_harness (const gchar * properties)
{
  g_autofree gchar *line = g_strdup_printf ("rknnyolo model=%s %s",
      batch_model, properties);
  GstHarness *harness = gst_harness_new_parse (line);

  set_block_caps (harness, &frame);
  return harness;
}

/* A frame that comes alone is not kept waiting for three more. */
GST_START_TEST (test_alone)
{
  GstHarness *harness = new_batch_harness ("");
  g_autoptr (GstStructure) stats = NULL;
  guint batch = 0;

  run_blocks (harness, &frame, 20, 1, 0);
  check_sum (get_element (harness), 20);
  g_object_get (get_element (harness), "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint (stats, "batch", &batch));
  fail_unless_equals_int (batch, BATCH);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* Numbers of frames that are no multiple of four, on one context and several,
 * and with no room for a whole batch. */
GST_START_TEST (test_many)
{
  static const gchar *const properties[] = {
    "", "cores=0 contexts-per-core=1", "cores=0 contexts-per-core=2",
    "max-in-flight=1", "max-in-flight=3", "cores=0,1 max-in-flight=9",
  };

  for (guint i = 0; i < G_N_ELEMENTS (properties); i++) {
    GstHarness *harness = new_batch_harness (properties[i]);

    run_blocks (harness, &frame, 61, 61, i);
    check_sum (get_element (harness), 61);
    gst_harness_teardown (harness);
  }
}

GST_END_TEST;

/* In int8, which the runtime does not make floats of. */
GST_START_TEST (test_int8)
{
  gchar *description = begin_int8 ();
  GstHarness *harness = new_batch_harness ("");

  end_int8 (description);
  run_blocks (harness, &frame, 61, 61, 2);
  check_sum (get_element (harness), 61);
  gst_harness_teardown (harness);
}

GST_END_TEST;

static gint
count_runs (void)
{
  gpointer library = dlopen (g_getenv ("RKNNYOLO_BARE_RUNTIME"),
      RTLD_NOW | RTLD_NOLOAD);
  gint (*function) (void) = NULL;
  gpointer symbol;

  fail_unless (library != NULL);
  symbol = dlsym (library, "bare_runtime_get_runs");
  memcpy (&function, &symbol, sizeof (symbol));
  dlclose (library);
  return function ();
}

/* What waits while a core is busy goes together, and has the core once. */
GST_START_TEST (test_together)
{
  g_autofree gchar *properties = g_strdup_printf ("runtime-library=%s",
      g_getenv ("RKNNYOLO_BARE_RUNTIME"));
  GstHarness *harness;
  gint before;

  /* milliseconds of a run, in which more frames come than go */
  g_setenv ("RKNN_STANDIN_TIME", "50", TRUE);
  harness = new_batch_harness (properties);
  g_unsetenv ("RKNN_STANDIN_TIME");
  before = count_runs ();
  run_blocks (harness, &frame, 60, 60, 0);
  fail_unless (count_runs () - before < 60, "no run had two pictures");
  fail_unless (count_runs () - before >= 60 / BATCH);
  fail_unless_equals_uint64 (get_series_count (get_element (harness), "run"),
      60);
  fail_unless_equals_uint64 (get_series_count (get_element (harness), "core-0"),
      count_runs () - before);
  gst_harness_teardown (harness);
}

GST_END_TEST;

#define STREAM_FRAMES 50

static gpointer
run_stream (gpointer data)
{
  const BlockFrame *shape = data;
  GstHarness *harness = new_batch_harness ("model-instance-id=batch "
      "cores=0,1");

  set_block_caps (harness, shape);
  run_blocks (harness, shape, STREAM_FRAMES, 5, 1);
  check_sum (get_element (harness), STREAM_FRAMES);
  gst_harness_teardown (harness);
  return NULL;
}

/* Frames of different streams share a run, each with its own borders. */
GST_START_TEST (test_streams)
{
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("stream", run_stream,
        (gpointer) (i % 2 ? &other_frame : &frame));
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

GST_END_TEST;

/* A run that fails is that of all its frames, and only of those. */
GST_START_TEST (test_failure)
{
  GstHarness *harness;
  guint64 failed;

  g_setenv ("RKNN_STANDIN_FAIL", "rknn_run:3", TRUE);
  harness = new_batch_harness ("cores=0 contexts-per-core=1");
  g_unsetenv ("RKNN_STANDIN_FAIL");
  for (guint i = 0; i < 30; i++)
    fail_unless_equals_int (gst_harness_push (harness,
            new_block_frame (&frame, 8, 8)), GST_FLOW_OK);
  for (guint i = 0; i < 30; i++)
    gst_buffer_unref (gst_harness_pull (harness));
  failed = get_counter (get_element (harness), "failed");
  fail_unless (failed >= 1 && failed <= BATCH);
  check_sum (get_element (harness), 30);
  run_blocks (harness, &frame, 10, 10, 0);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* The same of a run that does not come back: its frames pass in time, and the
 * others are looked at by the context that takes its place. */
GST_START_TEST (test_hang)
{
  GstHarness *harness;
  guint64 failed;

  g_setenv ("RKNN_STANDIN_HANG", "0:3-3:30000", TRUE);
  harness = new_batch_harness ("cores=0,1 inference-timeout=3000");
  g_unsetenv ("RKNN_STANDIN_HANG");
  for (guint i = 0; i < 60; i++)
    fail_unless_equals_int (gst_harness_push (harness,
            new_block_frame (&frame, 8, 8)), GST_FLOW_OK);
  for (guint i = 0; i < 60; i++)
    gst_buffer_unref (gst_harness_pull (harness));
  failed = get_counter (get_element (harness), "failed");
  /* the other context of the core may have had to wait for it as well */
  fail_unless (failed >= 1
      && failed <= 2 * BATCH, "%" G_GUINT64_FORMAT, failed);
  check_sum (get_element (harness), 60);
  gst_harness_teardown (harness);
}

GST_END_TEST;

static void
add_tests (TCase * tests)
{
  tcase_add_test (tests, test_alone);
  tcase_add_test (tests, test_many);
  tcase_add_test (tests, test_int8);
  tcase_add_test (tests, test_together);
  tcase_add_test (tests, test_streams);
  tcase_add_test (tests, test_failure);
  tcase_add_test (tests, test_hang);
}

int
main (int argc, char **argv)
{
  int failed;

  batch_model = test_model_write_looking (BATCH, 64, 64, NULL);
  failed = element_test_main (&argc, &argv, "batch", add_tests);
  test_model_remove (batch_model);
  return failed;
}
