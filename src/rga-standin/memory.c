/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/dma-buf.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "device.h"
#include "log.h"

/* The handles of the device, which all users of the library share. */
static struct
{
  GMutex lock;                  /* no other is taken with it */
  GHashTable *memories;         /* handle to RyRgaMemory */
  guint last;
} handles;

/* DMA_BUF_IOCTL_SYNC is known to dma-bufs only. */
static gboolean
is_dmabuf (gint fd)
{
  struct dma_buf_sync sync = {.flags = DMA_BUF_SYNC_START | DMA_BUF_SYNC_READ };

  if (ioctl (fd, DMA_BUF_IOCTL_SYNC, &sync) != 0)
    return FALSE;
  sync.flags = DMA_BUF_SYNC_END | DMA_BUF_SYNC_READ;
  return ioctl (fd, DMA_BUF_IOCTL_SYNC, &sync) == 0;
}

static RyRgaMemory *
map_memory (gint fd, gsize needed)
{
  off_t size = lseek (fd, 0, SEEK_END);
  gboolean writable;
  RyRgaMemory *self;
  void *data;

  if (size < 0 || (gsize) size < needed) {
    ry_log_error ("fd %d has %" G_GINT64_FORMAT " bytes, but %" G_GSIZE_FORMAT
        " are to be imported", fd, (gint64) size, needed);
    return NULL;
  }
  data = mmap (NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  writable = data != MAP_FAILED;
  if (!writable)                /* a camera's may be for reading only */
    data = mmap (NULL, size, PROT_READ, MAP_SHARED, fd, 0);
  if (data == MAP_FAILED) {
    ry_log_error ("fd %d cannot be mapped: %s", fd, g_strerror (errno));
    return NULL;
  }
  self = g_new0 (RyRgaMemory, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->data = data;
  self->size = size;
  self->writable = writable;
  self->is_dmabuf = is_dmabuf (fd);
  self->fd = fcntl (fd, F_DUPFD_CLOEXEC, 0);
  self->above_4g = ry_rga_device_fails ("above_4g");
  return self;
}

void
ry_rga_memory_unref (RyRgaMemory * self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  munmap (self->data, self->size);
  if (self->fd >= 0)
    close (self->fd);
  g_free (self);
}

rga_buffer_handle_t
ry_rga_memory_import (gint fd, gsize needed)
{
  RyRgaMemory *self = map_memory (fd, needed);
  guint handle;

  if (self == NULL)
    return 0;
  g_mutex_lock (&handles.lock);
  if (handles.memories == NULL)
    handles.memories = g_hash_table_new_full (NULL, NULL, NULL,
        (GDestroyNotify) ry_rga_memory_unref);
  handle = ++handles.last;
  g_hash_table_insert (handles.memories, GUINT_TO_POINTER (handle), self);
  g_mutex_unlock (&handles.lock);
  return handle;
}

gboolean
ry_rga_memory_release (rga_buffer_handle_t handle)
{
  gboolean found;

  g_mutex_lock (&handles.lock);
  found = handles.memories != NULL
      && g_hash_table_remove (handles.memories, GUINT_TO_POINTER (handle));
  /* Nothing stays behind that a leak checker would have to know of. */
  if (found && g_hash_table_size (handles.memories) == 0)
    g_clear_pointer (&handles.memories, g_hash_table_unref);
  g_mutex_unlock (&handles.lock);
  return found;
}

RyRgaMemory *
ry_rga_memory_find (rga_buffer_handle_t handle)
{
  RyRgaMemory *memory = NULL;

  g_mutex_lock (&handles.lock);
  if (handles.memories != NULL)
    memory = g_hash_table_lookup (handles.memories, GUINT_TO_POINTER (handle));
  if (memory != NULL)
    g_atomic_ref_count_inc (&memory->ref_count);
  g_mutex_unlock (&handles.lock);
  return memory;
}

/* ---- Access -------------------------------------------------------------- */

static void
sync_memory (RyRgaMemory * self, guint64 flags)
{
  struct dma_buf_sync sync = {.flags = flags };

  if (self->is_dmabuf)
    ioctl (self->fd, DMA_BUF_IOCTL_SYNC, &sync);
}

void
ry_rga_memory_begin (RyRgaMemory * self, gboolean write)
{
  sync_memory (self, DMA_BUF_SYNC_START
      | (write ? DMA_BUF_SYNC_RW : DMA_BUF_SYNC_READ));
}

void
ry_rga_memory_end (RyRgaMemory * self, gboolean write)
{
  sync_memory (self, DMA_BUF_SYNC_END
      | (write ? DMA_BUF_SYNC_RW : DMA_BUF_SYNC_READ));
}

/* A line of /proc/self/maps: "start-end perms offset major:minor inode name". */
static gboolean
is_mapping_of (const gchar * line, const RyRgaMemory * self,
    const struct stat *file)
{
  gulong start, inode;
  guint major_number, minor_number;

  if (sscanf (line, "%lx-%*x %*4s %*x %x:%x %lu", &start, &major_number,
          &minor_number, &inode) != 4)
    return FALSE;
  return inode == file->st_ino && major_number == major (file->st_dev)
      && minor_number == minor (file->st_dev) && start != (gulong) self->data;
}

gboolean
ry_rga_memory_is_mapped_elsewhere (RyRgaMemory * self)
{
  gchar line[1024];
  struct stat file;
  gboolean found = FALSE;
  FILE *maps;

  if (self->fd < 0 || fstat (self->fd, &file) != 0)
    return FALSE;
  maps = fopen ("/proc/self/maps", "re");
  while (maps != NULL && !found && fgets (line, sizeof line, maps) != NULL)
    found = is_mapping_of (line, self, &file);
  if (maps != NULL)
    fclose (maps);
  return found;
}
