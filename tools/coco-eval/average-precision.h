/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Average precision of boxes as COCO defines it (cocodataset.org, "Detection
 * evaluation"; pycocotools/cocoeval.py with its default parameters):
 *
 * In each picture the detections of a class, best score first and at most 100,
 * take the free object that they overlap most, if by the threshold at least.
 * Objects outside the range of sizes, and crowds, are taken only where no other
 * fits, and what takes them counts neither as right nor as wrong; nor does a
 * detection outside the range that takes nothing.  Crowds may be taken by many,
 * and the overlap with them is the part of the detection that lies in them.
 * The precision at 101 recalls, 0 to 1, made falling, is averaged over recalls,
 * the ten thresholds .50 to .95, and the classes that have objects. */

#pragma once

#include <glib.h>

#include "detection.h"

G_BEGIN_DECLS

/* Negative where there is nothing to measure. */
typedef struct
{
  gdouble ap, ap50, ap75;
  gdouble ap_small, ap_medium, ap_large;        /* area to 32², to 96², above */
  gdouble ar100;                /* recall, averaged over thresholds, classes */
} AveragePrecision;

/* truths and detections are arrays of Truth and Detection.  Only pictures of
 * the set images (gint64 *) count.  by_class is filled, unless NULL, with the
 * AP (gdouble) of the categories (array of Category) in their order. */
void average_precision (const GArray * categories, const GArray * truths,
    const GArray * detections, GHashTable * images, AveragePrecision * result,
    GArray * by_class);

G_END_DECLS
