/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fuzz-run-decoder.h"

#include <math.h>

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

void
fuzz_run_decoder (RyDecoder * decoder, const RyTensor * tensors, guint options)
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
