/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Pictures through rknnyolo:
 *
 *   appsrc ! [videoconvert ! FORMAT] ! rknnyolo ! fakesink
 *
 * Several are in flight, so that no core waits while one is decoded. */

#pragma once

#include <gst/gst.h>
#include <rknnyolo/detections.h>

G_BEGIN_DECLS

typedef struct _Inference Inference;

/* Called by a streaming thread, never by two at a time, for every detection;
 * picture is the number of the picture that it is in. */
typedef void (*InferenceFound) (guint picture,
    const RknnyoloDetection * detection, gpointer user_data);

/* Builds the pipeline.  format is that of the frames, such as "NV12"; NULL:
 * RGB as it comes. */
Inference *inference_new (const gchar * format, GError ** error);
void inference_free (Inference * self);

/* For setting properties; owned by self. */
GstElement *inference_get_element (Inference * self);

/* Sets what a NULL-terminated array of PROPERTY=VALUE says; NULL: nothing.
 * Errors are of G_OPTION_ERROR and name the entry. */
gboolean inference_set_properties (Inference * self,
    const gchar * const *properties, GError ** error);

/* Loads the model. */
gboolean inference_start (Inference * self, InferenceFound found,
    gpointer user_data, GError ** error);

/* Hands in the next picture, waiting while too many are under way. */
gboolean inference_push (Inference * self, GstSample * picture,
    GError ** error);

/* Waits for all pictures.  Fails if one was not inferred. */
gboolean inference_finish (Inference * self, GError ** error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Inference, inference_free)

G_END_DECLS
