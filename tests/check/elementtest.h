/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the tests of rknnyolo share: a model whose detections are known because
 * they are written into it, and frames for it. */

#pragma once

#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>
#include <gst/video/video.h>

#include "testmodel.h"

#define WIDTH 128
#define HEIGHT 96
#define FRAME (40 * GST_MSECOND)
#define CAPS "video/x-raw,format=NV12,width=128,height=96,framerate=25/1"

/* A frame of 128 x 96 lies in the input of 64 x 64 at half its size, 8 pixels
 * below the top.  So in the frame, whatever its pixels are: a cat of 0.9 at
 * 32,16 - 64,48, and a dog of 0.6 at 80,24 - 112,80.  A third class is bird. */
extern gchar *element_test_model;

/* rknnyolo with that model and these further properties. */
GstHarness *new_harness (const gchar * properties);

/* The element of the harness; borrowed. */
GstElement *get_element (GstHarness * harness);

/* What the element posts goes to the bus, until it is removed. */
GstBus *add_bus (GstHarness * harness);
void remove_bus (GstHarness * harness, GstBus * bus);

/* A frame of CAPS whose time tells its number. */
GstBuffer *new_frame (guint number);

guint count_regions (GstBuffer * buffer);
GstVideoRegionOfInterestMeta *find_region (GstBuffer * buffer,
    const gchar * label);

/* Pushes a frame and counts the regions on what comes out. */
guint regions_of_next (GstHarness * harness);

/* Fields of stats: a counter, a number of type guint, and how many values a
 * series such as core-0 has. */
guint64 get_counter (GstElement * element, const gchar * name);
guint get_stats_uint (GstElement * element, const gchar * name);
guint64 get_series_count (GstElement * element, const gchar * name);

/* Every frame that came in must be in exactly one counter, or in flight. */
void check_stats_sum (const GstStructure * stats);

/* The same, with nothing in flight any more. */
void check_sum (GstElement * element, guint64 frames_in);

void wait_for_eos (GstHarness * harness);

/* Runs the tests that add adds, in a suite of this name. */
typedef void (*ElementTestAdd) (TCase * tests);
int element_test_main (int *argc, char ***argv, const gchar * name,
    ElementTestAdd add);
