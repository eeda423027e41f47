/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* From the outputs of a model to boxes in pixels of the model's input. */

#pragma once

#include <glib.h>

#include "decode/tensor.h"

G_BEGIN_DECLS
/* What is known about a model besides the shapes of its outputs.  Zero or NULL
 * where nothing is known, so that a cleared struct is a good start. */
typedef struct
{
  guint input_width, input_height;      /* must be known */
  guint n_classes;              /* number of labels somebody gave */
  const gchar *task;            /* "detect", "segment", ... of metadata.yaml */
  guint reg_max;                /* DFL bins */
  gint end2end;                 /* 1: no NMS needed; -1: needed; 0: unknown */
  gint quantized_boxes;         /* 1: single output with boxes in 0..1 */
  const gchar *head;            /* the user's word for what shapes cannot tell:
                                 * "yolov3", "yolov3-tiny", "yolov4",
                                 * "yolov4-tiny", "yolov5", "yolov7",
                                 * "yolov7-tiny", "yolox", "yolov6", "yolov8";
                                 * -seg, -pose or -obb behind it is a task */
  guint kpt_shape[2];           /* of metadata.yaml: keypoints of a box, and
                                 * numbers of each, 2 or 3 */
} RyHeadHints;

typedef struct
{
  gfloat confidence_threshold;  /* a score must be greater */
  gfloat iou_threshold;         /* a box that overlaps a better one by more goes */
  guint max_detections;
  gboolean multi_label;         /* a box for every class above the threshold */
  gboolean class_agnostic;      /* boxes suppress those of other classes, too */
  const gboolean *classes;      /* [ry_decoder_get_n_classes ()], which to keep;
                                 * NULL: all */
} RyDecodeParams;

/* What a head finds besides upright boxes. */
typedef enum
{
  RY_TASK_DETECT,
  RY_TASK_SEGMENT,              /* a mask for each box */
  RY_TASK_POSE,                 /* keypoints for each box */
  RY_TASK_OBB,                  /* boxes are rotated */
} RyTask;

typedef struct
{
  gfloat x1, y1, x2, y2;        /* pixels of the model's input, not clipped;
                                 * finite, x1 < x2 and y1 < y2; of a rotated box
                                 * the upright one around it */
  gfloat score;                 /* at most 1 */
  gint class_id;

  /* RY_TASK_OBB only: the rotated box, w >= h > 0; its w side points angle
   * radians from the x axis towards the y axis, -pi/2 < angle <= pi/2. */
  gfloat cx, cy, w, h, angle;
} RyBox;

typedef struct
{
  gfloat x, y;                  /* pixels of the model's input, not clipped */
  gfloat confidence;            /* 0..1; 1 where the model does not say */
} RyKeypoint;

/* A mask at the resolution of the model's prototypes, cut to its box. */
typedef struct
{
  gfloat scale;                 /* input pixels a mask pixel, both ways */
  guint x, y, width, height;    /* what part of the prototypes it covers, mask
                                 * pixels; may be empty */
  const guint8 *data;           /* width * height, row by row: 255 times the
                                 * probability; from 128 on it is the object */
} RyMask;

typedef struct _RyDecoder RyDecoder;

/* Recognises the head from n outputs; their data is not looked at and may be
 * NULL.  The order of the outputs does not matter, except where shapes cannot
 * tell (documented at each family, src/decode/head-*.c).
 *
 * Returns NULL with RY_ERROR_HEAD when no family fits; the message lists the
 * tensors that were seen and the heads that are known. */
RyDecoder *ry_decoder_new (const RyTensor * outputs, guint n,
    const RyHeadHints * hints, GError ** error);
void ry_decoder_free (RyDecoder * self);

/* For messages: "YOLOv8/9/11/12, 9 outputs, 80 classes, 16 bins". */
const gchar *ry_decoder_get_description (const RyDecoder * self);

/* 0 if the outputs do not tell and the hints did not: a head that delivers
 * class numbers. */
guint ry_decoder_get_n_classes (const RyDecoder * self);

/* A sentence the user should see once as a warning, such as that only the
 * boxes of a segmentation model are delivered; NULL mostly. */
const gchar *ry_decoder_get_notice (const RyDecoder * self);

RyTask ry_decoder_get_task (const RyDecoder * self);

/* Of each box; 0 but for RY_TASK_POSE. */
guint ry_decoder_get_n_keypoints (const RyDecoder * self);

/* Decoding needs memory that is kept between frames; one for each thread. */
typedef struct _RyDecodeScratch RyDecodeScratch;
RyDecodeScratch *ry_decode_scratch_new (void);
void ry_decode_scratch_free (RyDecodeScratch * self);

/* Decodes one frame: outputs are the n tensors of ry_decoder_new, in the same
 * order, with data; only their data pointers are looked at.  A tensor without
 * data gives no boxes.
 *
 * Boxes come best first, after NMS by class (equal scores: the earlier cell of
 * the finest grid first); at most max_detections.  The array belongs to
 * scratch and is valid until the next call.  Thread-safe on self. */
const RyBox *ry_decoder_run (RyDecoder * self, RyDecodeScratch * scratch,
    const RyTensor * outputs, const RyDecodeParams * params, guint * n_boxes);

/* What belongs to box i of the last run, valid as long as the boxes: all its
 * keypoints, or its mask; NULL for other tasks.  The masks of a frame take 64
 * MiB at most, those of the boxes behind are empty. */
const RyKeypoint *ry_decode_scratch_get_keypoints (const RyDecodeScratch *
    scratch, guint i);
const RyMask *ry_decode_scratch_get_mask (const RyDecodeScratch * scratch,
    guint i);

G_END_DECLS
