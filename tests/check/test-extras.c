/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Masks, keypoints and rotated boxes from the outputs of a model to the
 * buffer, with models into which they are written.  A frame of 128 x 96 lies in
 * the input of 64 x 64 at half its size, 8 pixels below the top. */

#include <math.h>
#include <rknnyolo/detections.h>

#include "elementtest.h"
#ifdef HAVE_GST_ANALYTICS
#include <gst/analytics/analytics.h>
#endif

/* Whatever the way to the buffer is, it is paved with floats. */
#define NEAR 0.01

static const gchar *const names[] = { "cat", "dog", "bird", NULL };

static const TestBox boxes[] = {
  {0, 0.9f, 16, 16, 32, 32},
  {1, 0.6f, 40, 20, 56, 48},
};

#define N_BOXES G_N_ELEMENTS (boxes)

static GstBuffer *
detect_with (const TestBox * written, guint n, const TestTask * task,
    const gchar * properties)
{
  gchar *model = test_model_write_task (written, n, 3, names, task);
  g_autofree gchar *line = g_strdup_printf ("rknnyolo model=%s %s", model,
      properties);
  GstHarness *harness = gst_harness_new_parse (line);
  GstBuffer *buffer;

  gst_harness_set_src_caps_str (harness, CAPS);
  buffer = gst_harness_push_and_pull (harness, new_frame (0));
  gst_harness_teardown (harness);
  test_model_remove (model);
  return buffer;
}

static GstBuffer *
detect (const TestTask * task, const gchar * properties)
{
  return detect_with (boxes, N_BOXES, task, properties);
}

static void
assert_near (gdouble a, gdouble b)
{
  fail_unless (fabs (a - b) <= NEAR, "%f instead of %f", a, b);
}

/* The detections in the order of boxes. */
static void
get_detections (GstBuffer * buffer, RknnyoloDetection * detections, guint n)
{
  gpointer state = NULL;

  assert_equals_int (rknnyolo_buffer_count_detections (buffer), n);
  for (guint i = 0; i < n; i++)
    fail_unless (rknnyolo_buffer_next_detection (buffer, &state,
            &detections[i]));
}

/* ---- masks --------------------------------------------------------------- */

/* The first prototype is set in its left part, the second in its upper half;
 * the cat takes the first, the dog all but the second. */
static const gfloat coefficients[] = { 1, 0, 0, -1 };

static gfloat prototypes[2 * TEST_MODEL_PROTO * TEST_MODEL_PROTO];

#define HALF (TEST_MODEL_PROTO / 2)

static TestTask
segment_task (void)
{
  const TestTask task = {.task = "segment",.n_extra = 2,
    .extra = coefficients,.proto = prototypes
  };

  for (guint y = 0; y < TEST_MODEL_PROTO; y++) {
    for (guint x = 0; x < TEST_MODEL_PROTO; x++) {
      guint at = y * TEST_MODEL_PROTO + x;

      /* The middle of the cat is 24 pixels of the input from the left. */
      prototypes[at] = x < 6 ? 8 : -8;
      prototypes[TEST_MODEL_PROTO * TEST_MODEL_PROTO + at] = y < HALF ? 8 : -8;
    }
  }
  return task;
}

/* What the mask says of a point of the frame, 0 beyond it. */
static guint
mask_at (const RknnyoloMask * mask, gdouble x, gdouble y)
{
  gdouble u = (x - mask->x) / mask->width * mask->columns;
  gdouble v = (y - mask->y) / mask->height * mask->rows;

  if (u < 0 || v < 0 || u >= mask->columns || v >= mask->rows)
    return 0;
  return mask->data[(gint) v * mask->columns + (gint) u];
}

/* A byte of a mask is 4 pixels of the input, 8 of the frame. */
static void
assert_masks (GstBuffer * buffer)
{
  RknnyoloDetection detections[N_BOXES];
  RknnyoloMask cat, dog;

  get_detections (buffer, detections, N_BOXES);
  fail_unless (rknnyolo_detection_get_mask (&detections[0], buffer, &cat));
  fail_unless (rknnyolo_detection_get_mask (&detections[1], buffer, &dog));
  assert_near (cat.width, 8 * cat.columns);
  assert_near (cat.height, 8 * cat.rows);
  /* 32,16 - 64,48: set up to the prototypes' column 6, 24 of the input. */
  for (gdouble y = 20; y < 48; y += 8) {
    fail_unless (mask_at (&cat, 36, y) >= 250);
    fail_unless (mask_at (&cat, 44, y) >= 250);
    fail_unless (mask_at (&cat, 52, y) <= 5);
    fail_unless (mask_at (&cat, 60, y) <= 5);
    fail_unless (mask_at (&cat, 68, y) == 0);
  }
  /* 80,24 - 112,80: set from the prototypes' row 8 on, 32 of the input. */
  for (gdouble x = 84; x < 112; x += 8) {
    fail_unless (mask_at (&dog, x, 28) <= 5);
    fail_unless (mask_at (&dog, x, 44) <= 5);
    fail_unless (mask_at (&dog, x, 52) >= 250);
    fail_unless (mask_at (&dog, x, 76) >= 250);
    fail_unless (mask_at (&dog, x, 84) == 0);
  }
}

GST_START_TEST (test_masks)
{
  TestTask task = segment_task ();
  GstBuffer *buffer = detect (&task, "");
  GstBuffer *copy = gst_buffer_copy_deep (buffer);

  assert_masks (buffer);
  gst_buffer_unref (buffer);
  assert_masks (copy);
  gst_buffer_unref (copy);
}

GST_END_TEST;

/* ---- keypoints ----------------------------------------------------------- */

/* Two of each: in the frame, and in the border. */
static const gfloat keypoints[] = {
  20, 24, 0.75f, 30, 4, 0.5f, 48, 30, 0.25f, 63, 56, 1
};

static const gdouble in_frame[][3] = {
  {40, 32, 0.75}, {60, -8, 0.5}, {96, 44, 0.25}, {126, 96, 1}
};

GST_START_TEST (test_keypoints)
{
  const TestTask task = {.task = "pose",.n_extra = 6,.extra = keypoints,
    .kpt_shape = "[2, 3]"
  };
  RknnyoloDetection detections[N_BOXES];
  RknnyoloKeypoint found[2];
  RknnyoloMask mask;
  GstBuffer *buffer = detect (&task, "");

  get_detections (buffer, detections, N_BOXES);
  for (guint i = 0; i < N_BOXES; i++) {
    assert_equals_int (rknnyolo_detection_get_keypoints (&detections[i], buffer,
            found, 2), 2);
    for (guint k = 0; k < 2; k++) {
      assert_near (found[k].x, in_frame[2 * i + k][0]);
      assert_near (found[k].y, in_frame[2 * i + k][1]);
      assert_near (found[k].confidence, in_frame[2 * i + k][2]);
    }
    fail_if (rknnyolo_detection_get_mask (&detections[i], buffer, &mask));
  }
  gst_buffer_unref (buffer);
}

GST_END_TEST;

/* ---- rotated boxes ------------------------------------------------------- */

/* The dog is higher than wide: its longer side is a right angle further. */
static const gfloat angles[] = { 0, 0.3f };

static void
assert_corners (const RknnyoloOrientedBox * box, const TestBox * written,
    gdouble angle, gdouble scale_x, gdouble scale_y, gdouble top)
{
  static const gint sign[4][2] = { {-1, -1}, {1, -1}, {1, 1}, {-1, 1} };

  for (guint i = 0; i < 4; i++) {
    gdouble u = sign[i][0] * (written->x2 - written->x1) / 2;
    gdouble v = sign[i][1] * (written->y2 - written->y1) / 2;
    gdouble x = (written->x1 + written->x2) / 2 + u * cos (angle)
        - v * sin (angle);
    gdouble y = (written->y1 + written->y2) / 2 + u * sin (angle)
        + v * cos (angle);
    guint k;

    /* Which of them is the first is not the point. */
    for (k = 0; k < 4; k++) {
      if (hypot (box->corner_x[k] - x * scale_x,
              box->corner_y[k] - (y - top) * scale_y) < NEAR)
        break;
    }
    fail_unless (k < 4, "no corner is near %f,%f", x * scale_x,
        (y - top) * scale_y);
  }
}

GST_START_TEST (test_rotated)
{
  const TestTask task = {.task = "obb",.n_extra = 1,.extra = angles };
  RknnyoloDetection detections[N_BOXES];
  RknnyoloOrientedBox box;
  GstBuffer *buffer = detect (&task, "");

  get_detections (buffer, detections, N_BOXES);
  for (guint i = 0; i < N_BOXES; i++) {
    fail_unless (rknnyolo_detection_get_oriented_box (&detections[i], buffer,
            &box));
    assert_corners (&box, &boxes[i], angles[i], 2, 2, 8);
  }
  assert_near (box.width, 56);
  assert_near (box.height, 32);
  assert_near (box.rotation, 0.3 + M_PI_2 - M_PI);
  gst_buffer_unref (buffer);

  /* Stretched to the input: what is upright keeps its corners. */
  buffer = detect (&task, "letterbox=stretch");
  get_detections (buffer, detections, N_BOXES);
  fail_unless (rknnyolo_detection_get_oriented_box (&detections[0], buffer,
          &box));
  assert_corners (&box, &boxes[0], 0, 2, 1.5, 0);
  gst_buffer_unref (buffer);
}

GST_END_TEST;

/* ---- class-agnostic ------------------------------------------------------ */

/* A dog where the cat is, and another elsewhere. */
GST_START_TEST (test_class_agnostic)
{
  static const TestBox same[] = {
    {0, 0.9f, 16, 16, 32, 32},
    {1, 0.8f, 16, 17, 32, 33},
    {1, 0.6f, 40, 20, 56, 48},
  };
  RknnyoloDetection detections[3];
  GstBuffer *buffer = detect_with (same, 3, NULL, "");

  get_detections (buffer, detections, 3);
  gst_buffer_unref (buffer);
  buffer = detect_with (same, 3, NULL, "class-agnostic=true");
  get_detections (buffer, detections, 2);
  assert_equals_string (detections[0].label, "cat");
  assert_near (detections[1].confidence, 0.6);
  gst_buffer_unref (buffer);
}

GST_END_TEST;

/* ---- GstAnalytics -------------------------------------------------------- */

#if defined (HAVE_GST_ANALYTICS) && GST_CHECK_VERSION (1, 26, 0)
GST_START_TEST (test_oriented_objects)
{
  const TestTask task = {.task = "obb",.n_extra = 1,.extra = angles };
  GstBuffer *buffer = detect (&task, "");
  GstAnalyticsRelationMeta *relation =
      gst_buffer_get_analytics_relation_meta (buffer);
  GstAnalyticsODMtd mtd;
  gint x, y, w, h;
  gfloat r, confidence;

  assert_equals_int (gst_analytics_relation_get_length (relation), N_BOXES);
  fail_unless (gst_analytics_relation_meta_get_od_mtd (relation, 1, &mtd));
  fail_unless (gst_analytics_od_mtd_get_oriented_location (&mtd, &x, &y, &w,
          &h, &r, &confidence));
  /* About 96, 52, the longer side first. */
  assert_equals_int (x, 96 - 28);
  assert_equals_int (y, 52 - 16);
  assert_equals_int (w, 56);
  assert_equals_int (h, 32);
  assert_near (r, 0.3 + M_PI_2);
  assert_near (confidence, 0.6);
  gst_buffer_unref (buffer);
}

GST_END_TEST;

/* The mask is 0 and region elsewhere than where the other mask says so. */
static void
assert_segmentation (GstAnalyticsRelationMeta * relation, guint id,
    GstBuffer * buffer, const RknnyoloDetection * detection)
{
  GstAnalyticsSegmentationMtd mtd;
  RknnyoloMask wanted;
  GstBuffer *mask;
  GstVideoFrame frame;
  GstVideoInfo info;
  gint x, y;
  guint w, h, region;

  fail_unless (gst_analytics_relation_meta_get_segmentation_mtd (relation, id,
          &mtd));
  fail_unless (rknnyolo_detection_get_mask (detection, buffer, &wanted));
  assert_equals_int (gst_analytics_segmentation_mtd_get_region_count (&mtd), 2);
  assert_equals_int (gst_analytics_segmentation_mtd_get_region_id (&mtd, 0), 0);
  region = gst_analytics_segmentation_mtd_get_region_id (&mtd, 1);
  assert_equals_int (region, detection->id + 1);
  mask = gst_analytics_segmentation_mtd_get_mask (&mtd, &x, &y, &w, &h);
  assert_near (x, wanted.x);
  assert_near (y, wanted.y);
  assert_near (w, wanted.width);
  assert_near (h, wanted.height);
  gst_video_info_set_format (&info, GST_VIDEO_FORMAT_GRAY8, wanted.columns,
      wanted.rows);
  fail_unless (gst_video_frame_map (&frame, &info, mask, GST_MAP_READ));
  assert_equals_int (GST_VIDEO_FRAME_WIDTH (&frame), wanted.columns);
  assert_equals_int (GST_VIDEO_FRAME_HEIGHT (&frame), wanted.rows);
  for (gint row = 0; row < wanted.rows; row++) {
    const guint8 *line = GST_VIDEO_FRAME_PLANE_DATA (&frame, 0);

    line += row * GST_VIDEO_FRAME_PLANE_STRIDE (&frame, 0);
    for (gint column = 0; column < wanted.columns; column++)
      assert_equals_int (line[column],
          wanted.data[row * wanted.columns + column] >= 128 ? region : 0);
  }
  gst_video_frame_unmap (&frame);
  gst_buffer_unref (mask);
}

GST_START_TEST (test_segmentation)
{
  TestTask task = segment_task ();
  GstBuffer *buffer = detect (&task, "");
  GstAnalyticsRelationMeta *relation =
      gst_buffer_get_analytics_relation_meta (buffer);
  RknnyoloDetection detections[N_BOXES];

  get_detections (buffer, detections, N_BOXES);
  /* The objects, then their masks. */
  assert_equals_int (gst_analytics_relation_get_length (relation), 2 * N_BOXES);
  for (guint i = 0; i < N_BOXES; i++) {
    GstAnalyticsODMtd object;

    assert_equals_int (detections[i].id, i);
    fail_unless (gst_analytics_relation_meta_get_od_mtd (relation, i, &object));
    fail_unless (gst_analytics_relation_meta_get_relation (relation, i,
            N_BOXES + i) == GST_ANALYTICS_REL_TYPE_RELATE_TO);
    fail_unless (gst_analytics_relation_meta_get_relation (relation,
            N_BOXES + i, i) == GST_ANALYTICS_REL_TYPE_RELATE_TO);
    assert_segmentation (relation, N_BOXES + i, buffer, &detections[i]);
  }
  gst_buffer_unref (buffer);
}

GST_END_TEST;
#endif

static void
add (TCase * tests)
{
  tcase_add_test (tests, test_masks);
  tcase_add_test (tests, test_keypoints);
  tcase_add_test (tests, test_rotated);
  tcase_add_test (tests, test_class_agnostic);
#if defined (HAVE_GST_ANALYTICS) && GST_CHECK_VERSION (1, 26, 0)
  tcase_add_test (tests, test_oriented_objects);
  tcase_add_test (tests, test_segmentation);
#endif
}

int
main (int argc, char **argv)
{
  return element_test_main (&argc, &argv, "extras", add);
}
