/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tells how far a run has come: on one line of a terminal, or as a line now
 * and then where the output goes to a file. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  gboolean terminal;            /* stderr is one */
  gint64 printed_at;            /* monotonic µs; at first, the beginning */
  gboolean line_open;           /* the cursor stands behind a progress text */
} Progress;

void progress_init (Progress * self);

/* fraction is 0..1, or negative when the length of the input is unknown. */
void progress_show (Progress * self, guint64 frames, gdouble fps,
    gdouble fraction);

/* Ends the line, so that other text can follow. */
void progress_end (Progress * self);

G_END_DECLS
