/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Outputs that are played instead of computed: a folder with one file a tensor
 * and manifest.txt, whose lines are
 *
 *   2                                number of tensors
 *   0.i8 4 1 64 80 80 -65 0.1327     file, number of dimensions, dimensions,
 *   1.f16 4 1 17 3 8400 0 1          zero point, scale
 *
 * in the order of the model's outputs; what follows them is not read.  .i8 are
 * signed bytes, .f16 IEEE halves, little-endian, in C order without padding;
 * value = (q - zero point) * scale. */

#pragma once

#include <glib.h>

#include "ort.h"

G_BEGIN_DECLS

typedef struct
{
  gchar *file;                  /* a plain name in the folder */
  gboolean half;                /* else int8 */
  guint rank;
  gint64 shape[RY_ORT_MAX_RANK];        /* each at least 1 */
  gsize n_elems;                /* bounded as a model's tensors are */
  gint zp;                      /* -128 to 127 */
  gfloat scale;                 /* finite, > 0 */
  gfloat *values;               /* NULL when only parsed */
} RyRecorded;

typedef struct
{
  guint n;
  RyRecorded *tensors;
} RyRecording;

/* Errors are of G_FILE_ERROR and say which line is wrong.  text may be NULL
 * when length is 0. */
RyRecording *ry_recording_parse (const gchar * text, gsize length,
    GError ** error);

/* The manifest and what it names. */
RyRecording *ry_recording_load (const gchar * folder, GError ** error);
void ry_recording_free (RyRecording * self);

/* Whether these are a model's outputs; all their dimensions must be known. */
gboolean ry_recording_fits (const RyRecording * self, RyOrtSession * model,
    GError ** error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RyRecording, ry_recording_free)

G_END_DECLS
