/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* See rowvector.h. */

#pragma once

#include <emmintrin.h>

static inline __m128i
ry_sse2_load_32 (const void *p)
{
  gint32 v;

  memcpy (&v, p, sizeof v);
  return _mm_cvtsi32_si128 (v);
}

static inline __m128i
ry_sse2_load_64 (const void *p)
{
  return _mm_loadl_epi64 ((const __m128i *) p);
}

/* pairs: four times two neighbours; weights: theirs.  madd multiplies signed
 * numbers, so 32768 is taken off each sample; weights sum up to 2^14, which
 * makes that 2^29 in the result, added back together with the rounding. */
static inline __m128i
ry_sse2_mix (__m128i pairs, __m128i weights)
{
  const __m128i bias = _mm_set1_epi16 (-32768);
  const __m128i back = _mm_set1_epi32 ((1 << 29) + (1 << 21));
  __m128i sum = _mm_madd_epi16 (_mm_xor_si128 (pairs, bias), weights);

  return _mm_srli_epi32 (_mm_add_epi32 (sum, back), 22);
}

static inline guint32
ry_sse2_narrow (__m128i v)
{
  v = _mm_packs_epi32 (v, v);
  return _mm_cvtsi128_si32 (_mm_packus_epi16 (v, v));
}

static inline guint
ry_vector_mix_1_1 (guint8 * dst, const guint16 * base, const RyTaps * x)
{
  const guint32 *o = x->offset;
  guint i;

  for (i = 0; i + 4 <= x->n; i += 4) {
    __m128i low = _mm_unpacklo_epi32 (ry_sse2_load_32 (base + o[i]),
        ry_sse2_load_32 (base + o[i + 1]));
    __m128i high = _mm_unpacklo_epi32 (ry_sse2_load_32 (base + o[i + 2]),
        ry_sse2_load_32 (base + o[i + 3]));
    __m128i weights = _mm_loadu_si128 ((const __m128i *) (x->weight + 2 * i));
    guint32 out = ry_sse2_narrow (ry_sse2_mix (_mm_unpacklo_epi64 (low, high),
            weights));

    memcpy (dst + i, &out, 4);
  }
  return i;
}

/* Two pixels whose samples lie two elements apart, as low 64 bits. */
static inline __m128i
ry_sse2_spread_pairs (const guint16 * a, const guint16 * b)
{
  __m128i both = _mm_unpacklo_epi64 (ry_sse2_load_64 (a), ry_sse2_load_64 (b));

  both = _mm_shufflelo_epi16 (both, _MM_SHUFFLE (3, 1, 2, 0));
  both = _mm_shufflehi_epi16 (both, _MM_SHUFFLE (3, 1, 2, 0));
  return _mm_shuffle_epi32 (both, _MM_SHUFFLE (3, 1, 2, 0));
}

static inline guint
ry_vector_mix_1_2 (guint8 * dst, const guint16 * base, const RyTaps * x)
{
  const guint32 *o = x->offset;
  guint i;

  for (i = 0; i + 4 <= x->n; i += 4) {
    __m128i low = ry_sse2_spread_pairs (base + o[i], base + o[i + 1]);
    __m128i high = ry_sse2_spread_pairs (base + o[i + 2], base + o[i + 3]);
    __m128i weights = _mm_loadu_si128 ((const __m128i *) (x->weight + 2 * i));
    guint32 out = ry_sse2_narrow (ry_sse2_mix (_mm_unpacklo_epi64 (low, high),
            weights));

    memcpy (dst + i, &out, 4);
  }
  return i;
}

/* pairs: two pixels of two channels. */
static inline void
ry_sse2_store_two (guint8 * dst, __m128i pairs, const gint16 * weight)
{
  __m128i weights = ry_sse2_load_64 (weight);
  guint32 out = ry_sse2_narrow (ry_sse2_mix (pairs,
          _mm_unpacklo_epi32 (weights, weights)));

  memcpy (dst, &out, 4);
}

static inline guint
ry_vector_mix_2_2 (guint8 * dst, const guint16 * base, const RyTaps * x)
{
  const guint32 *o = x->offset;
  guint i;

  for (i = 0; i + 2 <= x->n; i += 2) {
    __m128i pairs = _mm_unpacklo_epi64 (ry_sse2_load_64 (base + o[i]),
        ry_sse2_load_64 (base + o[i + 1]));

    pairs = _mm_shufflelo_epi16 (pairs, _MM_SHUFFLE (3, 1, 2, 0));
    pairs = _mm_shufflehi_epi16 (pairs, _MM_SHUFFLE (3, 1, 2, 0));
    ry_sse2_store_two (dst + 2 * i, pairs, x->weight + 2 * i);
  }
  return i;
}

/* U . V . U' . V' .  becomes  U U' V V' in the low 64 bits. */
static inline __m128i
ry_sse2_chroma_pair (const guint16 * p)
{
  __m128i v = _mm_loadu_si128 ((const __m128i *) p);

  v = _mm_shufflelo_epi16 (v, _MM_SHUFFLE (3, 1, 2, 0));
  v = _mm_shufflehi_epi16 (v, _MM_SHUFFLE (3, 1, 2, 0));
  return _mm_unpacklo_epi16 (v, _mm_unpackhi_epi64 (v, v));
}

static inline guint
ry_vector_mix_2_4 (guint8 * dst, const guint16 * base, const RyTaps * x)
{
  const guint32 *o = x->offset;
  guint i;

  for (i = 0; i + 2 <= x->n; i += 2) {
    __m128i pairs = _mm_unpacklo_epi64 (ry_sse2_chroma_pair (base + o[i]),
        ry_sse2_chroma_pair (base + o[i + 1]));

    ry_sse2_store_two (dst + 2 * i, pairs, x->weight + 2 * i);
  }
  return i;
}

/* A row blended and its pixels mixed with their neighbours, as 16-bit sums:
 * one pixel in the low four elements of the result of ry_sse2_mix. */
static inline __m128i
ry_sse2_mix_rgb (const guint8 * a, const guint8 * b, __m128i weight_a,
    __m128i weight_b, const gint16 * weight, const guint step)
{
  const __m128i zero = _mm_setzero_si128 ();
  __m128i row_a = _mm_unpacklo_epi8 (ry_sse2_load_64 (a), zero);
  __m128i row_b = _mm_unpacklo_epi8 (ry_sse2_load_64 (b), zero);
  __m128i row = _mm_add_epi16 (_mm_mullo_epi16 (row_a, weight_a),
      _mm_mullo_epi16 (row_b, weight_b));
  __m128i next = step == 3 ? _mm_srli_si128 (row, 6) : _mm_srli_si128 (row, 8);

  return ry_sse2_mix (_mm_unpacklo_epi16 (row, next),
      _mm_shuffle_epi32 (ry_sse2_load_32 (weight), 0));
}

/* Two pixels, 16 bits a channel, as 3 bytes each and one of the next. */
static inline void
ry_sse2_store_two_rgb (guint8 * dst, __m128i two, gboolean reverse)
{
  guint32 first, second;

  if (reverse) {
    two = _mm_shufflelo_epi16 (two, _MM_SHUFFLE (3, 0, 1, 2));
    two = _mm_shufflehi_epi16 (two, _MM_SHUFFLE (3, 0, 1, 2));
  }
  two = _mm_packus_epi16 (two, two);
  first = _mm_cvtsi128_si32 (two);
  second = _mm_cvtsi128_si32 (_mm_srli_si128 (two, 4));
  memcpy (dst, &first, 4);
  memcpy (dst + 3, &second, 4);
}

static inline guint
ry_vector_mix_rgb (guint8 * dst, const guint8 * a, const guint8 * b,
    guint fraction, const RyTaps * x, const guint step, gboolean reverse,
    guint n)
{
  const __m128i weight_a = _mm_set1_epi16 (256 - fraction);
  const __m128i weight_b = _mm_set1_epi16 (fraction);
  guint i;

  for (i = 0; i + 2 <= n; i += 2) {
    const guint32 *o = x->offset + i;
    const gint16 *w = x->weight + 2 * i;
    __m128i out = _mm_packs_epi32 (ry_sse2_mix_rgb (a + o[0], b + o[0],
            weight_a, weight_b, w, step), ry_sse2_mix_rgb (a + o[1],
            b + o[1], weight_a, weight_b, w + 2, step));

    ry_sse2_store_two_rgb (dst + 3 * i, out, reverse);
  }
  return i;
}

/* Four pixels summed up, in the low four elements. */
static inline __m128i
ry_sse2_sum_rgb (const guint8 * a, const guint8 * b, const guint step)
{
  const __m128i zero = _mm_setzero_si128 ();
  __m128i sum = _mm_add_epi16 (_mm_unpacklo_epi8 (ry_sse2_load_64 (a), zero),
      _mm_unpacklo_epi8 (ry_sse2_load_64 (b), zero));

  return _mm_add_epi16 (sum, step == 3 ? _mm_srli_si128 (sum, 6) :
      _mm_srli_si128 (sum, 8));
}

static inline guint
ry_vector_halve_rgb (guint8 * dst, const guint8 * a, const guint8 * b,
    const guint step, gboolean reverse, guint n)
{
  guint i;

  for (i = 0; i + 2 <= n; i += 2) {
    guint o = 2 * step * i;
    __m128i sum = _mm_unpacklo_epi64 (ry_sse2_sum_rgb (a + o, b + o, step),
        ry_sse2_sum_rgb (a + o + 2 * step, b + o + 2 * step, step));

    sum = _mm_srli_epi16 (_mm_add_epi16 (sum, _mm_set1_epi16 (2)), 2);
    ry_sse2_store_two_rgb (dst + 3 * i, sum, reverse);
  }
  return i;
}
