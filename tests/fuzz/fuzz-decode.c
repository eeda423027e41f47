/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Recognising and decoding: the input chooses shapes, types, layouts, zero
 * points and scales, and what is left of it fills the tensors. */

#include "fuzz.h"
#include "fuzz-input.h"
#include "fuzz-run-decoder.h"

#define MAX_OUTPUTS 13
#define MAX_BYTES (1 << 17)     /* of one tensor */

/* Number of outputs less 1, options (odd: a square input, threshold .001), side
 * of the input in 32 pixels less 1, classes, task, head and kpt_shape.  Each
 * tensor: dimensions number, type, zp, 4 bytes of scale, c2, padding, and
 * then the dimensions, small numbers being more probable. */
const FuzzSeed fuzz_seeds[] = {
  /* [1,64,8,8], [1,80,8,8], ... as in YOLOv8 */
  FUZZ_SEED ("\1\1\1\0\0\0"
      "\4\2\200\315\314\314\75\0\0\1\100\10\10"
      "\4\2\200\201\200\200\73\0\0\1\120\10\10" "data"),
  FUZZ_SEED ("\2\1\1\3\0\0"
      "\4\2\200\315\314\314\75\20\1\1\100\10\10"
      "\4\2\200\201\200\200\73\20\0\1\6\10\10"
      "\4\2\200\201\200\200\73\20\2\1\1\10\10" "data"),
  FUZZ_SEED ("\0\1\1\1\0\0" "\3\0\0\0\0\200\77\0\0\1\6\124" "more data"),
  FUZZ_SEED ("\0\1\1\1\0\0" "\4\1\0\0\0\200\77\0\0\1\52\10\10" "more data"),
  FUZZ_SEED ("\0\1\1\1\0\0" "\3\1\0\0\0\200\77\0\0\1\36\6" "more data"),
  /* Box, classes, coefficients of 8 x 8 and a prototype of 16 x 16. */
  FUZZ_SEED ("\3\1\1\0\0\0"
      "\4\2\200\315\314\314\75\0\0\1\100\10\10"
      "\4\2\200\201\200\200\73\0\0\1\7\10\10"
      "\4\2\40\12\327\243\74\0\0\1\6\10\10"
      "\4\2\212\12\327\243\74\20\1\1\6\20\20" "\177\1\300 data"),
  /* The same in halves, and YOLOv5's. */
  FUZZ_SEED ("\3\1\1\0\0\0" "\4\1\0\0\0\200\77\0\0\1\4\10\10"
      "\4\1\0\0\0\200\77\0\0\1\3\10\10"
      "\4\1\0\0\0\200\77\10\0\1\6\10\10"
      "\4\1\0\0\0\200\77\10\0\1\6\20\20" "\70\1\72 data"),
  FUZZ_SEED ("\6\1\1\0\0\0" "\4\2\200\201\200\200\73\0\0\1\36\10\10"
      "\4\2\0\12\327\243\74\0\0\1\22\10\10"
      "\4\2\200\201\200\200\73\0\0\1\36\4\4"
      "\4\2\0\12\327\243\74\0\0\1\22\4\4"
      "\4\2\200\201\200\200\73\0\0\1\36\2\2"
      "\4\2\0\12\327\243\74\0\0\1\22\2\2"
      "\4\2\212\12\327\243\74\20\0\1\6\20\20" "\177\100 data"),
  /* Pose: maps and [1,5,3,84]; rotated boxes: maps and [1,1,84]. */
  FUZZ_SEED ("\3\1\1\0\0\0" "\4\2\40\315\314\314\75\0\0\1\101\10\10"
      "\4\2\40\315\314\314\75\0\0\1\101\4\4"
      "\4\2\40\315\314\314\75\0\0\1\101\2\2"
      "\4\1\0\0\0\200\77\0\0\1\5\3\124" "\177\120 data"),
  FUZZ_SEED ("\3\1\1\0\0\0" "\4\2\40\315\314\314\75\0\0\1\103\10\10"
      "\4\2\40\315\314\314\75\0\0\1\103\4\4"
      "\4\2\40\315\314\314\75\0\0\1\103\2\2"
      "\3\2\200\201\200\200\73\0\0\1\1\124" "\177\120 data"),
  /* Boxes that are all the same and all above the threshold. */
  FUZZ_SEED ("\0\201\1\377\77\0\3\1\0]\0\200\77\0\0\1\377S\0\0"),
  /* Lists of a pose model and of rotated boxes, rows of the latter, and two
   * lists of boxes and scores. */
  FUZZ_SEED ("\0\1\1\0\2\0" "\3\1\0\0\0\200\77\0\0\1\24\124" "\70 data"),
  FUZZ_SEED ("\0\1\1\0\4\0" "\3\1\0\0\0\200\77\0\0\1\24\124" "\70 data"),
  FUZZ_SEED ("\0\1\1\0\0\0" "\3\1\0\0\0\200\77\0\0\1\36\7" "\70 data"),
  FUZZ_SEED ("\1\1\1\0\0\0" "\3\1\0\0\0\200\77\0\0\1\124\4"
      "\3\1\0\0\0\200\77\0\0\1\124\7" "\70 data"),
};

const guint fuzz_n_seeds = G_N_ELEMENTS (fuzz_seeds);

/* The bytes a tensor occupies if it is possible at all; else few, for then
 * nobody may read it. */
static gsize
bytes_of (const RyTensor * t)
{
  gsize size = t->type == RKNN_TENSOR_FLOAT32 ? 4
      : t->type == RKNN_TENSOR_FLOAT16 ? 2 : 1;
  gsize n = 1;
  guint i;

  if (t->n_dims == 4 && t->c2 > 0)
    return (t->dims[1] + t->c2 - 1) / t->c2 * t->plane * size;
  for (i = 0; i < t->n_dims; i++)
    n *= t->dims[i];
  return n * size;
}

static void
take_tensor (FuzzInput * input, RyTensor * t)
{
  guint padding, i;

  memset (t, 0, sizeof *t);
  t->n_dims = fuzz_take (input) % 6;
  t->type = fuzz_take (input) % 4;
  t->zp = (gint8) fuzz_take (input);
  t->scale = fuzz_take_float (input);
  t->c2 = fuzz_take (input) % 33;
  padding = fuzz_take (input) % 4;
  for (i = 0; i < t->n_dims; i++)
    t->dims[i] = fuzz_take (input);
  if (t->n_dims == 4 && t->c2 > 0) {
    t->row = (gsize) (t->dims[3] + padding) * t->c2;
    t->plane = t->row * t->dims[2];
  }
}

int
LLVMFuzzerTestOneInput (const uint8_t * data, size_t size)
{
  static const gchar *const tasks[] = { NULL, "detect", "pose", "segment",
    "obb", "classify"
  };
  static const gchar *const heads[] = { NULL, "yolov5", "yolov7", "yolox",
    "yolov3", "yolov4-tiny", "yolov8-pose", "yolov8-obb"
  };
  FuzzInput input = { data, size };
  RyTensor tensors[MAX_OUTPUTS];
  RyHeadHints hints = { 0 };
  gboolean usable = TRUE;
  RyDecoder *decoder;
  guint n, options, i;

  n = 1 + fuzz_take (&input) % MAX_OUTPUTS;
  options = fuzz_take (&input);
  hints.input_width = 32 * (1 + fuzz_take (&input) % 8);
  hints.input_height = options & 1 ? hints.input_width : 32 * (1 + options % 8);
  hints.n_classes = fuzz_take (&input);
  hints.task = tasks[fuzz_take (&input) % G_N_ELEMENTS (tasks)];
  i = fuzz_take (&input);
  hints.head = heads[i % G_N_ELEMENTS (heads)];
  hints.kpt_shape[0] = i / 64 * 2;
  hints.kpt_shape[1] = 2 + i / 32 % 2;
  hints.end2end = options % 3 - 1;
  for (i = 0; i < n; i++)
    take_tensor (&input, &tensors[i]);
  for (i = 0; i < n; i++) {
    gsize bytes = bytes_of (&tensors[i]);
    guint8 *memory = NULL;

    if (bytes <= MAX_BYTES) {
      memory = g_malloc (bytes);
      fuzz_fill (&input, memory, bytes);
    }
    usable = usable && memory != NULL;
    tensors[i].data = memory;
  }
  decoder = ry_decoder_new (tensors, n, &hints, NULL);
  if (decoder != NULL && usable)
    fuzz_run_decoder (decoder, tensors, options);
  ry_decoder_free (decoder);
  for (i = 0; i < n; i++)
    g_free ((gpointer) tensors[i].data);
  return 0;
}
