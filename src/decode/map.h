/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A view of some channels of one output over a grid of cells, made once and
 * used for every frame, and the two questions decoding asks of it: which
 * cells may hold something, and what is at one of them. */

#pragma once

#include "decode/half.h"
#include "decode/tensor.h"

G_BEGIN_DECLS
/* What the score channels hold. */
typedef enum
{
  RY_SCORES_UNKNOWN,            /* taken for probabilities */
  RY_SCORES_PROBABILITIES,
  RY_SCORES_LOGITS,
} RyScores;

/* Eight-bit values are handled as codes: 0..255 in the order of their values,
 * whether the tensor is signed or not. */
typedef struct
{
  guint output;                 /* index among the outputs */
  rknn_tensor_type type;
  guint n_channels, h, w;
  guint c2;                     /* as in RyTensor, never 0 */
  gsize plane, row;
  gsize base;                   /* elements before channel 0 of cell 0 */
  guint first;                  /* channel of the tensor that is channel 0 here */
  gboolean dense;               /* a cell lies c2 elements behind the last one */
  guint32 *offset;              /* [n_channels], from the cell's first element */
  guint8 flip;                  /* code = byte ^ flip */
  gfloat scale;
  gfloat value[256];            /* by code */
  gfloat score[256];            /* value, or its sigmoid */
} RyMap;

/* The shape part of a map. */
typedef struct
{
  guint output;
  guint c, h, w;
  guint c2;
  gsize plane, row, base;
  guint stride;                 /* input pixels a cell; 0 if it is no grid */
} RyGrid;

/* Takes channels first .. first + n - 1 of grid.  tensor gives type, zp and
 * scale; it must be one that ry_tensors_check let pass. */
void ry_map_init (RyMap * self, const RyTensor * tensor, const RyGrid * grid,
    guint first, guint n);
void ry_map_clear (RyMap * self);

/* Of a tensor [1,K,D,N] (grid with c, h, w) a map over N cells with K * D
 * channels, D of each k one after another. */
void ry_map_init_rows (RyMap * self, const RyTensor * tensor,
    const RyGrid * grid);

static inline gboolean
ry_map_is_float (const RyMap * self)
{
  return self->type == RKNN_TENSOR_FLOAT32 || self->type == RKNN_TENSOR_FLOAT16;
}

/* Fills score[] for logits; for 8-bit types only. */
void ry_map_set_logits (RyMap * self);

/* The range that an 8-bit map can represent. */
static inline gfloat
ry_map_low (const RyMap * self)
{
  return self->value[0];
}

static inline gfloat
ry_map_high (const RyMap * self)
{
  return self->value[255];
}

/* The element of channel 0 at a cell. */
static inline gsize
ry_map_cell (const RyMap * self, guint cell)
{
  if (self->dense)
    return self->base + (gsize) cell *self->c2;
  return self->base + (cell / self->w) * self->row
      + (gsize) (cell % self->w) * self->c2;
}

static inline guint8
ry_map_code (const RyMap * self, gconstpointer data, gsize element)
{
  return ((const guint8 *) data)[element] ^ self->flip;
}

static inline gfloat
ry_map_value (const RyMap * self, gconstpointer data, gsize element)
{
  if (self->type == RKNN_TENSOR_FLOAT32)
    return ((const gfloat *) data)[element];
  if (self->type == RKNN_TENSOR_FLOAT16)
    return ry_half_to_float (((const guint16 *) data)[element]);
  return self->value[ry_map_code (self, data, element)];
}

gfloat ry_sigmoid (gfloat x);

static inline gfloat
ry_map_score (const RyMap * self, gconstpointer data, gsize element,
    RyScores scores)
{
  gfloat value;

  if (!ry_map_is_float (self))
    return self->score[ry_map_code (self, data, element)];
  value = ry_map_value (self, data, element);
  return scores == RY_SCORES_LOGITS ? ry_sigmoid (value) : value;
}

/* Which elements have a score above a threshold, said in the type of the
 * tensor.  Eight bits: exactly those whose code is at least code.  Floats:
 * those above value (half: whose key is above key); of logits it lets a few
 * more pass, and of halves NaN, so that scores are to be compared again. */
typedef struct
{
  guint code;                   /* 0: all, 256: none */
  gfloat value;
  gint16 key;
} RyLimit;

RyLimit ry_map_limit (const RyMap * self, RyScores scores, gfloat threshold);

G_END_DECLS
