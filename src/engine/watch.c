/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A thread that notices calls into the runtime that do not come back.  It
 * sleeps until the earliest deadline it has seen, so that a frame in time costs
 * it nothing. */

#include "engine/engineprivate.h"

static gboolean
is_in_runtime (const RyWorker * worker)
{
  return g_atomic_int_get (&worker->place) == RY_WORKER_IN_RUNTIME;
}

/* A worker past its deadline, or NULL; then *until is when to look again.  Call
 * with the lock held. */
static RyWorker *
find_overdue (RyEngine * self, gint64 * until)
{
  gint64 now = g_get_monotonic_time ();

  *until = G_MAXINT64;
  for (guint i = 0; i < self->workers->len; i++) {
    RyWorker *worker = g_ptr_array_index (self->workers, i);

    if (!is_in_runtime (worker))
      continue;
    if (worker->deadline <= now)
      return worker;
    *until = MIN (*until, worker->deadline);
  }
  return NULL;
}

static gpointer
watch_main (gpointer data)
{
  RyEngine *self = data;

  g_mutex_lock (&self->lock);
  while (self->watch) {
    RyWorker *overdue = find_overdue (self, &self->watch_until);

    if (overdue)
      ry_worker_abandon (overdue);
    else if (self->watch_until == G_MAXINT64)
      g_cond_wait (&self->watch_wake, &self->lock);
    else
      g_cond_wait_until (&self->watch_wake, &self->lock, self->watch_until);
  }
  g_mutex_unlock (&self->lock);
  return NULL;
}

void
ry_engine_watch (RyEngine * self, gint64 deadline)
{
  if (deadline < self->watch_until)
    g_cond_signal (&self->watch_wake);
}

gboolean
ry_engine_start_watch (RyEngine * self, GError ** error)
{
  g_autoptr (GError) reason = NULL;

  self->watch_until = G_MAXINT64;
  /* The thread looks at watch under the lock. */
  g_mutex_lock (&self->lock);
  self->watch = g_thread_try_new ("rknnyolo-watch", watch_main, self, &reason);
  g_mutex_unlock (&self->lock);
  if (!self->watch)
    g_set_error (error, RY_ERROR, RY_ERROR_MEMORY,
        "The system has no thread left (%s): raise the limit of threads "
        "(ulimit -u).", reason->message);
  return self->watch != NULL;
}

void
ry_engine_stop_watch (RyEngine * self)
{
  GThread *thread;

  g_mutex_lock (&self->lock);
  thread = g_steal_pointer (&self->watch);
  g_cond_signal (&self->watch_wake);
  g_mutex_unlock (&self->lock);
  if (thread)
    g_thread_join (thread);
}
