/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "engine/context.h"

#include <linux/dma-buf.h>
#include <sys/ioctl.h>

#include "engine/cores.h"
#include "engine/toframe.h"

/* Of the tensor's bindings at the model's sizes: they take turns in one
 * memory. */
static rknn_tensor_mem *
make_memory (RyContext * self, const RyBinding * binding, guint32 bytes,
    GError ** error)
{
  rknn_tensor_mem *memory =
      self->model->runtime->create_mem (self->handle, bytes);

  if (!memory || !memory->virt_addr) {
    g_set_error (error, RY_ERROR, RY_ERROR_MEMORY,
        "The runtime has no %u bytes of memory for the tensor \"%s\": close "
        "other programs that use the NPU, or use fewer contexts "
        "(contexts-per-core, cores).", bytes, binding->attr.name);
    if (memory)
      self->model->runtime->destroy_mem (self->handle, memory);
    return NULL;
  }
  return memory;
}

/* The runtime's address is that of the whole dma-buf. */
static guint8 *
memory_data (const rknn_tensor_mem * memory)
{
  return (guint8 *) memory->virt_addr + memory->offset;
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

/* FALSE with the error that function returned with code. */
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

/* After another shape is set all memories are to be bound anew.  The core is
 * set again as well, as the vendor's example does: nothing says that it
 * outlasts a change of the shape. */
static gboolean
set_shape (RyContext * self, const RyModelIo * io, GError ** error)
{
  RyRuntime *runtime = self->model->runtime;
  rknn_tensor_attr attr = io->shape;

  if (!io->dynamic)
    return TRUE;
  return check_code (self, "rknn_set_input_shapes",
      runtime->set_input_shapes (self->handle, 1, &attr), error)
      && check_code (self, "rknn_set_core_mask", self->model->n_cores > 1 ?
      ry_cores_pin (runtime, self->handle, self->core) : RKNN_SUCC, error);
}

static gboolean
bind_size (RyContext * self, guint size, GError ** error)
{
  const RyModelIo *io = self->model->sizes[size].io;

  self->bound_size = -1;
  if (!set_shape (self, io, error)
      || !bind_memory (self, self->input, &io->input, error))
    return FALSE;
  for (guint i = 0; i < io->n_outputs; i++) {
    if (!bind_memory (self, self->outputs[i], &io->outputs[i], error))
      return FALSE;
  }
  self->bound_size = size;
  return TRUE;
}

/* Pictures of another size lie across those that were there. */
static void
forget_pictures (RyContext * self)
{
  for (guint i = 0; i < self->model->batch; i++)
    ry_preprocessor_forget_target (self->pictures[i].preprocessor);
}

/* The next picture to be written is the nth of the batch. */
static void
aim_at (RyContext * self, guint size, guint n)
{
  const RyModelIo *io = self->model->sizes[size].io;
  gsize skipped = (gsize) io->row_bytes * io->height * n;

  if (self->size != size)
    forget_pictures (self);
  self->size = size;
  self->target.width = io->width;
  self->target.height = io->height;
  self->target.stride = io->row_bytes;
  self->target.data = memory_data (self->input) + skipped;
  self->target.offset = self->input->offset + skipped;
}

/* Without RGA frames are made by the CPU, and say why. */
static gboolean
use_rga (RyContext * self, GError ** error)
{
  g_autoptr (GError) reason = NULL;
  gboolean ok = TRUE;

  for (guint i = 0; ok && self->model->rga && i < self->model->batch; i++) {
    aim_at (self, 0, i);
    ok = ry_preprocessor_use_rga (self->pictures[i].preprocessor,
        self->model->rga, &self->target, &reason);
  }
  if (ok || !self->model->need_rga)
    return TRUE;
  g_set_error (error, RY_ERROR, RY_ERROR_RGA,
      "RGA cannot make inputs for this model: %s. Set preprocess=auto or cpu "
      "to have the CPU make them.", reason->message);
  return FALSE;
}

/* Where the nth picture has its part of the outputs. */
static void
find_picture (RyContext * self, guint n)
{
  const RyModelIo *io = self->model->sizes[self->size].io;

  for (guint i = 0; i < io->n_outputs; i++)
    self->tensors[i].data = memory_data (self->outputs[i])
        + io->picture_bytes[i] * n;
}

static gboolean
make_memories (RyContext * self, GError ** error)
{
  const RyLoadedModel *model = self->model;
  const RyModelIo *first = model->sizes[0].io;
  guint32 bytes = 0;

  for (guint k = 0; k < model->n_sizes; k++)
    bytes = MAX (bytes, model->sizes[k].io->input.bytes);
  self->input = make_memory (self, &first->input, bytes, error);
  if (!self->input)
    return FALSE;

  for (guint i = 0; i < first->n_outputs; i++) {
    bytes = 0;
    for (guint k = 0; k < model->n_sizes; k++)
      bytes = MAX (bytes, model->sizes[k].io->outputs[i].bytes);
    self->outputs[i] = make_memory (self, &first->outputs[i], bytes, error);
    if (!self->outputs[i])
      return FALSE;
    self->tensors[i] = first->tensors[i];
  }
  find_picture (self, 0);
  self->target.fd = self->input->fd;
  self->target.fd_size = self->input->offset + (gsize) self->input->size;
  self->target.flush = flush_input;
  self->target.flush_data = self;
  return bind_size (self, 0, error);
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
  self->pictures = g_new0 (RyPicture, model->batch);
  for (guint i = 0; i < model->batch; i++)
    self->pictures[i].preprocessor = ry_preprocessor_new ();
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

  for (guint i = 0; i < self->model->batch; i++)
    ry_preprocessor_free (self->pictures[i].preprocessor);
  g_free (self->pictures);
  for (guint i = 0; i < RY_MAX_OUTPUTS; i++) {
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
ry_context_preprocess (RyContext * self, guint size, guint n, RyImage * image,
    const RySettings * settings, GError ** error)
{
  RyPicture *picture = &self->pictures[n];

  aim_at (self, size, n);
  ry_letterbox_init (&picture->letterbox, settings->letterbox, image->width,
      image->height, self->target.width, self->target.height);
  ry_preprocessor_set_mode (picture->preprocessor, settings->preprocess);
  return ry_preprocessor_run (picture->preprocessor, image,
      &picture->letterbox, &self->target, error);
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
  if (self->bound_size != (gint) self->size
      && !bind_size (self, self->size, error))
    return FALSE;
  if (!sync_memory (self, self->input, RKNN_MEMORY_SYNC_TO_DEVICE, error)
      || !check_code (self, "rknn_run",
          self->model->runtime->run (self->handle, NULL), error))
    return FALSE;
  for (guint i = 0; i < self->model->sizes[0].io->n_outputs; i++) {
    if (!sync_memory (self, self->outputs[i], RKNN_MEMORY_SYNC_FROM_DEVICE,
            error))
      return FALSE;
  }
  return TRUE;
}

/* What belongs to the box besides its rectangle. */
static void
add_extras (RyContext * self, const RyLetterbox * letterbox, guint i,
    RyDetection * detection, RyJob * job)
{
  const RyKeypoint *keypoints =
      ry_decode_scratch_get_keypoints (self->scratch, i);
  const RyMask *mask = ry_decode_scratch_get_mask (self->scratch, i);

  if (keypoints) {
    guint n =
        ry_decoder_get_n_keypoints (self->model->sizes[self->size].decoder);

    detection->first_keypoint = job->keypoints->len;
    g_array_set_size (job->keypoints, job->keypoints->len + n);
    for (guint k = 0; k < n; k++)
      ry_keypoint_to_frame (&keypoints[k], letterbox,
          &g_array_index (job->keypoints, RyKeypoint,
              detection->first_keypoint + k));
  }
  if (mask && mask->width > 0 && mask->height > 0) {
    ry_mask_to_frame (mask, letterbox, &detection->mask);
    detection->mask.offset = job->masks->len;
    g_byte_array_append (job->masks, mask->data, mask->width * mask->height);
  }
}

void
ry_context_decode (RyContext * self, guint n, const RyDecodeParams * params,
    RyJob * job)
{
  const RyLetterbox *letterbox = &self->pictures[n].letterbox;
  RyDecoder *decoder = self->model->sizes[self->size].decoder;
  gboolean rotated = ry_decoder_get_task (decoder) == RY_TASK_OBB;
  const RyBox *boxes;
  guint n_boxes;

  find_picture (self, n);
  boxes = ry_decoder_run (decoder, self->scratch, self->tensors, params,
      &n_boxes);
  for (guint i = 0; i < n_boxes; i++) {
    RyDetection detection = { 0, };

    if (rotated ? !ry_rotated_box_to_frame (&boxes[i], letterbox, &detection)
        : !ry_box_to_frame (&boxes[i], letterbox, &detection))
      continue;
    add_extras (self, letterbox, i, &detection, job);
    g_array_append_val (job->detections, detection);
  }
}
