/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gstrknnyoloinstances.h"

typedef struct
{
  RyEngine *engine;
  gchar *model;
  guint users;
} Instance;

struct _GstRknnYoloInstances
{
  /* Held while a model is loaded, so that two elements with one id do not load
   * it twice.  The engine's own lock is taken under it, by its first run among
   * others, and no lock of an element: whoever waits here must not be waited
   * for by the thread that loads. */
  GMutex lock;
  GHashTable *by_id;            /* gchar * to Instance */

  /* Held while the library is opened; no other lock is taken under it.  RGA is
   * kept for the life of the process: its gate only serves if all share it, and
   * memories that outlive an engine are imported in it. */
  GMutex rga_lock;
  RyRga *rga;
  gchar *rga_library;           /* that was asked for; NULL: librga */
};

static void
free_instance (gpointer data)
{
  Instance *instance = data;

  ry_engine_unref (instance->engine);
  g_free (instance->model);
  g_free (instance);
}

GstRknnYoloInstances *
gst_rknn_yolo_instances_new (void)
{
  GstRknnYoloInstances *self = g_new0 (GstRknnYoloInstances, 1);

  g_mutex_init (&self->lock);
  g_mutex_init (&self->rga_lock);
  self->by_id = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      free_instance);
  return self;
}

static RyEngine *
join_instance (Instance * instance, const gchar * id,
    const RyEngineConfig * config, gchar ** warning)
{
  if (config->model && g_strcmp0 (config->model, instance->model) != 0)
    *warning = g_strdup_printf ("The model instance \"%s\" has the model %s "
        "already; %s is not loaded. Give this element a model-instance-id of "
        "its own to use another model.", id, instance->model, config->model);
  instance->users++;
  return ry_engine_ref (instance->engine);
}

static RyEngine *
found_instance (GstRknnYoloInstances * self, const gchar * id,
    const RyEngineConfig * config, gchar ** warning, GError ** error)
{
  RyEngine *engine = ry_engine_new (config, warning, error);
  Instance *instance;

  if (!engine)
    return NULL;
  instance = g_new0 (Instance, 1);
  instance->engine = ry_engine_ref (engine);
  instance->model = g_strdup (config->model);
  instance->users = 1;
  g_hash_table_insert (self->by_id, g_strdup (id), instance);
  return engine;
}

RyEngine *
gst_rknn_yolo_instances_acquire (GstRknnYoloInstances * self, const gchar * id,
    const RyEngineConfig * config, gchar ** warning, GError ** error)
{
  Instance *instance;
  RyEngine *engine;

  if (!id || !*id)
    return ry_engine_new (config, warning, error);

  g_mutex_lock (&self->lock);
  instance = g_hash_table_lookup (self->by_id, id);
  if (instance)
    engine = join_instance (instance, id, config, warning);
  else
    engine = found_instance (self, id, config, warning, error);
  g_mutex_unlock (&self->lock);
  return engine;
}

gboolean
gst_rknn_yolo_instances_is_shared (GstRknnYoloInstances * self,
    const gchar * id)
{
  Instance *instance;
  gboolean shared;

  if (!id || !*id)
    return FALSE;
  g_mutex_lock (&self->lock);
  instance = g_hash_table_lookup (self->by_id, id);
  shared = instance && instance->users > 1;
  g_mutex_unlock (&self->lock);
  return shared;
}

gboolean
gst_rknn_yolo_instances_replace (GstRknnYoloInstances * self, const gchar * id,
    RyEngine * old, RyEngine * engine, const gchar * model)
{
  Instance *instance;
  gboolean alone;

  if (!id || !*id)
    return TRUE;
  g_mutex_lock (&self->lock);
  instance = g_hash_table_lookup (self->by_id, id);
  alone = instance && instance->engine == old && instance->users == 1;
  if (alone) {
    /* Never its last reference: the caller has one. */
    ry_engine_unref (instance->engine);
    instance->engine = ry_engine_ref (engine);
    g_free (instance->model);
    instance->model = g_strdup (model);
  }
  g_mutex_unlock (&self->lock);
  return alone;
}

void
gst_rknn_yolo_instances_release (GstRknnYoloInstances * self, const gchar * id,
    RyEngine * engine)
{
  if (id && *id) {
    Instance *instance;

    g_mutex_lock (&self->lock);
    instance = g_hash_table_lookup (self->by_id, id);
    if (instance && instance->engine == engine && --instance->users == 0)
      g_hash_table_remove (self->by_id, id);
    g_mutex_unlock (&self->lock);
  }
  ry_engine_unref (engine);
}

RyRga *
gst_rknn_yolo_instances_get_rga (GstRknnYoloInstances * self, GError ** error)
{
  const gchar *library = g_getenv (RY_RGA_ENVIRONMENT);
  RyRga *rga = NULL;

  if (library && !*library)
    library = NULL;
  g_mutex_lock (&self->rga_lock);
  if (self->rga && g_strcmp0 (library, self->rga_library) != 0)
    g_clear_pointer (&self->rga, ry_rga_unref);
  if (self->rga) {
    ry_rga_retry (self->rga);
  } else {
    self->rga = ry_rga_new (library, error);
    g_free (self->rga_library);
    self->rga_library = g_strdup (library);
  }
  if (self->rga)
    rga = ry_rga_ref (self->rga);
  g_mutex_unlock (&self->rga_lock);
  return rga;
}
