/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How a caller's buffer becomes an input, and an output a caller's buffer:
 * what rknn_set_io_mem, rknn_inputs_set and rknn_outputs_get accept, refuse,
 * or accept and fail at later. */

#pragma once

#include <glib.h>

#include "convert.h"
#include "rknn_api.h"
#include "tensor.h"

typedef enum
{
  RY_INPUT_IMAGE,               /* ry_convert_image */
  RY_INPUT_NUMBERS,             /* ry_convert_numbers */
  RY_INPUT_UNSUPPORTED,         /* rknn_run gives -1 */
} RyInputWay;

typedef struct
{
  RyInputWay way;
  RyImageInput image;
  RyShape shape;
  rknn_tensor_type type;        /* of numbers */
  gsize bytes;                  /* that are read */
} RyInputPlan;

/* w_stride 0: rows follow each other closely.  FALSE when rknn_set_io_mem
 * refuses at once. */
gboolean ry_input_plan (RyInputPlan * plan, const RyNpuTensor * tensor,
    rknn_tensor_type type, rknn_tensor_format fmt, gboolean pass_through,
    guint w_stride);

/* The bytes are already what the NPU reads, without gaps between rows. */
void ry_input_plan_raw (RyInputPlan * plan, const RyNpuTensor * tensor,
    guint w_stride);

/* How many pieces the conversion is best cut into, at least 1; they may be done
 * at once by several threads.  row is room for ry_input_row_size () bytes,
 * which no other thread uses. */
guint ry_input_pieces (const RyInputPlan * plan);
void ry_input_convert (const RyInputPlan * plan, const RyNpuTensor * tensor,
    gconstpointer src, gpointer onnx, gpointer row, guint piece);
gsize ry_input_row_size (const RyNpuTensor * tensor);

typedef enum
{
  RY_OUTPUT_FLAT,               /* ry_convert_flat */
  RY_OUTPUT_INTERLEAVED,        /* ry_convert_interleaved */
  RY_OUTPUT_NUMBERS,            /* ry_convert_numbers */
  RY_OUTPUT_UNSUPPORTED,        /* rknn_run gives -1 */
} RyOutputWay;

typedef struct
{
  RyOutputWay way;
  RyEncoding encoding;
  RyShape shape;
  gsize bytes;                  /* that are written */
  gboolean trap;                /* more bytes than type and fmt promise */
} RyOutputPlan;

void ry_output_plan (RyOutputPlan * plan, const RyNpuTensor * tensor,
    rknn_tensor_type type, rknn_tensor_format fmt);

/* TRUE when ONNX Runtime's own result is what plan asks for, byte by byte. */
gboolean ry_output_is_direct (const RyOutputPlan * plan,
    const RyNpuTensor * tensor);

/* As above.  values are floats for tensors that are numeric, else as in
 * ONNX. */
guint ry_output_pieces (const RyOutputPlan * plan);
void ry_output_convert (const RyOutputPlan * plan, const RyNpuTensor * tensor,
    gconstpointer values, gpointer dst, guint piece);
