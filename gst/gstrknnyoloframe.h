/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A GstBuffer and its caps as the image view that src/ works on. */

#pragma once

#include <gst/gst.h>
#include <gst/video/video.h>

#include "image/image.h"

G_BEGIN_DECLS

/* What rknnyolo takes, as a list for caps. */
#define GST_RKNN_YOLO_FORMATS \
  "{ NV12, NV21, NV16, I420, YV12, YUY2, UYVY, RGB, BGR, RGBx, xRGB, BGRx, " \
  "xBGR, RGBA, ARGB, BGRA, ABGR, GRAY8 }"
/* The same by the names of DRM. */
#define GST_RKNN_YOLO_DRM_FORMATS \
  "{ NV12, NV21, NV16, YU12, YV12, YUYV, UYVY, BG24, RG24, XB24, BX24, XR24, " \
  "RX24, AB24, BA24, AR24, RA24, \"R8  \" }"

gboolean gst_rknn_yolo_frame_supports (GstVideoFormat format);

/* What it takes to map a frame later. */
typedef struct
{
  GstBuffer *buffer;            /* borrowed */
  gsize skip[RY_MAX_PLANES];    /* of the picture, from where the plane begins;
                                 * without GstVideoMeta from the buffer's */
  guint n_maps;                 /* 0: not mapped */
  GstMapInfo maps[RY_MAX_PLANES];
} GstRknnYoloView;

/* Describes the picture of buffer in image, without mapping anything; who
 * needs its pixels maps image, in whatever thread.  The picture has the size
 * that info, the caps, says; the buffer's GstVideoMeta tells where its rows lie
 * and its GstVideoCropMeta where it begins in a larger frame, as for
 * rknnyolooverlay.  Until the last use of image self and buffer must stay, and
 * buffer's memories and metas with it; no reference to buffer is taken but
 * while it is mapped.  FALSE with an RY_ERROR_IMAGE if the buffer has no room
 * for the picture. */
gboolean gst_rknn_yolo_frame_view (GstRknnYoloView * self,
    const GstVideoInfo * info, GstBuffer * buffer, RyImage * image,
    GError ** error);

G_END_DECLS
