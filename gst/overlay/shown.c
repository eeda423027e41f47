/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "shown.h"

/* Objects with more points than anybody draws are not worth the memory. */
#define MAX_KEYPOINTS 1024

static void
clear_object (gpointer object)
{
  g_clear_pointer (&((RyShownObject *) object)->mask.bytes, g_bytes_unref);
}

void
ry_shown_init (RyShown * self)
{
  self->objects = g_array_new (FALSE, TRUE, sizeof (RyShownObject));
  g_array_set_clear_func (self->objects, clear_object);
  self->keypoints = g_array_new (FALSE, TRUE, sizeof (RknnyoloKeypoint));
}

void
ry_shown_clear (RyShown * self)
{
  g_clear_pointer (&self->objects, g_array_unref);
  g_clear_pointer (&self->keypoints, g_array_unref);
}

void
ry_shown_forget (RyShown * self)
{
  g_array_set_size (self->objects, 0);
  g_array_set_size (self->keypoints, 0);
}

static void
take_keypoints (RyShown * self, RyShownObject * object, GstBuffer * buffer)
{
  guint n = rknnyolo_detection_get_keypoints (&object->detection, buffer, NULL,
      0);

  if (n == 0 || n > MAX_KEYPOINTS)
    return;
  object->first_keypoint = self->keypoints->len;
  object->n_keypoints = n;
  g_array_set_size (self->keypoints, self->keypoints->len + n);
  rknnyolo_detection_get_keypoints (&object->detection, buffer,
      &g_array_index (self->keypoints, RknnyoloKeypoint,
          object->first_keypoint), n);
}

void
ry_shown_take (RyShown * self, GstBuffer * buffer)
{
  RknnyoloDetection detection;
  gpointer state = NULL;

  ry_shown_forget (self);
  while (rknnyolo_buffer_next_detection (buffer, &state, &detection)) {
    RyShownObject object = { detection, };

    if (rknnyolo_detection_get_mask (&detection, buffer, &object.mask))
      g_bytes_ref (object.mask.bytes);
    object.is_oriented = rknnyolo_detection_get_oriented_box (&detection,
        buffer, &object.oriented);
    take_keypoints (self, &object, buffer);
    object.detection.meta = NULL;
    g_array_append_val (self->objects, object);
  }
}
