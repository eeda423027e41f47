/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which CPUs the engine's threads are bound to. */

#include <glib.h>
#include <glib/gstdio.h>
#include <sched.h>

#include "engine/affinity.h"

/* A folder that looks like /sys of a machine with CPUs of these capacities. */
static gchar *
make_sysfs (const guint * capacities, guint n)
{
  gchar *sysfs = g_dir_make_tmp ("affinity-XXXXXX", NULL);

  g_assert_nonnull (sysfs);
  for (guint i = 0; i < n; i++) {
    g_autofree gchar *folder =
        g_strdup_printf ("%s/devices/system/cpu/cpu%u", sysfs, i);
    g_autofree gchar *file = g_build_filename (folder, "cpu_capacity", NULL);
    g_autofree gchar *text = g_strdup_printf ("%u\n", capacities[i]);

    g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
    g_assert_true (g_file_set_contents (file, text, -1, NULL));
  }
  return sysfs;
}

static void
remove_sysfs (gchar * sysfs)
{
  const gchar *arguments[] = { "rm", "-rf", sysfs, NULL };

  g_assert_true (g_spawn_sync (NULL, (gchar **) arguments, NULL,
          G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL));
  g_free (sysfs);
}

static void
assert_auto (const guint * capacities, guint n, const gchar * expected)
{
  gchar *sysfs = make_sysfs (capacities, n);
  g_autoptr (GString) text = g_string_new (NULL);
  RyAffinity affinity;

  g_assert_true (ry_affinity_init (&affinity, "auto", sysfs, NULL));
  for (guint cpu = 0; affinity.bound && cpu < RY_MAX_CPUS; cpu++) {
    if (ry_affinity_has (&affinity, cpu))
      g_string_append_printf (text, "%u ", cpu);
  }
  g_assert_cmpstr (text->str, ==, expected);
  remove_sysfs (sysfs);
}

static void
test_auto (void)
{
  /* RK3588: four Cortex-A55, then two pairs of Cortex-A76 that differ a bit */
  static const guint rk3588[] = { 414, 414, 414, 414, 1024, 1024, 1002, 1002 };
  /* RK3399: four little, two big */
  static const guint rk3399[] = { 485, 485, 485, 485, 1024, 1024 };
  static const guint alike[] = { 1024, 1024, 1024, 1024 };
  static const guint rather_alike[] = { 1024, 900 };

  assert_auto (rk3588, G_N_ELEMENTS (rk3588), "4 5 6 7 ");
  assert_auto (rk3399, G_N_ELEMENTS (rk3399), "4 5 ");
  assert_auto (alike, G_N_ELEMENTS (alike), "");
  assert_auto (rather_alike, G_N_ELEMENTS (rather_alike), "");
  assert_auto (NULL, 0, "");
}

static void
test_lists (void)
{
  RyAffinity affinity;

  g_assert_true (ry_affinity_init (&affinity, "none", "/sys", NULL));
  g_assert_false (affinity.bound);
  g_assert_true (ry_affinity_init (&affinity, " 0 - 2 , 70", "/sys", NULL));
  g_assert_true (affinity.bound);
  g_assert_true (ry_affinity_has (&affinity, 0));
  g_assert_true (ry_affinity_has (&affinity, 1));
  g_assert_true (ry_affinity_has (&affinity, 2));
  g_assert_false (ry_affinity_has (&affinity, 3));
  g_assert_true (ry_affinity_has (&affinity, 70));
  g_assert_false (ry_affinity_has (&affinity, 100000));
}

static void
test_refused (void)
{
  static const gchar *const wrong[] = {
    "big", "4-", "-4", "7-4", "1,,2", "0x1", "1024", "1-2-3",
  };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr (GError) error = NULL;
    RyAffinity affinity;

    g_assert_false (ry_affinity_init (&affinity, wrong[i], "/sys", &error));
    g_assert_error (error, RY_ERROR, RY_ERROR_SETTINGS);
  }
}

/* A CPU that no such machine has. */
static void
test_not_allowed (void)
{
  g_autoptr (GError) error = NULL;
  RyAffinity affinity;

  g_assert_false (ry_affinity_init (&affinity, "1023", "/sys", &error));
  g_assert_error (error, RY_ERROR, RY_ERROR_SETTINGS);
  g_assert_nonnull (strstr (error->message, "may use none"));
}

static gpointer
bind_to (gpointer data)
{
  static cpu_set_t set;

  ry_affinity_apply (data);
  CPU_ZERO (&set);
  g_assert_cmpint (sched_getaffinity (0, sizeof (set), &set), ==, 0);
  return &set;
}

static void
test_apply (void)
{
  g_autofree gchar *list = NULL;
  RyAffinity affinity;
  cpu_set_t allowed, *bound;
  gint first = 0;

  g_assert_cmpint (sched_getaffinity (0, sizeof (allowed), &allowed), ==, 0);
  while (!CPU_ISSET (first, &allowed))
    first++;
  list = g_strdup_printf ("%d", first);
  g_assert_true (ry_affinity_init (&affinity, list, "/sys", NULL));
  bound = g_thread_join (g_thread_new ("bound", bind_to, &affinity));
  g_assert_cmpint (CPU_COUNT (bound), ==, 1);
  g_assert_true (CPU_ISSET (first, bound));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/affinity/auto", test_auto);
  g_test_add_func ("/affinity/lists", test_lists);
  g_test_add_func ("/affinity/refused", test_refused);
  g_test_add_func ("/affinity/not-allowed", test_not_allowed);
  g_test_add_func ("/affinity/apply", test_apply);
  return g_test_run ();
}
