/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The stand-in over real networks: what it presents agrees with how the models
 * were made, and what it computes does not depend on layout or thread count. */

#include <math.h>
#include <string.h>

#include "standinapi.h"

typedef struct
{
  const gchar *file;
  guint size;                   /* of the input */
  guint n_outputs;
  const gchar *first, *last;    /* shapes of outputs */
} Model;

static const Model models[] = {
  {"yolov8n_rk9_640.onnx", 640, 9, "1,64,80,80", "1,1,20,20"},
  {"yolov8n_rk6_640.onnx", 640, 6, "1,64,80,80", "1,80,20,20"},
  {"yolov8n_ultra_int8_640.onnx", 640, 1, "1,84,8400", "1,84,8400"},
  {"yolo11n_rk9_640.onnx", 640, 9, "1,64,80,80", "1,1,20,20"},
  {"yolo26n_rk6logits_640.onnx", 640, 6, "1,4,80,80", "1,80,20,20"},
  {"yolo26n_e2e_int8_640.onnx", 640, 1, "1,300,6", "1,300,6"},
  {"yolov8n-seg_rk13_640.onnx", 640, 13, "1,64,80,80", "1,32,160,160"},
  {"yolo11n-pose_rk4_640.onnx", 640, 4, "1,65,80,80", "1,17,3,8400"},
  {"yolov5n_rk3sig_640.onnx", 640, 3, "1,255,80,80", "1,255,20,20"},
  {"yolov5n_ultra_640.onnx", 640, 1, "1,25200,85", "1,25200,85"},
  {"yolox_nano_rk3_416.onnx", 416, 3, "1,85,52,52", "1,85,13,13"},
  {"yolox_nano_ultra_416.onnx", 416, 1, "1,3549,85", "1,3549,85"},
};

/* Skips the test when there is no such file. */
static gchar *
find_model (const gchar * file)
{
  const gchar *testdata = g_getenv ("RKNNYOLO_TESTDATA");
  g_autofree gchar *path =
      g_build_filename (testdata != NULL ? testdata : "", "models", file, NULL);
  g_autofree gchar *message = NULL;

  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return g_steal_pointer (&path);
  message = g_strdup_printf ("SKIPPED: %s is missing (RKNNYOLO_TESTDATA)",
      path);
  g_test_skip (message);
  return NULL;
}

static void
expect_dims (rknn_context c, guint index, const gchar * expected)
{
  g_autoptr (GString) text = g_string_new (NULL);
  rknn_tensor_attr attr;

  standin_query_attr (c, RKNN_QUERY_OUTPUT_ATTR, index, &attr);
  for (guint i = 0; i < attr.n_dims; i++)
    g_string_append_printf (text, "%s%u", i ? "," : "", attr.dims[i]);
  g_assert_cmpstr (text->str, ==, expected);
  g_assert_cmpint (attr.fmt, ==,
      attr.n_dims == 4 ? RKNN_TENSOR_NCHW : RKNN_TENSOR_UNDEFINED);
}

static void
set_noise (rknn_context c, guint size)
{
  gsize n = (gsize) size * size * 3;
  g_autofree guint8 *bytes = g_malloc (n);
  rknn_input input = {.buf = bytes,.size = n,.type = RKNN_TENSOR_UINT8,.fmt =
        RKNN_TENSOR_NHWC
  };

  for (gsize i = 0; i < n; i++)
    bytes[i] = (guint32) i *2654435761u >> 21;
  g_assert_cmpint (standin.inputs_set (c, 1, &input), ==, 0);
}

/* All outputs as floats, one behind the other. */
static GArray *
run_to_floats (rknn_context c, guint n_outputs)
{
  rknn_output outputs[16] = { 0, };
  GArray *floats = g_array_new (FALSE, FALSE, sizeof (gfloat));

  g_assert_cmpint (standin.run (c, NULL), ==, 0);
  for (guint i = 0; i < n_outputs; i++) {
    outputs[i].index = i;
    outputs[i].want_float = 1;
  }
  g_assert_cmpint (standin.outputs_get (c, n_outputs, outputs, NULL), ==, 0);
  for (guint i = 0; i < n_outputs; i++)
    g_array_append_vals (floats, outputs[i].buf, outputs[i].size / 4);
  g_assert_cmpint (standin.outputs_release (c, n_outputs, outputs), ==, 0);
  return floats;
}

/* Old versions of ONNX Runtime lack operators that the files quantised for it
 * have. */
static gboolean
is_too_new (gint result)
{
  if (result != RKNN_ERR_MODEL_INVALID || strstr (standin.last_error (),
          "Could not find an implementation") == NULL)
    return FALSE;
  g_test_skip ("SKIPPED: this ONNX Runtime is too old for the model");
  return TRUE;
}

static void
test_loads (gconstpointer data)
{
  const Model *model = data;
  g_autofree gchar *path = find_model (model->file);
  rknn_input_output_num num;
  rknn_tensor_attr attr;
  rknn_context c;
  gint result;

  if (path == NULL || !standin_can_run ())
    return;
  result = standin.init (&c, path, 0, 0, NULL);
  if (is_too_new (result))
    return;
  g_assert_cmpint (result, ==, 0);
  g_assert_cmpint (standin.query (c, RKNN_QUERY_IN_OUT_NUM, &num, sizeof num),
      ==, 0);
  g_assert_cmpuint (num.n_input, ==, 1);
  g_assert_cmpuint (num.n_output, ==, model->n_outputs);
  standin_query_attr (c, RKNN_QUERY_INPUT_ATTR, 0, &attr);
  g_assert_cmpuint (attr.dims[1], ==, model->size);
  g_assert_cmpuint (attr.dims[2], ==, model->size);
  g_assert_cmpuint (attr.dims[3], ==, 3);
  g_assert_cmpuint (attr.w_stride, ==, model->size);
  expect_dims (c, 0, model->first);
  expect_dims (c, model->n_outputs - 1, model->last);
  g_assert_cmpint (standin.run (c, NULL), ==, 0);
  standin.destroy (c);
}

/* The duplicate runs on its own threads; numbers stay the same. */
static void
test_same_numbers (void)
{
  g_autofree gchar *path = find_model (models[0].file);
  g_autoptr (GArray) lone = NULL, one = NULL;
  rknn_context c, single;

  if (path == NULL || !standin_can_run ())
    return;
  g_setenv ("RKNN_STANDIN_THREADS", "2", TRUE);
  g_assert_cmpint (standin.init (&c, path, 0, 0, NULL), ==, 0);
  g_setenv ("RKNN_STANDIN_THREADS", "1", TRUE);
  g_assert_cmpint (standin.init (&single, path, 0, 0, NULL), ==, 0);
  g_unsetenv ("RKNN_STANDIN_THREADS");
  set_noise (c, 640);
  set_noise (single, 640);
  lone = run_to_floats (c, 9);
  one = run_to_floats (single, 9);
  g_assert_cmpuint (lone->len, ==, 8400 * 145);
  g_assert_cmpmem (lone->data, lone->len * 4, one->data, one->len * 4);
  standin.destroy (c);
  standin.destroy (single);
}

/* NC1HWC2 FP16 of a bound memory against NCHW FP32 of rknn_outputs_get. */
static void
test_native (void)
{
  g_autofree gchar *path = find_model (models[0].file);
  g_autoptr (GArray) floats = NULL;
  rknn_tensor_attr attr;
  rknn_tensor_mem *mem;
  rknn_context c;
  const guint16 *halves;

  if (path == NULL || !standin_can_run ())
    return;
  g_assert_cmpint (standin.init (&c, path, 0, 0, NULL), ==, 0);
  standin_query_attr (c, RKNN_QUERY_NATIVE_OUTPUT_ATTR, 1, &attr);
  mem = standin.create_mem (c, attr.size_with_stride);
  g_assert_cmpint (standin.set_io_mem (c, mem, &attr), ==, 0);
  set_noise (c, 640);
  floats = run_to_floats (c, 9);
  halves = mem->virt_addr;
  for (guint k = 0; k < 80; k++)
    for (guint i = 0; i < 6400; i++) {
      gdouble value = g_array_index (floats, gfloat, (64 + k) * 6400 + i);
      gdouble half = standin_half_value (halves[(k / 8 * 6400 + i) * 8
              + k % 8]);

      /* half of the last place, or of the smallest number */
      g_assert_cmpfloat (fabs (half - value), <=,
          MAX (fabs (value) * 0x1p-11, 0x1p-25));
    }
  standin.destroy_mem (c, mem);
  standin.destroy (c);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  standin_open ();
  for (guint i = 0; i < G_N_ELEMENTS (models); i++) {
    g_autofree gchar *path =
        g_strconcat ("/standin/models/", models[i].file, NULL);

    g_test_add_data_func (path, &models[i], test_loads);
  }
  g_test_add_func ("/standin/models/same-numbers", test_same_numbers);
  g_test_add_func ("/standin/models/native", test_native);
  result = g_test_run ();
  standin_close ();
  return result;
}
