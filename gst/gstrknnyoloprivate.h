/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the files of the element share: gstrknnyolo.c (properties, states) and
 * gstrknnyoloflow.c (pads and what goes through them). */

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
  GstClockTime reported_latency;

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

/* What a frame takes here, as measured by now; 0 without a model. */
GstClockTime gst_rknn_yolo_get_latency (GstRknnYolo * self);

/* Adds the pads and their templates. */
void gst_rknn_yolo_flow_class_init (GstElementClass * klass);
void gst_rknn_yolo_flow_init (GstRknnYolo * self);

G_END_DECLS
