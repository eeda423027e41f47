/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The checks of librga 1.10 in its order, with its results; and of the kernel
 * driver what decides between cores. */

#include "rules.h"

#include "log.h"
#include "picture.h"

static gboolean
is_rect_given (const im_rect * rect)
{
  return rect->x > 0 || rect->y > 0 || (rect->width > 0 && rect->height > 0);
}

/* A rectangle that is given is the picture from then on. */
static void
apply_rect (rga_buffer_t * picture, im_rect * rect)
{
  if (is_rect_given (rect)) {
    picture->width = rect->width;
    picture->height = rect->height;
  } else {
    rect->width = picture->width;
    rect->height = picture->height;
  }
}

/* The limits of a device are the best of its cores, its stride the strictest. */
static RyRgaCore
merge_cores (const RyRgaDevice * device)
{
  RyRgaCore all = *device->cores[0];
  const RyRgaCore *other = device->cores[1];

  if (other == NULL)
    return all;
  all.byte_stride = MAX (all.byte_stride, other->byte_stride);
  all.max_scale = MAX (all.max_scale, other->max_scale);
  all.max_input = MAX (all.max_input, other->max_input);
  all.max_output = MAX (all.max_output, other->max_output);
  all.planar |= other->planar;
  all.grey |= other->grey;
  return all;
}

static IM_STATUS
check_size (const gchar * name, const rga_buffer_t * picture,
    const im_rect * rect, gint limit)
{
  if (picture->width < 2 || picture->height < 2 || rect->x < 0 || rect->y < 0) {
    ry_log_error ("%s: %dx%d at %d,%d is no picture of at least 2x2 pixels",
        name, picture->width, picture->height, rect->x, rect->y);
    return IM_STATUS_ILLEGAL_PARAM;
  }
  if (picture->wstride < picture->width || picture->hstride < picture->height
      || rect->x == 1 || rect->y == 1
      || rect->x > picture->wstride - rect->width
      || rect->y > picture->hstride - rect->height) {
    ry_log_error ("%s: %dx%d at %d,%d does not fit into strides of %dx%d, or "
        "begins at 1", name, rect->width, rect->height, rect->x, rect->y,
        picture->wstride, picture->hstride);
    return IM_STATUS_INVALID_PARAM;
  }
  if (picture->width > limit || picture->height > limit) {
    ry_log_error ("%s: %dx%d is more than %d", name, picture->width,
        picture->height, limit);
    return IM_STATUS_NOT_SUPPORTED;
  }
  return IM_STATUS_NOERROR;
}

static gboolean
is_odd (gint a, gint b, gint c, gint d)
{
  return (a | b | c | d) & 1;
}

static IM_STATUS
check_format (const gchar * name, const rga_buffer_t * picture,
    const im_rect * rect, const RyRgaCore * limits, gboolean is_output)
{
  const RyRgaFormat *format = ry_rga_format_get (picture->format);

  if (format == NULL || (format->planar && !limits->planar)
      || (format->grey && !limits->grey) || (is_output && !format->output)) {
    ry_log_error ("%s: format 0x%x is not supported", name, picture->format);
    return IM_STATUS_NOT_SUPPORTED;
  }
  if (format->yuv && (is_odd (rect->x, rect->y, rect->width, rect->height)
          || is_odd (picture->wstride, picture->hstride, 0, 0))) {
    ry_log_error ("%s: YUV pictures need even numbers, not %dx%d at %d,%d with "
        "strides of %dx%d", name, rect->width, rect->height, rect->x, rect->y,
        picture->wstride, picture->hstride);
    return IM_STATUS_INVALID_PARAM;
  }
  if ((guint64) picture->wstride * format->bits % (limits->byte_stride * 8)) {
    ry_log_error ("%s: a stride of %d pixels is no multiple of %u bytes", name,
        picture->wstride, limits->byte_stride);
    return IM_STATUS_NOT_SUPPORTED;
  }
  return IM_STATUS_NOERROR;
}

static gboolean
is_scale_within (const rga_buffer_t * src, const rga_buffer_t * dst,
    guint limit)
{
  gint n = limit;

  return src->width <= n * dst->width && src->height <= n * dst->height
      && dst->width <= n * src->width && dst->height <= n * src->height;
}

static gboolean
is_colour_known (const rga_buffer_t * src, const rga_buffer_t * dst)
{
  return !ry_rga_format_get (src->format)->yuv || (dst->color_space_mode >= 0
      && dst->color_space_mode <= IM_YUV_TO_RGB_BT709_LIMIT);
}

IM_STATUS
ry_rga_rules_check (const RyRgaDevice * device, rga_buffer_t * src,
    im_rect * src_rect, rga_buffer_t * dst, im_rect * dst_rect)
{
  RyRgaCore limits = merge_cores (device);
  IM_STATUS status;

  apply_rect (src, src_rect);
  apply_rect (dst, dst_rect);
  if ((status = check_size ("src", src, src_rect, limits.max_input)) < 0
      || (status = check_format ("src", src, src_rect, &limits, FALSE)) < 0
      || (status = check_size ("dst", dst, dst_rect, limits.max_output)) < 0
      || (status = check_format ("dst", dst, dst_rect, &limits, TRUE)) < 0)
    return status;
  if (!is_scale_within (src, dst, limits.max_scale)) {
    ry_log_error ("%dx%d to %dx%d is more than %u times", src->width,
        src->height, dst->width, dst->height, limits.max_scale);
    return IM_STATUS_NOT_SUPPORTED;
  }
  if (!is_colour_known (src, dst)) {
    ry_log_error ("colour space mode %d is not supported",
        dst->color_space_mode);
    return IM_STATUS_NOT_SUPPORTED;
  }
  return IM_STATUS_NOERROR;
}

static gboolean
can_do (const RyRgaCore * core, const rga_buffer_t * src,
    const rga_buffer_t * dst, gboolean above_4g)
{
  const RyRgaFormat *format = ry_rga_format_get (src->format);

  return (core->above_4g || !above_4g)
      && (core->planar || !format->planar) && (core->grey || !format->grey)
      && is_scale_within (src, dst, core->max_scale)
      && src->width >= core->min_width && src->height >= core->min_height
      && dst->width >= core->min_width && dst->height >= core->min_height
      && MAX (src->width, src->height) <= core->max_input
      && MAX (dst->width, dst->height) <= core->max_output;
}

const RyRgaCore *
ry_rga_rules_choose (const RyRgaDevice * device, guint mask,
    const rga_buffer_t * src, const rga_buffer_t * dst, gboolean above_4g)
{
  for (guint i = 0; i < G_N_ELEMENTS (device->cores); i++) {
    const RyRgaCore *core = device->cores[i];

    if (core != NULL && (mask == 0 || mask & core->mask)
        && can_do (core, src, dst, above_4g))
      return core;
  }
  ry_log_error ("no core of the %s in the mask %u can do %dx%d of format 0x%x "
      "to %dx%d%s", device->soc, mask, src->width, src->height, src->format,
      dst->width, dst->height, above_4g ? " in memory above 4 GB" : "");
  return NULL;
}
