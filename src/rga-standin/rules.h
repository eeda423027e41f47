/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What librga and the driver refuse. */

#pragma once

#include "device.h"
#include "rga_api.h"

G_BEGIN_DECLS

/* Librga's own checks, which look at the best of all cores; then a rectangle
 * that is empty has become the whole picture.  IM_STATUS_NOERROR, or a negative
 * result after saying why. */
IM_STATUS ry_rga_rules_check (const RyRgaDevice * device, rga_buffer_t * src,
    im_rect * src_rect, rga_buffer_t * dst, im_rect * dst_rect);

/* The driver's choice of a core for what passed: NULL after saying why none of
 * those in mask (0: all) can do it. */
const RyRgaCore *ry_rga_rules_choose (const RyRgaDevice * device, guint mask,
    const rga_buffer_t * src, const rga_buffer_t * dst, gboolean above_4g);

G_END_DECLS
