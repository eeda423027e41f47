/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Runtimes that lack what newer ones have, NPUs with fewer cores, and what the
 * runtime is told at the start. */

#include <dlfcn.h>

#include "elementtest.h"
#include "rknn_api.h"

static GstHarness *
new_harness_with (const gchar * variable, const gchar * properties)
{
  g_autofree gchar *line = g_strdup_printf ("runtime-library=%s %s",
      g_getenv (variable), properties);

  return new_harness (line);
}

static guint
get_stat (GstHarness * harness, const gchar * name)
{
  g_autoptr (GstStructure) stats = NULL;
  guint value = G_MAXUINT;

  g_object_get (get_element (harness), "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint (stats, name, &value));
  return value;
}

static void
assert_works (GstHarness * harness, guint cores, guint contexts)
{
  for (guint i = 0; i < 4; i++)
    fail_unless_equals_int (regions_of_next (harness), 2);
  fail_unless_equals_int (get_stat (harness, "cores"), cores);
  fail_unless_equals_int (get_stat (harness, "contexts"), contexts);
  gst_harness_teardown (harness);
}

/* No duplicates (each context is made by rknn_init), no core masks (the
 * runtime chooses), nothing to synchronise memory with. */
GST_START_TEST (test_bare)
{
  assert_works (new_harness_with ("RKNNYOLO_BARE_RUNTIME", ""), 1, 2);
  assert_works (new_harness_with ("RKNNYOLO_BARE_RUNTIME",
          "cores=0 contexts-per-core=3"), 1, 3);
}

GST_END_TEST;

GST_START_TEST (test_1_4)
{
  GstHarness *harness = new_harness_with ("RKNNYOLO_STANDIN_1_4", "");
  g_autoptr (GstStructure) stats = NULL;
  const gchar *version;

  g_object_get (get_element (harness), "stats", &stats, NULL);
  version = gst_structure_get_string (stats, "runtime-version");
  fail_unless (g_str_has_prefix (version, "1.4.0"), "%s", version);
  assert_works (harness, 3, 6);
}

GST_END_TEST;

/* Starts an element that is to fail; the text of its error. */
static gchar *
get_start_error (const gchar * line)
{
  GstElement *element = gst_parse_launch (line, NULL);
  GstBus *bus = gst_bus_new ();
  g_autoptr (GError) error = NULL;
  GstMessage *message;
  gchar *text;

  gst_object_ref_sink (element);
  gst_element_set_bus (element, bus);
  fail_unless_equals_int (gst_element_set_state (element, GST_STATE_PAUSED),
      GST_STATE_CHANGE_FAILURE);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  gst_message_parse_error (message, &error, NULL);
  text = g_strdup (error->message);
  gst_message_unref (message);
  gst_element_set_state (element, GST_STATE_NULL);
  gst_element_set_bus (element, NULL);
  gst_object_unref (bus);
  gst_object_unref (element);
  return text;
}

/* What cannot be done without a function is said. */
GST_START_TEST (test_sizes_without_function)
{
  gchar *model = test_model_write_looking (1, 0, 0, "64x64,64x32");
  g_autofree gchar *line = g_strdup_printf ("rknnyolo model=%s "
      "runtime-library=%s", model, g_getenv ("RKNNYOLO_BARE_RUNTIME"));
  g_autofree gchar *text = get_start_error (line);

  fail_unless (g_pattern_match_simple ("*2 sizes*rknn_set_input_shapes*1.5.2*",
          text), "%s", text);
  test_model_remove (model);
}

GST_END_TEST;

/* Nobody has to say how many cores there are. */
GST_START_TEST (test_socs)
{
  static const struct
  {
    const gchar *soc;
    guint cores;
  } socs[] = {
    {"rk3588", 3}, {"rk3576", 2}, {"rk3568", 1}, {"rk3566", 1}, {"rk3562", 1},
  };

  for (guint i = 0; i < G_N_ELEMENTS (socs); i++) {
    g_autofree gchar *line = NULL, *text = NULL;
    guint n = socs[i].cores;

    g_setenv ("RKNN_STANDIN_SOC", socs[i].soc, TRUE);
    assert_works (new_harness (""), n, 2 * n);
    assert_works (new_harness ("cores=all contexts-per-core=1"), n, n);
    assert_works (new_harness ("cores=0"), 1, 2);
    line = g_strdup_printf ("rknnyolo model=%s cores=%u", element_test_model,
        n);
    text = get_start_error (line);
    fail_unless (strstr (text, n == 1 ? "1 core," : "cores,") != NULL, "%s",
        text);
  }
  g_unsetenv ("RKNN_STANDIN_SOC");
}

GST_END_TEST;

static gint
get_flags (void)
{
  gpointer library = dlopen (g_getenv ("RKNNYOLO_BARE_RUNTIME"),
      RTLD_NOW | RTLD_NOLOAD);
  gint (*function) (void) = NULL;
  gpointer symbol;

  fail_unless (library != NULL);
  symbol = dlsym (library, "bare_runtime_get_flags");
  memcpy (&function, &symbol, sizeof (symbol));
  dlclose (library);
  return function ();
}

static void
assert_flags (const gchar * properties, gint flags)
{
  GstHarness *harness = new_harness_with ("RKNNYOLO_BARE_RUNTIME", properties);

  fail_unless_equals_int (get_flags (), flags);
  fail_unless_equals_int (regions_of_next (harness), 2);
  gst_harness_teardown (harness);
}

/* The application's thread is never made a quicker one. */
GST_START_TEST (test_flags)
{
  const gint always = RKNN_FLAG_DISABLE_PROC_HIGH_PRIORITY;

  assert_flags ("", always);
  assert_flags ("npu-priority=high sram=off", always);
  assert_flags ("npu-priority=medium", always | RKNN_FLAG_PRIOR_MEDIUM);
  assert_flags ("npu-priority=low", always | RKNN_FLAG_PRIOR_LOW);
  assert_flags ("sram=on", always | RKNN_FLAG_ENABLE_SRAM);
  assert_flags ("sram=shared npu-priority=low", always | RKNN_FLAG_PRIOR_LOW
      | RKNN_FLAG_ENABLE_SRAM | RKNN_FLAG_SHARE_SRAM);
}

GST_END_TEST;

/* Who asks for SRAM where there is none is told so, and goes on. */
static gchar *
get_sram_warning (const gchar * runtime)
{
  g_autofree gchar *line = g_strdup_printf ("rknnyolo model=%s sram=on "
      "runtime-library=%s", element_test_model, g_getenv (runtime));
  GstElement *element = gst_parse_launch (line, NULL);
  GstBus *bus = gst_bus_new ();
  g_autoptr (GError) error = NULL;
  GstMessage *message;

  gst_object_ref_sink (element);
  gst_element_set_bus (element, bus);
  fail_if (gst_element_set_state (element, GST_STATE_PAUSED)
      == GST_STATE_CHANGE_FAILURE);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING);
  fail_unless (message != NULL);
  gst_message_parse_warning (message, &error, NULL);
  gst_message_unref (message);
  gst_element_set_state (element, GST_STATE_NULL);
  gst_element_set_bus (element, NULL);
  gst_object_unref (bus);
  gst_object_unref (element);
  return g_strdup (error->message);
}

GST_START_TEST (test_no_sram)
{
  g_autofree gchar *text = get_sram_warning ("RKNNYOLO_STANDIN");
  g_autofree gchar *old = get_sram_warning ("RKNNYOLO_STANDIN_1_4");

  fail_unless (strstr (text, "CONFIG_ROCKCHIP_RKNPU_SRAM") != NULL, "%s", text);
  fail_unless (g_pattern_match_simple ("*version 1.4.0*expected is 1.6*", old),
      "%s", old);
}

GST_END_TEST;

/* They are part of what a model is loaded with: after a refusal the properties
 * tell again what is in use. */
GST_START_TEST (test_refused_flags)
{
  GstHarness *harness = new_harness_with ("RKNNYOLO_BARE_RUNTIME",
      "npu-priority=medium");
  GstElement *element = get_element (harness);
  GstBus *bus = add_bus (harness);
  GstMessage *message;
  gint priority, sram;

  g_object_set (element, "npu-priority", 2, "sram", 1, "model",
      "/nonexistent.onnx", NULL);
  message = gst_bus_timed_pop_filtered (bus, 60 * GST_SECOND,
      GST_MESSAGE_WARNING);
  fail_unless (message != NULL);
  gst_message_unref (message);
  g_object_get (element, "npu-priority", &priority, "sram", &sram, NULL);
  fail_unless_equals_int (priority, 1);
  fail_unless_equals_int (sram, 0);

  /* The next model takes what is set with it. */
  g_object_set (element, "npu-priority", 2, "model", element_test_model, NULL);
  /* it takes over between two frames */
  do {
    fail_unless_equals_int (regions_of_next (harness), 2);
    message = gst_bus_timed_pop_filtered (bus, 10 * GST_MSECOND,
        GST_MESSAGE_ELEMENT);
  } while (message == NULL);
  gst_message_unref (message);
  fail_unless_equals_int (get_flags () & 3, RKNN_FLAG_PRIOR_LOW);
  remove_bus (harness, bus);
  gst_harness_teardown (harness);
}

GST_END_TEST;

static void
add_tests (TCase * tests)
{
  tcase_add_test (tests, test_bare);
  tcase_add_test (tests, test_1_4);
  tcase_add_test (tests, test_sizes_without_function);
  tcase_add_test (tests, test_socs);
  tcase_add_test (tests, test_flags);
  tcase_add_test (tests, test_no_sram);
  tcase_add_test (tests, test_refused_flags);
}

int
main (int argc, char **argv)
{
  return element_test_main (&argc, &argv, "runtimes", add_tests);
}
