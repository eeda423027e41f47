/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Drawing into the planes of a mapped frame, in the frame's own format.
 *
 * A pixel format is seen as up to four components of 8 bits (Y U V A, or
 * R G B A), each with a step from one sample to the next and a subsampling.
 * That describes NV12 as well as YUY2 or BGRx, so one painter serves all.
 *
 * Shapes are exact for components of full resolution.  A subsampled chroma
 * sample that a shape covers in part takes on the colour in the same part
 * (area average over the luma pixels the sample stands for, as they exist in
 * the frame), so an edge at an odd coordinate is neither lost nor doubled.
 *
 * Nothing here allocates, and no byte outside the clip is written but chroma
 * samples shared with pixels in it. */

#pragma once

#include <gst/video/video.h>

#include "color.h"

G_BEGIN_DECLS

/* Half-open: x0 <= x < x1.  Empty when x0 >= x1 or y0 >= y1. */
typedef struct
{
  gint x0, y0, x1, y1;
} RyArea;

/* 8-bit coverage, 255 is all. */
typedef struct
{
  const guint8 *data;
  gint width, height, stride;
} RyCoverage;

typedef struct
{
  guint8 *data;
  gint stride;                  /* bytes from row to row */
  gint step;                    /* bytes from sample to sample */
  guint w_sub, h_sub;           /* log2 of the subsampling */
} RyComponent;

typedef struct
{
  guint n_components;
  RyComponent component[GST_VIDEO_MAX_COMPONENTS];
  gint width, height;           /* pixels */
  RyArea clip;                  /* lies within the frame */
} RyCanvas;

/* TRUE for the formats that consist of 8-bit components in plain rows. */
gboolean ry_canvas_supports (const GstVideoFormatInfo * finfo);

/* The canvas borrows the frame, which stays mapped for writing meanwhile; the
 * clip is the whole frame. */
void ry_canvas_init (RyCanvas * self, GstVideoFrame * frame);

/* Both may reach beyond the frame; the clip is their intersection with it. */
void ry_canvas_set_clip (RyCanvas * self, const RyArea * clip);

static inline RyArea
ry_area (gint x0, gint y0, gint x1, gint y1)
{
  const RyArea area = { x0, y0, x1, y1 };

  return area;
}

gboolean ry_area_is_empty (const RyArea * self);
RyArea ry_area_intersect (const RyArea * a, const RyArea * b);

/* Paints what lies in outer and not in inner (inner may be NULL), alpha 255
 * being opaque.  Coordinates may lie anywhere in the range of gint that two of
 * them can be subtracted in, +-2^30. */
void ry_canvas_fill (RyCanvas * self, const RyArea * outer,
    const RyArea * inner, const RySample * color, guint8 alpha);

/* Paints color where the mask is, its top-left corner at x, y. */
void ry_canvas_blend_mask (RyCanvas * self, gint x, gint y,
    const RyCoverage * mask, const RySample * color);

G_END_DECLS
