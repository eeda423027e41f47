/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A picture fitted to a model's input as the references of the test data had
 * it, so that what is left to compare are the model's outputs. */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* input = picture * scale + border */
typedef struct
{
  gint size;                    /* of the input, both ways */
  gint width, height;           /* of the picture */
  gint left, top;
  gdouble scale;
} Fit;

/* In the middle of the input, or in its top left corner. */
void fit_init (Fit * self, gint size, gint width, gint height,
    gboolean top_left);

/* A point of the input in the picture, limited to it. */
void fit_back (const Fit * self, gdouble x, gdouble y, gdouble * px,
    gdouble * py);

/* Loads the file and returns size * size pixels in RGB, and how it was fitted.
 * cv2.INTER_LINEAR, border 114. */
GstSample *fitted_picture_load (const gchar * path, gint size,
    gboolean top_left, Fit * fit);

G_END_DECLS
