/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The parts of the engine that need no runtime. */

#include <glib.h>

#include "engine/cores.h"
#include "engine/inputsize.h"
#include "engine/statistics.h"

static void
assert_cores (const gchar * wanted, guint n_available, const gchar * expected)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  RyCoreList list;

  g_assert_true (ry_core_list_parse (&list, wanted, n_available, &error));
  g_assert_no_error (error);
  for (guint i = 0; i < list.n_cores; i++)
    g_string_append_printf (text, i ? ",%d" : "%d", list.cores[i]);
  g_assert_cmpstr (text->str, ==, expected);
}

static void
test_cores_lists (void)
{
  assert_cores ("auto", 3, "0,1,2");
  assert_cores ("all", 2, "0,1");
  assert_cores (NULL, 1, "0");
  assert_cores ("", 3, "0,1,2");
  assert_cores ("ALL", 3, "0,1,2");
  assert_cores ("0,2", 3, "0,2");
  assert_cores (" 2 , 0", 3, "2,0");
  assert_cores ("1", 2, "1");
}

static void
test_cores_refused (void)
{
  static const struct
  {
    const gchar *wanted;
    guint n_available;
    const gchar *said;
  } cases[] = {
    {"3", 3, "*core 3*3 cores*"},
    {"1", 1, "*core 1*1 core,*"},
    {"0,0", 3, "*core 0 twice*"},
    {"0,,1", 3, "*\"\"*"},
    {"0-2", 3, "*\"0-2\"*\"0,2\"*"},
    {"-1", 3, "*\"-1\"*"},
    {"first", 3, "*\"first\"*"},
    {"99999999999999999999", 3, "*99999999999999999999*"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    RyCoreList list;

    g_assert_false (ry_core_list_parse (&list, cases[i].wanted,
            cases[i].n_available, &error));
    g_assert_error (error, RY_ERROR, RY_ERROR_SETTINGS);
    g_assert_true (g_pattern_match_simple (cases[i].said, error->message));
  }
}

/* A runtime that answers core masks as a SoC with some cores does. */
static gint cores_of_fake;
static gint mask_of_fake;

static int
fake_set_core_mask (rknn_context context, rknn_core_mask mask)
{
  if (cores_of_fake == 1)
    return RKNN_ERR_TARGET_PLATFORM_UNMATCH;
  if (mask >= (rknn_core_mask) (1 << cores_of_fake))
    return RKNN_ERR_TARGET_PLATFORM_UNMATCH;
  mask_of_fake = mask;
  return RKNN_SUCC;
}

static void
test_cores_available (void)
{
  RyRuntime runtime = {.set_core_mask = fake_set_core_mask };
  RyRuntime without = {.set_core_mask = NULL };

  for (cores_of_fake = 1; cores_of_fake <= 3; cores_of_fake++)
    g_assert_cmpuint (ry_cores_available (&runtime, 1, NULL), ==,
        cores_of_fake);
  g_assert_cmpuint (ry_cores_available (&without, 1, NULL), ==, 1);
  g_assert_cmpuint (ry_cores_available (&without, 1, "rk3588"), ==, 3);
  g_assert_cmpuint (ry_cores_available (&without, 1, "RK3588S"), ==, 3);
  g_assert_cmpuint (ry_cores_available (&without, 1, "rk3576"), ==, 2);
  g_assert_cmpuint (ry_cores_available (&without, 1, "rk3566"), ==, 1);
  g_assert_cmpuint (ry_cores_available (&without, 1, "rk3562"), ==, 1);
}

static void
test_cores_pin (void)
{
  RyRuntime runtime = {.set_core_mask = fake_set_core_mask };

  cores_of_fake = 3;
  g_assert_cmpint (ry_cores_pin (&runtime, 1, 2), ==, RKNN_SUCC);
  g_assert_cmpint (mask_of_fake, ==, RKNN_NPU_CORE_2);
  g_assert_cmpint (ry_cores_pin (&runtime, 1, 1), ==, RKNN_SUCC);
  g_assert_cmpint (mask_of_fake, ==, RKNN_NPU_CORE_1);

  /* RK3566 refuses every mask, which does not matter for its only core. */
  cores_of_fake = 1;
  g_assert_cmpint (ry_cores_pin (&runtime, 1, 0), ==, RKNN_SUCC);
  g_assert_cmpint (ry_cores_pin (&runtime, 1, 1), ==,
      RKNN_ERR_TARGET_PLATFORM_UNMATCH);
}

/* Only a user who named cores is told that they cannot be had. */
static void
test_cores_adapt (void)
{
  RyRuntime runtime = {.set_core_mask = fake_set_core_mask };
  RyCoreList list;

  cores_of_fake = 3;
  g_assert_true (ry_core_list_parse (&list, "auto", 3, NULL));
  ry_core_list_adapt (&list, "auto", &runtime, 1);
  g_assert_cmpint (list.cores[2], ==, 2);

  /* an NPU of three cores whose driver takes a mask for none but the first */
  cores_of_fake = 1;
  ry_core_list_adapt (&list, "0,1,2", &runtime, 1);
  g_assert_cmpint (list.cores[2], ==, 2);
  ry_core_list_adapt (&list, "auto", &runtime, 1);
  g_assert_cmpuint (list.n_cores, ==, 3);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpint (list.cores[i], ==, -1);
}

static void
assert_size (guint width, guint height, guint expected)
{
  static const RyInputSize sizes[] = {
    {640, 640}, {640, 384}, {384, 640}, {320, 192}, {320, 320}, {640, 160},
  };

  g_assert_cmpuint (ry_input_size_choose (sizes, G_N_ELEMENTS (sizes), width,
          height), ==, expected);
  /* one size is no choice */
  g_assert_cmpuint (ry_input_size_choose (sizes, 1, width, height), ==, 0);
}

/* The nearest ratio of sides; where several have it, the largest. */
static void
test_input_size (void)
{
  assert_size (1920, 1080, 1);  /* 16:9, of 5:3 rather than 1:1 or 4:1 */
  assert_size (3840, 2160, 1);
  assert_size (160, 90, 1);     /* also 320 x 192, which is smaller */
  assert_size (1080, 1920, 2);
  assert_size (512, 512, 0);
  assert_size (1, 1, 0);
  assert_size (640, 480, 1);    /* 4/3 fills 4/5 of 5:3, and 3/4 of 1:1 */
  assert_size (500, 400, 0);    /* 5/4 fills 3/4 of 5:3, and 4/5 of 1:1 */
  assert_size (4000, 1000, 5);
  assert_size (32768, 1, 5);
  assert_size (1, 32768, 2);
}

static void
test_series (void)
{
  RySeries series = { 0, };
  RySummary summary;

  ry_series_summarize (&series, &summary);
  g_assert_cmpuint (summary.max, ==, 0);

  ry_series_add (&series, 7);
  ry_series_summarize (&series, &summary);
  g_assert_cmpuint (summary.mean, ==, 7);
  g_assert_cmpuint (summary.median, ==, 7);
  g_assert_cmpuint (summary.p95, ==, 7);

  /* 1 .. 100 in any order */
  memset (&series, 0, sizeof (series));
  for (guint i = 0; i < 100; i++)
    ry_series_add (&series, 1 + i * 37 % 100);
  ry_series_summarize (&series, &summary);
  g_assert_cmpuint (summary.mean, ==, 50);
  g_assert_cmpuint (summary.median, >=, 50);
  g_assert_cmpuint (summary.median, <=, 51);
  g_assert_cmpuint (summary.p95, ==, 95);
  g_assert_cmpuint (summary.max, ==, 100);
  g_assert_cmpuint (series.count, ==, 100);

  /* Old values give way, the count goes on. */
  for (guint i = 0; i < RY_SERIES_LENGTH; i++)
    ry_series_add (&series, 3);
  ry_series_summarize (&series, &summary);
  g_assert_cmpuint (summary.max, ==, 3);
  g_assert_cmpuint (series.count, ==, 100 + RY_SERIES_LENGTH);

  /* A clock that stepped back is no reason for a huge number. */
  memset (&series, 0, sizeof (series));
  ry_series_add (&series, -5);
  ry_series_summarize (&series, &summary);
  g_assert_cmpuint (summary.max, ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine/cores/lists", test_cores_lists);
  g_test_add_func ("/engine/cores/refused", test_cores_refused);
  g_test_add_func ("/engine/cores/available", test_cores_available);
  g_test_add_func ("/engine/cores/pin", test_cores_pin);
  g_test_add_func ("/engine/cores/adapt", test_cores_adapt);
  g_test_add_func ("/engine/input-size", test_input_size);
  g_test_add_func ("/engine/series", test_series);
  return g_test_run ();
}
