/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What rknnyolo says of its work: latency, counters, messages. */

#include <gst/check/gsttestclock.h>

#include "elementtest.h"

/* ---- latency -------------------------------------------------------------- */

#define SLOW (40 * G_TIME_SPAN_MILLISECOND)

/* Mapping the frame takes SLOW, which happens in chain. */
static gboolean
map_slowly (GstVideoMeta * meta, guint plane, GstMapInfo * info,
    gpointer * data, gint * stride, GstMapFlags flags)
{
  gsize offset, skip;
  guint index, length;

  if (plane == 0)
    g_usleep (SLOW);
  offset = meta->offset[plane];
  if (!gst_buffer_find_memory (meta->buffer, offset, 1, &index, &length, &skip)
      || !gst_buffer_map_range (meta->buffer, index, length, info, flags))
    return FALSE;
  *data = info->data + skip;
  *stride = meta->stride[plane];
  return TRUE;
}

static gboolean
unmap_slowly (GstVideoMeta * meta, guint plane, GstMapInfo * info)
{
  gst_buffer_unmap (meta->buffer, info);
  return TRUE;
}

static GstBuffer *
new_slow_frame (guint number)
{
  GstBuffer *buffer = new_frame (number);
  GstVideoMeta *meta = gst_buffer_add_video_meta (buffer, 0,
      GST_VIDEO_FORMAT_NV12, WIDTH, HEIGHT);

  meta->map = map_slowly;
  meta->unmap = unmap_slowly;
  return buffer;
}

/* Pushes a frame and takes it; *longest is what that took at most, in
 * microseconds. */
static void
time_frame (GstHarness * harness, GstBuffer * buffer, gint64 * longest)
{
  gint64 start = g_get_monotonic_time (), end;

  gst_buffer_unref (gst_harness_push_and_pull (harness, buffer));
  end = g_get_monotonic_time ();
  *longest = MAX (*longest, end - start);
}

static guint
get_latency_field (GstElement * element, const gchar * field)
{
  g_autoptr (GstStructure) stats = NULL;
  g_autoptr (GstStructure) latency = NULL;
  guint value = 0;

  g_object_get (element, "stats", &stats, NULL);
  fail_unless (gst_structure_get (stats, "latency", GST_TYPE_STRUCTURE,
          &latency, NULL));
  fail_unless (gst_structure_get_uint (latency, field, &value));
  return value;
}

static guint
count_messages (GstBus * bus, GstMessageType type)
{
  GstMessage *message;
  guint n = 0;

  for (; (message = gst_bus_pop_filtered (bus, type)); n++)
    gst_message_unref (message);
  return n;
}

/* The answer to a LATENCY query lies between what frames certainly took and
 * what the test saw, with the headroom of 5 %; it is told when frames come to
 * take longer, and when they have not for long. */
GST_START_TEST (test_latency_follows_frames)
{
  GstHarness *harness = new_harness ("");
  GstBus *bus = add_bus (harness);
  gint64 seen = 0, answer;
  guint n_slow = 0;

  for (guint i = 0; i < 40; i++)
    time_frame (harness, new_frame (i), &seen);
  answer = gst_harness_query_latency (harness) / GST_USECOND;
  fail_unless (answer > 0 && answer <= seen * 1.05 + 1);
  assert_equals_int (count_messages (bus, GST_MESSAGE_LATENCY), 0);

  /* Machines where everything takes so long cannot show the difference. */
  if (answer < SLOW) {
    for (; n_slow < 64 && !gst_bus_have_pending (bus); n_slow++)
      time_frame (harness, new_slow_frame (n_slow), &seen);
    assert_equals_int (count_messages (bus, GST_MESSAGE_LATENCY), 1);
    answer = gst_harness_query_latency (harness) / GST_USECOND;
    fail_unless (answer >= SLOW && answer <= seen * 1.05 + 1);
  }
  fail_unless (get_latency_field (get_element (harness), "max-us") <= seen);
  remove_bus (harness, bus);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* Who only looks at the latency does not distribute it: that it has grown is
 * said nevertheless. */
GST_START_TEST (test_latency_asked_by_others)
{
  GstHarness *harness = new_harness ("");
  GstBus *bus = add_bus (harness);
  gint64 seen = 0;

  for (guint i = 0; i < 40; i++)
    time_frame (harness, new_frame (i), &seen);
  /* Machines where everything takes so long cannot show the difference. */
  if (gst_harness_query_latency (harness) / GST_USECOND < SLOW) {
    for (guint i = 0; i < 64; i++) {
      time_frame (harness, new_slow_frame (i), &seen);
      gst_harness_query_latency (harness);
    }
    fail_unless (count_messages (bus, GST_MESSAGE_LATENCY) >= 1);
  }
  remove_bus (harness, bus);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* A frame out of the ordinary is forgotten. */
GST_START_TEST (test_latency_forgets)
{
  GstHarness *harness = new_harness ("");
  gint64 seen = 0;
  guint max;

  gst_buffer_unref (gst_harness_push_and_pull (harness, new_slow_frame (0)));
  fail_unless (gst_harness_query_latency (harness) >= SLOW * GST_USECOND);
  for (guint i = 0; i < 256; i++)
    time_frame (harness, new_frame (i), &seen);
  max = get_latency_field (get_element (harness), "max-us");
  fail_unless (max <= seen, "%u > %" G_GINT64_FORMAT, max, seen);
  gst_harness_teardown (harness);
}

GST_END_TEST;

static GstFlowReturn
take_slowly (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  g_usleep (SLOW);
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

/* Frames that wait for downstream, in the element or before it, take no longer
 * for it.  Behind a full element each would seem to take 4 times SLOW. */
GST_START_TEST (test_latency_without_downstream)
{
  GstHarness *harness = new_harness ("max-in-flight=3");
  guint median;

  gst_pad_set_chain_function (harness->sinkpad, take_slowly);
  for (guint i = 0; i < 20; i++)
    assert_equals_int (gst_harness_push (harness, new_frame (i)), GST_FLOW_OK);
  gst_harness_push_event (harness, gst_event_new_eos ());
  wait_for_eos (harness);
  median = get_latency_field (get_element (harness), "median-us");
  fail_unless (median > 0 && median < 2 * SLOW, "%u us", median);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* Frames before the limit is reached neither wait nor count. */
GST_START_TEST (test_latency_of_passing_frames)
{
  GstHarness *harness = new_harness ("interval=4");
  g_autoptr (GstStructure) stats = NULL;
  g_autoptr (GstStructure) latency = NULL;
  guint64 count;

  for (guint i = 0; i < 16; i++)
    gst_buffer_unref (gst_harness_push_and_pull (harness, new_frame (i)));
  g_object_get (get_element (harness), "stats", &stats, NULL);
  fail_unless (gst_structure_get (stats, "latency", GST_TYPE_STRUCTURE,
          &latency, NULL));
  fail_unless (gst_structure_get_uint64 (latency, "count", &count));
  assert_equals_uint64 (count, 4);
  gst_harness_teardown (harness);
}

GST_END_TEST;

static GstClockTime upstream_max;

static gboolean
answer_latency (GstPad * pad, GstObject * parent, GstQuery * query)
{
  if (GST_QUERY_TYPE (query) != GST_QUERY_LATENCY)
    return gst_pad_query_default (pad, parent, query);
  gst_query_set_latency (query, TRUE, 20 * GST_MSECOND, upstream_max);
  return TRUE;
}

/* What is held inside the element is room that upstream need not have. */
GST_START_TEST (test_latency_maximum)
{
  GstHarness *harness = new_harness ("max-in-flight=5");
  GstQuery *query = gst_query_new_latency ();
  GstClockTime min, max;
  gboolean live;

  gst_pad_set_query_function (harness->srcpad, answer_latency);
  gst_buffer_unref (gst_harness_push_and_pull (harness, new_frame (0)));
  upstream_max = 100 * GST_MSECOND;
  fail_unless (gst_pad_peer_query (harness->sinkpad, query));
  gst_query_parse_latency (query, &live, &min, &max);
  fail_unless (live);
  fail_unless (min > 20 * GST_MSECOND);
  assert_equals_uint64 (max, upstream_max + MAX (5 * FRAME,
          min - 20 * GST_MSECOND));

  upstream_max = GST_CLOCK_TIME_NONE;
  fail_unless (gst_pad_peer_query (harness->sinkpad, query));
  gst_query_parse_latency (query, NULL, NULL, &max);
  assert_equals_uint64 (max, GST_CLOCK_TIME_NONE);
  gst_query_unref (query);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* ---- counters ------------------------------------------------------------- */

GST_START_TEST (test_corrupted_frames)
{
  GstHarness *harness = new_harness ("");
  GstElement *element = get_element (harness);

  for (guint i = 0; i < 4; i++) {
    GstBuffer *buffer = new_frame (i);

    if (i % 2)
      GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_CORRUPTED);
    buffer = gst_harness_push_and_pull (harness, buffer);
    assert_equals_uint64 (GST_BUFFER_PTS (buffer), i * FRAME);
    assert_equals_int (count_regions (buffer), i % 2 ? 0 : 2);
    gst_buffer_unref (buffer);
  }
  assert_equals_uint64 (get_counter (element, "inferred"), 2);
  assert_equals_uint64 (get_counter (element, "corrupted"), 2);
  check_sum (element, 4);
  gst_harness_teardown (harness);
}

GST_END_TEST;

typedef struct
{
  GstHarness *harness;
  gint stop;                    /* atomic */
} Audit;

static gpointer
check_always (gpointer data)
{
  Audit *audit = data;
  GstElement *element = get_element (audit->harness);

  while (!g_atomic_int_get (&audit->stop)) {
    GstStructure *stats = NULL;

    g_object_get (element, "stats", &stats, NULL);
    check_stats_sum (stats);
    gst_structure_free (stats);
  }
  return NULL;
}

/* Nobody ever sees a frame in two counters, or in none. */
GST_START_TEST (test_sum_at_any_time)
{
  Audit audit = { new_harness ("overload=drop max-in-flight=2"), FALSE };
  GstElement *element = get_element (audit.harness);
  GThread *thread = g_thread_new ("audit", check_always, &audit);
  guint64 pushed;

  for (guint i = 0; i < 400; i++) {
    GstBuffer *buffer = new_frame (i);

    if (i % 5 == 1)
      GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_CORRUPTED);
    if (i % 7 == 1)
      GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_GAP);
    g_object_set (element, "overload", i / 50 % 3, NULL);
    gst_harness_push (audit.harness, buffer);
    if (i % 100 == 99) {
      GstSegment segment;

      gst_segment_init (&segment, GST_FORMAT_TIME);
      gst_harness_push_event (audit.harness, gst_event_new_flush_start ());
      gst_harness_push_event (audit.harness, gst_event_new_flush_stop (TRUE));
      gst_harness_push_event (audit.harness, gst_event_new_segment (&segment));
    }
  }
  gst_harness_push_event (audit.harness, gst_event_new_eos ());
  wait_for_eos (audit.harness);
  g_atomic_int_set (&audit.stop, TRUE);
  g_thread_join (thread);
  pushed = 400;
  check_sum (element, pushed);
  gst_harness_teardown (audit.harness);
}

GST_END_TEST;

/* ---- quality of service --------------------------------------------------- */

static void
send_qos (GstHarness * harness, gdouble proportion, GstClockTimeDiff jitter,
    GstClockTime timestamp)
{
  fail_unless (gst_pad_push_event (harness->sinkpad,
          gst_event_new_qos (GST_QOS_TYPE_UNDERFLOW, proportion, jitter,
              timestamp)));
}

static void
check_qos_message (GstMessage * message, guint number, gint64 late,
    guint64 processed, guint64 dropped)
{
  guint64 time, stream_time, timestamp, duration, n_processed, n_dropped;
  gdouble proportion;
  GstFormat format;
  gint64 jitter;

  gst_message_parse_qos (message, NULL, &time, &stream_time, &timestamp,
      &duration);
  assert_equals_uint64 (time, number * FRAME);
  assert_equals_uint64 (stream_time, number * FRAME);
  assert_equals_uint64 (timestamp, number * FRAME);
  assert_equals_uint64 (duration, FRAME);
  gst_message_parse_qos_values (message, &jitter, &proportion, NULL);
  assert_equals_int64 (jitter, late);
  fail_unless (proportion == 1.5);
  gst_message_parse_qos_stats (message, &format, &n_processed, &n_dropped);
  assert_equals_int (format, GST_FORMAT_BUFFERS);
  assert_equals_uint64 (n_processed, processed);
  assert_equals_uint64 (n_dropped, dropped);
}

/* A frame that downstream would find late passes, and the application hears of
 * it what GstBaseTransform would say. */
GST_START_TEST (test_qos_late_frames)
{
  GstHarness *harness = new_harness ("qos=true");
  GstBus *bus = add_bus (harness);
  GstMessage *message;

  assert_equals_int (regions_of_next (harness), 2);
  /* Frame 1 was late by one: up to frame 3 all would be. */
  send_qos (harness, 1.5, FRAME, 1 * FRAME);
  for (guint i = 2; i < 5; i++) {
    GstBuffer *buffer = gst_harness_push_and_pull (harness, new_frame (i));

    assert_equals_int (count_regions (buffer), i <= 3 ? 0 : 2);
    gst_buffer_unref (buffer);
  }
  for (guint i = 2; i <= 3; i++) {
    message = gst_bus_pop_filtered (bus, GST_MESSAGE_QOS);
    fail_unless (message != NULL);
    check_qos_message (message, i, (3 - i) * FRAME, 1, i - 1);
    gst_message_unref (message);
  }
  assert_equals_int (count_messages (bus, GST_MESSAGE_QOS), 0);
  assert_equals_uint64 (get_counter (get_element (harness), "skipped"), 2);

  g_object_set (get_element (harness), "qos", FALSE, NULL);
  send_qos (harness, 1.5, FRAME, 10 * FRAME);
  assert_equals_int (regions_of_next (harness), 2);
  assert_equals_int (count_messages (bus, GST_MESSAGE_QOS), 0);
  remove_bus (harness, bus);
  gst_harness_teardown (harness);
}

GST_END_TEST;

static GstPadProbeReturn
block (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  return GST_PAD_PROBE_OK;
}

/* Of dropped frames only who asked for it hears. */
GST_START_TEST (test_qos_dropped_frames)
{
  gboolean qos = __i__;
  GstHarness *harness = new_harness (qos ? "max-in-flight=2 overload=drop "
      "qos=true" : "max-in-flight=2 overload=drop");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (get_element (harness),
      "src");
  GstBus *bus = add_bus (harness);
  gulong id = gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BLOCK
      | GST_PAD_PROBE_TYPE_BUFFER, block, NULL, NULL);
  guint64 dropped;

  for (guint i = 0; i < 10; i++)
    assert_equals_int (gst_harness_push (harness, new_frame (i)), GST_FLOW_OK);
  dropped = get_counter (get_element (harness), "dropped");
  fail_unless (dropped >= 7);
  assert_equals_int (count_messages (bus, GST_MESSAGE_QOS), qos ? dropped : 0);
  gst_pad_remove_probe (pad, id);
  remove_bus (harness, bus);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* ---- reports -------------------------------------------------------------- */

/* The system clock of elements that are started from now on stands still until
 * it is told to go on. */
static GstTestClock *
stop_clock (void)
{
  GstClock *clock = gst_test_clock_new ();

  gst_system_clock_set_default (clock);
  return GST_TEST_CLOCK (clock);
}

static void
release_clock (GstTestClock * clock)
{
  gst_system_clock_set_default (NULL);
  gst_object_unref (clock);
}

/* All that is due up to then happens before this returns. */
static void
go_on_to (GstTestClock * clock, GstClockTime time)
{
  GstClockID id;

  gst_test_clock_set_time (clock, time);
  while ((id = gst_test_clock_process_next_clock_id (clock)))
    gst_clock_id_unref (id);
}

static void
push_and_pull_frames (GstHarness * harness, guint n)
{
  for (guint i = 0; i < n; i++)
    gst_buffer_unref (gst_harness_push_and_pull (harness, new_frame (i)));
}

static void
check_stats_message (GstBus * bus, guint64 frames_in, gdouble fps)
{
  GstMessage *message = gst_bus_pop_filtered (bus, GST_MESSAGE_ELEMENT);
  const GstStructure *stats;
  gdouble fps_in, inferred_per_second;
  guint64 value;

  fail_unless (message != NULL);
  stats = gst_message_get_structure (message);
  fail_unless (gst_structure_has_name (stats, "application/x-rknnyolo-stats"));
  check_stats_sum (stats);
  fail_unless (gst_structure_get_uint64 (stats, "frames-in", &value));
  assert_equals_uint64 (value, frames_in);
  fail_unless (gst_structure_get_double (stats, "fps-in", &fps_in));
  fail_unless (gst_structure_get_double (stats, "inferred-per-second",
          &inferred_per_second));
  assert_equals_float (fps_in, fps);
  assert_equals_float (inferred_per_second, fps);
  fail_unless (gst_structure_has_field_typed (stats, "latency",
          GST_TYPE_STRUCTURE));
  gst_message_unref (message);
}

/* Messages come at the interval that is set, from PAUSED on, until READY. */
GST_START_TEST (test_stats_interval)
{
  GstTestClock *clock = stop_clock ();
  GstHarness *harness = new_harness ("stats-interval=500");
  GstElement *element = get_element (harness);
  GstBus *bus = add_bus (harness);

  push_and_pull_frames (harness, 10);
  go_on_to (clock, 499 * GST_MSECOND);
  assert_equals_int (count_messages (bus, GST_MESSAGE_ELEMENT), 0);
  go_on_to (clock, 500 * GST_MSECOND);
  check_stats_message (bus, 10, 20.0);
  push_and_pull_frames (harness, 3);
  go_on_to (clock, 1000 * GST_MSECOND);
  check_stats_message (bus, 13, 6.0);

  g_object_set (element, "stats-interval", 100, NULL);
  push_and_pull_frames (harness, 1);
  go_on_to (clock, 1100 * GST_MSECOND);
  check_stats_message (bus, 14, 10.0);
  g_object_set (element, "stats-interval", 0, NULL);
  go_on_to (clock, 2000 * GST_MSECOND);
  assert_equals_int (count_messages (bus, GST_MESSAGE_ELEMENT), 0);

  g_object_set (element, "stats-interval", 100, NULL);
  gst_element_set_state (element, GST_STATE_READY);
  go_on_to (clock, 3000 * GST_MSECOND);
  assert_equals_int (count_messages (bus, GST_MESSAGE_ELEMENT), 0);
  assert_equals_int (gst_test_clock_peek_id_count (clock), 0);
  remove_bus (harness, bus);
  gst_harness_teardown (harness);
  release_clock (clock);
}

GST_END_TEST;

static GstBusSyncReply
stop_at_stats (GstBus * bus, GstMessage * message, gpointer data)
{
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ELEMENT)
    gst_element_set_state (data, GST_STATE_NULL);
  return GST_BUS_PASS;
}

/* Who gets the message may stop the element then and there. */
GST_START_TEST (test_stopped_by_stats)
{
  GstHarness *harness = new_harness ("");
  GstElement *element = get_element (harness);
  GstBus *bus = gst_bus_new ();
  GstState state = GST_STATE_PLAYING;

  gst_bus_set_sync_handler (bus, stop_at_stats, element, NULL);
  gst_element_set_bus (element, bus);
  g_object_set (element, "stats-interval", 1, NULL);
  for (guint i = 0; i < 6000 && state != GST_STATE_NULL; i++) {
    gst_element_get_state (element, &state, NULL, GST_CLOCK_TIME_NONE);
    g_usleep (10000);
  }
  assert_equals_int (state, GST_STATE_NULL);
  gst_bus_set_flushing (bus, TRUE);
  remove_bus (harness, bus);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* Changes of the interval and of the state at once. */
GST_START_TEST (test_stats_interval_storm)
{
  GstHarness *harness = new_harness ("");
  GstElement *element = get_element (harness);

  for (guint i = 0; i < 100; i++) {
    g_object_set (element, "stats-interval", i % 4, NULL);
    if (i % 10 == 9) {
      gst_element_set_state (element, GST_STATE_READY);
      gst_element_set_state (element, GST_STATE_PLAYING);
    }
    g_usleep (i % 3 * 1000);
  }
  gst_harness_teardown (harness);
}

GST_END_TEST;

static void
note_line (GstDebugCategory * category, GstDebugLevel level,
    const gchar * file, const gchar * function, gint line, GObject * object,
    GstDebugMessage * message, gpointer data)
{
  const gchar *text = gst_debug_message_get (message);

  if (g_strcmp0 (gst_debug_category_get_name (category), "rknnyolo") == 0
      && level == GST_LEVEL_INFO && strstr (text, "fps in"))
    g_string_append (data, text);
}

/* One line a second for people, with level INFO only. */
GST_START_TEST (test_log_line)
{
  GstTestClock *clock = stop_clock ();
  GstHarness *harness = new_harness ("cores=0,1");
  GString *lines = g_string_new (NULL);

  gst_debug_add_log_function (note_line, lines, NULL);
  gst_debug_set_threshold_for_name ("rknnyolo", GST_LEVEL_WARNING);
  push_and_pull_frames (harness, 5);
  go_on_to (clock, GST_SECOND);
  assert_equals_string (lines->str, "");
  gst_debug_set_threshold_for_name ("rknnyolo", GST_LEVEL_INFO);
  go_on_to (clock, 2 * GST_SECOND);
  fail_unless (g_str_has_prefix (lines->str, "2.5 fps in, 2.5 inferred, "));
  g_string_truncate (lines, 0);
  push_and_pull_frames (harness, 25);
  go_on_to (clock, 3 * GST_SECOND);
  fail_unless (g_pattern_match_simple ("25.0 fps in, 25.0 inferred, "
          "0.0 skipped, 0.0 dropped, 0.0 failed; 0 of ? in flight, latency * "
          "ms; rknn_run * ms, p95 * ms, core 0 *.0/s, core 1 *.0/s",
          lines->str), "%s", lines->str);
  gst_debug_unset_threshold_for_name ("rknnyolo");
  gst_debug_remove_log_function_by_data (lines);
  g_string_free (lines, TRUE);
  gst_harness_teardown (harness);
  release_clock (clock);
}

GST_END_TEST;

static void
add_tests (TCase * tests)
{
  tcase_add_test (tests, test_latency_follows_frames);
  tcase_add_test (tests, test_latency_asked_by_others);
  tcase_add_test (tests, test_latency_forgets);
  tcase_add_test (tests, test_latency_without_downstream);
  tcase_add_test (tests, test_latency_of_passing_frames);
  tcase_add_test (tests, test_latency_maximum);
  tcase_add_test (tests, test_corrupted_frames);
  tcase_add_test (tests, test_sum_at_any_time);
  tcase_add_test (tests, test_qos_late_frames);
  tcase_add_loop_test (tests, test_qos_dropped_frames, 0, 2);
  tcase_add_test (tests, test_stats_interval);
  tcase_add_test (tests, test_stopped_by_stats);
  tcase_add_test (tests, test_stats_interval_storm);
  tcase_add_test (tests, test_log_line);
}

int
main (int argc, char **argv)
{
  return element_test_main (&argc, &argv, "rknnyolo-measures", add_tests);
}
