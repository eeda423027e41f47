/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Detections of the engine as metadata of a buffer. */

#pragma once

#include <gst/gst.h>
#include <gst/video/video.h>

#include "engine/engine.h"

G_BEGIN_DECLS

/* Attaches one GstVideoRegionOfInterestMeta a detection, with its mask, its
 * keypoints or its rotated box as further parameter structures, and, where
 * GStreamer has GstAnalytics, the same in the buffer's
 * GstAnalyticsRelationMeta (see gstrknnyoloanalytics.h), which is there also
 * when there is no detection.  The buffer must be writable.
 *
 * The id of a region is unique among the buffer's regions.  It is that of its
 * GstAnalyticsODMtd too, unless regions of other elements, which have no such
 * object, took these numbers first. */
void gst_rknn_yolo_meta_attach (GstBuffer * buffer, RyEngine * engine,
    const RyJob * job);

/* The whole pixels that come closest to the rectangle of a detection; at least
 * one, within the frame of job. */
void gst_rknn_yolo_meta_get_pixels (const RyDetection * detection,
    const RyJob * job, GstVideoRectangle * rectangle);

G_END_DECLS
