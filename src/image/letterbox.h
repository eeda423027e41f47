/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where a frame lies in the input of a model, and the way back. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  RY_LETTERBOX_CENTER,          /* aspect kept, equal borders (Ultralytics) */
  RY_LETTERBOX_TOP_LEFT,        /* aspect kept, borders right, below (YOLOX) */
  RY_LETTERBOX_STRETCH,         /* both directions scaled by themselves */
} RyLetterboxMode;

/* The value of the border, for all three channels. */
#define RY_LETTERBOX_FILL 114

typedef struct
{
  guint frame_width, frame_height;      /* pixels of the frame */
  guint model_width, model_height;      /* pixels of the model's input */
  guint x, y, width, height;    /* where the picture lies in the input */
  gdouble scale_x, scale_y;     /* input pixels per frame pixel, for the way
                                 * back */
} RyLetterbox;

/* Computes the geometry.  Rounding follows Ultralytics' LetterBox: see
 * letterbox.c.  Every size must be at least 1. */
void ry_letterbox_init (RyLetterbox * self, RyLetterboxMode mode,
    guint frame_width, guint frame_height, guint model_width,
    guint model_height);

/* Maps a point of the model's input to the frame; not clipped. */
void ry_letterbox_to_frame (const RyLetterbox * self, gdouble x, gdouble y,
    gdouble * frame_x, gdouble * frame_y);

G_END_DECLS
