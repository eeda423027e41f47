/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Models that select for themselves: [1,K,6] with x1, y1, x2, y2 in pixels,
 * score and class in each of K rows (YOLOv10 and YOLO26 end to end, or an
 * export with NMS inside).  Rows that are not used are zeros or garbage below
 * the threshold.  No NMS is done.  Behind the six there may be 32 mask
 * coefficients (38, with a prototype as second output) or 17 keypoints (57):
 * boxes only.  The number of classes is not in the shapes. */

#include "decode/head.h"

#include "decode/broken.h"
#include "decode/grid.h"

#define MAX_ROWS 1000

typedef struct
{
  RyHead head;
  RyMap map;                    /* six channels */
} EndToEnd;

static gboolean
find_rows (const RyHeadInput * input, RyGrid * grid, const gchar ** notice)
{
  guint rows, columns, multiple, i;

  for (i = 0; i < input->n; i++)
    if (input->outputs[i].n_dims == 3)
      break;
  if (i == input->n || input->n > 2)
    return FALSE;
  rows = input->outputs[i].dims[1];
  columns = input->outputs[i].dims[2];
  if (rows > MAX_ROWS || ry_grid_of_list (input, i, grid, &multiple))
    return FALSE;
  if (columns == 38 && input->n == 2)
    *notice = "This is a segmentation model: its boxes are delivered, its "
        "masks are not.";
  else if (columns == 57 && input->n == 1)
    *notice = "This is a pose model: its boxes are delivered, its keypoints "
        "are not.";
  else if (columns != 6 || input->n != 1)
    return FALSE;
  grid->output = i;
  grid->c = columns;
  grid->h = 1;
  grid->w = rows;
  grid->c2 = columns;
  grid->plane = 0;
  grid->row = (gsize) rows * columns;
  grid->base = 0;
  grid->stride = 0;
  return TRUE;
}

static void
end2end_free (RyHead * head)
{
  EndToEnd *self = (EndToEnd *) head;

  ry_map_clear (&self->map);
  g_free (self);
}

static RyHead *
end2end_recognise (const RyHeadInput * input, GError ** error)
{
  const gchar *notice = NULL;
  EndToEnd *self;
  RyGrid grid;

  if (!find_rows (input, &grid, &notice)
      || !ry_broken_check (&input->outputs[grid.output], error))
    return NULL;
  self = g_new0 (EndToEnd, 1);
  ry_map_init (&self->map, &input->outputs[grid.output], &grid, 0, 6);
  self->head.n_classes = input->hints->n_classes;
  self->head.max_cells = grid.w;
  self->head.notice = g_strdup (notice);
  ry_head_init (&self->head, &ry_head_end2end, input,
      g_strdup_printf ("end to end%s, %u rows, no NMS",
          notice != NULL ? " (boxes only)" : "", grid.w));
  self->head.nms = FALSE;
  return &self->head;
}

static void
end2end_collect (RyHead * head, const RyFrame * frame)
{
  EndToEnd *self = (EndToEnd *) head;
  const RyMap *map = &self->map;
  const RyDecodeParams *params = frame->params;
  gconstpointer data = frame->data[map->output];
  guint limit = head->n_classes != 0 ? head->n_classes : G_MAXUINT16;
  guint row;

  for (row = 0; row < map->w; row++) {
    gsize element = ry_map_cell (map, row);
    gfloat score = ry_map_value (map, data, element + 4);
    gfloat class_id = ry_map_value (map, data, element + 5);

    if (!(score > params->confidence_threshold))
      continue;
    if (!(class_id > -0.5f && class_id < limit - 0.5f))
      continue;
    if (params->classes != NULL && head->n_classes != 0
        && !params->classes[(guint) (class_id + 0.5f)])
      continue;
    ry_candidates_add (frame->candidates, score, 0, row,
        (guint) (class_id + 0.5f));
  }
}

static void
end2end_box (const RyHead * head, const RyFrame * frame,
    const RyCandidate * candidate, gfloat box[4])
{
  const EndToEnd *self = (const EndToEnd *) head;
  const RyMap *map = &self->map;
  gconstpointer data = frame->data[map->output];
  gsize element = ry_map_cell (map, candidate->cell);
  guint k;

  for (k = 0; k < 4; k++)
    box[k] = ry_map_value (map, data, element + k);
}

const RyHeadFamily ry_head_end2end = {
  "one output [1,K,6] with K rows x1, y1, x2, y2, score, class: end-to-end "
      "exports",
  end2end_recognise, end2end_collect, end2end_box, end2end_free
};
