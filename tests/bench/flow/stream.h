/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One rknnyolo between two pads of our own: no pipeline, no other element,
 * nothing that waits for a clock. */

#pragma once

#include <gst/gst.h>

#include "pictures.h"

G_BEGIN_DECLS

typedef struct
{
  guint cores;
  guint contexts_per_core;
  gdouble time;                 /* of an inference on the played NPU, ms */
  const gchar *overload;
  const gchar *instance_id;     /* NULL: a model of its own */
} FlowSetup;

typedef struct
{
  GstElement *element;          /* NULL: the pads are linked directly */
  GstPad *srcpad, *sinkpad;
  FlowPictures *pictures;
  guint64 n_sent;

  GMutex lock;                  /* for all below; no other is taken under it */
  GCond arrived;
  GArray *arrivals;             /* gint64: when each frame came out */
  guint64 n_detected;           /* of these, frames with detections */
  guint64 last_number;
  guint n_out_of_order;
  gboolean eos;
} FlowStream;

/* Where the model is; sets up the played NPU.  FALSE, with a line that says
 * so, when the test data are missing. */
gboolean flow_find_data (void);
/* The property model of a stream. */
const gchar *flow_model (void);
/* From the next stream on. */
void flow_set_npu_time (gdouble milliseconds);

/* NULL setup: a stream without the element.  Ends the program, with the
 * element's own words, when the element does not start. */
FlowStream *flow_stream_new (const FlowSetup * setup, FlowPictures * pictures);
void flow_stream_free (FlowStream * self);

gboolean flow_stream_push (FlowStream * self);

/* Pushes at a rate until end, by the clock, as a camera does: frames for whose
 * time the element had no room are lost and returned as a count. */
guint64 flow_stream_push_live (FlowStream * self, gdouble rate, gint64 begin,
    gint64 end);

/* Sends EOS and waits until it has come through; FALSE if it never does. */
gboolean flow_stream_finish (FlowStream * self);

/* Waits until n frames have come out; the time of the last of them. */
gint64 flow_stream_wait_for (FlowStream * self, guint64 n);

/* Frames a second, by the arrivals from about the frame skip to the last. */
gdouble flow_stream_rate (FlowStream * self, guint skip);

/* From the property stats. */
guint64 flow_stream_counter (FlowStream * self, const gchar * name);
gdouble flow_stream_stage (FlowStream * self, const gchar * stage,
    const gchar * field);

G_END_DECLS
