/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The inputs and outputs of a loaded model, and how they are to be bound. */

#pragma once

#include <glib.h>

#include "decode/tensor.h"
#include "runtime/runtime.h"

G_BEGIN_DECLS

#define RY_MAX_OUTPUTS 32

/* Pictures that a model takes in one run. */
#define RY_MAX_BATCH 32

/* One tensor as rknn_set_io_mem wants it. */
typedef struct
{
  rknn_tensor_attr attr;        /* name, type, format of the binding */
  guint32 bytes;                /* to allocate */
} RyBinding;

/* The tensors at one size of the picture.  Immutable once queried; the same for
 * all contexts of a model. */
typedef struct
{
  gboolean dynamic;             /* one of several; to be set with shape */
  rknn_tensor_attr shape;       /* for rknn_set_input_shapes */
  guint batch;                  /* pictures in a run, 1 for most models */
  guint width, height;          /* of each, pixels */
  guint channels;               /* 3 */
  guint row_bytes;              /* from one input row to the next; pictures
                                 * follow each other like rows */
  RyBinding input;

  guint n_outputs;
  RyBinding outputs[RY_MAX_OUTPUTS];
  RyTensor tensors[RY_MAX_OUTPUTS];     /* of one picture, as bound; names and
                                         * shapes, no data */
  gsize picture_bytes[RY_MAX_OUTPUTS];  /* from one picture's part to the next
                                         * one's */
} RyModelIo;

/* Asks the runtime.  Outputs are bound where the NPU leaves them when that is
 * a layout the decoder reads in place; else the runtime converts them, as it
 * does for a batch of several pictures: how those lie in the NPU's own layout
 * is not known.
 *
 * The array has a RyModelIo for each size that the picture may have, those with
 * most pixels first: one for most models.  With several (dynamic shapes) each is
 * set in context to be asked for, and one of them stays set.
 *
 * Returns NULL with RY_ERROR_MODEL for a model that does not take RGB
 * pictures, or whose tensors cannot be asked; with RY_ERROR_RUNTIME for several
 * sizes when the runtime cannot set them. */
GPtrArray *ry_model_io_query (RyRuntime * runtime, rknn_context context,
    GError ** error);
G_END_DECLS
