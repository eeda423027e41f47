/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "rgaframe.h"

#include <dlfcn.h>
#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Bytes of a plane's row for so many pixels, and rows for so many rows. */
typedef struct
{
  guint n_planes;
  guint bytes, pixels;          /* of the first plane: so many for so many */
  guint c_bytes;                /* of a chroma sample with its neighbours */
  guint v_shift;
} Shape;

static Shape
shape_of (RyPixelFormat format)
{
  static const Shape nv12 = { 2, 1, 1, 2, 1 }, nv16 = { 2, 1, 1, 2, 0 };
  static const Shape i420 = { 3, 1, 1, 1, 1 }, yuy2 = { 1, 4, 2, 0, 0 };
  static const Shape rgb = { 1, 3, 1, 0, 0 }, rgbx = { 1, 4, 1, 0, 0 };
  static const Shape grey = { 1, 1, 1, 0, 0 };

  switch (format) {
    case RY_FORMAT_NV12:
    case RY_FORMAT_NV21:
      return nv12;
    case RY_FORMAT_NV16:
      return nv16;
    case RY_FORMAT_I420:
    case RY_FORMAT_YV12:
      return i420;
    case RY_FORMAT_YUY2:
    case RY_FORMAT_UYVY:
      return yuy2;
    case RY_FORMAT_RGB:
    case RY_FORMAT_BGR:
      return rgb;
    case RY_FORMAT_GRAY8:
      return grey;
    default:
      return rgbx;
  }
}

/* Waves of some fifty pixels in 640, so that half a pixel is some levels.  The
 * channel is that of Y, U, V or R, G, B. */
static guint8
wave (const RgaFrame * self, guint channel, guint x, guint y)
{
  gfloat value = self->across[channel][x] * self->down[channel][y];

  return lrintf (channel == 0 || shape_of (self->image.format).bytes > 2
      ? 126 + 100 * value : 128 + 60 * value);
}

static void
make_waves (RgaFrame * self)
{
  for (guint c = 0; c < 3; c++) {
    self->across[c] = g_new (gfloat, self->image.width);
    self->down[c] = g_new (gfloat, self->image.height);
    for (guint x = 0; x < self->image.width; x++)
      self->across[c][x] = sin (12.0 * x / self->image.width + c);
    for (guint y = 0; y < self->image.height; y++)
      self->down[c][y] = cos (15.0 * y / self->image.height - 2.0 * c);
  }
}

static void
fill_chroma (RgaFrame * self, guint x, guint y, gboolean v_first)
{
  RyImage *image = &self->image;
  Shape shape = shape_of (image->format);
  guint row = y >> shape.v_shift, column = x / 2;

  for (guint c = 0; c < 2; c++) {
    guint plane = shape.n_planes == 3 ? 1 + (c ^ v_first) : 1;
    guint byte = shape.n_planes == 3 ? 0 : c ^ v_first;

    self->data[image->offset[plane] + (gsize) row * image->stride[plane]
        + column * shape.c_bytes + byte] = wave (self, 1 + c, x, y);
  }
}

static void
fill_pixel (RgaFrame * self, guint x, guint y)
{
  static const gchar *const orders[RY_N_FORMATS] = {
    [RY_FORMAT_RGB] = "012",[RY_FORMAT_BGR] = "210",
    [RY_FORMAT_RGBX] = "012.",[RY_FORMAT_XRGB] = ".012",
    [RY_FORMAT_BGRX] = "210.",[RY_FORMAT_XBGR] = ".210",
  };
  RyImage *image = &self->image;
  guint8 *row = self->data + image->offset[0] + (gsize) y * image->stride[0];
  const gchar *order = orders[image->format];
  gboolean uyvy = image->format == RY_FORMAT_UYVY;

  if (order != NULL) {
    for (guint i = 0; order[i] != '\0'; i++)
      row[x * strlen (order) + i] = order[i] == '.' ? 77 :
          wave (self, order[i] - '0', x, y);
  } else if (image->format == RY_FORMAT_YUY2 || uyvy) {
    row[2 * x + uyvy] = wave (self, 0, x, y);
    row[2 * x + !uyvy] = wave (self, x % 2 ? 2 : 1, x & ~1u, y);
  } else {
    row[x] = wave (self, 0, x, y);
    if (image->n_planes > 1)
      fill_chroma (self, x, y, image->format == RY_FORMAT_NV21
          || image->format == RY_FORMAT_YV12);
  }
}

static gboolean
map_frame (RyImage * image, GError ** error)
{
  RgaFrame *self = image->access_data;

  self->n_maps++;
  for (guint i = 0; i < image->n_planes; i++)
    image->data[i] = self->data + image->offset[i];
  return TRUE;
}

static void
unmap_frame (RyImage * image)
{
  for (guint i = 0; i < image->n_planes; i++)
    image->data[i] = NULL;
}

static const RyImageAccess frame_access = { map_frame, unmap_frame, NULL };

static gint
new_memory (gsize size, guint8 ** data)
{
  gint fd = memfd_create ("test", MFD_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (ftruncate (fd, size), ==, 0);
  *data = mmap (NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  g_assert_true (*data != MAP_FAILED);
  return fd;
}

static void
lay_out (RgaFrame * self, const RgaFrameLayout * layout)
{
  RyImage *image = &self->image;
  Shape shape = shape_of (image->format);
  guint align = MAX (layout->align, 1), rows;
  guint row = (layout->x + image->width + shape.pixels - 1) / shape.pixels
      * shape.bytes;

  rows = layout->y + image->height + layout->rows_below;
  image->n_planes = shape.n_planes;
  image->stride[0] = (row + align - 1) / align * align;
  image->offset[0] = layout->y * image->stride[0]
      + layout->x / shape.pixels * shape.bytes;
  self->size = (gsize) rows * image->stride[0];
  for (guint i = 1; i < shape.n_planes; i++) {
    image->stride[i] = image->stride[0] * shape.c_bytes / 2;
    image->offset[i] = self->size
        + (layout->y >> shape.v_shift) * image->stride[i]
        + layout->x / 2 * shape.c_bytes;
    self->size += (gsize) (rows >> shape.v_shift) * image->stride[i];
  }
}

void
rga_frame_init (RgaFrame * self, RyPixelFormat format, guint width,
    guint height, const RgaFrameLayout * layout)
{
  RyImage *image = &self->image;

  memset (self, 0, sizeof *self);
  image->format = format;
  image->width = width;
  image->height = height;
  lay_out (self, layout);
  self->fd = new_memory (self->size, &self->data);
  for (guint i = 0; i < image->n_planes; i++) {
    image->fd[i] = self->fd;
    image->fd_size[i] = self->size;
    image->memory[i] = self;
  }
  image->access = &frame_access;
  image->access_data = self;
  make_waves (self);
  for (guint y = 0; y < height; y++) {
    for (guint x = 0; x < width; x++)
      fill_pixel (self, x, y);
  }
}

void
rga_frame_clear (RgaFrame * self)
{
  for (guint c = 0; c < 3; c++) {
    g_free (self->across[c]);
    g_free (self->down[c]);
  }
  munmap (self->data, self->size);
  close (self->fd);
}

void
rga_target_init (RyTarget * self, guint width, guint height, guint stride)
{
  memset (self, 0, sizeof *self);
  self->width = width;
  self->height = height;
  self->stride = 3 * stride;
  self->fd_size = (gsize) self->stride * height;
  self->fd = new_memory (self->fd_size, &self->data);
}

void
rga_target_clear (RyTarget * self)
{
  munmap (self->data, self->fd_size);
  close (self->fd);
}

const gchar *
rga_standin_path (void)
{
  return g_getenv ("RGA_STANDIN_LIBRARY");
}

void
rga_standin_load (RgaStandin * self)
{
  static const gchar *const variables[] = {
    "SOC", "VERSION", "FAIL", "TIME", "WATCH", "REPORT",
  };
  gpointer library;

  for (guint i = 0; i < G_N_ELEMENTS (variables); i++) {
    g_autofree gchar *name = g_strconcat ("RGA_STANDIN_", variables[i], NULL);

    g_unsetenv (name);
  }
  library = dlopen (rga_standin_path (), RTLD_NOW | RTLD_LOCAL);
  if (library == NULL)
    g_error ("%s", dlerror ());
  self->get_counters = (void (*)(rga_standin_counters *))
      dlsym (library, "rga_standin_get_counters");
  self->reset_counters = (void (*)(void)) dlsym (library,
      "rga_standin_reset_counters");
  self->hold = (void (*)(int)) dlsym (library, "rga_standin_hold");
}

static gpointer
run_test (gpointer data)
{
  void (**test) (void) = data;

  (*test) ();
  return NULL;
}

void
rga_standin_run_as (const gchar * soc, const gchar * fail, void (*test) (void))
{
  g_setenv ("RGA_STANDIN_SOC", soc, TRUE);
  g_setenv ("RGA_STANDIN_FAIL", fail != NULL ? fail : "", TRUE);
  g_thread_join (g_thread_new ("soc", run_test, &test));
  g_unsetenv ("RGA_STANDIN_SOC");
  g_unsetenv ("RGA_STANDIN_FAIL");
}
