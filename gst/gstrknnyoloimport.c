/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gstrknnyoloimport.h"

#include "gstrknnyoloexporter.h"
#include "gstrknnyolorecycled.h"

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

/* Keeps import with memory, unless another thread was faster: then its import,
 * in the place of ours, is returned. */
static RyRgaImport *
keep_import (GstMiniObject * memory, RyRgaImport * import,
    const struct stat *file)
{
  GstAllocator *allocator = GST_MEMORY_CAST (memory)->allocator;
  RyRgaImport *other, *old = NULL;

  GST_OBJECT_LOCK (allocator);
  other = find_import (memory, ry_rga_import_get_rga (import));
  if (!other) {
    old = gst_mini_object_steal_qdata (memory, import_quark ());
    gst_mini_object_set_qdata (memory, import_quark (),
        ry_rga_import_ref (import), (GDestroyNotify) ry_rga_import_unref);
  }
  GST_OBJECT_UNLOCK (allocator);
  if (file && !other && !old && ry_rga_import_is_usable (import))
    gst_rknn_yolo_recycled_note (allocator, file, import);
  if (old)
    ry_rga_import_unref (old);
  if (!other)
    return import;
  ry_rga_import_unref (import);
  return other;
}

/* Several elements may have the same memory at the same time.  The lock is that
 * of the allocator: who wants the memory for its import has it in common.  The
 * driver is not called under it. */
RyRgaImport *
gst_rknn_yolo_import (RyImage * image, RyRga * rga)
{
  GstMiniObject *memory = image->memory[0];
  GstAllocator *allocator = GST_MEMORY_CAST (memory)->allocator;
  RyRgaImport *import;
  gboolean identified;
  struct stat file;

  GST_OBJECT_LOCK (allocator);
  import = find_import (memory, rga);
  GST_OBJECT_UNLOCK (allocator);
  if (import)
    return import;

  identified = gst_rknn_yolo_recycled_identify (image->fd[0], &file);
  if (identified)
    import = gst_rknn_yolo_recycled_find (allocator, &file, rga);
  if (!import) {
    import = ry_rga_import_new (rga, image->fd[0], image->fd_size[0]);
    if (gst_rknn_yolo_exporter_flushes_on_import (memory, image->fd[0]))
      return import;
  }
  return keep_import (memory, import, identified ? &file : NULL);
}
