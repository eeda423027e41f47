/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gstrknnyoloqueue.h"

#include <gst/base/gstqueuearray.h>
#include <string.h>

struct _GstRknnYoloQueue
{
  /* Neither the engine's lock nor another pad's stream lock is taken while it
   * is held, but that of the models is; nothing is pushed and nothing is freed
   * under it. */
  GMutex lock;
  GCond ready;                  /* the head may leave, or there is none to wait for */
  GCond space;                  /* a frame left, or there is none to wait for */
  GCond answered;               /* a query was, or will never be */

  GstQueueArray *items;         /* GstRknnYoloItem */
  GPtrArray *unused;            /* GstRknnYoloFrame */
  guint max_jobs, max_frames;
  guint n_jobs, n_frames;       /* admitted and not yet popped */

  GstPad *srcpad;               /* whose task it is; borrowed */
  GstTaskFunction loop;

  GstFlowReturn result;
  gboolean downstream_eos;      /* frames are refused, events are not */
  gboolean eos;                 /* an EOS event came in */
  gboolean discont;             /* a frame was dropped; the next one says so */
  gboolean relinked;            /* since the last item was popped */
  GstQuery *running_query;      /* popped, not yet answered */
  GstQuery *answered_query;
  gboolean answer;
  GstRknnYoloCounters counters;

  /* Monotonic time in microseconds, as if downstream took no time. */
  gint64 last_ready;            /* when the frame popped last could leave */
  gint64 last_left;             /* when the frame pushed last did leave */
  gint64 disturbed_until;       /* latency is not that of all frames */
  RySeries latency;
};

#define LOCK(self) g_mutex_lock (&(self)->lock)
#define UNLOCK(self) g_mutex_unlock (&(self)->lock)

static void
free_frame (gpointer data)
{
  GstRknnYoloFrame *frame = data;

  ry_job_clear (&frame->job);
  g_free (frame);
}

GstRknnYoloQueue *
gst_rknn_yolo_queue_new (GstPad * srcpad, GstTaskFunction loop)
{
  GstRknnYoloQueue *self = g_new0 (GstRknnYoloQueue, 1);

  g_mutex_init (&self->lock);
  g_cond_init (&self->ready);
  g_cond_init (&self->space);
  g_cond_init (&self->answered);
  self->items = gst_queue_array_new_for_struct (sizeof (GstRknnYoloItem), 16);
  self->unused = g_ptr_array_new_with_free_func (free_frame);
  self->max_jobs = self->max_frames = 1;
  self->result = GST_FLOW_FLUSHING;
  self->srcpad = srcpad;
  self->loop = loop;
  return self;
}

void
gst_rknn_yolo_queue_free (GstRknnYoloQueue * self)
{
  gst_queue_array_free (self->items);
  g_ptr_array_unref (self->unused);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->ready);
  g_cond_clear (&self->space);
  g_cond_clear (&self->answered);
  g_free (self);
}

void
gst_rknn_yolo_queue_set_limits (GstRknnYoloQueue * self, guint max_jobs,
    guint max_frames)
{
  LOCK (self);
  self->max_jobs = max_jobs;
  self->max_frames = max_frames;
  g_cond_broadcast (&self->space);
  UNLOCK (self);
}

guint
gst_rknn_yolo_queue_get_max_frames (GstRknnYoloQueue * self)
{
  guint max_frames;

  LOCK (self);
  max_frames = self->max_frames;
  UNLOCK (self);
  return max_frames;
}

/* Not while the source pad is being deactivated: its task may not have noticed
 * the flush yet, and would wait for frames again instead of ending.  Call with
 * the lock held, so that this cannot pass a task that is about to pause, nor
 * revive one that is being stopped. */
static void
resume (GstRknnYoloQueue * self)
{
  gboolean active, has_task;

  GST_OBJECT_LOCK (self->srcpad);
  active = GST_PAD_MODE (self->srcpad) == GST_PAD_MODE_PUSH;
  has_task = GST_PAD_TASK (self->srcpad) != NULL;
  GST_OBJECT_UNLOCK (self->srcpad);
  if (!active)
    return;
  self->result = GST_FLOW_OK;
  if (has_task)
    gst_pad_start_task (self->srcpad, self->loop, self->srcpad, NULL);
}

void
gst_rknn_yolo_queue_start (GstRknnYoloQueue * self)
{
  LOCK (self);
  self->downstream_eos = FALSE;
  self->eos = FALSE;
  self->discont = FALSE;
  resume (self);
  UNLOCK (self);
}

void
gst_rknn_yolo_queue_retry (GstRknnYoloQueue * self)
{
  LOCK (self);
  self->relinked = TRUE;
  if (self->result == GST_FLOW_NOT_LINKED)
    resume (self);
  UNLOCK (self);
}

GstFlowReturn
gst_rknn_yolo_queue_pause (GstRknnYoloQueue * self, gboolean * eos)
{
  GstFlowReturn result;

  LOCK (self);
  result = self->result;
  *eos = self->eos;
  if (result != GST_FLOW_OK)
    gst_pad_pause_task (self->srcpad);
  UNLOCK (self);
  return result;
}

/* Call with the lock held. */
static void
wake_all (GstRknnYoloQueue * self)
{
  g_cond_broadcast (&self->ready);
  g_cond_broadcast (&self->space);
  g_cond_broadcast (&self->answered);
}

/* For what is thrown away: freeing runs code of others (pools, applications),
 * so it waits until the lock is released. */
static GPtrArray *
new_waste (void)
{
  return g_ptr_array_new_with_free_func (
      (GDestroyNotify) gst_mini_object_unref);
}

/* Returns the frame, without its buffer, to the unused ones.  Call with the
 * lock held. */
static void
put_back (GstRknnYoloQueue * self, GstRknnYoloFrame * frame)
{
  ry_job_reset (&frame->job);
  gst_rknn_yolo_model_unuse (g_steal_pointer (&frame->model));
  g_ptr_array_add (self->unused, frame);
}

/* A frame has left the queue, one way or another.  Call with the lock held. */
static void
leave (GstRknnYoloQueue * self, GstRknnYoloFrame * frame)
{
  self->n_frames--;
  if (frame->due == GST_RKNN_YOLO_DUE)
    self->n_jobs--;
  g_cond_signal (&self->space);
}

/* A running job cannot be called back: its frame waits outside the queue until
 * the job is done.  Call with the lock held. */
static void
throw_away (GstRknnYoloQueue * self, GstRknnYoloFrame * frame,
    GPtrArray * waste)
{
  leave (self, frame);
  self->counters.flushed++;
  if (frame->done) {
    g_ptr_array_add (waste, g_steal_pointer (&frame->buffer));
    put_back (self, frame);
  } else {
    frame->abandoned = TRUE;
  }
}

/* Call with the lock held. */
static void
throw_item_away (GstRknnYoloQueue * self, GstRknnYoloItem * item,
    GPtrArray * waste)
{
  switch (item->type) {
    case GST_RKNN_YOLO_ITEM_FRAME:
      throw_away (self, item->frame, waste);
      break;
    case GST_RKNN_YOLO_ITEM_EVENT:
      g_ptr_array_add (waste, item->event);
      break;
    case GST_RKNN_YOLO_ITEM_QUERY:
      self->answered_query = item->query;
      self->answer = FALSE;
      g_cond_broadcast (&self->answered);
      break;
  }
}

GPtrArray *
gst_rknn_yolo_queue_flush (GstRknnYoloQueue * self)
{
  GPtrArray *waste = new_waste ();
  GstRknnYoloItem *item;

  LOCK (self);
  self->result = GST_FLOW_FLUSHING;
  while ((item = gst_queue_array_pop_head_struct (self->items)))
    throw_item_away (self, item, waste);
  wake_all (self);
  UNLOCK (self);
  return waste;
}

/* Call with the lock held. */
static GstFlowReturn
upstream_result (GstRknnYoloQueue * self)
{
  if (self->result != GST_FLOW_OK)
    return self->result;
  return self->eos || self->downstream_eos ? GST_FLOW_EOS : GST_FLOW_OK;
}

/* Call with the lock held. */
static GstRknnYoloFrame *
take_unused (GstRknnYoloQueue * self)
{
  GstRknnYoloFrame *frame;

  if (self->unused->len > 0)
    return g_ptr_array_steal_index_fast (self->unused, self->unused->len - 1);

  frame = g_new0 (GstRknnYoloFrame, 1);
  ry_job_init (&frame->job);
  frame->queue = self;
  frame->job.user_data = frame;
  frame->job.done = gst_rknn_yolo_queue_job_done;
  return frame;
}

/* From when on the time of a frame counts that came in at arrived and may have
 * waited for room.  Time that downstream blocked does not count: without it
 * the frame that made room would have left as soon as it could.  Call with the
 * lock held. */
static gint64
count_from (GstRknnYoloQueue * self, gint64 arrived, gboolean waited)
{
  gint64 now;

  if (!waited)
    return arrived;
  now = g_get_monotonic_time ();
  return now - CLAMP (self->last_ready - arrived, 0, now - arrived);
}

/* Decides what happens with a frame while there is no room for it or its job.
 * Returns TRUE when there is nothing to wait for: drop never waits, skip only
 * behind many frames.  Call with the lock held. */
static gboolean
settle_overload (GstRknnYoloQueue * self, GstRknnYoloOverload overload,
    GstRknnYoloDue * due, gboolean * drop)
{
  if (*due == GST_RKNN_YOLO_DUE && self->n_jobs >= self->max_jobs) {
    switch (overload) {
      case GST_RKNN_YOLO_OVERLOAD_WAIT:
        return FALSE;
      case GST_RKNN_YOLO_OVERLOAD_SKIP:
        *due = GST_RKNN_YOLO_LATE;
        break;
      case GST_RKNN_YOLO_OVERLOAD_DROP:
        *drop = TRUE;
        return TRUE;
    }
  }
  if (self->n_frames < self->max_frames)
    return TRUE;
  *drop = overload == GST_RKNN_YOLO_OVERLOAD_DROP;
  return *drop;
}

GstFlowReturn
gst_rknn_yolo_queue_admit (GstRknnYoloQueue * self, GstRknnYoloDue due,
    GstRknnYoloOverload overload, GstRknnYoloFrame ** frame)
{
  gint64 arrived = g_get_monotonic_time ();
  gboolean drop = FALSE, waited = FALSE;
  GstFlowReturn result;

  *frame = NULL;
  LOCK (self);
  while ((result = upstream_result (self)) == GST_FLOW_OK
      && !settle_overload (self, overload, &due, &drop)) {
    waited = TRUE;
    g_cond_wait (&self->space, &self->lock);
  }
  if (result != GST_FLOW_OK) {
    UNLOCK (self);
    return result;
  }

  if (drop) {
    self->counters.frames_in++;
    self->counters.dropped++;
    self->discont = TRUE;
  } else {
    *frame = take_unused (self);
    (*frame)->number = self->counters.frames_in++;
    (*frame)->due = due;
    (*frame)->done = due != GST_RKNN_YOLO_DUE;
    (*frame)->abandoned = FALSE;
    (*frame)->discont = self->discont;
    (*frame)->admitted = count_from (self, arrived, waited);
    (*frame)->done_time = (*frame)->admitted;
    self->discont = FALSE;
    self->n_frames++;
    if (due == GST_RKNN_YOLO_DUE)
      self->n_jobs++;
  }
  UNLOCK (self);
  return GST_FLOW_OK;
}

void
gst_rknn_yolo_queue_give_up_job (GstRknnYoloQueue * self,
    GstRknnYoloFrame * frame)
{
  LOCK (self);
  frame->due = GST_RKNN_YOLO_UNFIT;
  frame->done = TRUE;
  frame->done_time = g_get_monotonic_time ();
  self->n_jobs--;
  UNLOCK (self);
}

/* Call with the lock held. */
static gboolean
head_is_ready (GstRknnYoloQueue * self)
{
  GstRknnYoloItem *head = gst_queue_array_peek_head_struct (self->items);

  return head && (head->type != GST_RKNN_YOLO_ITEM_FRAME || head->frame->done);
}

/* The task is not woken for nothing, which would be once a frame.  Call with the
 * lock held. */
static void
wake_task (GstRknnYoloQueue * self)
{
  if (head_is_ready (self))
    g_cond_signal (&self->ready);
}

/* Call with the lock held. */
static void
append (GstRknnYoloQueue * self, GstRknnYoloItem * item)
{
  gst_queue_array_push_tail_struct (self->items, item);
  wake_task (self);
}

GstFlowReturn
gst_rknn_yolo_queue_push_frame (GstRknnYoloQueue * self,
    GstRknnYoloFrame * frame)
{
  GstRknnYoloItem item = {.type = GST_RKNN_YOLO_ITEM_FRAME,.frame = frame };
  g_autoptr (GPtrArray) waste = NULL;
  GstFlowReturn result;

  LOCK (self);
  result = upstream_result (self);
  if (result == GST_FLOW_OK) {
    append (self, &item);
  } else {
    frame->done = TRUE;
    waste = new_waste ();
    throw_away (self, frame, waste);
  }
  UNLOCK (self);
  return result;
}

void
gst_rknn_yolo_queue_job_done (RyJob * job)
{
  GstRknnYoloFrame *frame = job->user_data;
  GstRknnYoloQueue *self = frame->queue;
  GstBuffer *buffer = NULL;

  LOCK (self);
  frame->done = TRUE;
  frame->done_time = g_get_monotonic_time ();
  if (frame->abandoned) {
    buffer = g_steal_pointer (&frame->buffer);
    put_back (self, frame);
  } else {
    wake_task (self);
  }
  UNLOCK (self);
  gst_clear_buffer (&buffer);
}

GstFlowReturn
gst_rknn_yolo_queue_push_event (GstRknnYoloQueue * self, GstEvent * event)
{
  GstRknnYoloItem item = {.type = GST_RKNN_YOLO_ITEM_EVENT,.event = event };
  GstFlowReturn result;

  LOCK (self);
  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_STREAM_START:
      self->eos = FALSE;
      self->downstream_eos = FALSE;
      break;
    case GST_EVENT_SEGMENT:
      self->downstream_eos = FALSE;
      break;
    default:
      break;
  }
  result = self->result;
  /* After downstream's error sticky events are kept, as every queue does:
   * the next frame says more of what is wrong than a refused event.  But
   * behind EOS no frame comes. */
  if (result != GST_FLOW_FLUSHING && GST_EVENT_IS_STICKY (event)
      && GST_EVENT_TYPE (event) != GST_EVENT_EOS)
    result = GST_FLOW_OK;
  if (result == GST_FLOW_OK && self->eos)
    result = GST_FLOW_EOS;
  if (result == GST_FLOW_OK) {
    if (GST_EVENT_TYPE (event) == GST_EVENT_EOS)
      self->eos = TRUE;
    append (self, &item);
  }
  UNLOCK (self);
  if (result != GST_FLOW_OK)
    gst_event_unref (event);
  return result;
}

/* Its owner does not wait any longer.  Call with the lock held. */
static void
withdraw_query (GstRknnYoloQueue * self, GstQuery * query)
{
  guint n = gst_queue_array_get_length (self->items);

  for (guint i = 0; i < n; i++) {
    GstRknnYoloItem *item = gst_queue_array_peek_nth_struct (self->items, i);

    if (item->type == GST_RKNN_YOLO_ITEM_QUERY && item->query == query) {
      gst_queue_array_drop_struct (self->items, i, NULL);
      return;
    }
  }
}

gboolean
gst_rknn_yolo_queue_push_query (GstRknnYoloQueue * self, GstQuery * query)
{
  GstRknnYoloItem item = {.type = GST_RKNN_YOLO_ITEM_QUERY,.query = query };
  gboolean answer = FALSE;

  LOCK (self);
  if (self->result == GST_FLOW_OK) {
    append (self, &item);
    /* Only one thread sends serialized queries: the sink pad's.  A query that
     * the task has in hand is waited for even when flushing, because it is
     * freed after this. */
    while (self->answered_query != query
        && (self->result == GST_FLOW_OK || self->running_query == query))
      g_cond_wait (&self->answered, &self->lock);
    answer = self->answered_query == query && self->answer;
    if (self->answered_query != query)
      withdraw_query (self, query);
    self->answered_query = NULL;
  }
  UNLOCK (self);
  return answer;
}

void
gst_rknn_yolo_queue_answer (GstRknnYoloQueue * self, gboolean answer)
{
  LOCK (self);
  self->answered_query = self->running_query;
  self->running_query = NULL;
  self->answer = answer;
  g_cond_broadcast (&self->answered);
  UNLOCK (self);
}

/* Call with the lock held. */
static void
count_result (GstRknnYoloQueue * self, const GstRknnYoloFrame * frame)
{
  GstRknnYoloCounters *counters = &self->counters;

  switch (frame->due) {
    case GST_RKNN_YOLO_DUE:
      if (frame->job.result == RY_JOB_OK)
        counters->inferred++;
      else
        counters->failed++;
      break;
    case GST_RKNN_YOLO_NOT_DUE:
      counters->passed++;
      break;
    case GST_RKNN_YOLO_LATE:
      counters->skipped++;
      break;
    case GST_RKNN_YOLO_UNFIT:
      counters->failed++;
      break;
    case GST_RKNN_YOLO_CORRUPTED:
      counters->corrupted++;
      break;
  }
}

/* The task came for it at asked and handles it from now on.  Call with the
 * lock held. */
static void
note_ready (GstRknnYoloQueue * self, GstRknnYoloFrame * frame, gint64 asked)
{
  frame->ready = MAX (frame->done_time, self->last_left);
  frame->handled = MAX (frame->done_time, asked);
  self->last_ready = frame->ready;
}

/* It is about to be pushed.  Call with the lock held. */
static void
note_left (GstRknnYoloQueue * self, const GstRknnYoloFrame * frame)
{
  gboolean waited = frame->ready > frame->done_time;

  self->last_left = frame->ready + g_get_monotonic_time () - frame->handled;
  /* A context that hangs says nothing of the frames to come: neither its frame
   * counts, nor do those that came in before that had left. */
  if (frame->due == GST_RKNN_YOLO_DUE && frame->job.result == RY_JOB_FAILED)
    self->disturbed_until = self->last_left;
  if (frame->admitted >= self->disturbed_until
      && (waited || frame->due == GST_RKNN_YOLO_DUE))
    ry_series_add (&self->latency, self->last_left - frame->admitted);
}

gboolean
gst_rknn_yolo_queue_pop (GstRknnYoloQueue * self, GstRknnYoloItem * item)
{
  gint64 asked = g_get_monotonic_time ();
  gboolean popped;

  LOCK (self);
  while (self->result == GST_FLOW_OK && !head_is_ready (self))
    g_cond_wait (&self->ready, &self->lock);
  popped = self->result == GST_FLOW_OK;
  if (popped) {
    *item = *(GstRknnYoloItem *) gst_queue_array_pop_head_struct (self->items);
    self->relinked = FALSE;
    if (item->type == GST_RKNN_YOLO_ITEM_FRAME) {
      note_ready (self, item->frame, asked);
      leave (self, item->frame);
      count_result (self, item->frame);
    } else if (item->type == GST_RKNN_YOLO_ITEM_QUERY) {
      self->running_query = item->query;
    }
  }
  UNLOCK (self);
  return popped;
}

void
gst_rknn_yolo_queue_recycle (GstRknnYoloQueue * self, GstRknnYoloFrame * frame)
{
  LOCK (self);
  note_left (self, frame);
  put_back (self, frame);
  UNLOCK (self);
}

/* Call with the lock held. */
static gboolean
ends_segment (const GstRknnYoloItem * item)
{
  if (item->type != GST_RKNN_YOLO_ITEM_EVENT)
    return FALSE;
  switch (GST_EVENT_TYPE (item->event)) {
    case GST_EVENT_EOS:
    case GST_EVENT_SEGMENT:
    case GST_EVENT_STREAM_START:
      return TRUE;
    default:
      return FALSE;
  }
}

/* Downstream wants no more of this segment: all goes, up to an event that may
 * change its mind, but for what is still true after that (caps, tags).  Call
 * with the lock held. */
static void
drop_segment (GstRknnYoloQueue * self, GPtrArray * waste)
{
  guint n = gst_queue_array_get_length (self->items);
  gboolean ended = FALSE;

  self->downstream_eos = TRUE;
  for (guint i = 0; i < n; i++) {
    GstRknnYoloItem item =
        *(GstRknnYoloItem *) gst_queue_array_pop_head_struct (self->items);

    if (!ended && ends_segment (&item)) {
      ended = TRUE;
      self->downstream_eos = GST_EVENT_TYPE (item.event) == GST_EVENT_EOS;
    }
    if (ended || (item.type == GST_RKNN_YOLO_ITEM_EVENT
            && GST_EVENT_IS_STICKY (item.event)))
      gst_queue_array_push_tail_struct (self->items, &item);
    else
      throw_item_away (self, &item, waste);
  }
}

void
gst_rknn_yolo_queue_set_result (GstRknnYoloQueue * self, GstFlowReturn result)
{
  g_autoptr (GPtrArray) waste = new_waste ();

  LOCK (self);
  if (result == GST_FLOW_EOS) {
    drop_segment (self, waste);
    g_cond_broadcast (&self->space);
  } else if (result == GST_FLOW_NOT_LINKED && self->relinked) {
    /* Out of date: nobody would say again that there is a link. */
  } else if (self->result == GST_FLOW_OK) {
    self->result = result;
    wake_all (self);
  }
  UNLOCK (self);
}

void
gst_rknn_yolo_queue_get_counters (GstRknnYoloQueue * self,
    GstRknnYoloCounters * counters)
{
  LOCK (self);
  *counters = self->counters;
  counters->in_flight = self->n_frames;
  UNLOCK (self);
}

void
gst_rknn_yolo_queue_get_latency (GstRknnYoloQueue * self, RySeries * copy)
{
  LOCK (self);
  *copy = self->latency;
  UNLOCK (self);
}

void
gst_rknn_yolo_queue_reset_latency (GstRknnYoloQueue * self)
{
  LOCK (self);
  memset (&self->latency, 0, sizeof (self->latency));
  UNLOCK (self);
}

void
gst_rknn_yolo_queue_reset_counters (GstRknnYoloQueue * self)
{
  LOCK (self);
  memset (&self->counters, 0, sizeof (self->counters));
  UNLOCK (self);
}
