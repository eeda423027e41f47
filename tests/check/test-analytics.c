/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The detections as GstAnalytics, with models whose detections are known
 * because they are written into them. */

#include <gst/analytics/analytics.h>
#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>
#include <gst/video/video.h>
#include <math.h>

#include "testmodel.h"

#define WIDTH 128
#define HEIGHT 96
#define CAPS "video/x-raw,format=RGB,width=128,height=96,framerate=25/1"
#define STRIDE (WIDTH * 3)
#define FRAME (40 * GST_MSECOND)

/* A frame of 128 x 96 lies in the input of 64 x 64 at half its size, 8 pixels
 * below the top. */
static const TestBox boxes[] = {
  {0, 0.9f, 16, 16, 32, 32},
  {1, 0.6f, 40, 20, 56, 48},
};

/* What follows for the frame, best first. */
typedef struct
{
  const gchar *label;
  gint x, y, w, h;
  gfloat confidence;
} Object;

static const Object objects[] = {
  {"cat", 32, 16, 32, 32, 0.9f},
  {"dog", 80, 24, 32, 56, 0.6f},
};

static const gchar *const names[] = { "cat", "dog", "bird", NULL };

static gchar *model;            /* made in main, for all tests */

static GstHarness *
new_harness (const gchar * elements)
{
  g_autofree gchar *line = g_strdup_printf (elements, model, model);
  GstHarness *harness = gst_harness_new_parse (line);

  gst_harness_set_src_caps_str (harness, CAPS);
  return harness;
}

static GstBuffer *
new_frame (guint number)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, STRIDE * HEIGHT, NULL);

  gst_buffer_memset (buffer, 0, 0, -1);
  GST_BUFFER_PTS (buffer) = number * FRAME;
  GST_BUFFER_DURATION (buffer) = FRAME;
  return buffer;
}

static guint
count_regions (GstBuffer * buffer)
{
  return gst_buffer_get_n_meta (buffer,
      GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE);
}

static guint
count_relations (GstBuffer * buffer)
{
  return gst_buffer_get_n_meta (buffer, GST_ANALYTICS_RELATION_META_API_TYPE);
}

static GstAnalyticsRelationMeta *
only_relation (GstBuffer * buffer)
{
  assert_equals_int (count_relations (buffer), 1);
  return gst_buffer_get_analytics_relation_meta (buffer);
}

static void
assert_object (GstAnalyticsRelationMeta * relation, guint id,
    const Object * object)
{
  GstAnalyticsODMtd mtd;
  gint x, y, w, h;
  gfloat confidence;

  fail_unless (gst_analytics_relation_meta_get_od_mtd (relation, id, &mtd));
  assert_equals_string (g_quark_to_string (gst_analytics_od_mtd_get_obj_type
          (&mtd)), object->label);
  fail_unless (gst_analytics_od_mtd_get_location (&mtd, &x, &y, &w, &h,
          &confidence));
  assert_equals_int (x, object->x);
  assert_equals_int (y, object->y);
  assert_equals_int (w, object->w);
  assert_equals_int (h, object->h);
  fail_unless (fabs (confidence - object->confidence) < 1e-3);
}

/* From the object with the id offset on, those of the buffer are these. */
static void
assert_objects (GstBuffer * buffer, guint offset, const Object * expected,
    guint n)
{
  GstAnalyticsRelationMeta *relation = only_relation (buffer);

  assert_equals_int (gst_analytics_relation_get_length (relation), offset + n);
  for (guint i = 0; i < n; i++)
    assert_object (relation, offset + i, &expected[i]);
}

/* Every region that rknnyolo made has an object of the same id that says the
 * same.  Returns their number. */
static guint
assert_regions_agree (GstBuffer * buffer)
{
  GstAnalyticsRelationMeta *relation = only_relation (buffer);
  GstVideoRegionOfInterestMeta *region;
  gpointer state = NULL;
  guint n = 0;

  while ((region = (GstVideoRegionOfInterestMeta *)
          gst_buffer_iterate_meta_filtered (buffer, &state,
              GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE))) {
    const GstStructure *detection =
        gst_video_region_of_interest_meta_get_param (region, "detection");
    gdouble confidence;
    Object object;

    if (detection == NULL)
      continue;
    fail_unless (gst_structure_get_double (detection, "confidence",
            &confidence));
    object = (Object) {
    g_quark_to_string (region->roi_type), region->x, region->y, region->w,
          region->h, confidence};
    assert_object (relation, region->id, &object);
    n++;
  }
  return n;
}

static void
assert_regions_unique (GstBuffer * buffer)
{
  g_autoptr (GHashTable) ids = g_hash_table_new (NULL, NULL);
  gpointer state = NULL;
  GstMeta *meta;

  while ((meta = gst_buffer_iterate_meta_filtered (buffer, &state,
              GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE)))
    fail_unless (g_hash_table_add (ids,
            GINT_TO_POINTER (((GstVideoRegionOfInterestMeta *) meta)->id)));
}

static GstAnalyticsODMtd
add_face (GstBuffer * buffer)
{
  GstAnalyticsODMtd face;

  fail_unless (gst_analytics_relation_meta_add_od_mtd
      (gst_buffer_add_analytics_relation_meta (buffer),
          g_quark_from_static_string ("face"), 1, 2, 3, 4, 0.5f, &face));
  return face;
}

static const Object face_object = { "face", 1, 2, 3, 4, 0.5f };

/* ---- what a buffer carries ------------------------------------------------ */

GST_START_TEST (test_objects)
{
  GstHarness *harness = new_harness ("rknnyolo model=%s");
  GstBuffer *buffer = gst_harness_push_and_pull (harness, new_frame (0));

  assert_objects (buffer, 0, objects, G_N_ELEMENTS (objects));
  assert_equals_int (assert_regions_agree (buffer), G_N_ELEMENTS (objects));
  gst_buffer_unref (buffer);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* More than a relation meta has room for by default. */
GST_START_TEST (test_many_objects)
{
  enum
  { COLUMNS = 8, ROWS = 6, N = COLUMNS * ROWS };
  TestBox many[N];
  Object expected[N];
  gchar *path;
  g_autofree gchar *line = NULL;
  GstHarness *harness;
  GstBuffer *buffer;

  for (gint i = 0; i < N; i++) {
    gint column = i % COLUMNS, row = i / COLUMNS;

    many[i] = (TestBox) {
    i % 3, 0.95f - 0.01f * i, 8 * column, 8 + 8 * row, 8 * column + 6,
          8 + 8 * row + 6};
    expected[i] = (Object) {
    names[i % 3], 16 * column, 16 * row, 12, 12, many[i].score};
  }
  path = test_model_write (many, N, 3, names);
  line = g_strdup_printf ("rknnyolo model=%s", path);
  harness = gst_harness_new_parse (line);
  gst_harness_set_src_caps_str (harness, CAPS);

  buffer = gst_harness_push_and_pull (harness, new_frame (0));
  assert_objects (buffer, 0, expected, N);
  assert_equals_int (assert_regions_agree (buffer), N);
  gst_buffer_unref (buffer);
  gst_harness_teardown (harness);
  test_model_remove (path);
}

GST_END_TEST;

/* A frame on which nothing was found says so. */
GST_START_TEST (test_nothing_found)
{
  GstHarness *harness =
      new_harness ("rknnyolo model=%s confidence-threshold=0.99");
  GstBuffer *buffer = gst_harness_push_and_pull (harness, new_frame (0));

  assert_objects (buffer, 0, NULL, 0);
  assert_equals_int (count_regions (buffer), 0);
  gst_buffer_unref (buffer);
  gst_harness_teardown (harness);
}

GST_END_TEST;

GST_START_TEST (test_copy)
{
  GstHarness *harness = new_harness ("rknnyolo model=%s");
  GstBuffer *buffer = gst_harness_push_and_pull (harness, new_frame (0));
  GstBuffer *copy = gst_buffer_copy (buffer);

  /* What the copy carries must not lie in the original. */
  gst_buffer_unref (buffer);
  assert_objects (copy, 0, objects, G_N_ELEMENTS (objects));
  assert_equals_int (assert_regions_agree (copy), G_N_ELEMENTS (objects));
  gst_buffer_unref (copy);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* ---- frames without inference --------------------------------------------- */

GST_START_TEST (test_not_inferred)
{
  GstHarness *harness = new_harness ("rknnyolo model=%s interval=2");

  for (guint i = 0; i < 4; i++) {
    GstBuffer *buffer = gst_harness_push_and_pull (harness, new_frame (i));

    assert_equals_int (count_relations (buffer), i % 2 == 0);
    gst_buffer_unref (buffer);
  }
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* A buffer goes back to its pool with the metas that are marked as the pool's
 * own; it must not bring ours along for another frame. */
GST_START_TEST (test_pool)
{
  GstHarness *harness = new_harness ("rknnyolo model=%s interval=2");
  GstBufferPool *pool = gst_buffer_pool_new ();
  GstStructure *config = gst_buffer_pool_get_config (pool);
  GstBuffer *only = NULL;

  gst_buffer_pool_config_set_params (config, NULL, STRIDE * HEIGHT, 1, 1);
  fail_unless (gst_buffer_pool_set_config (pool, config));
  fail_unless (gst_buffer_pool_set_active (pool, TRUE));

  for (guint i = 0; i < 4; i++) {
    GstBuffer *buffer;

    assert_equals_int (gst_buffer_pool_acquire_buffer (pool, &buffer, NULL),
        GST_FLOW_OK);
    if (only == NULL)
      only = buffer;
    GST_BUFFER_PTS (buffer) = i * FRAME;
    buffer = gst_harness_push_and_pull (harness, buffer);
    fail_unless (buffer == only);
    assert_equals_int (count_relations (buffer), i % 2 == 0);
    if (i % 2 == 0)
      assert_objects (buffer, 0, objects, G_N_ELEMENTS (objects));
    gst_buffer_unref (buffer);
  }
  gst_buffer_pool_set_active (pool, FALSE);
  gst_object_unref (pool);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* ---- beside other elements ------------------------------------------------ */

/* What upstream found stays; ours joins it. */
GST_START_TEST (test_upstream_relation)
{
  GstHarness *harness = new_harness ("rknnyolo model=%s interval=2");

  for (guint i = 0; i < 2; i++) {
    GstBuffer *buffer = new_frame (i);
    GstAnalyticsODMtd face = add_face (buffer);

    buffer = gst_harness_push_and_pull (harness, buffer);
    assert_objects (buffer, face.id + 1, objects,
        i == 0 ? G_N_ELEMENTS (objects) : 0);
    assert_object (only_relation (buffer), face.id, &face_object);
    assert_equals_int (assert_regions_agree (buffer),
        i == 0 ? G_N_ELEMENTS (objects) : 0);
    gst_buffer_unref (buffer);
  }
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* Whichever way other regions are numbered, ids of regions are unique. */
GST_START_TEST (test_upstream_regions)
{
  static const gint ids[] = { 0, 1, 7, -1, G_MAXINT };
  GstHarness *harness = new_harness ("rknnyolo model=%s");
  GstBuffer *buffer = new_frame (0);

  gst_buffer_add_video_region_of_interest_meta (buffer, "face", 1, 2, 3,
      4)->id = ids[__i__];
  if (__i__ % 2)
    add_face (buffer);
  buffer = gst_harness_push_and_pull (harness, buffer);
  assert_equals_int (count_regions (buffer), 1 + G_N_ELEMENTS (objects));
  assert_regions_unique (buffer);
  assert_objects (buffer, __i__ % 2, objects, G_N_ELEMENTS (objects));
  gst_buffer_unref (buffer);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* Two models one behind the other share the relation meta. */
GST_START_TEST (test_cascade)
{
  GstHarness *harness = new_harness ("rknnyolo model=%s ! rknnyolo model=%s");
  GstBuffer *buffer = gst_harness_push_and_pull (harness, new_frame (0));

  assert_objects (buffer, G_N_ELEMENTS (objects), objects,
      G_N_ELEMENTS (objects));
  assert_equals_int (assert_regions_agree (buffer), 2 * G_N_ELEMENTS (objects));
  assert_regions_unique (buffer);
  gst_buffer_unref (buffer);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* Whether any pixel from x0, y0 up to x1, y1 (both included) is not black. */
static gboolean
is_drawn (const guint8 * pixels, gint x0, gint y0, gint x1, gint y1)
{
  for (gint y = y0; y <= y1; y++)
    for (gint x = x0 * 3; x < (x1 + 1) * 3; x++)
      if (pixels[y * STRIDE + x] != 0)
        return TRUE;
  return FALSE;
}

/* GStreamer's own overlay draws the outlines where the objects are.  How wide
 * its lines are is its own affair: 3 pixels both ways are left to it. */
GST_START_TEST (test_objectdetectionoverlay)
{
  enum
  { WIDE = 3 };
  GstHarness *harness;
  GstBuffer *buffer;
  GstMapInfo map;

  harness = new_harness ("rknnyolo model=%s"
      " ! objectdetectionoverlay draw-labels=false");
  buffer = gst_harness_push_and_pull (harness, new_frame (0));
  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
  for (guint i = 0; i < G_N_ELEMENTS (objects); i++) {
    const Object *o = &objects[i];
    gint x1 = o->x + o->w, y1 = o->y + o->h;
    gint middle_x = o->x + o->w / 2, middle_y = o->y + o->h / 2;

    fail_unless (is_drawn (map.data, o->x - WIDE, middle_y, o->x + WIDE,
            middle_y), "%s: left", o->label);
    fail_unless (is_drawn (map.data, x1 - WIDE, middle_y, x1 + WIDE,
            middle_y), "%s: right", o->label);
    fail_unless (is_drawn (map.data, middle_x, o->y - WIDE, middle_x,
            o->y + WIDE), "%s: top", o->label);
    fail_unless (is_drawn (map.data, middle_x, y1 - WIDE, middle_x,
            y1 + WIDE), "%s: bottom", o->label);
    fail_if (is_drawn (map.data, o->x + WIDE + 1, o->y + WIDE + 1,
            x1 - WIDE - 1, y1 - WIDE - 1), "%s: inside", o->label);
  }
  fail_if (is_drawn (map.data, 0, 0, objects[0].x - WIDE - 1, HEIGHT - 1));
  fail_if (is_drawn (map.data, 0, 0, WIDTH - 1, objects[0].y - WIDE - 1));
  gst_buffer_unmap (buffer, &map);
  gst_buffer_unref (buffer);
  gst_harness_teardown (harness);
}

GST_END_TEST;

static Suite *
analytics_suite (void)
{
  Suite *suite = suite_create ("analytics");
  TCase *tests = tcase_create ("general");
  g_autoptr (GstElementFactory) overlay =
      gst_element_factory_find ("objectdetectionoverlay");

  suite_add_tcase (suite, tests);
  tcase_add_test (tests, test_objects);
  tcase_add_test (tests, test_many_objects);
  tcase_add_test (tests, test_nothing_found);
  tcase_add_test (tests, test_copy);
  tcase_add_test (tests, test_not_inferred);
  tcase_add_test (tests, test_pool);
  tcase_add_test (tests, test_upstream_relation);
  tcase_add_loop_test (tests, test_upstream_regions, 0, 5);
  tcase_add_test (tests, test_cascade);
  if (overlay != NULL)
    tcase_add_test (tests, test_objectdetectionoverlay);
  else
    g_printerr ("SKIPPED: there is no objectdetectionoverlay; it is in "
        "gstreamer1.0-plugins-bad\n");
  return suite;
}

int
main (int argc, char **argv)
{
  gint failed;

  gst_check_init (&argc, &argv);
  /* 77 is what test runners take for skipped. */
  if (!test_model_can_run ())
    return 77;
  model = test_model_write (boxes, G_N_ELEMENTS (boxes), 3, names);
  failed = gst_check_run_suite (analytics_suite (), "analytics", __FILE__);
  test_model_remove (model);
  return failed;
}
