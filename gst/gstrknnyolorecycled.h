/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Imports of dma-bufs that come in a new memory each time.
 *
 * Rockchip's decoder (mppvideodec) has a pool of dma-bufs, but wraps the one
 * that it puts out in a new GstMemory for each frame, so what is kept with the
 * memory is lost with every frame.  A dma-buf that comes a second time from the
 * same allocator is such a one: from then on its import is kept with the
 * allocator, which goes with the decoder. */

#pragma once

#include <gst/gst.h>
#include <sys/stat.h>

#include "rga/rga.h"

G_BEGIN_DECLS

/* Fills file with what tells the dma-buf of fd from all others; FALSE where
 * nothing does. */
gboolean gst_rknn_yolo_recycled_identify (gint fd, struct stat * file);

/* What is kept for the dma-buf: a new reference, or NULL.  Any thread; takes
 * the lock of allocator. */
RyRgaImport *gst_rknn_yolo_recycled_find (GstAllocator * allocator,
    const struct stat * file, RyRga * rga);

/* The dma-buf came in a memory that was not seen before, and was imported.  Any
 * thread; takes the lock of allocator. */
void gst_rknn_yolo_recycled_note (GstAllocator * allocator,
    const struct stat * file, RyRgaImport * import);

G_END_DECLS
