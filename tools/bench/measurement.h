/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One line of the table: so many cores, so many contexts, frames as fast as
 * they are taken. */

#pragma once

#include "stream.h"

G_BEGIN_DECLS

#define N_STAGES 5

typedef struct
{
  guint cores, contexts;        /* contexts: of each core */
  gboolean alone;               /* a frame at a time, on one core */
  guint frames;                 /* that were measured */
  gdouble rate;                 /* inferences a second */
  gdouble latency[3];           /* 50, 95 and 99 %, ms */
  gdouble median[N_STAGES], p95[N_STAGES];      /* of the stages, ms */
  gdouble cpu;                  /* of all threads, ms a frame */
  guint64 failed;               /* inferences */
} Measurement;

extern const gchar *const measurement_stages[N_STAGES];

/* What the element says of itself.  Strings may be NULL. */
typedef struct
{
  gchar *model, *head, *runtime, *runtime_version, *driver_version;
  guint cores;                  /* of the NPU, or as many as may be used */
  guint contexts;               /* in all */
} ElementInfo;

/* Starts the element once, with all cores.  FALSE with its own words. */
gboolean element_info_init (ElementInfo * self, const FlowElement * element,
    FlowPictures * pictures, GError ** error);
void element_info_clear (ElementInfo * self);

/* self has cores, contexts and alone; the rest is filled in.  element is the
 * element without these.  FALSE if it does not start, or loses frames. */
gboolean measurement_run (Measurement * self, const FlowElement * element,
    FlowPictures * pictures, gdouble seconds, GError ** error);

G_END_DECLS
