/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the RGA of a chip can do with a picture.
 *
 * The numbers are those of Rockchip's documentation of librga (IM2D API guide,
 * FAQ) and of its public checks.  Chips have cores of several kinds; where one
 * is an RGA3, only that kind is used: an RGA2 beside it reaches the lower 4 GB
 * of memory only. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Why RGA did not make an input.  Names of the field rga-fallbacks in stats
 * are in ry_rga_reason_get_name (). */
typedef enum
{
  RY_RGA_REASON_NONE,           /* it did, or was not asked */
  RY_RGA_REASON_NO_DMABUF,      /* the frame is in ordinary memory */
  RY_RGA_REASON_FORMAT,         /* unknown to these cores */
  RY_RGA_REASON_COLORIMETRY,    /* a matrix or range that RGA has not */
  RY_RGA_REASON_LAYOUT,         /* planes do not lie one behind the other */
  RY_RGA_REASON_STRIDE,
  RY_RGA_REASON_POSITION,       /* odd, or 1 */
  RY_RGA_REASON_SIZE,           /* odd, too small, too large */
  RY_RGA_REASON_SCALE,          /* more than two passes, or no memory for it */
  RY_RGA_REASON_TARGET,         /* the model's input is out of reach */
  RY_RGA_REASON_IMPORT,         /* the driver refuses the memory */
  RY_RGA_REASON_BUSY,           /* too many jobs before this one */
  RY_RGA_REASON_FAILED,         /* the job failed */
  RY_RGA_REASON_OFF,            /* too many failures in a row */
  RY_N_RGA_REASONS
} RyRgaReason;

const gchar *ry_rga_reason_get_name (RyRgaReason reason);

typedef struct
{
  guint byte_stride;            /* rows are multiples of so many bytes */
  guint max_scale;              /* in one pass, larger or smaller */
  guint min_width, min_height;  /* pixels */
  guint max_input, max_output;  /* pixels, both ways */
  gboolean planar;              /* reads I420 and YV12 */
  gboolean yuyv;                /* reads YUY2 and UYVY */
  guint scheduler;              /* IM_SCHEDULER_ mask to pin jobs to, or 0 */
} RyRgaLimits;

/* By what librga says of its cores, such as "RGA_2_Enhance RGA_3".  For cores
 * that are not known the strictest limits are taken. */
void ry_rga_limits_init (RyRgaLimits * self, const gchar * cores);

/* A rectangle of a picture that lies at the beginning of a memory. */
typedef struct
{
  gint format;                  /* RK_FORMAT_ */
  guint wstride, hstride;       /* pixels from row to row, rows from plane to
                                 * plane */
  guint x, y, width, height;    /* pixels */
} RyRgaArea;

/* Bits of a pixel in the first plane of an RK_FORMAT_ that rknnyolo uses. */
guint ry_rga_format_get_bits (gint format);
gboolean ry_rga_format_is_yuv (gint format);

/* FALSE with an RY_ERROR_RGA where the area can be neither read nor (output)
 * written. */
gboolean ry_rga_limits_check (const RyRgaLimits * self, const RyRgaArea * area,
    gboolean output, RyRgaReason * reason, GError ** error);

/* How a picture gets from one size to another. */
typedef struct
{
  guint n_passes;               /* 1 or 2 */
  guint width, height;          /* between the two */
} RyRgaPasses;

/* FALSE where two passes are not enough. */
gboolean ry_rga_limits_plan (const RyRgaLimits * self, guint width,
    guint height, guint to_width, guint to_height, RyRgaPasses * passes);

/* The smallest stride for RGB rows of so many pixels. */
guint ry_rga_limits_align_rgb (const RyRgaLimits * self, guint width);

G_END_DECLS
