/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Events and queries among frames in flight: each keeps its place, those out
 * of band keep none, and a flush ends whatever waits. */

#include "streamtest.h"

/* ---- places --------------------------------------------------------------- */

static GstPadProbeReturn
note_word (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GString *list = data;

  if (info->type & GST_PAD_PROBE_TYPE_BUFFER)
    g_string_append_printf (list, "%d ",
        (gint) (GST_BUFFER_PTS (GST_PAD_PROBE_INFO_BUFFER (info)) / FRAME));
  else
    g_string_append_printf (list, "%s:%u ",
        GST_EVENT_TYPE_NAME (GST_PAD_PROBE_INFO_EVENT (info)),
        GST_EVENT_SEQNUM (GST_PAD_PROBE_INFO_EVENT (info)));
  return GST_PAD_PROBE_OK;
}

static GString *
note_words (GstPad * pad)
{
  GString *list = g_string_new (NULL);

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER
      | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, note_word, list, NULL);
  return list;
}

static GstEvent *
new_segment (gdouble rate)
{
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  segment.rate = rate;
  return gst_event_new_segment (&segment);
}

static GstEvent *
new_some_event (guint kind, guint number)
{
  g_autoptr (GstCaps) caps = NULL;
  GstMessage *message;
  GstEvent *event;

  switch (kind) {
    case 0:
      return gst_event_new_gap (number * FRAME, FRAME);
    case 1:
      return gst_event_new_tag (gst_tag_list_new (GST_TAG_TRACK_NUMBER, number,
              NULL));
    case 2:
      return gst_event_new_custom (GST_EVENT_CUSTOM_DOWNSTREAM,
          gst_structure_new ("mark", "number", G_TYPE_UINT, number, NULL));
    case 3:
      return gst_event_new_custom (GST_EVENT_CUSTOM_DOWNSTREAM_STICKY,
          gst_structure_new ("note", "number", G_TYPE_UINT, number, NULL));
    case 4:
      return new_segment (1.0 + number);
    case 5:
      message = gst_message_new_application (NULL,
          gst_structure_new_empty ("hello"));
      event = gst_event_new_sink_message ("hello", message);
      gst_message_unref (message);
      return event;
    case 6:
      return gst_event_new_segment_done (GST_FORMAT_TIME, number);
    default:
      caps = gst_caps_from_string (CAPS);
      gst_caps_set_simple (caps, "framerate", GST_TYPE_FRACTION, 1 + number, 1,
          NULL);
      return gst_event_new_caps (caps);
  }
}

static void
check_same_words (const GString * in, const GString * out)
{
  g_auto (GStrv) a = g_strsplit (in->str, " ", -1);
  g_auto (GStrv) b = g_strsplit (out->str, " ", -1);

  for (guint i = 0; a[i] || b[i]; i++)
    fail_unless (g_strcmp0 (a[i], b[i]) == 0, "item %u: %s came in, %s left",
        i, a[i], b[i]);
}

/* Much of everything, by chance. */
GST_START_TEST (test_random_order)
{
  GstHarness *harness = new_harness ("contexts-per-core=2 max-in-flight=9");
  GRand *dice = g_rand_new_with_seed (99);
  guint n = SANITIZED ? 500 : 3000;
  GString *in, *out;

  gst_buffer_unref (gst_harness_push_and_pull (harness, new_frame (0)));
  g_object_set (get_element (harness), "interval", 1 + __i__, NULL);
  in = note_words (harness->srcpad);
  out = note_words (harness->sinkpad);
  for (guint i = 0; i < n; i++) {
    gint what = g_rand_int_range (dice, 0, 14);

    begin_step (get_element (harness), "push item %u", i);
    if (what < 8) {
      fail_unless (gst_pad_push_event (harness->srcpad,
              new_some_event (what, i)));
    } else {
      GstBuffer *buffer = new_frame (i);

      if (what == 8)
        GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_GAP);
      assert_equals_int (gst_harness_push (harness, buffer), GST_FLOW_OK);
    }
  }
  gst_harness_push_event (harness, gst_event_new_eos ());
  wait_for_eos (harness);
  end_step ();
  check_same_words (in, out);
  check_sum (get_element (harness), get_counter (get_element (harness),
          "frames-in"));
  gst_harness_teardown (harness);
  g_string_free (in, TRUE);
  g_string_free (out, TRUE);
  g_rand_free (dice);
}

GST_END_TEST;

static GstPadProbeReturn
block (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  g_atomic_int_set ((gint *) data, TRUE);
  return GST_PAD_PROBE_OK;
}

/* Holds up frames behind the element, but no events, from the next one on. */
static gulong
block_output (GstHarness * harness, gint * blocked)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (get_element (harness),
      "src");

  *blocked = FALSE;
  return gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BLOCK
      | GST_PAD_PROBE_TYPE_BUFFER, block, blocked, NULL);
}

static void
unblock_output (GstHarness * harness, gulong id)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (get_element (harness),
      "src");

  gst_pad_remove_probe (pad, id);
}

static void
wait_until (gint * flag, GstElement * yolo, const gchar * what)
{
  begin_step (yolo, "wait until %s", what);
  while (!g_atomic_int_get (flag))
    g_usleep (200);
  end_step ();
}

/* Events out of band wait for nobody, in both directions. */
GST_START_TEST (test_out_of_band)
{
  GstHarness *harness = new_harness ("");
  GstElement *yolo = get_element (harness);
  gint blocked;
  gulong id = block_output (harness, &blocked);
  GString *out;

  gst_harness_push (harness, new_frame (0));
  wait_until (&blocked, yolo, "a frame is held up");
  gst_harness_push (harness, new_frame (1));
  out = note_words (harness->sinkpad);
  begin_step (yolo, "push an event out of band");
  fail_unless (gst_pad_push_event (harness->srcpad,
          gst_event_new_custom (GST_EVENT_CUSTOM_DOWNSTREAM_OOB,
              gst_structure_new_empty ("now"))));
  fail_unless (g_str_has_prefix (out->str, "custom-downstream-oob:"));
  fail_unless (gst_pad_push_event (harness->sinkpad,
          gst_event_new_custom (GST_EVENT_CUSTOM_UPSTREAM,
              gst_structure_new_empty ("up"))));
  do {
    GstEvent *event = gst_harness_pull_upstream_event (harness);

    fail_unless (event != NULL);
    if (GST_EVENT_TYPE (event) == GST_EVENT_CUSTOM_UPSTREAM)
      end_step ();
    blocked = GST_EVENT_TYPE (event) != GST_EVENT_CUSTOM_UPSTREAM;
    gst_event_unref (event);
  } while (blocked);
  unblock_output (harness, id);
  gst_harness_teardown (harness);
  g_string_free (out, TRUE);
}

GST_END_TEST;

/* Buffers that come as a list leave one by one. */
GST_START_TEST (test_buffer_list)
{
  GstHarness *harness = new_harness ("max-in-flight=2");
  GstBufferList *list = gst_buffer_list_new ();

  for (guint i = 0; i < 20; i++)
    gst_buffer_list_add (list, new_frame (i));
  begin_step (get_element (harness), "push a list");
  assert_equals_int (gst_pad_push_list (harness->srcpad, list), GST_FLOW_OK);
  for (guint i = 0; i < 20; i++) {
    GstBuffer *buffer = gst_harness_pull (harness);

    assert_equals_uint64 (GST_BUFFER_PTS (buffer), i * FRAME);
    assert_equals_int (count_regions (buffer), 2);
    gst_buffer_unref (buffer);
  }
  end_step ();
  check_sum (get_element (harness), 20);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* ---- EOS ------------------------------------------------------------------ */

static guint
count_events (const GString * list, const gchar * name)
{
  g_auto (GStrv) words = g_strsplit (list->str, " ", -1);
  g_autofree gchar *prefix = g_strdup_printf ("%s:", name);
  guint n = 0;

  for (guint i = 0; words[i]; i++)
    n += g_str_has_prefix (words[i], prefix);
  return n;
}

static void
check_frame_passes (GstHarness * harness)
{
  begin_step (get_element (harness), "pass a frame");
  while (gst_harness_buffers_in_queue (harness) > 0)
    gst_buffer_unref (gst_harness_pull (harness));
  assert_equals_int (regions_of_next (harness), 2);
  end_step ();
}

/* Before the first frame, before even the caps, twice. */
GST_START_TEST (test_eos_at_once)
{
  g_autofree gchar *line = g_strdup_printf ("rknnyolo model=%s",
      element_test_model);
  GstHarness *harness = gst_harness_new_parse (line);
  GString *out = note_words (harness->sinkpad);

  gst_harness_play (harness);
  begin_step (get_element (harness), "end a stream that never was");
  gst_pad_push_event (harness->srcpad, gst_event_new_stream_start ("a"));
  if (__i__ > 0)
    gst_pad_push_event (harness->srcpad,
        gst_event_new_caps (gst_caps_from_string (CAPS)));
  if (__i__ > 1)
    gst_pad_push_event (harness->srcpad, new_segment (1.0));
  gst_harness_push_event (harness, gst_event_new_eos ());
  wait_for_eos (harness);
  fail_if (gst_harness_push_event (harness, gst_event_new_eos ()));
  assert_equals_int (gst_harness_push (harness, new_frame (0)), GST_FLOW_EOS);
  end_step ();
  assert_equals_int (count_events (out, "eos"), 1);
  check_sum (get_element (harness), 0);

  /* A new stream begins. */
  gst_pad_push_event (harness->srcpad, gst_event_new_stream_start ("b"));
  gst_pad_push_event (harness->srcpad,
      gst_event_new_caps (gst_caps_from_string (CAPS)));
  gst_pad_push_event (harness->srcpad, new_segment (1.0));
  check_frame_passes (harness);
  gst_harness_teardown (harness);
  g_string_free (out, TRUE);
}

GST_END_TEST;

static void
flush (GstHarness * harness, gboolean reset_time)
{
  begin_step (get_element (harness), "flush");
  fail_unless (gst_pad_push_event (harness->srcpad,
          gst_event_new_flush_start ()));
  fail_unless (gst_pad_push_event (harness->srcpad,
          gst_event_new_flush_stop (reset_time)));
  fail_unless (gst_pad_push_event (harness->srcpad, new_segment (1.0)));
  end_step ();
}

/* A flush takes EOS back, whether it is queued or through. */
GST_START_TEST (test_flush_after_eos)
{
  GstHarness *harness = new_harness ("");

  for (guint i = 0; i < 50; i++) {
    begin_step (get_element (harness), "push up to EOS");
    for (guint n = i % 4; n > 0; n--)
      assert_equals_int (gst_harness_push (harness, new_frame (i)),
          GST_FLOW_OK);
    fail_unless (gst_harness_push_event (harness, gst_event_new_eos ()));
    g_usleep (i % 5 * 500);
    flush (harness, TRUE);
    check_frame_passes (harness);
  }
  check_sum (get_element (harness), get_counter (get_element (harness),
          "frames-in"));
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* ---- flushes -------------------------------------------------------------- */

static gboolean
last_reset_time (GstHarness * harness)
{
  gboolean reset_time = FALSE, found = FALSE;
  GstEvent *event;

  while ((event = gst_harness_try_pull_event (harness))) {
    if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_STOP) {
      gst_event_parse_flush_stop (event, &reset_time);
      found = TRUE;
    }
    gst_event_unref (event);
  }
  fail_unless (found, "no FLUSH_STOP");
  return reset_time;
}

/* With nothing in the element, again and again, with and without new times. */
GST_START_TEST (test_flush_nothing)
{
  GstHarness *harness = new_harness ("");

  for (guint i = 0; i < 50; i++) {
    flush (harness, i % 2);
    assert_equals_int (last_reset_time (harness), i % 2);
    if (i % 3 == 0)
      check_frame_passes (harness);
  }
  assert_equals_uint64 (get_counter (get_element (harness), "flushed"), 0);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* Ends of flushes without beginnings, beginnings without ends, two at once. */
GST_START_TEST (test_odd_flushes)
{
  GstHarness *harness;
  GstElement *yolo;

  g_setenv ("RKNN_STANDIN_TIME", "200", TRUE);
  harness = new_harness ("");
  g_setenv ("RKNN_STANDIN_TIME", "1.5", TRUE);
  yolo = get_element (harness);

  /* A frame that takes long is in the element for sure. */
  begin_step (yolo, "end a flush that did not begin");
  gst_harness_push (harness, new_frame (0));
  gst_pad_push_event (harness->srcpad, gst_event_new_flush_stop (TRUE));
  gst_pad_push_event (harness->srcpad, new_segment (1.0));
  check_frame_passes (harness);

  begin_step (yolo, "begin a flush twice");
  gst_harness_push (harness, new_frame (0));
  gst_pad_push_event (harness->srcpad, gst_event_new_flush_start ());
  gst_pad_push_event (harness->srcpad, gst_event_new_flush_start ());
  assert_equals_int (gst_harness_push (harness, new_frame (1)),
      GST_FLOW_FLUSHING);
  gst_pad_push_event (harness->srcpad, gst_event_new_flush_stop (TRUE));
  gst_pad_push_event (harness->srcpad, new_segment (1.0));
  check_frame_passes (harness);

  begin_step (yolo, "stop in the middle of a flush");
  for (guint i = 0; i < 3; i++)
    gst_harness_push (harness, new_frame (i));
  gst_pad_push_event (harness->srcpad, gst_event_new_flush_start ());
  assert_equals_int (gst_element_set_state (yolo, GST_STATE_NULL),
      GST_STATE_CHANGE_SUCCESS);
  end_step ();
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* ---- queries -------------------------------------------------------------- */

static GstQuery *
new_query (guint kind)
{
  g_autoptr (GstCaps) caps = NULL;

  switch (kind) {
    case 0:
      caps = gst_caps_from_string (CAPS);
      return gst_query_new_allocation (caps, TRUE);
    case 1:
      return gst_query_new_drain ();
    default:
      return gst_query_new_custom (GST_QUERY_CUSTOM
          | GST_QUERY_TYPE_SERIALIZED, gst_structure_new_empty ("ask"));
  }
}

static gint frames_before_query;        /* atomic */

static GstPadProbeReturn
note_query (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  if (GST_QUERY_IS_SERIALIZED (GST_PAD_PROBE_INFO_QUERY (info))
      && info->type & GST_PAD_PROBE_TYPE_PUSH)
    g_atomic_int_set (&frames_before_query,
        gst_harness_buffers_received (data));
  return GST_PAD_PROBE_OK;
}

/* A serialized query arrives when the frames before it have. */
GST_START_TEST (test_query_in_its_place)
{
  GstHarness *harness = new_harness ("max-in-flight=6");

  gst_pad_add_probe (harness->sinkpad, GST_PAD_PROBE_TYPE_QUERY_DOWNSTREAM,
      note_query, harness, NULL);
  for (guint i = 1; i <= 60; i++) {
    GstQuery *query;

    begin_step (get_element (harness), "ask for %u", i % 3);
    assert_equals_int (gst_harness_push (harness, new_frame (i)), GST_FLOW_OK);
    if (i % 4)
      continue;
    query = new_query (i / 4 % 3);
    g_atomic_int_set (&frames_before_query, -1);
    gst_pad_peer_query (harness->srcpad, query);
    assert_equals_int (g_atomic_int_get (&frames_before_query), i);
    gst_query_unref (query);
  }
  end_step ();
  gst_harness_teardown (harness);
}

GST_END_TEST;

typedef struct
{
  GstHarness *harness;
  GMutex lock;                  /* between a flush and its segment */
  gint stop;                    /* atomic */
  gint n_queries;               /* atomic */
} Asker;

static gpointer
push_and_ask (gpointer data)
{
  Asker *asker = data;

  for (guint i = 0; !g_atomic_int_get (&asker->stop); i++) {
    GstQuery *query = new_query (i % 3);
    GstFlowReturn result;
    GstBuffer *buffer;

    g_mutex_lock (&asker->lock);
    result = gst_pad_push (asker->harness->srcpad, new_frame (i));
    g_mutex_unlock (&asker->lock);
    gst_pad_peer_query (asker->harness->srcpad, query);
    fail_unless (GST_MINI_OBJECT_REFCOUNT_VALUE (query) == 1);
    gst_query_unref (query);
    g_atomic_int_inc (&asker->n_queries);
    while ((buffer = gst_harness_try_pull (asker->harness)))
      gst_buffer_unref (buffer);
    if (result != GST_FLOW_OK)
      g_usleep (100);
  }
  return NULL;
}

/* Whatever a flush finds waiting for an answer gets one. */
GST_START_TEST (test_queries_and_flushes)
{
  Asker asker = { new_harness ("max-in-flight=4"), };
  GstElement *yolo = get_element (asker.harness);
  GThread *thread;

  g_mutex_init (&asker.lock);
  thread = g_thread_new ("ask", push_and_ask, &asker);
  for (guint i = 0; i < (SANITIZED ? 100 : 500); i++) {
    begin_step (yolo, "flush among queries, %u", i);
    gst_pad_push_event (asker.harness->srcpad, gst_event_new_flush_start ());
    g_mutex_lock (&asker.lock);
    gst_pad_push_event (asker.harness->srcpad, gst_event_new_flush_stop (TRUE));
    gst_pad_push_event (asker.harness->srcpad, new_segment (1.0));
    g_mutex_unlock (&asker.lock);
    g_usleep (i % 9 * 300);
  }
  begin_step (yolo, "wait for a last answer");
  g_atomic_int_set (&asker.stop, TRUE);
  g_thread_join (thread);
  fail_unless (asker.n_queries > 0);
  check_frame_passes (asker.harness);
  check_sum (yolo, get_counter (yolo, "frames-in"));
  gst_harness_teardown (asker.harness);
  g_mutex_clear (&asker.lock);
}

GST_END_TEST;

/* The same when it is a state that ends it. */
GST_START_TEST (test_queries_and_states)
{
  for (guint i = 0; i < (SANITIZED ? 10 : 40); i++) {
    Asker asker = { new_harness ("max-in-flight=4"), };
    GstElement *yolo = get_element (asker.harness);
    GThread *thread;

    g_mutex_init (&asker.lock);
    thread = g_thread_new ("ask", push_and_ask, &asker);
    g_usleep (i % 7 * 700);
    begin_step (yolo, "stop among queries");
    assert_equals_int (gst_element_set_state (yolo, GST_STATE_NULL),
        GST_STATE_CHANGE_SUCCESS);
    g_atomic_int_set (&asker.stop, TRUE);
    g_thread_join (thread);
    check_sum (yolo, get_counter (yolo, "frames-in"));
    end_step ();
    gst_harness_teardown (asker.harness);
    g_mutex_clear (&asker.lock);
  }
}

GST_END_TEST;

static void
add_tests (TCase * tests)
{
  tcase_add_loop_test (tests, test_random_order, 0, 3);
  tcase_add_test (tests, test_out_of_band);
  tcase_add_test (tests, test_buffer_list);
  tcase_add_loop_test (tests, test_eos_at_once, 0, 3);
  tcase_add_test (tests, test_flush_after_eos);
  tcase_add_test (tests, test_flush_nothing);
  tcase_add_test (tests, test_odd_flushes);
  tcase_add_test (tests, test_query_in_its_place);
  tcase_add_test (tests, test_queries_and_flushes);
  tcase_add_test (tests, test_queries_and_states);
}

int
main (int argc, char **argv)
{
  return stream_test_main (&argc, &argv, "stream-events", add_tests);
}
