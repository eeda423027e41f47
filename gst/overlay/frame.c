/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "frame.h"

#include <string.h>

#include <gst/allocators/gstdmabuf.h>

#include "gstrknnyolocaps.h"

struct _RyFramePool
{
  GstBufferPool *pool;
  GstVideoInfo info;
  gboolean dma_bufs;            /* the caps promise them */
};

/* Narrows frame to the picture. */
static gboolean
crop_frame (GstVideoFrame * frame, const GstVideoInfo * info)
{
  const GstVideoFormatInfo *finfo = frame->info.finfo;
  const GstVideoCropMeta *crop = gst_buffer_get_video_crop_meta (frame->buffer);
  guint x = 0, y = 0, c;
  guint8 *begin[GST_VIDEO_MAX_PLANES];

  if (crop != NULL) {
    x = crop->x;
    y = crop->y;
  }
  if (x > GST_VIDEO_FRAME_WIDTH (frame) || y > GST_VIDEO_FRAME_HEIGHT (frame)
      || GST_VIDEO_FRAME_WIDTH (frame) - x < GST_VIDEO_INFO_WIDTH (info)
      || GST_VIDEO_FRAME_HEIGHT (frame) - y < GST_VIDEO_INFO_HEIGHT (info))
    return FALSE;

  /* Components of one plane lead to the same place, so each may set it. */
  memcpy (begin, frame->data, sizeof (begin));
  for (c = 0; c < GST_VIDEO_FRAME_N_COMPONENTS (frame); c++) {
    guint plane = GST_VIDEO_FORMAT_INFO_PLANE (finfo, c);

    frame->data[plane] = begin[plane]
        + (gsize) (y >> GST_VIDEO_FORMAT_INFO_H_SUB (finfo, c))
        * GST_VIDEO_FRAME_PLANE_STRIDE (frame, plane)
        + (gsize) (x >> GST_VIDEO_FORMAT_INFO_W_SUB (finfo, c))
        * GST_VIDEO_FORMAT_INFO_PSTRIDE (finfo, c);
  }
  frame->info.width = GST_VIDEO_INFO_WIDTH (info);
  frame->info.height = GST_VIDEO_INFO_HEIGHT (info);
  return TRUE;
}

/* As gst_video_frame_map does it, which insists that the meta calls the format
 * as info does. */
static gboolean
map_planes (GstVideoFrame * frame, const GstVideoInfo * info,
    GstBuffer * buffer, GstVideoMeta * meta, GstMapFlags flags)
{
  guint i;

  memset (frame, 0, sizeof (*frame));
  frame->info = *info;
  frame->info.width = meta->width;
  frame->info.height = meta->height;
  frame->buffer = buffer;
  frame->meta = meta;
  for (i = 0; i < meta->n_planes; i++) {
    if (!gst_video_meta_map (meta, i, &frame->map[i], &frame->data[i],
            &frame->info.stride[i], flags))
      break;
  }
  if (i == meta->n_planes)
    return TRUE;
  while (i-- > 0)
    gst_video_meta_unmap (meta, i, &frame->map[i]);
  return FALSE;
}

static gboolean
map_frame (GstVideoFrame * frame, const GstVideoInfo * info,
    GstBuffer * buffer, GstMapFlags flags)
{
  GstVideoMeta *meta = gst_buffer_get_video_meta (buffer);

  if (meta == NULL || meta->format == GST_VIDEO_INFO_FORMAT (info))
    return gst_video_frame_map (frame, info, buffer, flags);
  return gst_rknn_yolo_meta_has_format (meta, GST_VIDEO_INFO_FORMAT (info))
      && map_planes (frame, info, buffer, meta, flags);
}

gboolean
ry_frame_map (GstVideoFrame * frame, const GstVideoInfo * info,
    GstBuffer * buffer, GstMapFlags flags)
{
  if (!map_frame (frame, info, buffer, flags | GST_VIDEO_FRAME_MAP_FLAG_NO_REF))
    return FALSE;

  if (!crop_frame (frame, info)) {
    gst_video_frame_unmap (frame);
    return FALSE;
  }
  return TRUE;
}

void
ry_frame_unmap (GstVideoFrame * frame)
{
  gst_video_frame_unmap (frame);
}

static gboolean
configure_pool (GstBufferPool * pool, GstCaps * caps, guint size,
    GstAllocator * allocator, const GstAllocationParams * params,
    gboolean with_meta)
{
  GstStructure *config = gst_buffer_pool_get_config (pool);

  gst_buffer_pool_config_set_params (config, caps, size, 0, 0);
  gst_buffer_pool_config_set_allocator (config, allocator, params);
  if (with_meta && gst_buffer_pool_has_option (pool,
          GST_BUFFER_POOL_OPTION_VIDEO_META))
    gst_buffer_pool_config_add_option (config,
        GST_BUFFER_POOL_OPTION_VIDEO_META);
  return gst_buffer_pool_set_config (pool, config)
      && gst_buffer_pool_set_active (pool, TRUE);
}

/* Downstream's pool, active, or NULL.  One with a limit is left alone: upstream
 * may hold all of its buffers while it waits for this element. */
static GstBufferPool *
take_offered_pool (GstQuery * query, GstCaps * caps,
    const GstVideoInfo * info, gboolean with_meta)
{
  GstAllocationParams params;
  GstAllocator *allocator = NULL;
  GstBufferPool *pool = NULL;
  guint size, min, max;

  gst_allocation_params_init (&params);
  if (gst_query_get_n_allocation_params (query) > 0)
    gst_query_parse_nth_allocation_param (query, 0, &allocator, &params);
  if (gst_query_get_n_allocation_pools (query) > 0)
    gst_query_parse_nth_allocation_pool (query, 0, &pool, &size, &min, &max);

  if (pool != NULL && (max != 0 || gst_buffer_pool_is_active (pool)
          || !configure_pool (pool, caps,
              MAX (size, GST_VIDEO_INFO_SIZE (info)), allocator, &params,
              with_meta)))
    gst_clear_object (&pool);
  gst_clear_object (&allocator);
  return pool;
}

static GstBufferPool *
make_pool (GstQuery * query, GstCaps * caps, const GstVideoInfo * info,
    gboolean with_meta)
{
  GstAllocationParams params;
  GstAllocator *allocator = NULL;
  GstBufferPool *pool = gst_video_buffer_pool_new ();

  gst_allocation_params_init (&params);
  if (gst_query_get_n_allocation_params (query) > 0)
    gst_query_parse_nth_allocation_param (query, 0, &allocator, &params);

  if (!configure_pool (pool, caps, GST_VIDEO_INFO_SIZE (info), allocator,
          &params, with_meta))
    gst_clear_object (&pool);
  gst_clear_object (&allocator);
  return pool;
}

gboolean
ry_frame_caps_want_dma_bufs (GstCaps * caps)
{
  return gst_caps_features_contains (gst_caps_get_features (caps, 0),
      GST_CAPS_FEATURE_MEMORY_DMABUF);
}

RyFramePool *
ry_frame_pool_new (GstPad * srcpad, GstCaps * caps, const GstVideoInfo * info)
{
  GstQuery *query = gst_query_new_allocation (caps, TRUE);
  GstBufferPool *pool = NULL;
  RyFramePool *self;
  gboolean with_meta = FALSE;

  /* Without an answer the query says nothing, which suits as well. */
  if (gst_pad_peer_query (srcpad, query)) {
    with_meta = gst_query_find_allocation_meta (query,
        GST_VIDEO_META_API_TYPE, NULL);
    pool = take_offered_pool (query, caps, info, with_meta);
  }
  if (pool == NULL && !ry_frame_caps_want_dma_bufs (caps))
    pool = make_pool (query, caps, info, with_meta);
  gst_query_unref (query);
  if (pool == NULL)
    return NULL;

  self = g_new0 (RyFramePool, 1);
  self->pool = pool;
  self->info = *info;
  self->dma_bufs = ry_frame_caps_want_dma_bufs (caps);
  return self;
}

void
ry_frame_pool_free (RyFramePool * self)
{
  if (self == NULL)
    return;

  gst_buffer_pool_set_active (self->pool, FALSE);
  gst_object_unref (self->pool);
  g_free (self);
}

static gboolean
copy_pixels (const RyFramePool * self, GstBuffer * from, GstBuffer * to)
{
  GstVideoFrame source, target;
  gboolean done;

  if (self->dma_bufs && !gst_is_dmabuf_memory (gst_buffer_peek_memory (to, 0)))
    return FALSE;
  if (!ry_frame_map (&source, &self->info, from, GST_MAP_READ))
    return FALSE;
  if (!ry_frame_map (&target, &self->info, to, GST_MAP_WRITE)) {
    ry_frame_unmap (&source);
    return FALSE;
  }

  done = gst_video_frame_copy (&target, &source);
  ry_frame_unmap (&target);
  ry_frame_unmap (&source);
  return done;
}

/* The copy is a frame of its own: no decoder refers to it, and it is no larger
 * than the picture. */
static void
copy_metadata (GstBuffer * from, GstBuffer * to)
{
  GstMeta *crop;

  /* DEEP: without the metas that keep the original's memory alive. */
  gst_buffer_copy_into (to, from, GST_BUFFER_COPY_FLAGS
      | GST_BUFFER_COPY_TIMESTAMPS | GST_BUFFER_COPY_META
      | GST_BUFFER_COPY_DEEP, 0, -1);
  GST_MINI_OBJECT_FLAG_UNSET (to, GST_MINI_OBJECT_FLAG_LOCKABLE);

  crop = (GstMeta *) gst_buffer_get_video_crop_meta (to);
  if (crop != NULL)
    gst_buffer_remove_meta (to, crop);
}

GstFlowReturn
ry_frame_pool_copy (RyFramePool * self, GstBuffer * buffer, GstBuffer ** copy)
{
  GstFlowReturn ret;

  ret = gst_buffer_pool_acquire_buffer (self->pool, copy, NULL);
  if (ret != GST_FLOW_OK)
    return ret;

  if (!copy_pixels (self, buffer, *copy)) {
    gst_clear_buffer (copy);
    return GST_FLOW_ERROR;
  }
  copy_metadata (buffer, *copy);
  return GST_FLOW_OK;
}
