/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gstrknnyolometa.h"

#include <math.h>

#ifdef HAVE_GST_ANALYTICS
#include "gstrknnyoloanalytics.h"
#endif

void
gst_rknn_yolo_meta_get_pixels (const RyDetection * detection,
    const RyJob * job, GstVideoRectangle * rectangle)
{
  gint width = job->image.width, height = job->image.height;
  gint x1 = MIN (lround (detection->x1), width - 1);
  gint y1 = MIN (lround (detection->y1), height - 1);
  gint x2 = CLAMP (lround (detection->x2), x1 + 1, width);
  gint y2 = CLAMP (lround (detection->y2), y1 + 1, height);

  rectangle->x = x1;
  rectangle->y = y1;
  rectangle->w = x2 - x1;
  rectangle->h = y2 - y1;
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
append_double (GValue * array, gdouble number)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_DOUBLE);
  g_value_set_double (&value, number);
  gst_value_array_append_and_take_value (array, &value);
}

static GstStructure *
make_mask (const RyDetectionMask * mask, const RyJob * job)
{
  gdouble width = job->image.width, height = job->image.height;
  gdouble x2 = mask->x + (gdouble) mask->scale_x * mask->width;
  gdouble y2 = mask->y + (gdouble) mask->scale_y * mask->height;
  g_autoptr (GBytes) data = g_bytes_new (job->masks->data + mask->offset,
      (gsize) mask->width * mask->height);

  return gst_structure_new ("mask",
      "x_min", G_TYPE_DOUBLE, mask->x / width,
      "y_min", G_TYPE_DOUBLE, mask->y / height,
      "x_max", G_TYPE_DOUBLE, x2 / width, "y_max", G_TYPE_DOUBLE, y2 / height,
      "width", G_TYPE_INT, (gint) mask->width,
      "height", G_TYPE_INT, (gint) mask->height,
      "data", G_TYPE_BYTES, data, NULL);
}

static GstStructure *
make_keypoints (const RyKeypoint * keypoints, guint n, const RyJob * job)
{
  GstStructure *params = gst_structure_new ("keypoints",
      "count", G_TYPE_INT, (gint) n, NULL);
  GValue points = G_VALUE_INIT;

  gst_value_array_init (&points, 3 * n);
  for (guint i = 0; i < n; i++) {
    append_double (&points, (gdouble) keypoints[i].x / job->image.width);
    append_double (&points, (gdouble) keypoints[i].y / job->image.height);
    append_double (&points, keypoints[i].confidence);
  }
  gst_structure_take_value (params, "points", &points);
  return params;
}

/* Its corners in turn, as one goes along the longer side first. */
static GstStructure *
make_oriented_box (const RyDetection * detection, const RyJob * job)
{
  static const gint sign[4][2] = { {-1, -1}, {1, -1}, {1, 1}, {-1, 1} };
  GstStructure *params = gst_structure_new ("oriented-box",
      "rotation", G_TYPE_DOUBLE, (gdouble) detection->angle, NULL);
  gdouble c = cos (detection->angle), s = sin (detection->angle);
  GValue points = G_VALUE_INIT;

  gst_value_array_init (&points, 8);
  for (guint i = 0; i < 4; i++) {
    gdouble u = sign[i][0] * detection->w / 2;
    gdouble v = sign[i][1] * detection->h / 2;

    append_double (&points, (detection->cx + u * c - v * s) / job->image.width);
    append_double (&points,
        (detection->cy + u * s + v * c) / job->image.height);
  }
  gst_structure_take_value (params, "points", &points);
  return params;
}

static GstStructure *
make_detection (const RyDetection * detection, const RyEngineInfo * info,
    const gchar * label, const RyJob * job)
{
  gdouble width = job->image.width, height = job->image.height;

  return gst_structure_new ("detection",
      "label_id", G_TYPE_INT, detection->class_id,
      "label", G_TYPE_STRING, label,
      "confidence", G_TYPE_DOUBLE, (gdouble) detection->confidence,
      "x_min", G_TYPE_DOUBLE, detection->x1 / width,
      "x_max", G_TYPE_DOUBLE, detection->x2 / width,
      "y_min", G_TYPE_DOUBLE, detection->y1 / height,
      "y_max", G_TYPE_DOUBLE, detection->y2 / height,
      "model_name", G_TYPE_STRING, info->model_name, NULL);
}

static void
attach_region (GstBuffer * buffer, const RyDetection * detection, gint id,
    const gchar * label, const RyEngineInfo * info, const RyJob * job)
{
  GstVideoRegionOfInterestMeta *region;
  GstVideoRectangle rectangle;

  gst_rknn_yolo_meta_get_pixels (detection, job, &rectangle);
  region = gst_buffer_add_video_region_of_interest_meta (buffer, label,
      rectangle.x, rectangle.y, rectangle.w, rectangle.h);
  region->id = id;
  gst_video_region_of_interest_meta_add_param (region,
      make_detection (detection, info, label, job));
  if (detection->mask.width > 0)
    gst_video_region_of_interest_meta_add_param (region,
        make_mask (&detection->mask, job));
  if (info->n_keypoints > 0)
    gst_video_region_of_interest_meta_add_param (region,
        make_keypoints (&g_array_index (job->keypoints, RyKeypoint,
                detection->first_keypoint), info->n_keypoints, job));
  if (info->task == RY_TASK_OBB)
    gst_video_region_of_interest_meta_add_param (region,
        make_oriented_box (detection, job));
}

void
gst_rknn_yolo_meta_attach (GstBuffer * buffer, RyEngine * engine,
    const RyJob * job)
{
  const GArray *detections = job->detections;
  const RyEngineInfo *info = ry_engine_get_info (engine);
  gint id = first_free_id (buffer);

#ifdef HAVE_GST_ANALYTICS
  id = MAX (id, gst_rknn_yolo_analytics_next_id (buffer));
  gst_rknn_yolo_analytics_attach (buffer, engine, job);
#endif
  for (guint i = 0; i < detections->len; i++) {
    const RyDetection *detection = &g_array_index (detections, RyDetection, i);

    attach_region (buffer, detection, id + i,
        ry_engine_get_label (engine, detection->class_id), info, job);
  }
}
