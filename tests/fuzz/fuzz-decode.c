/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Recognising and decoding: the input chooses shapes, types, layouts, zero
 * points and scales, and what is left of it fills the tensors. */

#include "fuzz.h"

#include <math.h>
#include <string.h>

#include "decode/decode.h"

#define MAX_OUTPUTS 13
#define MAX_BYTES (1 << 20)     /* of one tensor */

typedef struct
{
  const guint8 *at;
  gsize left;
} Input;

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
  /* Lists of a pose model and of rotated boxes, rows of the latter, and two
   * lists of boxes and scores. */
  FUZZ_SEED ("\0\1\1\0\2\0" "\3\1\0\0\0\200\77\0\0\1\24\124" "\70 data"),
  FUZZ_SEED ("\0\1\1\0\4\0" "\3\1\0\0\0\200\77\0\0\1\24\124" "\70 data"),
  FUZZ_SEED ("\0\1\1\0\0\0" "\3\1\0\0\0\200\77\0\0\1\36\7" "\70 data"),
  FUZZ_SEED ("\1\1\1\0\0\0" "\3\1\0\0\0\200\77\0\0\1\124\4"
      "\3\1\0\0\0\200\77\0\0\1\124\7" "\70 data"),
};

const guint fuzz_n_seeds = G_N_ELEMENTS (fuzz_seeds);

static guint8
take (Input * input)
{
  if (input->left == 0)
    return 0;
  input->left--;
  return *input->at++;
}

static gfloat
take_float (Input * input)
{
  guint8 bytes[4];
  gfloat value;
  guint i;

  for (i = 0; i < 4; i++)
    bytes[i] = take (input);
  memcpy (&value, bytes, sizeof value);
  return value;
}

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
take_tensor (Input * input, RyTensor * t)
{
  guint padding, i;

  memset (t, 0, sizeof *t);
  t->n_dims = take (input) % 6;
  t->type = take (input) % 4;
  t->zp = (gint8) take (input);
  t->scale = take_float (input);
  t->c2 = take (input) % 33;
  padding = take (input) % 4;
  for (i = 0; i < t->n_dims; i++)
    t->dims[i] = take (input);
  if (t->n_dims == 4 && t->c2 > 0) {
    t->row = (gsize) (t->dims[3] + padding) * t->c2;
    t->plane = t->row * t->dims[2];
  }
}

static void
fill (Input * input, guint8 * bytes, gsize n)
{
  gsize i;

  for (i = 0; i < n; i++)
    bytes[i] = input->left > 0 ? input->at[i % input->left] : (guint8) i;
}

static void
check_boxes (const RyBox * boxes, guint n, const RyDecodeParams * params)
{
  guint i;

  g_assert (n <= params->max_detections);
  for (i = 0; i < n; i++) {
    g_assert (isfinite (boxes[i].x1) && isfinite (boxes[i].y1));
    g_assert (isfinite (boxes[i].x2) && isfinite (boxes[i].y2));
    g_assert (boxes[i].x1 < boxes[i].x2 && boxes[i].y1 < boxes[i].y2);
    g_assert (boxes[i].score <= 1 && boxes[i].class_id >= 0);
    g_assert (boxes[i].score > params->confidence_threshold
        || boxes[i].score == 1);
    g_assert (i == 0 || boxes[i - 1].score >= boxes[i].score);
  }
}

static guint
sum_up (const RyMask * mask)
{
  guint sum = 0, k;

  for (k = 0; k < mask->width * mask->height; k++)
    sum += mask->data[k];
  return sum;
}

static void
check_extras (const RyDecoder * decoder, const RyDecodeScratch * scratch,
    const RyBox * boxes, guint n)
{
  RyTask task = ry_decoder_get_task (decoder);
  guint n_keypoints = ry_decoder_get_n_keypoints (decoder), i, k;

  g_assert ((n_keypoints > 0) == (task == RY_TASK_POSE));
  for (i = 0; i < n; i++) {
    const RyKeypoint *points = ry_decode_scratch_get_keypoints (scratch, i);
    const RyMask *mask = ry_decode_scratch_get_mask (scratch, i);

    g_assert ((points != NULL) == (task == RY_TASK_POSE));
    g_assert ((mask != NULL) == (task == RY_TASK_SEGMENT));
    for (k = 0; points != NULL && k < n_keypoints; k++) {
      g_assert (isfinite (points[k].x) && isfinite (points[k].y));
      g_assert (points[k].confidence >= 0 && points[k].confidence <= 1);
    }
    if (mask != NULL)           /* all of it can be read */
      g_assert (sum_up (mask) <= 255u * mask->width * mask->height);
    if (task == RY_TASK_OBB) {
      g_assert (boxes[i].w >= boxes[i].h && boxes[i].h > 0);
      g_assert (boxes[i].angle > -G_PI_2 && boxes[i].angle <= G_PI_2);
    }
  }
  g_assert (ry_decode_scratch_get_keypoints (scratch, n) == NULL);
  g_assert (ry_decode_scratch_get_mask (scratch, n) == NULL);
}

static void
run (RyDecoder * decoder, const RyTensor * tensors, guint options)
{
  static const gfloat thresholds[] = { 0.25f, 0.001f, 0, -1, 0.999f, NAN };
  RyDecodeScratch *scratch = ry_decode_scratch_new ();
  RyDecodeParams params = { 0 };
  guint n, i;

  params.confidence_threshold = thresholds[options % 6];
  params.iou_threshold = (options / 6 % 4) / 3.0f;
  params.max_detections = options % 5 * 100;
  params.multi_label = options & 1;
  params.class_agnostic = options >> 1 & 1;
  for (i = 0; i < 2; i++) {
    const RyBox *boxes = ry_decoder_run (decoder, scratch, tensors, &params,
        &n);

    check_boxes (boxes, n, &params);
    check_extras (decoder, scratch, boxes, n);
  }
  ry_decode_scratch_free (scratch);
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
  Input input = { data, size };
  RyTensor tensors[MAX_OUTPUTS];
  RyHeadHints hints = { 0 };
  gboolean usable = TRUE;
  RyDecoder *decoder;
  guint n, options, i;

  n = 1 + take (&input) % MAX_OUTPUTS;
  options = take (&input);
  hints.input_width = 32 * (1 + take (&input) % 8);
  hints.input_height = options & 1 ? hints.input_width : 32 * (1 + options % 8);
  hints.n_classes = take (&input);
  hints.task = tasks[take (&input) % G_N_ELEMENTS (tasks)];
  i = take (&input);
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
      fill (&input, memory, bytes);
    }
    usable = usable && memory != NULL;
    tensors[i].data = memory;
  }
  decoder = ry_decoder_new (tensors, n, &hints, NULL);
  if (decoder != NULL && usable)
    run (decoder, tensors, options);
  ry_decoder_free (decoder);
  for (i = 0; i < n; i++)
    g_free ((gpointer) tensors[i].data);
  return 0;
}
