/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "baseline.h"

#include <stdlib.h>

#include "engine/engineprivate.h"
#include "measure.h"

typedef struct
{
  RyWorker *worker;
  gint *left;                   /* runs, of all threads together */
} Runner;

static gpointer
run (gpointer data)
{
  Runner *self = data;
  RyContext *context = self->worker->context;

  while (g_atomic_int_add (self->left, -1) > 0) {
    g_autoptr (GError) error = NULL;

    if (!ry_context_run (context, &error)) {
      g_printerr ("%s\n", error->message);
      exit (1);
    }
  }
  return NULL;
}

static RyEngine *
load (const FlowSetup * setup)
{
  g_autoptr (GError) error = NULL;
  RyEngineConfig config = { NULL, };
  RyEngine *engine;

  flow_set_npu_time (setup->time);
  config.model = flow_model ();
  config.cores = flow_cores (setup->cores);
  config.contexts_per_core = setup->contexts_per_core;
  engine = ry_engine_new (&config, NULL, &error);
  if (!engine) {
    g_printerr ("%s\n", error->message);
    exit (1);
  }
  return engine;
}

gdouble
flow_cpu_of_runs (const FlowSetup * setup, guint n)
{
  RyEngine *engine = load (setup);
  guint n_workers = engine->workers->len;
  g_autofree Runner *runners = g_new0 (Runner, n_workers);
  g_autofree GThread **threads = g_new0 (GThread *, n_workers);
  gint left = n;
  gint64 begin = flow_cpu_time ();
  gdouble time;

  for (guint i = 0; i < n_workers; i++) {
    runners[i].worker = g_ptr_array_index (engine->workers, i);
    runners[i].left = &left;
    threads[i] = g_thread_new ("runner", run, &runners[i]);
  }
  for (guint i = 0; i < n_workers; i++)
    g_thread_join (threads[i]);
  time = flow_cpu_time () - begin;
  ry_engine_unref (engine);
  return time;
}

gdouble
flow_cpu_of_feeding (FlowPictures * pictures, guint n)
{
  FlowStream *stream = flow_stream_new (NULL, pictures);
  gint64 begin = flow_cpu_time ();
  gdouble time;

  for (guint i = 0; i < n; i++)
    flow_stream_push (stream);
  time = flow_cpu_time () - begin;
  flow_stream_free (stream);
  return time;
}
