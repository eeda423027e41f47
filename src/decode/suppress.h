/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* From sorted candidates to boxes: non-maximum suppression by class, or over
 * all classes.  Boxes are computed here, one after another, until enough have
 * been kept; at low thresholds most candidates never need one.
 *
 * A candidate is compared with the boxes that were kept only, so the work is
 * bounded by their number times max_detections, and eight of them at a time. */

#pragma once

#include "decode/head.h"
#include "decode/rotated.h"

G_BEGIN_DECLS
#define RY_CHUNK 8
/* Boxes of one class side by side, so that compilers vectorise. */
typedef struct
{
  gfloat x1[RY_CHUNK], y1[RY_CHUNK], x2[RY_CHUNK], y2[RY_CHUNK];
  gfloat area[RY_CHUNK];
  gint32 next;                  /* chunk of earlier ones; -1 for none */
  guint32 n;
} RyBoxChunk;

typedef struct
{
  RyBox *boxes;                 /* kept */
  const RyCandidate **kept;     /* what they were made of */
  guint n;                      /* of both */
  guint size;
  RyBoxChunk *chunks;
  RyGaussian *gaussians;        /* rotated boxes: of each box ... */
  gint32 *next;                 /* ... and the one before in its class */
  gint32 *last;                 /* by class: chunk or box, -1 for none */
  guint n_last;
} RySuppressor;

void ry_suppressor_init (RySuppressor * self);
void ry_suppressor_clear (RySuppressor * self);

/* Walks frame->candidates, which are sorted; the boxes are in self. */
void ry_suppressor_run (RySuppressor * self, const RyHead * head,
    const RyFrame * frame);

G_END_DECLS
