/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A context: one set of tensors over a model that may be shared.  Calls on a
 * context are the caller's to serialise; contexts do not disturb each other. */

#pragma once

#include <glib.h>

#include "binding.h"
#include "memory.h"
#include "model.h"
#include "rknn_api.h"

typedef struct
{
  gpointer data;                /* what ONNX Runtime reads */
  OrtValue *value;              /* over data */

  RyNpuMem *mem;                /* bound: converted into data by every run */
  RyInputPlan plan;
  gpointer aligned;             /* copy of one at an odd address */
  gboolean lost;                /* one was, for another shape */
} RyNpuInput;

typedef struct
{
  gpointer data;                /* what ONNX Runtime writes */
  OrtValue *value;              /* over data */
  gfloat *floats;               /* of halves in data; else NULL */

  RyNpuMem *mem;                /* bound: written by every run */
  RyOutputPlan plan;
  OrtValue *direct;             /* over mem, when nothing is to be converted */
  gpointer aligned;             /* as above */
  gconstpointer recorded;       /* plan.bytes to be copied; else NULL */
  gconstpointer values;         /* of this run, while it is being written */
  gboolean lost;                /* one was bound for another shape */
} RyNpuOutput;

typedef struct
{
  gint64 inputs, inference, outputs;
  gint64 all;                   /* as RKNN_QUERY_PERF_RUN has it */
  guint core;
} RyNpuTimes;

typedef struct
{
  gint refs;
  rknn_context handle;
  RyNpuModel *model;
  const RyNpuShape *shape;      /* of the model; it is the largest until one is
                                   set */
  gboolean shape_set;           /* TRUE from the start without a choice */
  rknn_core_mask mask;
  RyNpuInput *inputs;
  RyNpuOutput *outputs;
  OrtValue **input_values, **output_values;     /* as the next run uses them */
  gpointer rows[RY_POOL_MAX_THREADS];   /* for ry_input_convert, per worker */
  GHashTable *handed_out;       /* set of buffers of rknn_outputs_get */
  guint64 n_runs;
  RyNpuTimes times;             /* of the last run, microseconds */
  gchar *detail;                /* what PERF_DETAIL gave out last */
  gint running;
  gint destroyed;               /* by the program, during a run */
} RyNpuContext;

/* Takes model.  NULL with the reason in the log when memory is short. */
RyNpuContext *ry_npu_context_new (RyNpuModel * model);
RyNpuContext *ry_npu_context_ref (RyNpuContext * self);
void ry_npu_context_unref (RyNpuContext * self);

/* Handles are numbers, never used twice, so that a stale one is known. */
rknn_context ry_npu_context_register (RyNpuContext * self);
rknn_context ry_npu_context_unused_handle (void);

/* With a reference; NULL for 0.  Stops the program, in the name of function,
 * when the handle is none. */
RyNpuContext *ry_npu_context_find (rknn_context handle, const gchar * function);

/* The handle ends.  FALSE for 0; stops as above. */
gboolean ry_npu_context_remove (rknn_context handle);

/* rknn_set_io_mem; returns what it returns. */
gint ry_npu_context_bind (RyNpuContext * self, RyNpuMem * mem,
    const rknn_tensor_attr * attr);
void ry_npu_context_unbind_input (RyNpuContext * self, guint index);

/* rknn_set_input_shapes; returns what it returns. */
gint ry_npu_context_set_shape (RyNpuContext * self, guint n_inputs,
    const rknn_tensor_attr * attrs);

/* Where output index lies after a run, as ry_output_convert wants it. */
gconstpointer ry_npu_context_values (RyNpuContext * self, guint index);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RyNpuContext, ry_npu_context_unref)
