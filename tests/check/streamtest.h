/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the tests of rknnyolo in real pipelines share.
 *
 * A Stream is a pipeline with one rknnyolo, whose name is "yolo", under watch:
 * the frames that reach its sink pad since the last flush are compared with
 * those that leave its source pad, each with the caps and the segment it was
 * sent under, and each with the detections that its size asks for. */

#pragma once

#include "elementtest.h"

/* Sanitizers make everything slower, so less of it is done. */
#if defined (__SANITIZE_ADDRESS__) || defined (__SANITIZE_THREAD__)
#define SANITIZED TRUE
#else
#define SANITIZED FALSE
#endif

/* Seconds that a single step of a test may take. */
#define STEP_LIMIT (SANITIZED ? 240 : 60)

/* Says what is being done.  If nothing further is begun within STEP_LIMIT the
 * test program ends there with this message and the stats of yolo (may be
 * NULL): whoever waits for ever never reaches an assertion. */
void begin_step (GstElement * yolo, const gchar * format, ...)
G_GNUC_PRINTF (2, 3);
void end_step (void);

typedef struct
{
  guint64 frames_in, inferred, passed, skipped, failed, dropped, flushed;
  guint64 in_flight;
} Counters;

/* The counters of one moment, whose sum is checked. */
void get_counters (GstElement * yolo, Counters * counters);

typedef struct _Stream Stream;

/* line as for gst-launch; a "%s" in it stands for the path of the model. */
Stream *stream_new (const gchar * line);
/* The same of a pipeline made otherwise; takes the reference. */
Stream *stream_new_from_pipeline (GstElement * pipeline);
/* Stops the pipeline first. */
void stream_free (Stream * self);

GstElement *stream_get_pipeline (Stream * self);
GstElement *stream_get_yolo (Stream * self);
/* Borrowed. */
GstElement *stream_get (Stream * self, const gchar * name);

/* Sets the state and waits until it is reached; for live pipelines without
 * preroll as well. */
void stream_set_state (Stream * self, GstState state);
/* Does not wait. */
void stream_ask_state (Stream * self, GstState state);
/* Waits for the last state that was asked for. */
void stream_wait_state (Stream * self);

/* Waits for one of types; any error fails the test unless it was asked for.
 * Unref the message. */
GstMessage *stream_wait_message (Stream * self, GstMessageType types);
void stream_wait_eos (Stream * self);
/* Throws away what the bus has. */
void stream_forget_messages (Stream * self);

/* Frames since the last flush, or start. */
guint stream_count_in (Stream * self);
guint stream_count_out (Stream * self);
/* Frames in all. */
guint stream_count_total (Stream * self);
/* Waits until n further frames have left the element. */
void stream_wait_frames (Stream * self, guint n);

/* Waits for one SEGMENT_DONE event that leaves the element; messages of the
 * same name overtake the frames. */
void stream_wait_segment_done (Stream * self);

/* Fails if anything was wrong at the pads up to now. */
void stream_check (Stream * self);

/* For a stream at rest since EOS: what came in since the last flush went out,
 * in order and under the same caps and segment, but for what the counters say
 * was dropped; and the counters agree with what was seen. */
void stream_check_complete (Stream * self);

/* The times of frames grow (or, backwards, fall) in each segment. */
void stream_check_times (Stream * self);

/* element_test_main for tests of streams.  Inferences take 1.5 ms, more or
 * less, and what a failed test leaves is stopped. */
int stream_test_main (int *argc, char ***argv, const gchar * name,
    ElementTestAdd add);

/* A frame of this size, format and time with pixels of one value. */
GstBuffer *new_picture (GstVideoFormat format, guint width, guint height,
    GstClockTime time);

/* Whether GStreamer has one of these. */
gboolean have_any_element (const gchar * const *names);

/* RKNNYOLO_TESTDATA/videos/NAME, or NULL with a loud message. */
gchar *find_video (const gchar * name);
