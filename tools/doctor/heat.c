/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "checks.h"

#include <string.h>

#define AREA "heat"
#define FOLDER "/sys/class/thermal"

/* Device trees of RK3588 and RK3568 throttle from 75 or 85 degrees on. */
#define WARM 75
#define HOT 85

#define REMEDY "A heat sink and a fan; rates that swing after hours of work " \
  "are heat."

static void
check_zone (const Machine * machine, const gchar * zone, Report * report)
{
  g_autofree gchar *type_path = g_build_filename (FOLDER, zone, "type", NULL);
  g_autofree gchar *path = g_build_filename (FOLDER, zone, "temp", NULL);
  g_autofree gchar *type = machine_read (machine, type_path);
  g_autofree gchar *text = machine_read (machine, path);
  gint64 degrees = text ? g_ascii_strtoll (text, NULL, 10) / 1000 : 0;

  /* Sensors that are switched off say nothing, or -273. */
  if (!type || !*type || degrees <= 0 || degrees > 200)
    return;
  report_add (report, AREA, "temperature", degrees >= HOT ? LEVEL_WARNING :
      degrees >= WARM ? LEVEL_NOTE : LEVEL_OK, degrees >= WARM ? REMEDY : NULL,
      "%s: %d degrees Celsius%s", type, (gint) degrees, degrees >= HOT ?
      ", which throttles the clocks" : degrees >= WARM ?
      ", near to where clocks are throttled" : "");
}

static gboolean
is_clock (const gchar * type)
{
  return type && (strstr (type, "cpufreq") || strstr (type, "devfreq")
      || strstr (type, ".npu"));
}

static void
check_throttling (const Machine * machine, const gchar * device,
    Report * report)
{
  g_autofree gchar *type_path = g_build_filename (FOLDER, device, "type", NULL);
  g_autofree gchar *path = g_build_filename (FOLDER, device, "cur_state", NULL);
  g_autofree gchar *type = machine_read (machine, type_path);

  if (is_clock (type) && machine_read_number (machine, path) > 0)
    report_add (report, AREA, "throttled", LEVEL_WARNING, REMEDY,
        "%s is throttled because of the temperature", type);
}

void
check_heat (const Machine * machine, Known * known, Report * report)
{
  g_autoptr (GPtrArray) zones = machine_list (machine, FOLDER, "thermal_zone");
  g_autoptr (GPtrArray) devices =
      machine_list (machine, FOLDER, "cooling_device");

  for (guint i = 0; i < zones->len; i++)
    check_zone (machine, g_ptr_array_index (zones, i), report);
  for (guint i = 0; i < devices->len; i++)
    check_throttling (machine, g_ptr_array_index (devices, i), report);
  if (zones->len == 0 && known->board)
    report_add (report, AREA, "temperature", LEVEL_NOTE, NULL,
        "There are no temperatures in " FOLDER);
}
