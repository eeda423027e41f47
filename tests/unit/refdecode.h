/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A second decoder, written for clarity alone: every element is converted,
 * every box computed, every pair compared. */

#pragma once

#include "headdata.h"

G_BEGIN_DECLS

typedef struct
{
  gdouble x1, y1, x2, y2;
  gfloat score;
  gint class_id;
} RefBox;

/* float32 value of an element; index for other than four dimensions. */
gfloat ref_at (const RyTensor * tensor, guint c, guint y, guint x);
gfloat ref_at_index (const RyTensor * tensor, gsize index);

/* The distance to one side, in cells, of that many bins: the definition, in
 * double.  One bin is the distance itself. */
gdouble ref_distance (const RyTensor * tensor, guint side, guint bins, guint y,
    guint x);

/* What one cell says: its box, objectness (1 if there is none) and class
 * scores; adds to candidates (of RefBox) what params let pass. */
void ref_add_cell (GArray * candidates, const gdouble box[4],
    gfloat objectness, const gfloat * scores, guint n,
    const RyDecodeParams * params);

/* Stable sort, NMS by class over all pairs unless nms is FALSE, limit. */
void ref_finish (GArray * candidates, const RyDecodeParams * params,
    gboolean nms);

/* Fails the test unless both are the same. */
void ref_compare (const RyBox * boxes, guint n, const GArray * expected);

G_END_DECLS
