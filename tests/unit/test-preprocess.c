/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Preprocessing against a second implementation in double precision, written
 * from the standards: colours from Kr and Kb of ITU-R BT.601, BT.709 and
 * BT.2020, bilinear interpolation between the centres of pixels. */

#include "image/image.h"

#include <math.h>
#include <string.h>

#include "ryerror.h"
#include "testframe.h"

#define POISON 0xa5

/* Interpolation keeps 8 bits of the vertical weight (half a level) and rounds
 * (half a level). */
#define SCALE_TOLERANCE 1.01

/* libyuv's constants have 6 bits, so each of two chroma terms of up to 128 may
 * be wrong by 1; rounding three samples and their sum adds up to 2. */
#define COLOUR_TOLERANCE 4.0

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

static gdouble
centre_position (guint i, guint picture, guint frame, guint n_samples)
{
  gdouble position = (i + 0.5) * frame / picture - 0.5;

  return CLAMP (position, 0, n_samples - 1.0);
}

/* Channel c of the frame at sample i, j of the picture that is still
 * subsampled like the frame. */
static gdouble
interpolate (TestFrame * frame, const RyLetterbox * box, guint c, guint i,
    guint j)
{
  guint hs, vs, x0, y0, x1, y1;
  gdouble x, y, top, bottom;

  test_frame_shifts (frame, c, &hs, &vs);
  x = centre_position (i, box->width, box->frame_width,
      (box->frame_width + hs) >> hs);
  y = centre_position (j, box->height, box->frame_height,
      (box->frame_height + vs) >> vs);
  x0 = floor (x);
  y0 = floor (y);
  x1 = ceil (x);
  y1 = ceil (y);
#define AT(x, y) (*test_frame_at (frame, c, (x) << hs, (y) << vs))
  top = AT (x0, y0) * (1 - (x - x0)) + AT (x1, y0) * (x - x0);
  bottom = AT (x0, y1) * (1 - (x - x0)) + AT (x1, y1) * (x - x0);
#undef AT
  return top * (1 - (y - y0)) + bottom * (y - y0);
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
  guint c, hs, vs;
  gdouble v[3];

  for (c = 0; c < 3; c++) {
    test_frame_shifts (frame, c, &hs, &vs);
    v[c] = interpolate (frame, box, c, i >> hs, j >> vs);
  }
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
  self->memory = g_malloc (self->size);
  memset (self->memory, POISON, self->size);
  t->data = self->memory;
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

        d.max = MAX (d.max, diff - (c == 2 ? blue : 0));
        d.sum += diff;
        d.n++;
      }
    }
  }
  return d;
}

static void
fill_noise (TestFrame * frame)
{
  guint i;
  gsize k;

  for (i = 0; i < frame->image.n_planes; i++) {
    for (k = 0; k < frame->size[i]; k++)
      frame->plane[i][k] = g_test_rand_int ();
  }
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
};

static void
check_noise (RyPreprocessor * preprocessor, RyPixelFormat format, guint size,
    RyLetterboxMode mode, RyColorMatrix matrix, gboolean full_range)
{
  guint variant = size + mode + matrix + full_range;
  gdouble tolerance;
  RyLetterbox box;
  TestFrame frame;
  Output output;
  Difference d;

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

  tolerance = test_format_is_yuv (format) ? COLOUR_TOLERANCE : SCALE_TOLERANCE;
  d = compare (&frame, &output, &box);
  if (d.max > tolerance)
    g_test_message ("%s %ux%u in %ux%u, mode %d, matrix %d, full range %d: "
        "largest difference %.2f, mean %.3f", test_format_name (format),
        sizes[size].fw, sizes[size].fh, sizes[size].mw, sizes[size].mh, mode,
        matrix, full_range, d.max, d.sum / d.n);
  g_assert_cmpfloat (d.max, <=, tolerance);
  assert_around_picture (&output, &box);
  g_free (output.memory);
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
  const RyImage *image = &frame->image;

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

static void
compare_with_scene (const RyImage * image, const Output * output,
    const RyLetterbox * box)
{
  guint x, y, c;

  for (y = 1; y + 1 < box->height; y++) {
    for (x = 1; x + 1 < box->width; x++) {
      const guint8 *p = output_at (output, box->x + x, box->y + y);
      gdouble rgb[3], yuv[3];

      scene ((x + 0.5) / box->width, (y + 0.5) / box->height, rgb);
      rgb_to_yuv (image, rgb, yuv);
      for (c = 0; c < 3; c++) {
        gdouble tolerance = test_format_is_yuv (image->format) ? 5.0 : 1.5;

        if (test_format_is_yuv (image->format) && c == 2)
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
        g_free (output.memory);
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
    g_free (got.memory);
    test_frame_clear (&other);
  }
  g_free (expected.memory);
  test_frame_clear (&first);
  ry_preprocessor_free (preprocessor);
}

static void
test_same_picture (void)
{
  static const RyPixelFormat yuv420[] = { RY_FORMAT_I420, RY_FORMAT_YV12,
    RY_FORMAT_NV12, RY_FORMAT_NV21
  };
  static const RyPixelFormat yuv422[] = { RY_FORMAT_NV16, RY_FORMAT_YUY2,
    RY_FORMAT_UYVY
  };
  static const RyPixelFormat rgb[] = { RY_FORMAT_RGB, RY_FORMAT_BGR,
    RY_FORMAT_RGBX, RY_FORMAT_XRGB, RY_FORMAT_BGRX, RY_FORMAT_XBGR
  };
  guint size, bgr;

  for (size = 0; size < G_N_ELEMENTS (sizes); size++) {
    for (bgr = 0; bgr < 2; bgr++) {
      check_same (yuv420, G_N_ELEMENTS (yuv420), size, bgr);
      check_same (yuv422, G_N_ELEMENTS (yuv422), size, bgr);
      check_same (rgb, G_N_ELEMENTS (rgb), size, bgr);
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
    g_free (output.memory);
    test_frame_clear (&frame);
  }
  ry_preprocessor_free (preprocessor);
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
                  box.y + y)[0] - expected), <=, 2.0);
    }
  }
  g_free (output.memory);
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

  g_free (a.memory);
  g_free (b.memory);
  test_frame_clear (&frame);
  test_frame_clear (&tall);
  ry_preprocessor_free (preprocessor);
}

/* ---- views that make no sense ---- */

static void
assert_refused (const RyImage * image, const RyLetterbox * box,
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

  g_free (output.memory);
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

  g_free (output.memory);
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
  g_test_add_func ("/preprocess/grey-model", test_grey_model);
  g_test_add_func ("/preprocess/border-once", test_border_once);
  g_test_add_func ("/preprocess/bad-images", test_bad_images);
  g_test_add_func ("/preprocess/bad-targets", test_bad_targets);
  return g_test_run ();
}
