/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What rknnyolo adds to the latency of a pipeline. */

#include "gstrknnyoloprivate.h"

#define GST_CAT_DEFAULT gst_rknn_yolo_debug

/* So many frames say more than the first run does. */
#define ENOUGH_FRAMES 32

/* What a latency is multiplied with before it is reported, so that not every
 * small change makes the pipeline redistribute it. */
#define HEADROOM 1.05

/* Before frames were measured a frame is thought to take the first run and
 * half of it more, for another frame on the same core or a clock that has yet
 * to rise, and this for the CPU's part before and after it. */
#define CPU_TIME (5 * GST_MSECOND)

/* Call with the engine lock held. */
static GstClockTime
estimate (GstRknnYolo * self)
{
  guint64 run = ry_engine_get_info (self->model->engine)->first_run_time;

  return run * 3 / 2 * GST_USECOND + CPU_TIME;
}

/* The longest of the last frames: less would make frames late, which a sink
 * that keeps time drops.  It lasts as long as the window, so one frame out of
 * the ordinary is forgotten after RY_SERIES_LENGTH others.  *settled: there
 * are so many frames that a short time can be believed. */
static GstClockTime
get_latency (GstRknnYolo * self, gboolean * settled)
{
  GstClockTime measured, latency = 0;
  RySummary summary;
  RySeries series;

  gst_rknn_yolo_queue_get_latency (self->queue, &series);
  ry_series_summarize (&series, &summary);
  measured = summary.max * GST_USECOND;
  *settled = series.count >= RY_SERIES_LENGTH;

  g_rec_mutex_lock (&self->engine_lock);
  if (self->model)
    latency = series.count >= ENOUGH_FRAMES ? measured :
        MAX (measured, estimate (self));
  g_rec_mutex_unlock (&self->engine_lock);
  return latency;
}

void
gst_rknn_yolo_latency_check (GstRknnYolo * self)
{
  gboolean settled, changed;
  GstClockTime now = get_latency (self, &settled);
  GstClockTime reported;

  GST_OBJECT_LOCK (self);
  reported = self->reported_latency;
  /* Too little makes frames late; too much only makes them wait. */
  changed = GST_CLOCK_TIME_IS_VALID (reported)
      && (now > reported || (settled && now < reported / 2));
  /* Said once, whether or not anybody asks then. */
  if (changed)
    self->reported_latency = now * HEADROOM;
  GST_OBJECT_UNLOCK (self);
  if (changed) {
    GST_DEBUG_OBJECT (self, "latency changed from %" GST_TIME_FORMAT " to %"
        GST_TIME_FORMAT, GST_TIME_ARGS (reported), GST_TIME_ARGS (now));
    gst_element_post_message (GST_ELEMENT (self),
        gst_message_new_latency (GST_OBJECT (self)));
  }
}

void
gst_rknn_yolo_latency_restart (GstRknnYolo * self)
{
  gst_rknn_yolo_queue_reset_latency (self->queue);
  gst_rknn_yolo_latency_check (self);
}

/* What the element can hold before it blocks upstream; 0 without a framerate.
 * Frames that wait here for downstream do so instead of somewhere else. */
static GstClockTime
get_capacity (GstRknnYolo * self)
{
  GstClockTime duration;
  guint max_jobs, max_frames = 0;

  g_rec_mutex_lock (&self->engine_lock);
  if (self->model)
    gst_rknn_yolo_get_limits (self, &max_jobs, &max_frames);
  g_rec_mutex_unlock (&self->engine_lock);
  GST_OBJECT_LOCK (self);
  duration = self->frame_duration;
  GST_OBJECT_UNLOCK (self);
  return max_frames * duration;
}

gboolean
gst_rknn_yolo_latency_query (GstRknnYolo * self, GstQuery * query)
{
  GstClockTime min, max, own, capacity;
  gboolean live, settled;

  if (!gst_pad_peer_query (self->sinkpad, query))
    return FALSE;
  gst_query_parse_latency (query, &live, &min, &max);
  own = get_latency (self, &settled) * HEADROOM;
  capacity = get_capacity (self);
  GST_OBJECT_LOCK (self);
  /* Whoever asks may do so out of curiosity: that the latency has grown is
   * known to the pipeline only by the message, after which it asks, too. */
  self->reported_latency = MIN (self->reported_latency, own);
  GST_OBJECT_UNLOCK (self);
  GST_DEBUG_OBJECT (self, "adding latency %" GST_TIME_FORMAT ", room for %"
      GST_TIME_FORMAT, GST_TIME_ARGS (own), GST_TIME_ARGS (capacity));

  min += own;
  if (GST_CLOCK_TIME_IS_VALID (max))
    max += MAX (own, capacity);
  gst_query_set_latency (query, live, min, max);
  return TRUE;
}
