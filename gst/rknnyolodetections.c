/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "rknnyoloframeinfo.h"

#include <math.h>

#include <gst/video/video.h>

/* A whole-number rectangle was made from the exact one by rounding, whichever
 * way; further apart than this, the two speak of different things. */
#define SAME_EDGE 1.5

static GstStructure *
rknnyolo_buffer_get_frame_structure (GstBuffer * buffer)
{
  const GstMetaInfo *info = rknnyolo_frame_meta_register ();
  GstMeta *meta;

  if (info == NULL)
    return NULL;
  meta = gst_buffer_get_meta (buffer, info->api);
  return meta != NULL ?
      gst_custom_meta_get_structure ((GstCustomMeta *) meta) : NULL;
}

static GstStructure *
rknnyolo_buffer_ensure_frame_structure (GstBuffer * buffer)
{
  GstStructure *structure = rknnyolo_buffer_get_frame_structure (buffer);
  GstCustomMeta *meta;

  if (structure != NULL || rknnyolo_frame_meta_register () == NULL)
    return structure;
  meta = gst_buffer_add_custom_meta (buffer, RKNNYOLO_FRAME_META_NAME);
  return meta != NULL ? gst_custom_meta_get_structure (meta) : NULL;
}

/* Without a function of its own a custom meta is lost when a frame is scaled,
 * or, if it had no tags either, copied along with the size it no longer has.
 * Field by field, so that fields of later versions travel too. */
static gboolean
rknnyolo_frame_meta_transform (GstBuffer * dest, GstCustomMeta * source,
    GstBuffer * buffer, GQuark type, gpointer data, gpointer user_data)
{
  GstStructure *from = gst_custom_meta_get_structure (source);
  GstStructure *to;
  gint i;

  if (!GST_META_TRANSFORM_IS_COPY (type)
      && !GST_VIDEO_META_TRANSFORM_IS_SCALE (type))
    return FALSE;

  to = rknnyolo_buffer_ensure_frame_structure (dest);
  if (to == NULL)
    return FALSE;
  for (i = 0; i < gst_structure_n_fields (from); i++) {
    const gchar *name = gst_structure_nth_field_name (from, i);

    gst_structure_set_value (to, name, gst_structure_get_value (from, name));
  }

  if (GST_VIDEO_META_TRANSFORM_IS_SCALE (type)) {
    const GstVideoMetaTransform *sizes = data;

    gst_structure_set (to,
        "width", G_TYPE_INT, GST_VIDEO_INFO_WIDTH (sizes->out_info),
        "height", G_TYPE_INT, GST_VIDEO_INFO_HEIGHT (sizes->out_info), NULL);
  }
  return TRUE;
}

const GstMetaInfo *
rknnyolo_frame_meta_register (void)
{
  static const gchar *tags[] = {
    GST_META_TAG_VIDEO_STR, GST_META_TAG_VIDEO_SIZE_STR, NULL
  };
  static gsize registered = 0;

  if (g_once_init_enter (&registered)) {
    /* The plugin and the library for applications both carry this function
     * and may meet in one process. */
    const GstMetaInfo *info = gst_meta_get_info (RKNNYOLO_FRAME_META_NAME);

    if (info == NULL)
      info = gst_meta_register_custom (RKNNYOLO_FRAME_META_NAME, tags,
          rknnyolo_frame_meta_transform, NULL, NULL);
    if (info != NULL && !gst_meta_info_is_custom (info))
      info = NULL;
    g_once_init_leave (&registered, info != NULL ? (gsize) info : 1);
  }

  return registered == 1 ? NULL : (const GstMetaInfo *) registered;
}

/* The size to which x_min and its like refer. */
static gboolean
rknnyolo_buffer_get_frame_size (GstBuffer * buffer, gint * width, gint * height)
{
  GstStructure *structure = rknnyolo_buffer_get_frame_structure (buffer);
  GstVideoMeta *video;

  if (structure != NULL && gst_structure_get (structure,
          "width", G_TYPE_INT, width, "height", G_TYPE_INT, height, NULL)
      && *width > 0 && *height > 0)
    return TRUE;

  video = gst_buffer_get_video_meta (buffer);
  if (video == NULL)
    return FALSE;
  *width = video->width;
  *height = video->height;
  return TRUE;
}

static gboolean
rknnyolo_edge_is_same (gdouble exact, gdouble whole)
{
  /* Written so that NaN is not the same as anything. */
  return fabs (exact - whole) <= SAME_EDGE;
}

static void
rknnyolo_detection_refine (RknnyoloDetection * self, GstBuffer * buffer,
    const GstStructure * param)
{
  gdouble x0, x1, y0, y1;
  gint width, height;

  if (!gst_structure_get (param, "x_min", G_TYPE_DOUBLE, &x0,
          "x_max", G_TYPE_DOUBLE, &x1, "y_min", G_TYPE_DOUBLE, &y0,
          "y_max", G_TYPE_DOUBLE, &y1, NULL))
    return;
  if (!rknnyolo_buffer_get_frame_size (buffer, &width, &height))
    return;

  x0 *= width;
  x1 *= width;
  y0 *= height;
  y1 *= height;
  if (!rknnyolo_edge_is_same (x0, self->x)
      || !rknnyolo_edge_is_same (y0, self->y)
      || !rknnyolo_edge_is_same (x1, self->x + self->width)
      || !rknnyolo_edge_is_same (y1, self->y + self->height))
    return;

  self->x = x0;
  self->y = y0;
  self->width = MAX (x1 - x0, 0);
  self->height = MAX (y1 - y0, 0);
}

gboolean
rknnyolo_buffer_next_detection (GstBuffer * buffer, gpointer * state,
    RknnyoloDetection * detection)
{
  GstVideoRegionOfInterestMeta *meta;
  const GstStructure *param;
  gdouble confidence;

  g_return_val_if_fail (GST_IS_BUFFER (buffer), FALSE);
  g_return_val_if_fail (state != NULL && detection != NULL, FALSE);

  meta = (GstVideoRegionOfInterestMeta *)
      gst_buffer_iterate_meta_filtered (buffer, state,
      GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE);
  if (meta == NULL)
    return FALSE;

  memset (detection, 0, sizeof (*detection));
  detection->id = meta->id;
  detection->class_id = -1;
  detection->label = g_quark_to_string (meta->roi_type);
  if (detection->label == NULL)
    detection->label = "";
  detection->confidence = -1;
  detection->meta = meta;

  /* The fields are unsigned, but a producer that moves a region beyond the
   * top-left corner leaves negative numbers in them. */
  detection->x = (gint) meta->x;
  detection->y = (gint) meta->y;
  detection->width = MAX ((gint) meta->w, 0);
  detection->height = MAX ((gint) meta->h, 0);

  param = gst_video_region_of_interest_meta_get_param (meta, "detection");
  if (param != NULL) {
    gst_structure_get_int (param, "label_id", &detection->class_id);
    if (gst_structure_get_double (param, "confidence", &confidence)
        && confidence >= 0)
      detection->confidence = confidence;
    rknnyolo_detection_refine (detection, buffer, param);
  }

  return TRUE;
}

guint
rknnyolo_buffer_count_detections (GstBuffer * buffer)
{
  g_return_val_if_fail (GST_IS_BUFFER (buffer), 0);

  return gst_buffer_get_n_meta (buffer,
      GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE);
}

gboolean
rknnyolo_buffer_get_frame_info (GstBuffer * buffer, RknnyoloFrameInfo * info)
{
  GstStructure *structure;

  g_return_val_if_fail (GST_IS_BUFFER (buffer), FALSE);
  g_return_val_if_fail (info != NULL, FALSE);

  structure = rknnyolo_buffer_get_frame_structure (buffer);
  if (structure == NULL)
    return FALSE;

  memset (info, 0, sizeof (*info));
  info->core = -1;
  gst_structure_get_uint64 (structure, "frame", &info->frame);
  gst_structure_get_boolean (structure, "inferred", &info->inferred);
  gst_structure_get_int (structure, "core", &info->core);
  gst_structure_get_uint (structure, "cores", &info->cores);
  gst_structure_get_uint64 (structure, "skipped", &info->skipped);
  gst_structure_get_uint64 (structure, "inference-time", &info->inference_time);
  info->model = gst_structure_get_string (structure, "model");
  gst_structure_get_int (structure, "width", &info->width);
  gst_structure_get_int (structure, "height", &info->height);
  return TRUE;
}

void
rknnyolo_buffer_set_frame_info (GstBuffer * buffer,
    const RknnyoloFrameInfo * info)
{
  GstStructure *structure;

  g_return_if_fail (GST_IS_BUFFER (buffer));
  g_return_if_fail (gst_buffer_is_writable (buffer));
  g_return_if_fail (info != NULL);

  structure = rknnyolo_buffer_ensure_frame_structure (buffer);
  if (structure == NULL)
    return;

  gst_structure_set (structure,
      "frame", G_TYPE_UINT64, info->frame,
      "inferred", G_TYPE_BOOLEAN, info->inferred,
      "core", G_TYPE_INT, info->core,
      "cores", G_TYPE_UINT, info->cores,
      "skipped", G_TYPE_UINT64, info->skipped,
      "inference-time", G_TYPE_UINT64, info->inference_time,
      "model", G_TYPE_STRING, info->model,
      "width", G_TYPE_INT, info->width,
      "height", G_TYPE_INT, info->height, NULL);
}
