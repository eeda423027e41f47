/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The inputs and outputs of a loaded model, and how they are to be bound. */

#pragma once

#include <glib.h>

#include "decode/tensor.h"
#include "runtime/runtime.h"

G_BEGIN_DECLS

#define RY_MAX_OUTPUTS 32

/* One tensor as rknn_set_io_mem wants it. */
typedef struct
{
  rknn_tensor_attr attr;        /* name, type, format of the binding */
  guint32 bytes;                /* to allocate */
} RyBinding;

/* Immutable once queried; the same for all contexts of a model. */
typedef struct
{
  guint width, height;          /* of the input, pixels */
  guint channels;               /* 3 */
  guint row_bytes;              /* from one input row to the next */
  RyBinding input;

  guint n_outputs;
  RyBinding outputs[RY_MAX_OUTPUTS];
  RyTensor tensors[RY_MAX_OUTPUTS];     /* as bound; names and shapes, no data */
} RyModelIo;

/* Asks the runtime.  Outputs are bound where the NPU leaves them when that is
 * a layout the decoder reads in place; else the runtime converts them.
 *
 * Returns NULL with RY_ERROR_MODEL for a model that does not take one RGB
 * picture, or whose tensors cannot be asked. */
RyModelIo *ry_model_io_query (RyRuntime * runtime, rknn_context context,
    GError ** error);
void ry_model_io_free (RyModelIo * self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RyModelIo, ry_model_io_free)

G_END_DECLS
