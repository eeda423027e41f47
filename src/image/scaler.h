/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Scales one plane of a frame, bilinear, a band of rows at a time. */

#pragma once

#include <glib.h>

#include "image/letterbox.h"
#include "image/rows.h"

G_BEGIN_DECLS

/* A plane of packed 4:2:2 holds two kinds of samples. */
#define RY_SCALER_MAX_OUTPUTS 2

/* Samples of a direction that is subsampled by 1 << shift. */
#define RY_SUBSAMPLED(size, shift) (((size) + (1u << (shift)) - 1) >> (shift))

typedef struct
{
  RyLayout layout;              /* of the samples in a row of the plane */
  guint8 h_shift;               /* 1: one sample for two pixels */
} RyScalerOutput;

/* Start with a cleared struct. */
typedef struct
{
  guint n_outputs;
  RyScalerOutput output[RY_SCALER_MAX_OUTPUTS];
  RyTaps x[RY_SCALER_MAX_OUTPUTS], y;
  gboolean point;               /* no output mixes in the row */
  gboolean halve;               /* 2:1 exactly, in both directions */

  guint16 *row;                 /* one row of the plane, and padding */
  guint row_length;             /* bytes of the plane that carry samples */
  gsize row_allocated;
} RyScaler;

/* Prepares for scaling the frame of box to its picture.  v_shift is 1 when the
 * plane has one row for two rows of pixels.  Cheap when nothing changed. */
void ry_scaler_update (RyScaler * self, const RyLetterbox * box, guint v_shift,
    const RyScalerOutput * outputs, guint n_outputs);

/* Makes n rows of the scaled plane beginning with first.  dst[i] receives
 * output i, packed, with its row `first` at dst[i] itself. */
void ry_scaler_run (RyScaler * self, const guint8 * src, gint src_stride,
    guint first, guint n, guint8 * const *dst, const gint * dst_stride);

void ry_scaler_clear (RyScaler * self);

G_END_DECLS
