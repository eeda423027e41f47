/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "engine/context.h"

#include <linux/dma-buf.h>
#include <sys/ioctl.h>

#include "engine/cores.h"
#include "engine/toframe.h"

static rknn_tensor_mem *
make_memory (RyContext * self, const RyBinding * binding, GError ** error)
{
  rknn_tensor_mem *memory =
      self->model->runtime->create_mem (self->handle, binding->bytes);

  if (!memory || !memory->virt_addr) {
    g_set_error (error, RY_ERROR, RY_ERROR_MEMORY,
        "The runtime has no %u bytes of memory for the tensor \"%s\": close "
        "other programs that use the NPU, or use fewer contexts "
        "(contexts-per-core, cores).", binding->bytes, binding->attr.name);
    if (memory)
      self->model->runtime->destroy_mem (self->handle, memory);
    return NULL;
  }
  return memory;
}

static gboolean
bind_memory (RyContext * self, rknn_tensor_mem * memory,
    const RyBinding * binding, GError ** error)
{
  rknn_tensor_attr attr = binding->attr;
  gint code = self->model->runtime->set_io_mem (self->handle, memory, &attr);

  if (code != RKNN_SUCC) {
    g_set_error (error, RY_ERROR, RY_ERROR_MODEL,
        "The runtime does not take memory for the tensor \"%s\": "
        "rknn_set_io_mem returned %d (%s).", attr.name, code,
        ry_runtime_error_name (code));
    return FALSE;
  }
  return TRUE;
}

/* Should that fail, lines of the border are seen late; the run's own flush
 * brings them. */
static void
flush_input (gpointer data)
{
  RyContext *self = data;
  RyRuntime *runtime = self->model->runtime;
  struct dma_buf_sync sync = {.flags = DMA_BUF_SYNC_END | DMA_BUF_SYNC_WRITE };

  if (runtime->mem_sync)
    runtime->mem_sync (self->handle, self->input, RKNN_MEMORY_SYNC_TO_DEVICE);
  else
    ioctl (self->target.fd, DMA_BUF_IOCTL_SYNC, &sync);
}

/* Without RGA frames are made by the CPU, and say why. */
static gboolean
use_rga (RyContext * self, GError ** error)
{
  g_autoptr (GError) reason = NULL;

  if (!self->model->rga || ry_preprocessor_use_rga (self->preprocessor,
          self->model->rga, &self->target, &reason)
      || !self->model->need_rga)
    return TRUE;
  g_set_error (error, RY_ERROR, RY_ERROR_RGA,
      "RGA cannot make inputs for this model: %s. Set preprocess=auto or cpu "
      "to have the CPU make them.", reason->message);
  return FALSE;
}

static gboolean
make_memories (RyContext * self, GError ** error)
{
  const RyModelIo *io = self->model->io;

  self->input = make_memory (self, &io->input, error);
  if (!self->input || !bind_memory (self, self->input, &io->input, error))
    return FALSE;
  self->target.data = self->input->virt_addr;
  self->target.width = io->width;
  self->target.height = io->height;
  self->target.stride = io->row_bytes;
  self->target.fd = self->input->fd;
  self->target.offset = self->input->offset;
  self->target.fd_size = self->input->offset + (gsize) self->input->size;
  self->target.flush = flush_input;
  self->target.flush_data = self;

  for (guint i = 0; i < io->n_outputs; i++) {
    self->outputs[i] = make_memory (self, &io->outputs[i], error);
    if (!self->outputs[i]
        || !bind_memory (self, self->outputs[i], &io->outputs[i], error))
      return FALSE;
    self->tensors[i] = io->tensors[i];
    self->tensors[i].data = self->outputs[i]->virt_addr;
  }
  return TRUE;
}

RyContext *
ry_context_new (RyLoadedModel * model, rknn_context handle, gint core,
    GError ** error)
{
  RyContext *self = g_new0 (RyContext, 1);
  gint code = RKNN_SUCC;

  self->model = ry_loaded_model_ref (model);
  self->handle = handle;
  self->core = core;
  self->target.bgr = model->bgr;
  self->preprocessor = ry_preprocessor_new ();
  self->scratch = ry_decode_scratch_new ();

  /* Where there is no choice the runtime refuses masks, and says so loudly. */
  if (model->n_cores > 1)
    code = ry_cores_pin (model->runtime, handle, core);
  if (code != RKNN_SUCC) {
    g_set_error (error, RY_ERROR, RY_ERROR_SETTINGS,
        "The runtime does not let a context run on core %d: "
        "rknn_set_core_mask returned %d (%s). Choose other cores with the "
        "property cores.", core, code, ry_runtime_error_name (code));
    ry_context_free (self);
    return NULL;
  }
  if (!make_memories (self, error) || !use_rga (self, error)) {
    ry_context_free (self);
    return NULL;
  }
  return self;
}

/* Who knows the memories first, then these: destroying one after its context
 * crashes librknnrt. */
void
ry_context_free (RyContext * self)
{
  RyRuntime *runtime = self->model->runtime;

  ry_preprocessor_free (self->preprocessor);
  for (guint i = 0; i < self->model->io->n_outputs; i++) {
    if (self->outputs[i])
      runtime->destroy_mem (self->handle, self->outputs[i]);
  }
  if (self->input)
    runtime->destroy_mem (self->handle, self->input);
  runtime->destroy (self->handle);
  ry_decode_scratch_free (self->scratch);
  ry_loaded_model_unref (self->model);
  g_free (self);
}

gboolean
ry_context_preprocess (RyContext * self, RyImage * image,
    const RySettings * settings, GError ** error)
{
  const RyModelIo *io = self->model->io;

  ry_letterbox_init (&self->letterbox, settings->letterbox, image->width,
      image->height, io->width, io->height);
  ry_preprocessor_set_mode (self->preprocessor, settings->preprocess);
  return ry_preprocessor_run (self->preprocessor, image, &self->letterbox,
      &self->target, error);
}

static gboolean
check_code (RyContext * self, const gchar * function, gint code,
    GError ** error)
{
  if (code == RKNN_SUCC)
    return TRUE;
  g_set_error (error, RY_ERROR, RY_ERROR_INFERENCE,
      "%s returned %d (%s) on core %d.", function, code,
      ry_runtime_error_name (code), self->core);
  return FALSE;
}

/* What the caches held before is no result: a failure counts as one of the
 * inference. */
static gboolean
sync_memory (RyContext * self, rknn_tensor_mem * memory,
    rknn_mem_sync_mode mode, GError ** error)
{
  RyRuntime *runtime = self->model->runtime;

  if (!self->model->sync || !runtime->mem_sync)
    return TRUE;
  return check_code (self, "rknn_mem_sync",
      runtime->mem_sync (self->handle, memory, mode), error);
}

gboolean
ry_context_run (RyContext * self, GError ** error)
{
  if (!sync_memory (self, self->input, RKNN_MEMORY_SYNC_TO_DEVICE, error)
      || !check_code (self, "rknn_run",
          self->model->runtime->run (self->handle, NULL), error))
    return FALSE;
  for (guint i = 0; i < self->model->io->n_outputs; i++) {
    if (!sync_memory (self, self->outputs[i], RKNN_MEMORY_SYNC_FROM_DEVICE,
            error))
      return FALSE;
  }
  return TRUE;
}

/* What belongs to the box besides its rectangle. */
static void
add_extras (RyContext * self, guint i, RyDetection * detection, RyJob * job)
{
  const RyKeypoint *keypoints =
      ry_decode_scratch_get_keypoints (self->scratch, i);
  const RyMask *mask = ry_decode_scratch_get_mask (self->scratch, i);

  if (keypoints) {
    guint n = ry_decoder_get_n_keypoints (self->model->decoder);

    detection->first_keypoint = job->keypoints->len;
    g_array_set_size (job->keypoints, job->keypoints->len + n);
    for (guint k = 0; k < n; k++)
      ry_keypoint_to_frame (&keypoints[k], &self->letterbox,
          &g_array_index (job->keypoints, RyKeypoint,
              detection->first_keypoint + k));
  }
  if (mask && mask->width > 0 && mask->height > 0) {
    ry_mask_to_frame (mask, &self->letterbox, &detection->mask);
    detection->mask.offset = job->masks->len;
    g_byte_array_append (job->masks, mask->data, mask->width * mask->height);
  }
}

void
ry_context_decode (RyContext * self, const RyDecodeParams * params, RyJob * job)
{
  gboolean rotated = ry_decoder_get_task (self->model->decoder) == RY_TASK_OBB;
  guint n_boxes;
  const RyBox *boxes = ry_decoder_run (self->model->decoder, self->scratch,
      self->tensors, params, &n_boxes);

  for (guint i = 0; i < n_boxes; i++) {
    RyDetection detection = { 0, };

    if (rotated ? !ry_rotated_box_to_frame (&boxes[i], &self->letterbox,
            &detection) : !ry_box_to_frame (&boxes[i], &self->letterbox,
            &detection))
      continue;
    add_extras (self, i, &detection, job);
    g_array_append_val (job->detections, detection);
  }
}
