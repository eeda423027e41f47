/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Samples are taken at the middle of their pixels: output pixel i of n lies at
 * (i + 0.5) * m / n - 0.5 of m samples, for chroma as for luma.  Colours are by
 * ITU-R BT.601 and BT.709, from their Kr and Kb. */

#include "picture.h"

#include <math.h>

typedef struct
{
  const guint8 *data;           /* the first sample of the rectangle */
  gsize stride;
  guint step;                   /* bytes from sample to sample */
  gint width, height;           /* samples */
} Component;

typedef struct
{
  gint at, next;                /* bytes or rows */
  gfloat weight;                /* of next */
} Tap;

typedef struct
{
  gfloat y_offset, y, r_v, g_u, g_v, b_u;
} Matrix;

#define RGB(bits) {bits, FALSE, 0, 0, FALSE, FALSE, TRUE}

static const struct
{
  gint code;
  RyRgaFormat format;
} formats[] = {
  {RK_FORMAT_RGB_888, RGB (24)},
  {RK_FORMAT_BGR_888, RGB (24)},
  {RK_FORMAT_RGBA_8888, RGB (32)},
  {RK_FORMAT_RGBX_8888, RGB (32)},
  {RK_FORMAT_BGRA_8888, RGB (32)},
  {RK_FORMAT_BGRX_8888, RGB (32)},
  {RK_FORMAT_ARGB_8888, RGB (32)},
  {RK_FORMAT_XRGB_8888, RGB (32)},
  {RK_FORMAT_ABGR_8888, RGB (32)},
  {RK_FORMAT_XBGR_8888, RGB (32)},
  {RK_FORMAT_YCbCr_420_SP, {8, TRUE, 1, 1, FALSE, FALSE, FALSE}},
  {RK_FORMAT_YCrCb_420_SP, {8, TRUE, 1, 1, FALSE, FALSE, FALSE}},
  {RK_FORMAT_YCbCr_422_SP, {8, TRUE, 1, 0, FALSE, FALSE, FALSE}},
  {RK_FORMAT_YCbCr_420_P, {8, TRUE, 1, 1, TRUE, FALSE, FALSE}},
  {RK_FORMAT_YCrCb_420_P, {8, TRUE, 1, 1, TRUE, FALSE, FALSE}},
  {RK_FORMAT_YUYV_422, {16, TRUE, 1, 0, FALSE, FALSE, FALSE}},
  {RK_FORMAT_UYVY_422, {16, TRUE, 1, 0, FALSE, FALSE, FALSE}},
  {RK_FORMAT_YCbCr_400, {8, TRUE, 0, 0, FALSE, TRUE, FALSE}},
};

const RyRgaFormat *
ry_rga_format_get (gint format)
{
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++) {
    if (formats[i].code == format)
      return &formats[i].format;
  }
  return NULL;
}

gsize
ry_rga_picture_size (gint format, gint wstride, gint hstride)
{
  const RyRgaFormat *f = ry_rga_format_get (format);
  gsize first = (gsize) wstride * hstride * f->bits / 8;

  if (!f->yuv || f->grey || f->bits == 16)
    return first;
  return first + (first >> f->h_shift >> f->v_shift) * 2;
}

/* ---- Where samples lie --------------------------------------------------- */

/* Bytes of red, green and blue in a pixel. */
static void
rgb_order (gint format, guint order[3])
{
  gboolean blue_first = format == RK_FORMAT_BGR_888
      || format == RK_FORMAT_BGRA_8888 || format == RK_FORMAT_BGRX_8888
      || format == RK_FORMAT_ABGR_8888 || format == RK_FORMAT_XBGR_8888;
  guint first = format == RK_FORMAT_ARGB_8888 || format == RK_FORMAT_XRGB_8888
      || format == RK_FORMAT_ABGR_8888 || format == RK_FORMAT_XBGR_8888;

  order[0] = first + (blue_first ? 2 : 0);
  order[1] = first + 1;
  order[2] = first + (blue_first ? 0 : 2);
}

static Component
component (const guint8 * data, gsize stride, guint step, const im_rect * rect,
    guint h_shift, guint v_shift)
{
  Component c;

  c.data = data + (gsize) (rect->y >> v_shift) * stride
      + (gsize) (rect->x >> h_shift) * step;
  c.stride = stride;
  c.step = step;
  c.width = rect->width >> h_shift;
  c.height = rect->height >> v_shift;
  return c;
}

/* Y, U, V, or R, G, B; a grey picture has the first only. */
static void
find_components (const guint8 * data, const rga_buffer_t * picture,
    const im_rect * rect, Component components[3])
{
  const RyRgaFormat *f = ry_rga_format_get (picture->format);
  gsize stride = (gsize) picture->wstride * f->bits / 8;
  const guint8 *chroma = data + stride * picture->hstride;
  gboolean v_first = picture->format == RK_FORMAT_YCrCb_420_SP
      || picture->format == RK_FORMAT_YCrCb_420_P;
  guint order[3], uyvy = picture->format == RK_FORMAT_UYVY_422;

  if (!f->yuv) {
    rgb_order (picture->format, order);
    for (guint i = 0; i < 3; i++)
      components[i] = component (data + order[i], stride, f->bits / 8, rect, 0,
          0);
  } else if (f->bits == 16) {
    components[0] = component (data + uyvy, stride, 2, rect, 0, 0);
    components[1] = component (data + 1 - uyvy, stride, 4, rect, 1, 0);
    components[2] = component (data + 3 - uyvy, stride, 4, rect, 1, 0);
  } else {
    gsize plane = f->planar ? stride / 2 * (picture->hstride / 2) : 1;
    gsize c_stride = f->planar ? stride / 2 : stride;
    guint step = f->planar ? 1 : 2;

    components[0] = component (data, stride, 1, rect, 0, 0);
    components[1] = component (chroma + (v_first ? plane : 0), c_stride, step,
        rect, 1, f->v_shift);
    components[2] = component (chroma + (v_first ? 0 : plane), c_stride, step,
        rect, 1, f->v_shift);
  }
}

/* ---- Interpolation ------------------------------------------------------- */

static Tap
tap_at (gint i, gint from, gint to, gint unit)
{
  gfloat position = (i + 0.5f) * from / to - 0.5f;
  Tap tap;

  position = CLAMP (position, 0.0f, from - 1.0f);
  tap.at = position;
  tap.weight = position - tap.at;
  tap.next = MIN (tap.at + 1, from - 1) * unit;
  tap.at *= unit;
  return tap;
}

static Tap *
taps_new (gint from, gint to, gint unit)
{
  Tap *taps = g_new (Tap, to);

  for (gint i = 0; i < to; i++)
    taps[i] = tap_at (i, from, to, unit);
  return taps;
}

static void
sample_row (const Component * c, gint y, gint height, const Tap * taps,
    gint width, gfloat * out)
{
  Tap row = tap_at (y, c->height, height, 1);
  const guint8 *a = c->data + row.at * c->stride;
  const guint8 *b = c->data + row.next * c->stride;

  for (gint i = 0; i < width; i++) {
    gfloat w = taps[i].weight;
    gfloat upper = a[taps[i].at] * (1 - w) + a[taps[i].next] * w;
    gfloat lower = b[taps[i].at] * (1 - w) + b[taps[i].next] * w;

    out[i] = upper * (1 - row.weight) + lower * row.weight;
  }
}

/* ---- Colours ------------------------------------------------------------- */

static Matrix
matrix_of (gint mode)
{
  gboolean bt709 = mode == IM_YUV_TO_RGB_BT709_LIMIT;
  gboolean full = mode == IM_YUV_TO_RGB_BT601_FULL;
  gfloat kr = bt709 ? 0.2126f : 0.299f, kb = bt709 ? 0.0722f : 0.114f;
  gfloat kg = 1 - kr - kb, scale = full ? 1.0f : 255.0f / 224;
  Matrix m;

  m.y_offset = full ? 0 : 16;
  m.y = full ? 1.0f : 255.0f / 219;
  m.r_v = 2 * (1 - kr) * scale;
  m.b_u = 2 * (1 - kb) * scale;
  m.g_u = -2 * (1 - kb) * kb / kg * scale;
  m.g_v = -2 * (1 - kr) * kr / kg * scale;
  return m;
}

static void
convert_row (const Matrix * m, gfloat * rows[3], gint width, gboolean grey)
{
  for (gint i = 0; i < width; i++) {
    gfloat y = (rows[0][i] - m->y_offset) * m->y;
    gfloat u = grey ? 0 : rows[1][i] - 128, v = grey ? 0 : rows[2][i] - 128;

    rows[0][i] = y + m->r_v * v;
    rows[1][i] = y + m->g_u * u + m->g_v * v;
    rows[2][i] = y + m->b_u * u;
  }
}

static void
write_row (gfloat * rows[3], gint width, const guint order[3], guint bytes,
    guint8 * out)
{
  guint alpha = 6 - order[0] - order[1] - order[2];

  for (gint i = 0; i < width; i++, out += bytes) {
    for (guint c = 0; c < 3; c++)
      out[order[c]] = CLAMP (rows[c][i] + 0.5f, 0, 255);
    if (bytes == 4)
      out[alpha] = 255;
  }
}

void
ry_rga_picture_blit (const guint8 * src_data, const rga_buffer_t * src,
    const im_rect * src_rect, guint8 * dst_data, const rga_buffer_t * dst,
    const im_rect * dst_rect)
{
  const RyRgaFormat *f = ry_rga_format_get (src->format);
  guint n = f->grey ? 1 : 3, bytes = ry_rga_format_get (dst->format)->bits / 8;
  Matrix matrix = matrix_of (dst->color_space_mode);
  gint width = dst_rect->width;
  g_autofree gfloat *samples = g_new (gfloat, 3 * (gsize) width);
  gfloat *rows[3] = { samples, samples + width, samples + 2 * (gsize) width };
  Component components[3];
  Tap *taps[3] = { NULL, };
  guint order[3];

  find_components (src_data, src, src_rect, components);
  rgb_order (dst->format, order);
  for (guint c = 0; c < n; c++)
    taps[c] = taps_new (components[c].width, width, components[c].step);
  for (gint y = 0; y < dst_rect->height; y++) {
    for (guint c = 0; c < n; c++)
      sample_row (&components[c], y, dst_rect->height, taps[c], width, rows[c]);
    if (f->yuv)
      convert_row (&matrix, rows, width, f->grey);
    write_row (rows, width, order, bytes, dst_data
        + ((gsize) (dst_rect->y + y) * dst->wstride + dst_rect->x) * bytes);
  }
  for (guint c = 0; c < n; c++)
    g_free (taps[c]);
}
