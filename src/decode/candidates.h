/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What passed the threshold, before any box is computed. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS
/* Ultralytics' max_nms: only so many of the best go into NMS. */
#define RY_MAX_CANDIDATES 30000

#define RY_MAX_CLASSES 65536    /* numbers are kept in 16 bits */

typedef struct
{
  gfloat score;
  guint32 cell;                 /* in the grid of level */
  guint16 class_id;
  guint16 level;                /* what that is, the head knows */
} RyCandidate;

typedef struct
{
  RyCandidate *items;
  guint n, size;
  gboolean full;                /* some were left out; ... */
  gfloat floor;                 /* ... a score must be above this one now */
  guint64 *keys, *keys_too;     /* for sorting */
  RyCandidate *sorted;
  guint sort_size;
} RyCandidates;

void ry_candidates_init (RyCandidates * self);
void ry_candidates_clear (RyCandidates * self);

void ry_candidates_reset (RyCandidates * self);

/* Equal scores stay in the order in which they were added. */
void ry_candidates_add (RyCandidates * self, gfloat score, guint level,
    guint cell, guint class_id);

/* Sorts by falling score, at most RY_MAX_CANDIDATES; the result is in items
 * and n. */
void ry_candidates_sort (RyCandidates * self);

G_END_DECLS
