/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "decode/grid.h"

#include <string.h>

static const guint strides[] = { 4, 8, 16, 32, 64, 128 };

static guint
cells_along (guint length, guint stride)
{
  return (length + stride - 1) / stride;
}

guint
ry_grid_stride (const RyHeadHints * hints, guint h, guint w)
{
  guint i;

  if (hints->input_width % w == 0 && hints->input_height % h == 0
      && hints->input_width / w == hints->input_height / h)
    return hints->input_width / w;
  for (i = 0; i < G_N_ELEMENTS (strides); i++)
    if (cells_along (hints->input_width, strides[i]) == w
        && cells_along (hints->input_height, strides[i]) == h)
      return strides[i];
  return 0;
}

/* [1,a,b] is a compact matrix: cells along b lie side by side, those along a
 * are b apart. */
static void
set_matrix (RyGrid * grid, guint output, gboolean cells_first, guint a, guint b)
{
  grid->output = output;
  grid->base = 0;
  grid->c = cells_first ? b : a;
  grid->h = 1;
  grid->w = cells_first ? a : b;
  grid->c2 = cells_first ? b : 1;
  grid->plane = cells_first ? 0 : b;
  grid->row = (gsize) grid->w * grid->c2;
}

/* A flattened grid of n cells: height and width from the input. */
static guint
find_flattened (const RyHeadHints * hints, guint n, RyGrid * grid)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (strides); i++) {
    guint h = cells_along (hints->input_height, strides[i]);
    guint w = cells_along (hints->input_width, strides[i]);

    if ((guint64) h * w == n) {
      grid->h = h;
      grid->w = w;
      grid->row = (gsize) w * grid->c2;
      return strides[i];
    }
  }
  return 0;
}

gboolean
ry_grid_of_output (const RyHeadInput * input, guint i, RyGrid * grid)
{
  const RyTensor *t = &input->outputs[i];

  if (t->n_dims == 4) {
    grid->output = i;
    grid->base = 0;
    grid->c = t->dims[1];
    grid->h = t->dims[2];
    grid->w = t->dims[3];
    grid->c2 = t->c2;
    grid->plane = t->plane;
    grid->row = t->row;
    grid->stride = ry_grid_stride (input->hints, grid->h, grid->w);
    return TRUE;
  }
  if (t->n_dims != 3)
    return FALSE;
  set_matrix (grid, i, TRUE, t->dims[1], t->dims[2]);
  grid->stride = find_flattened (input->hints, t->dims[1], grid);
  if (grid->stride != 0)
    return TRUE;
  set_matrix (grid, i, FALSE, t->dims[1], t->dims[2]);
  grid->stride = find_flattened (input->hints, t->dims[2], grid);
  return grid->stride != 0;
}

guint
ry_grids_of_sum (const RyHeadHints * hints, guint n,
    RyGrid grids[RY_MAX_LEVELS])
{
  guint from, to;

  for (from = 0; from < G_N_ELEMENTS (strides); from++) {
    guint64 sum = 0;

    for (to = from; to < G_N_ELEMENTS (strides); to++) {
      RyGrid *grid = &grids[to - from];

      memset (grid, 0, sizeof *grid);
      grid->stride = strides[to];
      grid->h = cells_along (hints->input_height, strides[to]);
      grid->w = cells_along (hints->input_width, strides[to]);
      sum += (guint64) grid->h * grid->w;
      /* Every detector has 16 and 32; a lone grid is no list of grids. */
      if (sum == n && strides[from] <= 16 && strides[to] >= 32)
        return to - from + 1;
    }
  }
  return 0;
}

static guint
list_multiple (const RyHeadHints * hints, guint n)
{
  RyGrid grids[RY_MAX_LEVELS];

  if (ry_grids_of_sum (hints, n, grids) > 0)
    return 1;
  if (n % 3 == 0 && ry_grids_of_sum (hints, n / 3, grids) > 0)
    return 3;
  return 0;
}

/* The compact matrix a x b that a tensor of three dimensions is, or one of
 * four to which a runtime added a 1. */
static gboolean
as_matrix (const RyTensor * t, guint * a, guint * b)
{
  gboolean compact = t->c2 == 1 && t->row == t->dims[3]
      && t->plane == (gsize) t->dims[2] * t->dims[3];

  if (t->n_dims == 3) {
    *a = t->dims[1];
    *b = t->dims[2];
    return TRUE;
  }
  if (t->n_dims != 4 || !compact)
    return FALSE;
  if (t->dims[1] == 1) {
    *a = t->dims[2];
    *b = t->dims[3];
  } else {
    *a = t->dims[1];
    *b = t->dims[2] * t->dims[3];
  }
  return t->dims[1] == 1 || t->dims[2] == 1 || t->dims[3] == 1;
}

/* [1,C,N,1] or [1,C,1,N] in groups of channels. */
static gboolean
list_of_groups (const RyHeadInput * input, guint i, RyGrid * grid,
    guint * multiple)
{
  const RyTensor *t = &input->outputs[i];

  if (t->n_dims != 4 || t->c2 < 2 || (t->dims[2] != 1 && t->dims[3] != 1))
    return FALSE;
  ry_grid_of_output (input, i, grid);
  if (grid->h > 1 && grid->row != grid->c2)
    return FALSE;
  grid->w *= grid->h;
  grid->h = 1;
  grid->row = (gsize) grid->w * grid->c2;
  grid->stride = 0;
  *multiple = list_multiple (input->hints, grid->w);
  return *multiple != 0;
}

gboolean
ry_grid_of_list (const RyHeadInput * input, guint i, RyGrid * grid,
    guint * multiple)
{
  guint as_columns, as_rows, a, b;

  if (!as_matrix (&input->outputs[i], &a, &b))
    return list_of_groups (input, i, grid, multiple);
  as_columns = list_multiple (input->hints, b);
  as_rows = list_multiple (input->hints, a);
  if (as_columns == 0 && as_rows == 0)
    return FALSE;
  grid->stride = 0;
  /* Both would be a coincidence; cells are many, channels few. */
  if (as_columns != 0 && (as_rows == 0 || b >= a)) {
    set_matrix (grid, i, FALSE, a, b);
    *multiple = as_columns;
  } else {
    set_matrix (grid, i, TRUE, a, b);
    *multiple = as_rows;
  }
  return TRUE;
}

void
ry_grid_of_rows (const RyHeadInput * input, guint i, RyGrid * grid)
{
  const RyTensor *t = &input->outputs[i];

  set_matrix (grid, i, TRUE, t->dims[1], t->dims[2]);
  grid->stride = 0;
}

void
ry_grids_sort (RyGrid * grids, guint n)
{
  guint i, j;

  for (i = 1; i < n; i++) {
    RyGrid grid = grids[i];
    guint64 cells = (guint64) grid.h * grid.w;

    for (j = i; j > 0 && (guint64) grids[j - 1].h * grids[j - 1].w < cells; j--)
      grids[j] = grids[j - 1];
    grids[j] = grid;
  }
}

guint
ry_grid_find_proto (const RyHeadInput * input, RyGrid * grid)
{
  guint finest = 0, i;
  guint64 most = 0;
  gboolean alone = FALSE;

  memset (grid, 0, sizeof *grid);
  for (i = 0; i < input->n; i++) {
    const RyTensor *t = &input->outputs[i];
    guint64 cells;

    if (t->n_dims != 4)
      continue;
    cells = (guint64) t->dims[2] * t->dims[3];
    if (cells == most) {
      alone = FALSE;
    } else if (cells > most) {
      most = cells;
      finest = i;
      alone = TRUE;
    }
  }
  if (!alone || input->n < 2 || input->outputs[finest].dims[1] < 2
      || ry_grid_stride (input->hints, input->outputs[finest].dims[2],
          input->outputs[finest].dims[3]) == 0)
    return input->n;
  ry_grid_of_output (input, finest, grid);
  return finest;
}
