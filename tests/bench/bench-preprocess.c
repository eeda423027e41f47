/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Median CPU time of preprocessing a frame, against two simple ways to use libyuv:
 * "naive" converts the whole frame to 32-bit pixels, then scales and
 * packs them; "libyuv" scales NV12, then converts.
 *
 * Frames come from memory, as they do from a decoder or a camera: there are
 * more than the caches hold, and each is taken in turn. */

#include <libyuv.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "testframe.h"

#define ROUNDS 101

/* Ours, naive, and libyuv, which only NV12 has. */
#define N_WAYS 3

/* Bytes of frames; the last-level caches of common CPUs are smaller. */
#define FRAMES_SIZE (96 << 20)

typedef struct
{
  guint fw, fh, model;
} Size;

typedef struct
{
  TestFrame *frames;
  guint n_frames, next;
  RyLetterbox box;
  RyTarget target;
  RyPreprocessor *preprocessor;
  guint8 *whole, *scaled;       /* of the naive way */
} Bench;

static gsize
fill_plane (TestFrame * frame, guint plane)
{
  gsize k;

  for (k = 0; k < frame->size[plane]; k++)
    frame->plane[plane][k] = g_random_int ();
  return frame->size[plane];
}

static void
bench_init (Bench * self, RyPixelFormat format, const Size * size)
{
  gsize frame_size = 0;
  guint i, p;

  self->frames = g_new0 (TestFrame, 1);
  test_frame_init (self->frames, format, size->fw, size->fh, 0);
  for (p = 0; p < self->frames->image.n_planes; p++)
    frame_size += fill_plane (self->frames, p);
  self->n_frames = FRAMES_SIZE / frame_size + 1;
  self->next = 0;
  self->frames = g_renew (TestFrame, self->frames, self->n_frames);
  for (i = 1; i < self->n_frames; i++) {
    test_frame_init (&self->frames[i], format, size->fw, size->fh, 0);
    for (p = 0; p < self->frames->image.n_planes; p++)
      memcpy (self->frames[i].plane[p], self->frames->plane[p],
          self->frames->size[p]);
  }
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
  guint i;

  for (i = 0; i < self->n_frames; i++)
    test_frame_clear (&self->frames[i]);
  g_free (self->frames);
  ry_preprocessor_free (self->preprocessor);
  g_free (self->target.data);
  g_free (self->whole);
  g_free (self->scaled);
}

static RyImage *
next_image (Bench * self)
{
  self->next = (self->next + 1) % self->n_frames;
  return &self->frames[self->next].image;
}

static void
run_ours (Bench * self)
{
  ry_preprocessor_run (self->preprocessor, next_image (self), &self->box,
      &self->target, NULL);
}

static void
run_naive (Bench * self)
{
  const RyImage *i = next_image (self);
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
  const RyImage *i = next_image (self);
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

static gint64
cpu_time (void)
{
  struct timespec t;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &t);
  return t.tv_sec * G_GINT64_CONSTANT (1000000000) + t.tv_nsec;
}

typedef void (*Way) (Bench * self);

/* Median microseconds of CPU time of each way; they take turns, so that what
 * else the machine does falls on all alike. */
static void
measure (Bench * self, const Way * ways, guint n_ways, gdouble * medians)
{
  gint64 times[N_WAYS][ROUNDS];
  guint i, w;

  for (i = 0; i < ROUNDS; i++) {
    for (w = 0; w < n_ways; w++) {
      gint64 start = cpu_time ();

      ways[w] (self);
      times[w][i] = cpu_time () - start;
    }
  }
  for (w = 0; w < n_ways; w++) {
    qsort (times[w], ROUNDS, sizeof *times[w], compare_times);
    medians[w] = times[w][ROUNDS / 2] / 1000.0;
  }
}

static void
compare_ways (RyPixelFormat format, const Size * size)
{
  static const Way ways[N_WAYS] = { run_ours, run_naive, run_libyuv };
  guint n_ways = format == RY_FORMAT_NV12 ? N_WAYS : N_WAYS - 1;
  gdouble us[N_WAYS];
  Bench bench;

  bench_init (&bench, format, size);
  measure (&bench, ways, n_ways, us);
  g_print ("%4ux%-4u -> %3ux%-3u    %-6s %9.0f %9.0f %7.2f", size->fw,
      size->fh, bench.box.width, bench.box.height, test_format_name (format),
      us[0], us[1], us[1] / us[0]);
  if (n_ways == N_WAYS)
    g_print (" %9.0f", us[2]);
  g_print ("\n");
  bench_clear (&bench);
}

int
main (void)
{
  static const Size sizes[] = { {1920, 1080, 640}, {1280, 720, 640},
  {3840, 2160, 640}, {640, 480, 640}, {1440, 1080, 640}, {2560, 1440, 640},
  {1920, 1080, 416},
  {320, 240, 640}
  };
  static const RyPixelFormat formats[] = { RY_FORMAT_NV12, RY_FORMAT_I420,
    RY_FORMAT_YUY2, RY_FORMAT_RGB, RY_FORMAT_BGRX
  };
  guint i, k;

  g_print ("%-22s %-6s %9s %9s %7s %9s\n", "frame and model", "format", "us",
      "naive us", "ratio", "libyuv us");
  for (i = 0; i < G_N_ELEMENTS (sizes); i++) {
    for (k = 0; k < G_N_ELEMENTS (formats); k++)
      compare_ways (formats[k], &sizes[i]);
  }
  return 0;
}
