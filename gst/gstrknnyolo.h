/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_RKNN_YOLO (gst_rknn_yolo_get_type ())
#define GST_RKNN_YOLO(obj) \
  (G_TYPE_CHECK_INSTANCE_CAST ((obj), GST_TYPE_RKNN_YOLO, GstRknnYolo))

typedef struct _GstRknnYolo GstRknnYolo;
typedef struct _GstRknnYoloClass GstRknnYoloClass;

GType gst_rknn_yolo_get_type (void);

GST_ELEMENT_REGISTER_DECLARE (rknnyolo);

G_END_DECLS
