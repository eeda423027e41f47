/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Frames that cost nothing to produce: a few pictures, made once. */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define FLOW_WIDTH 1920
#define FLOW_HEIGHT 1080
#define FLOW_CAPS "video/x-raw,format=NV12,width=1920,height=1080," \
    "framerate=60/1,colorimetry=bt709"

/* More than the caches of small machines hold: 3 MB each. */
#define FLOW_N_PICTURES 8

typedef struct
{
  GstMemory *memory[FLOW_N_PICTURES];
} FlowPictures;

void flow_pictures_init (FlowPictures * self);
void flow_pictures_clear (FlowPictures * self);

/* A new buffer around one of the pictures, in turn.  Its PTS tells its number
 * (flow_pictures_number). */
GstBuffer *flow_pictures_frame (FlowPictures * self, guint64 number);
guint64 flow_pictures_number (GstBuffer * buffer);

G_END_DECLS
