/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "context.h"

#include <string.h>

#include "log.h"

/* ONNX Runtime's kernels write with vector instructions. */
#define DIRECT_ALIGNMENT 16

/* ---- Handles ------------------------------------------------------------ */

static struct
{
  GMutex lock;
  GHashTable *contexts;         /* guint64 * -> RyNpuContext */
  guint32 last_handle;
} handles;

/* Numbers that no program has by accident. */
static rknn_context
next_handle_locked (void)
{
  return 0x5a000000u + ++handles.last_handle;
}

rknn_context
ry_npu_context_unused_handle (void)
{
  rknn_context handle;

  g_mutex_lock (&handles.lock);
  handle = next_handle_locked ();
  g_mutex_unlock (&handles.lock);
  return handle;
}

rknn_context
ry_npu_context_register (RyNpuContext * self)
{
  rknn_context handle;

  ry_npu_reopen (self->model->npu);
  g_mutex_lock (&handles.lock);
  if (handles.contexts == NULL)
    handles.contexts = g_hash_table_new (NULL, NULL);
  handle = self->handle = next_handle_locked ();
  g_hash_table_insert (handles.contexts, GUINT_TO_POINTER (handle), self);
  g_mutex_unlock (&handles.lock);
  return handle;
}

static RyNpuContext *
lookup_locked (rknn_context handle)
{
  if (handles.contexts == NULL || handle != (guint32) handle)
    return NULL;
  return g_hash_table_lookup (handles.contexts, GUINT_TO_POINTER (handle));
}

static void G_GNUC_NORETURN
stop_at_handle (rknn_context handle, const gchar * function)
{
  ry_log_misuse_stop ("%s was given context 0x%" G_GINT64_MODIFIER "x, which "
      "is destroyed or was never made by rknn_init or rknn_dup_context. "
      "librknnrt crashes here.", function, (guint64) handle);
}

RyNpuContext *
ry_npu_context_find (rknn_context handle, const gchar * function)
{
  RyNpuContext *self;

  if (handle == 0)
    return NULL;
  g_mutex_lock (&handles.lock);
  self = lookup_locked (handle);
  if (self != NULL)
    ry_npu_context_ref (self);
  g_mutex_unlock (&handles.lock);
  if (self == NULL)
    stop_at_handle (handle, function);
  return self;
}

gboolean
ry_npu_context_remove (rknn_context handle)
{
  RyNpuContext *self;

  if (handle == 0)
    return FALSE;
  g_mutex_lock (&handles.lock);
  self = lookup_locked (handle);
  if (self != NULL)
    g_hash_table_remove (handles.contexts, GUINT_TO_POINTER (handle));
  g_mutex_unlock (&handles.lock);
  if (self == NULL)
    stop_at_handle (handle, "rknn_destroy");
  g_atomic_int_set (&self->destroyed, TRUE);
  ry_npu_close (self->model->npu);
  ry_npu_context_unref (self);
  return TRUE;
}

/* ---- Making and unmaking ------------------------------------------------ */

static gboolean
make_value (const RyNpuTensor * tensor, gpointer * data, OrtValue ** value)
{
  g_autoptr (GError) error = NULL;

  *data = ry_aligned_new (tensor->onnx_size);
  if (*data == NULL) {
    ry_log_error ("failed to malloc npu memory: %" G_GSIZE_FORMAT
        " bytes for tensor %s", tensor->onnx_size, tensor->onnx.name);
    return FALSE;
  }
  *value = ry_ort_value_new (*data, tensor->onnx_size, tensor->onnx.shape,
      tensor->onnx.rank, tensor->onnx.type, &error);
  if (*value == NULL)
    ry_log_error ("%s", error->message);
  return *value != NULL;
}

static gboolean
make_inputs (RyNpuContext * self)
{
  const RyNpuModel *model = self->model;
  gsize row_size = 0;

  for (guint i = 0; i < model->n_inputs; i++) {
    const RyNpuTensor *tensor = &self->shape->inputs[i];
    RyNpuInput *input = &self->inputs[i];

    if (!make_value (tensor, &input->data, &input->value))
      return FALSE;
    self->input_values[i] = input->value;
    row_size = MAX (row_size, ry_input_row_size (tensor));
  }
  for (guint i = 0; i < RY_POOL_MAX_THREADS; i++) {
    self->rows[i] = ry_aligned_new (row_size);
    if (self->rows[i] == NULL)
      return FALSE;
  }
  return TRUE;
}

static gboolean
make_outputs (RyNpuContext * self)
{
  const RyNpuModel *model = self->model;

  for (guint i = 0; i < model->n_outputs; i++) {
    const RyNpuTensor *tensor = &self->shape->outputs[i];
    RyNpuOutput *output = &self->outputs[i];

    if (!make_value (tensor, &output->data, &output->value))
      return FALSE;
    self->output_values[i] = output->value;
    if (tensor->onnx_type == RKNN_TENSOR_FLOAT16) {
      output->floats = ry_aligned_new (tensor->n_elems * sizeof (gfloat));
      if (output->floats == NULL)
        return FALSE;
    }
  }
  return TRUE;
}

RyNpuContext *
ry_npu_context_new (RyNpuModel * model)
{
  g_autoptr (RyNpuContext) self = g_new0 (RyNpuContext, 1);

  self->refs = 1;
  self->model = model;
  self->shape = model->largest;
  self->shape_set = !model->dynamic;
  self->mask = RKNN_NPU_CORE_AUTO;
  self->inputs = g_new0 (RyNpuInput, model->n_inputs);
  self->outputs = g_new0 (RyNpuOutput, model->n_outputs);
  self->input_values = g_new0 (OrtValue *, model->n_inputs);
  self->output_values = g_new0 (OrtValue *, model->n_outputs);
  self->handed_out = g_hash_table_new_full (NULL, NULL, g_free, NULL);
  if (!make_inputs (self) || !make_outputs (self))
    return NULL;
  return g_steal_pointer (&self);
}

RyNpuContext *
ry_npu_context_ref (RyNpuContext * self)
{
  g_atomic_int_inc (&self->refs);
  return self;
}

static void
unbind_output (RyNpuContext * self, guint index)
{
  RyNpuOutput *output = &self->outputs[index];

  self->output_values[index] = output->value;
  g_clear_pointer (&output->direct, ry_ort_value_free);
  g_clear_pointer (&output->mem, ry_npu_mem_unref);
  g_clear_pointer (&output->aligned, ry_aligned_free);
  output->recorded = NULL;
}

void
ry_npu_context_unbind_input (RyNpuContext * self, guint index)
{
  RyNpuInput *input = &self->inputs[index];

  g_clear_pointer (&input->mem, ry_npu_mem_unref);
  g_clear_pointer (&input->aligned, ry_aligned_free);
}

/* What was made for the shape, and what is bound. */
static void
clear_shape (RyNpuContext * self)
{
  for (guint i = 0; i < self->model->n_inputs; i++) {
    self->inputs[i].lost |= self->inputs[i].mem != NULL;
    ry_npu_context_unbind_input (self, i);
    ry_ort_value_free (g_steal_pointer (&self->inputs[i].value));
    g_clear_pointer (&self->inputs[i].data, ry_aligned_free);
  }
  for (guint i = 0; i < self->model->n_outputs; i++) {
    self->outputs[i].lost |= self->outputs[i].mem != NULL;
    unbind_output (self, i);
    ry_ort_value_free (g_steal_pointer (&self->outputs[i].value));
    g_clear_pointer (&self->outputs[i].data, ry_aligned_free);
    g_clear_pointer (&self->outputs[i].floats, ry_aligned_free);
  }
  for (guint i = 0; i < RY_POOL_MAX_THREADS; i++)
    g_clear_pointer (&self->rows[i], ry_aligned_free);
}

void
ry_npu_context_unref (RyNpuContext * self)
{
  if (!g_atomic_int_dec_and_test (&self->refs))
    return;
  clear_shape (self);
  g_hash_table_unref (self->handed_out);
  g_free (self->inputs);
  g_free (self->outputs);
  g_free (self->input_values);
  g_free (self->output_values);
  g_free (self->detail);
  ry_npu_model_unref (self->model);
  g_free (self);
}

/* ---- The shape ---------------------------------------------------------- */

/* attr as the dynamic range has it: all dimensions, pictures as NHWC. */
static gboolean
is_shape_of (const RyNpuTensor * tensor, const rknn_tensor_attr * attr)
{
  const rknn_tensor_attr *own = &tensor->logical;

  return attr->n_dims == own->n_dims && attr->fmt == own->fmt
      && memcmp (attr->dims, own->dims, own->n_dims * sizeof (*own->dims)) == 0;
}

static const RyNpuShape *
find_shape (RyNpuContext * self, const rknn_tensor_attr * attrs)
{
  const RyNpuModel *model = self->model;

  for (guint i = 0; i < model->n_shapes; i++) {
    gboolean same = TRUE;

    for (guint k = 0; k < model->n_inputs; k++)
      same = same && is_shape_of (&model->shapes[i].inputs[k], &attrs[k]);
    if (same)
      return &model->shapes[i];
  }
  return NULL;
}

gint
ry_npu_context_set_shape (RyNpuContext * self, guint n_inputs,
    const rknn_tensor_attr * attrs)
{
  const RyNpuShape *shape;

  if (!self->model->dynamic) {
    ry_log_error ("The model has no dynamic shapes");
    return RKNN_ERR_MODEL_INVALID;
  }
  if (attrs == NULL || n_inputs != self->model->n_inputs) {
    ry_log_error ("The shapes of %u inputs are set, at %p; the model has %u",
        n_inputs, attrs, self->model->n_inputs);
    return RKNN_ERR_PARAM_INVALID;
  }
  shape = find_shape (self, attrs);
  if (shape == NULL) {
    ry_log_error ("The shapes that are set are none of those that "
        "RKNN_QUERY_INPUT_DYNAMIC_RANGE tells. Pictures are NHWC there and "
        "here.");
    return RKNN_ERR_PARAM_INVALID;
  }
  clear_shape (self);
  self->shape = shape;
  self->shape_set = make_inputs (self) && make_outputs (self);
  return self->shape_set ? RKNN_SUCC : RKNN_ERR_MALLOC_FAIL;
}

/* ---- Binding ------------------------------------------------------------ */

static gboolean
is_aligned (gconstpointer data, guint bytes)
{
  return (guintptr) data % MAX (bytes, 1) == 0;
}

static gint
bind_input (RyNpuContext * self, guint index, RyNpuMem * mem,
    const rknn_tensor_attr * attr)
{
  const RyNpuTensor *tensor = &self->shape->inputs[index];
  RyNpuInput *input = &self->inputs[index];
  RyInputPlan plan;
  gpointer aligned = NULL;

  if (!ry_input_plan (&plan, tensor, attr->type, attr->fmt,
          attr->pass_through != 0, tensor->native.w_stride)) {
    ry_log_error ("Input %s: NC1HWC2 needs pass_through = 1", attr->name);
    return RKNN_ERR_FAIL;
  }
  if (mem->pub.size < plan.bytes) {
    ry_log_error ("Input %s: the memory has %u bytes, %s %s needs %"
        G_GSIZE_FORMAT ". Make it as large as size_with_stride of the native "
        "attributes, times the size of the type.", attr->name, mem->pub.size,
        get_type_string (attr->type), get_format_string (attr->fmt),
        plan.bytes);
    return RKNN_ERR_FAIL;
  }
  if (!is_aligned (ry_npu_mem_data (mem), ry_type_size (plan.type))) {
    aligned = ry_aligned_new (plan.bytes);
    if (aligned == NULL)
      return RKNN_ERR_MALLOC_FAIL;
  }
  ry_npu_context_unbind_input (self, index);
  input->lost = FALSE;
  input->mem = ry_npu_mem_ref (mem);
  input->plan = plan;
  input->aligned = aligned;
  return RKNN_SUCC;
}

/* What librknnrt lets pass here and pays for in rknn_run. */
static void
name_output_traps (const RyNpuMem * mem, const rknn_tensor_attr * attr,
    const RyOutputPlan * plan)
{
  if (plan->trap)
    ry_log_misuse ("output %s is bound as FP16 NHWC, where librknnrt 2.3.2 "
        "writes FP32. Use FP16 NCHW, FP32 NHWC or the native layout.",
        attr->name);
  if (plan->way != RY_OUTPUT_UNSUPPORTED && mem->pub.size < plan->bytes)
    ry_log_misuse ("the memory bound to output %s has %u bytes, and %"
        G_GSIZE_FORMAT " will be written as %s %s. librknnrt does not check "
        "this and writes behind it. Make it as large as size_with_stride of "
        "the native attributes says.", attr->name, mem->pub.size, plan->bytes,
        get_type_string (plan->encoding.type), get_format_string (attr->fmt));
}

static gint
bind_recorded (RyNpuContext * self, guint index, RyNpuMem * mem,
    const RyOutputPlan * plan)
{
  RyNpuOutput *output = &self->outputs[index];
  gconstpointer recorded = NULL;

  if (plan->way != RY_OUTPUT_UNSUPPORTED) {
    recorded = ry_npu_model_recorded (self->model, index, plan);
    if (recorded == NULL)
      return RKNN_ERR_MALLOC_FAIL;
  }
  unbind_output (self, index);
  output->mem = ry_npu_mem_ref (mem);
  output->plan = *plan;
  output->recorded = recorded;
  return RKNN_SUCC;
}

static gint
bind_output (RyNpuContext * self, guint index, RyNpuMem * mem,
    const rknn_tensor_attr * attr)
{
  const RyNpuTensor *tensor = &self->shape->outputs[index];
  RyNpuOutput *output = &self->outputs[index];
  gpointer data = ry_npu_mem_data (mem);
  RyOutputPlan plan;
  gpointer aligned = NULL;

  ry_output_plan (&plan, tensor, attr->type, attr->fmt);
  name_output_traps (mem, attr, &plan);
  if (self->model->recording != NULL)
    return bind_recorded (self, index, mem, &plan);
  if (!is_aligned (data, ry_type_size (plan.encoding.type))) {
    aligned = ry_aligned_new (plan.bytes);
    if (aligned == NULL)
      return RKNN_ERR_MALLOC_FAIL;
  }

  unbind_output (self, index);
  output->lost = FALSE;
  output->mem = ry_npu_mem_ref (mem);
  output->plan = plan;
  output->aligned = aligned;
  if (ry_output_is_direct (&plan, tensor)
      && is_aligned (data, DIRECT_ALIGNMENT) && mem->pub.size >= plan.bytes)
    output->direct = ry_ort_value_new (data, plan.bytes, tensor->onnx.shape,
        tensor->onnx.rank, tensor->onnx.type, NULL);
  if (output->direct != NULL)
    self->output_values[index] = output->direct;
  return RKNN_SUCC;
}

static gboolean
has_name (const RyNpuTensor * tensor, const rknn_tensor_attr * attr)
{
  return strncmp (tensor->logical.name, attr->name, sizeof attr->name) == 0;
}

gint
ry_npu_context_bind (RyNpuContext * self, RyNpuMem * mem,
    const rknn_tensor_attr * attr)
{
  const RyNpuModel *model = self->model;
  gint result = ry_npu_mem_check_import (mem);

  for (guint i = 0; i < model->n_inputs; i++) {
    if (has_name (&self->shape->inputs[i], attr))
      return result < 0 ? result : bind_input (self, i, mem, attr);
  }
  for (guint i = 0; i < model->n_outputs; i++) {
    if (has_name (&self->shape->outputs[i], attr))
      return result < 0 ? result : bind_output (self, i, mem, attr);
  }
  ry_log_error ("The model has no tensor called \"%.*s\"; rknn_set_io_mem goes "
      "by attr.name, as rknn_query gave it.", (gint) sizeof attr->name,
      attr->name);
  return RKNN_ERR_FAIL;
}

gconstpointer
ry_npu_context_values (RyNpuContext * self, guint index)
{
  const RyNpuTensor *tensor = &self->shape->outputs[index];
  RyNpuOutput *output = &self->outputs[index];
  gconstpointer data =
      output->direct != NULL ? ry_npu_mem_data (output->mem) : output->data;

  if (self->model->recording != NULL && self->n_runs > 0)
    return self->model->recording->tensors[index].values;
  if (output->floats == NULL)
    return data;
  ry_convert_numbers (RKNN_TENSOR_FLOAT32, output->floats,
      RKNN_TENSOR_FLOAT16, data, tensor->n_elems);
  return output->floats;
}
