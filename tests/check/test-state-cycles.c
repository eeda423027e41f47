/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Pipelines that start and stop all the time, with frames in flight, leave
 * nothing behind: no thread, no file descriptor, no memory. */

#include "streamtest.h"

#include <malloc.h>

#define LINE "videotestsrc ! " CAPS " ! rknnyolo name=yolo model=%s %s ! " \
  "fakesink sync=false"

typedef struct
{
  guint threads, files;
  gsize memory;
} Holdings;

static guint
count_entries (const gchar * path)
{
  g_autoptr (GError) error = NULL;
  GDir *folder = g_dir_open (path, 0, &error);
  guint n = 0;

  g_assert_no_error (error);
  while (g_dir_read_name (folder))
    n++;
  g_dir_close (folder);
  return n;
}

static gsize
count_memory (void)
{
  struct mallinfo2 info = mallinfo2 ();

  return info.uordblks + info.hblkhd;
}

static Holdings
take_stock (void)
{
  Holdings holdings;

  holdings.threads = count_entries ("/proc/self/task");
  holdings.files = count_entries ("/proc/self/fd");
  holdings.memory = count_memory ();
  return holdings;
}

/* A thread that was joined may be there for a moment yet, those of GLib's pool
 * are not joined at all: these are the holdings with the fewest threads in a
 * while. */
static Holdings
take_settled_stock (void)
{
  Holdings fewest = take_stock ();

  for (guint i = 0; i < 100; i++) {
    Holdings now;

    g_usleep (2000);
    now = take_stock ();
    if (now.threads <= fewest.threads)
      fewest = now;
  }
  return fewest;
}

/* malloc and GLib keep some pieces for later, so a little more memory than
 * before is no leak. */
#define SPARE_MEMORY 65536
#define MEMORY_A_CYCLE 300

static void
check_stock (const Holdings * before, guint n_cycles)
{
  Holdings now = take_stock ();

  /* What is left of a thread may hold an element or a bus a little longer. */
  begin_step (NULL, "wait until %u threads are %u and %u files %u",
      now.threads, before->threads, now.files, before->files);
  while (now.threads > before->threads || now.files > before->files) {
    g_usleep (10000);
    now = take_stock ();
  }
  end_step ();
  /* Fewer if GLib's pool has let some go by now. */
  fail_unless (now.threads <= before->threads);
  fail_unless (now.files <= before->files);
  /* Sanitizers have a malloc of their own, and look for leaks themselves. */
  if (!SANITIZED)
    fail_unless (now.memory < before->memory + SPARE_MEMORY
        + n_cycles * MEMORY_A_CYCLE,
        "%" G_GSIZE_FORMAT " bytes became %" G_GSIZE_FORMAT " in %u cycles",
        before->memory, now.memory, n_cycles);
}

static Stream *
new_stream (const gchar * properties)
{
  g_auto (GStrv) parts = g_strsplit (LINE, "%s", -1);
  g_autofree gchar *line = g_strdup_printf ("%s%%s%s%s%s", parts[0], parts[1],
      properties, parts[2]);

  return stream_new (line);
}

static const gchar *const settings[] = {
  "",
  "contexts-per-core=2 max-in-flight=12 interval=2",
  "overload=drop max-in-flight=1",
  "model-instance-id=cycles",
};

/* Up to some moment, at which a frame may be anywhere. */
static void
run_a_moment (guint i)
{
  g_usleep (i * 7919 % 4001);
}

static void
cycle_whole_pipelines (guint n, const gchar * properties)
{
  for (guint i = 0; i < n; i++) {
    Stream *stream = new_stream (properties);

    stream_ask_state (stream, GST_STATE_PLAYING);
    run_a_moment (i);
    stream_free (stream);
  }
}

GST_START_TEST (test_new_pipelines)
{
  guint n = SANITIZED ? 10 : 50;
  Holdings before;

  cycle_whole_pipelines (10, settings[__i__]);
  before = take_settled_stock ();
  cycle_whole_pipelines (n, settings[__i__]);
  check_stock (&before, n);
}

GST_END_TEST;

static void
cycle_states (Stream * stream, GstState low, guint n)
{
  for (guint i = 0; i < n; i++) {
    stream_ask_state (stream, GST_STATE_PLAYING);
    run_a_moment (i);
    if (i % 3 == 0)
      stream_wait_state (stream);
    stream_ask_state (stream, low);
    stream_forget_messages (stream);
    if (i % 5 == 0)
      stream_wait_state (stream);
    stream_check (stream);
  }
}

static const GstState lows[] = {
  GST_STATE_NULL, GST_STATE_READY, GST_STATE_PAUSED,
};

/* Afterwards the pipeline works as ever. */
static void
check_goes_on (Stream * stream)
{
  stream_set_state (stream, GST_STATE_PLAYING);
  stream_wait_frames (stream, 20);
  gst_element_send_event (stream_get_pipeline (stream), gst_event_new_eos ());
  stream_wait_eos (stream);
  if (stream_count_out (stream) == stream_count_in (stream))
    stream_check_complete (stream);
}

GST_START_TEST (test_cycles)
{
  GstState low = lows[__i__ % G_N_ELEMENTS (lows)];
  const gchar *properties = settings[__i__ / G_N_ELEMENTS (lows)];
  guint n = low == GST_STATE_PAUSED ? 150 : 50;
  Stream *stream = new_stream (properties);
  Holdings before;

  if (SANITIZED)
    n /= 5;
  cycle_states (stream, low, 10);
  stream_set_state (stream, GST_STATE_NULL);
  before = take_settled_stock ();
  cycle_states (stream, low, n);
  stream_set_state (stream, GST_STATE_NULL);
  check_stock (&before, n);
  check_goes_on (stream);
  stream_free (stream);
}

GST_END_TEST;

/* The states of the element alone, its pipeline going on around it, with
 * upstream that is told FLUSHING and stops. */
GST_START_TEST (test_element_alone)
{
  guint n = SANITIZED ? 10 : 60;
  Stream *stream = new_stream ("");
  GstElement *yolo = stream_get_yolo (stream);

  for (guint i = 0; i < n; i++) {
    stream_ask_state (stream, GST_STATE_PLAYING);
    run_a_moment (i);
    begin_step (yolo, "stop the element alone");
    assert_equals_int (gst_element_set_state (yolo, i % 2 ? GST_STATE_NULL :
            GST_STATE_READY), GST_STATE_CHANGE_SUCCESS);
    stream_ask_state (stream, GST_STATE_READY);
  }
  check_goes_on (stream);
  stream_free (stream);
}

GST_END_TEST;

static gpointer
stop_later (gpointer data)
{
  g_usleep (1000);
  gst_element_set_state (data, GST_STATE_NULL);
  return NULL;
}

/* Two threads that want different states at once. */
GST_START_TEST (test_stop_while_starting)
{
  for (guint i = 0; i < (SANITIZED ? 10 : 50); i++) {
    Stream *stream = new_stream ("");
    GThread *thread = g_thread_new ("stop", stop_later,
        stream_get_pipeline (stream));

    stream_ask_state (stream, i % 2 ? GST_STATE_PLAYING : GST_STATE_PAUSED);
    begin_step (stream_get_yolo (stream), "wait for who stops");
    g_thread_join (thread);
    stream_free (stream);
  }
}

GST_END_TEST;

/* The states of a live pipeline, that has no preroll. */
GST_START_TEST (test_live_cycles)
{
  Stream *stream = stream_new ("videotestsrc is-live=true ! video/x-raw,"
      "format=NV12,width=128,height=96,framerate=500/1 ! "
      "rknnyolo name=yolo model=%s overload=skip ! fakesink sync=true");

  for (guint i = 0; i < (SANITIZED ? 10 : 50); i++) {
    stream_set_state (stream, GST_STATE_PLAYING);
    run_a_moment (i);
    stream_set_state (stream, lows[i % G_N_ELEMENTS (lows)]);
  }
  check_goes_on (stream);
  stream_free (stream);
}

GST_END_TEST;

static void
add_tests (TCase * tests)
{
  tcase_add_loop_test (tests, test_new_pipelines, 0, G_N_ELEMENTS (settings));
  tcase_add_loop_test (tests, test_cycles, 0,
      G_N_ELEMENTS (settings) * G_N_ELEMENTS (lows));
  tcase_add_test (tests, test_element_alone);
  tcase_add_test (tests, test_stop_while_starting);
  tcase_add_test (tests, test_live_cycles);
}

int
main (int argc, char **argv)
{
  return stream_test_main (&argc, &argv, "state-cycles", add_tests);
}
