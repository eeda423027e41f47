/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "testframe.h"

#include <sys/mman.h>
#include <unistd.h>

typedef struct
{
  guint8 plane, at, step, h_shift, v_shift;
} Channel;

typedef struct
{
  const gchar *name;
  guint n_planes;
  Channel channel[3];
} Layout;

static const Layout layouts[RY_N_FORMATS] = {
  [RY_FORMAT_NV12] =
      {"NV12", 2, {{0, 0, 1, 0, 0}, {1, 0, 2, 1, 1}, {1, 1, 2, 1, 1}}},
  [RY_FORMAT_NV21] =
      {"NV21", 2, {{0, 0, 1, 0, 0}, {1, 1, 2, 1, 1}, {1, 0, 2, 1, 1}}},
  [RY_FORMAT_NV16] =
      {"NV16", 2, {{0, 0, 1, 0, 0}, {1, 0, 2, 1, 0}, {1, 1, 2, 1, 0}}},
  [RY_FORMAT_I420] =
      {"I420", 3, {{0, 0, 1, 0, 0}, {1, 0, 1, 1, 1}, {2, 0, 1, 1, 1}}},
  [RY_FORMAT_YV12] =
      {"YV12", 3, {{0, 0, 1, 0, 0}, {2, 0, 1, 1, 1}, {1, 0, 1, 1, 1}}},
  [RY_FORMAT_YUY2] =
      {"YUY2", 1, {{0, 0, 2, 0, 0}, {0, 1, 4, 1, 0}, {0, 3, 4, 1, 0}}},
  [RY_FORMAT_UYVY] =
      {"UYVY", 1, {{0, 1, 2, 0, 0}, {0, 0, 4, 1, 0}, {0, 2, 4, 1, 0}}},
  [RY_FORMAT_RGB] =
      {"RGB", 1, {{0, 0, 3, 0, 0}, {0, 1, 3, 0, 0}, {0, 2, 3, 0, 0}}},
  [RY_FORMAT_BGR] =
      {"BGR", 1, {{0, 2, 3, 0, 0}, {0, 1, 3, 0, 0}, {0, 0, 3, 0, 0}}},
  [RY_FORMAT_RGBX] =
      {"RGBX", 1, {{0, 0, 4, 0, 0}, {0, 1, 4, 0, 0}, {0, 2, 4, 0, 0}}},
  [RY_FORMAT_XRGB] =
      {"XRGB", 1, {{0, 1, 4, 0, 0}, {0, 2, 4, 0, 0}, {0, 3, 4, 0, 0}}},
  [RY_FORMAT_BGRX] =
      {"BGRX", 1, {{0, 2, 4, 0, 0}, {0, 1, 4, 0, 0}, {0, 0, 4, 0, 0}}},
  [RY_FORMAT_XBGR] =
      {"XBGR", 1, {{0, 3, 4, 0, 0}, {0, 2, 4, 0, 0}, {0, 1, 4, 0, 0}}},
  [RY_FORMAT_GRAY8] =
      {"GRAY8", 1, {{0, 0, 1, 0, 0}, {0, 0, 1, 0, 0}, {0, 0, 1, 0, 0}}},
};

const gchar *
test_format_name (RyPixelFormat format)
{
  return layouts[format].name;
}

gboolean
test_format_is_yuv (RyPixelFormat format)
{
  return format <= RY_FORMAT_UYVY;
}

/* The rule of GStreamer and V4L2: a plane holds whole groups of samples. */
static void
plane_size (RyPixelFormat format, guint i, guint width, guint height,
    guint * row_bytes, guint * n_rows)
{
  guint even = (width + 1) / 2 * 2, half_rows = (height + 1) / 2;

  *row_bytes = width;
  *n_rows = height;
  switch (format) {
    case RY_FORMAT_NV12:
    case RY_FORMAT_NV21:
      *row_bytes = i ? even : width;
      *n_rows = i ? half_rows : height;
      break;
    case RY_FORMAT_NV16:
      *row_bytes = i ? even : width;
      break;
    case RY_FORMAT_I420:
    case RY_FORMAT_YV12:
      *row_bytes = i ? even / 2 : width;
      *n_rows = i ? half_rows : height;
      break;
    case RY_FORMAT_YUY2:
    case RY_FORMAT_UYVY:
      *row_bytes = 2 * even;
      break;
    case RY_FORMAT_RGB:
    case RY_FORMAT_BGR:
      *row_bytes = 3 * width;
      break;
    case RY_FORMAT_GRAY8:
      break;
    default:
      *row_bytes = 4 * width;
      break;
  }
}

static gsize
whole_pages (gsize size)
{
  gsize page = sysconf (_SC_PAGESIZE);

  return (size + page - 1) / page * page;
}

guint8 *
test_guarded_new (gsize size)
{
  gsize pages = whole_pages (size);
  guint8 *memory = mmap (NULL, pages + whole_pages (1),
      PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  g_assert (memory != MAP_FAILED);
  g_assert (mprotect (memory + pages, whole_pages (1), PROT_NONE) == 0);
  return memory + pages - size;
}

void
test_guarded_free (guint8 * memory, gsize size)
{
  gsize pages = whole_pages (size);

  if (memory != NULL)
    munmap (memory + size - pages, pages + whole_pages (1));
}

void
test_frame_init (TestFrame * self, RyPixelFormat format, guint width,
    guint height, guint padding)
{
  RyImage *image = &self->image;
  gsize k;
  guint i;

  *self = (TestFrame) {
    .image = {
      .format = format,.width = width,.height = height
  }};
  image->n_planes = layouts[format].n_planes;
  for (i = 0; i < image->n_planes; i++) {
    plane_size (format, i, width, height, &self->row_bytes[i],
        &self->n_rows[i]);
    image->stride[i] = self->row_bytes[i] + padding;
    image->fd[i] = -1;
    self->size[i] = (gsize) image->stride[i] * (self->n_rows[i] - 1)
        + self->row_bytes[i];
    self->plane[i] = test_guarded_new (self->size[i]);
    image->data[i] = self->plane[i];
    for (k = 0; k < self->size[i]; k++)
      self->plane[i][k] = 0x5a ^ (k * 37);
  }
}

void
test_frame_clear (TestFrame * self)
{
  guint i;

  for (i = 0; i < RY_MAX_PLANES; i++)
    test_guarded_free (self->plane[i], self->size[i]);
}

guint8 *
test_frame_at (TestFrame * self, guint c, guint x, guint y)
{
  const Channel *channel = &layouts[self->image.format].channel[c];

  return self->plane[channel->plane]
      + (gsize) self->image.stride[channel->plane] * (y >> channel->v_shift)
      + (x >> channel->h_shift) * channel->step + channel->at;
}

void
test_frame_shifts (const TestFrame * self, guint c, guint * h_shift,
    guint * v_shift)
{
  *h_shift = layouts[self->image.format].channel[c].h_shift;
  *v_shift = layouts[self->image.format].channel[c].v_shift;
}
