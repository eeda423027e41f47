/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "engine/context.h"

#include "engine/cores.h"

static rknn_tensor_mem *
make_memory (RyContext * self, const RyBinding * binding, GError ** error)
{
  rknn_tensor_mem *memory =
      self->runtime->create_mem (self->handle, binding->bytes);

  if (!memory || !memory->virt_addr) {
    g_set_error (error, RY_ERROR, RY_ERROR_MEMORY,
        "The runtime has no %u bytes of memory for the tensor \"%s\": close "
        "other programs that use the NPU, or use fewer contexts "
        "(contexts-per-core, cores).", binding->bytes, binding->attr.name);
    if (memory)
      self->runtime->destroy_mem (self->handle, memory);
    return NULL;
  }
  return memory;
}

static gboolean
bind_memory (RyContext * self, rknn_tensor_mem * memory,
    const RyBinding * binding, GError ** error)
{
  rknn_tensor_attr attr = binding->attr;
  gint code = self->runtime->set_io_mem (self->handle, memory, &attr);

  if (code != RKNN_SUCC) {
    g_set_error (error, RY_ERROR, RY_ERROR_MODEL,
        "The runtime does not take memory for the tensor \"%s\": "
        "rknn_set_io_mem returned %d (%s).", attr.name, code,
        ry_runtime_error_name (code));
    return FALSE;
  }
  return TRUE;
}

static gboolean
make_memories (RyContext * self, GError ** error)
{
  const RyModelIo *io = self->io;

  self->input = make_memory (self, &io->input, error);
  if (!self->input || !bind_memory (self, self->input, &io->input, error))
    return FALSE;
  self->target.data = self->input->virt_addr;
  self->target.width = io->width;
  self->target.height = io->height;
  self->target.stride = io->row_bytes;

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
ry_context_new (RyRuntime * runtime, const RyModelIo * io, RyDecoder * decoder,
    rknn_context handle, gint core, gboolean sync, GError ** error)
{
  RyContext *self = g_new0 (RyContext, 1);
  gint code;

  self->runtime = runtime;
  self->io = io;
  self->decoder = decoder;
  self->handle = handle;
  self->core = core;
  self->sync = sync && runtime->mem_sync;
  self->preprocessor = ry_preprocessor_new ();
  self->scratch = ry_decode_scratch_new ();

  code = ry_cores_pin (runtime, handle, core);
  if (code != RKNN_SUCC) {
    g_set_error (error, RY_ERROR, RY_ERROR_SETTINGS,
        "The runtime does not let a context run on core %d: "
        "rknn_set_core_mask returned %d (%s). Choose other cores with the "
        "property cores.", core, code, ry_runtime_error_name (code));
    ry_context_free (self);
    return NULL;
  }
  if (!make_memories (self, error)) {
    ry_context_free (self);
    return NULL;
  }
  return self;
}

/* Memories first: destroying one after its context crashes librknnrt. */
void
ry_context_free (RyContext * self)
{
  for (guint i = 0; i < self->io->n_outputs; i++) {
    if (self->outputs[i])
      self->runtime->destroy_mem (self->handle, self->outputs[i]);
  }
  if (self->input)
    self->runtime->destroy_mem (self->handle, self->input);
  self->runtime->destroy (self->handle);
  ry_preprocessor_free (self->preprocessor);
  ry_decode_scratch_free (self->scratch);
  g_free (self);
}

static gboolean
run (RyContext * self, GError ** error)
{
  gint code;

  if (self->sync)
    self->runtime->mem_sync (self->handle, self->input,
        RKNN_MEMORY_SYNC_TO_DEVICE);
  code = self->runtime->run (self->handle, NULL);
  if (code != RKNN_SUCC) {
    g_set_error (error, RY_ERROR, RY_ERROR_INFERENCE,
        "rknn_run returned %d (%s) on core %d.", code,
        ry_runtime_error_name (code), self->core);
    return FALSE;
  }
  for (guint i = 0; self->sync && i < self->io->n_outputs; i++)
    self->runtime->mem_sync (self->handle, self->outputs[i],
        RKNN_MEMORY_SYNC_FROM_DEVICE);
  return TRUE;
}

/* Boxes in pixels of the model's input become detections within the frame. */
static void
map_boxes (const RyBox * boxes, guint n_boxes, const RyLetterbox * letterbox,
    GArray * detections)
{
  gdouble width = letterbox->frame_width, height = letterbox->frame_height;

  for (guint i = 0; i < n_boxes; i++) {
    gdouble x1, y1, x2, y2;
    RyDetection detection;

    ry_letterbox_to_frame (letterbox, boxes[i].x1, boxes[i].y1, &x1, &y1);
    ry_letterbox_to_frame (letterbox, boxes[i].x2, boxes[i].y2, &x2, &y2);
    detection.x1 = CLAMP (x1, 0.0, width);
    detection.y1 = CLAMP (y1, 0.0, height);
    detection.x2 = CLAMP (x2, 0.0, width);
    detection.y2 = CLAMP (y2, 0.0, height);
    detection.confidence = boxes[i].score;
    detection.class_id = boxes[i].class_id;
    /* What lies in the border alone is nothing in the frame. */
    if (detection.x2 > detection.x1 && detection.y2 > detection.y1)
      g_array_append_val (detections, detection);
  }
}

void
ry_context_process (RyContext * self, RyJob * job, RyJobTimes * times)
{
  const RySettings *settings = job->settings;
  RyLetterbox letterbox;
  const RyBox *boxes;
  guint n_boxes;

  job->result = RY_JOB_FAILED;
  job->core = self->core;
  times->start = g_get_monotonic_time ();
  times->preprocessed = times->run = times->end = times->start;

  ry_letterbox_init (&letterbox, settings->letterbox, job->image.width,
      job->image.height, self->io->width, self->io->height);
  if (!ry_preprocessor_run (self->preprocessor, &job->image, &letterbox,
          &self->target, &job->error))
    return;
  times->preprocessed = g_get_monotonic_time ();

  if (!run (self, &job->error))
    return;
  times->run = g_get_monotonic_time ();

  boxes = ry_decoder_run (self->decoder, self->scratch, self->tensors,
      &settings->decode, &n_boxes);
  map_boxes (boxes, n_boxes, &letterbox, job->detections);
  job->result = RY_JOB_OK;
  times->end = g_get_monotonic_time ();
}
