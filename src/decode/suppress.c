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
  g_free (self->areas);
  g_free (self->next);
  g_free (self->last);
  memset (self, 0, sizeof *self);
}

static void
make_room (RySuppressor * self, guint n_boxes, guint n_classes)
{
  guint i;

  if (self->size < n_boxes) {
    self->size = n_boxes;
    self->boxes = g_renew (RyBox, self->boxes, n_boxes);
    self->areas = g_renew (gfloat, self->areas, n_boxes);
    self->next = g_renew (gint32, self->next, n_boxes);
  }
  if (self->n_last < n_classes) {
    self->n_last = n_classes;
    self->last = g_renew (gint32, self->last, n_classes);
  }
  for (i = 0; i < n_classes; i++)
    self->last[i] = -1;
}

/* Intersection over union above the threshold?  Widths are x2 - x1, without
 * the + 1 of integer pixels. */
static gboolean
overlaps (const RyBox * a, gfloat area_a, const RyBox * b, gfloat area_b,
    gfloat threshold)
{
  gfloat w = MIN (a->x2, b->x2) - MAX (a->x1, b->x1);
  gfloat h = MIN (a->y2, b->y2) - MAX (a->y1, b->y1);
  gfloat both;

  if (!(w > 0 && h > 0))
    return FALSE;
  both = w * h;
  return both / (area_a + area_b - both) > threshold;
}

static gboolean
is_suppressed (const RySuppressor * self, const RyBox * box, gfloat area,
    gfloat threshold)
{
  gint32 i;

  for (i = self->last[box->class_id]; i >= 0; i = self->next[i])
    if (overlaps (&self->boxes[i], self->areas[i], box, area, threshold))
      return TRUE;
  return FALSE;
}

/* FALSE for what encloses nothing, NaN and infinities included. */
static gboolean
make_box (const RyHead * head, const RyFrame * frame,
    const RyCandidate * candidate, RyBox * box)
{
  gfloat xy[4];

  head->family->box (head, frame, candidate, xy);
  box->x1 = xy[0];
  box->y1 = xy[1];
  box->x2 = xy[2];
  box->y2 = xy[3];
  /* Int8 steps of 1/255 need not end at 1 exactly. */
  box->score = MIN (candidate->score, 1.0f);
  box->class_id = candidate->class_id;
  return isfinite (xy[0]) && isfinite (xy[1]) && isfinite (xy[2])
      && isfinite (xy[3]) && xy[2] > xy[0] && xy[3] > xy[1];
}

const RyBox *
ry_suppressor_run (RySuppressor * self, const RyHead * head,
    const RyFrame * frame, guint * n_boxes)
{
  const RyCandidates *candidates = frame->candidates;
  guint most = MIN (frame->params->max_detections, candidates->n);
  guint n_classes = 0, n = 0, i;

  for (i = 0; head->nms && i < candidates->n; i++)
    n_classes = MAX (n_classes, candidates->items[i].class_id + 1u);
  make_room (self, most, n_classes);
  for (i = 0; i < candidates->n && n < most; i++) {
    RyBox *box = &self->boxes[n];

    if (!make_box (head, frame, &candidates->items[i], box))
      continue;
    self->areas[n] = (box->x2 - box->x1) * (box->y2 - box->y1);
    if (head->nms) {
      if (is_suppressed (self, box, self->areas[n],
              frame->params->iou_threshold))
        continue;
      self->next[n] = self->last[box->class_id];
      self->last[box->class_id] = (gint32) n;
    }
    n++;
  }
  *n_boxes = n;
  return self->boxes;
}
