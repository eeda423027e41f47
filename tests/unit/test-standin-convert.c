/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The stand-in's conversions against their definitions, in doubles. */

#include <math.h>
#include <string.h>

#include "standin/convert.h"
#include "standin/half.h"

static gdouble
half_value (guint16 half)
{
  gint exponent = half >> 10 & 0x1f;
  gint mantissa = half & 0x3ff;
  gdouble sign = half & 0x8000 ? -1 : 1;

  if (exponent == 0x1f)
    return mantissa != 0 ? NAN : sign * INFINITY;
  if (exponent == 0)
    return sign * ldexp (mantissa, -24);
  return sign * ldexp (mantissa + 1024, exponent - 25);
}

static void
test_half_to_float (void)
{
  for (guint half = 0; half <= 0xffff; half++) {
    gdouble expected = half_value (half);
    gfloat value = ry_half_to_float (half);

    if (isnan (expected)) {
      g_assert_true (isnan (value));
    } else {
      g_assert_cmpfloat (value, ==, expected);
      g_assert_cmpint (!signbit (value), ==, !(half & 0x8000));
    }
  }
}

static void
expect_half (gfloat value, guint16 expected)
{
  RyEncoding encoding = {.type = RKNN_TENSOR_FLOAT16 };
  gfloat many[19];
  guint16 halves[19];

  g_assert_cmphex (ry_float_to_half (value), ==, expected);
  /* whatever instructions the machine has for several at once */
  for (guint i = 0; i < 19; i++)
    many[i] = value;
  ry_convert_flat (&encoding, many, halves, 19);
  for (guint i = 0; i < 19; i++)
    g_assert_cmphex (halves[i], ==, expected);
}

/* Every half, the middle between it and the next, and a bit to either side. */
static void
test_float_to_half (void)
{
  for (guint half = 0; half < 0x7bff; half++) {
    gfloat here = half_value (half), next = half_value (half + 1);
    gfloat middle = (here + next) / 2;

    expect_half (here, half);
    expect_half (-here, half | 0x8000);
    expect_half (middle, half % 2 == 0 ? half : half + 1);
    expect_half (nextafterf (middle, 0), half);
    expect_half (nextafterf (middle, INFINITY), half + 1);
  }
  expect_half (65504, 0x7bff);
  expect_half (65519.996f, 0x7bff);
  expect_half (65520, 0x7c00);
  expect_half (1e30f, 0x7c00);
  expect_half (INFINITY, 0x7c00);
  expect_half (-INFINITY, 0xfc00);
  expect_half (1e-45f, 0);
  g_assert_cmphex (ry_float_to_half (NAN) & 0x7e00, ==, 0x7e00);
}

static gint
quantized (gdouble value, gfloat scale, gint zp)
{
  if (isnan (value))
    return -128;
  /* the quotient is a float in librknnrt as well */
  return CLAMP (rint ((gfloat) value / scale) + zp, -128, 127);
}

static void
test_quantize (void)
{
  static const gfloat scales[] = { 1, 0.5f, 1 / 255.0f, 0.13266474f, 3e-5f };
  static const gfloat special[] = { NAN, INFINITY, -INFINITY, 3e38f, -3e38f,
    0, -0.0f, 1e-40f, 0.5f, 1.5f, 2.5f, -0.5f, -1.5f
  };

  for (guint s = 0; s < G_N_ELEMENTS (scales); s++) {
    for (gint zp = -128; zp <= 127; zp += 17) {
      gfloat values[2048];
      gint8 signeds[2048];
      guint8 unsigneds[2048];
      gfloat floats[2048];
      RyEncoding encoding = { {TRUE, zp, scales[s]}, RKNN_TENSOR_INT8 };

      for (guint i = 0; i < 2048; i++)
        values[i] = i < G_N_ELEMENTS (special) ? special[i]
            : ((gint) i - 1024) * scales[s] / 4;
      ry_convert_flat (&encoding, values, signeds, 2048);
      encoding.type = RKNN_TENSOR_UINT8;
      ry_convert_flat (&encoding, values, unsigneds, 2048);
      encoding.type = RKNN_TENSOR_FLOAT32;
      ry_convert_flat (&encoding, values, floats, 2048);
      for (guint i = 0; i < 2048; i++) {
        gint q = quantized (values[i], scales[s], zp);

        g_assert_cmpint (signeds[i], ==, q);
        g_assert_cmpint (unsigneds[i], ==, q + 128);
        g_assert_cmpfloat (floats[i], ==, (gfloat) (q - zp) * scales[s]);
      }
    }
  }
}

static void
check_layout (guint n, guint c, guint h, guint w, guint c1, guint c2,
    guint w_stride, rknn_tensor_type type)
{
  RyShape shape = { n, c, h, w, c1, c2, w_stride };
  RyEncoding encoding = { {TRUE, 0, 1}, type };
  guint size = ry_type_size (type);
  gsize n_src = (gsize) n * c * h * w;
  gsize n_dst = (gsize) n * c1 * h * w_stride * c2;
  g_autofree gfloat *src = g_new (gfloat, n_src);
  g_autofree guint8 *dst = g_malloc (n_dst * size);

  encoding.quant.active = type == RKNN_TENSOR_INT8;
  for (gsize i = 0; i < n_src; i++)
    src[i] = (gint) (i * 37 % 251) - 125;
  memset (dst, 0x5a, n_dst * size);
  ry_convert_interleaved (&encoding, &shape, src, dst);

  for (gsize i = 0; i < n_dst; i++) {
    guint lane = i % c2, x = i / c2 % w_stride, y = i / c2 / w_stride % h;
    guint k = i / c2 / w_stride / h % c1 * c2 + lane;
    guint m = i / c2 / w_stride / h / c1;
    gdouble value;

    if (x >= w) {
      g_assert_cmphex (dst[i * size], ==, 0x5a);
      continue;
    }
    if (type == RKNN_TENSOR_INT8)
      value = ((gint8 *) dst)[i];
    else if (type == RKNN_TENSOR_FLOAT16)
      value = half_value (((guint16 *) dst)[i]);
    else
      value = ((gfloat *) dst)[i];
    g_assert_cmpfloat (value, ==,
        k < c ? src[((m * c + k) * h + y) * w + x] : 0);
  }
}

static void
test_layouts (void)
{
  static const rknn_tensor_type types[] = { RKNN_TENSOR_INT8,
    RKNN_TENSOR_FLOAT16, RKNN_TENSOR_FLOAT32
  };

  for (guint i = 0; i < G_N_ELEMENTS (types); i++) {
    check_layout (1, 64, 20, 20, 4, 16, 20, types[i]);
    check_layout (1, 64, 9, 33, 8, 8, 48, types[i]);
    check_layout (1, 5, 7, 11, 2, 4, 11, types[i]);
    check_layout (1, 1, 40, 40, 1, 16, 40, types[i]);
    check_layout (1, 1, 4, 4, 2, 16, 16, types[i]);
    check_layout (2, 20, 6, 10, 2, 16, 16, types[i]);
    check_layout (2, 255, 13, 13, 1, 255, 13, types[i]);
    check_layout (1, 3, 1, 1, 1, 3, 1, types[i]);
    check_layout (1, 17, 3, 200, 17, 1, 200, types[i]);
  }
}

static void
check_image (rknn_tensor_type type, gboolean planar, guint channels)
{
  enum
  { H = 5, W = 13, STRIDE = 16 };
  gfloat table[4 * 256], row[2 * W * 4];
  guint8 src[2 * H * STRIDE * 4];
  guint8 dst[2 * H * W * 4 * 4];
  RyShape shape = { 2, channels, H, W, 1, channels, STRIDE };
  RyImageInput image = {.pixels = RY_PIXELS_BYTE,.table = table,.table_step =
        256,.type = type,.planar = planar
  };

  for (guint i = 0; i < sizeof src; i++)
    src[i] = i * 31;
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    table[i] = (i % 256 + i / 256) / 2;
  ry_convert_image (&image, &shape, src, dst, row);
  for (guint n = 0; n < 2; n++)
    for (guint c = 0; c < channels; c++)
      for (guint y = 0; y < H; y++)
        for (guint x = 0; x < W; x++) {
          guint byte = src[((n * H + y) * STRIDE + x) * channels + c];
          guint at = planar ? ((n * channels + c) * H + y) * W + x
              : ((n * H + y) * W + x) * channels + c;
          gdouble value;

          if (type == RKNN_TENSOR_UINT8)
            value = dst[at];
          else if (type == RKNN_TENSOR_FLOAT16)
            value = half_value (((guint16 *) dst)[at]);
          else
            value = ((gfloat *) dst)[at];
          g_assert_cmpfloat (value, ==, (byte + c) / 2);
        }
}

static void
test_images (void)
{
  static const rknn_tensor_type types[] = { RKNN_TENSOR_UINT8,
    RKNN_TENSOR_FLOAT16, RKNN_TENSOR_FLOAT32
  };

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    for (guint channels = 1; channels <= 4; channels++) {
      check_image (types[i], TRUE, channels);
      check_image (types[i], FALSE, channels);
    }
}

/* The fast way gives what the table says. */
static void
test_linear (void)
{
  enum
  { H = 3, W = 100, STRIDE = 112 };
  static const RyLinear linear = { {1.5f, 20, 30}, {255, 50, 0.7f}, 0.3f };
  static guint8 src[2 * H * STRIDE * 3];
  static gfloat dst[2 * 3 * H * W];
  RyShape shape = { 2, 3, H, W, 1, 3, STRIDE };
  RyImageInput image = {.pixels = RY_PIXELS_BYTE,.linear = &linear,.type =
        RKNN_TENSOR_FLOAT32,.planar = TRUE
  };

  for (guint i = 0; i < sizeof src; i++)
    src[i] = i * 7 + i / 256;
  ry_convert_image (&image, &shape, src, dst, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (dst); i++) {
    guint x = i % W, y = i / W % H, c = i / W / H % 3, n = i / W / H / 3;
    gfloat byte = src[((n * H + y) * STRIDE + x) * 3 + c];
    gfloat centred = byte - linear.sub[c];
    gfloat scaled = centred / linear.div[c];

    g_assert_cmpfloat (dst[i], ==, scaled * linear.mul);
  }
}

static void
test_numbers (void)
{
  gfloat floats[] = { -1e30f, -300, -1.9f, 0, 1.9f, 300, 1e30f, NAN };
  gint8 small[8];
  gint64 large[8];

  g_assert_true (ry_convert_numbers (RKNN_TENSOR_INT8, small,
          RKNN_TENSOR_FLOAT32, floats, 8));
  g_assert_true (ry_convert_numbers (RKNN_TENSOR_INT64, large,
          RKNN_TENSOR_FLOAT32, floats, 8));
  g_assert_cmpint (small[0], ==, -128);
  g_assert_cmpint (small[2], ==, -1);
  g_assert_cmpint (small[5], ==, 127);
  g_assert_cmpint (small[7], ==, -128);
  g_assert_cmpint (large[0], ==, G_MININT64);
  g_assert_cmpint (large[4], ==, 1);
  g_assert_cmpint (large[6], >, G_MAXINT64 - 2048);
  g_assert_true (ry_convert_numbers (RKNN_TENSOR_FLOAT32, floats,
          RKNN_TENSOR_INT8, small, 8));
  g_assert_cmpfloat (floats[1], ==, -128);
  g_assert_false (ry_convert_numbers (RKNN_TENSOR_INT64, large,
          RKNN_TENSOR_INT8, small, 8));
  g_assert_false (ry_convert_numbers (RKNN_TENSOR_INT4, large,
          RKNN_TENSOR_INT4, small, 8));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/standin/convert/half-to-float", test_half_to_float);
  g_test_add_func ("/standin/convert/float-to-half", test_float_to_half);
  g_test_add_func ("/standin/convert/quantize", test_quantize);
  g_test_add_func ("/standin/convert/layouts", test_layouts);
  g_test_add_func ("/standin/convert/images", test_images);
  g_test_add_func ("/standin/convert/linear", test_linear);
  g_test_add_func ("/standin/convert/numbers", test_numbers);
  return g_test_run ();
}
