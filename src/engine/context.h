/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One runtime context with its memories: everything that one inference needs.
 * Used by one thread at a time. */

#pragma once

#include <glib.h>

#include "engine/engine.h"
#include "engine/loadedmodel.h"
#include "model/io.h"

G_BEGIN_DECLS

typedef struct
{
  RyLoadedModel *model;         /* a reference */

  rknn_context handle;
  gint core;                    /* -1: left to the runtime */
  rknn_tensor_mem *input;
  rknn_tensor_mem *outputs[RY_MAX_OUTPUTS];
  RyTensor tensors[RY_MAX_OUTPUTS];     /* the model's, with data */
  RyTarget target;
  RyPreprocessor *preprocessor;
  RyDecodeScratch *scratch;
  RyLetterbox letterbox;        /* of the frame that was preprocessed last */
} RyContext;

/* Takes handle over, also on failure; pins it to core, makes and binds its
 * memories. */
RyContext *ry_context_new (RyLoadedModel * model, rknn_context handle,
    gint core, GError ** error);
void ry_context_free (RyContext * self);

/* The stages of an inference, in this order.  image is used by the first
 * only; the last one appends to the detections, keypoints and masks of job. */
gboolean ry_context_preprocess (RyContext * self, RyImage * image,
    const RySettings * settings, GError ** error);
gboolean ry_context_run (RyContext * self, GError ** error);
void ry_context_decode (RyContext * self, const RyDecodeParams * params,
    RyJob * job);

G_END_DECLS
