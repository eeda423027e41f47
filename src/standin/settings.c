/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "settings.h"

#include <sched.h>
#include <string.h>

#include "log.h"
#include "sizes.h"

#define MAX_THREADS 256
#define NS_PER_MS 1000000
#define MAX_TIME 1000000        /* milliseconds */

static guint
available_cpus (void)
{
  cpu_set_t cpus;

  if (sched_getaffinity (0, sizeof cpus, &cpus) == 0)
    return MAX (CPU_COUNT (&cpus), 1);
  return g_get_num_processors ();
}

/* An unset or empty variable leaves *number alone. */
static gboolean
read_number (const gchar * variable, guint min, guint max, guint * number)
{
  const gchar *text = g_getenv (variable);
  guint64 value;

  if (text == NULL || text[0] == '\0')
    return TRUE;
  if (!g_ascii_string_to_unsigned (text, 10, min, max, &value, NULL)) {
    ry_log_error ("%s is \"%s\"; a whole number from %u to %u was expected. "
        "Correct it or unset it.", variable, text, min, max);
    return FALSE;
  }
  *number = value;
  return TRUE;
}

static gboolean
read_soc (RySettings * settings)
{
  const gchar *name = g_getenv ("RKNN_STANDIN_SOC");

  settings->play.soc =
      ry_npu_soc_find (name != NULL && name[0] ? name : "rk3588");
  if (settings->play.soc != NULL)
    return TRUE;
  ry_log_error ("RKNN_STANDIN_SOC is \"%s\", which the stand-in does not "
      "know. Set it to one of: %s.", name, ry_npu_soc_names ());
  return FALSE;
}

static gboolean
read_float (RySettings * settings)
{
  const gchar *text = g_getenv ("RKNN_STANDIN_FLOAT");

  settings->float32 = g_strcmp0 (text, "fp32") == 0;
  if (text == NULL || text[0] == '\0' || settings->float32
      || g_str_equal (text, "fp16"))
    return TRUE;
  ry_log_error ("RKNN_STANDIN_FLOAT is \"%s\"; fp16 or fp32 was expected. "
      "Correct it or unset it.", text);
  return FALSE;
}

/* A number with decimals; an unset or empty variable leaves *number alone. */
static gboolean
read_decimal (const gchar * variable, gdouble max, gdouble * number)
{
  const gchar *text = g_getenv (variable);
  gdouble value;
  gchar *end;

  if (text == NULL || text[0] == '\0')
    return TRUE;
  value = g_ascii_strtod (text, &end);
  if (!g_ascii_isdigit (text[0]) || *end != '\0' || !(value <= max)) {
    ry_log_error ("%s is \"%s\"; a number from 0 to %.0f, such as 15.1, was "
        "expected. Correct it or unset it.", variable, text, max);
    return FALSE;
  }
  *number = value;
  return TRUE;
}

static gboolean
read_time (RyNpuPlay * play)
{
  gdouble time = 0, jitter = 0;

  if (!read_decimal ("RKNN_STANDIN_TIME", MAX_TIME, &time)
      || !read_decimal ("RKNN_STANDIN_JITTER", 100, &jitter))
    return FALSE;
  play->time = time * NS_PER_MS;
  play->jitter = jitter / 100;
  return TRUE;
}

/* N or N-M */
static gboolean
parse_runs (const gchar * text, RyNpuPlay * play)
{
  g_auto (GStrv) ends = g_strsplit (text, "-", 2);
  guint64 from, to = G_MAXUINT;

  if (ends[0] == NULL
      || !g_ascii_string_to_unsigned (ends[0], 10, 1, G_MAXUINT, &from, NULL)
      || (ends[1] != NULL && !g_ascii_string_to_unsigned (ends[1], 10, from,
              G_MAXUINT, &to, NULL)))
    return FALSE;
  play->hang_from = from;
  play->hang_to = to;
  return TRUE;
}

/* CORE:RUNS or CORE:RUNS:MS */
static gboolean
parse_hang (const gchar * text, RyNpuPlay * play)
{
  g_auto (GStrv) parts = g_strsplit (text, ":", -1);
  guint n = g_strv_length (parts);
  guint64 core, time = 0;

  if (n < 2 || n > 3
      || !g_ascii_string_to_unsigned (parts[0], 10, 0, play->soc->cores - 1,
          &core, NULL)
      || !parse_runs (parts[1], play)
      || (n == 3 && !g_ascii_string_to_unsigned (parts[2], 10, 1, MAX_TIME,
              &time, NULL)))
    return FALSE;
  play->hang_core = core;
  play->hang_time = n == 3 ? (gint64) time * NS_PER_MS : RY_NPU_NEVER;
  return TRUE;
}

static gboolean
read_hang (RyNpuPlay * play)
{
  const gchar *text = g_getenv ("RKNN_STANDIN_HANG");

  play->hang_core = -1;
  if (text == NULL || text[0] == '\0' || parse_hang (text, play))
    return TRUE;
  ry_log_error ("RKNN_STANDIN_HANG is \"%s\"; CORE:RUNS or CORE:RUNS:MS was "
      "expected, with a core of the %s (0 to %u), the number of its first run "
      "that hangs (N, from 1, or N-M for those only), and the milliseconds "
      "after which they return. Correct it or unset it.", text,
      play->soc->name, play->soc->cores - 1);
  return FALSE;
}

static gboolean
read_faults (RySettings * settings)
{
  g_autoptr (GError) error = NULL;

  if (ry_faults_get (g_getenv ("RKNN_STANDIN_FAIL"), &settings->faults, &error))
    return TRUE;
  ry_log_error ("RKNN_STANDIN_FAIL has the entry %s. Correct it or unset it.",
      error->message);
  return FALSE;
}

static gboolean
read_sizes (RySettings * settings)
{
  const gchar *text = g_getenv ("RKNN_STANDIN_SHAPES");
  g_autoptr (GError) error = NULL;

  if (text == NULL || text[0] == '\0')
    return TRUE;
  settings->sizes = ry_picture_sizes_parse (text, &error);
  if (settings->sizes != NULL)
    return TRUE;
  ry_log_error ("RKNN_STANDIN_SHAPES: %s. Correct it or unset it.",
      error->message);
  return FALSE;
}

static const gchar *
read_path (const gchar * variable)
{
  const gchar *path = g_getenv (variable);

  return path != NULL && path[0] != '\0' ? path : NULL;
}

static gboolean
read_all (RySettings * settings)
{
  memset (settings, 0, sizeof (*settings));
  settings->threads = available_cpus ();
  settings->config = read_path ("RKNN_STANDIN_CONFIG");
  settings->outputs = read_path ("RKNN_STANDIN_OUTPUTS");
  return read_soc (settings) && read_float (settings)
      && read_number ("RKNN_STANDIN_THREADS", 1, MAX_THREADS,
      &settings->threads)
      && read_time (&settings->play) && read_hang (&settings->play)
      && read_sizes (settings) && read_faults (settings);
}

gboolean
ry_settings_read (RySettings * settings)
{
  if (read_all (settings))
    return TRUE;
  ry_settings_clear (settings);
  return FALSE;
}

void
ry_settings_copy (RySettings * to, const RySettings * from)
{
  *to = *from;
  to->config = to->outputs = NULL;
  to->sizes = NULL;
  ry_faults_ref (to->faults);
}

void
ry_settings_clear (RySettings * settings)
{
  g_clear_pointer (&settings->sizes, g_array_unref);
  g_clear_pointer (&settings->faults, ry_faults_unref);
}
