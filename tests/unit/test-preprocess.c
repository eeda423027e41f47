/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Preprocessing against a second implementation in double precision, written
 * from the standards (colours from Kr and Kb of ITU-R BT.601, BT.709 and
 * BT.2020) and from what libyuv says of kFilterBilinear: see choose_taps (). */

#include "image/image.h"

#include <math.h>
#include <string.h>

#include "ryerror.h"
#include "testframe.h"

#define POISON 0xa5

/* libyuv keeps 8 bits of the vertical weight (1 level) and 7 bits of the
 * horizontal one (2 levels); it rounds after the first step (half a level) and
 * cuts down after the second, where the weights for pixels sum up to
 * 127 / 128. */
#define SCALE_TOLERANCE 4.5

/* libyuv's constants for colours have 6 bits, so each of two chroma terms of up
 * to 128 may be wrong by 1; rounding three samples and their sum adds up to 2.
 * To that comes what scaling did to each: 4.5 * (1.17 + 2.15) if everything
 * falls together, which it does not in this noise. */
#define UNSCALED_COLOUR_TOLERANCE 4.0
#define COLOUR_TOLERANCE 10.0

/* Noise differs from noise by 85 levels in the mean, so that a shift by 1/16 of
 * a pixel would show here. */
#define MEAN_TOLERANCE 3.0

/* Luma 16..235 becomes 0..255, rounded once more. */
#define GREY_TOLERANCE (SCALE_TOLERANCE * 255 / 219 + 0.5)

/* ---- the reference ---- */

static const gdouble kr[] = { 0.299, 0.2126, 0.2627 };
static const gdouble kb[] = { 0.114, 0.0722, 0.0593 };

static void
yuv_to_rgb (const RyImage * image, const gdouble yuv[3], gdouble rgb[3])
{
  gdouble r = kr[image->matrix], b = kb[image->matrix], g = 1.0 - r - b;
  gdouble y = image->full_range ? yuv[0] : (yuv[0] - 16) * 255 / 219;
  gdouble scale = image->full_range ? 255.0 / 255 : 255.0 / 224;
  gdouble pb = (yuv[1] - 128) * scale, pr = (yuv[2] - 128) * scale;
  guint i;

  rgb[0] = y + 2 * (1 - r) * pr;
  rgb[2] = y + 2 * (1 - b) * pb;
  rgb[1] = (y - r * rgb[0] - b * rgb[2]) / g;
  for (i = 0; i < 3; i++)
    rgb[i] = CLAMP (rgb[i], 0, 255);
}

static void
rgb_to_yuv (const RyImage * image, const gdouble rgb[3], gdouble yuv[3])
{
  gdouble r = kr[image->matrix], b = kb[image->matrix], g = 1.0 - r - b;
  gdouble y = r * rgb[0] + g * rgb[1] + b * rgb[2];
  gdouble scale = image->full_range ? 1.0 : 224.0 / 255;

  yuv[0] = image->full_range ? y : 16 + y * 219 / 255;
  yuv[1] = 128 + scale * (rgb[2] - y) / (2 * (1 - b));
  yuv[2] = 128 + scale * (rgb[0] - y) / (2 * (1 - r));
}

/* The sizes of a plane before and after scaling. */
typedef struct
{
  guint width, height, to_width, to_height;
} PlaneSizes;

/* The kinds of planes that libyuv scales by functions of their own. */
typedef enum
{
  PLANE,
  PIXELS_32,
  PIXELS_24,
} Kind;

/* The samples of a row or column that a sample is made of. */
typedef struct
{
  guint at, n;
  gdouble weight[3];
} Taps;

static gboolean
is_422 (RyPixelFormat format)
{
  return format == RY_FORMAT_NV16 || format == RY_FORMAT_YUY2
      || format == RY_FORMAT_UYVY;
}

static Kind
kind_of (RyPixelFormat format)
{
  switch (format) {
    case RY_FORMAT_RGB:
    case RY_FORMAT_BGR:
      return PIXELS_24;
    case RY_FORMAT_RGBX:
    case RY_FORMAT_XRGB:
    case RY_FORMAT_BGRX:
    case RY_FORMAT_XBGR:
      return PIXELS_32;
    default:
      return PLANE;
  }
}

static Taps
taps_around (gdouble position, guint n_samples)
{
  gdouble limited = CLAMP (position, 0, n_samples - 1.0);
  Taps taps = { 0 };

  taps.at = floor (limited);
  taps.weight[1] = limited - taps.at;
  taps.weight[0] = 1 - taps.weight[1];
  taps.n = taps.weight[1] > 0 ? 2 : 1;
  return taps;
}

/* Half-pixel centres for shrinking; corners on corners for enlarging: see
 * ScaleSlope () in libyuv's source/scale_common.cc. */
static Taps
usual_taps (guint i, guint from, guint to)
{
  if (to <= from)
    return taps_around ((i + 0.5) * from / to - 0.5, from);
  return taps_around (from == 1 ? 0 : i * (from - 1.0) / (to - 1), from);
}

/* ScalePlaneUp2_Bilinear () and its like: half-pixel centres, but the last
 * column of an odd number is the last one of the source. */
static Taps
doubled_taps (guint i, guint from)
{
  return taps_around ((i + 0.5) / 2 - 0.5, from);
}

static Taps
doubled_column_taps (guint i, guint from, guint to)
{
  return i + 1 == to ? taps_around (from - 1, from) : doubled_taps (i, from);
}

/* ScalePlaneDown34 (): 3 of 4 samples. */
static Taps
three_quarter_taps (guint i)
{
  static const Taps taps[] = { {0, 2, {0.75, 0.25}}, {1, 2, {0.5, 0.5}},
  {2, 2, {0.25, 0.75}}
  };
  Taps t = taps[i % 3];

  t.at += i / 3 * 4;
  return t;
}

/* ScalePlaneDown38 (): 3 of 8 samples, means of those that they replace. */
static Taps
three_eighth_taps (guint i)
{
  static const Taps taps[] = { {0, 3, {1 / 3.0, 1 / 3.0, 1 / 3.0}},
  {3, 3, {1 / 3.0, 1 / 3.0, 1 / 3.0}}, {6, 2, {0.5, 0.5}}
  };
  Taps t = taps[i % 3];

  t.at += i / 3 * 8;
  return t;
}

/* kFilterBilinear mixes nothing in planes of one column.  ScalePlane () then
 * takes the row above the usual position if the width stays; else, as the
 * others, the row that the middle of the sample lies in, in fixed point.
 * Rows of 24-bit pixels are scaled as bytes if they become fewer than half, and
 * three bytes are no single column. */
static Taps
single_column_taps (Kind kind, const PlaneSizes * s, guint j)
{
  guint step = (s->height << 16) / s->to_height;
  Taps usual = usual_taps (j, s->height, s->to_height);

  if (kind == PIXELS_24 && s->height > 2 * s->to_height)
    return usual;
  if (kind == PLANE && s->to_width == 1)
    return taps_around (usual.at, s->height);
  return taps_around ((step / 2 + j * step) >> 16, s->height);
}

/* What kFilterBilinear does, from the dispatch in ScaleFilterReduce (),
 * ScalePlane (), UVScale () and ARGBScale (). */
static void
choose_taps (Kind kind, const PlaneSizes * s, guint i, guint j, Taps * x,
    Taps * y)
{
  gboolean across_only = s->height == 1 || s->height == s->to_height
      || s->height == 3 * s->to_height;
  gboolean double_x = kind == PLANE && (s->to_width + 1) / 2 == s->width;
  gboolean double_y = (s->to_height + 1) / 2 == s->height;

  *x = usual_taps (i, s->width, s->to_width);
  *y = usual_taps (j, s->height, s->to_height);
  if (s->width == 1) {
    *y = single_column_taps (kind, s, j);
  } else if (double_x && (across_only || double_y)) {
    *x = doubled_column_taps (i, s->width, s->to_width);
    if (!across_only)
      *y = doubled_taps (j, s->height);
  } else if (kind == PLANE && 4 * s->to_width == 3 * s->width
      && 4 * s->to_height == 3 * s->height) {
    *x = three_quarter_taps (i);
    *y = three_quarter_taps (j);
  } else if (kind == PLANE && 8 * s->to_width == 3 * s->width
      && 8 * s->to_height == 3 * s->height) {
    *x = three_eighth_taps (i);
    *y = three_eighth_taps (j);
  }
}

/* 4:2:2 becomes 4:2:0 before it is scaled. */
static PlaneSizes
plane_sizes (TestFrame * frame, const RyLetterbox * box, guint c)
{
  guint half = test_format_is_yuv (frame->image.format) && c > 0 ? 1 : 0;
  PlaneSizes sizes;

  sizes.width = (box->frame_width + half) >> half;
  sizes.height = (box->frame_height + half) >> half;
  sizes.to_width = (box->width + half) >> half;
  sizes.to_height = (box->height + half) >> half;
  return sizes;
}

/* Sample x, y of the plane of channel c, with chroma as 4:2:0.  YUY2ToI420 ()
 * takes the mean of two rows; NV16 is scaled to half its height, which is the
 * same unless the number of rows is odd. */
static gdouble
sample_at (TestFrame * frame, guint c, guint x, guint y)
{
  guint hs, vs, rows = frame->image.height, k;
  Taps taps = { 2 * y, 2, {0.5, 0.5} };
  gdouble sum = 0;

  test_frame_shifts (frame, c, &hs, &vs);
  if (c == 0 || !is_422 (frame->image.format))
    return *test_frame_at (frame, c, x << hs, y << vs);
  if (frame->image.format == RY_FORMAT_NV16)
    taps = usual_taps (y, rows, (rows + 1) / 2);
  for (k = 0; k < taps.n; k++)
    sum += taps.weight[k] * *test_frame_at (frame, c, x << hs,
        MIN (taps.at + k, rows - 1));
  return sum;
}

/* Channel c of the picture at pixel i, j. */
static gdouble
interpolate (TestFrame * frame, const RyLetterbox * box, guint c, guint i,
    guint j)
{
  PlaneSizes sizes = plane_sizes (frame, box, c);
  gboolean half = test_format_is_yuv (frame->image.format) && c > 0;
  gdouble sum = 0;
  Taps x, y;
  guint k, l;

  choose_taps (kind_of (frame->image.format), &sizes, i >> half, j >> half,
      &x, &y);
  for (k = 0; k < y.n; k++) {
    for (l = 0; l < x.n; l++)
      sum += y.weight[k] * x.weight[l]
          * sample_at (frame, c, x.at + l, y.at + k);
  }
  return sum;
}

/* How much too small blue may be: no constant of libyuv exceeds 2, where the
 * standards want up to 2.14 for limited range. */
static gdouble
blue_tolerance (const RyImage * image, gdouble cb)
{
  gdouble wanted = 2 * (1 - kb[image->matrix]) * (image->full_range ? 1 :
      255.0 / 224);

  return MAX (wanted - 2, 0) * fabs (cb - 128);
}

/* Returns how far blue may be off, in levels. */
static gdouble
reference_pixel (TestFrame * frame, const RyLetterbox * box, guint i, guint j,
    gdouble rgb[3])
{
  guint c;
  gdouble v[3];

  for (c = 0; c < 3; c++)
    v[c] = interpolate (frame, box, c, i, j);
  if (!test_format_is_yuv (frame->image.format)) {
    memcpy (rgb, v, sizeof v);
    return 0;
  }
  yuv_to_rgb (&frame->image, v, rgb);
  return blue_tolerance (&frame->image, v[1]);
}

/* ---- what is tested ---- */

typedef struct
{
  RyTarget target;
  guint8 *memory;
  gsize size;
} Output;

/* Rows are followed by `padding` bytes that nobody may touch; the memory ends
 * with the last pixel. */
static void
output_init (Output * self, guint width, guint height, guint channels,
    guint padding)
{
  RyTarget *t = &self->target;

  *t = (RyTarget) {
  .width = width,.height = height,.channels = channels};
  t->stride = width * channels + padding;
  self->size = (gsize) t->stride * (height - 1) + width * channels;
  self->memory = test_guarded_new (self->size);
  memset (self->memory, POISON, self->size);
  t->data = self->memory;
}

static void
output_clear (Output * self)
{
  test_guarded_free (self->memory, self->size);
}

static const guint8 *
output_at (const Output * self, guint x, guint y)
{
  return self->memory + (gsize) self->target.stride * y
      + x * self->target.channels;
}

static void
run_again (RyPreprocessor * preprocessor, TestFrame * frame,
    const RyLetterbox * box, Output * output)
{
  GError *error = NULL;
  gboolean ok = ry_preprocessor_run (preprocessor, &frame->image, box,
      &output->target, &error);

  g_assert_no_error (error);
  g_assert_true (ok);
}

/* Outputs come and go here, at the same address if malloc likes it. */
static void
run (RyPreprocessor * preprocessor, TestFrame * frame,
    const RyLetterbox * box, Output * output)
{
  ry_preprocessor_forget_target (preprocessor);
  run_again (preprocessor, frame, box, output);
}

static void
assert_around_picture (const Output * output, const RyLetterbox * box)
{
  const RyTarget *t = &output->target;
  guint x, y, c;
  gsize i;

  for (y = 0; y < t->height; y++) {
    for (x = 0; x < t->width; x++) {
      if (x >= box->x && x < box->x + box->width
          && y >= box->y && y < box->y + box->height)
        continue;
      for (c = 0; c < t->channels; c++)
        g_assert_cmpuint (output_at (output, x, y)[c], ==, 114);
    }
    for (i = (gsize) y * t->stride + t->width * t->channels;
        i < MIN ((gsize) (y + 1) * t->stride, output->size); i++)
      g_assert_cmpuint (output->memory[i], ==, POISON);
  }
}

typedef struct
{
  gdouble max, sum;
  guint n;
} Difference;

static Difference
compare (TestFrame * frame, const Output * output, const RyLetterbox * box)
{
  Difference d = { 0 };
  guint x, y, c;

  for (y = 0; y < box->height; y++) {
    for (x = 0; x < box->width; x++) {
      const guint8 *p = output_at (output, box->x + x, box->y + y);
      gdouble rgb[3];
      gdouble blue = reference_pixel (frame, box, x, y, rgb);

      for (c = 0; c < 3; c++) {
        gdouble diff = fabs (p[output->target.bgr ? 2 - c : c] - rgb[c]);

        if (c == 2)
          diff = MAX (diff - blue, 0);
        d.max = MAX (d.max, diff);
        d.sum += diff;
        d.n++;
      }
    }
  }
  return d;
}

/* The same noise every time, as tolerances lie within what could happen. */
static void
fill_noise (TestFrame * frame)
{
  GRand *rand = g_rand_new_with_seed (frame->size[0]);
  guint i;
  gsize k;

  for (i = 0; i < frame->image.n_planes; i++) {
    for (k = 0; k < frame->size[i]; k++)
      frame->plane[i][k] = g_rand_int (rand);
  }
  g_rand_free (rand);
}

static const struct
{
  guint fw, fh, mw, mh;
} sizes[] = {
  {64, 48, 32, 32}, {33, 17, 40, 24}, {1, 1, 8, 8}, {2, 2, 5, 5},
  {1, 2, 6, 9}, {3, 5, 64, 64}, {40, 30, 40, 30}, {39, 29, 39, 40},
  {40, 31, 40, 40}, {96, 54, 32, 32}, {64, 64, 32, 32}, {66, 62, 33, 31},
  {62, 66, 31, 33}, {1, 200, 32, 32}, {200, 1, 32, 32}, {97, 55, 31, 47},
  {256, 144, 20, 20}, {47, 90, 47, 45}, {90, 47, 45, 47}, {130, 70, 64, 64},
  {64, 48, 48, 48}, {64, 48, 24, 24}, {32, 24, 64, 48}, {24, 31, 47, 62},
};

/* Returns how far the worst sample may be off. */
static gdouble
choose_tolerance (const RyImage * image, const RyLetterbox * box)
{
  if (!test_format_is_yuv (image->format))
    return SCALE_TOLERANCE;
  if (box->width == image->width && box->height == image->height)
    return UNSCALED_COLOUR_TOLERANCE;
  return COLOUR_TOLERANCE;
}

static void
assert_like_reference (TestFrame * frame, const Output * output,
    const RyLetterbox * box)
{
  RyImage *image = &frame->image;
  gdouble tolerance = choose_tolerance (image, box);
  Difference d = compare (frame, output, box);

  if (d.max > tolerance || d.sum / d.n > MEAN_TOLERANCE)
    g_test_message ("%s %ux%u as %ux%u, matrix %d, full range %d: largest "
        "difference %.2f, mean %.3f", test_format_name (image->format),
        image->width, image->height, box->width, box->height, image->matrix,
        image->full_range, d.max, d.sum / d.n);
  g_assert_cmpfloat (d.max, <=, tolerance);
  g_assert_cmpfloat (d.sum / d.n, <=, MEAN_TOLERANCE);
}

static void
check_noise (RyPreprocessor * preprocessor, RyPixelFormat format, guint size,
    RyLetterboxMode mode, RyColorMatrix matrix, gboolean full_range)
{
  guint variant = size + mode + matrix + full_range;
  RyLetterbox box;
  TestFrame frame;
  Output output;

  test_frame_init (&frame, format, sizes[size].fw, sizes[size].fh,
      variant % 4 * 5);
  fill_noise (&frame);
  frame.image.matrix = matrix;
  frame.image.full_range = full_range;
  ry_letterbox_init (&box, mode, sizes[size].fw, sizes[size].fh,
      sizes[size].mw, sizes[size].mh);
  output_init (&output, sizes[size].mw, sizes[size].mh, 3, variant % 3 * 7);
  output.target.bgr = variant % 2;
  run (preprocessor, &frame, &box, &output);
  assert_around_picture (&output, &box);
  assert_like_reference (&frame, &output, &box);
  output_clear (&output);
  test_frame_clear (&frame);
}

/* Noise finds every wrong index. */
static void
test_noise (gconstpointer data)
{
  RyPixelFormat format = GPOINTER_TO_UINT (data);
  RyPreprocessor *preprocessor = ry_preprocessor_new ();
  guint size, mode, matrix, range;

  for (size = 0; size < G_N_ELEMENTS (sizes); size++) {
    for (mode = 0; mode < 3; mode++) {
      for (matrix = 0; matrix < 3; matrix++) {
        for (range = 0; range < 2; range++)
          check_noise (preprocessor, format, size, mode, matrix, range);
      }
    }
  }
  ry_preprocessor_free (preprocessor);
}

/* ---- a scene that is known at every point, drawn in every format ---- */

static void
scene (gdouble x, gdouble y, gdouble rgb[3])
{
  rgb[0] = 127 + 90 * sin (3.1 * x + 0.4) * cos (2.2 * y);
  rgb[1] = 60 + 120 * (0.3 * x + 0.7 * y);
  rgb[2] = 127 + 90 * cos (2.7 * x - 1.9 * y);
}

/* The colour in the middle of the pixels that share a sample. */
static void
draw_scene (TestFrame * frame)
{
  guint c, x, y, hs, vs;
  RyImage *image = &frame->image;

  for (c = 0; c < 3; c++) {
    test_frame_shifts (frame, c, &hs, &vs);
    for (y = 0; y < image->height; y += 1 << vs) {
      for (x = 0; x < image->width; x += 1 << hs) {
        gdouble rgb[3], v[3];

        scene ((x + (1 << hs) / 2.0) / image->width,
            (y + (1 << vs) / 2.0) / image->height, rgb);
        if (test_format_is_yuv (image->format))
          rgb_to_yuv (image, rgb, v);
        else
          memcpy (v, rgb, sizeof v);
        *test_frame_at (frame, c, x, y) = CLAMP (lrint (v[c]), 0, 255);
      }
    }
  }
}

/* Where sample i comes from, as a part of the frame: the middle of a pixel, or
 * when enlarging a place between corners that lie on corners. */
static gdouble
scene_position (guint i, guint from, guint to)
{
  if (to <= from)
    return (i + 0.5) / to;
  return (i * (from - 1.0) / (to - 1) + 0.5) / from;
}

static void
compare_with_scene (const RyImage * image, const Output * output,
    const RyLetterbox * box)
{
  gboolean is_yuv = test_format_is_yuv (image->format);
  guint x, y, c;

  for (y = 1; y + 1 < box->height; y++) {
    for (x = 1; x + 1 < box->width; x++) {
      const guint8 *p = output_at (output, box->x + x, box->y + y);
      gdouble rgb[3], yuv[3];

      scene (scene_position (x, image->width, box->width),
          scene_position (y, image->height, box->height), rgb);
      rgb_to_yuv (image, rgb, yuv);
      for (c = 0; c < 3; c++) {
        gdouble tolerance = is_yuv ? 8.0 : 3.5;

        if (is_yuv && c == 2)
          tolerance += blue_tolerance (image, yuv[1]);
        g_assert_cmpfloat (fabs (p[output->target.bgr ? 2 - c : c] - rgb[c]),
            <=, tolerance);
      }
    }
  }
}

/* Nothing of the code under test is in the expectation here: a scene goes
 * through the standards into each format and must come out again.  Chroma of a
 * smooth scene, repeated for two pixels, is off by its slope over half a pixel,
 * which is below 2 levels here. */
static void
test_scene (gconstpointer data)
{
  RyPixelFormat format = GPOINTER_TO_UINT (data);
  static const guint widths[] = { 480, 213, 320, 150 };
  RyPreprocessor *preprocessor = ry_preprocessor_new ();
  gboolean is_yuv = test_format_is_yuv (format);
  guint i, matrix, range;

  for (i = 0; i < G_N_ELEMENTS (widths); i++) {
    for (matrix = 0; matrix < (is_yuv ? 3 : 1); matrix++) {
      for (range = 0; range < (is_yuv ? 2 : 1); range++) {
        RyLetterbox box;
        TestFrame frame;
        Output output;

        test_frame_init (&frame, format, widths[i], widths[i] * 3 / 4, 3);
        frame.image.matrix = matrix;
        frame.image.full_range = range;
        draw_scene (&frame);
        ry_letterbox_init (&box, RY_LETTERBOX_CENTER, widths[i],
            widths[i] * 3 / 4, 240, 240);
        output_init (&output, 240, 240, 3, 0);
        output.target.bgr = i % 2;
        run (preprocessor, &frame, &box, &output);
        compare_with_scene (&frame.image, &output, &box);
        output_clear (&output);
        test_frame_clear (&frame);
      }
    }
  }
  ry_preprocessor_free (preprocessor);
}

/* ---- the same picture in several formats ---- */

static void
copy_samples (TestFrame * to, TestFrame * from)
{
  guint c, x, y;

  for (c = 0; c < 3; c++) {
    for (y = 0; y < from->image.height; y++) {
      for (x = 0; x < from->image.width; x++)
        *test_frame_at (to, c, x, y) = *test_frame_at (from, c, x, y);
    }
  }
}

static void
check_same (const RyPixelFormat * formats, guint n, guint size, gboolean bgr)
{
  RyPreprocessor *preprocessor = ry_preprocessor_new ();
  TestFrame first;
  RyLetterbox box;
  Output expected;
  guint i;

  test_frame_init (&first, formats[0], sizes[size].fw, sizes[size].fh, 0);
  fill_noise (&first);
  ry_letterbox_init (&box, RY_LETTERBOX_CENTER, sizes[size].fw,
      sizes[size].fh, sizes[size].mw, sizes[size].mh);
  output_init (&expected, sizes[size].mw, sizes[size].mh, 3, 0);
  expected.target.bgr = bgr;
  run (preprocessor, &first, &box, &expected);

  for (i = 1; i < n; i++) {
    TestFrame other;
    Output got;

    test_frame_init (&other, formats[i], sizes[size].fw, sizes[size].fh, i);
    copy_samples (&other, &first);
    output_init (&got, sizes[size].mw, sizes[size].mh, 3, 0);
    got.target.bgr = bgr;
    run (preprocessor, &other, &box, &got);
    g_test_message ("%s as %s, %ux%u in %ux%u", test_format_name (formats[i]),
        test_format_name (formats[0]), sizes[size].fw, sizes[size].fh,
        sizes[size].mw, sizes[size].mh);
    g_assert_cmpmem (got.memory, got.size, expected.memory, expected.size);
    output_clear (&got);
    test_frame_clear (&other);
  }
  output_clear (&expected);
  test_frame_clear (&first);
  ry_preprocessor_free (preprocessor);
}

/* Formats that the same functions of libyuv scale. */
static void
test_same_picture (void)
{
  static const struct
  {
    guint n;
    RyPixelFormat formats[4];
  } families[] = {
    {2, {RY_FORMAT_I420, RY_FORMAT_YV12}},
    {2, {RY_FORMAT_NV12, RY_FORMAT_NV21}},
    {2, {RY_FORMAT_YUY2, RY_FORMAT_UYVY}},
    {2, {RY_FORMAT_RGB, RY_FORMAT_BGR}},
    {4, {RY_FORMAT_RGBX, RY_FORMAT_XRGB, RY_FORMAT_BGRX, RY_FORMAT_XBGR}},
  };
  guint size, i;

  for (size = 0; size < G_N_ELEMENTS (sizes); size++) {
    for (i = 0; i < G_N_ELEMENTS (families); i++) {
      check_same (families[i].formats, families[i].n, size, FALSE);
      check_same (families[i].formats, families[i].n, size, TRUE);
    }
  }
}

/* ---- scale 1 changes nothing ---- */

static void
test_unscaled_is_exact (void)
{
  RyPreprocessor *preprocessor = ry_preprocessor_new ();
  RyPixelFormat format;
  guint x, y, c;

  for (format = RY_FORMAT_RGB; format <= RY_FORMAT_GRAY8; format++) {
    TestFrame frame;
    RyLetterbox box;
    Output output;

    test_frame_init (&frame, format, 45, 31, 2);
    fill_noise (&frame);
    ry_letterbox_init (&box, RY_LETTERBOX_CENTER, 45, 31, 45, 45);
    output_init (&output, 45, 45, 3, 0);
    run (preprocessor, &frame, &box, &output);
    for (y = 0; y < 31; y++) {
      for (x = 0; x < 45; x++) {
        for (c = 0; c < 3; c++)
          g_assert_cmpuint (output_at (&output, x, box.y + y)[c], ==,
              *test_frame_at (&frame, c, x, y));
      }
    }
    output_clear (&output);
    test_frame_clear (&frame);
  }
  ry_preprocessor_free (preprocessor);
}

/* ---- a third of the size is every third sample ---- */

/* The middle one of 3 x 3 pixels, of all channels.  Sizes are those of small,
 * whose chroma samples have their own 3 x 3 in frame, too. */
static void
take_middles (TestFrame * small, TestFrame * frame)
{
  guint n_channels = small->image.format == RY_FORMAT_GRAY8 ? 1 : 3;
  guint c, x, y, hs, vs;

  for (c = 0; c < n_channels; c++) {
    test_frame_shifts (small, c, &hs, &vs);
    for (y = 0; y < small->image.height >> vs; y++) {
      for (x = 0; x < small->image.width >> hs; x++)
        *test_frame_at (small, c, x << hs, y << vs) =
            *test_frame_at (frame, c, (3 * x + 1) << hs, (3 * y + 1) << vs);
    }
  }
}

static void
check_third (RyPixelFormat format, guint width, guint height, guint channels)
{
  RyPreprocessor *preprocessor = ry_preprocessor_new ();
  guint size = MAX (width, height);
  Output expected, output;
  TestFrame frame, small;
  RyLetterbox box;

  test_frame_init (&frame, format, 3 * width, 3 * height, 5);
  test_frame_init (&small, format, width, height, 0);
  fill_noise (&frame);
  take_middles (&small, &frame);
  output_init (&output, size, size, channels, 0);
  output_init (&expected, size, size, channels, 0);
  ry_letterbox_init (&box, RY_LETTERBOX_CENTER, width, height, size, size);
  run (preprocessor, &small, &box, &expected);
  ry_letterbox_init (&box, RY_LETTERBOX_CENTER, 3 * width, 3 * height, size,
      size);
  run (preprocessor, &frame, &box, &output);
  g_assert_cmpmem (output.target.data, output.size, expected.target.data,
      expected.size);

  output_clear (&output);
  output_clear (&expected);
  test_frame_clear (&frame);
  test_frame_clear (&small);
  ry_preprocessor_free (preprocessor);
}

static void
test_third (void)
{
  static const RyPixelFormat formats[] = { RY_FORMAT_NV12, RY_FORMAT_NV21,
    RY_FORMAT_I420, RY_FORMAT_YV12, RY_FORMAT_GRAY8
  };
  guint i, channels;

  for (i = 0; i < G_N_ELEMENTS (formats); i++) {
    for (channels = 1; channels <= 3; channels += 2) {
      check_third (formats[i], 640, 360, channels);
      check_third (formats[i], 46, 22, channels);
      check_third (formats[i], 14, 70, channels);
    }
  }
}

/* ---- grey models ---- */

static void
check_grey (RyPixelFormat format, guint size, gboolean full_range)
{
  RyPreprocessor *preprocessor = ry_preprocessor_new ();
  TestFrame frame;
  RyLetterbox box;
  Output output;
  guint x, y;

  test_frame_init (&frame, format, sizes[size].fw, sizes[size].fh, 1);
  fill_noise (&frame);
  frame.image.full_range = full_range;
  ry_letterbox_init (&box, RY_LETTERBOX_CENTER, sizes[size].fw,
      sizes[size].fh, sizes[size].mw, sizes[size].mh);
  output_init (&output, sizes[size].mw, sizes[size].mh, 1, 3);
  run (preprocessor, &frame, &box, &output);
  assert_around_picture (&output, &box);
  for (y = 0; y < box.height; y++) {
    for (x = 0; x < box.width; x++) {
      gdouble expected = interpolate (&frame, &box, 0, x, y);

      if (test_format_is_yuv (format) && !full_range)
        expected = CLAMP ((expected - 16) * 255 / 219, 0, 255);
      else if (!test_format_is_yuv (format) && format != RY_FORMAT_GRAY8)
        expected = 0.299 * expected
            + 0.587 * interpolate (&frame, &box, 1, x, y)
            + 0.114 * interpolate (&frame, &box, 2, x, y);
      g_assert_cmpfloat (fabs (output_at (&output, box.x + x,
                  box.y + y)[0] - expected), <=, GREY_TOLERANCE);
    }
  }
  output_clear (&output);
  test_frame_clear (&frame);
  ry_preprocessor_free (preprocessor);
}

static void
test_grey_model (void)
{
  RyPixelFormat format;
  guint size;

  for (format = 0; format < RY_N_FORMATS; format++) {
    for (size = 0; size < G_N_ELEMENTS (sizes); size++)
      check_grey (format, size, size % 2);
  }
}

/* ---- the border is painted when needed, and only then ---- */

static void
test_border_once (void)
{
  RyPreprocessor *preprocessor = ry_preprocessor_new ();
  TestFrame frame, tall;
  RyLetterbox wide_box, tall_box, corner_box;
  Output a, b;

  test_frame_init (&frame, RY_FORMAT_RGB, 32, 16, 0);
  test_frame_init (&tall, RY_FORMAT_RGB, 16, 32, 0);
  ry_letterbox_init (&wide_box, RY_LETTERBOX_CENTER, 32, 16, 32, 32);
  ry_letterbox_init (&tall_box, RY_LETTERBOX_CENTER, 16, 32, 32, 32);
  output_init (&a, 32, 32, 3, 0);
  output_init (&b, 32, 32, 3, 0);

  run_again (preprocessor, &frame, &wide_box, &a);
  assert_around_picture (&a, &wide_box);
  a.memory[0] = 7;
  run_again (preprocessor, &frame, &wide_box, &a);
  g_assert_cmpuint (a.memory[0], ==, 7);
  ry_preprocessor_forget_target (preprocessor);
  run_again (preprocessor, &frame, &wide_box, &a);
  assert_around_picture (&a, &wide_box);

  /* only the place of the picture changes */
  ry_letterbox_init (&corner_box, RY_LETTERBOX_TOP_LEFT, 32, 16, 32, 32);
  run_again (preprocessor, &frame, &corner_box, &a);
  assert_around_picture (&a, &corner_box);
  ry_letterbox_init (&corner_box, RY_LETTERBOX_TOP_LEFT, 16, 32, 32, 32);
  run_again (preprocessor, &tall, &tall_box, &a);
  run_again (preprocessor, &tall, &corner_box, &a);
  assert_around_picture (&a, &corner_box);

  run_again (preprocessor, &frame, &wide_box, &b);
  assert_around_picture (&b, &wide_box);
  run_again (preprocessor, &tall, &tall_box, &a);
  assert_around_picture (&a, &tall_box);
  run_again (preprocessor, &frame, &wide_box, &a);
  assert_around_picture (&a, &wide_box);

  output_clear (&a);
  output_clear (&b);
  test_frame_clear (&frame);
  test_frame_clear (&tall);
  ry_preprocessor_free (preprocessor);
}

/* ---- views that make no sense ---- */

static void
assert_refused (RyImage * image, const RyLetterbox * box,
    const RyTarget * target, const gchar * words)
{
  RyPreprocessor *preprocessor = ry_preprocessor_new ();
  GError *error = NULL;

  g_assert_false (ry_preprocessor_run (preprocessor, image, box, target,
          &error));
  g_assert_error (error, RY_ERROR, RY_ERROR_IMAGE);
  g_assert_nonnull (strstr (error->message, words));
  g_error_free (error);
  g_assert_false (ry_preprocessor_run (preprocessor, image, box, target, NULL));
  ry_preprocessor_free (preprocessor);
}

/* ---- frames that are mapped when the CPU needs them ---- */

typedef struct
{
  const guint8 *plane[RY_MAX_PLANES];
  guint maps, unmaps;
  gint stride;                  /* of plane 0, where it is another; else 0 */
  gboolean fails;
} Mapping;

static gboolean
map_planes (RyImage * image, GError ** error)
{
  Mapping *self = image->access_data;

  g_assert_cmpuint (self->maps, ==, self->unmaps);
  if (self->fails) {
    g_set_error (error, RY_ERROR, RY_ERROR_IMAGE, "Out of reach.");
    return FALSE;
  }
  memcpy (image->data, self->plane, sizeof (image->data));
  if (self->stride != 0)
    image->stride[0] = self->stride;
  self->maps++;
  return TRUE;
}

static void
unmap_planes (RyImage * image)
{
  Mapping *self = image->access_data;

  self->unmaps++;
  memset (image->data, 0, sizeof (image->data));
}

static void
test_mapping (void)
{
  static const RyImageAccess access = { map_planes, unmap_planes };
  RyPreprocessor *preprocessor = ry_preprocessor_new ();
  Mapping mapping = { {NULL} };
  TestFrame frame;
  RyLetterbox box;
  Output mapped, plain;
  RyImage image;

  test_frame_init (&frame, RY_FORMAT_NV12, 40, 30, 5);
  ry_letterbox_init (&box, RY_LETTERBOX_CENTER, 40, 30, 32, 32);
  output_init (&plain, 32, 32, 3, 0);
  output_init (&mapped, 32, 32, 3, 0);
  image = frame.image;
  memcpy (mapping.plane, image.data, sizeof (image.data));
  memset (image.data, 0, sizeof (image.data));
  image.access = &access;
  image.access_data = &mapping;

  g_assert_true (ry_preprocessor_run (preprocessor, &frame.image, &box,
          &plain.target, NULL));
  g_assert_true (ry_preprocessor_run (preprocessor, &image, &box,
          &mapped.target, NULL));
  g_assert_cmpuint (mapping.maps, ==, 1);
  g_assert_cmpuint (mapping.unmaps, ==, 1);
  g_assert_cmpmem (mapped.target.data, 32 * 32 * 3, plain.target.data,
      32 * 32 * 3);

  /* What is wrong without looking at a pixel is refused without mapping. */
  image.stride[0] = 39;
  assert_refused (&image, &box, &mapped.target, "stride of 39 bytes");
  g_assert_cmpuint (mapping.maps, ==, 1);
  image.stride[0] = frame.image.stride[0];
  mapping.stride = -39;
  assert_refused (&image, &box, &mapped.target, "stride of -39 bytes");
  mapping.stride = frame.image.stride[0];
  image.stride[0] = frame.image.stride[0];
  mapping.plane[1] = NULL;
  assert_refused (&image, &box, &mapped.target, "Plane 1");
  g_assert_cmpuint (mapping.unmaps, ==, mapping.maps);
  mapping.fails = TRUE;
  assert_refused (&image, &box, &mapped.target, "Out of reach.");
  g_assert_cmpuint (mapping.unmaps, ==, mapping.maps);

  output_clear (&plain);
  output_clear (&mapped);
  test_frame_clear (&frame);
  ry_preprocessor_free (preprocessor);
}

static void
test_bad_images (void)
{
  TestFrame frame;
  RyLetterbox box;
  Output output;
  RyImage bad;

  test_frame_init (&frame, RY_FORMAT_I420, 33, 17, 0);
  ry_letterbox_init (&box, RY_LETTERBOX_CENTER, 33, 17, 32, 32);
  output_init (&output, 32, 32, 3, 0);

  bad = frame.image;
  bad.stride[0] = 32;
  assert_refused (&bad, &box, &output.target, "stride of 32 bytes");
  bad = frame.image;
  bad.stride[2] = 16;
  assert_refused (&bad, &box, &output.target, "takes 17");
  bad.stride[2] = -17;
  assert_refused (&bad, &box, &output.target, "stride of -17 bytes");
  bad = frame.image;
  bad.data[1] = NULL;
  assert_refused (&bad, &box, &output.target, "Plane 1");
  bad = frame.image;
  bad.n_planes = 2;
  assert_refused (&bad, &box, &output.target, "2 of its 3 planes");
  bad = frame.image;
  bad.width = 0;
  assert_refused (&bad, &box, &output.target, "0x17");
  bad = frame.image;
  bad.height = RY_IMAGE_MAX_SIZE + 1;
  assert_refused (&bad, &box, &output.target, "33x32769");
  bad = frame.image;
  bad.format = RY_N_FORMATS;
  assert_refused (&bad, &box, &output.target, "number 14");
  bad = frame.image;
  bad.matrix = 7;
  assert_refused (&bad, &box, &output.target, "matrix number 7");

  output_clear (&output);
  test_frame_clear (&frame);
}

static void
test_bad_targets (void)
{
  TestFrame frame;
  RyLetterbox box, other;
  Output output;
  RyTarget bad;

  test_frame_init (&frame, RY_FORMAT_RGB, 33, 17, 0);
  ry_letterbox_init (&box, RY_LETTERBOX_CENTER, 33, 17, 32, 32);
  output_init (&output, 32, 32, 3, 0);

  bad = output.target;
  bad.stride = 95;
  assert_refused (&frame.image, &box, &bad, "95 bytes");
  bad = output.target;
  bad.data = NULL;
  assert_refused (&frame.image, &box, &bad, "no memory");
  bad = output.target;
  bad.channels = 4;
  assert_refused (&frame.image, &box, &bad, "4 channels");
  bad = output.target;
  bad.width = 31;
  assert_refused (&frame.image, &box, &bad, "computed anew");
  other = box;
  other.x = 1;
  assert_refused (&frame.image, &other, &output.target, "at 1,");
  ry_letterbox_init (&other, RY_LETTERBOX_CENTER, 34, 17, 32, 32);
  assert_refused (&frame.image, &other, &output.target, "34x17");

  output_clear (&output);
  test_frame_clear (&frame);
}

int
main (int argc, char **argv)
{
  RyPixelFormat format;

  g_test_init (&argc, &argv, NULL);
  for (format = 0; format < RY_N_FORMATS; format++) {
    gchar *path = g_strdup_printf ("/preprocess/noise/%s",
        test_format_name (format));

    g_test_add_data_func (path, GUINT_TO_POINTER (format), test_noise);
    g_free (path);
    if (format == RY_FORMAT_GRAY8)
      continue;
    path = g_strdup_printf ("/preprocess/scene/%s", test_format_name (format));
    g_test_add_data_func (path, GUINT_TO_POINTER (format), test_scene);
    g_free (path);
  }
  g_test_add_func ("/preprocess/same-picture", test_same_picture);
  g_test_add_func ("/preprocess/unscaled-is-exact", test_unscaled_is_exact);
  g_test_add_func ("/preprocess/third", test_third);
  g_test_add_func ("/preprocess/grey-model", test_grey_model);
  g_test_add_func ("/preprocess/border-once", test_border_once);
  g_test_add_func ("/preprocess/bad-images", test_bad_images);
  g_test_add_func ("/preprocess/mapping", test_mapping);
  g_test_add_func ("/preprocess/bad-targets", test_bad_targets);
  return g_test_run ();
}
