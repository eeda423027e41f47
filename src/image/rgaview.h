/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Frames and inputs of models as areas of dma-bufs, which is how RGA sees
 * them: one memory, planes that follow each other, one stride. */

#pragma once

#include "image/image.h"
#include "rga/rgalimits.h"

G_BEGIN_DECLS

/* Where image lies in the dma-buf of its first plane, and the IM_YUV_TO_RGB_
 * value of its colours (0: RGB).  FALSE with an RY_ERROR_RGA where that cannot
 * be said in RGA's terms. */
gboolean ry_rga_view_image (const RyImage * image, RyRgaArea * area,
    gint * colour, RyRgaReason * reason, GError ** error);

/* Where the picture of box lies in the dma-buf of target. */
gboolean ry_rga_view_target (const RyTarget * target, const RyLetterbox * box,
    RyRgaArea * area, RyRgaReason * reason, GError ** error);

G_END_DECLS
