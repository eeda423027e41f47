/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is not known is left out. */

#include "inspection.h"

#include "../common/json.h"

static void
add_dims (JsonBuilder * json, const gchar * name, const guint * dims, guint n)
{
  json_builder_set_member_name (json, name);
  json_builder_begin_array (json);
  for (guint i = 0; i < n; i++)
    json_builder_add_int_value (json, dims[i]);
  json_builder_end_array (json);
}

static void
add_tensors (JsonBuilder * json, const gchar * name, const GPtrArray * tensors)
{
  json_builder_set_member_name (json, name);
  json_builder_begin_array (json);
  for (guint i = 0; i < tensors->len; i++) {
    const Tensor *tensor = g_ptr_array_index (tensors, i);

    json_builder_begin_object (json);
    tool_json_string (json, "name", tensor->name);
    add_dims (json, "dims", tensor->dims, tensor->n_dims);
    tool_json_string (json, "format", tensor->format);
    tool_json_string (json, "type", tensor->type);
    if (tensor->quantised) {
      tool_json_int (json, "zero-point", tensor->zp);
      tool_json_double (json, "scale", tensor->scale);
      tool_json_double (json, "low", tensor->low);
      tool_json_double (json, "high", tensor->high);
    }
    if (tensor->native_format) {
      tool_json_string (json, "native-format", tensor->native_format);
      add_dims (json, "native-dims", tensor->native, tensor->n_native);
      tool_json_int (json, "native-bytes", tensor->native_size);
    }
    json_builder_end_object (json);
  }
  json_builder_end_array (json);
}

static void
add_file (JsonBuilder * json, const Inspection * self)
{
  const RyModelFile *file = self->file;

  tool_json_string (json, "model", file->name);
  tool_json_string (json, "path", file->path);
  tool_json_int (json, "bytes", self->file_size);
  tool_json_string (json, "kind", file->kind == RY_MODEL_RKNN ? "rknn" :
      "onnx");
  if (file->kind == RY_MODEL_RKNN) {
    if (!file->encrypted)
      tool_json_int (json, "container-version", file->format_version);
    tool_json_bool (json, "encrypted", file->encrypted);
    tool_json_string (json, "toolkit-version", file->toolkit_version);
    tool_json_string (json, "target-platform", file->target_platform);
  }
  tool_json_string (json, "soc", self->soc);
  tool_json_string (json, "runtime", self->runtime_path);
  tool_json_string (json, "runtime-version", self->runtime_version);
  tool_json_string (json, "driver-version", self->driver_version);
  tool_json_string (json, "runtime-not-asked", self->not_asked);
  if (self->n_cores > 0)
    tool_json_int (json, "cores", self->n_cores);
  add_tensors (json, "inputs", self->inputs);
  add_tensors (json, "outputs", self->outputs);
}

static void
add_head (JsonBuilder * json, const Inspection * self)
{
  tool_json_string (json, "head", self->head);
  tool_json_string (json, "hints", self->told_by);
  tool_json_bool (json, "ranges-known", self->runtime_path != NULL);
  tool_json_string (json, "task", self->task);
  tool_json_int (json, "width", self->width);
  tool_json_int (json, "height", self->height);
  if (self->sizes->len > 0)
    tool_json_strings (json, "input-sizes", self->sizes);
  tool_json_int (json, "batch", self->batch);
  tool_json_int (json, "classes", self->n_classes);
  if (self->n_keypoints > 0)
    tool_json_int (json, "keypoints", self->n_keypoints);
  if (self->labels)
    tool_json_strings (json, "labels", self->labels);
  tool_json_string (json, "label-source", self->label_source);
}

void
inspection_print_json (const Inspection * self)
{
  JsonBuilder *json = json_builder_new ();

  json_builder_begin_object (json);
  if (self->file)
    add_file (json, self);
  if (self->head)
    add_head (json, self);
  tool_json_strings (json, "warnings", self->warnings);
  tool_json_string (json, "error", self->error);
  json_builder_end_object (json);
  tool_json_print (json);
}
