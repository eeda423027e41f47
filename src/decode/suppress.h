/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* From sorted candidates to boxes: non-maximum suppression by class.  Boxes
 * are computed here, one after another, until enough have been kept; at low
 * thresholds most candidates never need one. */

#pragma once

#include "decode/head.h"

G_BEGIN_DECLS typedef struct
{
  RyBox *boxes;                 /* kept */
  gfloat *areas;                /* of them */
  gint32 *next;                 /* the one kept before in the same class */
  guint size;
  gint32 *last;                 /* by class: kept last, -1 for none */
  guint n_last;
} RySuppressor;

void ry_suppressor_init (RySuppressor * self);
void ry_suppressor_clear (RySuppressor * self);

/* Walks frame->candidates, which are sorted.  The boxes belong to self. */
const RyBox *ry_suppressor_run (RySuppressor * self, const RyHead * head,
    const RyFrame * frame, guint * n_boxes);

G_END_DECLS
