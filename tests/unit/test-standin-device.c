/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The stand-in's cores: who has them, and when.  Places in line are reckoned
 * and not waited for, so that times of hours are tested in no time. */

#include "standin/device.h"

#define MS G_GINT64_CONSTANT (1000000)
#define HOUR (3600 * 1000 * MS)

static RyNpu *
open_npu (const gchar * soc, gint64 time, gdouble jitter)
{
  RyNpuPlay play = {.soc = ry_npu_soc_find (soc),.time = time,
    .jitter = jitter,.hang_core = -1
  };

  return ry_npu_open (&play);
}

static RyNpu *
open_hanging (gint core, guint from, guint to, gint64 time)
{
  RyNpuPlay play = {.soc = ry_npu_soc_find ("rk3588"),.time = HOUR,
    .hang_core = core,.hang_from = from,.hang_to = to,.hang_time = time
  };

  return ry_npu_open (&play);
}

static RyNpuJob
reserve (RyNpu * npu, rknn_core_mask mask)
{
  RyNpuJob job;

  ry_npu_reserve (npu, mask, &job);
  return job;
}

static void
test_one_at_a_time (void)
{
  RyNpu *npu = open_npu ("rk3588", HOUR, 0);
  RyNpuJob first = reserve (npu, RKNN_NPU_CORE_1);
  gint64 end = first.end;

  g_assert_cmpint (first.begin, ==, first.submitted);
  g_assert_cmpint (first.end, ==, first.begin + HOUR);
  for (guint i = 0; i < 10; i++) {
    RyNpuJob job = reserve (npu, RKNN_NPU_CORE_1);

    g_assert_cmpint (job.begin, ==, end);
    g_assert_cmpint (job.end, ==, end + HOUR);
    g_assert_cmpuint (job.cores, ==, RKNN_NPU_CORE_1);
    end = job.end;
  }
  /* another core has nothing to do with it */
  first = reserve (npu, RKNN_NPU_CORE_0);
  g_assert_cmpint (first.begin, ==, first.submitted);
  ry_npu_close (npu);
}

static void
test_auto (void)
{
  static const guint cores[] = { 3, 2, 1 };
  static const gchar *const socs[] = { "rk3588", "rk3576", "rk3566" };

  for (guint i = 0; i < G_N_ELEMENTS (socs); i++) {
    RyNpu *npu = open_npu (socs[i], HOUR, 0);

    /* every core once before one is taken again */
    for (guint round = 0; round < 4; round++) {
      guint seen = 0;

      for (guint k = 0; k < cores[i]; k++)
        seen |= reserve (npu, RKNN_NPU_CORE_AUTO).cores;
      g_assert_cmpuint (seen, ==, (1u << cores[i]) - 1);
    }
    ry_npu_close (npu);
  }
}

static void
test_auto_avoids_the_busy (void)
{
  RyNpu *npu = open_npu ("rk3588", HOUR, 0);

  reserve (npu, RKNN_NPU_CORE_0);
  reserve (npu, RKNN_NPU_CORE_0);
  reserve (npu, RKNN_NPU_CORE_2);
  g_assert_cmpuint (reserve (npu, RKNN_NPU_CORE_AUTO).first_core, ==, 1);
  /* 0 has two, 1 and 2 one each */
  g_assert_cmpuint (reserve (npu, RKNN_NPU_CORE_AUTO).first_core, !=, 0);
  g_assert_cmpuint (reserve (npu, RKNN_NPU_CORE_AUTO).first_core, !=, 0);
  ry_npu_close (npu);
}

/* A job on several cores waits for the last of them and holds them all. */
static void
test_several_cores (void)
{
  static const struct
  {
    rknn_core_mask mask;
    guint cores;
  } masks[] = {
    {RKNN_NPU_CORE_0_1, 2}, {RKNN_NPU_CORE_0_1_2, 3}, {RKNN_NPU_CORE_ALL, 3},
  };

  for (guint i = 0; i < G_N_ELEMENTS (masks); i++) {
    RyNpu *npu = open_npu ("rk3588", HOUR, 0);
    RyNpuJob before = reserve (npu, RKNN_NPU_CORE_1);
    RyNpuJob job = reserve (npu, masks[i].mask);

    g_assert_cmpuint (job.cores, ==, (1u << masks[i].cores) - 1);
    g_assert_cmpint (job.begin, ==, before.end);
    g_assert_cmpint (job.end, ==, before.end + HOUR);
    for (guint core = 0; core < 3; core++) {
      RyNpuJob after = reserve (npu, 1u << core);

      if (core < masks[i].cores)
        g_assert_cmpint (after.begin, ==, job.end);
      else
        g_assert_cmpint (after.begin, ==, after.submitted);
    }
    ry_npu_close (npu);
  }
}

static void
test_jitter (void)
{
  gint64 times[1000];
  gint64 least = G_MAXINT64, most = 0;
  gdouble sum = 0;

  for (guint round = 0; round < 2; round++) {
    RyNpu *npu = open_npu ("rk3588", HOUR, 0.1);

    for (guint i = 0; i < 1000; i++) {
      RyNpuJob job = reserve (npu, RKNN_NPU_CORE_0);
      gint64 time = job.end - job.begin;

      g_assert_cmpint (time, >=, HOUR / 10 * 9);
      g_assert_cmpint (time, <=, HOUR / 10 * 11);
      /* the same ones when the NPU begins anew */
      if (round > 0)
        g_assert_cmpint (time, ==, times[i]);
      times[i] = time;
      least = MIN (least, time);
      most = MAX (most, time);
      sum += time;
    }
    ry_npu_close (npu);
  }
  /* spread over what is allowed: of 1000 even numbers, the outer twentieths
   * hold 50 each, and the mean is off by 0.002 of the time */
  g_assert_cmpint (least, <, HOUR / 100 * 91);
  g_assert_cmpint (most, >, HOUR / 100 * 109);
  g_assert_cmpfloat_with_epsilon (sum / 2000 / HOUR, 1, 0.01);
}

static void
test_hanging (void)
{
  RyNpu *npu = open_hanging (1, 3, G_MAXUINT, 50 * MS);
  RyNpuJob jobs[4];

  for (guint i = 0; i < 4; i++)
    jobs[i] = reserve (npu, RKNN_NPU_CORE_1);
  g_assert_false (jobs[0].hangs || jobs[1].hangs);
  g_assert_true (jobs[2].hangs && jobs[3].hangs);
  g_assert_cmpint (jobs[2].begin, ==, jobs[1].end);
  g_assert_cmpint (jobs[2].end, ==, jobs[2].begin + 50 * MS);
  g_assert_cmpint (jobs[3].begin, ==, jobs[2].end);
  g_assert_false (reserve (npu, RKNN_NPU_CORE_0).hangs);
  /* one core of several is enough */
  g_assert_true (reserve (npu, RKNN_NPU_CORE_0_1).hangs);
  ry_npu_close (npu);
}

static void
test_hanging_for_a_while (void)
{
  RyNpu *npu = open_hanging (2, 2, 3, 50 * MS);

  for (guint run = 1; run <= 5; run++)
    g_assert_cmpint (reserve (npu, RKNN_NPU_CORE_2).hangs, ==,
        run == 2 || run == 3);
  ry_npu_close (npu);
}

static void
test_hanging_for_ever (void)
{
  RyNpu *npu = open_hanging (0, 1, G_MAXUINT, RY_NPU_NEVER);
  RyNpuJob job = reserve (npu, RKNN_NPU_CORE_0);

  g_assert_true (job.hangs);
  g_assert_cmpint (job.end, ==, RY_NPU_NEVER);
  g_assert_cmpint (reserve (npu, RKNN_NPU_CORE_0).begin, ==, RY_NPU_NEVER);
  /* whoever has the choice takes another */
  for (guint i = 0; i < 10; i++)
    g_assert_cmpuint (reserve (npu, RKNN_NPU_CORE_AUTO).first_core, !=, 0);
  ry_npu_close (npu);
}

static void
test_powering (void)
{
  RyNpu *npu = open_npu ("rk3588", HOUR, 0);
  RyNpu *same = open_npu ("rk3588", HOUR, 0);
  RyNpu *other = open_npu ("rk3588", HOUR / 2, 0);
  RyNpuJob job;

  g_assert_true (npu == same);
  g_assert_true (npu != other);
  ry_npu_close (other);

  npu = ry_npu_reopen (npu);
  reserve (npu, RKNN_NPU_CORE_0);
  ry_npu_close (same);
  ry_npu_close (npu);
  job = reserve (npu, RKNN_NPU_CORE_0);
  g_assert_cmpint (job.begin, >, job.submitted);
  /* a reference keeps it, and not its power */
  ry_npu_ref (npu);
  ry_npu_close (npu);
  same = open_npu ("rk3588", HOUR, 0);
  g_assert_true (npu != same);
  job = reserve (same, RKNN_NPU_CORE_0);
  g_assert_cmpint (job.begin, ==, job.submitted);
  ry_npu_close (same);
  ry_npu_unref (npu);
}

/* ---- Jobs that compute -------------------------------------------------- */

#define THREADS 4
#define JOBS 8

typedef struct
{
  RyNpu *npu;
  rknn_core_mask mask;
  gint *inside;                 /* jobs that have each core */
  RyNpuJob jobs[JOBS];
} Worker;

static gpointer
work (gpointer data)
{
  Worker *self = data;

  for (guint i = 0; i < JOBS; i++) {
    RyNpuJob *job = &self->jobs[i];

    ry_npu_enter (self->npu, self->mask, job);
    for (guint core = 0; core < RY_NPU_MAX_CORES; core++) {
      if (job->cores & (1u << core))
        g_assert_cmpint (g_atomic_int_add (&self->inside[core], 1), ==, 0);
    }
    g_thread_yield ();
    for (guint core = 0; core < RY_NPU_MAX_CORES; core++) {
      if (job->cores & (1u << core))
        g_atomic_int_add (&self->inside[core], -1);
    }
    ry_npu_finish (self->npu, job);
  }
  return NULL;
}

static void
expect_order (const RyNpuJob * a, const RyNpuJob * b)
{
  g_assert_cmpint (a->end - a->begin, >=, MS);
  if ((a->cores & b->cores) == 0 || a == b)
    return;
  if (a->submitted < b->submitted)
    g_assert_cmpint (a->end, <=, b->begin);
  else if (a->submitted > b->submitted)
    g_assert_cmpint (b->end, <=, a->begin);
}

static void
check_entering (const rknn_core_mask masks[THREADS])
{
  RyNpu *npu = open_npu ("rk3588", MS, 0);
  Worker workers[THREADS] = { 0, };
  GThread *threads[THREADS];
  gint inside[RY_NPU_MAX_CORES] = { 0, };

  for (guint i = 0; i < THREADS; i++) {
    workers[i].npu = npu;
    workers[i].mask = masks[i];
    workers[i].inside = inside;
    threads[i] = g_thread_new (NULL, work, &workers[i]);
  }
  for (guint i = 0; i < THREADS; i++)
    g_thread_join (threads[i]);
  for (guint i = 0; i < THREADS * JOBS; i++)
    for (guint k = 0; k < THREADS * JOBS; k++)
      expect_order (&workers[i / JOBS].jobs[i % JOBS],
          &workers[k / JOBS].jobs[k % JOBS]);
  ry_npu_close (npu);
}

static void
test_entering (void)
{
  static const rknn_core_mask masks[][THREADS] = {
    {RKNN_NPU_CORE_0, RKNN_NPU_CORE_0, RKNN_NPU_CORE_0, RKNN_NPU_CORE_0},
    {RKNN_NPU_CORE_AUTO, RKNN_NPU_CORE_AUTO, RKNN_NPU_CORE_AUTO,
        RKNN_NPU_CORE_AUTO},
    {RKNN_NPU_CORE_0_1, RKNN_NPU_CORE_1, RKNN_NPU_CORE_ALL,
        RKNN_NPU_CORE_AUTO},
  };

  for (guint i = 0; i < G_N_ELEMENTS (masks); i++)
    check_entering (masks[i]);
}

/* Who computes longer than the time, has the core for longer. */
static void
test_computing_longer (void)
{
  RyNpu *npu = open_npu ("rk3588", MS, 0);
  RyNpuJob job;
  gint64 until;

  ry_npu_enter (npu, RKNN_NPU_CORE_0, &job);
  until = g_get_monotonic_time () + 5000;
  while (g_get_monotonic_time () < until)
    g_usleep (1000);
  ry_npu_finish (npu, &job);
  g_assert_cmpint (job.end, >=, until * 1000);
  g_assert_cmpint (reserve (npu, RKNN_NPU_CORE_0).begin, >=, job.end);
  ry_npu_close (npu);
}

/* Without a time, jobs of a core overlap; one that hangs is waited for. */
static void
test_no_time (void)
{
  RyNpuPlay play = {.soc = ry_npu_soc_find ("rk3588"),.hang_core = 0,
    .hang_from = 3,.hang_to = G_MAXUINT,.hang_time = 30 * MS
  };
  RyNpu *npu = ry_npu_open (&play);
  RyNpuJob a, b, hung, after;

  ry_npu_enter (npu, RKNN_NPU_CORE_0, &a);
  ry_npu_enter (npu, RKNN_NPU_CORE_0, &b);
  ry_npu_finish (npu, &a);
  ry_npu_finish (npu, &b);
  ry_npu_enter (npu, RKNN_NPU_CORE_0, &hung);
  g_assert_true (hung.hangs);
  g_assert_cmpint (g_get_monotonic_time () * 1000, >=, hung.end - 1000);
  ry_npu_finish (npu, &hung);
  after = reserve (npu, RKNN_NPU_CORE_0_1);
  g_assert_cmpint (after.begin, >=, hung.end);
  ry_npu_close (npu);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/standin/device/one-at-a-time", test_one_at_a_time);
  g_test_add_func ("/standin/device/auto", test_auto);
  g_test_add_func ("/standin/device/auto-avoids-the-busy",
      test_auto_avoids_the_busy);
  g_test_add_func ("/standin/device/several-cores", test_several_cores);
  g_test_add_func ("/standin/device/jitter", test_jitter);
  g_test_add_func ("/standin/device/hanging", test_hanging);
  g_test_add_func ("/standin/device/hanging-for-a-while",
      test_hanging_for_a_while);
  g_test_add_func ("/standin/device/hanging-for-ever", test_hanging_for_ever);
  g_test_add_func ("/standin/device/powering", test_powering);
  g_test_add_func ("/standin/device/entering", test_entering);
  g_test_add_func ("/standin/device/computing-longer", test_computing_longer);
  g_test_add_func ("/standin/device/no-time", test_no_time);
  return g_test_run ();
}
