/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Boxes and classes of a grid in one tensor, [1,4R+nc,H,W] for each grid: the
 * maps Ultralytics' detection head concatenates, and what Rockchip's pose
 * export puts out together with [1,K,3,N] keypoints.  First 4R distribution
 * logits as in head-dfl.c, then class logits.  R is 16 unless the hints say
 * otherwise.  The classes are logits: box and classes share one scale, so the
 * range of an 8-bit tensor says nothing about them; of floats it does. */

#include "decode/head.h"

#include "decode/distance.h"
#include "decode/equal.h"

typedef struct
{
  RyHead head;
  guint n_levels;
  RyDistances *boxes;
  RyMap *classes;
  gboolean floats;
  RyDecision decision;
} Raw;

/* Keypoints [1,K,3,N] or [1,K,2,N] with N the cells of all other outputs. */
static guint
find_keypoints (const RyHeadInput * input)
{
  guint64 cells = 0;
  guint found = input->n, i;

  for (i = 0; i < input->n; i++) {
    const RyTensor *t = &input->outputs[i];

    if (t->n_dims != 4)
      return input->n;
    if ((t->dims[2] == 3 || t->dims[2] == 2)
        && ry_grid_stride (input->hints, t->dims[2], t->dims[3]) == 0)
      found = i;
    else
      cells += (guint64) t->dims[2] * t->dims[3];
  }
  if (found < input->n && input->outputs[found].dims[3] != cells)
    return input->n;
  return found;
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
  g_free (self->boxes);
  g_free (self->classes);
  g_free (self);
}

static void
init_levels (Raw * self, const RyHeadInput * input, const RyEqual * equal,
    guint bins)
{
  guint i;

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
  }
}

static RyHead *
raw_recognise (const RyHeadInput * input, GError ** error)
{
  guint keypoints = find_keypoints (input);
  guint bins = ry_equal_bins (input->hints);
  RyEqual equal = ry_equal_find (input,
      keypoints < input->n ? G_GUINT64_CONSTANT (1) << keypoints : 0);
  gboolean pose = keypoints < input->n;
  Raw *self;

  if (equal.kind == RY_EQUAL_NONE || (!pose && equal.kind != RY_EQUAL_RAW)
      || equal.grids[0].c <= 4 * bins || bins > RY_MAX_BINS)
    return NULL;
  self = g_new0 (Raw, 1);
  init_levels (self, input, &equal, bins);
  self->head.n_classes = equal.grids[0].c - 4 * bins;
  if (pose)
    self->head.notice = g_strdup ("This is a pose model: its boxes are "
        "delivered, its keypoints are not.");
  else if (equal.guessed)
    self->head.notice = g_strdup_printf ("%u channels a grid could be several "
        "heads; they are taken for YOLOv8 maps of %u classes. If the boxes are "
        "wrong, say the classes (a label file) of this model.",
        equal.grids[0].c, self->head.n_classes);
  ry_head_init (&self->head, &ry_head_raw, input,
      g_strdup_printf ("%s, %u outputs, %u classes, %u bins",
          pose ? "YOLOv8/11 pose (boxes only)" : "YOLOv8/11 raw maps", input->n,
          self->head.n_classes, bins));
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

const RyHeadFamily ry_head_raw = {
  "per scale [1,64+classes,H,W], logits: Ultralytics' raw maps; pose models "
      "(boxes only)",
  raw_recognise, raw_collect, raw_box, raw_free
};
