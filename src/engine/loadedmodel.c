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

/* The first runtime that knows the flags of SRAM. */
#define FIRST_WITH_SRAM RY_VERSION (1, 6, 0)

/* Flags that a runtime does not know it does not mind (seen with 2.3.2): those
 * of SRAM and of the process came with 1.6. */
guint32
ry_loaded_model_get_init_flags (const RyEngineConfig * config)
{
  static const guint32 priorities[] = {
    [RY_PRIORITY_HIGH] = RKNN_FLAG_PRIOR_HIGH,
    [RY_PRIORITY_MEDIUM] = RKNN_FLAG_PRIOR_MEDIUM,
    [RY_PRIORITY_LOW] = RKNN_FLAG_PRIOR_LOW,
  };
  static const guint32 srams[] = {
    [RY_SRAM_OFF] = 0,
    [RY_SRAM_ON] = RKNN_FLAG_ENABLE_SRAM,
    [RY_SRAM_SHARED] = RKNN_FLAG_ENABLE_SRAM | RKNN_FLAG_SHARE_SRAM,
  };

  /* Without this one librknnrt asks for nice -19, for the thread that calls: it
   * is the application's, and has nothing to do with inferences later. */
  return RKNN_FLAG_DISABLE_PROC_HIGH_PRIORITY
      | priorities[config->npu_priority] | srams[config->sram];
}

static gboolean
takes_same_memories (const RyModelIo * a, const RyModelIo * b)
{
  if (a->width != b->width || a->height != b->height || a->batch != b->batch
      || a->input.bytes != b->input.bytes || a->n_outputs != b->n_outputs)
    return FALSE;
  for (guint i = 0; i < a->n_outputs; i++) {
    if (a->outputs[i].bytes != b->outputs[i].bytes)
      return FALSE;
  }
  return TRUE;
}

/* A context that is made later reads the file anew.  The runtime does not look
 * at the size of memories, so one of another model must not get ours. */
static gboolean
check_same_model (RyLoadedModel * self, rknn_context context, GError ** error)
{
  g_autoptr (GPtrArray) ios = ry_model_io_query (self->runtime, context, error);
  gboolean same;

  if (!ios)
    return FALSE;
  same = ios->len == self->ios->len;
  for (guint i = 0; same && i < ios->len; i++)
    same = takes_same_memories (g_ptr_array_index (ios, i),
        g_ptr_array_index (self->ios, i));
  if (!same)
    g_set_error (error, RY_ERROR, RY_ERROR_MODEL,
        "The file %s has another model now than when it was loaded. Set the "
        "property model again to change it, or restart the pipeline.",
        self->file->path);
  return same;
}

gboolean
ry_loaded_model_init_context (RyLoadedModel * self, rknn_context * handle,
    GError ** error)
{
  gint code;
  g_autofree gchar *message = NULL;
  rknn_context context = 0;

  /* Size 0: the path is given, not the content. */
  code = self->runtime->init (&context, self->file->path, 0, self->init_flags,
      NULL);
  if (code == RKNN_SUCC) {
    *handle = context;
    if (!self->ios || check_same_model (self, context, error))
      return TRUE;
    self->runtime->destroy (context);
    return FALSE;
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
  if (self->runtime->dup_context && !self->sizes[0].io->dynamic
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
recognise_head (RyLoadedModel * self, const RyModelIo * io,
    const RyEngineConfig * config, const GPtrArray * labels, GError ** error)
{
  RyRecognition recognition = { 0, };

  recognition.outputs = io->tensors;
  recognition.n_outputs = io->n_outputs;
  recognition.width = io->width;
  recognition.height = io->height;
  recognition.labels = labels;
  recognition.head = config->head;
  return ry_loaded_model_recognise (self->file, &recognition, error);
}

static gboolean
find_same_things (const RyDecoder * a, const RyDecoder * b)
{
  return ry_decoder_get_task (a) == ry_decoder_get_task (b)
      && ry_decoder_get_n_classes (a) == ry_decoder_get_n_classes (b)
      && ry_decoder_get_n_keypoints (a) == ry_decoder_get_n_keypoints (b);
}

static gboolean
check_batch (RyLoadedModel * self, const RyModelIo * io, GError ** error)
{
  if (io->batch == self->batch)
    return TRUE;
  g_set_error (error, RY_ERROR, RY_ERROR_MODEL,
      "This model takes %u pictures of %ux%u at once, but %u of %ux%u; "
      "expected is the same number for all sizes. Convert it so.", self->batch,
      self->input_sizes[0].width, self->input_sizes[0].height, io->batch,
      io->width, io->height);
  return FALSE;
}

/* Layouts and grids of the outputs are those of a size, so each has a decoder
 * of its own. */
static gboolean
recognise_heads (RyLoadedModel * self, const RyEngineConfig * config,
    const GPtrArray * labels, GError ** error)
{
  self->n_sizes = self->ios->len;
  self->sizes = g_new0 (RyModelSize, self->n_sizes);
  self->input_sizes = g_new0 (RyInputSize, self->n_sizes);
  self->batch = ((RyModelIo *) g_ptr_array_index (self->ios, 0))->batch;
  for (guint i = 0; i < self->n_sizes; i++) {
    RyModelSize *size = &self->sizes[i];

    size->io = g_ptr_array_index (self->ios, i);
    self->input_sizes[i].width = size->io->width;
    self->input_sizes[i].height = size->io->height;
    if (!check_batch (self, size->io, error))
      return FALSE;
    size->decoder = recognise_head (self, size->io, config, labels, error);
    if (!size->decoder)
      return FALSE;
    if (find_same_things (self->sizes[0].decoder, size->decoder))
      continue;
    g_set_error (error, RY_ERROR, RY_ERROR_HEAD,
        "The outputs of this model are %s for pictures of %ux%u, but %s for "
        "%ux%u; expected is the same head for all sizes. Convert the model "
        "with one size, or set the property head.",
        ry_decoder_get_description (self->sizes[0].decoder),
        self->input_sizes[0].width, self->input_sizes[0].height,
        ry_decoder_get_description (size->decoder), size->io->width,
        size->io->height);
    return FALSE;
  }
  return TRUE;
}

guint
ry_loaded_model_choose_size (RyLoadedModel * self, guint width, guint height)
{
  return ry_input_size_choose (self->input_sizes, self->n_sizes, width, height);
}

/* NULL if both are NULL. */
static gchar *
join_sentences (const gchar * a, const gchar * b)
{
  if (a && b)
    return g_strconcat (a, " ", b, NULL);
  return g_strdup (a ? a : b);
}

/* A sentence for who asked for SRAM where there is none; else NULL. */
static gchar *
explain_sram (RyLoadedModel * self, rknn_context context, RySram sram)
{
  guint version = ry_version_number (self->versions.api);
  rknn_mem_size sizes = { 0, };

  if (sram == RY_SRAM_OFF)
    return NULL;
  if (version > 0 && version < FIRST_WITH_SRAM)
    return g_strdup_printf ("The property sram has no effect, because the "
        "runtime has version %s; expected is 1.6 or newer, which knows it. "
        "Install a newer librknnrt.so.", self->versions.api);
  if (self->runtime->query (context,
          RKNN_QUERY_MEM_SIZE, &sizes, sizeof (sizes)) != RKNN_SUCC
      || sizes.total_sram_size > 0)
    return NULL;
  return g_strdup ("The property sram has no effect, because the NPU's driver "
      "offers no SRAM. The kernel needs CONFIG_ROCKCHIP_RKNPU_SRAM and a "
      "device tree that gives SRAM to the NPU; expected is a line about it in "
      "the kernel's log (dmesg | grep -i sram).");
}

static gboolean
understand_model (RyLoadedModel * self, const RyEngineConfig * config,
    rknn_context context, gchar ** warning, GError ** error)
{
  g_autoptr (GPtrArray) labels = NULL;
  g_autofree gchar *label_warning = NULL, *doubt = NULL, *odd = NULL;
  g_autofree gchar *sram_warning = NULL, *model_warning = NULL;
  const RyDecoder *decoder;

  if (!check_versions (self, context, error))
    return FALSE;
  self->ios = ry_model_io_query (self->runtime, context, error);
  if (!self->ios)
    return FALSE;

  if (config->labels && *config->labels) {
    labels = ry_labels_load (config->labels, error);
    if (!labels)
      return FALSE;
  } else if (self->file->names) {
    labels = g_ptr_array_ref (self->file->names);
  }
  if (!recognise_heads (self, config, labels, error))
    return FALSE;
  decoder = self->sizes[0].decoder;
  self->labels = ry_labels_complete (labels,
      ry_decoder_get_n_classes (decoder), &label_warning);
  doubt = doubt_that_stays (self);
  odd = join_sentences (doubt, ry_decoder_get_notice (decoder));
  model_warning = join_sentences (odd, label_warning);
  sram_warning = explain_sram (self, context, config->sram);
  *warning = join_sentences (model_warning, sram_warning);
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
  self->init_flags = ry_loaded_model_get_init_flags (config);
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
  for (guint i = 0; i < self->n_sizes; i++)
    ry_decoder_free (self->sizes[i].decoder);
  g_free (self->sizes);
  g_free (self->input_sizes);
  g_clear_pointer (&self->ios, g_ptr_array_unref);
  g_clear_pointer (&self->runtime, ry_runtime_unref);
  g_clear_pointer (&self->file, ry_model_file_free);
  g_free (self->doubt);
  g_free (self);
}
