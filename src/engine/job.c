/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Jobs and the settings they share. */

#include "engine/engine.h"

#include <string.h>

RySettings *
ry_settings_new (const RyDecodeParams * decode, RyLetterboxMode letterbox,
    RyPreprocessMode preprocess, guint n_classes)
{
  RySettings *self = g_new0 (RySettings, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->decode = *decode;
  self->letterbox = letterbox;
  self->preprocess = preprocess;
  if (decode->classes) {
    gsize size = n_classes * sizeof (gboolean);
    self->decode.classes = g_memdup2 (decode->classes, size);
  }
  return self;
}

RySettings *
ry_settings_ref (RySettings * self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
ry_settings_unref (RySettings * self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_free ((gpointer) self->decode.classes);
  g_free (self);
}

void
ry_job_init (RyJob * self)
{
  memset (self, 0, sizeof (*self));
  self->detections = g_array_new (FALSE, FALSE, sizeof (RyDetection));
  self->keypoints = g_array_new (FALSE, FALSE, sizeof (RyKeypoint));
  self->masks = g_byte_array_new ();
  self->link.data = self;
  self->core = -1;
}

void
ry_job_reset (RyJob * self)
{
  g_clear_pointer (&self->settings, ry_settings_unref);
  g_clear_error (&self->error);
  g_clear_pointer (&self->rga_note, g_free);
  self->rga_reason = RY_RGA_REASON_NONE;
  g_array_set_size (self->detections, 0);
  g_array_set_size (self->keypoints, 0);
  g_byte_array_set_size (self->masks, 0);
  self->core = -1;
  self->run_time = 0;
}

void
ry_job_clear (RyJob * self)
{
  ry_job_reset (self);
  g_array_unref (self->detections);
  g_array_unref (self->keypoints);
  g_byte_array_unref (self->masks);
}
