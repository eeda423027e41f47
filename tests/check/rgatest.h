/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What tests of RGA share: frames that lie in fake dma-bufs in odd ways, and
 * librga-standin's own functions. */

#pragma once

#include <gst/check/gstcheck.h>
#include <gst/video/video.h>

#include "rga_standin.h"

/* How a picture lies in a larger frame. */
typedef struct
{
  guint align;                  /* bytes: rows are a multiple; 0 is 1 */
  guint x, y;                   /* pixels cropped at the left and the top */
} RgaTestLayout;

/* A buffer with the pixels of picture, a GstSample of raw video, in one fake
 * dma-buf with the metas that layout needs. */
GstBuffer *rga_test_frame_new (GstSample * picture,
    const RgaTestLayout * layout);

/* The stand-in's functions, from RKNNYOLO_RGA. */
typedef struct
{
  void (*get_counters) (rga_standin_counters *);
  void (*reset_counters) (void);
} RgaStandin;

void rga_standin_load (RgaStandin * self);
