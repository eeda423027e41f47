/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Governors and clocks of CPU, NPU and memory.  What others measured: 36 ms a
 * frame became 29 when all three were set to performance. */

#include "checks.h"

#include <string.h>

#define AREA "clocks"
#define CPUFREQ "/sys/devices/system/cpu/cpufreq"
#define DEVFREQ "/sys/class/devfreq"

typedef struct
{
  const gchar *folder;          /* in sysfs */
  const gchar *governor_file;
  gchar *what;                  /* "CPUs 4-7" */
  gchar *governor;
  guint64 now, limit, most;     /* MHz; 0: not known */
} Clock;

static gchar *
join (const Clock * clock, const gchar * file)
{
  return g_build_filename (clock->folder, file, NULL);
}

static guint64
read_clock (const Machine * machine, const Clock * clock, const gchar * file,
    guint64 unit)
{
  g_autofree gchar *path = join (clock, file);

  return machine_read_number (machine, path) / unit;
}

static gchar *
describe_speed (const Clock * clock)
{
  if (clock->now == 0)
    return g_strdup ("clock not told");
  if (clock->most == 0)
    return g_strdup_printf ("%" G_GUINT64_FORMAT " MHz", clock->now);
  return g_strdup_printf ("%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " MHz",
      clock->now, clock->most);
}

static void
say_clock (const Clock * clock, const gchar * id, Report * report)
{
  g_autofree gchar *speed = describe_speed (clock);
  g_autofree gchar *remedy = g_strdup_printf ("For the most frames a second "
      "run \"sudo rknnyolo-lock-clocks\", or for this clock alone (until the "
      "next start) echo performance | sudo tee %s/%s", clock->folder,
      clock->governor_file);

  if (clock->limit > 0 && clock->limit < clock->most)
    report_add (report, AREA, id, LEVEL_WARNING,
        "Something keeps it down: heat, a power supply, or a setting. See the "
        "temperatures, and who wrote the limit.",
        "%s may run at %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " MHz only "
        "(governor %s)", clock->what, clock->limit, clock->most,
        clock->governor);
  else if (strcmp (clock->governor, "performance") == 0
      || (clock->now > 0 && clock->now == clock->most))
    report_add (report, AREA, id, LEVEL_OK, NULL, "%s: governor %s, %s",
        clock->what, clock->governor, speed);
  else if (strcmp (clock->governor, "powersave") == 0)
    report_add (report, AREA, id, LEVEL_WARNING, remedy,
        "%s: governor powersave keeps the clock at its least, %s",
        clock->what, speed);
  else
    report_add (report, AREA, id, LEVEL_NOTE, remedy,
        "%s: governor %s, %s; the clock follows the load, which costs latency",
        clock->what, clock->governor, speed);
}

static gboolean
read_governor (const Machine * machine, Clock * clock)
{
  g_autofree gchar *path = join (clock, clock->governor_file);

  clock->governor = machine_read (machine, path);
  return clock->governor && *clock->governor;
}

/* ---- CPU ----------------------------------------------------------------- */

static void
check_policy (const Machine * machine, const gchar * policy, Report * report)
{
  g_autofree gchar *folder = g_build_filename (CPUFREQ, policy, NULL);
  g_autofree gchar *path = g_build_filename (folder, "related_cpus", NULL);
  g_autofree gchar *cpus = machine_read (machine, path);
  Clock clock = { folder, "scaling_governor", NULL, NULL, 0, 0, 0 };

  if (read_governor (machine, &clock)) {
    clock.what = g_strdup_printf ("CPUs %s", cpus && *cpus ? cpus : policy);
    clock.now = read_clock (machine, &clock, "scaling_cur_freq", 1000);
    clock.limit = read_clock (machine, &clock, "scaling_max_freq", 1000);
    clock.most = read_clock (machine, &clock, "cpuinfo_max_freq", 1000);
    say_clock (&clock, "clock-cpu", report);
  }
  g_free (clock.what);
  g_free (clock.governor);
}

/* ---- NPU and memory ------------------------------------------------------ */

static guint64
largest_of (const gchar * list)
{
  guint64 largest = 0;

  while (list && *list) {
    gchar *end;
    guint64 value = g_ascii_strtoull (list, &end, 10);

    if (end == list)
      break;
    largest = MAX (largest, value);
    list = end;
  }
  return largest;
}

/* FALSE if there is nothing to tell. */
static gboolean
check_device (const Machine * machine, const gchar * name, const gchar * what,
    const gchar * id, Report * report)
{
  g_autofree gchar *folder = g_build_filename (DEVFREQ, name, NULL);
  Clock clock = { folder, "governor", NULL, NULL, 0, 0, 0 };
  gboolean there = read_governor (machine, &clock);

  if (there) {
    g_autofree gchar *path = join (&clock, "available_frequencies");
    g_autofree gchar *all = machine_read (machine, path);

    clock.what = g_strdup (what);
    clock.now = read_clock (machine, &clock, "cur_freq", 1000000);
    clock.limit = read_clock (machine, &clock, "max_freq", 1000000);
    clock.most = largest_of (all) / 1000000;
    say_clock (&clock, id, report);
  }
  g_free (clock.what);
  g_free (clock.governor);
  return there;
}

static gboolean
is_memory (const gchar * name)
{
  return strcmp (name, "dmc") == 0 || g_str_has_suffix (name, ".dmc")
      || strstr (name, "memory-controller");
}

static void
check_devices (const Machine * machine, const Known * known, Report * report)
{
  g_autoptr (GPtrArray) devices = machine_list (machine, DEVFREQ, "");
  gboolean npu = FALSE, memory = FALSE;

  for (guint i = 0; i < devices->len; i++) {
    const gchar *name = g_ptr_array_index (devices, i);

    if (strstr (name, "npu"))
      npu = check_device (machine, name, "NPU", "clock-npu", report) || npu;
    else if (is_memory (name))
      memory = check_device (machine, name, "Memory", "clock-memory", report)
          || memory;
  }
  if (known->npu_node && !npu)
    report_add (report, AREA, "clock-npu", LEVEL_NOTE, NULL,
        "The NPU's clock is not in " DEVFREQ);
  if (known->npu_node && !memory)
    report_add (report, AREA, "clock-memory", LEVEL_NOTE, NULL,
        "The memory's clock is not in " DEVFREQ " (no dmc): it stays as the "
        "boot loader set it");
}

void
check_clocks (const Machine * machine, Known * known, Report * report)
{
  g_autoptr (GPtrArray) policies = machine_list (machine, CPUFREQ, "policy");

  for (guint i = 0; i < policies->len; i++)
    check_policy (machine, g_ptr_array_index (policies, i), report);
  if (policies->len == 0 && known->board)
    report_add (report, AREA, "clock-cpu", LEVEL_NOTE, NULL,
        "The clocks of the CPUs are not in " CPUFREQ);
  check_devices (machine, known, report);
}
