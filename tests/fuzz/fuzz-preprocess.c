/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Geometry, strides and formats by the fuzzer, in memory of exactly the size
 * that they imply: the first byte too many is a crash, in libyuv too. */

#include "fuzz.h"

#include <string.h>

#include "testframe.h"

/* Two bytes each: format, width - 1, height - 1, padding of frame and target,
 * letterbox mode, damage, model width - 1, model height - 1, B first, three
 * channels, matrix, range; then samples. */
const FuzzSeed fuzz_seeds[] = {
  FUZZ_SEED ("\0\0\0\x5f\0\x35\0\0\0\0\0\0\0\0\0\x1f\0\x1f\0\0\0\1\0\1\0\0"
      "samples"),
  FUZZ_SEED ("\0\3\0\x20\0\x10\0\0\0\3\0\1\0\0\0\x3f\0\x2f\0\1\0\1\0\0\0\1"
      "samples"),
  FUZZ_SEED ("\0\5\0\x2c\0\x1e\0\5\0\0\0\2\0\2\0\x2c\0\x2c\0\0\0\0\0\2\0\0"
      "samples"),
  FUZZ_SEED ("\0\7\0\x7f\0\x5f\0\0\0\1\0\0\0\5\0\x28\0\x28\0\1\0\1\0\0\0\0"
      "samples"),
};

const guint fuzz_n_seeds = G_N_ELEMENTS (fuzz_seeds);

typedef struct
{
  const uint8_t *data;
  size_t size;
} Input;

static guint
take (Input * input, guint limit)
{
  guint value = 0, i;

  for (i = 0; i < 2 && input->size > 0; i++, input->size--)
    value = value << 8 | *input->data++;
  return value % limit;
}

static void
fill (TestFrame * frame, Input * input)
{
  guint i;

  for (i = 0; i < frame->image.n_planes && input->size > 0; i++) {
    gsize n = MIN (frame->size[i], input->size);

    memcpy (frame->plane[i], input->data, n);
    input->data += n;
    input->size -= n;
  }
}

/* A view that lies must be refused before anything is read. */
static void
damage (RyImage * image, RyLetterbox * box, RyTarget * target, guint how)
{
  switch (how) {
    case 1:
      image->stride[0] = 0;
      break;
    case 2:
      image->data[image->n_planes - 1] = NULL;
      break;
    case 3:
      box->x += box->model_width;
      break;
    case 4:
      target->stride = target->width - 1;
      break;
    case 5:
      image->width++;
      break;
    case 6:
      box->height = box->model_height + 1;
      break;
    default:
      break;
  }
}

int
LLVMFuzzerTestOneInput (const uint8_t * data, size_t size)
{
  Input input = { data, size };
  RyPixelFormat format = take (&input, RY_N_FORMATS);
  guint fw = 1 + take (&input, 300), fh = 1 + take (&input, 300);
  guint padding = take (&input, 20), padding_out = take (&input, 9);
  guint mode = take (&input, 3), how = take (&input, 40);
  RyTarget target = {.width = 1 + take (&input, 200),
    .height = 1 + take (&input, 200),.bgr = take (&input, 2)
  };
  RyPreprocessor *preprocessor = ry_preprocessor_new ();
  RyLetterbox box;
  TestFrame frame;
  gsize length;
  gboolean ok;

  target.channels = take (&input, 2) ? 3 : 1;
  target.stride = target.width * target.channels + padding_out;
  length = (gsize) target.stride * (target.height - 1)
      + target.width * target.channels;
  target.data = test_guarded_new (length);
  test_frame_init (&frame, format, fw, fh, padding);
  frame.image.matrix = take (&input, 3);
  frame.image.full_range = take (&input, 2);
  fill (&frame, &input);
  ry_letterbox_init (&box, mode, fw, fh, target.width, target.height);

  ok = ry_preprocessor_run (preprocessor, &frame.image, &box, &target, NULL);
  g_assert (ok);
  damage (&frame.image, &box, &target, how);
  ok = ry_preprocessor_run (preprocessor, &frame.image, &box, &target, NULL);
  g_assert (ok == (how == 0 || how > 6));

  test_guarded_free (target.data, length);
  test_frame_clear (&frame);
  ry_preprocessor_free (preprocessor);
  return 0;
}
