/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "query.h"

#include <string.h>

#include "log.h"
#include "version.h"

/* What PERF_RUN says before anything has run. */
#define GARBAGE G_GINT64_CONSTANT (0x5555aaaa12345678)

/* shape is the current or the largest one. */
static gint
query_tensor (const RyNpuContext * self, const RyNpuShape * shape,
    rknn_query_cmd cmd, rknn_tensor_attr * attr)
{
  const RyNpuModel *model = self->model;
  gboolean input = cmd == RKNN_QUERY_INPUT_ATTR
      || cmd == RKNN_QUERY_NATIVE_INPUT_ATTR
      || cmd == RKNN_QUERY_NATIVE_NHWC_INPUT_ATTR;
  guint n = input ? model->n_inputs : model->n_outputs;
  const RyNpuTensor *tensor;

  if (attr->index >= n) {
    if (cmd == RKNN_QUERY_NATIVE_OUTPUT_ATTR)
      ry_log_misuse_stop ("RKNN_QUERY_NATIVE_OUTPUT_ATTR of output %u of a "
          "model with %u. librknnrt crashes here.", attr->index, n);
    ry_log_error ("rknn_query for %s %u of a model with %u",
        input ? "input" : "output", attr->index, n);
    return RKNN_ERR_PARAM_INVALID;
  }

  tensor = input ? &shape->inputs[attr->index] : &shape->outputs[attr->index];
  switch (cmd) {
    case RKNN_QUERY_INPUT_ATTR:
    case RKNN_QUERY_OUTPUT_ATTR:
      *attr = tensor->logical;
      break;
    case RKNN_QUERY_NATIVE_INPUT_ATTR:
    case RKNN_QUERY_NATIVE_OUTPUT_ATTR:
      *attr = tensor->native;
      break;
    default:
      *attr = tensor->native_nhwc;
      break;
  }
  return RKNN_SUCC;
}

/* What asks the same of a model of one shape. */
static rknn_query_cmd
without_current (rknn_query_cmd cmd)
{
  switch (cmd) {
    case RKNN_QUERY_CURRENT_INPUT_ATTR:
      return RKNN_QUERY_INPUT_ATTR;
    case RKNN_QUERY_CURRENT_OUTPUT_ATTR:
      return RKNN_QUERY_OUTPUT_ATTR;
    case RKNN_QUERY_CURRENT_NATIVE_INPUT_ATTR:
      return RKNN_QUERY_NATIVE_INPUT_ATTR;
    default:
      return RKNN_QUERY_NATIVE_OUTPUT_ATTR;
  }
}

static gint
query_current (const RyNpuContext * self, rknn_query_cmd cmd,
    rknn_tensor_attr * attr)
{
  gboolean native = cmd == RKNN_QUERY_CURRENT_NATIVE_INPUT_ATTR
      || cmd == RKNN_QUERY_CURRENT_NATIVE_OUTPUT_ATTR;

  if (!self->model->dynamic) {
    ry_log_error ("rknn_query: the model has no dynamic shapes");
    return native ? RKNN_ERR_CTX_INVALID : RKNN_ERR_MODEL_INVALID;
  }
  if (!self->shape_set) {
    ry_log_error ("rknn_query: command %d before rknn_set_input_shapes",
        (gint) cmd);
    return RKNN_ERR_FAIL;
  }
  return query_tensor (self, self->shape, without_current (cmd), attr);
}

static gint
query_range (const RyNpuContext * self, rknn_input_range * range)
{
  const RyNpuModel *model = self->model;
  guint index = range->index;

  /* the only way to ask whether it has some */
  if (!model->dynamic) {
    ry_log_info ("rknn_query: the model has no dynamic shapes");
    return RKNN_ERR_MODEL_INVALID;
  }
  if (index >= model->n_inputs) {
    ry_log_error ("rknn_query for input %u of a model with %u", index,
        model->n_inputs);
    return RKNN_ERR_PARAM_INVALID;
  }
  memset (range, 0, sizeof (*range));
  range->index = index;
  range->shape_number = model->n_shapes;
  for (guint i = 0; i < model->n_shapes; i++) {
    const rknn_tensor_attr *attr = &model->shapes[i].inputs[index].logical;

    range->fmt = attr->fmt;
    range->n_dims = attr->n_dims;
    g_strlcpy (range->name, attr->name, sizeof (range->name));
    memcpy (range->dyn_range[i], attr->dims, sizeof (attr->dims));
  }
  return RKNN_SUCC;
}

static void
query_perf_detail (RyNpuContext * self, rknn_perf_detail * detail)
{
  const RyNpuTimes *times = &self->times;

  memset (detail, 0, sizeof *detail);
  if ((self->model->flags & RKNN_FLAG_COLLECT_PERF_MASK) == 0)
    return;

  g_free (self->detail);
  self->detail = g_strdup_printf
      ("ID   OpType             Target  Core  Time(us)\n"
      "1    InputOperator      CPU     -     %" G_GINT64_FORMAT "\n"
      "2    %-18s CPU     %u     %" G_GINT64_FORMAT "\n"
      "3    OutputOperator     CPU     -     %" G_GINT64_FORMAT "\n"
      "Total Operator Elapsed Time(us): %" G_GINT64_FORMAT "\n",
      times->inputs,
      self->model->recording != NULL ? "Recording" : "ONNXRuntime", times->core,
      times->inference, times->outputs, times->all);
  detail->perf_data = self->detail;
  detail->data_len = strlen (self->detail);
}

static void
query_version (rknn_sdk_version * version)
{
  memset (version, 0, sizeof *version);
  g_strlcpy (version->api_version, ry_version_api, sizeof version->api_version);
  g_strlcpy (version->drv_version, ry_version_driver,
      sizeof version->drv_version);
}

static void
query_mem_size (const RyNpuContext * self, rknn_mem_size * sizes)
{
  const RyNpuModel *model = self->model;
  const RyNpuShape *shape = model->largest;
  guint64 tensors = 0, internal = 0;

  for (guint i = 0; i < model->n_inputs; i++) {
    tensors += shape->inputs[i].native.size_with_stride;
    internal += shape->inputs[i].onnx_size;
  }
  for (guint i = 0; i < model->n_outputs; i++) {
    tensors += shape->outputs[i].native.size_with_stride;
    internal += shape->outputs[i].onnx_size;
  }
  memset (sizes, 0, sizeof *sizes);
  sizes->total_weight_size = MIN (model->file_size, G_MAXUINT32);
  sizes->total_internal_size = MIN (internal, G_MAXUINT32);
  sizes->total_dma_allocated_size = model->file_size + internal + tensors;
}

static void
query_custom_string (const RyNpuContext * self, rknn_custom_string * custom)
{
  memset (custom, 0, sizeof *custom);
  g_strlcpy (custom->string, self->model->custom_string, sizeof custom->string);
}

/* The structure that cmd fills; 0 for commands that librknnrt 2.3.2 does not
 * know. */
static gsize
struct_size (rknn_query_cmd cmd)
{
  switch (cmd) {
    case RKNN_QUERY_IN_OUT_NUM:
      return sizeof (rknn_input_output_num);
    case RKNN_QUERY_PERF_DETAIL:
      return sizeof (rknn_perf_detail);
    case RKNN_QUERY_PERF_RUN:
      return sizeof (rknn_perf_run);
    case RKNN_QUERY_SDK_VERSION:
      return sizeof (rknn_sdk_version);
    case RKNN_QUERY_MEM_SIZE:
      return sizeof (rknn_mem_size);
    case RKNN_QUERY_CUSTOM_STRING:
      return sizeof (rknn_custom_string);
    case RKNN_QUERY_INPUT_DYNAMIC_RANGE:
      return sizeof (rknn_input_range);
    case RKNN_QUERY_INPUT_ATTR:
    case RKNN_QUERY_OUTPUT_ATTR:
    case RKNN_QUERY_NATIVE_INPUT_ATTR:
    case RKNN_QUERY_NATIVE_OUTPUT_ATTR:
    case RKNN_QUERY_NATIVE_NHWC_INPUT_ATTR:
    case RKNN_QUERY_NATIVE_NHWC_OUTPUT_ATTR:
    case RKNN_QUERY_CURRENT_INPUT_ATTR:
    case RKNN_QUERY_CURRENT_OUTPUT_ATTR:
    case RKNN_QUERY_CURRENT_NATIVE_INPUT_ATTR:
    case RKNN_QUERY_CURRENT_NATIVE_OUTPUT_ATTR:
      return sizeof (rknn_tensor_attr);
    default:
      return 0;
  }
}

static void
fill (RyNpuContext * self, rknn_query_cmd cmd, gpointer info)
{
  rknn_input_output_num *num = info;
  rknn_perf_run *run = info;

  switch (cmd) {
    case RKNN_QUERY_IN_OUT_NUM:
      num->n_input = self->model->n_inputs;
      num->n_output = self->model->n_outputs;
      break;
    case RKNN_QUERY_PERF_DETAIL:
      query_perf_detail (self, info);
      break;
    case RKNN_QUERY_PERF_RUN:
      run->run_duration = self->n_runs > 0 ? self->times.all : GARBAGE;
      break;
    case RKNN_QUERY_SDK_VERSION:
      query_version (info);
      break;
    case RKNN_QUERY_MEM_SIZE:
      query_mem_size (self, info);
      break;
    default:
      query_custom_string (self, info);
      break;
  }
}

gint
ry_npu_query (RyNpuContext * self, rknn_query_cmd cmd, gpointer info,
    guint32 size)
{
  gsize expected = struct_size (cmd);

  if (expected == 0) {
    ry_log_error ("rknn_query: command %d is not supported", (gint) cmd);
    return RKNN_ERR_FAIL;
  }
  if (info == NULL || size < expected) {
    ry_log_error ("rknn_query: command %d fills %" G_GSIZE_FORMAT
        " bytes, %u were given at %p", (gint) cmd, expected, size, info);
    return RKNN_ERR_PARAM_INVALID;
  }

  switch (cmd) {
    case RKNN_QUERY_INPUT_DYNAMIC_RANGE:
      return query_range (self, info);
    case RKNN_QUERY_CURRENT_INPUT_ATTR:
    case RKNN_QUERY_CURRENT_OUTPUT_ATTR:
    case RKNN_QUERY_CURRENT_NATIVE_INPUT_ATTR:
    case RKNN_QUERY_CURRENT_NATIVE_OUTPUT_ATTR:
      return query_current (self, cmd, info);
    case RKNN_QUERY_INPUT_ATTR:
    case RKNN_QUERY_OUTPUT_ATTR:
    case RKNN_QUERY_NATIVE_INPUT_ATTR:
    case RKNN_QUERY_NATIVE_OUTPUT_ATTR:
    case RKNN_QUERY_NATIVE_NHWC_INPUT_ATTR:
    case RKNN_QUERY_NATIVE_NHWC_OUTPUT_ATTR:
      return query_tensor (self, self->model->largest, cmd, info);
    default:
      fill (self, cmd, info);
      return RKNN_SUCC;
  }
}
