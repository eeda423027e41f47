/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "decode/suppress.h"

#include <math.h>
#include <string.h>

void
ry_suppressor_init (RySuppressor * self)
{
  memset (self, 0, sizeof *self);
}

void
ry_suppressor_clear (RySuppressor * self)
{
  g_free (self->boxes);
  g_free (self->kept);
  g_free (self->chunks);
  g_free (self->gaussians);
  g_free (self->next);
  g_free (self->last);
  memset (self, 0, sizeof *self);
}

static void
make_room (RySuppressor * self, guint n_boxes, guint n_classes)
{
  guint i;

  self->n = 0;
  if (self->size < n_boxes) {
    self->size = n_boxes;
    self->boxes = g_renew (RyBox, self->boxes, n_boxes);
    self->kept = g_renew (const RyCandidate *, self->kept, n_boxes);
    self->chunks = g_renew (RyBoxChunk, self->chunks, n_boxes);
    self->gaussians = g_renew (RyGaussian, self->gaussians, n_boxes);
    self->next = g_renew (gint32, self->next, n_boxes);
  }
  if (self->n_last < n_classes) {
    self->n_last = n_classes;
    self->last = g_renew (gint32, self->last, n_classes);
  }
  for (i = 0; i < n_classes; i++)
    self->last[i] = -1;
}

/* Intersection over union with any of a chunk above the threshold, which is
 * not below 0?  Widths are x2 - x1, without the + 1 of integer pixels. */
static gboolean
overlaps_chunk (const RyBoxChunk * chunk, const RyBox * box, gfloat area,
    gfloat threshold)
{
  const gfloat x1 = box->x1, y1 = box->y1, x2 = box->x2, y2 = box->y2;
  gint32 hit = 0;
  guint i;

  for (i = 0; i < RY_CHUNK; i++) {
    gfloat left = chunk->x1[i], right = chunk->x2[i];
    gfloat top = chunk->y1[i], bottom = chunk->y2[i];
    gfloat other = chunk->area[i], w, h, both;

    left = left > x1 ? left : x1;
    right = right < x2 ? right : x2;
    top = top > y1 ? top : y1;
    bottom = bottom < y2 ? bottom : y2;
    w = right - left;
    h = bottom - top;
    w = w > 0 ? w : 0;
    h = h > 0 ? h : 0;
    both = w * h;
    hit |= both / (area + other - both) > threshold ? -1 : 0;
  }
  return hit != 0;
}

static gboolean
overlaps_upright (const RySuppressor * self, const RyBox * box, guint class_id,
    gfloat threshold)
{
  gfloat area = (box->x2 - box->x1) * (box->y2 - box->y1);
  gfloat least = threshold < 0 ? 0 : threshold;
  gint32 i;

  for (i = self->last[class_id]; i >= 0; i = self->chunks[i].next)
    if (overlaps_chunk (&self->chunks[i], box, area, least))
      return TRUE;
  return FALSE;
}

/* Lanes that are not used hold a box that overlaps nothing. */
static void
begin_chunk (RyBoxChunk * chunk, gint32 next)
{
  guint i;

  for (i = 0; i < RY_CHUNK; i++) {
    chunk->x1[i] = chunk->y1[i] = INFINITY;
    chunk->x2[i] = chunk->y2[i] = -INFINITY;
    chunk->area[i] = 0;
  }
  chunk->next = next;
  chunk->n = 0;
}

/* There are no more chunks than boxes, as each has one at least. */
static void
remember_upright (RySuppressor * self, const RyBox * box, guint class_id,
    guint * n_chunks)
{
  gint32 last = self->last[class_id];
  RyBoxChunk *chunk;

  if (last < 0 || self->chunks[last].n == RY_CHUNK) {
    begin_chunk (&self->chunks[*n_chunks], last);
    self->last[class_id] = last = (gint32) (*n_chunks)++;
  }
  chunk = &self->chunks[last];
  chunk->x1[chunk->n] = box->x1;
  chunk->y1[chunk->n] = box->y1;
  chunk->x2[chunk->n] = box->x2;
  chunk->y2[chunk->n] = box->y2;
  chunk->area[chunk->n] = (box->x2 - box->x1) * (box->y2 - box->y1);
  chunk->n++;
}

static gboolean
overlaps_rotated (const RySuppressor * self, const RyGaussian * gaussian,
    guint class_id, gfloat limit)
{
  gint32 i;

  for (i = self->last[class_id]; i >= 0; i = self->next[i])
    if (ry_rotated_overlaps (&self->gaussians[i], gaussian, limit))
      return TRUE;
  return FALSE;
}

/* FALSE for what encloses nothing, NaN and infinities included. */
static gboolean
make_box (const RyHead * head, const RyFrame * frame,
    const RyCandidate * candidate, RyBox * box)
{
  gfloat numbers[5];

  if (head->task == RY_TASK_OBB) {
    head->family->rotated (head, frame, candidate, numbers);
    if (!(numbers[2] > 0 && numbers[3] > 0))
      return FALSE;
    ry_rotated_set (box, numbers);
  } else {
    head->family->box (head, frame, candidate, numbers);
    box->x1 = numbers[0];
    box->y1 = numbers[1];
    box->x2 = numbers[2];
    box->y2 = numbers[3];
    box->cx = box->cy = box->w = box->h = box->angle = 0;
  }
  /* Int8 steps of 1/255 need not end at 1 exactly. */
  box->score = MIN (candidate->score, 1.0f);
  box->class_id = candidate->class_id;
  return isfinite (box->x1) && isfinite (box->y1) && isfinite (box->x2)
      && isfinite (box->y2) && box->x2 > box->x1 && box->y2 > box->y1;
}

static guint
count_classes (const RyCandidates * candidates, gboolean agnostic)
{
  guint n = 1, i;

  for (i = 0; !agnostic && i < candidates->n; i++)
    n = MAX (n, candidates->items[i].class_id + 1u);
  return n;
}

/* Is this box another one than those before? */
static gboolean
keep_upright (RySuppressor * self, const RyBox * box, guint class_id,
    gfloat threshold, guint * n_chunks)
{
  if (overlaps_upright (self, box, class_id, threshold))
    return FALSE;
  remember_upright (self, box, class_id, n_chunks);
  return TRUE;
}

static gboolean
keep_rotated (RySuppressor * self, const RyBox * box, guint class_id,
    gfloat limit)
{
  RyGaussian *gaussian = &self->gaussians[self->n];

  ry_rotated_gaussian (box, gaussian);
  if (overlaps_rotated (self, gaussian, class_id, limit))
    return FALSE;
  self->next[self->n] = self->last[class_id];
  self->last[class_id] = (gint32) self->n;
  return TRUE;
}

void
ry_suppressor_run (RySuppressor * self, const RyHead * head,
    const RyFrame * frame)
{
  const RyCandidates *candidates = frame->candidates;
  const RyDecodeParams *params = frame->params;
  guint most = MIN (params->max_detections, candidates->n);
  gfloat limit = ry_rotated_limit (params->iou_threshold);
  guint n_chunks = 0, i;

  make_room (self, most, head->nms ? count_classes (candidates,
          params->class_agnostic) : 0);
  for (i = 0; i < candidates->n && self->n < most; i++) {
    RyBox *box = &self->boxes[self->n];
    guint class_id;
    gboolean keep = TRUE;

    if (!make_box (head, frame, &candidates->items[i], box))
      continue;
    class_id = params->class_agnostic ? 0 : box->class_id;
    if (head->nms && head->task == RY_TASK_OBB)
      keep = keep_rotated (self, box, class_id, limit);
    else if (head->nms)
      keep = keep_upright (self, box, class_id, params->iou_threshold,
          &n_chunks);
    if (keep)
      self->kept[self->n++] = &candidates->items[i];
  }
}
