/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The functions of rknn_api.h: arguments checked as librknnrt does, contexts
 * and memories looked up, the work left to the other files. */

#include "rknn_api.h"

#include <string.h>

#include "context.h"
#include "log.h"
#include "query.h"
#include "rknn_standin.h"
#include "run.h"

#define EXPORT __attribute__ ((visibility ("default")))

/* Looks the context up for the rest of the function. */
#define FIND_CONTEXT(name, handle, without) \
  g_autoptr (RyNpuContext) name = \
      ry_npu_context_find (handle, __func__); \
  if (name == NULL) { \
    ry_log_error ("%s: context 0", __func__); \
    return without; \
  }

/* For functions that return a result.  Those that give something back do so
 * even when they are to fail: nothing can be done with it afterwards. */
#define FAIL_IF_WANTED(self) \
  do { \
    gint wanted = ry_faults_count ((self)->model->settings.faults, __func__); \
    if (wanted < 0) \
      return wanted; \
  } while (0)

EXPORT const char *
rknn_standin_last_error (void)
{
  return ry_log_last_error ();
}

/* ---- Contexts ----------------------------------------------------------- */

static RyNpuModel *
load_part (const gchar * path, const rknn_init_extend * extend,
    const RySettings * settings, RyNpu * npu, guint32 flags, gint * result)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, &error);
  RyOrtSource source = {.path = path,.size = extend->real_model_size };
  gsize offset = extend->real_model_offset;

  *result = RKNN_ERR_MODEL_INVALID;
  if (file == NULL) {
    ry_log_error ("The model cannot be read: %s", error->message);
    return NULL;
  }
  if (extend->real_model_offset < 0
      || offset + source.size > g_mapped_file_get_length (file)) {
    ry_log_error ("%s has %" G_GSIZE_FORMAT " bytes; the model was said to be "
        "%u bytes from byte %d on", path, g_mapped_file_get_length (file),
        extend->real_model_size, extend->real_model_offset);
    return NULL;
  }
  source.data = g_mapped_file_get_contents (file) + offset;
  return ry_npu_model_new (&source, settings, npu, flags, result);
}

static RyNpuModel *
load_model (gpointer model, guint32 size, guint32 flags,
    const rknn_init_extend * extend, const RySettings * settings, RyNpu * npu,
    gint * result)
{
  RyOrtSource source = { 0, };

  if (size == 0 && model != NULL && extend != NULL
      && extend->real_model_size > 0)
    return load_part (model, extend, settings, npu, flags, result);
  if (size == 0) {
    source.path = model;
  } else {
    source.data = model;
    source.size = size;
  }
  return ry_npu_model_new (&source, settings, npu, flags, result);
}

static gint
check_extend (guint32 flags, const rknn_init_extend * extend)
{
  if ((flags & RKNN_FLAG_SHARE_WEIGHT_MEM) == 0)
    return RKNN_SUCC;
  if (extend == NULL) {
    ry_log_error ("rknn_init_extend is not set, and "
        "RKNN_FLAG_SHARE_WEIGHT_MEM needs a context in it");
    return RKNN_ERR_PARAM_INVALID;
  } else {
    FIND_CONTEXT (parent, extend->ctx, RKNN_ERR_CTX_INVALID);
  }
  return RKNN_SUCC;
}

static gint
init_with (const RySettings * settings, rknn_context * context,
    gpointer model, guint32 size, guint32 flags,
    const rknn_init_extend * extend)
{
  RyNpu *npu = ry_npu_open (&settings->play);
  RyNpuModel *loaded;
  RyNpuContext *self;
  gint result;

  loaded = load_model (model, size, flags, extend, settings, npu, &result);
  if (loaded != NULL && loaded->dynamic
      && (flags & RKNN_FLAG_SHARE_WEIGHT_MEM) != 0) {
    ry_log_error ("rknn_init: models with dynamic shapes share no weights");
    g_clear_pointer (&loaded, ry_npu_model_unref);
    result = RKNN_ERR_FAIL;
  }
  if (loaded != NULL) {
    self = ry_npu_context_new (loaded);
    if (self != NULL)
      *context = ry_npu_context_register (self);
    else
      result = RKNN_ERR_MALLOC_FAIL;
  }
  ry_npu_close (npu);
  return result;
}

EXPORT int
rknn_init (rknn_context * context, void *model, uint32_t size, uint32_t flag,
    rknn_init_extend * extend)
{
  RySettings settings;
  gint result;

  if (context == NULL) {
    ry_log_error ("rknn_init: the pointer to the context is NULL");
    return RKNN_ERR_CTX_INVALID;
  }
  /* written on failure, too, as librknnrt does: only the result counts */
  *context = ry_npu_context_unused_handle ();
  result = check_extend (flag, extend);
  if (result < 0)
    return result;

  if (!ry_settings_read (&settings))
    return RKNN_ERR_FAIL;
  result = ry_faults_count (settings.faults, __func__);
  if (result == 0)
    result = init_with (&settings, context, model, size, flag, extend);
  ry_settings_clear (&settings);
  return result;
}

EXPORT int
rknn_dup_context (rknn_context * context_in, rknn_context * context_out)
{
  RyNpuContext *copy;

  if (context_in == NULL || context_out == NULL) {
    ry_log_error ("rknn_dup_context: a pointer to a context is NULL");
    return RKNN_ERR_CTX_INVALID;
  }
  if (*context_in == 0) {
    ry_log_misuse_stop ("rknn_dup_context of context 0. librknnrt crashes "
        "here.");
  } else {
    FIND_CONTEXT (parent, *context_in, RKNN_ERR_CTX_INVALID);

    FAIL_IF_WANTED (parent);
    if (parent->model->dynamic) {
      ry_log_error ("rknn_dup_context: models with dynamic shapes cannot be "
          "duplicated; use rknn_init again");
      return RKNN_ERR_FAIL;
    }
    ry_npu_model_prepare_overlap (parent->model);
    copy = ry_npu_context_new (ry_npu_model_ref (parent->model));
    if (copy == NULL)
      return RKNN_ERR_MALLOC_FAIL;
    *context_out = ry_npu_context_register (copy);
  }
  return RKNN_SUCC;
}

EXPORT int
rknn_destroy (rknn_context context)
{
  gint wanted;

  FIND_CONTEXT (self, context, RKNN_ERR_CTX_INVALID);
  wanted = ry_faults_count (self->model->settings.faults, __func__);
  ry_npu_context_remove (context);
  return wanted;
}

EXPORT int
rknn_query (rknn_context context, rknn_query_cmd cmd, void *info, uint32_t size)
{
  FIND_CONTEXT (self, context, RKNN_ERR_CTX_INVALID);
  FAIL_IF_WANTED (self);
  return ry_npu_query (self, cmd, info, size);
}

EXPORT int
rknn_set_batch_core_num (rknn_context context, int core_num)
{
  FIND_CONTEXT (self, context, RKNN_ERR_CTX_INVALID);
  FAIL_IF_WANTED (self);
  if (core_num >= 1 && core_num <= 3)
    return RKNN_SUCC;
  ry_log_error ("rknn_set_batch_core_num: %d is not 1 to 3", core_num);
  return RKNN_ERR_FAIL;
}

EXPORT int
rknn_set_core_mask (rknn_context context, rknn_core_mask core_mask)
{
  const RyNpuSoc *soc;
  gint result;

  FIND_CONTEXT (self, context, RKNN_ERR_CTX_INVALID);
  FAIL_IF_WANTED (self);
  soc = self->model->settings.play.soc;
  result = ry_npu_check_core_mask (soc, core_mask);
  if (result < 0)
    ry_log_error ("Not support core mask: %d on %s", (gint) core_mask,
        soc->name);
  if (result == RKNN_ERR_FAIL)
    self->mask = RKNN_NPU_CORE_AUTO;
  else if (result == RKNN_SUCC)
    self->mask = core_mask;
  return result;
}

/* ---- Running ------------------------------------------------------------ */

EXPORT int
rknn_inputs_set (rknn_context context, uint32_t n_inputs, rknn_input inputs[])
{
  FIND_CONTEXT (self, context, RKNN_ERR_CTX_INVALID);
  FAIL_IF_WANTED (self);
  return ry_npu_inputs_set (self, n_inputs, inputs);
}

EXPORT int
rknn_run (rknn_context context, rknn_run_extend * extend)
{
  FIND_CONTEXT (self, context, RKNN_ERR_CTX_INVALID);
  FAIL_IF_WANTED (self);
  return ry_npu_run (self);
}

EXPORT int
rknn_wait (rknn_context context, rknn_run_extend * extend)
{
  FIND_CONTEXT (self, context, RKNN_ERR_CTX_INVALID);
  ry_log_error ("rknn_wait: nothing is running; rknn_run has waited already");
  return RKNN_ERR_FAIL;
}

EXPORT int
rknn_outputs_get (rknn_context context, uint32_t n_outputs,
    rknn_output outputs[], rknn_output_extend * extend)
{
  FIND_CONTEXT (self, context, RKNN_ERR_CTX_INVALID);
  FAIL_IF_WANTED (self);
  return ry_npu_outputs_get (self, n_outputs, outputs);
}

EXPORT int
rknn_outputs_release (rknn_context context, uint32_t n_outputs,
    rknn_output outputs[])
{
  gint wanted, result;

  FIND_CONTEXT (self, context, RKNN_ERR_CTX_INVALID);
  wanted = ry_faults_count (self->model->settings.faults, __func__);
  result = ry_npu_outputs_release (self, n_outputs, outputs);
  return wanted < 0 ? wanted : result;
}

/* ---- Memory ------------------------------------------------------------- */

static gint
count_without_context (const gchar * function)
{
  g_autoptr (RyFaults) faults = ry_faults_current ();

  return ry_faults_count (faults, function);
}

static gboolean
mem_is_refused (const RyNpuContext * self, const gchar * function)
{
  if (self == NULL)
    return count_without_context (function) < 0;
  return ry_faults_count (self->model->settings.faults, function) < 0;
}

static rknn_tensor_mem *
create_mem (const RyNpuContext * self, guint64 size, guint64 alloc_flags,
    const gchar * function)
{
  RyNpuMem *mem = NULL;

  if (!mem_is_refused (self, function))
    mem = ry_npu_mem_new (size, alloc_flags);
  return mem != NULL ? &mem->pub : NULL;
}

EXPORT rknn_tensor_mem *
rknn_create_mem2 (rknn_context context, uint64_t size, uint64_t alloc_flags)
{
  if (context == 0 && (alloc_flags & RKNN_MEM_FLAG_ALLOC_NO_CONTEXT) != 0) {
    return create_mem (NULL, size, alloc_flags, __func__);
  } else {
    FIND_CONTEXT (self, context, NULL);

    return create_mem (self, size, alloc_flags, __func__);
  }
}

EXPORT rknn_tensor_mem *
rknn_create_mem (rknn_context context, uint32_t size)
{
  FIND_CONTEXT (self, context, NULL);
  return create_mem (self, size, RKNN_FLAG_MEMORY_FLAGS_DEFAULT, __func__);
}

EXPORT rknn_tensor_mem *
rknn_create_mem_from_fd (rknn_context context, int32_t fd, void *virt_addr,
    uint32_t size, int32_t offset)
{
  FIND_CONTEXT (self, context, NULL);
  if (mem_is_refused (self, __func__))
    return NULL;
  return &ry_npu_mem_import (fd, 0, virt_addr, size, offset)->pub;
}

EXPORT rknn_tensor_mem *
rknn_create_mem_from_phys (rknn_context context, uint64_t phys_addr,
    void *virt_addr, uint32_t size)
{
  FIND_CONTEXT (self, context, NULL);
  if (mem_is_refused (self, __func__))
    return NULL;
  return &ry_npu_mem_import (-1, phys_addr, virt_addr, size, 0)->pub;
}

/* Memory without a context may also be used without one. */
static gboolean
is_free_of_context (const rknn_tensor_mem * pub)
{
  g_autoptr (RyNpuMem) mem = ry_npu_mem_find (pub);

  return mem != NULL && mem->free_of_context;
}

EXPORT int
rknn_destroy_mem (rknn_context context, rknn_tensor_mem * mem)
{
  gint wanted;

  if (context == 0 && is_free_of_context (mem)) {
    wanted = count_without_context (__func__);
  } else {
    FIND_CONTEXT (self, context, RKNN_ERR_CTX_INVALID);

    if (mem == NULL) {
      ry_log_error ("rknn_destroy_mem: the memory is NULL");
      return RKNN_ERR_PARAM_INVALID;
    }
    wanted = ry_faults_count (self->model->settings.faults, __func__);
  }
  if (!ry_npu_mem_destroy (mem))
    ry_log_misuse ("rknn_destroy_mem of a memory that is destroyed already or "
        "was never made. librknnrt frees it again.");
  return wanted;
}

static RyNpuMem *
find_mem (rknn_tensor_mem * pub, const gchar * function)
{
  RyNpuMem *mem = ry_npu_mem_find (pub);

  if (mem == NULL)
    ry_log_misuse_stop ("%s was given a memory that is destroyed or was never "
        "made. librknnrt uses freed memory here.", function);
  return mem;
}

EXPORT int
rknn_set_io_mem (rknn_context context, rknn_tensor_mem * mem,
    rknn_tensor_attr * attr)
{
  FIND_CONTEXT (self, context, RKNN_ERR_CTX_INVALID);
  FAIL_IF_WANTED (self);
  if (mem == NULL || attr == NULL) {
    ry_log_error ("rknn_set_io_mem: the %s is NULL",
        mem == NULL ? "memory" : "attribute");
    return RKNN_ERR_PARAM_INVALID;
  } else {
    g_autoptr (RyNpuMem) found = find_mem (mem, __func__);

    return ry_npu_context_bind (self, found, attr);
  }
}

/* Weights and intermediate results are ONNX Runtime's own. */
static gint
accept_mem (rknn_context context, rknn_tensor_mem * mem, const gchar * function)
{
  g_autoptr (RyNpuContext) self = ry_npu_context_find (context, function);

  gint wanted;

  if (self == NULL)
    return RKNN_ERR_CTX_INVALID;
  if (mem == NULL)
    return RKNN_ERR_PARAM_INVALID;
  wanted = ry_faults_count (self->model->settings.faults, function);
  if (wanted == 0)
    ry_npu_mem_unref (find_mem (mem, function));
  return wanted;
}

EXPORT int
rknn_set_weight_mem (rknn_context context, rknn_tensor_mem * mem)
{
  return accept_mem (context, mem, __func__);
}

EXPORT int
rknn_set_internal_mem (rknn_context context, rknn_tensor_mem * mem)
{
  return accept_mem (context, mem, __func__);
}

/* Nothing here has a cache of its own; any mode is taken. */
EXPORT int
rknn_mem_sync (rknn_context context, rknn_tensor_mem * mem,
    rknn_mem_sync_mode mode)
{
  if (context == 0 && is_free_of_context (mem))
    return count_without_context (__func__);
  return accept_mem (context, mem, __func__);
}

/* ---- Dynamic shapes ----------------------------------------------------- */

/* The deprecated form, for models of one input. */
EXPORT int
rknn_set_input_shape (rknn_context context, rknn_tensor_attr * attr)
{
  FIND_CONTEXT (self, context, RKNN_ERR_CTX_INVALID);
  FAIL_IF_WANTED (self);
  return ry_npu_context_set_shape (self, 1, attr);
}

EXPORT int
rknn_set_input_shapes (rknn_context context, uint32_t n_inputs,
    rknn_tensor_attr attr[])
{
  FIND_CONTEXT (self, context, RKNN_ERR_CTX_INVALID);
  FAIL_IF_WANTED (self);
  return ry_npu_context_set_shape (self, n_inputs, attr);
}
