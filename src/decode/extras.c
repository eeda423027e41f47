/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "decode/extras.h"

#include <math.h>
#include <string.h>

void
ry_extras_init (RyExtras * self)
{
  memset (self, 0, sizeof *self);
  ry_proto_buffer_init (&self->buffer);
}

void
ry_extras_clear (RyExtras * self)
{
  g_free (self->keypoints);
  g_free (self->masks);
  g_free (self->bytes);
  ry_proto_buffer_clear (&self->buffer);
  memset (self, 0, sizeof *self);
}

/* What is behind the box of a candidate, and the element of its cell. */
static gsize
find_extra (const RyHead * head, const RyFrame * frame,
    const RyCandidate * candidate, RyExtra * extra)
{
  extra->unit[0] = extra->unit[1] = 1;
  head->family->extra (head, frame, candidate, extra);
  return ry_map_cell (extra->map, extra->cell);
}

/* A point that is nowhere is one nobody saw. */
static void
read_keypoint (const RyMap * map, gconstpointer data, gsize element,
    const guint32 * offset, guint dims, const gfloat unit[2],
    RyKeypoint * keypoint)
{
  gfloat confidence = 1;

  keypoint->x = ry_map_value (map, data, element + offset[0]) * unit[0];
  keypoint->y = ry_map_value (map, data, element + offset[1]) * unit[1];
  if (dims > 2)
    confidence = ry_map_value (map, data, element + offset[2]);
  keypoint->confidence = confidence > 0 ? MIN (confidence, 1.0f) : 0;
  if (isfinite (keypoint->x) && isfinite (keypoint->y))
    return;
  keypoint->x = keypoint->y = keypoint->confidence = 0;
}

static void
read_keypoints (RyExtras * self, const RyHead * head, const RyFrame * frame,
    const RySuppressor * boxes)
{
  gsize needed = (gsize) boxes->n * head->n_keypoints;
  guint dims = head->keypoint_dims, i, k;

  if (self->keypoints_size < needed) {
    self->keypoints_size = needed;
    self->keypoints = g_renew (RyKeypoint, self->keypoints,
        self->keypoints_size);
  }
  for (i = 0; i < boxes->n; i++) {
    RyKeypoint *keypoints = self->keypoints + (gsize) i * head->n_keypoints;
    RyExtra extra;
    gsize element = find_extra (head, frame, boxes->kept[i], &extra);

    for (k = 0; k < head->n_keypoints; k++)
      read_keypoint (extra.map, frame->data[extra.map->output], element,
          extra.map->offset + k * dims, dims, extra.unit, &keypoints[k]);
  }
}

/* Where masks go; returns how many bytes that takes. */
static gsize
place_masks (RyExtras * self, const RyProto * proto, const RySuppressor * boxes)
{
  gsize n = 0;
  guint i;

  for (i = 0; i < boxes->n; i++) {
    RyMask *mask = &self->masks[i];
    gsize here;

    ry_proto_place (proto, &boxes->boxes[i], mask);
    here = (gsize) mask->width * mask->height;
    if (n + here > RY_MAX_MASK_BYTES)
      mask->width = mask->height = 0;
    else
      n += here;
  }
  return n;
}

static void
draw_mask (RyExtras * self, const RyHead * head, const RyFrame * frame,
    const RyCandidate * candidate, const RyMask * mask, guint8 * bytes)
{
  const RyProto *proto = head->proto;
  RyExtra extra;
  gsize element = find_extra (head, frame, candidate, &extra);
  guint j;

  for (j = 0; j < proto->map.n_channels; j++)
    self->buffer.coefficients[j] = ry_map_value (extra.map,
        frame->data[extra.map->output], element + extra.map->offset[j]);
  ry_proto_draw (proto, frame->data[proto->map.output],
      ry_map_is_float (extra.map) ? 0 : extra.map->scale, &self->buffer, mask,
      bytes);
}

static void
draw_masks (RyExtras * self, const RyHead * head, const RyFrame * frame,
    const RySuppressor * boxes)
{
  gsize needed;
  guint8 *at;
  guint i;

  if (self->masks_size < boxes->n) {
    self->masks_size = boxes->n;
    self->masks = g_renew (RyMask, self->masks, boxes->n);
  }
  needed = place_masks (self, head->proto, boxes);
  if (self->bytes_size < needed || self->bytes == NULL) {
    /* Twice as much, so that a scene that fills is not one allocation a
     * frame. */
    self->bytes_size = MAX (4096, MIN (2 * needed, RY_MAX_MASK_BYTES));
    g_free (self->bytes);
    self->bytes = g_malloc (self->bytes_size);
  }
  ry_proto_buffer_prepare (&self->buffer, head->proto);
  at = self->bytes;
  for (i = 0; i < boxes->n; i++) {
    RyMask *mask = &self->masks[i];

    mask->data = at;
    if (mask->width > 0)
      draw_mask (self, head, frame, boxes->kept[i], mask, at);
    at += (gsize) mask->width * mask->height;
  }
}

void
ry_extras_begin (RyExtras * self)
{
  self->n_boxes = 0;
}

void
ry_extras_run (RyExtras * self, const RyHead * head, const RyFrame * frame,
    const RySuppressor * boxes)
{
  self->task = head->task;
  self->n_boxes = boxes->n;
  self->n_keypoints = head->n_keypoints;
  if (boxes->n == 0)
    return;
  if (head->task == RY_TASK_POSE)
    read_keypoints (self, head, frame, boxes);
  else if (head->task == RY_TASK_SEGMENT)
    draw_masks (self, head, frame, boxes);
}

const RyKeypoint *
ry_extras_keypoints (const RyExtras * self, guint i)
{
  if (self->task != RY_TASK_POSE || i >= self->n_boxes)
    return NULL;
  return self->keypoints + (gsize) i * self->n_keypoints;
}

const RyMask *
ry_extras_mask (const RyExtras * self, guint i)
{
  if (self->task != RY_TASK_SEGMENT || i >= self->n_boxes)
    return NULL;
  return &self->masks[i];
}
