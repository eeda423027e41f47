/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Masks, keypoints and rotated boxes as rknnyolooverlay paints them.
 *
 * What is expected of a pixel follows from geometry: its middle is well inside
 * the shape, well outside, or so near the edge that it may have any share of
 * the colour.  A sample of a subsampled component stands for several pixels. */

#include "overlaytest.h"

#include <math.h>

#define WIDTH 160
#define HEIGHT 120
/* The line of the box is thin, and tests keep away from it. */
#define PLAIN "draw-labels=false draw-scores=false line-width=1"
#define TINT 102                /* the mask's opacity, of 255 */

static const GstVideoFormat formats[] = {
  GST_VIDEO_FORMAT_NV12, GST_VIDEO_FORMAT_I420, GST_VIDEO_FORMAT_YUY2,
  GST_VIDEO_FORMAT_UYVY, GST_VIDEO_FORMAT_NV16, GST_VIDEO_FORMAT_RGB,
  GST_VIDEO_FORMAT_BGRx, GST_VIDEO_FORMAT_ARGB, GST_VIDEO_FORMAT_GRAY8
};

typedef enum
{
  OUTSIDE,
  INSIDE,
  EITHER,
  LINE                          /* of the box: opaque */
} Place;

/* x, y: the middle of a pixel */
typedef Place (*PlaceOf) (gdouble x, gdouble y);

static Place
place_of_sample (GstVideoFrame * frame, guint c, gint sx, gint sy,
    PlaceOf place_of)
{
  const gint ws = GST_VIDEO_FORMAT_INFO_W_SUB (frame->info.finfo, c);
  const gint hs = GST_VIDEO_FORMAT_INFO_H_SUB (frame->info.finfo, c);
  gint x, y, n[4] = { 0, };

  for (y = sy << hs; y < MIN ((sy + 1) << hs, frame->info.height); y++) {
    for (x = sx << ws; x < MIN ((sx + 1) << ws, frame->info.width); x++)
      n[place_of (x + 0.5, y + 0.5)]++;
  }
  if (n[LINE] > 0)
    return LINE;
  if (n[INSIDE] + n[EITHER] == 0)
    return OUTSIDE;
  return n[OUTSIDE] + n[EITHER] == 0 ? INSIDE : EITHER;
}

/* opacity: of what is inside, 255 being all. */
static void
check_sample (guint8 now, guint8 before, guint8 color, gint opacity,
    Place place, const gchar * what, gint x, gint y)
{
  gdouble painted = before + (color - before) * (place == LINE ? 255 : opacity)
      / 255.;
  gboolean right;

  if (place == OUTSIDE)
    right = now == before;
  else if (place == INSIDE)
    right = fabs (now - painted) <= 1;
  else
    right = now >= MIN (before, painted) - 1
        && now <= MAX (before, painted) + 1;
  if (!right)
    fail ("%s: sample %d,%d was %d and is %d, the colour is %d, place %d", what,
        x, y, before, now, color, place);
}

/* Returns how many samples were inside. */
static guint
check_picture (GstBuffer * buffer, GstBuffer * before,
    const GstVideoInfo * info, Rgb color, gint opacity, PlaceOf place_of)
{
  GstVideoFrame a, b;
  guint8 value[4];
  guint c, n_inside = 0;
  gint x, y;

  overlay_expect_color (info, color, value);
  fail_unless (gst_video_frame_map (&a, info, buffer, GST_MAP_READ));
  fail_unless (gst_video_frame_map (&b, info, before, GST_MAP_READ));
  for (c = 0; c < GST_VIDEO_FRAME_N_COMPONENTS (&a); c++) {
    for (y = 0; y < GST_VIDEO_FRAME_COMP_HEIGHT (&a, c); y++) {
      for (x = 0; x < GST_VIDEO_FRAME_COMP_WIDTH (&a, c); x++) {
        gint at = y * GST_VIDEO_FRAME_COMP_STRIDE (&a, c)
            + x * GST_VIDEO_FRAME_COMP_PSTRIDE (&a, c);
        Place place = place_of_sample (&a, c, x, y, place_of);

        check_sample (((guint8 *) GST_VIDEO_FRAME_COMP_DATA (&a, c))[at],
            ((guint8 *) GST_VIDEO_FRAME_COMP_DATA (&b, c))[at], value[c],
            opacity, place, GST_VIDEO_INFO_NAME (info), x, y);
        n_inside += place == INSIDE;
      }
    }
  }
  gst_video_frame_unmap (&b);
  gst_video_frame_unmap (&a);
  return n_inside;
}

static void
append (GValue * array, gdouble number)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_DOUBLE);
  g_value_set_double (&value, number);
  gst_value_array_append_and_take_value (array, &value);
}

/* A frame of noise with one person in rect, who has extra besides. */
static GstBuffer *
new_frame (const GstVideoInfo * info, const Rect * rect, GstStructure * extra)
{
  GstBuffer *buffer = overlay_frame_new (info, 5, FALSE);
  const RknnyoloFrameInfo frame = {
    .inferred = TRUE,.width = info->width,.height = info->height
  };
  GstVideoRegionOfInterestMeta *meta;

  rknnyolo_buffer_set_frame_info (buffer, &frame);
  meta = gst_buffer_add_video_region_of_interest_meta (buffer, "person",
      rect->x, rect->y, rect->w, rect->h);
  gst_video_region_of_interest_meta_add_param (meta, extra);
  return buffer;
}

/* points come in groups of n numbers that begin with x, y in pixels. */
static GstStructure *
new_points (const gchar * name, const GstVideoInfo * info,
    const gdouble * points, guint n_points, guint n)
{
  GstStructure *structure = gst_structure_new_empty (name);
  GValue array = G_VALUE_INIT;
  guint i;

  g_value_init (&array, GST_TYPE_ARRAY);
  for (i = 0; i < n_points * n; i++)
    append (&array, points[i] / (i % n == 0 ? info->width :
            i % n == 1 ? info->height : 1));
  gst_structure_take_value (structure, "points", &array);
  return structure;
}

/* Draws and checks; returns how many samples were inside. */
static guint
check (GstVideoFormat format, gint width, gint height, const Rect * rect,
    GstStructure * (*make_extra) (const GstVideoInfo *), gint opacity,
    PlaceOf place_of)
{
  const Rgb color = overlay_find_color ("person");
  GstBuffer *buffer, *before;
  GstVideoInfo info;
  GstHarness *h;
  guint n;

  overlay_info_set (&info, format, width, height, NULL);
  h = overlay_harness_new (&info, PLAIN);
  before = overlay_frame_new (&info, 5, FALSE);
  buffer = gst_harness_push_and_pull (h, new_frame (&info, rect,
          make_extra (&info)));
  n = check_picture (buffer, before, &info, color, opacity, place_of);
  gst_buffer_unref (buffer);
  gst_buffer_unref (before);
  gst_harness_teardown (h);
  return n;
}

/* ---- masks -------------------------------------------------------------- */

/* 12 x 9 bytes over 32,24 to 128,96: 8 x 8 pixels each.  An L of them is set:
 * in the columns 2 and 3 the rows 1 to 7, in the columns 4 to 8 the rows 5 to
 * 7. */
static GstStructure *
new_mask (const GstVideoInfo * info)
{
  guint8 data[9][12] = { {0,}, };
  GstStructure *structure;
  GBytes *bytes;
  gint x, y;

  for (y = 1; y <= 7; y++) {
    for (x = 2; x <= (y < 5 ? 3 : 8); x++)
      data[y][x] = 255;
  }
  bytes = g_bytes_new (data, sizeof (data));
  structure = gst_structure_new ("mask",
      "x_min", G_TYPE_DOUBLE, 32. / info->width,
      "y_min", G_TYPE_DOUBLE, 24. / info->height,
      "x_max", G_TYPE_DOUBLE, 128. / info->width,
      "y_max", G_TYPE_DOUBLE, 96. / info->height,
      "width", G_TYPE_INT, 12, "height", G_TYPE_INT, 9,
      "data", G_TYPE_BYTES, bytes, NULL);
  g_bytes_unref (bytes);
  return structure;
}

static gboolean
in_rectangle (gdouble x, gdouble y, gdouble x0, gdouble y0, gdouble x1,
    gdouble y1, gdouble margin)
{
  return x > x0 - margin && x < x1 + margin && y > y0 - margin
      && y < y1 + margin;
}

/* The edges lie half way between bytes that are set and bytes that are not;
 * corners are rounded within a byte. */
static Place
place_in_l (gdouble x, gdouble y)
{
  static const gdouble corners[][2] = {
    {48, 32}, {64, 32}, {64, 64}, {104, 64}, {104, 88}, {48, 88}
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (corners); i++) {
    if (in_rectangle (x, y, corners[i][0], corners[i][1], corners[i][0],
            corners[i][1], 4))
      return EITHER;
  }
  if (in_rectangle (x, y, 48, 32, 64, 88, -1)
      || in_rectangle (x, y, 48, 64, 104, 88, -1))
    return INSIDE;
  if (in_rectangle (x, y, 48, 32, 64, 88, 1)
      || in_rectangle (x, y, 48, 64, 104, 88, 1))
    return EITHER;
  return OUTSIDE;
}

/* The box as a line around what the test looks at. */
static gboolean
on_line (gdouble x, gdouble y, const Rect * rect)
{
  return in_rectangle (x, y, rect->x, rect->y, rect->x + rect->w,
      rect->y + rect->h, 0) && !in_rectangle (x, y, rect->x, rect->y,
      rect->x + rect->w, rect->y + rect->h, -1);
}

static const Rect around_l = { 30, 22, 100, 76 };

static Place
place_in_mask (gdouble x, gdouble y)
{
  return on_line (x, y, &around_l) ? LINE : place_in_l (x, y);
}

GST_START_TEST (test_mask)
{
  fail_unless (check (formats[__i__], WIDTH, HEIGHT, &around_l, new_mask, TINT,
          place_in_mask) > 1500);
  /* Odd sizes: the last chroma samples stand for fewer pixels. */
  check (formats[__i__], WIDTH - 1, HEIGHT - 1, &around_l, new_mask, TINT,
      place_in_mask);
}

GST_END_TEST;

/* Odd edges, so that they cut chroma samples. */
static const Rect within_l = { 51, 41, 26, 34 };

static Place
place_in_clipped (gdouble x, gdouble y)
{
  if (on_line (x, y, &within_l))
    return LINE;
  return in_rectangle (x, y, within_l.x, within_l.y, within_l.x + within_l.w,
      within_l.y + within_l.h, 0) ? place_in_l (x, y) : OUTSIDE;
}

/* Nothing outside the box is tinted, whatever the mask says. */
GST_START_TEST (test_mask_within_box)
{
  fail_unless (check (formats[__i__], WIDTH, HEIGHT, &within_l, new_mask, TINT,
          place_in_clipped) > 200);
}

GST_END_TEST;

/* The mask goes beyond a frame that is smaller; the box then is its frame. */
static const Rect small_frame = { 0, 0, 90, 70 };

static Place
place_in_small (gdouble x, gdouble y)
{
  return on_line (x, y, &small_frame) ? LINE : place_in_l (x, y);
}

GST_START_TEST (test_mask_beyond_frame)
{
  fail_unless (check (formats[__i__], 90, 70, &small_frame, new_mask, TINT,
          place_in_small) > 500);
}

GST_END_TEST;

/* One byte for the whole object. */
static GstStructure *
new_mask_of_one (const GstVideoInfo * info)
{
  GBytes *bytes = g_bytes_new_static ("\377", 1);
  GstStructure *structure = gst_structure_new ("mask",
      "x_min", G_TYPE_DOUBLE, 40.5 / info->width,
      "y_min", G_TYPE_DOUBLE, 30.5 / info->height,
      "x_max", G_TYPE_DOUBLE, 80.5 / info->width,
      "y_max", G_TYPE_DOUBLE, 60.5 / info->height,
      "width", G_TYPE_INT, 1, "height", G_TYPE_INT, 1,
      "data", G_TYPE_BYTES, bytes, NULL);

  g_bytes_unref (bytes);
  return structure;
}

static Place
place_in_one (gdouble x, gdouble y)
{
  if (on_line (x, y, &around_l))
    return LINE;
  if (in_rectangle (x, y, 40.5, 30.5, 80.5, 60.5, -1))
    return INSIDE;
  return in_rectangle (x, y, 40.5, 30.5, 80.5, 60.5, 1) ? EITHER : OUTSIDE;
}

GST_START_TEST (test_mask_of_one)
{
  fail_unless (check (formats[__i__], WIDTH, HEIGHT, &around_l,
          new_mask_of_one, TINT, place_in_one) > 500);
}

GST_END_TEST;

/* ---- rotated boxes ------------------------------------------------------ */

/* 80 x 40 about 80, 60, turned by atan (3/4). */
static const gdouble turned[] = { 60, 20, 124, 68, 100, 100, 36, 52 };

static const Rect around_turned = { 36, 20, 88, 80 };

static GstStructure *
new_turned (const GstVideoInfo * info)
{
  return new_points ("oriented-box", info, turned, 4, 2);
}

/* A line of one pixel inside the edges: its middle half a pixel in. */
static Place
place_on_turned (gdouble x, gdouble y)
{
  gdouble u = fabs ((x - 80) * 0.8 + (y - 60) * 0.6);
  gdouble v = fabs (-(x - 80) * 0.6 + (y - 60) * 0.8);
  gdouble inside = MIN (40 - u, 20 - v);

  return inside < -1 || inside > 2 ? OUTSIDE : EITHER;
}

GST_START_TEST (test_rotated)
{
  check (formats[__i__], WIDTH, HEIGHT, &around_turned, new_turned, 255,
      place_on_turned);
}

GST_END_TEST;

/* Five pixels wide: there is an inside, and nothing of it is outside the box. */
static Place
place_on_thick (gdouble x, gdouble y)
{
  gdouble u = fabs ((x - 80) * 0.8 + (y - 60) * 0.6);
  gdouble v = fabs (-(x - 80) * 0.6 + (y - 60) * 0.8);
  gdouble inside = MIN (40 - u, 20 - v);

  /* The corners are round, and two lines have a share in them. */
  if (u > 34 && v > 14)
    return inside < -0.6 || inside > 5.6 ? OUTSIDE : EITHER;
  if (inside < -0.6 || inside > 5.6)
    return OUTSIDE;
  return inside > 0.6 && inside < 4.4 ? INSIDE : EITHER;
}

GST_START_TEST (test_rotated_thick)
{
  const Rgb color = overlay_find_color ("person");
  GstBuffer *buffer, *before;
  GstVideoInfo info;
  GstHarness *h;

  overlay_info_set (&info, formats[__i__], WIDTH, HEIGHT, NULL);
  h = overlay_harness_new (&info, "draw-labels=false draw-scores=false "
      "line-width=5");
  before = overlay_frame_new (&info, 5, FALSE);
  buffer = gst_harness_push_and_pull (h, new_frame (&info, &around_turned,
          new_turned (&info)));
  fail_unless (check_picture (buffer, before, &info, color, 255,
          place_on_thick) > 500);
  gst_buffer_unref (buffer);
  gst_buffer_unref (before);
  gst_harness_teardown (h);
}

GST_END_TEST;

/* ---- keypoints ---------------------------------------------------------- */

/* x, y, confidence of COCO's 17; the left elbow is not to be seen, and all but
 * the left arm and the shoulders lie far outside the frame. */
static gdouble pose[17 * 3];

/* Where the shoulders are, and the wrist beyond the unseen elbow. */
static const Rect around_pose = { 20, 20, 120, 80 };

static void
fill_pose (gdouble elbow)
{
  guint i;

  for (i = 0; i < 17; i++) {
    pose[3 * i] = pose[3 * i + 1] = -1000;
    pose[3 * i + 2] = 0;
  }
#define SET(i, x, y, c) \
  pose[3 * i] = x; pose[3 * i + 1] = y; pose[3 * i + 2] = c
  SET (5, 50.5, 40.5, 0.9);     /* left shoulder */
  SET (6, 110.5, 40.5, 0.5);    /* right shoulder */
  SET (7, 50.5, 80.5, elbow);   /* left elbow */
  SET (9, 100.5, 80.5, 0.8);    /* left wrist */
#undef SET
}

static GstStructure *
new_pose (const GstVideoInfo * info)
{
  return new_points ("keypoints", info, pose, 17, 3);
}

/* The first three of them, which are no COCO person. */
static GstStructure *
new_three (const GstVideoInfo * info)
{
  return new_points ("keypoints", info, pose + 15, 3, 3);
}

static gboolean
is_painted (GstBuffer * buffer, gint x, gint y, Rgb * color)
{
  GstBuffer *before;
  GstVideoInfo info;
  Rgb old;

  overlay_info_set (&info, GST_VIDEO_FORMAT_RGB, WIDTH, HEIGHT, NULL);
  before = overlay_frame_new (&info, 5, FALSE);
  gst_buffer_extract (before, (y * WIDTH + x) * 3, &old, 3);
  gst_buffer_extract (buffer, (y * WIDTH + x) * 3, color, 3);
  gst_buffer_unref (before);
  return old.r != color->r || old.g != color->g || old.b != color->b;
}

static GstBuffer *
draw_pose (GstStructure * (*make_extra) (const GstVideoInfo *),
    const gchar * properties)
{
  GstVideoInfo info;
  GstBuffer *buffer;
  GstHarness *h;

  overlay_info_set (&info, GST_VIDEO_FORMAT_RGB, WIDTH, HEIGHT, NULL);
  h = overlay_harness_new (&info, properties);
  buffer = gst_harness_push_and_pull (h, new_frame (&info, &around_pose,
          make_extra (&info)));
  gst_harness_teardown (h);
  return buffer;
}

static void
assert_color (GstBuffer * buffer, gint x, gint y, Rgb color)
{
  Rgb found;

  fail_unless (is_painted (buffer, x, y, &found), "%d,%d", x, y);
  fail_unless_equals_int (found.r, color.r);
  fail_unless_equals_int (found.g, color.g);
  fail_unless_equals_int (found.b, color.b);
}

GST_START_TEST (test_pose)
{
  const Rgb color = overlay_find_color ("person");
  GstBuffer *buffer;
  Rgb found;

  fill_pose (0.7);
  buffer = draw_pose (new_pose, "draw-labels=false draw-scores=false "
      "line-width=2");
  /* Between the shoulders, along the arm. */
  assert_color (buffer, 80, 40, color);
  assert_color (buffer, 50, 60, color);
  assert_color (buffer, 75, 80, color);
  fail_unless (is_painted (buffer, 50, 40, &found));
  fail_unless (is_painted (buffer, 110, 40, &found));
  fail_unless (is_painted (buffer, 100, 80, &found));
  /* From the right shoulder nothing leads to the wrist. */
  fail_if (is_painted (buffer, 105, 60, &found));
  fail_if (is_painted (buffer, 80, 44, &found));
  gst_buffer_unref (buffer);

  /* Without the elbow the arm is a wrist. */
  fill_pose (0.49);
  buffer = draw_pose (new_pose, "draw-labels=false draw-scores=false "
      "line-width=2");
  assert_color (buffer, 80, 40, color);
  fail_if (is_painted (buffer, 50, 60, &found));
  fail_if (is_painted (buffer, 75, 80, &found));
  fail_if (is_painted (buffer, 50, 80, &found));
  fail_unless (is_painted (buffer, 100, 80, &found));
  gst_buffer_unref (buffer);
}

GST_END_TEST;

/* Of other numbers of points nobody knows the limbs. */
GST_START_TEST (test_dots)
{
  GstBuffer *buffer;
  Rgb found;

  fill_pose (0.7);
  buffer = draw_pose (new_three, "draw-labels=false draw-scores=false "
      "line-width=2");
  fail_unless (is_painted (buffer, 50, 40, &found));
  fail_unless (is_painted (buffer, 110, 40, &found));
  fail_unless (is_painted (buffer, 50, 80, &found));
  fail_if (is_painted (buffer, 80, 40, &found));
  fail_if (is_painted (buffer, 50, 60, &found));
  gst_buffer_unref (buffer);
}

GST_END_TEST;

/* ---- the rest ----------------------------------------------------------- */

static void
assert_only_box (GstStructure * (*make_extra) (const GstVideoInfo *),
    const gchar * properties)
{
  const Rgb color = overlay_find_color ("person");
  GstBuffer *buffer, *expected;
  GstVideoInfo info;
  GstHarness *h;
  guint8 *fuzzy;

  overlay_info_set (&info, GST_VIDEO_FORMAT_NV12, WIDTH, HEIGHT, NULL);
  expected = overlay_frame_new (&info, 5, FALSE);
  fuzzy = g_malloc0 (gst_buffer_get_size (expected));
  overlay_expect_outline (expected, &info, &around_l, 1, color, fuzzy);
  h = overlay_harness_new (&info, properties);
  buffer = gst_harness_push_and_pull (h, new_frame (&info, &around_l,
          make_extra (&info)));
  overlay_assert_equal (buffer, expected, fuzzy, properties);
  g_free (fuzzy);
  gst_buffer_unref (buffer);
  gst_buffer_unref (expected);
  gst_harness_teardown (h);
}

GST_START_TEST (test_properties)
{
  fill_pose (0.7);
  assert_only_box (new_mask, PLAIN " draw-masks=false");
  assert_only_box (new_pose, PLAIN " draw-keypoints=false");
}

GST_END_TEST;

static GstStructure *
new_far_away (const GstVideoInfo * info)
{
  static const gdouble corners[] = {
    -1e300, 0, 1e300, 0, 1e300, 1e300, -1e300, 1e300
  };

  return new_points ("oriented-box", info, corners, 4, 2);
}

static GstStructure *
new_far_points (const GstVideoInfo * info)
{
  static const gdouble points[] = { 1e300, -1e300, 1, 1e9, 1e9, 1 };

  return new_points ("keypoints", info, points, 2, 3);
}

/* What nobody can draw is left out. */
GST_START_TEST (test_far_away)
{
  assert_only_box (new_far_away, PLAIN);
  assert_only_box (new_far_points, PLAIN);
}

GST_END_TEST;

/* A frame without inference shows the mask of the one before, which is gone. */
GST_START_TEST (test_kept)
{
  const Rgb color = overlay_find_color ("person");
  const RknnyoloFrameInfo skipped = {
    .inferred = FALSE,.width = WIDTH,.height = HEIGHT
  };
  GstBuffer *buffer, *before;
  GstVideoInfo info;
  GstHarness *h;

  overlay_info_set (&info, GST_VIDEO_FORMAT_NV12, WIDTH, HEIGHT, NULL);
  h = overlay_harness_new (&info, PLAIN " keep-boxes=3600000");
  before = overlay_frame_new (&info, 5, FALSE);
  gst_buffer_unref (gst_harness_push_and_pull (h, new_frame (&info, &around_l,
              new_mask (&info))));
  buffer = overlay_frame_new (&info, 5, FALSE);
  rknnyolo_buffer_set_frame_info (buffer, &skipped);
  buffer = gst_harness_push_and_pull (h, buffer);
  fail_unless (check_picture (buffer, before, &info, color, TINT,
          place_in_mask) > 1500);
  gst_buffer_unref (buffer);
  gst_buffer_unref (before);
  gst_harness_teardown (h);
}

GST_END_TEST;

static Suite *
overlay_extras_suite (void)
{
  Suite *suite = suite_create ("overlay-extras");
  TCase *tc = tcase_create ("overlay-extras");
  const gint n = G_N_ELEMENTS (formats);

  suite_add_tcase (suite, tc);
  tcase_add_loop_test (tc, test_mask, 0, n);
  tcase_add_loop_test (tc, test_mask_within_box, 0, n);
  tcase_add_loop_test (tc, test_mask_beyond_frame, 0, n);
  tcase_add_loop_test (tc, test_mask_of_one, 0, n);
  tcase_add_loop_test (tc, test_rotated, 0, n);
  tcase_add_loop_test (tc, test_rotated_thick, 0, n);
  tcase_add_test (tc, test_pose);
  tcase_add_test (tc, test_dots);
  tcase_add_test (tc, test_properties);
  tcase_add_test (tc, test_far_away);
  tcase_add_test (tc, test_kept);
  return suite;
}

GST_CHECK_MAIN (overlay_extras);
