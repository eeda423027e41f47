/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gstrknnyolorecycled.h"

/* More than the pools of decoders have. */
#define N_BUFFERS 64

typedef struct
{
  dev_t device;
  ino_t inode;
  off_t size;
  guint64 used;                 /* when; 0: never */
  RyRgaImport *import;          /* NULL: it came once */
} Buffer;

/* Those that came last.  Under the lock of the allocator, under which the
 * driver is not called. */
typedef struct
{
  Buffer buffers[N_BUFFERS];
  guint64 uses;
} Buffers;

static void
buffers_free (gpointer data)
{
  Buffers *self = data;

  for (guint i = 0; i < N_BUFFERS; i++)
    g_clear_pointer (&self->buffers[i].import, ry_rga_import_unref);
  g_free (self);
}

static Buffers *
get_buffers (GstAllocator * allocator, gboolean make)
{
  static gsize quark = 0;
  Buffers *self;

  if (g_once_init_enter (&quark))
    g_once_init_leave (&quark,
        g_quark_from_static_string ("rknnyolo-recycled-dma-bufs"));
  self = g_object_get_qdata (G_OBJECT (allocator), quark);
  if (!self && make) {
    self = g_new0 (Buffers, 1);
    g_object_set_qdata_full (G_OBJECT (allocator), quark, self, buffers_free);
  }
  return self;
}

static Buffer *
find_buffer (Buffers * self, const struct stat *file)
{
  for (guint i = 0; i < N_BUFFERS; i++) {
    Buffer *buffer = &self->buffers[i];

    if (buffer->used > 0 && buffer->inode == file->st_ino
        && buffer->device == file->st_dev)
      return buffer;
  }
  return NULL;
}

static Buffer *
find_oldest (Buffers * self)
{
  Buffer *oldest = &self->buffers[0];

  for (guint i = 1; i < N_BUFFERS; i++) {
    if (self->buffers[i].used < oldest->used)
      oldest = &self->buffers[i];
  }
  return oldest;
}

/* Since Linux 5.3 a dma-buf has an inode of its own, with the size of its
 * memory; before, all had one in common, with none.  The number is not given to
 * another one as long as an import keeps the dma-buf. */
gboolean
gst_rknn_yolo_recycled_identify (gint fd, struct stat *file)
{
  return fstat (fd, file) == 0 && file->st_size > 0;
}

RyRgaImport *
gst_rknn_yolo_recycled_find (GstAllocator * allocator,
    const struct stat *file, RyRga * rga)
{
  RyRgaImport *import = NULL;
  Buffers *self;
  Buffer *buffer;

  GST_OBJECT_LOCK (allocator);
  self = get_buffers (allocator, FALSE);
  buffer = self ? find_buffer (self, file) : NULL;
  if (buffer && buffer->import && ry_rga_import_get_rga (buffer->import) == rga) {
    buffer->used = ++self->uses;
    import = ry_rga_import_ref (buffer->import);
  }
  GST_OBJECT_UNLOCK (allocator);
  return import;
}

/* Those of other sizes are of the stream before this one.  Returns how many
 * are to be released. */
static guint
drop_others (Buffers * self, off_t size, RyRgaImport ** dropped)
{
  guint n = 0;

  for (guint i = 0; i < N_BUFFERS; i++) {
    if (self->buffers[i].import && self->buffers[i].size != size)
      dropped[n++] = g_steal_pointer (&self->buffers[i].import);
  }
  return n;
}

void
gst_rknn_yolo_recycled_note (GstAllocator * allocator,
    const struct stat *file, RyRgaImport * import)
{
  RyRgaImport *dropped[N_BUFFERS + 1];
  guint n = 0;
  Buffers *self;
  Buffer *buffer;
  gboolean again;

  GST_OBJECT_LOCK (allocator);
  self = get_buffers (allocator, TRUE);
  buffer = find_buffer (self, file);
  again = buffer != NULL;
  if (!buffer)
    buffer = find_oldest (self);
  if (buffer->import)
    dropped[n++] = g_steal_pointer (&buffer->import);
  if (again) {
    n += drop_others (self, file->st_size, dropped + n);
    buffer->import = ry_rga_import_ref (import);
  }
  buffer->device = file->st_dev;
  buffer->inode = file->st_ino;
  buffer->size = file->st_size;
  buffer->used = ++self->uses;
  GST_OBJECT_UNLOCK (allocator);
  for (guint i = 0; i < n; i++)
    ry_rga_import_unref (dropped[i]);
}
