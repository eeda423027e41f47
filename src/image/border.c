/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "image/border.h"

#include <string.h>

static gboolean
is_painted (const RyBorder * self, const RyLetterbox * box,
    const RyTarget * target)
{
  const RyTarget *old = &self->target;

  return old->data == target->data && old->width == target->width
      && old->height == target->height && old->stride == target->stride
      && old->channels == target->channels && self->x == box->x
      && self->y == box->y && self->width == box->width
      && self->height == box->height;
}

static void
paint_rectangle (const RyTarget * target, guint x, guint y, guint width,
    guint height)
{
  guint i;

  if (width == 0)
    return;
  for (i = 0; i < height; i++)
    memset (target->data + (gsize) target->stride * (y + i)
        + (gsize) x * target->channels, RY_LETTERBOX_FILL,
        (gsize) width * target->channels);
}

gboolean
ry_border_paint (RyBorder * self, const RyLetterbox * box,
    const RyTarget * target)
{
  guint right = box->x + box->width;
  guint bottom = box->y + box->height;

  if (is_painted (self, box, target))
    return FALSE;

  paint_rectangle (target, 0, 0, target->width, box->y);
  paint_rectangle (target, 0, box->y, box->x, box->height);
  paint_rectangle (target, right, box->y, target->width - right, box->height);
  paint_rectangle (target, 0, bottom, target->width, target->height - bottom);

  self->target = *target;
  self->x = box->x;
  self->y = box->y;
  self->width = box->width;
  self->height = box->height;
  return TRUE;
}
