/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "device.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "even.h"
#include "log.h"

/* C2 of FP16 on the two- and three-core chips and on the RK3562 was never
 * seen; half of INT8's is what RK3566 and RK3568 have. */
static const RyNpuSoc socs[] = {
  {"rk3588", 3, 16, 8},
  {"rk3576", 2, 16, 8},
  {"rk3568", 1, 8, 4},
  {"rk3566", 1, 8, 4},
  {"rk3562", 1, 16, 8},
};

const RyNpuSoc *
ry_npu_soc_find (const gchar * name)
{
  for (guint i = 0; i < G_N_ELEMENTS (socs); i++) {
    if (g_ascii_strcasecmp (socs[i].name, name) == 0)
      return &socs[i];
  }
  return NULL;
}

const gchar *
ry_npu_soc_names (void)
{
  return "rk3588, rk3576, rk3568, rk3566, rk3562";
}

gint
ry_npu_check_core_mask (const RyNpuSoc * soc, rknn_core_mask mask)
{
  switch (soc->cores) {
    case 3:
      if (mask <= 4 || mask == 7 || mask == RKNN_NPU_CORE_ALL)
        return RKNN_SUCC;
      if (mask == 5 || mask == 6)
        return RKNN_ERR_FAIL;
      return RKNN_ERR_TARGET_PLATFORM_UNMATCH;
    case 2:
      if (mask <= 3 || mask == RKNN_NPU_CORE_ALL)
        return RKNN_SUCC;
      return RKNN_ERR_TARGET_PLATFORM_UNMATCH;
    default:
      return RKNN_ERR_TARGET_PLATFORM_UNMATCH;
  }
}

/* ---- Powering ----------------------------------------------------------- */

typedef struct
{
  gint64 free_at;               /* end of all that is placed in time */
  guint unplaced;               /* jobs that wait for their turn */
  guint jobs;                   /* that are not finished */
  guint runs;                   /* that ever were submitted */
  guint next_ticket, serving;
} RyCore;

struct _RyNpu
{
  gint refs;
  guint users;                  /* under the powered NPU's lock */
  RyNpuPlay play;               /* not changed after ry_npu_open */

  GMutex lock;                  /* of cores; no other is taken with it */
  GCond turn;                   /* serving has changed */
  RyCore cores[RY_NPU_MAX_CORES];
};

static struct
{
  GMutex lock;                  /* no other is taken with it */
  RyNpu *npu;                   /* NULL while nobody uses it */
} powered;

static gboolean
same_play (const RyNpuPlay * a, const RyNpuPlay * b)
{
  return a->soc == b->soc && a->time == b->time && a->jitter == b->jitter
      && a->hang_core == b->hang_core && a->hang_from == b->hang_from
      && a->hang_to == b->hang_to && a->hang_time == b->hang_time;
}

static RyNpu *
new_npu (const RyNpuPlay * play)
{
  RyNpu *self = g_new0 (RyNpu, 1);

  self->play = *play;
  g_mutex_init (&self->lock);
  g_cond_init (&self->turn);
  return self;
}

RyNpu *
ry_npu_open (const RyNpuPlay * play)
{
  RyNpu *self;

  g_mutex_lock (&powered.lock);
  if (powered.npu == NULL || !same_play (&powered.npu->play, play))
    powered.npu = new_npu (play);
  self = powered.npu;
  self->users++;
  ry_npu_ref (self);
  g_mutex_unlock (&powered.lock);
  return self;
}

RyNpu *
ry_npu_reopen (RyNpu * self)
{
  g_mutex_lock (&powered.lock);
  self->users++;
  ry_npu_ref (self);
  g_mutex_unlock (&powered.lock);
  return self;
}

void
ry_npu_close (RyNpu * self)
{
  g_mutex_lock (&powered.lock);
  if (--self->users == 0 && powered.npu == self)
    powered.npu = NULL;
  g_mutex_unlock (&powered.lock);
  ry_npu_unref (self);
}

RyNpu *
ry_npu_ref (RyNpu * self)
{
  g_atomic_int_inc (&self->refs);
  return self;
}

void
ry_npu_unref (RyNpu * self)
{
  if (!g_atomic_int_dec_and_test (&self->refs))
    return;
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->turn);
  g_free (self);
}

/* ---- Time --------------------------------------------------------------- */

static gint64
now_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return now.tv_sec * G_GINT64_CONSTANT (1000000000) + now.tv_nsec;
}

static void
sleep_until (gint64 when)
{
  struct timespec at;

  /* a time that no kernel takes for overflow */
  at.tv_sec = MIN (when / 1000000000, G_MAXINT32);
  at.tv_nsec = when % 1000000000;
  while (clock_nanosleep (CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR
      || when == RY_NPU_NEVER);
}

static gint64
add_time (gint64 to, gint64 time)
{
  return to > RY_NPU_NEVER - time ? RY_NPU_NEVER : to + time;
}

/* A core has the same times in every process. */
static gint64
time_of_run (const RyNpuPlay * play, guint core, guint run)
{
  gdouble swing = 2 * ry_even_number (core, run) - 1;

  return play->time + (gint64) (play->time * play->jitter * swing);
}

/* ---- The line ----------------------------------------------------------- */

/* TRUE when core is free before best, or has less to do. */
static gboolean
is_better_locked (const RyNpu * self, guint core, guint best, gint64 now)
{
  const RyCore *a = &self->cores[core], *b = &self->cores[best];
  gint64 free_a = add_time (MAX (a->free_at, now), a->unplaced
      * self->play.time);
  gint64 free_b = add_time (MAX (b->free_at, now), b->unplaced
      * self->play.time);

  return free_a != free_b ? free_a < free_b : a->jobs < b->jobs;
}

static guint
choose_cores_locked (const RyNpu * self, rknn_core_mask mask, gint64 now)
{
  guint all = (1u << self->play.soc->cores) - 1;
  guint best = 0;

  if (mask != RKNN_NPU_CORE_AUTO)
    return mask & all;
  for (guint core = 1; core < self->play.soc->cores; core++) {
    if (is_better_locked (self, core, best, now))
      best = core;
  }
  return 1u << best;
}

static gboolean
has_core (const RyNpuJob * job, guint core)
{
  return (job->cores & (1u << core)) != 0;
}

static void
submit_locked (RyNpu * self, rknn_core_mask mask, RyNpuJob * job)
{
  const RyNpuPlay *play = &self->play;

  memset (job, 0, sizeof *job);
  job->submitted = now_ns ();
  job->cores = choose_cores_locked (self, mask, job->submitted);
  job->first_core = g_bit_nth_lsf (job->cores, -1);
  for (guint i = 0; i < RY_NPU_MAX_CORES; i++) {
    RyCore *core = &self->cores[i];

    if (!has_core (job, i))
      continue;
    core->jobs++;
    core->runs++;
    if ((gint) i == play->hang_core && core->runs >= play->hang_from
        && core->runs <= play->hang_to)
      job->hangs = TRUE;
  }
  job->time = job->hangs ? play->hang_time : time_of_run (play,
      job->first_core, self->cores[job->first_core].runs);
}

/* From when on, and until when, the job has its cores. */
static void
place_locked (RyNpu * self, RyNpuJob * job)
{
  job->begin = job->submitted;
  for (guint i = 0; i < RY_NPU_MAX_CORES; i++) {
    if (has_core (job, i))
      job->begin = MAX (job->begin, self->cores[i].free_at);
  }
  job->end = add_time (job->begin, job->time);
  /* without a time, the end is not known: nobody is to wait for it */
  if (self->play.time == 0 && !job->hangs)
    return;
  for (guint i = 0; i < RY_NPU_MAX_CORES; i++) {
    if (has_core (job, i))
      self->cores[i].free_at = job->end;
  }
}

/* Beforehand: there may be no afterwards. */
static void
name_hanging (const RyNpu * self, const RyNpuJob * job)
{
  if (job->hangs)
    ry_log_error ("failed to submit: this run of core %d hangs, as "
        "RKNN_STANDIN_HANG wants", self->play.hang_core);
}

void
ry_npu_reserve (RyNpu * self, rknn_core_mask mask, RyNpuJob * job)
{
  g_mutex_lock (&self->lock);
  submit_locked (self, mask, job);
  place_locked (self, job);
  g_mutex_unlock (&self->lock);
  name_hanging (self, job);
}

static void
take_tickets_locked (RyNpu * self, RyNpuJob * job)
{
  job->in_line = TRUE;
  for (guint i = 0; i < RY_NPU_MAX_CORES; i++) {
    if (!has_core (job, i))
      continue;
    job->tickets[i] = self->cores[i].next_ticket++;
    self->cores[i].unplaced++;
  }
}

static gboolean
is_turn_locked (const RyNpu * self, const RyNpuJob * job)
{
  for (guint i = 0; i < RY_NPU_MAX_CORES; i++) {
    if (has_core (job, i) && self->cores[i].serving != job->tickets[i])
      return FALSE;
  }
  return TRUE;
}

void
ry_npu_enter (RyNpu * self, rknn_core_mask mask, RyNpuJob * job)
{
  g_mutex_lock (&self->lock);
  submit_locked (self, mask, job);
  if (self->play.time > 0) {
    take_tickets_locked (self, job);
    while (!is_turn_locked (self, job))
      g_cond_wait (&self->turn, &self->lock);
    for (guint i = 0; i < RY_NPU_MAX_CORES; i++) {
      if (has_core (job, i))
        self->cores[i].unplaced--;
    }
  }
  place_locked (self, job);
  g_mutex_unlock (&self->lock);
  name_hanging (self, job);
  sleep_until (job->hangs ? job->end : job->begin);
}

void
ry_npu_finish (RyNpu * self, RyNpuJob * job)
{
  if (job->in_line && !job->hangs)
    job->end = MAX (job->end, now_ns ());
  sleep_until (job->end);
  g_mutex_lock (&self->lock);
  for (guint i = 0; i < RY_NPU_MAX_CORES; i++) {
    RyCore *core = &self->cores[i];

    if (!has_core (job, i))
      continue;
    core->jobs--;
    if (!job->in_line)
      continue;
    core->serving++;
    core->free_at = MAX (core->free_at, job->end);
  }
  if (job->in_line)
    g_cond_broadcast (&self->turn);
  g_mutex_unlock (&self->lock);
}

/* ---- The CPUs ----------------------------------------------------------- */

static gint cpu_jobs;

guint
ry_cpu_begin (void)
{
  return g_atomic_int_add (&cpu_jobs, 1);
}

void
ry_cpu_end (void)
{
  g_atomic_int_dec_and_test (&cpu_jobs);
}

gboolean
ry_cpu_is_idle (void)
{
  return g_atomic_int_get (&cpu_jobs) == 0;
}
