/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* rknnyolo in pipelines that are changed while they run, and among elements
 * that stop, refuse and block. */

#include "streamtest.h"

#define SOURCE "videotestsrc name=source ! " CAPS

static GstPad *
get_pad (GstElement * element, const gchar * name)
{
  GstPad *pad = gst_element_get_static_pad (element, name);

  /* The element keeps it alive. */
  gst_object_unref (pad);
  return pad;
}

static GstElement *
new_yolo (const gchar * properties)
{
  g_autofree gchar *line = g_strdup_printf ("rknnyolo model=%s %s",
      element_test_model, properties);
  GstElement *element = gst_parse_launch (line, NULL);

  fail_unless (element != NULL);
  return element;
}

/* ---- frames at a pad ------------------------------------------------------ */

typedef struct
{
  gint n;                       /* atomic: frames */
  gint n_found;                 /* atomic: of them with two regions or more */
} Tally;

static GstPadProbeReturn
count_frame (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Tally *tally = data;

  if (count_regions (GST_PAD_PROBE_INFO_BUFFER (info)) >= 2)
    g_atomic_int_inc (&tally->n_found);
  g_atomic_int_inc (&tally->n);
  return GST_PAD_PROBE_OK;
}

static void
count_frames (GstElement * element, const gchar * pad, Tally * tally)
{
  gst_pad_add_probe (get_pad (element, pad), GST_PAD_PROBE_TYPE_BUFFER,
      count_frame, tally, NULL);
}

static void
wait_for_more (Tally * tally, gint n)
{
  gint wanted = g_atomic_int_get (&tally->n) + n;

  begin_step (NULL, "wait for %d frames behind the element", n);
  while (g_atomic_int_get (&tally->n) < wanted)
    g_usleep (500);
  end_step ();
}

/* ---- an element goes, another comes --------------------------------------- */

typedef struct
{
  GstElement *pipeline, *before, *yolo, *after;
  gboolean drain;
  gint swapped;                 /* atomic */
} Swap;

static void
swap_element (Swap * swap)
{
  GstElement *old = swap->yolo;

  gst_element_unlink_many (swap->before, old, swap->after, NULL);
  /* Lest the pipeline, on its way to PLAYING, starts it again. */
  gst_element_set_locked_state (old, TRUE);
  gst_element_set_state (old, GST_STATE_NULL);
  gst_bin_remove (GST_BIN (swap->pipeline), old);
  swap->yolo = new_yolo ("max-in-flight=6");
  gst_bin_add (GST_BIN (swap->pipeline), swap->yolo);
  gst_element_link_many (swap->before, swap->yolo, swap->after, NULL);
  gst_element_sync_state_with_parent (swap->yolo);
  g_atomic_int_inc (&swap->swapped);
}

/* The element is empty; what is behind it goes on. */
static GstPadProbeReturn
drop_eos (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info)) != GST_EVENT_EOS)
    return GST_PAD_PROBE_OK;
  g_atomic_int_set ((gint *) data, TRUE);
  return GST_PAD_PROBE_DROP;
}

static void
drain_element (GstElement * yolo)
{
  gint empty = FALSE;
  gulong id = gst_pad_add_probe (get_pad (yolo, "src"),
      GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, drop_eos, &empty, NULL);

  fail_unless (gst_pad_send_event (get_pad (yolo, "sink"),
          gst_event_new_eos ()));
  while (!g_atomic_int_get (&empty))
    g_usleep (100);
  gst_pad_remove_probe (get_pad (yolo, "src"), id);
}

static GstPadProbeReturn
swap_blocked (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Swap *swap = data;

  if (swap->drain)
    drain_element (swap->yolo);
  swap_element (swap);
  return GST_PAD_PROBE_REMOVE;
}

/* As the manual of GStreamer changes elements: upstream is blocked, the element
 * is drained or not, and another takes its place.  Drained, no frame is lost. */
GST_START_TEST (test_swap_element)
{
  g_autoptr (GstElement) pipeline = gst_parse_launch (SOURCE
      " ! identity name=before ! identity name=after ! fakesink sync=false",
      NULL);
  Tally in = { 0, 0 }, out = { 0, 0 };
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  Swap swap = { pipeline };

  swap.drain = __i__ == 0;
  swap.before = gst_bin_get_by_name (GST_BIN (pipeline), "before");
  swap.after = gst_bin_get_by_name (GST_BIN (pipeline), "after");
  gst_element_unlink (swap.before, swap.after);
  swap.yolo = new_yolo ("");
  gst_bin_add (GST_BIN (pipeline), swap.yolo);
  gst_element_link_many (swap.before, swap.yolo, swap.after, NULL);
  count_frames (swap.before, "src", &in);
  count_frames (swap.after, "src", &out);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);

  for (gint i = 0; i < (SANITIZED ? 5 : 25); i++) {
    wait_for_more (&out, 2);
    g_usleep (i % 5 * 1000);
    begin_step (NULL, "swap the element");
    gst_pad_add_probe (get_pad (swap.before, "src"),
        GST_PAD_PROBE_TYPE_BLOCK_DOWNSTREAM, swap_blocked, &swap, NULL);
    while (g_atomic_int_get (&swap.swapped) <= i)
      g_usleep (500);
    wait_for_more (&out, 2);
  }
  gst_element_send_event (pipeline, gst_event_new_eos ());
  begin_step (swap.yolo, "wait for EOS");
  gst_message_unref (gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
          GST_MESSAGE_EOS));
  fail_unless (gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR) == NULL);
  if (swap.drain)
    assert_equals_int (out.n, in.n);
  fail_unless (out.n > 0 && out.n <= in.n);
  assert_equals_int (out.n_found, out.n);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  end_step ();
  gst_object_unref (swap.before);
  gst_object_unref (swap.after);
}

GST_END_TEST;

/* Without any block: the element is stopped and pulled out under the streaming
 * thread.  Nothing hangs, and with another element the pipeline starts again. */
GST_START_TEST (test_pull_element_out)
{
  for (gint i = 0; i < (SANITIZED ? 5 : 30); i++) {
    Stream *stream = stream_new (SOURCE " ! identity name=before ! "
        "rknnyolo name=yolo model=%s ! identity name=after ! "
        "fakesink sync=false");
    GstElement *before = stream_get (stream, "before");
    GstElement *after = stream_get (stream, "after");
    GstElement *yolo = stream_get_yolo (stream), *other;
    Tally out = { 0, 0 };

    count_frames (after, "src", &out);
    stream_set_state (stream, GST_STATE_PLAYING);
    g_usleep (i % 7 * 700);
    begin_step (yolo, "pull the element out");
    if (i % 2)
      gst_element_unlink_many (before, yolo, after, NULL);
    assert_equals_int (gst_element_set_state (yolo, GST_STATE_NULL),
        GST_STATE_CHANGE_SUCCESS);
    gst_element_unlink_many (before, yolo, after, NULL);
    gst_bin_remove (GST_BIN (stream_get_pipeline (stream)), yolo);

    stream_ask_state (stream, GST_STATE_READY);
    other = new_yolo ("");
    gst_bin_add (GST_BIN (stream_get_pipeline (stream)), other);
    fail_unless (gst_element_link_many (before, other, after, NULL));
    stream_ask_state (stream, GST_STATE_PLAYING);
    wait_for_more (&out, 5);
    stream_ask_state (stream, GST_STATE_NULL);
    assert_equals_int (out.n_found, out.n);
    stream_free (stream);
  }
}

GST_END_TEST;

/* Downstream goes and comes back while frames flow: upstream, which takes
 * NOT_LINKED for an answer, finds the element working again each time. */
GST_START_TEST (test_relink_downstream)
{
  Stream *stream = stream_new (SOURCE " ! tee name=tee allow-not-linked=true "
      "tee. ! fakesink sync=false "
      "tee. ! rknnyolo name=yolo model=%s ! identity name=after ! "
      "fakesink sync=false async=false");
  GstPad *src = get_pad (stream_get_yolo (stream), "src");
  GstPad *sink = get_pad (stream_get (stream, "after"), "sink");
  Tally out = { 0, 0 };

  count_frames (stream_get (stream, "after"), "src", &out);
  stream_set_state (stream, GST_STATE_PLAYING);
  for (guint i = 0; i < (SANITIZED ? 50 : 500); i++) {
    wait_for_more (&out, 1);
    fail_unless (gst_pad_unlink (src, sink));
    if (i % 3)
      g_usleep (i % 5 * 500);
    assert_equals_int (gst_pad_link (src, sink), GST_PAD_LINK_OK);
    stream_check (stream);
  }
  gst_element_send_event (stream_get_pipeline (stream), gst_event_new_eos ());
  stream_wait_eos (stream);
  assert_equals_int (out.n_found, out.n);
  stream_free (stream);
}

GST_END_TEST;

/* Links the pad while a buffer is on its way to where nobody was: the answer
 * comes after the news. */
static GstFlowReturn
answer_late (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  gst_pad_set_chain_function (pad, g_object_get_data (G_OBJECT (pad), "chain"));
  gst_pad_push_event (pad, gst_event_new_reconfigure ());
  gst_buffer_unref (buffer);
  return GST_FLOW_NOT_LINKED;
}

/* NOT_LINKED is out of date when downstream was linked since. */
GST_START_TEST (test_linked_meanwhile)
{
  GstHarness *harness = new_harness ("");
  GstPad *pad = harness->sinkpad;
  GstFlowReturn result = GST_FLOW_OK;

  g_object_set_data (G_OBJECT (pad), "chain", GST_PAD_CHAINFUNC (pad));
  for (guint i = 0; i < 20 && result == GST_FLOW_OK; i++) {
    begin_step (get_element (harness), "answer a frame too late");
    gst_pad_set_chain_function (pad, answer_late);
    gst_harness_push (harness, new_frame (i));
    while (GST_PAD_CHAINFUNC (pad) == answer_late)
      g_usleep (100);
    g_usleep (i * 100);
    result = gst_harness_push (harness, new_frame (i));
    if (result == GST_FLOW_OK)
      gst_buffer_unref (gst_harness_pull (harness));
  }
  end_step ();
  assert_equals_int (result, GST_FLOW_OK);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* A pad that is switched off and on again. */
GST_START_TEST (test_pads_switched)
{
  const gchar *name = __i__ ? "src" : "sink";
  GstHarness *harness = new_harness ("");
  GstPad *pad = get_pad (get_element (harness), name);
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  for (guint i = 0; i < 20; i++) {
    begin_step (get_element (harness), "switch the %s pad", name);
    for (guint n = i % 4; n > 0; n--)
      gst_harness_push (harness, new_frame (i));
    fail_unless (gst_pad_set_active (pad, FALSE));
    assert_equals_int (gst_harness_push (harness, new_frame (i)),
        GST_FLOW_FLUSHING);
    fail_unless (gst_pad_set_active (pad, TRUE));
    /* An inactive pad forgets its events. */
    gst_pad_push_event (harness->srcpad, gst_event_new_stream_start ("a"));
    gst_harness_set_src_caps_str (harness, CAPS);
    gst_pad_push_event (harness->srcpad, gst_event_new_segment (&segment));
    while (gst_harness_buffers_in_queue (harness) > 0)
      gst_buffer_unref (gst_harness_pull (harness));
    assert_equals_int (regions_of_next (harness), 2);
  }
  end_step ();
  check_sum (get_element (harness), get_counter (get_element (harness),
          "frames-in"));
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* ---- several branches, several elements ----------------------------------- */

typedef struct
{
  GMutex lock;
  GPtrArray *sums;              /* of the pixels of each frame */
  guint n_metas;
} Pixels;

static GstPadProbeReturn
note_pixels (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  Pixels *pixels = data;
  GstMapInfo map;

  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
  g_ptr_array_add (pixels->sums,
      g_compute_checksum_for_data (G_CHECKSUM_MD5, map.data, map.size));
  gst_buffer_unmap (buffer, &map);
  /* Whatever is not the picture's own. */
  pixels->n_metas += count_regions (buffer);
  if (gst_buffer_get_custom_meta (buffer, "RknnyoloFrame"))
    pixels->n_metas++;
  return GST_PAD_PROBE_OK;
}

static void
watch_pixels (Stream * stream, const gchar * element, const gchar * pad,
    Pixels * pixels)
{
  pixels->sums = g_ptr_array_new_with_free_func (g_free);
  pixels->n_metas = 0;
  gst_pad_add_probe (get_pad (stream_get (stream, element), pad),
      GST_PAD_PROBE_TYPE_BUFFER, note_pixels, pixels, NULL);
}

static void
check_same_pixels (const Pixels * a, const Pixels * b, guint n)
{
  assert_equals_int (a->sums->len, n);
  assert_equals_int (b->sums->len, n);
  for (guint i = 0; i < n; i++)
    assert_equals_string (g_ptr_array_index (a->sums, i),
        g_ptr_array_index (b->sums, i));
}

/* The other branch of a tee sees nothing of what the element does. */
GST_START_TEST (test_tee)
{
  enum
  { N = SANITIZED ? 50 : 200 };
  g_autofree gchar *line = g_strdup_printf ("videotestsrc num-buffers=%d "
      "pattern=snow ! " CAPS " ! tee name=tee "
      "tee. ! queue ! rknnyolo name=yolo model=%%s ! identity name=a ! "
      "fakesink sync=false "
      "tee. ! queue ! identity name=b ! fakesink sync=false", N);
  Stream *stream = stream_new (line);
  Pixels before, with, without;

  watch_pixels (stream, "tee", "sink", &before);
  watch_pixels (stream, "a", "src", &with);
  watch_pixels (stream, "b", "src", &without);
  stream_set_state (stream, GST_STATE_PLAYING);
  stream_wait_eos (stream);
  stream_check_complete (stream);
  check_same_pixels (&before, &with, N);
  check_same_pixels (&before, &without, N);
  assert_equals_int (with.n_metas, 3 * N);
  assert_equals_int (without.n_metas, 0);
  stream_free (stream);
  g_ptr_array_unref (before.sums);
  g_ptr_array_unref (with.sums);
  g_ptr_array_unref (without.sums);
}

GST_END_TEST;

static GstPadProbeReturn
check_both_models (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  Tally *tally = data;

  if (count_regions (buffer) == 3 && find_region (buffer, "cat")
      && find_region (buffer, "dog") && find_region (buffer, "ship"))
    g_atomic_int_inc (&tally->n_found);
  g_atomic_int_inc (&tally->n);
  return GST_PAD_PROBE_OK;
}

/* Two models one behind the other: the second adds to what the first found. */
GST_START_TEST (test_series)
{
  static const TestBox box = { 0, 0.8f, 8, 16, 24, 40 };
  static const gchar *const names[] = { "ship", NULL };
  gchar *model = test_model_write (&box, 1, 1, names);
  g_autofree gchar *line = g_strdup_printf ("videotestsrc num-buffers=100 ! "
      CAPS " ! rknnyolo name=yolo model=%%s ! rknnyolo name=second model=%s "
      "! fakesink sync=false", model);
  Stream *stream = stream_new (line);
  Tally out = { 0, 0 };
  Counters counters;

  gst_pad_add_probe (get_pad (stream_get (stream, "second"), "src"),
      GST_PAD_PROBE_TYPE_BUFFER, check_both_models, &out, NULL);
  stream_set_state (stream, GST_STATE_PLAYING);
  stream_wait_eos (stream);
  stream_check_complete (stream);
  get_counters (stream_get (stream, "second"), &counters);
  assert_equals_uint64 (counters.inferred, 100);
  assert_equals_int (out.n, 100);
  assert_equals_int (out.n_found, 100);
  stream_free (stream);
  test_model_remove (model);
}

GST_END_TEST;

typedef struct
{
  GstPad *to;
  gint done;                    /* atomic */
} Switch;

static GstPadProbeReturn
switch_idle (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Switch *self = data;
  GstPad *peer = gst_pad_get_peer (pad);

  gst_pad_unlink (pad, peer);
  gst_object_unref (peer);
  gst_pad_link (pad, self->to);
  g_atomic_int_set (&self->done, TRUE);
  return GST_PAD_PROBE_REMOVE;
}

/* While nothing is on its way through the pad: who is in the element when that
 * stops takes FLUSHING back with it.  There always is a peer, because a queue
 * that finds none forgets to withdraw a query that waits in it (GStreamer
 * 1.22). */
static void
switch_peer (GstPad * pad, GstPad * to)
{
  Switch switched = { to, FALSE };

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_IDLE, switch_idle, &switched,
      NULL);
  while (!g_atomic_int_get (&switched.done))
    g_usleep (500);
  assert_equals_int (gst_pad_is_linked (to), TRUE);
}

/* Three branches on one model, one of which is stopped and started again. */
GST_START_TEST (test_parallel)
{
  Stream *stream = stream_new (SOURCE " ! tee name=tee allow-not-linked=true "
      "tee. ! queue ! rknnyolo name=yolo model=%s model-instance-id=one ! "
      "fakesink name=sink1 sync=false "
      "tee. ! queue ! rknnyolo name=second model=%s model-instance-id=one ! "
      "fakesink name=sink2 sync=false "
      "tee. ! queue name=queue leaky=downstream ! rknnyolo name=third model=%s "
      "model-instance-id=one ! fakesink name=sink3 sync=false async=false "
      "fakesink name=spare sync=false async=false");
  GstElement *third = stream_get (stream, "third");
  GstPad *queue = get_pad (stream_get (stream, "queue"), "src");
  GstPad *spare = get_pad (stream_get (stream, "spare"), "sink");
  Tally tallies[3] = { {0, 0}, };
  Counters counters;

  for (guint i = 0; i < 3; i++) {
    g_autofree gchar *name = g_strdup_printf ("sink%u", i + 1);
    count_frames (stream_get (stream, name), "sink", &tallies[i]);
  }
  stream_set_state (stream, GST_STATE_PLAYING);
  wait_for_more (&tallies[2], 20);
  for (guint i = 0; i < (SANITIZED ? 3 : 15); i++) {
    begin_step (third, "stop one of three");
    switch_peer (queue, spare);
    assert_equals_int (gst_element_set_state (third, GST_STATE_NULL),
        GST_STATE_CHANGE_SUCCESS);
    wait_for_more (&tallies[0], 10);
    begin_step (third, "start one of three");
    assert_equals_int (gst_element_set_state (third, GST_STATE_PLAYING),
        GST_STATE_CHANGE_SUCCESS);
    switch_peer (queue, get_pad (third, "sink"));
    wait_for_more (&tallies[2], 5);
  }
  /* No EOS comes there, and the pipeline would wait for it. */
  gst_element_set_state (stream_get (stream, "spare"), GST_STATE_NULL);
  gst_bin_remove (GST_BIN (stream_get_pipeline (stream)),
      stream_get (stream, "spare"));
  gst_element_send_event (stream_get_pipeline (stream), gst_event_new_eos ());
  stream_wait_eos (stream);
  stream_check_complete (stream);
  for (guint i = 0; i < 3; i++)
    assert_equals_int (tallies[i].n, tallies[i].n_found);
  assert_equals_int (tallies[0].n, tallies[1].n);
  get_counters (stream_get (stream, "second"), &counters);
  assert_equals_uint64 (counters.inferred, tallies[1].n);
  stream_free (stream);
}

GST_END_TEST;

/* ---- who stops, refuses, blocks ------------------------------------------- */

static const struct
{
  const gchar *line;
  GstMessageType ends_with;
  gint n_out;                   /* of the element: at least */
} ends[] = {
  {SOURCE " ! rknnyolo name=yolo model=%s ! identity error-after=20 ! "
        "fakesink sync=false", GST_MESSAGE_ERROR, 20},
  {SOURCE " ! rknnyolo name=yolo model=%s ! identity eos-after=20 ! "
        "fakesink sync=false", GST_MESSAGE_EOS, 20},
  {SOURCE " ! rknnyolo name=yolo model=%s ! fakesink sync=false "
        "num-buffers=20", GST_MESSAGE_EOS, 20},
  {SOURCE " ! rknnyolo name=yolo model=%s overload=drop ! fakesink sync=false "
        "num-buffers=20", GST_MESSAGE_EOS, 20},
  {SOURCE " ! identity error-after=20 ! rknnyolo name=yolo model=%s ! "
        "fakesink sync=false", GST_MESSAGE_ERROR, 0},
  {"videotestsrc num-buffers=20 ! " CAPS " ! identity drop-probability=0.5 ! "
        "rknnyolo name=yolo model=%s ! fakesink sync=false", GST_MESSAGE_EOS,
      0},
  {"videotestsrc num-buffers=20 ! " CAPS " ! rknnyolo name=yolo model=%s "
        "interval=30 ! fakesink sync=false", GST_MESSAGE_EOS, 20},
  {"videotestsrc num-buffers=0 ! " CAPS " ! rknnyolo name=yolo model=%s ! "
        "fakesink sync=false", GST_MESSAGE_EOS, 0},
};

/* However a stream ends, the application hears of it and can stop. */
GST_START_TEST (test_ends)
{
  for (guint i = 0; i < 5; i++) {
    Stream *stream = stream_new (ends[__i__].line);
    GstMessage *message;

    stream_ask_state (stream, GST_STATE_PLAYING);
    message = stream_wait_message (stream, ends[__i__].ends_with);
    assert_equals_int (GST_MESSAGE_TYPE (message), ends[__i__].ends_with);
    gst_message_unref (message);
    fail_unless ((gint) stream_count_total (stream) >= ends[__i__].n_out,
        "%u frames", stream_count_total (stream));
    stream_check (stream);
    stream_free (stream);
  }
}

GST_END_TEST;

static const gchar *const overloads[] = { "wait", "skip", "drop" };

static GstPadProbeReturn
block (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  g_atomic_int_set ((gint *) data, TRUE);
  return GST_PAD_PROBE_OK;
}

/* Behind a sink that never takes anything the pipeline can be stopped, and
 * what frames did until then is counted. */
GST_START_TEST (test_blocked_sink)
{
  g_autofree gchar *line = g_strdup_printf (SOURCE " ! rknnyolo name=yolo "
      "model=%%s overload=%s ! fakesink name=sink sync=false",
      overloads[__i__]);

  for (guint i = 0; i < 10; i++) {
    Stream *stream = stream_new (line);
    gint blocked = FALSE;

    gst_pad_add_probe (get_pad (stream_get (stream, "sink"), "sink"),
        GST_PAD_PROBE_TYPE_BLOCK | GST_PAD_PROBE_TYPE_BUFFER, block, &blocked,
        NULL);
    stream_ask_state (stream, GST_STATE_PLAYING);
    begin_step (stream_get_yolo (stream), "wait for the first frame");
    while (!g_atomic_int_get (&blocked))
      g_usleep (500);
    g_usleep (i * 2000);
    stream_check (stream);
    stream_ask_state (stream, i % 2 ? GST_STATE_READY : GST_STATE_NULL);
    stream_free (stream);
  }
}

GST_END_TEST;

/* Between queues of one buffer, the narrowest there are. */
GST_START_TEST (test_narrow_queues)
{
  g_autofree gchar *line = g_strdup_printf ("videotestsrc num-buffers=150 ! "
      CAPS " ! queue max-size-buffers=1 ! rknnyolo name=yolo model=%%s "
      "overload=%s max-in-flight=%d ! queue max-size-buffers=1 ! "
      "fakesink sync=false", overloads[__i__ % 3], 1 + __i__ / 3);
  Stream *stream = stream_new (line);

  stream_set_state (stream, GST_STATE_PLAYING);
  stream_wait_eos (stream);
  stream_check_complete (stream);
  stream_check_times (stream);
  if (__i__ % 3 < 2)
    assert_equals_int (stream_count_out (stream), 150);
  stream_free (stream);
}

GST_END_TEST;

/* A camera goes on through pauses, whatever is done when it is too fast. */
GST_START_TEST (test_live)
{
  g_autofree gchar *line = g_strdup_printf ("videotestsrc name=source "
      "is-live=true ! video/x-raw,format=NV12,width=128,height=96,"
      "framerate=1000/1 ! rknnyolo name=yolo model=%%s overload=%s "
      "max-in-flight=%d ! fakesink sync=true qos=true", overloads[__i__ % 3],
      1 + __i__ / 3 * 7);
  Stream *stream = stream_new (line);

  for (guint i = 0; i < 5; i++) {
    stream_set_state (stream, GST_STATE_PLAYING);
    stream_wait_frames (stream, 20);
    stream_set_state (stream, GST_STATE_PAUSED);
    g_usleep (20000);
    stream_check (stream);
  }
  stream_set_state (stream, GST_STATE_PLAYING);
  stream_wait_frames (stream, 20);
  gst_element_send_event (stream_get_pipeline (stream), gst_event_new_eos ());
  stream_wait_eos (stream);
  stream_check_complete (stream);
  stream_check_times (stream);
  stream_free (stream);
}

GST_END_TEST;

static gpointer
stop_soon (gpointer data)
{
  g_usleep (5000);
  gst_element_send_event (data, gst_event_new_eos ());
  return NULL;
}

/* An EOS that another thread asks for while the source is held up by a full
 * element: everything that came in goes out before it. */
GST_START_TEST (test_eos_while_full)
{
  for (guint i = 0; i < 10; i++) {
    Stream *stream = stream_new (SOURCE " ! rknnyolo name=yolo model=%s "
        "max-in-flight=1 ! identity sleep-time=1000 ! fakesink sync=false");
    GThread *thread;

    stream_set_state (stream, GST_STATE_PLAYING);
    thread = g_thread_new ("stop", stop_soon, stream_get_pipeline (stream));
    stream_wait_eos (stream);
    g_thread_join (thread);
    stream_check_complete (stream);
    fail_unless (stream_count_out (stream) > 0);
    stream_free (stream);
  }
}

GST_END_TEST;

/* An EOS sent by the element itself, past the frames in it: the stream ends
 * there, and frames that are left are counted. */
GST_START_TEST (test_eos_sent_to_element)
{
  for (guint i = 0; i < 10; i++) {
    Stream *stream = stream_new (SOURCE " ! rknnyolo name=yolo model=%s ! "
        "fakesink sync=false");

    stream_set_state (stream, GST_STATE_PLAYING);
    g_usleep (i * 500);
    gst_element_send_event (stream_get_yolo (stream), gst_event_new_eos ());
    stream_wait_eos (stream);
    stream_check (stream);
    stream_free (stream);
  }
}

GST_END_TEST;

static void
add_tests (TCase * tests)
{
  tcase_add_loop_test (tests, test_swap_element, 0, 2);
  tcase_add_test (tests, test_pull_element_out);
  tcase_add_test (tests, test_relink_downstream);
  tcase_add_test (tests, test_linked_meanwhile);
  tcase_add_loop_test (tests, test_pads_switched, 0, 2);
  tcase_add_test (tests, test_tee);
  tcase_add_test (tests, test_series);
  tcase_add_test (tests, test_parallel);
  tcase_add_loop_test (tests, test_ends, 0, G_N_ELEMENTS (ends));
  tcase_add_loop_test (tests, test_blocked_sink, 0, 3);
  tcase_add_loop_test (tests, test_narrow_queues, 0, 6);
  tcase_add_loop_test (tests, test_live, 0, 6);
  tcase_add_test (tests, test_eos_while_full);
  tcase_add_test (tests, test_eos_sent_to_element);
}

int
main (int argc, char **argv)
{
  return stream_test_main (&argc, &argv, "relink", add_tests);
}
