/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What rknnyolo says of its work. */

#include "gstrknnyoloprivate.h"
#include "runtime/npustate.h"

#define GST_CAT_DEFAULT gst_rknn_yolo_debug

static void
add_series (GstStructure * stats, const gchar * name, const RySeries * series)
{
  GstStructure *structure;
  RySummary summary;

  ry_series_summarize (series, &summary);
  structure = gst_structure_new (name,
      "count", G_TYPE_UINT64, series->count,
      "mean-us", G_TYPE_UINT, summary.mean,
      "median-us", G_TYPE_UINT, summary.median,
      "p95-us", G_TYPE_UINT, summary.p95,
      "max-us", G_TYPE_UINT, summary.max, NULL);
  gst_structure_set (stats, name, GST_TYPE_STRUCTURE, structure, NULL);
  gst_structure_free (structure);
}

static void
add_preprocess_stats (GstStructure * stats, const RyEngineInfo * info,
    const RyStatistics * statistics)
{
  GstStructure *fallbacks = gst_structure_new_empty ("rga-fallbacks");

  for (guint i = 0; i < RY_N_RGA_REASONS; i++) {
    if (statistics->rga_fallbacks[i] > 0)
      gst_structure_set (fallbacks, ry_rga_reason_get_name (i), G_TYPE_UINT64,
          statistics->rga_fallbacks[i], NULL);
  }
  gst_structure_set (stats,
      "rga", G_TYPE_STRING, info->rga,
      "rga-frames", G_TYPE_UINT64, statistics->rga_frames,
      "cpu-frames", G_TYPE_UINT64, statistics->cpu_frames,
      "rga-fallbacks", GST_TYPE_STRUCTURE, fallbacks, NULL);
  gst_structure_free (fallbacks);
}

static void
add_engine_stats (GstRknnYolo * self, GstStructure * stats)
{
  const RyEngineInfo *info = ry_engine_get_info (self->model->engine);
  RyStatistics statistics;
  RyHealth health;

  ry_engine_get_health (self->model->engine, &health);
  gst_structure_set (stats,
      "model", G_TYPE_STRING, info->model_name,
      "head", G_TYPE_STRING, info->head,
      "runtime", G_TYPE_STRING, info->runtime_path,
      "runtime-version", G_TYPE_STRING, info->runtime_version,
      "driver-version", G_TYPE_STRING, info->driver_version,
      "cores", G_TYPE_UINT, info->n_cores,
      "contexts", G_TYPE_UINT, info->n_contexts,
      "working-contexts", G_TYPE_UINT, health.contexts,
      "renewals", G_TYPE_UINT64, health.renewals,
      "hangs", G_TYPE_UINT64, health.hangs, NULL);

  ry_session_get_statistics (self->model->session, &statistics);
  gst_structure_set (stats,
      "batch", G_TYPE_UINT, info->batch,
      "input-sizes", G_TYPE_UINT, info->n_input_sizes,
      "input-width", G_TYPE_UINT, statistics.input_width,
      "input-height", G_TYPE_UINT, statistics.input_height, NULL);
  add_preprocess_stats (stats, info, &statistics);
  for (guint i = 0; i < RY_N_STAGES; i++)
    add_series (stats, ry_stage_get_name (i), &statistics.stages[i]);
  for (guint i = 0; i < info->n_cores; i++) {
    gint core = info->cores[i] < 0 ? (gint) i : info->cores[i];
    g_autofree gchar *name = g_strdup_printf ("core-%d", core);
    add_series (stats, name, &statistics.cores[i]);
  }
}

/* Fields that the kernel does not tell are left out. */
static void
add_npu_state (GstStructure * stats)
{
  RyNpuState state;

  ry_npu_state_read ("/", &state);
  if (state.clock > 0)
    gst_structure_set (stats, "npu-clock-mhz", G_TYPE_UINT, state.clock, NULL);
  if (state.temperature > 0)
    gst_structure_set (stats, "npu-temperature", G_TYPE_INT, state.temperature,
        NULL);
}

GstStructure *
gst_rknn_yolo_stats_new (GstRknnYolo * self)
{
  GstRknnYoloCounters counters;
  GstStructure *stats;
  RySeries latency;

  gst_rknn_yolo_queue_get_counters (self->queue, &counters);
  stats = gst_structure_new ("application/x-rknnyolo-stats",
      "frames-in", G_TYPE_UINT64, counters.frames_in,
      "inferred", G_TYPE_UINT64, counters.inferred,
      "passed", G_TYPE_UINT64, counters.passed,
      "skipped", G_TYPE_UINT64, counters.skipped,
      "failed", G_TYPE_UINT64, counters.failed,
      "corrupted", G_TYPE_UINT64, counters.corrupted,
      "dropped", G_TYPE_UINT64, counters.dropped,
      "flushed", G_TYPE_UINT64, counters.flushed,
      "in-flight", G_TYPE_UINT, counters.in_flight, NULL);
  gst_rknn_yolo_queue_get_latency (self->queue, &latency);
  add_series (stats, "latency", &latency);
  g_rec_mutex_lock (&self->engine_lock);
  if (self->model)
    add_engine_stats (self, stats);
  g_rec_mutex_unlock (&self->engine_lock);
  add_npu_state (stats);
  return stats;
}
