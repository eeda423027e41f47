/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Frames that cost nothing to produce: a few pictures, made once. */

#pragma once

#include <gst/video/video.h>

G_BEGIN_DECLS

/* More than the caches of small machines hold: 3 MB each in 1920x1080. */
#define FLOW_N_PICTURES 8

typedef struct
{
  GstVideoInfo info;
  GstMemory *memory[FLOW_N_PICTURES];
} FlowPictures;

/* Any format that GStreamer converts NV12 to.  FALSE, and nothing to clear,
 * if it does not, or the size is impossible. */
gboolean flow_pictures_init (FlowPictures * self, GstVideoFormat format,
    guint width, guint height);
void flow_pictures_clear (FlowPictures * self);

/* Of all frames, at 60 a second. */
GstCaps *flow_pictures_get_caps (FlowPictures * self);

/* A new buffer around one of the pictures, in turn.  Its PTS tells its number
 * (flow_pictures_number). */
GstBuffer *flow_pictures_frame (FlowPictures * self, guint64 number);
guint64 flow_pictures_number (GstBuffer * buffer);

G_END_DECLS
