/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* rknnyolo in every stream situation. */

#include "elementtest.h"

/* ---- order ---------------------------------------------------------------- */

/* As many frames as go in come out: the same buffers, with their times, in
 * their order. */
GST_START_TEST (test_all_frames_in_order)
{
  enum
  { N = 300 };
  GstHarness *harness = new_harness ("contexts-per-core=2");
  GstMemory *memories[N];

  for (guint i = 0; i < N; i++) {
    GstBuffer *buffer = new_frame (i);

    memories[i] = gst_buffer_peek_memory (buffer, 0);
    gst_memory_ref (memories[i]);
    assert_equals_int (gst_harness_push (harness, buffer), GST_FLOW_OK);
  }
  gst_harness_push_event (harness, gst_event_new_eos ());
  for (guint i = 0; i < N; i++) {
    GstBuffer *buffer = gst_harness_pull (harness);

    fail_unless (buffer != NULL);
    assert_equals_uint64 (GST_BUFFER_PTS (buffer), i * FRAME);
    assert_equals_uint64 (GST_BUFFER_DURATION (buffer), FRAME);
    fail_unless (gst_buffer_peek_memory (buffer, 0) == memories[i]);
    assert_equals_int (count_regions (buffer), 2);
    gst_memory_unref (memories[i]);
    gst_buffer_unref (buffer);
  }
  fail_unless (gst_harness_try_pull (harness) == NULL);
  assert_equals_uint64 (get_counter (get_element (harness), "inferred"), N);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* What passes the sink pad of the harness, one word an item. */
static GstPadProbeReturn
note_item (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GString *list = data;

  if (info->type & GST_PAD_PROBE_TYPE_BUFFER) {
    GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
    g_string_append_printf (list, "%d ",
        (gint) (GST_BUFFER_PTS (buffer) / FRAME));
  } else {
    GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info);
    g_string_append_printf (list, "%s ", GST_EVENT_TYPE_NAME (event));
  }
  return GST_PAD_PROBE_OK;
}

static GString *
note_items (GstHarness * harness)
{
  GString *list = g_string_new (NULL);

  gst_pad_add_probe (harness->sinkpad, GST_PAD_PROBE_TYPE_BUFFER
      | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, note_item, list, NULL);
  return list;
}

GST_START_TEST (test_events_keep_their_place)
{
  GstHarness *harness = new_harness ("");
  GString *list;
  GstSegment segment;

  gst_buffer_unref (gst_harness_push_and_pull (harness, new_frame (0)));
  list = note_items (harness);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  segment.rate = 2.0;

  gst_harness_push (harness, new_frame (1));
  gst_harness_push_event (harness,
      gst_event_new_tag (gst_tag_list_new (GST_TAG_TITLE, "a", NULL)));
  gst_harness_push (harness, new_frame (2));
  gst_harness_push_event (harness, gst_event_new_gap (3 * FRAME, FRAME));
  gst_harness_push (harness, new_frame (4));
  gst_harness_push_event (harness, gst_event_new_segment (&segment));
  gst_harness_push (harness, new_frame (5));
  gst_harness_push_event (harness,
      gst_event_new_custom (GST_EVENT_CUSTOM_DOWNSTREAM,
          gst_structure_new_empty ("mark")));
  gst_harness_push (harness, new_frame (6));
  gst_harness_push_event (harness,
      gst_event_new_caps (gst_caps_from_string ("video/x-raw,format=NV12,"
              "width=128,height=96,framerate=50/1")));
  gst_harness_push (harness, new_frame (7));
  gst_harness_push_event (harness, gst_event_new_eos ());
  wait_for_eos (harness);

  assert_equals_string (list->str,
      "1 tag 2 gap 4 segment 5 custom-downstream 6 caps 7 eos ");
  gst_harness_teardown (harness);
  g_string_free (list, TRUE);
}

GST_END_TEST;

/* EOS comes through with nothing, and with some frames in flight. */
GST_START_TEST (test_eos)
{
  GstHarness *harness = new_harness ("");
  guint n_frames = __i__;

  for (guint i = 0; i < n_frames; i++)
    assert_equals_int (gst_harness_push (harness, new_frame (i)), GST_FLOW_OK);
  gst_harness_push_event (harness, gst_event_new_eos ());
  wait_for_eos (harness);
  assert_equals_int (gst_harness_buffers_received (harness), n_frames);
  assert_equals_int (gst_harness_push (harness, new_frame (9)), GST_FLOW_EOS);
  gst_harness_teardown (harness);
}

GST_END_TEST;

GST_START_TEST (test_caps_change)
{
  GstHarness *harness = new_harness ("");
  GstBuffer *buffer;
  GstVideoRegionOfInterestMeta *cat;

  gst_harness_push (harness, new_frame (0));
  /* Twice as large in other pixels; same place in the model. */
  gst_harness_push_event (harness,
      gst_event_new_caps (gst_caps_from_string ("video/x-raw,format=RGB,"
              "width=256,height=192,framerate=25/1")));
  buffer = gst_buffer_new_allocate (NULL, 256 * 192 * 3, NULL);
  gst_buffer_memset (buffer, 0, 50, -1);
  gst_harness_push (harness, buffer);

  buffer = gst_harness_pull (harness);
  assert_equals_int (find_region (buffer, "cat")->x, 32);
  gst_buffer_unref (buffer);
  buffer = gst_harness_pull (harness);
  cat = find_region (buffer, "cat");
  assert_equals_int (cat->x, 64);
  assert_equals_int (cat->y, 32);
  assert_equals_int (cat->w, 64);
  assert_equals_int (cat->h, 64);
  gst_buffer_unref (buffer);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* ---- full, flushed, refused ----------------------------------------------- */

typedef struct
{
  GstHarness *harness;
  guint n_frames;
  GstFlowReturn result;         /* of the last push */
  gint pushed;                  /* atomic */
} Pusher;

static gpointer
push_frames (gpointer data)
{
  Pusher *pusher = data;

  for (guint i = 0; i < pusher->n_frames; i++) {
    pusher->result = gst_pad_push (pusher->harness->srcpad, new_frame (i));
    if (pusher->result != GST_FLOW_OK)
      break;
    g_atomic_int_inc (&pusher->pushed);
  }
  return NULL;
}

static GstPadProbeReturn
block (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  return GST_PAD_PROBE_OK;
}

static gulong
block_output (GstHarness * harness)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (get_element (harness),
      "src");

  return gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BLOCK
      | GST_PAD_PROBE_TYPE_BUFFER, block, NULL, NULL);
}

static void
unblock_output (GstHarness * harness, gulong id)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (get_element (harness),
      "src");

  gst_pad_remove_probe (pad, id);
}

static void
wait_until_pushed (Pusher * pusher, gint n)
{
  for (guint i = 0; i < 6000 && g_atomic_int_get (&pusher->pushed) < n; i++)
    g_usleep (10000);
  assert_equals_int (g_atomic_int_get (&pusher->pushed), n);
}

/* With its output blocked the element takes what may be in flight and one that
 * the task holds, then blocks; a flush frees whoever waits. */
GST_START_TEST (test_flush_while_full)
{
  GstHarness *harness = new_harness ("max-in-flight=2");
  Pusher pusher = { harness, 10, GST_FLOW_OK, 0 };
  gulong id = block_output (harness);
  GThread *thread = g_thread_new ("pusher", push_frames, &pusher);
  GstSegment segment;
  GstBuffer *buffer;

  wait_until_pushed (&pusher, 3);
  g_usleep (50000);
  assert_equals_int (g_atomic_int_get (&pusher.pushed), 3);

  gst_harness_push_event (harness, gst_event_new_flush_start ());
  g_thread_join (thread);
  assert_equals_int (pusher.result, GST_FLOW_FLUSHING);
  unblock_output (harness, id);
  gst_harness_push_event (harness, gst_event_new_flush_stop (TRUE));

  /* Goes on as if nothing had been. */
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_harness_push_event (harness, gst_event_new_segment (&segment));
  gst_harness_push (harness, new_frame (100));
  buffer = gst_harness_pull (harness);
  assert_equals_uint64 (GST_BUFFER_PTS (buffer), 100 * FRAME);
  assert_equals_int (count_regions (buffer), 2);
  gst_buffer_unref (buffer);
  gst_harness_teardown (harness);
}

GST_END_TEST;

GST_START_TEST (test_overload_drop)
{
  GstHarness *harness = new_harness ("max-in-flight=2 overload=drop");
  Pusher pusher = { harness, 10, GST_FLOW_OK, 0 };
  gulong id = block_output (harness);
  guint n_out;

  push_frames (&pusher);
  assert_equals_int (pusher.pushed, 10);
  unblock_output (harness, id);
  gst_harness_push_event (harness, gst_event_new_eos ());
  wait_for_eos (harness);
  n_out = gst_harness_buffers_received (harness);
  fail_unless (n_out >= 2 && n_out <= 3, "%u frames", n_out);
  assert_equals_uint64 (get_counter (get_element (harness), "dropped"),
      10 - n_out);
  assert_equals_uint64 (get_counter (get_element (harness), "inferred"), n_out);
  check_sum (get_element (harness), 10);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* Nor do frames wait that are not to be inferred. */
GST_START_TEST (test_overload_drop_never_waits)
{
  GstHarness *harness = new_harness ("max-in-flight=2 overload=drop "
      "interval=3");
  Pusher pusher = { harness, 50, GST_FLOW_OK, 0 };
  gulong id = block_output (harness);
  GThread *thread = g_thread_new ("pusher", push_frames, &pusher);

  wait_until_pushed (&pusher, 50);
  g_thread_join (thread);
  unblock_output (harness, id);
  gst_harness_push_event (harness, gst_event_new_eos ());
  wait_for_eos (harness);
  check_sum (get_element (harness), 50);
  gst_harness_teardown (harness);
}

GST_END_TEST;

GST_START_TEST (test_discont_after_drop)
{
  GstHarness *harness = new_harness ("max-in-flight=1 overload=drop");
  Pusher pusher = { harness, 5, GST_FLOW_OK, 0 };
  gulong id = block_output (harness);
  GstBuffer *buffer;
  guint64 n_out;

  push_frames (&pusher);
  fail_unless (get_counter (get_element (harness), "dropped") > 0);
  n_out = 5 - get_counter (get_element (harness), "dropped");
  unblock_output (harness, id);
  while (n_out-- > 0)
    gst_buffer_unref (gst_harness_pull (harness));
  for (guint i = 10; i < 12; i++) {
    buffer = gst_harness_push_and_pull (harness, new_frame (i));
    assert_equals_int (GST_BUFFER_FLAG_IS_SET (buffer,
            GST_BUFFER_FLAG_DISCONT), i == 10);
    gst_buffer_unref (buffer);
  }
  gst_harness_teardown (harness);
}

GST_END_TEST;

GST_START_TEST (test_overload_skip)
{
  GstHarness *harness = new_harness ("max-in-flight=2 overload=skip");
  Pusher pusher = { harness, 7, GST_FLOW_OK, 0 };
  gulong id = block_output (harness);
  guint with = 0;

  push_frames (&pusher);
  assert_equals_int (pusher.pushed, 7);
  unblock_output (harness, id);
  gst_harness_push_event (harness, gst_event_new_eos ());
  wait_for_eos (harness);
  assert_equals_int (gst_harness_buffers_received (harness), 7);
  for (guint i = 0; i < 7; i++) {
    GstBuffer *buffer = gst_harness_pull (harness);

    assert_equals_uint64 (GST_BUFFER_PTS (buffer), i * FRAME);
    with += count_regions (buffer) > 0;
    gst_buffer_unref (buffer);
  }
  assert_equals_uint64 (get_counter (get_element (harness), "inferred"), with);
  assert_equals_uint64 (get_counter (get_element (harness), "skipped"),
      7 - with);
  check_sum (get_element (harness), 7);
  gst_harness_teardown (harness);
}

GST_END_TEST;

static GstFlowReturn flow_to_return;

static GstFlowReturn
refuse (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  gst_buffer_unref (buffer);
  return flow_to_return;
}

static const GstFlowReturn flows[] = {
  GST_FLOW_FLUSHING, GST_FLOW_EOS, GST_FLOW_ERROR, GST_FLOW_NOT_LINKED,
};

/* What downstream says reaches upstream, with the next buffer or soon. */
GST_START_TEST (test_downstream_result)
{
  GstHarness *harness = new_harness ("");
  GstFlowReturn result = GST_FLOW_OK;

  flow_to_return = flows[__i__];
  gst_pad_set_chain_function (harness->sinkpad, refuse);
  for (guint i = 0; i < 6000 && result == GST_FLOW_OK; i++) {
    result = gst_harness_push (harness, new_frame (i));
    g_usleep (1000);
  }
  assert_equals_int (result, flow_to_return);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* After downstream's EOS a new segment makes frames flow again. */
GST_START_TEST (test_segment_after_downstream_eos)
{
  GstHarness *harness = new_harness ("");
  GstFlowReturn result = GST_FLOW_OK;
  GstPadChainFunction chain = GST_PAD_CHAINFUNC (harness->sinkpad);
  GstSegment segment;
  GstBuffer *buffer;

  flow_to_return = GST_FLOW_EOS;
  gst_pad_set_chain_function (harness->sinkpad, refuse);
  for (guint i = 0; i < 6000 && result == GST_FLOW_OK; i++) {
    result = gst_harness_push (harness, new_frame (i));
    g_usleep (1000);
  }
  assert_equals_int (result, GST_FLOW_EOS);

  gst_pad_set_chain_function (harness->sinkpad, chain);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_harness_push_event (harness, gst_event_new_segment (&segment));
  assert_equals_int (gst_harness_push (harness, new_frame (50)), GST_FLOW_OK);
  buffer = gst_harness_pull (harness);
  assert_equals_uint64 (GST_BUFFER_PTS (buffer), 50 * FRAME);
  gst_buffer_unref (buffer);
  gst_harness_teardown (harness);
}

GST_END_TEST;

static GstFlowReturn
refuse_once (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  gst_pad_set_chain_function (pad, g_object_get_data (G_OBJECT (pad), "chain"));
  return refuse (pad, parent, buffer);
}

/* The next buffer downstream gets is answered with result, others as usual. */
static void
refuse_next (GstHarness * harness, GstFlowReturn result)
{
  flow_to_return = result;
  g_object_set_data (G_OBJECT (harness->sinkpad), "chain",
      GST_PAD_CHAINFUNC (harness->sinkpad));
  gst_pad_set_chain_function (harness->sinkpad, refuse_once);
}

/* Caps that wait behind frames which downstream does not want hold for the
 * frames of the next segment. */
GST_START_TEST (test_caps_before_next_segment)
{
  GstHarness *harness = new_harness ("max-in-flight=4");
  GString *list = note_items (harness);
  GstSegment segment;
  gulong id;

  gst_buffer_unref (gst_harness_push_and_pull (harness, new_frame (0)));
  g_string_truncate (list, 0);
  id = block_output (harness);
  refuse_next (harness, GST_FLOW_EOS);
  gst_harness_push (harness, new_frame (1));
  gst_harness_push (harness, new_frame (2));
  gst_harness_push_event (harness,
      gst_event_new_caps (gst_caps_from_string ("video/x-raw,format=NV12,"
              "width=128,height=96,framerate=50/1")));
  gst_harness_push_event (harness, gst_event_new_gap (3 * FRAME, FRAME));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  segment.rate = 2.0;
  gst_harness_push_event (harness, gst_event_new_segment (&segment));
  gst_harness_push (harness, new_frame (4));
  unblock_output (harness, id);
  gst_harness_push_event (harness, gst_event_new_eos ());
  wait_for_eos (harness);

  assert_equals_string (list->str, "1 caps segment 4 eos ");
  assert_equals_uint64 (get_counter (get_element (harness), "flushed"), 1);
  check_sum (get_element (harness), 4);
  gst_harness_teardown (harness);
  g_string_free (list, TRUE);
}

GST_END_TEST;

static void
push_until_refused (GstHarness * harness, GstFlowReturn expected)
{
  GstFlowReturn result = GST_FLOW_OK;

  for (guint i = 0; i < 6000 && result == GST_FLOW_OK; i++) {
    result = gst_harness_push (harness, new_frame (i));
    g_usleep (1000);
  }
  assert_equals_int (result, expected);
}

/* What was on its way when a flush came is not sent again by upstream. */
GST_START_TEST (test_caps_outlive_flush)
{
  GstHarness *harness = new_harness ("");
  gulong id = block_output (harness);
  gint rate = 0, denominator;
  GstSegment segment;
  GstCaps *caps;

  gst_harness_push (harness, new_frame (0));
  gst_harness_push_event (harness,
      gst_event_new_caps (gst_caps_from_string ("video/x-raw,format=NV12,"
              "width=128,height=96,framerate=50/1")));
  gst_harness_push_event (harness, gst_event_new_flush_start ());
  unblock_output (harness, id);
  gst_harness_push_event (harness, gst_event_new_flush_stop (TRUE));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_harness_push_event (harness, gst_event_new_segment (&segment));
  gst_buffer_unref (gst_harness_push_and_pull (harness, new_frame (1)));
  caps = gst_pad_get_current_caps (harness->sinkpad);
  gst_structure_get_fraction (gst_caps_get_structure (caps, 0), "framerate",
      &rate, &denominator);
  assert_equals_int (rate, 50);
  gst_caps_unref (caps);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* Who is linked again after a while gets frames, with the events before. */
GST_START_TEST (test_relink)
{
  GstHarness *harness = new_harness ("");
  g_autoptr (GstPad) pad = gst_pad_get_peer (harness->sinkpad);
  gint rate = 0, denominator;
  GstClockTime time;
  GstBuffer *buffer;
  GstCaps *caps;

  gst_buffer_unref (gst_harness_push_and_pull (harness, new_frame (0)));
  fail_unless (gst_pad_unlink (pad, harness->sinkpad));
  push_until_refused (harness, GST_FLOW_NOT_LINKED);
  gst_harness_push_event (harness,
      gst_event_new_caps (gst_caps_from_string ("video/x-raw,format=NV12,"
              "width=128,height=96,framerate=50/1")));

  assert_equals_int (gst_pad_link (pad, harness->sinkpad), GST_PAD_LINK_OK);
  assert_equals_int (gst_harness_push (harness, new_frame (9999)), GST_FLOW_OK);
  do {
    buffer = gst_harness_pull (harness);
    fail_unless (buffer != NULL);
    time = GST_BUFFER_PTS (buffer);
    gst_buffer_unref (buffer);
  } while (time != 9999 * FRAME);
  caps = gst_pad_get_current_caps (harness->sinkpad);
  gst_structure_get_fraction (gst_caps_get_structure (caps, 0), "framerate",
      &rate, &denominator);
  assert_equals_int (rate, 50);
  gst_caps_unref (caps);
  gst_harness_teardown (harness);
}

GST_END_TEST;

static gpointer
ask_allocation (gpointer data)
{
  GstHarness *harness = data;
  g_autoptr (GstCaps) caps = gst_caps_from_string (CAPS);
  GstQuery *query = gst_query_new_allocation (caps, TRUE);
  gboolean answer = gst_pad_peer_query (harness->srcpad, query);

  assert_equals_int (GST_MINI_OBJECT_REFCOUNT_VALUE (query), 1);
  gst_query_unref (query);
  return GINT_TO_POINTER (answer);
}

/* How many buffers upstream's pool is asked to have. */
static guint
get_reserved (GstHarness * harness)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (CAPS);
  g_autoptr (GstQuery) query = gst_query_new_allocation (caps, TRUE);
  guint min = 0;

  fail_unless (gst_pad_peer_query (harness->srcpad, query));
  fail_unless (gst_query_find_allocation_meta (query, GST_VIDEO_META_API_TYPE,
          NULL));
  assert_equals_int (gst_query_get_n_allocation_pools (query), 1);
  gst_query_parse_nth_allocation_pool (query, 0, NULL, NULL, &min, NULL);
  return min;
}

static gboolean
was_asked_to_reconfigure (GstHarness * harness)
{
  gboolean asked = FALSE;
  GstEvent *event;

  while ((event = gst_harness_try_pull_upstream_event (harness))) {
    asked |= GST_EVENT_TYPE (event) == GST_EVENT_RECONFIGURE;
    gst_event_unref (event);
  }
  return asked;
}

/* Upstream's pool must have as many buffers more as the element holds, and
 * hears when they become more. */
GST_START_TEST (test_buffers_are_reserved)
{
  GstHarness *harness = new_harness ("cores=0,1 contexts-per-core=2");
  GstElement *element = get_element (harness);

  /* four contexts and one frame that waits for the first that is free */
  assert_equals_int (get_reserved (harness), 5);
  gst_buffer_unref (gst_harness_push_and_pull (harness, new_frame (0)));
  was_asked_to_reconfigure (harness);

  g_object_set (element, "max-in-flight", 3, NULL);
  gst_buffer_unref (gst_harness_push_and_pull (harness, new_frame (1)));
  fail_if (was_asked_to_reconfigure (harness));
  g_object_set (element, "max-in-flight", 9, NULL);
  gst_buffer_unref (gst_harness_push_and_pull (harness, new_frame (2)));
  fail_unless (was_asked_to_reconfigure (harness));
  assert_equals_int (get_reserved (harness), 9);
  gst_buffer_unref (gst_harness_push_and_pull (harness, new_frame (3)));
  fail_if (was_asked_to_reconfigure (harness));
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* A query behind a frame that downstream refuses comes back, and nobody looks
 * at it later. */
GST_START_TEST (test_query_behind_refused_frame)
{
  GstHarness *harness = new_harness ("");
  gulong id = block_output (harness);
  GThread *thread;
  GstBuffer *buffer;

  refuse_next (harness, GST_FLOW_NOT_LINKED);
  gst_harness_push (harness, new_frame (0));
  thread = g_thread_new ("query", ask_allocation, harness);
  g_usleep (50000);
  unblock_output (harness, id);
  fail_if (g_thread_join (thread));

  gst_pad_push_event (harness->sinkpad, gst_event_new_reconfigure ());
  assert_equals_int (gst_harness_push (harness, new_frame (1)), GST_FLOW_OK);
  buffer = gst_harness_pull (harness);
  assert_equals_uint64 (GST_BUFFER_PTS (buffer), FRAME);
  gst_buffer_unref (buffer);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* A query in the queue is answered when a flush empties it. */
GST_START_TEST (test_flush_with_query)
{
  GstHarness *harness = new_harness ("");
  gulong id = block_output (harness);
  GThread *thread;

  gst_harness_push (harness, new_frame (0));
  thread = g_thread_new ("query", ask_allocation, harness);
  g_usleep (50000);
  gst_harness_push_event (harness, gst_event_new_flush_start ());
  fail_if (g_thread_join (thread));
  unblock_output (harness, id);
  gst_harness_push_event (harness, gst_event_new_flush_stop (TRUE));
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* An error that comes with the last frame has no frame after it to return it
 * to: the application learns of it, once, whether EOS waits in the queue or
 * comes later. */
GST_START_TEST (test_error_before_eos)
{
  gboolean eos_waits = __i__ & 1;
  GstFlowReturn result = __i__ & 2 ? GST_FLOW_ERROR : GST_FLOW_NOT_LINKED;
  GstHarness *harness = new_harness ("");
  GstBus *bus = add_bus (harness);
  GstMessage *message;
  gulong id = block_output (harness);

  refuse_next (harness, result);
  gst_harness_push (harness, new_frame (0));
  if (eos_waits)
    gst_harness_push_event (harness, gst_event_new_eos ());
  unblock_output (harness, id);
  while (GST_PAD_CHAINFUNC (harness->sinkpad) == refuse_once)
    g_usleep (1000);
  if (!eos_waits) {
    g_usleep (20000);
    fail_if (gst_harness_push_event (harness, gst_event_new_eos ()));
  }
  message = gst_bus_timed_pop_filtered (bus, 10 * GST_SECOND,
      GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  gst_message_unref (message);
  fail_unless (gst_bus_timed_pop_filtered (bus, 20 * GST_MSECOND,
          GST_MESSAGE_ERROR) == NULL);
  remove_bus (harness, bus);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* ---- frames that are not inferred ----------------------------------------- */

GST_START_TEST (test_gap_and_interval)
{
  GstHarness *harness = new_harness ("interval=3");
  guint expected[] = { 2, 0, 0, 2, 0, 0, 2 };
  GstBuffer *buffer;

  for (guint i = 0; i < G_N_ELEMENTS (expected); i++) {
    buffer = gst_harness_push_and_pull (harness, new_frame (i));
    assert_equals_int (count_regions (buffer), expected[i]);
    gst_buffer_unref (buffer);
  }
  g_object_set (get_element (harness), "interval", 1, NULL);
  buffer = new_frame (7);
  GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_GAP);
  buffer = gst_harness_push_and_pull (harness, buffer);
  assert_equals_int (count_regions (buffer), 0);
  gst_buffer_unref (buffer);

  assert_equals_uint64 (get_counter (get_element (harness), "inferred"), 3);
  assert_equals_uint64 (get_counter (get_element (harness), "passed"), 5);
  check_sum (get_element (harness), 8);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* A frame smaller than its caps say passes, is counted, and warned of once. */
GST_START_TEST (test_unreadable_frame)
{
  GstHarness *harness = new_harness ("");
  GstBus *bus = add_bus (harness);
  GstMessage *message;
  GstBuffer *buffer;

  for (guint i = 0; i < 2; i++) {
    buffer = gst_buffer_new_allocate (NULL, 100, NULL);
    GST_BUFFER_PTS (buffer) = i * FRAME;
    buffer = gst_harness_push_and_pull (harness, buffer);
    assert_equals_int (gst_buffer_get_size (buffer), 100);
    assert_equals_int (count_regions (buffer), 0);
    gst_buffer_unref (buffer);
  }
  buffer = gst_harness_push_and_pull (harness, new_frame (2));
  assert_equals_int (count_regions (buffer), 2);
  gst_buffer_unref (buffer);
  assert_equals_uint64 (get_counter (get_element (harness), "failed"), 2);
  check_sum (get_element (harness), 3);

  message = gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING);
  fail_unless (message != NULL);
  gst_message_unref (message);
  fail_unless (gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING) == NULL);
  remove_bus (harness, bus);
  gst_harness_teardown (harness);
}

GST_END_TEST;

static void
add_tests (TCase * tests)
{
  tcase_add_test (tests, test_all_frames_in_order);
  tcase_add_test (tests, test_events_keep_their_place);
  tcase_add_loop_test (tests, test_eos, 0, 6);
  tcase_add_test (tests, test_caps_change);
  tcase_add_test (tests, test_flush_while_full);
  tcase_add_test (tests, test_overload_drop);
  tcase_add_test (tests, test_overload_drop_never_waits);
  tcase_add_test (tests, test_discont_after_drop);
  tcase_add_test (tests, test_overload_skip);
  tcase_add_loop_test (tests, test_downstream_result, 0, G_N_ELEMENTS (flows));
  tcase_add_test (tests, test_segment_after_downstream_eos);
  tcase_add_test (tests, test_caps_before_next_segment);
  tcase_add_test (tests, test_caps_outlive_flush);
  tcase_add_test (tests, test_relink);
  tcase_add_test (tests, test_buffers_are_reserved);
  tcase_add_test (tests, test_query_behind_refused_frame);
  tcase_add_test (tests, test_flush_with_query);
  tcase_add_loop_test (tests, test_error_before_eos, 0, 4);
  tcase_add_test (tests, test_gap_and_interval);
  tcase_add_test (tests, test_unreadable_frame);
}

int
main (int argc, char **argv)
{
  return element_test_main (&argc, &argv, "rknnyolo-flow", add_tests);
}
