/* SPDX-License-Identifier: LGPL-2.1-or-later */

/**
 * SECTION:element-rknnyolooverlay
 * @title: rknnyolooverlay
 * @see_also: rknnyolo, objectdetectionoverlay
 *
 * Draws the boxes and labels of all detections on a frame: those of rknnyolo,
 * and those of every other element that describes what it found as
 * #GstVideoRegionOfInterestMeta. What rknnyolo adds for models that find more
 * is drawn, too: masks as a tint, keypoints with their limbs, rotated boxes as
 * they lie.
 *
 * It draws straight into the planes of the frame, in the format the frame is
 * in, so the cost follows the pixels that are painted and not the size of the
 * picture. No conversion to RGB is needed before or after it.
 *
 * A class keeps its colour in every run: the colour is made from the label.
 *
 * Frames without anything to draw pass as they are. Others are painted in
 * place where their memory is nobody else's, and are copied first where
 * another branch of a `tee` holds them or where the decoder that put them out
 * may still predict from them (see #rknnyolooverlay:copy).
 *
 * With #rknnyolooverlay:hud a board in the top-left corner shows the number of
 * the frame, the frames per second by the clock, the NPU cores in use, the
 * objects in the frame, and whether any frame was skipped so far.
 *
 * ## Example launch lines
 *
 * |[
 * gst-launch-1.0 v4l2src ! rknnyolo model=yolo11n.rknn ! rknnyolooverlay hud=true ! videoconvert ! autovideosink
 * ]| What the camera sees, with what the model sees in it.
 *
 * |[
 * gst-launch-1.0 filesrc location=street.mp4 ! qtdemux ! h264parse ! mppvideodec ! rknnyolo model=yolo11n.rknn ! rknnyolooverlay ! mpph264enc ! h264parse ! mp4mux ! filesink location=boxes.mp4
 * ]| From file to file on a Rockchip board; frames stay NV12 all the way.
 *
 * |[
 * gst-launch-1.0 filesrc location=bus.jpg ! jpegdec ! rknnyolo model=yolo11n.onnx ! rknnyolooverlay font="Sans Bold 20px" line-width=4 ! jpegenc ! filesink location=boxes.jpg
 * ]| One picture, on a machine without an NPU.
 *
 * |[
 * gst-launch-1.0 videotestsrc ! rknnyolooverlay hud=true ! videoconvert ! autovideosink
 * ]| The board alone, without any model.
 *
 * Since: 0.1
 */

#include "gstrknnyolooverlay.h"

#include <string.h>

#include <gst/video/video.h>

#include "gstrknnyolocaps.h"
#include "overlay/boxes.h"
#include "overlay/frame.h"
#include "overlay/hud.h"

GST_DEBUG_CATEGORY_STATIC (gst_rknnyolo_overlay_debug);
#define GST_CAT_DEFAULT gst_rknnyolo_overlay_debug

#define DEFAULT_LINE_WIDTH 0
#define DEFAULT_FONT "Sans Bold"
#define DEFAULT_DRAW_LABELS TRUE
#define DEFAULT_DRAW_SCORES TRUE
#define DEFAULT_DRAW_MASKS TRUE
#define DEFAULT_DRAW_KEYPOINTS TRUE
#define DEFAULT_HUD FALSE
#define DEFAULT_KEEP_BOXES 500
#define DEFAULT_COPY GST_RKNNYOLO_OVERLAY_COPY_AUTO

/* 8-bit formats whose rows are plain; see overlay/canvas.h. */
#define FORMATS "{ NV12, NV21, NV16, NV61, NV24, I420, YV12, Y42B, Y444, " \
    "YUY2, YVYU, UYVY, RGB, BGR, RGBx, BGRx, xRGB, xBGR, " \
    "RGBA, BGRA, ARGB, ABGR, GRAY8 }"
#define DRM_FORMATS "{ NV12, NV21, NV16, NV61, NV24, YU12, YV12, YU16, " \
    "YU24, YUYV, YVYU, UYVY, BG24, RG24, XB24, XR24, BX24, RX24, " \
    "AB24, AR24, BA24, RA24, \"R8  \" }"

enum
{
  PROP_0,
  PROP_LINE_WIDTH,
  PROP_FONT,
  PROP_DRAW_LABELS,
  PROP_DRAW_SCORES,
  PROP_DRAW_MASKS,
  PROP_DRAW_KEYPOINTS,
  PROP_HUD,
  PROP_KEEP_BOXES,
  PROP_COPY,
};

/* The properties as one frame sees them. */
typedef struct
{
  guint line_width;
  gboolean draw_labels, draw_scores, draw_masks, draw_keypoints;
  gboolean hud;
  guint keep_boxes;             /* ms */
  GstRknnyoloOverlayCopy copy;
} Settings;

struct _GstRknnyoloOverlay
{
  GstBaseTransform parent;

  /* under the object lock */
  Settings settings;
  gchar *font;
  gboolean font_changed;

  /* of the streaming thread */
  Settings now;                 /* for the frame at hand */
  GstVideoInfo info;
  GstCaps *caps;
  RyFramePool *pool;            /* made when the first copy is due */
  RyTextCache *text;            /* made when the first text is due */

  RyShown shown;
  GstClockTime shown_at;        /* running time, or none */
  gint64 shown_at_clock;        /* µs, monotonic */

  RyRateMeter meter;
  RyHud board;
  RyHudData board_data;
  guint64 n_frames;
};

#define gst_rknnyolo_overlay_parent_class parent_class
G_DEFINE_TYPE_WITH_CODE (GstRknnyoloOverlay, gst_rknnyolo_overlay,
    GST_TYPE_BASE_TRANSFORM,
    GST_DEBUG_CATEGORY_INIT (gst_rknnyolo_overlay_debug, "rknnyolooverlay", 0,
        "boxes and labels of detections"));
GST_ELEMENT_REGISTER_DEFINE (rknnyolooverlay, "rknnyolooverlay",
    GST_RANK_NONE, GST_TYPE_RKNNYOLO_OVERLAY);

/* The CPU paints, so plain caps come first. */
#define CAPS GST_RKNN_YOLO_CAPS_PLAIN (FORMATS) "; " \
    GST_RKNN_YOLO_CAPS_DMABUF (FORMATS, DRM_FORMATS)

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS (CAPS));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS (CAPS));

#define GST_TYPE_RKNNYOLO_OVERLAY_COPY (gst_rknnyolo_overlay_copy_get_type ())
static GType
gst_rknnyolo_overlay_copy_get_type (void)
{
  static const GEnumValue values[] = {
    {GST_RKNNYOLO_OVERLAY_COPY_AUTO,
        "Frames that are shared, or that a decoder may still read", "auto"},
    {GST_RKNNYOLO_OVERLAY_COPY_SHARED,
          "Only frames that are shared within the pipeline; for decoders that "
          "are known to be done with a frame when they put it out",
        "shared"},
    {GST_RKNNYOLO_OVERLAY_COPY_ALWAYS, "Every frame something is drawn on",
        "always"},
    {0, NULL, NULL}
  };
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type,
        g_enum_register_static ("GstRknnyoloOverlayCopy", values));
  return type;
}

static void
gst_rknnyolo_overlay_forget (GstRknnyoloOverlay * self)
{
  ry_shown_forget (&self->shown);
  self->shown_at = GST_CLOCK_TIME_NONE;
  self->shown_at_clock = 0;
}

/* What depends on the caps, and is made again when it is needed. */
static void
gst_rknnyolo_overlay_release (GstRknnyoloOverlay * self)
{
  g_clear_pointer (&self->pool, ry_frame_pool_free);
  g_clear_pointer (&self->text, ry_text_cache_free);
  self->board.width = 0;
}

static gboolean
gst_rknnyolo_overlay_start (GstBaseTransform * trans)
{
  GstRknnyoloOverlay *self = GST_RKNNYOLO_OVERLAY (trans);

  gst_rknnyolo_overlay_forget (self);
  memset (&self->meter, 0, sizeof (self->meter));
  self->n_frames = 0;
  return TRUE;
}

static gboolean
gst_rknnyolo_overlay_stop (GstBaseTransform * trans)
{
  GstRknnyoloOverlay *self = GST_RKNNYOLO_OVERLAY (trans);

  gst_rknnyolo_overlay_release (self);
  gst_rknnyolo_overlay_forget (self);
  gst_clear_caps (&self->caps);
  return TRUE;
}

static gboolean
gst_rknnyolo_overlay_takes (GstRknnyoloOverlay * self,
    const GstVideoInfo * info)
{
  GstPad *pad = GST_BASE_TRANSFORM_SINK_PAD (self);
  g_autoptr (GstCaps) plain = gst_video_info_to_caps (info);

  return gst_caps_is_subset (plain, GST_PAD_TEMPLATE_CAPS
      (GST_PAD_PAD_TEMPLATE (pad))) && ry_canvas_supports (info->finfo);
}

/* FALSE after posting why the overlay cannot draw on such frames. */
static gboolean
gst_rknnyolo_overlay_read_caps (GstRknnyoloOverlay * self, GstCaps * caps,
    GstVideoInfo * info)
{
  g_autoptr (GError) error = NULL;

  if (gst_rknn_yolo_caps_parse (caps, info, &error)) {
    if (gst_rknnyolo_overlay_takes (self, info))
      return TRUE;
    gst_rknn_yolo_caps_refuse_format (GST_VIDEO_INFO_NAME (info), &error);
  }
  GST_ELEMENT_ERROR (self, STREAM, FORMAT, ("%s", error->message),
      ("caps: %" GST_PTR_FORMAT, caps));
  return FALSE;
}

static gboolean
gst_rknnyolo_overlay_set_caps (GstBaseTransform * trans, GstCaps * incaps,
    GstCaps * outcaps)
{
  GstRknnyoloOverlay *self = GST_RKNNYOLO_OVERLAY (trans);
  GstVideoInfo info;

  if (!gst_rknnyolo_overlay_read_caps (self, incaps, &info))
    return FALSE;

  gst_rknnyolo_overlay_release (self);
  gst_rknnyolo_overlay_forget (self);
  self->info = info;
  gst_caps_replace (&self->caps, incaps);
  return TRUE;
}

static gboolean
gst_rknnyolo_overlay_sink_event (GstBaseTransform * trans, GstEvent * event)
{
  GstRknnyoloOverlay *self = GST_RKNNYOLO_OVERLAY (trans);

  g_autoptr (GstCaps) caps = NULL;
  GstVideoInfo info;

  /* Boxes of before a seek have no place after it. */
  if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_STOP
      || GST_EVENT_TYPE (event) == GST_EVENT_STREAM_START)
    gst_rknnyolo_overlay_forget (self);

  /* The base class would refuse what does not fit the template, without a
   * word that users understand. */
  if (GST_EVENT_TYPE (event) == GST_EVENT_CAPS) {
    const guint32 seqnum = gst_event_get_seqnum (event);

    gst_event_parse_caps (event, &caps);
    caps = gst_rknn_yolo_caps_normalize (gst_caps_ref (caps));
    gst_event_unref (event);
    if (!gst_rknnyolo_overlay_read_caps (self, caps, &info))
      return FALSE;
    event = gst_event_new_caps (caps);
    gst_event_set_seqnum (event, seqnum);
  }

  return GST_BASE_TRANSFORM_CLASS (parent_class)->sink_event (trans, event);
}

static gboolean
gst_rknnyolo_overlay_query (GstBaseTransform * trans, GstPadDirection direction,
    GstQuery * query)
{
  gboolean answer = GST_BASE_TRANSFORM_CLASS (parent_class)->query (trans,
      direction, query);

  if (answer && direction == GST_PAD_SINK)
    gst_rknn_yolo_caps_let_misfits_come (query, GST_PAD_TEMPLATE_CAPS
        (GST_PAD_PAD_TEMPLATE (GST_BASE_TRANSFORM_SINK_PAD (trans))));
  return answer;
}

/* Rows may lie as upstream likes. */
static gboolean
gst_rknnyolo_overlay_propose_allocation (GstBaseTransform * trans,
    GstQuery * decide_query, GstQuery * query)
{
  if (!GST_BASE_TRANSFORM_CLASS (parent_class)->propose_allocation (trans,
          decide_query, query))
    return FALSE;
  if (!gst_query_find_allocation_meta (query, GST_VIDEO_META_API_TYPE, NULL))
    gst_query_add_allocation_meta (query, GST_VIDEO_META_API_TYPE, NULL);
  return TRUE;
}

/* Takes the properties once for the whole frame, and the font with them. */
static void
gst_rknnyolo_overlay_before_transform (GstBaseTransform * trans,
    GstBuffer * buffer)
{
  GstRknnyoloOverlay *self = GST_RKNNYOLO_OVERLAY (trans);
  GstClockTime time = gst_segment_to_stream_time (&trans->segment,
      GST_FORMAT_TIME, GST_BUFFER_PTS (buffer));

  if (GST_CLOCK_TIME_IS_VALID (time))
    gst_object_sync_values (GST_OBJECT (self), time);

  GST_OBJECT_LOCK (self);
  self->now = self->settings;
  if (self->font_changed) {
    g_clear_pointer (&self->text, ry_text_cache_free);
    self->board.width = 0;
    self->font_changed = FALSE;
  }
  GST_OBJECT_UNLOCK (self);
}

static gboolean
gst_rknnyolo_overlay_is_outdated (GstRknnyoloOverlay * self,
    GstClockTime running_time)
{
  const GstClockTime limit = self->now.keep_boxes * GST_MSECOND;

  if (limit == 0)
    return TRUE;
  if (GST_CLOCK_TIME_IS_VALID (running_time)
      && GST_CLOCK_TIME_IS_VALID (self->shown_at))
    return running_time < self->shown_at
        || running_time - self->shown_at > limit;

  return (g_get_monotonic_time () - self->shown_at_clock) * GST_USECOND > limit;
}

/* Brings self->shown up to date.  Only a frame that rknnyolo let pass without
 * looking at it keeps the boxes of an earlier one; a frame with an empty
 * result, or with no word from anybody, clears them. */
static void
gst_rknnyolo_overlay_collect (GstRknnyoloOverlay * self, GstBuffer * buffer,
    const RknnyoloFrameInfo * frame)
{
  GstClockTime running_time =
      gst_segment_to_running_time (&GST_BASE_TRANSFORM (self)->segment,
      GST_FORMAT_TIME, GST_BUFFER_PTS (buffer));

  if (frame != NULL && !frame->inferred
      && rknnyolo_buffer_count_detections (buffer) == 0) {
    if (gst_rknnyolo_overlay_is_outdated (self, running_time))
      gst_rknnyolo_overlay_forget (self);
    return;
  }

  ry_shown_take (&self->shown, buffer);
  self->shown_at = running_time;
  self->shown_at_clock = g_get_monotonic_time ();
}

static void
gst_rknnyolo_overlay_update_board (GstRknnyoloOverlay * self,
    const RknnyoloFrameInfo * frame)
{
  RyHudData *data = &self->board_data;

  ry_rate_meter_count (&self->meter, g_get_monotonic_time ());

  memset (data, 0, sizeof (*data));
  data->frame = self->n_frames++;
  data->rate = self->meter.rate;
  data->objects = self->shown.objects->len;
  if (frame != NULL) {
    data->frame = frame->frame;
    data->cores = frame->cores;
    data->knows_skipped = TRUE;
    data->skipped = frame->skipped;
  }
}

/* Whether the pixels may change without anybody else noticing.
 *
 * A buffer that can be made writable says nothing of that, because its copy
 * refers to the same memory; so the memory is asked, which counts the buffers
 * it is in.  Decoders that go on predicting from what they put out do so
 * without any count: those of Rockchip's MPP mark their buffers LOCKABLE (in
 * order to have make_writable() leave them alone). */
static gboolean
gst_rknnyolo_overlay_owns_pixels (GstRknnyoloOverlay * self, GstBuffer * buffer)
{
  guint i;

  if (self->now.copy == GST_RKNNYOLO_OVERLAY_COPY_ALWAYS)
    return FALSE;
  if (GST_MINI_OBJECT_FLAG_IS_SET (buffer, GST_MINI_OBJECT_FLAG_LOCKABLE)
      && self->now.copy != GST_RKNNYOLO_OVERLAY_COPY_SHARED)
    return FALSE;
  if (GST_MINI_OBJECT_REFCOUNT_VALUE (buffer) != 1
      || !gst_buffer_is_writable (buffer))
    return FALSE;

  for (i = 0; i < gst_buffer_n_memory (buffer); i++) {
    GstMemory *memory = gst_buffer_peek_memory (buffer, i);

    if (!gst_memory_is_writable (memory) || GST_MEMORY_IS_READONLY (memory))
      return FALSE;
  }
  return TRUE;
}

static gboolean
gst_rknnyolo_overlay_ensure_pool (GstRknnyoloOverlay * self)
{
  if (self->pool == NULL)
    self->pool = ry_frame_pool_new (GST_BASE_TRANSFORM_SRC_PAD (self),
        self->caps, &self->info);
  if (self->pool != NULL)
    return TRUE;

  if (ry_frame_caps_want_dma_bufs (self->caps))
    GST_ELEMENT_ERROR (self, RESOURCE, NOT_FOUND,
        ("A frame has to be copied before it is drawn on, because others use "
            "it too, and the caps ask for dma-bufs, of which downstream "
            "offers none. Put a caps filter \"video/x-raw,format=NV12\" in "
            "front of the overlay, or set copy=shared if only the decoder may "
            "still use the frame and is known not to."),
        ("caps: %" GST_PTR_FORMAT, self->caps));
  else
    GST_ELEMENT_ERROR (self, RESOURCE, NO_SPACE_LEFT,
        ("There is no memory for copies of the frames, which the overlay needs "
            "because others use the frames too. Free some memory, or choose a "
            "smaller format upstream."), ("caps: %" GST_PTR_FORMAT,
            self->caps));
  return FALSE;
}

static GstFlowReturn
gst_rknnyolo_overlay_copy_frame (GstRknnyoloOverlay * self,
    GstBuffer * inbuf, GstBuffer ** outbuf)
{
  GstFlowReturn ret;

  if (!gst_rknnyolo_overlay_ensure_pool (self))
    return GST_FLOW_ERROR;
  ret = ry_frame_pool_copy (self->pool, inbuf, outbuf);

  /* A pool of an element downstream is shut down when that element goes, and
   * another one may be in its place by now. */
  if (ret == GST_FLOW_FLUSHING) {
    g_clear_pointer (&self->pool, ry_frame_pool_free);
    if (!gst_rknnyolo_overlay_ensure_pool (self))
      return GST_FLOW_ERROR;
    ret = ry_frame_pool_copy (self->pool, inbuf, outbuf);
  }

  if (ret == GST_FLOW_ERROR)
    GST_ELEMENT_ERROR (self, RESOURCE, READ,
        ("A frame could not be copied, because its memory cannot be read by "
            "the CPU or is smaller than its caps say. Let upstream put out "
            "frames in system memory."),
        ("buffer: %" GST_PTR_FORMAT ", caps: %" GST_PTR_FORMAT, inbuf,
            self->caps));
  else
    GST_LOG_OBJECT (self, "copied the pixels of %" GST_PTR_FORMAT, inbuf);
  return ret;
}

/* Decides what the frame needs before it is drawn on.  The base class would
 * make a writable copy of every buffer; here one with nothing to draw stays
 * what it is, shared or not. */
static GstFlowReturn
gst_rknnyolo_overlay_prepare_output_buffer (GstBaseTransform * trans,
    GstBuffer * inbuf, GstBuffer ** outbuf)
{
  GstRknnyoloOverlay *self = GST_RKNNYOLO_OVERLAY (trans);
  RknnyoloFrameInfo info, *frame = &info;

  if (!rknnyolo_buffer_get_frame_info (inbuf, &info))
    frame = NULL;
  gst_rknnyolo_overlay_collect (self, inbuf, frame);
  gst_rknnyolo_overlay_update_board (self, frame);

  if ((self->shown.objects->len == 0 && !self->now.hud)
      || gst_rknnyolo_overlay_owns_pixels (self, inbuf)) {
    *outbuf = inbuf;
    return GST_FLOW_OK;
  }
  return gst_rknnyolo_overlay_copy_frame (self, inbuf, outbuf);
}

static void
gst_rknnyolo_overlay_ensure_text (GstRknnyoloOverlay * self)
{
  const gint width = GST_VIDEO_INFO_WIDTH (&self->info);
  const gint height = GST_VIDEO_INFO_HEIGHT (&self->info);
  gchar *font;

  if (self->text != NULL)
    return;

  GST_OBJECT_LOCK (self);
  font = g_strdup (self->font);
  GST_OBJECT_UNLOCK (self);
  self->text = ry_text_cache_new (font, ry_auto_font_size (width, height),
      width);
  g_free (font);
}

static void
gst_rknnyolo_overlay_draw (GstRknnyoloOverlay * self, GstVideoFrame * frame)
{
  RyBoxStyle style = {
    self->now.line_width, self->now.draw_labels, self->now.draw_scores,
    self->now.draw_masks, self->now.draw_keypoints
  };
  RyCanvas canvas;

  ry_canvas_init (&canvas, frame);
  if (style.line_width == 0)
    style.line_width = ry_auto_line_width (canvas.width, canvas.height);
  if (style.labels || style.scores || self->now.hud)
    gst_rknnyolo_overlay_ensure_text (self);

  ry_boxes_draw (&canvas, &self->info, self->text, &self->shown, &style);
  if (self->now.hud)
    ry_hud_draw (&self->board, &canvas, &self->info, self->text,
        &self->board_data);
}

static GstFlowReturn
gst_rknnyolo_overlay_transform_ip (GstBaseTransform * trans, GstBuffer * buffer)
{
  GstRknnyoloOverlay *self = GST_RKNNYOLO_OVERLAY (trans);
  GstVideoFrame frame;

  if (self->shown.objects->len == 0 && !self->now.hud)
    return GST_FLOW_OK;

  if (!ry_frame_map (&frame, &self->info, buffer, GST_MAP_READWRITE)) {
    GST_ELEMENT_ERROR (self, RESOURCE, WRITE,
        ("A frame could not be drawn on, because its memory cannot be "
            "accessed by the CPU or is smaller than its caps say. Let "
            "upstream put out frames in system memory."),
        ("buffer: %" GST_PTR_FORMAT ", caps: %" GST_PTR_FORMAT, buffer,
            self->caps));
    return GST_FLOW_ERROR;
  }

  gst_rknnyolo_overlay_draw (self, &frame);
  ry_frame_unmap (&frame);
  return GST_FLOW_OK;
}

static void
gst_rknnyolo_overlay_set_property (GObject * object, guint id,
    const GValue * value, GParamSpec * pspec)
{
  GstRknnyoloOverlay *self = GST_RKNNYOLO_OVERLAY (object);
  Settings *settings = &self->settings;

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_LINE_WIDTH:
      settings->line_width = g_value_get_uint (value);
      break;
    case PROP_FONT:
      g_free (self->font);
      self->font = g_value_dup_string (value);
      if (self->font == NULL)
        self->font = g_strdup (DEFAULT_FONT);
      self->font_changed = TRUE;
      break;
    case PROP_DRAW_LABELS:
      settings->draw_labels = g_value_get_boolean (value);
      break;
    case PROP_DRAW_SCORES:
      settings->draw_scores = g_value_get_boolean (value);
      break;
    case PROP_DRAW_MASKS:
      settings->draw_masks = g_value_get_boolean (value);
      break;
    case PROP_DRAW_KEYPOINTS:
      settings->draw_keypoints = g_value_get_boolean (value);
      break;
    case PROP_HUD:
      settings->hud = g_value_get_boolean (value);
      break;
    case PROP_KEEP_BOXES:
      settings->keep_boxes = g_value_get_uint (value);
      break;
    case PROP_COPY:
      settings->copy = g_value_get_enum (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
  GST_OBJECT_UNLOCK (self);
}

static void
gst_rknnyolo_overlay_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  GstRknnyoloOverlay *self = GST_RKNNYOLO_OVERLAY (object);
  const Settings *settings = &self->settings;

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_LINE_WIDTH:
      g_value_set_uint (value, settings->line_width);
      break;
    case PROP_FONT:
      g_value_set_string (value, self->font);
      break;
    case PROP_DRAW_LABELS:
      g_value_set_boolean (value, settings->draw_labels);
      break;
    case PROP_DRAW_SCORES:
      g_value_set_boolean (value, settings->draw_scores);
      break;
    case PROP_DRAW_MASKS:
      g_value_set_boolean (value, settings->draw_masks);
      break;
    case PROP_DRAW_KEYPOINTS:
      g_value_set_boolean (value, settings->draw_keypoints);
      break;
    case PROP_HUD:
      g_value_set_boolean (value, settings->hud);
      break;
    case PROP_KEEP_BOXES:
      g_value_set_uint (value, settings->keep_boxes);
      break;
    case PROP_COPY:
      g_value_set_enum (value, settings->copy);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
  GST_OBJECT_UNLOCK (self);
}

static void
gst_rknnyolo_overlay_finalize (GObject * object)
{
  GstRknnyoloOverlay *self = GST_RKNNYOLO_OVERLAY (object);

  g_free (self->font);
  ry_shown_clear (&self->shown);
  G_OBJECT_CLASS (parent_class)->finalize (object);
}

static void
gst_rknnyolo_overlay_install_properties (GObjectClass * klass)
{
  const GParamFlags live = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
      | GST_PARAM_CONTROLLABLE | GST_PARAM_MUTABLE_PLAYING;

  g_object_class_install_property (klass, PROP_LINE_WIDTH,
      g_param_spec_uint ("line-width", "Line width",
          "Width of the lines of a box in pixels, drawn inside it "
          "(0 = by the size of the frame)", 0, 256, DEFAULT_LINE_WIDTH, live));
  g_object_class_install_property (klass, PROP_FONT,
      g_param_spec_string ("font", "Font",
          "Pango description of the font, such as \"Sans Bold\" or "
          "\"Noto Sans CJK SC 20px\" (without a size: by the size of the "
          "frame)", DEFAULT_FONT, live & ~GST_PARAM_CONTROLLABLE));
  g_object_class_install_property (klass, PROP_DRAW_LABELS,
      g_param_spec_boolean ("draw-labels", "Draw labels",
          "Write the label of each detection above its box",
          DEFAULT_DRAW_LABELS, live));
  g_object_class_install_property (klass, PROP_DRAW_SCORES,
      g_param_spec_boolean ("draw-scores", "Draw scores",
          "Write the confidence of each detection, where it is known",
          DEFAULT_DRAW_SCORES, live));
  g_object_class_install_property (klass, PROP_DRAW_MASKS,
      g_param_spec_boolean ("draw-masks", "Draw masks",
          "Tint the pixels of each object, where the model tells them "
          "(segmentation)", DEFAULT_DRAW_MASKS, live));
  g_object_class_install_property (klass, PROP_DRAW_KEYPOINTS,
      g_param_spec_boolean ("draw-keypoints", "Draw keypoints",
          "Draw the keypoints of each object that are more likely there than "
          "not, with limbs where they are the 17 of COCO (pose)",
          DEFAULT_DRAW_KEYPOINTS, live));
  g_object_class_install_property (klass, PROP_HUD,
      g_param_spec_boolean ("hud", "HUD",
          "Show a board in the top-left corner: number of the frame, frames "
          "per second by the clock, NPU cores in use, objects in the frame, "
          "frames skipped so far", DEFAULT_HUD, live));
  g_object_class_install_property (klass, PROP_KEEP_BOXES,
      g_param_spec_uint ("keep-boxes", "Keep boxes",
          "How long frames without inference (skipped by interval or "
          "overload) go on showing the last boxes, in ms (0 = not at all); "
          "a frame in which nothing was found clears them at once",
          0, G_MAXUINT, DEFAULT_KEEP_BOXES, live));
  g_object_class_install_property (klass, PROP_COPY,
      g_param_spec_enum ("copy", "Copy",
          "Which frames are copied before they are drawn on",
          GST_TYPE_RKNNYOLO_OVERLAY_COPY, DEFAULT_COPY, live));
}

static void
gst_rknnyolo_overlay_class_init (GstRknnyoloOverlayClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseTransformClass *trans_class = GST_BASE_TRANSFORM_CLASS (klass);

  object_class->set_property = gst_rknnyolo_overlay_set_property;
  object_class->get_property = gst_rknnyolo_overlay_get_property;
  object_class->finalize = gst_rknnyolo_overlay_finalize;
  gst_rknnyolo_overlay_install_properties (object_class);

  gst_element_class_set_static_metadata (element_class,
      "Detection overlay", "Filter/Editor/Video",
      "Draws boxes, labels, masks and keypoints of detected objects straight "
      "into the frame", "The gst-rknnyolo authors");
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_type_mark_as_plugin_api (GST_TYPE_RKNNYOLO_OVERLAY_COPY, 0);

  trans_class->start = gst_rknnyolo_overlay_start;
  trans_class->stop = gst_rknnyolo_overlay_stop;
  trans_class->set_caps = gst_rknnyolo_overlay_set_caps;
  trans_class->sink_event = gst_rknnyolo_overlay_sink_event;
  trans_class->query = gst_rknnyolo_overlay_query;
  trans_class->propose_allocation = gst_rknnyolo_overlay_propose_allocation;
  trans_class->before_transform = gst_rknnyolo_overlay_before_transform;
  trans_class->prepare_output_buffer =
      gst_rknnyolo_overlay_prepare_output_buffer;
  trans_class->transform_ip = gst_rknnyolo_overlay_transform_ip;
}

static void
gst_rknnyolo_overlay_init (GstRknnyoloOverlay * self)
{
  self->settings.line_width = DEFAULT_LINE_WIDTH;
  self->settings.draw_labels = DEFAULT_DRAW_LABELS;
  self->settings.draw_scores = DEFAULT_DRAW_SCORES;
  self->settings.draw_masks = DEFAULT_DRAW_MASKS;
  self->settings.draw_keypoints = DEFAULT_DRAW_KEYPOINTS;
  self->settings.hud = DEFAULT_HUD;
  self->settings.keep_boxes = DEFAULT_KEEP_BOXES;
  self->settings.copy = DEFAULT_COPY;
  self->font = g_strdup (DEFAULT_FONT);
  ry_shown_init (&self->shown);
  gst_video_info_init (&self->info);
}
