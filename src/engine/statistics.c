/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "engine/statistics.h"

#include <stdlib.h>
#include <string.h>

const gchar *
ry_stage_get_name (RyStage stage)
{
  static const gchar *const names[RY_N_STAGES] = {
    "wait", "preprocess", "run", "decode", "total",
  };
  return names[stage];
}

void
ry_series_add (RySeries * self, gint64 microseconds)
{
  self->values[self->count++ % RY_SERIES_LENGTH] =
      CLAMP (microseconds, 0, G_MAXUINT32);
}

static int
compare_values (const void *a, const void *b)
{
  guint32 x = *(const guint32 *) a, y = *(const guint32 *) b;
  return (x > y) - (x < y);
}

void
ry_series_summarize (const RySeries * self, RySummary * summary)
{
  guint n = MIN (self->count, RY_SERIES_LENGTH);
  guint32 sorted[RY_SERIES_LENGTH];
  guint64 sum = 0;

  memset (summary, 0, sizeof (*summary));
  if (n == 0)
    return;
  memcpy (sorted, self->values, n * sizeof (guint32));
  qsort (sorted, n, sizeof (guint32), compare_values);
  for (guint i = 0; i < n; i++)
    sum += sorted[i];
  summary->mean = sum / n;
  summary->median = sorted[n / 2];
  summary->p95 = sorted[(n - 1) * 95 / 100];
  summary->max = sorted[n - 1];
}
