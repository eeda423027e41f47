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
  gboolean reverse = layout->at[0] > layout->at[layout->channels - 1];
  const guint16 *base = row + layout->at[reverse ? layout->channels - 1 : 0];

  if (layout->channels == 1 && layout->step == 1)
    done = ry_vector_mix_1_1 (dst, base, x);
  else if (layout->channels == 1 && layout->step == 2)
    done = ry_vector_mix_1_2 (dst, base, x);
  else if (layout->channels == 2 && layout->step == 2)
    done = ry_vector_mix_2_2 (dst, base, x);
  else if (layout->channels == 2 && layout->step == 4)
    done = ry_vector_mix_2_4 (dst, base, x);
  else if (layout->channels == 3)
    done = ry_vector_mix_3 (dst, base, x, layout->step, reverse);
#endif
  mix_from (done, dst, row, x, layout);
}

void
ry_rows_pick (guint8 * restrict dst, const guint8 * restrict row,
    const RyTaps * x, const RyLayout * layout)
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
      for (i = 0; i < n; i++) {
        dst[3 * i] = first[offset[i]];
        dst[3 * i + 1] = second[offset[i]];
        dst[3 * i + 2] = third[offset[i]];
      }
      break;
  }
}
