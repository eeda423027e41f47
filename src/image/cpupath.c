/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is scaled are single planes of 8 bits and pixels of 32 bits; libyuv
 * brings the other formats to that first.  Pairs of chroma samples remain pairs
 * only where UVScale () is exact: see can_scale_pairs (). */

#include "image/cpupath.h"

#include <libyuv.h>
#include <string.h>

#include "ryerror.h"
#include "image/colour.h"
#include "image/third.h"

static gboolean
reserve (RyScratch * self, gsize size, GError ** error)
{
  if (size <= self->size)
    return TRUE;

  g_free (self->data);
  self->data = g_try_malloc (size);
  self->size = self->data != NULL ? size : 0;
  if (self->data != NULL)
    return TRUE;
  g_set_error (error, RY_ERROR, RY_ERROR_IMAGE,
      "Scaling a frame takes %" G_GSIZE_FORMAT " bytes of memory, which the "
      "system does not have. Scale the video before inference, or end other "
      "programs.", size);
  return FALSE;
}

static guint
subsampled (guint size, guint shift)
{
  return (size + (1u << shift) - 1) >> shift;
}

/* The steps below change a view of pixels into that of their result. */

/* To planar 4:2:0: YUY2ToNV12 () of libyuv 1857 makes wrong chroma at the right
 * edge when the width divided by 32 leaves a rest of 17 to 30. */
static gboolean
unpack_422 (RyCpuPath * self, RyImage * view, GError ** error)
{
  gint width = view->width, height = view->height;
  gint chroma_width = subsampled (width, 1);
  gsize luma = (gsize) width * height;
  gsize chroma = (gsize) chroma_width * subsampled (height, 1);
  guint8 *y, *u, *v;

  if (!reserve (&self->unpacked, luma + 2 * chroma, error))
    return FALSE;
  y = self->unpacked.data;
  u = y + luma;
  v = u + chroma;
  if (view->format == RY_FORMAT_YUY2)
    YUY2ToI420 (view->data[0], view->stride[0], y, width, u, chroma_width, v,
        chroma_width, width, height);
  else
    UYVYToI420 (view->data[0], view->stride[0], y, width, u, chroma_width, v,
        chroma_width, width, height);
  view->format = RY_FORMAT_I420;
  view->data[0] = y;
  view->data[1] = u;
  view->data[2] = v;
  view->stride[0] = width;
  view->stride[1] = view->stride[2] = chroma_width;
  return TRUE;
}

/* Mixing rows needs no knowledge of what is in them. */
static gboolean
scale_rows (RyCpuPath * self, RyImage * view, guint plane, guint row,
    guint height, guint new_height, GError ** error)
{
  if (!reserve (&self->rows, (gsize) row * new_height, error))
    return FALSE;
  ScalePlane (view->data[plane], view->stride[plane], row, height,
      self->rows.data, row, row, new_height, kFilterBilinear);
  view->data[plane] = self->rows.data;
  view->stride[plane] = row;
  return TRUE;
}

/* 4:2:2 to 4:2:0, in pairs as it is. */
static gboolean
halve_chroma (RyCpuPath * self, RyImage * view, GError ** error)
{
  view->format = RY_FORMAT_NV12;
  return scale_rows (self, view, 1, 2 * subsampled (view->width, 1),
      view->height, subsampled (view->height, 1), error);
}

static gboolean
part_chroma (RyCpuPath * self, RyImage * view, GError ** error)
{
  gint width = subsampled (view->width, 1);
  gint height = subsampled (view->height, 1);
  gsize plane = (gsize) width * height;
  guint8 *first;

  if (!reserve (&self->unpacked, 2 * plane, error))
    return FALSE;
  first = self->unpacked.data;
  SplitUVPlane (view->data[1], view->stride[1], first, width, first + plane,
      width, width, height);
  view->format = view->format == RY_FORMAT_NV12 ? RY_FORMAT_I420
      : RY_FORMAT_YV12;
  view->data[1] = first;
  view->data[2] = first + plane;
  view->stride[1] = view->stride[2] = width;
  return TRUE;
}

static gboolean
unpack_24_bit (RyCpuPath * self, RyImage * view, GError ** error)
{
  gint stride = 4 * view->width;

  if (!reserve (&self->unpacked, (gsize) stride * view->height, error))
    return FALSE;
  RGB24ToARGB (view->data[0], view->stride[0], self->unpacked.data, stride,
      view->width, view->height);
  view->format = view->format == RY_FORMAT_RGB ? RY_FORMAT_RGBX
      : RY_FORMAT_BGRX;
  view->data[0] = self->unpacked.data;
  view->stride[0] = stride;
  return TRUE;
}

static gboolean
has_picture_size (const RyImage * view, const RyLetterbox * box)
{
  return view->width == box->width && view->height == box->height;
}

/* Scaling the rows first leaves fewer pixels to unpack.  2:1 is not worth it:
 * libyuv does both directions at once. */
static gboolean
prepare_24_bit (RyCpuPath * self, RyImage * view, const RyLetterbox * box,
    GError ** error)
{
  if (view->height > 2 * box->height) {
    if (!scale_rows (self, view, 0, 3 * view->width, view->height,
            box->height, error))
      return FALSE;
    view->height = box->height;
  }
  return has_picture_size (view, box) || unpack_24_bit (self, view, error);
}

/* UVScale () takes one sample for odd ratios and the mean of four for even
 * ones.  Else it mixes with weights that sum up to 127 / 128 (libyuv 1857),
 * which shifts all colours: scores of weak detections change by 0.05. */
static gboolean
can_scale_pairs (const RyImage * view, const RyLetterbox * box)
{
  guint width = subsampled (view->width, 1);
  guint height = subsampled (view->height, 1);
  guint to_width = subsampled (box->width, 1);
  guint to_height = subsampled (box->height, 1);

  return width % to_width == 0 && height % to_height == 0
      && width / to_width % 2 == height / to_height % 2;
}

/* Makes view one that scale () takes, or that has the size of the picture and
 * can be converted. */
static gboolean
prepare (RyCpuPath * self, RyImage * view, const RyLetterbox * box,
    gboolean luma_only, GError ** error)
{
  switch (view->format) {
    case RY_FORMAT_YUY2:
    case RY_FORMAT_UYVY:
      return unpack_422 (self, view, error);
    case RY_FORMAT_RGB:
    case RY_FORMAT_BGR:
      return prepare_24_bit (self, view, box, error);
    case RY_FORMAT_NV16:
      if (luma_only)
        return TRUE;
      if (!halve_chroma (self, view, error))
        return FALSE;
      /* fall through */
    case RY_FORMAT_NV12:
    case RY_FORMAT_NV21:
      return luma_only || has_picture_size (view, box)
          || can_scale_pairs (view, box) || part_chroma (self, view, error);
    default:
      return TRUE;
  }
}

static gboolean
is_32_bit (RyPixelFormat format)
{
  return format >= RY_FORMAT_RGBX && format <= RY_FORMAT_XBGR;
}

static gboolean
scale_pixels (RyCpuPath * self, RyImage * view, const RyLetterbox * box,
    GError ** error)
{
  gint stride = 4 * box->width;

  if (!reserve (&self->scaled, (gsize) stride * box->height, error))
    return FALSE;
  ARGBScale (view->data[0], view->stride[0], view->width, view->height,
      self->scaled.data, stride, box->width, box->height, kFilterBilinear);
  view->data[0] = self->scaled.data;
  view->stride[0] = stride;
  return TRUE;
}

static gboolean
is_semiplanar (RyPixelFormat format)
{
  return format == RY_FORMAT_NV12 || format == RY_FORMAT_NV21;
}

/* waste is memory of RY_THIRD_WASTE (). */
static void
scale_plane (RyImage * view, guint i, const RyLetterbox * box, guint8 * dst,
    guint8 * waste)
{
  guint shift = i > 0 ? 1 : 0;
  gint width = subsampled (view->width, shift);
  gint height = subsampled (view->height, shift);
  gint to_width = subsampled (box->width, shift);
  gint to_height = subsampled (box->height, shift);
  gboolean pairs = i > 0 && is_semiplanar (view->format);
  gint stride = pairs ? 2 * to_width : to_width;

  if (pairs)
    UVScale (view->data[i], view->stride[i], width, height, dst, stride,
        to_width, to_height, kFilterBilinear);
  else if (width == 3 * to_width && height == 3 * to_height)
    ry_third_plane (view->data[i], view->stride[i], dst, stride, to_width,
        to_height, waste);
  else
    ScalePlane (view->data[i], view->stride[i], width, height, dst, stride,
        to_width, to_height, kFilterBilinear);
  view->data[i] = dst;
  view->stride[i] = stride;
}

static gboolean
scale_planes (RyCpuPath * self, RyImage * view, const RyLetterbox * box,
    guint n_planes, GError ** error)
{
  gsize luma = (gsize) box->width * box->height;
  gsize chroma = (gsize) subsampled (box->width, 1)
      * subsampled (box->height, 1);
  guint i;

  if (!reserve (&self->scaled, luma + 2 * chroma + RY_THIRD_WASTE (box->width),
          error))
    return FALSE;
  for (i = 0; i < n_planes; i++)
    scale_plane (view, i, box, self->scaled.data + (i > 0 ? luma : 0)
        + (i > 1 ? chroma : 0), self->scaled.data + luma + 2 * chroma);
  return TRUE;
}

static gboolean
scale (RyCpuPath * self, RyImage * view, const RyLetterbox * box,
    gboolean luma_only, GError ** error)
{
  gboolean ok;

  if (is_32_bit (view->format))
    ok = scale_pixels (self, view, box, error);
  else if (luma_only || view->format == RY_FORMAT_GRAY8)
    ok = scale_planes (self, view, box, 1, error);
  else
    ok = scale_planes (self, view, box, is_semiplanar (view->format) ? 2 : 3,
        error);
  view->width = box->width;
  view->height = box->height;
  return ok;
}

static RyTarget
picture_in_target (const RyLetterbox * box, const RyTarget * target)
{
  RyTarget picture = *target;

  picture.data += (gsize) box->y * target->stride
      + (gsize) box->x * target->channels;
  picture.width = box->width;
  picture.height = box->height;
  return picture;
}

/* Frames that one pass over their pixels serves. */
static gboolean
is_third (const RyImage * image, const RyLetterbox * box)
{
  return is_semiplanar (image->format) && image->width == 3 * box->width
      && image->height == 3 * box->height && box->width % 2 == 0
      && box->height % 2 == 0;
}

static gboolean
shrink_to_third (RyCpuPath * self, const RyImage * image,
    const RyTarget * picture, GError ** error)
{
  if (!reserve (&self->scaled, RY_THIRD_SCRATCH (picture->width), error))
    return FALSE;
  ry_third_convert (image, picture, self->scaled.data);
  return TRUE;
}

gboolean
ry_cpu_path_run (RyCpuPath * self, const RyImage * image,
    const RyLetterbox * box, const RyTarget * target, GError ** error)
{
  RyTarget picture = picture_in_target (box, target);
  gboolean luma_only = target->channels == 1;
  RyImage view = *image;

  if (is_third (image, box) && !luma_only)
    return shrink_to_third (self, image, &picture, error);
  if (!prepare (self, &view, box, luma_only, error))
    return FALSE;
  if (!has_picture_size (&view, box)
      && !scale (self, &view, box, luma_only, error))
    return FALSE;
  ry_colour_convert (&view, &picture);
  return TRUE;
}

void
ry_cpu_path_clear (RyCpuPath * self)
{
  g_free (self->rows.data);
  g_free (self->unpacked.data);
  g_free (self->scaled.data);
  memset (self, 0, sizeof *self);
}
