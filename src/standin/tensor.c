/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tensor.h"

#include <math.h>
#include <string.h>

#include "log.h"

/* Rows in NPU memory begin at multiples of this many pixels. */
#define ROW_ALIGN 16

#define MAX_BYTES G_MAXINT32

static gboolean
find_type (RyOrtType onnx, rknn_tensor_type * type)
{
  static const struct
  {
    RyOrtType onnx;
    rknn_tensor_type type;
  } types[] = {
    {RY_ORT_FLOAT, RKNN_TENSOR_FLOAT32},
    {RY_ORT_FLOAT16, RKNN_TENSOR_FLOAT16},
    {RY_ORT_UINT8, RKNN_TENSOR_UINT8},
    {RY_ORT_INT8, RKNN_TENSOR_INT8},
    {RY_ORT_UINT16, RKNN_TENSOR_UINT16},
    {RY_ORT_INT16, RKNN_TENSOR_INT16},
    {RY_ORT_UINT32, RKNN_TENSOR_UINT32},
    {RY_ORT_INT32, RKNN_TENSOR_INT32},
    {RY_ORT_INT64, RKNN_TENSOR_INT64},
    {RY_ORT_BOOL, RKNN_TENSOR_BOOL},
  };

  for (guint i = 0; i < G_N_ELEMENTS (types); i++) {
    if (types[i].onnx == onnx) {
      *type = types[i].type;
      return TRUE;
    }
  }
  return FALSE;
}

/* Takes over what ONNX says; all dimensions must be known by now. */
static gboolean
take_onnx (RyNpuTensor * self, const RyOrtTensor * onnx)
{
  self->onnx = *onnx;
  if (!find_type (onnx->type, &self->onnx_type)) {
    ry_log_error ("Tensor %s of the model has ONNX element type %d, which an "
        "NPU does not have. Export the model with float32, float16 or whole "
        "numbers up to 64 bits.", onnx->name, (gint) onnx->type);
    return FALSE;
  }

  self->n_elems = 1;
  for (guint i = 0; i < onnx->rank; i++) {
    if (onnx->shape[i] < 1
        || onnx->shape[i] > MAX_BYTES / (8 * (gint64) self->n_elems)) {
      ry_log_error ("Dimension %u of tensor %s of the model is %"
          G_GINT64_FORMAT ", and tensors of a fixed size from 1 element to "
          "256 Mi were expected. Export the model with static shapes and "
          "without an NMS whose output varies.", i, onnx->name, onnx->shape[i]);
      return FALSE;
    }
    self->n_elems *= onnx->shape[i];
  }
  self->onnx_size = self->n_elems * ry_type_size (self->onnx_type);
  return TRUE;
}

static void
set_attr (rknn_tensor_attr * attr, guint index, const RyNpuTensor * self,
    rknn_tensor_type type, rknn_tensor_format fmt, guint n_dims,
    const guint32 * dims)
{
  memset (attr, 0, sizeof *attr);
  attr->index = index;
  attr->n_dims = n_dims;
  attr->n_elems = 1;
  for (guint i = 0; i < n_dims; i++) {
    attr->dims[i] = dims[i];
    attr->n_elems *= dims[i];
  }
  g_strlcpy (attr->name, self->onnx.name, sizeof attr->name);
  attr->fmt = fmt;
  attr->type = type;
  /* librknnrt says AFFINE of float tensors, too */
  attr->qnt_type = RKNN_TENSOR_QNT_AFFINE_ASYMMETRIC;
  attr->zp = self->quant.active ? self->quant.zp : 0;
  attr->scale = self->quant.active ? self->quant.scale : 1.0f;
  attr->size = attr->n_elems * ry_type_size (type);
  attr->size_with_stride = attr->size;
}

/* As ONNX has it: all that is not four-dimensional, or not of numbers that the
 * NPU converts. */
static void
set_plain_attrs (RyNpuTensor * self, guint index, rknn_tensor_type type)
{
  guint32 dims[RY_ORT_MAX_RANK] = { 1 };
  guint n_dims = MAX (self->onnx.rank, 1);

  for (guint i = 0; i < self->onnx.rank; i++)
    dims[i] = self->onnx.shape[i];
  set_attr (&self->logical, index, self, type, RKNN_TENSOR_UNDEFINED, n_dims,
      dims);
  self->native = self->native_nhwc = self->logical;
  memset (&self->shape, 0, sizeof (self->shape));
  self->shape.n = self->shape.c = self->shape.h = 1;
  self->shape.c1 = self->shape.c2 = 1;
  self->shape.w = self->shape.w_stride = self->n_elems;
}

/* ---- Inputs ------------------------------------------------------------- */

static gboolean
picture_channels (gint64 channels)
{
  return channels == 1 || channels == 3;
}

gboolean
ry_npu_input_is_planar (const RyOrtTensor * onnx)
{
  return onnx->rank != 4 || picture_channels (onnx->shape[1])
      || !picture_channels (onnx->shape[3]);
}

/* Gives values to the dimensions that the file leaves open. */
static void
close_shape (RyOrtTensor * onnx, gboolean planar, const guint imgsz[2])
{
  for (guint i = 0; i < onnx->rank; i++) {
    guint height = planar ? 2 : 1;

    if (onnx->shape[i] >= 1)
      continue;
    if (onnx->rank != 4 || i == 0)
      onnx->shape[i] = 1;
    else if (i == height || i == height + 1)
      onnx->shape[i] = imgsz[i - height];
    else
      onnx->shape[i] = 3;
    ry_log_info ("Dimension %u of input %s is open in the model; it is %"
        G_GINT64_FORMAT " here", i, onnx->name, onnx->shape[i]);
  }
}

static gfloat
value_for (const RyValues * values, guint channel, gfloat fallback)
{
  if (values->n == 0)
    return fallback;
  return values->value[values->n == 1 ? 0 : channel];
}

static gboolean
set_mean_std (RyNpuTensor * self, const RyTensorContext * context)
{
  guint c = self->planes ? self->shape.c : 1;
  gboolean given = self->planes && self->onnx_type != RKNN_TENSOR_UINT8;
  gfloat std = given && picture_channels (c) ? 255 : 1;
  RyNormalizer *normalizer = &self->normalizer;

  if (given && ((context->mean.n > 1 && context->mean.n != c)
          || (context->std.n > 1 && context->std.n != c))) {
    ry_log_error ("mean_values has %u numbers and std_values %u, but input "
        "%s has %u channels. Give one number, or one for each channel.",
        context->mean.n, context->std.n, self->onnx.name, c);
    return FALSE;
  }
  normalizer->channels = c;
  normalizer->mean = g_new (gfloat, c);
  normalizer->std = g_new (gfloat, c);
  for (guint k = 0; k < c; k++) {
    normalizer->mean[k] = given ? value_for (&context->mean, k, 0) : 0;
    normalizer->std[k] = given ? value_for (&context->std, k, std) : std;
  }
  return TRUE;
}

/* zp and scale that make the most of int8 for bytes, as a calibration with
 * pictures from black to white finds them; 0 stays exact. */
static void
fit_quantisation (RyNormalizer * self)
{
  gfloat low = 0, high = 0;

  for (guint k = 0; k < self->channels; k++) {
    gfloat black = (0 - self->mean[k]) / self->std[k];
    gfloat white = (255 - self->mean[k]) / self->std[k];

    low = MIN (low, MIN (black, white));
    high = MAX (high, MAX (black, white));
  }
  self->quant.scale = (high - low) / 255;
  self->quant.zp = CLAMP (rintf (-128 - low / self->quant.scale), -128, 127);
}

static rknn_tensor_type
input_type (const RyNpuTensor * self, const RySidecarTensor * said,
    const RyTensorContext * context)
{
  if (!self->numeric || self->onnx_type == RKNN_TENSOR_UINT8)
    return self->onnx_type;
  if (said != NULL && said->has_type)
    return said->type;
  if (context->quantized && self->planes)
    return RKNN_TENSOR_INT8;
  return context->settings->float32 ? RKNN_TENSOR_FLOAT32 : RKNN_TENSOR_FLOAT16;
}

/* Three tables one behind the other: see tensor.h. */
static void
make_tables (RyNpuTensor * self, rknn_tensor_type type)
{
  const RyNormalizer *normalizer = &self->normalizer;
  guint channels = normalizer->channels;
  gfloat *bytes, *signeds, *raw;

  self->tables = g_new (gfloat, (2 * channels + 1) * 256);
  bytes = self->tables;
  signeds = bytes + channels * 256;
  raw = signeds + channels * 256;
  for (guint k = 0; k < channels; k++) {
    for (guint byte = 0; byte < 256; byte++) {
      bytes[k * 256 + byte] = ry_normalize (normalizer, k, byte);
      signeds[k * 256 + byte] = ry_normalize (normalizer, k, (gint8) byte);
    }
  }
  for (guint byte = 0; byte < 256; byte++) {
    if (type == RKNN_TENSOR_INT8)
      raw[byte] = ((gint8) byte - self->quant.zp) * self->quant.scale;
    else
      raw[byte] = byte;
  }
  self->byte_table = bytes;
  self->signed_table = signeds;
  self->raw_table = raw;
  self->table_step = 256;
}

/* (x - mean) / std is what the table was made with.  Through int8 it often is
 * what it should be, a step of the scale for each step of the byte. */
static void
find_linear (RyNpuTensor * self)
{
  const RyNormalizer *normalizer = &self->normalizer;
  RyLinear *linear = &self->linear;

  if (!self->planes || normalizer->channels != 3)
    return;
  linear->mul = self->quant.active ? self->quant.scale : 1;
  self->is_linear = TRUE;
  for (guint k = 0; k < 3; k++) {
    linear->sub[k] = self->quant.active ? 0 : normalizer->mean[k];
    linear->div[k] = self->quant.active ? 1 : normalizer->std[k];
    for (guint byte = 0; byte < 256; byte++) {
      gfloat value = (byte - linear->sub[k]) / linear->div[k] * linear->mul;

      if (value != self->byte_table[k * 256 + byte])
        self->is_linear = FALSE;
    }
  }
}

static void
set_picture_attrs (RyNpuTensor * self, guint index, rknn_tensor_type type)
{
  const RyShape *shape = &self->shape;
  const guint32 dims[4] = { shape->n, shape->h, shape->w, shape->c };

  set_attr (&self->logical, index, self, type, RKNN_TENSOR_NHWC, 4, dims);
  self->logical.w_stride = shape->w_stride;
  self->logical.size_with_stride = (gsize) shape->n * shape->h
      * shape->w_stride * shape->c * ry_type_size (type);
  self->native = self->native_nhwc = self->logical;
}

static void
set_picture_shape (RyNpuTensor * self)
{
  const gint64 *dims = self->onnx.shape;
  RyShape *shape = &self->shape;

  shape->n = dims[0];
  shape->c = self->planar ? dims[1] : dims[3];
  shape->h = self->planar ? dims[2] : dims[1];
  shape->w = self->planar ? dims[3] : dims[2];
  shape->c1 = 1;
  shape->c2 = shape->c;
  shape->w_stride = (shape->w + ROW_ALIGN - 1) / ROW_ALIGN * ROW_ALIGN;
}

static gboolean
set_quantisation (RyNpuTensor * self, const RySidecarTensor * said)
{
  RyNormalizer *normalizer = &self->normalizer;

  if (said != NULL && said->has_quantisation) {
    normalizer->quant.zp = said->zp;
    normalizer->quant.scale = said->scale;
  } else if (self->planes) {
    fit_quantisation (normalizer);
  } else {
    ry_log_error ("Input %s is said to be int8 and is no picture: its group "
        "of the description file must give zp and scale.", self->onnx.name);
    return FALSE;
  }
  normalizer->quant.active = TRUE;
  self->quant = normalizer->quant;
  return TRUE;
}

gboolean
ry_npu_tensor_init_input (RyNpuTensor * self, guint index,
    const RyOrtTensor * onnx, const RyTensorContext * context)
{
  const RySidecarTensor *said =
      ry_sidecar_find (context->sidecar, TRUE, onnx->name, index);
  RyOrtTensor closed = *onnx;
  rknn_tensor_type type;

  self->planar = ry_npu_input_is_planar (onnx);
  close_shape (&closed, self->planar, context->imgsz);
  if (!take_onnx (self, &closed))
    return FALSE;

  self->numeric = self->onnx_type == RKNN_TENSOR_FLOAT32
      || self->onnx_type == RKNN_TENSOR_FLOAT16
      || self->onnx_type == RKNN_TENSOR_UINT8;
  self->planes = self->numeric && onnx->rank == 4;
  if (self->planes)
    set_picture_shape (self);
  if (!set_mean_std (self, context))
    return FALSE;

  type = input_type (self, said, context);
  if (self->numeric && type == RKNN_TENSOR_INT8
      && !set_quantisation (self, said))
    return FALSE;
  make_tables (self, type);
  find_linear (self);
  if (self->planes)
    set_picture_attrs (self, index, type);
  else
    set_plain_attrs (self, index, type);
  return TRUE;
}

/* ---- Outputs ------------------------------------------------------------ */

static rknn_tensor_type
output_type (const RyNpuTensor * self, const RySidecarTensor * said,
    const RyRecorded * recorded, const RyTensorContext * context)
{
  if (!self->numeric)
    return self->onnx_type;
  if (said != NULL && said->has_type)
    return said->type;
  if (recorded != NULL && !recorded->half)
    return RKNN_TENSOR_INT8;
  return context->settings->float32 ? RKNN_TENSOR_FLOAT32 : RKNN_TENSOR_FLOAT16;
}

static guint
lanes_for (const RyNpuSoc * soc, rknn_tensor_type type)
{
  switch (ry_type_size (type)) {
    case 1:
      return soc->c2_int8;
    case 2:
      return soc->c2_fp16;
    default:
      return soc->c2_fp16 / 2;
  }
}

static gboolean
set_native_attr (RyNpuTensor * self, guint index, rknn_tensor_type type,
    const RySidecarTensor * said)
{
  const RyShape *shape = &self->shape;
  const guint32 dims[5] =
      { shape->n, shape->c1, shape->h, shape->w, shape->c2 };
  rknn_tensor_attr *native = &self->native;
  guint64 size = (guint64) shape->n * shape->c1 * shape->h * shape->w_stride
      * shape->c2 * ry_type_size (type);

  if (size > MAX_BYTES) {
    ry_log_error ("Output %s of the model takes %" G_GUINT64_FORMAT
        " bytes of NPU memory; at most %d are possible.", self->onnx.name,
        size, MAX_BYTES);
    return FALSE;
  }
  set_attr (native, index, self, type, RKNN_TENSOR_NC1HWC2, 5, dims);
  native->w_stride = shape->w_stride;
  native->size_with_stride = size;
  if (said != NULL && said->native_size > native->size) {
    native->size = said->native_size;
    native->size_with_stride = MAX (native->size_with_stride, native->size);
  }
  return TRUE;
}

static gboolean
set_map_attrs (RyNpuTensor * self, guint index, rknn_tensor_type type,
    const RySidecarTensor * said, const RyNpuSoc * soc)
{
  RyShape *shape = &self->shape;
  guint32 nchw[4], nhwc[4];

  for (guint i = 0; i < 4; i++)
    nchw[i] = self->onnx.shape[i];
  shape->n = nhwc[0] = nchw[0];
  shape->c = nhwc[3] = nchw[1];
  shape->h = nhwc[1] = nchw[2];
  shape->w = nhwc[2] = nchw[3];
  shape->c2 = lanes_for (soc, type);
  shape->c1 = (shape->c + shape->c2 - 1) / shape->c2;
  if (said != NULL)
    shape->c1 = MAX (shape->c1, said->c1);
  shape->w_stride = (shape->w + ROW_ALIGN - 1) / ROW_ALIGN * ROW_ALIGN;

  set_attr (&self->logical, index, self, type, RKNN_TENSOR_NCHW, 4, nchw);
  set_attr (&self->native_nhwc, index, self, type, RKNN_TENSOR_NHWC, 4, nhwc);
  return set_native_attr (self, index, type, said);
}

gboolean
ry_npu_tensor_init_output (RyNpuTensor * self, guint index,
    const RyOrtTensor * onnx, const RyTensorContext * context)
{
  const RySidecarTensor *said =
      ry_sidecar_find (context->sidecar, FALSE, onnx->name, index);
  const RyRecorded *recorded =
      context->recording != NULL ? &context->recording->tensors[index] : NULL;
  rknn_tensor_type type;

  if (!take_onnx (self, onnx))
    return FALSE;
  self->numeric = self->onnx_type == RKNN_TENSOR_FLOAT32
      || self->onnx_type == RKNN_TENSOR_FLOAT16;
  self->planes = self->numeric && onnx->rank == 4;

  type = output_type (self, said, recorded, context);
  if (self->numeric && type == RKNN_TENSOR_INT8) {
    gboolean is_said = said != NULL && said->has_quantisation;

    self->quant.active = TRUE;
    self->quant.zp = is_said ? said->zp : recorded->zp;
    self->quant.scale = is_said ? said->scale : recorded->scale;
  }
  if (self->planes)
    return set_map_attrs (self, index, type, said, context->settings->play.soc);
  set_plain_attrs (self, index, type);
  return TRUE;
}

void
ry_npu_tensor_clear (RyNpuTensor * self)
{
  g_free (self->normalizer.mean);
  g_free (self->normalizer.std);
  g_free (self->tables);
}
