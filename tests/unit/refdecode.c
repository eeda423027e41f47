/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "refdecode.h"

#include <math.h>

static gfloat
from_half (guint16 half)
{
  gint exponent = (half >> 10) & 31;
  gdouble fraction = half & 1023;
  gdouble value;

  if (exponent == 31)
    value = fraction != 0 ? NAN : INFINITY;
  else if (exponent == 0)
    value = ldexp (fraction, -24);
  else
    value = ldexp (fraction + 1024, exponent - 25);
  return (gfloat) (half & 0x8000 ? -value : value);
}

gfloat
ref_at_index (const RyTensor * t, gsize index)
{
  switch (t->type) {
    case RKNN_TENSOR_INT8:
      return (gfloat) (((const gint8 *) t->data)[index] - t->zp) * t->scale;
    case RKNN_TENSOR_UINT8:
      return (gfloat) (((const guint8 *) t->data)[index] - t->zp) * t->scale;
    case RKNN_TENSOR_FLOAT16:
      return from_half (((const guint16 *) t->data)[index]);
    default:
      return ((const gfloat *) t->data)[index];
  }
}

gfloat
ref_at (const RyTensor * t, guint c, guint y, guint x)
{
  return ref_at_index (t, (c / t->c2) * t->plane + y * t->row
      + (gsize) x * t->c2 + c % t->c2);
}

static void
add (GArray * candidates, const gdouble box[4], gfloat score, guint class_id,
    const RyDecodeParams * params)
{
  RefBox one = { box[0], box[1], box[2], box[3], score, (gint) class_id };

  if (!(score > params->confidence_threshold))
    return;
  if (params->classes != NULL && !params->classes[class_id])
    return;
  if (!(one.x2 > one.x1 && one.y2 > one.y1))
    return;
  g_array_append_val (candidates, one);
}

gdouble
ref_distance (const RyTensor * t, guint side, guint bins, guint y, guint x)
{
  gdouble sum = 0, weighted = 0;
  guint i;

  if (bins == 1)
    return ref_at (t, side, y, x);
  for (i = 0; i < bins; i++) {
    gdouble e = exp (ref_at (t, side * bins + i, y, x));

    sum += e;
    weighted += e * i;
  }
  return weighted / sum;
}

void
ref_add_cell (GArray * candidates, const gdouble box[4], gfloat objectness,
    const gfloat * scores, guint n, const RyDecodeParams * params)
{
  guint best = 0, c;

  if (objectness != 1 && !(objectness > params->confidence_threshold))
    return;
  for (c = 0; c < n; c++) {
    if (scores[c] > scores[best])
      best = c;
    if (params->multi_label)
      add (candidates, box, objectness * scores[c], c, params);
  }
  if (!params->multi_label)
    add (candidates, box, objectness * scores[best], best, params);
}

static gdouble
iou (const RefBox * a, const RefBox * b)
{
  gdouble w = fmin (a->x2, b->x2) - fmax (a->x1, b->x1);
  gdouble h = fmin (a->y2, b->y2) - fmax (a->y1, b->y1);
  gdouble both = w > 0 && h > 0 ? w * h : 0;

  return both / ((a->x2 - a->x1) * (a->y2 - a->y1)
      + (b->x2 - b->x1) * (b->y2 - b->y1) - both);
}

static void
sort_stably (GArray * all)
{
  guint i, j;

  for (i = 1; i < all->len; i++) {
    RefBox box = g_array_index (all, RefBox, i);

    for (j = i; j > 0
        && g_array_index (all, RefBox, j - 1).score < box.score; j--)
      g_array_index (all, RefBox, j) = g_array_index (all, RefBox, j - 1);
    g_array_index (all, RefBox, j) = box;
  }
}

void
ref_finish (GArray * all, const RyDecodeParams * params, gboolean nms)
{
  guint n = 0, i, j;

  sort_stably (all);
  for (i = 0; i < all->len; i++) {
    RefBox box = g_array_index (all, RefBox, i);
    gboolean keep = TRUE;

    for (j = 0; nms && j < n; j++) {
      const RefBox *kept = &g_array_index (all, RefBox, j);

      if (kept->class_id == box.class_id
          && iou (kept, &box) > params->iou_threshold)
        keep = FALSE;
    }
    if (keep)
      g_array_index (all, RefBox, n++) = box;
  }
  g_array_set_size (all, MIN (n, params->max_detections));
}

void
ref_compare (const RyBox * boxes, guint n, const GArray * expected)
{
  guint i;

  g_assert_cmpuint (n, ==, expected->len);
  for (i = 0; i < n; i++) {
    const RefBox *e = &g_array_index (expected, RefBox, i);
    gdouble tolerance = 1e-3 + 1e-5 * fabs (e->x2 - e->x1);

    g_assert_cmpint (boxes[i].class_id, ==, e->class_id);
    g_assert_cmpfloat_with_epsilon (boxes[i].score, MIN (e->score, 1.0f), 1e-6);
    g_assert_cmpfloat_with_epsilon (boxes[i].x1, e->x1, tolerance);
    g_assert_cmpfloat_with_epsilon (boxes[i].x2, e->x2, tolerance);
    tolerance = 1e-3 + 1e-5 * fabs (e->y2 - e->y1);
    g_assert_cmpfloat_with_epsilon (boxes[i].y1, e->y1, tolerance);
    g_assert_cmpfloat_with_epsilon (boxes[i].y2, e->y2, tolerance);
  }
}
