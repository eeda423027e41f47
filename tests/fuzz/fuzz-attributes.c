/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a runtime tells of a model's tensors, from the attributes to decoding:
 * a runtime that lies must not lead beyond the memory that was asked for. */

#include "fuzz.h"
#include "fuzz-input.h"
#include "fuzz-run-decoder.h"

#include "model/io.h"

#define MAX_BYTES (1 << 18)     /* of all outputs, that they are decoded */

/* How many outputs less 1, options, of which the uppermost bits tell how many
 * sizes the picture has; the shape of the input for these; for each the input,
 * then the outputs, each a logical and a native attribute.  A dimension is a
 * byte, or 255 and four bytes. */
#define N_SIZES(options) ((options) >> 6)

enum
{
  FROM_LOGICAL = 1,             /* native: the logical one in groups, c2 next */
  ODD_STRIDE = 2,               /* w_stride, size and size_with_stride follow */
  FAILS = 4,
};

/* [1,3,32,32] in NCHW, and natively in NHWC. */
#define INPUT "\4\0\2\200\201\200\200\73\1\3\40\40\0" \
  "\4\1\2\200\201\200\200\73\1\40\40\3\0"

const FuzzSeed fuzz_seeds[] = {
  /* YOLOv8: [1,64,8,8] and [1,7,8,8], INT8, in groups of 16. */
  FUZZ_SEED ("\1\0" INPUT
      "\4\0\2\200\315\314\314\75\1\100\10\10\0" "\1\20"
      "\4\0\2\200\201\200\200\73\1\7\10\10\0" "\1\20" "data \177\150"),
  /* The same in halves with rows of 12, and in planes. */
  FUZZ_SEED ("\1\0" INPUT
      "\4\0\1\0\0\0\200\77\1\100\10\10\0" "\3\10\14\0\0\0\0\60\0\0\0\60\0\0"
      "\4\0\1\0\0\0\200\77\1\7\10\10\0" "\0\4\0\1\0\0\0\200\77\1\7\10\10\0"
      "data \70\74"),
  /* Rows that begin beyond 32 bits. */
  FUZZ_SEED ("\0\0" INPUT
      "\4\0\2\0\0\0\200\77\1\36\10\10\0"
      "\3\20\377\377\377\377\377\377\377\377\377\377\377\377" "data"),
  /* A hundred million channels. */
  FUZZ_SEED ("\0\0" INPUT
      "\4\0\2\0\0\0\0\77\1\377\377\377\47\7\1\1\0" "\1\1" "data"),
  FUZZ_SEED ("\0\1" INPUT
      "\3\3\1\0\0\0\200\77\1\13\377\304\0\0\0\0" "\1\0" "data"),
  /* Two pictures in floats. */
  FUZZ_SEED ("\1\0" "\4\0\2\200\201\200\200\73\2\3\40\40\0"
      "\4\1\2\200\201\200\200\73\2\40\40\3\0"
      "\4\0\0\0\0\0\200\77\2\100\10\10\0" "\1\20"
      "\4\0\0\0\0\0\200\77\2\7\10\10\0" "\1\20" "data \177\150"),
  /* One size to choose: in the range, of the largest, and set. */
  FUZZ_SEED ("\1\100" "\4\1\2\200\201\200\200\73\1\40\40\3\0"
      "\4\1\2\200\201\200\200\73\1\40\40\3\0" INPUT
      "\4\0\2\200\315\314\314\75\1\100\10\10\0" "\1\20"
      "\4\0\2\200\201\200\200\73\1\7\10\10\0" "\1\20" "data \177\150"),
};

const guint fuzz_n_seeds = G_N_ELEMENTS (fuzz_seeds);

static void
take_shape (FuzzInput * input, rknn_tensor_attr * attr)
{
  static const rknn_tensor_type types[] = { RKNN_TENSOR_FLOAT32,
    RKNN_TENSOR_FLOAT16, RKNN_TENSOR_INT8, RKNN_TENSOR_UINT8,
    RKNN_TENSOR_INT16, RKNN_TENSOR_INT64, RKNN_TENSOR_BOOL
  };
  guint i;

  attr->n_dims = fuzz_take (input);
  attr->fmt = fuzz_take (input) % 5;
  attr->type = types[fuzz_take (input) % G_N_ELEMENTS (types)];
  attr->qnt_type = RKNN_TENSOR_QNT_AFFINE_ASYMMETRIC;
  attr->zp = (gint8) fuzz_take (input);
  attr->scale = fuzz_take_float (input);
  for (i = 0; i < MIN (attr->n_dims, RKNN_MAX_DIMS); i++) {
    guint byte = fuzz_take (input);

    attr->dims[i] = byte < 255 ? byte : fuzz_take_uint32 (input);
  }
  /* Letters that are no text, and no end. */
  memset (attr->name, fuzz_take (input), sizeof attr->name);
}

static void
take_sizes (FuzzInput * input, rknn_tensor_attr * attr, guint options)
{
  guint64 n = 1;
  guint i;

  for (i = 0; i < MIN (attr->n_dims, RKNN_MAX_DIMS); i++)
    n *= attr->dims[i];
  attr->n_elems = n;
  attr->size = attr->size_with_stride = n * 2;
  if (options & ODD_STRIDE) {
    attr->w_stride = fuzz_take_uint32 (input);
    attr->size = fuzz_take_uint32 (input);
    attr->size_with_stride = fuzz_take_uint32 (input);
  }
}

typedef struct
{
  FuzzInput input;
  guint n_outputs, n_sizes;
  rknn_tensor_attr logical;     /* of the last output that was asked for */
} Model;

static void
tell_range (Model * model, rknn_input_range * range)
{
  rknn_tensor_attr attr = { 0 };
  guint i;

  for (i = 0; i < model->n_sizes; i++) {
    take_shape (&model->input, &attr);
    memcpy (range->dyn_range[i], attr.dims, sizeof attr.dims);
  }
  range->shape_number = model->n_sizes;
  range->n_dims = attr.n_dims;
  range->fmt = attr.fmt;
}

static int
set_input_shapes (rknn_context context, uint32_t n, rknn_tensor_attr attr[])
{
  return RKNN_SUCC;
}

static int
tell_native (Model * model, rknn_tensor_attr * attr)
{
  guint options = fuzz_take (&model->input), c2;

  if (options & FAILS)
    return RKNN_ERR_FAIL;
  if (options & FROM_LOGICAL) {
    *attr = model->logical;
    c2 = fuzz_take (&model->input);
    attr->fmt = RKNN_TENSOR_NC1HWC2;
    attr->n_dims = 5;
    attr->dims[1] = c2 > 0 ? (attr->dims[1] + c2 - 1) / c2 : 1;
    attr->dims[4] = c2;
  } else {
    take_shape (&model->input, attr);
  }
  take_sizes (&model->input, attr, options);
  return RKNN_SUCC;
}

static int
query (rknn_context context, rknn_query_cmd command, void *info, uint32_t size)
{
  Model *model = (Model *) (guintptr) context;
  rknn_input_output_num num = { 1, model->n_outputs };

  switch (command) {
    case RKNN_QUERY_IN_OUT_NUM:
      memcpy (info, &num, sizeof num);
      return RKNN_SUCC;
    case RKNN_QUERY_INPUT_DYNAMIC_RANGE:
      if (model->n_sizes == 0)
        return RKNN_ERR_MODEL_INVALID;
      tell_range (model, info);
      return RKNN_SUCC;
    case RKNN_QUERY_INPUT_ATTR:
    case RKNN_QUERY_NATIVE_INPUT_ATTR:
    case RKNN_QUERY_CURRENT_INPUT_ATTR:
    case RKNN_QUERY_CURRENT_NATIVE_INPUT_ATTR:
      take_shape (&model->input, info);
      return RKNN_SUCC;
    case RKNN_QUERY_OUTPUT_ATTR:
    case RKNN_QUERY_CURRENT_OUTPUT_ATTR:
      take_shape (&model->input, &model->logical);
      take_sizes (&model->input, &model->logical, 0);
      memcpy (info, &model->logical, sizeof model->logical);
      return RKNN_SUCC;
    case RKNN_QUERY_NATIVE_OUTPUT_ATTR:
    case RKNN_QUERY_CURRENT_NATIVE_OUTPUT_ATTR:
      return tell_native (model, info);
    default:
      return RKNN_ERR_FAIL;
  }
}

/* Of the kind that a driver gives: exactly what was asked for. */
static gboolean
allocate (RyModelIo * io, const FuzzInput * input)
{
  guint64 all = 0;
  guint i;

  for (i = 0; i < io->n_outputs; i++)
    all += io->outputs[i].bytes;
  if (all > MAX_BYTES)
    return FALSE;
  for (i = 0; i < io->n_outputs; i++) {
    guint8 *memory = g_malloc (io->outputs[i].bytes);

    fuzz_fill (input, memory, io->outputs[i].bytes);
    io->tensors[i].data = memory;
  }
  return TRUE;
}

/* The last picture, behind which there is nothing. */
static void
run_decoder (RyDecoder * decoder, const RyModelIo * io, guint options)
{
  RyTensor tensors[RY_MAX_OUTPUTS];
  guint i;

  for (i = 0; i < io->n_outputs; i++) {
    tensors[i] = io->tensors[i];
    tensors[i].data = (const guint8 *) tensors[i].data
        + io->picture_bytes[i] * (io->batch - 1);
  }
  fuzz_run_decoder (decoder, tensors, options);
}

static void
decode (RyModelIo * io, const FuzzInput * input, guint options)
{
  RyHeadHints hints = { io->width, io->height };
  GError *error = NULL;
  RyDecoder *decoder;
  guint i;

  decoder = ry_decoder_new (io->tensors, io->n_outputs, &hints, &error);
  g_assert ((decoder == NULL) == (error != NULL));
  if (error != NULL)
    g_assert (g_utf8_validate (error->message, -1, NULL));
  g_clear_error (&error);
  if (decoder != NULL && allocate (io, input))
    run_decoder (decoder, io, options);
  ry_decoder_free (decoder);
  for (i = 0; i < io->n_outputs; i++)
    g_free ((gpointer) io->tensors[i].data);
}

int
LLVMFuzzerTestOneInput (const uint8_t * data, size_t size)
{
  RyRuntime runtime = {.query = query,.set_input_shapes = set_input_shapes };
  Model model = { {data, size} };
  GError *error = NULL;
  GPtrArray *ios;
  guint options, i;

  model.n_outputs = fuzz_take (&model.input) % 48 + 1;
  options = fuzz_take (&model.input);
  model.n_sizes = N_SIZES (options);
  ios = ry_model_io_query (&runtime, (rknn_context) (guintptr) & model, &error);
  g_assert ((ios == NULL) == (error != NULL));
  for (i = 0; ios != NULL && i < ios->len; i++)
    decode (g_ptr_array_index (ios, i), &model.input, options);
  g_clear_error (&error);
  if (ios != NULL)
    g_ptr_array_unref (ios);
  return 0;
}
