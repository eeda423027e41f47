/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gst/base/gstbasetransform.h>

G_BEGIN_DECLS

#define GST_TYPE_RKNNYOLO_OVERLAY (gst_rknnyolo_overlay_get_type ())
G_DECLARE_FINAL_TYPE (GstRknnyoloOverlay, gst_rknnyolo_overlay, GST,
    RKNNYOLO_OVERLAY, GstBaseTransform)

/* When the pixels are copied before something is drawn on them. */
typedef enum
{
  GST_RKNNYOLO_OVERLAY_COPY_AUTO,
  GST_RKNNYOLO_OVERLAY_COPY_SHARED,
  GST_RKNNYOLO_OVERLAY_COPY_ALWAYS,
} GstRknnyoloOverlayCopy;

GST_ELEMENT_REGISTER_DECLARE (rknnyolooverlay)

G_END_DECLS
