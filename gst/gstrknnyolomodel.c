/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gstrknnyolomodel.h"

#include <gst/gst.h>

#include "ryerror.h"

GST_DEBUG_CATEGORY_EXTERN (gst_rknn_yolo_debug);
#define GST_CAT_DEFAULT gst_rknn_yolo_debug

void
gst_rknn_yolo_model_config_copy (const GstRknnYoloModelConfig * self,
    GstRknnYoloModelConfig * copy)
{
  *copy = *self;
  copy->model = g_strdup (self->model);
  copy->labels = g_strdup (self->labels);
  copy->runtime_library = g_strdup (self->runtime_library);
  copy->cores = g_strdup (self->cores);
  copy->cpu_affinity = g_strdup (self->cpu_affinity);
  copy->head = g_strdup (self->head);
}

void
gst_rknn_yolo_model_config_clear (GstRknnYoloModelConfig * self)
{
  g_clear_pointer (&self->model, g_free);
  g_clear_pointer (&self->labels, g_free);
  g_clear_pointer (&self->runtime_library, g_free);
  g_clear_pointer (&self->cores, g_free);
  g_clear_pointer (&self->cpu_affinity, g_free);
  g_clear_pointer (&self->head, g_free);
}

/* FALSE if there must be one and is none. */
static gboolean
choose_rga (GstRknnYoloInstances * instances, const gchar * instance_id,
    const GstRknnYoloModelConfig * config, RyEngineConfig * engine_config,
    GError ** error)
{
  g_autoptr (GError) reason = NULL;

  /* Who joins an instance later may want RGA although the first did not. */
  if (config->preprocess == RY_PREPROCESS_CPU && !(instance_id && *instance_id))
    return TRUE;
  engine_config->need_rga = config->preprocess == RY_PREPROCESS_RGA;
  engine_config->rga = gst_rknn_yolo_instances_get_rga (instances, &reason);
  if (engine_config->rga)
    return TRUE;
  GST_INFO ("frames are preprocessed by the CPU: %s", reason->message);
  if (!engine_config->need_rga)
    return TRUE;
  g_set_error (error, RY_ERROR, RY_ERROR_RGA,
      "%s preprocess=rga was asked for; set auto or cpu to have the CPU make "
      "the inputs.", reason->message);
  return FALSE;
}

static RyEngine *
load_engine (GstRknnYoloInstances * instances, const gchar * instance_id,
    const GstRknnYoloModelConfig * config, gchar ** warning, GError ** error)
{
  RyEngineConfig engine_config = { NULL, };
  RyEngine *engine;

  engine_config.model = config->model;
  engine_config.labels = config->labels;
  engine_config.runtime_library = config->runtime_library;
  engine_config.cores = config->cores;
  engine_config.contexts_per_core = config->contexts_per_core;
  engine_config.cpu_affinity = config->cpu_affinity;
  engine_config.inference_timeout = config->inference_timeout;
  engine_config.head = config->head;
  engine_config.bgr = config->bgr;
  engine_config.npu_priority = config->npu_priority;
  engine_config.sram = config->sram;
  if (!choose_rga (instances, instance_id, config, &engine_config, error))
    return NULL;
  engine = gst_rknn_yolo_instances_acquire (instances, instance_id,
      &engine_config, warning, error);
  g_clear_pointer (&engine_config.rga, ry_rga_unref);
  return engine;
}

/* Takes the engine. */
static GstRknnYoloModel *
new_model (GstRknnYoloModelGroup * group, GstRknnYoloInstances * instances,
    const gchar * instance_id, const GstRknnYoloModelConfig * config,
    RyEngine * engine)
{
  GstRknnYoloModel *self = g_new0 (GstRknnYoloModel, 1);

  self->engine = engine;
  self->session = ry_session_new (engine);
  gst_rknn_yolo_model_config_copy (config, &self->config);
  self->instance_id = g_strdup (instance_id);
  self->instances = instances;
  self->group = group;
  return self;
}

GstRknnYoloModel *
gst_rknn_yolo_model_load (GstRknnYoloModelGroup * group,
    GstRknnYoloInstances * instances, const gchar * instance_id,
    const GstRknnYoloModelConfig * config, gchar ** warning, GError ** error)
{
  RyEngine *engine = load_engine (instances, instance_id, config, warning,
      error);

  if (!engine)
    return NULL;
  return new_model (group, instances, instance_id, config, engine);
}

static void
set_shared_error (GError ** error, const gchar * instance_id,
    const gchar * model)
{
  g_set_error (error, RY_ERROR, RY_ERROR_SETTINGS,
      "The model instance \"%s\" is used by other elements as well, so its "
      "model cannot be changed to %s. Stop the others first, or give this "
      "element a model-instance-id of its own before it starts.", instance_id,
      model ? model : "none");
}

GstRknnYoloModel *
gst_rknn_yolo_model_load_instead (GstRknnYoloModel * old,
    const GstRknnYoloModelConfig * config,
    GstRknnYoloModelSuperseded superseded, gpointer data, gchar ** warning,
    GError ** error)
{
  RyEngine *engine;

  /* Asked twice: others may come while the model is loaded, but if they are
   * there already nothing need be loaded. */
  if (gst_rknn_yolo_instances_is_shared (old->instances, old->instance_id)) {
    set_shared_error (error, old->instance_id, config->model);
    return NULL;
  }
  engine = load_engine (old->instances, NULL, config, warning, error);
  if (!engine)
    return NULL;
  if (superseded (data)) {
    ry_engine_unref (engine);
    return NULL;
  }
  if (!gst_rknn_yolo_instances_replace (old->instances, old->instance_id,
          old->engine, engine, config->model)) {
    set_shared_error (error, old->instance_id, config->model);
    ry_engine_unref (engine);
    return NULL;
  }
  return new_model (old->group, old->instances, old->instance_id, config,
      engine);
}

void
gst_rknn_yolo_model_free (GstRknnYoloModel * self)
{
  ry_session_free (self->session);
  gst_rknn_yolo_instances_release (self->instances, self->instance_id,
      self->engine);
  gst_rknn_yolo_model_config_clear (&self->config);
  g_free (self->instance_id);
  g_free (self);
}

GstRknnYoloModel *
gst_rknn_yolo_model_use (GstRknnYoloModel * self)
{
  g_mutex_lock (&self->group->lock);
  self->users++;
  g_mutex_unlock (&self->group->lock);
  return self;
}

/* Call with the group's lock held. */
static void
tell_if_unused (GstRknnYoloModel * self)
{
  if (self->users > 0 || !self->retired)
    return;
  self->group->any_unused = TRUE;
  g_cond_signal (&self->group->changed);
}

void
gst_rknn_yolo_model_unuse (GstRknnYoloModel * self)
{
  GstRknnYoloModelGroup *group = self->group;

  g_mutex_lock (&group->lock);
  self->users--;
  tell_if_unused (self);
  g_mutex_unlock (&group->lock);
}

void
gst_rknn_yolo_model_retire (GstRknnYoloModel * self)
{
  GstRknnYoloModelGroup *group = self->group;

  g_mutex_lock (&group->lock);
  self->retired = TRUE;
  tell_if_unused (self);
  g_mutex_unlock (&group->lock);
}

gboolean
gst_rknn_yolo_model_is_unused (GstRknnYoloModel * self)
{
  gboolean unused;

  g_mutex_lock (&self->group->lock);
  unused = self->retired && self->users == 0;
  g_mutex_unlock (&self->group->lock);
  return unused;
}
