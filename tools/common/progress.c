/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "progress.h"

#include <unistd.h>

#define TERMINAL_INTERVAL (G_USEC_PER_SEC / 5)
#define FILE_INTERVAL (10 * G_USEC_PER_SEC)

void
progress_init (Progress * self)
{
  self->terminal = isatty (STDERR_FILENO);
  self->printed_at = g_get_monotonic_time ();
  self->line_open = FALSE;
}

void
progress_show (Progress * self, guint64 frames, gdouble fps, gdouble fraction)
{
  gint64 interval = self->terminal ? TERMINAL_INTERVAL : FILE_INTERVAL;
  gint64 now = g_get_monotonic_time ();
  gchar percent[16] = "";

  if (now - self->printed_at < interval)
    return;
  self->printed_at = now;
  if (fraction >= 0.0)
    g_snprintf (percent, sizeof (percent), "%3d %%  ",
        (gint) (100 * MIN (fraction, 1.0)));

  g_printerr ("%s%s%6" G_GUINT64_FORMAT " frames  %.1f frames/s%s",
      self->terminal ? "\r" : "", percent, frames, fps,
      self->terminal ? "  " : "\n");
  self->line_open = self->terminal;
}

void
progress_end (Progress * self)
{
  if (self->line_open)
    g_printerr ("\n");
  self->line_open = FALSE;
}
