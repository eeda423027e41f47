/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The prototypes of a segmentation model, [1,K,H,W], and the masks they make:
 *
 *   m (r, c) = sum over j of coefficient[j] * prototype (j, r, c)
 *   mask     = sigmoid (m) where x1 <= c * s < x2 and y1 <= r * s < y2
 *
 * with s the pixels of the input that a prototype's pixel covers.  (Bolya et
 * al., YOLACT, 2019; Ultralytics, process_mask and crop_mask in
 * utils/ops.py.)
 *
 * Of 8-bit prototypes and coefficients m is exact: it is summed up in integers
 * before it is scaled.  Only what lies in a box is computed. */

#pragma once

#include "decode/decode.h"
#include "decode/map.h"

G_BEGIN_DECLS
/* Sigmoids are looked up: 256 entries for a unit of m, from -8 to 8, beyond
 * which 255 times the sigmoid is 0 or 255. */
#define RY_PROTO_UNIT 256
#define RY_PROTO_ENTRIES (16 * RY_PROTO_UNIT)
typedef struct
{
  RyMap map;                    /* K channels */
  gint32 zp;
  gfloat x_factor, y_factor;    /* prototype pixels for one of the input */
  guint8 sigmoid[RY_PROTO_ENTRIES];
} RyProto;

/* grid has a stride; free with ry_proto_free. */
RyProto *ry_proto_new (const RyTensor * tensor, const RyGrid * grid,
    const RyHeadHints * hints);
void ry_proto_free (RyProto * self);

/* Memory for the coefficients of one mask and a row of it. */
typedef struct
{
  gfloat *coefficients;         /* [K] */
  gint16 *integers;             /* [K], for 8-bit prototypes, and zeros up
                                 * to a whole group */
  gpointer row;                 /* [W] sums */
  gint32 *entries;              /* [W] of the table of sigmoids */
  guint n_channels, n_columns;
} RyProtoBuffer;

void ry_proto_buffer_init (RyProtoBuffer * self);
void ry_proto_buffer_clear (RyProtoBuffer * self);
void ry_proto_buffer_prepare (RyProtoBuffer * self, const RyProto * proto);

/* Sets x, y, width, height and scale of the mask of a box: what part of the
 * prototypes its pixels are. */
void ry_proto_place (const RyProto * self, const RyBox * box, RyMask * mask);

/* Fills data, width * height bytes, of a placed mask.  buffer->coefficients is
 * set; step is what all of them are whole multiples of, or 0. */
void ry_proto_draw (const RyProto * self, gconstpointer prototypes,
    gfloat step, RyProtoBuffer * buffer, const RyMask * mask, guint8 * data);

G_END_DECLS
