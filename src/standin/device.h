/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The NPU that is not there: which chip, its cores, what they are doing, and
 * how fast and how reliable it is played to be.
 *
 * A core does one job at a time, in order of arrival.  A job begins where the
 * one before ended by reckoning, however late threads wake up.  Times are
 * nanoseconds of CLOCK_MONOTONIC. */

#pragma once

#include <glib.h>

#include "rknn_api.h"

#define RY_NPU_MAX_CORES 3

typedef struct
{
  const gchar *name;
  guint cores;
  guint c2_int8;                /* channels side by side in NC1HWC2 */
  guint c2_fp16;
} RyNpuSoc;

/* NULL when nobody knows such a chip. */
const RyNpuSoc *ry_npu_soc_find (const gchar * name);
const gchar *ry_npu_soc_names (void);

/* What rknn_set_core_mask says to mask on this chip. */
gint ry_npu_check_core_mask (const RyNpuSoc * soc, rknn_core_mask mask);

/* ---- The NPU as it is played -------------------------------------------- */

#define RY_NPU_NEVER G_MAXINT64

typedef struct
{
  const RyNpuSoc *soc;
  gint64 time;                  /* of a run; 0: as long as the CPU takes */
  gdouble jitter;               /* part of time, 0 to 1 */
  gint hang_core;               /* -1: none hangs */
  guint hang_from, hang_to;     /* these runs of that core, counted from 1 */
  gint64 hang_time;             /* RY_NPU_NEVER: it does not come back */
} RyNpuPlay;

typedef struct _RyNpu RyNpu;

/* One process has one NPU, however many contexts there are.  It is powered
 * while it is in use and begins anew after that; it also is another one for
 * who wants another play.  Balance with ry_npu_close; in between, references
 * keep it alive and not powered. */
RyNpu *ry_npu_open (const RyNpuPlay * play);
void ry_npu_close (RyNpu * self);
RyNpu *ry_npu_reopen (RyNpu * self);    /* one that is open; returns self */
RyNpu *ry_npu_ref (RyNpu * self);
void ry_npu_unref (RyNpu * self);

typedef struct
{
  guint cores;                  /* bit mask */
  guint first_core;
  gboolean hangs;
  gint64 submitted, begin, end;

  /* device.c's own */
  gint64 time;
  gboolean in_line;
  guint tickets[RY_NPU_MAX_CORES];
} RyNpuJob;

/* A job that costs the CPU nothing: takes its place and knows at once when its
 * time is.  ry_npu_finish waits for its end. */
void ry_npu_reserve (RyNpu * self, rknn_core_mask mask, RyNpuJob * job);

/* A job that computes: takes its place and returns when it is its turn, or
 * when it has hung.  The cores are its own until ry_npu_finish, which waits
 * until time has passed since begin; end is later if the CPU took longer.
 *
 * Where nothing is said of time, jobs of a core overlap and only those that
 * hang make others wait, because on CPUs that gets more done: yolov8n at 640 x
 * 640 on two CPUs, all on one core, 42 runs a second with 2 to 9 contexts, and
 * 37 with each waiting for the one before.  Over three cores it is 42 both
 * ways. */
void ry_npu_enter (RyNpu * self, rknn_core_mask mask, RyNpuJob * job);
void ry_npu_finish (RyNpu * self, RyNpuJob * job);

/* Around what keeps all CPUs busy, in the whole process; begin returns how
 * many others are at it. */
guint ry_cpu_begin (void);
void ry_cpu_end (void);
gboolean ry_cpu_is_idle (void);
