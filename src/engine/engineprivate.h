/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What engine.c (loading) and scheduler.c (running) share. */

#pragma once

#include "engine/context.h"
#include "engine/cores.h"
#include "engine/engine.h"
#include "model/io.h"
#include "model/modelfile.h"
#include "runtime/runtime.h"

G_BEGIN_DECLS

/* A context and the thread that serves it. */
typedef struct
{
  RyEngine *engine;
  RyContext *context;
  guint core_index;             /* in the engine's list of cores */
  GThread *thread;
  GCond wake;                   /* job is set, or the engine is stopping */
  RyJob *job;                   /* NULL: idle */
} RyWorker;

struct _RyEngine
{
  gatomicrefcount ref_count;

  /* immutable after ry_engine_new */
  RyModelFile *file;
  RyRuntime *runtime;
  RyRuntimeVersions versions;
  RyModelIo *io;
  RyDecoder *decoder;
  GPtrArray *labels;
  RyCoreList cores;
  RyEngineInfo info;
  GPtrArray *workers;           /* RyWorker, cores alternating */

  /* The engine's only lock; nothing else is locked while it is held, and done
   * functions are called without it. */
  GMutex lock;
  gboolean stopping;
  guint next_worker;            /* where the round goes on */
  guint core_load[RY_MAX_CORES];        /* jobs that are on a core now */
  GQueue waiting;               /* RySession with pending jobs, in turn */
};

struct _RySession
{
  RyEngine *engine;
  GQueue pending;               /* RyJob, by their link */
  GList link;                   /* in the engine's waiting */
  guint running;
  GCond idle;                   /* running became 0 */
  RyStatistics statistics;
};

/* Takes context over. */
void ry_engine_add_worker (RyEngine * self, RyContext * context,
    guint core_index);
/* FALSE if the system has no threads left; then some may run. */
gboolean ry_engine_start_workers (RyEngine * self, GError ** error);
/* Joins the threads and frees workers and contexts. */
void ry_engine_stop_workers (RyEngine * self);

G_END_DECLS
