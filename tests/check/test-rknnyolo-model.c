/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Another model while the stream runs. */

#include <glib/gstdio.h>

#include "elementtest.h"

#define MINUTE (60 * GST_SECOND)

/* The first model of the element is that of elementtest.h, with two animals in
 * every frame.  In the second it finds three, in the third one. */
static gchar *savanna_model, *sky_model;

static const TestBox savanna_boxes[] = {
  {0, 0.9f, 4, 16, 12, 24},
  {1, 0.8f, 20, 20, 30, 40},
  {1, 0.7f, 40, 20, 56, 48},
};

static const TestBox sky_boxes[] = {
  {2, 0.9f, 16, 16, 32, 32},
};

static const gchar *const savanna_names[] = { "lion", "zebra", NULL };
static const gchar *const sky_names[] = { "kite", "cloud", "swift", NULL };

typedef enum
{
  NOTHING, PETS, SAVANNA, SKY, MIXTURE
} Scene;

/* Which model has looked at the frame, by what is on it. */
static Scene
get_scene (GstBuffer * buffer)
{
  guint n = count_regions (buffer);

  if (n == 0)
    return NOTHING;
  if (n == 2 && find_region (buffer, "cat") && find_region (buffer, "dog"))
    return PETS;
  if (n == 3 && find_region (buffer, "lion") && find_region (buffer, "zebra"))
    return SAVANNA;
  if (n == 1 && find_region (buffer, "swift"))
    return SKY;
  return MIXTURE;
}

static Scene
scene_of_next (GstHarness * harness)
{
  GstBuffer *buffer = gst_harness_push_and_pull (harness, new_frame (0));
  Scene scene = get_scene (buffer);

  gst_buffer_unref (buffer);
  return scene;
}

static void
set_model (GstHarness * harness, const gchar * model)
{
  g_object_set (get_element (harness), "model", model, NULL);
}

static void
assert_model (GstHarness * harness, const gchar * expected)
{
  g_autofree gchar *model = NULL;

  g_object_get (get_element (harness), "model", &model, NULL);
  assert_equals_string (model, expected);
}

/* A model takes over with a frame, so frames must come until then. */
static void
push_until_scene (GstHarness * harness, Scene scene)
{
  for (guint i = 0; i < 6000 && scene_of_next (harness) != scene; i++)
    g_usleep (10000);
  assert_equals_int (scene_of_next (harness), scene);
}

/* The text of the next warning. */
static gchar *
pop_warning (GstBus * bus)
{
  GstMessage *message = gst_bus_timed_pop_filtered (bus, MINUTE,
      GST_MESSAGE_WARNING);
  g_autoptr (GError) error = NULL;

  fail_unless (message != NULL, "no warning in a minute");
  gst_message_parse_warning (message, &error, NULL);
  gst_message_unref (message);
  return g_strdup (error->message);
}

static void
assert_warning (GstBus * bus, const gchar * pattern)
{
  g_autofree gchar *text = pop_warning (bus);

  fail_unless (g_pattern_match_simple (pattern, text), "\"%s\" is not like "
      "\"%s\"", text, pattern);
}

/* ---- it takes over -------------------------------------------------------- */

static void
check_changed_message (GstBus * bus, const gchar * path)
{
  GstMessage *message = gst_bus_pop_filtered (bus, GST_MESSAGE_ELEMENT);
  g_autofree gchar *name = g_path_get_basename (path);
  const GstStructure *structure;

  fail_unless (message != NULL);
  structure = gst_message_get_structure (message);
  fail_unless (gst_structure_has_name (structure, "rknnyolo-model-changed"));
  assert_equals_string (gst_structure_get_string (structure, "location"), path);
  fail_unless (g_str_has_prefix (name, gst_structure_get_string (structure,
              "model")));
  fail_unless (strstr (gst_structure_get_string (structure, "head"),
          "Ultralytics") != NULL);
  gst_message_unref (message);
}

GST_START_TEST (test_change)
{
  GstHarness *harness = new_harness ("");
  GstBus *bus = add_bus (harness);
  g_autoptr (GstStructure) stats = NULL;

  assert_equals_int (scene_of_next (harness), PETS);
  set_model (harness, savanna_model);
  assert_model (harness, savanna_model);
  push_until_scene (harness, SAVANNA);
  check_changed_message (bus, savanna_model);
  g_object_get (get_element (harness), "stats", &stats, NULL);
  fail_unless (g_str_has_prefix (savanna_model + strlen (g_get_tmp_dir ()) + 1,
          gst_structure_get_string (stats, "model")));

  set_model (harness, element_test_model);
  push_until_scene (harness, PETS);
  check_changed_message (bus, element_test_model);
  fail_unless (gst_bus_pop (bus) == NULL);
  remove_bus (harness, bus);
  gst_harness_teardown (harness);
}

GST_END_TEST;

typedef struct
{
  GstHarness *harness;
  gint stop;                    /* atomic */
  gint pushed;                  /* atomic */
  GMutex lock;                  /* frames only come after the segment */
} Pusher;

static gpointer
push_frames (gpointer data)
{
  Pusher *pusher = data;

  while (!g_atomic_int_get (&pusher->stop)) {
    GstBuffer *buffer = new_frame (g_atomic_int_get (&pusher->pushed));

    assert_equals_int (gst_pad_push (pusher->harness->srcpad, buffer),
        GST_FLOW_OK);
    g_atomic_int_inc (&pusher->pushed);
  }
  return NULL;
}

/* Pulls frames, which must come in order, until n have come of scene and at
 * most those of before before. */
static guint
pull_scene (GstHarness * harness, guint number, Scene before, Scene scene,
    guint n)
{
  while (n > 0) {
    GstBuffer *buffer = gst_harness_pull (harness);
    Scene seen;

    fail_unless (buffer != NULL, "no frame in a minute");
    assert_equals_uint64 (GST_BUFFER_PTS (buffer), number * FRAME);
    seen = get_scene (buffer);
    if (seen == scene) {
      n--;
      before = scene;
    }
    assert_equals_int (seen, before);
    gst_buffer_unref (buffer);
    number++;
  }
  return number;
}

/* How long an inference takes, in milliseconds, with models that are loaded
 * from now on; 0: as long as it does. */
static void
set_run_time (const gchar * milliseconds)
{
  g_setenv ("RKNN_STANDIN_TIME", milliseconds, TRUE);
}

/* No frame is lost or passes uninferred, none changes its place, and from one
 * frame on it is the other model for all, whichever of them is the faster. */
GST_START_TEST (test_change_under_load)
{
  static const gchar *const times[][3] = {
    {"0", "0", "0"}, {"8", "1", "4"}, {"1", "8", "0"},
  };
  Pusher pusher = { NULL, FALSE, 0 };
  GstHarness *harness;
  GstBuffer *buffer;
  GThread *thread;
  guint number;

  set_run_time (times[__i__][0]);
  harness = pusher.harness = new_harness ("contexts-per-core=2");
  thread = g_thread_new ("pusher", push_frames, &pusher);
  number = pull_scene (harness, 0, PETS, PETS, 50);
  set_run_time (times[__i__][1]);
  set_model (harness, savanna_model);
  number = pull_scene (harness, number, PETS, SAVANNA, 50);
  set_run_time (times[__i__][2]);
  set_model (harness, sky_model);
  number = pull_scene (harness, number, SAVANNA, SKY, 50);
  g_object_set (get_element (harness), "interval", 2, NULL);
  g_atomic_int_set (&pusher.stop, TRUE);
  g_thread_join (thread);
  gst_harness_push_event (harness, gst_event_new_eos ());
  for (; number < (guint) pusher.pushed; number++) {
    buffer = gst_harness_pull (harness);
    assert_equals_uint64 (GST_BUFFER_PTS (buffer), number * FRAME);
    gst_buffer_unref (buffer);
  }
  wait_for_eos (harness);
  check_sum (get_element (harness), pusher.pushed);
  assert_equals_uint64 (get_counter (get_element (harness), "failed"), 0);
  gst_harness_teardown (harness);
  set_run_time ("0");
}

GST_END_TEST;

/* A slower model is known to be slower before its first frame is measured. */
GST_START_TEST (test_latency_of_other_model)
{
  GstHarness *harness = new_harness ("");
  GstBus *bus = add_bus (harness);
  GstClockTime before;
  GstMessage *message;

  for (guint i = 0; i < 40; i++)
    assert_equals_int (scene_of_next (harness), PETS);
  before = gst_harness_query_latency (harness);
  set_run_time ("50");
  set_model (harness, savanna_model);
  push_until_scene (harness, SAVANNA);
  if (before < 50 * GST_MSECOND) {
    message = gst_bus_pop_filtered (bus, GST_MESSAGE_LATENCY);
    fail_unless (message != NULL);
    gst_message_unref (message);
  }
  fail_unless (gst_harness_query_latency (harness) >= 50 * GST_MSECOND);
  remove_bus (harness, bus);
  gst_harness_teardown (harness);
  set_run_time ("0");
}

GST_END_TEST;

/* The properties that go with it are those of the same g_object_set, in any
 * order; classes are looked up among the new labels. */
GST_START_TEST (test_change_with_labels)
{
  g_autofree gchar *labels = NULL;
  GstHarness *harness = new_harness ("");
  GstElement *element = get_element (harness);
  GstBuffer *buffer = NULL;
  gint fd = g_file_open_tmp ("rknnyolo-XXXXXX.txt", &labels, NULL);

  g_close (fd, NULL);
  fail_unless (g_file_set_contents (labels, "gnu\nokapi\n", -1, NULL));
  g_object_set (element, "model", savanna_model, "labels", labels, "classes",
      "okapi", NULL);
  for (guint i = 0; i < 6000 && !buffer; i++) {
    buffer = gst_harness_push_and_pull (harness, new_frame (i));
    if (!find_region (buffer, "okapi")) {
      gst_clear_buffer (&buffer);
      g_usleep (10000);
    }
  }
  fail_unless (buffer != NULL);
  assert_equals_int (count_regions (buffer), 2);
  gst_buffer_unref (buffer);
  gst_harness_teardown (harness);
  g_unlink (labels);
}

GST_END_TEST;

/* Of several the last one wins, however many are loaded. */
GST_START_TEST (test_last_change_wins)
{
  GstHarness *harness = new_harness ("");

  for (guint i = 0; i < 5; i++) {
    set_model (harness, savanna_model);
    set_model (harness, "/nonexistent/yolo.onnx");
    set_model (harness, element_test_model);
    fail_if (scene_of_next (harness) == MIXTURE);
    set_model (harness, sky_model);
    push_until_scene (harness, SKY);
    assert_model (harness, sky_model);
    for (guint k = 0; k < 10; k++)
      assert_equals_int (scene_of_next (harness), SKY);
  }
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* While it is loaded nothing happens, so a paused element changes with its
 * next frame, and one that gets none any more does not. */
GST_START_TEST (test_change_and_eos)
{
  GstHarness *harness = new_harness ("");

  gst_harness_push (harness, new_frame (0));
  set_model (harness, savanna_model);
  gst_harness_push_event (harness, gst_event_new_eos ());
  wait_for_eos (harness);
  g_usleep (__i__ * 20000);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* ---- it does not ---------------------------------------------------------- */

static void
count_notification (GObject * object, GParamSpec * pspec, gpointer data)
{
  g_atomic_int_inc ((gint *) data);
}

GST_START_TEST (test_refused_model)
{
  static const gint64 dims[] = { 1, 3, 7, 5 };
  GstHarness *harness = new_harness ("");
  gchar *headless = test_model_write_shape (dims, 4);
  GstBus *bus = add_bus (harness);
  g_autofree gchar *cores = NULL;
  gint notified = 0;

  g_signal_connect (get_element (harness), "notify::model",
      G_CALLBACK (count_notification), &notified);
  set_model (harness, "/nonexistent/yolo.onnx");
  assert_warning (bus, "*/nonexistent/yolo.onnx*stays in use.");
  assert_model (harness, element_test_model);
  /* When it was set, and when it was set back. */
  assert_equals_int (g_atomic_int_get (&notified), 2);
  assert_equals_int (scene_of_next (harness), PETS);

  g_object_set (get_element (harness), "model", headless, "cores", "0", NULL);
  assert_warning (bus, "*output0*stays in use.");
  assert_model (harness, element_test_model);
  g_object_get (get_element (harness), "cores", &cores, NULL);
  assert_equals_string (cores, "auto");

  set_model (harness, NULL);
  assert_warning (bus, "*property model*stays in use.");
  assert_model (harness, element_test_model);
  assert_equals_int (scene_of_next (harness), PETS);
  fail_unless (gst_bus_pop (bus) == NULL);
  test_model_remove (headless);
  remove_bus (harness, bus);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* What others use is not taken from them; alone one may, and who comes then
 * gets the new one. */
GST_START_TEST (test_shared_model)
{
  GstHarness *a = new_harness ("model-instance-id=zoo");
  GstHarness *b = new_harness ("model-instance-id=zoo"), *c;
  GstBus *bus = add_bus (a);
  g_autofree gchar *line = NULL;

  set_model (a, savanna_model);
  assert_warning (bus, "*zoo*other elements*stays in use.");
  assert_model (a, element_test_model);
  assert_equals_int (scene_of_next (a), PETS);
  assert_equals_int (scene_of_next (b), PETS);
  gst_harness_teardown (b);

  set_model (a, savanna_model);
  push_until_scene (a, SAVANNA);
  line = g_strdup_printf ("rknnyolo model-instance-id=zoo model=%s",
      savanna_model);
  c = gst_harness_new_parse (line);
  gst_harness_set_src_caps_str (c, CAPS);
  assert_equals_int (scene_of_next (c), SAVANNA);

  set_model (a, sky_model);
  assert_warning (bus, "*zoo*other elements*stays in use.");
  remove_bus (a, bus);
  gst_harness_teardown (a);
  assert_equals_int (scene_of_next (c), SAVANNA);
  set_model (c, sky_model);
  push_until_scene (c, SKY);
  gst_harness_teardown (c);
}

GST_END_TEST;

/* It has the model of the others, whatever its own property says. */
GST_START_TEST (test_shared_model_unnamed)
{
  GstHarness *a = new_harness ("model-instance-id=zoo");
  GstHarness *b = gst_harness_new_parse ("rknnyolo model-instance-id=zoo");
  GstBus *bus = add_bus (b);
  g_autofree gchar *used = g_path_get_basename (element_test_model);
  g_autofree gchar *pattern = NULL;

  *strrchr (used, '.') = '\0';
  pattern = g_strdup_printf ("*zoo*The model *%s* stays in use.", used);
  set_model (b, savanna_model);
  assert_warning (bus, pattern);
  assert_model (b, NULL);
  remove_bus (b, bus);
  gst_harness_teardown (b);
  gst_harness_teardown (a);
}

GST_END_TEST;

static GstBusSyncReply
stop_at_warning (GstBus * bus, GstMessage * message, gpointer data)
{
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_WARNING)
    gst_element_set_state (data, GST_STATE_NULL);
  return GST_BUS_PASS;
}

static void
wait_for_null (GstElement * element)
{
  GstState state = GST_STATE_PLAYING;

  for (guint i = 0; i < 6000 && state != GST_STATE_NULL; i++) {
    gst_element_get_state (element, &state, NULL, GST_CLOCK_TIME_NONE);
    g_usleep (10000);
  }
  assert_equals_int (state, GST_STATE_NULL);
}

/* Who hears of the refusal, in the thread that loads, may stop the element and
 * start it anew. */
GST_START_TEST (test_stopped_by_refusal)
{
  GstHarness *harness = new_harness ("");
  GstElement *element = get_element (harness);
  GstBus *bus = gst_bus_new ();

  gst_bus_set_sync_handler (bus, stop_at_warning, element, NULL);
  gst_element_set_bus (element, bus);
  set_model (harness, "/nonexistent/yolo.onnx");
  wait_for_null (element);
  gst_bus_set_sync_handler (bus, NULL, NULL, NULL);
  gst_element_set_state (element, GST_STATE_PLAYING);
  gst_harness_set_src_caps_str (harness, CAPS);
  assert_equals_int (scene_of_next (harness), PETS);
  set_model (harness, sky_model);
  push_until_scene (harness, SKY);
  gst_bus_set_flushing (bus, TRUE);
  remove_bus (harness, bus);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* ---- meanwhile ------------------------------------------------------------ */

/* The element may stop at any moment of it, and starts with what was set. */
GST_START_TEST (test_stop_while_loading)
{
  GstHarness *harness = new_harness ("");
  GstElement *element = get_element (harness);

  for (guint i = 0; i < 40; i++) {
    gboolean savanna = i % 2;

    set_model (harness, savanna ? savanna_model : sky_model);
    for (guint k = 0; k < i % 5; k++)
      gst_harness_push (harness, new_frame (k));
    g_usleep (i % 7 * 1000);
    gst_element_set_state (element, i % 3 ? GST_STATE_NULL : GST_STATE_READY);
    gst_element_set_state (element, GST_STATE_PLAYING);
    while (gst_harness_buffers_in_queue (harness))
      gst_buffer_unref (gst_harness_pull (harness));
    gst_harness_set_src_caps_str (harness, CAPS);
    assert_equals_int (scene_of_next (harness), savanna ? SAVANNA : SKY);
  }
  gst_harness_teardown (harness);
}

GST_END_TEST;

static gpointer
push_always (gpointer data)
{
  Pusher *pusher = data;

  while (!g_atomic_int_get (&pusher->stop)) {
    GstFlowReturn result;
    GstBuffer *buffer;

    g_mutex_lock (&pusher->lock);
    result = gst_pad_push (pusher->harness->srcpad, new_frame (0));
    g_mutex_unlock (&pusher->lock);
    if (result != GST_FLOW_OK)
      g_usleep (100);
    while ((buffer = gst_harness_try_pull (pusher->harness))) {
      fail_if (get_scene (buffer) == MIXTURE);
      gst_buffer_unref (buffer);
    }
  }
  return NULL;
}

static gpointer
change_always (gpointer data)
{
  Pusher *pusher = data;
  const gchar *models[] = { savanna_model, sky_model, element_test_model };

  for (guint i = 0; !g_atomic_int_get (&pusher->stop); i++) {
    set_model (pusher->harness, models[i % 3]);
    g_usleep (i % 4 * 1000);
  }
  return NULL;
}

static void
flush (Pusher * pusher)
{
  GstPad *pad = pusher->harness->srcpad;
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (pad, gst_event_new_flush_start ());
  g_mutex_lock (&pusher->lock);
  gst_pad_push_event (pad, gst_event_new_flush_stop (TRUE));
  gst_pad_push_event (pad, gst_event_new_segment (&segment));
  g_mutex_unlock (&pusher->lock);
}

/* Changes while frames are in flight and flushed. */
GST_START_TEST (test_change_storm)
{
  Pusher pusher = { new_harness (""), FALSE, 0 };
  GstHarness *harness = pusher.harness;
  GstElement *element = get_element (harness);
  GThread *threads[2];
  GstBuffer *buffer;

  threads[0] = g_thread_new ("push", push_always, &pusher);
  threads[1] = g_thread_new ("change", change_always, &pusher);
  for (guint i = 0; i < 200; i++) {
    GstStructure *stats = NULL;

    flush (&pusher);
    g_object_set (element, "max-in-flight", i % 5, "classes",
        i % 2 ? "" : "cat,dog,lion,zebra,swift", NULL);
    g_object_get (element, "stats", &stats, NULL);
    check_stats_sum (stats);
    gst_structure_free (stats);
    gst_harness_query_latency (harness);
    g_usleep (i % 5 * 1000);
  }
  g_atomic_int_set (&pusher.stop, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);

  /* What is in flight must not come later. */
  flush (&pusher);
  g_object_set (element, "classes", "", "model", savanna_model, NULL);
  while ((buffer = gst_harness_try_pull (harness)))
    gst_buffer_unref (buffer);
  push_until_scene (harness, SAVANNA);
  check_sum (element, get_counter (element, "frames-in"));
  gst_harness_teardown (harness);
}

GST_END_TEST;

static void
add_tests (TCase * tests)
{
  savanna_model = test_model_write (savanna_boxes,
      G_N_ELEMENTS (savanna_boxes), 2, savanna_names);
  sky_model = test_model_write (sky_boxes, G_N_ELEMENTS (sky_boxes), 3,
      sky_names);
  tcase_add_test (tests, test_change);
  tcase_add_loop_test (tests, test_change_under_load, 0, 3);
  tcase_add_test (tests, test_latency_of_other_model);
  tcase_add_test (tests, test_change_with_labels);
  tcase_add_test (tests, test_last_change_wins);
  tcase_add_loop_test (tests, test_change_and_eos, 0, 3);
  tcase_add_test (tests, test_refused_model);
  tcase_add_test (tests, test_shared_model);
  tcase_add_test (tests, test_shared_model_unnamed);
  tcase_add_test (tests, test_stopped_by_refusal);
  tcase_add_test (tests, test_stop_while_loading);
  tcase_add_test (tests, test_change_storm);
}

int
main (int argc, char **argv)
{
  int failed = element_test_main (&argc, &argv, "rknnyolo-model", add_tests);

  if (savanna_model)
    test_model_remove (savanna_model);
  if (sky_model)
    test_model_remove (sky_model);
  return failed;
}
