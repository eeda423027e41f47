/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "report.h"

static const struct
{
  const gchar *field, *meaning;
} stages[] = {
  {"wait", "waiting for a core"},
  {"preprocess", "scaling, colours"},
  {"run", "inference"},
  {"decode", "decoding, NMS"},
  {"total", "all of these"},
};

static void
print_times (const GstStructure * stats, const gchar * field,
    const gchar * meaning)
{
  GstStructure *times = NULL;
  guint mean, median, p95, most;

  if (!gst_structure_get (stats, field, GST_TYPE_STRUCTURE, &times, NULL))
    return;
  if (gst_structure_get (times, "mean-us", G_TYPE_UINT, &mean, "median-us",
          G_TYPE_UINT, &median, "p95-us", G_TYPE_UINT, &p95, "max-us",
          G_TYPE_UINT, &most, NULL))
    g_print ("  %-10s  %-18s %7.2f %7.2f %7.2f %7.2f\n", field, meaning,
        mean / 1000.0, median / 1000.0, p95 / 1000.0, most / 1000.0);
  gst_structure_free (times);
}

static void
print_uninferred (const GstStructure * stats)
{
  static const gchar *const fields[] = { "skipped", "failed", "dropped" };

  for (guint i = 0; i < G_N_ELEMENTS (fields); i++) {
    guint64 count;

    if (gst_structure_get_uint64 (stats, fields[i], &count) && count > 0)
      g_print ("Frames %s: %" G_GUINT64_FORMAT "\n", fields[i], count);
  }
}

void
report_print_stats (const GstStructure * stats)
{
  const gchar *model = gst_structure_get_string (stats, "model");
  const gchar *head = gst_structure_get_string (stats, "head");
  const gchar *runtime = gst_structure_get_string (stats, "runtime");
  const gchar *version = gst_structure_get_string (stats, "runtime-version");
  guint contexts = 0;

  gst_structure_get_uint (stats, "contexts", &contexts);
  if (model != NULL)
    g_print ("Model:   %s (%s)\n", model, head != NULL ? head : "?");
  if (runtime != NULL)
    g_print ("Runtime: %s, %s, %u contexts\n", runtime,
        version != NULL ? version : "version unknown", contexts);
  print_uninferred (stats);

  g_print ("\n  %-10s  %-18s %7s %7s %7s %7s\n", "ms a frame", "", "mean",
      "median", "95 %", "most");
  for (guint i = 0; i < G_N_ELEMENTS (stages); i++)
    print_times (stats, stages[i].field, stages[i].meaning);
}
