/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "inspection.h"

#include <string.h>

#define N_SHOWN 8               /* labels that are named */

static gchar *
join_dims (const guint * dims, guint n)
{
  GString *text = g_string_new ("[");

  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, i > 0 ? ",%u" : "%u", dims[i]);
  return g_string_free (g_string_append_c (text, ']'), FALSE);
}

static void
print_field (const gchar * name, const gchar * format, ...)
G_GNUC_PRINTF (2, 3);

     static void print_field (const gchar * name, const gchar * format, ...)
{
  g_autofree gchar *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_print ("%-10s %s\n", name, text);
}

static void
print_file (const Inspection * self)
{
  const RyModelFile *file = self->file;

  print_field ("model", "%s", file->name);
  if (file->kind == RY_MODEL_ONNX)
    print_field ("file", "%s, %" G_GUINT64_FORMAT " bytes, ONNX", file->path,
        self->file_size);
  else if (file->encrypted)
    print_field ("file", "%s, %" G_GUINT64_FORMAT " bytes, .rknn, encrypted",
        file->path, self->file_size);
  else
    print_field ("file", "%s, %" G_GUINT64_FORMAT " bytes, .rknn of form %u",
        file->path, self->file_size, file->format_version);
  if (file->kind == RY_MODEL_RKNN) {
    print_field ("made by", "rknn-toolkit2 %s",
        file->toolkit_version ? file->toolkit_version : "(not told)");
    print_field ("made for", "%s%s%s%s",
        file->target_platform ? file->target_platform : "(not told)",
        self->soc ? " (this board: " : "", self->soc ? self->soc : "",
        self->soc ? ")" : "");
  }
}

static void
print_runtime (const Inspection * self)
{
  if (self->runtime_path)
    print_field ("runtime", "%s, version %s, driver %s", self->runtime_path,
        self->runtime_version, self->driver_version);
  else if (self->not_asked)
    print_field ("runtime", "not asked: %s", self->not_asked);
  if (self->n_cores > 0)
    print_field ("cores", "%u", self->n_cores);
}

static void
print_tensor (const Tensor * tensor)
{
  g_autofree gchar *dims = join_dims (tensor->dims, tensor->n_dims);
  g_autofree gchar *native = join_dims (tensor->native, tensor->n_native);

  g_print ("  %s  %s%s%s %s", tensor->name, dims, tensor->format ? " " : "",
      tensor->format ? tensor->format : "", tensor->type);
  if (tensor->quantised)
    g_print (", zp %d scale %.7g: %.4g to %.4g", tensor->zp, tensor->scale,
        tensor->low, tensor->high);
  if (tensor->native_format)
    g_print ("; native %s %s, %u bytes", native, tensor->native_format,
        tensor->native_size);
  g_print ("\n");
}

static void
print_tensors (const gchar * title, const GPtrArray * tensors)
{
  if (tensors->len > 0)
    g_print ("%s\n", title);
  for (guint i = 0; i < tensors->len; i++)
    print_tensor (g_ptr_array_index (tensors, i));
}

static void
print_labels (const Inspection * self)
{
  GString *text = g_string_new (NULL);
  guint n = MIN (self->labels->len, N_SHOWN);

  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? ", " : "",
        (const gchar *) g_ptr_array_index (self->labels, i));
  if (self->labels->len > n)
    g_string_append (text, ", ...");
  print_field ("labels", "%s (%s)", text->str, self->label_source);
  g_string_free (text, TRUE);
}

static void
print_head (const Inspection * self)
{
  print_field ("head", "%s", self->head);
  print_field ("told by", "%s%s%s%s", "the shapes of the outputs",
      self->runtime_path ? " and their ranges" : "",
      *self->told_by ? "; " : "", self->told_by);
  if (!self->runtime_path)
    print_field ("", "%s", "Ranges are not in the header: whether scores are "
        "logits shows on the board.");
  print_field ("task", "%s", self->task);
  print_field ("input", "%ux%u", self->width, self->height);
  for (guint i = 1; i < self->sizes->len; i++)
    print_field (i == 1 ? "or" : "", "%s",
        (const gchar *) g_ptr_array_index (self->sizes, i));
  if (self->batch > 1)
    print_field ("pictures", "%u a run", self->batch);
  print_field ("classes", "%u", self->n_classes);
  if (self->n_keypoints > 0)
    print_field ("keypoints", "%u", self->n_keypoints);
  if (self->labels)
    print_labels (self);
}

void
inspection_print (const Inspection * self)
{
  if (self->file) {
    print_file (self);
    print_runtime (self);
    print_tensors ("inputs", self->inputs);
    print_tensors ("outputs", self->outputs);
  }
  if (self->head)
    print_head (self);
  for (guint i = 0; i < self->warnings->len; i++)
    print_field ("WARNING", "%s",
        (const gchar *) g_ptr_array_index (self->warnings, i));
  if (self->error)
    print_field ("PROBLEM", "%s", self->error);
}
