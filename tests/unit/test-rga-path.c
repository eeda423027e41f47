/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Inputs made by RGA - the stand-in's, which interpolates in floating point -
 * against those that libyuv makes of the same frames. */

#include <stdlib.h>
#include <string.h>

#include "rgaframe.h"
#include "ryerror.h"

static RgaStandin standin;

/* Sanitizers make everything slower, so less of it is done. */
#if defined (__SANITIZE_ADDRESS__) || defined (__SANITIZE_THREAD__)
#define STEP 3
#else
#define STEP 1
#endif

/* Libyuv's arithmetic, and its corner alignment where a picture grows: half a
 * source pixel at most, of waves that rise by up to 10 levels a pixel. */
#define MOST 14
#define MEAN 3.0

typedef struct
{
  RyPreprocessor *rga, *cpu;
  RyTarget by_rga, by_cpu;
  RyRga *device;
} Pair;

static void
pair_init (Pair * self, guint size, guint stride)
{
  GError *error = NULL;

  self->device = ry_rga_new (rga_standin_path (), &error);
  g_assert_no_error (error);
  self->rga = ry_preprocessor_new ();
  self->cpu = ry_preprocessor_new ();
  rga_target_init (&self->by_rga, size, size, stride);
  rga_target_init (&self->by_cpu, size, size, stride);
  ry_preprocessor_use_rga (self->rga, self->device, &self->by_rga, &error);
  g_assert_no_error (error);
}

static void
pair_clear (Pair * self)
{
  ry_preprocessor_free (self->rga);
  ry_preprocessor_free (self->cpu);
  rga_target_clear (&self->by_rga);
  rga_target_clear (&self->by_cpu);
  ry_rga_unref (self->device);
}

static void
run (RyPreprocessor * preprocessor, RgaFrame * frame, RyLetterboxMode mode,
    const RyTarget * target)
{
  GError *error = NULL;
  RyLetterbox box;

  ry_letterbox_init (&box, mode, frame->image.width, frame->image.height,
      target->width, target->height);
  ry_preprocessor_run (preprocessor, &frame->image, &box, target, &error);
  g_assert_no_error (error);
}

static void
compare (const Pair * pair, const gchar * what)
{
  gint most = 0;
  gdouble sum = 0;

  for (guint y = 0; y < pair->by_rga.height; y++) {
    for (guint x = 0; x < 3 * pair->by_rga.width; x++) {
      gsize i = (gsize) y * pair->by_rga.stride + x;
      gint difference = abs (pair->by_rga.data[i] - pair->by_cpu.data[i]);

      most = MAX (most, difference);
      sum += difference;
    }
  }
  sum /= 3.0 * pair->by_rga.width * pair->by_rga.height;
  g_test_message ("%s: at most %d, in the mean %.2f", what, most, sum);
  if (most > MOST || sum > MEAN)
    g_error ("%s: pixels differ by up to %d, %.2f in the mean", what, most,
        sum);
}

static void
compare_frame (Pair * pair, RyPixelFormat format, guint width, guint height,
    const RgaFrameLayout * layout, RyLetterboxMode mode)
{
  g_autofree gchar *what = g_strdup_printf ("format %d, %ux%u at %u,%u, rows "
      "aligned to %u, mode %d", format, width, height, layout->x, layout->y,
      layout->align, mode);
  const RyPreprocessed *how = ry_preprocessor_get_last (pair->rga);
  RgaFrame frame;

  rga_frame_init (&frame, format, width, height, layout);
  run (pair->rga, &frame, mode, &pair->by_rga);
  if (!how->by_rga)
    g_error ("%s: %s, %s", what, ry_rga_reason_get_name (how->reason),
        how->note);
  g_assert_cmpuint (frame.n_maps, ==, 0);
  run (pair->cpu, &frame, mode, &pair->by_cpu);
  compare (pair, what);
  rga_frame_clear (&frame);
}

static void
test_formats_and_sizes (void)
{
  static const RyPixelFormat formats[] = {
    RY_FORMAT_NV12, RY_FORMAT_NV21, RY_FORMAT_NV16, RY_FORMAT_YUY2,
    RY_FORMAT_UYVY, RY_FORMAT_RGB, RY_FORMAT_BGR, RY_FORMAT_RGBX,
    RY_FORMAT_XRGB, RY_FORMAT_BGRX, RY_FORMAT_XBGR,
  };
  static const guint sizes[][2] = {
    {320, 240}, {640, 480}, {1280, 720}, {1920, 1080}, {3840, 2160}, {722, 486},
    {240, 320}, {1000, 1002},
  };
  static const RgaFrameLayout layouts[] = {
    {.align = 48}, {.align = 48 * 4,.rows_below = 8},
    {.align = 48,.x = 16,.y = 10,.rows_below = 6},
  };
  guint n = 0;
  Pair pair;

  pair_init (&pair, 640, 640);
  for (guint f = 0; f < G_N_ELEMENTS (formats); f++) {
    for (guint s = 0; s < G_N_ELEMENTS (sizes); s += STEP, n++)
      compare_frame (&pair, formats[f], sizes[s][0], sizes[s][1],
          &layouts[n % G_N_ELEMENTS (layouts)],
          n % 5 == 4 ? RY_LETTERBOX_STRETCH : n % 5 == 2 ?
          RY_LETTERBOX_TOP_LEFT : RY_LETTERBOX_CENTER);
  }
  pair_clear (&pair);
}

static void
compare_planar (void)
{
  static const RgaFrameLayout layout = {.align = 32,.x = 6,.y = 4 };
  Pair pair;

  pair_init (&pair, 416, 416);
  compare_frame (&pair, RY_FORMAT_I420, 1280, 720, &layout,
      RY_LETTERBOX_CENTER);
  compare_frame (&pair, RY_FORMAT_YV12, 1922, 1080, &layout,
      RY_LETTERBOX_CENTER);
  pair_clear (&pair);
}

static void
test_planar (void)
{
  rga_standin_run_as ("rk3576", NULL, compare_planar);
}

static void
test_colours (void)
{
  static const struct
  {
    RyColorMatrix matrix;
    gboolean full_range, possible;
  } cases[] = {
    {RY_MATRIX_BT601, FALSE, TRUE}, {RY_MATRIX_BT601, TRUE, TRUE},
    {RY_MATRIX_BT709, FALSE, TRUE}, {RY_MATRIX_BT709, TRUE, FALSE},
    {RY_MATRIX_BT2020, FALSE, FALSE}, {RY_MATRIX_BT2020, TRUE, FALSE},
  };
  static const RgaFrameLayout layout = {.align = 16 };
  const RyPreprocessed *how;
  RgaFrame frame;
  Pair pair;

  pair_init (&pair, 320, 320);
  how = ry_preprocessor_get_last (pair.rga);
  rga_frame_init (&frame, RY_FORMAT_NV12, 640, 480, &layout);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    frame.image.matrix = cases[i].matrix;
    frame.image.full_range = cases[i].full_range;
    for (pair.by_rga.bgr = 0; pair.by_rga.bgr < 2; pair.by_rga.bgr++) {
      pair.by_cpu.bgr = pair.by_rga.bgr;
      run (pair.rga, &frame, RY_LETTERBOX_CENTER, &pair.by_rga);
      run (pair.cpu, &frame, RY_LETTERBOX_CENTER, &pair.by_cpu);
      g_assert_cmpint (how->by_rga, ==, cases[i].possible);
      g_assert_cmpint (how->reason, ==, cases[i].possible ?
          RY_RGA_REASON_NONE : RY_RGA_REASON_COLORIMETRY);
      compare (&pair, "colours");
    }
  }
  rga_frame_clear (&frame);
  pair_clear (&pair);
}

/* More than the eight times of an RGA3. */
static void
test_two_passes (void)
{
  static const RgaFrameLayout layout = {.align = 48 };
  rga_standin_counters before, after;
  Pair pair;

  pair_init (&pair, 320, 320);
  standin.get_counters (&before);
  compare_frame (&pair, RY_FORMAT_NV12, 3840, 2160, &layout,
      RY_LETTERBOX_CENTER);
  compare_frame (&pair, RY_FORMAT_RGB, 3840, 2160, &layout,
      RY_LETTERBOX_STRETCH);
  standin.get_counters (&after);
  g_assert_cmpuint (after.blits - before.blits, ==, 4);
  pair_clear (&pair);

  standin.get_counters (&after);
  g_assert_cmpuint (after.live, ==, 0);
}

static guint8 *enlarged;        /* by an RGA2, in one pass */

static void
enlarge (void)
{
  static const RgaFrameLayout layout = {.align = 48 };
  gboolean first = enlarged == NULL;
  rga_standin_counters counters;
  RgaFrame frame;
  Pair pair;

  pair_init (&pair, 640, 640);
  rga_frame_init (&frame, RY_FORMAT_NV12, 72, 40, &layout);
  standin.reset_counters ();
  run (pair.rga, &frame, RY_LETTERBOX_STRETCH, &pair.by_rga);
  standin.get_counters (&counters);
  g_assert_cmpuint (counters.blits, ==, first ? 1 : 2);
  if (first) {
    enlarged = g_memdup2 (pair.by_rga.data, pair.by_rga.fd_size);
  } else {
    memcpy (pair.by_cpu.data, enlarged, pair.by_cpu.fd_size);
    compare (&pair, "72x40 to 640x640 in two passes");
    g_clear_pointer (&enlarged, g_free);
  }
  rga_frame_clear (&frame);
  pair_clear (&pair);
}

/* What two passes make is what one would. */
static void
test_enlarging (void)
{
  rga_standin_run_as ("rk3568", NULL, enlarge);
  g_assert_nonnull (enlarged);
  rga_standin_run_as ("rk3588", NULL, enlarge);
}

/* ---- What goes to the CPU ------------------------------------------------ */

static void
expect_reason (Pair * pair, RgaFrame * frame, RyRgaReason reason)
{
  const RyPreprocessed *how = ry_preprocessor_get_last (pair->rga);
  GError *error = NULL;
  RyLetterbox box;

  run (pair->rga, frame, RY_LETTERBOX_CENTER, &pair->by_rga);
  g_assert_cmpstr (ry_rga_reason_get_name (how->reason), ==,
      ry_rga_reason_get_name (reason));
  g_assert_false (how->by_rga);
  g_assert_nonnull (how->note);
  g_assert_cmpuint (frame->n_maps, ==, 1);
  run (pair->cpu, frame, RY_LETTERBOX_CENTER, &pair->by_cpu);
  compare (pair, "fallback");
  /* the second time nothing new is to be said */
  run (pair->rga, frame, RY_LETTERBOX_CENTER, &pair->by_rga);
  g_assert_cmpint (how->reason, ==, reason);
  g_assert_null (how->note);

  ry_preprocessor_set_mode (pair->rga, RY_PREPROCESS_RGA);
  ry_letterbox_init (&box, RY_LETTERBOX_CENTER, frame->image.width,
      frame->image.height, pair->by_rga.width, pair->by_rga.height);
  g_assert_false (ry_preprocessor_run (pair->rga, &frame->image, &box,
          &pair->by_rga, &error));
  g_assert_error (error, RY_ERROR, RY_ERROR_RGA);
  g_assert_nonnull (strstr (error->message, "preprocess=auto"));
  g_error_free (error);
  ry_preprocessor_set_mode (pair->rga, RY_PREPROCESS_AUTO);
}

static void
expect_frame_reason (RyPixelFormat format, guint width, guint height,
    const RgaFrameLayout * layout, RyRgaReason reason)
{
  RgaFrame frame;
  Pair pair;

  pair_init (&pair, 320, 320);
  rga_frame_init (&frame, format, width, height, layout);
  expect_reason (&pair, &frame, reason);
  rga_frame_clear (&frame);
  pair_clear (&pair);
}

static void
test_frame_reasons (void)
{
  static const RgaFrameLayout aligned = {.align = 48 }, tight = {.align = 2 };
  static const RgaFrameLayout odd_x = {.align = 48,.x = 48,.y = 5,.rows_below =
        1
  };
  static const RgaFrameLayout at_1 = {.align = 48,.x = 1 };

  expect_frame_reason (RY_FORMAT_GRAY8, 640, 480, &aligned,
      RY_RGA_REASON_FORMAT);
  expect_frame_reason (RY_FORMAT_I420, 640, 480, &aligned,
      RY_RGA_REASON_FORMAT);
  expect_frame_reason (RY_FORMAT_NV12, 650, 480, &tight, RY_RGA_REASON_STRIDE);
  expect_frame_reason (RY_FORMAT_RGB, 750, 480, &tight, RY_RGA_REASON_STRIDE);
  expect_frame_reason (RY_FORMAT_NV16, 640, 480, &odd_x,
      RY_RGA_REASON_POSITION);
  expect_frame_reason (RY_FORMAT_RGB, 640, 480, &at_1, RY_RGA_REASON_POSITION);
  expect_frame_reason (RY_FORMAT_NV16, 640, 481, &aligned, RY_RGA_REASON_SIZE);
  expect_frame_reason (RY_FORMAT_RGB, 64, 48, &aligned, RY_RGA_REASON_SIZE);
  expect_frame_reason (RY_FORMAT_RGB, 8192, 80, &aligned, RY_RGA_REASON_SIZE);
}

static void
test_memory_reasons (void)
{
  static const RgaFrameLayout layout = {.align = 16 };
  RgaFrame frame;
  Pair pair;

  rga_frame_init (&frame, RY_FORMAT_NV12, 640, 480, &layout);

  pair_init (&pair, 320, 320);
  frame.image.fd[0] = -1;
  expect_reason (&pair, &frame, RY_RGA_REASON_NO_DMABUF);
  frame.image.fd[0] = frame.fd;
  pair_clear (&pair);

  pair_init (&pair, 320, 320);
  frame.image.memory[1] = &pair;        /* planes in two memories */
  frame.n_maps = 0;
  expect_reason (&pair, &frame, RY_RGA_REASON_LAYOUT);
  frame.image.memory[1] = &frame;
  pair_clear (&pair);

  pair_init (&pair, 320, 320);
  frame.image.fd_size[0] -= 640;        /* does not reach to the end */
  frame.n_maps = 0;
  expect_reason (&pair, &frame, RY_RGA_REASON_LAYOUT);
  frame.image.fd_size[0] += 640;
  pair_clear (&pair);

  rga_frame_clear (&frame);
}

static void
expect_of_nv12 (RyRgaReason reason)
{
  static const RgaFrameLayout layout = {.align = 16 };

  expect_frame_reason (RY_FORMAT_NV12, 640, 480, &layout, reason);
}

static void
expect_import (void)
{
  expect_of_nv12 (RY_RGA_REASON_IMPORT);
}

static void
expect_failed (void)
{
  expect_of_nv12 (RY_RGA_REASON_FAILED);
}

static void
expect_success (void)
{
  static const RgaFrameLayout layout = {.align = 16 };
  Pair pair;

  pair_init (&pair, 320, 320);
  compare_frame (&pair, RY_FORMAT_NV12, 640, 480, &layout, RY_LETTERBOX_CENTER);
  pair_clear (&pair);
}

/* The trial blit and its import are the first.  An RGA2 does not reach memory
 * above 4 GB, an RGA3 does. */
static void
test_driver_reasons (void)
{
  rga_standin_run_as ("rk3588", "importbuffer_fd:2+", expect_import);
  rga_standin_run_as ("rk3588", "improcess:2+", expect_failed);
  rga_standin_run_as ("rk3568", "above_4g:2+", expect_failed);
  rga_standin_run_as ("rk3588", "above_4g:1+", expect_success);
  /* then the driver chooses the core, which works all the same */
  rga_standin_run_as ("rk3588", "imconfig:1+", expect_success);
}

/* After RY_RGA_MAX_FAILURES failures in a row nobody asks the driver any more,
 * until the next start. */
static void
test_off (void)
{
  static const RgaFrameLayout layout = {.align = 16 };
  rga_standin_counters counters;
  RgaFrame frame;
  Pair pair;

  rga_frame_init (&frame, RY_FORMAT_NV12, 640, 480, &layout);
  g_setenv ("RGA_STANDIN_FAIL", "improcess:4+", TRUE);
  pair_init (&pair, 320, 320);
  standin.reset_counters ();
  for (guint i = 0; i < 2 + RY_RGA_MAX_FAILURES + 3; i++)
    run (pair.rga, &frame, RY_LETTERBOX_CENTER, &pair.by_rga);
  standin.get_counters (&counters);
  g_assert_cmpuint (counters.blits, ==, 2);
  g_assert_cmpuint (counters.failed_blits, ==, RY_RGA_MAX_FAILURES);
  g_assert_cmpint (ry_preprocessor_get_last (pair.rga)->reason, ==,
      RY_RGA_REASON_OFF);

  g_unsetenv ("RGA_STANDIN_FAIL");
  run (pair.rga, &frame, RY_LETTERBOX_CENTER, &pair.by_rga);
  g_assert_false (ry_preprocessor_get_last (pair.rga)->by_rga);
  ry_rga_retry (pair.device);
  run (pair.rga, &frame, RY_LETTERBOX_CENTER, &pair.by_rga);
  g_assert_true (ry_preprocessor_get_last (pair.rga)->by_rga);
  pair_clear (&pair);
  rga_frame_clear (&frame);
}

static void
test_target_reasons (void)
{
  static const RgaFrameLayout layout = {.align = 16 };
  RyPreprocessor *preprocessor = ry_preprocessor_new ();
  RyRga *device = ry_rga_new (rga_standin_path (), NULL);
  GError *error = NULL;
  RgaFrame frame;
  RyTarget target;

  rga_frame_init (&frame, RY_FORMAT_NV12, 640, 480, &layout);
  rga_target_init (&target, 300, 300, 300);     /* no multiple of 16 */
  g_assert_false (ry_preprocessor_use_rga (preprocessor, device, &target,
          &error));
  g_assert_error (error, RY_ERROR, RY_ERROR_RGA);
  g_clear_error (&error);
  run (preprocessor, &frame, RY_LETTERBOX_CENTER, &target);
  g_assert_cmpint (ry_preprocessor_get_last (preprocessor)->reason, ==,
      RY_RGA_REASON_TARGET);
  g_assert_nonnull (ry_preprocessor_get_last (preprocessor)->note);
  rga_target_clear (&target);

  rga_target_init (&target, 320, 320, 320);
  g_setenv ("RGA_STANDIN_FAIL", "improcess:1+", TRUE);
  g_assert_false (ry_preprocessor_use_rga (preprocessor, device, &target,
          NULL));
  g_unsetenv ("RGA_STANDIN_FAIL");
  rga_target_clear (&target);
  rga_frame_clear (&frame);
  ry_preprocessor_free (preprocessor);
  ry_rga_unref (device);
}

/* ---- The border ---------------------------------------------------------- */

static void
count_flush (gpointer data)
{
  ++*(guint *) data;
}

/* Painted and flushed once, and again when the geometry changes; what the CPU
 * wrote in between is flushed as well. */
static void
test_border (void)
{
  static const RgaFrameLayout layout = {.align = 16 };
  RgaFrame wide, high, grey;
  guint n_flushes = 0;
  Pair pair;

  pair_init (&pair, 320, 320);
  pair.by_rga.flush = count_flush;
  pair.by_rga.flush_data = &n_flushes;
  rga_frame_init (&wide, RY_FORMAT_NV12, 640, 480, &layout);
  rga_frame_init (&high, RY_FORMAT_NV12, 480, 640, &layout);
  rga_frame_init (&grey, RY_FORMAT_GRAY8, 480, 640, &layout);
  for (guint i = 0; i < 3; i++)
    run (pair.rga, &wide, RY_LETTERBOX_CENTER, &pair.by_rga);
  g_assert_cmpuint (n_flushes, ==, 1);
  g_assert_cmpuint (pair.by_rga.data[0], ==, RY_LETTERBOX_FILL);

  run (pair.rga, &high, RY_LETTERBOX_CENTER, &pair.by_rga);
  g_assert_cmpuint (n_flushes, ==, 2);
  run (pair.cpu, &high, RY_LETTERBOX_CENTER, &pair.by_cpu);
  compare (&pair, "another geometry");

  run (pair.rga, &grey, RY_LETTERBOX_CENTER, &pair.by_rga);
  g_assert_cmpuint (n_flushes, ==, 2);
  for (guint i = 0; i < 3; i++)
    run (pair.rga, &high, RY_LETTERBOX_CENTER, &pair.by_rga);
  g_assert_cmpuint (n_flushes, ==, 3);
  compare (&pair, "after the CPU");

  rga_frame_clear (&wide);
  rga_frame_clear (&high);
  rga_frame_clear (&grey);
  pair_clear (&pair);
}

/* ---- The gate ------------------------------------------------------------ */

static gpointer
blit_many (gpointer data)
{
  RyRga *device = data;
  static const RgaFrameLayout layout = {.align = 16 };
  RyPreprocessor *preprocessor = ry_preprocessor_new ();
  RyTarget target;
  RgaFrame frame;

  rga_frame_init (&frame, RY_FORMAT_NV12, 320, 240, &layout);
  rga_target_init (&target, 160, 160, 160);
  g_assert_true (ry_preprocessor_use_rga (preprocessor, device, &target, NULL));
  for (guint i = 0; i < 10; i++) {
    run (preprocessor, &frame, RY_LETTERBOX_CENTER, &target);
    g_assert_true (ry_preprocessor_get_last (preprocessor)->by_rga);
  }
  ry_preprocessor_free (preprocessor);
  rga_target_clear (&target);
  rga_frame_clear (&frame);
  return NULL;
}

static void
test_gate (void)
{
  RyRga *device = ry_rga_new (rga_standin_path (), NULL);
  rga_standin_counters counters;
  GThread *threads[8];

  g_setenv ("RGA_STANDIN_TIME", "2", TRUE);
  standin.reset_counters ();
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("blits", blit_many, device);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  standin.get_counters (&counters);
  g_assert_cmpuint (counters.blits, ==, 8 * 11);
  g_assert_cmpuint (counters.most_at_once, ==, RY_RGA_MAX_JOBS);
  g_assert_cmpuint (counters.live, ==, 0);
  g_unsetenv ("RGA_STANDIN_TIME");
  ry_rga_unref (device);
}

static gpointer
blit_once (gpointer data)
{
  static const RgaFrameLayout layout = {.align = 16 };
  Pair *pair = data;
  RgaFrame frame;

  rga_frame_init (&frame, RY_FORMAT_NV12, 640, 480, &layout);
  run (pair->rga, &frame, RY_LETTERBOX_CENTER, &pair->by_rga);
  g_assert_true (ry_preprocessor_get_last (pair->rga)->by_rga);
  rga_frame_clear (&frame);
  return NULL;
}

/* Two that do not come back keep a third out, but not for ever. */
static void
test_busy (void)
{
  static const RgaFrameLayout layout = {.align = 16 };
  rga_standin_counters counters;
  GThread *threads[2];
  RgaFrame frame;
  Pair pair, stuck[2];

  pair_init (&pair, 320, 320);
  rga_frame_init (&frame, RY_FORMAT_NV12, 640, 480, &layout);
  for (guint i = 0; i < 2; i++) {
    pair_init (&stuck[i], 320, 320);
    ry_rga_unref (stuck[i].device);
    stuck[i].device = ry_rga_ref (pair.device);
    g_assert_true (ry_preprocessor_use_rga (stuck[i].rga, pair.device,
            &stuck[i].by_rga, NULL));
  }
  standin.reset_counters ();
  standin.hold (TRUE);
  for (guint i = 0; i < 2; i++)
    threads[i] = g_thread_new ("stuck", blit_once, &stuck[i]);
  do {
    g_usleep (1000);
    standin.get_counters (&counters);
  } while (counters.most_at_once < 2);
  expect_reason (&pair, &frame, RY_RGA_REASON_BUSY);
  standin.hold (FALSE);
  for (guint i = 0; i < 2; i++) {
    g_thread_join (threads[i]);
    pair_clear (&stuck[i]);
  }
  run (pair.rga, &frame, RY_LETTERBOX_CENTER, &pair.by_rga);
  g_assert_true (ry_preprocessor_get_last (pair.rga)->by_rga);
  rga_frame_clear (&frame);
  pair_clear (&pair);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  rga_standin_load (&standin);
  g_test_add_func ("/rga-path/formats-and-sizes", test_formats_and_sizes);
  g_test_add_func ("/rga-path/planar", test_planar);
  g_test_add_func ("/rga-path/colours", test_colours);
  g_test_add_func ("/rga-path/two-passes", test_two_passes);
  g_test_add_func ("/rga-path/enlarging", test_enlarging);
  g_test_add_func ("/rga-path/frame-reasons", test_frame_reasons);
  g_test_add_func ("/rga-path/memory-reasons", test_memory_reasons);
  g_test_add_func ("/rga-path/driver-reasons", test_driver_reasons);
  g_test_add_func ("/rga-path/off", test_off);
  g_test_add_func ("/rga-path/target-reasons", test_target_reasons);
  g_test_add_func ("/rga-path/border", test_border);
  g_test_add_func ("/rga-path/gate", test_gate);
  g_test_add_func ("/rga-path/busy", test_busy);
  return g_test_run ();
}
