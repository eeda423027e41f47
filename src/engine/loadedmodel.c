/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* From a model's path to a model whose outputs are understood. */

#include "engine/loadedmodel.h"

#include <string.h>

#include "engine/cores.h"
#include "model/fit.h"
#include "model/labels.h"
#include "runtime/libraryversion.h"
#include "runtime/locate.h"
#include "runtime/soc.h"

#define COCO_CLASSES 80

/* Without this flag librknnrt asks for nice -19, for a thread that is not
 * ours.  Runtimes before 1.6 do not know it and do not mind. */
#define INIT_FLAGS RKNN_FLAG_DISABLE_PROC_HIGH_PRIORITY

gboolean
ry_loaded_model_init_context (RyLoadedModel * self, rknn_context * handle,
    GError ** error)
{
  gint code;
  g_autofree gchar *message = NULL;
  rknn_context context = 0;

  /* Size 0: the path is given, not the content. */
  code = self->runtime->init (&context, self->file->path, 0, INIT_FLAGS, NULL);
  if (code == RKNN_SUCC) {
    *handle = context;
    return TRUE;
  }
  message = ry_runtime_explain_init (self->runtime, code, self->file->path,
      self->file->target_platform, self->doubt);
  g_set_error_literal (error, RY_ERROR,
      code == RKNN_ERR_FAIL ? RY_ERROR_DEVICE :
      code == RKNN_ERR_MALLOC_FAIL ? RY_ERROR_MEMORY : RY_ERROR_MODEL, message);
  return FALSE;
}

gboolean
ry_loaded_model_dup_context (RyLoadedModel * self, rknn_context parent,
    rknn_context * handle, GError ** error)
{
  if (self->runtime->dup_context
      && self->runtime->dup_context (&parent, handle) == RKNN_SUCC)
    return TRUE;
  return ry_loaded_model_init_context (self, handle, error);
}

/* Before the runtime is asked, whose answer says less. */
static gboolean
check_fit (RyLoadedModel * self, GError ** error)
{
  g_autofree gchar *soc = NULL, *version = NULL;

  if (self->file->kind != RY_MODEL_RKNN)
    return TRUE;
  soc = ry_soc_detect ("/");
  version = ry_library_version (self->runtime->path, RY_RUNTIME_MARKER);
  return ry_fit_check (self->file, soc, version, &self->doubt, error);
}

/* The model is loaded: what is left to be said?  That nothing could be read of
 * a file does not matter any more; and a runtime whose file does not tell its
 * version has told it now. */
static gchar *
doubt_that_stays (RyLoadedModel * self)
{
  g_autofree gchar *doubt = NULL;

  if (!self->file->toolkit_version)
    return NULL;
  if (self->doubt)
    return g_strdup (self->doubt);
  ry_fit_check (self->file, NULL, self->versions.api, &doubt, NULL);
  return g_steal_pointer (&doubt);
}

static gboolean
check_versions (RyLoadedModel * self, rknn_context context, GError ** error)
{
  ry_runtime_get_versions (self->runtime, context, &self->versions);
  self->sync = !g_str_has_prefix (self->versions.api, "2.3.");
  if (!ry_runtime_versions_too_old (&self->versions))
    return TRUE;
  g_set_error (error, RY_ERROR, RY_ERROR_RUNTIME,
      "The runtime %s has version %s; expected is 1.4 or newer, because older "
      "ones have another binary interface. Install a newer librknnrt.so.",
      self->runtime->path, self->versions.api);
  return FALSE;
}

/* How many classes the model has, as far as anybody can be trusted: its own
 * metadata, or a list of the usual length.  Any other list may lack a line, and
 * where 4 + n and 5 + n channels mean two heads that would choose the wrong
 * one. */
static guint
trusted_n_classes (const RyModelFile * file, const GPtrArray * labels)
{
  if (file->names)
    return file->names->len;
  return labels && labels->len == COCO_CLASSES ? COCO_CLASSES : 0;
}

RyDecoder *
ry_loaded_model_recognise (const RyModelFile * file,
    const RyRecognition * recognition, GError ** error)
{
  const GPtrArray *labels = recognition->labels;
  const gchar *head = recognition->head;
  RyHeadHints hints = { 0, };
  RyDecoder *decoder;

  hints.input_width = recognition->width;
  hints.input_height = recognition->height;
  hints.n_classes = trusted_n_classes (file, labels);
  hints.task = file->task;
  hints.head = head && *head ? head : NULL;
  hints.reg_max = file->reg_max;
  hints.end2end = file->end2end;
  hints.quantized_boxes = file->quantized;
  memcpy (hints.kpt_shape, file->kpt_shape, sizeof (hints.kpt_shape));
  decoder = ry_decoder_new (recognition->outputs, recognition->n_outputs,
      &hints, NULL);
  if (decoder && ry_decoder_get_n_classes (decoder) > 0)
    return decoder;

  /* Some heads cannot be told, or do not say how many classes there are. */
  g_clear_pointer (&decoder, ry_decoder_free);
  hints.n_classes = labels ? labels->len : 0;
  return ry_decoder_new (recognition->outputs, recognition->n_outputs, &hints,
      error);
}

static RyDecoder *
recognise_head (RyLoadedModel * self, const RyEngineConfig * config,
    const GPtrArray * labels, GError ** error)
{
  RyRecognition recognition = { 0, };

  recognition.outputs = self->io->tensors;
  recognition.n_outputs = self->io->n_outputs;
  recognition.width = self->io->width;
  recognition.height = self->io->height;
  recognition.labels = labels;
  recognition.head = config->head;
  return ry_loaded_model_recognise (self->file, &recognition, error);
}

/* NULL if both are NULL. */
static gchar *
join_sentences (const gchar * a, const gchar * b)
{
  if (a && b)
    return g_strconcat (a, " ", b, NULL);
  return g_strdup (a ? a : b);
}

static gboolean
understand_model (RyLoadedModel * self, const RyEngineConfig * config,
    rknn_context context, gchar ** warning, GError ** error)
{
  g_autoptr (GPtrArray) labels = NULL;
  g_autofree gchar *label_warning = NULL, *doubt = NULL, *odd = NULL;

  if (!check_versions (self, context, error))
    return FALSE;
  self->io = ry_model_io_query (self->runtime, context, error);
  if (!self->io)
    return FALSE;

  if (config->labels && *config->labels) {
    labels = ry_labels_load (config->labels, error);
    if (!labels)
      return FALSE;
  } else if (self->file->names) {
    labels = g_ptr_array_ref (self->file->names);
  }
  self->decoder = recognise_head (self, config, labels, error);
  if (!self->decoder)
    return FALSE;
  self->labels = ry_labels_complete (labels,
      ry_decoder_get_n_classes (self->decoder), &label_warning);
  doubt = doubt_that_stays (self);
  odd = join_sentences (doubt, ry_decoder_get_notice (self->decoder));
  *warning = join_sentences (odd, label_warning);
  return TRUE;
}

static gboolean
open_runtime (RyLoadedModel * self, const RyEngineConfig * config,
    GError ** error)
{
  if (!config->model || !*config->model) {
    g_set_error (error, RY_ERROR, RY_ERROR_NOT_FOUND,
        "No model is set. The property model takes the path of a .rknn file, "
        "an .onnx file, or a folder as Ultralytics exports it.");
    return FALSE;
  }
  self->file = ry_model_file_open (config->model, error);
  if (!self->file)
    return FALSE;
  self->runtime = ry_runtime_locate (config->runtime_library,
      self->file->kind == RY_MODEL_ONNX, error);
  return self->runtime != NULL;
}

RyLoadedModel *
ry_loaded_model_new (const RyEngineConfig * config, rknn_context * first,
    gchar ** warning, GError ** error)
{
  g_autoptr (RyLoadedModel) self = g_new0 (RyLoadedModel, 1);
  g_autofree gchar *odd = NULL;

  g_atomic_ref_count_init (&self->ref_count);
  self->bgr = config->bgr;
  self->rga = config->rga ? ry_rga_ref (config->rga) : NULL;
  self->need_rga = config->need_rga;
  if (!open_runtime (self, config, error) || !check_fit (self, error)
      || !ry_loaded_model_init_context (self, first, error))
    return NULL;
  if (!understand_model (self, config, *first, &odd, error)) {
    self->runtime->destroy (*first);
    return NULL;
  }
  self->n_cores = ry_cores_available (self->runtime, *first,
      self->file->target_platform);
  *warning = g_steal_pointer (&odd);
  return g_steal_pointer (&self);
}

RyLoadedModel *
ry_loaded_model_ref (RyLoadedModel * self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
ry_loaded_model_unref (RyLoadedModel * self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_clear_pointer (&self->rga, ry_rga_unref);
  g_clear_pointer (&self->labels, g_ptr_array_unref);
  g_clear_pointer (&self->decoder, ry_decoder_free);
  g_clear_pointer (&self->io, ry_model_io_free);
  g_clear_pointer (&self->runtime, ry_runtime_unref);
  g_clear_pointer (&self->file, ry_model_file_free);
  g_free (self->doubt);
  g_free (self);
}
