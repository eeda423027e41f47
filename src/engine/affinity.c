/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "engine/affinity.h"

#include <sched.h>
#include <string.h>

/* A CPU is big that has at least this much of the largest one's capacity: in
 * an RK3588, Cortex-A55 have some 40 or 50 per cent of a Cortex-A76's. */
#define BIG_PERCENT 75

static void
add (RyAffinity * self, guint cpu)
{
  self->cpus[cpu / 64] |= G_GUINT64_CONSTANT (1) << (cpu % 64);
}

gboolean
ry_affinity_has (const RyAffinity * self, guint cpu)
{
  return cpu < RY_MAX_CPUS
      && (self->cpus[cpu / 64] >> (cpu % 64) & G_GUINT64_CONSTANT (1));
}

/* ---- Big and little ------------------------------------------------------ */

/* What the scheduler thinks a CPU can do, 1024 for the largest; 0 where the
 * kernel does not say, as on most machines whose CPUs are all alike. */
static guint64
read_capacity (const gchar * sysfs, guint cpu)
{
  g_autofree gchar *name = g_strdup_printf ("cpu%u", cpu);
  g_autofree gchar *path = g_build_filename (sysfs, "devices", "system", "cpu",
      name, "cpu_capacity", NULL);
  g_autofree gchar *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return 0;
  return g_ascii_strtoull (text, NULL, 10);
}

static void
choose_big_cpus (RyAffinity * self, const gchar * sysfs)
{
  guint64 capacities[RY_MAX_CPUS], largest = 0, smallest = G_MAXUINT64;
  guint n;

  for (n = 0; n < RY_MAX_CPUS; n++) {
    capacities[n] = read_capacity (sysfs, n);
    if (capacities[n] == 0)
      break;
    largest = MAX (largest, capacities[n]);
    smallest = MIN (smallest, capacities[n]);
  }
  if (n == 0 || smallest * 100 >= largest * BIG_PERCENT)
    return;
  for (guint cpu = 0; cpu < n; cpu++) {
    if (capacities[cpu] * 100 >= largest * BIG_PERCENT)
      add (self, cpu);
  }
  self->bound = TRUE;
}

/* ---- A list -------------------------------------------------------------- */

static gboolean
parse_range (RyAffinity * self, const gchar * word)
{
  g_auto (GStrv) ends = g_strsplit (word, "-", 2);
  guint64 first, last;

  if (!ends[0] || !g_ascii_string_to_unsigned (g_strstrip (ends[0]), 10, 0,
          RY_MAX_CPUS - 1, &first, NULL))
    return FALSE;
  last = first;
  if (ends[1] && !g_ascii_string_to_unsigned (g_strstrip (ends[1]), 10, first,
          RY_MAX_CPUS - 1, &last, NULL))
    return FALSE;
  for (guint64 cpu = first; cpu <= last; cpu++)
    add (self, cpu);
  return TRUE;
}

static void
fill_cpu_set (const RyAffinity * self, cpu_set_t * set)
{
  CPU_ZERO (set);
  for (guint cpu = 0; cpu < MIN (RY_MAX_CPUS, CPU_SETSIZE); cpu++) {
    if (ry_affinity_has (self, cpu))
      CPU_SET (cpu, set);
  }
}

static gboolean
check_allowed (const RyAffinity * self, const gchar * wanted, GError ** error)
{
  cpu_set_t set, allowed;

  fill_cpu_set (self, &set);
  if (sched_getaffinity (0, sizeof (allowed), &allowed) != 0)
    return TRUE;
  CPU_AND (&set, &set, &allowed);
  if (CPU_COUNT (&set) > 0)
    return TRUE;
  g_set_error (error, RY_ERROR, RY_ERROR_SETTINGS,
      "The property cpu-affinity is \"%s\", but this process may use none of "
      "these CPUs. Choose some of those that \"taskset -cp $$\" names, or set "
      "it to \"auto\".", wanted);
  return FALSE;
}

static gboolean
parse_list (RyAffinity * self, const gchar * wanted, GError ** error)
{
  g_auto (GStrv) words = g_strsplit (wanted, ",", -1);

  for (guint i = 0; words[i]; i++) {
    if (parse_range (self, g_strstrip (words[i])))
      continue;
    g_set_error (error, RY_ERROR, RY_ERROR_SETTINGS,
        "\"%s\" in the property cpu-affinity is no number of a CPU. Expected "
        "is \"auto\", \"none\", or a list such as \"4-7\" or \"0,2\".",
        words[i]);
    return FALSE;
  }
  self->bound = TRUE;
  return check_allowed (self, wanted, error);
}

/* ---- What others call ---------------------------------------------------- */

gboolean
ry_affinity_init (RyAffinity * self, const gchar * wanted, const gchar * sysfs,
    GError ** error)
{
  memset (self, 0, sizeof (*self));
  if (!wanted || !*wanted || g_ascii_strcasecmp (wanted, "auto") == 0) {
    choose_big_cpus (self, sysfs);
    return TRUE;
  }
  if (g_ascii_strcasecmp (wanted, "none") == 0)
    return TRUE;
  return parse_list (self, wanted, error);
}

void
ry_affinity_apply (const RyAffinity * self)
{
  cpu_set_t set;

  if (!self->bound)
    return;
  fill_cpu_set (self, &set);
  sched_setaffinity (0, sizeof (set), &set);
}
