/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The ordered queue of rknnyolo: frames, events and queries leave it in the
 * order in which they came, a frame only when its inference is over.
 *
 * The thread of the sink pad puts things in, the task of the source pad takes
 * them out, threads of the engine report frames done.  Order is the order of
 * the queue and nothing else. */

#pragma once

#include <gst/gst.h>
#include <gst/video/video.h>

#include "engine/engine.h"
#include "gstrknnyoloframe.h"
#include "gstrknnyolomodel.h"

G_BEGIN_DECLS

typedef struct _GstRknnYoloQueue GstRknnYoloQueue;

/* Whether a frame is to be inferred, and if not, why not. */
typedef enum
{
  GST_RKNN_YOLO_DUE,
  GST_RKNN_YOLO_NOT_DUE,        /* counted as passed */
  GST_RKNN_YOLO_LATE,           /* counted as skipped */
  GST_RKNN_YOLO_CORRUPTED,
  GST_RKNN_YOLO_UNFIT,          /* cannot be read; counted as failed */
} GstRknnYoloDue;

/* A buffer and its job.  Frames belong to the queue and are used again. */
typedef struct
{
  GstRknnYoloQueue *queue;
  GstBuffer *buffer;
  GstRknnYoloModel *model;      /* of which it is a user */
  GstRknnYoloView view;         /* of buffer, for job.image */
  guint width, height;          /* of the frame, as its caps said */
  guint64 number;               /* frames that came in before this one */
  GstRknnYoloDue due;           /* GST_RKNN_YOLO_DUE: has a job */
  gboolean discont;             /* frames were dropped before this one */
  RyJob job;

  /* under the queue's lock */
  gboolean done;                /* may leave */
  gboolean abandoned;           /* flushed while its job was running */

  /* the queue's, monotonic time in microseconds */
  gint64 admitted;              /* from when on its latency counts */
  gint64 done_time;
  gint64 ready;                 /* it and all before it were done and gone */
  gint64 handled;               /* since when the task works on it */
} GstRknnYoloFrame;

typedef enum
{
  GST_RKNN_YOLO_ITEM_FRAME,
  GST_RKNN_YOLO_ITEM_EVENT,
  GST_RKNN_YOLO_ITEM_QUERY,
} GstRknnYoloItemType;

typedef struct
{
  GstRknnYoloItemType type;
  union
  {
    GstRknnYoloFrame *frame;
    GstEvent *event;
    GstQuery *query;            /* borrowed from whoever waits for it */
  };
} GstRknnYoloItem;

typedef enum
{
  GST_RKNN_YOLO_OVERLOAD_WAIT,
  GST_RKNN_YOLO_OVERLOAD_SKIP,
  GST_RKNN_YOLO_OVERLOAD_DROP,
} GstRknnYoloOverload;

/* Every frame that came in is in exactly one of these, or in flight. */
typedef struct
{
  guint64 frames_in;
  guint64 inferred;             /* left with a result */
  guint64 passed;               /* left without: interval, GAP */
  guint64 skipped;              /* left without: overload, QoS */
  guint64 failed;               /* left without: it could not be inferred */
  guint64 corrupted;            /* left without: upstream flagged it so */
  guint64 dropped;              /* thrown away: overload=drop */
  guint64 flushed;              /* thrown away: flush, or downstream gave up */
  guint in_flight;
} GstRknnYoloCounters;

/* loop is the function of srcpad's task, which the queue pauses and resumes. */
GstRknnYoloQueue *gst_rknn_yolo_queue_new (GstPad * srcpad,
    GstTaskFunction loop);
void gst_rknn_yolo_queue_free (GstRknnYoloQueue * self);

/* max_jobs: frames with inference inside; max_frames: frames in all. */
void gst_rknn_yolo_queue_set_limits (GstRknnYoloQueue * self, guint max_jobs,
    guint max_frames);
guint gst_rknn_yolo_queue_get_max_frames (GstRknnYoloQueue * self);

/* If the source pad is active: accepts from now on, and resumes the task if
 * there is one; counters are kept. */
void gst_rknn_yolo_queue_start (GstRknnYoloQueue * self);

/* The source pad may have been linked anew: goes on if it was not. */
void gst_rknn_yolo_queue_retry (GstRknnYoloQueue * self);

/* Refuses everything from now on with GST_FLOW_FLUSHING and wakes whoever
 * waits.  Never waits for a job.  Returns the buffers and events that were
 * queued, in order, for the caller to free when no lock is held. */
GPtrArray *gst_rknn_yolo_queue_flush (GstRknnYoloQueue * self);

/* Room for one more frame, waiting for it if it must.  *frame is NULL when the
 * frame is to be dropped; else it is the caller's until
 * gst_rknn_yolo_queue_push_frame, with due set as it was decided.  The caller
 * sets buffer and model, which the queue takes over. */
GstFlowReturn gst_rknn_yolo_queue_admit (GstRknnYoloQueue * self,
    GstRknnYoloDue due, GstRknnYoloOverload overload,
    GstRknnYoloFrame ** frame);

/* The frame cannot be read: it passes without a job. */
void gst_rknn_yolo_queue_give_up_job (GstRknnYoloQueue * self,
    GstRknnYoloFrame * frame);

/* Takes the frame with its buffer.  If it has a job the caller submits it
 * after GST_FLOW_OK; gst_rknn_yolo_queue_job_done must be the job's done.
 * After any other result the frame is gone. */
GstFlowReturn gst_rknn_yolo_queue_push_frame (GstRknnYoloQueue * self,
    GstRknnYoloFrame * frame);
void gst_rknn_yolo_queue_job_done (RyJob * job);

/* Takes the event. */
GstFlowReturn gst_rknn_yolo_queue_push_event (GstRknnYoloQueue * self,
    GstEvent * event);

/* Waits until the source pad's task has answered the query. */
gboolean gst_rknn_yolo_queue_push_query (GstRknnYoloQueue * self,
    GstQuery * query);

/* The next item, waiting for it.  FALSE when the queue does not go on. */
gboolean gst_rknn_yolo_queue_pop (GstRknnYoloQueue * self,
    GstRknnYoloItem * item);

/* What became of a popped item.  The frame's buffer must have been taken, to
 * be pushed next. */
void gst_rknn_yolo_queue_recycle (GstRknnYoloQueue * self,
    GstRknnYoloFrame * frame);
void gst_rknn_yolo_queue_answer (GstRknnYoloQueue * self, gboolean answer);

/* What downstream said to a buffer or event: returned to upstream from now on.
 * GST_FLOW_EOS throws away the frames up to the next segment or EOS event;
 * GST_FLOW_NOT_LINKED is forgotten if the pad was linked since the pop. */
void gst_rknn_yolo_queue_set_result (GstRknnYoloQueue * self,
    GstFlowReturn result);

/* For the task when pop returned FALSE: pauses it and returns why, and whether
 * EOS had come in by then.  GST_FLOW_OK when there is a reason to go on. */
GstFlowReturn gst_rknn_yolo_queue_pause (GstRknnYoloQueue * self,
    gboolean * eos);

void gst_rknn_yolo_queue_get_counters (GstRknnYoloQueue * self,
    GstRknnYoloCounters * counters);
void gst_rknn_yolo_queue_reset_counters (GstRknnYoloQueue * self);

/* What the last frames took from their coming in until they were pushed, in
 * microseconds, without the time that downstream blocked.  Waiting for room
 * counts as far as this element was the cause.  Frames that had neither a job
 * nor one to wait for are left out. */
void gst_rknn_yolo_queue_get_latency (GstRknnYoloQueue * self,
    RySeries * copy);
void gst_rknn_yolo_queue_reset_latency (GstRknnYoloQueue * self);

G_END_DECLS
