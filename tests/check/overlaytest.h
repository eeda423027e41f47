/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Frames for the tests of rknnyolooverlay, and what they should look like.
 *
 * The expected picture is computed here pixel by pixel: a sample of any
 * component is the average over the pixels it stands for, some of which have
 * the colour of a box.  Where samples lie is asked of GStreamer. */

#pragma once

#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>
#include <gst/video/video.h>

#include "rknnyoloframeinfo.h"

typedef struct
{
  gint x, y, w, h;
} Rect;

/* 8-bit R'G'B' */
typedef struct
{
  guint8 r, g, b;
} Rgb;

/* A frame of noise that is the same for the same seed.  Padded: rows longer
 * and planes further apart than the caps say, described by GstVideoMeta. */
GstBuffer *overlay_frame_new (const GstVideoInfo * info, guint32 seed,
    gboolean padded);

void overlay_info_set (GstVideoInfo * info, GstVideoFormat format, gint width,
    gint height, const gchar * colorimetry);

void overlay_add_box (GstBuffer * buffer, const gchar * label,
    const Rect * rect);

/* A harness around rknnyolooverlay with these properties. */
GstHarness *overlay_harness_new (const GstVideoInfo * info,
    const gchar * properties);

/* Paints the outline of rect, line pixels wide and inside it, the slow way.
 * fuzzy (as many bytes as the buffer) is set to 1 where a sample is covered in
 * part, so that rounding may differ by one. */
void overlay_expect_outline (GstBuffer * buffer, const GstVideoInfo * info,
    const Rect * rect, gint line, Rgb color, guint8 * fuzzy);

/* Compares every byte, padding included. */
void overlay_assert_equal (GstBuffer * buffer, GstBuffer * expected,
    const guint8 * fuzzy, const gchar * what);

/* What R'G'B' is in the format of info, by the equations of the standards. */
void overlay_expect_color (const GstVideoInfo * info, Rgb color,
    guint8 sample[4]);

/* The colour in which a class is drawn, found out by drawing it. */
Rgb overlay_find_color (const gchar * label);
