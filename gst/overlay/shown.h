/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is drawn of a frame, kept apart from the frame: frames without
 * inference go on showing it. */

#pragma once

#include <rknnyolo/detections.h>

G_BEGIN_DECLS

typedef struct
{
  RknnyoloDetection detection;  /* its meta is NULL */
  RknnyoloMask mask;            /* bytes, a reference, is NULL: none */
  gboolean is_oriented;
  RknnyoloOrientedBox oriented; /* if it is */
  guint first_keypoint, n_keypoints;    /* among those of RyShown */
} RyShownObject;

typedef struct
{
  GArray *objects;              /* RyShownObject */
  GArray *keypoints;            /* RknnyoloKeypoint */
} RyShown;

void ry_shown_init (RyShown * self);
void ry_shown_clear (RyShown * self);

/* The memory stays. */
void ry_shown_forget (RyShown * self);

/* Takes all detections of the buffer in place of what was there. */
void ry_shown_take (RyShown * self, GstBuffer * buffer);

G_END_DECLS
