/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The NPU that is not there: which chip, its cores, what they are doing. */

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

/* A job begins on the least loaded core that mask allows; *others is the
 * number of jobs that are running already, in the whole process.  Cores do not
 * make jobs wait: on a CPU they would only get in each other's way. */
guint ry_npu_begin_job (const RyNpuSoc * soc, rknn_core_mask mask,
    guint * others);
void ry_npu_end_job (guint core);

/* TRUE while no job is running in the whole process. */
gboolean ry_npu_is_idle (void);

/* TRUE for every Nth call with n > 0, counted over the process. */
gboolean ry_npu_run_shall_fail (guint n);
gboolean ry_npu_mem_shall_fail (guint n);
