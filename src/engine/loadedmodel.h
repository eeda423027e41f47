/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A model that the runtime has taken: what all its contexts share.  Immutable,
 * so threads use it without a lock. */

#pragma once

#include <glib.h>

#include "decode/decode.h"
#include "engine/engine.h"
#include "engine/inputsize.h"
#include "model/io.h"
#include "model/modelfile.h"
#include "runtime/runtime.h"

G_BEGIN_DECLS

/* The model at one of the sizes that its picture may have. */
typedef struct
{
  const RyModelIo *io;
  RyDecoder *decoder;
} RyModelSize;

typedef struct
{
  gatomicrefcount ref_count;
  RyModelFile *file;
  RyRuntime *runtime;
  gchar *doubt;                 /* why the file may not fit; NULL mostly */
  RyRuntimeVersions versions;
  GPtrArray *ios;               /* RyModelIo; the largest first */
  guint n_sizes;                /* at least 1 */
  RyModelSize *sizes;           /* in that order; they find the same things */
  RyInputSize *input_sizes;     /* in that order */
  guint batch;                  /* pictures in a run; the same for all sizes */
  GPtrArray *labels;
  guint n_cores;                /* of the NPU */
  guint32 init_flags;           /* for rknn_init */
  gboolean bgr;
  RyRga *rga;                   /* a reference, or NULL */
  gboolean need_rga;
  gboolean sync;                /* the runtime's version is not known to keep
                                 * the caches coherent by itself */
} RyLoadedModel;

/* Opens file and runtime, and understands the outputs.  *first is the context
 * that was needed to ask, for the caller to destroy; *warning may be set where
 * something is odd but works (free with g_free).  NULL with an RY_ERROR. */
RyLoadedModel *ry_loaded_model_new (const RyEngineConfig * config,
    rknn_context * first, gchar ** warning, GError ** error);
RyLoadedModel *ry_loaded_model_ref (RyLoadedModel * self);
void ry_loaded_model_unref (RyLoadedModel * self);

/* The flags for rknn_init that config asks for. */
guint32 ry_loaded_model_get_init_flags (const RyEngineConfig * config);

/* What tells the head of a model, apart from its file's metadata. */
typedef struct
{
  const RyTensor *outputs;
  guint n_outputs;
  guint width, height;          /* of the input, pixels */
  const GPtrArray *labels;      /* that somebody named; may be NULL */
  const gchar *head;            /* as in RyEngineConfig */
} RyRecognition;

/* NULL with RY_ERROR_HEAD if nobody knows the outputs. */
RyDecoder *ry_loaded_model_recognise (const RyModelFile * file,
    const RyRecognition * recognition, GError ** error);

/* Another context with weights of its own.  FALSE with RY_ERROR_DEVICE,
 * RY_ERROR_MEMORY or RY_ERROR_MODEL. */
gboolean ry_loaded_model_init_context (RyLoadedModel * self,
    rknn_context * handle, GError ** error);

/* Another context with the weights of parent, which no thread may be using; or
 * one with its own where the runtime cannot share them, as it does not for
 * models with several sizes (manual of the runtime, "dynamic shape"). */
gboolean ry_loaded_model_dup_context (RyLoadedModel * self,
    rknn_context parent, rknn_context * handle, GError ** error);

/* The index in sizes of that which frames of this size are looked at in. */
guint ry_loaded_model_choose_size (RyLoadedModel * self, guint width,
    guint height);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RyLoadedModel, ry_loaded_model_unref)

G_END_DECLS
