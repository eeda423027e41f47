/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Colours: which one a class has, and what it is in the format of a frame. */

#pragma once

#include <gst/video/video.h>

G_BEGIN_DECLS

/* R'G'B' of sRGB, 0..255. */
typedef struct
{
  guint8 r, g, b;
} RyColor;

/* The same in the components of a frame: Y' Cb Cr A or R' G' B' A. */
typedef struct
{
  guint8 value[GST_VIDEO_MAX_COMPONENTS];
} RySample;

/* The colour of a class is made from its name alone, so it is the same in
 * every run, on every machine, for every model that knows the class, and also
 * where scaling has cost a detection everything but its label.  class_id
 * decides where there is no name. */
RyColor ry_color_for_class (const gchar * label, gint class_id);

/* Black or white, whichever has the higher contrast to background (WCAG 2.1,
 * "contrast ratio"). */
RyColor ry_color_for_text (RyColor background);

/* Matrix and range of info's colorimetry; formula: ITU-T H.273, 8.3 (equations
 * for non-constant luminance).  An unknown matrix is taken for BT.601, as
 * GStreamer does for YUV without further description. */
RySample ry_color_to_sample (RyColor self, const GstVideoInfo * info);

G_END_DECLS
