/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include <glib/gstdio.h>

#include "model/labels.h"
#include "ryerror.h"

static GPtrArray *
parse (const gchar * text, gsize length, GError ** error)
{
  return ry_labels_parse (text, length, "labels.txt", error);
}

static void
check (const gchar * text, const gchar * const *expected)
{
  GError *error = NULL;
  GPtrArray *labels = parse (text, strlen (text), &error);
  guint i;

  g_assert_no_error (error);
  g_assert_cmpuint (labels->len, ==, g_strv_length ((gchar **) expected));
  for (i = 0; i < labels->len; i++)
    g_assert_cmpstr (g_ptr_array_index (labels, i), ==, expected[i]);
  g_ptr_array_unref (labels);
}

static void
test_parse (void)
{
  static const gchar *const two[] = { "person", "traffic light", NULL };
  static const gchar *const greek[] = { "\316\261\316\262", NULL };

  check ("person\ntraffic light\n", two);
  check ("person\ntraffic light", two);
  check ("person\r\ntraffic light\r\n", two);
  check ("\xef\xbb\xbfperson\n  traffic light \t\n\n  \n\n", two);
  check ("\316\261\316\262", greek);
}

static void
check_refused (const gchar * text, gsize length, const gchar * word)
{
  GError *error = NULL;

  g_assert_null (parse (text, length, &error));
  g_assert_error (error, RY_ERROR, RY_ERROR_LABELS);
  g_assert_nonnull (strstr (error->message, word));
  g_error_free (error);
}

static void
test_refused (void)
{
  check_refused ("", 0, "empty");
  check_refused ("\n\n \n", 4, "empty");
  check_refused ("a\n\nb\n", 5, "Line 2");
  check_refused ("a\nb\xff\n", 5, "Line 2");
  check_refused ("a\nb\0c\n", 6, "Line 2");
}

static void
test_load (void)
{
  GError *error = NULL;
  gchar *folder = g_dir_make_tmp ("ry-labels-XXXXXX", NULL);
  gchar *path = g_build_filename (folder, "labels.txt", NULL);
  GPtrArray *labels;

  g_assert_null (ry_labels_load (path, &error));
  g_assert_error (error, RY_ERROR, RY_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, path));
  g_clear_error (&error);
  g_assert_null (ry_labels_load (folder, &error));
  g_assert_error (error, RY_ERROR, RY_ERROR_NOT_FOUND);
  g_clear_error (&error);

  g_assert_true (g_file_set_contents (path, "cat\ndog\n", -1, NULL));
  labels = ry_labels_load (path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (labels->len, ==, 2);
  g_assert_cmpstr (g_ptr_array_index (labels, 1), ==, "dog");
  g_ptr_array_unref (labels);
  g_unlink (path);
  g_rmdir (folder);
  g_free (path);
  g_free (folder);
}

static const gchar *
label (GPtrArray * labels, guint i)
{
  return g_ptr_array_index (labels, i);
}

static void
test_complete (void)
{
  GPtrArray *from = g_ptr_array_new (), *labels;
  gchar *warning = NULL;

  labels = ry_labels_complete (NULL, 80, &warning);
  g_assert_null (warning);
  g_assert_cmpuint (labels->len, ==, 80);
  /* COCO's own numbers 1, 6 and 90. */
  g_assert_cmpstr (label (labels, 0), ==, "person");
  g_assert_cmpstr (label (labels, 5), ==, "bus");
  g_assert_cmpstr (label (labels, 79), ==, "toothbrush");
  g_ptr_array_unref (labels);

  labels = ry_labels_complete (NULL, 3, &warning);
  g_assert_null (warning);
  g_assert_cmpstr (label (labels, 2), ==, "class 2");
  g_ptr_array_unref (labels);

  g_ptr_array_add (from, (gpointer) "cat");
  g_ptr_array_add (from, NULL);
  g_ptr_array_add (from, (gpointer) "dog");
  labels = ry_labels_complete (from, 3, &warning);
  g_assert_null (warning);
  g_assert_cmpstr (label (labels, 1), ==, "class 1");
  g_assert_cmpstr (label (labels, 2), ==, "dog");
  g_ptr_array_unref (labels);

  labels = ry_labels_complete (from, 80, &warning);
  g_assert_nonnull (strstr (warning, "3 labels"));
  g_clear_pointer (&warning, g_free);
  g_assert_cmpuint (labels->len, ==, 80);
  g_assert_cmpstr (label (labels, 3), ==, "class 3");
  g_ptr_array_unref (labels);

  labels = ry_labels_complete (from, 1, &warning);
  g_assert_nonnull (strstr (warning, "1 classes"));
  g_clear_pointer (&warning, g_free);
  g_assert_cmpuint (labels->len, ==, 1);
  g_ptr_array_unref (labels);

  labels = ry_labels_complete (from, 5, NULL);
  g_ptr_array_unref (labels);
  g_ptr_array_unref (from);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/labels/parse", test_parse);
  g_test_add_func ("/labels/refused", test_refused);
  g_test_add_func ("/labels/load", test_load);
  g_test_add_func ("/labels/complete", test_complete);
  return g_test_run ();
}
