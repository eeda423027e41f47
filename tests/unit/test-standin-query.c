/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* rknn_query of the stand-in: sizes, errors, attributes. */

#include <string.h>

#include "onnxwriter.h"
#include "standinapi.h"

static const struct
{
  gint cmd;
  guint32 size;
  gint result;                  /* with enough room and index 0 */
} commands[] = {
  {0, 8, 0}, {1, 376, 0}, {2, 376, 0}, {3, 16, 0}, {4, 8, 0}, {5, 512, 0},
  {6, 64, 0}, {7, 1024, 0}, {8, 376, 0}, {9, 376, 0}, {10, 376, 0},
  {11, 376, 0}, {13, 33040, -6}, {14, 376, -6}, {15, 376, -6}, {16, 376, -7},
  {17, 376, -7}
};

static void
test_sizes (void)
{
  g_autofree guint8 *info = g_malloc0 (40000);
  rknn_context context;

  if (!standin_can_run ())
    return;
  context = standin_init_model (FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++) {
    rknn_query_cmd cmd = commands[i].cmd;
    guint32 size = commands[i].size;

    memset (info, 0, 40000);
    g_assert_cmpint (standin.query (context, cmd, info, size - 1), ==,
        RKNN_ERR_PARAM_INVALID);
    g_assert_cmpint (standin.query (context, cmd, NULL, size), ==,
        RKNN_ERR_PARAM_INVALID);
    g_assert_cmpint (standin.query (context, cmd, info, size), ==,
        commands[i].result);
    memset (info, 0, 40000);
    g_assert_cmpint (standin.query (context, cmd, info, size + 100), ==,
        commands[i].result);
  }
  g_assert_cmpint (standin.query (context, 12, info, 40000), ==, RKNN_ERR_FAIL);
  g_assert_cmpint (standin.query (context, 18, info, 40000), ==, RKNN_ERR_FAIL);
  g_assert_cmpint (standin.query (context, 99, info, 40000), ==, RKNN_ERR_FAIL);
  standin.destroy (context);
}

static void
test_bad_index (void)
{
  static const gint cmds[] = { 1, 2, 8, 10, 11 };
  rknn_context context;

  if (!standin_can_run ())
    return;
  context = standin_init_model (FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (cmds); i++) {
    rknn_tensor_attr attr = {.index = 3 };

    g_assert_cmpint (standin.query (context, cmds[i], &attr, sizeof attr), ==,
        RKNN_ERR_PARAM_INVALID);
  }
  standin.destroy (context);
}

static void
check_attr (rknn_context context, rknn_query_cmd cmd, guint index,
    const gchar * name, rknn_tensor_format fmt, rknn_tensor_type type,
    const gchar * dims, guint size, guint w_stride, guint size_with_stride)
{
  g_autoptr (GString) text = g_string_new (NULL);
  rknn_tensor_attr attr;
  guint n_elems = 1;

  standin_query_attr (context, cmd, index, &attr);
  for (guint i = 0; i < attr.n_dims; i++) {
    g_string_append_printf (text, "%s%u", i ? "," : "", attr.dims[i]);
    n_elems *= attr.dims[i];
  }
  g_assert_cmpuint (attr.index, ==, index);
  g_assert_cmpstr (attr.name, ==, name);
  g_assert_cmpint (attr.fmt, ==, fmt);
  g_assert_cmpint (attr.type, ==, type);
  g_assert_cmpstr (text->str, ==, dims);
  g_assert_cmpuint (attr.n_elems, ==, n_elems);
  g_assert_cmpuint (attr.size, ==, size);
  g_assert_cmpuint (attr.w_stride, ==, w_stride);
  g_assert_cmpuint (attr.size_with_stride, ==, size_with_stride);
  g_assert_cmpint (attr.qnt_type, ==, RKNN_TENSOR_QNT_AFFINE_ASYMMETRIC);
  if (type != RKNN_TENSOR_INT8) {
    g_assert_cmpint (attr.zp, ==, 0);
    g_assert_cmpfloat (attr.scale, ==, 1.0f);
  }
}

/* 6 rows of 10 pixels, padded to 16; 3 or 20 channels in groups of 8. */
static void
test_float_attrs (void)
{
  rknn_context c;

  if (!standin_can_run ())
    return;
  c = standin_init_model (FALSE);
  for (gint cmd = 1; cmd <= 10; cmd += cmd == 1 ? 7 : 2)
    check_attr (c, cmd, 0, "images", RKNN_TENSOR_NHWC, RKNN_TENSOR_FLOAT16,
        "1,6,10,3", 6 * 10 * 3 * 2, 16, 6 * 16 * 3 * 2);
  check_attr (c, 2, 1, "many", RKNN_TENSOR_NCHW, RKNN_TENSOR_FLOAT16,
      "1,20,6,10", 2400, 0, 2400);
  check_attr (c, 9, 1, "many", RKNN_TENSOR_NC1HWC2, RKNN_TENSOR_FLOAT16,
      "1,3,6,10,8", 3 * 6 * 10 * 8 * 2, 16, 3 * 6 * 16 * 8 * 2);
  check_attr (c, 11, 1, "many", RKNN_TENSOR_NHWC, RKNN_TENSOR_FLOAT16,
      "1,6,10,20", 2400, 0, 2400);
  check_attr (c, 9, 0, "same", RKNN_TENSOR_NC1HWC2, RKNN_TENSOR_FLOAT16,
      "1,1,6,10,8", 6 * 10 * 8 * 2, 16, 6 * 16 * 8 * 2);
  check_attr (c, 2, 2, "flat", RKNN_TENSOR_UNDEFINED, RKNN_TENSOR_FLOAT16,
      "1,180", 360, 0, 360);
  check_attr (c, 9, 2, "flat", RKNN_TENSOR_UNDEFINED, RKNN_TENSOR_FLOAT16,
      "1,180", 360, 0, 360);
  standin.destroy (c);

  g_setenv ("RKNN_STANDIN_FLOAT", "fp32", TRUE);
  c = standin_init_model (FALSE);
  g_unsetenv ("RKNN_STANDIN_FLOAT");
  check_attr (c, 2, 1, "many", RKNN_TENSOR_NCHW, RKNN_TENSOR_FLOAT32,
      "1,20,6,10", 4800, 0, 4800);
  check_attr (c, 1, 0, "images", RKNN_TENSOR_NHWC, RKNN_TENSOR_FLOAT32,
      "1,6,10,3", 720, 16, 6 * 16 * 3 * 4);
  standin.destroy (c);
}

static void
test_int8_attrs (void)
{
  static const gchar *socs[] = { "rk3588", "rk3576", "rk3562", "rk3566",
    "rk3568"
  };
  rknn_tensor_attr attr;

  if (!standin_can_run ())
    return;
  for (guint i = 0; i < G_N_ELEMENTS (socs); i++) {
    gboolean narrow = i >= 3;
    rknn_context c;

    g_setenv ("RKNN_STANDIN_SOC", socs[i], TRUE);
    c = standin_init_model (TRUE);
    check_attr (c, 8, 0, "images", RKNN_TENSOR_NHWC, RKNN_TENSOR_INT8,
        "1,6,10,3", 180, 16, 288);
    check_attr (c, 9, 1, "many", RKNN_TENSOR_NC1HWC2, RKNN_TENSOR_INT8,
        narrow ? "1,3,6,10,8" : "1,2,6,10,16",
        narrow ? 3 * 60 * 8 : 2 * 60 * 16, 16,
        narrow ? 3 * 96 * 8 : 2 * 96 * 16);
    standin_query_attr (c, RKNN_QUERY_INPUT_ATTR, 0, &attr);
    g_assert_cmpint (attr.zp, ==, -128);
    g_assert_cmpfloat (attr.scale, ==, 1.0f);
    for (guint k = 0; k < 3; k++) {
      standin_query_attr (c, RKNN_QUERY_OUTPUT_ATTR, k, &attr);
      g_assert_cmpint (attr.type, ==, RKNN_TENSOR_INT8);
      g_assert_cmpint (attr.zp, ==, standin_zp (k));
      g_assert_cmpfloat (attr.scale, ==, standin_scale (k));
    }
    standin.destroy (c);
  }
  g_unsetenv ("RKNN_STANDIN_SOC");
}

/* The oddities of real models: see the keys c1 and native_size. */
static void
test_odd_native (void)
{
  g_autofree gchar *data = NULL, *path = NULL;
  GByteArray *model = g_byte_array_new ();
  rknn_context c;
  gsize size;

  if (!standin_can_run ()) {
    g_byte_array_unref (model);
    return;
  }
  g_assert_true (g_file_get_contents (standin_model_path (FALSE), &data,
          &size, NULL));
  g_byte_array_append (model, (guint8 *) data, size);
  path = standin_write_model ("odd.onnx", model,
      "[output same]\ntype=int8\nzp=0\nscale=1\nc1=2\n"
      "[output many]\ntype=int8\nzp=0\nscale=1\nnative_size=5000\n");
  g_assert_cmpint (standin.init (&c, path, 0, 0, NULL), ==, 0);
  check_attr (c, 9, 0, "same", RKNN_TENSOR_NC1HWC2, RKNN_TENSOR_INT8,
      "1,2,6,10,16", 1920, 16, 2 * 6 * 16 * 16);
  check_attr (c, 9, 1, "many", RKNN_TENSOR_NC1HWC2, RKNN_TENSOR_INT8,
      "1,2,6,10,16", 5000, 16, 5000);
  standin.destroy (c);
}

static void
test_texts (void)
{
  rknn_sdk_version version;
  rknn_custom_string custom;
  rknn_mem_size sizes;
  rknn_context c;

  if (!standin_can_run ())
    return;
  c = standin_init_model (TRUE);
  g_assert_cmpint (standin.query (c, RKNN_QUERY_SDK_VERSION, &version,
          sizeof version), ==, 0);
  g_assert_true (g_regex_match_simple
      ("^2\\.3\\.2 \\([^@ ]+@\\d{4}-\\d\\d-\\d\\dT[0-9:]+\\)$",
          version.api_version, 0, 0));
  g_assert_true (g_regex_match_simple ("^\\d+\\.\\d+\\.\\d+$",
          version.drv_version, 0, 0));
  g_assert_cmpint (standin.query (c, RKNN_QUERY_CUSTOM_STRING, &custom,
          sizeof custom), ==, 0);
  g_assert_cmpstr (custom.string, ==, "made by a test");
  g_assert_cmpint (standin.query (c, RKNN_QUERY_MEM_SIZE, &sizes,
          sizeof sizes), ==, 0);
  g_assert_cmpuint (sizes.total_weight_size, >, 0);
  g_assert_cmpuint (sizes.total_dma_allocated_size, >, sizes.total_weight_size);
  standin.destroy (c);

  c = standin_init_model (FALSE);
  g_assert_cmpint (standin.query (c, RKNN_QUERY_CUSTOM_STRING, &custom,
          sizeof custom), ==, 0);
  g_assert_cmpstr (custom.string, ==, "");
  standin.destroy (c);
}

static void
test_perf (void)
{
  rknn_perf_detail detail;
  rknn_perf_run run = { -1 };
  rknn_context c;

  if (!standin_can_run ())
    return;
  c = standin_init_model (FALSE);
  g_assert_cmpint (standin.query (c, RKNN_QUERY_PERF_RUN, &run, sizeof run),
      ==, 0);
  g_assert_cmpint (standin.run (c, NULL), ==, 0);
  g_assert_cmpint (standin.query (c, RKNN_QUERY_PERF_RUN, &run, sizeof run),
      ==, 0);
  g_assert_cmpint (run.run_duration, >=, 0);
  g_assert_cmpint (run.run_duration, <, 60 * G_USEC_PER_SEC);
  memset (&detail, 0xff, sizeof detail);
  g_assert_cmpint (standin.query (c, RKNN_QUERY_PERF_DETAIL, &detail,
          sizeof detail), ==, 0);
  g_assert_cmpuint (detail.data_len, ==, 0);
  standin.destroy (c);

  g_assert_cmpint (standin.init (&c, (gchar *) standin_model_path (FALSE), 0,
          RKNN_FLAG_COLLECT_PERF_MASK, NULL), ==, 0);
  g_assert_cmpint (standin.run (c, NULL), ==, 0);
  g_assert_cmpint (standin.query (c, RKNN_QUERY_PERF_DETAIL, &detail,
          sizeof detail), ==, 0);
  g_assert_cmpuint (detail.data_len, ==, strlen (detail.perf_data));
  g_assert_nonnull (strchr (detail.perf_data, '\n'));
  standin.destroy (c);
}

/* Open dimensions, NHWC, bytes, numbers that are no pictures, halves. */
static void
test_other_inputs (void)
{
  OnnxWriter writer;
  g_autofree gchar *path = NULL;
  rknn_context c;

  if (!standin_can_run ())
    return;
  onnx_writer_init (&writer);
  onnx_writer_input (&writer, "open", ONNX_FLOAT, "batch,3,height,width");
  onnx_writer_input (&writer, "nhwc", ONNX_FLOAT, "1,4,8,3");
  onnx_writer_input (&writer, "bytes", ONNX_UINT8, "1,3,4,8");
  onnx_writer_input (&writer, "numbers", ONNX_FLOAT, "1,7");
  onnx_writer_input (&writer, "long", ONNX_INT64, "2");
  onnx_writer_input (&writer, "half", ONNX_FLOAT16, "1,3,4,8");
  onnx_writer_node (&writer, "Identity", "open", "o0", NULL, 0);
  onnx_writer_node (&writer, "Identity", "nhwc", "o1", NULL, 0);
  onnx_writer_node (&writer, "Identity", "bytes", "o2", NULL, 0);
  onnx_writer_node (&writer, "Identity", "numbers", "o3", NULL, 0);
  onnx_writer_node (&writer, "Identity", "long", "o4", NULL, 0);
  onnx_writer_node (&writer, "Identity", "half", "o5", NULL, 0);
  onnx_writer_output (&writer, "o0", ONNX_FLOAT, "batch,3,height,width");
  onnx_writer_output (&writer, "o1", ONNX_FLOAT, "1,4,8,3");
  onnx_writer_output (&writer, "o2", ONNX_UINT8, "1,3,4,8");
  onnx_writer_output (&writer, "o3", ONNX_FLOAT, "1,7");
  onnx_writer_output (&writer, "o4", ONNX_INT64, "2");
  onnx_writer_output (&writer, "o5", ONNX_FLOAT16, "1,3,4,8");
  onnx_writer_metadata (&writer, "imgsz", "[32, 48]");
  path = standin_write_model ("inputs.onnx", onnx_writer_finish (&writer),
      NULL);
  g_assert_cmpint (standin.init (&c, path, 0, 0, NULL), ==, 0);

  check_attr (c, 1, 0, "open", RKNN_TENSOR_NHWC, RKNN_TENSOR_FLOAT16,
      "1,32,48,3", 9216, 48, 9216);
  check_attr (c, 2, 0, "o0", RKNN_TENSOR_NCHW, RKNN_TENSOR_FLOAT16,
      "1,3,32,48", 9216, 0, 9216);
  check_attr (c, 1, 1, "nhwc", RKNN_TENSOR_NHWC, RKNN_TENSOR_FLOAT16,
      "1,4,8,3", 192, 16, 384);
  check_attr (c, 1, 2, "bytes", RKNN_TENSOR_NHWC, RKNN_TENSOR_UINT8,
      "1,4,8,3", 96, 16, 192);
  check_attr (c, 1, 3, "numbers", RKNN_TENSOR_UNDEFINED, RKNN_TENSOR_FLOAT16,
      "1,7", 14, 0, 14);
  check_attr (c, 1, 4, "long", RKNN_TENSOR_UNDEFINED, RKNN_TENSOR_INT64,
      "2", 16, 0, 16);
  check_attr (c, 2, 4, "o4", RKNN_TENSOR_UNDEFINED, RKNN_TENSOR_INT64,
      "2", 16, 0, 16);
  check_attr (c, 1, 5, "half", RKNN_TENSOR_NHWC, RKNN_TENSOR_FLOAT16,
      "1,4,8,3", 192, 16, 384);
  standin.destroy (c);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  standin_open ();
  g_test_add_func ("/standin/query/sizes", test_sizes);
  g_test_add_func ("/standin/query/bad-index", test_bad_index);
  g_test_add_func ("/standin/query/float-attrs", test_float_attrs);
  g_test_add_func ("/standin/query/int8-attrs", test_int8_attrs);
  g_test_add_func ("/standin/query/odd-native", test_odd_native);
  g_test_add_func ("/standin/query/texts", test_texts);
  g_test_add_func ("/standin/query/perf", test_perf);
  g_test_add_func ("/standin/query/other-inputs", test_other_inputs);
  result = g_test_run ();
  standin_close ();
  return result;
}
