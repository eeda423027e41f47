/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* For memfd_create. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "fakedmabuf.h"

#include <fcntl.h>
#include <gst/allocators/gstdmabuf.h>
#include <sys/mman.h>
#include <unistd.h>

static GstMemory *
wrap (gint fd, gsize size)
{
  GstAllocator *allocator = gst_dmabuf_allocator_new ();
  GstMemory *memory = gst_dmabuf_allocator_alloc (allocator, fd, size);

  gst_object_unref (allocator);
  return memory;
}

GstMemory *
fake_dma_buf_new (gconstpointer data, gsize size)
{
  gint fd = memfd_create ("frame", MFD_CLOEXEC);

  g_assert (fd >= 0 && ftruncate (fd, size) == 0);
  if (data)
    g_assert (pwrite (fd, data, size, 0) == (gssize) size);
  return wrap (fd, size);
}

GstMemory *
fake_dma_buf_new_unmappable (gsize size)
{
  gint fd = open ("/dev/null", O_RDWR | O_CLOEXEC);

  g_assert (fd >= 0);
  return wrap (fd, size);
}

GstBuffer *
fake_dma_buf_move (GstBuffer * buffer)
{
  GstBuffer *moved = gst_buffer_new ();
  GstMapInfo map;

  g_assert (gst_buffer_map (buffer, &map, GST_MAP_READ));
  gst_buffer_append_memory (moved, fake_dma_buf_new (map.data, map.size));
  gst_buffer_unmap (buffer, &map);
  gst_buffer_copy_into (moved, buffer, GST_BUFFER_COPY_METADATA, 0, -1);
  gst_buffer_unref (buffer);
  return moved;
}

guint
count_open_files (void)
{
  GDir *dir = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  g_assert (dir != NULL);
  while (g_dir_read_name (dir))
    n++;
  g_dir_close (dir);
  return n;
}
