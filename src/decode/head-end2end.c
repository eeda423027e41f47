/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Models that select for themselves (YOLOv10 and YOLO26 end to end, or an
 * export with NMS inside): one output of K rows, K <= 1000,
 *
 *   [1,K,6]      x1, y1, x2, y2 in pixels, score and class
 *   [1,K,6+n]    n mask coefficients behind them, with a prototype [1,n,H,W]
 *                as second output (38 with the usual 32)
 *   [1,K,6+m*D]  m keypoints behind them (57: 17 of x, y, confidence): if the
 *                hints' task or kpt_shape say so, or it is 57
 *   [1,K,7]      rotated boxes: centre x, centre y, width, height, score,
 *                class, angle in radians
 *
 * Rows that are not used are zeros or garbage below the threshold.  No NMS is
 * done.  The number of classes is not in the shapes. */

#include "decode/head.h"

#include "decode/broken.h"
#include "decode/equal.h"

#define MAX_ROWS 1000
#define N_BEFORE 6              /* box, score, class */
#define USUAL_POSE_COLUMNS 57

typedef struct
{
  RyHead head;
  RyMap map;                    /* the first six numbers of a row */
  RyMap extra;                  /* the others */
} EndToEnd;

typedef struct
{
  RyGrid grid;
  RyGrid proto;
  RyTask task;
  guint keypoint_dims;
} Rows;

static gboolean
find_keypoints (const RyHeadHints * hints, guint n, Rows * rows)
{
  rows->keypoint_dims = hints->kpt_shape[1];
  if (hints->kpt_shape[0] != 0)
    return (rows->keypoint_dims == 2 || rows->keypoint_dims == 3)
        && n % rows->keypoint_dims == 0
        && n / rows->keypoint_dims == hints->kpt_shape[0];
  rows->keypoint_dims = n % 3 == 0 ? 3 : 2;
  return n % rows->keypoint_dims == 0 && (ry_hint_task_is (hints, "pose")
      || n == USUAL_POSE_COLUMNS - N_BEFORE);
}

static gboolean
find_task (const RyHeadInput * input, guint columns, Rows * rows)
{
  if (columns < N_BEFORE)
    return FALSE;
  rows->task = RY_TASK_DETECT;
  if (input->n == 2) {
    rows->task = RY_TASK_SEGMENT;
    return rows->proto.c != 0 && columns == N_BEFORE + rows->proto.c;
  }
  if (columns == N_BEFORE)
    return TRUE;
  rows->task = RY_TASK_OBB;
  if (columns == N_BEFORE + 1)
    return TRUE;
  rows->task = RY_TASK_POSE;
  return find_keypoints (input->hints, columns - N_BEFORE, rows);
}

static gboolean
find_rows (const RyHeadInput * input, Rows * rows)
{
  guint n_rows, columns, multiple, i;

  if (input->n > 2)
    return FALSE;
  for (i = 0; i < input->n; i++)
    if (input->outputs[i].n_dims == 3)
      break;
  if (i == input->n)
    return FALSE;
  n_rows = input->outputs[i].dims[1];
  columns = input->outputs[i].dims[2];
  if (n_rows > MAX_ROWS || ry_grid_of_list (input, i, &rows->grid, &multiple))
    return FALSE;
  if (input->n == 2 && (!ry_grid_of_output (input, 1 - i, &rows->proto)
          || rows->proto.stride == 0))
    return FALSE;
  ry_grid_of_rows (input, i, &rows->grid);
  return find_task (input, columns, rows);
}

static void
end2end_free (RyHead * head)
{
  EndToEnd *self = (EndToEnd *) head;

  ry_map_clear (&self->map);
  ry_map_clear (&self->extra);
  g_free (self);
}

static RyHead *
end2end_recognise (const RyHeadInput * input, GError ** error)
{
  static const gchar *const tasks[] = { "", " segmentation", " pose",
    " rotated boxes"
  };
  Rows rows = { {0} };
  const RyTensor *t;
  EndToEnd *self;

  if (!find_rows (input, &rows))
    return NULL;
  t = &input->outputs[rows.grid.output];
  if (!ry_broken_check (t, error))
    return NULL;
  self = g_new0 (EndToEnd, 1);
  ry_map_init (&self->map, t, &rows.grid, 0, N_BEFORE);
  if (rows.grid.c > N_BEFORE)
    ry_map_init (&self->extra, t, &rows.grid, N_BEFORE, rows.grid.c - N_BEFORE);
  self->head.n_classes = input->hints->n_classes;
  self->head.max_cells = rows.grid.w;
  self->head.task = rows.task;
  if (rows.task == RY_TASK_SEGMENT)
    self->head.proto = ry_proto_new (&input->outputs[rows.proto.output],
        &rows.proto, input->hints);
  if (rows.task == RY_TASK_POSE) {
    self->head.keypoint_dims = rows.keypoint_dims;
    self->head.n_keypoints = (rows.grid.c - N_BEFORE) / rows.keypoint_dims;
  }
  ry_head_init (&self->head, &ry_head_end2end, input,
      g_strdup_printf ("end to end%s, %u rows, no NMS", tasks[rows.task],
          rows.grid.w));
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
read_box (const EndToEnd * self, const RyFrame * frame, guint row,
    gfloat box[4])
{
  const RyMap *map = &self->map;
  gconstpointer data = frame->data[map->output];
  gsize element = ry_map_cell (map, row);
  guint k;

  for (k = 0; k < 4; k++)
    box[k] = ry_map_value (map, data, element + k);
}

static void
end2end_box (const RyHead * head, const RyFrame * frame,
    const RyCandidate * candidate, gfloat box[4])
{
  read_box ((const EndToEnd *) head, frame, candidate->cell, box);
}

static void
end2end_rotated (const RyHead * head, const RyFrame * frame,
    const RyCandidate * candidate, gfloat xywha[5])
{
  const EndToEnd *self = (const EndToEnd *) head;

  read_box (self, frame, candidate->cell, xywha);
  xywha[4] = ry_map_value (&self->extra, frame->data[self->extra.output],
      ry_map_cell (&self->extra, candidate->cell) + self->extra.offset[0]);
}

static void
end2end_extra (const RyHead * head, const RyFrame * frame,
    const RyCandidate * candidate, RyExtra * extra)
{
  const EndToEnd *self = (const EndToEnd *) head;

  extra->map = &self->extra;
  extra->cell = candidate->cell;
}

const RyHeadFamily ry_head_end2end = {
  "one output [1,K,6] with K rows x1, y1, x2, y2, score, class: end-to-end "
      "exports; coefficients and a prototype, keypoints or an angle may follow",
  end2end_recognise, end2end_collect, end2end_box, end2end_free,
  end2end_extra, end2end_rotated
};
