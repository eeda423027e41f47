/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "rga/dmaheap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/dma-heap.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "ryerror.h"

/* Rockchip's kernels have the first two; cma lies below 4 GB as a rule. */
static const gchar *const heaps[] = {
  "system-dma32", "system-uncached-dma32", "cma", "cma-uncached", "reserved",
  "linux,cma", "system", "system-uncached",
};

static gint
alloc_from (const gchar * path, gsize size)
{
  struct dma_heap_allocation_data data = {
    .len = size,.fd_flags = O_RDWR | O_CLOEXEC
  };
  gint heap = open (path, O_RDWR | O_CLOEXEC), result;

  if (heap < 0)
    return -1;
  result = ioctl (heap, DMA_HEAP_IOCTL_ALLOC, &data);
  close (heap);
  return result == 0 ? (gint) data.fd : -1;
}

gint
ry_dma_heap_alloc (const gchar * folder, gsize size, GError ** error)
{
  gint reason = ENOENT;

  for (guint i = 0; i < G_N_ELEMENTS (heaps); i++) {
    g_autofree gchar *path = g_build_filename (folder ? folder :
        "/dev/dma_heap", heaps[i], NULL);
    gint fd;

    errno = 0;
    fd = alloc_from (path, size);
    if (fd >= 0)
      return fd;
    if (errno != ENOENT)
      reason = errno;
  }
  g_set_error (error, RY_ERROR, RY_ERROR_MEMORY,
      "no heap in %s gives %" G_GSIZE_FORMAT " bytes (%s); this user must be "
      "able to read and write one of them", folder ? folder : "/dev/dma_heap",
      size, g_strerror (reason));
  return -1;
}
