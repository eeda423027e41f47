/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Small ONNX models whose detections are known, because they are written into
 * them: whatever the picture is, the output is the same. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define TEST_MODEL_SIZE 64      /* pixels of the input, both ways */

typedef struct
{
  gint class_id;
  gfloat score;
  gfloat x1, y1, x2, y2;        /* pixels of the model's input */
} TestBox;

/* Writes a model with one Ultralytics output [1, 4 + n_classes, 84] into a new
 * temporary file that finds boxes.  names (may be NULL) becomes its metadata.
 * Free the path with test_model_remove. */
gchar *test_model_write (const TestBox * boxes, guint n_boxes,
    guint n_classes, const gchar * const *names);

/* What a model finds besides boxes. */
typedef struct
{
  const gchar *task;            /* "segment", "pose", "obb" */
  guint n_extra;                /* numbers of each box behind its classes */
  const gfloat *extra;          /* [n_boxes][n_extra]: coefficients of the
                                 * prototypes; x, y in pixels of the input and
                                 * confidence of keypoints; the angle of a box,
                                 * which is given as it was before turned */
  const gchar *kpt_shape;       /* "[2, 3]"; pose only */
  const gfloat *proto;          /* [n_extra][TEST_MODEL_PROTO ^ 2]; segment
                                 * only */
} TestTask;

#define TEST_MODEL_PROTO (TEST_MODEL_SIZE / 4)

/* The same with [1, 4 + n_classes + n_extra, 84] and perhaps prototypes. */
gchar *test_model_write_task (const TestBox * boxes, guint n_boxes,
    guint n_classes, const gchar * const *names, const TestTask * task);

/* A model whose only output has this shape, which no head has. */
gchar *test_model_write_shape (const gint64 * dims, guint n_dims);

/* A model that looks at its picture, [n,3,height,width] with sides that are
 * multiples of 32: it finds each white block of 8 x 8 pixels on a dark ground,
 * at multiples of 8, as a "cat" of 16 x 16 about the same middle.  With shapes
 * (not NULL) height and width are open, and it is said to have these sizes:
 * "64x32,32x64". */
gchar *test_model_write_looking (guint n, guint width, guint height,
    const gchar * shapes);

/* Removes the file and frees the path. */
void test_model_remove (gchar * path);

/* Whether the stand-in can run a model here; says why not. */
gboolean test_model_can_run (void);

G_END_DECLS
