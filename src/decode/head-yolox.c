/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* YOLOX: for each grid [1,5+nc,H,W], or all grids one after another in
 * [1,N,5+nc] or [1,5+nc,N]; x, y, w, h, objectness, classes, the latter two
 * after the sigmoid:
 *
 *   cx = (x + gx) * s, cy = (y + gy) * s, w = exp (w) * s, h = exp (h) * s
 *   score = objectness * class
 *
 * The list may have been decoded by the model (so is YOLOv6's, whose
 * objectness is 1): the first frame shows it, as coordinates in pixels are far
 * larger.  Only then are x, y, w, h a box in pixels.  Without a number of
 * classes in the hints a list of 85 channels is taken for 5 + 80, others for
 * Ultralytics' 4 + nc.  (Megvii YOLOX, yolox/models/yolo_head.py.) */

#include "decode/head.h"

#include <math.h>

#include "decode/equal.h"

/* Raw coordinates are offsets in cells and logarithms: a few units. */
#define RAW_LIMIT 24

typedef struct
{
  RyHead head;
  guint n_levels;
  RyMap *maps;                  /* 5 + nc channels each */
  guint strides[RY_MAX_LEVELS];
  gboolean list;
  gboolean floats;
  RyDecision scores;
  RyDecision pixels;
} Yolox;

/* The grids of a list lie one behind the other. */
static guint
split_list (const RyHeadInput * input, const RyGrid * list,
    RyGrid grids[RY_MAX_LEVELS])
{
  guint n = ry_grids_of_sum (input->hints, list->w, grids);
  guint cell = 0, i;

  for (i = 0; i < n; i++) {
    guint h = grids[i].h, w = grids[i].w, stride = grids[i].stride;

    grids[i] = *list;
    grids[i].base += (gsize) cell * list->c2;
    grids[i].h = h;
    grids[i].w = w;
    grids[i].stride = stride;
    grids[i].row = (gsize) w * list->c2;
    cell += h * w;
  }
  return n;
}

static guint
find_list (const RyHeadInput * input, RyGrid grids[RY_MAX_LEVELS])
{
  const RyHeadHints *hints = input->hints;
  guint multiple;
  RyGrid list;

  if (input->n != 1 || !ry_grid_of_list (input, 0, &list, &multiple)
      || multiple != 1 || list.c < 6
      || (ry_hint_task (hints) != NULL && !ry_hint_task_is (hints, "detect")))
    return 0;
  if (ry_hint_is (hints, "yolox") || ry_hint_is (hints, "yolov6")
      || (hints->n_classes != 0 && list.c == 5 + hints->n_classes)
      || (hints->n_classes == 0 && hints->head == NULL && list.c == 85))
    return split_list (input, &list, grids);
  return 0;
}

static void
yolox_free (RyHead * head)
{
  Yolox *self = (Yolox *) head;
  guint i;

  for (i = 0; i < self->n_levels; i++)
    ry_map_clear (&self->maps[i]);
  g_free (self->maps);
  g_free (self);
}

static RyHead *
yolox_recognise (const RyHeadInput * input, GError ** error)
{
  RyEqual equal = { RY_EQUAL_NONE };
  gboolean list;
  Yolox *self;
  guint i;

  equal.n_grids = find_list (input, equal.grids);
  list = equal.n_grids > 0;
  if (!list) {
    equal = ry_equal_find (input, 0);
    if (equal.kind != RY_EQUAL_YOLOX)
      return NULL;
  }
  self = g_new0 (Yolox, 1);
  self->list = list;
  self->n_levels = equal.n_grids;
  self->maps = g_new0 (RyMap, equal.n_grids);
  for (i = 0; i < equal.n_grids; i++) {
    const RyGrid *grid = &equal.grids[i];

    ry_map_init (&self->maps[i], &input->outputs[grid->output], grid, 0,
        grid->c);
    self->strides[i] = grid->stride;
    self->floats |= ry_map_is_float (&self->maps[i]);
    self->head.max_cells = MAX (self->head.max_cells, grid->h * grid->w);
  }
  self->head.n_classes = equal.grids[0].c - 5;
  ry_head_init (&self->head, &ry_head_yolox, input,
      g_strdup_printf ("YOLOX%s, %u outputs, %u classes",
          list ? " or YOLOv6 as one list" : "", input->n,
          self->head.n_classes));
  return &self->head;
}

static RyScores
scores_of_frame (Yolox * self, const RyFrame * frame)
{
  const RyMap *maps[RY_MAX_LEVELS];
  guint i;

  /* Boxes and scores share the scale of an 8-bit tensor. */
  if (!self->floats)
    return RY_SCORES_PROBABILITIES;
  for (i = 0; i < self->n_levels; i++)
    maps[i] = &self->maps[i];
  if (ry_decide (&self->scores, maps, self->n_levels, 4,
          1 + self->head.n_classes, RY_SCORE_LOW, RY_SCORE_HIGH, frame)
      == RY_OUTSIDE)
    return RY_SCORES_LOGITS;
  return RY_SCORES_PROBABILITIES;
}

static gboolean
is_in_pixels (Yolox * self, const RyFrame * frame)
{
  const RyMap *maps[RY_MAX_LEVELS];
  guint i;

  if (!self->list)
    return FALSE;
  if (!self->floats)
    return ry_map_high (&self->maps[0]) > RAW_LIMIT;
  for (i = 0; i < self->n_levels; i++)
    maps[i] = &self->maps[i];
  return ry_decide (&self->pixels, maps, self->n_levels, 0, 4, -RAW_LIMIT,
      RAW_LIMIT, frame) == RY_OUTSIDE;
}

static void
yolox_collect (RyHead * head, const RyFrame * frame)
{
  Yolox *self = (Yolox *) head;
  RyScores scores = scores_of_frame (self, frame);
  guint i;

  for (i = 0; i < self->n_levels; i++) {
    RyClassMap classes = { &self->maps[i], i, 5, head->n_classes, 4, scores };

    ry_head_add_map (frame, &classes);
  }
}

static void
yolox_box (const RyHead * head, const RyFrame * frame,
    const RyCandidate * candidate, gfloat box[4])
{
  Yolox *self = (Yolox *) head;
  const RyMap *map = &self->maps[candidate->level];
  gfloat stride = self->strides[candidate->level];
  gconstpointer data = frame->data[map->output];
  gsize element = ry_map_cell (map, candidate->cell);
  gfloat v[4];
  guint k;

  for (k = 0; k < 4; k++)
    v[k] = ry_map_value (map, data, element + map->offset[k]);
  if (!is_in_pixels (self, frame)) {
    v[0] = (v[0] + candidate->cell % map->w) * stride;
    v[1] = (v[1] + candidate->cell / map->w) * stride;
    v[2] = expf (v[2]) * stride;
    v[3] = expf (v[3]) * stride;
  }
  box[0] = v[0] - v[2] / 2;
  box[1] = v[1] - v[3] / 2;
  box[2] = v[0] + v[2] / 2;
  box[3] = v[1] + v[3] / 2;
}

const RyHeadFamily ry_head_yolox = {
  "per scale [1,5+classes,H,W], or [1,N,5+classes] for all: YOLOX, YOLOv6",
  yolox_recognise, yolox_collect, yolox_box, yolox_free, NULL, NULL
};
