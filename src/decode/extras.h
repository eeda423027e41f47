/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What belongs to the boxes that were kept: their keypoints or masks. */

#pragma once

#include "decode/head.h"
#include "decode/suppress.h"

G_BEGIN_DECLS
/* Masks of a frame get no more memory than this, which is 2600 times the whole
 * of an input of 640 x 640; those of the boxes behind are empty. */
#define RY_MAX_MASK_BYTES (64u << 20)
typedef struct
{
  RyKeypoint *keypoints;        /* n_keypoints of each box */
  gsize keypoints_size;
  guint n_keypoints;
  RyMask *masks;
  guint masks_size;
  guint8 *bytes;                /* of all masks, one after another */
  gsize bytes_size;
  RyProtoBuffer buffer;
  RyTask task;                  /* of the last frame */
  guint n_boxes;
} RyExtras;

void ry_extras_init (RyExtras * self);
void ry_extras_clear (RyExtras * self);

/* Forgets the last frame. */
void ry_extras_begin (RyExtras * self);

/* For the boxes of boxes; kept until the next frame. */
void ry_extras_run (RyExtras * self, const RyHead * head,
    const RyFrame * frame, const RySuppressor * boxes);

/* Of box i; NULL if it has none. */
const RyKeypoint *ry_extras_keypoints (const RyExtras * self, guint i);
const RyMask *ry_extras_mask (const RyExtras * self, guint i);

G_END_DECLS
