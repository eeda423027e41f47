/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "measure.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static gint64
read_clock (clockid_t clock)
{
  struct timespec t;

  clock_gettime (clock, &t);
  return t.tv_sec * 1000 * MS + t.tv_nsec;
}

gint64
flow_now (void)
{
  return read_clock (CLOCK_MONOTONIC);
}

gint64
flow_cpu_time (void)
{
  return read_clock (CLOCK_PROCESS_CPUTIME_ID);
}

void
flow_sleep_until (gint64 time)
{
  struct timespec t;

  t.tv_sec = time / (1000 * MS);
  t.tv_nsec = time % (1000 * MS);
  while (clock_nanosleep (CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) != 0);
}

static gchar *
read_of_thread (const gchar * thread, const gchar * file)
{
  g_autofree gchar *path =
      g_build_filename ("/proc/self/task", thread, file, NULL);
  gchar *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) ? text : g_strdup ("");
}

void
flow_thread_times (FlowThreadTimes * times)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/task", 0, NULL);
  const gchar *thread;

  memset (times, 0, sizeof (*times));
  while (dir && (thread = g_dir_read_name (dir))) {
    g_autofree gchar *name = read_of_thread (thread, "comm");
    g_autofree gchar *spent = read_of_thread (thread, "schedstat");
    gdouble time = g_ascii_strtod (spent, NULL);

    if (atoi (thread) == getpid ())
      times->feeder += time;
    else if (g_str_has_prefix (name, "rknnyolo-c"))
      times->workers += time;
    else if (strstr (name, ":src"))
      times->task += time;
    else
      times->others += time;
  }
}

static gint
compare_values (gconstpointer a, gconstpointer b)
{
  gdouble x = *(const gdouble *) a, y = *(const gdouble *) b;

  return (x > y) - (x < y);
}

gdouble
flow_percentile (GArray * values, guint percent)
{
  if (values->len == 0)
    return 0;
  g_array_sort (values, compare_values);
  return g_array_index (values, gdouble, (values->len - 1) * percent / 100);
}

gdouble
flow_median (GArray * values)
{
  gdouble low = flow_percentile (values, 50);

  if (values->len == 0 || values->len % 2 == 1)
    return low;
  return (low + g_array_index (values, gdouble, values->len / 2)) / 2;
}

gdouble
flow_smallest (GArray * values)
{
  return flow_percentile (values, 0);
}

gdouble
flow_greatest (GArray * values)
{
  return flow_percentile (values, 100);
}

void
flow_print_conditions (void)
{
  gdouble load[3] = { 0, };

  if (getloadavg (load, 3) < 0)
    load[0] = load[1] = load[2] = 0;
  g_print ("%u CPUs, load average %.2f (1 min) %.2f (5 min)\n",
      g_get_num_processors (), load[0], load[1]);
}
