/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "device.h"

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

/* One process has one NPU, however many contexts there are. */
static struct
{
  GMutex lock;
  guint running[RY_NPU_MAX_CORES];
  guint runs;
  guint mems;
} npu;

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

guint
ry_npu_begin_job (const RyNpuSoc * soc, rknn_core_mask mask, guint * others)
{
  guint best = RY_NPU_MAX_CORES;

  if (mask == RKNN_NPU_CORE_AUTO)
    mask = RKNN_NPU_CORE_ALL;

  *others = 0;
  g_mutex_lock (&npu.lock);
  for (guint core = 0; core < RY_NPU_MAX_CORES; core++)
    *others += npu.running[core];
  for (guint core = 0; core < soc->cores; core++) {
    if ((mask & (1u << core)) != 0 && (best == RY_NPU_MAX_CORES
            || npu.running[core] < npu.running[best]))
      best = core;
  }
  npu.running[best]++;
  g_mutex_unlock (&npu.lock);
  return best;
}

void
ry_npu_end_job (guint core)
{
  g_mutex_lock (&npu.lock);
  npu.running[core]--;
  g_mutex_unlock (&npu.lock);
}

gboolean
ry_npu_is_idle (void)
{
  guint jobs = 0;

  g_mutex_lock (&npu.lock);
  for (guint core = 0; core < RY_NPU_MAX_CORES; core++)
    jobs += npu.running[core];
  g_mutex_unlock (&npu.lock);
  return jobs == 0;
}

static gboolean
every_nth (guint * counter, guint n)
{
  gboolean hit;

  if (n == 0)
    return FALSE;
  g_mutex_lock (&npu.lock);
  hit = ++*counter % n == 0;
  g_mutex_unlock (&npu.lock);
  return hit;
}

gboolean
ry_npu_run_shall_fail (guint n)
{
  return every_nth (&npu.runs, n);
}

gboolean
ry_npu_mem_shall_fail (guint n)
{
  return every_nth (&npu.mems, n);
}
