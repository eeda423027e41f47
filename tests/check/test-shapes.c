/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Models whose picture may have several sizes: each stream is looked at in the
 * one that suits it, and finds what is there.  The model finds white blocks, so
 * where they were painted is what is expected. */

#include "elementtest.h"

#define SIZES "96x96,64x32,32x64"

static gchar *sizes_model;

/* A black frame with a white block of block x block pixels, this being 8 in the
 * input of the model. */
static GstBuffer *
new_block_frame (guint width, guint height, guint x, guint y, guint block)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, width * height, NULL);
  GstMapInfo map;

  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_WRITE));
  memset (map.data, 0, map.size);
  for (guint row = 0; row < block; row++)
    memset (map.data + (y + row) * width + x, 255, block);
  gst_buffer_unmap (buffer, &map);
  return buffer;
}

static void
set_caps (GstHarness * harness, guint width, guint height)
{
  g_autofree gchar *caps =
      g_strdup_printf ("video/x-raw,format=GRAY8,width=%u,height=%u,"
      "framerate=25/1,colorimetry=1:4:0:0", width, height);

  gst_harness_set_src_caps_str (harness, caps);
}

/* One cat, twice as wide and high as the block about the same middle; the frame
 * cuts it off. */
static void
check_block (GstBuffer * buffer, guint width, guint height, guint x, guint y,
    guint block)
{
  GstVideoRegionOfInterestMeta *cat = find_region (buffer, "cat");
  gint left = MAX (0, (gint) x - (gint) block / 2);
  gint top = MAX (0, (gint) y - (gint) block / 2);
  gint right = MIN (width, x + block + block / 2);
  gint bottom = MIN (height, y + block + block / 2);

  fail_unless_equals_int (count_regions (buffer), 1);
  fail_unless (cat != NULL);
  fail_unless_equals_int (cat->x, left);
  fail_unless_equals_int (cat->y, top);
  fail_unless_equals_int (cat->w, right - left);
  fail_unless_equals_int (cat->h, bottom - top);
}

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

static void
push_and_check (GstHarness * harness, guint width, guint height, guint x,
    guint y, guint block)
{
  GstBuffer *buffer;

  fail_unless_equals_int (gst_harness_push (harness,
          new_block_frame (width, height, x, y, block)), GST_FLOW_OK);
  buffer = gst_harness_pull (harness);
  check_block (buffer, width, height, x, y, block);
  gst_buffer_unref (buffer);
}

static GstHarness *
new_shapes_harness (const gchar * properties)
{
  g_autofree gchar *line = g_strdup_printf ("rknnyolo model=%s %s",
      sizes_model, properties);

  return gst_harness_new_parse (line);
}

/* Wide, high and square frames through one context, which so has to change its
 * shape, back and forth. */
GST_START_TEST (test_aspects)
{
  GstHarness *harness = new_shapes_harness ("cores=0 contexts-per-core=1");
  guint sizes = 0;
  g_autoptr (GstStructure) stats = NULL;

  for (guint i = 0; i < 3; i++) {
    set_caps (harness, 128, 64);        /* half the size in 64 x 32 */
    push_and_check (harness, 128, 64, 32, 16, 16);
    push_and_check (harness, 128, 64, 112, 48, 16);
    check_size (harness, 64, 32);

    set_caps (harness, 32, 64);
    push_and_check (harness, 32, 64, 8, 40, 8);
    push_and_check (harness, 32, 64, 0, 0, 8);
    check_size (harness, 32, 64);

    set_caps (harness, 96, 96);
    push_and_check (harness, 96, 96, 80, 40, 8);
    check_size (harness, 96, 96);

    /* 96 x 72 leaves a quarter of 96 x 96 as border, a third of 64 x 32 */
    set_caps (harness, 96, 72);
    push_and_check (harness, 96, 72, 48, 28, 8);
    check_size (harness, 96, 96);
  }
  g_object_get (get_element (harness), "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint (stats, "input-sizes", &sizes));
  fail_unless_equals_int (sizes, 3);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* Letterbox modes change how a frame lies in the input, not which one it is. */
GST_START_TEST (test_letterbox)
{
  static const gchar *const modes[] = { "center", "top-left", "stretch" };

  for (guint i = 0; i < G_N_ELEMENTS (modes); i++) {
    g_autofree gchar *properties = g_strdup_printf ("letterbox=%s", modes[i]);
    GstHarness *harness = new_shapes_harness (properties);

    set_caps (harness, 64, 32);
    push_and_check (harness, 64, 32, 24, 8, 8);
    check_size (harness, 64, 32);
    gst_harness_teardown (harness);
  }
}

GST_END_TEST;

/* A model of one size says so, and goes on as ever. */
GST_START_TEST (test_one_size)
{
  GstHarness *harness = new_harness ("");
  g_autoptr (GstStructure) stats = NULL;
  guint sizes = 0;

  fail_unless_equals_int (regions_of_next (harness), 2);
  g_object_get (get_element (harness), "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint (stats, "input-sizes", &sizes));
  fail_unless_equals_int (sizes, 1);
  check_size (harness, TEST_MODEL_SIZE, TEST_MODEL_SIZE);
  gst_harness_teardown (harness);
}

GST_END_TEST;

typedef struct
{
  guint width, height, block, seed;
  GThread *thread;
} SharedStream;

#define STREAM_FRAMES 60

/* Frames in threes, so that there are some in flight. */
static gpointer
run_stream (gpointer data)
{
  SharedStream *stream = data;
  GstHarness *harness = new_shapes_harness ("model-instance-id=shapes "
      "contexts-per-core=1 cores=0,1");
  guint columns = stream->width / stream->block;
  guint rows = stream->height / stream->block;

  set_caps (harness, stream->width, stream->height);
  for (guint i = 0; i < STREAM_FRAMES; i += 3) {
    for (guint k = i; k < i + 3; k++) {
      guint cell = (k * 7 + stream->seed) % (columns * rows);

      fail_unless_equals_int (gst_harness_push (harness,
              new_block_frame (stream->width, stream->height,
                  cell % columns * stream->block,
                  cell / columns * stream->block, stream->block)), GST_FLOW_OK);
    }
    for (guint k = i; k < i + 3; k++) {
      guint cell = (k * 7 + stream->seed) % (columns * rows);
      GstBuffer *buffer = gst_harness_pull (harness);

      check_block (buffer, stream->width, stream->height,
          cell % columns * stream->block, cell / columns * stream->block,
          stream->block);
      gst_buffer_unref (buffer);
    }
  }
  check_sum (get_element (harness), STREAM_FRAMES);
  gst_harness_teardown (harness);
  return NULL;
}

/* Streams of different shape take turns on the contexts of one model. */
GST_START_TEST (test_shared)
{
  SharedStream streams[] = {
    {128, 64, 16, 0}, {32, 64, 8, 3}, {96, 96, 8, 5}, {64, 32, 8, 1},
  };

  for (guint i = 0; i < G_N_ELEMENTS (streams); i++)
    streams[i].thread = g_thread_new ("stream", run_stream, &streams[i]);
  for (guint i = 0; i < G_N_ELEMENTS (streams); i++)
    g_thread_join (streams[i].thread);
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
  harness = new_shapes_harness ("cores=0 contexts-per-core=1");
  g_unsetenv ("RKNN_STANDIN_FAIL");
  set_caps (harness, 64, 32);
  fail_unless_equals_int (gst_harness_push (harness,
          new_block_frame (64, 32, 16, 8, 8)), GST_FLOW_OK);
  buffer = gst_harness_pull (harness);
  fail_unless_equals_int (count_regions (buffer), 0);
  gst_buffer_unref (buffer);
  fail_unless_equals_uint64 (get_counter (get_element (harness), "failed"), 1);
  push_and_check (harness, 64, 32, 16, 8, 8);
  gst_harness_teardown (harness);
}

GST_END_TEST;

static void
add_tests (TCase * tests)
{
  tcase_add_test (tests, test_aspects);
  tcase_add_test (tests, test_letterbox);
  tcase_add_test (tests, test_one_size);
  tcase_add_test (tests, test_shared);
  tcase_add_test (tests, test_refused);
}

int
main (int argc, char **argv)
{
  int failed;

  sizes_model = test_model_write_looking (1, 0, 0, SIZES);
  failed = element_test_main (&argc, &argv, "shapes", add_tests);
  test_model_remove (sizes_model);
  return failed;
}
