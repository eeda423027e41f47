/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What rknnyolo says unasked while it runs: messages with its statistics, and
 * a line a second in the log.  Both come from the thread of the system clock,
 * with no lock held. */

#include "gstrknnyoloprivate.h"

#define GST_CAT_DEFAULT gst_rknn_yolo_debug

#define LOG_INTERVAL 1000       /* milliseconds */

/* Belongs to one clock id, whose ticks come one after the other. */
typedef struct
{
  GstRknnYolo *self;            /* a reference */
  GstClockTime last;            /* of the values below */
  GstRknnYoloCounters counters;
  guint64 core_counts[RY_MAX_CORES];
} Report;

/* What is counted since a model was loaded begins anew with the next. */
static gdouble
get_rate (guint64 now, guint64 before, GstClockTime elapsed)
{
  guint64 n = now >= before ? now - before : now;

  return elapsed > 0 ? (gdouble) n * GST_SECOND / elapsed : 0;
}

static GstClockTime
get_elapsed (Report * report, GstClock * clock)
{
  GstClockTime now = gst_clock_get_time (clock);
  GstClockTime elapsed = now - report->last;

  report->last = now;
  return elapsed;
}

/* Stopped, but a tick was on its way. */
static gboolean
is_over (GstRknnYolo * self)
{
  gboolean over;

  GST_OBJECT_LOCK (self);
  over = !self->reporting;
  GST_OBJECT_UNLOCK (self);
  return over;
}

static gboolean
post_stats (GstClock * clock, GstClockTime time, GstClockID id, gpointer data)
{
  Report *report = data;
  GstClockTime elapsed = get_elapsed (report, clock);
  guint64 frames_in = 0, inferred = 0;
  GstStructure *stats;

  if (is_over (report->self))
    return TRUE;
  stats = gst_rknn_yolo_stats_new (report->self);
  gst_structure_get (stats, "frames-in", G_TYPE_UINT64, &frames_in,
      "inferred", G_TYPE_UINT64, &inferred, NULL);
  gst_structure_set (stats,
      "fps-in", G_TYPE_DOUBLE,
      get_rate (frames_in, report->counters.frames_in, elapsed),
      "inferred-per-second", G_TYPE_DOUBLE,
      get_rate (inferred, report->counters.inferred, elapsed), NULL);
  report->counters.frames_in = frames_in;
  report->counters.inferred = inferred;
  gst_element_post_message (GST_ELEMENT (report->self),
      gst_message_new_element (GST_OBJECT (report->self), stats));
  return TRUE;
}

/* Appends ", core 0 8.3/s" for each. */
static void
add_cores (Report * report, const RyEngineInfo * info,
    const RyStatistics * statistics, GstClockTime elapsed, GString * line)
{
  for (guint i = 0; i < info->n_cores; i++) {
    guint64 count = statistics->cores[i].count;

    g_string_append_printf (line, ", core %d %.1f/s",
        info->cores[i] < 0 ? (gint) i : info->cores[i],
        get_rate (count, report->core_counts[i], elapsed));
    report->core_counts[i] = count;
  }
}

static void
add_engine (Report * report, GstClockTime elapsed, GString * line)
{
  GstRknnYolo *self = report->self;
  RyStatistics statistics;
  RySummary run;

  g_rec_mutex_lock (&self->engine_lock);
  if (self->model) {
    ry_session_get_statistics (self->model->session, &statistics);
    ry_series_summarize (&statistics.stages[RY_STAGE_RUN], &run);
    g_string_append_printf (line, "; rknn_run %.1f ms, p95 %.1f ms",
        run.median / 1000.0, run.p95 / 1000.0);
    add_cores (report, ry_engine_get_info (self->model->engine), &statistics,
        elapsed, line);
  }
  g_rec_mutex_unlock (&self->engine_lock);
}

static void
add_flow (Report * report, GstClockTime elapsed, GString * line)
{
  const GstRknnYoloCounters *before = &report->counters;
  GstRknnYoloCounters now;
  RySummary latency;
  RySeries series;
  guint max_frames;

  gst_rknn_yolo_queue_get_counters (report->self->queue, &now);
  max_frames = gst_rknn_yolo_queue_get_max_frames (report->self->queue);
  gst_rknn_yolo_queue_get_latency (report->self->queue, &series);
  ry_series_summarize (&series, &latency);
  g_string_append_printf (line, "%.1f fps in, %.1f inferred, %.1f skipped, "
      "%.1f dropped, %.1f failed; %u of %u in flight, latency %.1f ms",
      get_rate (now.frames_in, before->frames_in, elapsed),
      get_rate (now.inferred, before->inferred, elapsed),
      get_rate (now.skipped, before->skipped, elapsed),
      get_rate (now.dropped, before->dropped, elapsed),
      get_rate (now.failed, before->failed, elapsed),
      now.in_flight, max_frames, latency.max / 1000.0);
  report->counters = now;
}

/* The level may be raised while the pipeline runs, so each tick looks.  The
 * first line then tells of the time since the start. */
static gboolean
log_line (GstClock * clock, GstClockTime time, GstClockID id, gpointer data)
{
  Report *report = data;
  g_autoptr (GString) line = NULL;
  GstClockTime elapsed;

  if (gst_debug_category_get_threshold (GST_CAT_DEFAULT) < GST_LEVEL_INFO
      || is_over (report->self))
    return TRUE;
  elapsed = get_elapsed (report, clock);
  line = g_string_new (NULL);
  add_flow (report, elapsed, line);
  add_engine (report, elapsed, line);
  GST_INFO_OBJECT (report->self, "%s", line->str);
  return TRUE;
}

static void
free_report (gpointer data)
{
  Report *report = data;

  gst_object_unref (report->self);
  g_free (report);
}

static GstClockID
schedule (GstRknnYolo * self, guint milliseconds, GstClockCallback tick)
{
  g_autoptr (GstClock) clock = gst_system_clock_obtain ();
  GstClockTime interval = milliseconds * GST_MSECOND;
  Report *report = g_new0 (Report, 1);
  GstClockID id;

  report->self = gst_object_ref (self);
  report->last = gst_clock_get_time (clock);
  gst_rknn_yolo_queue_get_counters (self->queue, &report->counters);
  id = gst_clock_new_periodic_id (clock, report->last + interval, interval);
  gst_clock_id_wait_async (id, tick, report, free_report);
  return id;
}

/* A tick that is running goes on; it may be this thread. */
static void
cancel (GstClockID id)
{
  if (!id)
    return;
  gst_clock_id_unschedule (id);
  gst_clock_id_unref (id);
}

/* What another thread changes meanwhile that thread schedules. */
void
gst_rknn_yolo_report_update (GstRknnYolo * self)
{
  GstClockID id = NULL, unwanted;
  guint interval;

  GST_OBJECT_LOCK (self);
  interval = self->reporting ? self->stats_interval : 0;
  GST_OBJECT_UNLOCK (self);
  if (interval > 0)
    id = schedule (self, interval, post_stats);

  GST_OBJECT_LOCK (self);
  if (interval == (self->reporting ? self->stats_interval : 0)) {
    unwanted = self->stats_id;
    self->stats_id = id;
  } else {
    unwanted = id;
  }
  GST_OBJECT_UNLOCK (self);
  cancel (unwanted);
}

void
gst_rknn_yolo_report_start (GstRknnYolo * self)
{
  GstClockID id = schedule (self, LOG_INTERVAL, log_line);

  GST_OBJECT_LOCK (self);
  self->reporting = TRUE;
  self->log_id = id;
  GST_OBJECT_UNLOCK (self);
  gst_rknn_yolo_report_update (self);
}

void
gst_rknn_yolo_report_stop (GstRknnYolo * self)
{
  GstClockID stats_id, log_id;

  GST_OBJECT_LOCK (self);
  self->reporting = FALSE;
  stats_id = g_steal_pointer (&self->stats_id);
  log_id = g_steal_pointer (&self->log_id);
  GST_OBJECT_UNLOCK (self);
  cancel (stats_id);
  cancel (log_id);
}
