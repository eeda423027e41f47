/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the elements of a process share: engines under a name
 * (model-instance-id), and the RGA. */

#pragma once

#include <glib.h>

#include "engine/engine.h"

G_BEGIN_DECLS

typedef struct _GstRknnYoloInstances GstRknnYoloInstances;

GstRknnYoloInstances *gst_rknn_yolo_instances_new (void);

/* The engine of id, or a new one made of config when nobody uses id; id NULL
 * or "": always a new one.  Who comes second gets the engine that is there;
 * warning then says so if config names another model.  Give it back with
 * gst_rknn_yolo_instances_release. */
RyEngine *gst_rknn_yolo_instances_acquire (GstRknnYoloInstances * self,
    const gchar * id, const RyEngineConfig * config, gchar ** warning,
    GError ** error);

/* Whether somebody else has the instance, too. */
gboolean gst_rknn_yolo_instances_is_shared (GstRknnYoloInstances * self,
    const gchar * id);

/* The only user of the instance has made a new engine of model for it, which
 * who comes later gets.  FALSE, and nothing is done, when there are others.
 * Both engines are given back with gst_rknn_yolo_instances_release, the old one
 * first or not. */
gboolean gst_rknn_yolo_instances_replace (GstRknnYoloInstances * self,
    const gchar * id, RyEngine * old, RyEngine * engine, const gchar * model);

/* The RGA of this process, or NULL with an RY_ERROR_RGA; to be unreferenced.
 * One that was left alone after failures is tried again. */
RyRga *gst_rknn_yolo_instances_get_rga (GstRknnYoloInstances * self,
    GError ** error);

void gst_rknn_yolo_instances_release (GstRknnYoloInstances * self,
    const gchar * id, RyEngine * engine);

G_END_DECLS
