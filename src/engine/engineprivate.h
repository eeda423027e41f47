/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the files of the engine share: engine.c makes and unmakes it,
 * scheduler.c decides which job runs where, worker.c runs it, watch.c notices
 * what does not come back. */

#pragma once

#include "engine/affinity.h"
#include "engine/context.h"
#include "engine/cores.h"
#include "engine/engine.h"
#include "engine/loadedmodel.h"

G_BEGIN_DECLS

/* When a job went from stage to stage, microseconds of the monotonic clock. */
typedef struct
{
  gint64 start, preprocessed;
  gint64 run, ran;              /* the same for all jobs of a run */
  gint64 decode, end;
} RyJobTimes;

/* What a context does in one run: as many jobs as the model takes pictures, or
 * fewer. */
typedef struct
{
  guint n;                      /* 0: nothing */
  RyJob *jobs[RY_MAX_BATCH];    /* all of one size */
} RyBatch;

typedef enum
{
  RY_WORKER_SERVING,            /* takes jobs */
  RY_WORKER_RENEWING,           /* its context is being made anew */
  RY_WORKER_DEAD,               /* that did not help */
} RyWorkerState;

/* Where a worker's thread is.  It is there alone where nobody knows whether it
 * will come back, so the change is atomic: it either leaves the runtime or is
 * abandoned in it. */
typedef enum
{
  RY_WORKER_OUTSIDE,
  RY_WORKER_IN_RUNTIME,
  RY_WORKER_ABANDONED,          /* nothing but context is to be used any more */
} RyWorkerPlace;

/* A context and the thread that serves it. */
typedef struct
{
  RyEngine *engine;
  RyLoadedModel *model;         /* a reference */
  gint core;                    /* -1: left to the runtime */
  guint core_index;             /* in the engine's list of cores */
  guint number;                 /* of the context on its core */
  GThread *thread;
  RyContext *context;           /* the thread's; NULL until it is made */
  gint place;                   /* RyWorkerPlace, atomic */

  /* under the engine's lock */
  GCond wake;                   /* batch is set, or the engine is stopping */
  RyWorkerState state;
  RyBatch batch;                /* of 0 jobs: idle */
  guint size;                   /* of the last one's jobs */
  gint64 deadline;              /* for coming out of the runtime; monotonic */
  guint failures;               /* inferences in a row */
  guint renewals;               /* in a row, without an inference that worked */
  gboolean finished;            /* the thread is about to return */
} RyWorker;

struct _RyEngine
{
  gatomicrefcount ref_count;

  /* immutable after ry_engine_new */
  RyLoadedModel *model;
  RyCoreList cores;
  RyAffinity affinity;
  RyEngineInfo info;

  /* The engine's only lock; nothing else is locked while it is held, and done
   * functions are called without it. */
  GMutex lock;
  GPtrArray *workers;           /* RyWorker, cores alternating */
  gboolean stopping;
  gint64 run_limit;             /* an inference takes no longer; microseconds */
  guint next_worker;            /* where the round goes on */
  guint core_load[RY_MAX_CORES];        /* runs that are on a core now */
  guint core_stuck[RY_MAX_CORES];       /* new contexts in a row that hung */
  GQueue waiting;               /* RySession with pending jobs, in turn */
  RyHealth health;
  gchar *last_failure;

  /* Contexts are made and unmade by one thread at a time: drivers were seen to
   * panic over less. */
  RyWorker *renewing;
  GCond renewed;                /* renewing became NULL */
  GCond finished;               /* of a worker */

  GThread *watch;
  GCond watch_wake;             /* something is due before watch_until */
  gint64 watch_until;
};

struct _RySession
{
  RyEngine *engine;
  GQueue pending;               /* RyJob, by their link */
  GList link;                   /* in the engine's waiting */
  guint running;                /* and done functions that are being called */
  GCond idle;                   /* running became 0 */
  RyStatistics statistics;
};

/* ---- scheduler.c; call with the lock held ---- */

/* Gives jobs that wait to workers that do not.  A core that has nothing to do
 * gets at once what there is, up to the model's batch, so that nothing waits
 * for frames that may never come; the other contexts of a core get full
 * batches only, since they would have to wait for the core anyway. */
void ry_engine_dispatch (RyEngine * self);

/* Counts what became of a job; times may be NULL if it failed. */
void ry_engine_record (RyEngine * self, RyJob * job,
    const RyJobTimes * times);
/* The same for all jobs of a run, each with its times, and the core's part. */
void ry_engine_record_batch (RyEngine * self, guint core_index,
    const RyBatch * batch, const RyJobTimes * times);

/* Calls the job's done function, with the lock released meanwhile. */
void ry_engine_finish_job (RyEngine * self, RyJob * job);

/* Nobody is left to run anything: what waits fails. */
void ry_engine_fail_waiting (RyEngine * self);

/* ---- worker.c ---- */

/* Takes context, which may be NULL: then the thread makes it. */
RyWorker *ry_worker_new (RyEngine * engine, guint core_index, guint number,
    RyContext * context);
/* The thread must have returned, or never been there. */
void ry_worker_free (RyWorker * self);
/* FALSE if the system has no threads left. */
gboolean ry_worker_start (RyWorker * self, GError ** error);
/* The thread did not come back in time: another worker takes its place in the
 * engine.  Call with the lock held; it is released meanwhile. */
void ry_worker_abandon (RyWorker * self);

/* ---- watch.c ---- */

gboolean ry_engine_start_watch (RyEngine * self, GError ** error);
void ry_engine_stop_watch (RyEngine * self);
/* A worker has got a deadline.  Call with the lock held. */
void ry_engine_watch (RyEngine * self, gint64 deadline);

G_END_DECLS
