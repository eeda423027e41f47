/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How long things take. */

#pragma once

#include <glib.h>

#include "rga/rgalimits.h"

G_BEGIN_DECLS

#define RY_MAX_CORES 3
#define RY_SERIES_LENGTH 256

typedef enum
{
  RY_STAGE_WAIT,                /* from submit until a context takes the job */
  RY_STAGE_PREPROCESS,
  RY_STAGE_RUN,                 /* rknn_run */
  RY_STAGE_DECODE,              /* decoding, NMS, mapping back */
  RY_STAGE_TOTAL,
  RY_N_STAGES
} RyStage;

const gchar *ry_stage_get_name (RyStage stage);

/* The last RY_SERIES_LENGTH durations in microseconds, and the count of all. */
typedef struct
{
  guint64 count;
  guint32 values[RY_SERIES_LENGTH];
} RySeries;

typedef struct
{
  guint32 mean, median, p95, max;       /* microseconds; 0 without values */
} RySummary;

void ry_series_add (RySeries * self, gint64 microseconds);
void ry_series_summarize (const RySeries * self, RySummary * summary);

typedef struct
{
  RySeries stages[RY_N_STAGES];
  RySeries cores[RY_MAX_CORES];         /* rknn_run on each core; one value a
                                         * run, however many jobs it had */
  guint64 failed;               /* jobs whose inference failed */
  guint input_width, input_height;      /* of the last inference; 0: none yet */
  guint64 rga_frames, cpu_frames;       /* inputs made by each */
  guint64 rga_fallbacks[RY_N_RGA_REASONS];      /* where RGA was to be tried */
} RyStatistics;

G_END_DECLS
