/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dmabuftest.h"

#include <dlfcn.h>
#include <gst/allocators/gstdmabuf.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

GstMemory *
dmabuf_memory_new (gsize size)
{
  g_autoptr (GstAllocator) allocator = gst_dmabuf_allocator_new ();
  int fd = memfd_create ("frame", MFD_CLOEXEC);

  fail_unless (fd >= 0 && ftruncate (fd, size) == 0);
  return gst_dmabuf_allocator_alloc (allocator, fd, size);
}

/* The layout of a frame of which info is a part. */
static void
lay_out (const GstVideoInfo * info, const DmabufLayout * layout,
    GstVideoInfo * whole)
{
  gsize offset = 0;
  guint align = MAX (layout->align, 1);

  gst_video_info_set_format (whole, GST_VIDEO_INFO_FORMAT (info),
      GST_VIDEO_INFO_WIDTH (info) + layout->x,
      GST_VIDEO_INFO_HEIGHT (info) + layout->y);
  for (guint i = 0; i < GST_VIDEO_INFO_N_PLANES (whole); i++) {
    gint c[GST_VIDEO_MAX_COMPONENTS];

    gst_video_format_info_component (whole->finfo, i, c);
    whole->stride[i] = (whole->stride[0] + align - 1) / align * align;
    whole->offset[i] = offset;
    offset += (gsize) whole->stride[i]
        * GST_VIDEO_INFO_COMP_HEIGHT (whole, c[0]);
  }
  whole->size = offset;
}

static void
fill (GstMemory * memory, GstSample * picture, const GstVideoInfo * info,
    const GstVideoInfo * whole, const DmabufLayout * layout)
{
  guint8 *data = mmap (NULL, whole->size, PROT_READ | PROT_WRITE, MAP_SHARED,
      gst_dmabuf_memory_get_fd (memory), 0);
  GstVideoFrame frame;

  fail_unless (data != MAP_FAILED);
  memset (data, 0x55, whole->size);
  fail_unless (gst_video_frame_map (&frame, info,
          gst_sample_get_buffer (picture), GST_MAP_READ));
  for (guint i = 0; i < GST_VIDEO_INFO_N_PLANES (info); i++) {
    gint c[GST_VIDEO_MAX_COMPONENTS];
    guint8 *row = data + whole->offset[i];
    gsize bytes;

    gst_video_format_info_component (info->finfo, i, c);
    bytes = GST_VIDEO_INFO_COMP_WIDTH (info, c[0])
        * GST_VIDEO_INFO_COMP_PSTRIDE (info, c[0]);
    row += (gsize) (layout->y >> GST_VIDEO_FORMAT_INFO_H_SUB (info->finfo,
            c[0])) * whole->stride[i]
        + (layout->x >> GST_VIDEO_FORMAT_INFO_W_SUB (info->finfo, c[0]))
        * GST_VIDEO_INFO_COMP_PSTRIDE (info, c[0]);
    for (gint y = 0; y < GST_VIDEO_INFO_COMP_HEIGHT (info, c[0]); y++)
      memcpy (row + (gsize) y * whole->stride[i],
          (guint8 *) GST_VIDEO_FRAME_PLANE_DATA (&frame, i)
          + (gsize) y * GST_VIDEO_FRAME_PLANE_STRIDE (&frame, i), bytes);
  }
  gst_video_frame_unmap (&frame);
  munmap (data, whole->size);
}

GstBuffer *
dmabuf_frame_new (GstSample * picture, const DmabufLayout * layout)
{
  GstBuffer *buffer = gst_buffer_new ();
  GstVideoInfo info, whole;
  GstVideoCropMeta *crop;
  GstMemory *memory;

  fail_unless (gst_video_info_from_caps (&info, gst_sample_get_caps (picture)));
  lay_out (&info, layout, &whole);
  memory = dmabuf_memory_new (whole.size);
  fill (memory, picture, &info, &whole, layout);
  gst_buffer_append_memory (buffer, memory);
  gst_buffer_add_video_meta_full (buffer, GST_VIDEO_FRAME_FLAG_NONE,
      GST_VIDEO_INFO_FORMAT (&whole), GST_VIDEO_INFO_WIDTH (&whole),
      GST_VIDEO_INFO_HEIGHT (&whole), GST_VIDEO_INFO_N_PLANES (&whole),
      whole.offset, whole.stride);
  if (layout->x > 0 || layout->y > 0) {
    crop = gst_buffer_add_video_crop_meta (buffer);
    crop->x = layout->x;
    crop->y = layout->y;
    crop->width = GST_VIDEO_INFO_WIDTH (&info);
    crop->height = GST_VIDEO_INFO_HEIGHT (&info);
  }
  return buffer;
}

guint
count_fds (void)
{
  g_autoptr (GDir) folder = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  while (g_dir_read_name (folder))
    n++;
  return n;
}

void
rga_standin_load (RgaStandin * self)
{
  gpointer library = dlopen (g_getenv ("RKNNYOLO_RGA"), RTLD_NOW | RTLD_LOCAL);

  if (library == NULL)          /* there are no tests yet that could fail */
    g_error ("%s", dlerror ());
  self->get_counters = (void (*)(rga_standin_counters *))
      dlsym (library, "rga_standin_get_counters");
  self->reset_counters = (void (*)(void)) dlsym (library,
      "rga_standin_reset_counters");
}
