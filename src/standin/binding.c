/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "binding.h"

#include <string.h>

#include "log.h"

/* Bytes on the caller's side of one piece of a conversion: tens of
 * microseconds of work, beside which taking the piece is nothing, and little
 * to wait for at the end. */
#define PIECE_SIZE (64 * 1024)

/* Where piece begins, of units (rows or elements) that cannot be cut. */
static gsize
piece_begin (guint piece, guint n_pieces, gsize units)
{
  return (guint64) units * piece / n_pieces;
}

/* ---- Inputs ------------------------------------------------------------- */

static void
set_image (RyInputPlan * plan, const RyNpuTensor * tensor, RyPixels pixels,
    const gfloat * table, guint table_step, guint pixel_size, guint w_stride)
{
  const RyShape *shape = &tensor->shape;

  plan->way = RY_INPUT_IMAGE;
  plan->shape = *shape;
  plan->shape.w_stride = w_stride != 0 ? w_stride : shape->w;
  memset (&plan->image, 0, sizeof (plan->image));
  plan->image.pixels = pixels;
  plan->image.table = table;
  plan->image.table_step = table_step;
  plan->image.normalizer = &tensor->normalizer;
  plan->image.type = tensor->onnx_type;
  plan->image.planar = tensor->planar;
  /* behind the last row there need be no gap */
  plan->bytes = ((gsize) plan->shape.w_stride * (shape->n * shape->h - 1)
      + shape->w) * shape->c * pixel_size;
}

void
ry_input_plan_raw (RyInputPlan * plan, const RyNpuTensor * tensor,
    guint w_stride)
{
  rknn_tensor_type type = tensor->logical.type;

  memset (plan, 0, sizeof (*plan));
  plan->type = type;
  if (!tensor->numeric) {
    plan->way = RY_INPUT_NUMBERS;
    plan->bytes = tensor->logical.size;
  } else if (type == RKNN_TENSOR_FLOAT32) {
    set_image (plan, tensor, RY_PIXELS_RAW_FLOAT32, NULL, 0, 4, w_stride);
  } else if (type == RKNN_TENSOR_FLOAT16) {
    set_image (plan, tensor, RY_PIXELS_RAW_FLOAT16, NULL, 0, 2, w_stride);
  } else {
    set_image (plan, tensor, RY_PIXELS_BYTE, tensor->raw_table, 0, 1, w_stride);
  }
}

/* What the CPU or the NPU normalises and quantises. */
static gboolean
plan_pixels (RyInputPlan * plan, const RyNpuTensor * tensor,
    rknn_tensor_type type, guint w_stride)
{
  switch (type) {
    case RKNN_TENSOR_UINT8:
      set_image (plan, tensor, RY_PIXELS_BYTE, tensor->byte_table,
          tensor->table_step, 1, w_stride);
      if (tensor->is_linear)
        plan->image.linear = &tensor->linear;
      return TRUE;
    case RKNN_TENSOR_INT8:
      /* int8 inputs take these bytes as they are */
      if (tensor->quant.active)
        ry_input_plan_raw (plan, tensor, w_stride);
      else
        set_image (plan, tensor, RY_PIXELS_BYTE, tensor->signed_table,
            tensor->table_step, 1, w_stride);
      return TRUE;
    case RKNN_TENSOR_FLOAT16:
      set_image (plan, tensor, RY_PIXELS_FLOAT16, NULL, 0, 2, w_stride);
      return TRUE;
    case RKNN_TENSOR_FLOAT32:
      set_image (plan, tensor, RY_PIXELS_FLOAT32, NULL, 0, 4, w_stride);
      return TRUE;
    default:
      return FALSE;
  }
}

gboolean
ry_input_plan (RyInputPlan * plan, const RyNpuTensor * tensor,
    rknn_tensor_type type, rknn_tensor_format fmt, gboolean pass_through,
    guint w_stride)
{
  memset (plan, 0, sizeof (*plan));
  plan->way = RY_INPUT_UNSUPPORTED;
  plan->type = type;
  plan->bytes = tensor->n_elems * ry_type_size (type);

  if (fmt == RKNN_TENSOR_NC1HWC2 && !pass_through)
    return FALSE;
  if (pass_through) {
    ry_input_plan_raw (plan, tensor, w_stride);
  } else if (!tensor->numeric) {
    if (ry_convert_numbers_possible (tensor->onnx_type, type))
      plan->way = RY_INPUT_NUMBERS;
  } else if (fmt == RKNN_TENSOR_NHWC || !tensor->planes) {
    plan_pixels (plan, tensor, type, w_stride);
  }
  return TRUE;
}

gsize
ry_input_row_size (const RyNpuTensor * tensor)
{
  if (!tensor->numeric)
    return 0;
  return (gsize) tensor->shape.w * tensor->shape.c * 2 * sizeof (gfloat);
}

guint
ry_input_pieces (const RyInputPlan * plan)
{
  return plan->way == RY_INPUT_IMAGE ? plan->bytes / PIECE_SIZE + 1 : 1;
}

void
ry_input_convert (const RyInputPlan * plan, const RyNpuTensor * tensor,
    gconstpointer src, gpointer onnx, gpointer row, guint piece)
{
  const RyShape *shape = &plan->shape;
  gsize rows = (gsize) shape->n * shape->h;
  guint n = ry_input_pieces (plan);

  if (plan->way == RY_INPUT_IMAGE)
    ry_convert_image_rows (&plan->image, shape, src, onnx, row,
        piece_begin (piece, n, rows), piece_begin (piece + 1, n, rows));
  else
    ry_convert_numbers (tensor->onnx_type, onnx, plan->type, src,
        tensor->n_elems);
}

/* ---- Outputs ------------------------------------------------------------ */

static gboolean
is_encodable (const RyNpuTensor * tensor, rknn_tensor_type type)
{
  if (type == RKNN_TENSOR_FLOAT32 || type == RKNN_TENSOR_FLOAT16)
    return TRUE;
  return tensor->quant.active && (type == RKNN_TENSOR_INT8
      || type == RKNN_TENSOR_UINT8);
}

static void
plan_nhwc (RyOutputPlan * plan, const RyNpuTensor * tensor)
{
  plan->way = RY_OUTPUT_INTERLEAVED;
  plan->shape.c1 = 1;
  plan->shape.c2 = plan->shape.c;
  plan->shape.w_stride = plan->shape.w;
  if (plan->encoding.type == RKNN_TENSOR_FLOAT16) {
    /* librknnrt 2.3.2 writes floats here */
    plan->encoding.type = RKNN_TENSOR_FLOAT32;
    plan->trap = TRUE;
  }
  plan->bytes = tensor->n_elems * ry_type_size (plan->encoding.type);
}

static void
plan_native (RyOutputPlan * plan, const RyNpuTensor * tensor)
{
  const RyShape *shape = &plan->shape;
  rknn_tensor_type type = plan->encoding.type;

  /* the NPU's own, or floats made of it; nothing else was seen to work */
  if (type != tensor->native.type && type != RKNN_TENSOR_FLOAT32)
    return;
  plan->way = RY_OUTPUT_INTERLEAVED;
  plan->bytes = (gsize) shape->n * shape->c1 * shape->h * shape->w_stride
      * shape->c2 * ry_type_size (type);
}

void
ry_output_plan (RyOutputPlan * plan, const RyNpuTensor * tensor,
    rknn_tensor_type type, rknn_tensor_format fmt)
{
  gboolean flat = fmt == RKNN_TENSOR_NCHW || fmt == RKNN_TENSOR_UNDEFINED;

  memset (plan, 0, sizeof (*plan));
  plan->way = RY_OUTPUT_UNSUPPORTED;
  plan->encoding.quant = tensor->quant;
  plan->encoding.type = type;
  plan->shape = tensor->shape;
  plan->bytes = tensor->n_elems * ry_type_size (type);

  if (!tensor->numeric) {
    if (flat && ry_convert_numbers_possible (type, tensor->onnx_type))
      plan->way = RY_OUTPUT_NUMBERS;
  } else if (!is_encodable (tensor, type)) {
    return;
  } else if (flat) {
    plan->way = RY_OUTPUT_FLAT;
  } else if (tensor->planes && fmt == RKNN_TENSOR_NHWC) {
    plan_nhwc (plan, tensor);
  } else if (tensor->planes && fmt == RKNN_TENSOR_NC1HWC2) {
    plan_native (plan, tensor);
  }
}

gboolean
ry_output_is_direct (const RyOutputPlan * plan, const RyNpuTensor * tensor)
{
  if (plan->way == RY_OUTPUT_NUMBERS)
    return plan->encoding.type == tensor->onnx_type;
  return plan->way == RY_OUTPUT_FLAT && !tensor->quant.active
      && plan->encoding.type == tensor->onnx_type;
}

guint
ry_output_pieces (const RyOutputPlan * plan)
{
  return plan->way == RY_OUTPUT_FLAT || plan->way == RY_OUTPUT_INTERLEAVED ?
      plan->bytes / PIECE_SIZE + 1 : 1;
}

void
ry_output_convert (const RyOutputPlan * plan, const RyNpuTensor * tensor,
    gconstpointer values, gpointer dst, guint piece)
{
  const RyShape *shape = &plan->shape;
  gsize units = plan->way == RY_OUTPUT_INTERLEAVED ?
      (gsize) shape->n * shape->c1 * shape->h : tensor->n_elems;
  guint n = ry_output_pieces (plan);
  gsize begin = piece_begin (piece, n, units);
  gsize end = piece_begin (piece + 1, n, units);

  switch (plan->way) {
    case RY_OUTPUT_FLAT:
      ry_convert_flat (&plan->encoding, (const gfloat *) values + begin,
          (guint8 *) dst + begin * ry_type_size (plan->encoding.type),
          end - begin);
      break;
    case RY_OUTPUT_INTERLEAVED:
      ry_convert_interleaved_rows (&plan->encoding, shape, values, dst, begin,
          end);
      break;
    case RY_OUTPUT_NUMBERS:
      ry_convert_numbers (plan->encoding.type, dst, tensor->onnx_type, values,
          tensor->n_elems);
      break;
    case RY_OUTPUT_UNSUPPORTED:
      break;
  }
}
