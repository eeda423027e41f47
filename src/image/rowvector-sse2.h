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

/* Four bytes are stored for each pixel and the next pixel overwrites the
 * fourth, so the last one is left to the caller. */
static inline guint
ry_vector_mix_3 (guint8 * dst, const guint16 * base, const RyTaps * x,
    guint step, gboolean reverse)
{
  guint i;

  for (i = 0; i + 1 < x->n; i++) {
    const guint16 *p = base + x->offset[i];
    __m128i pairs = _mm_unpacklo_epi16 (ry_sse2_load_64 (p),
        ry_sse2_load_64 (p + step));
    __m128i weights = _mm_shuffle_epi32 (ry_sse2_load_32 (x->weight + 2 * i),
        0);
    __m128i mixed = ry_sse2_mix (pairs, weights);
    guint32 out;

    if (reverse)
      mixed = _mm_shuffle_epi32 (mixed, _MM_SHUFFLE (3, 0, 1, 2));
    out = ry_sse2_narrow (mixed);
    memcpy (dst + 3 * i, &out, 4);
  }
  return i;
}
