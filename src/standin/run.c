/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "run.h"

#include <string.h>

#include "log.h"

/* ---- Conversions, by several threads if no run needs them --------------- */

typedef struct
{
  RyNpuContext *context;
  const RyInputPlan *plan;
  const RyNpuTensor *tensor;
  gconstpointer src;
  gpointer dst;
} RyInputJob;

static RyPool *
idle_pool (RyNpuContext * self)
{
  return ry_cpu_is_idle ()? self->model->pool : NULL;
}

static void
do_input_piece (gpointer data, guint worker, guint piece)
{
  const RyInputJob *job = data;

  ry_input_convert (job->plan, job->tensor, job->src, job->dst,
      job->context->rows[worker], piece);
}

static void
convert_input (RyNpuContext * self, guint index, const RyInputPlan * plan,
    gconstpointer src)
{
  RyInputJob job = { self, plan, &self->shape->inputs[index], src,
    self->inputs[index].data
  };

  /* nothing reads it */
  if (self->model->recording != NULL)
    return;
  ry_pool_run (idle_pool (self), do_input_piece, &job, ry_input_pieces (plan));
}

typedef struct
{
  const RyOutputPlan *plan;
  const RyNpuTensor *tensor;
  gconstpointer values;
  gpointer dst;
} RyOutputJob;

static void
do_output_piece (gpointer data, guint worker, guint piece)
{
  const RyOutputJob *job = data;

  ry_output_convert (job->plan, job->tensor, job->values, job->dst, piece);
}

static void
convert_output (RyNpuContext * self, guint index, const RyOutputPlan * plan,
    gpointer dst)
{
  RyOutputJob job = { plan, &self->shape->outputs[index],
    ry_npu_context_values (self, index), dst
  };

  ry_pool_run (idle_pool (self), do_output_piece, &job,
      ry_output_pieces (plan));
}

/* ---- Before ------------------------------------------------------------- */

static void
name_destroyed (const RyNpuMem * mem, const rknn_tensor_attr * attr)
{
  if (g_atomic_int_get (&mem->destroyed))
    ry_log_misuse ("rknn_run with the memory of tensor %s destroyed while "
        "bound. librknnrt uses freed memory here.", attr->name);
}

static gboolean
read_inputs (RyNpuContext * self)
{
  for (guint i = 0; i < self->model->n_inputs; i++) {
    const RyNpuTensor *tensor = &self->shape->inputs[i];
    RyNpuInput *input = &self->inputs[i];
    gconstpointer src;

    if (input->mem == NULL)
      continue;
    name_destroyed (input->mem, &tensor->logical);
    if (input->plan.way == RY_INPUT_UNSUPPORTED) {
      ry_log_error ("Meet unsupported src layout for normalize: input %s is "
          "bound in a type or layout that is not converted. Bind it as NHWC.",
          tensor->logical.name);
      return FALSE;
    }
    src = ry_npu_mem_data (input->mem);
    if (input->aligned != NULL)
      src = memcpy (input->aligned, src, input->plan.bytes);
    convert_input (self, i, &input->plan, src);
  }
  return TRUE;
}

static gboolean
check_outputs (RyNpuContext * self)
{
  for (guint i = 0; i < self->model->n_outputs; i++) {
    const RyNpuTensor *tensor = &self->shape->outputs[i];
    const RyNpuOutput *output = &self->outputs[i];

    if (output->mem == NULL)
      continue;
    name_destroyed (output->mem, &tensor->logical);
    if (output->plan.way == RY_OUTPUT_UNSUPPORTED) {
      ry_log_error ("Output %s is bound in a type and layout that the runtime "
          "does not convert its %s into. Bind it as the native attributes "
          "say, or as FP32 NCHW.", tensor->logical.name,
          get_type_string (tensor->logical.type));
      return FALSE;
    }
    if (output->mem->pub.size < output->plan.bytes)
      ry_log_misuse_stop ("rknn_run would write %" G_GSIZE_FORMAT
          " bytes of output %s into a memory of %u. librknnrt damages memory "
          "and crashes here.", output->plan.bytes, tensor->logical.name,
          output->mem->pub.size);
  }
  return TRUE;
}

/* ---- A run that computes ------------------------------------------------ */

static gboolean
infer (RyNpuContext * self)
{
  g_autoptr (GError) error = NULL;
  guint others = ry_cpu_begin ();
  RyOrtSession *session = ry_npu_model_session (self->model, others > 0);
  gboolean ok = ry_ort_session_run (session, self->input_values,
      self->output_values, &error);

  ry_cpu_end ();
  if (!ok)
    ry_log_error ("failed to submit: %s", error->message);
  return ok;
}

static gboolean
is_to_be_written (const RyNpuOutput * output)
{
  return output->mem != NULL && output->direct == NULL;
}

/* piece counts through all outputs: one job wakes the helpers once. */
static void
do_bound_piece (gpointer data, guint worker, guint piece)
{
  RyNpuContext *self = data;

  for (guint i = 0; i < self->model->n_outputs; i++) {
    const RyNpuOutput *output = &self->outputs[i];
    guint n;

    if (!is_to_be_written (output))
      continue;
    n = ry_output_pieces (&output->plan);
    if (piece < n) {
      ry_output_convert (&output->plan, &self->shape->outputs[i],
          output->values, output->aligned != NULL ? output->aligned
          : ry_npu_mem_data (output->mem), piece);
      return;
    }
    piece -= n;
  }
}

static void
write_outputs (RyNpuContext * self)
{
  guint n_pieces = 0;

  for (guint i = 0; i < self->model->n_outputs; i++) {
    RyNpuOutput *output = &self->outputs[i];

    if (!is_to_be_written (output))
      continue;
    output->values = ry_npu_context_values (self, i);
    n_pieces += ry_output_pieces (&output->plan);
  }
  ry_pool_run (idle_pool (self), do_bound_piece, self, n_pieces);
  for (guint i = 0; i < self->model->n_outputs; i++) {
    RyNpuOutput *output = &self->outputs[i];

    if (is_to_be_written (output) && output->aligned != NULL)
      memcpy (ry_npu_mem_data (output->mem), output->aligned,
          output->plan.bytes);
  }
}

static gboolean
compute (RyNpuContext * self)
{
  gint64 begin = g_get_monotonic_time ();
  gint64 fed, inferred;

  if (!read_inputs (self))
    return FALSE;
  fed = g_get_monotonic_time ();
  if (!infer (self))
    return FALSE;
  inferred = g_get_monotonic_time ();
  write_outputs (self);

  self->times.inputs = fed - begin;
  self->times.inference = inferred - fed;
  self->times.outputs = g_get_monotonic_time () - inferred;
  return TRUE;
}

static gboolean
run_computed (RyNpuContext * self, RyNpuJob * job)
{
  gboolean ok = FALSE;

  ry_npu_enter (self->model->npu, self->mask, job);
  /* a destroyed context's memory may be gone as well */
  if (g_atomic_int_get (&self->destroyed))
    ry_log_misuse ("rknn_destroy of a context whose rknn_run was waiting for "
        "its core in another thread.");
  else if (!job->hangs)
    ok = compute (self);
  ry_npu_finish (self->model->npu, job);
  return ok;
}

/* ---- A run that is played ----------------------------------------------- */

static void
copy_recorded (RyNpuContext * self)
{
  for (guint i = 0; i < self->model->n_outputs; i++) {
    const RyNpuOutput *output = &self->outputs[i];

    if (output->mem != NULL)
      memcpy (ry_npu_mem_data (output->mem), output->recorded,
          output->plan.bytes);
  }
}

/* Outputs are written while the time passes, as an NPU writes them, so that
 * this costs none. */
static gboolean
run_recorded (RyNpuContext * self, RyNpuJob * job)
{
  gint64 begin = g_get_monotonic_time ();

  if (!read_inputs (self))
    return FALSE;
  self->times.inputs = g_get_monotonic_time () - begin;
  ry_npu_reserve (self->model->npu, self->mask, job);
  if (!job->hangs)
    copy_recorded (self);
  ry_npu_finish (self->model->npu, job);
  self->times.inference = (job->end - job->begin) / 1000;
  self->times.outputs = 0;
  return !job->hangs;
}

/* ---- Before the run: is there a shape, and is everything bound for it? --- */

static gboolean
check_shape (const RyNpuContext * self)
{
  const gchar *lost = NULL;

  if (!self->shape_set) {
    ry_log_error ("rknn_run of a model with dynamic shapes before one of them "
        "was set with rknn_set_input_shapes");
    return FALSE;
  }
  for (guint i = 0; i < self->model->n_inputs; i++) {
    if (self->inputs[i].lost)
      lost = self->shape->inputs[i].logical.name;
  }
  for (guint i = 0; i < self->model->n_outputs; i++) {
    if (self->outputs[i].lost)
      lost = self->shape->outputs[i].logical.name;
  }
  if (lost == NULL)
    return TRUE;
  ry_log_misuse ("rknn_run with the memory of tensor %s bound for another "
      "shape. After rknn_set_input_shapes all memories have to be bound again, "
      "with the attributes that RKNN_QUERY_CURRENT_ tell.", lost);
  return FALSE;
}

/* ---- The run itself ----------------------------------------------------- */

static gint
run_once (RyNpuContext * self)
{
  gint64 begin = g_get_monotonic_time ();
  gboolean recorded = self->model->recording != NULL;
  RyNpuJob job;

  if (!check_shape (self) || !check_outputs (self))
    return RKNN_ERR_FAIL;
  if (!(recorded ? run_recorded (self, &job) : run_computed (self, &job)))
    return RKNN_ERR_FAIL;
  self->times.core = job.first_core;
  self->times.all = job.end > job.begin ? (job.end - job.begin) / 1000
      : g_get_monotonic_time () - begin;
  self->n_runs++;
  return RKNN_SUCC;
}

gint
ry_npu_run (RyNpuContext * self)
{
  gint result;

  if (!g_atomic_int_compare_and_exchange (&self->running, 0, 1)) {
    ry_log_misuse ("rknn_run was called in two threads at once on one context. "
        "Calls on a context must follow each other; use rknn_dup_context.");
    return RKNN_ERR_FAIL;
  }
  result = run_once (self);
  g_atomic_int_set (&self->running, 0);
  return result;
}

/* ---- Inputs that are copied --------------------------------------------- */

/* Bytes that librknnrt puts before the NPU as they are, although they are not
 * what it reads. */
static void
set_unconverted (RyNpuContext * self, guint index, const rknn_input * in)
{
  const RyNpuTensor *tensor = &self->shape->inputs[index];
  g_autofree guint8 *bytes = NULL;
  RyInputPlan plan;

  ry_input_plan_raw (&plan, tensor, 0);
  bytes = g_malloc0 (plan.bytes);
  memcpy (bytes, in->buf, MIN (in->size, plan.bytes));
  convert_input (self, index, &plan, bytes);
}

static void
set_converted (RyNpuContext * self, guint index, const rknn_input * in,
    const RyInputPlan * plan)
{
  gconstpointer src = in->buf;
  g_autofree gpointer aligned = NULL;

  if ((guintptr) src % MAX (ry_type_size (plan->type), 1) != 0)
    src = aligned = memcpy (g_malloc (plan->bytes), src, plan->bytes);
  convert_input (self, index, plan, src);
}

static gint
set_input (RyNpuContext * self, const rknn_input * in)
{
  const RyNpuTensor *tensor = &self->shape->inputs[in->index];
  RyInputPlan plan;

  if (!ry_input_plan (&plan, tensor, in->type, in->fmt, in->pass_through != 0,
          0))
    plan.way = RY_INPUT_UNSUPPORTED;
  if (in->size < plan.bytes) {
    ry_log_error ("Input %s: %u bytes were given, %s %s needs %"
        G_GSIZE_FORMAT, tensor->logical.name, in->size,
        get_type_string (in->type), get_format_string (in->fmt), plan.bytes);
    return RKNN_ERR_PARAM_INVALID;
  }
  if (in->size > plan.bytes)
    ry_log_error ("Input %s: %u bytes were given, only %" G_GSIZE_FORMAT
        " are read", tensor->logical.name, in->size, plan.bytes);
  if (in->buf == NULL)
    ry_log_misuse_stop ("rknn_inputs_set with buf NULL for input %s. "
        "librknnrt crashes here.", tensor->logical.name);

  /* the last to give the input wins */
  ry_npu_context_unbind_input (self, in->index);
  self->inputs[in->index].lost = FALSE;
  if (plan.way == RY_INPUT_UNSUPPORTED) {
    ry_log_error ("Normalize does not support %s %s: input %s is left "
        "unconverted. Give pictures as NHWC.", get_type_string (in->type),
        get_format_string (in->fmt), tensor->logical.name);
    set_unconverted (self, in->index, in);
  } else {
    set_converted (self, in->index, in, &plan);
  }
  return RKNN_SUCC;
}

gint
ry_npu_inputs_set (RyNpuContext * self, guint n, const rknn_input * inputs)
{
  if (n == 0) {
    ry_log_misuse ("rknn_inputs_set with no inputs: nothing was set.");
    return RKNN_SUCC;
  }
  if (inputs == NULL)
    return RKNN_ERR_PARAM_INVALID;
  for (guint i = 0; i < n; i++) {
    gint result;

    if (inputs[i].index >= self->model->n_inputs) {
      ry_log_misuse ("rknn_inputs_set for input %u of a model with %u: it is "
          "ignored.", inputs[i].index, self->model->n_inputs);
      continue;
    }
    result = set_input (self, &inputs[i]);
    if (result < 0)
      return result;
  }
  return RKNN_SUCC;
}

/* ---- Outputs that are copied -------------------------------------------- */

static gint
fill_output (RyNpuContext * self, rknn_output * out)
{
  const RyNpuTensor *tensor = &self->shape->outputs[out->index];
  RyOutputPlan plan;

  ry_output_plan (&plan, tensor,
      out->want_float ? RKNN_TENSOR_FLOAT32 : tensor->logical.type,
      RKNN_TENSOR_NCHW);
  if (!out->is_prealloc) {
    /* rknn_outputs_release takes only what is known here */
    out->buf = g_try_malloc (plan.bytes);
    out->size = plan.bytes;
    if (out->buf == NULL)
      return RKNN_ERR_MALLOC_FAIL;
    g_hash_table_add (self->handed_out, out->buf);
  } else if (out->size < plan.bytes) {
    ry_log_error ("Output %s: the buffer given has %u bytes, %" G_GSIZE_FORMAT
        " are needed; nothing was written", tensor->logical.name, out->size,
        plan.bytes);
    return RKNN_SUCC;
  } else if (out->buf == NULL) {
    ry_log_misuse_stop ("rknn_outputs_get with is_prealloc and buf NULL for "
        "output %s.", tensor->logical.name);
  }
  convert_output (self, out->index, &plan, out->buf);
  return RKNN_SUCC;
}

gint
ry_npu_outputs_get (RyNpuContext * self, guint n, rknn_output * outputs)
{
  guint n_outputs = self->model->n_outputs;

  if (outputs == NULL)
    return RKNN_ERR_PARAM_INVALID;
  if (n < n_outputs) {
    ry_log_misuse ("rknn_outputs_get with %u entries for a model with %u "
        "outputs. librknnrt reads and writes behind the array.", n, n_outputs);
    n_outputs = n;
  }
  for (guint i = 0; i < n_outputs; i++) {
    if (outputs[i].index >= self->model->n_outputs) {
      ry_log_error ("rknn_outputs_get for output %u of a model with %u",
          outputs[i].index, self->model->n_outputs);
      return RKNN_ERR_PARAM_INVALID;
    }
  }
  for (guint i = 0; i < n_outputs; i++) {
    gint result = fill_output (self, &outputs[i]);

    if (result < 0)
      return result;
  }
  return RKNN_SUCC;
}

gint
ry_npu_outputs_release (RyNpuContext * self, guint n, rknn_output * outputs)
{
  if (outputs == NULL)
    return RKNN_ERR_PARAM_INVALID;
  for (guint i = 0; i < n; i++) {
    if (outputs[i].is_prealloc || outputs[i].buf == NULL)
      continue;
    if (!g_hash_table_remove (self->handed_out, outputs[i].buf))
      ry_log_misuse ("rknn_outputs_release for a buffer that rknn_outputs_get "
          "of this context did not give, or that is released already. "
          "librknnrt frees it.");
  }
  return RKNN_SUCC;
}
