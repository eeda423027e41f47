/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A frame may begin anywhere in its dma-buf and be cropped; all that is known
 * is the byte at which each of its planes begins.  RGA begins at byte 0 and is
 * given a rectangle, and the distance of the planes in rows.  So the first
 * plane's offset is taken apart into rows and columns, and the others must lie
 * where that and some number of rows put them. */

#include "image/rgaview.h"

#include "rga_api.h"
#include "ryerror.h"

typedef struct
{
  gint code;                    /* RK_FORMAT_; alpha is not looked at, and RGA3
                                 * reads no formats with X */
  guint8 pixel_bytes;           /* of the first plane */
  guint8 n_planes;
  guint8 h_shift, v_shift;      /* of the second and third */
  guint8 chroma_bytes;          /* from sample to sample there */
} Layout;

static const Layout layouts[RY_N_FORMATS] = {
  [RY_FORMAT_NV12] = {RK_FORMAT_YCbCr_420_SP, 1, 2, 1, 1, 2},
  [RY_FORMAT_NV21] = {RK_FORMAT_YCrCb_420_SP, 1, 2, 1, 1, 2},
  [RY_FORMAT_NV16] = {RK_FORMAT_YCbCr_422_SP, 1, 2, 1, 0, 2},
  [RY_FORMAT_I420] = {RK_FORMAT_YCbCr_420_P, 1, 3, 1, 1, 1},
  [RY_FORMAT_YV12] = {RK_FORMAT_YCrCb_420_P, 1, 3, 1, 1, 1},
  [RY_FORMAT_YUY2] = {RK_FORMAT_YUYV_422, 2, 1, 0, 0, 0},
  [RY_FORMAT_UYVY] = {RK_FORMAT_UYVY_422, 2, 1, 0, 0, 0},
  [RY_FORMAT_RGB] = {RK_FORMAT_RGB_888, 3, 1, 0, 0, 0},
  [RY_FORMAT_BGR] = {RK_FORMAT_BGR_888, 3, 1, 0, 0, 0},
  [RY_FORMAT_RGBX] = {RK_FORMAT_RGBA_8888, 4, 1, 0, 0, 0},
  [RY_FORMAT_XRGB] = {RK_FORMAT_ARGB_8888, 4, 1, 0, 0, 0},
  [RY_FORMAT_BGRX] = {RK_FORMAT_BGRA_8888, 4, 1, 0, 0, 0},
  [RY_FORMAT_XBGR] = {RK_FORMAT_ABGR_8888, 4, 1, 0, 0, 0},
};

static gboolean
refuse (RyRgaReason * reason, RyRgaReason why, GError ** error,
    const gchar * text)
{
  *reason = why;
  g_set_error_literal (error, RY_ERROR, RY_ERROR_RGA, text);
  return FALSE;
}

static gboolean
refuse_layout (RyRgaReason * reason, GError ** error)
{
  return refuse (reason, RY_RGA_REASON_LAYOUT, error,
      "the planes do not follow each other at whole rows in one dma-buf");
}

static gboolean
choose_colour (const RyImage * image, gint * colour, RyRgaReason * reason,
    GError ** error)
{
  *colour = 0;
  if (!ry_rga_format_is_yuv (layouts[image->format].code))
    return TRUE;
  if (image->matrix == RY_MATRIX_BT601)
    *colour = image->full_range ? IM_YUV_TO_RGB_BT601_FULL :
        IM_YUV_TO_RGB_BT601_LIMIT;
  else if (image->matrix == RY_MATRIX_BT709 && !image->full_range)
    *colour = IM_YUV_TO_RGB_BT709_LIMIT;
  if (*colour != 0)
    return TRUE;
  return refuse (reason, RY_RGA_REASON_COLORIMETRY, error,
      "RGA converts from BT.601 and from BT.709 of limited range, but the "
      "frames have another colorimetry");
}

/* Rows from the beginning of one plane to that of the next, in the stride of
 * the first; FALSE if that is no whole number. */
static gboolean
find_hstride (const RyImage * image, const Layout * layout, RyRgaArea * area)
{
  gsize stride = image->stride[0], c_stride = image->stride[1];
  gsize inside = (area->y >> layout->v_shift) * c_stride
      + (area->x >> layout->h_shift) * layout->chroma_bytes;
  gsize begin = image->offset[1];

  if (c_stride != (layout->n_planes == 3 ? stride / 2 : stride)
      || begin < inside || (begin - inside) % stride != 0
      || (begin - inside) / stride > G_MAXINT)
    return FALSE;
  area->hstride = (begin - inside) / stride;
  if (layout->n_planes == 2)
    return TRUE;
  return (gsize) image->stride[2] == c_stride
      && image->offset[2] == begin + c_stride * (area->hstride >> 1);
}

static gboolean
find_planes (const RyImage * image, const Layout * layout, RyRgaArea * area)
{
  gsize bytes = (gsize) image->stride[0];

  for (guint i = 1; i < layout->n_planes; i++) {
    if (image->memory[i] != image->memory[0] || image->fd[i] != image->fd[0])
      return FALSE;
  }
  area->hstride = area->y + area->height;
  if (layout->n_planes > 1 && !find_hstride (image, layout, area))
    return FALSE;
  bytes *= area->hstride;
  if (layout->n_planes > 1)
    bytes += (bytes >> layout->h_shift >> layout->v_shift) * 2;
  return bytes <= image->fd_size[0];
}

gboolean
ry_rga_view_image (const RyImage * image, RyRgaArea * area, gint * colour,
    RyRgaReason * reason, GError ** error)
{
  const Layout *layout = &layouts[image->format];
  gsize stride = image->stride[0];
  gsize column = image->offset[0] % stride;

  if (image->fd[0] < 0)
    return refuse (reason, RY_RGA_REASON_NO_DMABUF, error,
        "the frames do not lie in dma-bufs");
  if (layout->pixel_bytes == 0)
    return refuse (reason, RY_RGA_REASON_FORMAT, error,
        "RGA makes no colours of grey frames");
  if (stride % layout->pixel_bytes != 0)
    return refuse (reason, RY_RGA_REASON_STRIDE, error,
        "rows are no whole number of pixels apart");
  if (column % layout->pixel_bytes != 0 || image->offset[0] / stride > G_MAXINT)
    return refuse_layout (reason, error);

  area->format = layout->code;
  area->wstride = stride / layout->pixel_bytes;
  area->x = column / layout->pixel_bytes;
  area->y = image->offset[0] / stride;
  area->width = image->width;
  area->height = image->height;
  if (!find_planes (image, layout, area))
    return refuse_layout (reason, error);
  return choose_colour (image, colour, reason, error);
}

gboolean
ry_rga_view_target (const RyTarget * target, const RyLetterbox * box,
    RyRgaArea * area, RyRgaReason * reason, GError ** error)
{
  guint first = target->offset / target->stride;

  if (target->channels != 3 || target->fd < 0 || target->stride % 3 != 0
      || target->offset % target->stride != 0
      || (gsize) (first + target->height) * target->stride > target->fd_size)
    return refuse (reason, RY_RGA_REASON_TARGET, error,
        "the input of the model is no colour picture in a dma-buf");
  area->format = target->bgr ? RK_FORMAT_BGR_888 : RK_FORMAT_RGB_888;
  area->wstride = target->stride / 3;
  area->hstride = first + target->height;
  area->x = box->x;
  area->y = first + box->y;
  area->width = box->width;
  area->height = box->height;
  return TRUE;
}
