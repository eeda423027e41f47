/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Between the layouts and types of the NPU and those of ONNX Runtime.
 *
 * Quantisation: value = (q - zp) * scale, q = round (value / scale) + zp with
 * ties to even, limited to -128..127; NaN becomes the lower limit.
 *
 * NC1HWC2: element (n, c, y, x) lies at
 *   (((n * c1 + c / c2) * h + y) * w_stride + x) * c2 + c % c2
 * NHWC is the same with c1 = 1 and c2 = c. */

#pragma once

#include <glib.h>

#include "rknn_api.h"

typedef struct
{
  guint n, c, h, w;
  guint c1, c2;
  guint w_stride;               /* pixels from one row to the next */
} RyShape;

typedef struct
{
  gboolean active;              /* else values are left as they are */
  gint zp;
  gfloat scale;
} RyQuant;

/* ---- Inputs --------------------------------------------------------------
 * What the caller has is a picture in NHWC. */

typedef enum
{
  RY_PIXELS_BYTE,               /* 8 bits, through a table */
  RY_PIXELS_FLOAT16,            /* to be normalised */
  RY_PIXELS_FLOAT32,
  RY_PIXELS_RAW_FLOAT16,        /* already what the model wants */
  RY_PIXELS_RAW_FLOAT32,
} RyPixels;

/* How pixels become what the model is fed: (x - mean) / std, and then, when
 * the input is quantised, through int8 and back. */
typedef struct
{
  guint channels;
  gfloat *mean, *std;           /* one a channel */
  RyQuant quant;
} RyNormalizer;

gfloat ry_normalize (const RyNormalizer * self, guint channel, gfloat value);

/* For three channels of bytes: (byte - sub) / div * mul. */
typedef struct
{
  gfloat sub[3], div[3], mul;
} RyLinear;

typedef struct
{
  RyPixels pixels;
  const gfloat *table;          /* RY_PIXELS_BYTE: [byte] of a channel, */
  guint table_step;             /* channels are so far apart; 0: one for all */
  const RyLinear *linear;       /* the table by arithmetic, bit for bit; NULL:
                                   there is none */
  const RyNormalizer *normalizer;
  rknn_tensor_type type;        /* of dst: FLOAT32, FLOAT16, UINT8 */
  gboolean planar;              /* dst is NCHW, else NHWC; never padded */
} RyImageInput;

/* Only n, c, h, w and w_stride of shape count; w_stride is src's.  row is
 * room for 2 * w * c floats. */
void ry_convert_image (const RyImageInput * self, const RyShape * shape,
    gconstpointer src, gpointer dst, gfloat * row);

/* Rows begin to end of the n * h that there are. */
void ry_convert_image_rows (const RyImageInput * self, const RyShape * shape,
    gconstpointer src, gpointer dst, gfloat * row, guint begin, guint end);

/* ---- Outputs -------------------------------------------------------------
 * What ONNX Runtime yields is NCHW without padding, as float. */

typedef struct
{
  RyQuant quant;
  rknn_tensor_type type;        /* to be written: INT8 and UINT8 (INT8 + 128)
                                   if quantised, FLOAT16, FLOAT32 */
} RyEncoding;

/* In the order of src. */
void ry_convert_flat (const RyEncoding * self, const gfloat * src,
    gpointer dst, gsize n);

/* To NC1HWC2 or NHWC.  Elements of channels that are not there are set to 0;
 * what lies between w and w_stride is not touched. */
void ry_convert_interleaved (const RyEncoding * self, const RyShape * shape,
    const gfloat * src, gpointer dst);

/* Rows begin to end of the n * c1 * h that dst has. */
void ry_convert_interleaved_rows (const RyEncoding * self,
    const RyShape * shape, const gfloat * src, gpointer dst, guint begin,
    guint end);

/* ---- Anything else ------------------------------------------------------ */

/* Bytes of one element; 0 for types that have no place here. */
guint ry_type_size (rknn_tensor_type type);

/* Numbers of one type to another.  FALSE when the stand-in does not do this
 * pair: same types and anything to or from FLOAT32 are done. */
gboolean ry_convert_numbers (rknn_tensor_type dst_type, gpointer dst,
    rknn_tensor_type src_type, gconstpointer src, gsize n);
gboolean ry_convert_numbers_possible (rknn_tensor_type dst_type,
    rknn_tensor_type src_type);
