/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Inputs, runs and outputs of the stand-in without bound memory; failures;
 * several contexts and threads. */

#include <stdlib.h>
#include <string.h>

#include "onnxwriter.h"
#include "standinapi.h"

#define PICTURE (MODEL_H * MODEL_W * 3)

static guint8 picture[PICTURE];

static gint
set_picture (rknn_context context, gpointer buf, guint32 size,
    rknn_tensor_type type, rknn_tensor_format fmt)
{
  rknn_input input = {.buf = buf,.size = size,.type = type,.fmt = fmt };

  return standin.inputs_set (context, 1, &input);
}

/* Output 0 as float. */
static void
get_floats (rknn_context context, gfloat values[PICTURE])
{
  rknn_output outputs[3] = {
    {.want_float = 1,.index = 0,.is_prealloc = 1,.buf = values,
        .size = PICTURE * sizeof (gfloat)},
    {.index = 1}, {.index = 2},
  };

  g_assert_cmpint (standin.outputs_get (context, 3, outputs, NULL), ==, 0);
  g_assert_cmpint (standin.outputs_release (context, 3, outputs), ==, 0);
}

static void
expect_picture (rknn_context context)
{
  gfloat values[PICTURE];

  get_floats (context, values);
  for (guint c = 0; c < 3; c++)
    for (guint y = 0; y < MODEL_H; y++)
      for (guint x = 0; x < MODEL_W; x++)
        g_assert_cmpfloat (values[(c * MODEL_H + y) * MODEL_W + x], ==,
            standin_pixel (c, y, x));
}

static void
expect_all (rknn_context context, gfloat expected)
{
  gfloat values[PICTURE];

  get_floats (context, values);
  for (guint i = 0; i < PICTURE; i++)
    g_assert_cmpfloat (values[i], ==, expected);
}

static void
test_inputs (void)
{
  gfloat floats[PICTURE];
  rknn_context c;

  if (!standin_can_run ())
    return;
  standin_fill_picture (picture, MODEL_W);
  for (guint i = 0; i < PICTURE; i++)
    floats[i] = picture[i];

  for (guint quantized = 0; quantized < 2; quantized++) {
    c = standin_init_model (quantized);
    g_assert_cmpint (set_picture (c, picture, PICTURE, RKNN_TENSOR_UINT8,
            RKNN_TENSOR_NHWC), ==, 0);
    g_assert_cmpint (standin.run (c, NULL), ==, 0);
    expect_picture (c);
    standin.destroy (c);

    c = standin_init_model (quantized);
    g_assert_cmpint (set_picture (c, floats, sizeof floats,
            RKNN_TENSOR_FLOAT32, RKNN_TENSOR_NHWC), ==, 0);
    g_assert_cmpint (standin.run (c, NULL), ==, 0);
    expect_picture (c);
    standin.destroy (c);
  }
}

static void
test_input_errors (void)
{
  rknn_input input = {.index = 1,.buf = picture,.size = PICTURE,.type =
        RKNN_TENSOR_UINT8,.fmt = RKNN_TENSOR_NHWC
  };
  guint8 larger[PICTURE + 100];
  rknn_context c;

  if (!standin_can_run ())
    return;
  standin_fill_picture (picture, MODEL_W);
  memcpy (larger, picture, PICTURE);
  c = standin_init_model (FALSE);
  g_assert_cmpint (set_picture (c, picture, PICTURE - 1, RKNN_TENSOR_UINT8,
          RKNN_TENSOR_NHWC), ==, RKNN_ERR_PARAM_INVALID);
  g_assert_cmpint (set_picture (c, picture, 0, RKNN_TENSOR_UINT8,
          RKNN_TENSOR_NHWC), ==, RKNN_ERR_PARAM_INVALID);
  g_assert_cmpint (set_picture (c, picture, PICTURE, RKNN_TENSOR_FLOAT16,
          RKNN_TENSOR_NHWC), ==, RKNN_ERR_PARAM_INVALID);
  /* ignored without a word from librknnrt */
  g_assert_cmpint (standin.inputs_set (c, 1, &input), ==, 0);
  g_assert_cmpint (standin.inputs_set (c, 0, NULL), ==, 0);
  g_assert_cmpint (standin.run (c, NULL), ==, 0);
  expect_all (c, 0);

  g_assert_cmpint (set_picture (c, larger, sizeof larger, RKNN_TENSOR_UINT8,
          RKNN_TENSOR_NHWC), ==, 0);
  g_assert_cmpint (standin.run (c, NULL), ==, 0);
  expect_picture (c);
  standin.destroy (c);
}

/* Accepted, and the bytes are taken as if they were the NPU's own. */
static void
test_input_unconverted (void)
{
  static const rknn_tensor_format formats[] = { RKNN_TENSOR_NCHW,
    RKNN_TENSOR_NC1HWC2
  };
  rknn_context c;

  if (!standin_can_run ())
    return;
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++) {
    memset (picture, 200, PICTURE);
    c = standin_init_model (TRUE);
    g_assert_cmpint (set_picture (c, picture, PICTURE, RKNN_TENSOR_UINT8,
            formats[i]), ==, 0);
    g_assert_nonnull (strstr (standin.last_error (),
            "Normalize does not support"));
    g_assert_cmpint (standin.run (c, NULL), ==, 0);
    expect_all (c, (200 - 256) + 128);  /* 200 as int8, zp -128, scale 1 */
    standin.destroy (c);
  }
}

static void
test_outputs (void)
{
  rknn_context c;

  if (!standin_can_run ())
    return;
  standin_fill_picture (picture, MODEL_W);
  for (guint want_float = 0; want_float < 2; want_float++) {
    rknn_output outputs[3] = { 0, };
    gpointer first;

    c = standin_init_model (TRUE);
    g_assert_cmpint (set_picture (c, picture, PICTURE, RKNN_TENSOR_UINT8,
            RKNN_TENSOR_NHWC), ==, 0);
    g_assert_cmpint (standin.run (c, NULL), ==, 0);
    /* index counts, not the place in the array */
    for (guint i = 0; i < 3; i++) {
      outputs[i].index = 2 - i;
      outputs[i].want_float = want_float;
    }
    g_assert_cmpint (standin.outputs_get (c, 3, outputs, NULL), ==, 0);
    g_assert_cmpuint (outputs[1].size, ==,
        MODEL_MANY * MODEL_H * MODEL_W * (want_float ? 4 : 1));
    for (guint k = 0; k < MODEL_MANY; k++)
      for (guint y = 0; y < MODEL_H; y++)
        for (guint x = 0; x < MODEL_W; x++) {
          guint at = (k * MODEL_H + y) * MODEL_W + x;
          gint q = standin_expected_q (1, k, y, x);

          if (want_float)
            g_assert_cmpfloat (((gfloat *) outputs[1].buf)[at], ==,
                (q + 3) * 2.5f);
          else
            g_assert_cmpint (((gint8 *) outputs[1].buf)[at], ==, q);
        }
    first = outputs[0].buf;
    g_assert_cmpint (standin.outputs_release (c, 3, outputs), ==, 0);
    g_assert_true (outputs[0].buf == first);
    standin.destroy (c);
  }
}

static void
test_output_errors (void)
{
  rknn_output outputs[3] = { {.index = 0}, {.index = 1}, {.index = 3} };
  guint8 small[100];
  rknn_context c;

  if (!standin_can_run ())
    return;
  c = standin_init_model (TRUE);
  g_assert_cmpint (standin.outputs_get (c, 3, outputs, NULL), ==,
      RKNN_ERR_PARAM_INVALID);
  outputs[2].index = 2;
  outputs[0].is_prealloc = 1;
  outputs[0].buf = small;
  outputs[0].size = sizeof small;
  memset (small, 0x5a, sizeof small);
  g_assert_cmpint (standin.outputs_get (c, 3, outputs, NULL), ==, 0);
  for (guint i = 0; i < sizeof small; i++)
    g_assert_cmpint (small[i], ==, 0x5a);
  g_assert_cmpint (standin.outputs_release (c, 3, outputs), ==, 0);
  /* what is never released goes with the context */
  g_assert_cmpint (standin.outputs_get (c, 3, outputs, NULL), ==, 0);
  standin.destroy (c);
}

static void
test_order (void)
{
  rknn_run_extend extend = {.non_block = 1,.timeout_ms = 1 };
  rknn_context c;

  if (!standin_can_run ())
    return;
  c = standin_init_model (FALSE);
  expect_all (c, 0);            /* before any run */
  g_assert_cmpint (standin.run (c, NULL), ==, 0);       /* without input */
  expect_all (c, 0);
  g_assert_cmpint (standin.run (c, &extend), ==, 0);
  g_assert_cmpuint (extend.frame_id, ==, 0);
  g_assert_cmpint (standin.wait (c, NULL), ==, RKNN_ERR_FAIL);
  g_assert_cmpint (standin.set_input_shapes (c, 1, NULL), ==,
      RKNN_ERR_MODEL_INVALID);
  g_assert_cmpint (standin.set_input_shape (c, NULL), ==,
      RKNN_ERR_MODEL_INVALID);
  standin.destroy (c);
}

static void
test_failing_run (void)
{
  rknn_context c;

  if (!standin_can_run ())
    return;
  g_setenv ("RKNN_STANDIN_FAIL", "rknn_run:/2", TRUE);
  c = standin_init_model (FALSE);
  g_unsetenv ("RKNN_STANDIN_FAIL");
  memset (picture, 11, PICTURE);
  g_assert_cmpint (set_picture (c, picture, PICTURE, RKNN_TENSOR_UINT8,
          RKNN_TENSOR_NHWC), ==, 0);
  g_assert_cmpint (standin.run (c, NULL), ==, 0);
  expect_all (c, 11);

  memset (picture, 22, PICTURE);
  g_assert_cmpint (set_picture (c, picture, PICTURE, RKNN_TENSOR_UINT8,
          RKNN_TENSOR_NHWC), ==, 0);
  g_assert_cmpint (standin.run (c, NULL), ==, RKNN_ERR_FAIL);
  expect_all (c, 11);           /* stale, and no error */
  g_assert_cmpint (standin.run (c, NULL), ==, 0);
  expect_all (c, 22);
  standin.destroy (c);
}

static void
test_duplicates (void)
{
  rknn_context contexts[4];

  if (!standin_can_run ())
    return;
  contexts[0] = standin_init_model (FALSE);
  for (guint i = 1; i < 4; i++)
    g_assert_cmpint (standin.dup_context (&contexts[i - 1], &contexts[i]), ==,
        0);
  /* any order, the parent first */
  for (guint i = 0; i < 4; i++) {
    for (guint k = i; k < 4; k++) {
      memset (picture, 10 * i + k, PICTURE);
      g_assert_cmpint (set_picture (contexts[k], picture, PICTURE,
              RKNN_TENSOR_UINT8, RKNN_TENSOR_NHWC), ==, 0);
    }
    for (guint k = i; k < 4; k++) {
      g_assert_cmpint (standin.run (contexts[k], NULL), ==, 0);
      expect_all (contexts[k], 10 * i + k);
    }
    g_assert_cmpint (standin.destroy (contexts[i]), ==, 0);
  }
}

typedef struct
{
  rknn_context context;
  guint8 value;
} Worker;

static gpointer
work (gpointer data)
{
  Worker *self = data;
  guint8 bytes[PICTURE];

  for (guint i = 0; i < 100; i++) {
    memset (bytes, self->value + i, PICTURE);
    g_assert_cmpint (set_picture (self->context, bytes, PICTURE,
            RKNN_TENSOR_UINT8, RKNN_TENSOR_NHWC), ==, 0);
    g_assert_cmpint (standin.run (self->context, NULL), ==, 0);
    expect_all (self->context, (guint8) (self->value + i));
  }
  return NULL;
}

static void
test_threads (void)
{
  Worker workers[4];
  GThread *threads[4];

  if (!standin_can_run ())
    return;
  g_setenv ("RKNN_STANDIN_THREADS", "2", TRUE);
  workers[0].context = standin_init_model (FALSE);
  g_unsetenv ("RKNN_STANDIN_THREADS");
  for (guint i = 1; i < 4; i++)
    g_assert_cmpint (standin.dup_context (&workers[0].context,
            &workers[i].context), ==, 0);
  for (guint i = 0; i < 4; i++) {
    workers[i].value = 60 * i;
    threads[i] = g_thread_new (NULL, work, &workers[i]);
  }
  for (guint i = 0; i < 4; i++)
    g_thread_join (threads[i]);
  for (guint i = 0; i < 4; i++)
    standin.destroy (workers[i].context);
}

/* Normalisation from metadata, from the description file, and the default:
 * value = (x - mean) / std. */
static void
check_normalized (const gchar * metadata_mean, const gchar * ini,
    const gfloat mean[3], const gfloat std[3])
{
  OnnxWriter writer;
  rknn_output output = {.want_float = 1 };
  rknn_context c;
  g_autofree gchar *path = NULL;

  onnx_writer_init (&writer);
  onnx_writer_input (&writer, "in", ONNX_FLOAT, "1,3,6,10");
  onnx_writer_node (&writer, "Identity", "in", "out", NULL, 0);
  onnx_writer_output (&writer, "out", ONNX_FLOAT, "1,3,6,10");
  if (metadata_mean != NULL)
    onnx_writer_metadata (&writer, "mean_values", metadata_mean);
  path = standin_write_model ("normalized.onnx",
      onnx_writer_finish (&writer), ini);
  g_assert_cmpint (standin.init (&c, path, 0, 0, NULL), ==, 0);
  standin_fill_picture (picture, MODEL_W);
  g_assert_cmpint (set_picture (c, picture, PICTURE, RKNN_TENSOR_UINT8,
          RKNN_TENSOR_NHWC), ==, 0);
  g_assert_cmpint (standin.run (c, NULL), ==, 0);
  g_assert_cmpint (standin.outputs_get (c, 1, &output, NULL), ==, 0);
  for (guint k = 0; k < 3; k++)
    for (guint i = 0; i < MODEL_H * MODEL_W; i++) {
      gdouble x = standin_pixel (k, i / MODEL_W, i % MODEL_W);
      gdouble expected = (x - mean[k]) / std[k];

      g_assert_cmpfloat_with_epsilon (((gfloat *) output.buf)
          [k * MODEL_H * MODEL_W + i], expected, 1e-5);
    }
  standin.outputs_release (c, 1, &output);
  standin.destroy (c);
}

static void
test_normalization (void)
{
  static const gfloat none[] = { 0, 0, 0 }, full[] = { 255, 255, 255 };
  static const gfloat mean[] = { 10, 20, 30 }, one[] = { 7, 7, 7 };
  static const gfloat std[] = { 50, 60, 70 };

  if (!standin_can_run ())
    return;
  check_normalized (NULL, NULL, none, full);
  check_normalized ("7", NULL, one, full);
  check_normalized ("[10, 20, 30]", NULL, mean, full);
  check_normalized ("7", "[model]\nmean_values=10,20,30\nstd_values=50,60,70\n",
      mean, std);
}

/* Every kind of input in one model, each handed on unchanged. */
static void
test_other_inputs (void)
{
  OnnxWriter writer;
  g_autofree gchar *path = NULL;
  guint8 bytes[36];
  gfloat floats[7] = { 1, -2, 3.5, 4, 5, 6, 0.1f };
  gint64 longs[2] = { 1234567890123, -5 };
  rknn_input inputs[4] = {
    {.index = 0,.buf = bytes,.size = 36,.type = RKNN_TENSOR_UINT8,
        .fmt = RKNN_TENSOR_NHWC},
    {.index = 1,.buf = bytes,.size = 36,.type = RKNN_TENSOR_UINT8,
        .fmt = RKNN_TENSOR_NHWC},
    {.index = 2,.buf = floats,.size = sizeof floats,
        .type = RKNN_TENSOR_FLOAT32,.fmt = RKNN_TENSOR_UNDEFINED},
    {.index = 3,.buf = longs,.size = sizeof longs,.type = RKNN_TENSOR_INT64,
        .fmt = RKNN_TENSOR_UNDEFINED},
  };
  rknn_output outputs[4] = { {.index = 0,.want_float = 1}, {.index = 1},
  {.index = 2,.want_float = 1}, {.index = 3}
  };
  rknn_context c;

  if (!standin_can_run ())
    return;
  onnx_writer_init (&writer);
  onnx_writer_input (&writer, "nhwc", ONNX_FLOAT, "1,4,3,3");
  onnx_writer_input (&writer, "bytes", ONNX_UINT8, "1,3,3,4");
  onnx_writer_input (&writer, "numbers", ONNX_FLOAT, "1,7");
  onnx_writer_input (&writer, "long", ONNX_INT64, "2");
  onnx_writer_node (&writer, "Identity", "nhwc", "o0", NULL, 0);
  onnx_writer_node (&writer, "Identity", "bytes", "o1", NULL, 0);
  onnx_writer_node (&writer, "Identity", "numbers", "o2", NULL, 0);
  onnx_writer_node (&writer, "Identity", "long", "o3", NULL, 0);
  onnx_writer_output (&writer, "o0", ONNX_FLOAT, "1,4,3,3");
  onnx_writer_output (&writer, "o1", ONNX_UINT8, "1,3,3,4");
  onnx_writer_output (&writer, "o2", ONNX_FLOAT, "1,7");
  onnx_writer_output (&writer, "o3", ONNX_INT64, "2");
  onnx_writer_metadata (&writer, "std_values", "1");
  path = standin_write_model ("kinds.onnx", onnx_writer_finish (&writer), NULL);
  g_assert_cmpint (standin.init (&c, path, 0, 0, NULL), ==, 0);
  for (guint i = 0; i < 36; i++)
    bytes[i] = i * 7;
  g_assert_cmpint (standin.inputs_set (c, 4, inputs), ==, 0);
  g_assert_cmpint (standin.run (c, NULL), ==, 0);
  g_assert_cmpint (standin.outputs_get (c, 4, outputs, NULL), ==, 0);
  for (guint i = 0; i < 36; i++) {
    guint k = i / 12, y = i % 12 / 4, x = i % 4;

    g_assert_cmpfloat (((gfloat *) outputs[0].buf)[i], ==, bytes[i]);
    g_assert_cmpint (((guint8 *) outputs[1].buf)[i], ==,
        bytes[(y * 4 + x) * 3 + k]);
  }
  g_assert_cmpmem (outputs[2].buf, outputs[2].size, floats, sizeof floats);
  g_assert_cmpmem (outputs[3].buf, outputs[3].size, longs, sizeof longs);
  standin.outputs_release (c, 4, outputs);
  standin.destroy (c);
}

/* Shapes that only a run shows, and halves in the file itself. */
static void
test_open_and_half (void)
{
  OnnxWriter writer;
  g_autofree gchar *path = NULL;
  rknn_output outputs[2] = { {.index = 0,.want_float = 1}, {.index = 1} };
  rknn_tensor_attr attr;
  rknn_context c;

  if (!standin_can_run ())
    return;
  onnx_writer_init (&writer);
  onnx_writer_input (&writer, "in", ONNX_FLOAT16, "n,3,height,width");
  onnx_writer_node (&writer, "Identity", "in", "out", NULL, 0);
  onnx_writer_node (&writer, "Flatten", "in", "flat", "axis", 1);
  onnx_writer_output (&writer, "out", ONNX_FLOAT16, "n,3,height,width");
  onnx_writer_output (&writer, "flat", ONNX_FLOAT16, "n,something");
  onnx_writer_metadata (&writer, "imgsz", "[6, 10]");
  onnx_writer_metadata (&writer, "std_values", "1");
  path = standin_write_model ("open.onnx", onnx_writer_finish (&writer), NULL);
  g_assert_cmpint (standin.init (&c, path, 0, 0, NULL), ==, 0);
  standin_query_attr (c, RKNN_QUERY_OUTPUT_ATTR, 1, &attr);
  g_assert_cmpuint (attr.n_dims, ==, 2);
  g_assert_cmpuint (attr.dims[1], ==, PICTURE);

  standin_fill_picture (picture, MODEL_W);
  g_assert_cmpint (set_picture (c, picture, PICTURE, RKNN_TENSOR_UINT8,
          RKNN_TENSOR_NHWC), ==, 0);
  g_assert_cmpint (standin.run (c, NULL), ==, 0);
  g_assert_cmpint (standin.outputs_get (c, 2, outputs, NULL), ==, 0);
  g_assert_cmpuint (outputs[1].size, ==, PICTURE * 2);
  for (guint i = 0; i < PICTURE; i++) {
    guint k = i / 60, y = i % 60 / 10, x = i % 10;

    g_assert_cmpfloat (((gfloat *) outputs[0].buf)[i], ==,
        standin_pixel (k, y, x));
    g_assert_cmpfloat (standin_half_value (((guint16 *) outputs[1].buf)[i]),
        ==, standin_pixel (k, y, x));
  }
  standin.outputs_release (c, 2, outputs);
  standin.destroy (c);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  standin_open ();
  g_test_add_func ("/standin/run/inputs", test_inputs);
  g_test_add_func ("/standin/run/input-errors", test_input_errors);
  g_test_add_func ("/standin/run/input-unconverted", test_input_unconverted);
  g_test_add_func ("/standin/run/outputs", test_outputs);
  g_test_add_func ("/standin/run/output-errors", test_output_errors);
  g_test_add_func ("/standin/run/order", test_order);
  g_test_add_func ("/standin/run/failing-run", test_failing_run);
  g_test_add_func ("/standin/run/duplicates", test_duplicates);
  g_test_add_func ("/standin/run/threads", test_threads);
  g_test_add_func ("/standin/run/normalization", test_normalization);
  g_test_add_func ("/standin/run/other-inputs", test_other_inputs);
  g_test_add_func ("/standin/run/open-and-half", test_open_and_half);
  result = g_test_run ();
  standin_close ();
  return result;
}
