/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Quality of service: which frames come too late for downstream, and what the
 * application is told of frames that go without inference for it. */

#include "gstrknnyoloprivate.h"

#define GST_CAT_DEFAULT gst_rknn_yolo_debug

/* As GstBaseTransform: quality is no measure here and always the best. */
#define QUALITY 1000000

void
gst_rknn_yolo_qos_reset (GstRknnYolo * self)
{
  GST_OBJECT_LOCK (self);
  self->earliest_time = GST_CLOCK_TIME_NONE;
  self->proportion = 1.0;
  GST_OBJECT_UNLOCK (self);
  self->qos_processed = self->qos_dropped = 0;
}

void
gst_rknn_yolo_qos_note_event (GstRknnYolo * self, GstEvent * event)
{
  GstClockTimeDiff jitter;
  GstClockTime timestamp;
  gdouble proportion;

  gst_event_parse_qos (event, NULL, &proportion, &jitter, &timestamp);
  GST_OBJECT_LOCK (self);
  self->proportion = proportion;
  if (!GST_CLOCK_TIME_IS_VALID (timestamp))
    self->earliest_time = GST_CLOCK_TIME_NONE;
  else if (jitter > 0)
    self->earliest_time = timestamp + 2 * jitter;
  else if (timestamp > (GstClockTime) - jitter)
    self->earliest_time = timestamp + jitter;
  else
    self->earliest_time = 0;
  GST_OBJECT_UNLOCK (self);
}

static GstClockTime
running_time (GstRknnYolo * self, GstBuffer * buffer)
{
  if (self->segment.format != GST_FORMAT_TIME)
    return GST_CLOCK_TIME_NONE;
  return gst_segment_to_running_time (&self->segment, GST_FORMAT_TIME,
      GST_BUFFER_PTS (buffer));
}

gboolean
gst_rknn_yolo_qos_is_late (GstRknnYolo * self, GstBuffer * buffer)
{
  GstClockTime earliest, time;

  GST_OBJECT_LOCK (self);
  earliest = self->qos ? self->earliest_time : GST_CLOCK_TIME_NONE;
  GST_OBJECT_UNLOCK (self);
  if (!GST_CLOCK_TIME_IS_VALID (earliest))
    return FALSE;
  time = running_time (self, buffer);
  return GST_CLOCK_TIME_IS_VALID (time) && time <= earliest;
}

void
gst_rknn_yolo_qos_post (GstRknnYolo * self, GstBuffer * buffer)
{
  GstClockTime time = running_time (self, buffer);
  GstClockTime stream_time = GST_CLOCK_TIME_NONE, earliest;
  GstClockTimeDiff jitter = 0;
  GstMessage *message;
  gdouble proportion;
  gboolean wanted;

  GST_OBJECT_LOCK (self);
  wanted = self->qos;
  earliest = self->earliest_time;
  proportion = self->proportion;
  GST_OBJECT_UNLOCK (self);
  /* A source that does not wait may have thousands dropped in a second, more
   * than who did not ask for it reads off a bus. */
  if (!wanted)
    return;
  if (self->segment.format == GST_FORMAT_TIME)
    stream_time = gst_segment_to_stream_time (&self->segment, GST_FORMAT_TIME,
        GST_BUFFER_PTS (buffer));
  if (GST_CLOCK_TIME_IS_VALID (earliest) && GST_CLOCK_TIME_IS_VALID (time))
    jitter = GST_CLOCK_DIFF (time, earliest);

  message = gst_message_new_qos (GST_OBJECT (self), FALSE, time, stream_time,
      GST_BUFFER_PTS (buffer), GST_BUFFER_DURATION (buffer));
  gst_message_set_qos_values (message, jitter, proportion, QUALITY);
  gst_message_set_qos_stats (message, GST_FORMAT_BUFFERS, self->qos_processed,
      self->qos_dropped);
  gst_element_post_message (GST_ELEMENT (self), message);
}
