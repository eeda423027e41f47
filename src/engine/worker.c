/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What runs jobs: a thread with a context, which it makes anew when that keeps
 * failing. */

#include "engine/engineprivate.h"

/* A new context may find its core waiting for the driver's time-out: librknnrt
 * gives a job 6 s, and 18 s were reported. */
#define RENEWAL_LIMIT (20 * G_USEC_PER_SEC)

/* A core on which so many new contexts in a row got stuck is given up with all
 * of its contexts: each has cost that limit. */
#define MAX_STUCK_RENEWALS 2

/* Before another attempt; the n-th time n times as long. */
#define RENEWAL_PAUSE (G_USEC_PER_SEC / 4)

RyWorker *
ry_worker_new (RyEngine * engine, guint core_index, guint number,
    RyContext * context)
{
  RyWorker *self = g_new0 (RyWorker, 1);

  self->engine = engine;
  self->model = ry_loaded_model_ref (engine->model);
  self->core = engine->cores.cores[core_index];
  self->core_index = core_index;
  self->number = number;
  self->context = context;
  self->state = context ? RY_WORKER_SERVING : RY_WORKER_RENEWING;
  g_cond_init (&self->wake);
  return self;
}

void
ry_worker_free (RyWorker * self)
{
  if (self->context)
    ry_context_free (self->context);
  ry_loaded_model_unref (self->model);
  g_cond_clear (&self->wake);
  g_free (self);
}

/* ---- The runtime, from which a thread may not return ---------------------- */

/* Call with the lock held. */
static void
enter_runtime (RyWorker * self, gint64 limit)
{
  self->deadline = g_get_monotonic_time () + limit;
  g_atomic_int_set (&self->place, RY_WORKER_IN_RUNTIME);
  ry_engine_watch (self->engine, self->deadline);
}

/* FALSE if nobody waited so long: then the engine may be gone. */
static gboolean
leave_runtime (RyWorker * self)
{
  return g_atomic_int_compare_and_exchange (&self->place,
      RY_WORKER_IN_RUNTIME, RY_WORKER_OUTSIDE);
}

/* Call with the lock held; returns with it unless abandoned. */
static gboolean
enter_and_run (RyWorker * self, gint64 * begin, gint64 * end, gboolean * ok,
    GError ** error)
{
  RyEngine *engine = self->engine;

  enter_runtime (self, engine->run_limit);
  g_mutex_unlock (&engine->lock);
  *begin = g_get_monotonic_time ();
  *ok = ry_context_run (self->context, error);
  *end = g_get_monotonic_time ();
  if (!leave_runtime (self))
    return FALSE;
  g_mutex_lock (&engine->lock);
  return TRUE;
}

/* Call with the lock held. */
static void
note_failure (RyEngine * engine, const GError * error)
{
  g_free (engine->last_failure);
  engine->last_failure = g_strdup (error->message);
}

/* ---- Jobs ---------------------------------------------------------------- */

static const RyPreprocessed *
get_preprocessed (RyWorker * self, guint i)
{
  return ry_preprocessor_get_last (self->context->pictures[i].preprocessor);
}

/* A picture that cannot be read fails by itself; FALSE if all did.  Without the
 * lock. */
static gboolean
preprocess (RyWorker * self, const RyBatch * batch, RyJobTimes * times)
{
  gboolean any = FALSE;

  for (guint i = 0; i < batch->n; i++) {
    RyJob *job = batch->jobs[i];

    job->result = RY_JOB_FAILED;
    job->core = self->context->core;
    times[i].start = g_get_monotonic_time ();
    any |= ry_context_preprocess (self->context, job->size, i, &job->image,
        job->settings, &job->error);
    times[i].preprocessed = g_get_monotonic_time ();
    job->rga_note = g_strdup (get_preprocessed (self, i)->note);
  }
  return any;
}

/* Call with the lock held. */
static void
record_preprocessing (RyJob * job, const RyPreprocessed * how)
{
  RyStatistics *statistics = &job->session->statistics;

  job->rga_reason = how->reason;
  if (how->reason != RY_RGA_REASON_NONE)
    statistics->rga_fallbacks[how->reason]++;
  if (how->by_rga)
    statistics->rga_frames++;
  else if (!job->error)
    statistics->cpu_frames++;
}

/* Without the lock. */
static void
decode (RyWorker * self, const RyBatch * batch, RyJobTimes * times)
{
  for (guint i = 0; i < batch->n; i++) {
    RyJob *job = batch->jobs[i];

    if (job->error)
      continue;
    times[i].decode = g_get_monotonic_time ();
    ry_context_decode (self->context, i, &job->settings->decode, job);
    times[i].end = g_get_monotonic_time ();
    job->result = RY_JOB_OK;
  }
}

static void
fail_all (const RyBatch * batch, const GError * error)
{
  for (guint i = 0; i < batch->n; i++) {
    if (!batch->jobs[i]->error)
      batch->jobs[i]->error = g_error_copy (error);
  }
}

/* Call with the lock held; returns with it unless abandoned. */
static gboolean
process (RyWorker * self, const RyBatch * batch, RyJobTimes * times)
{
  RyEngine *engine = self->engine;
  g_autoptr (GError) error = NULL;
  gint64 begin, end;
  gboolean ok;

  g_mutex_unlock (&engine->lock);
  ok = preprocess (self, batch, times);
  g_mutex_lock (&engine->lock);
  for (guint i = 0; i < batch->n; i++)
    record_preprocessing (batch->jobs[i], get_preprocessed (self, i));
  if (!ok)
    return TRUE;

  if (!enter_and_run (self, &begin, &end, &ok, &error))
    return FALSE;
  if (!ok) {
    self->failures++;
    note_failure (engine, error);
    fail_all (batch, error);
    return TRUE;
  }
  self->failures = self->renewals = 0;
  for (guint i = 0; i < batch->n; i++) {
    times[i].run = begin;
    times[i].ran = end;
  }
  g_mutex_unlock (&engine->lock);
  decode (self, batch, times);
  g_mutex_lock (&engine->lock);
  return TRUE;
}

/* Call with the lock held; returns with it unless abandoned. */
static gboolean
serve (RyWorker * self)
{
  RyEngine *engine = self->engine;
  RyBatch batch = self->batch;
  RyJobTimes times[RY_MAX_BATCH];

  if (!process (self, &batch, times))
    return FALSE;
  ry_engine_record_batch (engine, self->core_index, &batch, times);
  self->batch.n = 0;
  engine->core_load[self->core_index]--;
  if (self->failures >= RY_MAX_FAILURES)
    self->state = RY_WORKER_RENEWING;
  /* The core first: whoever waits for the result can wait a moment more. */
  ry_engine_dispatch (engine);
  for (guint i = 0; i < batch.n; i++)
    ry_engine_finish_job (engine, batch.jobs[i]);
  return TRUE;
}

/* ---- A new context ------------------------------------------------------- */

/* The old context is this thread's own, so nobody uses it. */
static gboolean
make_context (RyWorker * self, GError ** error)
{
  RyContext *old = g_steal_pointer (&self->context);
  rknn_context handle;
  gboolean ok;

  if (old) {
    ok = ry_loaded_model_dup_context (self->model, old->handle, &handle, error);
    ry_context_free (old);
  } else {
    ok = ry_loaded_model_init_context (self->model, &handle, error);
  }
  if (ok)
    self->context = ry_context_new (self->model, handle, self->core, error);
  /* Better a trial than a frame that gets stuck. */
  if (self->context && !ry_context_run (self->context, error))
    g_clear_pointer (&self->context, ry_context_free);
  return self->context != NULL;
}

/* Call with the lock held. */
static void
take_turn (RyWorker * self)
{
  RyEngine *engine = self->engine;

  while (engine->renewing && !engine->stopping)
    g_cond_wait (&engine->renewed, &engine->lock);
  if (!engine->stopping)
    engine->renewing = self;
}

/* Call with the lock held. */
static void
end_turn (RyEngine * engine, const RyWorker * worker)
{
  if (engine->renewing != worker)
    return;
  engine->renewing = NULL;
  g_cond_broadcast (&engine->renewed);
}

/* Call with the lock held. */
static void
pause_renewing (RyWorker * self)
{
  gint64 until = g_get_monotonic_time () + self->renewals * RENEWAL_PAUSE;

  while (!self->engine->stopping
      && g_cond_wait_until (&self->wake, &self->engine->lock, until));
}

/* Call with the lock held. */
static void
die (RyWorker * self)
{
  RyEngine *engine = self->engine;

  self->state = RY_WORKER_DEAD;
  if (--engine->health.contexts == 0)
    ry_engine_fail_waiting (engine);
}

/* Call with the lock held. */
static gboolean
is_worth_it (RyWorker * self)
{
  return self->renewals < RY_MAX_RENEWALS
      && self->engine->core_stuck[self->core_index] < MAX_STUCK_RENEWALS;
}

/* Call with the lock held. */
static void
serve_again (RyWorker * self)
{
  self->failures = 0;
  self->size = 0;               /* as new contexts have it */
  self->state = RY_WORKER_SERVING;
  self->engine->core_stuck[self->core_index] = 0;
  ry_engine_dispatch (self->engine);
}

/* Until it works, is given up, or the engine stops.  Call with the lock held;
 * returns with it unless abandoned. */
static gboolean
renew (RyWorker * self)
{
  RyEngine *engine = self->engine;

  while (is_worth_it (self)) {
    g_autoptr (GError) error = NULL;
    gboolean ok;

    take_turn (self);
    if (engine->stopping)
      return TRUE;
    if (!is_worth_it (self)) {
      end_turn (engine, self);
      break;
    }
    self->renewals++;
    engine->health.renewals++;
    enter_runtime (self, MAX (RENEWAL_LIMIT, engine->run_limit));
    g_mutex_unlock (&engine->lock);
    ok = make_context (self, &error);
    if (!leave_runtime (self))
      return FALSE;
    g_mutex_lock (&engine->lock);
    end_turn (engine, self);
    if (ok) {
      serve_again (self);
      return TRUE;
    }
    note_failure (engine, error);
    pause_renewing (self);
  }
  die (self);
  return TRUE;
}

/* ---- The thread ---------------------------------------------------------- */

/* Call with the lock held; returns with it unless abandoned. */
static gboolean
live (RyWorker * self)
{
  RyEngine *engine = self->engine;

  while (self->state != RY_WORKER_DEAD) {
    if (self->batch.n > 0) {
      if (!serve (self))
        return FALSE;
    } else if (engine->stopping) {
      break;
    } else if (self->state == RY_WORKER_RENEWING) {
      if (!renew (self))
        return FALSE;
    } else {
      g_cond_wait (&self->wake, &engine->lock);
    }
  }
  return TRUE;
}

static gpointer
worker_main (gpointer data)
{
  RyWorker *self = data;
  RyEngine *engine = self->engine;

  ry_affinity_apply (&engine->affinity);
  g_mutex_lock (&engine->lock);
  if (!live (self)) {
    ry_worker_free (self);
    return NULL;
  }
  self->finished = TRUE;
  g_cond_signal (&engine->finished);
  g_mutex_unlock (&engine->lock);
  return NULL;
}

gboolean
ry_worker_start (RyWorker * self, GError ** error)
{
  g_autofree gchar *name = g_strdup_printf ("rknnyolo-c%d.%u",
      self->core < 0 ? (gint) self->core_index : self->core, self->number);

  self->thread = g_thread_try_new (name, worker_main, self, error);
  return self->thread != NULL;
}

/* Call with the lock held. */
static void
fail_overdue (RyEngine * engine, guint core_index, const RyBatch * batch)
{
  for (guint i = 0; i < batch->n; i++) {
    RyJob *job = batch->jobs[i];

    job->result = RY_JOB_FAILED;
    /* its picture may have failed before */
    g_clear_error (&job->error);
    g_set_error (&job->error, RY_ERROR, RY_ERROR_INFERENCE,
        "rknn_run has not come back from core %d within %" G_GINT64_FORMAT
        " ms, the limit of the property inference-timeout; raise it if "
        "inferences may take longer.", job->core, engine->run_limit / 1000);
    note_failure (engine, job->error);
    ry_engine_record (engine, job, NULL);
  }
  engine->core_load[core_index]--;
  ry_engine_dispatch (engine);
}

void
ry_worker_abandon (RyWorker * self)
{
  RyEngine *engine = self->engine;
  RyWorker *successor =
      ry_worker_new (engine, self->core_index, self->number, NULL);
  GThread *thread = self->thread;
  RyBatch batch = self->batch;
  gboolean renewing = self->state == RY_WORKER_RENEWING;
  guint i;

  successor->renewals = self->renewals;
  if (!g_ptr_array_find (engine->workers, self, &i)
      || !g_atomic_int_compare_and_exchange (&self->place,
          RY_WORKER_IN_RUNTIME, RY_WORKER_ABANDONED)) {
    ry_worker_free (successor);
    return;
  }
  /* From here on the thread may free self at any moment. */
  engine->workers->pdata[i] = successor;
  g_thread_unref (thread);
  end_turn (engine, self);
  engine->health.hangs++;
  if (renewing)
    engine->core_stuck[successor->core_index]++;
  if (batch.n > 0)
    fail_overdue (engine, successor->core_index, &batch);
  if (!engine->stopping && !ry_worker_start (successor, NULL))
    die (successor);
  for (guint i = 0; i < batch.n; i++)
    ry_engine_finish_job (engine, batch.jobs[i]);
}
