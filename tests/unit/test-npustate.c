/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <glib.h>
#include <glib/gstdio.h>

#include "runtime/npustate.h"

/* A board's /sys, below a folder of its own. */
typedef struct
{
  gchar *root;
  GPtrArray *made;              /* files and folders, deepest last */
} Board;

static void
make_folders (Board * board, const gchar * folder)
{
  g_autofree gchar *parent = g_path_get_dirname (folder);

  if (g_file_test (folder, G_FILE_TEST_IS_DIR))
    return;
  make_folders (board, parent);
  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  g_ptr_array_add (board->made, g_strdup (folder));
}

static void
put (Board * board, const gchar * path, const gchar * text)
{
  gchar *full = g_build_filename (board->root, path, NULL);
  g_autofree gchar *folder = g_path_get_dirname (full);

  make_folders (board, folder);
  g_assert_true (g_file_set_contents (full, text, -1, NULL));
  g_ptr_array_add (board->made, full);
}

static void
board_new (Board * board, gconstpointer unused)
{
  board->root = g_dir_make_tmp ("npustate-XXXXXX", NULL);
  g_assert_nonnull (board->root);
  board->made = g_ptr_array_new_with_free_func (g_free);
}

static void
board_free (Board * board, gconstpointer unused)
{
  for (guint i = board->made->len; i > 0; i--)
    g_remove (g_ptr_array_index (board->made, i - 1));
  g_remove (board->root);
  g_ptr_array_unref (board->made);
  g_free (board->root);
}

static void
test_rk3588 (Board * board, gconstpointer unused)
{
  RyNpuState state;

  put (board, "sys/class/devfreq/fb000000.gpu/cur_freq", "300000000\n");
  put (board, "sys/class/devfreq/fdab0000.npu/cur_freq", "1000000000\n");
  put (board, "sys/class/thermal/thermal_zone0/type", "soc-thermal\n");
  put (board, "sys/class/thermal/thermal_zone0/temp", "41615\n");
  put (board, "sys/class/thermal/thermal_zone6/type", "npu-thermal\n");
  put (board, "sys/class/thermal/thermal_zone6/temp", "48076\n");
  ry_npu_state_read (board->root, &state);
  g_assert_cmpuint (state.clock, ==, 1000);
  g_assert_cmpint (state.temperature, ==, 48);
}

static void
test_no_sensor_of_its_own (Board * board, gconstpointer unused)
{
  RyNpuState state;

  put (board, "sys/class/devfreq/fde40000.npu/cur_freq", "600000000\n");
  put (board, "sys/class/thermal/thermal_zone1/type", "gpu-thermal\n");
  put (board, "sys/class/thermal/thermal_zone1/temp", "60000\n");
  put (board, "sys/class/thermal/thermal_zone0/type", "soc-thermal\n");
  put (board, "sys/class/thermal/thermal_zone0/temp", "55000\n");
  ry_npu_state_read (board->root, &state);
  g_assert_cmpuint (state.clock, ==, 600);
  g_assert_cmpint (state.temperature, ==, 55);
}

static void
test_nothing_there (Board * board, gconstpointer unused)
{
  RyNpuState state = { 1, 1 };

  ry_npu_state_read (board->root, &state);
  g_assert_cmpuint (state.clock, ==, 0);
  g_assert_cmpint (state.temperature, ==, 0);
}

static void
test_garbage (Board * board, gconstpointer unused)
{
  RyNpuState state;

  put (board, "sys/class/devfreq/fdab0000.npu/cur_freq", "-5000000000\n");
  put (board, "sys/class/thermal/thermal_zone0/type", "npu-thermal");
  put (board, "sys/class/thermal/thermal_zone0/temp", "-273000\n");
  put (board, "sys/class/thermal/thermal_zone1/type", "soc-thermal");
  put (board, "sys/class/thermal/thermal_zone1/temp",
      "99999999999999999999999\n");
  ry_npu_state_read (board->root, &state);
  g_assert_cmpuint (state.clock, ==, 0);
  g_assert_cmpint (state.temperature, ==, 0);
}

#define ADD(name, function) \
  g_test_add ("/npustate/" name, Board, NULL, board_new, function, board_free)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("rk3588", test_rk3588);
  ADD ("no-sensor-of-its-own", test_no_sensor_of_its_own);
  ADD ("nothing-there", test_nothing_there);
  ADD ("garbage", test_garbage);
  return g_test_run ();
}
