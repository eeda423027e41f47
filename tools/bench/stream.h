/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One rknnyolo between two pads of our own: no pipeline, no other element,
 * nothing that waits for a clock. */

#pragma once

#include <gst/gst.h>

#include "pictures.h"

G_BEGIN_DECLS

/* Properties of the element; NULL and 0 leave the default. */
typedef struct
{
  const gchar *model;
  const gchar *runtime;
  const gchar *cores;
  guint contexts_per_core;
  const gchar *overload;
  const gchar *instance_id;
  gchar **others;               /* "NAME=VALUE", NULL-terminated */
} FlowElement;

typedef struct
{
  GstElement *element;          /* NULL: the pads are linked directly */
  GstPad *srcpad, *sinkpad;
  FlowPictures *pictures;
  guint64 n_sent;
  GArray *departures;           /* gint64: when each was given to the element;
                                 * the pusher's */

  GMutex lock;                  /* for all below; no other is taken under it */
  GCond arrived;
  GArray *arrivals;             /* gint64: when each frame came out */
  guint64 n_detected;           /* of these, frames with detections */
  guint64 last_number;
  guint n_out_of_order;
  gboolean eos;
  gboolean failed;              /* the element has posted an error */
} FlowStream;

/* NULL element: a stream without one.  NULL, with the element's own words, when
 * it does not start; NULL error: nobody wants to know. */
FlowStream *flow_stream_open (const FlowElement * element,
    FlowPictures * pictures, GError ** error);
void flow_stream_free (FlowStream * self);

/* What the element says about why nothing comes through. */
void flow_stream_take_error (FlowStream * self, GError ** error);

gboolean flow_stream_push (FlowStream * self);

/* Pushes at a rate until end, by the clock, as a camera does: frames for whose
 * time the element had no room are lost and returned as a count. */
guint64 flow_stream_push_live (FlowStream * self, gdouble rate, gint64 begin,
    gint64 end);

/* Sends EOS and waits until it has come through; FALSE if it never does. */
gboolean flow_stream_finish (FlowStream * self);

/* Waits until n frames have come out; the time of the last of them, or -1 if
 * the element fails or takes half a minute. */
gint64 flow_stream_wait_for (FlowStream * self, guint64 n);

/* Frames a second, by the arrivals from about the frame skip to the last. */
gdouble flow_stream_rate (FlowStream * self, guint skip);

/* What frame n, counted from 0, took from its departure to its arrival,
 * nanoseconds; only after flow_stream_finish(). */
gint64 flow_stream_latency (FlowStream * self, guint n);

/* From the property stats. */
guint64 flow_stream_counter (FlowStream * self, const gchar * name);
gdouble flow_stream_stage (FlowStream * self, const gchar * stage,
    const gchar * field);

G_END_DECLS
