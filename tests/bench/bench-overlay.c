/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Microseconds of CPU that rknnyolooverlay takes for one frame.
 *
 * Prints a table: format and size, number of objects, what is drawn, median and
 * 95th percentile over the frames.  Boxes move and scores change from frame to
 * frame, as they do in a video.  The row without boxes is what the harness
 * around the element costs. */

#include <math.h>
#include <stdlib.h>
#include <time.h>

#include <gst/check/gstharness.h>
#include <gst/video/video.h>

#include "rknnyoloframeinfo.h"

#define FRAMES 500
#define WARM_UP 50

static const gchar *labels[] = {
  "person", "bus", "car", "traffic light", "bicycle", "行人", "dog", "chair"
};

typedef enum
{
  BOXES,
  MASKS,
  KEYPOINTS,
  ROTATED,
} Extra;

static const struct
{
  GstVideoFormat format;
  gint width, height;
  guint boxes;
  const gchar *properties, *what;
  Extra extra;
} cases[] = {
  {GST_VIDEO_FORMAT_NV12, 1920, 1080, 0, "", "nothing to draw"},
  {GST_VIDEO_FORMAT_NV12, 1920, 1080, 5,
      "draw-labels=false draw-scores=false", "boxes"},
  {GST_VIDEO_FORMAT_NV12, 1920, 1080, 5, "", "boxes, labels, scores"},
  {GST_VIDEO_FORMAT_NV12, 1920, 1080, 10, "", "boxes, labels, scores"},
  {GST_VIDEO_FORMAT_NV12, 1920, 1080, 10, "hud=true", "the same and the board"},
  {GST_VIDEO_FORMAT_NV12, 1920, 1080, 50,
      "draw-labels=false draw-scores=false", "boxes"},
  {GST_VIDEO_FORMAT_NV12, 1920, 1080, 50, "", "boxes, labels, scores"},
  {GST_VIDEO_FORMAT_NV12, 1920, 1080, 50, "hud=true", "the same and the board"},
  {GST_VIDEO_FORMAT_NV12, 1920, 1080, 0, "hud=true", "the board"},
  {GST_VIDEO_FORMAT_NV12, 1920, 1080, 10, "copy=always",
      "boxes, labels, scores on a copy"},
  {GST_VIDEO_FORMAT_NV12, 3840, 2160, 10, "hud=true", "all"},
  {GST_VIDEO_FORMAT_I420, 1920, 1080, 10, "hud=true", "all"},
  {GST_VIDEO_FORMAT_YUY2, 1920, 1080, 10, "hud=true", "all"},
  {GST_VIDEO_FORMAT_BGRx, 1920, 1080, 10, "hud=true", "all"},
  {GST_VIDEO_FORMAT_NV12, 1920, 1080, 10, "", "and masks", MASKS},
  {GST_VIDEO_FORMAT_NV12, 1920, 1080, 50, "", "and masks", MASKS},
  {GST_VIDEO_FORMAT_I420, 1920, 1080, 10, "", "and masks", MASKS},
  {GST_VIDEO_FORMAT_YUY2, 1920, 1080, 10, "", "and masks", MASKS},
  {GST_VIDEO_FORMAT_BGRx, 1920, 1080, 10, "", "and masks", MASKS},
  {GST_VIDEO_FORMAT_NV12, 1920, 1080, 10, "draw-masks=false",
      "masks that are not drawn", MASKS},
  {GST_VIDEO_FORMAT_NV12, 1920, 1080, 10, "", "and skeletons", KEYPOINTS},
  {GST_VIDEO_FORMAT_NV12, 1920, 1080, 50, "", "and skeletons", KEYPOINTS},
  {GST_VIDEO_FORMAT_NV12, 1920, 1080, 10, "", "rotated", ROTATED},
  {GST_VIDEO_FORMAT_NV12, 1920, 1080, 50, "", "rotated", ROTATED},
};

static GBytes *mask;            /* 32 x 32, a disc with a soft edge */

static GBytes *
make_mask (void)
{
  guint8 *data = g_malloc (32 * 32);
  gint x, y;

  for (y = 0; y < 32; y++) {
    for (x = 0; x < 32; x++) {
      gdouble distance = hypot (x - 15.5, y - 15.5);
      data[y * 32 + x] = 255 / (1 + exp ((distance - 13) * 1.5));
    }
  }
  return g_bytes_new_take (data, 32 * 32);
}

static void
append (GValue * array, gdouble number)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_DOUBLE);
  g_value_set_double (&value, number);
  gst_value_array_append_and_take_value (array, &value);
}

/* A person who stands upright, with the legs apart: x and y within the box. */
static const gdouble pose[17][2] = {
  {.50, .10}, {.53, .08}, {.47, .08}, {.57, .10}, {.43, .10}, {.65, .22},
  {.35, .22}, {.75, .38}, {.25, .38}, {.85, .50}, {.15, .50}, {.60, .52},
  {.40, .52}, {.65, .74}, {.35, .74}, {.72, .96}, {.28, .96}
};

/* A quarter of the way along the edges. */
static const gdouble turned[4][2] = {
  {.25, 0}, {1, .25}, {.75, 1}, {0, .75}
};

static GstStructure *
make_points (const gchar * name, const gdouble (*points)[2], guint n,
    gboolean with_confidence, const gdouble * edges)
{
  GstStructure *structure = gst_structure_new_empty (name);
  GValue array = G_VALUE_INIT;
  guint i;

  g_value_init (&array, GST_TYPE_ARRAY);
  for (i = 0; i < n; i++) {
    append (&array, edges[0] + points[i][0] * (edges[2] - edges[0]));
    append (&array, edges[1] + points[i][1] * (edges[3] - edges[1]));
    if (with_confidence)
      append (&array, 0.9);
  }
  gst_structure_take_value (structure, "points", &array);
  return structure;
}

/* edges: x_min, y_min, x_max, y_max of the box */
static GstStructure *
make_extra (Extra extra, const gdouble * edges)
{
  if (extra == KEYPOINTS)
    return make_points ("keypoints", pose, 17, TRUE, edges);
  if (extra == ROTATED)
    return make_points ("oriented-box", turned, 4, FALSE, edges);
  return gst_structure_new ("mask",
      "x_min", G_TYPE_DOUBLE, edges[0], "y_min", G_TYPE_DOUBLE, edges[1],
      "x_max", G_TYPE_DOUBLE, edges[2], "y_max", G_TYPE_DOUBLE, edges[3],
      "width", G_TYPE_INT, 32, "height", G_TYPE_INT, 32,
      "data", G_TYPE_BYTES, mask, NULL);
}

static void
put_metas (GstBuffer * buffer, guint boxes, Extra extra, guint number,
    gint width, gint height)
{
  const RknnyoloFrameInfo info = {
    .frame = number,.inferred = TRUE,.cores = 3,.width = width,.height = height
  };
  guint i;

  rknnyolo_buffer_set_frame_info (buffer, &info);
  for (i = 0; i < boxes; i++) {
    /* Sizes from a tenth to a third of the height, anywhere in the frame. */
    guint w = height / 10 + (i * 7919) % (height / 4);
    guint h = height / 10 + (i * 104729) % (height / 4);
    guint x = (i * 15485863 + number * 3) % (width - w);
    guint y = (i * 32452843 + number * 2) % (height - h);
    GstVideoRegionOfInterestMeta *meta =
        gst_buffer_add_video_region_of_interest_meta (buffer,
        labels[i % G_N_ELEMENTS (labels)], x, y, w, h);

    gst_video_region_of_interest_meta_add_param (meta,
        gst_structure_new ("detection", "confidence", G_TYPE_DOUBLE,
            ((i * 31 + number * 17) % 100) / 100.0,
            "x_min", G_TYPE_DOUBLE, (gdouble) x / width,
            "y_min", G_TYPE_DOUBLE, (gdouble) y / height,
            "x_max", G_TYPE_DOUBLE, (gdouble) (x + w) / width,
            "y_max", G_TYPE_DOUBLE, (gdouble) (y + h) / height, NULL));
    if (extra != BOXES) {
      const gdouble edges[] = {
        (gdouble) x / width, (gdouble) y / height, (gdouble) (x + w) / width,
        (gdouble) (y + h) / height
      };

      gst_video_region_of_interest_meta_add_param (meta, make_extra (extra,
              edges));
    }
  }
}

static gboolean
remove_meta (GstBuffer * buffer, GstMeta ** meta, gpointer data)
{
  *meta = NULL;
  return TRUE;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  return *(const gint64 *) a - *(const gint64 *) b;
}

static gint64
get_cpu_time (void)
{
  struct timespec time;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec * G_USEC_PER_SEC + time.tv_nsec / 1000;
}

static void
run (guint index)
{
  gchar *line = g_strdup_printf ("rknnyolooverlay %s", cases[index].properties);
  GstElement *element = gst_parse_launch (line, NULL);
  GstHarness *h = gst_harness_new_with_element (element, "sink", "src");
  gint64 times[FRAMES];
  GstVideoInfo info;
  GstBuffer *buffer;
  guint i;

  gst_video_info_set_format (&info, cases[index].format, cases[index].width,
      cases[index].height);
  gst_harness_set_src_caps (h, gst_video_info_to_caps (&info));
  buffer = gst_buffer_new_allocate (NULL, GST_VIDEO_INFO_SIZE (&info), NULL);
  gst_buffer_memset (buffer, 0, 100, GST_VIDEO_INFO_SIZE (&info));

  for (i = 0; i < WARM_UP + FRAMES; i++) {
    gint64 start;

    put_metas (buffer, cases[index].boxes, cases[index].extra, i, info.width,
        info.height);
    start = get_cpu_time ();
    buffer = gst_harness_push_and_pull (h, buffer);
    if (i >= WARM_UP)
      times[i - WARM_UP] = get_cpu_time () - start;
    gst_buffer_foreach_meta (buffer, remove_meta, NULL);
  }

  qsort (times, FRAMES, sizeof (gint64), compare);
  g_print ("%-5s %4dx%-4d %2u boxes  %5" G_GINT64_FORMAT " us  p95 %5"
      G_GINT64_FORMAT " us  %s\n", GST_VIDEO_INFO_NAME (&info), info.width,
      info.height, cases[index].boxes, times[FRAMES / 2],
      times[FRAMES * 95 / 100], cases[index].what);

  gst_buffer_unref (buffer);
  gst_harness_teardown (h);
  gst_object_unref (element);
  g_free (line);
}

gint
main (gint argc, gchar ** argv)
{
  guint i;

  gst_init (&argc, &argv);
  mask = make_mask ();
  for (i = 0; i < G_N_ELEMENTS (cases); i++)
    run (i);
  g_bytes_unref (mask);
  return 0;
}
