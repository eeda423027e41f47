/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* manifest.txt of a recording: what is read from it, and what is refused. */

#include <string.h>

#include "standin/recording.h"

static void
test_good (void)
{
  static const gchar text[] = "2\n"
      "0.i8 4 1 64 80 80 -65 0.13266474\r\n"
      "  second.f16\t2 1 8400 0  1e0\n" "810 1080 80 0 0.592592593\n";
  g_autoptr (GError) error = NULL;
  g_autoptr (RyRecording) recording =
      ry_recording_parse (text, strlen (text), &error);
  const RyRecorded *tensor;

  g_assert_no_error (error);
  g_assert_cmpuint (recording->n, ==, 2);
  tensor = &recording->tensors[0];
  g_assert_cmpstr (tensor->file, ==, "0.i8");
  g_assert_false (tensor->half);
  g_assert_cmpuint (tensor->rank, ==, 4);
  g_assert_cmpint (tensor->shape[1], ==, 64);
  g_assert_cmpint (tensor->shape[3], ==, 80);
  g_assert_cmpuint (tensor->n_elems, ==, 64 * 80 * 80);
  g_assert_cmpint (tensor->zp, ==, -65);
  g_assert_cmpfloat (tensor->scale, ==, 0.13266474f);
  tensor = &recording->tensors[1];
  g_assert_cmpstr (tensor->file, ==, "second.f16");
  g_assert_true (tensor->half);
  g_assert_cmpuint (tensor->rank, ==, 2);
  g_assert_cmpuint (tensor->n_elems, ==, 8400);
}

/* Without the last line's end, and with nothing behind the tensors. */
static void
test_short (void)
{
  static const gchar text[] = "1\na.i8 1 5 127 0.5";
  g_autoptr (RyRecording) recording =
      ry_recording_parse (text, strlen (text), NULL);

  g_assert_nonnull (recording);
  g_assert_cmpint (recording->tensors[0].shape[0], ==, 5);
}

static void
test_wrong (void)
{
  static const struct
  {
    const gchar *text, *said;
  } wrong[] = {
    {"", "line 1"},
    {"\n", "line 1"},
    {"0\n", "line 1"},
    {"-1\n", "line 1"},
    {"1025\n", "line 1"},
    {"two\n", "line 1"},
    {"2\na.i8 1 5 0 1", "line 3: the file ends"},
    {"2\na.i8 1 5 0 1\n", "line 3"},
    {"1\n\n", "line 2"},
    {"1\na.i8\n", "line 2"},
    {"1\na.i8 0 0 1\n", "line 2"},
    {"1\na.i8 17 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 0 1\n", "line 2"},
    {"1\na.i8 2 5 0 1\n", "line 2"},
    {"1\na.i8 1 5 0 1 1\n", "line 2"},
    {"1\na.i8 1 0 0 1\n", "dimension 0"},
    {"1\na.i8 1 -5 0 1\n", "dimension 0"},
    {"1\na.i8 2 65536 65536 0 1\n", "dimension 1"},
    {"1\na.i8 1 9223372036854775807 0 1\n", "dimension 0"},
    {"1\na.i8 1 5 128 1\n", "zero point"},
    {"1\na.i8 1 5 0.5 1\n", "zero point"},
    {"1\na.i8 1 5 0 0\n", "scale"},
    {"1\na.i8 1 5 0 -1\n", "scale"},
    {"1\na.i8 1 5 0 inf\n", "scale"},
    {"1\na.i8 1 5 0 nan\n", "scale"},
    {"1\na.i8 1 5 0 1x\n", "scale"},
    {"1\na.bin 1 5 0 1\n", "a.bin"},
    {"1\n../a.i8 1 5 0 1\n", "../a.i8"},
    {"1\n/etc/a.i8 1 5 0 1\n", "/etc/a.i8"},
    {"1\n.i8 1 5 0 1\n", ".i8"},
    {"1\n\xff\xfe.i8 1 5 0 1\n", "text"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr (GError) error = NULL;
    RyRecording *recording = ry_recording_parse (wrong[i].text,
        strlen (wrong[i].text), &error);

    g_test_message ("%s", wrong[i].said);
    g_assert_null (recording);
    g_assert_nonnull (error);
    g_assert_nonnull (strstr (error->message, wrong[i].said));
  }
}

/* A byte 0 ends nothing. */
static void
test_binary (void)
{
  static const gchar text[] = "1\na.i8 1 5 0 1\0\n";

  g_assert_null (ry_recording_parse (text, sizeof text, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/standin/manifest/good", test_good);
  g_test_add_func ("/standin/manifest/short", test_short);
  g_test_add_func ("/standin/manifest/wrong", test_wrong);
  g_test_add_func ("/standin/manifest/binary", test_binary);
  return g_test_run ();
}
