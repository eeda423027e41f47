/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Frames for tests: every plane in memory of its own, which ends with the last
 * sample of the last row.  Behind it is a page that nobody may touch, since
 * libyuv is not compiled with a sanitizer that could see it read further. */

#pragma once

#include "image/image.h"

typedef struct
{
  RyImage image;
  guint8 *plane[RY_MAX_PLANES];
  gsize size[RY_MAX_PLANES];
  guint row_bytes[RY_MAX_PLANES], n_rows[RY_MAX_PLANES];
} TestFrame;

guint8 *test_guarded_new (gsize size);
void test_guarded_free (guint8 * memory, gsize size);

const gchar *test_format_name (RyPixelFormat format);
gboolean test_format_is_yuv (RyPixelFormat format);

/* padding: bytes added to every stride; filled with garbage. */
void test_frame_init (TestFrame * self, RyPixelFormat format, guint width,
    guint height, guint padding);
void test_frame_clear (TestFrame * self);

/* Where the sample of channel c (0: Y or R, 1: U or G, 2: V or B) that serves
 * pixel x, y is, whatever the format.  GRAY8 has c = 0 only. */
guint8 *test_frame_at (TestFrame * self, guint c, guint x, guint y);

/* How many pixels share a sample of channel c, as shifts. */
void test_frame_shifts (const TestFrame * self, guint c, guint * h_shift,
    guint * v_shift);
