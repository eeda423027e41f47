/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "decode/rotated.h"

#include <math.h>

#define EPSILON 1e-7
#define QUARTER_TURN 0x1.921fb4p0f      /* greatest float not above pi / 2 */

void
ry_rotated_set (RyBox * box, const gfloat xywha[5])
{
  gfloat w = xywha[2], h = xywha[3];
  gdouble angle = xywha[4];
  gdouble c = cos (angle), s = sin (angle);
  gfloat x = (gfloat) ((fabs (w * c) + fabs (h * s)) / 2);
  gfloat y = (gfloat) ((fabs (w * s) + fabs (h * c)) / 2);

  if (h > w)
    angle += G_PI_2;
  /* A box is the same half a turn on. */
  angle = remainder (angle, G_PI);
  box->cx = xywha[0];
  box->cy = xywha[1];
  box->w = MAX (w, h);
  box->h = MIN (w, h);
  box->angle = MIN ((gfloat) angle, QUARTER_TURN);
  if (box->angle < -QUARTER_TURN)
    box->angle = QUARTER_TURN;
  box->x1 = box->cx - x;
  box->y1 = box->cy - y;
  box->x2 = box->cx + x;
  box->y2 = box->cy + y;
}

void
ry_rotated_gaussian (const RyBox * box, RyGaussian * gaussian)
{
  gfloat a = box->w * box->w / 12, b = box->h * box->h / 12;
  gfloat c = cosf (box->angle), s = sinf (box->angle);

  gaussian->x = box->cx;
  gaussian->y = box->cy;
  gaussian->a = a * c * c + b * s * s;
  gaussian->b = a * s * s + b * c * c;
  gaussian->c = (a - b) * c * s;
}

/* 1 - sqrt (1 - exp (-d) + e) >= threshold, solved for d. */
gfloat
ry_rotated_limit (gfloat threshold)
{
  gdouble rest = 1 - (gdouble) threshold;
  gdouble inside = 1 + EPSILON - rest * rest;

  if (rest < 0)
    return -INFINITY;
  return inside > 0 ? (gfloat) - log (inside) : INFINITY;
}

gboolean
ry_rotated_overlaps (const RyGaussian * one, const RyGaussian * other,
    gfloat limit)
{
  gdouble a = (gdouble) one->a + other->a, b = (gdouble) one->b + other->b;
  gdouble c = (gdouble) one->c + other->c;
  gdouble x = (gdouble) other->x - one->x, y = (gdouble) one->y - other->y;
  gdouble det, distance, product;

  /* (x, y) / (a b - c c) is at least x x + y y by the greatest eigenvalue,
   * which a + b is above: far boxes need no more than this. */
  if (x * x + y * y > 4 * limit * (a + b) * (1 + 1e-6))
    return FALSE;
  det = a * b - c * c;
  distance = (a * y * y + b * x * x) / (det + EPSILON) / 4
      + c * x * y / (det + EPSILON) / 2;
  product = MAX ((gdouble) one->a * one->b - (gdouble) one->c * one->c, 0)
      * MAX ((gdouble) other->a * other->b - (gdouble) other->c * other->c, 0);
  distance += log (det / (4 * sqrt (product) + EPSILON) + EPSILON) / 2;
  return CLAMP (distance, EPSILON, 100) <= limit;
}
