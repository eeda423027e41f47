/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* IEEE 754 binary16 and binary32 into each other, without branches, so that
 * the compiler can do several at once.  AArch64 has instructions for it. */

#pragma once

#include <stdint.h>
#include <string.h>

#include <glib.h>

static inline guint32
ry_float_bits (gfloat value)
{
  guint32 bits;

  memcpy (&bits, &value, sizeof bits);
  return bits;
}

static inline gfloat
ry_bits_float (guint32 bits)
{
  gfloat value;

  memcpy (&value, &bits, sizeof value);
  return value;
}

#if defined (__aarch64__) && defined (__ARM_FP16_FORMAT_IEEE)

static inline gfloat
ry_half_to_float (guint16 half)
{
  __fp16 value;

  memcpy (&value, &half, sizeof value);
  return value;
}

static inline guint16
ry_float_to_half (gfloat value)
{
  __fp16 rounded = value;
  guint16 half;

  memcpy (&half, &rounded, sizeof half);
  return half;
}

#else

/* Exact.  Exponent and mantissa are moved to where binary32 has them; the
 * multiplication by 2^112 mends the bias and makes subnormals normal. */
static inline gfloat
ry_half_to_float (guint16 half)
{
  guint32 sign = (guint32) (half & 0x8000) << 16;
  guint32 moved = (guint32) (half & 0x7fff) << 13;
  guint32 finite = ry_float_bits (ry_bits_float (moved) * 0x1p112f);
  guint32 special = moved | 0x7f800000; /* infinity and NaN */

  return ry_bits_float (sign
      | ((gint32) moved >= 0x0f800000 ? special : finite));
}

/* To the nearest, ties to even.  From 65520 on the result is infinity; every
 * NaN becomes a quiet one.  The numbers are signed because SSE2 compares no
 * others. */
static inline guint16
ry_float_to_half (gfloat value)
{
  gint32 bits = ry_float_bits (value);
  gint32 sign = (bits >> 16) & 0x8000;
  gint32 rest = bits & 0x7fffffff;
  /* below 2^-14 the last place is worth 2^-24, as is that of 0.5 to 1 */
  gfloat small = rest < 0x38800000 ? ry_bits_float (rest) : 0.0f;
  gint32 subnormal = ry_float_bits (small + 0.5f) - 0x3f000000;
  gint32 normal = (rest - 0x38000000 + 0xfff + ((rest >> 13) & 1)) >> 13;
  gint32 result = rest < 0x38800000 ? subnormal : normal;

  result = rest >= 0x477ff000 ? 0x7c00 : result;
  result = rest > 0x7f800000 ? 0x7e00 : result;
  return sign | result;
}

#endif
