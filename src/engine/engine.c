/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* From a loaded model to workers with contexts, and back. */

#include "engine/engineprivate.h"

#include <string.h>

/* What an inference may take: before any was timed, and then as a multiple of
 * the first, but not less than a machine under load may be away. */
#define FIRST_RUN_LIMIT (30 * G_USEC_PER_SEC)
#define RUN_LIMIT_FACTOR 20
#define MIN_RUN_LIMIT (3 * G_USEC_PER_SEC)

/* How long threads have to come back from the runtime when the engine ends;
 * there are jobs no more. */
#define STOP_LIMIT G_USEC_PER_SEC

/* ---- Contexts ------------------------------------------------------------ */

/* The first context is there already; the others share its weights. */
static gboolean
make_workers (RyEngine * self, rknn_context first, guint per_core,
    GError ** error)
{
  guint n_contexts = self->cores.n_cores * per_core;

  for (guint i = 0; i < n_contexts; i++) {
    guint core_index = i % self->cores.n_cores;
    rknn_context handle = first;
    RyContext *context;

    if (i > 0 && !ry_loaded_model_dup_context (self->model, first, &handle,
            error))
      return FALSE;
    context = ry_context_new (self->model, handle,
        self->cores.cores[core_index], error);
    if (!context)
      return FALSE;
    g_ptr_array_add (self->workers, ry_worker_new (self, core_index,
            i / self->cores.n_cores, context));
  }
  self->health.contexts = n_contexts;
  return TRUE;
}

static gboolean
start_workers (RyEngine * self, GError ** error)
{
  g_autoptr (GError) reason = NULL;

  for (guint i = 0; i < self->workers->len; i++) {
    if (ry_worker_start (g_ptr_array_index (self->workers, i), &reason))
      continue;
    g_set_error (error, RY_ERROR, RY_ERROR_MEMORY,
        "The system has no thread for a context (%s): use fewer contexts "
        "(contexts-per-core, cores), or raise the limit of threads "
        "(ulimit -u).", reason->message);
    return FALSE;
  }
  return ry_engine_start_watch (self, error);
}

/* Call with the lock held. */
static gboolean
are_finished (RyEngine * self)
{
  for (guint i = 0; i < self->workers->len; i++) {
    RyWorker *worker = g_ptr_array_index (self->workers, i);

    if (worker->thread && !worker->finished)
      return FALSE;
  }
  return TRUE;
}

/* Call with the lock held. */
static void
finish_workers (RyEngine * self)
{
  gint64 until = g_get_monotonic_time () + STOP_LIMIT;

  self->stopping = TRUE;
  g_cond_broadcast (&self->renewed);
  for (guint i = 0; i < self->workers->len; i++) {
    RyWorker *worker = g_ptr_array_index (self->workers, i);
    g_cond_signal (&worker->wake);
  }
  while (!are_finished (self)
      && g_cond_wait_until (&self->finished, &self->lock, until));
  /* Only a call into the runtime can take so long. */
  for (guint i = 0; i < self->workers->len; i++)
    ry_worker_abandon (g_ptr_array_index (self->workers, i));
}

static void
stop_workers (RyEngine * self)
{
  g_mutex_lock (&self->lock);
  finish_workers (self);
  g_mutex_unlock (&self->lock);
  for (guint i = 0; i < self->workers->len; i++) {
    RyWorker *worker = g_ptr_array_index (self->workers, i);

    if (worker->thread)
      g_thread_join (worker->thread);
    ry_worker_free (worker);
  }
  g_ptr_array_set_size (self->workers, 0);
}

/* ---- The first run ------------------------------------------------------- */

typedef struct
{
  GMutex lock;
  GCond cond;
  gboolean done;
} FirstRun;

static void
end_first_run (RyJob * job)
{
  FirstRun *run = job->user_data;

  g_mutex_lock (&run->lock);
  run->done = TRUE;
  g_cond_signal (&run->cond);
  g_mutex_unlock (&run->lock);
}

static void
submit_and_wait (RyEngine * self, RyJob * job, FirstRun * run)
{
  RySession *session = ry_session_new (self);

  g_mutex_init (&run->lock);
  g_cond_init (&run->cond);
  job->user_data = run;
  job->done = end_first_run;
  ry_session_submit (session, job);
  g_mutex_lock (&run->lock);
  while (!run->done)
    g_cond_wait (&run->cond, &run->lock);
  g_mutex_unlock (&run->lock);
  ry_session_free (session);
  g_mutex_clear (&run->lock);
  g_cond_clear (&run->cond);
}

/* What a frame will take, before there is any.  A failure shows again with the
 * first frame, where it is counted. */
static guint64
time_first_run (RyEngine * self)
{
  static const RyDecodeParams params = {
    .confidence_threshold = 0.5f,.iou_threshold = 0.5f,.max_detections = 1,
  };
  guint width = self->model->input_sizes[0].width;
  guint height = self->model->input_sizes[0].height;
  g_autofree guint8 *grey = g_malloc (width * height);
  gint64 start = g_get_monotonic_time (), time;
  FirstRun run = { 0, };
  RyJob job;

  memset (grey, 128, width * height);
  ry_job_init (&job);
  job.image.format = RY_FORMAT_GRAY8;
  job.image.width = job.image.stride[0] = width;
  job.image.height = height;
  job.image.n_planes = 1;
  job.image.data[0] = grey;
  job.image.fd[0] = -1;
  job.settings = ry_settings_new (&params, RY_LETTERBOX_CENTER,
      RY_PREPROCESS_CPU, 0);
  submit_and_wait (self, &job, &run);
  time = job.result == RY_JOB_OK ? g_get_monotonic_time () - start : 0;
  ry_job_clear (&job);
  return time;
}

static void
limit_runs (RyEngine * self, const RyEngineConfig * config)
{
  gint64 first = self->info.first_run_time;

  g_mutex_lock (&self->lock);
  if (config->inference_timeout > 0)
    self->run_limit = config->inference_timeout * G_GINT64_CONSTANT (1000);
  else if (first > 0)
    self->run_limit = MAX (MIN_RUN_LIMIT, RUN_LIMIT_FACTOR * first);
  else
    self->run_limit = FIRST_RUN_LIMIT;
  g_mutex_unlock (&self->lock);
}

/* ---- Making -------------------------------------------------------------- */

static void
fill_info (RyEngine * self)
{
  RyEngineInfo *info = &self->info;
  RyLoadedModel *model = self->model;
  const RyDecoder *decoder = model->sizes[0].decoder;

  info->model_name = model->file->name;
  info->toolkit_version = model->file->toolkit_version;
  info->head = ry_decoder_get_description (decoder);
  info->runtime_path = model->runtime->path;
  info->runtime_version = model->versions.api;
  info->driver_version = model->versions.driver;
  info->rga = model->rga ? ry_rga_get_description (model->rga) : NULL;
  info->input_width = model->input_sizes[0].width;
  info->input_height = model->input_sizes[0].height;
  info->n_input_sizes = model->n_sizes;
  info->batch = model->batch;
  info->n_classes = ry_decoder_get_n_classes (decoder);
  info->task = ry_decoder_get_task (decoder);
  info->n_keypoints = ry_decoder_get_n_keypoints (decoder);
  info->n_cores = self->cores.n_cores;
  memcpy (info->cores, self->cores.cores, sizeof (info->cores));
  info->n_contexts = self->workers->len;
}

static gboolean
choose_cores (RyEngine * self, const RyEngineConfig * config,
    rknn_context context, GError ** error)
{
  RyLoadedModel *model = self->model;

  if (!ry_core_list_parse (&self->cores, config->cores, model->n_cores, error))
    return FALSE;
  if (model->n_cores > 1)
    ry_core_list_adapt (&self->cores, config->cores, model->runtime, context);
  return TRUE;
}

static gboolean
load (RyEngine * self, const RyEngineConfig * config, gchar ** warning,
    GError ** error)
{
  rknn_context first;
  guint per_core = config->contexts_per_core;

  if (!ry_affinity_init (&self->affinity, config->cpu_affinity, "/sys", error))
    return FALSE;
  self->model = ry_loaded_model_new (config, &first, warning, error);
  if (!self->model)
    return FALSE;
  if (!choose_cores (self, config, first, error)) {
    self->model->runtime->destroy (first);
    return FALSE;
  }
  if (per_core == 0)
    per_core = RY_DEFAULT_CONTEXTS_PER_CORE;
  if (!make_workers (self, first, MIN (per_core, RY_MAX_CONTEXTS_PER_CORE),
          error))
    return FALSE;
  fill_info (self);
  if (!start_workers (self, error))
    return FALSE;
  self->info.first_run_time = time_first_run (self);
  limit_runs (self, config);
  return TRUE;
}

RyEngine *
ry_engine_new (const RyEngineConfig * config, gchar ** warning, GError ** error)
{
  RyEngine *self = g_new0 (RyEngine, 1);
  g_autofree gchar *odd = NULL;

  g_atomic_ref_count_init (&self->ref_count);
  g_mutex_init (&self->lock);
  g_cond_init (&self->renewed);
  g_cond_init (&self->finished);
  g_cond_init (&self->watch_wake);
  g_queue_init (&self->waiting);
  self->workers = g_ptr_array_new ();
  self->run_limit = config->inference_timeout > 0 ?
      config->inference_timeout * G_GINT64_CONSTANT (1000) : FIRST_RUN_LIMIT;
  if (!load (self, config, &odd, error)) {
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
  ry_engine_stop_watch (self);
  stop_workers (self);
  g_ptr_array_unref (self->workers);
  g_clear_pointer (&self->model, ry_loaded_model_unref);
  g_free (self->last_failure);
  g_cond_clear (&self->watch_wake);
  g_cond_clear (&self->finished);
  g_cond_clear (&self->renewed);
  g_mutex_clear (&self->lock);
  g_free (self);
}

const RyEngineInfo *
ry_engine_get_info (RyEngine * self)
{
  return &self->info;
}

void
ry_engine_get_input_size (RyEngine * self, guint width, guint height,
    guint * input_width, guint * input_height)
{
  guint size = ry_loaded_model_choose_size (self->model, width, height);

  *input_width = self->model->input_sizes[size].width;
  *input_height = self->model->input_sizes[size].height;
}

void
ry_engine_get_health (RyEngine * self, RyHealth * health)
{
  g_mutex_lock (&self->lock);
  *health = self->health;
  g_mutex_unlock (&self->lock);
}

const gchar *
ry_engine_get_label (RyEngine * self, gint class_id)
{
  g_autofree gchar *name = NULL;

  if (class_id >= 0 && class_id < (gint) self->model->labels->len)
    return g_ptr_array_index (self->model->labels, class_id);
  /* Only heads that deliver class numbers get here; labels become quarks
   * anyway, so interning adds nothing. */
  name = g_strdup_printf ("class %d", class_id);
  return g_intern_string (name);
}

gint
ry_engine_find_label (RyEngine * self, const gchar * label)
{
  for (guint i = 0; i < self->model->labels->len; i++) {
    if (g_strcmp0 (label, g_ptr_array_index (self->model->labels, i)) == 0)
      return i;
  }
  return -1;
}
