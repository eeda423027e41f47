/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* rknn_init, contexts, cores, settings of the stand-in. */

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "onnxwriter.h"
#include "rknn_standin.h"
#include "standinapi.h"

static gint
init_bytes (const void *data, guint32 size)
{
  rknn_context context = 0;
  gint result = standin.init (&context, (void *) data, size, 0, NULL);

  if (result == 0)
    standin.destroy (context);
  else
    g_assert_cmpuint (context, !=, 0);
  return result;
}

static void
test_exports (void)
{
  static const gchar *names[] = {
    "rknn_matmul_create", "rknn_matmul_create_dynamic_shape",
    "rknn_matmul_run", "rknn_matmul_destroy", "rknn_matmul_set_io_mem",
    "rknn_matmul_set_core_mask", "rknn_matmul_set_quant_params",
    "rknn_matmul_get_quant_params", "rknn_matmul_set_dynamic_shape",
    "rknn_B_normal_layout_to_native_layout", "rknn_get_device_properties",
    "rknn_register_custom_ops"
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    int (*function) (void) = NULL;
    gpointer symbol = dlsym (standin_library, names[i]);

    g_assert_nonnull (symbol);
    memcpy (&function, &symbol, sizeof symbol);
    g_assert_cmpint (function (), <, 0);
  }
  g_assert_nonnull (dlsym (standin_library, "rknn_custom_op_get_op_attr"));
  g_assert_null (dlsym (standin_library, "rknn_create_mem_from_mb_blk"));
  g_assert_null (dlsym (standin_library, "ry_npu_run"));
}

static void
test_old_exports (void)
{
  static const gchar *late[] = { "rknn_create_mem2", "rknn_mem_sync",
    "rknn_set_input_shape", "rknn_set_input_shapes"
  };
  gpointer library = dlopen (g_getenv ("STANDIN_LIBRARY_1_4"), RTLD_NOW);

  g_assert_nonnull (library);
  for (guint i = 0; i < G_N_ELEMENTS (late); i++)
    g_assert_null (dlsym (library, late[i]));
  g_assert_nonnull (dlsym (library, "rknn_init"));
  g_assert_nonnull (dlsym (library, "rknn_dup_context"));
  g_assert_nonnull (dlsym (library, "rknn_set_io_mem"));
}

/* None of these needs ONNX Runtime to be there. */
static void
test_refused (void)
{
  guint8 zeros[100] = { 0, }, rknn[100] = "RKNN";
  rknn_context context = 0;

  g_assert_cmpint (standin.init (NULL, zeros, sizeof zeros, 0, NULL), ==,
      RKNN_ERR_CTX_INVALID);
  g_assert_cmpint (standin.init (&context, zeros, sizeof zeros,
          RKNN_FLAG_SHARE_WEIGHT_MEM, NULL), ==, RKNN_ERR_PARAM_INVALID);
  g_assert_nonnull (strstr (standin.last_error (), "rknn_init_extend"));
  g_assert_cmpint (init_bytes (NULL, 0), ==, RKNN_ERR_MODEL_INVALID);
  g_assert_cmpint (init_bytes (NULL, 100), ==, RKNN_ERR_MODEL_INVALID);
  g_assert_cmpint (init_bytes (zeros, 1), ==, RKNN_ERR_MODEL_INVALID);
  g_assert_cmpint (init_bytes (zeros, 8), ==, RKNN_ERR_MODEL_INVALID);
  g_assert_cmpint (init_bytes ("/nowhere/model.onnx", 0), ==,
      RKNN_ERR_MODEL_INVALID);
  g_assert_nonnull (strstr (standin.last_error (), "/nowhere/model.onnx"));
  g_assert_cmpint (init_bytes (rknn, sizeof rknn), ==, RKNN_ERR_MODEL_INVALID);
  g_assert_nonnull (strstr (standin.last_error (), ".onnx"));
  g_assert_cmpint (init_bytes ("version https://git-lfs.github.com/spec/v1\n"
          "oid sha256:0123456789abcdef\nsize 12345\n", 80), ==,
      RKNN_ERR_MODEL_INVALID);
  g_assert_nonnull (strstr (standin.last_error (), "git lfs pull"));
}

static void
test_garbage (void)
{
  g_autofree gchar *data = NULL;
  guint8 zeros[4096] = { 0, }, noise[4096];
  gsize size;

  if (!standin_can_run ())
    return;
  g_assert_cmpint (init_bytes (zeros, sizeof zeros), ==,
      RKNN_ERR_MODEL_INVALID);
  for (guint i = 0; i < sizeof noise; i++)
    noise[i] = i * 2654435761u >> 13;
  g_assert_cmpint (init_bytes (noise, sizeof noise), ==,
      RKNN_ERR_MODEL_INVALID);

  g_assert_true (g_file_get_contents (standin_model_path (FALSE), &data,
          &size, NULL));
  g_assert_cmpint (init_bytes (data, size / 2), ==, RKNN_ERR_MODEL_INVALID);
  g_assert_cmpstr (standin.last_error (), !=, "");
  g_assert_cmpint (init_bytes (data, size), ==, 0);
}

static void
test_unsupported (void)
{
  OnnxWriter writer;
  g_autofree gchar *path = NULL;
  g_autofree gchar *unknown = NULL;

  if (!standin_can_run ())
    return;
  onnx_writer_init (&writer);
  onnx_writer_input (&writer, "in", ONNX_DOUBLE, "1,4");
  onnx_writer_node (&writer, "Identity", "in", "out", NULL, 0);
  onnx_writer_output (&writer, "out", ONNX_DOUBLE, "1,4");
  path = standin_write_model ("double.onnx", onnx_writer_finish (&writer),
      NULL);
  g_assert_cmpint (init_bytes (path, 0), ==, RKNN_ERR_MODEL_INVALID);

  onnx_writer_init (&writer);
  onnx_writer_input (&writer, "in", ONNX_FLOAT, "1,4");
  onnx_writer_node (&writer, "NoSuchOperator", "in", "out", NULL, 0);
  onnx_writer_output (&writer, "out", ONNX_FLOAT, "1,4");
  unknown = standin_write_model ("unknown.onnx", onnx_writer_finish (&writer),
      NULL);
  g_assert_cmpint (init_bytes (unknown, 0), ==, RKNN_ERR_MODEL_INVALID);
  g_assert_nonnull (strstr (standin.last_error (), "NoSuchOperator"));
}

static void
test_flags (void)
{
  static const guint32 flags[] = { 0x1, 0x2, 0x4, 0x8, 0x10, 0x40, 0x80,
    0x100, 0x200, 0x400, 0x800, 0x1000, 0x2000, 0x4000, 0x8000, 0x10000,
    0x20000, 0x80000000
  };

  if (!standin_can_run ())
    return;
  for (guint i = 0; i < G_N_ELEMENTS (flags); i++) {
    rknn_context context;

    g_assert_cmpint (standin.init (&context,
            (gchar *) standin_model_path (FALSE), 0, flags[i], NULL), ==, 0);
    g_assert_cmpint (standin.destroy (context), ==, 0);
  }
}

static void
test_shared_weights (void)
{
  rknn_init_extend extend = { 0, };
  rknn_context parent, context;

  if (!standin_can_run ())
    return;
  parent = standin_init_model (FALSE);
  extend.ctx = parent;
  g_assert_cmpint (standin.init (&context,
          (gchar *) standin_model_path (FALSE), 0,
          RKNN_FLAG_SHARE_WEIGHT_MEM, &extend), ==, 0);
  g_assert_cmpint (standin.destroy (parent), ==, 0);
  g_assert_cmpint (standin.run (context, NULL), ==, 0);
  g_assert_cmpint (standin.destroy (context), ==, 0);
}

static void
test_part_of_file (void)
{
  rknn_init_extend extend = { 0, };
  g_autofree gchar *data = NULL, *path = NULL;
  GByteArray *file = g_byte_array_new ();
  rknn_context context;
  gsize size;

  if (!standin_can_run ()) {
    g_byte_array_unref (file);
    return;
  }
  g_assert_true (g_file_get_contents (standin_model_path (FALSE), &data,
          &size, NULL));
  g_byte_array_append (file, (guint8 *) "0123456789abcde", 15);
  g_byte_array_append (file, (guint8 *) data, size);
  g_byte_array_append (file, (guint8 *) "behind", 6);
  path = standin_write_model ("part.bin", file, NULL);

  extend.real_model_offset = 15;
  extend.real_model_size = size;
  g_assert_cmpint (standin.init (&context, path, 0, 0, &extend), ==, 0);
  g_assert_cmpint (standin.destroy (context), ==, 0);
  extend.real_model_size = size + 7;
  g_assert_cmpint (standin.init (&context, path, 0, 0, &extend), ==,
      RKNN_ERR_MODEL_INVALID);
}

/* The model's memory is the caller's again after rknn_init, also for what
 * rknn_dup_context needs later. */
static void
test_memory_not_kept (void)
{
  g_autofree gchar *data = NULL;
  rknn_context context, copy;
  gsize size;

  if (!standin_can_run ())
    return;
  g_setenv ("RKNN_STANDIN_THREADS", "2", TRUE);
  g_assert_true (g_file_get_contents (standin_model_path (FALSE), &data,
          &size, NULL));
  g_assert_cmpint (standin.init (&context, data, size, 0, NULL), ==, 0);
  g_unsetenv ("RKNN_STANDIN_THREADS");
  memset (data, 0xff, size);
  g_assert_cmpint (standin.dup_context (&context, &copy), ==, 0);
  g_assert_cmpint (standin.run (context, NULL), ==, 0);
  g_assert_cmpint (standin.run (copy, NULL), ==, 0);
  g_assert_cmpint (standin.destroy (context), ==, 0);
  g_assert_cmpint (standin.run (copy, NULL), ==, 0);
  g_assert_cmpint (standin.destroy (copy), ==, 0);
}

static void
test_context_zero (void)
{
  rknn_input_output_num num;
  rknn_tensor_attr attr;

  g_assert_cmpint (standin.query (0, RKNN_QUERY_IN_OUT_NUM, &num,
          sizeof num), ==, RKNN_ERR_CTX_INVALID);
  g_assert_cmpint (standin.run (0, NULL), ==, RKNN_ERR_CTX_INVALID);
  g_assert_cmpint (standin.destroy (0), ==, RKNN_ERR_CTX_INVALID);
  g_assert_cmpint (standin.set_core_mask (0, RKNN_NPU_CORE_AUTO), ==,
      RKNN_ERR_CTX_INVALID);
  g_assert_cmpint (standin.set_io_mem (0, NULL, &attr), ==,
      RKNN_ERR_CTX_INVALID);
  g_assert_null (standin.create_mem (0, 100));
  g_assert_null (standin.create_mem2 (0, 100, 0));
  g_assert_null (standin.create_mem_from_fd (0, -1, &num, 8, 0));
}

static void
check_masks (const gchar * soc, const gint * good, guint n_good,
    const gint * failing, guint n_failing)
{
  rknn_context context;

  g_setenv ("RKNN_STANDIN_SOC", soc, TRUE);
  context = standin_init_model (FALSE);
  for (gint mask = -2; mask < 0x10002; mask++) {
    gint expected = RKNN_ERR_TARGET_PLATFORM_UNMATCH;

    if (mask > 20 && mask < 0xfff0)
      continue;
    for (guint i = 0; i < n_good; i++)
      expected = good[i] == mask ? 0 : expected;
    for (guint i = 0; i < n_failing; i++)
      expected = failing[i] == mask ? RKNN_ERR_FAIL : expected;
    g_assert_cmpint (standin.set_core_mask (context, mask), ==, expected);
    g_assert_cmpint (standin.run (context, NULL), ==, 0);
  }
  g_assert_cmpint (standin.destroy (context), ==, 0);
  g_unsetenv ("RKNN_STANDIN_SOC");
}

static void
test_core_masks (void)
{
  static const gint rk3588[] = { 0, 1, 2, 4, 3, 7, 0xffff };
  static const gint rk3588_failing[] = { 5, 6 };
  static const gint rk3576[] = { 0, 1, 2, 3, 0xffff };

  if (!standin_can_run ())
    return;
  check_masks ("rk3588", rk3588, 7, rk3588_failing, 2);
  check_masks ("rk3576", rk3576, 5, NULL, 0);
  check_masks ("rk3566", NULL, 0, NULL, 0);
  check_masks ("RK3562", NULL, 0, NULL, 0);
}

static void
test_batch_cores (void)
{
  rknn_context context;

  if (!standin_can_run ())
    return;
  context = standin_init_model (FALSE);
  for (gint n = -1; n <= 4; n++)
    g_assert_cmpint (standin.set_batch_core_num (context, n), ==,
        n >= 1 && n <= 3 ? 0 : RKNN_ERR_FAIL);
  standin.destroy (context);
}

static void
expect_init (const gchar * variable, const gchar * value, gint expected)
{
  g_setenv (variable, value, TRUE);
  g_assert_cmpint (init_bytes (standin_model_path (FALSE), 0), ==, expected);
  if (expected < 0)
    g_assert_nonnull (strstr (standin.last_error (), variable));
  g_unsetenv (variable);
}

static void
test_settings (void)
{
  if (!standin_can_run ())
    return;
  expect_init ("RKNN_STANDIN_SOC", "rk9999", RKNN_ERR_FAIL);
  expect_init ("RKNN_STANDIN_SOC", "", 0);
  expect_init ("RKNN_STANDIN_THREADS", "0", RKNN_ERR_FAIL);
  expect_init ("RKNN_STANDIN_THREADS", "two", RKNN_ERR_FAIL);
  expect_init ("RKNN_STANDIN_THREADS", "1", 0);
  expect_init ("RKNN_STANDIN_FLOAT", "fp64", RKNN_ERR_FAIL);
  expect_init ("RKNN_STANDIN_TIME", "-1", RKNN_ERR_FAIL);
  expect_init ("RKNN_STANDIN_TIME", "15,1", RKNN_ERR_FAIL);
  expect_init ("RKNN_STANDIN_TIME", "nan", RKNN_ERR_FAIL);
  expect_init ("RKNN_STANDIN_TIME", "1e9", RKNN_ERR_FAIL);
  expect_init ("RKNN_STANDIN_TIME", "0", 0);
  expect_init ("RKNN_STANDIN_TIME", "15.1", 0);
  expect_init ("RKNN_STANDIN_JITTER", "101", RKNN_ERR_FAIL);
  expect_init ("RKNN_STANDIN_JITTER", "10", 0);
}

static void
test_no_onnxruntime (void)
{
  if (g_test_subprocess ()) {
    g_setenv ("RKNN_STANDIN_ONNXRUNTIME", "/nowhere/libonnxruntime.so.1", TRUE);
    g_assert_cmpint (init_bytes (standin_model_path (FALSE), 0), ==,
        RKNN_ERR_FAIL);
    g_assert_nonnull (strstr (standin.last_error (), "onnxruntime-node"));
    return;
  }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr ("*E RKNN: [*] *failed to open rknn device*"
      "/nowhere/libonnxruntime.so.1*libonnxruntime1.21*onnxruntime-node*"
      "RKNN_STANDIN_ONNXRUNTIME*");
}

/* A child that is forked after everything is destroyed can use the stand-in
 * and end, although it has none of its parent's threads. */
static void
test_fork (void)
{
  gint status;
  pid_t child;

  if (!standin_can_run ())
    return;
  child = fork ();
  if (child == 0) {
    rknn_context context = 0;

    alarm (60);
    if (standin.init (&context, (gchar *) standin_model_path (FALSE), 0, 0,
            NULL) != 0 || standin.run (context, NULL) != 0)
      _exit (3);
    standin.destroy (context);
    exit (0);
  }
  g_assert_cmpint (child, >, 0);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
}

static void
test_other_soc (void)
{
  OnnxWriter writer;
  g_autofree gchar *path = NULL;

  if (!standin_can_run ())
    return;
  onnx_writer_init (&writer);
  onnx_writer_input (&writer, "in", ONNX_FLOAT, "1,4");
  onnx_writer_node (&writer, "Identity", "in", "out", NULL, 0);
  onnx_writer_output (&writer, "out", ONNX_FLOAT, "1,4");
  path = standin_write_model ("other.onnx", onnx_writer_finish (&writer),
      "[model]\nsoc=rk3566\n");
  g_assert_cmpint (init_bytes (path, 0), ==, RKNN_ERR_MODEL_INVALID);
  g_assert_nonnull (strstr (standin.last_error (), "rk3566"));
  g_setenv ("RKNN_STANDIN_SOC", "rk3566", TRUE);
  g_assert_cmpint (init_bytes (path, 0), ==, 0);
  g_unsetenv ("RKNN_STANDIN_SOC");
}

static void
test_wrong_description (void)
{
  OnnxWriter writer;
  g_autofree gchar *path = NULL;

  if (!standin_can_run ())
    return;
  onnx_writer_init (&writer);
  onnx_writer_input (&writer, "in", ONNX_FLOAT, "1,3,4,4");
  onnx_writer_node (&writer, "Identity", "in", "out", NULL, 0);
  onnx_writer_output (&writer, "out", ONNX_FLOAT, "1,3,4,4");
  path = standin_write_model ("wrong.onnx", onnx_writer_finish (&writer),
      "[output elsewhere]\ntype=int8\nzp=0\nscale=1\n");
  g_assert_cmpint (init_bytes (path, 0), ==, RKNN_ERR_MODEL_INVALID);
  g_assert_nonnull (strstr (standin.last_error (), "elsewhere"));

  /* the environment's file serves several models, and wins */
  g_setenv ("RKNN_STANDIN_CONFIG", standin_model_path (TRUE), TRUE);
  g_assert_cmpint (init_bytes (path, 0), ==, RKNN_ERR_MODEL_INVALID);
  {
    g_autofree gchar *ini = g_strconcat (standin_model_path (TRUE), ".ini",
        NULL);

    g_setenv ("RKNN_STANDIN_CONFIG", ini, TRUE);
    g_assert_cmpint (init_bytes (path, 0), ==, 0);
  }
  g_unsetenv ("RKNN_STANDIN_CONFIG");
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  standin_open ();
  g_test_add_func ("/standin/init/exports", test_exports);
  g_test_add_func ("/standin/init/exports-1.4", test_old_exports);
  g_test_add_func ("/standin/init/refused", test_refused);
  g_test_add_func ("/standin/init/garbage", test_garbage);
  g_test_add_func ("/standin/init/unsupported", test_unsupported);
  g_test_add_func ("/standin/init/flags", test_flags);
  g_test_add_func ("/standin/init/shared-weights", test_shared_weights);
  g_test_add_func ("/standin/init/part-of-file", test_part_of_file);
  g_test_add_func ("/standin/init/memory-not-kept", test_memory_not_kept);
  g_test_add_func ("/standin/init/context-zero", test_context_zero);
  g_test_add_func ("/standin/init/core-masks", test_core_masks);
  g_test_add_func ("/standin/init/batch-cores", test_batch_cores);
  g_test_add_func ("/standin/init/settings", test_settings);
  g_test_add_func ("/standin/init/no-onnxruntime", test_no_onnxruntime);
  g_test_add_func ("/standin/init/fork", test_fork);
  g_test_add_func ("/standin/init/other-soc", test_other_soc);
  g_test_add_func ("/standin/init/wrong-description", test_wrong_description);
  result = g_test_run ();
  standin_close ();
  return result;
}
