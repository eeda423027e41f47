/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "runtime/npustate.h"

#include <string.h>

/* Sensors that are switched off say -273 degrees, or nothing. */
#define HOTTEST 200

static gint64
read_number (const gchar * folder, const gchar * entry, const gchar * file)
{
  g_autofree gchar *path = g_build_filename (folder, entry, file, NULL);
  g_autofree gchar *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL)
      ? g_ascii_strtoll (text, NULL, 10) : 0;
}

/* fdab0000.npu on RK3588, 27700000.npu on RK3576, fde40000.npu on RK356x. */
static guint
read_clock (const gchar * root)
{
  g_autofree gchar *folder = g_build_filename (root, "sys/class/devfreq", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const gchar *name;
  gint64 clock = 0;

  while (dir && clock <= 0 && (name = g_dir_read_name (dir))) {
    if (g_str_has_suffix (name, ".npu"))
      clock = read_number (folder, name, "cur_freq") / 1000000;
  }
  return CLAMP (clock, 0, G_MAXINT);
}

static gboolean
is_zone (const gchar * folder, const gchar * zone, const gchar * wanted)
{
  g_autofree gchar *path = g_build_filename (folder, zone, "type", NULL);
  g_autofree gchar *type = NULL;

  return g_file_get_contents (path, &type, NULL, NULL)
      && strcmp (g_strstrip (type), wanted) == 0;
}

static gint
read_zone (const gchar * root, const gchar * wanted)
{
  g_autofree gchar *folder = g_build_filename (root, "sys/class/thermal", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const gchar *name;
  gint64 degrees = 0;

  while (dir && degrees <= 0 && (name = g_dir_read_name (dir))) {
    if (g_str_has_prefix (name, "thermal_zone")
        && is_zone (folder, name, wanted))
      degrees = read_number (folder, name, "temp") / 1000;
  }
  return degrees > 0 && degrees < HOTTEST ? (gint) degrees : 0;
}

void
ry_npu_state_read (const gchar * root, RyNpuState * state)
{
  state->clock = read_clock (root);
  state->temperature = read_zone (root, "npu-thermal");
  if (state->temperature == 0)
    state->temperature = read_zone (root, "soc-thermal");
}
