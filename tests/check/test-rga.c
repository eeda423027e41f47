/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* rknnyolo with RGA, which librga-standin plays as that of an RK3568, since the
 * model of these tests is too small for an RGA3. */

#include "blocktest.h"
#include "fakedmabuf.h"
#include "rgatest.h"

#include <gst/allocators/gstdmabuf.h>
#include <unistd.h>

static RgaStandin standin;

/* ---- Frames of a pool ---------------------------------------------------- */

typedef struct
{
  GstMemory *memories[4];
  guint n_memories;
} Pool;

static void
pool_init (Pool * self, gsize size)
{
  self->n_memories = G_N_ELEMENTS (self->memories);
  for (guint i = 0; i < self->n_memories; i++)
    self->memories[i] = fake_dma_buf_new (NULL, size);
}

static void
pool_clear (Pool * self)
{
  for (guint i = 0; i < self->n_memories; i++)
    gst_memory_unref (self->memories[i]);
}

static GstBuffer *
pool_frame (Pool * self, guint number)
{
  GstBuffer *buffer = gst_buffer_new ();

  gst_buffer_append_memory (buffer,
      gst_memory_ref (self->memories[number % self->n_memories]));
  GST_BUFFER_PTS (buffer) = number * FRAME;
  GST_BUFFER_DURATION (buffer) = FRAME;
  return buffer;
}

static void
push_and_pull (GstHarness * harness, GstBuffer * buffer, guint n_regions)
{
  GstBuffer *result;

  assert_equals_int (gst_harness_push (harness, buffer), GST_FLOW_OK);
  result = gst_harness_pull (harness);
  fail_unless (result != NULL);
  assert_equals_int (count_regions (result), n_regions);
  gst_buffer_unref (result);
}

/* One input of each context is known to RGA besides the frames. */
static guint
count_contexts (GstHarness * harness)
{
  return get_stats_uint (get_element (harness), "contexts");
}

/* Memories are imported when they come first and released when they go; nobody
 * maps them. */
GST_START_TEST (test_imports)
{
  rga_standin_counters counters;
  GstHarness *harness;
  guint contexts;
  Pool pool;

  standin.reset_counters ();
  g_setenv ("RGA_STANDIN_WATCH", "1", TRUE);
  harness = new_harness ("preprocess=rga");
  pool_init (&pool, WIDTH * HEIGHT * 3 / 2);
  push_and_pull (harness, pool_frame (&pool, 0), 2);
  contexts = count_contexts (harness);
  for (guint i = 1; i < 4; i++)
    push_and_pull (harness, pool_frame (&pool, i), 2);
  standin.get_counters (&counters);
  assert_equals_int (counters.imports, contexts + 4);

  for (guint i = 4; i < 100; i++)
    push_and_pull (harness, pool_frame (&pool, i), 2);
  standin.get_counters (&counters);
  assert_equals_int (counters.imports, contexts + 4);
  assert_equals_int (counters.live, contexts + 4);
  assert_equals_int (counters.blits, contexts + 100);
  assert_equals_int (counters.mapped_sources, contexts);        /* the trials */
  assert_equals_uint64 (get_counter (get_element (harness), "rga-frames"), 100);
  assert_equals_uint64 (get_counter (get_element (harness), "cpu-frames"), 0);

  pool_clear (&pool);
  standin.get_counters (&counters);
  assert_equals_int (counters.live, contexts);
  gst_harness_teardown (harness);
  standin.get_counters (&counters);
  assert_equals_int (counters.live, 0);
  g_unsetenv ("RGA_STANDIN_WATCH");
}

GST_END_TEST;

/* The frames outlive the element. */
GST_START_TEST (test_pool_outlives_element)
{
  rga_standin_counters counters;
  Pool pool;

  pool_init (&pool, WIDTH * HEIGHT * 3 / 2);
  for (guint i = 0; i < 2; i++) {
    GstHarness *harness = new_harness ("preprocess=rga");

    standin.reset_counters ();
    for (guint k = 0; k < 4; k++)
      push_and_pull (harness, pool_frame (&pool, k), 2);
    /* Those of the first element are good for the second. */
    standin.get_counters (&counters);
    assert_equals_int (counters.imports, i == 0 ? 4 : 0);
    gst_harness_teardown (harness);
  }
  standin.get_counters (&counters);
  assert_equals_int (counters.live, 4);
  pool_clear (&pool);
  standin.get_counters (&counters);
  assert_equals_int (counters.live, 0);
}

GST_END_TEST;

/* 1,000 frames in pools that come and go with the caps. */
GST_START_TEST (test_no_leaks)
{
  static const guint sizes[][2] = {
    {128, 96}, {256, 192}, {320, 240}, {640, 480}, {128, 96},
  };
  rga_standin_counters counters;
  GstHarness *harness = new_harness ("preprocess=rga");
  guint fds, contexts;

  gst_harness_set_src_caps_str (harness, CAPS);
  fds = count_open_files ();
  standin.get_counters (&counters);
  contexts = counters.live;
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autofree gchar *caps = g_strdup_printf ("video/x-raw,format=NV12,"
        "width=%u,height=%u,framerate=25/1", sizes[i][0], sizes[i][1]);
    Pool pool;

    gst_harness_set_src_caps_str (harness, caps);
    pool_init (&pool, sizes[i][0] * sizes[i][1] * 3 / 2);
    for (guint k = 0; k < 200; k++)
      push_and_pull (harness, pool_frame (&pool, k), 2);
    pool_clear (&pool);
  }
  standin.get_counters (&counters);
  assert_equals_int (counters.live, contexts);
  assert_equals_int (count_open_files (), fds);
  assert_equals_uint64 (get_counter (get_element (harness), "rga-frames"),
      1000);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* A context that is made anew tries its new input and gives the old one back. */
GST_START_TEST (test_renewal)
{
  rga_standin_counters counters;
  GstHarness *harness;
  Pool pool;
  guint i;

  g_setenv ("RKNN_STANDIN_FAIL", "rknn_run:5,rknn_run:6,rknn_run:7", TRUE);
  harness = new_harness ("preprocess=rga cores=0 contexts-per-core=1");
  pool_init (&pool, WIDTH * HEIGHT * 3 / 2);
  for (i = 0; i < 20; i++) {
    assert_equals_int (gst_harness_push (harness, pool_frame (&pool, i)),
        GST_FLOW_OK);
    gst_buffer_unref (gst_harness_pull (harness));
  }
  assert_equals_uint64 (get_counter (get_element (harness), "renewals"), 1);
  assert_equals_uint64 (get_counter (get_element (harness), "failed"), 3);
  assert_equals_uint64 (get_counter (get_element (harness), "rga-frames"), 20);
  standin.get_counters (&counters);
  assert_equals_int (counters.live, 1 + 4);
  pool_clear (&pool);
  gst_harness_teardown (harness);
  standin.get_counters (&counters);
  assert_equals_int (counters.live, 0);
  g_unsetenv ("RKNN_STANDIN_FAIL");
}

GST_END_TEST;

/* ---- Several elements ---------------------------------------------------- */

#define N_ELEMENTS 3
#define N_EACH 60

typedef struct
{
  GstHarness *harness;
  Pool *pool;
} Feeder;

static gpointer
feed (gpointer data)
{
  Feeder *self = data;

  for (guint i = 0; i < N_EACH; i++)
    gst_harness_push (self->harness, pool_frame (self->pool, i));
  return NULL;
}

/* They share the gate, and what their frames were imported as. */
GST_START_TEST (test_several_elements)
{
  rga_standin_counters before, after;
  Feeder feeders[N_ELEMENTS];
  GThread *threads[N_ELEMENTS];
  Pool pool;
  guint i, k;

  g_setenv ("RGA_STANDIN_TIME", "2", TRUE);
  pool_init (&pool, WIDTH * HEIGHT * 3 / 2);
  standin.reset_counters ();
  for (i = 0; i < N_ELEMENTS; i++) {
    feeders[i].harness = new_harness ("preprocess=rga");
    feeders[i].pool = &pool;
  }
  standin.get_counters (&before);
  for (i = 0; i < N_ELEMENTS; i++)
    threads[i] = g_thread_new ("feed", feed, &feeders[i]);
  for (i = 0; i < N_ELEMENTS; i++) {
    for (k = 0; k < N_EACH; k++) {
      GstBuffer *buffer = gst_harness_pull (feeders[i].harness);

      fail_unless (buffer != NULL);
      assert_equals_int (count_regions (buffer), 2);
      gst_buffer_unref (buffer);
    }
    g_thread_join (threads[i]);
  }
  standin.get_counters (&after);
  assert_equals_uint64 (after.blits - before.blits, N_ELEMENTS * N_EACH);
  fail_unless (after.most_at_once <= 2);
  assert_equals_int (after.live - before.live, 4);
  pool_clear (&pool);
  for (i = 0; i < N_ELEMENTS; i++)
    gst_harness_teardown (feeders[i].harness);
  g_unsetenv ("RGA_STANDIN_TIME");
}

GST_END_TEST;

/* ---- Without RGA --------------------------------------------------------- */

static guint64
get_fallbacks (GstElement * element, const gchar * reason)
{
  g_autoptr (GstStructure) stats = NULL, fallbacks = NULL;
  guint64 n = 0;

  g_object_get (element, "stats", &stats, NULL);
  fail_unless (gst_structure_get (stats, "rga-fallbacks", GST_TYPE_STRUCTURE,
          &fallbacks, NULL));
  gst_structure_get_uint64 (fallbacks, reason, &n);
  return n;
}

GST_START_TEST (test_ordinary_memory)
{
  GstHarness *harness = new_harness ("");
  GstElement *element = get_element (harness);

  for (guint i = 0; i < 10; i++)
    push_and_pull (harness, new_frame (i), 2);
  assert_equals_uint64 (get_fallbacks (element, "no-dmabuf"), 10);
  assert_equals_uint64 (get_counter (element, "cpu-frames"), 10);
  assert_equals_uint64 (get_counter (element, "rga-frames"), 0);
  gst_harness_teardown (harness);
}

GST_END_TEST;

GST_START_TEST (test_cpu)
{
  rga_standin_counters counters;
  GstHarness *harness;
  Pool pool;

  standin.reset_counters ();
  harness = new_harness ("preprocess=cpu");
  pool_init (&pool, WIDTH * HEIGHT * 3 / 2);
  for (guint i = 0; i < 10; i++)
    push_and_pull (harness, pool_frame (&pool, i), 2);
  standin.get_counters (&counters);
  assert_equals_int (counters.imports, 0);
  assert_equals_uint64 (get_counter (get_element (harness), "cpu-frames"), 10);
  pool_clear (&pool);
  gst_harness_teardown (harness);
}

GST_END_TEST;

static void
expect_message (GstBus * bus, GstMessageType type, const gchar * part)
{
  GstMessage *message = gst_bus_timed_pop_filtered (bus, 60 * GST_SECOND, type);
  g_autoptr (GError) error = NULL;

  fail_unless (message != NULL, "no message of type %s",
      gst_message_type_get_name (type));
  if (type == GST_MESSAGE_ERROR)
    gst_message_parse_error (message, &error, NULL);
  else
    gst_message_parse_warning (message, &error, NULL);
  fail_unless (strstr (error->message, part) != NULL, "\"%s\" is not in: %s",
      part, error->message);
  gst_message_unref (message);
}

/* preprocess=rga: an error where a frame is not for RGA. */
GST_START_TEST (test_required_for_frame)
{
  GstHarness *harness = new_harness ("preprocess=rga");
  GstBus *bus = add_bus (harness);
  GstFlowReturn flow = GST_FLOW_OK;

  for (guint i = 0; flow == GST_FLOW_OK && i < 1000; i++)
    flow = gst_harness_push (harness, new_frame (i));
  assert_equals_int (flow, GST_FLOW_ERROR);
  expect_message (bus, GST_MESSAGE_ERROR, "do not lie in dma-bufs");
  remove_bus (harness, bus);
  gst_harness_teardown (harness);
}

GST_END_TEST;

static void
expect_no_start (const gchar * part)
{
  g_autofree gchar *line = g_strdup_printf ("rknnyolo name=yolo model=%s "
      "preprocess=rga", element_test_model);
  GstElement *bin = gst_parse_bin_from_description (line, TRUE, NULL);
  GstBus *bus = gst_bus_new ();

  gst_element_set_bus (bin, bus);
  assert_equals_int (gst_element_set_state (bin, GST_STATE_PAUSED),
      GST_STATE_CHANGE_FAILURE);
  expect_message (bus, GST_MESSAGE_ERROR, part);
  gst_element_set_state (bin, GST_STATE_NULL);
  gst_element_set_bus (bin, NULL);
  gst_object_unref (bus);
  gst_object_unref (bin);
}

/* preprocess=rga: an error where there is none, and where it does not reach the
 * input of the model. */
GST_START_TEST (test_required_at_start)
{
  g_autofree gchar *path = g_strdup (g_getenv ("RKNNYOLO_RGA"));

  g_setenv ("RKNNYOLO_RGA", "/nowhere/librga.so", TRUE);
  expect_no_start ("cannot be loaded");
  g_setenv ("RKNNYOLO_RGA", path, TRUE);
  g_setenv ("RGA_STANDIN_VERSION", "1.8.1", TRUE);
  expect_no_start ("1.9 or newer");
  g_unsetenv ("RGA_STANDIN_VERSION");
  g_setenv ("RGA_STANDIN_FAIL", "improcess:1+", TRUE);
  expect_no_start ("cannot make inputs for this model");
  g_setenv ("RGA_STANDIN_FAIL", "", TRUE);
  g_unsetenv ("RGA_STANDIN_FAIL");
}

GST_END_TEST;

/* Without librga auto means the CPU, and no complaint. */
GST_START_TEST (test_no_library)
{
  g_autofree gchar *path = g_strdup (g_getenv ("RKNNYOLO_RGA"));
  GstHarness *harness;
  Pool pool;

  g_setenv ("RKNNYOLO_RGA", "/nowhere/librga.so", TRUE);
  harness = new_harness ("");
  pool_init (&pool, WIDTH * HEIGHT * 3 / 2);
  push_and_pull (harness, pool_frame (&pool, 0), 2);
  assert_equals_uint64 (get_counter (get_element (harness), "cpu-frames"), 1);
  pool_clear (&pool);
  gst_harness_teardown (harness);
  g_setenv ("RKNNYOLO_RGA", path, TRUE);
}

GST_END_TEST;

/* RGA that fails for good is left alone after one warning, and no frame is
 * without detections; the next start tries again. */
GST_START_TEST (test_failing)
{
  GstHarness *harness;
  GstBus *bus;
  Pool pool;
  guint contexts;
  g_autofree gchar *fail = NULL;

  harness = new_harness ("preprocess=auto");
  contexts = count_contexts (harness);
  gst_harness_teardown (harness);

  fail = g_strdup_printf ("improcess:%u+", contexts + 5);
  g_setenv ("RGA_STANDIN_FAIL", fail, TRUE);
  harness = new_harness ("preprocess=auto");
  bus = add_bus (harness);
  pool_init (&pool, WIDTH * HEIGHT * 3 / 2);
  for (guint i = 0; i < 20; i++)
    push_and_pull (harness, pool_frame (&pool, i), 2);
  assert_equals_uint64 (get_counter (get_element (harness), "rga-frames"), 4);
  assert_equals_uint64 (get_fallbacks (get_element (harness), "failed"), 5);
  assert_equals_uint64 (get_fallbacks (get_element (harness), "off"), 11);
  expect_message (bus, GST_MESSAGE_WARNING, "RGA cannot make inputs any more");
  fail_unless (gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING) == NULL);
  remove_bus (harness, bus);
  gst_harness_teardown (harness);

  g_setenv ("RGA_STANDIN_FAIL", "", TRUE);
  harness = new_harness ("preprocess=rga");
  push_and_pull (harness, pool_frame (&pool, 0), 2);
  pool_clear (&pool);
  gst_harness_teardown (harness);
  g_unsetenv ("RGA_STANDIN_FAIL");
}

GST_END_TEST;

static void
push_blocks (GstHarness * harness, const BlockFrame * frame, guint n)
{
  g_autofree gchar *caps = g_strdup_printf ("video/x-raw,format=RGB,width=%u,"
      "height=%u,framerate=25/1", frame->width, frame->height);
  guint columns = frame->width / frame->block;

  gst_harness_set_src_caps_str (harness, caps);
  for (guint i = 0; i < n; i++) {
    GstMemory *memory = fake_dma_buf_new (NULL,
        frame->width * frame->height * 3);
    GstBuffer *buffer = gst_buffer_new ();
    GstMapInfo map;

    fail_unless (gst_memory_map (memory, &map, GST_MAP_WRITE));
    paint_block (map.data, 3, frame, i % columns * frame->block,
        i / columns * frame->block);
    gst_memory_unmap (memory, &map);
    gst_buffer_append_memory (buffer, memory);
    assert_equals_int (gst_harness_push (harness, buffer), GST_FLOW_OK);
  }
  for (guint i = 0; i < n; i++) {
    GstBuffer *buffer = gst_harness_pull (harness);

    check_block (buffer, frame, i % columns * frame->block,
        i / columns * frame->block);
    gst_buffer_unref (buffer);
  }
}

/* A decoder's pool: each frame is a new memory around one of a few dma-bufs. */
static GstBuffer *
recycled_frame (GstAllocator * allocator, gint fd, const BlockFrame * frame,
    guint x, guint y)
{
  const gsize size = (gsize) frame->width * frame->height * 3;
  g_autofree guint8 *pixels = g_malloc0 (size);
  GstBuffer *buffer = gst_buffer_new ();

  paint_block (pixels, 3, frame, x, y);
  fail_unless (pwrite (fd, pixels, size, 0) == (gssize) size);
  gst_buffer_append_memory (buffer, gst_dmabuf_allocator_alloc (allocator,
          dup (fd), size));
  return buffer;
}

static void
push_recycled (GstHarness * harness, GstAllocator * allocator,
    const BlockFrame * frame, guint n)
{
  g_autofree gchar *caps = g_strdup_printf ("video/x-raw,format=RGB,width=%u,"
      "height=%u,framerate=25/1", frame->width, frame->height);
  const guint columns = frame->width / frame->block;
  const guint rows = frame->height / frame->block;
  GstMemory *pool[3];

  gst_harness_set_src_caps_str (harness, caps);
  for (guint i = 0; i < G_N_ELEMENTS (pool); i++)
    pool[i] = fake_dma_buf_new (NULL, frame->width * frame->height * 3);
  for (guint i = 0; i < n; i++) {
    const guint x = i % columns * frame->block;
    const guint y = i / columns % rows * frame->block;
    GstBuffer *buffer = recycled_frame (allocator,
        gst_dmabuf_memory_get_fd (pool[i % G_N_ELEMENTS (pool)]), frame, x, y);

    assert_equals_int (gst_harness_push (harness, buffer), GST_FLOW_OK);
    buffer = gst_harness_pull (harness);
    check_block (buffer, frame, x, y);
    gst_buffer_unref (buffer);
  }
  for (guint i = 0; i < G_N_ELEMENTS (pool); i++)
    gst_memory_unref (pool[i]);
}

/* The first time a dma-buf may be one of its own kind, the second time it is
 * imported for good, for as long as there are frames of that size. */
GST_START_TEST (test_new_memories_of_old_dma_bufs)
{
  const BlockFrame small = { 48, 32, 8 }, large = { 96, 64, 16 };
  gchar *model = test_model_write_looking (1, 0, 0, "48x32");
  g_autofree gchar *line = g_strdup_printf ("rknnyolo model=%s preprocess=rga "
      "cores=0 contexts-per-core=1", model);
  GstAllocator *allocator = gst_dmabuf_allocator_new ();
  rga_standin_counters counters;
  GstHarness *harness;

  standin.reset_counters ();
  harness = gst_harness_new_parse (line);
  push_recycled (harness, allocator, &small, 40);
  standin.get_counters (&counters);
  assert_equals_int (counters.imports, 1 + 3 + 3);
  assert_equals_int (counters.live, 1 + 3);
  push_recycled (harness, allocator, &large, 40);
  standin.get_counters (&counters);
  assert_equals_int (counters.imports, 1 + 3 + 3 + 3 + 3);
  assert_equals_int (counters.live, 1 + 3);
  gst_object_unref (allocator);
  standin.get_counters (&counters);
  assert_equals_int (counters.live, 1);
  gst_harness_teardown (harness);
  standin.get_counters (&counters);
  assert_equals_int (counters.live, 0);
  test_model_remove (model);
}

GST_END_TEST;

/* The inputs of a model of several sizes, which takes three pictures a run,
 * each in its place in the one memory. */
GST_START_TEST (test_sizes_and_batch)
{
  const BlockFrame wide = { 64, 32, 8 }, high = { 32, 64, 8 };
  const BlockFrame bordered = { 48, 32, 8 }, photo = { 96, 80, 8 };
  gchar *model = test_model_write_looking (3, 0, 0, "96x96,64x32,32x64");
  g_autofree gchar *line = g_strdup_printf ("rknnyolo model=%s preprocess=rga "
      "cores=0 contexts-per-core=1", model);
  rga_standin_counters counters;
  GstHarness *harness;

  standin.reset_counters ();
  g_setenv ("RKNN_STANDIN_TIME", "10", TRUE);
  harness = gst_harness_new_parse (line);
  g_unsetenv ("RKNN_STANDIN_TIME");
  for (guint i = 0; i < 2; i++) {
    push_blocks (harness, &wide, 10);
    push_blocks (harness, &photo, 10);
    push_blocks (harness, &high, 10);
    push_blocks (harness, &bordered, 10);
  }
  assert_equals_uint64 (get_counter (get_element (harness), "rga-frames"), 80);
  gst_harness_teardown (harness);
  standin.get_counters (&counters);
  assert_equals_int (counters.live, 0);
  test_model_remove (model);
}

GST_END_TEST;

static void
add_tests (TCase * tests)
{
  tcase_add_test (tests, test_imports);
  tcase_add_test (tests, test_pool_outlives_element);
  tcase_add_test (tests, test_no_leaks);
  tcase_add_test (tests, test_renewal);
  tcase_add_test (tests, test_several_elements);
  tcase_add_test (tests, test_ordinary_memory);
  tcase_add_test (tests, test_cpu);
  tcase_add_test (tests, test_required_for_frame);
  tcase_add_test (tests, test_required_at_start);
  tcase_add_test (tests, test_no_library);
  tcase_add_test (tests, test_failing);
  tcase_add_test (tests, test_new_memories_of_old_dma_bufs);
  tcase_add_test (tests, test_sizes_and_batch);
}

int
main (int argc, char **argv)
{
  g_setenv ("RGA_STANDIN_SOC", "rk3568", TRUE);
  rga_standin_load (&standin);
  return element_test_main (&argc, &argv, "rga", add_tests);
}
