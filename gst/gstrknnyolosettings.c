/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How frames are looked at, and how many are held: what follows from the live
 * properties and the model together. */

#include "gstrknnyoloprivate.h"

#define GST_CAT_DEFAULT gst_rknn_yolo_debug

/* Frames inside the element, with those without inference that pile up behind
 * one with, are at most so many times those with.  It bounds the memory held
 * and the pools that upstream allocates, however large interval is. */
#define PASSING_FRAMES 4

static gint
find_class (GstRknnYolo * self, const gchar * word, guint n_classes)
{
  guint64 number;
  gint class_id = ry_engine_find_label (self->model->engine, word);

  if (class_id >= 0)
    return class_id;
  if (n_classes > 0
      && g_ascii_string_to_unsigned (word, 10, 0, n_classes - 1, &number, NULL))
    return number;
  return -1;
}

/* Makes a flag for each class of names ("person, 2"); NULL for all classes.
 * The first word that names no class is put into *unknown. */
static gboolean *
select_classes (GstRknnYolo * self, const gchar * names, gchar ** unknown)
{
  guint n_classes = ry_engine_get_info (self->model->engine)->n_classes;
  g_auto (GStrv) words = g_strsplit (names ? names : "", ",", -1);
  gboolean *selected = NULL;

  for (guint i = 0; words[i]; i++) {
    const gchar *word = g_strstrip (words[i]);
    gint class_id;

    if (!*word)
      continue;
    if (!selected)
      selected = g_new0 (gboolean, MAX (n_classes, 1));
    class_id = find_class (self, word, n_classes);
    if (class_id >= 0)
      selected[class_id] = TRUE;
    else if (!*unknown)
      *unknown = g_strdup (word);
  }
  return selected;
}

static void
update_settings (GstRknnYolo * self, gchar ** unknown)
{
  g_autofree gboolean *selected = NULL;
  g_autofree gchar *names = NULL;
  RySettings *settings, *old;
  RyDecodeParams decode;

  GST_OBJECT_LOCK (self);
  names = g_strdup (self->classes);
  GST_OBJECT_UNLOCK (self);
  selected = select_classes (self, names, unknown);

  GST_OBJECT_LOCK (self);
  decode = self->decode;
  decode.classes = selected;
  settings = ry_settings_new (&decode, self->letterbox,
      self->config.preprocess,
      ry_engine_get_info (self->model->engine)->n_classes);
  old = self->settings;
  self->settings = settings;
  GST_OBJECT_UNLOCK (self);
  if (old)
    ry_settings_unref (old);
}

void
gst_rknn_yolo_settings_warn (GstRknnYolo * self, const gchar * word)
{
  GST_ELEMENT_WARNING (self, LIBRARY, SETTINGS,
      ("The model has no class \"%s\", which the property classes names. "
          "Expected are labels of the model or numbers of its classes, "
          "counted from 0; the other words of the list are used.", word),
      (NULL));
}

void
gst_rknn_yolo_get_limits (GstRknnYolo * self, guint * max_jobs,
    guint * max_frames)
{
  const RyEngineInfo *info = ry_engine_get_info (self->model->engine);
  guint enough = (info->n_contexts + 1) * info->batch;

  GST_OBJECT_LOCK (self);
  *max_jobs = self->max_in_flight ? self->max_in_flight : enough;
  if (self->overload == GST_RKNN_YOLO_OVERLOAD_SKIP || self->qos)
    *max_frames = *max_jobs * PASSING_FRAMES;
  else
    *max_frames = *max_jobs * MIN (self->interval, PASSING_FRAMES);
  GST_OBJECT_UNLOCK (self);
}

void
gst_rknn_yolo_settings_update (GstRknnYolo * self, gchar ** unknown)
{
  guint max_jobs, max_frames;

  update_settings (self, unknown);
  gst_rknn_yolo_get_limits (self, &max_jobs, &max_frames);
  gst_rknn_yolo_queue_set_limits (self->queue, max_jobs, max_frames);
  GST_OBJECT_LOCK (self);
  self->reserve_more = self->reserved > 0 && max_frames > self->reserved;
  GST_OBJECT_UNLOCK (self);
}
