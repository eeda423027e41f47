/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which of the sizes that a model's picture may have suits a frame. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  guint width, height;          /* pixels, > 0, at most 8192 */
} RyInputSize;

/* The one of n sizes (at least 1) of which the letterbox leaves the smallest
 * part as border for frames of width x height (> 0), that is, whose ratio of
 * sides is nearest.  Among equals the one with most pixels, and then the first.
 * How the frame is fitted (RyLetterboxMode) does not matter: where it is
 * stretched this is the size that distorts it least. */
guint ry_input_size_choose (const RyInputSize * sizes, guint n, guint width,
    guint height);

G_END_DECLS
