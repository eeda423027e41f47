/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A loaded model as one element uses it: an engine, the element's session on
 * it, and what both were made of.
 *
 * The element owns it; each frame counts as a user from its coming in until
 * its buffer is pushed or thrown away, because its metas need the labels.  A
 * model that is in use no longer is retired and waits for its last user. */

#pragma once

#include <glib.h>

#include "engine/engine.h"
#include "gstrknnyoloinstances.h"

G_BEGIN_DECLS

/* The properties that a model is loaded with. */
typedef struct
{
  gchar *model;
  gchar *labels;
  gchar *runtime_library;
  gchar *cores;
  gchar *cpu_affinity;
  guint contexts_per_core;
  guint inference_timeout;      /* milliseconds; 0: automatic */
  gchar *head;
  gboolean bgr;
  RyPreprocessMode preprocess;
  guint npu_priority;           /* RyPriority */
  guint sram;                   /* RySram */
} GstRknnYoloModelConfig;

/* copy must be cleared or zero. */
void gst_rknn_yolo_model_config_copy (const GstRknnYoloModelConfig * self,
    GstRknnYoloModelConfig * copy);
void gst_rknn_yolo_model_config_clear (GstRknnYoloModelConfig * self);

/* What the models of an element have in common. */
typedef struct
{
  /* Taken under the queue's lock; under it only the object lock is taken. */
  GMutex lock;
  GCond changed;
  gboolean any_unused;          /* a retired one has lost its last user */
} GstRknnYoloModelGroup;

typedef struct
{
  RyEngine *engine;
  RySession *session;
  GstRknnYoloModelConfig config;
  gchar *instance_id;
  GstRknnYoloInstances *instances;
  GstRknnYoloModelGroup *group;

  /* the source pad's task only */
  gboolean warned_failure;
  guint warned_lost;            /* contexts that were said to be lost */

  /* under the group's lock */
  guint users;
  gboolean retired;
} GstRknnYoloModel;

/* Loads what config says, or joins the instance of that id; see
 * gst_rknn_yolo_instances_acquire.  NULL with error. */
GstRknnYoloModel *gst_rknn_yolo_model_load (GstRknnYoloModelGroup * group,
    GstRknnYoloInstances * instances, const gchar * instance_id,
    const GstRknnYoloModelConfig * config, gchar ** warning, GError ** error);

/* Loads what config says for the element that has old, under the same instance
 * id.  Fails when other elements use that too.  superseded (data) is asked when
 * the model is loaded, before anybody else can see it: if TRUE the result is
 * NULL without error. */
typedef gboolean (*GstRknnYoloModelSuperseded) (gpointer data);
GstRknnYoloModel *gst_rknn_yolo_model_load_instead (GstRknnYoloModel * old,
    const GstRknnYoloModelConfig * config,
    GstRknnYoloModelSuperseded superseded, gpointer data, gchar ** warning,
    GError ** error);

/* Waits for jobs that are running and cancels the others.  Not for a thread of
 * an engine. */
void gst_rknn_yolo_model_free (GstRknnYoloModel * self);

GstRknnYoloModel *gst_rknn_yolo_model_use (GstRknnYoloModel * self);
void gst_rknn_yolo_model_unuse (GstRknnYoloModel * self);

/* No further users come.  Whoever waits for changed may free the model as soon
 * as it is unused. */
void gst_rknn_yolo_model_retire (GstRknnYoloModel * self);
gboolean gst_rknn_yolo_model_is_unused (GstRknnYoloModel * self);

G_END_DECLS
