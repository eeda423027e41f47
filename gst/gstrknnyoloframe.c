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

gboolean
gst_rknn_yolo_frame_map (GstVideoFrame * map, const GstVideoInfo * info,
    GstBuffer * buffer, RyImage * image)
{
  if (!pixel_format (GST_VIDEO_INFO_FORMAT (info), &image->format))
    return FALSE;
  /* NO_REF: the buffer must stay writable for its metas. */
  if (!gst_video_frame_map (map, info, buffer,
          GST_MAP_READ | GST_VIDEO_FRAME_MAP_FLAG_NO_REF))
    return FALSE;

  image->width = GST_VIDEO_FRAME_WIDTH (map);
  image->height = GST_VIDEO_FRAME_HEIGHT (map);
  image->n_planes = GST_VIDEO_FRAME_N_PLANES (map);
  for (guint i = 0; i < RY_MAX_PLANES; i++) {
    gboolean present = i < image->n_planes;

    image->data[i] = present ? GST_VIDEO_FRAME_PLANE_DATA (map, i) : NULL;
    image->stride[i] = present ? GST_VIDEO_FRAME_PLANE_STRIDE (map, i) : 0;
    image->fd[i] = -1;
    image->offset[i] = 0;
  }
  image->matrix = color_matrix (info);
  image->full_range =
      info->colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255;
  return TRUE;
}
