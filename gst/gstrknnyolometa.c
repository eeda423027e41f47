/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gstrknnyolometa.h"

#include <gst/video/gstvideometa.h>
#include <math.h>

#ifdef HAVE_GST_ANALYTICS
#include <gst/analytics/analytics.h>
#endif

typedef struct
{
  guint x, y, width, height;
} Rectangle;

/* The whole pixels that come closest; at least one, within the frame. */
static void
to_pixels (const RyDetection * detection, guint width, guint height,
    Rectangle * rectangle)
{
  guint x1 = MIN (lround (detection->x1), width - 1);
  guint y1 = MIN (lround (detection->y1), height - 1);
  guint x2 = CLAMP (lround (detection->x2), x1 + 1, width);
  guint y2 = CLAMP (lround (detection->y2), y1 + 1, height);

  rectangle->x = x1;
  rectangle->y = y1;
  rectangle->width = x2 - x1;
  rectangle->height = y2 - y1;
}

/* Ids that other elements gave to their regions stay unique. */
static gint
first_free_id (GstBuffer * buffer)
{
  gpointer state = NULL;
  GstMeta *meta;
  gint id = 0;

  while ((meta = gst_buffer_iterate_meta_filtered (buffer, &state,
              GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE))) {
    gint taken = ((GstVideoRegionOfInterestMeta *) meta)->id;
    id = MAX (id, taken < G_MAXINT ? taken + 1 : 0);
  }
  return id;
}

static void
attach_region (GstBuffer * buffer, const RyDetection * detection,
    const Rectangle * rectangle, gint id, const gchar * label,
    const gchar * model_name, guint width, guint height)
{
  GstVideoRegionOfInterestMeta *region =
      gst_buffer_add_video_region_of_interest_meta (buffer, label,
      rectangle->x, rectangle->y, rectangle->width, rectangle->height);
  GstStructure *params;

  region->id = id;
  params = gst_structure_new ("detection",
      "label_id", G_TYPE_INT, detection->class_id,
      "label", G_TYPE_STRING, label,
      "confidence", G_TYPE_DOUBLE, (gdouble) detection->confidence,
      "x_min", G_TYPE_DOUBLE, (gdouble) detection->x1 / width,
      "x_max", G_TYPE_DOUBLE, (gdouble) detection->x2 / width,
      "y_min", G_TYPE_DOUBLE, (gdouble) detection->y1 / height,
      "y_max", G_TYPE_DOUBLE, (gdouble) detection->y2 / height,
      "model_name", G_TYPE_STRING, model_name, NULL);
  gst_video_region_of_interest_meta_add_param (region, params);
}

#ifdef HAVE_GST_ANALYTICS
/* That of the buffer if it has one, else a new one with room for n mtds. */
static GstAnalyticsRelationMeta *
ensure_relation (GstBuffer * buffer, guint n)
{
  /* An object takes about 64 bytes; the default grows by 5 objects at a time
   * and would be copied up to 60 times. */
  GstAnalyticsRelationMetaInitParams params = { MAX (n, 5), MAX (n, 5) * 96 };
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
attach_object (GstAnalyticsRelationMeta * relation,
    const RyDetection * detection, const Rectangle * rectangle,
    const gchar * label)
{
  GstAnalyticsODMtd mtd;

  gst_analytics_relation_meta_add_od_mtd (relation,
      g_quark_from_string (label), rectangle->x, rectangle->y,
      rectangle->width, rectangle->height, detection->confidence, &mtd);
}
#endif

void
gst_rknn_yolo_meta_attach (GstBuffer * buffer, RyEngine * engine,
    const GArray * detections, guint width, guint height)
{
  const gchar *model_name = ry_engine_get_info (engine)->model_name;
  gint id = first_free_id (buffer);
#ifdef HAVE_GST_ANALYTICS
  GstAnalyticsRelationMeta *relation =
      ensure_relation (buffer, detections->len);

  /* The ids of mtds count from 0 without gaps. */
  id = MAX (id, gst_analytics_relation_get_length (relation));
#endif

  for (guint i = 0; i < detections->len; i++) {
    const RyDetection *detection = &g_array_index (detections, RyDetection, i);
    const gchar *label = ry_engine_get_label (engine, detection->class_id);
    Rectangle rectangle;

    to_pixels (detection, width, height, &rectangle);
    attach_region (buffer, detection, &rectangle, id + i, label, model_name,
        width, height);
#ifdef HAVE_GST_ANALYTICS
    attach_object (relation, detection, &rectangle, label);
#endif
  }
}
