/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Dynamic shapes of the stand-in: what is told of them, how one is set, and
 * that everything has to be bound again then.  The model hands its picture on,
 * and three times as large as well, so results are known. */

#include <string.h>

#include "onnxwriter.h"
#include "standinapi.h"

#define ROOM 65536

static const guint32 sizes[][2] = { {8, 16}, {32, 16}, {16, 32} };      /* H, W */

static GByteArray *
make_model (const gchar * input_shape, const gchar * shapes)
{
  const gfloat three[9] = { 3, 0, 0, 0, 3, 0, 0, 0, 3 };
  OnnxWriter writer;

  onnx_writer_init (&writer);
  onnx_writer_input (&writer, "images", ONNX_FLOAT, input_shape);
  onnx_writer_floats (&writer, "three", "3,3,1,1", three, 9);
  onnx_writer_node (&writer, "Identity", "images", "same", NULL, 0);
  onnx_writer_node (&writer, "Conv", "images,three", "thrice", NULL, 0);
  onnx_writer_output (&writer, "same", ONNX_FLOAT, input_shape);
  onnx_writer_output (&writer, "thrice", ONNX_FLOAT, input_shape);
  onnx_writer_metadata (&writer, "std_values", "1");
  if (shapes != NULL)
    onnx_writer_metadata (&writer, "shapes", shapes);
  return onnx_writer_finish (&writer);
}

static gchar *
write_dynamic (void)
{
  return standin_write_model ("dynamic.onnx", make_model ("1,3,h,w",
          "16x8, 16x32, 32x16"), NULL);
}

static rknn_context
init_path (const gchar * path)
{
  rknn_context context = 0;

  g_assert_cmpint (standin.init (&context, (gchar *) path, 0, 0, NULL), ==, 0);
  return context;
}

static rknn_context
init_dynamic (void)
{
  g_autofree gchar *path = write_dynamic ();

  return init_path (path);
}

static gint
set_size (rknn_context context, guint32 height, guint32 width)
{
  rknn_tensor_attr attr;

  standin_query_attr (context, RKNN_QUERY_INPUT_ATTR, 0, &attr);
  attr.dims[1] = height;
  attr.dims[2] = width;
  return standin.set_input_shapes (context, 1, &attr);
}

static gint
query (rknn_context context, rknn_query_cmd cmd, guint index,
    rknn_tensor_attr * attr)
{
  memset (attr, 0, sizeof *attr);
  attr->index = index;
  return standin.query (context, cmd, attr, sizeof *attr);
}

static void
assert_dims (const rknn_tensor_attr * attr, const guint32 * dims, guint n)
{
  g_assert_cmpmem (attr->dims, attr->n_dims * sizeof *dims, dims,
      n * sizeof *dims);
}

static void
test_range (void)
{
  g_autofree rknn_input_range *range = g_new0 (rknn_input_range, 1);
  rknn_tensor_attr attr;
  rknn_context context;

  if (!standin_can_run ())
    return;
  context = init_dynamic ();
  g_assert_cmpint (standin.query (context, RKNN_QUERY_INPUT_DYNAMIC_RANGE,
          range, sizeof *range), ==, 0);
  g_assert_cmpuint (range->shape_number, ==, 3);
  g_assert_cmpuint (range->n_dims, ==, 4);
  g_assert_cmpint (range->fmt, ==, RKNN_TENSOR_NHWC);
  g_assert_cmpstr (range->name, ==, "images");
  for (guint i = 0; i < 3; i++) {
    const guint32 dims[4] = { 1, sizes[i][0], sizes[i][1], 3 };

    g_assert_cmpmem (range->dyn_range[i], sizeof dims, dims, sizeof dims);
  }
  range->index = 1;
  g_assert_cmpint (standin.query (context, RKNN_QUERY_INPUT_DYNAMIC_RANGE,
          range, sizeof *range), ==, RKNN_ERR_PARAM_INVALID);

  /* the largest, before and after one is set */
  for (guint i = 0; i < 2; i++) {
    const guint32 dims[4] = { 1, 32, 16, 3 };

    standin_query_attr (context, RKNN_QUERY_INPUT_ATTR, 0, &attr);
    assert_dims (&attr, dims, 4);
    g_assert_cmpint (set_size (context, 8, 16), ==, 0);
  }
  standin.destroy (context);
}

static void
test_current (void)
{
  rknn_context context;
  rknn_tensor_attr attr;

  if (!standin_can_run ())
    return;
  context = init_dynamic ();
  for (guint cmd = RKNN_QUERY_CURRENT_INPUT_ATTR;
      cmd <= RKNN_QUERY_CURRENT_NATIVE_OUTPUT_ATTR; cmd++)
    g_assert_cmpint (query (context, cmd, 0, &attr), <, 0);

  for (guint i = 0; i < 3; i++) {
    guint32 h = sizes[i][0], w = sizes[i][1];
    const guint32 nhwc[4] = { 1, h, w, 3 }, nchw[4] = { 1, 3, h, w };
    const guint32 native[5] = { 1, 1, h, w, 8 };        /* RK3588, FP16 */

    g_assert_cmpint (set_size (context, h, w), ==, 0);
    g_assert_cmpint (query (context, RKNN_QUERY_CURRENT_INPUT_ATTR, 0, &attr),
        ==, 0);
    assert_dims (&attr, nhwc, 4);
    g_assert_cmpint (query (context, RKNN_QUERY_CURRENT_NATIVE_INPUT_ATTR, 0,
            &attr), ==, 0);
    assert_dims (&attr, nhwc, 4);
    g_assert_cmpint (query (context, RKNN_QUERY_CURRENT_OUTPUT_ATTR, 1, &attr),
        ==, 0);
    assert_dims (&attr, nchw, 4);
    g_assert_cmpint (attr.n_elems, ==, 3 * h * w);
    g_assert_cmpstr (attr.name, ==, "thrice");
    g_assert_cmpint (query (context, RKNN_QUERY_CURRENT_NATIVE_OUTPUT_ATTR, 1,
            &attr), ==, 0);
    assert_dims (&attr, native, 5);
  }
  standin.destroy (context);
}

static void
test_refused (void)
{
  rknn_context context, copy;
  rknn_init_extend extend = { 0, };
  rknn_tensor_attr attr;
  g_autofree gchar *path = NULL;

  if (!standin_can_run ())
    return;
  path = write_dynamic ();
  context = init_path (path);
  g_assert_cmpint (standin.run (context, NULL), ==, RKNN_ERR_FAIL);
  g_assert_cmpint (set_size (context, 16, 16), ==, RKNN_ERR_PARAM_INVALID);
  g_assert_cmpint (standin.set_input_shapes (context, 1, NULL), ==,
      RKNN_ERR_PARAM_INVALID);
  standin_query_attr (context, RKNN_QUERY_INPUT_ATTR, 0, &attr);
  g_assert_cmpint (standin.set_input_shapes (context, 2, &attr), ==,
      RKNN_ERR_PARAM_INVALID);
  /* the same elements, but NCHW */
  attr.fmt = RKNN_TENSOR_NCHW;
  attr.dims[1] = 3;
  attr.dims[2] = 32;
  attr.dims[3] = 16;
  g_assert_cmpint (standin.set_input_shapes (context, 1, &attr), ==,
      RKNN_ERR_PARAM_INVALID);

  /* the manual says that there are no duplicates and no shared weights */
  g_assert_cmpint (standin.dup_context (&context, &copy), <, 0);
  extend.ctx = context;
  g_assert_cmpint (standin.init (&copy, path, 0, RKNN_FLAG_SHARE_WEIGHT_MEM,
          &extend), <, 0);

  /* what was refused changed nothing */
  g_assert_cmpint (standin.run (context, NULL), ==, RKNN_ERR_FAIL);
  g_assert_cmpint (set_size (context, 8, 16), ==, 0);
  g_assert_cmpint (standin.run (context, NULL), ==, 0);
  standin.destroy (context);
}

typedef struct
{
  rknn_context context;
  rknn_tensor_mem *in, *out;
} Fixture;

static gint
bind (Fixture * self, gboolean input)
{
  rknn_tensor_attr attr;

  standin_query_attr (self->context, input ? RKNN_QUERY_CURRENT_INPUT_ATTR
      : RKNN_QUERY_CURRENT_OUTPUT_ATTR, input ? 0 : 1, &attr);
  attr.type = input ? RKNN_TENSOR_UINT8 : RKNN_TENSOR_FLOAT32;
  return standin.set_io_mem (self->context, input ? self->in : self->out,
      &attr);
}

/* W is a multiple of 16, so rows have no gaps. */
static void
run_and_check (Fixture * self, guint32 h, guint32 w, guint salt)
{
  guint8 *pixels = self->in->virt_addr;
  const gfloat *values = self->out->virt_addr;

  for (guint i = 0; i < h * w * 3; i++)
    pixels[i] = (i * 7 + salt) % 251;
  memset (self->out->virt_addr, 0, ROOM);
  g_assert_cmpint (standin.run (self->context, NULL), ==, 0);
  for (guint c = 0; c < 3; c++)
    for (guint i = 0; i < h * w; i++)
      g_assert_cmpfloat (values[c * h * w + i], ==,
          3.0f * (((i * 3 + c) * 7 + salt) % 251));
  /* and nothing behind */
  g_assert_cmpfloat (values[3 * h * w], ==, 0);
}

static void
test_run (void)
{
  Fixture self;

  if (!standin_can_run ())
    return;
  self.context = init_dynamic ();
  self.in = standin.create_mem (self.context, ROOM);
  self.out = standin.create_mem (self.context, ROOM);
  for (guint i = 0; i < 7; i++) {
    guint32 h = sizes[i % 3][0], w = sizes[i % 3][1];

    g_assert_cmpint (set_size (self.context, h, w), ==, 0);
    g_assert_cmpint (bind (&self, TRUE), ==, 0);
    g_assert_cmpint (bind (&self, FALSE), ==, 0);
    run_and_check (&self, h, w, i);
    run_and_check (&self, h, w, i + 50);
  }

  /* neither memory may be left as it was bound for another shape */
  for (guint input = 0; input < 2; input++) {
    g_assert_cmpint (set_size (self.context, 8, 16), ==, 0);
    g_assert_cmpint (standin.run (self.context, NULL), ==, RKNN_ERR_FAIL);
    g_assert_cmpint (bind (&self, input == 1), ==, 0);
    g_assert_cmpint (standin.run (self.context, NULL), ==, RKNN_ERR_FAIL);
    g_assert_cmpint (bind (&self, input == 0), ==, 0);
    run_and_check (&self, 8, 16, input);
  }
  standin.destroy_mem (self.context, self.in);
  standin.destroy_mem (self.context, self.out);
  standin.destroy (self.context);
}

static guint
count_shapes (const gchar * path)
{
  g_autofree rknn_input_range *range = g_new0 (rknn_input_range, 1);
  rknn_context context = init_path (path);
  gint result = standin.query (context, RKNN_QUERY_INPUT_DYNAMIC_RANGE, range,
      sizeof *range);

  standin.destroy (context);
  return result == 0 ? range->shape_number : 0;
}

static gint
init_result (const gchar * path)
{
  rknn_context context;
  gint result = standin.init (&context, (gchar *) path, 0, 0, NULL);

  if (result == 0)
    standin.destroy (context);
  return result;
}

/* The environment before the description file before the model. */
static void
test_who_says (void)
{
  g_autofree gchar *open = NULL, *described = NULL, *wrong = NULL;
  g_autofree gchar *fixed = NULL, *fixed_wrong = NULL, *said = NULL;

  if (!standin_can_run ())
    return;
  open = standin_write_model ("open.onnx", make_model ("1,3,h,w", NULL), NULL);
  said = write_dynamic ();
  described = standin_write_model ("described.onnx", make_model ("1,3,h,w",
          "16x8, 16x32, 32x16"), "[model]\nshapes=16x16,32x32\n");
  wrong = standin_write_model ("wrong.onnx", make_model ("1,3,h,w", NULL),
      "[model]\nshapes=16\n");
  fixed = standin_write_model ("fixed.onnx", make_model ("1,3,16,16", NULL),
      NULL);
  fixed_wrong = standin_write_model ("fixedwrong.onnx",
      make_model ("1,3,16,16", "16x16,32x32"), NULL);

  g_assert_cmpuint (count_shapes (open), ==, 0);
  g_assert_cmpuint (count_shapes (said), ==, 3);
  g_assert_cmpuint (count_shapes (described), ==, 2);
  g_assert_cmpint (init_result (wrong), ==, RKNN_ERR_MODEL_INVALID);
  g_assert_cmpint (init_result (fixed_wrong), ==, RKNN_ERR_MODEL_INVALID);

  g_setenv ("RKNN_STANDIN_SHAPES", "64x16", TRUE);
  g_assert_cmpuint (count_shapes (open), ==, 1);
  g_assert_cmpuint (count_shapes (described), ==, 1);
  g_assert_cmpuint (count_shapes (fixed), ==, 0);
  g_setenv ("RKNN_STANDIN_SHAPES", "64x16,64", TRUE);
  g_assert_cmpint (init_result (fixed), ==, RKNN_ERR_FAIL);
  g_assert_nonnull (strstr (standin.last_error (), "640x640,640x384"));
  g_setenv ("RKNN_STANDIN_SHAPES", "", TRUE);
  g_assert_cmpuint (count_shapes (open), ==, 0);
  g_unsetenv ("RKNN_STANDIN_SHAPES");
}

static void
test_recording (void)
{
  g_autofree gchar *path = NULL, *folder = NULL, *manifest = NULL;
  g_autofree gchar *tensor = NULL;

  if (!standin_can_run ())
    return;
  path = write_dynamic ();
  folder = g_path_get_dirname (path);
  manifest = g_build_filename (folder, "manifest.txt", NULL);
  tensor = g_build_filename (folder, "0.i8", NULL);
  g_assert_true (g_file_set_contents (manifest, "1\n0.i8 1 4 0 1\n", -1, NULL));
  g_assert_true (g_file_set_contents (tensor, "1234", -1, NULL));
  g_setenv ("RKNN_STANDIN_OUTPUTS", folder, TRUE);
  g_assert_cmpint (init_result (path), ==, RKNN_ERR_MODEL_INVALID);
  g_assert_nonnull (strstr (standin.last_error (), "several"));
  g_unsetenv ("RKNN_STANDIN_OUTPUTS");
}

int
main (int argc, char *argv[])
{
  int result;

  g_test_init (&argc, &argv, NULL);
  standin_open ();
  g_test_add_func ("/standin/shapes/range", test_range);
  g_test_add_func ("/standin/shapes/current", test_current);
  g_test_add_func ("/standin/shapes/refused", test_refused);
  g_test_add_func ("/standin/shapes/run", test_run);
  g_test_add_func ("/standin/shapes/who-says", test_who_says);
  g_test_add_func ("/standin/shapes/recording", test_recording);
  result = g_test_run ();
  standin_close ();
  return result;
}
