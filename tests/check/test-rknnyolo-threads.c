/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What several threads do to rknnyolo at once. */

#include "elementtest.h"

typedef struct
{
  GstHarness *harness;
  gint stop;                    /* atomic */
  GMutex lock;                  /* what only comes after the segment */
  gint hold;                    /* atomic: no data, the element has no caps */
} Storm;

/* Pushes frames, whatever comes back, and throws away what comes out. */
static gpointer
push_always (gpointer data)
{
  Storm *storm = data;

  for (guint i = 0; !g_atomic_int_get (&storm->stop); i++) {
    GstFlowReturn result = GST_FLOW_FLUSHING;
    GstBuffer *buffer;

    g_mutex_lock (&storm->lock);
    if (!g_atomic_int_get (&storm->hold))
      result = gst_pad_push (storm->harness->srcpad, new_frame (i));
    g_mutex_unlock (&storm->lock);
    if (result != GST_FLOW_OK)
      g_usleep (100);
    while ((buffer = gst_harness_try_pull (storm->harness)))
      gst_buffer_unref (buffer);
  }
  return NULL;
}

static void
flush (Storm * storm)
{
  GstPad *pad = storm->harness->srcpad;
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (pad, gst_event_new_flush_start ());
  g_mutex_lock (&storm->lock);
  gst_pad_push_event (pad, gst_event_new_flush_stop (TRUE));
  if (!g_atomic_int_get (&storm->hold))
    gst_pad_push_event (pad, gst_event_new_segment (&segment));
  g_mutex_unlock (&storm->lock);
}

static gpointer
flush_always (gpointer data)
{
  Storm *storm = data;

  while (!g_atomic_int_get (&storm->stop))
    flush (storm);
  return NULL;
}

static gpointer
ask_always (gpointer data)
{
  Storm *storm = data;
  GstElement *element = get_element (storm->harness);

  while (!g_atomic_int_get (&storm->stop)) {
    GstStructure *stats = NULL;

    gst_harness_query_latency (storm->harness);
    g_object_get (element, "stats", &stats, NULL);
    gst_structure_free (stats);
  }
  return NULL;
}

static gpointer
set_always (gpointer data)
{
  Storm *storm = data;
  GstElement *element = get_element (storm->harness);

  for (guint i = 0; !g_atomic_int_get (&storm->stop); i++)
    g_object_set (element, "confidence-threshold", (i % 10) / 10.0f,
        "classes", i % 3 ? "cat,2" : NULL, "interval", 1 + i % 3,
        "overload", i % 3, "max-in-flight", i % 5, "letterbox", i % 3, NULL);
  return NULL;
}

static void
finish_storm (Storm * storm, GThread ** threads, guint n)
{
  g_atomic_int_set (&storm->stop, TRUE);
  for (guint i = 0; i < n; i++)
    g_thread_join (threads[i]);
}

static void
check_goes_on (Storm * storm)
{
  GstHarness *harness = storm->harness;
  GstBuffer *buffer;

  flush (storm);
  gst_harness_set_src_caps_str (harness, CAPS);
  while ((buffer = gst_harness_try_pull (harness)))
    gst_buffer_unref (buffer);
  g_object_set (get_element (harness), "confidence-threshold", 0.25f,
      "classes", "", "interval", 1, "overload", 0, "max-in-flight", 0,
      "letterbox", 0, NULL);
  assert_equals_int (regions_of_next (harness), 2);
}

/* As seeks do while frames are in flight. */
GST_START_TEST (test_flush_storm)
{
  Storm storm = { new_harness (""), FALSE };
  GstElement *element = get_element (storm.harness);
  GThread *threads[3];

  threads[0] = g_thread_new ("push", push_always, &storm);
  threads[1] = g_thread_new ("ask", ask_always, &storm);
  threads[2] = g_thread_new ("set", set_always, &storm);
  for (guint i = 0; i < 300; i++) {
    flush (&storm);
    g_usleep (i % 7 * 200);
  }
  finish_storm (&storm, threads, G_N_ELEMENTS (threads));
  check_goes_on (&storm);
  check_sum (element, get_counter (element, "frames-in"));
  gst_harness_teardown (storm.harness);
}

GST_END_TEST;

/* As gst_harness_set_src_caps, but a flush may come in between. */
static void
send_start (GstHarness * harness)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (CAPS);
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (harness->srcpad, gst_event_new_caps (caps));
  gst_pad_push_event (harness->srcpad, gst_event_new_segment (&segment));
}

/* Flushes and questions come from threads that no state change waits for. */
GST_START_TEST (test_state_storm)
{
  Storm storm = { new_harness (""), FALSE };
  GstElement *element = get_element (storm.harness);
  GThread *threads[4];

  threads[0] = g_thread_new ("push", push_always, &storm);
  threads[1] = g_thread_new ("flush", flush_always, &storm);
  threads[2] = g_thread_new ("ask", ask_always, &storm);
  threads[3] = g_thread_new ("set", set_always, &storm);
  for (guint i = 0; i < 60; i++) {
    g_atomic_int_set (&storm.hold, TRUE);
    assert_equals_int (gst_element_set_state (element, GST_STATE_READY),
        GST_STATE_CHANGE_SUCCESS);
    g_mutex_lock (&storm.lock);
    assert_equals_int (gst_element_set_state (element, GST_STATE_PLAYING),
        GST_STATE_CHANGE_SUCCESS);
    send_start (storm.harness);
    g_atomic_int_set (&storm.hold, FALSE);
    g_mutex_unlock (&storm.lock);
    g_usleep (i % 5 * 1000);
  }
  finish_storm (&storm, threads, G_N_ELEMENTS (threads));
  check_goes_on (&storm);
  gst_harness_teardown (storm.harness);
}

GST_END_TEST;

typedef struct
{
  GstPadActivateModeFunction activate;  /* the original */
  GstPad *sinkpad;
  gint round;                   /* atomic: a flush is to end in this one */
  gint stop;                    /* atomic */
} Ender;

static Ender ender;

static gboolean
activate_and_end (GstPad * pad, GstObject * parent, GstPadMode mode,
    gboolean active)
{
  if (!active)
    g_atomic_int_inc (&ender.round);
  return ender.activate (pad, parent, mode, active);
}

/* Somewhat later in each round. */
static gpointer
end_flushes (gpointer data)
{
  for (gint round = 1; !g_atomic_int_get (&ender.stop); round++) {
    while (g_atomic_int_get (&ender.round) < round)
      if (g_atomic_int_get (&ender.stop))
        return NULL;
    for (guint i = 0; i < round % 97 * 20; i++)
      g_atomic_int_get (&ender.stop);
    gst_pad_send_event (ender.sinkpad, gst_event_new_flush_stop (TRUE));
  }
  return NULL;
}

/* The task must not wait for frames again when it is to end. */
GST_START_TEST (test_flush_ends_while_stopping)
{
  GstHarness *harness = new_harness ("cores=0 contexts-per-core=1");
  GstElement *element = get_element (harness);
  GstPad *pad = gst_element_get_static_pad (element, "src");
  GThread *thread = g_thread_new ("end", end_flushes, NULL);

  ender.sinkpad = gst_element_get_static_pad (element, "sink");
  ender.activate = GST_PAD_ACTIVATEMODEFUNC (pad);
  gst_pad_set_activatemode_function (pad, activate_and_end);
  for (guint i = 0; i < 1000; i++) {
    g_usleep (200);
    gst_pad_set_active (pad, FALSE);
    gst_pad_set_active (pad, TRUE);
  }
  g_atomic_int_set (&ender.stop, TRUE);
  g_thread_join (thread);
  gst_pad_set_activatemode_function (pad, ender.activate);
  gst_pad_push_event (harness->srcpad, gst_event_new_stream_start ("anew"));
  gst_harness_set_src_caps_str (harness, CAPS);
  assert_equals_int (regions_of_next (harness), 2);
  gst_object_unref (ender.sinkpad);
  gst_object_unref (pad);
  gst_harness_teardown (harness);
}

GST_END_TEST;

static gpointer
cycle_shared (gpointer data)
{
  for (guint i = 0; i < 20; i++) {
    GstHarness *harness = new_harness ("model-instance-id=storm");

    assert_equals_int (regions_of_next (harness), 2);
    gst_harness_teardown (harness);
  }
  return NULL;
}

/* The model comes and goes with whoever uses it. */
GST_START_TEST (test_shared_storm)
{
  GThread *thread = g_thread_new ("other", cycle_shared, NULL);

  cycle_shared (NULL);
  g_thread_join (thread);
}

GST_END_TEST;

static GstBusSyncReply
stop_at_warning (GstBus * bus, GstMessage * message, gpointer data)
{
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_WARNING) {
    GstStructure *stats = NULL;

    g_object_get (data, "stats", &stats, NULL);
    gst_structure_free (stats);
    gst_element_set_state (data, GST_STATE_NULL);
  }
  return GST_BUS_PASS;
}

/* Who hears of a warning in the thread that posts it may stop the element. */
GST_START_TEST (test_stopped_by_warning)
{
  GstHarness *harness = new_harness ("");
  GstElement *element = get_element (harness);
  GstBus *bus = gst_bus_new ();

  gst_harness_push (harness, new_frame (0));
  gst_element_set_bus (element, bus);
  gst_bus_set_sync_handler (bus, stop_at_warning, element, NULL);
  g_object_set (element, "classes", "unicorn", NULL);
  assert_equals_int (GST_STATE (element), GST_STATE_NULL);
  gst_bus_set_flushing (bus, TRUE);
  gst_element_set_bus (element, NULL);
  gst_object_unref (bus);
  gst_harness_teardown (harness);
}

GST_END_TEST;

static void
add_tests (TCase * tests)
{
  tcase_add_test (tests, test_flush_storm);
  tcase_add_test (tests, test_state_storm);
  tcase_add_test (tests, test_flush_ends_while_stopping);
  tcase_add_test (tests, test_shared_storm);
  tcase_add_test (tests, test_stopped_by_warning);
}

int
main (int argc, char **argv)
{
  return element_test_main (&argc, &argv, "rknnyolo-threads", add_tests);
}
