/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The writing side of rknnyolo/detections.h, which only the plugin has. */

#pragma once

#include <rknnyolo/detections.h>

G_BEGIN_DECLS

/* Attaches info to buffer, in place of what an earlier element attached.  The
 * buffer must be writable; info->model is copied. */
void rknnyolo_buffer_set_frame_info (GstBuffer * buffer,
    const RknnyoloFrameInfo * info);

G_END_DECLS
