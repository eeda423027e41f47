/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Memory that GStreamer takes for dma-bufs: files in memory, since not every
 * machine has drivers that make real ones.  DMA_BUF_IOCTL_SYNC fails on them,
 * of which GStreamer only warns. */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Filled with data, or with zeros if that is NULL. */
GstMemory *fake_dma_buf_new (gconstpointer data, gsize size);

/* One of which the CPU can read nothing: mapping it fails. */
GstMemory *fake_dma_buf_new_unmappable (gsize size);

/* A buffer with the pixels, flags, times and metas of buffer, which it takes. */
GstBuffer *fake_dma_buf_move (GstBuffer * buffer);

/* How many files this process has open. */
guint count_open_files (void);

G_END_DECLS
