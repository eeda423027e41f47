/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "model.h"

#include <string.h>

#include "log.h"
#include "memory.h"
#include "sizes.h"

/* The smallest useful ONNX file is some 60 bytes long. */
#define MIN_FILE 32

RyNpuModel *
ry_npu_model_ref (RyNpuModel * self)
{
  g_atomic_int_inc (&self->refs);
  return self;
}

static void
free_tensors (RyNpuTensor * tensors, guint n)
{
  for (guint i = 0; tensors != NULL && i < n; i++)
    ry_npu_tensor_clear (&tensors[i]);
  g_free (tensors);
}

static void
free_shapes (RyNpuModel * self)
{
  for (guint i = 0; i < self->n_shapes; i++) {
    free_tensors (self->shapes[i].inputs, self->n_inputs);
    free_tensors (self->shapes[i].outputs, self->n_outputs);
  }
  g_free (self->shapes);
}

/* A recorded output as a binding wants it. */
typedef struct
{
  RyOutputPlan plan;
  gpointer bytes;
} RyVersion;

static void
free_version (gpointer data)
{
  RyVersion *version = data;

  ry_aligned_free (version->bytes);
  g_free (version);
}

static void
free_versions (RyNpuModel * self)
{
  for (guint i = 0; self->versions != NULL && i < self->n_outputs; i++)
    g_slist_free_full (self->versions[i], free_version);
  g_free (self->versions);
}

void
ry_npu_model_unref (RyNpuModel * self)
{
  if (!g_atomic_int_dec_and_test (&self->refs))
    return;
  free_versions (self);
  free_shapes (self);
  ry_pool_free (self->pool);
  ry_ort_session_free (self->overlapping);
  ry_ort_session_free (self->lone);
  g_clear_pointer (&self->data, g_bytes_unref);
  g_mutex_clear (&self->lock);
  g_free (self->custom_string);
  g_free (self->path);
  ry_recording_free (self->recording);
  ry_settings_clear (&self->settings);
  ry_npu_unref (self->npu);
  g_free (self);
}

/* ---- What is in the file ------------------------------------------------ */

static gboolean
is_text (const guint8 * data, gsize size)
{
  for (gsize i = 0; i < size; i++) {
    if (!g_ascii_isprint (data[i]) && !g_ascii_isspace (data[i]))
      return FALSE;
  }
  return TRUE;
}

/* ONNX Runtime finds out as well, but speaks of protobuf then. */
static gboolean
looks_like_model (const gchar * what, const guint8 * data, gsize size)
{
  if (size < MIN_FILE) {
    ry_log_error ("%s has %" G_GSIZE_FORMAT " bytes: rknn model is too small. "
        "An .onnx file was expected; see whether it was copied completely.",
        what, size);
    return FALSE;
  }
  if (memcmp (data, "RKNN", 4) == 0) {
    ry_log_error ("%s is an .rknn model, which only a Rockchip NPU and its "
        "librknnrt can run. The stand-in runs the .onnx file that it was made "
        "from.", what);
    return FALSE;
  }
  if (is_text (data, MIN (size, 64))) {
    ry_log_error ("%s is a text file; an .onnx model was expected. A file that "
        "begins with \"version https://git-lfs\" still has to be fetched with "
        "git lfs pull.", what);
    return FALSE;
  }
  return TRUE;
}

static gboolean
check_file (RyNpuModel * self, const gchar * path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, &error);
  const guint8 *data;

  if (file == NULL) {
    ry_log_error ("The model cannot be read: %s", error->message);
    return FALSE;
  }
  self->file_size = g_mapped_file_get_length (file);
  data = (const guint8 *) g_mapped_file_get_contents (file);
  return looks_like_model (path, data, self->file_size);
}

static gboolean
check_source (RyNpuModel * self, const RyOrtSource * source)
{
  if (source->data == NULL && source->path == NULL) {
    ry_log_error ("The model is NULL (tensor is null or empty); a path or the "
        "bytes of an .onnx file were expected.");
    return FALSE;
  }
  if (source->data == NULL)
    return check_file (self, source->path);
  self->file_size = source->size;
  return looks_like_model ("The model in memory", source->data, source->size);
}

/* ---- What is said of the file ------------------------------------------- */

/* NULL after an error; an empty description when there is none. */
static RySidecar *
load_sidecar (const RyOrtSource * source, const gchar * config)
{
  g_autofree gchar *path = NULL;
  g_autoptr (GError) error = NULL;
  RySidecar *sidecar;

  if (config != NULL)
    path = g_strdup (config);
  else if (source->path != NULL)
    path = g_strconcat (source->path, ".ini", NULL);

  if (path == NULL || (config == NULL
          && !g_file_test (path, G_FILE_TEST_EXISTS)))
    return ry_sidecar_parse ("", 0, NULL);

  sidecar = ry_sidecar_load (path, &error);
  if (sidecar == NULL)
    ry_log_error ("The description file %s is not usable: %s. Its form is in "
        "rknn_standin.h.", path, error->message);
  else
    ry_log_info ("Using the description file %s", path);
  return sidecar;
}

static gboolean
check_soc (const RySidecar * sidecar, const RySettings * settings)
{
  const RyNpuSoc *soc;

  if (sidecar->soc == NULL)
    return TRUE;
  soc = ry_npu_soc_find (sidecar->soc);
  if (soc == settings->play.soc)
    return TRUE;
  ry_log_error ("This rknn model is for %s, but current platform is %s. "
      "Convert the model for this platform, or set RKNN_STANDIN_SOC.",
      sidecar->soc, settings->play.soc->name);
  return FALSE;
}

/* A file beside the model that speaks of other tensors was meant for another
 * model; one that the environment names may serve several. */
static gboolean
check_names (const RyNpuModel * self, const RySidecar * sidecar,
    gboolean strict)
{
  for (guint i = 0; i < sidecar->tensors->len; i++) {
    const RySidecarTensor *said =
        &g_array_index (sidecar->tensors, RySidecarTensor, i);
    guint n = said->input ? ry_ort_session_n_inputs (self->lone)
        : ry_ort_session_n_outputs (self->lone);
    gboolean found = FALSE;

    for (guint k = 0; k < n && !found; k++) {
      const RyOrtTensor *tensor =
          said->input ? ry_ort_session_input (self->lone, k)
          : ry_ort_session_output (self->lone, k);

      found = ry_sidecar_find (sidecar, said->input, tensor->name, k) == said;
    }
    if (found)
      continue;
    if (strict) {
      ry_log_error ("The description file has a group [%s %s], but the model "
          "has no such tensor. Correct the name, or use the tensor's number.",
          said->input ? "input" : "output", said->name);
      return FALSE;
    }
    ry_log_warning ("No tensor for [%s %s] of the description file",
        said->input ? "input" : "output", said->name);
  }
  return TRUE;
}

static gboolean
read_metadata (const RyNpuModel * self, const gchar * key,
    gboolean (*parse) (const gchar *, RyValues *, GError **), RyValues * values)
{
  g_autofree gchar *text = NULL;
  g_autoptr (GError) error = NULL;

  if (values->n > 0)
    return TRUE;
  text = ry_ort_session_metadata (self->lone, key);
  if (text == NULL || parse (text, values, &error))
    return TRUE;
  ry_log_error ("The model's metadata entry %s is wrong: %s", key,
      error->message);
  return FALSE;
}

static void
read_imgsz (const RyNpuModel * self, guint imgsz[2])
{
  g_autofree gchar *text = ry_ort_session_metadata (self->lone, "imgsz");
  g_autoptr (GError) error = NULL;

  imgsz[0] = imgsz[1] = 640;
  if (text != NULL && !ry_sidecar_parse_imgsz (text, imgsz, &error))
    ry_log_warning ("The model's metadata entry imgsz is left aside: %s",
        error->message);
}

/* ---- Sizes of the picture ----------------------------------------------- */

static gboolean
is_open_picture (const RyOrtTensor * tensor)
{
  guint height = ry_npu_input_is_planar (tensor) ? 2 : 1;

  return tensor->rank == 4
      && (tensor->shape[height] < 1 || tensor->shape[height + 1] < 1);
}

static gboolean
has_open_picture (const RyNpuModel * self)
{
  for (guint i = 0; i < ry_ort_session_n_inputs (self->lone); i++) {
    if (is_open_picture (ry_ort_session_input (self->lone, i)))
      return TRUE;
  }
  return FALSE;
}

/* NULL when the model says nothing; FALSE when what it says is wrong. */
static gboolean
read_metadata_sizes (const RyNpuModel * self, GArray ** sizes)
{
  g_autofree gchar *text = ry_ort_session_metadata (self->lone, "shapes");
  g_autoptr (GError) error = NULL;

  *sizes = NULL;
  if (text == NULL)
    return TRUE;
  *sizes = ry_picture_sizes_parse (text, &error);
  if (*sizes != NULL)
    return TRUE;
  ry_log_error ("The model's metadata entry shapes is wrong: %s",
      error->message);
  return FALSE;
}

/* The sizes that the model is to have, NULL for one of a single size.  What
 * the environment says may be meant for another model; what is said beside the
 * model or in it is not. */
static gboolean
find_sizes (const RyNpuModel * self, const RySidecar * sidecar,
    GArray * environment, GArray ** sizes)
{
  gboolean open = has_open_picture (self);

  if (environment != NULL && open) {
    *sizes = g_array_ref (environment);
    return TRUE;
  }
  if (environment != NULL)
    ry_log_warning ("RKNN_STANDIN_SHAPES is left aside: the picture of this "
        "model has one size");
  if (sidecar->sizes != NULL)
    *sizes = g_array_ref (sidecar->sizes);
  else if (!read_metadata_sizes (self, sizes))
    return FALSE;
  if (*sizes == NULL || open)
    return TRUE;
  g_clear_pointer (sizes, g_array_unref);
  ry_log_error ("Several sizes are said of this model, whose picture has one. "
      "Export it with an open height and width, or remove the entry shapes.");
  return FALSE;
}

/* ---- Tensors ------------------------------------------------------------ */

static gboolean
init_inputs (RyNpuModel * self, RyNpuShape * shape,
    const RyTensorContext * context)
{
  shape->inputs = g_new0 (RyNpuTensor, self->n_inputs);
  for (guint i = 0; i < self->n_inputs; i++) {
    if (!ry_npu_tensor_init_input (&shape->inputs[i], i,
            ry_ort_session_input (self->lone, i), context))
      return FALSE;
  }
  return TRUE;
}

static gboolean
has_open_outputs (const RyNpuModel * self)
{
  for (guint i = 0; i < self->n_outputs; i++) {
    const RyOrtTensor *tensor = ry_ort_session_output (self->lone, i);

    for (guint k = 0; k < tensor->rank; k++) {
      if (tensor->shape[k] < 1)
        return TRUE;
    }
  }
  return FALSE;
}

/* Zeros in, to see what shapes come out. */
static gboolean
close_outputs (RyNpuModel * self, const RyNpuShape * shape, GError ** error)
{
  g_autofree OrtValue **values = g_new0 (OrtValue *, self->n_inputs);
  g_autofree gpointer *zeros = g_new0 (gpointer, self->n_inputs);
  gboolean ok = TRUE;

  for (guint i = 0; ok && i < self->n_inputs; i++) {
    const RyNpuTensor *tensor = &shape->inputs[i];

    zeros[i] = g_malloc0 (tensor->onnx_size);
    values[i] = ry_ort_value_new (zeros[i], tensor->onnx_size,
        tensor->onnx.shape, tensor->onnx.rank, tensor->onnx.type, error);
    ok = values[i] != NULL;
  }
  ok = ok && ry_ort_session_probe (self->lone, values, error);
  for (guint i = 0; i < self->n_inputs; i++) {
    ry_ort_value_free (values[i]);
    g_free (zeros[i]);
  }
  return ok;
}

/* After that, the recording has the model's outputs. */
static gboolean
check_recording (const RyNpuModel * self)
{
  g_autoptr (GError) error = NULL;

  if (self->recording == NULL
      || ry_recording_fits (self->recording, self->lone, &error))
    return TRUE;
  ry_log_error ("The recording that RKNN_STANDIN_OUTPUTS names is not of this "
      "model: %s. Name one that was made with it, or unset the variable.",
      error->message);
  return FALSE;
}

/* Another size of the picture has other outputs, even where the file gave
 * their shapes or a size before has shown them. */
static gboolean
init_outputs (RyNpuModel * self, RyNpuShape * shape,
    const RyTensorContext * context)
{
  g_autoptr (GError) error = NULL;

  if ((self->dynamic || has_open_outputs (self))
      && !close_outputs (self, shape, &error)) {
    ry_log_error ("The model does not run to show the shapes of its outputs "
        "for a picture of %u x %u: %s", context->imgsz[1], context->imgsz[0],
        error->message);
    return FALSE;
  }
  if (!check_recording (self))
    return FALSE;
  shape->outputs = g_new0 (RyNpuTensor, self->n_outputs);
  for (guint i = 0; i < self->n_outputs; i++) {
    if (!ry_npu_tensor_init_output (&shape->outputs[i], i,
            ry_ort_session_output (self->lone, i), context))
      return FALSE;
  }
  return TRUE;
}

static gboolean
init_shape (RyNpuModel * self, RyNpuShape * shape,
    const RyTensorContext * context)
{
  return init_inputs (self, shape, context)
      && init_outputs (self, shape, context);
}

static gsize
count_elements (const RyNpuModel * self, const RyNpuShape * shape)
{
  gsize n = 0;

  for (guint i = 0; i < self->n_inputs; i++)
    n += shape->inputs[i].n_elems;
  return n;
}

static gboolean
init_shapes (RyNpuModel * self, RyTensorContext * context, const GArray * sizes)
{
  self->n_inputs = ry_ort_session_n_inputs (self->lone);
  self->n_outputs = ry_ort_session_n_outputs (self->lone);
  self->versions = g_new0 (GSList *, self->n_outputs);
  self->dynamic = sizes != NULL;
  self->n_shapes = self->dynamic ? sizes->len : 1;
  self->shapes = g_new0 (RyNpuShape, self->n_shapes);
  self->largest = &self->shapes[0];
  if (self->dynamic && self->recording != NULL) {
    ry_log_error ("A recording that RKNN_STANDIN_OUTPUTS names has one size "
        "of picture, and this model is to have several. Unset the variable, "
        "or let the model have one size.");
    return FALSE;
  }
  for (guint i = 0; i < self->n_shapes; i++) {
    if (self->dynamic) {
      context->imgsz[0] = g_array_index (sizes, RyPictureSize, i).height;
      context->imgsz[1] = g_array_index (sizes, RyPictureSize, i).width;
    }
    if (!init_shape (self, &self->shapes[i], context))
      return FALSE;
    if (count_elements (self, &self->shapes[i])
        > count_elements (self, self->largest))
      self->largest = &self->shapes[i];
  }
  return TRUE;
}

static gboolean
some_output_is_int8 (const RySidecar * sidecar, const RyRecording * recording)
{
  for (guint i = 0; recording != NULL && i < recording->n; i++) {
    if (!recording->tensors[i].half)
      return TRUE;
  }
  for (guint i = 0; i < sidecar->tensors->len; i++) {
    const RySidecarTensor *tensor =
        &g_array_index (sidecar->tensors, RySidecarTensor, i);

    if (!tensor->input && tensor->has_type && tensor->type == RKNN_TENSOR_INT8)
      return TRUE;
  }
  return FALSE;
}

static gboolean
init_tensors (RyNpuModel * self, const RySidecar * sidecar,
    GArray * environment)
{
  g_autoptr (GArray) sizes = NULL;
  RyTensorContext context = {.settings = &self->settings,.sidecar = sidecar };

  context.recording = self->recording;
  context.mean = sidecar->mean;
  context.std = sidecar->std;
  context.quantized = some_output_is_int8 (sidecar, self->recording);
  read_imgsz (self, context.imgsz);
  return find_sizes (self, sidecar, environment, &sizes)
      && read_metadata (self, "mean_values", ry_sidecar_parse_values,
      &context.mean)
      && read_metadata (self, "std_values", ry_sidecar_parse_divisors,
      &context.std)
      && init_shapes (self, &context, sizes);
}

/* ---- Loading ------------------------------------------------------------ */

static gboolean
load_recording (RyNpuModel * self, const gchar * folder)
{
  g_autoptr (GError) error = NULL;

  if (folder == NULL)
    return TRUE;
  self->recording = ry_recording_load (folder, &error);
  if (self->recording != NULL)
    return TRUE;
  ry_log_error ("RKNN_STANDIN_OUTPUTS is \"%s\", which is not usable: %s. A "
      "folder with manifest.txt and the tensors that it names was expected.",
      folder, error->message);
  return FALSE;
}

static gboolean
open_session (RyNpuModel * self, const RyOrtSource * source, gint * result)
{
  g_autoptr (GError) error = NULL;

  if (ry_ort_version (&error) == NULL) {
    ry_log_error ("failed to open rknn device: %s", error->message);
    *result = RKNN_ERR_FAIL;
    return FALSE;
  }
  /* what is recorded needs no computing */
  self->lone = ry_ort_session_new (source,
      self->recording != NULL ? 1 : self->settings.threads, &error);
  if (self->lone == NULL) {
    ry_log_error ("The model does not load: %s", error->message);
    *result = RKNN_ERR_MODEL_INVALID;
    return FALSE;
  }
  return TRUE;
}

RyNpuModel *
ry_npu_model_new (const RyOrtSource * source, const RySettings * settings,
    RyNpu * npu, guint32 flags, gint * result)
{
  g_autoptr (RyNpuModel) self = g_new0 (RyNpuModel, 1);
  g_autoptr (RySidecar) sidecar = NULL;

  self->refs = 1;
  ry_settings_copy (&self->settings, settings);
  self->npu = ry_npu_ref (npu);
  self->flags = flags;
  g_mutex_init (&self->lock);

  *result = RKNN_ERR_MODEL_INVALID;
  if (!check_source (self, source))
    return NULL;
  sidecar = load_sidecar (source, settings->config);
  if (sidecar == NULL || !check_soc (sidecar, settings)
      || !load_recording (self, settings->outputs)
      || !open_session (self, source, result)
      || !check_names (self, sidecar, settings->config == NULL)
      || !init_tensors (self, sidecar, settings->sizes))
    return NULL;

  if (self->recording == NULL)
    self->pool = ry_pool_new (settings->threads);
  self->custom_string =
      g_strdup (sidecar->custom_string ? sidecar->custom_string : "");
  if (source->data == NULL)
    self->path = g_strdup (source->path);
  else if (settings->threads > 1 && self->recording == NULL)
    self->data = g_bytes_new (source->data, source->size);
  *result = RKNN_SUCC;
  return g_steal_pointer (&self);
}

/* ---- Overlapping runs --------------------------------------------------- */

/* Runs that overlap share the threads of their session, and each brings its
 * own: as many as there are cores, so that together they are the CPUs. */
static guint
overlapping_threads (const RyNpuModel * self)
{
  guint others = self->settings.play.soc->cores - 1;

  return self->settings.threads > others + 1 ?
      self->settings.threads - others : 1;
}

void
ry_npu_model_prepare_overlap (RyNpuModel * self)
{
  g_autoptr (GError) error = NULL;
  guint threads = overlapping_threads (self);
  RyOrtSession *session;
  RyOrtSource source = {.path = self->path };

  if (self->recording != NULL)
    return;
  g_mutex_lock (&self->lock);
  if (self->overlapping == NULL && threads != self->settings.threads) {
    if (self->data != NULL)
      source.data = g_bytes_get_data (self->data, &source.size);
    session = ry_ort_session_new (&source, threads, &error);
    g_atomic_pointer_set (&self->overlapping, session);
    if (session == NULL)
      ry_log_warning ("Overlapping runs will be slower: %s", error->message);
    else
      g_clear_pointer (&self->data, g_bytes_unref);
  }
  g_mutex_unlock (&self->lock);
}

RyOrtSession *
ry_npu_model_session (RyNpuModel * self, gboolean others)
{
  RyOrtSession *overlapping = g_atomic_pointer_get (&self->overlapping);

  return others && overlapping != NULL ? overlapping : self->lone;
}

/* ---- What is recorded --------------------------------------------------- */

static gboolean
same_plan (const RyOutputPlan * a, const RyOutputPlan * b)
{
  return a->way == b->way && a->encoding.type == b->encoding.type
      && a->shape.c2 == b->shape.c2 && a->shape.w_stride == b->shape.w_stride;
}

static RyVersion *
make_version (const RyNpuModel * self, guint index, const RyOutputPlan * plan)
{
  gpointer bytes = ry_aligned_new (plan->bytes);
  RyVersion *version;

  if (bytes == NULL) {
    ry_log_error ("failed to malloc npu memory: %" G_GSIZE_FORMAT
        " bytes for recorded output %u", plan->bytes, index);
    return NULL;
  }
  for (guint piece = 0; piece < ry_output_pieces (plan); piece++)
    ry_output_convert (plan, &self->largest->outputs[index],
        self->recording->tensors[index].values, bytes, piece);
  version = g_new (RyVersion, 1);
  version->plan = *plan;
  version->bytes = bytes;
  return version;
}

gconstpointer
ry_npu_model_recorded (RyNpuModel * self, guint index,
    const RyOutputPlan * plan)
{
  RyVersion *version = NULL;

  g_mutex_lock (&self->lock);
  for (GSList * i = self->versions[index]; i != NULL; i = i->next) {
    RyVersion *known = i->data;

    if (same_plan (&known->plan, plan))
      version = known;
  }
  if (version == NULL) {
    version = make_version (self, index, plan);
    if (version != NULL)
      self->versions[index] = g_slist_prepend (self->versions[index], version);
  }
  g_mutex_unlock (&self->lock);
  return version != NULL ? version->bytes : NULL;
}
