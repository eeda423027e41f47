/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What tests of RGA share: memories that count as dma-bufs for GStreamer and
 * for librga-standin, which are memfds. */

#pragma once

#include <gst/check/gstcheck.h>
#include <gst/video/video.h>

#include "rga_standin.h"

/* How a picture lies in a larger frame. */
typedef struct
{
  guint align;                  /* bytes: rows are a multiple; 0 is 1 */
  guint x, y;                   /* pixels cropped at the left and the top */
} DmabufLayout;

/* A memory of size bytes; owned by the caller. */
GstMemory *dmabuf_memory_new (gsize size);

/* A buffer with the pixels of picture, a GstSample of raw video, in one memory
 * with the metas that layout needs. */
GstBuffer *dmabuf_frame_new (GstSample * picture, const DmabufLayout * layout);

/* Open file descriptors of this process. */
guint count_fds (void);

/* The stand-in's functions, from RKNNYOLO_RGA. */
typedef struct
{
  void (*get_counters) (rga_standin_counters *);
  void (*reset_counters) (void);
} RgaStandin;

void rga_standin_load (RgaStandin * self);
