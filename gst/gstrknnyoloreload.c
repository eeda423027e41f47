/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Another model while the stream runs.
 *
 * A thread of its own, which begins with the first change and ends on the way
 * to READY, loads it and puts it beside the one in use (next_model); the sink
 * pad's thread takes it between two frames.  The old one is retired; when the
 * last of its frames has left, the thread frees it: in a thread of the engine
 * that would wait for itself, in the source pad's task it would hold up the
 * stream. */

#include "gstrknnyoloprivate.h"

#include <string.h>

#define GST_CAT_DEFAULT gst_rknn_yolo_debug

/* The model that the next frames get.  Only this thread, and those who have
 * joined it, free models, so the pointer stays valid here. */
static GstRknnYoloModel *
get_newest (GstRknnYolo * self)
{
  GstRknnYoloModel *newest;

  g_rec_mutex_lock (&self->engine_lock);
  GST_OBJECT_LOCK (self);
  newest = self->next_model ? self->next_model : self->model;
  GST_OBJECT_UNLOCK (self);
  g_rec_mutex_unlock (&self->engine_lock);
  return newest;
}

/* Call with the group's lock held, in the thread itself. */
static gboolean
is_stopped (GstRknnYolo * self)
{
  return self->reload_thread != g_thread_self ();
}

static gboolean
is_superseded (gpointer data)
{
  GstRknnYolo *self = data;
  gboolean superseded;

  g_mutex_lock (&self->models.lock);
  superseded = self->reload_requested || is_stopped (self);
  g_mutex_unlock (&self->models.lock);
  return superseded;
}

/* ---- after a failure ------------------------------------------------------ */

/* What was set anew meanwhile is left alone. */
static void
restore_string (GstRknnYolo * self, gchar ** property, const gchar * refused,
    const gchar * used, const gchar * name, GPtrArray * changed)
{
  if (g_strcmp0 (*property, refused) != 0 || g_strcmp0 (refused, used) == 0)
    return;
  g_free (*property);
  *property = g_strdup (used);
  g_ptr_array_add (changed, (gpointer) name);
}

static void
restore_number (guint * property, guint refused, guint used,
    const gchar * name, GPtrArray * changed)
{
  if (*property != refused || refused == used)
    return;
  *property = used;
  g_ptr_array_add (changed, (gpointer) name);
}

/* The properties tell again what is in use.  Call with the object lock held;
 * the names of those that changed are added to changed. */
static void
restore_config (GstRknnYolo * self, const GstRknnYoloModelConfig * refused,
    const GstRknnYoloModelConfig * used, GPtrArray * changed)
{
  GstRknnYoloModelConfig *now = &self->config;

  restore_string (self, &now->model, refused->model, used->model, "model",
      changed);
  restore_string (self, &now->labels, refused->labels, used->labels, "labels",
      changed);
  restore_string (self, &now->runtime_library, refused->runtime_library,
      used->runtime_library, "runtime-library", changed);
  restore_string (self, &now->cores, refused->cores, used->cores, "cores",
      changed);
  restore_string (self, &now->cpu_affinity, refused->cpu_affinity,
      used->cpu_affinity, "cpu-affinity", changed);
  restore_string (self, &now->head, refused->head, used->head, "head", changed);
  restore_number (&now->contexts_per_core, refused->contexts_per_core,
      used->contexts_per_core, "contexts-per-core", changed);
  restore_number (&now->inference_timeout, refused->inference_timeout,
      used->inference_timeout, "inference-timeout", changed);
  restore_number (&now->npu_priority, refused->npu_priority,
      used->npu_priority, "npu-priority", changed);
  restore_number (&now->sram, refused->sram, used->sram, "sram", changed);
  if (now->bgr == refused->bgr && refused->bgr != used->bgr) {
    now->bgr = used->bgr;
    g_ptr_array_add (changed, (gpointer) "channel-order");
  }
}

/* Who hears of it may stop the element then and there: this comes last. */
static void
refuse (GstRknnYolo * self, const GstRknnYoloModelConfig * config,
    const GstRknnYoloModel * used, const GError * error)
{
  g_autoptr (GPtrArray) changed = g_ptr_array_new ();
  /* An instance may have another model than this element named, if any. */
  g_autofree gchar *text = g_strdup_printf ("%s The model %s stays in use.",
      error->message, ry_engine_get_info (used->engine)->model_name);
  g_autofree gchar *model = g_strdup (config->model);

  g_mutex_lock (&self->models.lock);
  if (!self->reload_requested && !is_stopped (self)) {
    GST_OBJECT_LOCK (self);
    restore_config (self, config, &used->config, changed);
    GST_OBJECT_UNLOCK (self);
  }
  g_mutex_unlock (&self->models.lock);

  for (guint i = 0; i < changed->len; i++)
    g_object_notify (G_OBJECT (self), g_ptr_array_index (changed, i));
  gst_rknn_yolo_post_load_error (self, GST_MESSAGE_WARNING, error, text, model);
}

/* ---- the thread ----------------------------------------------------------- */

static void
offer (GstRknnYolo * self, GstRknnYoloModel * model)
{
  GstRknnYoloModel *missed;

  g_rec_mutex_lock (&self->engine_lock);
  GST_OBJECT_LOCK (self);
  missed = self->next_model;
  self->next_model = model;
  GST_OBJECT_UNLOCK (self);
  g_rec_mutex_unlock (&self->engine_lock);
  if (missed)
    gst_rknn_yolo_model_free (missed);
}

static void
change_model (GstRknnYolo * self, const GstRknnYoloModelConfig * config)
{
  GstRknnYoloModel *newest = get_newest (self), *model;
  g_autofree gchar *warning = NULL;
  g_autoptr (GError) error = NULL;

  GST_DEBUG_OBJECT (self, "loading %s", config->model);
  model = gst_rknn_yolo_model_load_instead (newest, config, is_superseded,
      self, &warning, &error);
  if (model) {
    offer (self, model);
    if (warning)
      GST_ELEMENT_WARNING (self, LIBRARY, SETTINGS, ("%s", warning),
          ("model=%s", config->model));
  } else if (error && !is_superseded (self)) {
    refuse (self, config, newest, error);
  } else {
    GST_INFO_OBJECT (self, "%s: %s", config->model,
        error ? error->message : "superseded while it was loaded");
  }
}

static void
free_unused (GstRknnYolo * self)
{
  GSList *unused = NULL, *used = NULL, *next;

  g_rec_mutex_lock (&self->engine_lock);
  for (GSList * i = self->retired_models; i; i = next) {
    GSList **list = gst_rknn_yolo_model_is_unused (i->data) ? &unused : &used;

    next = i->next;
    i->next = *list;
    *list = i;
  }
  self->retired_models = used;
  g_rec_mutex_unlock (&self->engine_lock);
  g_slist_free_full (unused, (GDestroyNotify) gst_rknn_yolo_model_free);
}

static gpointer
reload_main (gpointer data)
{
  GstRknnYolo *self = data;

  g_mutex_lock (&self->models.lock);
  while (!is_stopped (self)) {
    if (self->reload_requested) {
      GstRknnYoloModelConfig config = self->reload_config;

      memset (&self->reload_config, 0, sizeof (self->reload_config));
      self->reload_requested = FALSE;
      g_mutex_unlock (&self->models.lock);
      change_model (self, &config);
      gst_rknn_yolo_model_config_clear (&config);
      g_mutex_lock (&self->models.lock);
    } else if (self->models.any_unused) {
      self->models.any_unused = FALSE;
      g_mutex_unlock (&self->models.lock);
      free_unused (self);
      g_mutex_lock (&self->models.lock);
    } else {
      g_cond_wait (&self->models.changed, &self->models.lock);
    }
  }
  g_mutex_unlock (&self->models.lock);
  gst_object_unref (self);
  return NULL;
}

/* ---- from other threads --------------------------------------------------- */

/* Takes the properties as they are, if model was set.  Call with the group's
 * lock held. */
static gboolean
take_request (GstRknnYolo * self)
{
  gboolean requested;

  GST_OBJECT_LOCK (self);
  requested = self->model_set;
  self->model_set = FALSE;
  if (requested) {
    gst_rknn_yolo_model_config_clear (&self->reload_config);
    gst_rknn_yolo_model_config_copy (&self->config, &self->reload_config);
  }
  GST_OBJECT_UNLOCK (self);
  return requested;
}

void
gst_rknn_yolo_reload_check (GstRknnYolo * self)
{
  g_autoptr (GError) error = NULL;

  g_mutex_lock (&self->models.lock);
  if (self->reload_open && take_request (self)) {
    self->reload_requested = TRUE;
    if (!self->reload_thread) {
      self->reload_thread = g_thread_try_new ("rknnyolo-model", reload_main,
          gst_object_ref (self), &error);
      if (!self->reload_thread)
        gst_object_unref (self);
    }
    g_cond_signal (&self->models.changed);
  }
  g_mutex_unlock (&self->models.lock);
  if (error)
    GST_ELEMENT_WARNING (self, RESOURCE, FAILED,
        ("The model is not changed: the system has no thread to load it (%s). "
            "Raise the limit of threads (ulimit -u) and set it again.",
            error->message), (NULL));
}

void
gst_rknn_yolo_reload_start (GstRknnYolo * self)
{
  g_mutex_lock (&self->models.lock);
  self->reload_open = TRUE;
  g_mutex_unlock (&self->models.lock);
  /* model may have been set while the first one was loaded. */
  gst_rknn_yolo_reload_check (self);
}

void
gst_rknn_yolo_reload_stop (GstRknnYolo * self)
{
  GThread *thread;

  g_mutex_lock (&self->models.lock);
  self->reload_open = FALSE;
  self->reload_requested = FALSE;
  gst_rknn_yolo_model_config_clear (&self->reload_config);
  thread = g_steal_pointer (&self->reload_thread);
  g_cond_signal (&self->models.changed);
  g_mutex_unlock (&self->models.lock);

  /* It is the thread itself if somebody who heard of a failure stops the
   * element; then it ends when it gets there. */
  if (thread && thread == g_thread_self ())
    g_thread_unref (thread);
  else if (thread)
    g_thread_join (thread);
}

static void
post_changed (GstRknnYolo * self, const GstRknnYoloModel * model)
{
  const RyEngineInfo *info = ry_engine_get_info (model->engine);
  GstStructure *structure = gst_structure_new ("rknnyolo-model-changed",
      "model", G_TYPE_STRING, info->model_name,
      "location", G_TYPE_STRING, model->config.model,
      "head", G_TYPE_STRING, info->head, NULL);

  gst_element_post_message (GST_ELEMENT (self),
      gst_message_new_element (GST_OBJECT (self), structure));
}

void
gst_rknn_yolo_reload_switch (GstRknnYolo * self)
{
  g_autofree gchar *unknown = NULL;
  GstRknnYoloModel *old, *next;

  g_rec_mutex_lock (&self->engine_lock);
  GST_OBJECT_LOCK (self);
  next = g_steal_pointer (&self->next_model);
  GST_OBJECT_UNLOCK (self);
  old = self->model;
  self->model = next;
  self->retired_models = g_slist_prepend (self->retired_models, old);
  gst_rknn_yolo_settings_update (self, &unknown);
  g_rec_mutex_unlock (&self->engine_lock);
  gst_rknn_yolo_model_retire (old);

  gst_rknn_yolo_log_model (self, next);
  gst_rknn_yolo_log_input_size (self);
  gst_rknn_yolo_latency_restart (self);
  if (unknown)
    gst_rknn_yolo_settings_warn (self, unknown);
  post_changed (self, next);
}
