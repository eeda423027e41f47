/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Boxes as distances from the centre of a cell, with or without bins:
 *
 *   d[k] = sum over i of i * softmax (t[k * R .. k * R + R - 1])[i]
 *   x1 = (gx + .5 - d[0]) * s, y1 = (gy + .5 - d[1]) * s
 *   x2 = (gx + .5 + d[2]) * s, y2 = (gy + .5 + d[3]) * s
 *
 * R = 1 stands for d[k] = t[k].  (Li et al., Generalized Focal Loss, 2020;
 * Ultralytics' DFL and dist2bbox.) */

#pragma once

#include "decode/map.h"

G_BEGIN_DECLS
#define RY_MAX_BINS 64
typedef struct
{
  RyMap map;                    /* 4R channels */
  guint bins;                   /* R */
  guint stride;
  gfloat exponent[256];         /* exp (-scale * n): n codes below the best */
} RyDistances;

/* Channels first .. first + 4 * bins - 1 of grid, which has a stride. */
void ry_distances_init (RyDistances * self, const RyTensor * tensor,
    const RyGrid * grid, guint first, guint bins);
void ry_distances_clear (RyDistances * self);

/* outputs: the data of all of them.  The four distances, in cells, or the box
 * in pixels. */
void ry_distances_sides (const RyDistances * self,
    const gconstpointer * outputs, guint cell, gfloat d[4]);
void ry_distances_box (const RyDistances * self, const gconstpointer * outputs,
    guint cell, gfloat box[4]);

G_END_DECLS
