/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Memory that a program and the NPU would share.  Made inside, it is a memfd:
 * its fd can be mapped and passed on as a dma-buf's can, but it is none, and
 * devices do not take it. */

#pragma once

#include <glib.h>

#include "rknn_api.h"

typedef struct
{
  rknn_tensor_mem pub;          /* what the program holds; it may write it */
  gint refs;
  gint destroyed;               /* by the program; kept for a binding */
  gboolean imported;            /* from fd or a physical address */
  gboolean free_of_context;     /* made with RKNN_MEM_FLAG_ALLOC_NO_CONTEXT */
  gpointer map;                 /* made inside */
  gsize map_size;
  gint fd;
} RyNpuMem;

/* NULL when size is 0 or the system has no more. */
RyNpuMem *ry_npu_mem_new (guint64 size, guint64 alloc_flags);

/* Checks nothing, as librknnrt does not. */
RyNpuMem *ry_npu_mem_import (gint32 fd, guint64 phys, gpointer virt,
    guint32 size, gint32 offset);

/* The memory behind what a program gave, with a reference, or NULL when it is
 * destroyed or was never made here. */
RyNpuMem *ry_npu_mem_find (const rknn_tensor_mem * pub);
RyNpuMem *ry_npu_mem_ref (RyNpuMem * self);
void ry_npu_mem_unref (RyNpuMem * self);

/* Ends the program's hold on it.  FALSE when it had ended before. */
gboolean ry_npu_mem_destroy (const rknn_tensor_mem * pub);

/* 0, or what rknn_set_io_mem says to memory that it cannot import. */
gint ry_npu_mem_check_import (const RyNpuMem * self);

/* Where the tensor's first byte lies. */
gpointer ry_npu_mem_data (const RyNpuMem * self);

/* Zeroed memory, aligned for vector instructions; NULL when there is none. */
gpointer ry_aligned_new (gsize size);
void ry_aligned_free (gpointer memory);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RyNpuMem, ry_npu_mem_unref)
