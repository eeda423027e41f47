/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which driver a dma-buf comes from, where that decides how it is used.
 *
 * The frames of USB cameras are put together by the CPU, in memory that their
 * driver has from videobuf2-vmalloc.  That lets no program ask for the caches to
 * be written back (DMA_BUF_IOCTL_SYNC does nothing there); it is done when a
 * device is attached, and never again.  A device that does not see the CPU's
 * caches, as those of Rockchip's SoCs, would read bits of earlier frames from
 * an import that is kept. */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Whether memory, of the dma-buf fd, is to be imported for each frame.  Looks
 * it up once; any thread. */
gboolean gst_rknn_yolo_exporter_flushes_on_import (GstMiniObject * memory,
    gint fd);

/* The same by the lines of /proc/self/fdinfo, on a machine whose devices do not
 * see the caches. */
gboolean gst_rknn_yolo_exporter_is_vmalloc (const gchar * fdinfo);

G_END_DECLS
