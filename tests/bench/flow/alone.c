/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the element adds to the NPU's time when nothing else is under way. */

#include "parts.h"

#include "measure.h"

#define FRAMES 250

static gboolean
measure (gdouble time, FlowPictures * pictures)
{
  const FlowSetup setup = {.cores = 3,.contexts_per_core = 2,.time = time };
  FlowStream *stream = flow_stream_new (&setup, pictures);
  g_autoptr (GArray) added = g_array_new (FALSE, FALSE, sizeof (gdouble));
  gboolean ok = TRUE;

  for (guint i = 0; i < FRAMES && ok; i++) {
    gint64 begin = flow_now ();
    gdouble us;

    ok = flow_stream_push (stream);
    if (!ok)
      break;
    us = (flow_stream_wait_for (stream, i + 1) - begin - time * MS) / 1000;
    g_array_append_val (added, us);
  }
  g_print ("%5.1f ms  %4.0f us in the middle (goal 600), 95 %% below %.0f; "
      "medians: letterbox %.0f, rknn_run %.0f, decoding %.0f\n", time,
      flow_median (added), flow_percentile (added, 95),
      flow_stream_stage (stream, "preprocess", "median-us"),
      flow_stream_stage (stream, "run", "median-us"),
      flow_stream_stage (stream, "decode", "median-us"));
  flow_stream_free (stream);
  return ok;
}

gboolean
flow_alone (const FlowOptions * options, FlowPictures * pictures)
{
  g_print ("One frame alone: from the push into the element until its buffer "
      "is out, without the NPU's time.\n");
  return measure (15.1, pictures) && measure (4, pictures);
}
