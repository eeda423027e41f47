/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Boxes and scores of all cells in two outputs, decoded by the model: [1,N,4]
 * and [1,N,nc] of YOLO-NAS, [1,N,4,1] and [1,nc,N,1] of PicoDet, or the
 * transpose of either, in any order.  Boxes are x1, y1, x2, y2 in pixels, or in
 * 0..1 of the input; scores are after the sigmoid, or logits.  The ranges of
 * 8-bit tensors tell, the first frame of floats.  With four classes the first
 * output is the box. */

#include "decode/head.h"

#include "decode/grid.h"

/* As in head-ultralytics.c. */
#define FRACTION_LOW (-2.0f)
#define FRACTION_HIGH 4.0f

typedef struct
{
  RyHead head;
  RyMap boxes, classes;
  RyScores scores;
  RyDecision logits;
  gfloat width, height;         /* of the input */
  RyDecision fractions;
} Lists;

static void
lists_free (RyHead * head)
{
  Lists *self = (Lists *) head;

  ry_map_clear (&self->boxes);
  ry_map_clear (&self->classes);
  g_free (self);
}

static RyHead *
lists_recognise (const RyHeadInput * input, GError ** error)
{
  RyGrid grids[2];
  guint multiple[2], box, i;
  Lists *self;

  if (input->n != 2)
    return NULL;
  for (i = 0; i < 2; i++)
    if (!ry_grid_of_list (input, i, &grids[i], &multiple[i]))
      return NULL;
  box = grids[0].c == 4 ? 0 : 1;
  if (grids[box].c != 4 || grids[0].w != grids[1].w)
    return NULL;
  self = g_new0 (Lists, 1);
  ry_map_init (&self->boxes, &input->outputs[box], &grids[box], 0, 4);
  ry_map_init (&self->classes, &input->outputs[1 - box], &grids[1 - box], 0,
      grids[1 - box].c);
  if (!ry_map_is_float (&self->classes)) {
    self->scores = RY_SCORES_PROBABILITIES;
    if (ry_map_spans_logits (&self->classes)) {
      self->scores = RY_SCORES_LOGITS;
      ry_map_set_logits (&self->classes);
    }
  }
  self->width = input->hints->input_width;
  self->height = input->hints->input_height;
  self->head.n_classes = grids[1 - box].c;
  self->head.max_cells = grids[0].w;
  ry_head_init (&self->head, &ry_head_lists, input,
      g_strdup_printf ("YOLO-NAS/PicoDet, lists of %u boxes and scores, %u "
          "classes", grids[0].w, self->head.n_classes));
  return &self->head;
}

static void
lists_collect (RyHead * head, const RyFrame * frame)
{
  Lists *self = (Lists *) head;
  const RyMap *map = &self->classes;
  RyClassMap classes = { map, 0, 0, head->n_classes, G_MAXUINT, self->scores };

  if (self->scores == RY_SCORES_UNKNOWN)
    classes.scores = ry_decide (&self->logits, &map, 1, 0, head->n_classes,
        RY_SCORE_LOW, RY_SCORE_HIGH, frame) == RY_OUTSIDE ? RY_SCORES_LOGITS
        : RY_SCORES_PROBABILITIES;
  ry_head_add_map (frame, &classes);
}

static gboolean
has_fractions (Lists * self, const RyFrame * frame)
{
  const RyMap *map = &self->boxes;

  if (!ry_map_is_float (map))
    return ry_map_high (map) < FRACTION_HIGH;
  return ry_decide (&self->fractions, &map, 1, 0, 4, FRACTION_LOW,
      FRACTION_HIGH, frame) == RY_INSIDE;
}

static void
lists_box (const RyHead * head, const RyFrame * frame,
    const RyCandidate * candidate, gfloat box[4])
{
  Lists *self = (Lists *) head;
  const RyMap *map = &self->boxes;
  gconstpointer data = frame->data[map->output];
  gsize element = ry_map_cell (map, candidate->cell);
  gboolean fractions = has_fractions (self, frame);
  guint k;

  for (k = 0; k < 4; k++) {
    box[k] = ry_map_value (map, data, element + map->offset[k]);
    if (fractions)
      box[k] *= k % 2 == 0 ? self->width : self->height;
  }
}

const RyHeadFamily ry_head_lists = {
  "two outputs [1,N,4] (x1, y1, x2, y2) and [1,N,classes]: YOLO-NAS, PicoDet",
  lists_recognise, lists_collect, lists_box, lists_free, NULL, NULL
};
