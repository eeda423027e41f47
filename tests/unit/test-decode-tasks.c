/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Masks, keypoints and rotated boxes of every family over random tensors, in
 * every type and layout, against a decoder written after the formulas alone:
 * in double, every cell computed, every pair compared, every pixel asked for. */

#include <math.h>
#include <string.h>

#include "refdecode.h"

#define WIDTH 96u
#define HEIGHT 64u
#define N_CLASSES 5u
#define N_CELLS (12u * 8 + 6 * 4 + 3 * 2)
#define N_ROWS 40u
#define N_PROTOS 6u             /* no multiple of any group of channels */
#define N_KEYPOINTS 5u
#define USUAL_PROTOS 32u
#define MAX_EXTRA USUAL_PROTOS

static const guint strides[] = { 8, 16, 32 };

/* What one cell says. */
typedef struct
{
  gdouble box[4];               /* x1, y1, x2, y2 */
  gdouble rotated[5];           /* centre, size, angle */
  gfloat objectness;            /* 1 if there is none */
  gfloat scores[N_CLASSES];
  gdouble extra[MAX_EXTRA];     /* coefficients or keypoints */
} Cell;

typedef struct
{
  const Cell *cell;
  gfloat score;
  guint class_id;
} Found;

/* --- making tensors --- */

static gboolean
is_quantised (rknn_tensor_type type)
{
  return type == RKNN_TENSOR_INT8 || type == RKNN_TENSOR_UINT8;
}

/* A tensor whose range is low .. high. */
static RyTensor *
add (HeadData * data, rknn_tensor_type type, gdouble low, gdouble high,
    guint n_dims, guint a, guint b, guint c)
{
  gboolean quantised = is_quantised (type);
  gfloat scale = quantised ? (gfloat) ((high - low) / 255) : 1;
  gint zp = !quantised ? 0 : (gint) rint ((type == RKNN_TENSOR_INT8 ? -128 : 0)
      - low / scale);

  return head_data_add (data, type, zp, scale, n_dims, 1u, a, b, c);
}

static void
set (const RyTensor * t, guint c, guint y, guint x, gdouble value)
{
  if (t->n_dims == 4)
    head_set (t, c, y, x, value);
  else
    head_set_index (t, (gsize) c * t->dims[2] + x, value);
}

/* About one of ten passes .25. */
static gdouble
random_score (GRand * rand)
{
  return pow (g_rand_double (rand), 10);
}

/* Channels first .. first + n - 1 of all cells; scores if low is above high. */
static void
fill (const RyTensor * t, GRand * rand, guint first, guint n, gdouble low,
    gdouble high)
{
  guint h = t->n_dims == 4 ? t->dims[2] : 1;
  guint w = t->dims[t->n_dims - 1], c, y, x;

  for (c = first; c < first + n; c++)
    for (y = 0; y < h; y++)
      for (x = 0; x < w; x++)
        set (t, c, y, x, low > high ? random_score (rand)
            : g_rand_double_range (rand, low, high));
}

static RyTensor *
add_filled (HeadData * data, GRand * rand, rknn_tensor_type type, guint n,
    guint h, guint w, gdouble low, gdouble high)
{
  RyTensor *t = low > high ? add (data, type, 0, 1, 4, n, h, w)
      : add (data, type, low, high, 4, n, h, w);

  fill (t, rand, 0, n, low, high);
  return t;
}

static void
add_proto (HeadData * data, GRand * rand, rknn_tensor_type type, guint n)
{
  add_filled (data, rand, type, n, HEIGHT / 4, WIDTH / 4, -1.5, 2);
}

/* --- reading them --- */

static gdouble
sigmoid (gdouble x)
{
  return 1 / (1 + exp (-x));
}

static void
set_upright (Cell * cell, gdouble cx, gdouble cy, gdouble w, gdouble h)
{
  cell->box[0] = cx - w / 2;
  cell->box[1] = cy - h / 2;
  cell->box[2] = cx + w / 2;
  cell->box[3] = cy + h / 2;
}

static void
read_distances (Cell * cell, const RyTensor * t, guint bins, guint y, guint x,
    guint stride)
{
  gdouble d[4];
  guint k;

  for (k = 0; k < 4; k++)
    d[k] = ref_distance (t, k, bins, y, x);
  cell->box[0] = (x + 0.5 - d[0]) * stride;
  cell->box[1] = (y + 0.5 - d[1]) * stride;
  cell->box[2] = (x + 0.5 + d[2]) * stride;
  cell->box[3] = (y + 0.5 + d[3]) * stride;
}

static gfloat
read_list (const RyTensor * t, guint c, guint i, gboolean transposed)
{
  return ref_at_index (t, transposed ? (gsize) i * t->dims[2] + c
      : (gsize) c * t->dims[2] + i);
}

/* --- [box, classes, (sum,) coefficients] a grid, prototype --- */

static HeadData *
make_pairs (GRand * rand, rknn_tensor_type type, guint bins, gboolean sum,
    gboolean logits, guint n_protos)
{
  HeadData *data = head_data_new ();
  guint i, k;

  for (i = 0; i < 3; i++) {
    guint h = HEIGHT / strides[i], w = WIDTH / strides[i];

    if (bins == 1)
      add_filled (data, rand, type, 4, h, w, -0.5, 3);
    else
      add_filled (data, rand, type, 4 * bins, h, w, -6, 4);
    if (logits)
      add_filled (data, rand, type, N_CLASSES, h, w, -9, 2);
    else
      add_filled (data, rand, type, N_CLASSES, h, w, 1, 0);
    if (sum) {                  /* of 1, which bounds nothing */
      RyTensor *t = add (data, type, 0, 1, 4, 1, h, w);

      for (k = 0; k < h * w; k++)
        head_set_index (t, k, 1);
    }
    add_filled (data, rand, type, n_protos, h, w, -1.6, 1.4);
  }
  add_proto (data, rand, type, n_protos);
  return data;
}

static void
ref_pairs (const HeadData * data, Cell * cells, gboolean logits)
{
  guint each = data->n / 3, i, x, y, c;

  for (i = 0; i < 3; i++) {
    const RyTensor *t = &data->tensors[i * each];
    const RyTensor *coefficients = t + each - 1;

    for (y = 0; y < t->dims[2]; y++)
      for (x = 0; x < t->dims[3]; x++, cells++) {
        read_distances (cells, t, t->dims[1] / 4, y, x, strides[i]);
        for (c = 0; c < N_CLASSES; c++)
          cells->scores[c] = logits ? (gfloat) sigmoid (ref_at (t + 1, c, y, x))
              : ref_at (t + 1, c, y, x);
        for (c = 0; c < coefficients->dims[1]; c++)
          cells->extra[c] = ref_at (coefficients, c, y, x);
      }
  }
}

static HeadData *
make_seg13 (GRand * rand, rknn_tensor_type type)
{
  return make_pairs (rand, type, 16, TRUE, FALSE, USUAL_PROTOS);
}

static HeadData *
make_seg10 (GRand * rand, rknn_tensor_type type)
{
  return make_pairs (rand, type, 16, FALSE, FALSE, N_PROTOS);
}

static HeadData *
make_seg26 (GRand * rand, rknn_tensor_type type)
{
  return make_pairs (rand, type, 1, FALSE, TRUE, N_PROTOS);
}

static void
ref_seg (const HeadData * data, Cell * cells)
{
  ref_pairs (data, cells, FALSE);
}

static void
ref_seg26 (const HeadData * data, Cell * cells)
{
  ref_pairs (data, cells, TRUE);
}

/* --- YOLOv5 segmentation --- */

static HeadData *
make_seg5 (GRand * rand, rknn_tensor_type type)
{
  HeadData *data = head_data_new ();
  guint i, a;

  for (i = 0; i < 3; i++) {
    guint h = HEIGHT / strides[i], w = WIDTH / strides[i];
    RyTensor *t = add_filled (data, rand, type, 3 * (5 + N_CLASSES), h, w, 1,
        0);

    for (a = 0; a < 3; a++)     /* no box is so small that floats see none */
      fill (t, rand, a * (5 + N_CLASSES), 5, 0.05, 1);
    add_filled (data, rand, type, 3 * N_PROTOS, h, w, -1.6, 1.4);
  }
  add_proto (data, rand, type, N_PROTOS);
  return data;
}

static void
ref_seg5 (const HeadData * data, Cell * cells)
{
  static const gdouble anchors[3][6] = { {10, 13, 16, 30, 33, 23},
  {30, 61, 62, 45, 59, 119}, {116, 90, 156, 198, 373, 326}
  };
  guint i, a, x, y, c;

  for (i = 0; i < 3; i++)
    for (a = 0; a < 3; a++)
      for (y = 0; y < HEIGHT / strides[i]; y++)
        for (x = 0; x < WIDTH / strides[i]; x++, cells++) {
          const RyTensor *t = &data->tensors[2 * i];
          guint first = a * (5 + N_CLASSES);

          set_upright (cells, (2 * ref_at (t, first, y, x) - 0.5 + x)
              * strides[i], (2 * ref_at (t, first + 1, y, x) - 0.5 + y)
              * strides[i], pow (2 * ref_at (t, first + 2, y, x), 2)
              * anchors[i][2 * a], pow (2 * ref_at (t, first + 3, y, x), 2)
              * anchors[i][2 * a + 1]);
          cells->objectness = ref_at (t, first + 4, y, x);
          for (c = 0; c < N_CLASSES; c++)
            cells->scores[c] = ref_at (t, first + 5 + c, y, x);
          for (c = 0; c < N_PROTOS; c++)
            cells->extra[c] = ref_at (t + 1, a * N_PROTOS + c, y, x);
        }
}

/* --- one list: boxes, (objectness,) classes, extra --- */

/* Eight bits hold fractions, floats pixels. */
static HeadData *
make_list (GRand * rand, rknn_tensor_type type, guint n, guint before,
    guint extra, gboolean transposed)
{
  HeadData *data = head_data_new ();
  guint channels = before + N_CLASSES + extra, i, c;
  gboolean fractions = is_quantised (type);
  RyTensor *t = add (data, type, fractions && extra == 1 ? -0.75 : 0,
      fractions && extra == 1 ? 1.5 : 1, 3, transposed ? n : channels,
      transposed ? channels : n, 0);

  for (c = 0; c < channels; c++)
    for (i = 0; i < n; i++) {
      gdouble value = g_rand_double (rand);

      if (c < 4)
        value = (c < 2 ? value : 0.05 + value / 2) * (fractions ? 1
            : c % 2 == 0 ? WIDTH : HEIGHT);
      else if (c >= before && c < before + N_CLASSES)
        value = random_score (rand);
      else if (c >= before + N_CLASSES && extra == 1)
        value = -0.75 + 2 * value;      /* radians */
      else if (c >= before + N_CLASSES && !fractions)
        value = extra == N_PROTOS ? 3 * value - 1.6 : (c - before - N_CLASSES)
            % 3 == 2 ? value : 90 * value;
      head_set_index (t, transposed ? (gsize) i * channels + c
          : (gsize) c * n + i, value);
    }
  return data;
}

static void
ref_list (const HeadData * data, Cell * cells, guint before, guint extra,
    gboolean transposed)
{
  const RyTensor *t = &data->tensors[0];
  guint n = t->dims[transposed ? 1 : 2], i, c;
  gboolean fractions = is_quantised (t->type);
  gdouble unit[2] = { fractions ? WIDTH : 1, fractions ? HEIGHT : 1 };

  for (i = 0; i < n; i++, cells++) {
    gdouble v[5];

    for (c = 0; c < 5; c++)
      v[c] = read_list (t, c, i, transposed) * (c < 4 ? unit[c % 2] : 1);
    set_upright (cells, v[0], v[1], v[2], v[3]);
    memcpy (cells->rotated, v, 4 * sizeof v[0]);
    cells->objectness = before == 5 ? (gfloat) v[4] : 1;
    for (c = 0; c < N_CLASSES; c++)
      cells->scores[c] = read_list (t, before + c, i, transposed);
    for (c = 0; c < extra; c++) {
      gdouble value = read_list (t, before + N_CLASSES + c, i, transposed);

      if (extra == 3 * N_KEYPOINTS && c % 3 < 2)
        value *= unit[c % 3];
      cells->extra[c] = value;
    }
    cells->rotated[4] = cells->extra[0];
  }
}

static HeadData *
make_list_seg (GRand * rand, rknn_tensor_type type)
{
  HeadData *data = make_list (rand, type, N_CELLS, 4, N_PROTOS, FALSE);

  add_proto (data, rand, type, N_PROTOS);
  return data;
}

static void
ref_list_seg (const HeadData * data, Cell * cells)
{
  ref_list (data, cells, 4, N_PROTOS, FALSE);
}

static HeadData *
make_list_seg5 (GRand * rand, rknn_tensor_type type)
{
  HeadData *data = make_list (rand, type, 3 * N_CELLS, 5, N_PROTOS, TRUE);

  add_proto (data, rand, type, N_PROTOS);
  return data;
}

static void
ref_list_seg5 (const HeadData * data, Cell * cells)
{
  ref_list (data, cells, 5, N_PROTOS, TRUE);
}

static HeadData *
make_list_pose (GRand * rand, rknn_tensor_type type)
{
  return make_list (rand, type, N_CELLS, 4, 3 * N_KEYPOINTS, FALSE);
}

static void
ref_list_pose (const HeadData * data, Cell * cells)
{
  ref_list (data, cells, 4, 3 * N_KEYPOINTS, FALSE);
}

static HeadData *
make_list_pose_transposed (GRand * rand, rknn_tensor_type type)
{
  return make_list (rand, type, N_CELLS, 4, 3 * N_KEYPOINTS, TRUE);
}

static void
ref_list_pose_transposed (const HeadData * data, Cell * cells)
{
  ref_list (data, cells, 4, 3 * N_KEYPOINTS, TRUE);
}

static HeadData *
make_list_obb (GRand * rand, rknn_tensor_type type)
{
  return make_list (rand, type, N_CELLS, 4, 1, FALSE);
}

static void
ref_list_obb (const HeadData * data, Cell * cells)
{
  ref_list (data, cells, 4, 1, FALSE);
}

/* --- maps of box and class logits, and one tensor of all cells --- */

/* dims: of a keypoint, 1 for angles after the sigmoid, 0 for radians. */
static HeadData *
make_maps (GRand * rand, rknn_tensor_type type, guint bins, guint dims)
{
  HeadData *data = head_data_new ();
  RyTensor *t;
  guint i, k;

  for (i = 0; i < 3; i++) {
    t = add (data, type, -9, 4, 4, 4 * bins + N_CLASSES, HEIGHT / strides[i],
        WIDTH / strides[i]);
    fill (t, rand, 0, 4 * bins, bins == 1 ? 0.1 : -6, bins == 1 ? 2.5 : 4);
    fill (t, rand, 4 * bins, N_CLASSES, -9, 1);
  }
  if (dims < 2) {
    t = add (data, type, dims == 1 ? 0 : -0.75, dims == 1 ? 1 : 2.3, 3, 1,
        N_CELLS, 0);
    fill (t, rand, 0, 1, dims == 1 ? 0 : -0.75, dims == 1 ? 1 : 2.3);
    return data;
  }
  /* Beside eight-bit maps keypoints are halves, as in Rockchip's models. */
  t = add (data, type == RKNN_TENSOR_INT8 ? RKNN_TENSOR_FLOAT16 : type, 0, 100,
      4, N_KEYPOINTS, dims, N_CELLS);
  for (k = 0; k < N_KEYPOINTS; k++)
    for (i = 0; i < dims; i++) {
      guint n;

      for (n = 0; n < N_CELLS; n++)
        head_set (t, k, i, n, g_rand_double (rand) * (i < 2 ? 100 : 1));
    }
  return data;
}

static void
read_rotated (Cell * cell, const RyTensor * t, guint bins, guint y, guint x,
    guint stride, gdouble angle)
{
  gdouble d[4], xf, yf;
  guint k;

  for (k = 0; k < 4; k++)
    d[k] = ref_distance (t, k, bins, y, x);
  xf = (d[2] - d[0]) / 2;
  yf = (d[3] - d[1]) / 2;
  cell->rotated[0] = (xf * cos (angle) - yf * sin (angle) + x + 0.5) * stride;
  cell->rotated[1] = (xf * sin (angle) + yf * cos (angle) + y + 0.5) * stride;
  cell->rotated[2] = (d[0] + d[2]) * stride;
  cell->rotated[3] = (d[1] + d[3]) * stride;
  cell->rotated[4] = angle;
}

static void
ref_maps (const HeadData * data, Cell * cells, guint bins, guint dims)
{
  const RyTensor *beside = &data->tensors[3];
  guint cell = 0, i, x, y, c, d;

  for (i = 0; i < 3; i++) {
    const RyTensor *t = &data->tensors[i];

    for (y = 0; y < t->dims[2]; y++)
      for (x = 0; x < t->dims[3]; x++, cell++) {
        Cell *one = &cells[cell];

        read_distances (one, t, bins, y, x, strides[i]);
        for (c = 0; c < N_CLASSES; c++)
          one->scores[c] = (gfloat) sigmoid (ref_at (t, 4 * bins + c, y, x));
        if (dims < 2) {
          gdouble a = ref_at_index (beside, cell);

          read_rotated (one, t, bins, y, x, strides[i],
              dims == 1 ? (a - 0.25) * G_PI : a);
          continue;
        }
        for (c = 0; c < N_KEYPOINTS; c++)
          for (d = 0; d < 3; d++)
            one->extra[3 * c + d] = d < dims ? ref_at (beside, c, d, cell) : 1;
      }
  }
}

static HeadData *
make_pose (GRand * rand, rknn_tensor_type type)
{
  return make_maps (rand, type, 16, 3);
}

static void
ref_pose (const HeadData * data, Cell * cells)
{
  ref_maps (data, cells, 16, 3);
}

static HeadData *
make_pose26 (GRand * rand, rknn_tensor_type type)
{
  return make_maps (rand, type, 1, 2);
}

static void
ref_pose26 (const HeadData * data, Cell * cells)
{
  ref_maps (data, cells, 1, 2);
}

static HeadData *
make_obb (GRand * rand, rknn_tensor_type type)
{
  return make_maps (rand, type, 16, 1);
}

static void
ref_obb (const HeadData * data, Cell * cells)
{
  ref_maps (data, cells, 16, 1);
}

static HeadData *
make_obb26 (GRand * rand, rknn_tensor_type type)
{
  return make_maps (rand, type, 1, 0);
}

static void
ref_obb26 (const HeadData * data, Cell * cells)
{
  ref_maps (data, cells, 1, 0);
}

/* --- end to end: rows of box, score, class, extra --- */

static HeadData *
make_rows (GRand * rand, rknn_tensor_type type, guint extra)
{
  HeadData *data = head_data_new ();
  guint columns = 6 + extra, i, c;
  RyTensor *t = add (data, type, 0, 1, 3, N_ROWS, columns, 0);

  for (i = 0; i < N_ROWS; i++)
    for (c = 0; c < columns; c++) {
      gdouble value = g_rand_double (rand);

      if (c < 2)
        value *= 40;
      else if (c < 4)
        value = extra == 1 ? 5 + 30 * value : 45 + 40 * value;
      else if (c == 5)
        value = g_rand_int_range (rand, 0, N_CLASSES);
      else if (c > 5)
        value = extra == 3 * N_KEYPOINTS && c % 3 == 2 ? value : 4 * value - 2;
      head_set_index (t, (gsize) i * columns + c, value);
    }
  if (extra == N_PROTOS)
    add_proto (data, rand, type, N_PROTOS);
  return data;
}

static void
ref_rows (const HeadData * data, Cell * cells, guint extra)
{
  const RyTensor *t = &data->tensors[0];
  guint i, c;

  for (i = 0; i < N_ROWS; i++, cells++) {
    gsize row = (gsize) i * (6 + extra);

    for (c = 0; c < 4; c++)
      cells->box[c] = cells->rotated[c] = ref_at_index (t, row + c);
    cells->scores[(guint) ref_at_index (t, row + 5)] =
        ref_at_index (t, row + 4);
    for (c = 0; c < extra; c++)
      cells->extra[c] = ref_at_index (t, row + 6 + c);
    cells->rotated[4] = cells->extra[0];
  }
}

static HeadData *
make_rows_seg (GRand * rand, rknn_tensor_type type)
{
  return make_rows (rand, type, N_PROTOS);
}

static void
ref_rows_seg (const HeadData * data, Cell * cells)
{
  ref_rows (data, cells, N_PROTOS);
}

static HeadData *
make_rows_pose (GRand * rand, rknn_tensor_type type)
{
  return make_rows (rand, type, 3 * N_KEYPOINTS);
}

static void
ref_rows_pose (const HeadData * data, Cell * cells)
{
  ref_rows (data, cells, 3 * N_KEYPOINTS);
}

static HeadData *
make_rows_obb (GRand * rand, rknn_tensor_type type)
{
  return make_rows (rand, type, 1);
}

static void
ref_rows_obb (const HeadData * data, Cell * cells)
{
  ref_rows (data, cells, 1);
}

/* --- comparing --- */

static const struct
{
  const gchar *name;
  HeadData *(*make) (GRand * rand, rknn_tensor_type type);
  void (*reference) (const HeadData * data, Cell * cells);
  RyTask task;
  const gchar *hint;            /* task of the metadata */
  guint n_cells;
  gboolean rows;                /* end to end: floats only, no NMS */
} families[] = {
  {"seg-13", make_seg13, ref_seg, RY_TASK_SEGMENT, NULL, N_CELLS},
  {"seg-10", make_seg10, ref_seg, RY_TASK_SEGMENT, NULL, N_CELLS},
  {"seg-logits", make_seg26, ref_seg26, RY_TASK_SEGMENT, NULL, N_CELLS},
  {"seg-v5", make_seg5, ref_seg5, RY_TASK_SEGMENT, NULL, 3 * N_CELLS},
  {"seg-list", make_list_seg, ref_list_seg, RY_TASK_SEGMENT, NULL, N_CELLS},
  {"seg-v5-list", make_list_seg5, ref_list_seg5, RY_TASK_SEGMENT, NULL,
      3 * N_CELLS},
  {"seg-end2end", make_rows_seg, ref_rows_seg, RY_TASK_SEGMENT, NULL, N_ROWS,
      TRUE},
  {"pose", make_pose, ref_pose, RY_TASK_POSE, NULL, N_CELLS},
  {"pose-no-bins", make_pose26, ref_pose26, RY_TASK_POSE, NULL, N_CELLS},
  {"pose-list", make_list_pose, ref_list_pose, RY_TASK_POSE, "pose", N_CELLS},
  {"pose-list-transposed", make_list_pose_transposed, ref_list_pose_transposed,
      RY_TASK_POSE, "pose", N_CELLS},
  {"pose-end2end", make_rows_pose, ref_rows_pose, RY_TASK_POSE, "pose", N_ROWS,
      TRUE},
  {"obb", make_obb, ref_obb, RY_TASK_OBB, NULL, N_CELLS},
  {"obb-radians", make_obb26, ref_obb26, RY_TASK_OBB, NULL, N_CELLS},
  {"obb-list", make_list_obb, ref_list_obb, RY_TASK_OBB, "obb", N_CELLS},
  {"obb-end2end", make_rows_obb, ref_rows_obb, RY_TASK_OBB, NULL, N_ROWS,
      TRUE},
};

/* Corners of a rotated box, to see whether two descriptions mean the same. */
static void
get_corners (const gdouble r[5], gdouble corners[4][2])
{
  guint i;

  for (i = 0; i < 4; i++) {
    gdouble x = (i == 0 || i == 3 ? -0.5 : 0.5) * r[2];
    gdouble y = (i < 2 ? -0.5 : 0.5) * r[3];

    corners[i][0] = r[0] + x * cos (r[4]) - y * sin (r[4]);
    corners[i][1] = r[1] + x * sin (r[4]) + y * cos (r[4]);
  }
}

static void
get_bounds (const gdouble r[5], gdouble bounds[4])
{
  gdouble corners[4][2];
  guint i;

  get_corners (r, corners);
  bounds[0] = bounds[1] = INFINITY;
  bounds[2] = bounds[3] = -INFINITY;
  for (i = 0; i < 4; i++) {
    bounds[0] = fmin (bounds[0], corners[i][0]);
    bounds[1] = fmin (bounds[1], corners[i][1]);
    bounds[2] = fmax (bounds[2], corners[i][0]);
    bounds[3] = fmax (bounds[3], corners[i][1]);
  }
}

static void
get_covariance (const gdouble r[5], gdouble * a, gdouble * b, gdouble * c)
{
  gdouble w = r[2] * r[2] / 12, h = r[3] * r[3] / 12;

  *a = w * cos (r[4]) * cos (r[4]) + h * sin (r[4]) * sin (r[4]);
  *b = w * sin (r[4]) * sin (r[4]) + h * cos (r[4]) * cos (r[4]);
  *c = (w - h) * cos (r[4]) * sin (r[4]);
}

/* 1 - Hellinger distance, with Ultralytics' epsilons. */
static gdouble
probiou (const gdouble one[5], const gdouble two[5])
{
  const gdouble eps = 1e-7;
  gdouble a1, b1, c1, a2, b2, c2, dx, dy, det, t1, t2, t3, bd;

  get_covariance (one, &a1, &b1, &c1);
  get_covariance (two, &a2, &b2, &c2);
  dx = one[0] - two[0];
  dy = one[1] - two[1];
  det = (a1 + a2) * (b1 + b2) - (c1 + c2) * (c1 + c2);
  t1 = 0.25 * ((a1 + a2) * dy * dy + (b1 + b2) * dx * dx) / (det + eps);
  t2 = 0.5 * (c1 + c2) * -dx * dy / (det + eps);
  t3 = 0.5 * log (det / (4 * sqrt (fmax (a1 * b1 - c1 * c1, 0)
              * fmax (a2 * b2 - c2 * c2, 0)) + eps) + eps);
  bd = fmin (fmax (t1 + t2 + t3, eps), 100);
  return 1 - sqrt (1 - exp (-bd) + eps);
}

static gdouble
iou (const gdouble * a, const gdouble * b)
{
  gdouble w = fmin (a[2], b[2]) - fmax (a[0], b[0]);
  gdouble h = fmin (a[3], b[3]) - fmax (a[1], b[1]);
  gdouble both = w > 0 && h > 0 ? w * h : 0;

  return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1])
      - both);
}

static gboolean
suppresses (const Found * kept, const Found * other, RyTask task,
    const RyDecodeParams * params)
{
  if (!params->class_agnostic && kept->class_id != other->class_id)
    return FALSE;
  if (task == RY_TASK_OBB)
    return probiou (kept->cell->rotated, other->cell->rotated)
        >= params->iou_threshold;
  return iou (kept->cell->box, other->cell->box) > params->iou_threshold;
}

static void
add_found (GArray * all, const Cell * cell, guint class_id, RyTask task,
    const RyDecodeParams * params)
{
  Found found = { cell, cell->objectness * cell->scores[class_id], class_id };
  const gdouble *box = cell->box;
  gboolean good = task == RY_TASK_OBB ? cell->rotated[2] > 0
      && cell->rotated[3] > 0 : box[2] > box[0] && box[3] > box[1];

  if (found.score > params->confidence_threshold && good)
    g_array_append_val (all, found);
}

static gint
compare_found (gconstpointer a, gconstpointer b)
{
  const Found *one = a, *two = b;

  if (one->score != two->score)
    return one->score > two->score ? -1 : 1;
  if (one->cell != two->cell)
    return one->cell < two->cell ? -1 : 1;
  return one->class_id < two->class_id ? -1 : one->class_id > two->class_id;
}

static GArray *
find (const Cell * cells, guint n, RyTask task, const RyDecodeParams * params,
    gboolean nms)
{
  GArray *all = g_array_new (FALSE, FALSE, sizeof (Found));
  guint i, j, c, kept = 0;

  for (i = 0; i < n; i++) {
    guint best = 0;

    for (c = 0; c < N_CLASSES; c++) {
      if (cells[i].scores[c] > cells[i].scores[best])
        best = c;
      if (params->multi_label)
        add_found (all, &cells[i], c, task, params);
    }
    if (!params->multi_label)
      add_found (all, &cells[i], best, task, params);
  }
  g_array_sort (all, compare_found);
  for (i = 0; i < all->len; i++) {
    Found found = g_array_index (all, Found, i);
    gboolean keep = TRUE;

    for (j = 0; nms && keep && j < kept; j++)
      keep = !suppresses (&g_array_index (all, Found, j), &found, task, params);
    if (keep)
      g_array_index (all, Found, kept++) = found;
  }
  g_array_set_size (all, MIN (kept, params->max_detections));
  return all;
}

static void
compare_rotated (const RyBox * box, const Cell * cell)
{
  gdouble got[5] = { box->cx, box->cy, box->w, box->h, box->angle };
  gdouble one[4][2], two[4][2];
  guint i, j;

  g_assert_cmpfloat (box->w, >=, box->h);
  g_assert_cmpfloat (box->h, >, 0);
  g_assert_cmpfloat (box->angle, >, -G_PI_2);
  g_assert_cmpfloat (box->angle, <=, G_PI_2);
  get_corners (got, one);
  get_corners (cell->rotated, two);
  for (i = 0; i < 4; i++) {     /* the same corners, wherever they begin */
    gdouble nearest = INFINITY;

    for (j = 0; j < 4; j++)
      nearest = fmin (nearest, hypot (one[i][0] - two[j][0],
              one[i][1] - two[j][1]));
    g_assert_cmpfloat (nearest, <, 2e-3);
  }
}

static void
compare_keypoints (const RyKeypoint * points, guint n, const Cell * cell)
{
  guint k;

  g_assert_cmpuint (n, ==, N_KEYPOINTS);
  for (k = 0; k < n; k++) {
    g_assert_cmpfloat_with_epsilon (points[k].x, cell->extra[3 * k], 1e-4);
    g_assert_cmpfloat_with_epsilon (points[k].y, cell->extra[3 * k + 1], 1e-4);
    g_assert_cmpfloat_with_epsilon (points[k].confidence,
        CLAMP (cell->extra[3 * k + 2], 0, 1), 1e-6);
  }
}

/* Every pixel of the prototypes: in the mask if it is in the box. */
static void
compare_mask (const RyMask * mask, const RyBox * box, const Cell * cell,
    const RyTensor * proto)
{
  guint r, c, j, n = 0;

  g_assert_cmpfloat (mask->scale, ==, 4);
  for (r = 0; r < proto->dims[2]; r++)
    for (c = 0; c < proto->dims[3]; c++) {
      gdouble m = 0;
      guint8 byte;

      if (c < box->x1 / 4 || c >= box->x2 / 4 || r < box->y1 / 4
          || r >= box->y2 / 4)
        continue;
      g_assert_cmpuint (c - mask->x, <, mask->width);
      g_assert_cmpuint (r - mask->y, <, mask->height);
      byte = mask->data[(r - mask->y) * mask->width + c - mask->x];
      for (j = 0; j < proto->dims[1]; j++)
        m += cell->extra[j] * ref_at (proto, j, r, c);
      g_assert_cmpfloat_with_epsilon (byte, 255 * sigmoid (m), 0.75);
      if (fabs (m) > 1e-5)
        g_assert_cmpint (byte >= 128, ==, m > 0);
      n++;
    }
  g_assert_cmpuint (n, ==, mask->width * mask->height);
}

static void
compare (const RyDecoder * decoder, const RyDecodeScratch * scratch,
    const RyBox * boxes, guint n, const GArray * expected,
    const RyTensor * proto)
{
  RyTask task = ry_decoder_get_task (decoder);
  guint i, k;

  g_assert_cmpuint (n, ==, expected->len);
  for (i = 0; i < n; i++) {
    const Found *found = &g_array_index (expected, Found, i);
    const RyKeypoint *points = ry_decode_scratch_get_keypoints (scratch, i);
    const RyMask *mask = ry_decode_scratch_get_mask (scratch, i);
    gfloat got[4] = { boxes[i].x1, boxes[i].y1, boxes[i].x2, boxes[i].y2 };
    gdouble bounds[4];

    g_assert_cmpint (boxes[i].class_id, ==, found->class_id);
    g_assert_cmpfloat_with_epsilon (boxes[i].score, MIN (found->score, 1.0f),
        1e-6);
    memcpy (bounds, found->cell->box, sizeof bounds);
    if (task == RY_TASK_OBB)
      get_bounds (found->cell->rotated, bounds);
    for (k = 0; k < 4; k++)
      g_assert_cmpfloat_with_epsilon (got[k], bounds[k], 2e-3);
    g_assert_cmpint (points != NULL, ==, task == RY_TASK_POSE);
    g_assert_cmpint (mask != NULL, ==, task == RY_TASK_SEGMENT);
    if (task == RY_TASK_OBB)
      compare_rotated (&boxes[i], found->cell);
    else if (task == RY_TASK_POSE)
      compare_keypoints (points, ry_decoder_get_n_keypoints (decoder),
          found->cell);
    else
      compare_mask (mask, &boxes[i], found->cell, proto);
  }
}

static guint
check (const HeadData * data, guint family, const RyDecodeParams * params,
    const GArray * expected)
{
  RyHeadHints hints = { WIDTH, HEIGHT, N_CLASSES, families[family].hint };
  RyDecodeScratch *scratch = ry_decode_scratch_new ();
  GError *error = NULL;
  RyDecoder *decoder = ry_decoder_new (data->tensors, data->n, &hints, &error);
  const RyTensor *proto = NULL;
  guint n, i;

  g_assert_no_error (error);
  g_assert_cmpint (ry_decoder_get_task (decoder), ==, families[family].task);
  g_assert_cmpuint (ry_decoder_get_n_classes (decoder), ==, N_CLASSES);
  for (i = 0; i < data->n; i++)
    if (data->tensors[i].n_dims == 4 && data->tensors[i].dims[3] == WIDTH / 4)
      proto = &data->tensors[i];
  for (i = 0; i < 2; i++) {
    const RyBox *boxes = ry_decoder_run (decoder, scratch, data->tensors,
        params, &n);

    compare (decoder, scratch, boxes, n, expected, proto);
  }
  ry_decoder_free (decoder);
  ry_decode_scratch_free (scratch);
  return n;
}

/* In every layout, and with the outputs the other way round. */
static guint
check_layouts (const HeadData * data, guint family,
    const RyDecodeParams * params, const GArray * expected)
{
  static const guint layouts[][3] = { {16, 0, 0}, {8, 1, 4}, {4, 0, 1},
  {0, 0, 0}, {1, 0, 5}, {3, 0, 0}
  };
  guint8 filling = data->tensors[0].type == RKNN_TENSOR_UINT8 ? 255 : 0x7b;
  guint n = check (data, family, params, expected), i;
  HeadData *other;

  for (i = 0; i < G_N_ELEMENTS (layouts); i++) {
    other = head_data_repack (data, layouts[i][0], layouts[i][1],
        layouts[i][2], filling);
    check (other, family, params, expected);
    head_data_free (other);
  }
  other = head_data_reverse (data);
  check (other, family, params, expected);
  head_data_free (other);
  return n;
}

static void
test_family (gconstpointer index)
{
  static const rknn_tensor_type types[] = { RKNN_TENSOR_INT8,
    RKNN_TENSOR_UINT8, RKNN_TENSOR_FLOAT16, RKNN_TENSOR_FLOAT32
  };
  static const RyDecodeParams settings[] = {
    {0.25f, 0.45f, 300}, {0.01f, 0.7f, 300, TRUE},
    {0.1f, 0.3f, 300, FALSE, TRUE}, {0.05f, 0.3f, 9, TRUE, TRUE},
  };
  guint family = GPOINTER_TO_UINT (index), i, j;
  GRand *rand = g_rand_new_with_seed (family + 1);
  Cell *cells = g_new (Cell, 3 * N_CELLS);

  for (i = families[family].rows ? 2 : 0; i < G_N_ELEMENTS (types); i++) {
    HeadData *data = families[family].make (rand, types[i]);
    guint found = 0;

    memset (cells, 0, 3 * N_CELLS * sizeof *cells);
    for (j = 0; j < families[family].n_cells; j++)
      cells[j].objectness = 1;
    families[family].reference (data, cells);
    for (j = 0; j < G_N_ELEMENTS (settings); j++) {
      GArray *expected = find (cells, families[family].n_cells,
          families[family].task, &settings[j], !families[family].rows);

      found += check_layouts (data, family, &settings[j], expected);
      g_array_unref (expected);
    }
    g_assert_cmpuint (found, >, 20);
    head_data_free (data);
  }
  g_free (cells);
  g_rand_free (rand);
}

int
main (int argc, char **argv)
{
  guint i;

  g_test_init (&argc, &argv, NULL);
  for (i = 0; i < G_N_ELEMENTS (families); i++) {
    gchar *path = g_strdup_printf ("/decode/tasks/%s", families[i].name);

    g_test_add_data_func (path, GUINT_TO_POINTER (i), test_family);
    g_free (path);
  }
  return g_test_run ();
}
