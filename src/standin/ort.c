/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ort.h"

#include "log.h"
#include "ortlibrary.h"

GQuark
ry_ort_error_quark (void)
{
  return g_quark_from_static_string ("ry-ort-error-quark");
}

/* One for the process.  The library stays once it is loaded.  The environment
 * goes with the last session: what is left of it when the process ends is
 * taken down by static destructors, in an order that nobody warrants. */
static struct
{
  GMutex lock;
  gpointer library;
  const gchar *version;
  RyOrtApi api;
  OrtEnv *env;
  guint env_users;
  OrtMemoryInfo *cpu;
  OrtAllocator *allocator;
} ort;

struct _RyOrtSession
{
  OrtSession *session;
  gsize n_inputs, n_outputs;
  RyOrtTensor *inputs, *outputs;
  const gchar **input_names, **output_names;    /* as Run wants them */
};

/* Takes status.  TRUE when it is a success. */
static gboolean
check (OrtStatus * status, RyOrtError code, GError ** error)
{
  if (status == NULL)
    return TRUE;
  g_set_error (error, RY_ORT_ERROR, code, "ONNX Runtime %s: %s", ort.version,
      ort.api.GetErrorMessage (status));
  ort.api.ReleaseStatus (status);
  return FALSE;
}

/* What fails is said again by the status of the call. */
static void
log_message (void *param, int severity, const char *category,
    const char *log_id, const char *code_location, const char *message)
{
  ry_log_debug ("onnxruntime: %s", message);
}

static gboolean
open_locked (GError ** error)
{
  if (ort.library == NULL)
    ort.library = ry_ort_library_open (&ort.api, &ort.version, error);
  if (ort.library == NULL)
    return FALSE;
  if (ort.cpu == NULL
      && !check (ort.api.CreateCpuMemoryInfo (RY_ORT_ALLOCATOR_DEVICE,
              RY_ORT_MEM_TYPE_DEFAULT, &ort.cpu), RY_ORT_ERROR_LIBRARY, error))
    return FALSE;
  return ort.allocator != NULL
      || check (ort.api.GetAllocatorWithDefaultOptions (&ort.allocator),
      RY_ORT_ERROR_LIBRARY, error);
}

const gchar *
ry_ort_version (GError ** error)
{
  gboolean open;

  g_mutex_lock (&ort.lock);
  open = open_locked (error);
  g_mutex_unlock (&ort.lock);
  return open ? ort.version : NULL;
}

static gboolean
make_env_locked (GError ** error)
{
  if (!check (ort.api.CreateEnvWithCustomLogger (log_message, NULL,
              RY_ORT_SEVERITY_ERROR, "rknn-standin", &ort.env),
          RY_ORT_ERROR_LIBRARY, error))
    return FALSE;
  check (ort.api.DisableTelemetryEvents (ort.env), RY_ORT_ERROR_LIBRARY, NULL);
  return TRUE;
}

static gboolean
use_env (GError ** error)
{
  gboolean ok;

  g_mutex_lock (&ort.lock);
  ok = open_locked (error) && (ort.env != NULL || make_env_locked (error));
  if (ok)
    ort.env_users++;
  g_mutex_unlock (&ort.lock);
  return ok;
}

static void
unuse_env (void)
{
  g_mutex_lock (&ort.lock);
  if (--ort.env_users == 0) {
    ort.api.ReleaseEnv (ort.env);
    ort.env = NULL;
  }
  g_mutex_unlock (&ort.lock);
}

static OrtSessionOptions *
make_options (guint threads, GError ** error)
{
  OrtSessionOptions *options = NULL;

  if (!check (ort.api.CreateSessionOptions (&options), RY_ORT_ERROR_MODEL,
          error))
    return NULL;
  /* Threads that spin while they wait take the CPU from other contexts, from
   * the decoder and from the display; the gain for a lone run is small. */
  if (check (ort.api.SetIntraOpNumThreads (options, threads),
          RY_ORT_ERROR_MODEL, error)
      && check (ort.api.SetInterOpNumThreads (options, 1),
          RY_ORT_ERROR_MODEL, error)
      && check (ort.api.AddSessionConfigEntry (options,
              "session.intra_op.allow_spinning", "0"), RY_ORT_ERROR_MODEL,
          error)
      && check (ort.api.SetSessionGraphOptimizationLevel (options,
              RY_ORT_OPTIMIZE_ALL), RY_ORT_ERROR_MODEL, error)
      && check (ort.api.SetSessionLogSeverityLevel (options,
              RY_ORT_SEVERITY_ERROR), RY_ORT_ERROR_MODEL, error))
    return options;
  ort.api.ReleaseSessionOptions (options);
  return NULL;
}

static gboolean
read_shape (const OrtTensorTypeAndShapeInfo * info, RyOrtTensor * tensor,
    GError ** error)
{
  gsize rank = 0;
  gint type = 0;

  if (!check (ort.api.GetTensorElementType (info, &type),
          RY_ORT_ERROR_MODEL, error)
      || !check (ort.api.GetDimensionsCount (info, &rank),
          RY_ORT_ERROR_MODEL, error))
    return FALSE;
  if (rank > RY_ORT_MAX_RANK) {
    g_set_error (error, RY_ORT_ERROR, RY_ORT_ERROR_MODEL,
        "Tensor %s has %" G_GSIZE_FORMAT " dimensions; at most %d are possible",
        tensor->name, rank, RY_ORT_MAX_RANK);
    return FALSE;
  }
  tensor->type = type;
  tensor->rank = rank;
  return check (ort.api.GetDimensions (info, tensor->shape, rank),
      RY_ORT_ERROR_MODEL, error);
}

static gboolean
read_tensor (OrtSession * session, gboolean input, gsize index,
    RyOrtTensor * tensor, GError ** error)
{
  OrtTypeInfo *info = NULL;
  const OrtTensorTypeAndShapeInfo *shape = NULL;
  gchar *name = NULL;
  gboolean ok;

  if (!check (input ? ort.api.SessionGetInputName (session, index,
              ort.allocator, &name)
          : ort.api.SessionGetOutputName (session, index, ort.allocator,
              &name), RY_ORT_ERROR_MODEL, error))
    return FALSE;
  tensor->name = g_strdup (name);
  check (ort.api.AllocatorFree (ort.allocator, name), RY_ORT_ERROR_MODEL, NULL);

  if (!check (input ? ort.api.SessionGetInputTypeInfo (session, index, &info)
          : ort.api.SessionGetOutputTypeInfo (session, index, &info),
          RY_ORT_ERROR_MODEL, error))
    return FALSE;
  ok = check (ort.api.CastTypeInfoToTensorInfo (info, &shape),
      RY_ORT_ERROR_MODEL, error);
  if (ok && shape == NULL) {
    g_set_error (error, RY_ORT_ERROR, RY_ORT_ERROR_MODEL,
        "%s of the model is a sequence or map, not a tensor", tensor->name);
    ok = FALSE;
  }
  ok = ok && read_shape (shape, tensor, error);
  ort.api.ReleaseTypeInfo (info);
  return ok;
}

static gboolean
read_tensors (RyOrtSession * self, GError ** error)
{
  if (!check (ort.api.SessionGetInputCount (self->session, &self->n_inputs),
          RY_ORT_ERROR_MODEL, error)
      || !check (ort.api.SessionGetOutputCount (self->session,
              &self->n_outputs), RY_ORT_ERROR_MODEL, error))
    return FALSE;

  self->inputs = g_new0 (RyOrtTensor, self->n_inputs);
  self->outputs = g_new0 (RyOrtTensor, self->n_outputs);
  self->input_names = g_new0 (const gchar *, self->n_inputs);
  self->output_names = g_new0 (const gchar *, self->n_outputs);

  for (gsize i = 0; i < self->n_inputs; i++) {
    if (!read_tensor (self->session, TRUE, i, &self->inputs[i], error))
      return FALSE;
    self->input_names[i] = self->inputs[i].name;
  }
  for (gsize i = 0; i < self->n_outputs; i++) {
    if (!read_tensor (self->session, FALSE, i, &self->outputs[i], error))
      return FALSE;
    self->output_names[i] = self->outputs[i].name;
  }
  return TRUE;
}

RyOrtSession *
ry_ort_session_new (const RyOrtSource * source, guint threads, GError ** error)
{
  g_autoptr (RyOrtSession) self = NULL;
  OrtSessionOptions *options;
  OrtStatus *status;

  if (!use_env (error))
    return NULL;
  self = g_new0 (RyOrtSession, 1);
  options = make_options (threads, error);
  if (options == NULL)
    return NULL;
  if (source->data != NULL)
    status = ort.api.CreateSessionFromArray (ort.env, source->data,
        source->size, options, &self->session);
  else
    status = ort.api.CreateSession (ort.env, source->path, options,
        &self->session);
  ort.api.ReleaseSessionOptions (options);

  if (!check (status, RY_ORT_ERROR_MODEL, error)
      || !read_tensors (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

static void
free_tensors (RyOrtTensor * tensors, gsize n)
{
  for (gsize i = 0; tensors != NULL && i < n; i++)
    g_free (tensors[i].name);
  g_free (tensors);
}

void
ry_ort_session_free (RyOrtSession * self)
{
  if (self == NULL)
    return;
  if (self->session != NULL)
    ort.api.ReleaseSession (self->session);
  free_tensors (self->inputs, self->n_inputs);
  free_tensors (self->outputs, self->n_outputs);
  g_free (self->input_names);
  g_free (self->output_names);
  g_free (self);
  unuse_env ();
}

guint
ry_ort_session_n_inputs (RyOrtSession * self)
{
  return self->n_inputs;
}

guint
ry_ort_session_n_outputs (RyOrtSession * self)
{
  return self->n_outputs;
}

const RyOrtTensor *
ry_ort_session_input (RyOrtSession * self, guint index)
{
  return &self->inputs[index];
}

const RyOrtTensor *
ry_ort_session_output (RyOrtSession * self, guint index)
{
  return &self->outputs[index];
}

gchar *
ry_ort_session_metadata (RyOrtSession * self, const gchar * key)
{
  OrtModelMetadata *metadata = NULL;
  gchar *value = NULL, *copy;

  if (!check (ort.api.SessionGetModelMetadata (self->session, &metadata),
          RY_ORT_ERROR_MODEL, NULL))
    return NULL;
  check (ort.api.ModelMetadataLookupCustomMetadataMap (metadata,
          ort.allocator, key, &value), RY_ORT_ERROR_MODEL, NULL);
  ort.api.ReleaseModelMetadata (metadata);

  copy = g_strdup (value);
  if (value != NULL)
    check (ort.api.AllocatorFree (ort.allocator, value), RY_ORT_ERROR_MODEL,
        NULL);
  return copy;
}

static gboolean
learn_shape (const OrtValue * value, RyOrtTensor * tensor, GError ** error)
{
  OrtTensorTypeAndShapeInfo *info = NULL;
  gboolean ok;

  if (!check (ort.api.GetTensorTypeAndShape (value, &info),
          RY_ORT_ERROR_MODEL, error))
    return FALSE;
  ok = read_shape (info, tensor, error);
  ort.api.ReleaseTensorTypeAndShapeInfo (info);
  return ok;
}

gboolean
ry_ort_session_probe (RyOrtSession * self, OrtValue * const *inputs,
    GError ** error)
{
  g_autofree OrtValue **outputs = g_new0 (OrtValue *, self->n_outputs);
  gboolean ok = ry_ort_session_run (self, inputs, outputs, error);

  for (gsize i = 0; i < self->n_outputs; i++) {
    ok = ok && learn_shape (outputs[i], &self->outputs[i], error);
    ry_ort_value_free (outputs[i]);
  }
  return ok;
}

gboolean
ry_ort_session_run (RyOrtSession * self, OrtValue * const *inputs,
    OrtValue ** outputs, GError ** error)
{
  return check (ort.api.Run (self->session, NULL, self->input_names,
          (const OrtValue * const *) inputs, self->n_inputs,
          self->output_names, self->n_outputs, outputs), RY_ORT_ERROR_RUN,
      error);
}

OrtValue *
ry_ort_value_new (gpointer data, gsize size, const gint64 * shape, guint rank,
    RyOrtType type, GError ** error)
{
  OrtValue *value = NULL;

  if (!check (ort.api.CreateTensorWithDataAsOrtValue (ort.cpu, data, size,
              shape, rank, type, &value), RY_ORT_ERROR_MODEL, error))
    return NULL;
  return value;
}

void
ry_ort_value_free (OrtValue * value)
{
  if (value != NULL)
    ort.api.ReleaseValue (value);
}
