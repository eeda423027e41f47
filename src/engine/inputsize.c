/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "engine/inputsize.h"

/* The part that the frame fills is shorter / longer: with the scale
 * s = min (W / w, H / h) it is w s h s / (W H), which is
 * min (W h, H w) / max (W h, H w).  Whole numbers, so that sizes of one ratio
 * are equal. */
typedef struct
{
  guint64 shorter, longer;
} Fill;

static Fill
fill_of (const RyInputSize * size, guint width, guint height)
{
  guint64 a = (guint64) size->width * height;
  guint64 b = (guint64) size->height * width;
  Fill fill = { MIN (a, b), MAX (a, b) };

  return fill;
}

static gboolean
is_better (const RyInputSize * a, const RyInputSize * b, guint width,
    guint height)
{
  Fill fa = fill_of (a, width, height), fb = fill_of (b, width, height);
  guint64 left = fa.shorter * fb.longer, right = fb.shorter * fa.longer;

  if (left != right)
    return left > right;
  return a->width * a->height > b->width * b->height;
}

guint
ry_input_size_choose (const RyInputSize * sizes, guint n, guint width,
    guint height)
{
  guint best = 0;

  for (guint i = 1; i < n; i++) {
    if (is_better (&sizes[i], &sizes[best], width, height))
      best = i;
  }
  return best;
}
