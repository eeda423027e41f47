/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What caps say of frames, in the three dialects in which dma-bufs come:
 *
 *   video/x-raw, format=NV12                   the memory tells
 *   video/x-raw(memory:DMABuf), format=NV12    before GStreamer 1.24
 *   video/x-raw(memory:DMABuf), format=DMA_DRM, drm-format=NV12[:MODIFIER]
 *
 * In the last one the fourcc and the modifier are those of drm_fourcc.h, in
 * letters and as a hexadecimal number; without a modifier pixels lie in rows.
 * GStreamer reads it from 1.24 on, this on every version. */

#pragma once

#include <gst/gst.h>
#include <gst/video/video.h>

G_BEGIN_DECLS

#define GST_RKNN_YOLO_CAPS_PLAIN(formats) GST_VIDEO_CAPS_MAKE (formats)
#define GST_RKNN_YOLO_CAPS_DMABUF(formats, drm_formats) \
  "video/x-raw(memory:DMABuf), format=(string)DMA_DRM, " \
  "drm-format=(string)" drm_formats ", width=" GST_VIDEO_SIZE_RANGE ", " \
  "height=" GST_VIDEO_SIZE_RANGE ", framerate=" GST_VIDEO_FPS_RANGE "; " \
  GST_VIDEO_CAPS_MAKE_WITH_FEATURES ("memory:DMABuf", formats)

/* The frames behind fixed caps; of DMA_DRM the format is the one that the
 * fourcc means.  FALSE with a GST_STREAM_ERROR for the user where the CPU would
 * not find pixels in rows (compressed or tiled), or in memory of other kinds. */
gboolean gst_rknn_yolo_caps_parse (GstCaps * caps, GstVideoInfo * info,
    GError ** error);

/* Whether a meta is one of frames of format; who puts out DMA_DRM may call the
 * format so in the meta as well. */
static inline gboolean
gst_rknn_yolo_meta_has_format (const GstVideoMeta * meta, GstVideoFormat format)
{
#if GST_CHECK_VERSION (1, 24, 0)
  if (meta->format == GST_VIDEO_FORMAT_DMA_DRM)
    return meta->n_planes == gst_video_format_get_info (format)->n_planes;
#endif
  return meta->format == format;
}

/* The same caps as GStreamer writes them, so that they fit a template: a linear
 * modifier is left out.  Takes caps. */
GstCaps *gst_rknn_yolo_caps_normalize (GstCaps * caps);

/* The error for frames whose format an element does not take. */
void gst_rknn_yolo_caps_refuse_format (const gchar * format, GError ** error);

/* Answers a CAPS or ACCEPT_CAPS query of a sink pad so that upstream goes on to
 * send caps which cannot be taken, and the element can say why in place of a
 * mere "not negotiated".  Caps that fit are left to the pad's default handler:
 * call it first.  templ is the pad's template. */
void gst_rknn_yolo_caps_let_misfits_come (GstQuery * query, GstCaps * templ);

G_END_DECLS
