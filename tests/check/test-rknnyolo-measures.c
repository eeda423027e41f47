/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What rknnyolo says of its work: latency, counters, messages. */

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

static GstBus *
add_bus (GstHarness * harness)
{
  GstBus *bus = gst_bus_new ();

  gst_element_set_bus (get_element (harness), bus);
  return bus;
}

static void
remove_bus (GstHarness * harness, GstBus * bus)
{
  gst_element_set_bus (get_element (harness), NULL);
  gst_object_unref (bus);
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

GST_START_TEST (test_qos_dropped_frames)
{
  GstHarness *harness = new_harness ("max-in-flight=2 overload=drop");
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
  assert_equals_int (count_messages (bus, GST_MESSAGE_QOS), dropped);
  gst_pad_remove_probe (pad, id);
  remove_bus (harness, bus);
  gst_harness_teardown (harness);
}

GST_END_TEST;

static void
add_tests (TCase * tests)
{
  tcase_add_test (tests, test_latency_follows_frames);
  tcase_add_test (tests, test_latency_forgets);
  tcase_add_test (tests, test_latency_without_downstream);
  tcase_add_test (tests, test_latency_of_passing_frames);
  tcase_add_test (tests, test_latency_maximum);
  tcase_add_test (tests, test_corrupted_frames);
  tcase_add_test (tests, test_sum_at_any_time);
  tcase_add_test (tests, test_qos_late_frames);
  tcase_add_test (tests, test_qos_dropped_frames);
}

int
main (int argc, char **argv)
{
  return element_test_main (&argc, &argv, "rknnyolo-measures", add_tests);
}
