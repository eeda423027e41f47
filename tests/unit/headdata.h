/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tensors for tests and benchmarks of decoding: made by hand or read from the
 * test data, in any layout a runtime may choose. */

#pragma once

#include "decode/decode.h"

G_BEGIN_DECLS

/* A model's outputs for one picture; tensors and their data are owned. */
typedef struct
{
  RyTensor *tensors;
  guint n;
  gint width, height;           /* of the picture */
  gdouble left, top, scale;     /* letterbox: input = picture * scale + border */
} HeadData;

/* The folder tensors/NAME of the test data; NULL if it is not there, after
 * having told so. */
HeadData *head_data_load (const gchar * name);
void head_data_free (HeadData * self);

/* RKNNYOLO_TESTDATA/..., or NULL if that is not set or not there. */
gchar *head_data_path (const gchar * folder, const gchar * name);

/* A copy in groups of c2 channels, with extra groups, row padding of pad
 * pixels, and everything that is no element filled with fill.  c2 = 0 stands
 * for NHWC.  Tensors that are not four-dimensional are copied as they are. */
HeadData *head_data_repack (const HeadData * self, guint c2, guint extra,
    guint pad, guint8 fill);

/* The same tensors the other way round. */
HeadData *head_data_reverse (const HeadData * self);

guint head_type_size (rknn_tensor_type type);

/* Appends a compact tensor whose data are zero. */
RyTensor *head_data_add (HeadData * self, rknn_tensor_type type, gint zp,
    gfloat scale, guint n_dims, ...);

HeadData *head_data_new (void);

/* Writes value, rounded to what the type can hold, at c, y, x (or at the
 * row-major index of a tensor that is not four-dimensional). */
void head_set (const RyTensor * tensor, guint c, guint y, guint x,
    gdouble value);
void head_set_index (const RyTensor * tensor, gsize index, gdouble value);
void head_fill (const RyTensor * tensor, gdouble value);

G_END_DECLS
