/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What rknn_run of the stand-in costs beyond ONNX Runtime's own Run, and how
 * much several contexts get done.
 *
 *   bench-standin LIBRARY MODEL.onnx [ROUNDS [RECORDING]]
 *
 * Both are run in turn in one process, on as many threads, so that what else
 * the machine does falls on both alike; medians are printed.  With the folder
 * of a recording of the model's outputs also: what a run costs the CPU that
 * plays it. */

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <glib.h>
#include <glib/gstdio.h>

#include "rknn_api.h"
#include "standin/ort.h"

static struct
{
  __typeof__ (rknn_init) * init;
  __typeof__ (rknn_dup_context) * dup_context;
  __typeof__ (rknn_destroy) * destroy;
  __typeof__ (rknn_query) * query;
  __typeof__ (rknn_set_core_mask) * set_core_mask;
  __typeof__ (rknn_run) * run;
  __typeof__ (rknn_create_mem) * create_mem;
  __typeof__ (rknn_destroy_mem) * destroy_mem;
  __typeof__ (rknn_set_io_mem) * set_io_mem;
} api;

typedef struct
{
  rknn_context context;
  rknn_input_output_num num;
  rknn_tensor_mem *mems[64];
} Bound;

static void
open_library (const gchar * path)
{
  gpointer library = dlopen (path, RTLD_NOW | RTLD_LOCAL);

  if (library == NULL) {
    fprintf (stderr, "%s\n", dlerror ());
    exit (1);
  }
#define LOOK_UP(name) \
  *(gpointer *) &api.name = dlsym (library, "rknn_" #name)
  LOOK_UP (init);
  LOOK_UP (dup_context);
  LOOK_UP (destroy);
  LOOK_UP (query);
  LOOK_UP (set_core_mask);
  LOOK_UP (run);
  LOOK_UP (create_mem);
  LOOK_UP (destroy_mem);
  LOOK_UP (set_io_mem);
}

/* The program cannot go on without, and needs no better words. */
#define MUST(call) \
  do { \
    if ((call) != 0) { \
      fprintf (stderr, "%s failed\n", #call); \
      exit (1); \
    } \
  } while (0)

static void
bind_tensor (Bound * self, gboolean input, guint index, rknn_tensor_type type,
    rknn_tensor_format fmt)
{
  rknn_tensor_attr attr = {.index = index };
  rknn_tensor_mem *mem;

  MUST (api.query (self->context, input ? RKNN_QUERY_NATIVE_INPUT_ATTR
          : RKNN_QUERY_NATIVE_OUTPUT_ATTR, &attr, sizeof attr));
  mem = api.create_mem (self->context,
      MAX (attr.size_with_stride, 4 * attr.n_elems));
  memset (mem->virt_addr, 127, attr.size_with_stride);
  if (input) {
    attr.type = RKNN_TENSOR_UINT8;
    attr.fmt = RKNN_TENSOR_NHWC;
  } else if (fmt != RKNN_TENSOR_FORMAT_MAX) {
    attr.type = type;
    attr.fmt = fmt;
  }
  MUST (api.set_io_mem (self->context, mem, &attr));
  self->mems[index + (input ? 0 : self->num.n_input)] = mem;
}

/* fmt RKNN_TENSOR_FORMAT_MAX: as the native attributes say. */
static void
bind_all (Bound * self, rknn_tensor_type type, rknn_tensor_format fmt)
{
  MUST (api.query (self->context, RKNN_QUERY_IN_OUT_NUM, &self->num,
          sizeof self->num));
  g_assert (self->num.n_input + self->num.n_output
      <= G_N_ELEMENTS (self->mems));
  for (guint i = 0; i < self->num.n_input; i++)
    bind_tensor (self, TRUE, i, 0, 0);
  for (guint i = 0; i < self->num.n_output; i++)
    bind_tensor (self, FALSE, i, type, fmt);
}

static void
unbind_all (Bound * self)
{
  for (guint i = 0; i < self->num.n_input + self->num.n_output; i++)
    api.destroy_mem (self->context, self->mems[i]);
  api.destroy (self->context);
}

/* ---- Bare ONNX Runtime -------------------------------------------------- */

typedef struct
{
  RyOrtSession *session;
  OrtValue *inputs[16], *outputs[64];
} Bare;

static OrtValue *
make_value (const RyOrtTensor * tensor)
{
  gsize size = 4;
  gpointer data;

  for (guint i = 0; i < tensor->rank; i++)
    size *= tensor->shape[i];
  data = g_malloc0 (size);
  return ry_ort_value_new (data, size, tensor->shape, tensor->rank,
      tensor->type, NULL);
}

static void
open_bare (Bare * self, const gchar * path)
{
  RyOrtSource source = {.path = path };
  const gchar *threads = g_getenv ("RKNN_STANDIN_THREADS");
  g_autoptr (GError) error = NULL;

  self->session = ry_ort_session_new (&source,
      threads != NULL ? atoi (threads) : g_get_num_processors (), &error);
  if (self->session == NULL) {
    fprintf (stderr, "%s\n", error->message);
    exit (1);
  }
  for (guint i = 0; i < ry_ort_session_n_inputs (self->session); i++)
    self->inputs[i] = make_value (ry_ort_session_input (self->session, i));
  for (guint i = 0; i < ry_ort_session_n_outputs (self->session); i++)
    self->outputs[i] = make_value (ry_ort_session_output (self->session, i));
}

/* ---- Measuring ---------------------------------------------------------- */

static gint
compare (gconstpointer a, gconstpointer b)
{
  gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return (x > y) - (x < y);
}

static gdouble
median (gint64 * times, guint n)
{
  qsort (times, n, sizeof *times, compare);
  return (times[(n - 1) / 2] + times[n / 2]) / 2.0;
}

static gint64
cpu_time (void)
{
  struct timespec now;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

typedef struct
{
  gint64 *wall, *cpu;           /* microseconds, one a round */
  gint64 wall_begin, cpu_begin;
} Clock;

static void
clock_start (Clock * self)
{
  self->cpu_begin = cpu_time ();
  self->wall_begin = g_get_monotonic_time ();
}

static void
clock_stop (Clock * self, guint round)
{
  self->wall[round] = g_get_monotonic_time () - self->wall_begin;
  self->cpu[round] = cpu_time () - self->cpu_begin;
}

/* CPU time is the measure that a busy machine disturbs least. */
static void
compare_runs (const gchar * what, Bare * bare, Bound * bound, guint rounds)
{
  g_autofree gint64 *times = g_new (gint64, rounds * 4);
  Clock clocks[2] = { {times, times + rounds},
  {times + 2 * rounds, times + 3 * rounds}
  };

  for (guint i = 0; i < rounds + 3; i++) {
    guint round = i < 3 ? 0 : i - 3;    /* three to warm up */

    clock_start (&clocks[0]);
    g_assert (ry_ort_session_run (bare->session, bare->inputs, bare->outputs,
            NULL));
    clock_stop (&clocks[0], round);
    clock_start (&clocks[1]);
    MUST (api.run (bound->context, NULL));
    clock_stop (&clocks[1], round);
  }
  printf ("%-12s", what);
  for (guint i = 0; i < 2; i++) {
    gdouble wall = median (clocks[i].wall, rounds) / 1000;
    gdouble cpu = median (clocks[i].cpu, rounds) / 1000;

    printf ("  %s median %.2f ms, best %.2f ms, CPU %.2f ms",
        i == 0 ? "bare" : "rknn_run", wall, clocks[i].wall[0] / 1000.0, cpu);
  }
  printf ("  ratio %.3f, of the best %.3f, of CPU %.3f\n",
      median (clocks[1].wall, rounds) / median (clocks[0].wall, rounds),
      (gdouble) clocks[1].wall[0] / clocks[0].wall[0],
      median (clocks[1].cpu, rounds) / median (clocks[0].cpu, rounds));
}

static void
bench_layouts (const gchar * path, guint rounds)
{
  static const struct
  {
    const gchar *what;
    rknn_tensor_type type;
    rknn_tensor_format fmt;
    gboolean quantized;
  } cases[] = {
    {"FP32 NCHW", RKNN_TENSOR_FLOAT32, RKNN_TENSOR_NCHW, FALSE},
    {"FP16 native", RKNN_TENSOR_FLOAT16, RKNN_TENSOR_FORMAT_MAX, FALSE},
    {"INT8 native", RKNN_TENSOR_INT8, RKNN_TENSOR_FORMAT_MAX, TRUE},
    {"INT8 NCHW", RKNN_TENSOR_INT8, RKNN_TENSOR_NCHW, TRUE},
  };
  g_autofree gchar *config =
      g_build_filename (g_get_tmp_dir (), "bench-standin-XXXXXX", NULL);
  g_autoptr (GString) text = g_string_new (NULL);
  Bare bare = { 0, };

  open_bare (&bare, path);
  for (guint i = 0; i < ry_ort_session_n_outputs (bare.session); i++)
    g_string_append_printf (text,
        "[output %u]\ntype=int8\nzp=-128\nscale=0.05\n", i);
  close (g_mkstemp (config));
  g_assert (g_file_set_contents (config, text->str, -1, NULL));

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    Bound bound = { 0, };

    if (cases[i].quantized)
      g_setenv ("RKNN_STANDIN_CONFIG", config, TRUE);
    else
      g_unsetenv ("RKNN_STANDIN_CONFIG");
    MUST (api.init (&bound.context, (void *) path, 0, 0, NULL));
    bind_all (&bound, cases[i].type, cases[i].fmt);
    compare_runs (cases[i].what, &bare, &bound, rounds);
    unbind_all (&bound);
  }
  g_unsetenv ("RKNN_STANDIN_CONFIG");
  g_unlink (config);
}

/* ---- Several contexts --------------------------------------------------- */

#define MAX_CONTEXTS 9

typedef struct
{
  Bound bound;
  gint64 until;
  guint done;
} Worker;

static gpointer
work (gpointer data)
{
  Worker *self = data;

  while (g_get_monotonic_time () < self->until) {
    MUST (api.run (self->bound.context, NULL));
    self->done++;
  }
  return NULL;
}

static void
run_at_once (Worker * workers, guint n, gint64 duration, const gchar * what)
{
  GThread *threads[MAX_CONTEXTS];
  gint64 begin = g_get_monotonic_time ();
  gint64 cpu_begin = cpu_time ();
  guint done = 0;

  for (guint i = 0; i < n; i++) {
    workers[i].until = begin + duration;
    workers[i].done = 0;
    threads[i] = g_thread_new (NULL, work, &workers[i]);
  }
  for (guint i = 0; i < n; i++) {
    g_thread_join (threads[i]);
    done += workers[i].done;
  }
  printf ("%u contexts at once, %s: %.2f runs/s, CPU %.1f ms a run\n", n, what,
      done * 1e6 / (g_get_monotonic_time () - begin),
      (cpu_time () - cpu_begin) / 1e3 / done);
}

static void
bench_contexts (const gchar * path, gint64 duration)
{
  static const guint numbers[] = { 1, 2, 3, 4, 6, MAX_CONTEXTS };
  Worker workers[MAX_CONTEXTS] = { 0, };

  for (guint i = 0; i < MAX_CONTEXTS; i++) {
    if (i == 0)
      MUST (api.init (&workers[0].bound.context, (void *) path, 0, 0, NULL));
    else
      MUST (api.dup_context (&workers[0].bound.context,
              &workers[i].bound.context));
    bind_all (&workers[i].bound, 0, RKNN_TENSOR_FORMAT_MAX);
  }
  for (guint k = 0; k < G_N_ELEMENTS (numbers); k++) {
    for (guint i = 0; i < numbers[k]; i++)
      MUST (api.set_core_mask (workers[i].bound.context, RKNN_NPU_CORE_AUTO));
    run_at_once (workers, numbers[k], duration, "mask AUTO");
    for (guint i = 0; i < numbers[k]; i++)
      MUST (api.set_core_mask (workers[i].bound.context, 1u << i % 3));
    run_at_once (workers, numbers[k], duration, "on cores 0 to 2 in turn");
    for (guint i = 0; i < numbers[k]; i++)
      MUST (api.set_core_mask (workers[i].bound.context, RKNN_NPU_CORE_0));
    run_at_once (workers, numbers[k], duration, "all on core 0");
  }
  for (guint i = 0; i < MAX_CONTEXTS; i++)
    unbind_all (&workers[i].bound);
}

/* ---- What is played ----------------------------------------------------- */

static void
bench_recorded (const gchar * path, const gchar * folder, guint rounds)
{
  static const rknn_tensor_format formats[] = { RKNN_TENSOR_FORMAT_MAX,
    RKNN_TENSOR_NCHW
  };

  g_setenv ("RKNN_STANDIN_OUTPUTS", folder, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++) {
    Bound bound = { 0, };
    gint64 wall, cpu;

    MUST (api.init (&bound.context, (void *) path, 0, 0, NULL));
    bind_all (&bound, RKNN_TENSOR_INT8, formats[i]);
    MUST (api.run (bound.context, NULL));
    wall = g_get_monotonic_time ();
    cpu = cpu_time ();
    for (guint k = 0; k < rounds; k++)
      MUST (api.run (bound.context, NULL));
    printf ("recorded, %s: %.1f us a run, CPU %.1f us\n",
        formats[i] == RKNN_TENSOR_NCHW ? "INT8 NCHW" : "native",
        (gdouble) (g_get_monotonic_time () - wall) / rounds,
        (gdouble) (cpu_time () - cpu) / rounds);
    unbind_all (&bound);
  }
  g_unsetenv ("RKNN_STANDIN_OUTPUTS");
}

int
main (int argc, char **argv)
{
  guint rounds = argc > 3 ? atoi (argv[3]) : 30;

  if (argc < 3 || rounds == 0) {
    fprintf (stderr, "usage: %s LIBRARY MODEL.onnx [ROUNDS [RECORDING]]\n",
        argv[0]);
    return 2;
  }
  open_library (argv[1]);
  bench_layouts (argv[2], rounds);
  bench_contexts (argv[2], rounds * 100000);
  if (argc > 4)
    bench_recorded (argv[2], argv[4], rounds * 100);
  return 0;
}
