/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Imported memory and its handles. */

#pragma once

#include <glib.h>

#include "rga_api.h"

G_BEGIN_DECLS

typedef struct
{
  gatomicrefcount ref_count;
  guint8 *data;
  gsize size;                   /* bytes */
  gint fd;                      /* of our own, to ask the kernel for access */
  gboolean writable;
  gboolean is_dmabuf;
  gboolean above_4g;
} RyRgaMemory;

/* 0 after saying why not. */
rga_buffer_handle_t ry_rga_memory_import (gint fd, gsize needed);
gboolean ry_rga_memory_release (rga_buffer_handle_t handle);

/* A reference, or NULL. */
RyRgaMemory *ry_rga_memory_find (rga_buffer_handle_t handle);
void ry_rga_memory_unref (RyRgaMemory * self);

/* Around the CPU's work on it; does nothing for what is no dma-buf. */
void ry_rga_memory_begin (RyRgaMemory * self, gboolean write);
void ry_rga_memory_end (RyRgaMemory * self, gboolean write);

/* Whether anybody but us has it mapped in this process. */
gboolean ry_rga_memory_is_mapped_elsewhere (RyRgaMemory * self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RyRgaMemory, ry_rga_memory_unref)

G_END_DECLS
