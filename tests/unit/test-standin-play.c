/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* An NPU of given speed and given defects, through rknn_api.h.  Times are
 * bounded from below only: a busy machine makes everything later. */

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "standinapi.h"

#define PIXELS (MODEL_H * MODEL_W)

/* Tests run with outputs that are computed and with recorded ones. */
static gchar *recording;

static void
make_recording (void)
{
  static const guint sizes[3] = { 3 * PIXELS, MODEL_MANY * PIXELS, 3 * PIXELS };
  g_autofree gchar *zeros = g_malloc0 (sizes[1]);
  g_autofree gchar *manifest = NULL;

  recording = g_dir_make_tmp ("played-XXXXXX", NULL);
  g_assert_nonnull (recording);
  manifest = g_build_filename (recording, "manifest.txt", NULL);
  g_assert_true (g_file_set_contents (manifest, "3\n0.i8 4 1 3 6 10 0 1\n"
          "1.i8 4 1 20 6 10 0 1\n2.i8 2 1 180 0 1\n", -1, NULL));
  for (guint i = 0; i < 3; i++) {
    g_autofree gchar *path = g_strdup_printf ("%s/%u.i8", recording, i);

    g_assert_true (g_file_set_contents (path, zeros, sizes[i], NULL));
  }
}

static void
remove_recording (void)
{
  static const gchar *const names[] =
      { "manifest.txt", "0.i8", "1.i8", "2.i8" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree gchar *path = g_build_filename (recording, names[i], NULL);

    g_unlink (path);
  }
  g_rmdir (recording);
  g_clear_pointer (&recording, g_free);
}

/* Names and values, ended by NULL. */
static rknn_context
init_with (gboolean recorded, const gchar * first, ...)
{
  rknn_context context;
  va_list args;

  va_start (args, first);
  for (const gchar * name = first; name != NULL;
      name = va_arg (args, const gchar *))
      g_setenv (name, va_arg (args, const gchar *), TRUE);
  va_end (args);
  if (recorded)
    g_setenv ("RKNN_STANDIN_OUTPUTS", recording, TRUE);

  context = standin_init_model (FALSE);

  g_unsetenv ("RKNN_STANDIN_OUTPUTS");
  va_start (args, first);
  for (const gchar * name = first; name != NULL;
      name = va_arg (args, const gchar *))
  {
    g_unsetenv (name);
    va_arg (args, const gchar *);
  }
  va_end (args);
  return context;
}

static rknn_context
duplicate (rknn_context context, rknn_core_mask mask)
{
  rknn_context copy;

  g_assert_cmpint (standin.dup_context (&context, &copy), ==, 0);
  if (mask != RKNN_NPU_CORE_AUTO)
    g_assert_cmpint (standin.set_core_mask (copy, mask), ==, 0);
  return copy;
}

static gint64
run_duration (rknn_context context)
{
  rknn_perf_run run;

  g_assert_cmpint (standin.query (context, RKNN_QUERY_PERF_RUN, &run,
          sizeof run), ==, 0);
  return run.run_duration;
}

/* ---- Time --------------------------------------------------------------- */

#define RUNS 3

static gpointer
run_some (gpointer data)
{
  rknn_context context = *(rknn_context *) data;

  for (guint i = 0; i < RUNS; i++)
    g_assert_cmpint (standin.run (context, NULL), ==, 0);
  return NULL;
}

/* Microseconds from the first submission to the last end. */
static gint64
time_of_threads (rknn_context * contexts, guint n)
{
  GThread *threads[8];
  gint64 begin = g_get_monotonic_time ();

  for (guint i = 0; i < n; i++)
    threads[i] = g_thread_new (NULL, run_some, &contexts[i]);
  for (guint i = 0; i < n; i++)
    g_thread_join (threads[i]);
  return g_get_monotonic_time () - begin;
}

static void
check_core (gboolean recorded, const gchar * soc, rknn_core_mask mask)
{
  rknn_context contexts[3];

  contexts[0] = init_with (recorded, "RKNN_STANDIN_TIME", "12.5",
      "RKNN_STANDIN_SOC", soc, NULL);
  for (guint i = 1; i < 3; i++)
    contexts[i] = duplicate (contexts[0], mask);
  if (mask != RKNN_NPU_CORE_AUTO)
    g_assert_cmpint (standin.set_core_mask (contexts[0], mask), ==, 0);

  g_assert_cmpint (time_of_threads (contexts, 3), >=, 3 * RUNS * 12500);
  for (guint i = 0; i < 3; i++) {
    /* of recorded ones nothing is computed that could take longer */
    if (recorded)
      g_assert_cmpint (run_duration (contexts[i]), ==, 12500);
    else
      g_assert_cmpint (run_duration (contexts[i]), >=, 12500);
    standin.destroy (contexts[i]);
  }
}

/* Three contexts on a core get no more done than one. */
static void
test_one_at_a_time (void)
{
  if (!standin_can_run ())
    return;
  for (guint recorded = 0; recorded < 2; recorded++) {
    check_core (recorded, "rk3588", RKNN_NPU_CORE_0);
    check_core (recorded, "rk3588", RKNN_NPU_CORE_2);
    /* all cores for each run */
    check_core (recorded, "rk3588", RKNN_NPU_CORE_0_1_2);
    check_core (recorded, "rk3588", RKNN_NPU_CORE_ALL);
    check_core (recorded, "rk3576", RKNN_NPU_CORE_0_1);
    /* there is but one */
    check_core (recorded, "rk3566", RKNN_NPU_CORE_AUTO);
  }
}

static gint
core_of_last_run (rknn_context context)
{
  rknn_perf_detail detail;
  gint core = -1;
  const gchar *line;

  g_assert_cmpint (standin.query (context, RKNN_QUERY_PERF_DETAIL, &detail,
          sizeof detail), ==, 0);
  line = strstr (detail.perf_data, "Recording");
  g_assert_nonnull (line);
  g_assert_cmpint (sscanf (line, "Recording CPU %d", &core), ==, 1);
  return core;
}

static gpointer
run_once (gpointer data)
{
  g_assert_cmpint (standin.run (*(rknn_context *) data, NULL), ==, 0);
  return NULL;
}

/* Three runs at once: no core is taken twice before each was taken once.  A
 * second is long enough for three threads to begin. */
static void
test_auto_spreads (void)
{
  rknn_context contexts[3];
  GThread *threads[3];
  guint seen = 0;
  gchar *path = (gchar *) standin_model_path (FALSE);

  if (!standin_can_run ())
    return;
  g_setenv ("RKNN_STANDIN_TIME", "1000", TRUE);
  g_setenv ("RKNN_STANDIN_OUTPUTS", recording, TRUE);
  g_assert_cmpint (standin.init (&contexts[0], path, 0,
          RKNN_FLAG_COLLECT_PERF_MASK, NULL), ==, 0);
  g_unsetenv ("RKNN_STANDIN_TIME");
  g_unsetenv ("RKNN_STANDIN_OUTPUTS");
  for (guint i = 1; i < 3; i++)
    contexts[i] = duplicate (contexts[0], RKNN_NPU_CORE_AUTO);
  for (guint i = 0; i < 3; i++)
    threads[i] = g_thread_new (NULL, run_once, &contexts[i]);
  for (guint i = 0; i < 3; i++)
    g_thread_join (threads[i]);
  for (guint i = 0; i < 3; i++) {
    seen |= 1u << core_of_last_run (contexts[i]);
    standin.destroy (contexts[i]);
  }
  g_assert_cmpuint (seen, ==, 7);
}

static void
test_no_masks_on_one_core (void)
{
  static const rknn_core_mask masks[] = { 0, 1, 2, 3, 4, 7, 0xffff };
  rknn_context c;

  if (!standin_can_run ())
    return;
  c = init_with (TRUE, "RKNN_STANDIN_TIME", "1", "RKNN_STANDIN_SOC", "rk3566",
      NULL);
  for (guint i = 0; i < G_N_ELEMENTS (masks); i++)
    g_assert_cmpint (standin.set_core_mask (c, masks[i]), ==,
        RKNN_ERR_TARGET_PLATFORM_UNMATCH);
  g_assert_cmpint (standin.run (c, NULL), ==, 0);
  standin.destroy (c);
}

static void
test_jitter (void)
{
  rknn_context c;
  gint64 least = G_MAXINT64, most = 0;

  if (!standin_can_run ())
    return;
  c = init_with (TRUE, "RKNN_STANDIN_TIME", "2", "RKNN_STANDIN_JITTER", "50",
      NULL);
  for (guint i = 0; i < 60; i++) {
    g_assert_cmpint (standin.run (c, NULL), ==, 0);
    least = MIN (least, run_duration (c));
    most = MAX (most, run_duration (c));
  }
  g_assert_cmpint (least, >=, 1000);
  g_assert_cmpint (most, <=, 3000);
  g_assert_cmpint (most - least, >, 1000);
  standin.destroy (c);
}

/* ---- Hanging ------------------------------------------------------------ */

static rknn_tensor_mem *
bind_output (rknn_context c)
{
  rknn_tensor_attr attr;
  rknn_tensor_mem *mem;

  standin_query_attr (c, RKNN_QUERY_OUTPUT_ATTR, 0, &attr);
  mem = standin.create_mem (c, attr.size_with_stride);
  g_assert_cmpint (standin.set_io_mem (c, mem, &attr), ==, 0);
  return mem;
}

static void
check_time_out (gboolean recorded, const gchar * time)
{
  rknn_context c = init_with (recorded, "RKNN_STANDIN_TIME", time,
      "RKNN_STANDIN_HANG", "1:3:25", NULL);
  rknn_context other = duplicate (c, RKNN_NPU_CORE_1);
  rknn_tensor_mem *mem = bind_output (c);
  gint64 begin;

  g_assert_cmpint (standin.set_core_mask (c, RKNN_NPU_CORE_1), ==, 0);
  g_assert_cmpint (standin.run (c, NULL), ==, 0);
  g_assert_cmpint (standin.run (other, NULL), ==, 0);
  memset (mem->virt_addr, 0x5a, mem->size);
  for (guint i = 0; i < 2; i++) {
    begin = g_get_monotonic_time ();
    g_assert_cmpint (standin.run (i == 0 ? c : other, NULL), ==, RKNN_ERR_FAIL);
    g_assert_cmpint (g_get_monotonic_time () - begin, >=, 25000);
    g_assert_nonnull (strstr (standin.last_error (), "RKNN_STANDIN_HANG"));
  }
  for (guint i = 0; i < mem->size; i++)
    g_assert_cmpint (((guint8 *) mem->virt_addr)[i], ==, 0x5a);

  g_assert_cmpint (standin.set_core_mask (c, RKNN_NPU_CORE_0), ==, 0);
  g_assert_cmpint (standin.run (c, NULL), ==, 0);
  g_assert_cmpint (((guint8 *) mem->virt_addr)[0], ==, 0);
  standin.destroy_mem (c, mem);
  standin.destroy (c);
  standin.destroy (other);
}

static void
test_time_out (void)
{
  if (!standin_can_run ())
    return;
  for (guint recorded = 0; recorded < 2; recorded++) {
    check_time_out (recorded, "");
    check_time_out (recorded, "2");
  }
}

static gpointer
run_failing (gpointer data)
{
  g_assert_cmpint (standin.run (*(rknn_context *) data, NULL), ==,
      RKNN_ERR_FAIL);
  return NULL;
}

/* Four that wait for each other on one core: their times add up. */
static void
test_time_outs_follow (void)
{
  rknn_context contexts[4];
  GThread *threads[4];
  gint64 begin;

  if (!standin_can_run ())
    return;
  for (guint recorded = 0; recorded < 2; recorded++) {
    contexts[0] = init_with (recorded, "RKNN_STANDIN_TIME", "1",
        "RKNN_STANDIN_HANG", "0:1:15", NULL);
    for (guint i = 1; i < 4; i++)
      contexts[i] = duplicate (contexts[0], RKNN_NPU_CORE_0);
    g_assert_cmpint (standin.set_core_mask (contexts[0], RKNN_NPU_CORE_0), ==,
        0);
    begin = g_get_monotonic_time ();
    for (guint i = 0; i < 4; i++)
      threads[i] = g_thread_new (NULL, run_failing, &contexts[i]);
    for (guint i = 0; i < 4; i++)
      g_thread_join (threads[i]);
    g_assert_cmpint (g_get_monotonic_time () - begin, >=, 4 * 15000);
    for (guint i = 0; i < 4; i++)
      standin.destroy (contexts[i]);
  }
}

/* What the stand-in writes to stderr says that a run hangs from now on. */
typedef struct
{
  gint saved, file;
  gchar *path;
} Log;

static void
log_begin (Log * self)
{
  self->file = g_file_open_tmp ("standin-log-XXXXXX", &self->path, NULL);
  g_assert_cmpint (self->file, >=, 0);
  self->saved = dup (STDERR_FILENO);
  g_assert_cmpint (dup2 (self->file, STDERR_FILENO), >=, 0);
}

static void
log_wait_for (Log * self, const gchar * text)
{
  for (guint i = 0; i < 6000; i++) {
    g_autofree gchar *content = NULL;

    g_assert_true (g_file_get_contents (self->path, &content, NULL, NULL));
    if (strstr (content, text) != NULL)
      return;
    g_usleep (10000);
  }
  g_assert_not_reached ();
}

static void
log_end (Log * self)
{
  g_assert_cmpint (dup2 (self->saved, STDERR_FILENO), >=, 0);
  close (self->saved);
  close (self->file);
  g_unlink (self->path);
  g_free (self->path);
}

static rknn_context
hang_thread (rknn_context c, GThreadFunc func, GThread ** thread)
{
  static rknn_context hanging;
  Log log;

  hanging = c;
  log_begin (&log);
  *thread = g_thread_new (NULL, func, &hanging);
  log_wait_for (&log, "RKNN_STANDIN_HANG");
  log_end (&log);
  return c;
}

/* The run goes on in a context that the program has given up. */
static void
test_destroy_while_hanging (void)
{
  if (!standin_can_run ())
    return;
  for (guint recorded = 0; recorded < 2; recorded++) {
    rknn_context c = init_with (recorded, "RKNN_STANDIN_HANG", "0:1:300", NULL);
    rknn_tensor_mem *mem = bind_output (c);
    GThread *thread;

    hang_thread (c, run_failing, &thread);
    g_assert_cmpint (standin.destroy_mem (c, mem), ==, 0);
    g_assert_cmpint (standin.destroy (c), ==, 0);
    g_thread_join (thread);
  }
}

static gpointer
run_for_ever (gpointer data)
{
  standin.run (*(rknn_context *) data, NULL);
  g_assert_not_reached ();
  return NULL;
}

/* Threads that never come back are left behind: the program ends all the
 * same, and nothing is reported as leaked. */
static void
test_hanging_for_ever (void)
{
  if (!standin_can_run ())
    return;
  for (guint i = 0; i < 4; i++) {
    rknn_context c = init_with (i % 2, "RKNN_STANDIN_HANG", "0:1",
        "RKNN_STANDIN_TIME", i / 2 == 0 ? "" : "1", NULL);
    rknn_context other = duplicate (c, RKNN_NPU_CORE_1);
    rknn_tensor_mem *mem = bind_output (c);
    GThread *thread;

    hang_thread (c, run_for_ever, &thread);
    g_thread_unref (thread);
    /* on this context nothing can be run, on another core it can */
    g_assert_cmpint (standin.run (c, NULL), ==, RKNN_ERR_FAIL);
    g_assert_cmpint (standin.run (other, NULL), ==, 0);
    g_assert_cmpint (standin.destroy_mem (c, mem), ==, 0);
    g_assert_cmpint (standin.destroy (c), ==, 0);
    g_assert_cmpint (standin.destroy (other), ==, 0);
  }
}

/* Who gives up all contexts and begins again finds an NPU that works. */
static void
test_powering (void)
{
  if (!standin_can_run ())
    return;
  for (guint i = 0; i < 2; i++) {
    rknn_context c = init_with (TRUE, "RKNN_STANDIN_HANG", "0:3:1", NULL);

    g_assert_cmpint (standin.run (c, NULL), ==, 0);
    g_assert_cmpint (standin.run (c, NULL), ==, 0);
    g_assert_cmpint (standin.run (c, NULL), ==, RKNN_ERR_FAIL);
    standin.destroy (c);
  }
}

static void
test_wrong_hang (void)
{
  static const gchar *const wrong[] = { "0", "0:", "0:0", "3:1", "-1:1", "x:1",
    "0:x", "0:3-2", "0:2-", "0:1:", "0:1:0", "0:1:-5", "0:1:x", "0:1:2:3", ":1",
    "0:1:2000000",
  };
  gchar *path = (gchar *) standin_model_path (FALSE);
  rknn_context c;

  if (!standin_can_run ())
    return;
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_test_message ("%s", wrong[i]);
    g_setenv ("RKNN_STANDIN_HANG", wrong[i], TRUE);
    g_assert_cmpint (standin.init (&c, path, 0, 0, NULL), ==, RKNN_ERR_FAIL);
    g_assert_nonnull (strstr (standin.last_error (), "RKNN_STANDIN_HANG"));
  }
  g_unsetenv ("RKNN_STANDIN_HANG");
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  standin_open ();
  make_recording ();
  g_test_add_func ("/standin/play/one-at-a-time", test_one_at_a_time);
  g_test_add_func ("/standin/play/auto-spreads", test_auto_spreads);
  g_test_add_func ("/standin/play/no-masks-on-one-core",
      test_no_masks_on_one_core);
  g_test_add_func ("/standin/play/jitter", test_jitter);
  g_test_add_func ("/standin/play/time-out", test_time_out);
  g_test_add_func ("/standin/play/time-outs-follow", test_time_outs_follow);
  g_test_add_func ("/standin/play/destroy-while-hanging",
      test_destroy_while_hanging);
  g_test_add_func ("/standin/play/hanging-for-ever", test_hanging_for_ever);
  g_test_add_func ("/standin/play/powering", test_powering);
  g_test_add_func ("/standin/play/wrong-hang", test_wrong_hang);
  result = g_test_run ();
  remove_recording ();
  standin_close ();
  return result;
}
