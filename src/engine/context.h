/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One runtime context with its memories: everything that one inference needs,
 * of one picture or of the batch that the model takes.  Used by one thread at a
 * time. */

#pragma once

#include <glib.h>

#include "engine/engine.h"
#include "engine/loadedmodel.h"
#include "model/io.h"

G_BEGIN_DECLS

/* One picture of the batch. */
typedef struct
{
  RyPreprocessor *preprocessor; /* knows the borders it painted in its place */
  RyLetterbox letterbox;        /* of the frame that was preprocessed last */
} RyPicture;

typedef struct
{
  RyLoadedModel *model;         /* a reference */

  rknn_context handle;
  gint core;                    /* -1: left to the runtime */
  rknn_tensor_mem *input;
  rknn_tensor_mem *outputs[RY_MAX_OUTPUTS];
  RyTensor tensors[RY_MAX_OUTPUTS];     /* with data; one memory for all sizes */
  RyTarget target;              /* where the next picture is to be written */
  RyPicture *pictures;          /* as many as the model's batch */
  RyDecodeScratch *scratch;
  guint size;                   /* of the pictures; index of the model's */
  gint bound_size;              /* for which the memories are bound; -1: none */
} RyContext;

/* Takes handle over, also on failure; pins it to core, makes and binds its
 * memories. */
RyContext *ry_context_new (RyLoadedModel * model, rknn_context handle,
    gint core, GError ** error);
void ry_context_free (RyContext * self);

/* The stages of an inference, in this order; the first and the last for each
 * picture, counted by n below the model's batch.  Pictures that are not
 * preprocessed are what they were in the inference before.  image is used by
 * the first only; the last one appends to the detections, keypoints and masks
 * of job.  size is one of the model's, the same for all pictures; the second
 * stage sets it when the inference before had another one. */
gboolean ry_context_preprocess (RyContext * self, guint size, guint n,
    RyImage * image, const RySettings * settings, GError ** error);
gboolean ry_context_run (RyContext * self, GError ** error);
void ry_context_decode (RyContext * self, guint n,
    const RyDecodeParams * params, RyJob * job);

G_END_DECLS
