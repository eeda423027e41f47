/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Models whose picture may have several sizes: each stream is looked at in the
 * one that suits it, and finds what is there. */

#include "blocktest.h"

#define SIZES "96x96,64x32,32x64"

static gchar *sizes_model, *batch_model;

static const BlockFrame wide = { 64, 32, 8 };
static const BlockFrame large = { 128, 64, 16 };        /* half of it in 64 x 32 */
static const BlockFrame high = { 32, 64, 8 };
static const BlockFrame square = { 96, 96, 8 };

/* Of 96 x 96 it leaves 1/6 as border, and of 64 x 32 2/5.  It lies 8 pixels
 * below the top. */
static const BlockFrame photo = { 96, 80, 8 };

static void
check_size (GstHarness * harness, guint width, guint height)
{
  g_autoptr (GstStructure) stats = NULL;
  guint w, h;

  g_object_get (get_element (harness), "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint (stats, "input-width", &w));
  fail_unless (gst_structure_get_uint (stats, "input-height", &h));
  fail_unless_equals_int (w, width);
  fail_unless_equals_int (h, height);
}

static GstHarness *
new_shapes_harness (const gchar * model, const gchar * properties)
{
  g_autofree gchar *line = g_strdup_printf ("rknnyolo model=%s %s", model,
      properties);

  return gst_harness_new_parse (line);
}

/* Wide, high and square frames through one context, which so has to change its
 * shape, back and forth. */
GST_START_TEST (test_aspects)
{
  GstHarness *harness = new_shapes_harness (sizes_model,
      "cores=0 contexts-per-core=1");

  for (guint i = 0; i < 3; i++) {
    set_block_caps (harness, &large);
    push_block_and_check (harness, &large, 32, 16);
    push_block_and_check (harness, &large, 112, 48);
    check_size (harness, 64, 32);

    set_block_caps (harness, &high);
    push_block_and_check (harness, &high, 8, 40);
    push_block_and_check (harness, &high, 0, 0);
    check_size (harness, 32, 64);

    set_block_caps (harness, &square);
    push_block_and_check (harness, &square, 80, 40);
    check_size (harness, 96, 96);

    set_block_caps (harness, &photo);
    push_block_and_check (harness, &photo, 48, 32);
    check_size (harness, 96, 96);
  }
  fail_unless_equals_int (get_stats_uint (get_element (harness), "input-sizes"),
      3);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* The same in int8: layouts of 16 channels side by side, for each size. */
GST_START_TEST (test_int8)
{
  gchar *description = begin_int8 ();
  GstHarness *harness = new_shapes_harness (sizes_model, "cores=0");

  end_int8 (description);
  for (guint i = 0; i < 3; i++) {
    set_block_caps (harness, &large);
    run_blocks (harness, &large, 10, 5, i);
    set_block_caps (harness, &high);
    run_blocks (harness, &high, 10, 5, i);
    set_block_caps (harness, &photo);
    run_blocks (harness, &photo, 10, 5, i);
  }
  check_sum (get_element (harness), 90);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* Letterbox modes change how a frame lies in the input, not which one it is. */
GST_START_TEST (test_letterbox)
{
  static const gchar *const modes[] = { "center", "top-left", "stretch" };

  for (guint i = 0; i < G_N_ELEMENTS (modes); i++) {
    g_autofree gchar *properties = g_strdup_printf ("letterbox=%s", modes[i]);
    GstHarness *harness = new_shapes_harness (sizes_model, properties);

    set_block_caps (harness, &wide);
    push_block_and_check (harness, &wide, 24, 8);
    check_size (harness, 64, 32);
    gst_harness_teardown (harness);
  }
}

GST_END_TEST;

/* A model of one size says so, and goes on as ever. */
GST_START_TEST (test_one_size)
{
  GstHarness *harness = new_harness ("");

  fail_unless_equals_int (regions_of_next (harness), 2);
  fail_unless_equals_int (get_stats_uint (get_element (harness), "input-sizes"),
      1);
  check_size (harness, TEST_MODEL_SIZE, TEST_MODEL_SIZE);
  gst_harness_teardown (harness);
}

GST_END_TEST;

#define STREAM_FRAMES 60

typedef struct
{
  const BlockFrame *frame;
  const gchar *model, *instance;
  guint seed;
  GThread *thread;
} SharedStream;

static gpointer
run_stream (gpointer data)
{
  SharedStream *stream = data;
  g_autofree gchar *properties = g_strdup_printf ("model-instance-id=%s "
      "contexts-per-core=1 cores=0,1", stream->instance);
  GstHarness *harness = new_shapes_harness (stream->model, properties);

  set_block_caps (harness, stream->frame);
  run_blocks (harness, stream->frame, STREAM_FRAMES, 3, stream->seed);
  check_sum (get_element (harness), STREAM_FRAMES);
  gst_harness_teardown (harness);
  return NULL;
}

static void
run_streams (const gchar * model, const gchar * instance)
{
  SharedStream streams[] = {
    {&large, NULL, NULL, 0}, {&high, NULL, NULL, 3}, {&square, NULL, NULL, 5},
    {&wide, NULL, NULL, 1},
  };

  for (guint i = 0; i < G_N_ELEMENTS (streams); i++) {
    streams[i].model = model;
    streams[i].instance = instance;
    streams[i].thread = g_thread_new ("stream", run_stream, &streams[i]);
  }
  for (guint i = 0; i < G_N_ELEMENTS (streams); i++)
    g_thread_join (streams[i].thread);
}

/* Streams of different shape take turns on the contexts of one model. */
GST_START_TEST (test_shared)
{
  run_streams (sizes_model, "shapes");
}

GST_END_TEST;

/* Also where a run takes three pictures, which must be of one size. */
GST_START_TEST (test_shared_batch)
{
  run_streams (batch_model, "batches");
}

GST_END_TEST;

/* A white picture of 96 x 96 lies across all of 64 x 32: where these have
 * borders they have them again afterwards, for what is white would be found. */
GST_START_TEST (test_borders)
{
  const BlockFrame bordered = { 48, 32, 8 };    /* 8 pixels on both sides */
  GstHarness *harness;
  GstBuffer *white;

  /* milliseconds of a run, so that the next one takes several pictures */
  g_setenv ("RKNN_STANDIN_TIME", "20", TRUE);
  harness = new_shapes_harness (batch_model, "cores=0 contexts-per-core=1");
  g_unsetenv ("RKNN_STANDIN_TIME");
  for (guint i = 0; i < 3; i++) {
    set_block_caps (harness, &bordered);
    run_blocks (harness, &bordered, 9, 9, i);
    check_size (harness, 64, 32);

    set_block_caps (harness, &square);
    white = gst_buffer_new_allocate (NULL, 96 * 96, NULL);
    gst_buffer_memset (white, 0, 255, -1);
    fail_unless_equals_int (gst_harness_push (harness, white), GST_FLOW_OK);
    gst_buffer_unref (gst_harness_pull (harness));
    check_size (harness, 96, 96);
  }
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* A shape that the runtime does not set costs the frame its detections, like
 * any inference that fails, and the next frame tries again. */
GST_START_TEST (test_refused)
{
  GstHarness *harness;
  GstBuffer *buffer;

  /* one call for each size when the model is asked, and one for the context */
  g_setenv ("RKNN_STANDIN_FAIL", "rknn_set_input_shapes:5", TRUE);
  harness = new_shapes_harness (sizes_model, "cores=0 contexts-per-core=1");
  g_unsetenv ("RKNN_STANDIN_FAIL");
  set_block_caps (harness, &wide);
  fail_unless_equals_int (gst_harness_push (harness,
          new_block_frame (&wide, 16, 8)), GST_FLOW_OK);
  buffer = gst_harness_pull (harness);
  fail_unless_equals_int (count_regions (buffer), 0);
  gst_buffer_unref (buffer);
  fail_unless_equals_uint64 (get_counter (get_element (harness), "failed"), 1);
  push_block_and_check (harness, &wide, 16, 8);
  gst_harness_teardown (harness);
}

GST_END_TEST;

static void
add_tests (TCase * tests)
{
  tcase_add_test (tests, test_aspects);
  tcase_add_test (tests, test_int8);
  tcase_add_test (tests, test_letterbox);
  tcase_add_test (tests, test_one_size);
  tcase_add_test (tests, test_shared);
  tcase_add_test (tests, test_shared_batch);
  tcase_add_test (tests, test_borders);
  tcase_add_test (tests, test_refused);
}

int
main (int argc, char **argv)
{
  int failed;

  sizes_model = test_model_write_looking (1, 0, 0, SIZES);
  batch_model = test_model_write_looking (3, 0, 0, SIZES);
  failed = element_test_main (&argc, &argv, "shapes", add_tests);
  test_model_remove (batch_model);
  test_model_remove (sizes_model);
  return failed;
}
