/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* See rowvector.h. */

#pragma once

#include <arm_neon.h>

static inline uint8x8_t
ry_neon_mix (uint16x4_t a, uint16x4_t b, uint16x4_t weight_a,
    uint16x4_t weight_b)
{
  uint32x4_t sum = vmlal_u16 (vmull_u16 (a, weight_a), b, weight_b);
  uint16x4_t out = vmovn_u32 (vrshrq_n_u32 (sum, 22));

  return vmovn_u16 (vcombine_u16 (out, out));
}

static inline void
ry_neon_store_32 (guint8 * dst, uint8x8_t v)
{
  guint32 out = vget_lane_u32 (vreinterpret_u32_u8 (v), 0);

  memcpy (dst, &out, 4);
}

static inline uint32x4_t
ry_neon_load_lane (const guint16 * p, uint32x4_t v, const int lane)
{
  guint32 both;

  memcpy (&both, p, 4);
  switch (lane) {
    case 0:
      return vsetq_lane_u32 (both, v, 0);
    case 1:
      return vsetq_lane_u32 (both, v, 1);
    case 2:
      return vsetq_lane_u32 (both, v, 2);
    default:
      return vsetq_lane_u32 (both, v, 3);
  }
}

/* Four elements pairs (p[0], p[1]) as 32-bit lanes. */
static inline uint32x4_t
ry_neon_gather (const guint16 * base, const guint32 * o)
{
  uint32x4_t v = vdupq_n_u32 (0);

  v = ry_neon_load_lane (base + o[0], v, 0);
  v = ry_neon_load_lane (base + o[1], v, 1);
  v = ry_neon_load_lane (base + o[2], v, 2);
  return ry_neon_load_lane (base + o[3], v, 3);
}

static inline guint
ry_vector_mix_1_1 (guint8 * dst, const guint16 * base, const RyTaps * x)
{
  guint i;

  for (i = 0; i + 4 <= x->n; i += 4) {
    uint32x4_t pairs = ry_neon_gather (base, x->offset + i);
    uint16x4x2_t w = vld2_u16 ((const guint16 *) x->weight + 2 * i);

    ry_neon_store_32 (dst + i, ry_neon_mix (vmovn_u32 (pairs),
            vshrn_n_u32 (pairs, 16), w.val[0], w.val[1]));
  }
  return i;
}

static inline guint
ry_vector_mix_1_2 (guint8 * dst, const guint16 * base, const RyTaps * x)
{
  guint i;

  for (i = 0; i + 4 <= x->n; i += 4) {
    uint32x4_t a = ry_neon_gather (base, x->offset + i);
    uint32x4_t b = ry_neon_gather (base + 2, x->offset + i);
    uint16x4x2_t w = vld2_u16 ((const guint16 *) x->weight + 2 * i);

    ry_neon_store_32 (dst + i, ry_neon_mix (vmovn_u32 (a), vmovn_u32 (b),
            w.val[0], w.val[1]));
  }
  return i;
}

/* p and q: two pixels of two channels, each followed by its neighbour. */
static inline void
ry_neon_store_two (guint8 * dst, uint16x4_t p, uint16x4_t q,
    const gint16 * weight)
{
  uint32x2_t p32 = vreinterpret_u32_u16 (p), q32 = vreinterpret_u32_u16 (q);
  uint16x4_t w = vld1_u16 ((const guint16 *) weight);
  uint8x8_t out = ry_neon_mix (vreinterpret_u16_u32 (vtrn1_u32 (p32, q32)),
      vreinterpret_u16_u32 (vtrn2_u32 (p32, q32)), vtrn1_u16 (w, w),
      vtrn2_u16 (w, w));

  ry_neon_store_32 (dst, out);
}

static inline guint
ry_vector_mix_2_2 (guint8 * dst, const guint16 * base, const RyTaps * x)
{
  const guint32 *o = x->offset;
  guint i;

  for (i = 0; i + 2 <= x->n; i += 2)
    ry_neon_store_two (dst + 2 * i, vld1_u16 (base + o[i]),
        vld1_u16 (base + o[i + 1]), x->weight + 2 * i);
  return i;
}

/* U . V . U' . V' .  becomes  U V U' V'. */
static inline uint16x4_t
ry_neon_chroma_pair (const guint16 * p)
{
  return vmovn_u32 (vreinterpretq_u32_u16 (vld1q_u16 (p)));
}

static inline guint
ry_vector_mix_2_4 (guint8 * dst, const guint16 * base, const RyTaps * x)
{
  const guint32 *o = x->offset;
  guint i;

  for (i = 0; i + 2 <= x->n; i += 2)
    ry_neon_store_two (dst + 2 * i, ry_neon_chroma_pair (base + o[i]),
        ry_neon_chroma_pair (base + o[i + 1]), x->weight + 2 * i);
  return i;
}

static inline guint
ry_vector_mix_rgb (guint8 * dst, const guint8 * a, const guint8 * b,
    guint fraction, const RyTaps * x, const guint step, gboolean reverse,
    guint n)
{
  const uint8x8_t backwards = vcreate_u8 (G_GUINT64_CONSTANT (0x03000102));
  guint i;

  for (i = 0; i < n; i++) {
    guint32 o = x->offset[i];
    const gint16 *w = x->weight + 2 * i;
    uint16x8_t row = vmulq_n_u16 (vmovl_u8 (vld1_u8 (a + o)), 256 - fraction);
    uint16x8_t next;
    uint8x8_t out;

    row = vmlaq_n_u16 (row, vmovl_u8 (vld1_u8 (b + o)), fraction);
    next = step == 3 ? vextq_u16 (row, row, 3) : vextq_u16 (row, row, 4);
    out = ry_neon_mix (vget_low_u16 (row), vget_low_u16 (next),
        vdup_n_u16 (w[0]), vdup_n_u16 (w[1]));
    ry_neon_store_32 (dst + 3 * i, reverse ? vtbl1_u8 (out, backwards) : out);
  }
  return i;
}

static inline guint
ry_vector_halve_rgb (guint8 * dst, const guint8 * a, const guint8 * b,
    const guint step, gboolean reverse, guint n)
{
  const uint8x8_t backwards = vcreate_u8 (G_GUINT64_CONSTANT (0x03000102));
  guint i;

  for (i = 0; i < n; i++) {
    guint o = 2 * step * i;
    uint16x8_t sum = vaddl_u8 (vld1_u8 (a + o), vld1_u8 (b + o));
    uint8x8_t out;

    sum = vaddq_u16 (sum, step == 3 ? vextq_u16 (sum, sum, 3) :
        vextq_u16 (sum, sum, 4));
    out = vrshrn_n_u16 (sum, 2);
    ry_neon_store_32 (dst + 3 * i, reverse ? vtbl1_u8 (out, backwards) : out);
  }
  return i;
}
