/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "stream.h"

#include <gst/video/gstvideometa.h>

#include "measure.h"

/* Frames come out in bursts, one for each core; between two that have the same
 * place in theirs lie whole rounds of 1, 2 or 3 cores. */
#define WHOLE_ROUND 6

#define FINISH_TIMEOUT (30 * G_TIME_SPAN_SECOND)

static GstFlowReturn
take_frame (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  FlowStream *self = gst_pad_get_element_private (pad);
  guint64 number = flow_pictures_number (buffer);
  gboolean detected = gst_buffer_get_meta (buffer,
      GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE) != NULL;
  gint64 now = flow_now ();

  g_mutex_lock (&self->lock);
  if (self->arrivals->len > 0 && number <= self->last_number)
    self->n_out_of_order++;
  self->last_number = number;
  if (detected)
    self->n_detected++;
  g_array_append_val (self->arrivals, now);
  g_cond_signal (&self->arrived);
  g_mutex_unlock (&self->lock);
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

static gboolean
take_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  FlowStream *self = gst_pad_get_element_private (pad);

  if (GST_EVENT_TYPE (event) == GST_EVENT_EOS) {
    g_mutex_lock (&self->lock);
    self->eos = TRUE;
    g_cond_signal (&self->arrived);
    g_mutex_unlock (&self->lock);
  }
  gst_event_unref (event);
  return TRUE;
}

void
flow_stream_take_error (FlowStream * self, GError ** error)
{
  GstBus *bus = gst_element_get_bus (self->element);
  GstMessage *message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);

  if (message)
    gst_message_parse_error (message, error, NULL);
  else
    g_set_error (error, GST_CORE_ERROR, GST_CORE_ERROR_STATE_CHANGE,
        "rknnyolo lets nothing through, and does not say why. "
        "GST_DEBUG=rknnyolo:5 in the environment tells more.");
  g_clear_pointer (&message, gst_message_unref);
  gst_object_unref (bus);
}

static gboolean
set_other (GstElement * element, const gchar * text, GError ** error)
{
  g_auto (GStrv) parts = g_strsplit (text, "=", 2);

  if (parts[0] && parts[1]
      && g_object_class_find_property (G_OBJECT_GET_CLASS (element), parts[0])) {
    gst_util_set_object_arg (G_OBJECT (element), parts[0], parts[1]);
    return TRUE;
  }
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
      "\"%s\" is no NAME=VALUE of a property of rknnyolo; \"gst-inspect-1.0 "
      "rknnyolo\" lists them.", text);
  return FALSE;
}

/* Whoever waits for a frame need not wait any longer. */
static GstBusSyncReply
see_message (GstBus * bus, GstMessage * message, gpointer user_data)
{
  FlowStream *self = user_data;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    g_mutex_lock (&self->lock);
    self->failed = TRUE;
    g_cond_signal (&self->arrived);
    g_mutex_unlock (&self->lock);
  }
  return GST_BUS_PASS;
}

static gboolean
make_element (FlowStream * self, const FlowElement * setup, GError ** error)
{
  GstBus *bus;

  self->element = gst_element_factory_make ("rknnyolo", NULL);
  if (!self->element) {
    g_set_error (error, GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN,
        "There is no element rknnyolo: GST_PLUGIN_PATH must lead to the "
        "plugin. rknnyolo-doctor tells more.");
    return FALSE;
  }
  gst_object_ref_sink (self->element);
  bus = gst_bus_new ();
  gst_bus_set_sync_handler (bus, see_message, self, NULL);
  gst_element_set_bus (self->element, bus);
  gst_object_unref (bus);
  g_object_set (self->element, "model", setup->model,
      "runtime-library", setup->runtime,
      "model-instance-id", setup->instance_id, NULL);
  if (setup->cores)
    g_object_set (self->element, "cores", setup->cores, NULL);
  if (setup->contexts_per_core > 0)
    g_object_set (self->element, "contexts-per-core", setup->contexts_per_core,
        NULL);
  gst_util_set_object_arg (G_OBJECT (self->element), "overload",
      setup->overload ? setup->overload : "wait");
  for (guint i = 0; setup->others && setup->others[i]; i++) {
    if (!set_other (self->element, setup->others[i], error))
      return FALSE;
  }
  return TRUE;
}

static void
link_pads (FlowStream * self)
{
  GstPad *in, *out;

  if (!self->element) {
    gst_pad_link (self->srcpad, self->sinkpad);
    return;
  }
  in = gst_element_get_static_pad (self->element, "sink");
  out = gst_element_get_static_pad (self->element, "src");
  gst_pad_link (self->srcpad, in);
  gst_pad_link (out, self->sinkpad);
  gst_object_unref (in);
  gst_object_unref (out);
}

static void
push_first_events (FlowStream * self)
{
  GstCaps *caps = flow_pictures_get_caps (self->pictures);
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (self->srcpad, gst_event_new_stream_start ("bench"));
  gst_pad_push_event (self->srcpad, gst_event_new_caps (caps));
  gst_pad_push_event (self->srcpad, gst_event_new_segment (&segment));
  gst_caps_unref (caps);
}

static FlowStream *
make_stream (FlowPictures * pictures)
{
  FlowStream *self = g_new0 (FlowStream, 1);

  self->pictures = pictures;
  g_mutex_init (&self->lock);
  g_cond_init (&self->arrived);
  self->arrivals = g_array_sized_new (FALSE, FALSE, sizeof (gint64), 4096);
  self->departures = g_array_sized_new (FALSE, FALSE, sizeof (gint64), 4096);
  self->srcpad = gst_pad_new ("feeder", GST_PAD_SRC);
  self->sinkpad = gst_pad_new ("taker", GST_PAD_SINK);
  gst_pad_set_element_private (self->sinkpad, self);
  gst_pad_set_chain_function (self->sinkpad, take_frame);
  gst_pad_set_event_function (self->sinkpad, take_event);
  return self;
}

FlowStream *
flow_stream_open (const FlowElement * element, FlowPictures * pictures,
    GError ** error)
{
  FlowStream *self = make_stream (pictures);

  if (element && !make_element (self, element, error)) {
    flow_stream_free (self);
    return NULL;
  }
  link_pads (self);
  gst_pad_set_active (self->sinkpad, TRUE);
  if (self->element && gst_element_set_state (self->element,
          GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE) {
    flow_stream_take_error (self, error);
    flow_stream_free (self);
    return NULL;
  }
  gst_pad_set_active (self->srcpad, TRUE);
  push_first_events (self);
  return self;
}

void
flow_stream_free (FlowStream * self)
{
  gst_pad_set_active (self->srcpad, FALSE);
  if (self->element) {
    gst_element_set_state (self->element, GST_STATE_NULL);
    /* The messages that wait in it hold the element. */
    gst_element_set_bus (self->element, NULL);
    gst_object_unref (self->element);
  }
  gst_pad_set_active (self->sinkpad, FALSE);
  gst_object_unref (self->srcpad);
  gst_object_unref (self->sinkpad);
  g_array_unref (self->arrivals);
  g_array_unref (self->departures);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->arrived);
  g_free (self);
}

gboolean
flow_stream_push (FlowStream * self)
{
  GstBuffer *buffer = flow_pictures_frame (self->pictures, self->n_sent++);
  gint64 now = flow_now ();

  g_array_append_val (self->departures, now);
  return gst_pad_push (self->srcpad, buffer) == GST_FLOW_OK;
}

guint64
flow_stream_push_live (FlowStream * self, gdouble rate, gint64 begin,
    gint64 end)
{
  gdouble period = 1000 * MS / rate;
  guint64 tick = 0, lost = 0;

  while (begin + tick * period < end) {
    gint64 behind = flow_now () - (gint64) (begin + tick * period);

    /* A frame that was not fetched before the next one came is gone. */
    if (behind >= period) {
      tick++;
      lost++;
      continue;
    }
    flow_sleep_until (begin + tick * period);
    if (!flow_stream_push (self))
      break;
    tick++;
  }
  return lost;
}

gboolean
flow_stream_finish (FlowStream * self)
{
  gint64 end = g_get_monotonic_time () + FINISH_TIMEOUT;
  gboolean ok = TRUE;

  gst_pad_push_event (self->srcpad, gst_event_new_eos ());
  g_mutex_lock (&self->lock);
  while (ok && !self->eos && !self->failed)
    ok = g_cond_wait_until (&self->arrived, &self->lock, end);
  ok = self->eos;
  g_mutex_unlock (&self->lock);
  if (!ok && !self->failed)
    g_printerr ("EOS did not come through within %d seconds\n",
        (gint) (FINISH_TIMEOUT / G_TIME_SPAN_SECOND));
  return ok;
}

gint64
flow_stream_wait_for (FlowStream * self, guint64 n)
{
  gint64 end = g_get_monotonic_time () + FINISH_TIMEOUT;
  gboolean ok = TRUE;
  gint64 time = -1;

  g_mutex_lock (&self->lock);
  while (ok && self->arrivals->len < n && !self->failed)
    ok = g_cond_wait_until (&self->arrived, &self->lock, end);
  if (self->arrivals->len >= n)
    time = g_array_index (self->arrivals, gint64, n - 1);
  g_mutex_unlock (&self->lock);
  return time;
}

gdouble
flow_stream_rate (FlowStream * self, guint skip)
{
  guint n = self->arrivals->len;
  const gint64 *times = (const gint64 *) self->arrivals->data;

  if (n < skip + 2 + WHOLE_ROUND)
    return 0;
  skip += (n - 1 - skip) % WHOLE_ROUND;
  return (n - 1 - skip) * 1000.0 * MS / (times[n - 1] - times[skip]);
}

gint64
flow_stream_latency (FlowStream * self, guint n)
{
  return g_array_index (self->arrivals, gint64, n)
      - g_array_index (self->departures, gint64, n);
}

static GstStructure *
get_stats (FlowStream * self)
{
  GstStructure *stats = NULL;

  g_object_get (self->element, "stats", &stats, NULL);
  return stats;
}

guint64
flow_stream_counter (FlowStream * self, const gchar * name)
{
  g_autoptr (GstStructure) stats = get_stats (self);
  guint64 value = 0;
  guint small = 0;

  if (!gst_structure_get_uint64 (stats, name, &value)
      && gst_structure_get_uint (stats, name, &small))
    value = small;
  return value;
}

gdouble
flow_stream_stage (FlowStream * self, const gchar * stage, const gchar * field)
{
  g_autoptr (GstStructure) stats = get_stats (self);
  g_autoptr (GstStructure) series = NULL;
  guint value = 0;

  if (gst_structure_get (stats, stage, GST_TYPE_STRUCTURE, &series, NULL))
    gst_structure_get_uint (series, field, &value);
  return value;
}
