/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "log.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define MAX_LINE 2048

/* A buffer, not an allocation: threads end without telling us. */
static __thread gchar last_error[MAX_LINE];

static gint
log_level (void)
{
  const gchar *text = g_getenv ("RKNN_LOG_LEVEL");

  return text != NULL ? atoi (text) : 0;
}

static void
write_line (gchar letter, const gchar * text)
{
  struct timespec now;
  struct tm day;

  clock_gettime (CLOCK_REALTIME, &now);
  localtime_r (&now.tv_sec, &day);
  fprintf (stderr, "%c RKNN: [%02d:%02d:%02d.%03ld] %s\n", letter,
      day.tm_hour, day.tm_min, day.tm_sec, now.tv_nsec / 1000000, text);
}

static void
write_at_level (gint level, gchar letter, const gchar * format, va_list args)
{
  gchar text[MAX_LINE];

  if (log_level () < level)
    return;
  g_vsnprintf (text, sizeof text, format, args);
  write_line (letter, text);
}

void
ry_log_error (const gchar * format, ...)
{
  gchar text[MAX_LINE];
  va_list args;

  va_start (args, format);
  g_vsnprintf (text, sizeof text, format, args);
  va_end (args);

  g_strlcpy (last_error, text, sizeof last_error);
  write_line ('E', text);
}

void
ry_log_warning (const gchar * format, ...)
{
  va_list args;

  va_start (args, format);
  write_at_level (1, 'W', format, args);
  va_end (args);
}

void
ry_log_info (const gchar * format, ...)
{
  va_list args;

  va_start (args, format);
  write_at_level (2, 'I', format, args);
  va_end (args);
}

void
ry_log_debug (const gchar * format, ...)
{
  va_list args;

  va_start (args, format);
  write_at_level (3, 'D', format, args);
  va_end (args);
}

static void
write_misuse (const gchar * format, va_list args)
{
  gchar text[MAX_LINE];
  gint head = g_snprintf (text, sizeof text, "MISUSE of the RKNN API: ");

  g_vsnprintf (text + head, sizeof text - head, format, args);
  g_strlcpy (last_error, text, sizeof last_error);
  write_line ('E', text);
}

void
ry_log_misuse (const gchar * format, ...)
{
  va_list args;

  va_start (args, format);
  write_misuse (format, args);
  va_end (args);
}

void
ry_log_misuse_stop (const gchar * format, ...)
{
  va_list args;

  va_start (args, format);
  write_misuse (format, args);
  va_end (args);
  abort ();
}

const gchar *
ry_log_last_error (void)
{
  return last_error;
}
