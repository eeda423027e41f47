/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Detections, and their file in COCO's results form:
 *
 *   [{"image_id": 139, "category_id": 1, "bbox": [x, y, width, height],
 *     "score": 0.9}, ...] */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  gint64 image;                 /* id */
  gint64 category;              /* id */
  gdouble x, y, width, height;  /* pixels of the picture, three decimals */
  gdouble score;                /* five decimals */
} Detection;

/* Rounds to what is written, so that the file and what is computed from the
 * detections say the same. */
void detection_round (Detection * self);

/* Writes the file, whole or not at all. */
gboolean detections_write (const GArray * detections, const gchar * path,
    GError ** error);

G_END_DECLS
