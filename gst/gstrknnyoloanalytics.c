/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gstrknnyoloanalytics.h"

#include <gst/analytics/analytics.h>
#include <gst/video/video.h>
#include <math.h>

#include "gstrknnyolometa.h"

/* An object takes about 64 bytes. */
#define BYTES_OF_MTD 96

guint
gst_rknn_yolo_analytics_next_id (GstBuffer * buffer)
{
  GstAnalyticsRelationMeta *relation =
      gst_buffer_get_analytics_relation_meta (buffer);

  /* The ids of mtds count from 0 without gaps. */
  return relation ? gst_analytics_relation_get_length (relation) : 0;
}

/* That of the buffer if it has one, else a new one with room for n mtds. */
static GstAnalyticsRelationMeta *
ensure_relation (GstBuffer * buffer, guint n)
{
  /* The default grows by 5 objects at a time and would be copied up to 60
   * times. */
  GstAnalyticsRelationMetaInitParams params =
      { MAX (n, 5), MAX (n, 5) * BYTES_OF_MTD };
  GstAnalyticsRelationMeta *relation =
      gst_buffer_get_analytics_relation_meta (buffer);

  if (relation == NULL) {
    relation = gst_buffer_add_analytics_relation_meta_full (buffer, &params);
    /* Otherwise it stays, empty, on a buffer that goes back to its pool, and
     * a later frame that is not inferred says that nothing was found. */
    GST_META_FLAG_UNSET ((GstMeta *) relation, GST_META_FLAG_POOLED);
  }
  return relation;
}

static void
attach_object (GstAnalyticsRelationMeta * relation, GQuark label,
    const RyDetection * detection, const RyJob * job, RyTask task)
{
  GstVideoRectangle rectangle;
  GstAnalyticsODMtd mtd;

#if GST_CHECK_VERSION (1, 26, 0)
  if (task == RY_TASK_OBB) {
    /* x and y are of the upper left corner before it is turned, clockwise,
     * about the centre; turned by half a turn it is the same box. */
    gst_analytics_relation_meta_add_oriented_od_mtd (relation, label,
        lroundf (detection->cx - detection->w / 2),
        lroundf (detection->cy - detection->h / 2), lroundf (detection->w),
        lroundf (detection->h), detection->angle < 0 ?
        detection->angle + (gfloat) G_PI : detection->angle,
        detection->confidence, &mtd);
    return;
  }
#endif
  gst_rknn_yolo_meta_get_pixels (detection, job, &rectangle);
  gst_analytics_relation_meta_add_od_mtd (relation, label, rectangle.x,
      rectangle.y, rectangle.w, rectangle.h, detection->confidence, &mtd);
}

#if GST_CHECK_VERSION (1, 26, 0)
static GstBuffer *
make_mask (const RyDetectionMask * mask, const guint8 * data, guint8 region)
{
  gsize size = (gsize) mask->width * mask->height;
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, size, NULL);
  gsize offset[GST_VIDEO_MAX_PLANES] = { 0, };
  gint stride[GST_VIDEO_MAX_PLANES] = { 0, };
  GstMapInfo map;

  if (!gst_buffer_map (buffer, &map, GST_MAP_WRITE)) {
    gst_buffer_unref (buffer);
    return NULL;
  }
  for (gsize i = 0; i < size; i++)
    map.data[i] = data[i] >= 128 ? region : 0;
  gst_buffer_unmap (buffer, &map);
  stride[0] = mask->width;
  gst_buffer_add_video_meta_full (buffer, GST_VIDEO_FRAME_FLAG_NONE,
      GST_VIDEO_FORMAT_GRAY8, mask->width, mask->height, 1, offset, stride);
  return buffer;
}

static void
attach_mask (GstAnalyticsRelationMeta * relation, guint object,
    const RyDetectionMask * mask, const guint8 * data, guint8 region)
{
  GstBuffer *buffer = make_mask (mask, data, region);
  guint regions[] = { 0, region };
  gint x1 = lroundf (mask->x), y1 = lroundf (mask->y);
  gint x2 = lroundf (mask->x + mask->scale_x * mask->width);
  gint y2 = lroundf (mask->y + mask->scale_y * mask->height);
  GstAnalyticsSegmentationMtd mtd;

  if (!buffer || !gst_analytics_relation_meta_add_segmentation_mtd (relation,
          buffer, GST_SEGMENTATION_TYPE_INSTANCE, G_N_ELEMENTS (regions),
          regions, x1, y1, x2 - x1, y2 - y1, &mtd))
    return;
  gst_analytics_relation_meta_set_relation (relation,
      GST_ANALYTICS_REL_TYPE_RELATE_TO, object, mtd.id);
  gst_analytics_relation_meta_set_relation (relation,
      GST_ANALYTICS_REL_TYPE_RELATE_TO, mtd.id, object);
}
#endif

void
gst_rknn_yolo_analytics_attach (GstBuffer * buffer, RyEngine * engine,
    const RyJob * job)
{
  const GArray *detections = job->detections;
  RyTask task = ry_engine_get_info (engine)->task;
  GstAnalyticsRelationMeta *relation = ensure_relation (buffer,
      task == RY_TASK_SEGMENT ? 2 * detections->len : detections->len);
#if GST_CHECK_VERSION (1, 26, 0)
  guint first = gst_analytics_relation_get_length (relation);
#endif

  for (guint i = 0; i < detections->len; i++) {
    const RyDetection *detection = &g_array_index (detections, RyDetection, i);
    const gchar *label = ry_engine_get_label (engine, detection->class_id);

    attach_object (relation, g_quark_from_string (label), detection, job, task);
  }
#if GST_CHECK_VERSION (1, 26, 0)
  /* Behind the objects, whose ids are those of the regions. */
  for (guint i = 0; i < detections->len; i++) {
    const RyDetection *detection = &g_array_index (detections, RyDetection, i);

    if (detection->mask.width > 0)
      attach_mask (relation, first + i, &detection->mask,
          job->masks->data + detection->mask.offset, i % G_MAXUINT8 + 1);
  }
#endif
}
