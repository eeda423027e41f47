/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "inference.h"

#include <gst/app/gstappsrc.h>

/* More than rknnyolo keeps in flight with two contexts on each of three cores;
 * some 1 MB each. */
#define MAX_UNDER_WAY 16

/* Pictures are told apart by their time: number times this. */
#define PICTURE_TIME GST_SECOND

struct _Inference
{
  GstElement *pipeline;
  GstElement *source, *yolo, *sink;     /* in the pipeline */
  GstBus *bus;
  guint pushed;

  InferenceFound found;
  gpointer user_data;

  GMutex lock;                  /* for what the streaming thread writes */
  GCond changed;
  guint done;                   /* pictures that arrived at the sink */
  guint not_inferred;
};

/* ---- frames -------------------------------------------------------------- */

static GstPadProbeReturn
picture_is_done (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  Inference *self = user_data;
  guint picture = GST_BUFFER_PTS (buffer) / PICTURE_TIME;
  RknnyoloFrameInfo frame;
  RknnyoloDetection detection;
  gpointer state = NULL;
  gboolean inferred = rknnyolo_buffer_get_frame_info (buffer, &frame)
      && frame.inferred;

  while (rknnyolo_buffer_next_detection (buffer, &state, &detection))
    self->found (picture, &detection, self->user_data);
  g_mutex_lock (&self->lock);
  self->done++;
  self->not_inferred += !inferred;
  g_cond_signal (&self->changed);
  g_mutex_unlock (&self->lock);
  return GST_PAD_PROBE_OK;
}

/* ---- messages ------------------------------------------------------------ */

/* Prints warnings; FALSE if message is an error. */
static gboolean
handle_message (GstMessage * message, GError ** error)
{
  g_autoptr (GError) warning = NULL;
  g_autofree gchar *debug = NULL;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    gst_message_parse_error (message, error, &debug);
    return FALSE;
  }
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_WARNING) {
    gst_message_parse_warning (message, &warning, NULL);
    g_printerr ("rknnyolo-coco-eval: %s warns: %s\n",
        GST_OBJECT_NAME (message->src), warning->message);
  }
  return TRUE;
}

static gboolean
check_messages (Inference * self, GError ** error)
{
  GstMessage *message;
  gboolean ok = TRUE;

  while (ok && (message = gst_bus_pop (self->bus))) {
    ok = handle_message (message, error);
    gst_message_unref (message);
  }
  return ok;
}

/* ---- setting up ---------------------------------------------------------- */

/* Properties by which pictures would pass without inference. */
static gboolean
is_refused (const gchar * name)
{
  static const gchar *const refused[] = { "interval", "overload", "qos", NULL };

  return g_strv_contains (refused, name);
}

static gboolean
refuse (const gchar * text, const gchar * reason, GError ** error)
{
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
      "--set %s: %s", text, reason);
  return FALSE;
}

/* Not gst_util_set_object_arg (), which passes over what it cannot read. */
static gboolean
set_value (GstElement * yolo, GParamSpec * property, const gchar * text)
{
  GValue value = G_VALUE_INIT;
  gboolean ok;

  g_value_init (&value, G_PARAM_SPEC_VALUE_TYPE (property));
  ok = gst_value_deserialize_with_pspec (&value, text, property)
      && !g_param_value_validate (property, &value);
  if (ok)
    g_object_set_property (G_OBJECT (yolo), property->name, &value);
  g_value_unset (&value);
  return ok;
}

static gboolean
set_property (GstElement * yolo, const gchar * text, GError ** error)
{
  g_auto (GStrv) parts = g_strsplit (text, "=", 2);
  GParamSpec *property;

  if (parts[0] == NULL || parts[1] == NULL)
    return refuse (text, "expected PROPERTY=VALUE, such as "
        "letterbox=top-left.", error);
  property = g_object_class_find_property (G_OBJECT_GET_CLASS (yolo), parts[0]);
  if (property == NULL || !(property->flags & G_PARAM_WRITABLE))
    return refuse (text, "rknnyolo has no such property that can be set; "
        "gst-inspect-1.0 rknnyolo lists them.", error);
  if (is_refused (property->name))
    return refuse (text, "every picture has to be inferred, and by this some "
        "would pass without. Leave it as it is.", error);
  if (!set_value (yolo, property, parts[1]))
    return refuse (text, "rknnyolo does not take this value; gst-inspect-1.0 "
        "rknnyolo lists what it takes.", error);
  return TRUE;
}

static GstElement *
get_element (Inference * self, const gchar * name)
{
  GstElement *element = gst_bin_get_by_name (GST_BIN (self->pipeline), name);

  /* The pipeline keeps it. */
  gst_object_unref (element);
  return element;
}

static gboolean
check_plugin (GError ** error)
{
  GstElementFactory *factory = gst_element_factory_find ("rknnyolo");

  if (factory != NULL) {
    gst_object_unref (factory);
    return TRUE;
  }
  g_set_error (error, GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN,
      "GStreamer does not find the element rknnyolo. Install the plugin, or "
      "set GST_PLUGIN_PATH to the folder \"gst\" of the build tree.");
  return FALSE;
}

static gboolean
build (Inference * self, const gchar * format, GError ** error)
{
  g_autofree gchar *convert = format == NULL ? g_strdup ("")
      : g_strdup_printf ("videoconvert ! video/x-raw,format=%s ! ", format);
  g_autofree gchar *description =
      g_strdup_printf ("appsrc name=source format=time max-bytes=0 ! %s"
      "rknnyolo name=yolo ! fakesink name=sink sync=false", convert);

  self->pipeline = gst_parse_launch_full (description, NULL,
      GST_PARSE_FLAG_FATAL_ERRORS, error);
  if (self->pipeline == NULL)
    return FALSE;
  gst_object_ref_sink (self->pipeline);
  self->bus = gst_element_get_bus (self->pipeline);
  self->source = get_element (self, "source");
  self->yolo = get_element (self, "yolo");
  self->sink = get_element (self, "sink");
  return TRUE;
}

Inference *
inference_new (const gchar * format, GError ** error)
{
  g_autoptr (Inference) self = g_new0 (Inference, 1);

  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  if (!check_plugin (error) || !build (self, format, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
inference_free (Inference * self)
{
  if (self == NULL)
    return;
  if (self->pipeline != NULL)
    gst_element_set_state (self->pipeline, GST_STATE_NULL);
  gst_clear_object (&self->bus);
  gst_clear_object (&self->pipeline);
  g_cond_clear (&self->changed);
  g_mutex_clear (&self->lock);
  g_free (self);
}

gboolean
inference_set_properties (Inference * self, const gchar * const *properties,
    GError ** error)
{
  guint i;

  for (i = 0; properties != NULL && properties[i] != NULL; i++)
    if (!set_property (self->yolo, properties[i], error))
      return FALSE;
  return TRUE;
}

GstElement *
inference_get_element (Inference * self)
{
  return self->yolo;
}

gboolean
inference_start (Inference * self, InferenceFound found, gpointer user_data,
    GError ** error)
{
  GstPad *pad = gst_element_get_static_pad (self->sink, "sink");

  self->found = found;
  self->user_data = user_data;
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, picture_is_done, self,
      NULL);
  gst_object_unref (pad);
  if (gst_element_set_state (self->pipeline, GST_STATE_PLAYING)
      != GST_STATE_CHANGE_FAILURE)
    return TRUE;
  if (check_messages (self, error))
    g_set_error (error, GST_CORE_ERROR, GST_CORE_ERROR_STATE_CHANGE,
        "the pipeline does not start, and says no reason. "
        "GST_DEBUG=rknnyolo:5 tells more.");
  return FALSE;
}

/* ---- running ------------------------------------------------------------- */

/* Waits until fewer than limit pictures are under way. */
static gboolean
wait_for_room (Inference * self, guint limit, GError ** error)
{
  gboolean room = FALSE;

  while (!room) {
    /* An error wakes nobody up, so it is looked for now and then. */
    gint64 until = g_get_monotonic_time () + 100 * G_TIME_SPAN_MILLISECOND;

    if (!check_messages (self, error))
      return FALSE;
    g_mutex_lock (&self->lock);
    while (!(room = self->pushed - self->done < limit)
        && g_cond_wait_until (&self->changed, &self->lock, until));
    g_mutex_unlock (&self->lock);
  }
  return TRUE;
}

gboolean
inference_push (Inference * self, GstSample * picture, GError ** error)
{
  GstBuffer *buffer = gst_buffer_copy (gst_sample_get_buffer (picture));
  GstSample *sample;
  GstFlowReturn flow;

  GST_BUFFER_PTS (buffer) = self->pushed * PICTURE_TIME;
  GST_BUFFER_DTS (buffer) = GST_CLOCK_TIME_NONE;
  GST_BUFFER_DURATION (buffer) = PICTURE_TIME;
  sample = gst_sample_new (buffer, gst_sample_get_caps (picture), NULL, NULL);
  gst_buffer_unref (buffer);
  flow = wait_for_room (self, MAX_UNDER_WAY, error)
      ? gst_app_src_push_sample (GST_APP_SRC (self->source), sample)
      : GST_FLOW_CUSTOM_ERROR;
  gst_sample_unref (sample);
  self->pushed++;
  if (flow == GST_FLOW_OK)
    return TRUE;
  if (flow != GST_FLOW_CUSTOM_ERROR && check_messages (self, error))
    g_set_error (error, GST_STREAM_ERROR, GST_STREAM_ERROR_FAILED,
        "the pipeline takes no more pictures (%s), and says no reason. "
        "GST_DEBUG=rknnyolo:5 tells more.", gst_flow_get_name (flow));
  return FALSE;
}

gboolean
inference_finish (Inference * self, GError ** error)
{
  if (!wait_for_room (self, 1, error))
    return FALSE;
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  if (self->not_inferred == 0)
    return TRUE;
  g_set_error (error, GST_STREAM_ERROR, GST_STREAM_ERROR_FAILED,
      "%u of %u pictures were not inferred, so there is nothing to measure. "
      "The warnings above tell why.", self->not_inferred, self->pushed);
  return FALSE;
}
