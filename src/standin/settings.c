/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "settings.h"

#include <sched.h>
#include <string.h>

#include "log.h"

#define MAX_THREADS 256

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

  settings->soc = ry_npu_soc_find (name != NULL && name[0] ? name : "rk3588");
  if (settings->soc != NULL)
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

gboolean
ry_settings_read (RySettings * settings)
{
  guint fail_init = 0;

  memset (settings, 0, sizeof (*settings));
  settings->threads = available_cpus ();
  settings->config = g_getenv ("RKNN_STANDIN_CONFIG");
  if (settings->config != NULL && settings->config[0] == '\0')
    settings->config = NULL;

  if (!read_soc (settings) || !read_float (settings)
      || !read_number ("RKNN_STANDIN_THREADS", 1, MAX_THREADS,
          &settings->threads)
      || !read_number ("RKNN_STANDIN_FAIL_RUN", 0, G_MAXINT,
          &settings->fail_run)
      || !read_number ("RKNN_STANDIN_FAIL_MEM", 0, G_MAXINT,
          &settings->fail_mem)
      || !read_number ("RKNN_STANDIN_FAIL_INIT", 0, 13, &fail_init))
    return FALSE;
  settings->fail_init = -(gint) fail_init;
  return TRUE;
}
