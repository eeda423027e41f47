/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Detections of the engine as metadata of a buffer. */

#pragma once

#include <gst/gst.h>

#include "engine/engine.h"

G_BEGIN_DECLS

/* Attaches one GstVideoRegionOfInterestMeta a detection and, where GStreamer
 * has GstAnalytics, the same as one GstAnalyticsODMtd each in the buffer's
 * GstAnalyticsRelationMeta, which is there also when there is no detection.
 * The buffer must be writable; width and height are those of its frame.
 *
 * The id of a region is unique among the buffer's regions.  It is that of its
 * GstAnalyticsODMtd too, unless regions of other elements, which have no such
 * object, took these numbers first. */
void gst_rknn_yolo_meta_attach (GstBuffer * buffer, RyEngine * engine,
    const GArray * detections, guint width, guint height);

G_END_DECLS
