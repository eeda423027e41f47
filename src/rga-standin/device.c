/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What cores can do is from Rockchip's documentation of librga and from the
 * public source of its checks and of the kernel driver. */

#include "device.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "standin/faults.h"

static const RyRgaCore rga3 = {
  .name = "RGA_3",.mask = IM_SCHEDULER_RGA3_CORE0 | IM_SCHEDULER_RGA3_CORE1,
  .byte_stride = 16,.max_scale = 8,.min_width = 68,.min_height = 2,
  .max_input = 8176,.max_output = 8128,.above_4g = TRUE,
};

static const RyRgaCore rga2_enhance = {
  .name = "RGA_2_Enhance",.mask = IM_SCHEDULER_RGA2_CORE0,
  .byte_stride = 4,.max_scale = 16,.min_width = 2,.min_height = 2,
  .max_input = 8192,.max_output = 4096,.planar = TRUE,.grey = TRUE,
};

static const RyRgaCore rga2_pro = {
  .name = "RGA_2_PRO",
  .mask = IM_SCHEDULER_RGA2_CORE0 | IM_SCHEDULER_RGA2_CORE1,
  .byte_stride = 4,.max_scale = 16,.min_width = 2,.min_height = 2,
  .max_input = 8192,.max_output = 8192,.planar = TRUE,.grey = TRUE,
};

static const RyRgaDevice devices[] = {
  {"rk3588", {&rga2_enhance, &rga3}},
  {"rk3576", {&rga2_pro, NULL}},
  {"rk3568", {&rga2_enhance, NULL}},
  {"rk3566", {&rga2_enhance, NULL}},
  {"rk3562", {&rga2_enhance, NULL}},
};

/* The state of the device, which all users of the library share. */
static struct
{
  GMutex lock;                  /* no other is taken with it */
  rga_standin_counters counters;
  guint running;
  gboolean held;
  GCond released;
} device;

const RyRgaDevice *
ry_rga_device_get (void)
{
  const gchar *soc = g_getenv ("RGA_STANDIN_SOC");

  if (soc == NULL || *soc == '\0')
    return &devices[0];
  for (guint i = 0; i < G_N_ELEMENTS (devices); i++) {
    if (g_str_equal (devices[i].soc, soc))
      return &devices[i];
  }
  ry_log_error ("RGA_STANDIN_SOC=%s: rk3588, rk3576, rk3568, rk3566 or rk3562 "
      "was expected", soc);
  return NULL;
}

const gchar *
ry_rga_device_get_version (void)
{
  const gchar *version = g_getenv ("RGA_STANDIN_VERSION");

  return version != NULL && *version != '\0' ? version : "1.10.3";
}

gboolean
ry_rga_device_fails (const gchar * function)
{
  g_autoptr (RyFaults) faults = NULL;
  g_autoptr (GError) error = NULL;

  if (!ry_faults_get (g_getenv ("RGA_STANDIN_FAIL"), &faults, &error)) {
    ry_log_error ("RGA_STANDIN_FAIL: %s", error->message);
    return TRUE;
  }
  return ry_faults_count (faults, function) != 0;
}

/* ---- Counters ------------------------------------------------------------ */

void
ry_rga_device_count (RyRgaEvent event)
{
  rga_standin_counters *counters = &device.counters;

  g_mutex_lock (&device.lock);
  switch (event) {
    case RY_RGA_EVENT_IMPORT:
      counters->imports++;
      counters->live++;
      break;
    case RY_RGA_EVENT_FAILED_IMPORT:
      counters->failed_imports++;
      break;
    case RY_RGA_EVENT_RELEASE:
      counters->releases++;
      counters->live--;
      break;
    case RY_RGA_EVENT_BLIT:
      counters->blits++;
      break;
    case RY_RGA_EVENT_REFUSED_BLIT:
      counters->refused_blits++;
      break;
    case RY_RGA_EVENT_FAILED_BLIT:
      counters->failed_blits++;
      break;
    case RY_RGA_EVENT_MAPPED_SOURCE:
      counters->mapped_sources++;
      break;
  }
  g_mutex_unlock (&device.lock);
}

gint64
ry_rga_device_begin_blit (void)
{
  g_mutex_lock (&device.lock);
  device.running++;
  device.counters.most_at_once =
      MAX (device.counters.most_at_once, device.running);
  g_mutex_unlock (&device.lock);
  return g_get_monotonic_time ();
}

void
ry_rga_device_end_blit (gint64 began)
{
  const gchar *time = g_getenv ("RGA_STANDIN_TIME");
  gint64 left = began - g_get_monotonic_time ();

  if (time != NULL)
    left += g_ascii_strtod (time, NULL) * 1000;
  if (left > 0)
    g_usleep (left);
  g_mutex_lock (&device.lock);
  while (device.held)
    g_cond_wait (&device.released, &device.lock);
  device.running--;
  g_mutex_unlock (&device.lock);
}

__attribute__((visibility ("default")))
     void rga_standin_get_counters (rga_standin_counters * counters)
{
  g_mutex_lock (&device.lock);
  *counters = device.counters;
  g_mutex_unlock (&device.lock);
}

__attribute__((visibility ("default")))
     void rga_standin_reset_counters (void)
{
  guint32 live;

  g_mutex_lock (&device.lock);
  live = device.counters.live;
  memset (&device.counters, 0, sizeof device.counters);
  device.counters.live = live;
  g_mutex_unlock (&device.lock);
}

__attribute__((visibility ("default")))
     void rga_standin_hold (int held)
{
  g_mutex_lock (&device.lock);
  device.held = held;
  g_cond_broadcast (&device.released);
  g_mutex_unlock (&device.lock);
}

/* For programs that cannot ask: RGA_STANDIN_REPORT names a file that is
 * written when the process ends. */
__attribute__((destructor))
     static void write_report (void)
{
  const gchar *path = g_getenv ("RGA_STANDIN_REPORT");
  rga_standin_counters c;
  FILE *file;

  if (path == NULL || *path == '\0')
    return;
  file = fopen (path, "w");
  if (file == NULL)
    return;
  rga_standin_get_counters (&c);
  fprintf (file, "imports %" G_GUINT64_FORMAT "\nfailed-imports %"
      G_GUINT64_FORMAT "\nreleases %" G_GUINT64_FORMAT "\nblits %"
      G_GUINT64_FORMAT "\nrefused-blits %" G_GUINT64_FORMAT "\nfailed-blits %"
      G_GUINT64_FORMAT "\nmapped-sources %" G_GUINT64_FORMAT "\nlive %u\n"
      "most-at-once %u\n", c.imports, c.failed_imports, c.releases, c.blits,
      c.refused_blits, c.failed_blits, c.mapped_sources, c.live,
      c.most_at_once);
  fclose (file);
}
