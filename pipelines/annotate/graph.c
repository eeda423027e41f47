/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "graph.h"

/* The first that exists is taken: a Rockchip board's own, then what Debian
 * has.  Time is for the model here, not for small files: a fixed quantiser and
 * one thread take half the CPU time of x264's rate control with several. */
static const struct
{
  const gchar *name, *description;
} encoders[] = {
  {"mpph264enc", "mpph264enc"},
  {"x264enc",
      "x264enc speed-preset=ultrafast pass=quant quantizer=23 threads=1"},
  {"openh264enc", "openh264enc complexity=low rate-control=quality"},
};

/* Sound waits here for the pictures of its time: bytes are the only limit that
 * does not depend on how long a picture takes. */
#define SOUND_QUEUE \
  "queue max-size-time=0 max-size-buffers=0 max-size-bytes=33554432"

static gboolean
element_exists (const gchar * name)
{
  GstElementFactory *factory = gst_element_factory_find (name);

  if (factory == NULL)
    return FALSE;
  gst_object_unref (factory);
  return TRUE;
}

static const gchar *
choose_encoder (GError ** error)
{
  for (guint i = 0; i < G_N_ELEMENTS (encoders); i++) {
    if (element_exists (encoders[i].name))
      return encoders[i].description;
  }
  g_set_error (error, GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN,
      "GStreamer has none of the H.264 encoders mpph264enc, x264enc and "
      "openh264enc here. Install one; Debian has x264enc in "
      "gstreamer1.0-plugins-ugly.");
  return NULL;
}

static gboolean
check_plugin (GError ** error)
{
  static const gchar *const names[] = { "rknnyolo", "rknnyolooverlay" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    if (!element_exists (names[i])) {
      g_set_error (error, GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN,
          "GStreamer does not know the element %s. Set GST_PLUGIN_PATH to the "
          "folder of libgstrknnyolo.so (build/gst in a build tree); "
          "gst-inspect-1.0 rknnyolo tells whether it is found. The overlay is "
          "built only where Pango's development files are.", names[i]);
      return FALSE;
    }
  }
  return TRUE;
}

/* ---- streams of the file ------------------------------------------------- */

static void
link_to (GstPad * pad, GstElement * element)
{
  GstPad *sink = gst_element_get_static_pad (element, "sink");

  if (!gst_pad_is_linked (sink))
    gst_pad_link (pad, sink);
  gst_object_unref (sink);
}

/* Puts an element made from description behind pad; returns its source pad,
 * NULL when it has none. */
static GstPad *
append (Graph * self, GstPad * pad, const gchar * description)
{
  GstElement *bin = gst_parse_bin_from_description (description, TRUE, NULL);

  if (bin == NULL)
    return NULL;
  gst_bin_add (GST_BIN (self->pipeline), bin);
  gst_element_sync_state_with_parent (bin);
  link_to (pad, bin);
  return gst_element_get_static_pad (bin, "src");
}

/* MP4 takes the sound as it is in the file, or not at all. */
static gboolean
link_sound (Graph * self, GstPad * pad, GstCaps * caps)
{
  GstStructure *format = gst_caps_get_structure (caps, 0);
  GstPad *mux_pad, *src;
  gint version = 0;
  gboolean linked;

  /* In a transport stream AAC has headers that MP4 must not have. */
  gst_structure_get_int (format, "mpegversion", &version);
  src = append (self, pad, version == 4 ? SOUND_QUEUE " ! aacparse"
      : SOUND_QUEUE);
  mux_pad = gst_element_request_pad_simple (self->mux, "audio_%u");
  linked = src != NULL && mux_pad != NULL
      && gst_pad_link (src, mux_pad) == GST_PAD_LINK_OK;
  if (!linked && mux_pad != NULL)
    gst_element_release_request_pad (self->mux, mux_pad);
  gst_clear_object (&mux_pad);
  gst_clear_object (&src);
  return linked;
}

static gboolean
mux_takes (Graph * self, GstCaps * caps)
{
  GstElementClass *class = GST_ELEMENT_GET_CLASS (self->mux);
  GstPadTemplate *template =
      gst_element_class_get_pad_template (class, "audio_%u");
  const gchar *name = gst_structure_get_name (gst_caps_get_structure (caps, 0));
  GstCaps *takes, *bare;
  gboolean fits;

  if (template == NULL)
    return FALSE;
  /* AAC fits whatever its framing is: the parser sees to that. */
  bare = g_str_equal (name, "audio/mpeg") ? gst_caps_new_empty_simple (name)
      : gst_caps_ref (caps);
  takes = gst_pad_template_get_caps (template);
  fits = gst_caps_can_intersect (takes, bare);
  gst_caps_unref (takes);
  gst_caps_unref (bare);
  return fits;
}

static void
stream_found (GstElement * parse, GstPad * pad, gpointer user_data)
{
  Graph *self = user_data;
  GstCaps *caps = gst_pad_get_current_caps (pad);
  const gchar *name = "";

  if (caps == NULL)
    caps = gst_pad_query_caps (pad, NULL);
  if (!gst_caps_is_empty (caps) && !gst_caps_is_any (caps))
    name = gst_structure_get_name (gst_caps_get_structure (caps, 0));

  if (g_str_has_prefix (name, "video/") && !self->has_video) {
    GstPad *src = append (self, pad, "queue");

    self->has_video = TRUE;
    link_to (src, self->decoder);
    gst_object_unref (src);
  } else if (!g_str_has_prefix (name, "audio/") || !mux_takes (self, caps)
      || !link_sound (self, pad, caps)) {
    append (self, pad, "fakesink async=false");
  }
  gst_caps_unref (caps);
}

static void
refuse_input (Graph * self)
{
  GST_ELEMENT_ERROR (self->parse, STREAM, WRONG_TYPE,
      ("There is no video in the input file."), (NULL));
}

static void
all_streams_found (GstElement * parse, gpointer user_data)
{
  Graph *self = user_data;

  if (!self->has_video)
    refuse_input (self);
}

/* Since 1.26 parsebin does not say when it has found all streams, but which
 * there will be. */
void
graph_check_streams (Graph * self, GstMessage * message)
{
  GstStreamCollection *collection = NULL;
  GstStreamType types = 0;
  gboolean sure = TRUE;
  guint n;

  gst_message_parse_stream_collection (message, &collection);
  n = gst_stream_collection_get_size (collection);
  for (guint i = 0; i < n; i++) {
    GstStreamType type = gst_stream_get_stream_type
        (gst_stream_collection_get_stream (collection, i));

    sure = sure && type != GST_STREAM_TYPE_UNKNOWN;
    types |= type;
  }
  gst_object_unref (collection);
  if (n > 0 && sure && !(types & GST_STREAM_TYPE_VIDEO))
    refuse_input (self);
}

static void
video_decoded (GstElement * decoder, GstPad * pad, gpointer user_data)
{
  Graph *self = user_data;

  link_to (pad, self->convert);
}

/* More threads would take CPU time from the model without making anything
 * faster: one decodes quicker than a CPU infers. */
static void
decoder_chosen (GstBin * bin, GstBin * parent, GstElement * element,
    gpointer user_data)
{
  if (g_object_class_find_property (G_OBJECT_GET_CLASS (element),
          "max-threads") != NULL)
    g_object_set (element, "max-threads", 1, NULL);
}

/* ---- the pipeline -------------------------------------------------------- */

static GstElement *
get_element (Graph * self, const gchar * name)
{
  GstElement *element = gst_bin_get_by_name (GST_BIN (self->pipeline), name);

  /* The pipeline keeps it. */
  gst_object_unref (element);
  return element;
}

gboolean
graph_init (Graph * self, const gchar * video, const gchar * output,
    GError ** error)
{
  const gchar *encoder = choose_encoder (error);
  g_autofree gchar *description = NULL;

  *self = (Graph) {
  NULL};
  if (encoder == NULL || !check_plugin (error))
    return FALSE;

  description = g_strdup_printf ("filesrc name=source ! parsebin name=parse "
      "decodebin name=decoder  videoconvert name=convert "
      "! rknnyolo name=yolo ! rknnyolooverlay name=overlay hud=true ! %s "
      "! h264parse ! mp4mux name=mux ! filesink name=sink", encoder);
  self->pipeline = gst_parse_launch_full (description, NULL,
      GST_PARSE_FLAG_FATAL_ERRORS, error);
  if (self->pipeline == NULL)
    return FALSE;

  self->source = get_element (self, "source");
  self->parse = get_element (self, "parse");
  self->decoder = get_element (self, "decoder");
  self->convert = get_element (self, "convert");
  self->yolo = get_element (self, "yolo");
  self->overlay = get_element (self, "overlay");
  self->mux = get_element (self, "mux");
  g_object_set (self->source, "location", video, NULL);
  g_object_set (get_element (self, "sink"), "location", output, NULL);
  g_signal_connect (self->parse, "pad-added", G_CALLBACK (stream_found), self);
  g_signal_connect (self->parse, "no-more-pads",
      G_CALLBACK (all_streams_found), self);
  g_signal_connect (self->decoder, "deep-element-added",
      G_CALLBACK (decoder_chosen), self);
  g_signal_connect (self->decoder, "pad-added", G_CALLBACK (video_decoded),
      self);
  return TRUE;
}

void
graph_clear (Graph * self)
{
  if (self->pipeline != NULL)
    gst_element_set_state (self->pipeline, GST_STATE_NULL);
  gst_clear_object (&self->pipeline);
}

static gboolean
end_pad (GstElement * element, GstPad * pad, gpointer user_data)
{
  GstPad *peer = gst_pad_get_peer (pad);

  /* The video pad gets its end through the encoder. */
  if (peer != NULL && g_str_has_prefix (GST_PAD_NAME (pad), "audio"))
    gst_pad_send_event (pad, gst_event_new_eos ());
  gst_clear_object (&peer);
  return TRUE;
}

void
graph_end_input (Graph * self)
{
  GstPad *pad = gst_element_get_static_pad (self->convert, "sink");

  gst_pad_send_event (pad, gst_event_new_eos ());
  gst_object_unref (pad);
  gst_element_foreach_sink_pad (self->mux, end_pad, NULL);
}

gboolean
graph_is_input (const Graph * self, GstObject * object)
{
  return object == GST_OBJECT (self->source)
      || gst_object_has_as_ancestor (object, GST_OBJECT (self->parse))
      || gst_object_has_as_ancestor (object, GST_OBJECT (self->decoder));
}
