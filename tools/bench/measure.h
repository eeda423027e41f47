/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Clocks, medians, and what else was going on. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define MS (G_GINT64_CONSTANT (1000000))        /* in nanoseconds */

/* Nanoseconds: of a monotonic clock, and of CPU by all threads. */
gint64 flow_now (void);
gint64 flow_cpu_time (void);
void flow_sleep_until (gint64 time);

/* CPU time by what the threads are there for, nanoseconds. */
typedef struct
{
  gdouble feeder;               /* the main thread */
  gdouble workers;              /* those of the element's contexts */
  gdouble task;                 /* that of its source pad */
  gdouble others;               /* of the runtime, say */
} FlowThreadTimes;

void flow_thread_times (FlowThreadTimes * times);

/* Of an array of gdouble, which these sort; 0 when it is empty. */
gdouble flow_percentile (GArray * values, guint percent);
gdouble flow_median (GArray * values);
gdouble flow_smallest (GArray * values);
gdouble flow_greatest (GArray * values);

void flow_print_conditions (void);

G_END_DECLS
