/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the families have in common. */

#include "decode/head.h"

#include <math.h>

void
ry_head_init (RyHead * self, const RyHeadFamily * family,
    const RyHeadInput * input, gchar * description)
{
  self->family = family;
  self->description = description;
  self->nms = input->hints->end2end != 1;
}

static RyDecided
look (RyDecision * self, const RyMap * const *maps, guint n_maps,
    guint first, guint n, gfloat low, gfloat high, const RyFrame * frame)
{
  RyDecided decided = g_atomic_int_get (&self->state);
  gboolean varied = FALSE;
  guint i;

  if (decided != RY_UNDECIDED)
    return decided;
  for (i = 0; i < n_maps; i++) {
    if (!ry_map_is_float (maps[i]))
      continue;
    if (ry_scan_outside (maps[i], frame->data[maps[i]->output], first, n, low,
            high, &varied)) {
      /* Seen once is certain, whatever another thread found meanwhile. */
      g_atomic_int_set (&self->state, RY_OUTSIDE);
      return RY_OUTSIDE;
    }
  }
  if (varied)
    g_atomic_int_compare_and_exchange (&self->state, RY_UNDECIDED, RY_INSIDE);
  return g_atomic_int_get (&self->state);
}

RyDecided
ry_decide (RyDecision * self, const RyMap * const *maps, guint n_maps,
    guint first, guint n, gfloat low, gfloat high, const RyFrame * frame)
{
  guint i;

  for (i = 0; i < RY_MAX_DECISIONS; i++) {
    RyAnswer *answer = &frame->answers[i];

    if (answer->decision == NULL) {
      answer->decided = look (self, maps, n_maps, first, n, low, high, frame);
      answer->decision = self;
    }
    if (answer->decision == self)
      return answer->decided;
  }
  return look (self, maps, n_maps, first, n, low, high, frame);
}

gboolean
ry_map_spans_logits (const RyMap * map)
{
  return ry_map_low (map) < -0.1f || ry_map_high (map) > 1.1f;
}

static void
add (const RyFrame * frame, const RyClassMap * classes, guint cell,
    guint class_id, gfloat score)
{
  const gboolean *wanted = frame->params->classes;

  if (score > frame->params->confidence_threshold
      && (wanted == NULL || wanted[class_id]))
    ry_candidates_add (frame->candidates, score, classes->level, cell,
        class_id);
}

/* One label a cell: its best class, and only then the question whether that
 * one is wanted, as Ultralytics does. */
static void
add_best (const RyFrame * frame, const RyClassMap * classes, guint cell,
    gfloat factor)
{
  const RyMap *map = classes->map;
  gconstpointer data = frame->data[map->output];
  gsize element = ry_map_cell (map, cell);
  guint best = ry_scan_best (map, data, element, classes->first, classes->n);

  if (best == G_MAXUINT)
    return;
  add (frame, classes, cell, best, factor * ry_map_score (map, data,
          element + map->offset[classes->first + best], classes->scores));
}

static void
add_each (const RyFrame * frame, const RyClassMap * classes, guint cell,
    gfloat factor)
{
  const RyMap *map = classes->map;
  gconstpointer data = frame->data[map->output];
  gsize element = ry_map_cell (map, cell);
  guint c;

  for (c = 0; c < classes->n; c++)
    add (frame, classes, cell, c, factor * ry_map_score (map, data,
            element + map->offset[classes->first + c], classes->scores));
}

void
ry_head_add_cells (const RyFrame * frame, const RyClassMap * classes,
    const guint32 * cells, guint n_cells)
{
  const RyMap *map = classes->map;
  gconstpointer data = frame->data[map->output];
  guint i;

  for (i = 0; i < n_cells; i++) {
    gfloat factor = 1;

    if (classes->objectness != G_MAXUINT) {
      factor = ry_map_score (map, data, ry_map_cell (map, cells[i])
          + map->offset[classes->objectness], classes->scores);
      if (!(factor > frame->params->confidence_threshold))
        continue;
    }
    if (frame->params->multi_label)
      add_each (frame, classes, cells[i], factor);
    else
      add_best (frame, classes, cells[i], factor);
  }
}

void
ry_head_add_map (const RyFrame * frame, const RyClassMap * classes)
{
  const RyMap *map = classes->map;
  RyLimit limit = ry_map_limit (map, classes->scores,
      frame->params->confidence_threshold);
  /* Neither factor is above 1, so objectness has to pass by itself. */
  gboolean one = classes->objectness != G_MAXUINT;
  guint n = ry_scan (map, frame->data[map->output],
      one ? classes->objectness : classes->first, one ? 1 : classes->n, limit,
      frame->scan, frame->cells);

  ry_head_add_cells (frame, classes, frame->cells, n);
}
