/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Detections of the engine as GstAnalytics; GStreamer 1.24 and newer. */

#pragma once

#include <gst/gst.h>

#include "engine/engine.h"

G_BEGIN_DECLS

/* The id that the next object will have. */
guint gst_rknn_yolo_analytics_next_id (GstBuffer * buffer);

/* Adds one GstAnalyticsODMtd a detection to the buffer's
 * GstAnalyticsRelationMeta, which is made if there is none, also where nothing
 * was found.
 *
 * With GStreamer 1.26 and newer rotated boxes are oriented, and behind the
 * objects there is one GstAnalyticsSegmentationMtd a mask, which RELATE_TO its
 * object and it to that.  Its pixels are 0 and the number of the detection,
 * counted from 1 (from 1 again after 255).  There is no type for keypoints
 * before GStreamer 1.30. */
void gst_rknn_yolo_analytics_attach (GstBuffer * buffer, RyEngine * engine,
    const RyJob * job);

G_END_DECLS
