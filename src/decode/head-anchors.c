/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* YOLOv5 and YOLOv7, YOLOv3 and YOLOv4: for each grid [1,3*(5+nc),H,W], or
 * [1,3,H,W,5+nc] as toolkit 1.2 left it; for each of three anchors x, y, w, h,
 * objectness, classes.  With y = sigmoid (t), unless the model did that itself:
 *
 *   cx = (2 * y0 - .5 + gx) * s, cy = (2 * y1 - .5 + gy) * s
 *   w = (2 * y2)^2 * anchor w, h = (2 * y3)^2 * anchor h
 *   score = y4 * y[5 + class]
 *
 * or, of YOLOv3 and YOLOv4 as Darknet trains them, with z the scale_x_y of the
 * grid (1 in YOLOv3):
 *
 *   cx = (z * (y0 - .5) + .5 + gx) * s, cy likewise
 *   w = exp (t2) * anchor w, h = exp (t3) * anchor h
 *
 * Segmentation models (YOLOv5) have [1,3*K,H,W] coefficients beside each grid
 * and a prototype [1,K,H',W'].
 *
 * Whether the sigmoid is inside is told by the range of 8-bit tensors, or by
 * the first frame of floats.  Shapes do not tell the anchors: those of YOLOv5
 * are taken, which YOLOv7-tiny and the YOLOv3 of Ultralytics share, unless
 * hints->head says "yolov7", "yolov3", "yolov3-tiny", "yolov4" or
 * "yolov4-tiny".
 * (Ultralytics yolov5 models/yolo.py and models/yolov5s.yaml, yolov5s6.yaml;
 * WongKinYiu yolov7 cfg/deploy/yolov7.yaml; AlexeyAB darknet cfg/yolov3.cfg,
 * yolov3-tiny.cfg, yolov4.cfg, yolov4-tiny.cfg.) */

#include "decode/head.h"

#include <math.h>
#include <string.h>

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

/* The two finer thirds of the same six; YOLOv4 begins with the second. */
static const Anchors anchors_v3_tiny[] = {
  {{10, 14}, {23, 27}, {37, 58}},
  {{81, 82}, {135, 169}, {344, 319}},
};

static const Anchors anchors_v4_tiny[] = {
  {{23, 27}, {37, 58}, {81, 82}},
  {{81, 82}, {135, 169}, {344, 319}},
};

static const gfloat scales_v3[] = { 1, 1, 1 };
static const gfloat scales_v4[] = { 1.2f, 1.1f, 1.05f };
static const gfloat scales_v4_tiny[] = { 1.05f, 1.05f };

typedef struct
{
  const gchar *word;            /* the hint's; NULL: none is needed */
  const gchar *name, *anchors_name;
  guint n_grids;
  const Anchors *anchors;       /* by grid */
  const gfloat *scales;         /* of Darknet's formula; NULL: YOLOv5's */
} Variant;

/* The first that fits: longer words before those they begin with. */
static const Variant variants[] = {
  {"yolov7-tiny", "YOLOv5/v7", "YOLOv5", 3, anchors_v5, NULL},
  {"yolov7", "YOLOv7", "YOLOv7", 3, anchors_v7, NULL},
  {"yolov3-tiny", "YOLOv3-tiny", "YOLOv3-tiny", 2, anchors_v3_tiny, scales_v3},
  {"yolov3", "YOLOv3", "YOLOv3", 3, anchors_v5, scales_v3},
  {"yolov4-tiny", "YOLOv4-tiny", "YOLOv4-tiny", 2, anchors_v4_tiny,
      scales_v4_tiny},
  {"yolov4", "YOLOv4", "YOLOv4", 3, anchors_v7, scales_v4},
  {NULL, "YOLOv5/v7", "YOLOv5", 3, anchors_v5, NULL},
  {NULL, "YOLOv5/v7", "YOLOv5", 4, anchors_v5_p6, NULL},
};

typedef struct
{
  RyHead head;
  guint n_levels;               /* grids * N_ANCHORS, grid by grid */
  RyMap *maps;                  /* 5 + nc channels each */
  RyMap *coefficients;          /* of segmentation models */
  guint *strides;
  const Variant *variant;
  RyScores scores;
  RyDecision decision;
} AnchorHead;

/* What the outputs are. */
typedef struct
{
  RyEqual equal;
  gboolean five_dims;
  RyGrid proto;                 /* of 0 channels: no masks */
  RyGrid coefficients[RY_MAX_LEVELS];   /* by grid */
} Layout;

static const Variant *
choose_variant (const RyHeadHints * hints, guint n_grids)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (variants); i++)
    if (variants[i].n_grids == n_grids && (variants[i].word == NULL
            || ry_hint_is (hints, variants[i].word)))
      return &variants[i];
  return NULL;
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

/* Pairs of maps and coefficients beside a prototype: of two outputs of one
 * grid, the last one with three times the prototype's channels is the
 * latter. */
static gboolean
find_pairs (const RyHeadInput * input, Layout * layout)
{
  guint proto = ry_grid_find_proto (input, &layout->proto);
  guint n = 0, i, j;
  guint64 skip;

  if (proto == input->n || input->n > 2 * RY_MAX_LEVELS + 1)
    return FALSE;
  skip = G_GUINT64_CONSTANT (1) << proto;
  for (i = input->n; i-- > 0;) {
    RyGrid grid;

    if (i == proto || !ry_grid_of_output (input, i, &grid)
        || grid.c != 3 * layout->proto.c)
      continue;
    for (j = 0; j < n; j++)
      if (layout->coefficients[j].stride == grid.stride)
        break;
    if (j < n || n == RY_MAX_LEVELS)
      continue;
    layout->coefficients[n++] = grid;
    skip |= G_GUINT64_CONSTANT (1) << i;
  }
  if (!ry_equal_find_grids (input, skip, 18, &layout->equal)
      || layout->equal.n_grids != n || layout->equal.grids[0].c % 3 != 0)
    return FALSE;
  ry_grids_sort (layout->coefficients, n);
  for (j = 0; j < n; j++)
    if (layout->coefficients[j].stride != layout->equal.grids[j].stride)
      return FALSE;
  return TRUE;
}

static gboolean
find_layout (const RyHeadInput * input, Layout * layout)
{
  layout->five_dims = find_five_dims (input, &layout->equal);
  if (layout->five_dims || find_pairs (input, layout))
    return TRUE;
  memset (layout, 0, sizeof *layout);
  layout->equal = ry_equal_find (input, 0);
  return layout->equal.kind == RY_EQUAL_ANCHORS;
}

static void
init_level (AnchorHead * self, const RyHeadInput * input,
    const Layout * layout, guint i, guint a)
{
  guint channels = 5 + self->head.n_classes, level = i * N_ANCHORS + a;
  RyGrid grid = layout->equal.grids[i];

  if (layout->five_dims)
    grid.base = (gsize) a * grid.h * grid.row;
  ry_map_init (&self->maps[level], &input->outputs[grid.output], &grid,
      layout->five_dims ? 0 : a * channels, channels);
  self->strides[level] = grid.stride;
  self->head.max_cells = MAX (self->head.max_cells, grid.h * grid.w);
  if (layout->proto.c == 0)
    return;
  grid = layout->coefficients[i];
  ry_map_init (&self->coefficients[level], &input->outputs[grid.output],
      &grid, a * layout->proto.c, layout->proto.c);
}

static void
init_maps (AnchorHead * self, const RyHeadInput * input, const Layout * layout)
{
  gboolean any = FALSE, logits = FALSE;
  guint i;

  self->n_levels = layout->equal.n_grids * N_ANCHORS;
  self->maps = g_new0 (RyMap, self->n_levels);
  self->coefficients = g_new0 (RyMap, self->n_levels);
  self->strides = g_new (guint, self->n_levels);
  for (i = 0; i < self->n_levels; i++) {
    const RyMap *map = &self->maps[i];

    init_level (self, input, layout, i / N_ANCHORS, i % N_ANCHORS);
    any |= !ry_map_is_float (map);
    logits |= !ry_map_is_float (map) && ry_map_spans_logits (map);
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

  for (i = 0; i < self->n_levels; i++) {
    ry_map_clear (&self->maps[i]);
    ry_map_clear (&self->coefficients[i]);
  }
  g_free (self->maps);
  g_free (self->coefficients);
  g_free (self->strides);
  g_free (self);
}

static RyHead *
anchors_recognise (const RyHeadInput * input, GError ** error)
{
  Layout layout = { {RY_EQUAL_NONE} };
  const Variant *variant;
  AnchorHead *self;
  guint channels;

  if (!find_layout (input, &layout))
    return NULL;
  variant = choose_variant (input->hints, layout.equal.n_grids);
  if (variant == NULL)
    return NULL;
  self = g_new0 (AnchorHead, 1);
  self->variant = variant;
  channels = layout.equal.grids[0].c;
  self->head.n_classes = (layout.five_dims ? channels : channels / N_ANCHORS)
      - 5;
  init_maps (self, input, &layout);
  if (layout.proto.c != 0) {
    self->head.task = RY_TASK_SEGMENT;
    self->head.proto = ry_proto_new (&input->outputs[layout.proto.output],
        &layout.proto, input->hints);
  }
  if (layout.equal.guessed)
    self->head.notice = g_strdup_printf ("%u channels a grid could be several "
        "heads; they are taken for YOLOv5 with %u classes. If the boxes are "
        "wrong, say the classes (a label file) of this model.", channels,
        self->head.n_classes);
  ry_head_init (&self->head, &ry_head_anchors, input,
      g_strdup_printf ("%s%s, %u outputs, %u classes, %s anchors",
          variant->name, layout.proto.c != 0 ? " segmentation" : "", input->n,
          self->head.n_classes, variant->anchors_name));
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

/* exp (t), of the sigmoid of t as well. */
static gfloat
exponential (const RyMap * map, gconstpointer data, gsize element,
    RyScores scores)
{
  gfloat value = ry_map_value (map, data, element);

  return scores == RY_SCORES_LOGITS ? expf (value) : value / (1 - value);
}

static void
anchors_box (const RyHead * head, const RyFrame * frame,
    const RyCandidate * candidate, gfloat box[4])
{
  AnchorHead *self = (AnchorHead *) head;
  const RyMap *map = &self->maps[candidate->level];
  const Variant *variant = self->variant;
  guint grid = candidate->level / N_ANCHORS;
  const gfloat *anchor = variant->anchors[grid][candidate->level % N_ANCHORS];
  gfloat stride = self->strides[candidate->level];
  gfloat scale = variant->scales != NULL ? variant->scales[grid] : 2;
  gconstpointer data = frame->data[map->output];
  gsize element = ry_map_cell (map, candidate->cell);
  RyScores scores = scores_of_frame (self, frame);
  gfloat y[4], cx, cy, w, h;
  guint k;

  for (k = 0; k < 4; k++)
    y[k] = k >= 2 && variant->scales != NULL
        ? exponential (map, data, element + map->offset[k], scores)
        : ry_map_score (map, data, element + map->offset[k], scores);
  cx = (scale * (y[0] - 0.5f) + 0.5f + candidate->cell % map->w) * stride;
  cy = (scale * (y[1] - 0.5f) + 0.5f + candidate->cell / map->w) * stride;
  w = (variant->scales != NULL ? y[2] : 4 * y[2] * y[2]) * anchor[0];
  h = (variant->scales != NULL ? y[3] : 4 * y[3] * y[3]) * anchor[1];
  box[0] = cx - w / 2;
  box[1] = cy - h / 2;
  box[2] = cx + w / 2;
  box[3] = cy + h / 2;
}

static void
anchors_extra (const RyHead * head, const RyFrame * frame,
    const RyCandidate * candidate, RyExtra * extra)
{
  const AnchorHead *self = (const AnchorHead *) head;

  extra->map = &self->coefficients[candidate->level];
  extra->cell = candidate->cell;
}

const RyHeadFamily ry_head_anchors = {
  "per scale [1,3*(5+classes),H,W] or [1,3,H,W,5+classes]: YOLOv3, YOLOv4, "
      "YOLOv5, YOLOv7; with [1,3*K,H,W] coefficients and a prototype "
      "[1,K,H',W'] YOLOv5 segmentation",
  anchors_recognise, anchors_collect, anchors_box, anchors_free,
  anchors_extra, NULL
};
