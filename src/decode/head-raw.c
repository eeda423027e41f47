/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Boxes and classes of a grid in one tensor, [1,4R+nc,H,W] for each grid: the
 * maps Ultralytics' detection head concatenates, and what Rockchip's exports
 * of YOLOv8, 11 and 26 put out together with
 *
 *   [1,K,D,N]  keypoints of all cells, the finest grid first: x and y in
 *              pixels, and of D = 3 a confidence after the sigmoid
 *   [1,1,N]    angles of rotated boxes: a after the sigmoid, which stands for
 *              (a - .25) * pi, or radians (YOLO26)
 *
 * First 4R distribution logits as in head-dfl.c, then class logits.  R is what
 * the hints say, what is left when the classes are known, 16 if there are more
 * than 64 channels, and else 1.  The classes are logits: box and classes share
 * one scale, so the range of an 8-bit tensor says nothing about them; of
 * floats it does.  Angles beyond 0..1, in the range of an 8-bit tensor or in a
 * frame of floats, are radians.
 *
 * Of rotated boxes the distances l, t, r, b are along their own axes, and the
 * centre is off the cell's (gx + .5, gy + .5) by
 *
 *   x = (r - l) / 2, y = (b - t) / 2
 *   cx = (x * cos - y * sin + gx + .5) * s, w = (l + r) * s
 *   cy = (x * sin + y * cos + gy + .5) * s, h = (t + b) * s
 *
 * (Ultralytics' dist2rbox in utils/tal.py.) */

#include "decode/head.h"

#include <math.h>

#include "decode/distance.h"
#include "decode/equal.h"

typedef struct
{
  RyHead head;
  guint n_levels;
  RyDistances *boxes;
  RyMap *classes;
  guint first_cell[RY_MAX_LEVELS];      /* in extra */
  RyMap extra;                  /* keypoints or angles */
  gboolean floats;
  RyDecision decision;
  gboolean radians;             /* of 8-bit angles */
  RyDecision angles;
} Raw;

/* The output beside the maps. */
typedef struct
{
  guint output;
  RyTask task;
  RyGrid grid;
} Beside;

static guint64
count_cells (const RyHeadInput * input, guint but)
{
  guint64 cells = 0;
  guint i;

  for (i = 0; i < input->n; i++) {
    const RyTensor *t = &input->outputs[i];

    if (i != but && t->n_dims == 4)
      cells += (guint64) t->dims[2] * t->dims[3];
  }
  return cells;
}

/* Keypoints [1,K,3,N] or [1,K,2,N] or angles [1,1,N], with N the cells of all
 * other outputs. */
static gboolean
find_beside (const RyHeadInput * input, Beside * beside)
{
  guint i, multiple;

  for (i = 0; i < input->n; i++) {
    const RyTensor *t = &input->outputs[i];
    guint64 cells = count_cells (input, i);

    beside->output = i;
    if (t->n_dims == 4 && (t->dims[2] == 3 || t->dims[2] == 2)
        && t->dims[3] == cells) {
      ry_grid_of_output (input, i, &beside->grid);
      beside->task = RY_TASK_POSE;
      return TRUE;
    }
    if (ry_grid_of_list (input, i, &beside->grid, &multiple)
        && beside->grid.c == 1 && beside->grid.w == cells) {
      beside->task = RY_TASK_OBB;
      return TRUE;
    }
  }
  return FALSE;
}

/* Bins of maps whose channels are box and classes; 0 if there are none. */
static guint
find_bins (const RyHeadHints * hints, guint channels)
{
  guint bins = hints->reg_max;

  if (bins == 0 && hints->n_classes != 0 && channels > hints->n_classes
      && (channels - hints->n_classes) % 4 == 0)
    bins = (channels - hints->n_classes) / 4;
  if (bins == 0)
    bins = channels > 64 ? 16 : 1;
  return bins <= RY_MAX_BINS && channels > 4 * bins ? bins : 0;
}

static void
raw_free (RyHead * head)
{
  Raw *self = (Raw *) head;
  guint i;

  for (i = 0; i < self->n_levels; i++) {
    ry_distances_clear (&self->boxes[i]);
    ry_map_clear (&self->classes[i]);
  }
  ry_map_clear (&self->extra);
  g_free (self->boxes);
  g_free (self->classes);
  g_free (self);
}

static void
init_levels (Raw * self, const RyHeadInput * input, const RyEqual * equal,
    guint bins)
{
  guint cell = 0, i;

  self->n_levels = equal->n_grids;
  self->boxes = g_new0 (RyDistances, equal->n_grids);
  self->classes = g_new0 (RyMap, equal->n_grids);
  for (i = 0; i < equal->n_grids; i++) {
    const RyGrid *grid = &equal->grids[i];
    const RyTensor *t = &input->outputs[grid->output];

    ry_distances_init (&self->boxes[i], t, grid, 0, bins);
    ry_map_init (&self->classes[i], t, grid, 4 * bins, grid->c - 4 * bins);
    if (ry_map_is_float (&self->classes[i]))
      self->floats = TRUE;
    else
      ry_map_set_logits (&self->classes[i]);
    self->head.max_cells = MAX (self->head.max_cells, grid->h * grid->w);
    self->first_cell[i] = cell;
    cell += grid->h * grid->w;
  }
  self->head.n_classes = equal->grids[0].c - 4 * bins;
}

static void
init_beside (Raw * self, const RyHeadInput * input, const Beside * beside)
{
  const RyTensor *t = &input->outputs[beside->output];

  self->head.task = beside->task;
  if (beside->task == RY_TASK_POSE) {
    ry_map_init_rows (&self->extra, t, &beside->grid);
    self->head.n_keypoints = beside->grid.c;
    self->head.keypoint_dims = beside->grid.h;
  } else {
    ry_map_init (&self->extra, t, &beside->grid, 0, 1);
    self->radians = !ry_map_is_float (&self->extra)
        && ry_map_spans_logits (&self->extra);
  }
}

static gchar *
describe (const Raw * self, const RyHeadInput * input, guint bins)
{
  static const gchar *const names[] = { "YOLOv8/11 raw maps", "",
    "YOLOv8/11/26 pose", "YOLOv8/11/26 rotated boxes"
  };
  GString *text = g_string_new (names[self->head.task]);

  g_string_append_printf (text, ", %u outputs, %u classes, %u bin%s", input->n,
      self->head.n_classes, bins, bins > 1 ? "s" : "");
  if (self->head.task == RY_TASK_POSE)
    g_string_append_printf (text, ", %u keypoints", self->head.n_keypoints);
  return g_string_free (text, FALSE);
}

static RyHead *
raw_recognise (const RyHeadInput * input, GError ** error)
{
  Beside beside = { 0 };
  gboolean has_beside = find_beside (input, &beside);
  RyEqual equal = { RY_EQUAL_NONE };
  guint bins;
  Raw *self;

  if (has_beside) {
    if (beside.output >= 64 || !ry_equal_find_grids (input,
            G_GUINT64_CONSTANT (1) << beside.output, 5, &equal))
      return NULL;
    bins = find_bins (input->hints, equal.grids[0].c);
  } else {
    equal = ry_equal_find (input, 0);
    if (equal.kind != RY_EQUAL_RAW)
      return NULL;
    bins = ry_equal_bins (input->hints);
    if (bins > RY_MAX_BINS || equal.grids[0].c <= 4 * bins)
      return NULL;
  }
  if (bins == 0)
    return NULL;
  self = g_new0 (Raw, 1);
  init_levels (self, input, &equal, bins);
  if (has_beside)
    init_beside (self, input, &beside);
  if (equal.guessed)
    self->head.notice = g_strdup_printf ("%u channels a grid could be several "
        "heads; they are taken for YOLOv8 maps of %u classes. If the boxes are "
        "wrong, say the classes (a label file) of this model.",
        equal.grids[0].c, self->head.n_classes);
  ry_head_init (&self->head, &ry_head_raw, input, describe (self, input, bins));
  return &self->head;
}

static RyScores
scores_of_frame (Raw * self, const RyFrame * frame)
{
  const RyMap *maps[RY_MAX_LEVELS];
  guint i;

  if (!self->floats)
    return RY_SCORES_LOGITS;
  for (i = 0; i < self->n_levels; i++)
    maps[i] = &self->classes[i];
  if (ry_decide (&self->decision, maps, self->n_levels, 0,
          self->head.n_classes, RY_SCORE_LOW, RY_SCORE_HIGH, frame)
      == RY_INSIDE)
    return RY_SCORES_PROBABILITIES;
  return RY_SCORES_LOGITS;
}

static void
raw_collect (RyHead * head, const RyFrame * frame)
{
  Raw *self = (Raw *) head;
  RyScores scores = scores_of_frame (self, frame);
  guint i;

  for (i = 0; i < self->n_levels; i++) {
    RyClassMap classes = { &self->classes[i], i, 0, head->n_classes,
      G_MAXUINT, scores
    };

    ry_head_add_map (frame, &classes);
  }
}

static void
raw_box (const RyHead * head, const RyFrame * frame,
    const RyCandidate * candidate, gfloat box[4])
{
  const Raw *self = (const Raw *) head;

  ry_distances_box (&self->boxes[candidate->level], frame->data,
      candidate->cell, box);
}

static gfloat
angle_of (Raw * self, const RyFrame * frame, const RyCandidate * candidate)
{
  const RyMap *map = &self->extra;
  guint cell = self->first_cell[candidate->level] + candidate->cell;
  gfloat value = ry_map_value (map, frame->data[map->output],
      ry_map_cell (map, cell) + map->offset[0]);
  gboolean radians = self->radians;

  if (ry_map_is_float (map))
    radians = ry_decide (&self->angles, &map, 1, 0, 1, RY_SCORE_LOW,
        RY_SCORE_HIGH, frame) == RY_OUTSIDE;
  return radians ? value : (value - 0.25f) * (gfloat) G_PI;
}

static void
raw_rotated (const RyHead * head, const RyFrame * frame,
    const RyCandidate * candidate, gfloat xywha[5])
{
  Raw *self = (Raw *) head;
  const RyDistances *boxes = &self->boxes[candidate->level];
  gfloat angle = angle_of (self, frame, candidate);
  gfloat c = cosf (angle), s = sinf (angle), d[4], x, y;
  guint w = boxes->map.w;

  ry_distances_sides (boxes, frame->data, candidate->cell, d);
  x = (d[2] - d[0]) / 2;
  y = (d[3] - d[1]) / 2;
  xywha[0] = (x * c - y * s + candidate->cell % w + 0.5f) * boxes->stride;
  xywha[1] = (x * s + y * c + candidate->cell / w + 0.5f) * boxes->stride;
  xywha[2] = (d[0] + d[2]) * boxes->stride;
  xywha[3] = (d[1] + d[3]) * boxes->stride;
  xywha[4] = angle;
}

static void
raw_extra (const RyHead * head, const RyFrame * frame,
    const RyCandidate * candidate, RyExtra * extra)
{
  const Raw *self = (const Raw *) head;

  extra->map = &self->extra;
  extra->cell = self->first_cell[candidate->level] + candidate->cell;
}

const RyHeadFamily ry_head_raw = {
  "per scale [1,64+classes,H,W], logits: Ultralytics' raw maps; with [1,K,3,N] "
      "keypoints or [1,1,N] angles Rockchip's pose and OBB models",
  raw_recognise, raw_collect, raw_box, raw_free, raw_extra, raw_rotated
};
