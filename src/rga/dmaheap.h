/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Memory for hardware only, from the kernel's dma-heaps. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A dma-buf of at least size bytes, to be closed; -1 with RY_ERROR_MEMORY.
 * Heaps of folder (NULL: /dev/dma_heap) that lie below 4 GB are tried first,
 * since every RGA reaches those. */
gint ry_dma_heap_alloc (const gchar * folder, gsize size, GError ** error);

G_END_DECLS
