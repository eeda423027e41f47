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

/* Reads x_min and its like in pixels. */
static gboolean
rknnyolo_param_get_edges (const GstStructure * param, gint width, gint height,
    gdouble * x0, gdouble * y0, gdouble * x1, gdouble * y1)
{
  if (!gst_structure_get (param, "x_min", G_TYPE_DOUBLE, x0,
          "x_max", G_TYPE_DOUBLE, x1, "y_min", G_TYPE_DOUBLE, y0,
          "y_max", G_TYPE_DOUBLE, y1, NULL))
    return FALSE;
  *x0 *= width;
  *x1 *= width;
  *y0 *= height;
  *y1 *= height;
  return TRUE;
}

/* Takes the exact rectangle of param.  Returns FALSE if the one of the meta is
 * another. */
static gboolean
rknnyolo_detection_refine (RknnyoloDetection * self, GstBuffer * buffer,
    const GstStructure * param)
{
  gdouble x0, x1, y0, y1;
  gint width, height;

  if (!rknnyolo_buffer_get_frame_size (buffer, &width, &height)
      || !rknnyolo_param_get_edges (param, width, height, &x0, &y0, &x1, &y1)
      || !rknnyolo_edge_is_same (x0, self->x)
      || !rknnyolo_edge_is_same (y0, self->y)
      || !rknnyolo_edge_is_same (x1, self->x + self->width)
      || !rknnyolo_edge_is_same (y1, self->y + self->height))
    return FALSE;

  self->x = x0;
  self->y = y0;
  self->width = MAX (x1 - x0, 0);
  self->height = MAX (y1 - y0, 0);
  return TRUE;
}

/* The fields are unsigned, but a producer that moves a region beyond the
 * top-left corner leaves negative numbers in them. */
static void
rknnyolo_detection_set_rectangle (RknnyoloDetection * self,
    const GstVideoRegionOfInterestMeta * meta)
{
  self->x = (gint) meta->x;
  self->y = (gint) meta->y;
  self->width = MAX ((gint) meta->w, 0);
  self->height = MAX ((gint) meta->h, 0);
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

  rknnyolo_detection_set_rectangle (detection, meta);
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

/* A parameter structure whose fractions are those of this frame; its size is
 * put into width and height. */
static const GstStructure *
rknnyolo_detection_find_param (const RknnyoloDetection * detection,
    GstBuffer * buffer, const gchar * name, gint * width, gint * height)
{
  GstVideoRegionOfInterestMeta *meta = detection->meta;
  const GstStructure *param, *exact;
  RknnyoloDetection whole;

  if (meta == NULL)
    return NULL;
  param = gst_video_region_of_interest_meta_get_param (meta, name);
  if (param == NULL || !rknnyolo_buffer_get_frame_size (buffer, width, height))
    return NULL;

  exact = gst_video_region_of_interest_meta_get_param (meta, "detection");
  rknnyolo_detection_set_rectangle (&whole, meta);
  if (exact != NULL && !rknnyolo_detection_refine (&whole, buffer, exact))
    return NULL;
  return param;
}

/* The data, if they are as many bytes as the mask has. */
static GBytes *
rknnyolo_param_get_data (const GstStructure * param, gint * columns,
    gint * rows)
{
  const GValue *value = gst_structure_get_value (param, "data");
  GBytes *bytes;
  gsize size;

  if (value == NULL || !G_VALUE_HOLDS (value, G_TYPE_BYTES)
      || !gst_structure_get (param, "width", G_TYPE_INT, columns,
          "height", G_TYPE_INT, rows, NULL) || *columns < 1 || *rows < 1)
    return NULL;
  bytes = g_value_get_boxed (value);
  size = *columns;
  size *= *rows;
  return bytes != NULL && g_bytes_get_size (bytes) == size ? bytes : NULL;
}

gboolean
rknnyolo_detection_get_mask (const RknnyoloDetection * detection,
    GstBuffer * buffer, RknnyoloMask * mask)
{
  const GstStructure *param;
  gdouble x0, y0, x1, y1;
  gint width, height, columns, rows;
  GBytes *bytes;

  g_return_val_if_fail (detection != NULL && mask != NULL, FALSE);
  g_return_val_if_fail (GST_IS_BUFFER (buffer), FALSE);

  param = rknnyolo_detection_find_param (detection, buffer, "mask", &width,
      &height);
  if (param == NULL
      || !rknnyolo_param_get_edges (param, width, height, &x0, &y0, &x1, &y1))
    return FALSE;
  bytes = rknnyolo_param_get_data (param, &columns, &rows);
  /* Comparisons that NaN does not pass either. */
  if (bytes == NULL || !(x1 > x0) || !(y1 > y0) || !isfinite (x1 - x0)
      || !isfinite (y1 - y0))
    return FALSE;

  memset (mask, 0, sizeof (*mask));
  mask->x = x0;
  mask->y = y0;
  mask->width = x1 - x0;
  mask->height = y1 - y0;
  mask->columns = columns;
  mask->rows = rows;
  mask->data = g_bytes_get_data (bytes, NULL);
  mask->bytes = bytes;
  return TRUE;
}

/* The array "points", or NULL unless it has whole groups of size numbers. */
static const GValue *
rknnyolo_param_get_points (const GstStructure * param, guint size)
{
  const GValue *points = gst_structure_get_value (param, "points");

  if (points == NULL || !GST_VALUE_HOLDS_ARRAY (points)
      || gst_value_array_get_size (points) % size != 0)
    return NULL;
  return points;
}

/* NaN for what is no number. */
static gdouble
rknnyolo_points_get (const GValue * points, guint i)
{
  const GValue *value = gst_value_array_get_value (points, i);

  return G_VALUE_HOLDS_DOUBLE (value) ? g_value_get_double (value) : NAN;
}

guint
rknnyolo_detection_get_keypoints (const RknnyoloDetection * detection,
    GstBuffer * buffer, RknnyoloKeypoint * keypoints, guint n)
{
  const GstStructure *param;
  const GValue *points;
  gint width, height;
  guint i, n_points;

  g_return_val_if_fail (detection != NULL, 0);
  g_return_val_if_fail (keypoints != NULL || n == 0, 0);
  g_return_val_if_fail (GST_IS_BUFFER (buffer), 0);

  param = rknnyolo_detection_find_param (detection, buffer, "keypoints",
      &width, &height);
  points = param != NULL ? rknnyolo_param_get_points (param, 3) : NULL;
  if (points == NULL)
    return 0;

  n_points = gst_value_array_get_size (points) / 3;
  for (i = 0; i < MIN (n, n_points); i++) {
    RknnyoloKeypoint *keypoint = &keypoints[i];

    keypoint->x = rknnyolo_points_get (points, 3 * i) * width;
    keypoint->y = rknnyolo_points_get (points, 3 * i + 1) * height;
    keypoint->confidence = rknnyolo_points_get (points, 3 * i + 2);
    /* One that cannot be placed keeps its number, and nobody believes it. */
    if (!isfinite (keypoint->x) || !isfinite (keypoint->y)
        || !(keypoint->confidence >= 0))
      memset (keypoint, 0, sizeof (*keypoint));
  }
  return n_points;
}

gboolean
rknnyolo_detection_get_oriented_box (const RknnyoloDetection * detection,
    GstBuffer * buffer, RknnyoloOrientedBox * box)
{
  const GstStructure *param;
  const GValue *points;
  RknnyoloOrientedBox read;
  gint width, height;
  guint i;

  g_return_val_if_fail (detection != NULL && box != NULL, FALSE);
  g_return_val_if_fail (GST_IS_BUFFER (buffer), FALSE);

  param = rknnyolo_detection_find_param (detection, buffer, "oriented-box",
      &width, &height);
  points = param != NULL ? rknnyolo_param_get_points (param, 2) : NULL;
  if (points == NULL || gst_value_array_get_size (points) != 8)
    return FALSE;

  memset (&read, 0, sizeof (read));
  for (i = 0; i < 4; i++) {
    read.corner_x[i] = rknnyolo_points_get (points, 2 * i) * width;
    read.corner_y[i] = rknnyolo_points_get (points, 2 * i + 1) * height;
    if (!isfinite (read.corner_x[i]) || !isfinite (read.corner_y[i]))
      return FALSE;
    read.x += read.corner_x[i] / 4;
    read.y += read.corner_y[i] / 4;
  }
  /* By the corners, which are right after scaling as well. */
  read.width = hypot (read.corner_x[1] - read.corner_x[0],
      read.corner_y[1] - read.corner_y[0]);
  read.height = hypot (read.corner_x[2] - read.corner_x[1],
      read.corner_y[2] - read.corner_y[1]);
  read.rotation = atan2 (read.corner_y[1] - read.corner_y[0],
      read.corner_x[1] - read.corner_x[0]);
  if (read.rotation > G_PI_2)
    read.rotation -= G_PI;
  else if (read.rotation <= -G_PI_2)
    read.rotation += G_PI;
  *box = read;
  return TRUE;
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
