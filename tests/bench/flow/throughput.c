/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How busy the element keeps the NPU, and the CPU time that takes. */

#include "parts.h"

#include "baseline.h"
#include "measure.h"

/* Frames until all is under way. */
#define WARM_UP 30

enum
{
  PROCESS, FEEDING, RUNNING, ELEMENT, LETTERBOX, DECODE, REST,
  CHAIN, WORKERS, TASK, OTHERS, N_COSTS
};

/* Over the rounds. */
typedef struct
{
  GArray *rates;                /* frames a second */
  GArray *costs[N_COSTS];       /* CPU, microseconds a frame */
} Results;

static void
results_init (Results * self)
{
  self->rates = g_array_new (FALSE, FALSE, sizeof (gdouble));
  for (guint i = 0; i < N_COSTS; i++)
    self->costs[i] = g_array_new (FALSE, FALSE, sizeof (gdouble));
}

static void
results_clear (Results * self)
{
  g_array_unref (self->rates);
  for (guint i = 0; i < N_COSTS; i++)
    g_array_unref (self->costs[i]);
}

static gdouble
cost (Results * self, guint i)
{
  return flow_median (self->costs[i]);
}

/* Process and threads, of frames pushed as fast as they are taken. */
static gboolean
run_stream (FlowStream * stream, guint frames, gdouble * costs)
{
  FlowThreadTimes before, after;
  gint64 begin;
  gboolean ok;

  flow_thread_times (&before);
  begin = flow_cpu_time ();
  while (stream->n_sent < frames && flow_stream_push (stream));
  ok = flow_stream_finish (stream);
  costs[PROCESS] = flow_cpu_time () - begin;
  flow_thread_times (&after);
  costs[CHAIN] = after.feeder - before.feeder;
  costs[WORKERS] = after.workers - before.workers;
  costs[TASK] = after.task - before.task;
  costs[OTHERS] = after.others - before.others;
  return ok;
}

static gboolean
run_round (const FlowSetup * setup, FlowPictures * pictures, guint frames,
    Results * results)
{
  FlowStream *stream = flow_stream_new (setup, pictures);
  gdouble costs[N_COSTS], rate;
  gboolean ok = run_stream (stream, frames, costs);

  rate = flow_stream_rate (stream, WARM_UP);
  costs[LETTERBOX] = flow_stream_stage (stream, "preprocess", "median-us");
  costs[DECODE] = flow_stream_stage (stream, "decode", "median-us");
  flow_stream_free (stream);

  costs[FEEDING] = flow_cpu_of_feeding (pictures, frames);
  costs[RUNNING] = flow_cpu_of_runs (setup, frames);
  for (guint i = 0; i < N_COSTS; i++)
    costs[i] /= i == LETTERBOX || i == DECODE ? 1 : 1000.0 * frames;
  costs[ELEMENT] = costs[PROCESS] - costs[FEEDING] - costs[RUNNING];
  costs[REST] = costs[ELEMENT] - costs[LETTERBOX] - costs[DECODE];

  g_array_append_val (results->rates, rate);
  for (guint i = 0; i < N_COSTS; i++)
    g_array_append_val (results->costs[i], costs[i]);
  return ok;
}

static void
print_rate (const FlowSetup * setup, Results * results, gdouble goal)
{
  gdouble most = 1000 * setup->cores / setup->time;

  g_print ("%5.1f ms  %u cores x %u  %7.1f frames/s of %.1f = %.4f "
      "(%.4f .. %.4f)", setup->time, setup->cores, setup->contexts_per_core,
      flow_median (results->rates), most,
      flow_median (results->rates) / most,
      flow_smallest (results->rates) / most,
      flow_greatest (results->rates) / most);
  if (goal > 0)
    g_print ("  goal %.2f", goal);
  g_print ("\n");
}

static void
print_costs (Results * r)
{
  g_print ("          CPU of the element %.0f us a frame (%.0f .. %.0f), goal "
      "500: letterbox %.0f, decoding %.0f, rest %.0f\n", cost (r, ELEMENT),
      flow_smallest (r->costs[ELEMENT]), flow_greatest (r->costs[ELEMENT]),
      cost (r, LETTERBOX), cost (r, DECODE), cost (r, REST));
  g_print ("            = process %.0f - feeding %.0f - rknn_run %.0f;  "
      "by threads: chain and feeding %.0f, contexts %.0f, source task %.0f, "
      "others %.0f\n", cost (r, PROCESS), cost (r, FEEDING), cost (r, RUNNING),
      cost (r, CHAIN), cost (r, WORKERS), cost (r, TASK), cost (r, OTHERS));
}

static gboolean
measure (const FlowSetup * setup, const FlowOptions * options,
    FlowPictures * pictures, gdouble goal)
{
  guint frames = MAX (options->frames / options->rounds, 2 * WARM_UP);
  gboolean ok = TRUE;
  Results results;

  results_init (&results);
  for (guint i = 0; i < options->rounds && ok; i++)
    ok = run_round (setup, pictures, frames, &results);
  print_rate (setup, &results, goal);
  print_costs (&results);
  results_clear (&results);
  return ok;
}

gboolean
flow_throughput (const FlowOptions * options, FlowPictures * pictures)
{
  static const FlowSetup usual = {.cores = 3,.contexts_per_core = 2,
    .time = 15.1
  };
  static const FlowSetup fast = {.cores = 3,.contexts_per_core = 2,.time = 4 };

  g_print ("Frames as fast as they are taken, %u in %u rounds; medians of the "
      "rounds (least .. most).\n"
      "The rate is that of the frames after the first %u. The element's CPU "
      "time is the process's without that\nof as many frames that go straight "
      "from the feeder to the sink, and of as many calls of rknn_run from\nas "
      "many threads. Letterbox and decoding are medians of the property stats "
      "(by the wall clock).\n", options->frames, options->rounds, WARM_UP);
  return measure (&usual, options, pictures, 0.99)
      && measure (&fast, options, pictures, 0.95);
}

gboolean
flow_scaling (const FlowOptions * options, FlowPictures * pictures)
{
  static const gdouble times[] = { 15.1, 4 };

  g_print ("Part of what the NPU could do, by cores and contexts on a core.\n"
      "%-10s %8s %10s %10s %10s\n", "", "", "1 context", "2", "3");
  for (guint t = 0; t < G_N_ELEMENTS (times); t++) {
    for (guint cores = 1; cores <= 3; cores++) {
      g_print ("%7.1f ms %2u core%s ", times[t], cores, cores > 1 ? "s" : " ");
      for (guint contexts = 1; contexts <= 3; contexts++) {
        FlowSetup setup = { cores, contexts, times[t], NULL, NULL };
        FlowStream *stream = flow_stream_new (&setup, pictures);
        guint frames = WARM_UP + 1500 * cores / times[t];
        gdouble costs[N_COSTS];

        if (!run_stream (stream, frames, costs))
          return FALSE;
        g_print (" %10.4f", flow_stream_rate (stream, WARM_UP)
            / (1000 * cores / times[t]));
        flow_stream_free (stream);
      }
      g_print ("\n");
    }
  }
  return TRUE;
}
