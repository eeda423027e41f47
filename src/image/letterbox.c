/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The geometry of Ultralytics' LetterBox (ultralytics/data/augment.py, with
 * auto=False as for every exported model, and scaleup=True as for predict):
 *
 *   r    = min (H / h, W / w)             never limited to 1
 *   size = round (w * r), round (h * r)
 *   left = round ((W - width) / 2 - 0.1), top alike
 *
 * where round is Python's, which takes halves to the even neighbour.
 *
 * The way back is that of scale_boxes in ultralytics/utils/ops.py since 8.3:
 *
 *   x_frame = (x - left) / r
 *
 * with the same whole left and the r before rounding, although the picture was
 * resized by width / w.  Boxes agree with theirs only when this is kept.
 *
 * YOLOX (yolox/data/data_augment.py, preproc) places the picture at the top
 * left and cuts w * r down instead of rounding it, so its picture may be one
 * pixel shorter than the one here; r is the same, and so is the way back. */

#include "image/letterbox.h"

#include <math.h>

/* A picture is at least a pixel thick: a 1 x 4000 frame in a square of 640
 * would otherwise have a width of 0. */
static guint
scaled_size (guint size, gdouble r, guint limit)
{
  /* rint () rounds halves to even in the default rounding mode */
  gdouble scaled = rint (size * r);

  return CLAMP (scaled, 1.0, (gdouble) limit);
}

/* A direction that scaled_size () had to make thicker keeps its own scale, so
 * that the edges of the picture still come back as the edges of the frame. */
static gdouble
way_back_scale (guint size, gdouble r, guint scaled)
{
  if (size * r < 0.5)
    return (gdouble) scaled / size;
  return r;
}

static guint
leading_border (guint total, guint used)
{
  return (guint) rint ((total - used) / 2.0 - 0.1);
}

static void
stretch (RyLetterbox * self)
{
  self->x = self->y = 0;
  self->width = self->model_width;
  self->height = self->model_height;
  self->scale_x = (gdouble) self->model_width / self->frame_width;
  self->scale_y = (gdouble) self->model_height / self->frame_height;
}

static void
keep_aspect (RyLetterbox * self, gboolean center)
{
  gdouble r = MIN ((gdouble) self->model_height / self->frame_height,
      (gdouble) self->model_width / self->frame_width);

  self->width = scaled_size (self->frame_width, r, self->model_width);
  self->height = scaled_size (self->frame_height, r, self->model_height);
  self->x = center ? leading_border (self->model_width, self->width) : 0;
  self->y = center ? leading_border (self->model_height, self->height) : 0;
  self->scale_x = way_back_scale (self->frame_width, r, self->width);
  self->scale_y = way_back_scale (self->frame_height, r, self->height);
}

void
ry_letterbox_init (RyLetterbox * self, RyLetterboxMode mode,
    guint frame_width, guint frame_height, guint model_width,
    guint model_height)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (frame_width > 0 && frame_height > 0);
  g_return_if_fail (model_width > 0 && model_height > 0);

  self->frame_width = frame_width;
  self->frame_height = frame_height;
  self->model_width = model_width;
  self->model_height = model_height;

  if (mode == RY_LETTERBOX_STRETCH)
    stretch (self);
  else
    keep_aspect (self, mode == RY_LETTERBOX_CENTER);
}

void
ry_letterbox_to_frame (const RyLetterbox * self, gdouble x, gdouble y,
    gdouble * frame_x, gdouble * frame_y)
{
  *frame_x = (x - self->x) / self->scale_x;
  *frame_y = (y - self->y) / self->scale_y;
}
