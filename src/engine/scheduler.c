/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which job runs where and when. */

#include "engine/engineprivate.h"

#include <string.h>

/* The idle worker whose core has least to do; among equals the next in the
 * round.  Call with the lock held. */
static RyWorker *
choose_worker (RyEngine * self)
{
  RyWorker *best = NULL;
  guint n = self->workers->len, position = 0;

  for (guint i = 0; i < n; i++) {
    guint k = (self->next_worker + i) % n;
    RyWorker *worker = g_ptr_array_index (self->workers, k);

    if (worker->job)
      continue;
    if (!best || self->core_load[worker->core_index]
        < self->core_load[best->core_index]) {
      best = worker;
      position = k;
    }
  }
  if (best)
    self->next_worker = (position + 1) % n;
  return best;
}

/* The next job of the session whose turn it is.  Call with the lock held. */
static RyJob *
take_job (RyEngine * self)
{
  GList *link = g_queue_pop_head_link (&self->waiting);
  RySession *session;
  RyJob *job;

  if (!link)
    return NULL;
  session = link->data;
  job = g_queue_pop_head_link (&session->pending)->data;
  session->running++;
  if (!g_queue_is_empty (&session->pending))
    g_queue_push_tail_link (&self->waiting, link);
  return job;
}

/* Call with the lock held. */
static void
dispatch (RyEngine * self)
{
  while (!g_queue_is_empty (&self->waiting)) {
    RyWorker *worker = choose_worker (self);

    if (!worker)
      return;
    worker->job = take_job (self);
    self->core_load[worker->core_index]++;
    g_cond_signal (&worker->wake);
  }
}

/* Call with the lock held. */
static void
record (RyWorker * worker, RyJob * job, const RyJobTimes * times)
{
  RyStatistics *statistics = &job->session->statistics;
  RySeries *stages = statistics->stages;

  if (job->result != RY_JOB_OK) {
    statistics->failed++;
    return;
  }
  job->run_time = times->run - times->preprocessed;
  ry_series_add (&stages[RY_STAGE_WAIT], times->start - job->submitted);
  ry_series_add (&stages[RY_STAGE_PREPROCESS],
      times->preprocessed - times->start);
  ry_series_add (&stages[RY_STAGE_RUN], job->run_time);
  ry_series_add (&stages[RY_STAGE_DECODE], times->end - times->run);
  ry_series_add (&stages[RY_STAGE_TOTAL], times->end - job->submitted);
  ry_series_add (&statistics->cores[worker->core_index], job->run_time);
}

static gpointer
worker_main (gpointer data)
{
  RyWorker *worker = data;
  RyEngine *engine = worker->engine;

  g_mutex_lock (&engine->lock);
  while (TRUE) {
    RyJob *job = worker->job;
    RySession *session;
    RyJobTimes times;

    if (!job) {
      if (engine->stopping)
        break;
      g_cond_wait (&worker->wake, &engine->lock);
      continue;
    }
    g_mutex_unlock (&engine->lock);
    ry_context_process (worker->context, job, &times);
    g_mutex_lock (&engine->lock);

    session = job->session;
    record (worker, job, &times);
    worker->job = NULL;
    engine->core_load[worker->core_index]--;
    /* The core first: whoever waits for the result can wait a moment more. */
    dispatch (engine);
    g_mutex_unlock (&engine->lock);
    job->done (job);

    g_mutex_lock (&engine->lock);
    if (--session->running == 0)
      g_cond_signal (&session->idle);
  }
  g_mutex_unlock (&engine->lock);
  return NULL;
}

void
ry_engine_add_worker (RyEngine * self, RyContext * context, guint core_index)
{
  RyWorker *worker = g_new0 (RyWorker, 1);

  worker->engine = self;
  worker->context = context;
  worker->core_index = core_index;
  g_cond_init (&worker->wake);
  g_ptr_array_add (self->workers, worker);
}

gboolean
ry_engine_start_workers (RyEngine * self, GError ** error)
{
  for (guint i = 0; i < self->workers->len; i++) {
    RyWorker *worker = g_ptr_array_index (self->workers, i);
    gint core = worker->context->core;
    g_autofree gchar *name = g_strdup_printf ("rknnyolo-c%d.%u",
        core < 0 ? (gint) worker->core_index : core, i / self->cores.n_cores);
    g_autoptr (GError) reason = NULL;

    worker->thread = g_thread_try_new (name, worker_main, worker, &reason);
    if (!worker->thread) {
      g_set_error (error, RY_ERROR, RY_ERROR_MEMORY,
          "The system has no thread for a context (%s): use fewer contexts "
          "(contexts-per-core, cores), or raise the limit of threads "
          "(ulimit -u).", reason->message);
      return FALSE;
    }
  }
  return TRUE;
}

void
ry_engine_stop_workers (RyEngine * self)
{
  g_mutex_lock (&self->lock);
  self->stopping = TRUE;
  for (guint i = 0; i < self->workers->len; i++) {
    RyWorker *worker = g_ptr_array_index (self->workers, i);
    g_cond_signal (&worker->wake);
  }
  g_mutex_unlock (&self->lock);

  for (guint i = 0; i < self->workers->len; i++) {
    RyWorker *worker = g_ptr_array_index (self->workers, i);

    if (worker->thread)
      g_thread_join (worker->thread);
    ry_context_free (worker->context);
    g_cond_clear (&worker->wake);
    g_free (worker);
  }
  g_ptr_array_set_size (self->workers, 0);
}

RySession *
ry_session_new (RyEngine * engine)
{
  RySession *self = g_new0 (RySession, 1);

  self->engine = ry_engine_ref (engine);
  g_queue_init (&self->pending);
  self->link.data = self;
  g_cond_init (&self->idle);
  return self;
}

RyEngine *
ry_session_get_engine (RySession * self)
{
  return self->engine;
}

void
ry_session_free (RySession * self)
{
  RyEngine *engine = self->engine;

  ry_session_cancel (self);
  g_mutex_lock (&engine->lock);
  while (self->running > 0)
    g_cond_wait (&self->idle, &engine->lock);
  g_mutex_unlock (&engine->lock);
  g_cond_clear (&self->idle);
  g_free (self);
  ry_engine_unref (engine);
}

void
ry_session_submit (RySession * self, RyJob * job)
{
  RyEngine *engine = self->engine;

  job->session = self;
  job->submitted = g_get_monotonic_time ();

  g_mutex_lock (&engine->lock);
  if (g_queue_is_empty (&self->pending))
    g_queue_push_tail_link (&engine->waiting, &self->link);
  g_queue_push_tail_link (&self->pending, &job->link);
  dispatch (engine);
  g_mutex_unlock (&engine->lock);
}

void
ry_session_cancel (RySession * self)
{
  RyEngine *engine = self->engine;
  GQueue cancelled;
  GList *link;

  g_mutex_lock (&engine->lock);
  cancelled = self->pending;
  g_queue_init (&self->pending);
  if (!g_queue_is_empty (&cancelled))
    g_queue_unlink (&engine->waiting, &self->link);
  g_mutex_unlock (&engine->lock);

  while ((link = g_queue_pop_head_link (&cancelled))) {
    RyJob *job = link->data;

    job->result = RY_JOB_CANCELLED;
    job->done (job);
  }
}

void
ry_session_get_statistics (RySession * self, RyStatistics * copy)
{
  g_mutex_lock (&self->engine->lock);
  *copy = self->statistics;
  g_mutex_unlock (&self->engine->lock);
}
