/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The data board in the top-left corner, and the frame rate on it. */

#pragma once

#include "text.h"

G_BEGIN_DECLS

/* Frames per second by the clock, as they arrive: what the pipeline achieves,
 * not what the time stamps say.  The number is renewed every half second, so
 * that it can be read. */
typedef struct
{
  gint64 since;                 /* µs; 0 before the first frame */
  guint frames;                 /* since then */
  gdouble rate;                 /* 0 while unknown */
} RyRateMeter;

/* now is a monotonic time in µs. */
void ry_rate_meter_count (RyRateMeter * self, gint64 now);

/* What the board shows of one frame. */
typedef struct
{
  guint64 frame;
  gdouble rate;                 /* per second; 0 leaves the line out */
  guint cores;                  /* 0 leaves the line out */
  guint objects;
  gboolean knows_skipped;       /* FALSE leaves the line out */
  guint64 skipped;
} RyHudData;

/* The board is as wide as it ever needed to be, or it would twitch with every
 * digit. */
typedef struct
{
  gint width;
} RyHud;

/* In the top-left corner of the clip. */
void ry_hud_draw (RyHud * self, RyCanvas * canvas, const GstVideoInfo * info,
    RyTextCache * text, const RyHudData * data);

G_END_DECLS
