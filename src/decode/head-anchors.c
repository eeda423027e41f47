/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* YOLOv5 and YOLOv7: for each grid [1,3*(5+nc),H,W], or [1,3,H,W,5+nc] as
 * toolkit 1.2 left it; for each of three anchors x, y, w, h, objectness,
 * classes.  With y = sigmoid (t), unless the model did that itself:
 *
 *   cx = (2 * y0 - .5 + gx) * s, cy = (2 * y1 - .5 + gy) * s
 *   w = (2 * y2)^2 * anchor w, h = (2 * y3)^2 * anchor h
 *   score = y4 * y[5 + class]
 *
 * Whether the sigmoid is inside is told by the range of 8-bit tensors, or by
 * the first frame of floats.  Shapes do not tell the anchors: those of YOLOv5
 * are taken, which YOLOv7-tiny shares, unless hints->head says "yolov7".
 * (Ultralytics yolov5 models/yolo.py and models/yolov5s.yaml, yolov5s6.yaml;
 * WongKinYiu yolov7 cfg/deploy/yolov7.yaml.) */

#include "decode/head.h"

#include "decode/equal.h"

#define N_ANCHORS 3

typedef gfloat Anchors[N_ANCHORS][2];

/* Pixels of the input, finest grid first. */
static const Anchors anchors_v5[] = {
  {{10, 13}, {16, 30}, {33, 23}},
  {{30, 61}, {62, 45}, {59, 119}},
  {{116, 90}, {156, 198}, {373, 326}},
};

static const Anchors anchors_v5_p6[] = {
  {{19, 27}, {44, 40}, {38, 94}},
  {{96, 68}, {86, 152}, {180, 137}},
  {{140, 301}, {303, 264}, {238, 542}},
  {{436, 615}, {739, 380}, {925, 792}},
};

static const Anchors anchors_v7[] = {
  {{12, 16}, {19, 36}, {40, 28}},
  {{36, 75}, {76, 55}, {72, 146}},
  {{142, 110}, {192, 243}, {459, 401}},
};

typedef struct
{
  RyHead head;
  guint n_levels;               /* grids * N_ANCHORS, grid by grid */
  RyMap *maps;                  /* 5 + nc channels each */
  guint *strides;
  const Anchors *anchors;       /* by grid */
  RyScores scores;
  RyDecision decision;
} AnchorHead;

static const Anchors *
choose_anchors (const RyHeadHints * hints, guint n_grids, const gchar ** name)
{
  *name = "YOLOv5";
  if (n_grids == 4)
    return anchors_v5_p6;
  if (n_grids != 3)
    return NULL;
  if (!ry_hint_is (hints, "yolov7") || ry_hint_is (hints, "yolov7-tiny"))
    return anchors_v5;
  *name = "YOLOv7";
  return anchors_v7;
}

/* [1,3,H,W,5+nc] is three grids of neighbouring channels. */
static gboolean
grid_of_five_dims (const RyHeadInput * input, guint i, RyGrid * grid)
{
  const RyTensor *t = &input->outputs[i];

  if (t->n_dims != 5 || t->dims[1] != N_ANCHORS || t->dims[4] < 6)
    return FALSE;
  grid->output = i;
  grid->c = t->dims[4];
  grid->h = t->dims[2];
  grid->w = t->dims[3];
  grid->c2 = grid->c;
  grid->plane = 0;
  grid->row = (gsize) grid->w * grid->c;
  grid->base = 0;
  grid->stride = ry_grid_stride (input->hints, grid->h, grid->w);
  return grid->stride != 0;
}

static gboolean
find_five_dims (const RyHeadInput * input, RyEqual * equal)
{
  guint i;

  equal->n_grids = 0;
  if (input->n > RY_MAX_LEVELS)
    return FALSE;
  for (i = 0; i < input->n; i++) {
    if (!grid_of_five_dims (input, i, &equal->grids[i])
        || equal->grids[i].c != equal->grids[0].c)
      return FALSE;
    equal->n_grids++;
  }
  ry_grids_sort (equal->grids, equal->n_grids);
  return TRUE;
}

static void
init_maps (AnchorHead * self, const RyHeadInput * input,
    const RyEqual * equal, gboolean five_dims)
{
  guint channels = 5 + self->head.n_classes;
  gboolean any = FALSE, logits = FALSE;
  guint i, a;

  self->n_levels = equal->n_grids * N_ANCHORS;
  self->maps = g_new0 (RyMap, self->n_levels);
  self->strides = g_new (guint, self->n_levels);
  for (i = 0; i < equal->n_grids; i++) {
    for (a = 0; a < N_ANCHORS; a++) {
      RyGrid grid = equal->grids[i];
      RyMap *map = &self->maps[i * N_ANCHORS + a];

      if (five_dims)
        grid.base = (gsize) a * grid.h * grid.row;
      ry_map_init (map, &input->outputs[grid.output], &grid,
          five_dims ? 0 : a * channels, channels);
      self->strides[i * N_ANCHORS + a] = grid.stride;
      any |= !ry_map_is_float (map);
      logits |= !ry_map_is_float (map) && ry_map_spans_logits (map);
    }
    self->head.max_cells = MAX (self->head.max_cells,
        equal->grids[i].h * equal->grids[i].w);
  }
  if (any)
    self->scores = logits ? RY_SCORES_LOGITS : RY_SCORES_PROBABILITIES;
  for (i = 0; logits && i < self->n_levels; i++)
    if (!ry_map_is_float (&self->maps[i]))
      ry_map_set_logits (&self->maps[i]);
}

static void
anchors_free (RyHead * head)
{
  AnchorHead *self = (AnchorHead *) head;
  guint i;

  for (i = 0; i < self->n_levels; i++)
    ry_map_clear (&self->maps[i]);
  g_free (self->maps);
  g_free (self->strides);
  g_free (self);
}

static RyHead *
anchors_recognise (const RyHeadInput * input, GError ** error)
{
  RyEqual equal = { RY_EQUAL_NONE };
  gboolean five_dims = find_five_dims (input, &equal);
  const Anchors *anchors;
  const gchar *name;
  AnchorHead *self;

  if (!five_dims)
    equal = ry_equal_find (input, 0);
  if (!five_dims && equal.kind != RY_EQUAL_ANCHORS)
    return NULL;
  anchors = choose_anchors (input->hints, equal.n_grids, &name);
  if (anchors == NULL)
    return NULL;
  self = g_new0 (AnchorHead, 1);
  self->anchors = anchors;
  self->head.n_classes =
      (five_dims ? equal.grids[0].c : equal.grids[0].c / N_ANCHORS) - 5;
  init_maps (self, input, &equal, five_dims);
  if (equal.guessed)
    self->head.notice = g_strdup_printf ("%u channels a grid could be several "
        "heads; they are taken for YOLOv5 with %u classes. If the boxes are "
        "wrong, say the classes (a label file) of this model.",
        equal.grids[0].c, self->head.n_classes);
  ry_head_init (&self->head, &ry_head_anchors, input,
      g_strdup_printf ("%s, %u outputs, %u classes, %s anchors",
          anchors == anchors_v7 ? "YOLOv7" : "YOLOv5/v7", input->n,
          self->head.n_classes, name));
  return &self->head;
}

static RyScores
scores_of_frame (AnchorHead * self, const RyFrame * frame)
{
  const RyMap *maps[RY_MAX_LEVELS * N_ANCHORS];
  guint i;

  if (self->scores != RY_SCORES_UNKNOWN)
    return self->scores;
  for (i = 0; i < self->n_levels; i++)
    maps[i] = &self->maps[i];
  if (ry_decide (&self->decision, maps, self->n_levels, 0,
          5 + self->head.n_classes, RY_SCORE_LOW, RY_SCORE_HIGH, frame)
      == RY_OUTSIDE)
    return RY_SCORES_LOGITS;
  return RY_SCORES_PROBABILITIES;
}

static void
anchors_collect (RyHead * head, const RyFrame * frame)
{
  AnchorHead *self = (AnchorHead *) head;
  RyScores scores = scores_of_frame (self, frame);
  guint i;

  for (i = 0; i < self->n_levels; i++) {
    RyClassMap classes = { &self->maps[i], i, 5, head->n_classes, 4, scores };

    ry_head_add_map (frame, &classes);
  }
}

static void
anchors_box (const RyHead * head, const RyFrame * frame,
    const RyCandidate * candidate, gfloat box[4])
{
  AnchorHead *self = (AnchorHead *) head;
  const RyMap *map = &self->maps[candidate->level];
  const gfloat *anchor = self->anchors[candidate->level / N_ANCHORS]
      [candidate->level % N_ANCHORS];
  gfloat stride = self->strides[candidate->level];
  gconstpointer data = frame->data[map->output];
  gsize element = ry_map_cell (map, candidate->cell);
  RyScores scores = scores_of_frame (self, frame);
  gfloat y[4], cx, cy, w, h;
  guint k;

  for (k = 0; k < 4; k++)
    y[k] = ry_map_score (map, data, element + map->offset[k], scores);
  cx = (2 * y[0] - 0.5f + candidate->cell % map->w) * stride;
  cy = (2 * y[1] - 0.5f + candidate->cell / map->w) * stride;
  w = 4 * y[2] * y[2] * anchor[0];
  h = 4 * y[3] * y[3] * anchor[1];
  box[0] = cx - w / 2;
  box[1] = cy - h / 2;
  box[2] = cx + w / 2;
  box[3] = cy + h / 2;
}

const RyHeadFamily ry_head_anchors = {
  "per scale [1,3*(5+classes),H,W] or [1,3,H,W,5+classes], three or four "
      "scales: YOLOv5, YOLOv7",
  anchors_recognise, anchors_collect, anchors_box, anchors_free
};
