/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One output with all cells of all grids, decoded by the model:
 *
 *   [1,4+nc,N]         Ultralytics' export of YOLOv3u, v5u, 8, 9, 11, 12, 13,
 *                      26 and YOLO-World: centre x, centre y, width, height,
 *                      class probabilities
 *   [1,4+nc+K,N]       with K mask coefficients, and a prototype [1,K,H,W] as
 *                      second output
 *   [1,4+nc+K*D,N]     with K keypoints of D numbers, x, y and perhaps a
 *                      confidence
 *   [1,4+nc+1,N]       of rotated boxes, with their angles in radians
 *   [1,3*N,5+nc]       the YOLOv5 and v7 repositories: with objectness; their
 *   [1,3*N,5+nc+K]     segmentation models
 *
 * or the transpose of either.  N is the number of cells of all strides, which
 * also tells rows from columns.
 *
 * A prototype tells a segmentation model.  Of the rest shapes tell nothing;
 * what does is, in this order: a user's head that ends in -pose or -obb; the
 * metadata's task; its kpt_shape; 56 channels, which are one class and 17
 * keypoints unless 52 classes are known or the user said a head.  Without
 * kpt_shape a pose model has one class, or as many as are known, and keypoints
 * of 3 numbers if that is possible.
 *
 * Boxes and keypoints are in pixels, or in 0..1 of the input in what
 * Ultralytics from 8.4.110 on exports with quantize=8.  The range of an 8-bit
 * tensor tells, the first frame of floats.  Eight bits for boxes in pixels
 * leave nothing for scores in 0..1: such a model is refused. */

#include "decode/head.h"

#include <string.h>

#include "decode/broken.h"
#include "decode/equal.h"

/* Pixels are somewhere beyond this in every frame, fractions never. */
#define FRACTION_LOW (-2.0f)
#define FRACTION_HIGH 4.0f

/* One class, 17 keypoints of COCO. */
#define USUAL_POSE_CHANNELS 56

typedef struct
{
  RyHead head;
  RyMap map;                    /* 4 or 5 channels, classes */
  RyMap extra;                  /* what is behind the classes; perhaps nothing */
  gboolean objectness;
  gfloat width, height;         /* of the input */
  gboolean fractions;           /* known, or expected until a frame decides */
  RyDecision decision;
} Single;

typedef struct
{
  RyGrid grid;
  guint multiple;
  RyTask task;
  guint before, extra;          /* channels before and behind the classes */
  guint keypoint_dims;
  RyGrid proto;
} Shape;

/* What is left behind the classes, of which there is one at least. */
static gboolean
find_keypoints (const RyHeadHints * hints, Shape * shape)
{
  guint n_classes = MAX (1, hints->n_classes);
  guint dims = hints->kpt_shape[1];

  if (hints->kpt_shape[0] != 0 && (dims == 2 || dims == 3)) {
    if (hints->kpt_shape[0] > shape->grid.c)
      return FALSE;
    shape->extra = hints->kpt_shape[0] * dims;
    shape->keypoint_dims = dims;
    return shape->grid.c > 4 + shape->extra;
  }
  if (shape->grid.c <= 4 + n_classes)
    return FALSE;
  shape->extra = shape->grid.c - 4 - n_classes;
  shape->keypoint_dims = shape->extra % 3 == 0 ? 3 : 2;
  return shape->extra % shape->keypoint_dims == 0;
}

static gboolean
is_pose (const RyHeadHints * hints, const Shape * shape)
{
  if (ry_hint_task (hints) != NULL)
    return ry_hint_task_is (hints, "pose");
  if (hints->kpt_shape[0] != 0)
    return TRUE;
  return shape->grid.c == USUAL_POSE_CHANNELS && hints->head == NULL
      && hints->n_classes != USUAL_POSE_CHANNELS - 4;
}

/* The prototype of two outputs and the list, which may have four dimensions,
 * too, but never the finer grid. */
static guint
find_proto (const RyHeadInput * input, Shape * shape)
{
  guint proto = ry_grid_find_proto (input, &shape->proto);

  if (proto < input->n || input->outputs[0].n_dims == 4
      || input->outputs[1].n_dims != 4)
    return proto;
  if (!ry_grid_of_output (input, 1, &shape->proto) || shape->proto.stride == 0)
    return input->n;
  return 1;
}

static gboolean
find_shape (const RyHeadInput * input, Shape * shape)
{
  const RyHeadHints *hints = input->hints;
  guint list = 0;

  if (input->n == 2) {
    guint proto = find_proto (input, shape);

    if (proto == input->n)
      return FALSE;
    list = 1 - proto;
    shape->task = RY_TASK_SEGMENT;
    shape->extra = shape->proto.c;
  }
  if (input->n > 2 || !ry_grid_of_list (input, list, &shape->grid,
          &shape->multiple))
    return FALSE;
  shape->before = shape->multiple == 3 ? 5 : 4;
  if (input->n == 1 && shape->multiple == 1) {
    if (ry_hint_task_is (hints, "obb")) {
      shape->task = RY_TASK_OBB;
      shape->extra = 1;
    } else if (is_pose (hints, shape)) {
      shape->task = RY_TASK_POSE;
      if (!find_keypoints (hints, shape))
        return FALSE;
    }
  }
  return shape->grid.c > shape->before + shape->extra;
}

static void
single_free (RyHead * head)
{
  Single *self = (Single *) head;

  ry_map_clear (&self->map);
  ry_map_clear (&self->extra);
  g_free (self);
}

static void
init_extra (Single * self, const RyHeadInput * input, const Shape * shape)
{
  self->head.task = shape->task;
  if (shape->extra != 0)
    ry_map_init (&self->extra, &input->outputs[shape->grid.output],
        &shape->grid, shape->grid.c - shape->extra, shape->extra);
  if (shape->task == RY_TASK_SEGMENT)
    self->head.proto = ry_proto_new (&input->outputs[shape->proto.output],
        &shape->proto, input->hints);
  if (shape->task == RY_TASK_POSE) {
    self->head.keypoint_dims = shape->keypoint_dims;
    self->head.n_keypoints = shape->extra / shape->keypoint_dims;
  }
}

static gchar *
describe (const Single * self)
{
  static const gchar *const tasks[] = { "", " segmentation", " pose",
    " rotated boxes"
  };
  GString *text = g_string_new (self->objectness ? "YOLOv5/v7" : "Ultralytics");

  g_string_append (text, tasks[self->head.task]);
  g_string_append_printf (text, ", one list of %u cells, %u classes",
      self->map.w, self->head.n_classes);
  if (self->head.task == RY_TASK_POSE)
    g_string_append_printf (text, ", %u keypoints", self->head.n_keypoints);
  return g_string_free (text, FALSE);
}

static RyHead *
single_recognise (const RyHeadInput * input, GError ** error)
{
  const RyHeadHints *hints = input->hints;
  Shape shape = { {0} };
  const RyTensor *t;
  Single *self;

  if (!find_shape (input, &shape))
    return NULL;
  t = &input->outputs[shape.grid.output];
  if (!ry_broken_check (t, error))
    return NULL;
  self = g_new0 (Single, 1);
  self->objectness = shape.multiple == 3;
  self->head.n_classes = shape.grid.c - shape.before - shape.extra;
  ry_map_init (&self->map, t, &shape.grid, 0,
      shape.before + self->head.n_classes);
  init_extra (self, input, &shape);
  self->width = hints->input_width;
  self->height = hints->input_height;
  self->fractions = !ry_map_is_float (&self->map)
      || hints->quantized_boxes == 1;
  self->head.max_cells = shape.grid.w;
  if (shape.task == RY_TASK_POSE && ry_hint_task (hints) == NULL
      && hints->kpt_shape[0] == 0)
    self->head.notice = g_strdup_printf ("%u channels could be a detector of "
        "%u classes; they are taken for a pose model of %u keypoints. If that "
        "is wrong, say the classes (a label file) of this model.",
        shape.grid.c, shape.grid.c - 4, self->head.n_keypoints);
  ry_head_init (&self->head, &ry_head_ultralytics, input, describe (self));
  return &self->head;
}

static void
single_collect (RyHead * head, const RyFrame * frame)
{
  Single *self = (Single *) head;
  RyClassMap classes = { &self->map, 0, self->objectness ? 5 : 4,
    head->n_classes, self->objectness ? 4 : G_MAXUINT,
    RY_SCORES_PROBABILITIES
  };

  ry_head_add_map (frame, &classes);
}

/* Pixels for 1 along x and y. */
static void
get_units (Single * self, const RyFrame * frame, gfloat unit[2])
{
  const RyMap *map = &self->map;
  gboolean fractions = self->fractions;

  if (ry_map_is_float (map)) {
    RyDecided decided = ry_decide (&self->decision, &map, 1, 0, 4,
        FRACTION_LOW, FRACTION_HIGH, frame);

    if (decided != RY_UNDECIDED)
      fractions = decided == RY_INSIDE;
  }
  unit[0] = fractions ? self->width : 1;
  unit[1] = fractions ? self->height : 1;
}

static void
read_centre_and_size (Single * self, const RyFrame * frame, guint cell,
    gfloat xywh[4])
{
  const RyMap *map = &self->map;
  gconstpointer data = frame->data[map->output];
  gsize element = ry_map_cell (map, cell);
  gfloat unit[2];
  guint k;

  get_units (self, frame, unit);
  for (k = 0; k < 4; k++)
    xywh[k] = ry_map_value (map, data, element + map->offset[k]) * unit[k % 2];
}

static void
single_box (const RyHead * head, const RyFrame * frame,
    const RyCandidate * candidate, gfloat box[4])
{
  gfloat v[4];

  read_centre_and_size ((Single *) head, frame, candidate->cell, v);
  box[0] = v[0] - v[2] / 2;
  box[1] = v[1] - v[3] / 2;
  box[2] = v[0] + v[2] / 2;
  box[3] = v[1] + v[3] / 2;
}

static void
single_rotated (const RyHead * head, const RyFrame * frame,
    const RyCandidate * candidate, gfloat xywha[5])
{
  const Single *self = (const Single *) head;

  read_centre_and_size ((Single *) head, frame, candidate->cell, xywha);
  xywha[4] = ry_map_value (&self->extra, frame->data[self->extra.output],
      ry_map_cell (&self->extra, candidate->cell) + self->extra.offset[0]);
}

static void
single_extra (const RyHead * head, const RyFrame * frame,
    const RyCandidate * candidate, RyExtra * extra)
{
  const Single *self = (const Single *) head;

  extra->map = &self->extra;
  extra->cell = candidate->cell;
  get_units ((Single *) head, frame, extra->unit);
}

const RyHeadFamily ry_head_ultralytics = {
  "one output [1,4+classes,N] or [1,N,4+classes] (Ultralytics), with "
      "coefficients and a prototype, keypoints or angles behind the classes; "
      "[1,3*N,5+classes] (YOLOv5 and v7 repositories)",
  single_recognise, single_collect, single_box, single_free, single_extra,
  single_rotated
};
