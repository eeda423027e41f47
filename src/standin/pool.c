/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "pool.h"

typedef struct
{
  RyPool *pool;
  GThread *thread;
  guint worker;
} RyHelper;

struct _RyPool
{
  GMutex lock;                  /* of all that follows */
  GCond begun, done;
  gboolean busy, quit;
  RyPoolFunc func;
  gpointer data;
  guint next, n;                /* pieces that nobody took: next to n */
  guint unfinished;

  guint n_helpers;              /* set before others see the pool */
  RyHelper helpers[RY_POOL_MAX_THREADS - 1];
};

static void
do_pieces_locked (RyPool * self, guint worker)
{
  while (self->next < self->n) {
    guint piece = self->next++;

    g_mutex_unlock (&self->lock);
    self->func (self->data, worker, piece);
    g_mutex_lock (&self->lock);
    if (--self->unfinished == 0)
      g_cond_signal (&self->done);
  }
}

static gpointer
help (gpointer data)
{
  RyHelper *helper = data;
  RyPool *self = helper->pool;

  g_mutex_lock (&self->lock);
  while (!self->quit) {
    do_pieces_locked (self, helper->worker);
    if (!self->quit)
      g_cond_wait (&self->begun, &self->lock);
  }
  g_mutex_unlock (&self->lock);
  return NULL;
}

RyPool *
ry_pool_new (guint threads)
{
  RyPool *self = g_new0 (RyPool, 1);

  g_mutex_init (&self->lock);
  g_cond_init (&self->begun);
  g_cond_init (&self->done);
  threads = MIN (threads, RY_POOL_MAX_THREADS);
  for (guint worker = 1; worker < threads; worker++) {
    RyHelper *helper = &self->helpers[self->n_helpers];

    helper->pool = self;
    helper->worker = worker;
    helper->thread = g_thread_try_new ("rknn-convert", help, helper, NULL);
    if (helper->thread == NULL)
      break;
    self->n_helpers++;
  }
  return self;
}

void
ry_pool_free (RyPool * self)
{
  if (self == NULL)
    return;
  g_mutex_lock (&self->lock);
  self->quit = TRUE;
  g_cond_broadcast (&self->begun);
  g_mutex_unlock (&self->lock);
  for (guint i = 0; i < self->n_helpers; i++)
    g_thread_join (self->helpers[i].thread);
  g_cond_clear (&self->done);
  g_cond_clear (&self->begun);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* FALSE when the caller is to work alone. */
static gboolean
run_helped (RyPool * self, RyPoolFunc func, gpointer data, guint n)
{
  g_mutex_lock (&self->lock);
  if (self->busy) {
    g_mutex_unlock (&self->lock);
    return FALSE;
  }
  self->busy = TRUE;
  self->func = func;
  self->data = data;
  self->next = 0;
  self->n = self->unfinished = n;
  g_cond_broadcast (&self->begun);
  do_pieces_locked (self, 0);
  while (self->unfinished > 0)
    g_cond_wait (&self->done, &self->lock);
  self->busy = FALSE;
  g_mutex_unlock (&self->lock);
  return TRUE;
}

void
ry_pool_run (RyPool * self, RyPoolFunc func, gpointer data, guint n)
{
  if (self != NULL && self->n_helpers > 0 && n > 1
      && run_helped (self, func, data, n))
    return;
  for (guint piece = 0; piece < n; piece++)
    func (data, 0, piece);
}
