/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Median time of preprocessing a frame, against two simple ways to use libyuv:
 * "naive" converts the whole frame to 32-bit pixels, then scales and
 * packs them; "libyuv" scales NV12, then converts. */

#include <libyuv.h>
#include <stdlib.h>
#include <string.h>

#include "testframe.h"

#define ROUNDS 101

typedef struct
{
  guint fw, fh, model;
} Size;

typedef struct
{
  TestFrame frame;
  RyLetterbox box;
  RyTarget target;
  RyPreprocessor *preprocessor;
  guint8 *whole, *scaled;       /* of the naive way */
} Bench;

static void
bench_init (Bench * self, RyPixelFormat format, const Size * size)
{
  gsize k;

  test_frame_init (&self->frame, format, size->fw, size->fh, 0);
  for (k = 0; k < self->frame.size[0]; k++)
    self->frame.plane[0][k] = g_random_int ();
  ry_letterbox_init (&self->box, RY_LETTERBOX_CENTER, size->fw, size->fh,
      size->model, size->model);
  self->target = (RyTarget) {
  .width = size->model,.height = size->model,.stride = size->model * 3};
  self->target.data = g_malloc (3 * (gsize) size->model * size->model);
  self->preprocessor = ry_preprocessor_new ();
  self->whole = g_malloc (4 * (gsize) size->fw * size->fh);
  self->scaled = g_malloc (4 * (gsize) size->model * size->model);
}

static void
bench_clear (Bench * self)
{
  test_frame_clear (&self->frame);
  ry_preprocessor_free (self->preprocessor);
  g_free (self->target.data);
  g_free (self->whole);
  g_free (self->scaled);
}

static void
run_ours (Bench * self)
{
  ry_preprocessor_run (self->preprocessor, &self->frame.image, &self->box,
      &self->target, NULL);
}

static void
run_naive (Bench * self)
{
  const RyImage *i = &self->frame.image;
  const guint8 *const *d = i->data;
  const gint *s = i->stride;
  const RyLetterbox *box = &self->box;
  guint8 *picture = self->target.data + box->y * self->target.stride
      + box->x * 3;
  gint w = i->width, h = i->height, stride = 4 * w;
  const guint8 *argb = self->whole;

  switch (i->format) {
    case RY_FORMAT_NV12:
      NV12ToARGB (d[0], s[0], d[1], s[1], self->whole, stride, w, h);
      break;
    case RY_FORMAT_I420:
      I420ToARGB (d[0], s[0], d[1], s[1], d[2], s[2], self->whole, stride, w,
          h);
      break;
    case RY_FORMAT_YUY2:
      YUY2ToARGB (d[0], s[0], self->whole, stride, w, h);
      break;
    case RY_FORMAT_RGB:
      RAWToARGB (d[0], s[0], self->whole, stride, w, h);
      break;
    default:
      argb = d[0];
      break;
  }
  ARGBScale (argb, stride, w, h, self->scaled, 4 * box->width, box->width,
      box->height, kFilterBilinear);
  ARGBToRAW (self->scaled, 4 * box->width, picture, self->target.stride,
      box->width, box->height);
}

static void
run_libyuv (Bench * self)
{
  const RyImage *i = &self->frame.image;
  const RyLetterbox *box = &self->box;
  guint8 *uv = self->scaled + (gsize) box->model_width * box->model_height;
  gint stride = (box->width + 1) & ~1;

  NV12Scale (i->data[0], i->stride[0], i->data[1], i->stride[1], i->width,
      i->height, self->scaled, stride, uv, stride, box->width, box->height,
      kFilterBilinear);
  NV12ToRAW (self->scaled, stride, uv, stride,
      self->target.data + box->y * self->target.stride + box->x * 3,
      self->target.stride, box->width, box->height);
}

static gint
compare_times (const void *a, const void *b)
{
  gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return (x > y) - (x < y);
}

static gdouble
median (Bench * self, void (*run) (Bench *))
{
  gint64 times[ROUNDS];
  guint i;

  for (i = 0; i < ROUNDS; i++) {
    gint64 start = g_get_monotonic_time ();

    run (self);
    times[i] = g_get_monotonic_time () - start;
  }
  qsort (times, ROUNDS, sizeof *times, compare_times);
  return times[ROUNDS / 2];
}

int
main (void)
{
  static const Size sizes[] = { {1920, 1080, 640}, {1280, 720, 640},
  {3840, 2160, 640}, {640, 480, 640}, {1440, 1080, 640}, {1920, 1080, 416},
  {320, 240, 640}
  };
  static const RyPixelFormat formats[] = { RY_FORMAT_NV12, RY_FORMAT_I420,
    RY_FORMAT_YUY2, RY_FORMAT_RGB, RY_FORMAT_BGRX
  };
  guint i, k;

  g_print ("%-22s %-6s %9s %9s %7s %9s\n", "frame and model", "format", "us",
      "naive us", "ratio", "libyuv us");
  for (i = 0; i < G_N_ELEMENTS (sizes); i++) {
    for (k = 0; k < G_N_ELEMENTS (formats); k++) {
      const Size *size = &sizes[i];
      gdouble ours, naive;
      Bench bench;

      bench_init (&bench, formats[k], size);
      ours = median (&bench, run_ours);
      naive = median (&bench, run_naive);
      g_print ("%4ux%-4u -> %3ux%-3u    %-6s %9.0f %9.0f %7.2f", size->fw,
          size->fh, bench.box.width, bench.box.height,
          test_format_name (formats[k]), ours, naive, naive / ours);
      if (formats[k] == RY_FORMAT_NV12)
        g_print (" %9.0f", median (&bench, run_libyuv));
      g_print ("\n");
      bench_clear (&bench);
    }
  }
  return 0;
}
