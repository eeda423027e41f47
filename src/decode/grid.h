/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which output is which grid over the input. */

#pragma once

#include "decode/head.h"

G_BEGIN_DECLS
#define RY_MAX_LEVELS 8         /* grids of one head */
/* Input pixels a cell of an h x w grid; 0 if that is no grid of the input.
 * Where the input is no multiple of the stride (NanoDet, PicoDet) grids are
 * rounded up. */
    guint ry_grid_stride (const RyHeadHints * hints, guint h, guint w);

/* Output i as a grid of cells: [1,C,H,W] as it lies, or a flattened grid
 * [1,H*W,C] or [1,C,H*W].  FALSE if it is neither; stride may be 0 for the
 * former. */
gboolean ry_grid_of_output (const RyHeadInput * input, guint i, RyGrid * grid);

/* Output i as a list of cells of all grids together: [1,C,N] or its transpose
 * [1,N,C], where N is the sum of the cells of neighbouring strides (8, 16, 32
 * mostly) or three times that, which multiple tells.  h is 1 and w is N. */
gboolean ry_grid_of_list (const RyHeadInput * input, guint i, RyGrid * grid,
    guint * multiple);

/* Output i, [1,N,C], as N cells of C channels. */
void ry_grid_of_rows (const RyHeadInput * input, guint i, RyGrid * grid);

/* The grids whose sum of cells is n, finest first; 0 if there are none. */
guint ry_grids_of_sum (const RyHeadHints * hints, guint n,
    RyGrid grids[RY_MAX_LEVELS]);

/* Sorts by falling number of cells; equal ones keep their order. */
void ry_grids_sort (RyGrid * grids, guint n);

/* Is this a mask prototype: [1,C,H,W] with a finer grid than any other output?
 * Returns its index, or n, and the grid, or one of 0 channels. */
guint ry_grid_find_proto (const RyHeadInput * input, RyGrid * grid);

G_END_DECLS
