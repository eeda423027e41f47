/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One runtime context with its memories: everything that one inference needs.
 * Used by one thread at a time. */

#pragma once

#include <glib.h>

#include "engine/engine.h"
#include "model/io.h"
#include "runtime/runtime.h"

G_BEGIN_DECLS

typedef struct
{
  RyRuntime *runtime;           /* borrowed, as io and decoder */
  const RyModelIo *io;
  RyDecoder *decoder;
  gboolean sync;                /* see ry_context_new */

  rknn_context handle;
  gint core;
  rknn_tensor_mem *input;
  rknn_tensor_mem *outputs[RY_MAX_OUTPUTS];
  RyTensor tensors[RY_MAX_OUTPUTS];     /* io's, with data */
  RyTarget target;
  RyPreprocessor *preprocessor;
  RyDecodeScratch *scratch;
} RyContext;

/* When a job went from stage to stage, microseconds of the monotonic clock. */
typedef struct
{
  gint64 start, preprocessed, run, end;
} RyJobTimes;

/* Takes handle over, also on failure; pins it to core, makes and binds its
 * memories.  sync: the runtime's version is not known to keep the caches
 * coherent by itself. */
RyContext *ry_context_new (RyRuntime * runtime, const RyModelIo * io,
    RyDecoder * decoder, rknn_context handle, gint core, gboolean sync,
    GError ** error);
void ry_context_free (RyContext * self);

/* Fills the job's result. */
void ry_context_process (RyContext * self, RyJob * job, RyJobTimes * times);

G_END_DECLS
