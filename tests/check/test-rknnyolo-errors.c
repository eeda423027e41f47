/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Errors of rknnyolo that a user can mend. */

#include <glib/gstdio.h>

#include "elementtest.h"

/* Starts an element and returns the text of the message of this type. */
static gchar *
start_and_get_message (const gchar * properties, GstMessageType type)
{
  g_autofree gchar *line = g_strdup_printf ("rknnyolo %s", properties);
  g_autoptr (GError) error = NULL;
  GstElement *element = gst_parse_launch (line, &error);
  GstBus *bus = gst_bus_new ();
  GstMessage *message;
  gchar *text = NULL;
  GstStateChangeReturn result;

  g_assert_no_error (error);
  gst_object_ref_sink (element);
  gst_element_set_bus (element, bus);
  result = gst_element_set_state (element, GST_STATE_PAUSED);
  fail_unless ((result == GST_STATE_CHANGE_FAILURE)
      == (type == GST_MESSAGE_ERROR));
  message = gst_bus_pop_filtered (bus, type);
  fail_unless (message != NULL, "%s: no message", line);
  if (type == GST_MESSAGE_ERROR)
    gst_message_parse_error (message, &error, NULL);
  else
    gst_message_parse_warning (message, &error, NULL);
  text = g_strdup (error->message);
  gst_message_unref (message);
  gst_element_set_state (element, GST_STATE_NULL);
  gst_element_set_bus (element, NULL);
  gst_object_unref (bus);
  gst_object_unref (element);
  return text;
}

static void
assert_error (const gchar * properties, const gchar * pattern)
{
  g_autofree gchar *text = start_and_get_message (properties,
      GST_MESSAGE_ERROR);

  fail_unless (g_pattern_match_simple (pattern, text), "\"%s\" is not like "
      "\"%s\"", text, pattern);
  fail_unless (strchr (text, '\n') == NULL, "more than a paragraph: %s", text);
}

static gchar *
write_file (const gchar * suffix, const gchar * content, gssize length)
{
  g_autofree gchar *template = g_strdup_printf ("rknnyolo-XXXXXX%s", suffix);
  g_autoptr (GError) error = NULL;
  gchar *path = NULL;
  gint fd = g_file_open_tmp (template, &path, &error);

  g_assert_no_error (error);
  g_close (fd, NULL);
  g_file_set_contents (path, content, length, &error);
  g_assert_no_error (error);
  return path;
}

static void
assert_file_error (const gchar * suffix, const gchar * content, gssize length,
    const gchar * pattern)
{
  g_autofree gchar *path = write_file (suffix, content, length);
  g_autofree gchar *properties = g_strdup_printf ("model=%s", path);

  assert_error (properties, pattern);
  g_unlink (path);
}

GST_START_TEST (test_model_errors)
{
  gchar random[4096];

  assert_error ("", "*property model*");
  assert_error ("model=/nonexistent/yolo.rknn", "*/nonexistent/yolo.rknn*");
  assert_file_error (".onnx", "", 0, "*empty*");
  assert_file_error (".rknn", "", 0, "*empty*");
  assert_file_error (".onnx", "this is no model\n", -1, "*text*");
  g_random_set_seed (4711);
  for (guint i = 0; i < sizeof (random); i++)
    random[i] = g_random_int ();
  assert_file_error (".onnx", random, sizeof (random), "*model*");
  assert_file_error (".rknn", random, sizeof (random), "*model*");
}

GST_END_TEST;

/* A .rknn file needs librknnrt, which machines with tests do not have. */
GST_START_TEST (test_rknn_without_runtime)
{
  gchar header[128] = "RKNN\0\0\0\0\6\0\0\0\0\0\0\0\x40";
  g_autofree gchar *path = write_file (".rknn", header, sizeof (header));
  g_autofree gchar *properties = g_strdup_printf ("model=%s runtime-library="
      "/nonexistent/librknnrt.so", path);

  assert_error (properties, "*/nonexistent/librknnrt.so*runtime-library*");
  g_unlink (path);
}

GST_END_TEST;

/* An .rknn of container version 6 that says what it was made for and by. */
static void
assert_rknn_error (const gchar * target, const gchar * toolkit,
    const gchar * soc, const gchar * pattern)
{
  static const gchar header[128] = "RKNN\0\0\0\0\6\0\0\0\0\0\0\0\x40";
  g_autofree gchar *json = g_strdup_printf ("{\"target_platform\":[\"%s\"],"
      "\"version\":\"%s\"}", target, toolkit);
  GString *content = g_string_new_len (header, sizeof (header));
  guint64 length = GUINT64_TO_LE (strlen (json));
  g_autofree gchar *path = NULL, *properties = NULL;

  g_string_append_len (content, (const gchar *) &length, sizeof (length));
  g_string_append (content, json);
  path = write_file (".rknn", content->str, content->len);
  properties = g_strdup_printf ("model=%s runtime-library=%s", path,
      g_getenv ("REFUSING_RUNTIME"));
  g_setenv ("RKNNYOLO_SOC", soc, TRUE);
  assert_error (properties, pattern);
  g_unsetenv ("RKNNYOLO_SOC");
  g_unlink (path);
  g_string_free (content, TRUE);
}

/* The runtime only says -6; the file and the board say more. */
GST_START_TEST (test_rknn_that_does_not_fit)
{
  assert_rknn_error ("rk3566", "1.6.0", "rk3588",
      "*made for rk3566*an rk3588*target_platform*");
  assert_rknn_error ("rk3588", "2.3.2", "rk3588s",
      "*-6 (RKNN_ERR_MODEL_INVALID)*made by rknn-toolkit2 2.3.2*older: 2.0.0*"
      "Install*");
  assert_rknn_error ("rk3588", "2.0.0", "rk3588",
      "*-6 (RKNN_ERR_MODEL_INVALID)*made for rk3588*damaged*");
}

GST_END_TEST;

GST_START_TEST (test_encrypted_rknn)
{
  g_autofree gchar *path = write_file (".rknn", "CYPTRKNN\3\0\0\0secret", 18);
  g_autofree gchar *properties = g_strdup_printf ("model=%s runtime-library=%s",
      path, g_getenv ("REFUSING_RUNTIME"));

  assert_error (properties, "*-6*encrypted*before the encryption*");
  g_unlink (path);
}

GST_END_TEST;

GST_START_TEST (test_unknown_head)
{
  static const gint64 dims[] = { 1, 3, 7, 5 };
  gchar *path = test_model_write_shape (dims, 4);
  g_autofree gchar *properties = g_strdup_printf ("model=%s", path);

  assert_error (properties, "*output0*[1,3,7,5]*YOLO*");
  test_model_remove (path);
}

GST_END_TEST;

GST_START_TEST (test_core_errors)
{
  g_autofree gchar *beyond =
      g_strdup_printf ("model=%s cores=7", element_test_model);
  g_autofree gchar *word =
      g_strdup_printf ("model=%s cores=first", element_test_model);

  assert_error (beyond, "*core 7*");
  assert_error (word, "*first*auto*");
}

GST_END_TEST;

/* Too few labels are odd, not wrong: the others are called by number. */
GST_START_TEST (test_labels)
{
  g_autofree gchar *path =
      write_file (".txt", "one\n\xe8\xa1\x8c\xe4\xba\xba\n",
      -1);
  g_autofree gchar *properties =
      g_strdup_printf ("model=%s labels=%s", element_test_model,
      path);
  g_autofree gchar *warning = start_and_get_message (properties,
      GST_MESSAGE_WARNING);
  g_autofree gchar *missing = g_strdup_printf ("model=%s labels=/nonexistent",
      element_test_model);
  g_autofree gchar *more = g_strdup_printf ("labels=%s", path);
  GstHarness *harness;
  GstBuffer *buffer;

  fail_unless (strstr (warning, "2") && strstr (warning, "3"), "%s", warning);
  assert_error (missing, "*/nonexistent*");

  harness = new_harness (more);
  buffer = gst_harness_push_and_pull (harness, new_frame (0));
  fail_unless (find_region (buffer, "one") != NULL);
  fail_unless (find_region (buffer, "\xe8\xa1\x8c\xe4\xba\xba") != NULL);
  gst_buffer_unref (buffer);
  gst_harness_teardown (harness);
  g_unlink (path);
}

GST_END_TEST;

/* Pixels of a compressed format under a plain name are refused. */
GST_START_TEST (test_compressed_caps)
{
  GstHarness *harness = new_harness ("");
  GstBus *bus = add_bus (harness);
  GstCaps *caps = gst_caps_from_string (CAPS ",arm-afbc=(int)1");
  GstMessage *message;

  gst_harness_push_event (harness, gst_event_new_caps (caps));
  gst_caps_unref (caps);
  assert_equals_int (gst_harness_push (harness, new_frame (0)),
      GST_FLOW_NOT_NEGOTIATED);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  gst_message_unref (message);
  remove_bus (harness, bus);
  gst_harness_teardown (harness);
}

GST_END_TEST;

static void
add_tests (TCase * tests)
{
  tcase_add_test (tests, test_model_errors);
  tcase_add_test (tests, test_rknn_without_runtime);
  tcase_add_test (tests, test_rknn_that_does_not_fit);
  tcase_add_test (tests, test_encrypted_rknn);
  tcase_add_test (tests, test_unknown_head);
  tcase_add_test (tests, test_core_errors);
  tcase_add_test (tests, test_labels);
  tcase_add_test (tests, test_compressed_caps);
}

int
main (int argc, char **argv)
{
  return element_test_main (&argc, &argv, "rknnyolo-errors", add_tests);
}
