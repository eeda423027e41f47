/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* From the model's input to the frame, against corners and pixels that are
 * mapped one by one. */

#include <math.h>

#include "engine/toframe.h"

typedef struct
{
  gdouble x, y;
} Point;

/* In turn, beginning where both local coordinates are smallest. */
static void
corners_of (gdouble cx, gdouble cy, gdouble w, gdouble h, gdouble angle,
    Point corners[4])
{
  static const gint sign[4][2] = { {-1, -1}, {1, -1}, {1, 1}, {-1, 1} };

  for (guint i = 0; i < 4; i++) {
    gdouble u = sign[i][0] * w / 2, v = sign[i][1] * h / 2;

    corners[i].x = cx + u * cos (angle) - v * sin (angle);
    corners[i].y = cy + u * sin (angle) + v * cos (angle);
  }
}

/* The sum of the squared distances; corners may be numbered another way round
 * by half a turn or a quarter. */
static gdouble
distance (const Point a[4], const Point b[4])
{
  gdouble least = G_MAXDOUBLE;

  for (guint turn = 0; turn < 4; turn++) {
    gdouble sum = 0;

    for (guint i = 0; i < 4; i++) {
      const Point *other = &b[(i + turn) % 4];

      sum += (a[i].x - other->x) * (a[i].x - other->x)
          + (a[i].y - other->y) * (a[i].y - other->y);
    }
    least = MIN (least, sum);
  }
  return least;
}

static RyBox
random_box (void)
{
  RyBox box = { 0, };

  box.cx = g_test_rand_double_range (-20, 660);
  box.cy = g_test_rand_double_range (-20, 660);
  box.h = g_test_rand_double_range (1, 100);
  box.w = box.h + g_test_rand_double_range (0, 300);
  box.angle = g_test_rand_double_range (-1.57, 1.57);
  box.score = 0.5f;
  box.class_id = 3;
  return box;
}

static void
mapped_corners (const RyBox * box, const RyLetterbox * letterbox,
    Point corners[4])
{
  corners_of (box->cx, box->cy, box->w, box->h, box->angle, corners);
  for (guint i = 0; i < 4; i++)
    ry_letterbox_to_frame (letterbox, corners[i].x, corners[i].y,
        &corners[i].x, &corners[i].y);
}

static void
detected_corners (const RyDetection * detection, Point corners[4])
{
  corners_of (detection->cx, detection->cy, detection->w, detection->h,
      detection->angle, corners);
}

static void
assert_form (const RyDetection * detection)
{
  g_assert_cmpfloat (detection->w, >=, detection->h);
  g_assert_cmpfloat (detection->h, >, 0);
  g_assert_cmpfloat (detection->angle, >, -G_PI_2 - 1e-6);
  g_assert_cmpfloat (detection->angle, <=, G_PI_2 + 1e-6);
  g_assert_cmpfloat (detection->confidence, ==, 0.5f);
  g_assert_cmpint (detection->class_id, ==, 3);
}

/* The rectangle is the upright one around the corners, within the frame. */
static void
assert_rectangle (const RyDetection * detection, const RyLetterbox * letterbox)
{
  gdouble x1 = G_MAXDOUBLE, y1 = G_MAXDOUBLE, x2 = -x1, y2 = -y1;
  gdouble width = letterbox->frame_width, height = letterbox->frame_height;
  Point corners[4];

  detected_corners (detection, corners);
  for (guint i = 0; i < 4; i++) {
    x1 = MIN (x1, corners[i].x);
    y1 = MIN (y1, corners[i].y);
    x2 = MAX (x2, corners[i].x);
    y2 = MAX (y2, corners[i].y);
  }
  g_assert_cmpfloat_with_epsilon (detection->x1, CLAMP (x1, 0, width), 0.01);
  g_assert_cmpfloat_with_epsilon (detection->y1, CLAMP (y1, 0, height), 0.01);
  g_assert_cmpfloat_with_epsilon (detection->x2, CLAMP (x2, 0, width), 0.01);
  g_assert_cmpfloat_with_epsilon (detection->y2, CLAMP (y2, 0, height), 0.01);
}

static void
test_rotated (void)
{
  static const guint frames[][2] = { {1920, 1080}, {810, 1080}, {640, 640} };
  guint n_seen = 0;

  for (guint turn = 0; turn < 3000; turn++) {
    const guint *frame = frames[turn % G_N_ELEMENTS (frames)];
    RyLetterboxMode mode = turn & 1 ? RY_LETTERBOX_CENTER :
        RY_LETTERBOX_TOP_LEFT;
    RyBox box = random_box ();
    RyDetection detection = { 0, };
    Point wanted[4], corners[4];
    RyLetterbox letterbox;

    ry_letterbox_init (&letterbox, mode, frame[0], frame[1], 640, 640);
    if (!ry_rotated_box_to_frame (&box, &letterbox, &detection))
      continue;
    n_seen++;
    assert_form (&detection);
    assert_rectangle (&detection, &letterbox);
    mapped_corners (&box, &letterbox, wanted);
    detected_corners (&detection, corners);
    g_assert_cmpfloat (distance (wanted, corners), <, 0.01);
  }
  g_assert_cmpuint (n_seen, >, 2000);
}

/* No rectangle of the same centre is closer: tried are turned, longer and
 * shorter ones. */
static void
test_stretched (void)
{
  for (guint turn = 0; turn < 300; turn++) {
    RyBox box = random_box ();
    RyDetection detection = { 0, };
    Point wanted[4], corners[4];
    RyLetterbox letterbox;
    gdouble least;

    ry_letterbox_init (&letterbox, RY_LETTERBOX_STRETCH, 1920, 1080, 640, 640);
    if (!ry_rotated_box_to_frame (&box, &letterbox, &detection))
      continue;
    assert_form (&detection);
    assert_rectangle (&detection, &letterbox);
    mapped_corners (&box, &letterbox, wanted);
    detected_corners (&detection, corners);
    least = distance (wanted, corners);
    for (guint i = 0; i < 500; i++) {
      gdouble w = detection.w, h = detection.h, angle = detection.angle;

      if (i < 180) {
        angle += i * G_PI / 180;
      } else {
        w *= g_test_rand_double_range (0.8, 1.2);
        h *= g_test_rand_double_range (0.8, 1.2);
        angle += g_test_rand_double_range (-0.2, 0.2);
      }
      corners_of (detection.cx, detection.cy, w, h, angle, corners);
      g_assert_cmpfloat (distance (wanted, corners), >=,
          least * (1 - 1e-6) - 0.01);
    }
  }
}

/* What is upright stays upright and keeps its corners even when stretched. */
static void
test_upright (void)
{
  static const gdouble angles[] = { 0, G_PI_2 };

  for (guint i = 0; i < G_N_ELEMENTS (angles); i++) {
    RyBox box = {.cx = 320,.cy = 320,.w = 100,.h = 60,.score = 0.5f,
      .class_id = 3
    };
    RyDetection detection = { 0, };
    Point wanted[4], corners[4];
    RyLetterbox letterbox;

    box.angle = angles[i];
    ry_letterbox_init (&letterbox, RY_LETTERBOX_STRETCH, 640, 1920, 640, 640);
    g_assert_true (ry_rotated_box_to_frame (&box, &letterbox, &detection));
    assert_form (&detection);
    mapped_corners (&box, &letterbox, wanted);
    detected_corners (&detection, corners);
    g_assert_cmpfloat (distance (wanted, corners), <, 0.01);
  }
}

/* Beyond the picture, in the border of the input. */
static void
test_outside (void)
{
  RyBox box = {.cx = 320,.cy = 20,.w = 100,.h = 20,.angle = 0.1f };
  RyDetection detection = { 0, };
  RyLetterbox letterbox;

  ry_letterbox_init (&letterbox, RY_LETTERBOX_CENTER, 1920, 1080, 640, 640);
  g_assert_false (ry_rotated_box_to_frame (&box, &letterbox, &detection));
  box.x1 = 10;
  box.x2 = 600;
  box.y1 = 5;
  box.y2 = 139;
  g_assert_false (ry_box_to_frame (&box, &letterbox, &detection));
  box.y2 = 141;
  g_assert_true (ry_box_to_frame (&box, &letterbox, &detection));
  g_assert_cmpfloat (detection.y1, ==, 0);
  g_assert_cmpfloat_with_epsilon (detection.y2, 3, 1e-4);
}

/* 1920 x 1080 lies in 640 x 640 at a third, 140 pixels down. */
static void
test_keypoint (void)
{
  RyKeypoint keypoint = { 100, 170, 0.75f }, mapped;
  RyLetterbox letterbox;

  ry_letterbox_init (&letterbox, RY_LETTERBOX_CENTER, 1920, 1080, 640, 640);
  ry_keypoint_to_frame (&keypoint, &letterbox, &mapped);
  g_assert_cmpfloat_with_epsilon (mapped.x, 300, 1e-3);
  g_assert_cmpfloat_with_epsilon (mapped.y, 90, 1e-3);
  g_assert_cmpfloat (mapped.confidence, ==, 0.75f);

  /* It may lead out of the frame. */
  keypoint.y = 130;
  ry_keypoint_to_frame (&keypoint, &letterbox, &mapped);
  g_assert_cmpfloat_with_epsilon (mapped.y, -30, 1e-3);
}

/* Prototypes of 160 x 160: a mask pixel is four input pixels, twelve of the
 * frame. */
static void
test_mask (void)
{
  const RyMask mask = {.scale = 4,.x = 10,.y = 36,.width = 25,.height = 7 };
  RyDetectionMask mapped;
  RyLetterbox letterbox;

  ry_letterbox_init (&letterbox, RY_LETTERBOX_CENTER, 1920, 1080, 640, 640);
  ry_mask_to_frame (&mask, &letterbox, &mapped);
  g_assert_cmpfloat_with_epsilon (mapped.x, 120, 1e-3);
  g_assert_cmpfloat_with_epsilon (mapped.y, 12, 1e-3);
  g_assert_cmpfloat_with_epsilon (mapped.scale_x, 12, 1e-3);
  g_assert_cmpfloat_with_epsilon (mapped.scale_y, 12, 1e-3);
  g_assert_cmpuint (mapped.width, ==, 25);
  g_assert_cmpuint (mapped.height, ==, 7);

  ry_letterbox_init (&letterbox, RY_LETTERBOX_STRETCH, 1920, 1280, 640, 640);
  ry_mask_to_frame (&mask, &letterbox, &mapped);
  g_assert_cmpfloat_with_epsilon (mapped.x, 120, 1e-3);
  g_assert_cmpfloat_with_epsilon (mapped.y, 288, 1e-3);
  g_assert_cmpfloat_with_epsilon (mapped.scale_x, 12, 1e-3);
  g_assert_cmpfloat_with_epsilon (mapped.scale_y, 8, 1e-3);
}

gint
main (gint argc, gchar ** argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/toframe/rotated", test_rotated);
  g_test_add_func ("/toframe/stretched", test_stretched);
  g_test_add_func ("/toframe/upright", test_upright);
  g_test_add_func ("/toframe/outside", test_outside);
  g_test_add_func ("/toframe/keypoint", test_keypoint);
  g_test_add_func ("/toframe/mask", test_mask);
  return g_test_run ();
}
