/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What goes wrong in the runtime: no frame is lost or out of order, nothing
 * hangs, and the user is told. */

#include "elementtest.h"

#define LIMIT (120 * GST_SECOND)

/* A model that takes several pictures in a run, or has several sizes. */
#define BATCH 4
#define SIZES "96x96,64x32,32x64"

static gchar *batch_model, *sizes_model;

typedef struct
{
  GstElement *pipeline, *element;
  guint section;                /* frames of a source */
  GMutex lock;                  /* of what follows */
  guint n_out, n_inferred;
  gboolean in_order;
} Run;

static void
note_frame (GstElement * sink, GstBuffer * buffer, GstPad * pad, gpointer data)
{
  Run *run = data;

  g_mutex_lock (&run->lock);
  /* videotestsrc numbers its frames. */
  run->in_order &= GST_BUFFER_OFFSET (buffer) == run->n_out % run->section;
  run->n_out++;
  if (count_regions (buffer) > 0)
    run->n_inferred++;
  g_mutex_unlock (&run->lock);
}

/* What line, which has an element and a sink of these names, makes of sources
 * with so many frames each. */
static Run *
new_run_of (const gchar * line, guint section)
{
  Run *self = g_new0 (Run, 1);
  g_autoptr (GstElement) sink = NULL;

  g_mutex_init (&self->lock);
  self->in_order = TRUE;
  self->section = section;
  self->pipeline = gst_parse_launch (line, NULL);
  fail_unless (self->pipeline != NULL);
  self->element = gst_bin_get_by_name (GST_BIN (self->pipeline), "element");
  sink = gst_bin_get_by_name (GST_BIN (self->pipeline), "sink");
  g_signal_connect (sink, "handoff", G_CALLBACK (note_frame), self);
  return self;
}

#define SINK "fakesink name=sink sync=false signal-handoffs=true"

static Run *
new_run (guint n_frames, const gchar * properties)
{
  g_autofree gchar *line = g_strdup_printf ("videotestsrc pattern=black "
      "num-buffers=%u ! %s ! rknnyolo name=element model=%s %s ! " SINK,
      n_frames, CAPS, element_test_model, properties);

  return new_run_of (line, n_frames);
}

/* In a white picture the models that look find much. */
#define WHITE(caps) "videotestsrc pattern=white num-buffers=%u ! " \
    "video/x-raw,format=GRAY8,framerate=25/1," caps

static Run *
new_batch_run (guint n_frames)
{
  g_autofree gchar *line = g_strdup_printf (WHITE ("width=64,height=64")
      " ! rknnyolo name=element model=%s ! " SINK, n_frames, batch_model);

  return new_run_of (line, n_frames);
}

/* A third of the frames is wide, then a third high, then a third wide. */
static Run *
new_sizes_run (guint n_frames)
{
  guint n = n_frames / 3;
  g_autofree gchar *line = g_strdup_printf ("concat name=all ! "
      "rknnyolo name=element model=%s cores=0,1 contexts-per-core=1 ! " SINK
      " " WHITE ("width=64,height=32") " ! all. "
      WHITE ("width=32,height=64") " ! all. "
      WHITE ("width=64,height=32") " ! all. ", sizes_model, n, n, n);

  return new_run_of (line, n);
}

/* Plays until EOS, or an error, whose text is returned. */
static gchar *
play (Run * self)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (self->pipeline);
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) error = NULL;

  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, LIMIT,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless (message != NULL, "neither EOS nor error: %s",
      g_getenv ("RKNN_STANDIN_FAIL"));
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS)
    return NULL;
  gst_message_parse_error (message, &error, NULL);
  return g_strdup (error->message);
}

static void
end_run (Run * self)
{
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  gst_object_unref (self->element);
  gst_object_unref (self->pipeline);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* All frames came, and the counters say the same. */
static void
check_all_came (Run * self, guint n_frames)
{
  fail_unless (self->in_order);
  assert_equals_int (self->n_out, n_frames);
  check_sum (self->element, n_frames);
  assert_equals_uint64 (get_counter (self->element, "inferred"),
      self->n_inferred);
  assert_equals_uint64 (get_counter (self->element, "failed"),
      n_frames - self->n_inferred);
}

static void
set_faults (const gchar * list)
{
  g_setenv ("RKNN_STANDIN_FAIL", list, TRUE);
}

static void
end_faults (void)
{
  g_unsetenv ("RKNN_STANDIN_FAIL");
  g_unsetenv ("RKNN_STANDIN_HANG");
  g_unsetenv ("RKNN_STANDIN_TIME");
  g_unsetenv ("RKNN_STANDIN_JITTER");
}

/* ---- calls that fail ----------------------------------------------------- */

/* A call of the runtime fails once: either the pipeline does not start and says
 * why, or every frame comes out, and no more of them failed than a run has. */
static void
check_failure (Run * run, const gchar * list, guint n_frames, guint batch)
{
  g_autofree gchar *error = play (run);

  if (error) {
    fail_unless (strlen (error) > 40, "%s: \"%s\"", list, error);
    assert_equals_int (run->n_out, 0);
  } else {
    check_all_came (run, n_frames);
    fail_unless (run->n_inferred + batch >= n_frames, "%s: %u of %u", list,
        run->n_inferred, n_frames);
  }
  end_run (run);
}

typedef struct
{
  const gchar *function;
  guint n;                      /* more than a run of 12 frames makes */
  guint except;                 /* this one; 0: none */
} Calls;

typedef Run *(*NewRun) (guint n_frames);

static void
check_calls (const Calls * calls, guint n_calls, NewRun new_one, guint batch)
{
  for (guint i = 0; i < n_calls; i++) {
    for (guint n = 1; n <= calls[i].n; n++) {
      g_autofree gchar *list = g_strdup_printf ("%s:%u", calls[i].function, n);

      if (n == calls[i].except)
        continue;
      set_faults (list);
      check_failure (new_one (12), list, 12, batch);
    }
  }
  end_faults ();
}

static Run *
new_plain_run (guint n_frames)
{
  return new_run (n_frames, "");
}

GST_START_TEST (test_every_call_fails_once)
{
  static const Calls calls[] = {
    {"rknn_init", 3}, {"rknn_dup_context", 7}, {"rknn_query", 24},
    {"rknn_set_core_mask", 13}, {"rknn_create_mem", 14},
    {"rknn_set_io_mem", 14}, {"rknn_run", 16}, {"rknn_mem_sync", 2},
    {"rknn_destroy_mem", 14}, {"rknn_destroy", 8},
  };

  check_calls (calls, G_N_ELEMENTS (calls), new_plain_run, 1);
}

GST_END_TEST;

GST_START_TEST (test_every_call_fails_once_batch)
{
  static const Calls calls[] = {
    {"rknn_query", 12}, {"rknn_create_mem", 4}, {"rknn_set_io_mem", 4},
    {"rknn_run", 14},
  };

  check_calls (calls, G_N_ELEMENTS (calls), new_batch_run, BATCH);
}

GST_END_TEST;

/* The third query asks for sizes: runtimes that know none refuse it, so the
 * model is taken for one of one size. */
GST_START_TEST (test_every_call_fails_once_sizes)
{
  static const Calls calls[] = {
    {"rknn_init", 3}, {"rknn_query", 44, 3}, {"rknn_set_core_mask", 14},
    {"rknn_create_mem", 5}, {"rknn_set_io_mem", 18},
    {"rknn_set_input_shapes", 17}, {"rknn_run", 16}, {"rknn_destroy_mem", 5},
    {"rknn_destroy", 3},
  };

  check_calls (calls, G_N_ELEMENTS (calls), new_sizes_run, 1);
}

GST_END_TEST;

/* A runtime that offers shapes and then takes none but the first: every frame
 * comes out, and the last failure is told. */
GST_START_TEST (test_sizes_are_refused)
{
  g_autofree gchar *error = NULL;
  Run *run;

  /* each context is asked for all three sizes and then has one set */
  set_faults ("rknn_set_input_shapes:9+");
  run = new_sizes_run (60);
  error = play (run);
  fail_unless (error != NULL);
  fail_unless (strstr (error, "rknn_set_input_shapes returned -1") != NULL,
      "%s", error);
  gst_element_set_state (run->pipeline, GST_STATE_READY);
  fail_unless (run->in_order);
  fail_unless (run->n_out > 0);
  assert_equals_int (run->n_inferred, 0);
  end_run (run);
  end_faults ();
}

GST_END_TEST;

/* Somebody writes another model over the file, and then a context has to be
 * made anew from it: it does not get the memories of the first. */
GST_START_TEST (test_file_is_replaced)
{
  gchar *model = test_model_write_looking (1, 0, 0, "64x32,32x64");
  g_autofree gchar *line = g_strdup_printf (WHITE ("width=64,height=32")
      " ! rknnyolo name=element model=%s cores=0 contexts-per-core=1 ! " SINK,
      1000, model);
  g_autofree gchar *other = NULL;
  g_autofree gchar *error = NULL;
  gsize length;
  Run *run;

  fail_unless (g_file_get_contents (sizes_model, &other, &length, NULL));
  set_faults ("rknn_run:5+");
  run = new_run_of (line, 1000);
  gst_element_set_state (run->pipeline, GST_STATE_PAUSED);
  gst_element_get_state (run->pipeline, NULL, NULL, LIMIT);
  fail_unless (g_file_set_contents (model, other, length, NULL));
  error = play (run);
  fail_unless (error != NULL);
  fail_unless (strstr (error, "has another model now") != NULL, "%s", error);
  end_run (run);
  end_faults ();
  test_model_remove (model);
}

GST_END_TEST;

/* Inferences fail at random, and so do the attempts to mend that. */
GST_START_TEST (test_random_failures)
{
  enum
  { N = 10000 };
  g_autofree gchar *error = NULL;
  Run *run;

  set_faults ("rknn_run:~12,rknn_dup_context:~30,rknn_create_mem:~2");
  /* Contexts are made only when it works at once. */
  for (guint i = 0; i < 20; i++) {
    run = new_run (N, "");
    error = play (run);
    if (!error)
      break;
    end_run (run);
    g_clear_pointer (&error, g_free);
    run = NULL;
  }
  fail_unless (run != NULL, "never started");
  check_all_came (run, N);
  fail_unless (run->n_inferred > N / 2);
  fail_unless (run->n_inferred < N);
  fail_unless (get_counter (run->element, "renewals") > 0);
  end_run (run);
  end_faults ();
}

GST_END_TEST;

/* The same where a run has several frames, or another shape than the one
 * before. */
static void
check_random_failures (NewRun new_one, const gchar * faults)
{
  enum
  { N = 900 };
  g_autofree gchar *error = NULL;
  Run *run = NULL;

  set_faults (faults);
  for (guint i = 0; i < 20 && !run; i++) {
    run = new_one (N);
    error = play (run);
    if (error)
      end_run (g_steal_pointer (&run));
    g_clear_pointer (&error, g_free);
  }
  fail_unless (run != NULL, "never started");
  check_all_came (run, N);
  fail_unless (run->n_inferred > N / 2);
  fail_unless (run->n_inferred < N);
  end_run (run);
  end_faults ();
}

GST_START_TEST (test_random_failures_batch)
{
  check_random_failures (new_batch_run,
      "rknn_run:~12,rknn_dup_context:~30,rknn_create_mem:~2");
}

GST_END_TEST;

GST_START_TEST (test_random_failures_sizes)
{
  check_random_failures (new_sizes_run,
      "rknn_run:~12,rknn_set_input_shapes:~5,rknn_set_io_mem:~2");
}

GST_END_TEST;

/* Whatever was in flight comes out before the stream ends. */
GST_START_TEST (test_all_contexts_fail)
{
  g_autofree gchar *error = NULL;
  Run *run;

  set_faults ("rknn_run:21+");
  run = new_run (1000, "");
  error = play (run);
  fail_unless (error != NULL);
  fail_unless (strstr (error, "6 contexts") != NULL, "%s", error);
  fail_unless (strstr (error, "2.3.2") != NULL, "%s", error);
  fail_unless (strstr (error, "0.9.8") != NULL, "%s", error);
  fail_unless (strstr (error, "rknn_run returned -1") != NULL, "%s", error);
  gst_element_set_state (run->pipeline, GST_STATE_READY);
  fail_unless (run->in_order);
  /* The first run is the element's own. */
  assert_equals_int (run->n_inferred, 19);
  end_run (run);
  end_faults ();
}

GST_END_TEST;

/* After the error the same element plays again. */
GST_START_TEST (test_restart_after_failure)
{
  g_autofree gchar *error = NULL;
  g_autofree gchar *second = NULL;
  Run *run;

  set_faults ("rknn_run:5+");
  run = new_run (50, "");
  error = play (run);
  fail_unless (error != NULL);
  gst_element_set_state (run->pipeline, GST_STATE_NULL);
  end_faults ();
  run->n_out = run->n_inferred = 0;
  run->in_order = TRUE;
  second = play (run);
  fail_unless (second == NULL, "%s", second);
  check_all_came (run, 50);
  assert_equals_int (run->n_inferred, 50);
  end_run (run);
}

GST_END_TEST;

/* ---- calls that do not return -------------------------------------------- */

/* One core never comes back: the frames it had pass, the others go on. */
GST_START_TEST (test_core_hangs)
{
  enum
  { N = 2000 };
  g_autofree gchar *error = NULL;
  Run *run;

  g_setenv ("RKNN_STANDIN_HANG", "1:10", TRUE);
  run = new_run (N, "inference-timeout=300");
  error = play (run);
  fail_unless (error == NULL, "%s", error);
  check_all_came (run, N);
  fail_unless (get_counter (run->element, "hangs") >= 1);
  fail_unless (get_counter (run->element, "failed") >= 1);
  /* Two contexts a core; what hung was not tried with frames again. */
  fail_unless (get_counter (run->element, "failed") <= 2);
  end_run (run);
  end_faults ();
}

GST_END_TEST;

/* Who has set the limit too low learns so, whatever its size. */
GST_START_TEST (test_limit_is_told)
{
  Run *run = new_run (10, "cores=0 inference-timeout=40");
  g_autoptr (GstBus) bus = gst_element_get_bus (run->pipeline);
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) warning = NULL;

  g_setenv ("RKNN_STANDIN_HANG", "0:2", TRUE);
  gst_element_set_state (run->pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, LIMIT, GST_MESSAGE_WARNING);
  fail_unless (message != NULL);
  gst_message_parse_warning (message, &warning, NULL);
  fail_unless (g_strrstr (warning->message, "within 40 ms") != NULL, "%s",
      warning->message);
  end_run (run);
  end_faults ();
}

GST_END_TEST;

/* The driver resets the core in the end: it works again. */
GST_START_TEST (test_core_recovers)
{
  enum
  { N = 3000 };
  g_autofree gchar *error = NULL;
  Run *run;

  /* The two contexts' runs end, one after the other, long after they were
   * given up. */
  g_setenv ("RKNN_STANDIN_HANG", "1:10-11:600", TRUE);
  g_setenv ("RKNN_STANDIN_TIME", "3", TRUE);
  run = new_run (N, "inference-timeout=300");
  error = play (run);
  fail_unless (error == NULL, "%s", error);
  check_all_came (run, N);
  assert_equals_uint64 (get_counter (run->element, "failed"), 2);
  assert_equals_uint64 (get_counter (run->element, "hangs"), 2);
  fail_unless (get_series_count (run->element, "core-1") > 10);
  end_run (run);
  end_faults ();
}

GST_END_TEST;

/* An application does not wait for an NPU that is gone. */
GST_START_TEST (test_stop_while_hanging)
{
  Run *run;

  g_setenv ("RKNN_STANDIN_HANG", "0:3:4000", TRUE);
  run = new_run (1000000, "cores=0 inference-timeout=500");
  gst_element_set_state (run->pipeline, GST_STATE_PLAYING);
  /* The first run of all is the element's own. */
  while (get_counter (run->element, "inferred") < 1)
    g_usleep (1000);
  g_usleep (20000);
  gst_element_set_state (run->pipeline, GST_STATE_NULL);
  end_run (run);
  end_faults ();
}

GST_END_TEST;

static void
add_tests (TCase * tests)
{
  tcase_add_test (tests, test_every_call_fails_once);
  tcase_add_test (tests, test_every_call_fails_once_batch);
  tcase_add_test (tests, test_every_call_fails_once_sizes);
  tcase_add_test (tests, test_sizes_are_refused);
  tcase_add_test (tests, test_file_is_replaced);
  tcase_add_test (tests, test_random_failures);
  tcase_add_test (tests, test_random_failures_batch);
  tcase_add_test (tests, test_random_failures_sizes);
  tcase_add_test (tests, test_all_contexts_fail);
  tcase_add_test (tests, test_restart_after_failure);
  tcase_add_test (tests, test_core_hangs);
  tcase_add_test (tests, test_limit_is_told);
  tcase_add_test (tests, test_core_recovers);
  tcase_add_test (tests, test_stop_while_hanging);
}

int
main (int argc, char **argv)
{
  int failed;

  batch_model = test_model_write_looking (BATCH, 64, 64, NULL);
  sizes_model = test_model_write_looking (1, 0, 0, SIZES);
  failed = element_test_main (&argc, &argv, "rknnyolo-faults", add_tests);
  test_model_remove (sizes_model);
  test_model_remove (batch_model);
  return failed;
}
