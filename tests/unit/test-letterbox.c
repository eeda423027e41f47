/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "image/letterbox.h"

#include <math.h>

/* Worked out by hand from the rule at the top of letterbox.c. */
typedef struct
{
  RyLetterboxMode mode;
  guint frame_width, frame_height, model_width, model_height;
  guint x, y, width, height;
  const gchar *why;
} Case;

#define C RY_LETTERBOX_CENTER
#define T RY_LETTERBOX_TOP_LEFT
#define S RY_LETTERBOX_STRETCH

static const Case cases[] = {
  {C, 1920, 1080, 640, 640, 0, 140, 640, 360, "3:1"},
  {C, 1280, 720, 640, 640, 0, 140, 640, 360, "2:1"},
  {C, 810, 1080, 640, 640, 80, 0, 480, 640, "portrait"},
  {C, 640, 640, 640, 640, 0, 0, 640, 640, "as it is"},
  {C, 640, 480, 640, 640, 0, 80, 640, 480, "only padded"},
  {C, 1280, 721, 640, 640, 0, 140, 640, 360, "360.5 to even"},
  {C, 1280, 723, 640, 640, 0, 139, 640, 362, "361.5 to even"},
  {C, 1280, 717, 640, 640, 0, 141, 640, 358, "358.5 to even"},
  {C, 1280, 719, 640, 640, 0, 140, 640, 360, "359.5 to even"},
  {C, 1280, 725, 640, 640, 0, 139, 640, 362, "362.5 to even"},
  {C, 640, 425, 640, 640, 0, 107, 640, 425, "215 rows left: 107 and 108"},
  {C, 427, 640, 640, 640, 106, 0, 427, 640, "213 columns left: 106 and 107"},
  {C, 640, 639, 640, 640, 0, 0, 640, 639, "one row left: 0 and 1"},
  {C, 333, 500, 640, 640, 107, 0, 426, 640, "enlarged, 426.24"},
  {C, 320, 240, 640, 640, 0, 80, 640, 480, "enlarged 1:2"},
  {C, 1, 1, 640, 640, 0, 0, 640, 640, "one pixel"},
  {C, 1, 4000, 640, 640, 319, 0, 1, 640, "0.16 columns become 1"},
  {C, 4000, 1, 640, 640, 0, 319, 640, 1, "0.16 rows become 1"},
  {C, 1920, 1080, 640, 384, 0, 12, 640, 360, "model not square"},
  {C, 1080, 1920, 640, 384, 212, 0, 216, 384, "portrait, model not square"},
  {C, 1920, 1080, 416, 416, 0, 91, 416, 234, "416"},
  {C, 810, 1080, 416, 416, 52, 0, 312, 416, "416, portrait"},
  {C, 8192, 4320, 640, 640, 0, 151, 640, 338, "8K, 337.5 to even"},
  {C, 3, 2, 1, 1, 0, 0, 1, 1, "model of one pixel"},
  {T, 810, 1080, 416, 416, 0, 0, 312, 416, "top left"},
  {T, 1920, 1080, 640, 640, 0, 0, 640, 360, "top left, landscape"},
  {T, 1, 4000, 640, 640, 0, 0, 1, 640, "top left, thin"},
  {S, 1920, 1080, 640, 640, 0, 0, 640, 640, "stretched"},
  {S, 1, 4000, 320, 256, 0, 0, 320, 256, "stretched, thin"},
};

static void
test_table (void)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    const Case *c = &cases[i];
    RyLetterbox box;

    g_test_message ("%ux%u in %ux%u: %s", c->frame_width, c->frame_height,
        c->model_width, c->model_height, c->why);
    ry_letterbox_init (&box, c->mode, c->frame_width, c->frame_height,
        c->model_width, c->model_height);
    g_assert_cmpuint (box.x, ==, c->x);
    g_assert_cmpuint (box.y, ==, c->y);
    g_assert_cmpuint (box.width, ==, c->width);
    g_assert_cmpuint (box.height, ==, c->height);
    g_assert_cmpuint (box.frame_width, ==, c->frame_width);
    g_assert_cmpuint (box.frame_height, ==, c->frame_height);
    g_assert_cmpuint (box.model_width, ==, c->model_width);
    g_assert_cmpuint (box.model_height, ==, c->model_height);
  }
}

static void
assert_maps_to (RyLetterboxMode mode, guint frame_width, guint frame_height,
    gdouble x, gdouble y, gdouble frame_x, gdouble frame_y)
{
  RyLetterbox box;
  gdouble got_x, got_y;

  ry_letterbox_init (&box, mode, frame_width, frame_height, 640, 640);
  ry_letterbox_to_frame (&box, x, y, &got_x, &got_y);
  g_assert_cmpfloat_with_epsilon (got_x, frame_x, 1e-9);
  g_assert_cmpfloat_with_epsilon (got_y, frame_y, 1e-9);
}

/* (x - left) / r, with r before rounding. */
static void
test_way_back (void)
{
  assert_maps_to (C, 1920, 1080, 320, 320, 960, 540);
  assert_maps_to (C, 1920, 1080, 0, 0, 0, -420);
  assert_maps_to (C, 810, 1080, 80, 64, 0, 108);
  /* the picture is 360 rows high, but r is still 1/2 and not 360/721 */
  assert_maps_to (C, 1280, 721, 640, 500, 1280, 720);
  assert_maps_to (C, 640, 425, 10, 107, 10, 0);
  assert_maps_to (C, 320, 240, 639, 80.5, 319.5, 0.25);
  assert_maps_to (T, 810, 1080, 480, 640, 810, 1080);
  assert_maps_to (S, 1920, 1080, 320, 320, 960, 540);
  assert_maps_to (S, 160, 1280, 640, 1, 160, 2);
  /* made one pixel wide: its edges are those of the frame */
  assert_maps_to (C, 1, 4000, 319, 0, 0, 0);
  assert_maps_to (C, 1, 4000, 320, 640, 1, 4000);
}

static void
check_properties (RyLetterboxMode mode, guint fw, guint fh, guint mw, guint mh)
{
  RyLetterbox box;
  gint right, bottom;
  gdouble x0, y0, x1, y1;

  ry_letterbox_init (&box, mode, fw, fh, mw, mh);
  right = (gint) mw - (gint) (box.x + box.width);
  bottom = (gint) mh - (gint) (box.y + box.height);
  g_assert_cmpuint (box.width, >=, 1);
  g_assert_cmpuint (box.height, >=, 1);
  g_assert_cmpint (right, >=, 0);
  g_assert_cmpint (bottom, >=, 0);
  g_assert_true (box.width == mw || box.height == mh);
  if (mode == C) {
    g_assert_cmpint (right - (gint) box.x, >=, 0);
    g_assert_cmpint (right - (gint) box.x, <=, 1);
    g_assert_cmpint (bottom - (gint) box.y, >=, 0);
    g_assert_cmpint (bottom - (gint) box.y, <=, 1);
  }

  /* the picture comes back as the frame, up to half a pixel of the model that
   * went into rounding its size */
  ry_letterbox_to_frame (&box, box.x, box.y, &x0, &y0);
  ry_letterbox_to_frame (&box, box.x + box.width, box.y + box.height, &x1, &y1);
  g_assert_cmpfloat (x0, ==, 0.0);
  g_assert_cmpfloat (y0, ==, 0.0);
  g_assert_cmpfloat (fabs (x1 - fw) * box.scale_x, <=, 0.5 + 1e-9);
  g_assert_cmpfloat (fabs (y1 - fh) * box.scale_y, <=, 0.5 + 1e-9);
}

static void
test_random_sizes (void)
{
  guint i;

  for (i = 0; i < 20000; i++) {
    gint limit = i % 3 ? 4096 : 40;

    check_properties (i % 3, g_test_rand_int_range (1, limit),
        g_test_rand_int_range (1, limit), g_test_rand_int_range (1, 1300),
        g_test_rand_int_range (1, 1300));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/letterbox/table", test_table);
  g_test_add_func ("/letterbox/way-back", test_way_back);
  g_test_add_func ("/letterbox/random-sizes", test_random_sizes);
  return g_test_run ();
}
