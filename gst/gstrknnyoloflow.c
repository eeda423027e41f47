/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The pads of rknnyolo: buffers, events and queries on their way through.
 * The shape is that of GStreamer's queue element: the sink pad's thread puts
 * everything serialized into one queue, a task on the source pad takes it
 * out. */

#include "gstrknnyoloprivate.h"

#include "gstrknnyolocaps.h"
#include "gstrknnyolometa.h"
#include "rknnyoloframeinfo.h"

#define GST_CAT_DEFAULT gst_rknn_yolo_debug

/* How often what happens slowly is looked at. */
#define FRAMES_PER_CHECK 32

/* dma-bufs first: who can choose shall put out those. */
#define CAPS \
  GST_RKNN_YOLO_CAPS_DMABUF (GST_RKNN_YOLO_FORMATS, GST_RKNN_YOLO_DRM_FORMATS) \
  "; " GST_RKNN_YOLO_CAPS_PLAIN (GST_RKNN_YOLO_FORMATS)

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS (CAPS));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS (CAPS));

/* ---- in: buffers --------------------------------------------------------- */

static GstRknnYoloDue
is_due (GstRknnYolo * self, GstBuffer * buffer, guint interval)
{
  if (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_GAP))
    return GST_RKNN_YOLO_NOT_DUE;
  /* What would be found in it would be wrong more often than right. */
  if (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_CORRUPTED))
    return GST_RKNN_YOLO_CORRUPTED;
  if (self->since_inference + 1 < interval) {
    self->since_inference++;
    return GST_RKNN_YOLO_NOT_DUE;
  }
  if (gst_rknn_yolo_qos_is_late (self, buffer))
    return GST_RKNN_YOLO_LATE;
  return GST_RKNN_YOLO_DUE;
}

static gboolean
prepare_job (GstRknnYolo * self, GstRknnYoloFrame * frame)
{
  g_autoptr (GError) error = NULL;

  if (!gst_rknn_yolo_frame_view (&frame->view, &self->info, frame->buffer,
          &frame->job.image, &error)) {
    gst_rknn_yolo_failure_unreadable (self, frame->buffer, error);
    return FALSE;
  }
  GST_OBJECT_LOCK (self);
  frame->job.settings = ry_settings_ref (self->settings);
  GST_OBJECT_UNLOCK (self);
  return TRUE;
}

/* Frames that the element or downstream had no time for; late: downstream said
 * so.  A frame that is dropped is none. */
static void
note_missed (GstRknnYolo * self, GstBuffer * buffer, gboolean late,
    const GstRknnYoloFrame * frame)
{
  if (frame && frame->due != GST_RKNN_YOLO_LATE)
    return;
  self->qos_dropped++;
  if (!frame || late)
    gst_rknn_yolo_qos_post (self, buffer);
}

/* Upstream asks again how many we hold, lest its pool runs dry. */
static void
ask_for_buffers (GstRknnYolo * self)
{
  gboolean more;

  GST_OBJECT_LOCK (self);
  more = self->reserve_more;
  self->reserve_more = FALSE;
  GST_OBJECT_UNLOCK (self);
  if (more)
    gst_pad_push_event (self->sinkpad, gst_event_new_reconfigure ());
}

static GstFlowReturn
gst_rknn_yolo_chain (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  GstRknnYolo *self = GST_RKNN_YOLO (parent);
  GstRknnYoloOverload overload;
  GstRknnYoloFrame *frame;
  GstFlowReturn result;
  GstRknnYoloDue due;
  gboolean infer, changed;
  guint interval;

  if (!self->negotiated) {
    gst_buffer_unref (buffer);
    return GST_FLOW_NOT_NEGOTIATED;
  }
  GST_OBJECT_LOCK (self);
  overload = self->overload;
  interval = self->interval;
  changed = self->next_model != NULL;
  GST_OBJECT_UNLOCK (self);
  if (changed)
    gst_rknn_yolo_reload_switch (self);
  ask_for_buffers (self);

  due = is_due (self, buffer, interval);
  result = gst_rknn_yolo_queue_admit (self->queue, due, overload, &frame);
  if (result == GST_FLOW_OK)
    note_missed (self, buffer, due == GST_RKNN_YOLO_LATE, frame);
  if (result != GST_FLOW_OK || !frame) {
    GST_LOG_OBJECT (self, "not taken (%s): %" GST_PTR_FORMAT,
        gst_flow_get_name (result), buffer);
    gst_buffer_unref (buffer);
    return result;
  }

  frame->buffer = buffer;
  frame->model = gst_rknn_yolo_model_use (self->model);
  frame->width = GST_VIDEO_INFO_WIDTH (&self->info);
  frame->height = GST_VIDEO_INFO_HEIGHT (&self->info);
  if (frame->due == GST_RKNN_YOLO_DUE && !prepare_job (self, frame))
    gst_rknn_yolo_queue_give_up_job (self->queue, frame);

  /* Once pushed, a frame without a job may be gone at any moment. */
  infer = frame->due == GST_RKNN_YOLO_DUE;
  if (infer) {
    self->since_inference = 0;
    self->qos_processed++;
  }
  result = gst_rknn_yolo_queue_push_frame (self->queue, frame);
  if (result == GST_FLOW_OK && infer)
    ry_session_submit (self->model->session, &frame->job);
  return result;
}

/* ---- in: events and queries ---------------------------------------------- */

static gboolean
check_format (const GstVideoInfo * info, GError ** error)
{
  if (gst_rknn_yolo_frame_supports (GST_VIDEO_INFO_FORMAT (info)))
    return TRUE;
  gst_rknn_yolo_caps_refuse_format (GST_VIDEO_INFO_NAME (info), error);
  return FALSE;
}

static gboolean
set_caps (GstRknnYolo * self, GstCaps * caps)
{
  g_autoptr (GError) error = NULL;

  GST_DEBUG_OBJECT (self, "caps %" GST_PTR_FORMAT, caps);
  self->negotiated = FALSE;
  if (!gst_rknn_yolo_caps_parse (caps, &self->info, &error)
      || !check_format (&self->info, &error)) {
    GST_ELEMENT_ERROR (self, STREAM, FORMAT, ("%s", error->message),
        ("caps %" GST_PTR_FORMAT, caps));
    return FALSE;
  }
  GST_OBJECT_LOCK (self);
  self->frame_duration = GST_VIDEO_INFO_FPS_N (&self->info) > 0 ?
      gst_util_uint64_scale_int (GST_SECOND, GST_VIDEO_INFO_FPS_D (&self->info),
      GST_VIDEO_INFO_FPS_N (&self->info)) : 0;
  GST_OBJECT_UNLOCK (self);
  self->negotiated = TRUE;
  gst_rknn_yolo_log_input_size (self);
  return TRUE;
}

/* Upstream has sent them and will not do so again: stream-start, caps and tags
 * that were on their way outlive a flush. */
static void
store_sticky_events (GstRknnYolo * self, GPtrArray * flushed)
{
  for (guint i = 0; i < flushed->len; i++) {
    GstEvent *event = g_ptr_array_index (flushed, i);

    if (GST_IS_EVENT (event) && GST_EVENT_IS_STICKY (event)
        && GST_EVENT_TYPE (event) != GST_EVENT_SEGMENT
        && GST_EVENT_TYPE (event) != GST_EVENT_EOS)
      gst_pad_store_sticky_event (self->srcpad, event);
  }
}

static void
start_flush (GstRknnYolo * self, GstEvent * event)
{
  g_autoptr (GPtrArray) flushed = NULL;

  gst_pad_push_event (self->srcpad, event);
  flushed = gst_rknn_yolo_queue_flush (self->queue);
  /* This is no streaming thread: the element may be stopped meanwhile. */
  g_rec_mutex_lock (&self->engine_lock);
  if (self->model)
    ry_session_cancel (self->model->session);
  for (GSList * i = self->retired_models; i; i = i->next)
    ry_session_cancel (((GstRknnYoloModel *) i->data)->session);
  g_rec_mutex_unlock (&self->engine_lock);
  /* This waits until the task has seen the flush, so that it cannot pause
   * itself after it was started again. */
  gst_pad_pause_task (self->srcpad);
  store_sticky_events (self, flushed);
}

static void
reset_stream (GstRknnYolo * self)
{
  gst_segment_init (&self->segment, GST_FORMAT_UNDEFINED);
  self->since_inference = G_MAXUINT / 2;        /* the first frame is due */
  gst_rknn_yolo_qos_reset (self);
}

static void
stop_flush (GstRknnYolo * self, GstEvent * event)
{
  /* Empty, unless upstream left FLUSH_START out.  Then the frames belong to a
   * segment that the source pad is about to forget. */
  g_autoptr (GPtrArray) flushed = gst_rknn_yolo_queue_flush (self->queue);

  store_sticky_events (self, flushed);
  gst_pad_push_event (self->srcpad, event);
  reset_stream (self);
  gst_rknn_yolo_queue_start (self->queue);
}

/* Who pushes EOS cares little for what comes back, so an error that did not
 * reach upstream with a frame must reach the application. */
static GstFlowReturn
push_serialized (GstRknnYolo * self, GstEvent * event)
{
  gboolean eos = GST_EVENT_TYPE (event) == GST_EVENT_EOS;
  GstFlowReturn result = gst_rknn_yolo_queue_push_event (self->queue, event);

  if (eos && (result == GST_FLOW_NOT_LINKED || result < GST_FLOW_EOS))
    GST_ELEMENT_FLOW_ERROR (self, result);
  return result;
}

static GstFlowReturn
gst_rknn_yolo_sink_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  GstRknnYolo *self = GST_RKNN_YOLO (parent);
  GstCaps *caps;

  GST_LOG_OBJECT (self, "%" GST_PTR_FORMAT, event);
  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_FLUSH_START:
      start_flush (self, event);
      return GST_FLOW_OK;
    case GST_EVENT_FLUSH_STOP:
      stop_flush (self, event);
      return GST_FLOW_OK;
    case GST_EVENT_CAPS:
      gst_event_parse_caps (event, &caps);
      if (!set_caps (self, caps)) {
        gst_event_unref (event);
        return GST_FLOW_NOT_NEGOTIATED;
      }
      break;
    case GST_EVENT_SEGMENT:
      gst_event_copy_segment (event, &self->segment);
      break;
    default:
      break;
  }
  if (GST_EVENT_IS_SERIALIZED (event))
    return push_serialized (self, event);
  return gst_pad_push_event (self->srcpad, event) ? GST_FLOW_OK :
      GST_FLOW_ERROR;
}

static gboolean
gst_rknn_yolo_sink_query (GstPad * pad, GstObject * parent, GstQuery * query)
{
  GstRknnYolo *self = GST_RKNN_YOLO (parent);

  gboolean answer;

  if (GST_QUERY_IS_SERIALIZED (query))
    return gst_rknn_yolo_queue_push_query (self->queue, query);
  answer = gst_pad_query_default (pad, parent, query);
  if (answer)
    gst_rknn_yolo_caps_let_misfits_come (query, GST_PAD_TEMPLATE_CAPS
        (GST_PAD_PAD_TEMPLATE (pad)));
  return answer;
}

/* ---- out: the source pad's task ------------------------------------------ */

/* Metas need a buffer of our own.  Rockchip's decoder flags its buffers so
 * that gst_buffer_make_writable() does not copy a shared one: then another
 * branch of the pipeline would see our metas come and go. */
static GstBuffer *
make_writable (GstBuffer * buffer)
{
  if (GST_MINI_OBJECT_FLAG_IS_SET (buffer, GST_MINI_OBJECT_FLAG_LOCKABLE)
      && GST_MINI_OBJECT_REFCOUNT_VALUE (buffer) > 1) {
    GstBuffer *copy = gst_buffer_copy (buffer);
    gst_buffer_unref (buffer);
    return copy;
  }
  return gst_buffer_make_writable (buffer);
}

static void
attach_frame_info (GstRknnYolo * self, GstBuffer * buffer,
    const GstRknnYoloFrame * frame, gboolean inferred)
{
  const RyEngineInfo *engine_info = ry_engine_get_info (frame->model->engine);
  GstRknnYoloCounters counters;
  RknnyoloFrameInfo info = { 0, };

  gst_rknn_yolo_queue_get_counters (self->queue, &counters);
  info.frame = frame->number;
  info.inferred = inferred;
  info.core = inferred ? frame->job.core : -1;
  info.cores = engine_info->n_cores;
  info.skipped = counters.skipped + counters.dropped;
  info.inference_time = frame->job.run_time * GST_USECOND;
  info.model = engine_info->model_name;
  info.width = frame->width;
  info.height = frame->height;
  rknnyolo_buffer_set_frame_info (buffer, &info);
}

static GstFlowReturn
push_frame (GstRknnYolo * self, GstRknnYoloFrame * frame)
{
  GstBuffer *buffer = make_writable (g_steal_pointer (&frame->buffer));
  g_autoptr (GError) death = NULL;
  GstFlowReturn result;
  gboolean inferred = frame->due == GST_RKNN_YOLO_DUE
      && frame->job.result == RY_JOB_OK;

  if (frame->discont)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  if (frame->job.rga_note)
    gst_rknn_yolo_failure_no_rga (self, frame->job.rga_reason,
        frame->job.rga_note);
  if (inferred)
    gst_rknn_yolo_meta_attach (buffer, frame->model->engine, &frame->job);
  else if (g_error_matches (frame->job.error, RY_ERROR, RY_ERROR_DEAD)
      || g_error_matches (frame->job.error, RY_ERROR, RY_ERROR_RGA))
    death = g_steal_pointer (&frame->job.error);
  else if (g_error_matches (frame->job.error, RY_ERROR, RY_ERROR_IMAGE))
    gst_rknn_yolo_failure_unreadable (self, buffer, frame->job.error);
  else if (frame->job.error)
    gst_rknn_yolo_failure_warn (self, frame->model, frame->job.error);
  attach_frame_info (self, buffer, frame, inferred);
  GST_LOG_OBJECT (self, "frame %" G_GUINT64_FORMAT ": %s, %u detections",
      frame->number, inferred ? "inferred" : "not inferred",
      frame->job.detections->len);
  if (++self->frames_since_check == FRAMES_PER_CHECK) {
    self->frames_since_check = 0;
    gst_rknn_yolo_latency_check (self);
    gst_rknn_yolo_failure_check (self, frame->model);
  }
  gst_rknn_yolo_queue_recycle (self->queue, frame);
  result = gst_pad_push (self->srcpad, buffer);
  return death ? gst_rknn_yolo_failure_end (self, death) : result;
}

/* We hold frames, so whoever makes them needs that many more. */
static void
reserve_buffers (GstRknnYolo * self, GstQuery * query)
{
  guint max_jobs, held, n_pools = gst_query_get_n_allocation_pools (query);
  GstCaps *caps;
  GstVideoInfo info;

  gst_rknn_yolo_get_limits (self, &max_jobs, &held);
  GST_OBJECT_LOCK (self);
  self->reserved = held;
  self->reserve_more = FALSE;
  GST_OBJECT_UNLOCK (self);
  /* A frame that is cropped by its meta must suit downstream, too, so for
   * GstVideoCropMeta downstream's answer stands. */
  if (!gst_query_find_allocation_meta (query, GST_VIDEO_META_API_TYPE, NULL))
    gst_query_add_allocation_meta (query, GST_VIDEO_META_API_TYPE, NULL);

  for (guint i = 0; i < n_pools; i++) {
    GstBufferPool *pool;
    guint size, min, max;

    gst_query_parse_nth_allocation_pool (query, i, &pool, &size, &min, &max);
    min += held;
    if (max > 0)
      max += held;
    gst_query_set_nth_allocation_pool (query, i, pool, size, min, max);
    gst_clear_object (&pool);
  }
  gst_query_parse_allocation (query, &caps, NULL);
  if (n_pools == 0 && caps && gst_rknn_yolo_caps_parse (caps, &info, NULL))
    gst_query_add_allocation_pool (query, NULL, GST_VIDEO_INFO_SIZE (&info),
        held, 0);
}

static void
answer_query (GstRknnYolo * self, GstQuery * query)
{
  gboolean answer = gst_pad_peer_query (self->srcpad, query);

  if (GST_QUERY_TYPE (query) == GST_QUERY_ALLOCATION) {
    reserve_buffers (self, query);
    answer = TRUE;
  }
  gst_rknn_yolo_queue_answer (self->queue, answer);
}

/* Downstream's return goes to upstream with the next buffer; once EOS came in
 * there is none, and nobody else would say that the stream broke. */
static void
stop_loop (GstRknnYolo * self)
{
  gboolean eos;
  GstFlowReturn result = gst_rknn_yolo_queue_pause (self->queue, &eos);

  GST_DEBUG_OBJECT (self, "paused: %s", gst_flow_get_name (result));
  if (eos && (result == GST_FLOW_NOT_LINKED || result < GST_FLOW_EOS)) {
    GST_ELEMENT_FLOW_ERROR (self, result);
    gst_pad_push_event (self->srcpad, gst_event_new_eos ());
  }
}

static void
gst_rknn_yolo_loop (GstPad * pad)
{
  GstRknnYolo *self = GST_RKNN_YOLO (GST_PAD_PARENT (pad));
  GstFlowReturn result = GST_FLOW_OK;
  GstRknnYoloItem item;

  if (!gst_rknn_yolo_queue_pop (self->queue, &item)) {
    stop_loop (self);
    return;
  }
  switch (item.type) {
    case GST_RKNN_YOLO_ITEM_FRAME:
      result = push_frame (self, item.frame);
      break;
    case GST_RKNN_YOLO_ITEM_EVENT:
      gst_pad_push_event (self->srcpad, item.event);
      break;
    case GST_RKNN_YOLO_ITEM_QUERY:
      answer_query (self, item.query);
      break;
  }
  if (result != GST_FLOW_OK)
    gst_rknn_yolo_queue_set_result (self->queue, result);
}

/* ---- out: events and queries from downstream ----------------------------- */

static gboolean
gst_rknn_yolo_src_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  GstRknnYolo *self = GST_RKNN_YOLO (parent);

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_QOS:
      gst_rknn_yolo_qos_note_event (self, event);
      break;
    case GST_EVENT_RECONFIGURE:
      gst_rknn_yolo_queue_retry (self->queue);
      break;
    default:
      break;
  }
  return gst_pad_push_event (self->sinkpad, event);
}

static gboolean
gst_rknn_yolo_src_query (GstPad * pad, GstObject * parent, GstQuery * query)
{
  GstRknnYolo *self = GST_RKNN_YOLO (parent);

  if (GST_QUERY_TYPE (query) == GST_QUERY_LATENCY)
    return gst_rknn_yolo_latency_query (self, query);
  return gst_pad_query_default (pad, parent, query);
}

/* ---- activation ---------------------------------------------------------- */

static gboolean
gst_rknn_yolo_sink_activate_mode (GstPad * pad, GstObject * parent,
    GstPadMode mode, gboolean active)
{
  GstRknnYolo *self = GST_RKNN_YOLO (parent);

  if (mode != GST_PAD_MODE_PUSH)
    return FALSE;
  if (active) {
    self->negotiated = FALSE;
    reset_stream (self);
    /* The source pad comes first, but only this one may have been off. */
    gst_rknn_yolo_queue_start (self->queue);
  } else {
    g_ptr_array_unref (gst_rknn_yolo_queue_flush (self->queue));
  }
  return TRUE;
}

static gboolean
gst_rknn_yolo_src_activate_mode (GstPad * pad, GstObject * parent,
    GstPadMode mode, gboolean active)
{
  GstRknnYolo *self = GST_RKNN_YOLO (parent);

  if (mode != GST_PAD_MODE_PUSH)
    return FALSE;
  if (active) {
    gst_rknn_yolo_queue_start (self->queue);
    return gst_pad_start_task (pad, (GstTaskFunction) gst_rknn_yolo_loop, pad,
        NULL);
  }
  g_ptr_array_unref (gst_rknn_yolo_queue_flush (self->queue));
  return gst_pad_stop_task (pad);
}

void
gst_rknn_yolo_flow_class_init (GstElementClass * klass)
{
  gst_element_class_add_static_pad_template (klass, &sink_template);
  gst_element_class_add_static_pad_template (klass, &src_template);
}

void
gst_rknn_yolo_flow_init (GstRknnYolo * self)
{
  self->sinkpad = gst_pad_new_from_static_template (&sink_template, "sink");
  gst_pad_set_chain_function (self->sinkpad, gst_rknn_yolo_chain);
  gst_pad_set_event_full_function (self->sinkpad, gst_rknn_yolo_sink_event);
  gst_pad_set_query_function (self->sinkpad, gst_rknn_yolo_sink_query);
  gst_pad_set_activatemode_function (self->sinkpad,
      gst_rknn_yolo_sink_activate_mode);
  GST_PAD_SET_PROXY_CAPS (self->sinkpad);
  gst_element_add_pad (GST_ELEMENT (self), self->sinkpad);

  self->srcpad = gst_pad_new_from_static_template (&src_template, "src");
  gst_pad_set_event_function (self->srcpad, gst_rknn_yolo_src_event);
  gst_pad_set_query_function (self->srcpad, gst_rknn_yolo_src_query);
  gst_pad_set_activatemode_function (self->srcpad,
      gst_rknn_yolo_src_activate_mode);
  GST_PAD_SET_PROXY_CAPS (self->srcpad);
  gst_element_add_pad (GST_ELEMENT (self), self->srcpad);

  self->queue = gst_rknn_yolo_queue_new (self->srcpad,
      (GstTaskFunction) gst_rknn_yolo_loop);
}
