/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Rotated boxes: their bounds, and how much two of them are one.
 *
 * A box is taken for the Gaussian of its covariance,
 *
 *   w^2 / 12 along its w side, h^2 / 12 across
 *
 * and the overlap of two is 1 - H, with H the Hellinger distance of their
 * Gaussians.  (Llerena et al., Gaussian Bounding Boxes and Probabilistic
 * Intersection-over-Union for Object Detection, 2021; Ultralytics'
 * batch_probiou in utils/metrics.py, whose 1e-7 against divisions by zero are
 * kept.) */

#pragma once

#include "decode/decode.h"

G_BEGIN_DECLS typedef struct
{
  gfloat x, y;                  /* mean */
  gfloat a, b, c;               /* covariance: xx, yy, xy */
} RyGaussian;

/* Fills the rotated and the upright part of box from centre, size and angle in
 * any range, whichever side is longer. */
void ry_rotated_set (RyBox * box, const gfloat xywha[5]);

void ry_rotated_gaussian (const RyBox * box, RyGaussian * gaussian);

/* A threshold of overlaps as a limit of Bhattacharyya distances, which saves a
 * root and an exponential for each pair. */
gfloat ry_rotated_limit (gfloat threshold);

/* Is the overlap at or above the threshold? */
gboolean ry_rotated_overlaps (const RyGaussian * one, const RyGaussian * other,
    gfloat limit);

G_END_DECLS
