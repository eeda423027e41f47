/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* From a model's path to contexts that can run. */

#include "engine/engineprivate.h"

#include <string.h>

#include "model/labels.h"
#include "runtime/locate.h"

#define COCO_CLASSES 80

/* Without this flag librknnrt asks for nice -19, for a thread that is not
 * ours.  Runtimes before 1.6 do not know it and do not mind. */
#define INIT_FLAGS RKNN_FLAG_DISABLE_PROC_HIGH_PRIORITY

static gboolean
init_context (RyEngine * self, rknn_context * handle, GError ** error)
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
      self->file->target_platform);
  g_set_error_literal (error, RY_ERROR,
      code == RKNN_ERR_FAIL ? RY_ERROR_DEVICE :
      code == RKNN_ERR_MALLOC_FAIL ? RY_ERROR_MEMORY : RY_ERROR_MODEL, message);
  return FALSE;
}

static gboolean
check_versions (RyEngine * self, rknn_context context, GError ** error)
{
  ry_runtime_get_versions (self->runtime, context, &self->versions);
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
trusted_n_classes (RyEngine * self, const GPtrArray * labels)
{
  if (self->file->names)
    return self->file->names->len;
  return labels && labels->len == COCO_CLASSES ? COCO_CLASSES : 0;
}

static RyDecoder *
recognise_head (RyEngine * self, const RyEngineConfig * config,
    const GPtrArray * labels, GError ** error)
{
  RyHeadHints hints = { 0, };
  RyDecoder *decoder;

  hints.input_width = self->io->width;
  hints.input_height = self->io->height;
  hints.n_classes = trusted_n_classes (self, labels);
  hints.task = self->file->task;
  hints.head = config->head && *config->head ? config->head : NULL;
  hints.reg_max = self->file->reg_max;
  hints.end2end = self->file->end2end;
  hints.quantized_boxes = self->file->quantized;
  decoder = ry_decoder_new (self->io->tensors, self->io->n_outputs, &hints,
      NULL);
  if (decoder && ry_decoder_get_n_classes (decoder) > 0)
    return decoder;

  /* Some heads cannot be told, or do not say how many classes there are. */
  g_clear_pointer (&decoder, ry_decoder_free);
  hints.n_classes = labels ? labels->len : 0;
  return ry_decoder_new (self->io->tensors, self->io->n_outputs, &hints, error);
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
understand_model (RyEngine * self, const RyEngineConfig * config,
    rknn_context context, gchar ** warning, GError ** error)
{
  g_autoptr (GPtrArray) labels = NULL;
  g_autofree gchar *label_warning = NULL;

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
  *warning = join_sentences (ry_decoder_get_notice (self->decoder),
      label_warning);
  return TRUE;
}

/* The first context is there already; the others share its weights. */
static gboolean
make_contexts (RyEngine * self, rknn_context first, guint per_core,
    gboolean bgr, GError ** error)
{
  gboolean sync = !g_str_has_prefix (self->versions.api, "2.3.");
  guint n_contexts = self->cores.n_cores * per_core;

  for (guint i = 0; i < n_contexts; i++) {
    guint core_index = i % self->cores.n_cores;
    rknn_context handle = first;
    RyContext *context;

    if (i > 0 && (!self->runtime->dup_context
            || self->runtime->dup_context (&first, &handle) != RKNN_SUCC)
        && !init_context (self, &handle, error))
      return FALSE;
    context = ry_context_new (self->runtime, self->io, self->decoder, handle,
        self->cores.cores[core_index], sync, error);
    if (!context)
      return FALSE;
    context->target.bgr = bgr;
    ry_engine_add_worker (self, context, core_index);
  }
  return TRUE;
}

/* What a frame will take, before there is any.  A failure shows again with the
 * first frame, where it is counted. */
static gint64
time_first_run (RyEngine * self)
{
  RyWorker *worker = g_ptr_array_index (self->workers, 0);
  gint64 start = g_get_monotonic_time ();

  self->runtime->run (worker->context->handle, NULL);
  return g_get_monotonic_time () - start;
}

static void
fill_info (RyEngine * self)
{
  RyEngineInfo *info = &self->info;

  info->model_name = self->file->name;
  info->head = ry_decoder_get_description (self->decoder);
  info->runtime_path = self->runtime->path;
  info->runtime_version = self->versions.api;
  info->driver_version = self->versions.driver;
  info->input_width = self->io->width;
  info->input_height = self->io->height;
  info->n_classes = ry_decoder_get_n_classes (self->decoder);
  info->n_cores = self->cores.n_cores;
  memcpy (info->cores, self->cores.cores, sizeof (info->cores));
  info->n_contexts = self->workers->len;
  info->first_run_time = time_first_run (self);
}

static gboolean
load (RyEngine * self, const RyEngineConfig * config, gchar ** warning,
    GError ** error)
{
  rknn_context first;
  guint per_core = config->contexts_per_core;
  guint available;

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
  if (!self->runtime)
    return FALSE;
  if (!init_context (self, &first, error))
    return FALSE;

  available = ry_cores_available (self->runtime, first,
      self->file->target_platform);
  if (!understand_model (self, config, first, warning, error)
      || !ry_core_list_parse (&self->cores, config->cores, available, error)) {
    self->runtime->destroy (first);
    return FALSE;
  }
  ry_core_list_adapt (&self->cores, config->cores, self->runtime, first);
  if (per_core == 0)
    per_core = RY_DEFAULT_CONTEXTS_PER_CORE;
  if (!make_contexts (self, first, MIN (per_core, RY_MAX_CONTEXTS_PER_CORE),
          config->bgr, error))
    return FALSE;
  fill_info (self);
  return TRUE;
}

RyEngine *
ry_engine_new (const RyEngineConfig * config, gchar ** warning, GError ** error)
{
  RyEngine *self = g_new0 (RyEngine, 1);
  g_autofree gchar *odd = NULL;

  g_atomic_ref_count_init (&self->ref_count);
  g_mutex_init (&self->lock);
  g_queue_init (&self->waiting);
  self->workers = g_ptr_array_new ();
  if (!load (self, config, &odd, error)
      || !ry_engine_start_workers (self, error)) {
    ry_engine_unref (self);
    return NULL;
  }
  if (warning)
    *warning = g_steal_pointer (&odd);
  return self;
}

RyEngine *
ry_engine_ref (RyEngine * self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
ry_engine_unref (RyEngine * self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  ry_engine_stop_workers (self);
  g_ptr_array_unref (self->workers);
  g_clear_pointer (&self->labels, g_ptr_array_unref);
  g_clear_pointer (&self->decoder, ry_decoder_free);
  g_clear_pointer (&self->io, ry_model_io_free);
  g_clear_pointer (&self->runtime, ry_runtime_unref);
  g_clear_pointer (&self->file, ry_model_file_free);
  g_mutex_clear (&self->lock);
  g_free (self);
}

const RyEngineInfo *
ry_engine_get_info (RyEngine * self)
{
  return &self->info;
}

const gchar *
ry_engine_get_label (RyEngine * self, gint class_id)
{
  g_autofree gchar *name = NULL;

  if (class_id >= 0 && class_id < (gint) self->labels->len)
    return g_ptr_array_index (self->labels, class_id);
  /* Only heads that deliver class numbers get here; labels become quarks
   * anyway, so interning adds nothing. */
  name = g_strdup_printf ("class %d", class_id);
  return g_intern_string (name);
}

gint
ry_engine_find_label (RyEngine * self, const gchar * label)
{
  for (guint i = 0; i < self->labels->len; i++) {
    if (g_strcmp0 (label, g_ptr_array_index (self->labels, i)) == 0)
      return i;
  }
  return -1;
}
