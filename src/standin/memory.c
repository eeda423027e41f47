/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "log.h"

#define ALIGNMENT 64

/* What programs hold: to tell it from what they held. */
static struct
{
  GMutex lock;
  GHashTable *live;             /* set of RyNpuMem */
  guint64 next_phys;
} mems;

gpointer
ry_aligned_new (gsize size)
{
  gpointer memory = NULL;

  if (posix_memalign (&memory, ALIGNMENT, MAX (size, 1)) != 0)
    return NULL;
  return memset (memory, 0, MAX (size, 1));
}

void
ry_aligned_free (gpointer memory)
{
  free (memory);
}

static RyNpuMem *
add (RyNpuMem * self)
{
  self->refs = 1;
  /* of imported ones as well: so 2.3.2 was seen to do */
  self->pub.flags = RKNN_TENSOR_MEMORY_FLAGS_ALLOC_INSIDE;
  self->pub.priv_data = self;

  g_mutex_lock (&mems.lock);
  if (mems.live == NULL)
    mems.live = g_hash_table_new (NULL, NULL);
  g_hash_table_add (mems.live, self);
  if (!self->imported) {
    self->pub.phys_addr = 0x10000000 + mems.next_phys;
    mems.next_phys += self->map_size;
  }
  g_mutex_unlock (&mems.lock);
  return self;
}

RyNpuMem *
ry_npu_mem_new (guint64 size, guint64 alloc_flags)
{
  gsize page = sysconf (_SC_PAGESIZE);
  gsize map_size;
  gpointer map = MAP_FAILED;
  RyNpuMem *self;
  gint fd;

  if (size == 0 || size > G_MAXINT32) {
    ry_log_error ("failed to malloc npu memory: %" G_GUINT64_FORMAT
        " bytes were asked for, 1 to %d are possible", size, G_MAXINT32);
    return NULL;
  }
  map_size = (size + page - 1) / page * page;
  fd = memfd_create ("rknn-standin", MFD_CLOEXEC);
  if (fd >= 0 && ftruncate (fd, map_size) == 0)
    map = mmap (NULL, map_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (map == MAP_FAILED) {
    ry_log_error ("failed to malloc npu memory: %" G_GUINT64_FORMAT
        " bytes: %s", size, g_strerror (errno));
    if (fd >= 0)
      close (fd);
    return NULL;
  }

  self = g_new0 (RyNpuMem, 1);
  self->map = map;
  self->map_size = map_size;
  self->fd = fd;
  self->free_of_context = (alloc_flags & RKNN_MEM_FLAG_ALLOC_NO_CONTEXT) != 0;
  self->pub.virt_addr = map;
  self->pub.fd = fd;
  self->pub.size = size;
  return add (self);
}

RyNpuMem *
ry_npu_mem_import (gint32 fd, guint64 phys, gpointer virt, guint32 size,
    gint32 offset)
{
  RyNpuMem *self = g_new0 (RyNpuMem, 1);

  self->imported = TRUE;
  self->pub.virt_addr = virt;
  self->pub.phys_addr = phys;
  self->pub.fd = fd;
  self->pub.offset = offset;
  self->pub.size = size;
  return add (self);
}

RyNpuMem *
ry_npu_mem_find (const rknn_tensor_mem * pub)
{
  RyNpuMem *self = NULL;

  g_mutex_lock (&mems.lock);
  if (mems.live != NULL && g_hash_table_contains (mems.live, pub))
    self = ry_npu_mem_ref ((RyNpuMem *) pub);
  g_mutex_unlock (&mems.lock);
  return self;
}

RyNpuMem *
ry_npu_mem_ref (RyNpuMem * self)
{
  g_atomic_int_inc (&self->refs);
  return self;
}

void
ry_npu_mem_unref (RyNpuMem * self)
{
  if (!g_atomic_int_dec_and_test (&self->refs))
    return;
  if (self->map != NULL) {
    munmap (self->map, self->map_size);
    close (self->fd);
  }
  g_free (self);
}

gboolean
ry_npu_mem_destroy (const rknn_tensor_mem * pub)
{
  RyNpuMem *self = NULL;

  g_mutex_lock (&mems.lock);
  if (mems.live != NULL && g_hash_table_remove (mems.live, pub))
    self = (RyNpuMem *) pub;
  g_mutex_unlock (&mems.lock);
  if (self == NULL)
    return FALSE;
  g_atomic_int_set (&self->destroyed, TRUE);
  ry_npu_mem_unref (self);
  return TRUE;
}

gint
ry_npu_mem_check_import (const RyNpuMem * self)
{
  if (!self->imported)
    return RKNN_SUCC;
  if (self->pub.virt_addr == NULL) {
    ry_log_error ("failed to convert fd: the memory has no virtual address. "
        "Map the buffer and give rknn_create_mem_from_fd the address.");
    return RKNN_ERR_MALLOC_FAIL;
  }
  /* librknnrt takes -1 and then leaves caches alone */
  if (self->pub.fd != -1 && fcntl (self->pub.fd, F_GETFD) < 0) {
    ry_log_error ("failed to convert fd: %d is not open. A dma-buf must stay "
        "open while it is bound.", self->pub.fd);
    return RKNN_ERR_MALLOC_FAIL;
  }
  return RKNN_SUCC;
}

gpointer
ry_npu_mem_data (const RyNpuMem * self)
{
  return (guint8 *) self->pub.virt_addr + self->pub.offset;
}
