/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gstrknnyoloimport.h"

#include <gst/gst.h>

static GQuark
import_quark (void)
{
  static gsize quark = 0;

  if (g_once_init_enter (&quark))
    g_once_init_leave (&quark,
        g_quark_from_static_string ("rknnyolo-rga-import"));
  return quark;
}

static RyRgaImport *
find_import (GstMiniObject * memory, RyRga * rga)
{
  RyRgaImport *import = gst_mini_object_get_qdata (memory, import_quark ());

  if (!import || ry_rga_import_get_rga (import) != rga)
    return NULL;
  return ry_rga_import_ref (import);
}

/* Several elements may have the same memory at the same time.  The lock is that
 * of the allocator: who wants the memory for its import has it in common.  The
 * driver is not called under it. */
RyRgaImport *
gst_rknn_yolo_import (RyImage * image, RyRga * rga)
{
  GstMiniObject *memory = image->memory[0];
  GstAllocator *allocator = GST_MEMORY_CAST (memory)->allocator;
  RyRgaImport *import, *other, *old = NULL;

  GST_OBJECT_LOCK (allocator);
  import = find_import (memory, rga);
  GST_OBJECT_UNLOCK (allocator);
  if (import)
    return import;

  import = ry_rga_import_new (rga, image->fd[0], image->fd_size[0]);
  GST_OBJECT_LOCK (allocator);
  other = find_import (memory, rga);
  if (!other) {
    old = gst_mini_object_steal_qdata (memory, import_quark ());
    gst_mini_object_set_qdata (memory, import_quark (),
        ry_rga_import_ref (import), (GDestroyNotify) ry_rga_import_unref);
  }
  GST_OBJECT_UNLOCK (allocator);
  if (old)
    ry_rga_import_unref (old);
  if (!other)
    return import;
  ry_rga_import_unref (import);
  return other;
}
