/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A tensor of a model as the runtime presents it, over what ONNX has. */

#pragma once

#include <glib.h>

#include "convert.h"
#include "ort.h"
#include "recording.h"
#include "rknn_api.h"
#include "settings.h"
#include "sidecar.h"

typedef struct
{
  rknn_tensor_attr logical, native, native_nhwc;

  RyOrtTensor onnx;             /* name belongs to the session; no open dims */
  rknn_tensor_type onnx_type;   /* of the elements there */
  gsize onnx_size;              /* bytes there */
  gsize n_elems;

  gboolean numeric;             /* FLOAT32, FLOAT16 in ONNX, or UINT8 input:
                                   what is converted; others are handed on */
  gboolean planes;              /* numeric and four-dimensional */
  RyShape shape;                /* native; outputs and inputs without planes:
                                   one row */
  RyQuant quant;                /* active: logical.type is INT8 */

  /* inputs */
  gboolean planar;              /* ONNX wants NCHW */
  RyNormalizer normalizer;
  gfloat *tables;               /* for bytes; see below */
  const gfloat *byte_table;     /* a byte from 0 to 255, normalised */
  const gfloat *signed_table;   /* a byte from -128 to 127, normalised */
  const gfloat *raw_table;      /* a byte as the NPU's own input has it */
  guint table_step;             /* of the first two; raw_table has 0 */
  RyLinear linear;              /* byte_table by arithmetic */
  gboolean is_linear;
} RyNpuTensor;

/* What the whole model says to its tensors. */
typedef struct
{
  const RySettings *settings;
  const RySidecar *sidecar;
  const RyRecording *recording; /* NULL: outputs are computed */
  RyValues mean, std;
  guint imgsz[2];               /* height, width of pictures left open */
  gboolean quantized;           /* some output is int8 */
} RyTensorContext;

/* Whether the channels come before the rows: pictures in ONNX mostly have
 * them so. */
gboolean ry_npu_input_is_planar (const RyOrtTensor * onnx);

/* Fill a zeroed self.  FALSE, with the reason in the log, for a tensor that
 * cannot be presented; clear it in that case as well. */
gboolean ry_npu_tensor_init_input (RyNpuTensor * self, guint index,
    const RyOrtTensor * onnx, const RyTensorContext * context);
gboolean ry_npu_tensor_init_output (RyNpuTensor * self, guint index,
    const RyOrtTensor * onnx, const RyTensorContext * context);
void ry_npu_tensor_clear (RyNpuTensor * self);
