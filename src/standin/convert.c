/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "convert.h"

#include <string.h>

#include "half.h"

#if defined (__x86_64__) && defined (__GLIBC__)
#include <immintrin.h>
#define HAVE_F16C
#endif

/* The x86-64 that everybody has lacks half of what these loops want, so they
 * are compiled once more for what nearly everybody has.  The sanitizers do not
 * go well with the way in which one is chosen. */
#if defined (__x86_64__) && defined (__GLIBC__) && defined (__GNUC__) \
    && !defined (__clang__) && !defined (__SANITIZE_ADDRESS__) \
    && !defined (__SANITIZE_THREAD__)
#define WIDE __attribute__ ((target_clones ("avx2", "default")))
#else
#define WIDE
#endif

/* Pixels of a channel that are converted before they are spread over dst:
 * 16 such strips of floats still lie in the first cache. */
#define STRIP 128
#define LANES 16

guint
ry_type_size (rknn_tensor_type type)
{
  switch (type) {
    case RKNN_TENSOR_INT8:
    case RKNN_TENSOR_UINT8:
    case RKNN_TENSOR_BOOL:
      return 1;
    case RKNN_TENSOR_FLOAT16:
    case RKNN_TENSOR_INT16:
    case RKNN_TENSOR_UINT16:
      return 2;
    case RKNN_TENSOR_FLOAT32:
    case RKNN_TENSOR_INT32:
    case RKNN_TENSOR_UINT32:
      return 4;
    case RKNN_TENSOR_INT64:
      return 8;
    default:
      return 0;
  }
}

/* Adding and taking away 1.5 * 2^23 rounds to a whole number, ties to even,
 * without a call that keeps loops from being vectorised. */
static inline gint
quantize (gfloat value, gfloat scale, gint zp)
{
  const gfloat magic = 0x1.8p23f;
  gfloat low = -128 - zp, high = 127 - zp;
  gfloat steps = value / scale;

  steps = steps > low ? steps : low;
  steps = steps < high ? steps : high;
  return (gint) ((steps + magic) - magic) + zp;
}

gfloat
ry_normalize (const RyNormalizer * self, guint channel, gfloat value)
{
  value = (value - self->mean[channel]) / self->std[channel];
  if (!self->quant.active)
    return value;
  return (quantize (value, self->quant.scale, self->quant.zp)
      - self->quant.zp) * self->quant.scale;
}

/* ---- Inputs ------------------------------------------------------------- */

static void
load_bytes (const RyImageInput * self, const guint8 * src, guint w, guint c,
    gfloat * row)
{
  for (guint k = 0; k < c; k++) {
    const gfloat *table = self->table + k * self->table_step;

    for (guint x = 0; x < w; x++)
      row[x * c + k] = table[src[x * c + k]];
  }
}

static void
normalize_row (const RyNormalizer * self, guint w, guint c, gfloat * row)
{
  for (guint k = 0; k < c; k++) {
    for (guint x = 0; x < w; x++)
      row[x * c + k] = ry_normalize (self, k, row[x * c + k]);
  }
}

static guint
pixel_size (RyPixels pixels)
{
  switch (pixels) {
    case RY_PIXELS_BYTE:
      return 1;
    case RY_PIXELS_FLOAT16:
    case RY_PIXELS_RAW_FLOAT16:
      return 2;
    default:
      return 4;
  }
}

/* A row of the picture as the model's values, still NHWC. */
static void
load_row (const RyImageInput * self, const guint8 * src, guint w, guint c,
    gfloat * row)
{
  switch (self->pixels) {
    case RY_PIXELS_BYTE:
      load_bytes (self, src, w, c, row);
      return;
    case RY_PIXELS_FLOAT16:
    case RY_PIXELS_RAW_FLOAT16:
      ry_convert_numbers (RKNN_TENSOR_FLOAT32, row, RKNN_TENSOR_FLOAT16, src,
          (gsize) w * c);
      break;
    default:
      memcpy (row, src, (gsize) w * c * sizeof (gfloat));
      break;
  }
  if (self->pixels == RY_PIXELS_FLOAT16 || self->pixels == RY_PIXELS_FLOAT32)
    normalize_row (self->normalizer, w, c, row);
}

/* Row y of all planes of one picture, from NHWC values. */
static void
store_planes (const RyImageInput * self, const RyShape * shape,
    const gfloat * row, gfloat * line, guint8 * picture, guint y)
{
  guint size = ry_type_size (self->type);
  gsize plane = (gsize) shape->h * shape->w * size;

  for (guint k = 0; k < shape->c; k++) {
    for (guint x = 0; x < shape->w; x++)
      line[x] = row[x * shape->c + k];
    ry_convert_numbers (self->type,
        picture + k * plane + (gsize) y * shape->w * size,
        RKNN_TENSOR_FLOAT32, line, shape->w);
  }
}

static void
convert_picture (const RyImageInput * self, const RyShape * shape,
    const guint8 * src, guint8 * dst, gfloat * row, guint begin, guint end)
{
  gsize values = (gsize) shape->w * shape->c;
  gsize stride = (gsize) shape->w_stride * shape->c * pixel_size (self->pixels);

  for (guint y = begin; y < end; y++) {
    load_row (self, src + y * stride, shape->w, shape->c, row);
    if (self->planar)
      store_planes (self, shape, row, row + values, dst, y);
    else
      ry_convert_numbers (self->type,
          dst + y * values * ry_type_size (self->type), RKNN_TENSOR_FLOAT32,
          row, values);
  }
}

/* The usual case, RGB bytes to float planes, in one pass.  Arithmetic is twice
 * as fast as a table, because several pixels are done at once. */
WIDE static void
convert_rgb_row (const RyLinear * self, const guint8 * restrict src, guint w,
    gfloat * restrict dst0, gfloat * restrict dst1, gfloat * restrict dst2)
{
  gfloat sub0 = self->sub[0], sub1 = self->sub[1], sub2 = self->sub[2];
  gfloat div0 = self->div[0], div1 = self->div[1], div2 = self->div[2];
  gfloat mul = self->mul;

  for (guint x = 0; x < w; x++) {
    dst0[x] = (src[3 * x] - sub0) / div0 * mul;
    dst1[x] = (src[3 * x + 1] - sub1) / div1 * mul;
    dst2[x] = (src[3 * x + 2] - sub2) / div2 * mul;
  }
}

static void
convert_rgb (const RyImageInput * self, const RyShape * shape,
    const guint8 * src, gfloat * dst, guint begin, guint end)
{
  gsize plane = (gsize) shape->h * shape->w;

  for (guint y = begin; y < end; y++)
    convert_rgb_row (self->linear, src + (gsize) y * shape->w_stride * 3,
        shape->w, dst + (gsize) y * shape->w,
        dst + plane + (gsize) y * shape->w,
        dst + 2 * plane + (gsize) y * shape->w);
}

void
ry_convert_image_rows (const RyImageInput * self, const RyShape * shape,
    gconstpointer src, gpointer dst, gfloat * row, guint begin, guint end)
{
  gsize src_picture = (gsize) shape->h * shape->w_stride * shape->c
      * pixel_size (self->pixels);
  gsize dst_picture = (gsize) shape->h * shape->w * shape->c
      * ry_type_size (self->type);
  gboolean rgb = self->linear != NULL && shape->c == 3 && self->planar
      && self->type == RKNN_TENSOR_FLOAT32;

  while (begin < end) {
    guint n = begin / shape->h, y = begin % shape->h;
    guint rows = MIN (shape->h - y, end - begin);
    const guint8 *from = (const guint8 *) src + n * src_picture;
    guint8 *to = (guint8 *) dst + n * dst_picture;

    if (rgb)
      convert_rgb (self, shape, from, (gfloat *) to, y, y + rows);
    else
      convert_picture (self, shape, from, to, row, y, y + rows);
    begin += rows;
  }
}

void
ry_convert_image (const RyImageInput * self, const RyShape * shape,
    gconstpointer src, gpointer dst, gfloat * row)
{
  ry_convert_image_rows (self, shape, src, dst, row, 0, shape->n * shape->h);
}

/* ---- Outputs ------------------------------------------------------------ */

#ifdef HAVE_F16C
/* *INDENT-OFF* */
__attribute__ ((target ("avx,f16c")))
/* *INDENT-ON* */
static gsize
floats_to_halves_f16c (const gfloat * src, guint16 * dst, gsize n)
{
  gsize i;

  for (i = 0; i + 8 <= n; i += 8) {
    __m128i halves = _mm256_cvtps_ph (_mm256_loadu_ps (src + i),
        _MM_FROUND_TO_NEAREST_INT);

    _mm_storeu_si128 ((__m128i *) (dst + i), halves);
  }
  return i;
}
#endif

static void
floats_to_halves (const gfloat * restrict src, guint16 * restrict dst, gsize n)
{
  gsize done = 0;

#ifdef HAVE_F16C
  /* whatever has AVX2 has F16C; not every compiler knows the latter */
  if (__builtin_cpu_supports ("avx2"))
    done = floats_to_halves_f16c (src, dst, n);
#endif
  for (gsize i = done; i < n; i++)
    dst[i] = ry_float_to_half (src[i]);
}

WIDE static void
encode_int8 (const RyEncoding * self, const gfloat * restrict src,
    gint8 * restrict dst, gsize n)
{
  gfloat scale = self->quant.scale;
  gint zp = self->quant.zp;

  for (gsize i = 0; i < n; i++)
    dst[i] = quantize (src[i], scale, zp);
}

WIDE static void
encode_uint8 (const RyEncoding * self, const gfloat * restrict src,
    guint8 * restrict dst, gsize n)
{
  gfloat scale = self->quant.scale;
  gint zp = self->quant.zp;

  for (gsize i = 0; i < n; i++)
    dst[i] = quantize (src[i], scale, zp) + 128;
}

WIDE static void
encode_float (const RyEncoding * self, const gfloat * restrict src,
    gfloat * restrict dst, gsize n)
{
  gfloat scale = self->quant.scale;
  gint zp = self->quant.zp;

  if (!self->quant.active) {
    memcpy (dst, src, n * sizeof (gfloat));
    return;
  }
  for (gsize i = 0; i < n; i++)
    dst[i] = (quantize (src[i], scale, zp) - zp) * scale;
}

WIDE static void
encode_half (const RyEncoding * self, const gfloat * restrict src,
    guint16 * restrict dst, gsize n)
{
  gfloat scale = self->quant.scale;
  gint zp = self->quant.zp;

  for (gsize i = 0; i < n; i++)
    dst[i] = ry_float_to_half ((quantize (src[i], scale, zp) - zp) * scale);
}

void
ry_convert_flat (const RyEncoding * self, const gfloat * src, gpointer dst,
    gsize n)
{
  switch (self->type) {
    case RKNN_TENSOR_INT8:
      encode_int8 (self, src, dst, n);
      break;
    case RKNN_TENSOR_UINT8:
      encode_uint8 (self, src, dst, n);
      break;
    case RKNN_TENSOR_FLOAT16:
      if (self->quant.active)
        encode_half (self, src, dst, n);
      else
        floats_to_halves (src, dst, n);
      break;
    default:
      encode_float (self, src, dst, n);
      break;
  }
}

/* Lane k of strip to every step-th element of dst.  The usual numbers of lanes
 * are spelt out for the compiler. */
#define SPREAD(type) \
static inline void \
spread_some_##type (const type * restrict strip, guint lanes, guint n, \
    type * restrict dst, gsize step) \
{ \
  for (guint x = 0; x < n; x++) \
    for (guint k = 0; k < lanes; k++) \
      dst[x * step + k] = strip[k * STRIP + x]; \
} \
\
WIDE static void \
spread_##type (const type * restrict strip, guint lanes, guint n, \
    type * restrict dst, gsize step) \
{ \
  if (lanes == 16 && step == 16) \
    spread_some_##type (strip, 16, n, dst, 16); \
  else if (lanes == 8 && step == 8) \
    spread_some_##type (strip, 8, n, dst, 8); \
  else if (lanes == 4 && step == 4) \
    spread_some_##type (strip, 4, n, dst, 4); \
  else \
    spread_some_##type (strip, lanes, n, dst, step); \
}

/* *INDENT-OFF* */
SPREAD (guint8)
SPREAD (guint16)
SPREAD (guint32)
/* *INDENT-ON* */

/* n pixels of up to LANES channels; a channel's are plane floats apart, and
 * lanes from present on are zeros. */
static void
convert_strip (const RyEncoding * self, const gfloat * src, gsize plane,
    guint present, guint lanes, guint n, guint8 * dst, gsize step)
{
  guint32 strip[LANES * STRIP];
  guint size = ry_type_size (self->type);

  for (guint k = 0; k < lanes; k++) {
    guint8 *lane = (guint8 *) strip + (gsize) k * STRIP * size;

    if (k < present)
      ry_convert_flat (self, src + k * plane, lane, n);
    else
      memset (lane, 0, n * size);
  }
  if (size == 1)
    spread_guint8 ((const guint8 *) strip, lanes, n, dst, step);
  else if (size == 2)
    spread_guint16 ((const guint16 *) strip, lanes, n, (guint16 *) dst, step);
  else
    spread_guint32 (strip, lanes, n, (guint32 *) dst, step);
}

/* Rows of one group of c2 channels, of which the first has number first. */
static void
convert_group (const RyEncoding * self, const RyShape * shape, guint first,
    const gfloat * src, guint8 * dst, guint begin, guint end)
{
  guint size = ry_type_size (self->type);
  gsize plane = (gsize) shape->h * shape->w;
  gboolean padded = shape->w_stride != shape->w;

  for (guint lane = 0; lane < shape->c2; lane += LANES) {
    guint lanes = MIN (shape->c2 - lane, LANES);
    guint c = first + lane;
    guint present = c < shape->c ? MIN (shape->c - c, lanes) : 0;
    const gfloat *from = src + (present > 0 ? c * plane : 0);

    /* without gaps all rows are like one */
    for (guint y = begin; y < end; y += padded ? 1 : end - begin) {
      gsize row = padded ? shape->w : (gsize) (end - begin) * shape->w;

      for (gsize x = 0; x < row; x += STRIP) {
        gsize pixel = (gsize) y * shape->w_stride + x;

        convert_strip (self, from + (gsize) y * shape->w + x, plane, present,
            lanes, MIN (row - x, STRIP),
            dst + (pixel * shape->c2 + lane) * size, shape->c2);
      }
    }
  }
}

void
ry_convert_interleaved_rows (const RyEncoding * self, const RyShape * shape,
    const gfloat * src, gpointer dst, guint begin, guint end)
{
  gsize picture = (gsize) shape->c * shape->h * shape->w;
  gsize group = (gsize) shape->h * shape->w_stride * shape->c2
      * ry_type_size (self->type);

  while (begin < end) {
    guint i = begin / shape->h, y = begin % shape->h;
    guint rows = MIN (shape->h - y, end - begin);

    convert_group (self, shape, i % shape->c1 * shape->c2,
        src + i / shape->c1 * picture, (guint8 *) dst + i * group, y, y + rows);
    begin += rows;
  }
}

void
ry_convert_interleaved (const RyEncoding * self, const RyShape * shape,
    const gfloat * src, gpointer dst)
{
  ry_convert_interleaved_rows (self, shape, src, dst, 0,
      shape->n * shape->c1 * shape->h);
}

/* ---- Anything else ------------------------------------------------------ */

static void
halves_to_floats (const guint16 * restrict src, gfloat * restrict dst, gsize n)
{
  for (gsize i = 0; i < n; i++)
    dst[i] = ry_half_to_float (src[i]);
}

/* Whole numbers are cut to their range; NaN becomes its lower end. */
#define WHOLE(type, low, high) \
static void \
floats_to_##type (const gfloat * src, type * dst, gsize n) \
{ \
  for (gsize i = 0; i < n; i++) { \
    gdouble value = src[i]; \
    value = value > (low) ? value : (low); \
    value = value < (high) ? value : (high); \
    dst[i] = (type) value; \
  } \
} \
\
static void \
type##_to_floats (const type * src, gfloat * dst, gsize n) \
{ \
  for (gsize i = 0; i < n; i++) \
    dst[i] = src[i]; \
}

/* *INDENT-OFF* */
WHOLE (gint8, -128.0, 127.0)
WHOLE (guint8, 0.0, 255.0)
WHOLE (gint16, -32768.0, 32767.0)
WHOLE (guint16, 0.0, 65535.0)
WHOLE (gint32, -2147483648.0, 2147483647.0)
WHOLE (guint32, 0.0, 4294967295.0)
/* the largest double below 2^63 */
WHOLE (gint64, -0x1p63, 0x1.fffffffffffffp62)
/* *INDENT-ON* */

static void
to_floats (rknn_tensor_type type, gconstpointer src, gfloat * dst, gsize n)
{
  switch (type) {
    case RKNN_TENSOR_FLOAT16:
      halves_to_floats (src, dst, n);
      break;
    case RKNN_TENSOR_INT8:
      gint8_to_floats (src, dst, n);
      break;
    case RKNN_TENSOR_UINT8:
    case RKNN_TENSOR_BOOL:
      guint8_to_floats (src, dst, n);
      break;
    case RKNN_TENSOR_INT16:
      gint16_to_floats (src, dst, n);
      break;
    case RKNN_TENSOR_UINT16:
      guint16_to_floats (src, dst, n);
      break;
    case RKNN_TENSOR_INT32:
      gint32_to_floats (src, dst, n);
      break;
    case RKNN_TENSOR_UINT32:
      guint32_to_floats (src, dst, n);
      break;
    default:
      gint64_to_floats (src, dst, n);
      break;
  }
}

static void
from_floats (rknn_tensor_type type, const gfloat * src, gpointer dst, gsize n)
{
  switch (type) {
    case RKNN_TENSOR_FLOAT16:
      floats_to_halves (src, dst, n);
      break;
    case RKNN_TENSOR_INT8:
      floats_to_gint8 (src, dst, n);
      break;
    case RKNN_TENSOR_UINT8:
    case RKNN_TENSOR_BOOL:
      floats_to_guint8 (src, dst, n);
      break;
    case RKNN_TENSOR_INT16:
      floats_to_gint16 (src, dst, n);
      break;
    case RKNN_TENSOR_UINT16:
      floats_to_guint16 (src, dst, n);
      break;
    case RKNN_TENSOR_INT32:
      floats_to_gint32 (src, dst, n);
      break;
    case RKNN_TENSOR_UINT32:
      floats_to_guint32 (src, dst, n);
      break;
    default:
      floats_to_gint64 (src, dst, n);
      break;
  }
}

gboolean
ry_convert_numbers_possible (rknn_tensor_type dst_type,
    rknn_tensor_type src_type)
{
  if (ry_type_size (dst_type) == 0 || ry_type_size (src_type) == 0)
    return FALSE;
  return dst_type == src_type || dst_type == RKNN_TENSOR_FLOAT32
      || src_type == RKNN_TENSOR_FLOAT32;
}

gboolean
ry_convert_numbers (rknn_tensor_type dst_type, gpointer dst,
    rknn_tensor_type src_type, gconstpointer src, gsize n)
{
  if (!ry_convert_numbers_possible (dst_type, src_type))
    return FALSE;
  if (dst_type == src_type)
    memcpy (dst, src, n * ry_type_size (src_type));
  else if (dst_type == RKNN_TENSOR_FLOAT32)
    to_floats (src_type, src, dst, n);
  else
    from_floats (dst_type, src, dst, n);
  return TRUE;
}
