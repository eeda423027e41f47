/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the files of the element share:
 *   gstrknnyolo.c         properties, states
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
  gchar *model;
  gchar *labels;
  gchar *runtime_library;
  gchar *cores;
  gchar *cpu_affinity;
  gchar *classes;
  gchar *instance_id;
  gchar *head;
  RyDecodeParams decode;        /* without classes */
  RyLetterboxMode letterbox;
  guint contexts_per_core;
  guint inference_timeout;      /* milliseconds; 0: automatic */
  guint max_in_flight;
  GstRknnYoloOverload overload;
  guint interval;
  gint preprocess;
  gint channel_order;
  gboolean qos;
  RySettings *settings;         /* of the properties above, for jobs */
  GstClockTime earliest_time;   /* running time before which frames are late */
  gdouble proportion;           /* of the last QOS event */
  GstClockTime frame_duration;  /* by the caps; 0: not known */
  GstClockTime reported_latency;
  guint stats_interval;         /* milliseconds, 0: never */
  gboolean reporting;           /* between start and stop */
  GstClockID stats_id, log_id;  /* NULL: not scheduled */

  /* Lock order: engine_lock, then the object lock or the queue's.  Recursive
   * because a flush frees buffers under it, which may run code of others. */
  GRecMutex engine_lock;

  /* Changed under engine_lock while the pads are inactive; so streaming
   * threads read them without, all others with it. */
  RyEngine *engine;
  RySession *session;
  gchar *acquired_id;

  /* The sink pad's streaming thread only. */
  GstVideoInfo info;
  gboolean negotiated;
  GstSegment segment;
  guint since_inference;        /* frames, for interval */
  gboolean warned_unreadable;
  guint64 qos_processed, qos_dropped;   /* frames since the last flush */

  /* The source pad's task only. */
  gboolean warned_failure;
  guint frames_since_latency;
};

struct _GstRknnYoloClass
{
  GstElementClass parent_class;

  GstRknnYoloInstances *instances;
};

/* How many frames the element holds at most, by its properties. */
void gst_rknn_yolo_get_limits (GstRknnYolo * self, guint * max_jobs,
    guint * max_frames);

/* Answers a LATENCY query.  Any thread. */
gboolean gst_rknn_yolo_latency_query (GstRknnYolo * self, GstQuery * query);
/* For each frame that leaves: posts LATENCY now and then when the time that
 * frames take is not what was reported.  The source pad's task only. */
void gst_rknn_yolo_latency_check (GstRknnYolo * self);

/* reset, is_late and post: the sink pad's streaming thread only, or while
 * there is none. */
void gst_rknn_yolo_qos_reset (GstRknnYolo * self);
void gst_rknn_yolo_qos_note_event (GstRknnYolo * self, GstEvent * event);
/* Whether downstream said that a frame of this time comes too late. */
gboolean gst_rknn_yolo_qos_is_late (GstRknnYolo * self, GstBuffer * buffer);
/* Posts that buffer is dropped or goes without inference. */
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
