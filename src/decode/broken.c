/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "decode/broken.h"

#include "ryerror.h"

/* Fractions and angles need no more; boxes in pixels need far more. */
#define GREATEST_FRACTION 4.0f

gboolean
ry_broken_check (const RyTensor * tensor, GError ** error)
{
  gint greatest;

  if (tensor->type != RKNN_TENSOR_INT8 && tensor->type != RKNN_TENSOR_UINT8)
    return TRUE;
  greatest = tensor->type == RKNN_TENSOR_INT8 ? 127 : 255;
  if (((gfloat) greatest - tensor->zp) * tensor->scale <= GREATEST_FRACTION)
    return TRUE;
  g_set_error (error, RY_ERROR, RY_ERROR_HEAD,
      "This model would never detect anything: its only output has boxes in "
      "pixels and scores from 0 to 1 in one INT8 tensor, whose steps are %g "
      "(zp %d), so that no score but 0 is left. That is what Ultralytics "
      "before 8.4.110 exports with int8=True. Export it as FP16 (without "
      "int8), with Ultralytics 8.4.110 or newer, or with Rockchip's fork, "
      "whose outputs are separate.", tensor->scale, tensor->zp);
  return FALSE;
}
