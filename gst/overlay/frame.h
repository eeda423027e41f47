/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Access of the CPU to the picture in a buffer, and copies of it.
 *
 * The picture is what the caps describe: GstVideoMeta says where its rows lie,
 * GstVideoCropMeta where it begins in a larger frame. */

#pragma once

#include <gst/video/video.h>

G_BEGIN_DECLS

/* Maps buffer.  Where its memory is a dma-buf GstDmaBufAllocator sees to it that
 * the CPU's caches agree with it until it is unmapped (DMA_BUF_IOCTL_SYNC).
 * FALSE when it cannot be mapped or is smaller than info says; frame needs no
 * unmapping then. */
gboolean ry_frame_map (GstVideoFrame * frame, const GstVideoInfo * info,
    GstBuffer * buffer, GstMapFlags flags);
void ry_frame_unmap (GstVideoFrame * frame);

/* Frames of our own to copy into: downstream's pool where it offers one that
 * cannot run dry (an encoder's dma-bufs need no further copy), else one made
 * here, with downstream's allocator if it names one. */
typedef struct _RyFramePool RyFramePool;

/* Whether whoever gets such frames may rely on their being dma-bufs. */
gboolean ry_frame_caps_want_dma_bufs (GstCaps * caps);

/* Sends an ALLOCATION query through srcpad.  NULL when no pool could be set up,
 * or downstream offers none and the caps want dma-bufs. */
RyFramePool *ry_frame_pool_new (GstPad * srcpad, GstCaps * caps,
    const GstVideoInfo * info);
void ry_frame_pool_free (RyFramePool * self);

/* A copy of the pixels with the flags, times and metas of buffer, except for
 * what describes buffer's memory. */
GstFlowReturn ry_frame_pool_copy (RyFramePool * self, GstBuffer * buffer,
    GstBuffer ** copy);

G_END_DECLS
