/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "log.h"

#include <stdarg.h>
#include <stdio.h>

/* A buffer, not an allocation: threads end without telling us. */
static __thread gchar last_error[512];

void
ry_log_error (const gchar * format, ...)
{
  va_list args;

  va_start (args, format);
  g_vsnprintf (last_error, sizeof last_error, format, args);
  va_end (args);
  fprintf (stderr, "librga-standin: %s\n", last_error);
}

const gchar *
ry_rga_log_last_error (void)
{
  return last_error;
}
