/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One output of a model, as it lies in memory. */

#pragma once

#include <glib.h>

#include "rknn_api.h"

G_BEGIN_DECLS

/* The layouts of the runtime (NCHW, NHWC, NC1HWC2) are one form with different
 * numbers: channels come in groups of c2, and
 *
 *   element (c, y, x) = data[(c / c2) * plane + y * row + x * c2 + c % c2]
 *
 * NCHW is c2 = 1, NHWC is c2 = number of channels.  Tensors that are not
 * four-dimensional are compact, row-major, with c2 = 0; for them only dims
 * count. */
typedef struct
{
  const gchar *name;            /* owned by whoever made the tensor */
  guint n_dims;
  guint dims[RKNN_MAX_DIMS];    /* logical: N, C, H, W, or as they are */
  rknn_tensor_type type;        /* of the elements in data: INT8, UINT8, FLOAT16, FLOAT32 */
  gint32 zp;                    /* value = (q - zp) * scale; */
  gfloat scale;                 /* 0 and 1 for float types */
  guint c2;                     /* channels that lie side by side */
  gsize plane;                  /* elements from one group to the next */
  gsize row;                    /* elements from one row to the next */
  gconstpointer data;           /* may be NULL while a head is being recognised */
} RyTensor;

G_END_DECLS
