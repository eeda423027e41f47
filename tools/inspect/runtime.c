/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a runtime tells of a model it has loaded. */

#include "inspection.h"

#include <string.h>

#include "engine/loadedmodel.h"
#include "runtime/locate.h"

static void
take_range (Tensor * tensor, const rknn_tensor_attr * attr)
{
  gdouble low = attr->type == RKNN_TENSOR_INT8 ? -128 : 0;

  tensor->quantised = (attr->type == RKNN_TENSOR_INT8
      || attr->type == RKNN_TENSOR_UINT8)
      && attr->qnt_type == RKNN_TENSOR_QNT_AFFINE_ASYMMETRIC;
  if (!tensor->quantised)
    return;
  tensor->zp = attr->zp;
  tensor->scale = attr->scale;
  tensor->low = (low - attr->zp) * attr->scale;
  tensor->high = (low + 255 - attr->zp) * attr->scale;
}

static gboolean
query (RyRuntime * runtime, rknn_context context, rknn_query_cmd command,
    guint index, rknn_tensor_attr * attr)
{
  memset (attr, 0, sizeof (*attr));
  attr->index = index;
  if (runtime->query (context, command, attr, sizeof (*attr)) != RKNN_SUCC)
    return FALSE;
  attr->name[sizeof (attr->name) - 1] = '\0';
  attr->n_dims = MIN (attr->n_dims, MAX_DIMS);
  return TRUE;
}

static void
add_tensor (GPtrArray * tensors, RyRuntime * runtime, rknn_context context,
    guint index, gboolean input)
{
  Tensor *tensor = g_new0 (Tensor, 1);
  rknn_tensor_attr attr;

  if (!query (runtime, context, input ? RKNN_QUERY_INPUT_ATTR :
          RKNN_QUERY_OUTPUT_ATTR, index, &attr)) {
    g_free (tensor);
    return;
  }
  tensor->name = g_utf8_make_valid (attr.name, -1);
  tensor->type = g_strdup (get_type_string (attr.type));
  tensor->format = g_strdup (get_format_string (attr.fmt));
  tensor->n_dims = attr.n_dims;
  memcpy (tensor->dims, attr.dims, sizeof (tensor->dims));
  take_range (tensor, &attr);
  if (query (runtime, context, input ? RKNN_QUERY_NATIVE_INPUT_ATTR :
          RKNN_QUERY_NATIVE_OUTPUT_ATTR, index, &attr)) {
    tensor->native_format = g_strdup (get_format_string (attr.fmt));
    tensor->n_native = attr.n_dims;
    memcpy (tensor->native, attr.dims, sizeof (tensor->native));
    tensor->native_size = MAX (attr.size_with_stride, attr.size);
  }
  g_ptr_array_add (tensors, tensor);
}

static void
add_tensors (Inspection * self, RyRuntime * runtime, rknn_context context)
{
  rknn_input_output_num num = { 0, };

  if (runtime->query (context, RKNN_QUERY_IN_OUT_NUM, &num, sizeof (num)) !=
      RKNN_SUCC)
    return;
  for (guint i = 0; i < MIN (num.n_input, RY_MAX_OUTPUTS); i++)
    add_tensor (self->inputs, runtime, context, i, TRUE);
  for (guint i = 0; i < MIN (num.n_output, RY_MAX_OUTPUTS); i++)
    add_tensor (self->outputs, runtime, context, i, FALSE);
}

static void
take_runtime (Inspection * self, RyRuntime * runtime, rknn_context context)
{
  RyRuntimeVersions versions;

  ry_runtime_get_versions (runtime, context, &versions);
  self->runtime_path = g_strdup (runtime->path);
  self->runtime_version = g_strdup (versions.api);
  self->driver_version = g_strdup (versions.driver);
  add_tensors (self, runtime, context);
}

/* The engine did not take the model; the runtime may all the same, and then
 * its tensors show why. */
static void
ask_again (Inspection * self, const Question * question)
{
  g_autoptr (RyRuntime) runtime = ry_runtime_locate (question->runtime,
      self->file->kind == RY_MODEL_ONNX, NULL);
  rknn_context context;

  if (!runtime || runtime->init (&context, self->file->path, 0,
          RKNN_FLAG_DISABLE_PROC_HIGH_PRIORITY, NULL) != RKNN_SUCC)
    return;
  take_runtime (self, runtime, context);
  runtime->destroy (context);
}

static void
take_model (Inspection * self, RyLoadedModel * model, rknn_context context,
    const Question * question)
{
  take_runtime (self, model->runtime, context);
  self->n_cores = model->n_cores;
  self->width = model->input_sizes[0].width;
  self->height = model->input_sizes[0].height;
  self->batch = model->batch;
  for (guint i = 0; model->n_sizes > 1 && i < model->n_sizes; i++)
    g_ptr_array_add (self->sizes, g_strdup_printf ("%ux%u",
            model->input_sizes[i].width, model->input_sizes[i].height));
  inspection_take_head (self, model->sizes[0].decoder, question);
  self->labels = g_ptr_array_ref (model->labels);
  model->runtime->destroy (context);
}

gboolean
runtime_ask (Inspection * self, const Question * question, gchar ** why)
{
  RyEngineConfig config = { NULL, };
  g_autoptr (RyLoadedModel) model = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *warning = NULL;
  rknn_context context;

  config.model = question->model;
  config.labels = question->labels;
  config.head = question->head;
  config.runtime_library = question->runtime;
  model = ry_loaded_model_new (&config, &context, &warning, &error);
  if (model) {
    inspection_warn (self, warning);
    take_model (self, model, context, question);
    return TRUE;
  }
  /* No runtime, no NPU: that says nothing about the model. */
  if (self->file->kind == RY_MODEL_RKNN && (error->code == RY_ERROR_RUNTIME
          || error->code == RY_ERROR_DEVICE)) {
    *why = g_strdup (error->message);
    return FALSE;
  }
  self->error = g_strdup (error->message);
  ask_again (self, question);
  if (self->outputs->len > 0)
    return TRUE;
  *why = g_strdup (error->message);
  return FALSE;
}
