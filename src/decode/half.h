/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* IEEE 754 binary16 without compiler support for it. */

#pragma once

#include <string.h>

#include <glib.h>

G_BEGIN_DECLS static inline gfloat
ry_half_to_float (guint16 half)
{
  guint32 sign = (guint32) (half & 0x8000) << 16;
  guint32 exponent = (half >> 10) & 0x1f;
  guint32 fraction = half & 0x3ff;
  guint32 bits;
  gfloat value;

  if (exponent == 0) {
    value = (gfloat) fraction *0x1p-24f;        /* zero and subnormal */
    return sign ? -value : value;
  }
  if (exponent == 31)
    bits = sign | 0x7f800000 | fraction << 13;
  else
    bits = sign | (exponent + 112) << 23 | fraction << 13;
  memcpy (&value, &bits, sizeof value);
  return value;
}

/* The same without branches, for loops that are to be vectorised; infinities
 * and NaN become finite numbers beyond all halves. */
static inline gfloat
ry_half_to_float_any (guint16 half)
{
  guint32 bits = (guint32) (half & 0x8000) << 16 | (guint32) (half & 0x7fff)
      << 13;
  gfloat value;

  memcpy (&value, &bits, sizeof value);
  return value * 0x1p112f;
}

/* The bits of a half as a number with the same order: integers can then be
 * compared in place of halves.  -0 comes below +0, and a NaN lies beyond the
 * infinity of its sign. */
static inline gint16
ry_half_key (guint16 half)
{
  gint16 bits = (gint16) half;

  return bits ^ ((bits >> 15) & 0x7fff);
}

static inline guint16
ry_half_from_key (gint16 key)
{
  return (guint16) ry_half_key ((guint16) key); /* its own inverse */
}

G_END_DECLS
