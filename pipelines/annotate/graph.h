/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The pipeline from a video file to an annotated video file.
 *
 *   filesrc ! parsebin ─┬ video ─► decodebin ! videoconvert ! rknnyolo
 *                       │            ! rknnyolooverlay ! ENCODER ! h264parse ─┐
 *                       └ sound ─► as it is, where MP4 can hold it ───────────┴ mp4mux ! filesink
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct
{
  GstElement *pipeline;         /* owned */
  GstElement *source, *parse, *decoder; /* in the pipeline, as all below */
  GstElement *convert, *yolo, *overlay, *mux;
  gboolean has_video;           /* streaming thread: a video stream was found */
} Graph;

/* Builds the pipeline, in state NULL.  Returns FALSE with a GST_PARSE_ERROR or
 * GST_CORE_ERROR when an element is missing.  Clear self in either case. */
gboolean graph_init (Graph * self, const gchar * video, const gchar * output,
    GError ** error);
void graph_clear (Graph * self);

/* To be called for GST_MESSAGE_STREAM_COLLECTION: posts an error when there
 * will be no video in the input. */
void graph_check_streams (Graph * self, GstMessage * message);

/* Ends the streams behind the decoder, so that the output becomes a whole file
 * of what has been decoded. */
void graph_end_input (Graph * self);

/* Whether object is part of reading and decoding. */
gboolean graph_is_input (const Graph * self, GstObject * object);

G_END_DECLS
