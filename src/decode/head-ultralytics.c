/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One output with all cells of all grids, decoded by the model:
 *
 *   [1,4+nc,N]    Ultralytics' export of YOLOv8, 9, 11, 12, 13, 26: centre x,
 *                 centre y, width, height, class probabilities
 *   [1,3*N,5+nc]  the YOLOv5 and v7 repositories: with objectness
 *
 * or the transpose of either.  N is the number of cells of all strides, which
 * also tells rows from columns.  A segmentation model has K mask coefficients
 * behind the classes and a prototype [1,K,H,W] as second output; a pose model
 * (the hints' task must say so) has keypoints there: boxes only, of both.
 *
 * Boxes are in pixels, or in 0..1 of the input in what Ultralytics from
 * 8.4.110 on exports with quantize=8.  The range of an 8-bit tensor tells, the
 * first frame of floats.  Eight bits for boxes in pixels leave nothing for
 * scores in 0..1: such a model is refused. */

#include "decode/head.h"

#include <string.h>

#include "decode/broken.h"
#include "decode/grid.h"

/* Pixels are somewhere beyond this in every frame, fractions never. */
#define FRACTION_LOW (-2.0f)
#define FRACTION_HIGH 4.0f

typedef struct
{
  RyHead head;
  RyMap map;                    /* 4 or 5 channels, classes */
  gboolean objectness;
  gfloat width, height;         /* of the input */
  gboolean fractions;           /* known, or expected until a frame decides */
  RyDecision decision;
} Single;

typedef struct
{
  RyGrid grid;
  guint multiple;
  guint extra;                  /* channels behind the classes */
  const gchar *what;            /* for the notice: these are not delivered */
} Shape;

static gboolean
task_is (const RyHeadHints * hints, const gchar * task)
{
  return hints->task != NULL && strcmp (hints->task, task) == 0;
}

/* Keypoints are what is left behind the classes. */
static gboolean
find_keypoints (const RyHeadInput * input, Shape * shape)
{
  guint n_classes = MAX (1, input->hints->n_classes);

  if (shape->grid.c <= 4 + n_classes)
    return FALSE;
  shape->extra = shape->grid.c - 4 - n_classes;
  shape->what = "pose model: its boxes are delivered, its keypoints are not";
  return shape->extra % 3 == 0 || shape->extra % 2 == 0;
}

static gboolean
find_shape (const RyHeadInput * input, Shape * shape)
{
  guint list = 0, channels = 0;

  if (input->n == 2) {
    guint proto = ry_grid_find_proto (input, &channels);

    /* The list may have four dimensions, too, but never the finer grid. */
    if (proto == input->n && input->outputs[0].n_dims != 4
        && input->outputs[1].n_dims == 4)
      proto = 1;
    else if (proto == input->n)
      return FALSE;
    channels = input->outputs[proto].dims[1];
    list = 1 - proto;
    shape->extra = channels;
    shape->what = "segmentation model: its boxes are delivered, its masks are "
        "not";
  }
  if (input->n > 2 || !ry_grid_of_list (input, list, &shape->grid,
          &shape->multiple))
    return FALSE;
  if (input->n == 1 && shape->multiple == 1 && task_is (input->hints, "pose")
      && !find_keypoints (input, shape))
    return FALSE;
  return shape->grid.c > (shape->multiple == 3 ? 5 : 4) + shape->extra;
}

static void
single_free (RyHead * head)
{
  Single *self = (Single *) head;

  ry_map_clear (&self->map);
  g_free (self);
}

static RyHead *
single_recognise (const RyHeadInput * input, GError ** error)
{
  const RyHeadHints *hints = input->hints;
  Shape shape = { {0} };
  const RyTensor *t;
  Single *self;
  guint before;

  if (!find_shape (input, &shape))
    return NULL;
  t = &input->outputs[shape.grid.output];
  if (!ry_broken_check (t, error))
    return NULL;
  self = g_new0 (Single, 1);
  self->objectness = shape.multiple == 3;
  before = self->objectness ? 5 : 4;
  self->head.n_classes = shape.grid.c - before - shape.extra;
  ry_map_init (&self->map, t, &shape.grid, 0, before + self->head.n_classes);
  self->width = hints->input_width;
  self->height = hints->input_height;
  self->fractions = !ry_map_is_float (&self->map)
      || hints->quantized_boxes == 1;
  self->head.max_cells = shape.grid.w;
  if (shape.what != NULL)
    self->head.notice = g_strdup_printf ("This is a %s.", shape.what);
  ry_head_init (&self->head, &ry_head_ultralytics, input,
      g_strdup_printf ("%s%s, one list of %u cells, %u classes",
          self->objectness ? "YOLOv5/v7" : "Ultralytics",
          shape.what != NULL ? " (boxes only)" : "", shape.grid.w,
          self->head.n_classes));
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

static gboolean
has_fractions (Single * self, const RyFrame * frame)
{
  const RyMap *map = &self->map;
  RyDecided decided;

  if (!ry_map_is_float (map))
    return self->fractions;
  decided = ry_decide (&self->decision, &map, 1, 0, 4, FRACTION_LOW,
      FRACTION_HIGH, frame);
  return decided == RY_UNDECIDED ? self->fractions : decided == RY_INSIDE;
}

static void
single_box (const RyHead * head, const RyFrame * frame,
    const RyCandidate * candidate, gfloat box[4])
{
  Single *self = (Single *) head;
  const RyMap *map = &self->map;
  gconstpointer data = frame->data[map->output];
  gsize element = ry_map_cell (map, candidate->cell);
  gboolean fractions = has_fractions (self, frame);
  gfloat x_unit = fractions ? self->width : 1;
  gfloat y_unit = fractions ? self->height : 1;
  gfloat v[4];
  guint k;

  for (k = 0; k < 4; k++)
    v[k] = ry_map_value (map, data, element + map->offset[k]);
  box[0] = (v[0] - v[2] / 2) * x_unit;
  box[1] = (v[1] - v[3] / 2) * y_unit;
  box[2] = (v[0] + v[2] / 2) * x_unit;
  box[3] = (v[1] + v[3] / 2) * y_unit;
}

const RyHeadFamily ry_head_ultralytics = {
  "one output [1,4+classes,N] or [1,N,4+classes] (Ultralytics), "
      "[1,3*N,5+classes] (YOLOv5 and v7 repositories)",
  single_recognise, single_collect, single_box, single_free
};
