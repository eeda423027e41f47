/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Shapes and masks anywhere, in frames of any size and format: no byte outside
 * the frame may be touched.  The frame is one allocation of exactly its size,
 * so that AddressSanitizer sees what the canary does not. */

#include "fuzz.h"
#include "fuzz-input.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "overlay/canvas.h"
#include "overlay/objectmask.h"
#include "overlay/shape.h"

/* Format, width - 1, height - 1; then shapes, each: mask width and height, the
 * corners of two areas and a place (a near and a far byte a number), coverage,
 * whether there is a clip, whether there is a hole, opacity; a line and its
 * thickness; columns, rows, corner, width and height of the mask of an object,
 * and its box. */
const FuzzSeed fuzz_seeds[] = {
  FUZZ_SEED ("\0\x3f\x2f" "\x10\x08" "\5\0\6\0\x30\0\x20\0"
      "\x0a\0\x0b\0\x1a\0\x1b\0" "\xfc\0\xfd\0" "\x80" "\0" "\1" "\xff"
      "\5\xf0\x80" "\6\xf0\0" "\x20\0\x40" "\3\0\2" "\x20"
      "\x10\x0a" "\xff\0\x80" "\2\0\0" "\3\xf0\0" "\2\xf0\0"
      "\0\0\0\0\x40\0\x30\0" "\xff\0\x80\x90\x70"),
  FUZZ_SEED ("\2\x20\x10" "\x20\x10" "\xf0\0\xf0\0\x70\0\x70\0"
      "\0\0\0\0\0\0\0\0" "\x18\0\x08\0" "\xff"
      "\1" "\2\0\2\0\x10\0\x10\0" "\0" "\x40"),
};

const guint fuzz_n_seeds = G_N_ELEMENTS (fuzz_seeds);

/* Mostly near the frame, now and then at the far end of the allowed range. */
static gint
take_coordinate (FuzzInput * input)
{
  gint8 near = fuzz_take (input);
  guint8 far = fuzz_take (input);

  return far < 240 ? near : near * (1 << 23);
}

static RyArea
take_area (FuzzInput * input)
{
  RyArea area;

  area.x0 = take_coordinate (input);
  area.y0 = take_coordinate (input);
  area.x1 = take_coordinate (input);
  area.y1 = take_coordinate (input);
  return area;
}

static void
draw (RyCanvas * canvas, FuzzInput * input)
{
  guint8 coverage[32 * 16];
  const RyCoverage mask = {
    coverage, fuzz_take (input) % 33, fuzz_take (input) % 17, 32
  };
  RySample color = { {1, 2, 3, 255} };
  RyArea outer = take_area (input), inner = take_area (input);
  gint x = take_coordinate (input), y = take_coordinate (input);

  memset (coverage, fuzz_take (input), sizeof (coverage));
  if (fuzz_take (input) & 1) {
    RyArea clip = take_area (input);

    ry_canvas_set_clip (canvas, &clip);
  }
  ry_canvas_fill (canvas, &outer, fuzz_take (input) & 1 ? &inner : NULL, &color,
      fuzz_take (input));
  ry_canvas_blend_mask (canvas, x, y, &mask, &color);
}

/* Within the limit of lines, and no whole number. */
static gdouble
take_place (FuzzInput * input)
{
  return take_coordinate (input) / 128.0 + fuzz_take (input) / 256.0;
}

static void
draw_line (RyCanvas * canvas, FuzzInput * input)
{
  const RySample color = { {4, 5, 6, 255} };
  gdouble x0 = take_place (input), y0 = take_place (input);
  gdouble x1 = take_place (input), y1 = take_place (input);

  ry_line_paint (canvas, x0, y0, x1, y1, fuzz_take (input) / 8.0, &color);
}

static void
draw_object (RyCanvas * canvas, FuzzInput * input)
{
  const RySample color = { {7, 8, 9, 255} };
  RknnyoloMask mask = { 0 };
  guint8 *data;
  RyArea box;
  gint i;

  mask.columns = 1 + fuzz_take (input) % 32;
  mask.rows = 1 + fuzz_take (input) % 32;
  mask.x = take_place (input);
  mask.y = take_place (input);
  /* From far less than a pixel on. */
  mask.width = fabs (take_place (input)) + 1e-9;
  mask.height = fabs (take_place (input)) + 1e-9;
  box = take_area (input);
  data = malloc (mask.columns * mask.rows);
  for (i = 0; i < mask.columns * mask.rows; i++)
    data[i] = input->left > 0 ? input->at[i % input->left] : i * 31;
  mask.data = data;
  ry_object_mask_paint (canvas, &mask, &box, &color);
  free (data);
}

int
LLVMFuzzerTestOneInput (const uint8_t * data, size_t size)
{
  static const GstVideoFormat formats[] = {
    GST_VIDEO_FORMAT_NV12, GST_VIDEO_FORMAT_I420, GST_VIDEO_FORMAT_YUY2,
    GST_VIDEO_FORMAT_UYVY, GST_VIDEO_FORMAT_RGB, GST_VIDEO_FORMAT_ARGB,
    GST_VIDEO_FORMAT_GRAY8, GST_VIDEO_FORMAT_Y41B
  };
  FuzzInput input = { data, size };
  GstVideoFormat format = formats[fuzz_take (&input) % G_N_ELEMENTS (formats)];
  gint width = 1 + fuzz_take (&input) % 100, height =
      1 + fuzz_take (&input) % 100;
  GstVideoFrame frame = { 0 };
  RyCanvas canvas;
  guint8 *pixels;
  guint p;

  if (!gst_video_info_set_format (&frame.info, format, width, height))
    return 0;
  pixels = malloc (GST_VIDEO_INFO_SIZE (&frame.info));
  memset (pixels, 0, GST_VIDEO_INFO_SIZE (&frame.info));
  for (p = 0; p < GST_VIDEO_INFO_N_PLANES (&frame.info); p++)
    frame.data[p] = pixels + GST_VIDEO_INFO_PLANE_OFFSET (&frame.info, p);

  ry_canvas_init (&canvas, &frame);
  while (input.left > 0) {
    draw (&canvas, &input);
    draw_line (&canvas, &input);
    draw_object (&canvas, &input);
  }
  free (pixels);
  return 0;
}
