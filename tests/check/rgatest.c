/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "rgatest.h"

#include <dlfcn.h>
#include <string.h>

#include "fakedmabuf.h"

/* The layout of a frame of which info is a part. */
static void
lay_out (const GstVideoInfo * info, const RgaTestLayout * layout,
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
fill (guint8 * data, GstSample * picture, const GstVideoInfo * info,
    const GstVideoInfo * whole, const RgaTestLayout * layout)
{
  GstVideoFrame frame;

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
}

GstBuffer *
rga_test_frame_new (GstSample * picture, const RgaTestLayout * layout)
{
  GstBuffer *buffer = gst_buffer_new ();
  GstVideoInfo info, whole;
  GstVideoCropMeta *crop;
  g_autofree guint8 *data = NULL;

  fail_unless (gst_video_info_from_caps (&info, gst_sample_get_caps (picture)));
  lay_out (&info, layout, &whole);
  data = g_malloc0 (whole.size);
  fill (data, picture, &info, &whole, layout);
  gst_buffer_append_memory (buffer, fake_dma_buf_new (data, whole.size));
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

void
rga_standin_load (RgaStandin * self)
{
  const gchar *path = g_getenv ("RKNNYOLO_RGA");
  gpointer library = dlopen (path ? path : "", RTLD_NOW | RTLD_LOCAL);

  if (library == NULL)          /* there are no tests yet that could fail */
    g_error ("%s", dlerror ());
  self->get_counters = (void (*)(rga_standin_counters *))
      dlsym (library, "rga_standin_get_counters");
  self->reset_counters = (void (*)(void)) dlsym (library,
      "rga_standin_reset_counters");
}
