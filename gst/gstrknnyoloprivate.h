/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the files of the element share:
 *   gstrknnyolo.c         properties, states
 *   gstrknnyoloload.c     the model it starts with
 *   gstrknnyoloreload.c   another model while it runs
 *   gstrknnyolosettings.c how frames are looked at
 *   gstrknnyoloflow.c     pads and what goes through them
 *   gstrknnyololatency.c  what that takes
 *   gstrknnyoloqos.c      frames that come too late
 *   gstrknnyolostats.c    what the property stats says
 *   gstrknnyoloreport.c   the same unasked, at intervals */

#pragma once

#include <gst/gst.h>
#include <gst/video/video.h>

#include "engine/engine.h"
#include "gstrknnyolo.h"
#include "gstrknnyoloinstances.h"
#include "gstrknnyolomodel.h"
#include "gstrknnyoloqueue.h"

G_BEGIN_DECLS

GST_DEBUG_CATEGORY_EXTERN (gst_rknn_yolo_debug);

struct _GstRknnYolo
{
  GstElement element;

  GstPad *sinkpad;
  GstPad *srcpad;
  GstRknnYoloQueue *queue;

  /* Under the object lock, under which no other lock is taken. */
  GstRknnYoloModelConfig config;        /* for the next model to be loaded */
  gboolean model_set;           /* since it was last looked at */
  gchar *classes;
  gchar *instance_id;
  RyDecodeParams decode;        /* without classes */
  RyLetterboxMode letterbox;
  guint max_in_flight;
  GstRknnYoloOverload overload;
  guint interval;
  gboolean qos;
  guint reserved;               /* frames that upstream's pools reckon with */
  gboolean reserve_more;        /* they are more by now */
  RySettings *settings;         /* of the properties above, for jobs */
  gboolean warned_unreadable;
  GstClockTime earliest_time;   /* running time before which frames are late */
  gdouble proportion;           /* of the last QOS event */
  GstClockTime frame_duration;  /* by the caps; 0: not known */
  GstClockTime reported_latency;
  guint stats_interval;         /* milliseconds, 0: never */
  gboolean reporting;           /* between start and stop */
  GstClockID stats_id, log_id;  /* NULL: not scheduled */

  /* Lock order: engine_lock, then the queue's, then that of models, then the
   * object lock.  Recursive because a flush frees buffers under it, which may
   * run code of others. */
  GRecMutex engine_lock;

  /* Changed under engine_lock, while the pads are inactive or by the sink pad's
   * streaming thread; so that thread reads it without, all others with it, and
   * the source pad's task has that of the frame. */
  GstRknnYoloModel *model;
  GstRknnYoloModel *next_model; /* takes over; changed under both locks */
  GSList *retired_models;       /* under engine_lock */

  /* The lock of models also holds for these. */
  GstRknnYoloModelGroup models;
  GThread *reload_thread;       /* which ends when this is another */
  gboolean reload_open;
  gboolean reload_requested;
  GstRknnYoloModelConfig reload_config; /* if requested */

  /* The sink pad's streaming thread only. */
  GstVideoInfo info;
  gboolean negotiated;
  GstSegment segment;
  guint since_inference;        /* frames, for interval */
  guint64 qos_processed, qos_dropped;   /* frames since the last flush */

  /* The source pad's task only. */
  guint frames_since_check;
  guint told_rga;               /* bits of RyRgaReason that were logged */
};

struct _GstRknnYoloClass
{
  GstElementClass parent_class;

  GstRknnYoloInstances *instances;
};

/* Loads the model that the properties say; FALSE after posting why not. */
gboolean gst_rknn_yolo_load_open (GstRknnYolo * self);
/* Frees all models.  The pads must be inactive and the reloading stopped. */
void gst_rknn_yolo_load_close (GstRknnYolo * self);
void gst_rknn_yolo_log_model (GstRknnYolo * self,
    const GstRknnYoloModel * model);
/* Which of several input sizes the caps choose.  The sink pad's streaming
 * thread only. */
void gst_rknn_yolo_log_input_size (GstRknnYolo * self);
/* An error or a warning of the kind of error. */
void gst_rknn_yolo_post_load_error (GstRknnYolo * self, GstMessageType type,
    const GError * error, const gchar * text, const gchar * model);

/* Between start and stop, check begins to load another model if the property
 * was set. */
void gst_rknn_yolo_reload_start (GstRknnYolo * self);
void gst_rknn_yolo_reload_check (GstRknnYolo * self);
/* Waits until a model that is being loaded is thrown away. */
void gst_rknn_yolo_reload_stop (GstRknnYolo * self);
/* next_model takes over.  The sink pad's streaming thread only. */
void gst_rknn_yolo_reload_switch (GstRknnYolo * self);

/* Frames that come from now on are looked at as the properties say now.  Call
 * with the engine lock held and a model.  A word of the property classes that
 * names none is put into *unknown, for warn, which posts. */
void gst_rknn_yolo_settings_update (GstRknnYolo * self, gchar ** unknown);
void gst_rknn_yolo_settings_warn (GstRknnYolo * self, const gchar * unknown);

/* How many frames the element holds at most, by its properties and model.  The
 * sink pad's streaming thread, or with the engine lock held. */
void gst_rknn_yolo_get_limits (GstRknnYolo * self, guint * max_jobs,
    guint * max_frames);

/* Answers a LATENCY query.  Any thread. */
gboolean gst_rknn_yolo_latency_query (GstRknnYolo * self, GstQuery * query);
/* Posts LATENCY when the time that frames take is not what was reported.
 * Any thread. */
void gst_rknn_yolo_latency_check (GstRknnYolo * self);
/* With another model frames take another time. */
void gst_rknn_yolo_latency_restart (GstRknnYolo * self);

/* A frame without inference, for the reason of error.  Any thread. */
void gst_rknn_yolo_failure_unreadable (GstRknnYolo * self, GstBuffer * buffer,
    const GError * error);

/* The source pad's task only.  _no_rga tells once of each reason for
 * which the CPU makes inputs, _warn of the first inference that failed,
 * _check of contexts that are lost, _end of the end that no context is left. */
void gst_rknn_yolo_failure_no_rga (GstRknnYolo * self, RyRgaReason reason,
    const gchar * note);
void gst_rknn_yolo_failure_warn (GstRknnYolo * self, GstRknnYoloModel * model,
    const GError * error);
void gst_rknn_yolo_failure_check (GstRknnYolo * self, GstRknnYoloModel * model);
GstFlowReturn gst_rknn_yolo_failure_end (GstRknnYolo * self,
    const GError * error);

/* reset, is_late and post: the sink pad's streaming thread only, or while
 * there is none. */
void gst_rknn_yolo_qos_reset (GstRknnYolo * self);
void gst_rknn_yolo_qos_note_event (GstRknnYolo * self, GstEvent * event);
/* Whether downstream said that a frame of this time comes too late. */
gboolean gst_rknn_yolo_qos_is_late (GstRknnYolo * self, GstBuffer * buffer);
/* Posts that buffer is dropped or goes without inference, if qos is set. */
void gst_rknn_yolo_qos_post (GstRknnYolo * self, GstBuffer * buffer);

/* The value of the property stats. */
GstStructure *gst_rknn_yolo_stats_new (GstRknnYolo * self);

/* Messages and log lines come between start and stop; update after
 * stats_interval changed. */
void gst_rknn_yolo_report_start (GstRknnYolo * self);
void gst_rknn_yolo_report_update (GstRknnYolo * self);
void gst_rknn_yolo_report_stop (GstRknnYolo * self);

/* Adds the pads and their templates. */
void gst_rknn_yolo_flow_class_init (GstElementClass * klass);
void gst_rknn_yolo_flow_init (GstRknnYolo * self);

G_END_DECLS
