/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is asked of a runtime about a model's tensors, with runtimes that answer
 * otherwise than the stand-in does. */

#include "model/io.h"

#include <string.h>

#define BATCH 2
#define CLASSES 84
#define CELLS 21
#define MORE 100                /* elements than the shape has */

static void
tell_tensor (rknn_tensor_attr * attr, rknn_tensor_format fmt,
    const guint32 * dims, guint n_dims)
{
  attr->n_dims = n_dims;
  attr->n_elems = 1;
  attr->fmt = fmt;
  attr->type = RKNN_TENSOR_FLOAT16;
  for (guint i = 0; i < n_dims; i++) {
    attr->dims[i] = dims[i];
    attr->n_elems *= dims[i];
  }
  attr->size = attr->size_with_stride = attr->n_elems * 2;
}

/* A batch of two pictures of 32 x 32, and more elements in the output than its
 * shape has. */
static int
query (rknn_context context, rknn_query_cmd command, void *info, uint32_t size)
{
  static const guint32 input[] = { BATCH, 32, 32, 3 };
  static const guint32 output[] = { BATCH, CLASSES, CELLS };
  rknn_input_output_num *num = info;
  rknn_tensor_attr *attr = info;

  switch (command) {
    case RKNN_QUERY_IN_OUT_NUM:
      num->n_input = num->n_output = 1;
      return RKNN_SUCC;
    case RKNN_QUERY_INPUT_ATTR:
      tell_tensor (attr, RKNN_TENSOR_NHWC, input, G_N_ELEMENTS (input));
      return RKNN_SUCC;
    case RKNN_QUERY_OUTPUT_ATTR:
      tell_tensor (attr, RKNN_TENSOR_UNDEFINED, output, G_N_ELEMENTS (output));
      attr->n_elems += MORE;
      return RKNN_SUCC;
    default:
      return RKNN_ERR_FAIL;
  }
}

/* librknnrt writes n_elems elements into the memory, whose size it does not
 * look at; the second picture lies where the shape has it. */
static void
test_more_elements (void)
{
  RyRuntime runtime = {.query = query };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) sizes = ry_model_io_query (&runtime, 1, &error);
  const RyModelIo *io;

  g_assert_no_error (error);
  g_assert_cmpuint (sizes->len, ==, 1);
  io = g_ptr_array_index (sizes, 0);
  g_assert_cmpuint (io->batch, ==, BATCH);
  g_assert_cmpint (io->outputs[0].attr.type, ==, RKNN_TENSOR_FLOAT32);
  g_assert_cmpuint (io->outputs[0].bytes, >=,
      (BATCH * CLASSES * CELLS + MORE) * sizeof (gfloat));
  g_assert_cmpuint (io->picture_bytes[0], ==,
      CLASSES * CELLS * sizeof (gfloat));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model-io/more-elements", test_more_elements);
  return g_test_run ();
}
