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

/* Maps buffer for reading and describes its picture in image, which is valid
 * until map is unmapped.  The picture has the size that info, the caps, says;
 * the buffer's GstVideoMeta tells where its rows lie and its GstVideoCropMeta
 * where it begins in a larger frame, as for rknnyolooverlay.  No reference to
 * buffer is taken.  FALSE if the buffer cannot be mapped or has no room for
 * the picture; then there is nothing to unmap. */
gboolean gst_rknn_yolo_frame_map (GstVideoFrame * map,
    const GstVideoInfo * info, GstBuffer * buffer, RyImage * image);

G_END_DECLS
