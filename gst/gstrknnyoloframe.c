/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gstrknnyoloframe.h"

#include "gstrknnyolocaps.h"
#include "gstrknnyoloimport.h"

#include <gst/allocators/gstdmabuf.h>

#include "ryerror.h"

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

gboolean
gst_rknn_yolo_frame_supports (GstVideoFormat format)
{
  RyPixelFormat unused;

  return pixel_format (format, &unused);
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

static gboolean
refuse (GError ** error, const gchar * format, ...)
{
  va_list args;

  va_start (args, format);
  if (error)
    *error = g_error_new_valist (RY_ERROR, RY_ERROR_IMAGE, format, args);
  va_end (args);
  return FALSE;
}

/* Where the picture begins in the frame that is in memory; FALSE when it does
 * not lie within that frame.  The caps give the size of the picture, a
 * GstVideoMeta that of the frame, which may be larger (1088 lines for 1080),
 * a GstVideoCropMeta its place. */
static gboolean
find_picture (GstBuffer * buffer, const GstVideoInfo * info, guint * x,
    guint * y, GError ** error)
{
  const GstVideoMeta *frame = gst_buffer_get_video_meta (buffer);
  const GstVideoCropMeta *crop = gst_buffer_get_video_crop_meta (buffer);
  guint width = frame ? frame->width : (guint) GST_VIDEO_INFO_WIDTH (info);
  guint height = frame ? frame->height : (guint) GST_VIDEO_INFO_HEIGHT (info);

  if (frame && (!gst_rknn_yolo_meta_has_format (frame,
              GST_VIDEO_INFO_FORMAT (info))
          || frame->n_planes != GST_VIDEO_INFO_N_PLANES (info)))
    return refuse (error, "Its GstVideoMeta tells of %u planes of %s, but the "
        "caps are %s.", frame->n_planes,
        gst_video_format_to_string (frame->format), GST_VIDEO_INFO_NAME (info));
  *x = crop ? crop->x : 0;
  *y = crop ? crop->y : 0;
  if (*x <= width && *y <= height
      && (guint) GST_VIDEO_INFO_WIDTH (info) <= width - *x
      && (guint) GST_VIDEO_INFO_HEIGHT (info) <= height - *y)
    return TRUE;
  return refuse (error, "Its metas tell of a frame of %ux%u that is cropped at "
      "%u,%u, but the caps are %dx%d.", width, height, *x, *y,
      GST_VIDEO_INFO_WIDTH (info), GST_VIDEO_INFO_HEIGHT (info));
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

/* Notes which dma-buf has bytes of buffer from offset on, if one has; FALSE if
 * buffer does not have them.  A GstVideoMeta is believed only as far as memory
 * goes, and its planes lie in one memory each. */
static gboolean
locate_plane (GstBuffer * buffer, guint plane, guint64 offset, guint64 bytes,
    RyImage * image)
{
  const gboolean has_meta = gst_buffer_get_video_meta (buffer) != NULL;
  GstMemory *memory;
  guint index, n;
  gsize skip;

  image->fd[plane] = -1;
  image->offset[plane] = image->fd_size[plane] = 0;
  image->memory[plane] = NULL;
  if (offset > G_MAXSSIZE || bytes > G_MAXSSIZE
      || !gst_buffer_find_memory (buffer, offset, bytes, &index, &n, &skip)
      || (has_meta && n != 1))
    return FALSE;
  memory = gst_buffer_peek_memory (buffer, index);
  if (n != 1 || !gst_is_dmabuf_memory (memory))
    return TRUE;

  image->fd[plane] = gst_dmabuf_memory_get_fd (memory);
  image->offset[plane] = memory->offset + skip;
  /* A part of a memory comes and goes with its buffer. */
  while (memory->parent)
    memory = memory->parent;
  image->fd_size[plane] = memory->maxsize;
  image->memory[plane] = memory;
  return TRUE;
}

/* Who maps planes in a way of his own answers for where they lie.  GStreamer
 * does not say which way is its own, but gives it to every new meta. */
static gboolean
maps_its_own_way (GstBuffer * buffer)
{
  const GstVideoMeta *meta = gst_buffer_get_video_meta (buffer);
  GstBuffer *other;
  gboolean differs;

  if (!meta)
    return FALSE;
  other = gst_buffer_new ();
  differs = meta->map != gst_buffer_add_video_meta (other,
      GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_FORMAT_GRAY8, 1, 1)->map;
  gst_buffer_unref (other);
  return differs;
}

static gboolean
view_plane (GstRknnYoloView * self, const GstVideoInfo * info, guint plane,
    guint x, guint y, RyImage * image, GError ** error)
{
  const GstVideoFormatInfo *finfo = info->finfo;
  const GstVideoMeta *meta = gst_buffer_get_video_meta (self->buffer);
  guint c = widest_component (finfo, plane);
  gint stride = meta ? meta->stride[plane] :
      GST_VIDEO_INFO_PLANE_STRIDE (info, plane);
  guint64 offset = meta ? meta->offset[plane] :
      GST_VIDEO_INFO_PLANE_OFFSET (info, plane);
  gint pixel = GST_VIDEO_FORMAT_INFO_PSTRIDE (finfo, c);
  guint64 columns = GST_VIDEO_FORMAT_INFO_SCALE_WIDTH (finfo, c, image->width);
  guint64 rows = GST_VIDEO_FORMAT_INFO_SCALE_HEIGHT (finfo, c, image->height);
  guint64 skip;

  if (stride < 0)
    return refuse (error, "Plane %u has a stride of %d bytes.", plane, stride);
  skip = (guint64) (y >> GST_VIDEO_FORMAT_INFO_H_SUB (finfo, c)) * stride
      + (guint64) (x >> GST_VIDEO_FORMAT_INFO_W_SUB (finfo, c)) * pixel;
  image->data[plane] = NULL;
  image->stride[plane] = stride;
  self->skip[plane] = meta ? skip : offset + skip;
  if (locate_plane (self->buffer, plane, offset + skip,
          (rows - 1) * stride + columns * pixel, image)
      || maps_its_own_way (self->buffer))
    return TRUE;
  return refuse (error, "Plane %u needs %" G_GUINT64_FORMAT " rows of %d bytes "
      "from byte %" G_GUINT64_FORMAT " on, which is more than there is in the "
      "%" G_GSIZE_FORMAT " bytes of its %u memories.", plane, rows, stride,
      offset + skip, gst_buffer_get_size (self->buffer),
      gst_buffer_n_memory (self->buffer));
}

/* ---- mapping, in the engine's threads ------------------------------------- */

static void
unmap_image (RyImage * image)
{
  GstRknnYoloView *self = image->access_data;
  GstVideoMeta *meta = gst_buffer_get_video_meta (self->buffer);

  for (guint i = 0; i < self->n_maps; i++) {
    if (meta)
      gst_video_meta_unmap (meta, i, &self->maps[i]);
    else
      gst_buffer_unmap (self->buffer, &self->maps[i]);
  }
  self->n_maps = 0;
  gst_buffer_unref (self->buffer);
}

static gboolean
map_planes (GstRknnYoloView * self, GstVideoMeta * meta, RyImage * image)
{
  for (guint i = 0; i < image->n_planes; i++) {
    gpointer data;
    gint stride;

    if (!gst_video_meta_map (meta, i, &self->maps[i], &data, &stride,
            GST_MAP_READ))
      return FALSE;
    self->n_maps++;
    image->data[i] = (guint8 *) data + self->skip[i];
    image->stride[i] = stride;
  }
  return TRUE;
}

static gboolean
map_whole (GstRknnYoloView * self, RyImage * image)
{
  if (!gst_buffer_map (self->buffer, &self->maps[0], GST_MAP_READ))
    return FALSE;
  self->n_maps = 1;
  for (guint i = 0; i < image->n_planes; i++)
    image->data[i] = self->maps[0].data + self->skip[i];
  return TRUE;
}

/* GstDmaBufAllocator brackets what it maps with DMA_BUF_IOCTL_SYNC. */
static gboolean
map_image (RyImage * image, GError ** error)
{
  GstRknnYoloView *self = image->access_data;
  GstVideoMeta *meta = gst_buffer_get_video_meta (self->buffer);

  /* One that has two owners is not written to: several memories are mapped as
   * one beside it instead of becoming one in it. */
  gst_buffer_ref (self->buffer);
  self->n_maps = 0;
  if (meta ? map_planes (self, meta, image) : map_whole (self, image))
    return TRUE;
  unmap_image (image);
  return refuse (error, "Its memory cannot be mapped for the CPU.");
}

static const RyImageAccess frame_access = {
  map_image, unmap_image, gst_rknn_yolo_import
};

gboolean
gst_rknn_yolo_frame_view (GstRknnYoloView * self, const GstVideoInfo * info,
    GstBuffer * buffer, RyImage * image, GError ** error)
{
  guint x = 0, y = 0;

  if (!pixel_format (GST_VIDEO_INFO_FORMAT (info), &image->format))
    return refuse (error, "Its format is %s, which is not known here.",
        GST_VIDEO_INFO_NAME (info));
  if (!find_picture (buffer, info, &x, &y, error))
    return FALSE;
  self->buffer = buffer;
  image->access = &frame_access;
  image->access_data = self;
  image->width = GST_VIDEO_INFO_WIDTH (info);
  image->height = GST_VIDEO_INFO_HEIGHT (info);
  image->n_planes = GST_VIDEO_INFO_N_PLANES (info);
  image->matrix = color_matrix (info);
  image->full_range = info->colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255;
  for (guint i = 0; i < image->n_planes; i++) {
    if (!view_plane (self, info, i, x, y, image, error))
      return FALSE;
  }
  return TRUE;
}
