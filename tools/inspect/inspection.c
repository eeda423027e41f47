/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which source of knowledge is asked, and in which order. */

#include "inspection.h"

#include <glib/gstdio.h>

#include "engine/loadedmodel.h"
#include "model/fit.h"
#include "model/labels.h"
#include "runtime/device.h"
#include "runtime/locate.h"
#include "runtime/soc.h"

#define N_COCO 80

void
tensor_free (gpointer tensor)
{
  Tensor *self = tensor;

  g_free (self->name);
  g_free (self->type);
  g_free (self->format);
  g_free (self->native_format);
  g_free (self);
}

void
inspection_warn (Inspection * self, const gchar * sentence)
{
  if (sentence)
    g_ptr_array_add (self->warnings, g_strdup (sentence));
}

/* ---- The head ------------------------------------------------------------ */

static void
add_hint (GString * text, const gchar * format, ...)
G_GNUC_PRINTF (2, 3);

     static void add_hint (GString * text, const gchar * format, ...)
{
  va_list arguments;

  if (text->len > 0)
    g_string_append (text, ", ");
  va_start (arguments, format);
  g_string_append_vprintf (text, format, arguments);
  va_end (arguments);
}

static gchar *
list_hints (const RyModelFile * file, const Question * question)
{
  GString *text = g_string_new (NULL);

  if (question->head)
    add_hint (text, "--head %s", question->head);
  if (file->task)
    add_hint (text, "task %s", file->task);
  if (file->names)
    add_hint (text, "%u names of classes", file->names->len);
  if (file->reg_max > 0)
    add_hint (text, "reg_max %u", file->reg_max);
  if (file->kpt_shape[0] > 0)
    add_hint (text, "kpt_shape %ux%u", file->kpt_shape[0], file->kpt_shape[1]);
  if (file->end2end != 0)
    add_hint (text, "end2end %s", file->end2end > 0 ? "true" : "false");
  if (question->labels)
    add_hint (text, "--labels");
  return g_string_free (text, FALSE);
}

static const gchar *
source_of_labels (const Inspection * self, const Question * question)
{
  if (question->labels)
    return "the file that --labels names";
  if (self->file->names)
    return "the model's metadata";
  if (self->n_classes == N_COCO)
    return "the model has none; with 80 classes those of COCO are taken";
  return "the model has none; --labels (labels= of rknnyolo) names a file";
}

void
inspection_take_head (Inspection * self, gpointer decoder,
    const Question * question)
{
  static const gchar *const tasks[] = { "detect", "segment", "pose", "obb" };
  RyTask task = ry_decoder_get_task (decoder);

  self->head = g_strdup (ry_decoder_get_description (decoder));
  self->told_by = list_hints (self->file, question);
  self->task = task < G_N_ELEMENTS (tasks) ? tasks[task] : NULL;
  self->n_classes = ry_decoder_get_n_classes (decoder);
  self->n_keypoints = ry_decoder_get_n_keypoints (decoder);
  self->label_source = source_of_labels (self, question);
}

/* ---- By the header alone ------------------------------------------------- */

/* The header does not tell zero points and scales.  As floats the tensors lead
 * to what the shapes tell, and leave open what only ranges would. */
static RyTensor *
tensors_of_header (const Inspection * self)
{
  RyTensor *tensors = g_new0 (RyTensor, self->outputs->len);

  for (guint i = 0; i < self->outputs->len; i++) {
    const Tensor *from = g_ptr_array_index (self->outputs, i);
    RyTensor *to = &tensors[i];

    to->name = from->name;
    to->n_dims = from->n_dims;
    for (guint d = 0; d < from->n_dims; d++)
      to->dims[d] = from->dims[d];
    /* a head is that of one picture */
    if (self->batch > 1 && to->dims[0] == self->batch)
      to->dims[0] = 1;
    to->type = RKNN_TENSOR_FLOAT32;
    to->scale = 1.0f;
    if (to->n_dims == 4) {
      to->c2 = 1;
      to->row = to->dims[3];
      to->plane = to->row * to->dims[2];
    }
  }
  return tensors;
}

static gboolean
find_input_size (Inspection * self)
{
  const Tensor *input = self->inputs->len == 1 ?
      g_ptr_array_index (self->inputs, 0) : NULL;

  if (!input || input->n_dims != 4)
    return FALSE;
  self->batch = input->dims[0];
  self->height = input->dims[2];
  self->width = input->dims[3];
  return self->width > 0 && self->height > 0;
}

static void
recognise_by_header (Inspection * self, const Question * question,
    GPtrArray * labels)
{
  g_autofree RyTensor *tensors = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *warning = NULL;
  RyRecognition recognition = { 0, };
  RyDecoder *decoder;

  if (!find_input_size (self) || self->outputs->len == 0)
    return;
  tensors = tensors_of_header (self);
  recognition.outputs = tensors;
  recognition.n_outputs = self->outputs->len;
  recognition.width = self->width;
  recognition.height = self->height;
  recognition.labels = labels;
  recognition.head = question->head;
  decoder = ry_loaded_model_recognise (self->file, &recognition, &error);
  if (!decoder) {
    self->error = g_strdup (error->message);
    return;
  }
  inspection_take_head (self, decoder, question);
  inspection_warn (self, ry_decoder_get_notice (decoder));
  ry_decoder_free (decoder);
  self->labels = ry_labels_complete (labels, self->n_classes, &warning);
  inspection_warn (self, warning);
}

static void
look_at_header (Inspection * self, const Question * question)
{
  g_autoptr (GPtrArray) labels = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *doubt = NULL;

  if (!ry_fit_check (self->file, self->soc, NULL, &doubt, &error)) {
    self->error = g_strdup (error->message);
    g_clear_error (&error);
  }
  inspection_warn (self, doubt);
  header_read_tensors (self);
  if (question->labels) {
    labels = ry_labels_load (question->labels, &error);
    if (!labels) {
      self->error = g_strdup (error->message);
      return;
    }
  } else if (self->file->names) {
    labels = g_ptr_array_ref (self->file->names);
  }
  if (!self->error)
    recognise_by_header (self, question, labels);
}

/* ---- All of it ----------------------------------------------------------- */

/* librknnrt is not asked where there is no NPU: as root it would make device
 * nodes, and on a SoC that it does not know it crashes. */
static gchar *
reason_not_to_ask (const Inspection * self, const Question * question)
{
  const gchar *variable = g_getenv (RY_RUNTIME_ENVIRONMENT);
  g_autofree gchar *node = NULL;

  if (question->header_only)
    return g_strdup ("by --header");
  if (self->file->kind != RY_MODEL_RKNN || question->runtime
      || (variable && *variable))
    return NULL;
  node = ry_device_find ("/");
  return node ? NULL : g_strdup ("this machine has no NPU that is known");
}

static void
inspect_file (Inspection * self, const Question * question)
{
  gchar *why = reason_not_to_ask (self, question);
  GStatBuf status;

  if (g_stat (self->file->path, &status) == 0)
    self->file_size = status.st_size;
  self->soc = ry_soc_detect ("/");
  if (!why && runtime_ask (self, question, &why)) {
    warnings_find (self);
    return;
  }
  self->not_asked = why;
  if (self->file->kind == RY_MODEL_RKNN)
    look_at_header (self, question);
  else if (!question->header_only)
    self->error = g_strdup (why);
  warnings_find (self);
}

Inspection *
inspection_new (const Question * question)
{
  Inspection *self = g_new0 (Inspection, 1);
  g_autoptr (GError) error = NULL;

  self->sizes = g_ptr_array_new_with_free_func (g_free);
  self->inputs = g_ptr_array_new_with_free_func (tensor_free);
  self->outputs = g_ptr_array_new_with_free_func (tensor_free);
  self->warnings = g_ptr_array_new_with_free_func (g_free);
  self->file = ry_model_file_open (question->model, &error);
  if (self->file)
    inspect_file (self, question);
  else
    self->error = g_strdup (error->message);
  return self;
}

void
inspection_free (Inspection * self)
{
  g_clear_pointer (&self->file, ry_model_file_free);
  g_ptr_array_unref (self->sizes);
  g_ptr_array_unref (self->inputs);
  g_ptr_array_unref (self->outputs);
  g_ptr_array_unref (self->warnings);
  g_clear_pointer (&self->labels, g_ptr_array_unref);
  g_free (self->soc);
  g_free (self->runtime_path);
  g_free (self->runtime_version);
  g_free (self->driver_version);
  g_free (self->not_asked);
  g_free (self->head);
  g_free (self->told_by);
  g_free (self->error);
  g_free (self);
}
