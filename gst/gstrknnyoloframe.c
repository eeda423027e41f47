/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gstrknnyoloframe.h"

static gboolean
pixel_format (GstVideoFormat format, RyPixelFormat * result)
{
  static const struct
  {
    GstVideoFormat gst;
    RyPixelFormat ry;
  } formats[] = {
    {GST_VIDEO_FORMAT_NV12, RY_FORMAT_NV12},
    {GST_VIDEO_FORMAT_NV21, RY_FORMAT_NV21},
    {GST_VIDEO_FORMAT_NV16, RY_FORMAT_NV16},
    {GST_VIDEO_FORMAT_I420, RY_FORMAT_I420},
    {GST_VIDEO_FORMAT_YV12, RY_FORMAT_YV12},
    {GST_VIDEO_FORMAT_YUY2, RY_FORMAT_YUY2},
    {GST_VIDEO_FORMAT_UYVY, RY_FORMAT_UYVY},
    {GST_VIDEO_FORMAT_RGB, RY_FORMAT_RGB},
    {GST_VIDEO_FORMAT_BGR, RY_FORMAT_BGR},
    {GST_VIDEO_FORMAT_RGBx, RY_FORMAT_RGBX},
    {GST_VIDEO_FORMAT_RGBA, RY_FORMAT_RGBX},
    {GST_VIDEO_FORMAT_xRGB, RY_FORMAT_XRGB},
    {GST_VIDEO_FORMAT_ARGB, RY_FORMAT_XRGB},
    {GST_VIDEO_FORMAT_BGRx, RY_FORMAT_BGRX},
    {GST_VIDEO_FORMAT_BGRA, RY_FORMAT_BGRX},
    {GST_VIDEO_FORMAT_xBGR, RY_FORMAT_XBGR},
    {GST_VIDEO_FORMAT_ABGR, RY_FORMAT_XBGR},
    {GST_VIDEO_FORMAT_GRAY8, RY_FORMAT_GRAY8},
  };

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++) {
    if (formats[i].gst == format) {
      *result = formats[i].ry;
      return TRUE;
    }
  }
  return FALSE;
}

static RyColorMatrix
color_matrix (const GstVideoInfo * info)
{
  switch (info->colorimetry.matrix) {
    case GST_VIDEO_COLOR_MATRIX_BT709:
    case GST_VIDEO_COLOR_MATRIX_SMPTE240M:
      return RY_MATRIX_BT709;
    case GST_VIDEO_COLOR_MATRIX_BT2020:
      return RY_MATRIX_BT2020;
    default:
      return RY_MATRIX_BT601;
  }
}

/* Where the picture begins in the frame that is in memory; FALSE when it does
 * not lie within that frame.  The caps give the size of the picture, a
 * GstVideoMeta that of the frame, which may be larger (1088 lines for 1080),
 * a GstVideoCropMeta its place. */
static gboolean
find_picture (GstBuffer * buffer, const GstVideoInfo * info, guint * x,
    guint * y)
{
  const GstVideoMeta *frame = gst_buffer_get_video_meta (buffer);
  const GstVideoCropMeta *crop = gst_buffer_get_video_crop_meta (buffer);
  guint width = frame ? frame->width : (guint) GST_VIDEO_INFO_WIDTH (info);
  guint height = frame ? frame->height : (guint) GST_VIDEO_INFO_HEIGHT (info);

  if (frame && frame->format != GST_VIDEO_INFO_FORMAT (info))
    return FALSE;
  *x = crop ? crop->x : 0;
  *y = crop ? crop->y : 0;
  return *x <= width && *y <= height
      && (guint) GST_VIDEO_INFO_WIDTH (info) <= width - *x
      && (guint) GST_VIDEO_INFO_HEIGHT (info) <= height - *y;
}

/* The component of plane whose pixels are the widest: its units are those in
 * which a packed format can be entered. */
static guint
widest_component (const GstVideoFormatInfo * finfo, guint plane)
{
  guint widest = 0, width = 0;

  for (guint c = 0; c < GST_VIDEO_FORMAT_INFO_N_COMPONENTS (finfo); c++) {
    if (GST_VIDEO_FORMAT_INFO_PLANE (finfo, c) == plane
        && GST_VIDEO_FORMAT_INFO_W_SUB (finfo, c) + 1 > width) {
      widest = c;
      width = GST_VIDEO_FORMAT_INFO_W_SUB (finfo, c) + 1;
    }
  }
  return widest;
}

/* A GstVideoMeta is believed only as far as memory goes; gst_video_frame_map
 * does not compare the two. */
static gboolean
plane_is_inside (const GstVideoFrame * map, guint plane, const guint8 * data,
    gsize size)
{
  const GstMapInfo *memory = &map->map[map->meta ? plane : 0];

  /* Who maps planes in a way of his own answers for them. */
  if (data < memory->data || data > memory->data + memory->size)
    return map->meta != NULL;
  return size <= (gsize) (memory->data + memory->size - data);
}

static gboolean
view_plane (const GstVideoFrame * map, const GstVideoInfo * info, guint plane,
    guint x, guint y, RyImage * image)
{
  const GstVideoFormatInfo *finfo = info->finfo;
  guint c = widest_component (finfo, plane);
  gint stride = GST_VIDEO_FRAME_PLANE_STRIDE (map, plane);
  gint pixel = GST_VIDEO_FORMAT_INFO_PSTRIDE (finfo, c);
  gsize columns = GST_VIDEO_FORMAT_INFO_SCALE_WIDTH (finfo, c, image->width);
  gsize rows = GST_VIDEO_FORMAT_INFO_SCALE_HEIGHT (finfo, c, image->height);
  gsize offset;

  if (stride < 0)
    return FALSE;
  offset = (gsize) (y >> GST_VIDEO_FORMAT_INFO_H_SUB (finfo, c)) * stride
      + (gsize) (x >> GST_VIDEO_FORMAT_INFO_W_SUB (finfo, c)) * pixel;
  image->data[plane] =
      (guint8 *) GST_VIDEO_FRAME_PLANE_DATA (map, plane) + offset;
  image->stride[plane] = stride;
  image->fd[plane] = -1;
  image->offset[plane] = 0;
  return plane_is_inside (map, plane, image->data[plane],
      (rows - 1) * stride + columns * pixel);
}

static gboolean
view_planes (const GstVideoFrame * map, const GstVideoInfo * info, guint x,
    guint y, RyImage * image)
{
  image->width = GST_VIDEO_INFO_WIDTH (info);
  image->height = GST_VIDEO_INFO_HEIGHT (info);
  image->n_planes = GST_VIDEO_INFO_N_PLANES (info);
  image->matrix = color_matrix (info);
  image->full_range = info->colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255;
  for (guint i = 0; i < image->n_planes; i++) {
    if (!view_plane (map, info, i, x, y, image))
      return FALSE;
  }
  return TRUE;
}

gboolean
gst_rknn_yolo_frame_map (GstVideoFrame * map, const GstVideoInfo * info,
    GstBuffer * buffer, RyImage * image)
{
  guint x, y;

  if (!pixel_format (GST_VIDEO_INFO_FORMAT (info), &image->format)
      || !find_picture (buffer, info, &x, &y))
    return FALSE;
  /* NO_REF: the buffer must stay writable for its metas. */
  if (!gst_video_frame_map (map, info, buffer,
          GST_MAP_READ | GST_VIDEO_FRAME_MAP_FLAG_NO_REF))
    return FALSE;
  if (!view_planes (map, info, x, y, image)) {
    gst_video_frame_unmap (map);
    return FALSE;
  }
  return TRUE;
}
