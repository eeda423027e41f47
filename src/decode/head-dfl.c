/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Boxes as distances from the centre of a cell, with or without distribution
 * focal loss: what Rockchip's exports of YOLOv6, 8, 9, 10, 11, 12 and 13,
 * PP-YOLOE and YOLO-World put out, Ultralytics' raw maps, YOLO26 and NanoDet.
 *
 * For each grid [1,4R,H,W] boxes, [1,nc,H,W] classes and perhaps [1,1,H,W],
 * the sum of the classes clamped to 0..1, in any order.  Grids may be flat,
 * [1,H*W,C] or [1,C,H*W].  Segmentation models have [1,K,H,W] mask
 * coefficients as well, behind the others where the number of channels does
 * not tell, and a prototype [1,K,H',W'] with a finer grid.  The formulas are
 * in distance.h and proto.h.
 *
 * Which of a pair is the box is told, in this order, by the number of classes
 * that the hints say, by their reg_max, by the ranges of 8-bit tensors (only
 * the classes can be probabilities), by the usual numbers of bins; where
 * nothing of that helps (4R = nc among others) the first one is. */

#include "decode/head.h"

#include "decode/distance.h"
#include "decode/grid.h"

/* Looking at the classes of a cell by itself costs as much as the share of
 * about 30 cells in looking at all of them in order. */
#define MAX_SPARSE(n_cells) ((n_cells) / 32)

typedef struct
{
  RyDistances box;
  RyMap classes, sum;
  RyMap coefficients;           /* of segmentation models */
  gboolean has_sum;
} Level;

typedef struct
{
  RyHead head;
  guint n_levels;
  Level *levels;
  RyScores scores;              /* unknown: floats only, look at data */
  RyDecision decision;
} Dfl;

/* The outputs of one grid, in their order. */
typedef struct
{
  RyGrid grids[4];
  guint n;
  RyGrid coefficients, sum;     /* taken out of grids */
} Group;

typedef struct
{
  Group groups[RY_MAX_LEVELS];
  guint n_groups;
  RyGrid proto;                 /* of 0 channels: no masks */
  gboolean has_sum;
  guint box, classes;           /* positions in each group */
  gboolean guessed;             /* by position alone */
} Layout;

static gboolean
add_to_group (Layout * layout, const RyGrid * grid)
{
  Group *group;
  guint i;

  for (i = 0; i < layout->n_groups; i++)
    if (layout->groups[i].grids[0].h == grid->h
        && layout->groups[i].grids[0].w == grid->w)
      break;
  if (i == RY_MAX_LEVELS)
    return FALSE;
  group = &layout->groups[i];
  if (i == layout->n_groups) {
    layout->n_groups++;
    group->n = 0;
  }
  if (group->n == G_N_ELEMENTS (group->grids))
    return FALSE;
  group->grids[group->n++] = *grid;
  return TRUE;
}

/* Takes the last tensor with that many channels out of a group. */
static gboolean
take_out (Group * group, guint channels, RyGrid * grid)
{
  guint i = group->n;

  while (i > 0 && group->grids[i - 1].c != channels)
    i--;
  if (i == 0)
    return FALSE;
  *grid = group->grids[i - 1];
  for (; i < group->n; i++)
    group->grids[i - 1] = group->grids[i];
  group->n--;
  return TRUE;
}

static void
sort_groups (Layout * layout)
{
  guint i, j;

  for (i = 1; i < layout->n_groups; i++) {
    Group group = layout->groups[i];

    for (j = i; j > 0 && layout->groups[j - 1].grids[0].stride
        > group.grids[0].stride; j--)
      layout->groups[j] = layout->groups[j - 1];
    layout->groups[j] = group;
  }
}

/* Sorts the outputs into pairs of one grid each.  FALSE if they are none. */
static gboolean
find_pairs (const RyHeadInput * input, Layout * layout)
{
  guint proto = ry_grid_find_proto (input, &layout->proto);
  guint i;

  for (i = 0; i < input->n; i++) {
    RyGrid grid;

    if (i == proto)
      continue;
    if (!ry_grid_of_output (input, i, &grid) || grid.stride == 0
        || !add_to_group (layout, &grid))
      return FALSE;
  }
  for (i = 0; i < layout->n_groups; i++) {
    Group *group = &layout->groups[i];

    if (proto < input->n
        && !take_out (group, layout->proto.c, &group->coefficients))
      return FALSE;
    if (i == 0)
      layout->has_sum = group->n == 3;
    if (layout->has_sum && !take_out (group, 1, &group->sum))
      return FALSE;
    if (group->n != 2)
      return FALSE;
  }
  sort_groups (layout);
  return layout->n_groups > 0;
}

static gboolean
pair_is (const Layout * layout, guint box, guint box_channels,
    guint class_channels)
{
  guint i;

  for (i = 0; i < layout->n_groups; i++) {
    const RyGrid *grids = layout->groups[i].grids;

    if ((box_channels != 0 && grids[box].c != box_channels)
        || (class_channels != 0 && grids[1 - box].c != class_channels))
      return FALSE;
  }
  return TRUE;
}

/* Can the tensors at a position be probabilities?  Says so only if all of them
 * have eight bits. */
static gboolean
spans_probabilities (const RyHeadInput * input, const Layout * layout,
    guint position)
{
  guint i;

  for (i = 0; i < layout->n_groups; i++) {
    const RyTensor *t =
        &input->outputs[layout->groups[i].grids[position].output];
    gboolean logits;
    RyMap map;

    if (t->type != RKNN_TENSOR_INT8 && t->type != RKNN_TENSOR_UINT8)
      return FALSE;
    ry_map_init (&map, t, &layout->groups[i].grids[position], 0, 1);
    logits = ry_map_spans_logits (&map);
    ry_map_clear (&map);
    if (logits)
      return FALSE;
  }
  return TRUE;
}

/* 0: first is the box, 1: second is, -1: no telling. */
static gint
tell_pair (const RyHeadInput * input, const Layout * layout)
{
  static const guint usual[] = { 64, 68, 4, 44, 32 };
  const RyHeadHints *hints = input->hints;
  gboolean first, second;
  guint i;

  if (hints->n_classes != 0) {
    first = pair_is (layout, 0, 0, hints->n_classes);
    second = pair_is (layout, 1, 0, hints->n_classes);
    if (first != second)
      return second;
  }
  if (hints->reg_max != 0) {
    first = pair_is (layout, 0, 4 * hints->reg_max, 0);
    second = pair_is (layout, 1, 4 * hints->reg_max, 0);
    if (first != second)
      return second;
  }
  first = spans_probabilities (input, layout, 0);
  second = spans_probabilities (input, layout, 1);
  if (first != second)
    return first;
  first = second = FALSE;
  for (i = 0; i < G_N_ELEMENTS (usual); i++) {
    first |= pair_is (layout, 0, usual[i], 0);
    second |= pair_is (layout, 1, usual[i], 0);
  }
  return first != second ? second : -1;
}

/* FALSE if no tensor of the pairs has 4R channels everywhere. */
static gboolean
find_boxes (const RyHeadInput * input, Layout * layout)
{
  const RyGrid *grids = layout->groups[0].grids;
  gboolean can[2];
  guint i;

  for (i = 0; i < 2; i++)
    can[i] = grids[i].c % 4 == 0 && grids[i].c <= 4 * RY_MAX_BINS
        && pair_is (layout, i, grids[i].c, grids[1 - i].c);
  if (!can[0] && !can[1])
    return FALSE;
  if (can[0] && can[1]) {
    gint told = tell_pair (input, layout);

    layout->guessed = told < 0;
    layout->box = told > 0 ? 1 : 0;
  } else {
    layout->box = can[0] ? 0 : 1;
  }
  layout->classes = 1 - layout->box;
  return TRUE;
}

static void
init_level (Level * level, const RyHeadInput * input, const Layout * layout,
    const Group * group)
{
  const RyGrid *box = &group->grids[layout->box];
  const RyGrid *classes = &group->grids[layout->classes];

  ry_distances_init (&level->box, &input->outputs[box->output], box, 0,
      box->c / 4);
  ry_map_init (&level->classes, &input->outputs[classes->output], classes, 0,
      classes->c);
  level->has_sum = layout->has_sum;
  if (layout->has_sum)
    ry_map_init (&level->sum, &input->outputs[group->sum.output], &group->sum,
        0, 1);
  if (layout->proto.c != 0)
    ry_map_init (&level->coefficients,
        &input->outputs[group->coefficients.output], &group->coefficients, 0,
        layout->proto.c);
}

static RyScores
known_scores (Dfl * self)
{
  gboolean any = FALSE, logits = FALSE;
  guint i;

  for (i = 0; i < self->n_levels; i++) {
    if (ry_map_is_float (&self->levels[i].classes))
      continue;
    any = TRUE;
    logits |= ry_map_spans_logits (&self->levels[i].classes);
  }
  for (i = 0; logits && i < self->n_levels; i++)
    if (!ry_map_is_float (&self->levels[i].classes))
      ry_map_set_logits (&self->levels[i].classes);
  if (!any)
    return RY_SCORES_UNKNOWN;
  return logits ? RY_SCORES_LOGITS : RY_SCORES_PROBABILITIES;
}

static gchar *
describe (const Dfl * self, const RyHeadInput * input, const Layout * layout)
{
  GString *text = g_string_new (NULL);
  guint bins = self->levels[0].box.bins;

  if (layout->proto.c != 0)
    g_string_append_printf (text, "YOLOv8/11/26 segmentation, masks of %u "
        "prototypes", layout->proto.c);
  else if (bins == 1)
    g_string_append (text, "distances without bins (YOLOv6, YOLO26, "
        "YOLO-World)");
  else if (bins == 16)
    g_string_append (text, "YOLOv8/9/10/11/12/13");
  else if (bins == 17)
    g_string_append (text, "PP-YOLOE/YOLOv6");
  else if (bins == 11)
    g_string_append (text, "NanoDet");
  else
    g_string_append (text, "distribution focal loss");
  g_string_append_printf (text, ", %u outputs, %u classes, %u bin%s", input->n,
      self->head.n_classes, bins, bins > 1 ? "s" : "");
  return g_string_free (text, FALSE);
}

static void
dfl_free (RyHead * head)
{
  Dfl *self = (Dfl *) head;
  guint i;

  for (i = 0; i < self->n_levels; i++) {
    ry_distances_clear (&self->levels[i].box);
    ry_map_clear (&self->levels[i].classes);
    ry_map_clear (&self->levels[i].sum);
    ry_map_clear (&self->levels[i].coefficients);
  }
  g_free (self->levels);
  g_free (self);
}

static gchar *
make_notice (const Layout * layout)
{
  const RyGrid *grids = layout->groups[0].grids;

  if (layout->guessed)
    return g_strdup_printf ("Outputs of %u and of %u channels could both be "
        "the boxes; the first of each pair is taken for them. If the boxes are "
        "wrong, say the classes (a label file) of this model.", grids[0].c,
        grids[1].c);
  return NULL;
}

static RyHead *
dfl_recognise (const RyHeadInput * input, GError ** error)
{
  Layout layout = { 0 };
  Dfl *self;
  guint i;

  if (!find_pairs (input, &layout) || !find_boxes (input, &layout))
    return NULL;
  self = g_new0 (Dfl, 1);
  self->n_levels = layout.n_groups;
  self->levels = g_new0 (Level, self->n_levels);
  for (i = 0; i < self->n_levels; i++) {
    Level *level = &self->levels[i];

    init_level (level, input, &layout, &layout.groups[i]);
    self->head.max_cells = MAX (self->head.max_cells,
        level->box.map.h * level->box.map.w);
  }
  self->scores = known_scores (self);
  self->head.n_classes = self->levels[0].classes.n_channels;
  self->head.notice = make_notice (&layout);
  if (layout.proto.c != 0) {
    self->head.task = RY_TASK_SEGMENT;
    self->head.proto = ry_proto_new (&input->outputs[layout.proto.output],
        &layout.proto, input->hints);
  }
  ry_head_init (&self->head, &ry_head_dfl, input,
      describe (self, input, &layout));
  return &self->head;
}

static RyScores
scores_of_frame (Dfl * self, const RyFrame * frame)
{
  const RyMap *maps[RY_MAX_LEVELS];
  guint i;

  if (self->scores != RY_SCORES_UNKNOWN)
    return self->scores;
  for (i = 0; i < self->n_levels; i++)
    maps[i] = &self->levels[i].classes;
  if (ry_decide (&self->decision, maps, self->n_levels, 0,
          self->head.n_classes, RY_SCORE_LOW, RY_SCORE_HIGH, frame)
      == RY_OUTSIDE)
    return RY_SCORES_LOGITS;
  return RY_SCORES_PROBABILITIES;
}

/* The cells whose sum leaves room for a class above the threshold.  The sum
 * is rounded in steps of its own and may saturate below the threshold, so one
 * step of either tensor is conceded, and the greatest sum there is passes
 * always.  At low thresholds that may be all cells. */
static guint
scan_sum (const Level * level, const RyFrame * frame)
{
  const RyMap *sum = &level->sum;
  gfloat slack = 1.0f / 256;
  RyLimit limit;

  if (!ry_map_is_float (sum))
    slack = sum->scale;
  if (!ry_map_is_float (&level->classes))
    slack = MAX (slack, level->classes.scale);
  limit = ry_map_limit (sum, RY_SCORES_PROBABILITIES,
      frame->params->confidence_threshold - slack);
  limit.code = MIN (limit.code, 255);
  return ry_scan (sum, frame->data[sum->output], 0, 1, limit, frame->scan,
      frame->cells);
}

static void
dfl_collect (RyHead * head, const RyFrame * frame)
{
  Dfl *self = (Dfl *) head;
  RyScores scores = scores_of_frame (self, frame);
  guint i;

  for (i = 0; i < self->n_levels; i++) {
    const Level *level = &self->levels[i];
    RyClassMap classes = { &level->classes, i, 0, head->n_classes, G_MAXUINT,
      scores
    };

    guint n = G_MAXUINT;

    /* A sum of logits bounds nothing. */
    if (level->has_sum && scores == RY_SCORES_PROBABILITIES)
      n = scan_sum (level, frame);
    if (n <= MAX_SPARSE (level->classes.h * level->classes.w))
      ry_head_add_cells (frame, &classes, frame->cells, n);
    else
      ry_head_add_map (frame, &classes);
  }
}

static void
dfl_box (const RyHead * head, const RyFrame * frame,
    const RyCandidate * candidate, gfloat box[4])
{
  const Dfl *self = (const Dfl *) head;

  ry_distances_box (&self->levels[candidate->level].box, frame->data,
      candidate->cell, box);
}

static void
dfl_extra (const RyHead * head, const RyFrame * frame,
    const RyCandidate * candidate, RyExtra * extra)
{
  const Dfl *self = (const Dfl *) head;

  extra->map = &self->levels[candidate->level].coefficients;
  extra->cell = candidate->cell;
}

const RyHeadFamily ry_head_dfl = {
  "per scale [1,4R,H,W] box distances (R bins) and [1,classes,H,W], perhaps "
      "with [1,1,H,W] sums: Rockchip's YOLOv6/8/9/10/11/12/13, PP-YOLOE, "
      "YOLO-World, YOLO26, NanoDet; with [1,K,H,W] coefficients and a "
      "prototype [1,K,H',W'] their segmentation models",
  dfl_recognise, dfl_collect, dfl_box, dfl_free, dfl_extra, NULL
};
