/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Every piece is done once, whoever does it. */

#include <string.h>

#include <glib.h>

#include "standin/pool.h"

#define MAX_PIECES 200
#define CALLERS 3

typedef struct
{
  guint done[MAX_PIECES];       /* written by whoever has the piece */
  gint working[RY_POOL_MAX_THREADS];
} Job;

static void
do_piece (gpointer data, guint worker, guint piece)
{
  Job *job = data;

  g_assert_cmpuint (worker, <, RY_POOL_MAX_THREADS);
  g_assert_cmpuint (piece, <, MAX_PIECES);
  g_assert_cmpint (g_atomic_int_add (&job->working[worker], 1), ==, 0);
  job->done[piece]++;
  g_atomic_int_add (&job->working[worker], -1);
}

static void
check_jobs (RyPool * pool, guint rounds)
{
  for (guint round = 0; round < rounds; round++) {
    guint n = round % (MAX_PIECES + 1);
    Job job;

    memset (&job, 0, sizeof job);
    ry_pool_run (pool, do_piece, &job, n);
    for (guint i = 0; i < MAX_PIECES; i++)
      g_assert_cmpuint (job.done[i], ==, i < n ? 1 : 0);
  }
}

static void
test_pieces (void)
{
  const guint threads[] = { 0, 1, 2, RY_POOL_MAX_THREADS, 256 };

  check_jobs (NULL, MAX_PIECES + 1);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++) {
    RyPool *pool = ry_pool_new (threads[i]);

    check_jobs (pool, 2 * MAX_PIECES);
    ry_pool_free (pool);
  }
}

static gpointer
call (gpointer pool)
{
  check_jobs (pool, 1000);
  return NULL;
}

static void
test_callers (void)
{
  RyPool *pool = ry_pool_new (RY_POOL_MAX_THREADS);
  GThread *callers[CALLERS];

  for (guint i = 0; i < CALLERS; i++)
    callers[i] = g_thread_new ("caller", call, pool);
  for (guint i = 0; i < CALLERS; i++)
    g_thread_join (callers[i]);
  ry_pool_free (pool);
}

static void
test_unused (void)
{
  for (guint i = 0; i < 100; i++)
    ry_pool_free (ry_pool_new (RY_POOL_MAX_THREADS));
  ry_pool_free (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/standin/pool/pieces", test_pieces);
  g_test_add_func ("/standin/pool/callers", test_callers);
  g_test_add_func ("/standin/pool/unused", test_unused);
  return g_test_run ();
}
