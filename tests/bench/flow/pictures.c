/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "pictures.h"

#include <math.h>

#define FRAME_TIME (GST_SECOND / 60)

#define N_BOXES 40

/* Slopes, edges and grain, as a photograph has them. */
static void
draw_luma (guint8 * pixels, GRand * rand)
{
  for (guint y = 0; y < FLOW_HEIGHT; y++) {
    for (guint x = 0; x < FLOW_WIDTH; x++)
      pixels[y * FLOW_WIDTH + x] = 60 + x * 60 / FLOW_WIDTH
          + y * 60 / FLOW_HEIGHT + g_rand_int (rand) % 12;
  }
  for (guint i = 0; i < N_BOXES; i++) {
    guint x0 = g_rand_int_range (rand, 0, FLOW_WIDTH - 300);
    guint y0 = g_rand_int_range (rand, 0, FLOW_HEIGHT - 300);
    guint width = g_rand_int_range (rand, 8, 300);
    guint height = g_rand_int_range (rand, 8, 300);
    guint grey = g_rand_int_range (rand, 20, 220);

    for (guint y = y0; y < y0 + height; y++) {
      for (guint x = x0; x < x0 + width; x++)
        pixels[y * FLOW_WIDTH + x] = grey + g_rand_int (rand) % 8;
    }
  }
}

static void
draw_chroma (guint8 * pixels, gdouble phase)
{
  for (guint y = 0; y < FLOW_HEIGHT / 2; y++) {
    for (guint x = 0; x < FLOW_WIDTH / 2; x++) {
      pixels[y * FLOW_WIDTH + 2 * x] = 128 + 50 * sin (x * 0.01 + phase);
      pixels[y * FLOW_WIDTH + 2 * x + 1] = 128 + 50 * cos (y * 0.02 + phase);
    }
  }
}

void
flow_pictures_init (FlowPictures * self)
{
  gsize luma = FLOW_WIDTH * FLOW_HEIGHT, size = luma * 3 / 2;
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);

  for (guint i = 0; i < FLOW_N_PICTURES; i++) {
    guint8 *pixels = g_malloc (size);

    draw_luma (pixels, rand);
    draw_chroma (pixels + luma, i);
    self->memory[i] = gst_memory_new_wrapped (GST_MEMORY_FLAG_READONLY, pixels,
        size, 0, size, pixels, g_free);
  }
}

void
flow_pictures_clear (FlowPictures * self)
{
  for (guint i = 0; i < FLOW_N_PICTURES; i++)
    gst_memory_unref (self->memory[i]);
}

GstBuffer *
flow_pictures_frame (FlowPictures * self, guint64 number)
{
  GstBuffer *buffer = gst_buffer_new ();

  gst_buffer_append_memory (buffer,
      gst_memory_ref (self->memory[number % FLOW_N_PICTURES]));
  GST_BUFFER_PTS (buffer) = number * FRAME_TIME;
  GST_BUFFER_DURATION (buffer) = FRAME_TIME;
  return buffer;
}

guint64
flow_pictures_number (GstBuffer * buffer)
{
  return (GST_BUFFER_PTS (buffer) + FRAME_TIME / 2) / FRAME_TIME;
}
