/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The model that the element starts with, and the end of all it has. */

#include "gstrknnyoloprivate.h"

#define GST_CAT_DEFAULT gst_rknn_yolo_debug

static GQuark
gst_domain_of (const GError * error, gint * code)
{
  switch (error->code) {
    case RY_ERROR_NOT_FOUND:
      *code = GST_RESOURCE_ERROR_NOT_FOUND;
      return GST_RESOURCE_ERROR;
    case RY_ERROR_DEVICE:
    case RY_ERROR_RGA:
      *code = GST_RESOURCE_ERROR_OPEN_READ_WRITE;
      return GST_RESOURCE_ERROR;
    case RY_ERROR_MEMORY:
      *code = GST_RESOURCE_ERROR_NO_SPACE_LEFT;
      return GST_RESOURCE_ERROR;
    case RY_ERROR_MODEL:
    case RY_ERROR_HEAD:
      *code = GST_STREAM_ERROR_WRONG_TYPE;
      return GST_STREAM_ERROR;
    case RY_ERROR_SETTINGS:
    case RY_ERROR_LABELS:
      *code = GST_LIBRARY_ERROR_SETTINGS;
      return GST_LIBRARY_ERROR;
    default:
      *code = GST_LIBRARY_ERROR_INIT;
      return GST_LIBRARY_ERROR;
  }
}

void
gst_rknn_yolo_post_load_error (GstRknnYolo * self, GstMessageType type,
    const GError * error, const gchar * text, const gchar * model)
{
  gint code = 0;
  GQuark domain = gst_domain_of (error, &code);

  gst_element_message_full (GST_ELEMENT (self), type, domain, code,
      g_strdup (text), g_strdup_printf ("model=%s", model ? model : "(none)"),
      __FILE__, GST_FUNCTION, __LINE__);
}

void
gst_rknn_yolo_log_model (GstRknnYolo * self, const GstRknnYoloModel * model)
{
  const RyEngineInfo *info = ry_engine_get_info (model->engine);

  GST_INFO_OBJECT (self, "model %s, %ux%u%s: %s", info->model_name,
      info->input_width, info->input_height,
      info->n_input_sizes > 1 ? " and smaller" : "", info->head);
  GST_INFO_OBJECT (self, "runtime %s, version %s, driver %s",
      info->runtime_path, info->runtime_version, info->driver_version);
  GST_INFO_OBJECT (self, "%u cores, %u contexts, first run %" G_GUINT64_FORMAT
      " us", info->n_cores, info->n_contexts, info->first_run_time);
}

void
gst_rknn_yolo_log_input_size (GstRknnYolo * self)
{
  guint width, height;

  if (!self->negotiated
      || ry_engine_get_info (self->model->engine)->n_input_sizes == 1)
    return;
  ry_engine_get_input_size (self->model->engine,
      GST_VIDEO_INFO_WIDTH (&self->info), GST_VIDEO_INFO_HEIGHT (&self->info),
      &width, &height);
  GST_INFO_OBJECT (self, "frames of %dx%d are looked at in %ux%u",
      GST_VIDEO_INFO_WIDTH (&self->info), GST_VIDEO_INFO_HEIGHT (&self->info),
      width, height);
}

static GstRknnYoloModel *
load_model (GstRknnYolo * self)
{
  GstRknnYoloInstances *instances =
      ((GstRknnYoloClass *) G_OBJECT_GET_CLASS (self))->instances;
  g_autofree gchar *warning = NULL, *instance_id = NULL;
  g_autoptr (GError) error = NULL;
  GstRknnYoloModelConfig config = { NULL, };
  GstRknnYoloModel *model;

  GST_OBJECT_LOCK (self);
  gst_rknn_yolo_model_config_copy (&self->config, &config);
  self->model_set = FALSE;
  instance_id = g_strdup (self->instance_id);
  GST_OBJECT_UNLOCK (self);

  model = gst_rknn_yolo_model_load (&self->models, instances, instance_id,
      &config, &warning, &error);
  if (!model)
    gst_rknn_yolo_post_load_error (self, GST_MESSAGE_ERROR, error,
        error->message, config.model);
  else if (warning)
    GST_ELEMENT_WARNING (self, LIBRARY, SETTINGS, ("%s", warning),
        ("model=%s", config.model));
  gst_rknn_yolo_model_config_clear (&config);
  return model;
}

gboolean
gst_rknn_yolo_load_open (GstRknnYolo * self)
{
  GstRknnYoloModel *model = load_model (self);
  g_autofree gchar *unknown = NULL;

  if (!model)
    return FALSE;
  gst_rknn_yolo_log_model (self, model);

  g_rec_mutex_lock (&self->engine_lock);
  self->model = model;
  gst_rknn_yolo_settings_update (self, &unknown);
  g_rec_mutex_unlock (&self->engine_lock);
  if (unknown)
    gst_rknn_yolo_settings_warn (self, unknown);

  gst_rknn_yolo_queue_reset_counters (self->queue);
  gst_rknn_yolo_queue_reset_latency (self->queue);
  GST_OBJECT_LOCK (self);
  self->reported_latency = GST_CLOCK_TIME_NONE;
  self->frame_duration = 0;
  self->reserved = 0;
  self->reserve_more = FALSE;
  self->warned_unreadable = FALSE;
  self->told_rga = 0;
  GST_OBJECT_UNLOCK (self);
  return TRUE;
}

/* What may wait (for running jobs) or run code of others (buffers that go) is
 * done without the lock. */
void
gst_rknn_yolo_load_close (GstRknnYolo * self)
{
  GSList *models;

  g_rec_mutex_lock (&self->engine_lock);
  models = g_steal_pointer (&self->retired_models);
  if (self->model)
    models = g_slist_prepend (models, g_steal_pointer (&self->model));
  GST_OBJECT_LOCK (self);
  if (self->next_model)
    models = g_slist_prepend (models, g_steal_pointer (&self->next_model));
  GST_OBJECT_UNLOCK (self);
  g_rec_mutex_unlock (&self->engine_lock);
  g_slist_free_full (models, (GDestroyNotify) gst_rknn_yolo_model_free);
}
