/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the tests with test_model_write_looking share: frames with a white block,
 * and whether it was found where it was painted.  A block has as many pixels,
 * both ways, as become 8 in the input of the model. */

#pragma once

#include "elementtest.h"

typedef struct
{
  guint width, height;          /* of the frame, pixels */
  guint block;
} BlockFrame;

/* GRAY8 of that size. */
void set_block_caps (GstHarness * harness, const BlockFrame * frame);

/* Paints it in rows of pixels of pixel_bytes each. */
void paint_block (guint8 * pixels, guint pixel_bytes,
    const BlockFrame * frame, guint x, guint y);

/* Black but for a block at x, y. */
GstBuffer *new_block_frame (const BlockFrame * frame, guint x, guint y);

/* One cat, twice as wide and high as the block about the same middle; the frame
 * cuts it off. */
void check_block (GstBuffer * buffer, const BlockFrame * frame, guint x,
    guint y);

/* Pushes a frame and checks what comes out. */
void push_block_and_check (GstHarness * harness, const BlockFrame * frame,
    guint x, guint y);

/* Models that are loaded between the two have int8 outputs. */
gchar *begin_int8 (void);
void end_int8 (gchar * description);

/* Pushes n frames, pulling only every few, with the block somewhere else in
 * each, and checks them. */
void run_blocks (GstHarness * harness, const BlockFrame * frame, guint n,
    guint every, guint seed);
