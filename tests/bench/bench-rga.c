/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Median time of making an input from a frame in a dma-buf by RGA, alone and
 * with as many threads as contexts do it at once, and by the CPU from the same
 * frame.
 *
 * Uses librga, or what RKNNYOLO_RGA names; the stand-in's times say nothing
 * about an RGA. */

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "image/image.h"
#include "ryerror.h"

#define ROUNDS 100
#define MAX_THREADS 6
#define MODEL 640

typedef struct
{
  RyPreprocessor *preprocessor;
  RyImage image;
  RyLetterbox box;
  RyTarget target;
  gsize frame_size;
  guint8 *frame;
  RyRgaImport *import;
  gdouble median;               /* microseconds */
} Worker;

static gboolean
map_frame (RyImage * image, GError ** error)
{
  const Worker *self = image->access_data;

  for (guint i = 0; i < image->n_planes; i++)
    image->data[i] = self->frame + image->offset[i];
  return TRUE;
}

static void
unmap_frame (RyImage * image)
{
}

static RyRgaImport *
import_frame (RyImage * image, RyRga * rga)
{
  const Worker *self = image->access_data;

  return ry_rga_import_ref (self->import);
}

static const RyImageAccess frame_access = {
  map_frame, unmap_frame, import_frame
};

static guint8 *
alloc (RyRga * rga, gsize size, gint * fd)
{
  g_autoptr (GError) error = NULL;
  void *data;

  *fd = ry_rga_alloc (rga, size, &error);
  if (*fd < 0)
    g_error ("%s", error->message);
  data = mmap (NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
  if (data == MAP_FAILED)
    g_error ("memory cannot be mapped");
  memset (data, 100, size);
  return data;
}

static void
worker_init (Worker * self, RyRga * rga, guint width, guint height)
{
  RyImage *image = &self->image;
  g_autoptr (GError) error = NULL;

  memset (self, 0, sizeof *self);
  image->format = RY_FORMAT_NV12;
  image->width = width;
  image->height = height;
  image->n_planes = 2;
  image->stride[0] = image->stride[1] = (width + 63) / 64 * 64;
  image->offset[1] = (gsize) image->stride[0] * height;
  self->frame_size = image->offset[1] * 3 / 2;
  self->frame = alloc (rga, self->frame_size, &image->fd[0]);
  image->fd[1] = image->fd[0];
  image->fd_size[0] = image->fd_size[1] = self->frame_size;
  image->access = &frame_access;
  image->access_data = self;
  self->import = ry_rga_import_new (rga, image->fd[0], self->frame_size);

  self->target.width = self->target.height = MODEL;
  self->target.stride = 3 * MODEL;
  self->target.fd_size = 3 * MODEL * MODEL;
  self->target.data = alloc (rga, self->target.fd_size, &self->target.fd);
  ry_letterbox_init (&self->box, RY_LETTERBOX_CENTER, width, height, MODEL,
      MODEL);
  self->preprocessor = ry_preprocessor_new ();
  if (!ry_preprocessor_use_rga (self->preprocessor, rga, &self->target, &error))
    g_error ("%s", error->message);
}

static void
worker_clear (Worker * self)
{
  ry_preprocessor_free (self->preprocessor);
  ry_rga_import_unref (self->import);
  munmap (self->frame, self->frame_size);
  munmap (self->target.data, self->target.fd_size);
  close (self->image.fd[0]);
  close (self->target.fd);
}

static int
compare_times (const void *a, const void *b)
{
  gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return (x > y) - (x < y);
}

static gpointer
run (gpointer data)
{
  Worker *self = data;
  gint64 times[ROUNDS];

  for (guint i = 0; i < ROUNDS; i++) {
    gint64 start = g_get_monotonic_time ();
    g_autoptr (GError) error = NULL;

    if (!ry_preprocessor_run (self->preprocessor, &self->image, &self->box,
            &self->target, &error))
      g_error ("%s", error->message);
    times[i] = g_get_monotonic_time () - start;
  }
  qsort (times, ROUNDS, sizeof times[0], compare_times);
  self->median = times[ROUNDS / 2];
  return NULL;
}

/* The largest median of the threads. */
static gdouble
run_threads (Worker * workers, guint n, RyPreprocessMode mode)
{
  GThread *threads[MAX_THREADS];
  gdouble most = 0;

  for (guint i = 0; i < n; i++) {
    ry_preprocessor_set_mode (workers[i].preprocessor, mode);
    threads[i] = g_thread_new ("bench", run, &workers[i]);
  }
  for (guint i = 0; i < n; i++) {
    g_thread_join (threads[i]);
    most = MAX (most, workers[i].median);
  }
  return most;
}

static void
measure (RyRga * rga, guint width, guint height)
{
  static const guint numbers[] = { 1, 2, 3, 6 };
  Worker workers[MAX_THREADS];

  for (guint i = 0; i < MAX_THREADS; i++)
    worker_init (&workers[i], rga, width, height);
  g_print ("%5u x %-5u", width, height);
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    g_print (" %8.2f", run_threads (workers, numbers[i], RY_PREPROCESS_RGA)
        / 1000);
  g_print (" %8.2f\n", run_threads (workers, 1, RY_PREPROCESS_CPU) / 1000);
  for (guint i = 0; i < MAX_THREADS; i++)
    worker_clear (&workers[i]);
}

int
main (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RyRga) rga = ry_rga_new (g_getenv (RY_RGA_ENVIRONMENT), &error);

  if (rga == NULL) {
    g_print ("SKIP: %s\n", error->message);
    return 77;
  }
  g_print ("%s; ms for NV12 to RGB %d x %d, median of %d\n"
      "        threads:       RGA 1        2        3        6    CPU 1\n",
      ry_rga_get_description (rga), MODEL, MODEL, ROUNDS);
  measure (rga, 640, 480);
  measure (rga, 1280, 720);
  measure (rga, 1920, 1080);
  measure (rga, 3840, 2160);
  return 0;
}
