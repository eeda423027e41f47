/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One output a grid, all with the same number of channels: three families
 * look like this. */

#pragma once

#include "decode/grid.h"

G_BEGIN_DECLS typedef enum
{
  RY_EQUAL_NONE,                /* not of this form */
  RY_EQUAL_ANCHORS,             /* C = 3 * (5 + nc), YOLOv5 and v7 */
  RY_EQUAL_YOLOX,               /* C = 5 + nc */
  RY_EQUAL_RAW,                 /* C = 4 * bins + nc, Ultralytics' own maps */
} RyEqualKind;

typedef struct
{
  RyEqualKind kind;
  RyGrid grids[RY_MAX_LEVELS];  /* finest first */
  guint n_grids;
  gboolean guessed;             /* the shapes allowed another kind */
} RyEqual;

/* Outputs n of input, of which the ones in skip (a bit mask) are left out.
 *
 * The same C can be all three: 255 is v5 with 80 classes, YOLOX with 250 or
 * raw maps with 191.  What decides, in this order: hints->head; the number of
 * classes in the hints; 8-bit ranges, as only YOLOv5 can have all of its
 * channels in 0..1; the usual 255 (v5), 85 (YOLOX) and 144 (raw, 64 + 80);
 * C % 3 == 0 for v5, more than 64 channels for raw maps, else YOLOX. */
RyEqual ry_equal_find (const RyHeadInput * input, guint64 skip);

/* Only the grids, finest first; kind stays RY_EQUAL_NONE.  FALSE if they are
 * not of this form, or have less than fewest channels. */
gboolean ry_equal_find_grids (const RyHeadInput * input, guint64 skip,
    guint fewest, RyEqual * equal);

/* FALSE with RY_ERROR_HEAD when hints->head is no word that decides anything: a
 * slip would show as boxes beside the objects. */
gboolean ry_hint_check (const RyHeadHints * hints, GError ** error);

/* TRUE if the user's word begins with name. */
gboolean ry_hint_is (const RyHeadHints * hints, const gchar * name);

/* "detect", "segment", "pose", "obb", "classify" or NULL: the user's word (a
 * head that ends in -seg, -pose or -obb), then that of the metadata. */
const gchar *ry_hint_task (const RyHeadHints * hints);

gboolean ry_hint_task_is (const RyHeadHints * hints, const gchar * task);

/* Bins of raw maps: as the hints say, 16 by default. */
guint ry_equal_bins (const RyHeadHints * hints);

G_END_DECLS
