/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "model/io.h"

#include <string.h>

/* More pixels than any row of an input has, padding included; keeps all sizes
 * within 32 bits. */
#define MAX_ROW 16384

/* Channels that lie side by side in NC1HWC2: 16 at most were seen. */
#define MAX_C2 64

static guint
size_of_type (rknn_tensor_type type)
{
  switch (type) {
    case RKNN_TENSOR_INT8:
    case RKNN_TENSOR_UINT8:
    case RKNN_TENSOR_BOOL:
      return 1;
    case RKNN_TENSOR_FLOAT16:
    case RKNN_TENSOR_INT16:
    case RKNN_TENSOR_UINT16:
    case RKNN_TENSOR_BFLOAT16:
      return 2;
    case RKNN_TENSOR_INT64:
      return 8;
    default:
      return 4;
  }
}

static gboolean
query_attr (RyRuntime * runtime, rknn_context context, rknn_query_cmd command,
    guint index, rknn_tensor_attr * attr)
{
  memset (attr, 0, sizeof (*attr));
  attr->index = index;
  if (runtime->query (context, command, attr, sizeof (*attr)) != RKNN_SUCC)
    return FALSE;
  attr->name[sizeof (attr->name) - 1] = '\0';
  return attr->n_dims <= RKNN_MAX_DIMS;
}

/* The attributes of the current shape where there are several.  They are asked
 * with commands of their own (manual of the runtime, "dynamic shape"). */
static gboolean
query_tensor (const RyModelIo * self, RyRuntime * runtime,
    rknn_context context, rknn_query_cmd command, guint index,
    rknn_tensor_attr * attr)
{
  static const struct
  {
    rknn_query_cmd only, current;
  } commands[] = {
    {RKNN_QUERY_INPUT_ATTR, RKNN_QUERY_CURRENT_INPUT_ATTR},
    {RKNN_QUERY_OUTPUT_ATTR, RKNN_QUERY_CURRENT_OUTPUT_ATTR},
    {RKNN_QUERY_NATIVE_INPUT_ATTR, RKNN_QUERY_CURRENT_NATIVE_INPUT_ATTR},
    {RKNN_QUERY_NATIVE_OUTPUT_ATTR, RKNN_QUERY_CURRENT_NATIVE_OUTPUT_ATTR},
  };

  for (guint i = 0; self->dynamic && i < G_N_ELEMENTS (commands); i++) {
    if (commands[i].only == command)
      return query_attr (runtime, context, commands[i].current, index, attr);
  }
  return query_attr (runtime, context, command, index, attr);
}

static gchar *
dims_to_string (const rknn_tensor_attr * attr)
{
  GString *text = g_string_new ("[");

  for (guint i = 0; i < attr->n_dims; i++)
    g_string_append_printf (text, i ? ",%u" : "%u", attr->dims[i]);
  return g_string_free (g_string_append_c (text, ']'), FALSE);
}

/* Height, width and channels of a picture; FALSE if attr is none. */
static gboolean
picture_size (const rknn_tensor_attr * attr, RyModelIo * self)
{
  const guint32 *dims = attr->dims;

  if (attr->n_dims != 4)
    return FALSE;
  self->batch = dims[0];
  if (attr->fmt == RKNN_TENSOR_NCHW) {
    self->channels = dims[1];
    self->height = dims[2];
    self->width = dims[3];
  } else {
    self->height = dims[1];
    self->width = dims[2];
    self->channels = dims[3];
  }
  return self->channels == 3 && self->width > 0 && self->width <= 8192
      && self->height > 0 && self->height <= 8192
      && self->batch > 0 && self->batch <= RY_MAX_BATCH;
}

/* UINT8 NHWC is the one binding by which the NPU itself normalises and
 * quantises what RGA or the CPU has written (rknn-runtime: set_io_mem
 * matrix). */
static gboolean
query_input (RyModelIo * self, RyRuntime * runtime, rknn_context context,
    GError ** error)
{
  rknn_tensor_attr logical, native;
  guint stride;

  if (!query_tensor (self, runtime, context, RKNN_QUERY_INPUT_ATTR, 0,
          &logical)) {
    g_set_error (error, RY_ERROR, RY_ERROR_MODEL,
        "The runtime does not tell the input of this model.");
    return FALSE;
  }
  if (!picture_size (&logical, self)) {
    g_autofree gchar *dims = dims_to_string (&logical);
    g_set_error (error, RY_ERROR, RY_ERROR_MODEL,
        "The input \"%s\" of this model has the shape %s; expected is a "
        "picture of three channels, such as [1,640,640,3] or [1,3,640,640], "
        "or up to %d of them. Models for other data cannot be used.",
        logical.name, dims, RY_MAX_BATCH);
    return FALSE;
  }
  if (!query_tensor (self, runtime, context, RKNN_QUERY_NATIVE_INPUT_ATTR, 0,
          &native))
    native = logical;

  stride = MAX (native.w_stride, self->width);
  if (stride > MAX_ROW || (guint64) stride * self->channels * self->height
      * self->batch > G_MAXINT32) {
    g_set_error (error, RY_ERROR, RY_ERROR_MODEL,
        "The runtime wants rows of %u pixels for the input \"%s\" of this "
        "model, which is %u wide and %u high for each of %u. The model file is "
        "damaged, or the runtime is not one that is known.", stride,
        logical.name, self->width, self->height, self->batch);
    return FALSE;
  }
  self->row_bytes = stride * self->channels;
  /* Of a current shape NHWC is bound with the logical attributes. */
  self->input.attr = !self->dynamic && native.n_dims == 4
      && native.fmt == RKNN_TENSOR_NHWC ? native : logical;
  self->input.attr.dims[0] = self->batch;
  self->input.attr.dims[1] = self->height;
  self->input.attr.dims[2] = self->width;
  self->input.attr.dims[3] = self->channels;
  self->input.attr.w_stride = native.w_stride;
  self->input.attr.type = RKNN_TENSOR_UINT8;
  self->input.attr.fmt = RKNN_TENSOR_NHWC;
  self->input.attr.pass_through = 0;
  self->input.bytes = MAX (native.size_with_stride,
      self->row_bytes * self->height * self->batch);
  return TRUE;
}

/* TRUE when the NPU's own layout of an output can be decoded in place: then
 * view says where its elements are. */
static gboolean
view_native (const rknn_tensor_attr * logical, const rknn_tensor_attr * native,
    RyTensor * view, guint32 * bytes)
{
  guint c1 = native->dims[1], height = native->dims[2];
  guint width = native->dims[3], c2 = native->dims[4];
  gsize row = MAX (width, native->w_stride), needed;

  if (native->fmt != RKNN_TENSOR_NC1HWC2 || native->n_dims != 5)
    return FALSE;
  if (native->type != RKNN_TENSOR_INT8 && native->type != RKNN_TENSOR_UINT8
      && native->type != RKNN_TENSOR_FLOAT16)
    return FALSE;
  if (logical->n_dims != 4 || logical->fmt != RKNN_TENSOR_NCHW
      || native->dims[0] != 1 || logical->dims[0] != 1)
    return FALSE;
  if (logical->dims[2] != height || logical->dims[3] != width || c2 == 0
      || (guint64) c1 * c2 < logical->dims[1])
    return FALSE;
  /* The logical shape is of a possible size; this bounds the native one. */
  if (c2 > MAX_C2 || c1 > logical->dims[1]
      || (guint64) c1 * c2 * height * width > G_MAXINT32 / 4)
    return FALSE;

  *bytes = MAX (native->size_with_stride, native->size);
  needed = row * c1 * c2 * height * size_of_type (native->type);
  if (needed > *bytes) {
    /* w_stride is counted in something else here; rows are compact. */
    row = width;
    needed = row * c1 * c2 * height * size_of_type (native->type);
    *bytes = MAX (*bytes, needed);
  }
  view->type = native->type;
  view->c2 = c2;
  view->row = row * c2;
  view->plane = view->row * height;
  return TRUE;
}

/* The runtime converts on the CPU: to compact int8 where the NPU has 8 bits,
 * to float otherwise (FP16 in NHWC would overrun its memory).  It writes as many
 * elements as it says, whatever the shape, and does not look at the size of the
 * memory. */
static void
view_converted (const rknn_tensor_attr * logical,
    const rknn_tensor_attr * native, gsize n_elems, RyTensor * view,
    RyBinding * binding)
{
  gboolean is_int8 = logical->type == RKNN_TENSOR_INT8
      && native->type == RKNN_TENSOR_INT8;

  binding->attr = *logical;
  binding->attr.type = is_int8 ? RKNN_TENSOR_INT8 : RKNN_TENSOR_FLOAT32;
  if (logical->n_dims == 4)
    binding->attr.fmt = RKNN_TENSOR_NCHW;
  binding->attr.pass_through = 0;
  binding->bytes = MAX (n_elems, logical->n_elems)
      * size_of_type (binding->attr.type);

  view->type = binding->attr.type;
  if (logical->n_dims == 4) {
    view->c2 = 1;
    view->row = logical->dims[3];
    view->plane = view->row * logical->dims[2];
  }
}

static gboolean
query_output (RyModelIo * self, guint index, RyRuntime * runtime,
    rknn_context context, GError ** error)
{
  RyBinding *binding = &self->outputs[index];
  RyTensor *view = &self->tensors[index];
  rknn_tensor_attr logical, native;
  gsize n_elems = 1;
  gboolean is_float;

  if (!query_tensor (self, runtime, context, RKNN_QUERY_OUTPUT_ATTR, index,
          &logical)) {
    g_set_error (error, RY_ERROR, RY_ERROR_MODEL,
        "The runtime does not tell output %u of this model.", index);
    return FALSE;
  }
  if (!query_tensor (self, runtime, context, RKNN_QUERY_NATIVE_OUTPUT_ATTR,
          index, &native))
    native = logical;

  view->n_dims = logical.n_dims;
  for (guint i = 0; i < logical.n_dims; i++) {
    view->dims[i] = logical.dims[i];
    n_elems *= logical.dims[i];
    if (n_elems == 0 || MAX (n_elems, logical.n_elems) > G_MAXINT32 / 4) {
      g_autofree gchar *dims = dims_to_string (&logical);
      g_set_error (error, RY_ERROR, RY_ERROR_MODEL,
          "Output \"%s\" of this model has the impossible shape %s, of %u "
          "elements.", logical.name, dims, logical.n_elems);
      return FALSE;
    }
  }
  if (self->batch > 1 && logical.dims[0] != self->batch) {
    g_autofree gchar *dims = dims_to_string (&logical);
    g_set_error (error, RY_ERROR, RY_ERROR_MODEL,
        "This model takes %u pictures at once, and its output \"%s\" has the "
        "shape %s; expected is %u as the first number, so that each picture "
        "has its part. Convert the model with a batch of 1.", self->batch,
        logical.name, dims, self->batch);
    return FALSE;
  }
  if (view_native (&logical, &native, view, &binding->bytes)) {
    binding->attr = native;
    binding->attr.pass_through = 0;
  } else {
    view_converted (&logical, &native, n_elems, view, binding);
  }
  self->picture_bytes[index] =
      n_elems / self->batch * size_of_type (binding->attr.type);
  if (self->batch > 1)
    view->dims[0] = 1;
  view->name = binding->attr.name;
  is_float = view->type == RKNN_TENSOR_FLOAT16
      || view->type == RKNN_TENSOR_FLOAT32;
  view->zp = is_float ? 0 : logical.zp;
  view->scale = is_float ? 1.0f : logical.scale;
  return TRUE;
}

/* FALSE if the model's tensors are not one input and outputs in a number that
 * heads have. */
static gboolean
query_counts (RyRuntime * runtime, rknn_context context, guint * n_outputs,
    GError ** error)
{
  rknn_input_output_num num = { 0, };

  if (runtime->query (context, RKNN_QUERY_IN_OUT_NUM, &num,
          sizeof (num)) != RKNN_SUCC) {
    g_set_error (error, RY_ERROR, RY_ERROR_MODEL,
        "The runtime does not tell how many tensors this model has.");
    return FALSE;
  }
  if (num.n_input != 1) {
    g_set_error (error, RY_ERROR, RY_ERROR_MODEL,
        "This model has %u inputs; expected is one, a picture. Models that "
        "also take text or other data cannot be used.", num.n_input);
    return FALSE;
  }
  if (num.n_output < 1 || num.n_output > RY_MAX_OUTPUTS) {
    g_set_error (error, RY_ERROR, RY_ERROR_MODEL,
        "This model has %u outputs; detection models have 1 to %u.",
        num.n_output, RY_MAX_OUTPUTS);
    return FALSE;
  }
  *n_outputs = num.n_output;
  return TRUE;
}

static gboolean
query_tensors (RyModelIo * self, guint n_outputs, RyRuntime * runtime,
    rknn_context context, GError ** error)
{
  if (!query_input (self, runtime, context, error))
    return FALSE;
  self->n_outputs = n_outputs;
  for (guint i = 0; i < n_outputs; i++) {
    if (!query_output (self, i, runtime, context, error))
      return FALSE;
  }
  return TRUE;
}

/* The sizes that the picture may have; NULL for models of one. */
static rknn_input_range *
query_range (RyRuntime * runtime, rknn_context context)
{
  rknn_input_range *range = g_new0 (rknn_input_range, 1);

  if (runtime->query (context, RKNN_QUERY_INPUT_DYNAMIC_RANGE, range,
          sizeof (*range)) == RKNN_SUCC && range->shape_number > 0
      && range->shape_number <= RKNN_MAX_DYNAMIC_SHAPE_NUM
      && range->n_dims <= RKNN_MAX_DIMS)
    return range;
  g_free (range);
  return NULL;
}

static gboolean
set_shape (RyModelIo * self, const rknn_input_range * range, guint i,
    RyRuntime * runtime, rknn_context context, GError ** error)
{
  gint code;

  if (!runtime->set_input_shapes) {
    g_set_error (error, RY_ERROR, RY_ERROR_RUNTIME,
        "The picture of this model has %u sizes to choose from, and the "
        "runtime %s cannot set one: it has no function rknn_set_input_shapes. "
        "Install librknnrt 1.5.2 or newer, or convert the model with one "
        "size.", range->shape_number, runtime->path);
    return FALSE;
  }
  if (!query_attr (runtime, context, RKNN_QUERY_INPUT_ATTR, 0, &self->shape)) {
    g_set_error (error, RY_ERROR, RY_ERROR_MODEL,
        "The runtime does not tell the input of this model.");
    return FALSE;
  }
  self->dynamic = TRUE;
  self->shape.n_dims = range->n_dims;
  self->shape.fmt = range->fmt;
  memcpy (self->shape.dims, range->dyn_range[i], sizeof (self->shape.dims));
  code = runtime->set_input_shapes (context, 1, &self->shape);
  if (code != RKNN_SUCC) {
    g_autofree gchar *dims = dims_to_string (&self->shape);
    g_set_error (error, RY_ERROR, RY_ERROR_MODEL,
        "The runtime offers the shape %s for the input \"%s\" of this model "
        "and does not take it: rknn_set_input_shapes returned %d (%s).", dims,
        self->shape.name, code, ry_runtime_error_name (code));
  }
  return code == RKNN_SUCC;
}

static gint
compare_pixels (gconstpointer a, gconstpointer b)
{
  const RyModelIo *left = *(RyModelIo * const *) a;
  const RyModelIo *right = *(RyModelIo * const *) b;

  return (gint) (right->width * right->height)
      - (gint) (left->width * left->height);
}

GPtrArray *
ry_model_io_query (RyRuntime * runtime, rknn_context context, GError ** error)
{
  g_autoptr (GPtrArray) sizes = g_ptr_array_new_with_free_func (g_free);
  g_autofree rknn_input_range *range = NULL;
  guint n_outputs;

  if (!query_counts (runtime, context, &n_outputs, error))
    return NULL;
  range = query_range (runtime, context);
  for (guint i = 0; i < (range ? range->shape_number : 1); i++) {
    RyModelIo *io = g_new0 (RyModelIo, 1);

    g_ptr_array_add (sizes, io);
    if (range && !set_shape (io, range, i, runtime, context, error))
      return NULL;
    if (!query_tensors (io, n_outputs, runtime, context, error))
      return NULL;
  }
  g_ptr_array_sort (sizes, compare_pixels);
  return g_steal_pointer (&sizes);
}
