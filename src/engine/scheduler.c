/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which job runs where and when. */

#include "engine/engineprivate.h"

/* Whether a is a better place for a job of this size than b.  Another size
 * costs a context that it is bound anew. */
static gboolean
is_better (RyEngine * self, const RyWorker * a, const RyWorker * b, guint size)
{
  guint load_a = self->core_load[a->core_index];
  guint load_b = self->core_load[b->core_index];

  if (load_a != load_b)
    return load_a < load_b;
  return a->size == size && b->size != size;
}

/* The idle worker whose core has least to do; among equals one that had that
 * size before, and then the next in the round.  Call with the lock held. */
static RyWorker *
choose_worker (RyEngine * self, guint size)
{
  RyWorker *best = NULL;
  guint n = self->workers->len, position = 0;

  for (guint i = 0; i < n; i++) {
    guint k = (self->next_worker + i) % n;
    RyWorker *worker = g_ptr_array_index (self->workers, k);

    if (worker->batch.n > 0 || worker->state != RY_WORKER_SERVING)
      continue;
    if (!best || is_better (self, worker, best, size)) {
      best = worker;
      position = k;
    }
  }
  if (best)
    self->next_worker = (position + 1) % n;
  return best;
}

static guint
size_of_next (RySession * session)
{
  return ((RyJob *) g_queue_peek_head (&session->pending))->size;
}

/* The next job of the session of this link in waiting.  Call with the lock
 * held. */
static RyJob *
take_job_of (RyEngine * self, GList * link)
{
  RySession *session = link->data;
  RyJob *job = g_queue_pop_head_link (&session->pending)->data;

  g_queue_unlink (&self->waiting, link);
  session->running++;
  if (!g_queue_is_empty (&session->pending))
    g_queue_push_tail_link (&self->waiting, link);
  return job;
}

/* The next job of the session whose turn it is.  Call with the lock held. */
static RyJob *
take_job (RyEngine * self)
{
  GList *link = g_queue_peek_head_link (&self->waiting);

  return link ? take_job_of (self, link) : NULL;
}

/* Jobs of this size, a job of a session in turn, until the batch is full; who
 * is passed over keeps its turn.  Call with the lock held. */
static void
take_batch (RyEngine * self, guint size, RyBatch * batch)
{
  GList *link = g_queue_peek_head_link (&self->waiting), *next;

  for (batch->n = 0; link && batch->n < self->model->batch; link = next) {
    next = link->next;
    if (size_of_next (link->data) != size)
      continue;
    batch->jobs[batch->n++] = take_job_of (self, link);
    /* It was the last one and has jobs still, so it is again. */
    if (!next && g_queue_peek_tail_link (&self->waiting) == link)
      next = link;
  }
}

/* Call with the lock held. */
static gboolean
is_batch_full (RyEngine * self, guint size)
{
  guint n = 0;

  for (GList * i = self->waiting.head; i && n < self->model->batch; i = i->next) {
    RySession *session = i->data;

    if (size_of_next (session) == size)
      n += g_queue_get_length (&session->pending);
  }
  return n >= self->model->batch;
}

void
ry_engine_dispatch (RyEngine * self)
{
  while (!g_queue_is_empty (&self->waiting)) {
    guint size = size_of_next (g_queue_peek_head (&self->waiting));
    RyWorker *worker = choose_worker (self, size);

    if (!worker || (self->core_load[worker->core_index] > 0
            && !is_batch_full (self, size)))
      return;
    take_batch (self, size, &worker->batch);
    worker->size = size;
    self->core_load[worker->core_index]++;
    g_cond_signal (&worker->wake);
  }
}

void
ry_engine_record (RyEngine * self, RyJob * job, const RyJobTimes * times)
{
  RyStatistics *statistics = &job->session->statistics;
  RySeries *stages = statistics->stages;

  if (job->result != RY_JOB_OK) {
    statistics->failed++;
    return;
  }
  statistics->input_width = self->model->input_sizes[job->size].width;
  statistics->input_height = self->model->input_sizes[job->size].height;
  job->run_time = times->ran - times->run;
  ry_series_add (&stages[RY_STAGE_WAIT], times->start - job->submitted);
  ry_series_add (&stages[RY_STAGE_PREPROCESS],
      times->preprocessed - times->start);
  ry_series_add (&stages[RY_STAGE_RUN], job->run_time);
  ry_series_add (&stages[RY_STAGE_DECODE], times->end - times->decode);
  ry_series_add (&stages[RY_STAGE_TOTAL], times->end - job->submitted);
}

/* A core is busy once for all pictures of a run that a session has in it. */
static gboolean
is_first_of_session (const RyBatch * batch, guint n)
{
  for (guint i = 0; i < n; i++) {
    if (batch->jobs[i]->session == batch->jobs[n]->session
        && batch->jobs[i]->result == RY_JOB_OK)
      return FALSE;
  }
  return TRUE;
}

void
ry_engine_record_batch (RyEngine * self, guint core_index,
    const RyBatch * batch, const RyJobTimes * times)
{
  for (guint i = 0; i < batch->n; i++) {
    RyJob *job = batch->jobs[i];

    ry_engine_record (self, job, &times[i]);
    if (job->result == RY_JOB_OK && is_first_of_session (batch, i))
      ry_series_add (&job->session->statistics.cores[core_index],
          job->run_time);
  }
}

void
ry_engine_finish_job (RyEngine * self, RyJob * job)
{
  RySession *session = job->session;

  g_mutex_unlock (&self->lock);
  job->done (job);
  g_mutex_lock (&self->lock);
  if (--session->running == 0)
    g_cond_signal (&session->idle);
}

static void
set_dead_error (RyEngine * self, RyJob * job)
{
  const RyEngineInfo *info = &self->info;

  job->result = RY_JOB_FAILED;
  g_set_error (&job->error, RY_ERROR, RY_ERROR_DEAD,
      "None of the %u contexts of the NPU works any more, after %"
      G_GUINT64_FORMAT " attempts to make one anew; the last failure: %s The "
      "runtime is %s, version %s, the driver %s, the model %s%s%s. The "
      "kernel's log (dmesg) may tell why; power supply and temperature are "
      "frequent reasons. Restart the pipeline to try again.",
      info->n_contexts, self->health.renewals,
      self->last_failure ? self->last_failure : "unknown.", info->runtime_path,
      info->runtime_version, info->driver_version, info->model_name,
      info->toolkit_version ? ", made with toolkit " : "",
      info->toolkit_version ? info->toolkit_version : "");
}

void
ry_engine_fail_waiting (RyEngine * self)
{
  RyJob *job;

  while ((job = take_job (self))) {
    set_dead_error (self, job);
    ry_engine_record (self, job, NULL);
    ry_engine_finish_job (self, job);
  }
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
  job->size = ry_loaded_model_choose_size (engine->model, job->image.width,
      job->image.height);

  g_mutex_lock (&engine->lock);
  if (g_queue_is_empty (&self->pending))
    g_queue_push_tail_link (&engine->waiting, &self->link);
  g_queue_push_tail_link (&self->pending, &job->link);
  if (engine->health.contexts > 0)
    ry_engine_dispatch (engine);
  else
    ry_engine_fail_waiting (engine);
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
