/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "image/rows.h"

#include <string.h>

#include "image/rowvector.h"

/* 8 bits of ry_rows_blend and RY_TAP_BITS. */
#define MIX_SHIFT (8 + RY_TAP_BITS)

void
ry_rows_blend (guint16 * restrict dst, const guint8 * restrict a,
    const guint8 * restrict b, guint n, guint fraction)
{
  const guint16 weight_b = fraction;
  const guint16 weight_a = 256 - fraction;
  guint i;

  for (i = 0; i < n; i++)
    dst[i] = a[i] * weight_a + b[i] * weight_b;
}

static void
mix_from (guint first, guint8 * dst, const guint16 * row, const RyTaps * x,
    const RyLayout * layout)
{
  guint i, c;

  for (i = first; i < x->n; i++) {
    const guint16 *a = row + x->offset[i];
    const guint16 *b = a + layout->step;
    guint32 weight_a = x->weight[2 * i];
    guint32 weight_b = x->weight[2 * i + 1];

    for (c = 0; c < layout->channels; c++) {
      guint at = layout->at[c];

      dst[i * layout->channels + c] = (a[at] * weight_a + b[at] * weight_b
          + (1u << (MIX_SHIFT - 1))) >> MIX_SHIFT;
    }
  }
}

/* Vector code exists for the layouts of the formats we know; it leaves the
 * last few pixels, and every other layout, to the loop above. */
void
ry_rows_mix (guint8 * dst, const guint16 * row, const RyTaps * x,
    const RyLayout * layout)
{
  guint done = 0;
#ifdef RY_HAVE_ROW_VECTORS
  const guint16 *base = row + layout->at[0];

  if (layout->channels == 1 && layout->step == 1)
    done = ry_vector_mix_1_1 (dst, base, x);
  else if (layout->channels == 1 && layout->step == 2)
    done = ry_vector_mix_1_2 (dst, base, x);
  else if (layout->channels == 2 && layout->step == 2)
    done = ry_vector_mix_2_2 (dst, base, x);
  else if (layout->channels == 2 && layout->step == 4)
    done = ry_vector_mix_2_4 (dst, base, x);
#endif
  mix_from (done, dst, row, x, layout);
}

/* How many leading pixels have `width` bytes to load in the row, and another
 * pixel behind them in dst, which then is made later. */
static guint
count_wide_pixels (const RyTaps * x, guint base, guint width, guint row_length)
{
  guint n = x->n - 1;

  while (n > 0 && x->offset[n - 1] + base + width > row_length)
    n--;
  return n;
}

void
ry_rows_mix_rgb (guint8 * dst, const guint8 * a, const guint8 * b,
    guint fraction, const RyTaps * x, const RyLayout * layout, guint row_length)
{
  guint i = 0, c;
#ifdef RY_HAVE_ROW_VECTORS
  gboolean reverse = layout->at[0] > layout->at[2];
  guint base = layout->at[reverse ? 2 : 0];
  guint n = count_wide_pixels (x, base, 8, row_length);

  if (layout->step == 3)
    i = ry_vector_mix_rgb (dst, a + base, b + base, fraction, x, 3, reverse, n);
  else
    i = ry_vector_mix_rgb (dst, a + base, b + base, fraction, x, 4, reverse, n);
#endif

  for (; i < x->n; i++) {
    guint32 weight_a = x->weight[2 * i], weight_b = x->weight[2 * i + 1];
    guint step = weight_b ? layout->step : 0;

    for (c = 0; c < 3; c++) {
      guint at = x->offset[i] + layout->at[c];
      guint32 here = a[at] * (256 - fraction) + b[at] * fraction;
      guint32 next = a[at + step] * (256 - fraction) + b[at + step] * fraction;

      dst[3 * i + c] = (here * weight_a + next * weight_b
          + (1u << (MIX_SHIFT - 1))) >> MIX_SHIFT;
    }
  }
}

void
ry_rows_halve_rgb (guint8 * dst, const guint8 * a, const guint8 * b,
    const RyTaps * x, const RyLayout * layout, guint row_length)
{
  guint i = 0, c;
#ifdef RY_HAVE_ROW_VECTORS
  gboolean reverse = layout->at[0] > layout->at[2];
  guint base = layout->at[reverse ? 2 : 0];
  guint n = count_wide_pixels (x, base, 8, row_length);

  if (layout->step == 3)
    i = ry_vector_halve_rgb (dst, a + base, b + base, 3, reverse, n);
  else
    i = ry_vector_halve_rgb (dst, a + base, b + base, 4, reverse, n);
#endif

  for (; i < x->n; i++) {
    for (c = 0; c < 3; c++) {
      guint here = 2 * layout->step * i + layout->at[c];
      guint next = here + layout->step;

      dst[3 * i + c] = (a[here] + a[next] + b[here] + b[next] + 2) >> 2;
    }
  }
}

/* Four bytes are copied for each pixel, and the next pixel overwrites the
 * fourth. */
static guint
pick_wide (guint8 * dst, const guint8 * row, const RyTaps * x,
    const RyLayout * layout, guint row_length)
{
  gboolean reverse = layout->at[0] > layout->at[2];
  guint base = layout->at[reverse ? 2 : 0];
  guint i, n = count_wide_pixels (x, base, 4, row_length);

  for (i = 0; i < n; i++) {
    guint32 pixel;

    memcpy (&pixel, row + x->offset[i] + base, 4);
    pixel = GUINT32_FROM_LE (pixel);
    if (reverse)
      pixel = GUINT32_SWAP_LE_BE (pixel) >> 8;
    pixel = GUINT32_TO_LE (pixel);
    memcpy (dst + 3 * i, &pixel, 4);
  }
  return n;
}

void
ry_rows_pick (guint8 * restrict dst, const guint8 * restrict row,
    const RyTaps * x, const RyLayout * layout, guint row_length)
{
  const guint32 *offset = x->offset;
  const guint8 *first = row + layout->at[0];
  const guint8 *second = row + layout->at[1];
  const guint8 *third = row + layout->at[2];
  guint i, n = x->n;

  switch (layout->channels) {
    case 1:
      for (i = 0; i < n; i++)
        dst[i] = first[offset[i]];
      break;
    case 2:
      for (i = 0; i < n; i++) {
        dst[2 * i] = first[offset[i]];
        dst[2 * i + 1] = second[offset[i]];
      }
      break;
    default:
      for (i = pick_wide (dst, row, x, layout, row_length); i < n; i++) {
        dst[3 * i] = first[offset[i]];
        dst[3 * i + 1] = second[offset[i]];
        dst[3 * i + 2] = third[offset[i]];
      }
      break;
  }
}
