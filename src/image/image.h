/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* From a frame to the input of a model. */

#pragma once

#include <glib.h>

#include "image/letterbox.h"

G_BEGIN_DECLS

/* Names give the order of the bytes in memory, as GStreamer's do.  X stands
 * for a byte that is not looked at, so the alpha formats map here too. */
typedef enum
{
  RY_FORMAT_NV12,
  RY_FORMAT_NV21,
  RY_FORMAT_NV16,
  RY_FORMAT_I420,
  RY_FORMAT_YV12,
  RY_FORMAT_YUY2,
  RY_FORMAT_UYVY,
  RY_FORMAT_RGB,
  RY_FORMAT_BGR,
  RY_FORMAT_RGBX,
  RY_FORMAT_XRGB,
  RY_FORMAT_BGRX,
  RY_FORMAT_XBGR,
  RY_FORMAT_GRAY8,
  RY_N_FORMATS
} RyPixelFormat;

typedef enum
{
  RY_MATRIX_BT601,
  RY_MATRIX_BT709,
  RY_MATRIX_BT2020,
} RyColorMatrix;

#define RY_MAX_PLANES 3

/* A view of a frame: nothing is owned.  Planes are in the order in which the
 * format is named (I420: Y, U, V; YV12: Y, V, U), as GstVideoFrame has it for
 * NV12 and the packed formats; see gst/gstrknnyoloframe.c for YV12. */
typedef struct
{
  RyPixelFormat format;
  guint width, height;          /* pixels */
  guint n_planes;
  const guint8 *data[RY_MAX_PLANES];
  gint stride[RY_MAX_PLANES];   /* bytes */
  gint fd[RY_MAX_PLANES];       /* dma-buf of the plane, or -1 */
  gsize offset[RY_MAX_PLANES];  /* where the plane begins in that dma-buf */
  RyColorMatrix matrix;         /* for the YUV formats */
  gboolean full_range;          /* luma 0..255 instead of 16..235 */
} RyImage;

/* The memory to write: packed 8-bit pixels, three channels (one for models
 * that take grey pictures). */
typedef struct
{
  guint8 *data;
  guint width, height;          /* pixels */
  guint stride;                 /* bytes from one row to the next */
  gboolean bgr;                 /* the model wants B, G, R */
} RyTarget;

/* One preprocessor serves one thread: it holds the scratch memory, which grows
 * to what a frame needs and then stays. */
typedef struct _RyPreprocessor RyPreprocessor;

RyPreprocessor *ry_preprocessor_new (void);
void ry_preprocessor_free (RyPreprocessor * self);

/* Scales image into the rectangle of box in target and paints the border.
 * The border is painted only when box or target changed since the last call,
 * because nothing else may write to target in between.
 *
 * Returns FALSE with an RY_ERROR_IMAGE when the view makes no sense (a plane
 * missing, a stride shorter than a row). */
gboolean ry_preprocessor_run (RyPreprocessor * self, const RyImage * image,
    const RyLetterbox * box, const RyTarget * target, GError ** error);

G_END_DECLS
