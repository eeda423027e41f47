/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "image/imagecheck.h"

#include "ryerror.h"

/* Pixels come in groups: a group of so many pixels takes so many bytes of a
 * row, and a plane has one row for every 1 << v_shift rows of pixels. */
typedef struct
{
  guint8 group_pixels, group_bytes;
} PlaneShape;

typedef struct
{
  const gchar *name;
  guint n_planes;
  PlaneShape plane[RY_MAX_PLANES];
} FormatShape;

static const FormatShape shapes[RY_N_FORMATS] = {
  [RY_FORMAT_NV12] = {"NV12", 2, {{1, 1}, {2, 2}}},
  [RY_FORMAT_NV21] = {"NV21", 2, {{1, 1}, {2, 2}}},
  [RY_FORMAT_NV16] = {"NV16", 2, {{1, 1}, {2, 2}}},
  [RY_FORMAT_I420] = {"I420", 3, {{1, 1}, {2, 1}, {2, 1}}},
  [RY_FORMAT_YV12] = {"YV12", 3, {{1, 1}, {2, 1}, {2, 1}}},
  [RY_FORMAT_YUY2] = {"YUY2", 1, {{2, 4}}},
  [RY_FORMAT_UYVY] = {"UYVY", 1, {{2, 4}}},
  [RY_FORMAT_RGB] = {"RGB", 1, {{1, 3}}},
  [RY_FORMAT_BGR] = {"BGR", 1, {{1, 3}}},
  [RY_FORMAT_RGBX] = {"RGBx", 1, {{1, 4}}},
  [RY_FORMAT_XRGB] = {"xRGB", 1, {{1, 4}}},
  [RY_FORMAT_BGRX] = {"BGRx", 1, {{1, 4}}},
  [RY_FORMAT_XBGR] = {"xBGR", 1, {{1, 4}}},
  [RY_FORMAT_GRAY8] = {"GRAY8", 1, {{1, 1}}},
};

static gboolean
size_check (const gchar * what, guint width, guint height, GError ** error)
{
  if (width >= 1 && width <= RY_IMAGE_MAX_SIZE
      && height >= 1 && height <= RY_IMAGE_MAX_SIZE)
    return TRUE;

  g_set_error (error, RY_ERROR, RY_ERROR_IMAGE,
      "The %s has a size of %ux%u pixels, but both numbers must lie between 1 "
      "and %u. Check the caps of the pipeline and scale the video before "
      "inference if it is larger.", what, width, height, RY_IMAGE_MAX_SIZE);
  return FALSE;
}

static gboolean
plane_check (const RyImage * image, guint i, GError ** error)
{
  const FormatShape *format = &shapes[image->format];
  const PlaneShape *plane = &format->plane[i];
  guint groups = (image->width + plane->group_pixels - 1) / plane->group_pixels;
  guint row = groups * plane->group_bytes;

  if (image->stride[i] < (gint) row) {
    g_set_error (error, RY_ERROR, RY_ERROR_IMAGE,
        "Plane %u of a %ux%u %s frame has a stride of %d bytes, but a row "
        "takes %u. The element before announces a wrong layout in its "
        "GstVideoMeta or caps; put videoconvert in between or report it to "
        "its authors.", i, image->width, image->height, format->name,
        image->stride[i], row);
    return FALSE;
  }
  return TRUE;
}

gboolean
ry_image_check (const RyImage * image, GError ** error)
{
  guint i;

  if ((guint) image->format >= RY_N_FORMATS
      || (guint) image->matrix > RY_MATRIX_BT2020) {
    g_set_error (error, RY_ERROR, RY_ERROR_IMAGE,
        "A frame has pixel format number %d and colour matrix number %d, "
        "which are unknown here. Put videoconvert before this element.",
        image->format, image->matrix);
    return FALSE;
  }
  if (!size_check ("frame", image->width, image->height, error))
    return FALSE;
  if (image->n_planes < shapes[image->format].n_planes) {
    g_set_error (error, RY_ERROR, RY_ERROR_IMAGE,
        "A %s frame came with %u of its %u planes. The element before hands "
        "over incomplete frames; put videoconvert in between or report it to "
        "its authors.", shapes[image->format].name, image->n_planes,
        shapes[image->format].n_planes);
    return FALSE;
  }
  for (i = 0; i < shapes[image->format].n_planes; i++) {
    if (!plane_check (image, i, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
ry_image_check_data (const RyImage * image, GError ** error)
{
  const FormatShape *format = &shapes[image->format];
  guint i;

  for (i = 0; i < format->n_planes; i++) {
    if (image->data[i] != NULL)
      continue;
    g_set_error (error, RY_ERROR, RY_ERROR_IMAGE,
        "Plane %u of a %s frame has no memory that the CPU can read. The "
        "element before must hand over memory that can be mapped; put "
        "videoconvert in between, or use a hardware path.", i, format->name);
    return FALSE;
  }
  return TRUE;
}

static gboolean
box_check (const RyLetterbox * box, const RyTarget * target,
    const RyImage * image, GError ** error)
{
  if (box->frame_width == image->width && box->frame_height == image->height
      && box->model_width == target->width
      && box->model_height == target->height
      && box->width >= 1 && box->width <= target->width
      && box->height >= 1 && box->height <= target->height
      && box->x <= target->width - box->width
      && box->y <= target->height - box->height)
    return TRUE;

  g_set_error (error, RY_ERROR, RY_ERROR_IMAGE,
      "A frame of %ux%u pixels for a model of %ux%u came with the geometry of "
      "%ux%u to %ux%u, picture %ux%u at %u,%u. The geometry must be computed "
      "anew when the caps or the model change.", image->width, image->height,
      target->width, target->height, box->frame_width, box->frame_height,
      box->model_width, box->model_height, box->width, box->height, box->x,
      box->y);
  return FALSE;
}

gboolean
ry_target_check (const RyTarget * target, const RyLetterbox * box,
    const RyImage * image, GError ** error)
{
  if (!size_check ("model's input", target->width, target->height, error))
    return FALSE;
  if ((target->channels != 1 && target->channels != 3) || target->data == NULL
      || target->stride < target->width * target->channels) {
    g_set_error (error, RY_ERROR, RY_ERROR_IMAGE,
        "The input of the model, %ux%u pixels, has %u channels and %u bytes "
        "from row to row%s. It must have 1 or 3 channels of 8 bits, and rows "
        "no shorter than their pixels; convert the model anew with such an "
        "input.", target->width, target->height, target->channels,
        target->stride, target->data == NULL ? ", but no memory" : "");
    return FALSE;
  }
  return box_check (box, target, image, error);
}
