/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "image/taps.h"

#include <string.h>

/* Whole numbers throughout, so that 3:1 is known to need no mixing and every
 * machine computes the same taps. */
static void
make_tap (RyTaps * self, guint i)
{
  gint64 denominator = 2 * (gint64) self->picture;
  gint64 position = (2 * (gint64) i + 1) * self->frame - self->picture;
  gint64 first, weight;

  position = MAX (position, 0);
  first = position / denominator;
  weight = (position % denominator * RY_TAP_ONE + self->picture) / denominator;
  if (first >= (gint64) self->n_source - 1) {
    first = self->n_source - 1;
    weight = 0;
  }

  self->offset[i] = first * self->step;
  self->weight[2 * i] = RY_TAP_ONE - weight;
  self->weight[2 * i + 1] = weight;
  if (weight != 0)
    self->point = FALSE;
}

void
ry_taps_update (RyTaps * self, guint n, guint n_source, guint picture,
    guint frame, guint step)
{
  guint i;

  if (self->n == n && self->n_source == n_source && self->frame == frame
      && self->picture == picture && self->step == step)
    return;

  if (n > self->allocated) {
    self->offset = g_renew (guint32, self->offset, n);
    self->weight = g_renew (gint16, self->weight, 2 * (gsize) n);
    self->allocated = n;
  }
  self->n = n;
  self->n_source = n_source;
  self->frame = frame;
  self->picture = picture;
  self->step = step;
  self->point = TRUE;
  for (i = 0; i < n; i++)
    make_tap (self, i);
}

void
ry_taps_clear (RyTaps * self)
{
  g_free (self->offset);
  g_free (self->weight);
  memset (self, 0, sizeof *self);
}
