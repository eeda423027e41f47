/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What becomes of a live source that is faster than the NPU. */

#include "parts.h"

#include "measure.h"

#define RATE 60.0
#define NPU_TIME 25.0

/* Every frame that was sent is counted once, and what is not dropped comes
 * out. */
static gboolean
check_counters (FlowStream * stream)
{
  static const gchar *const ends[] = {
    "inferred", "passed", "skipped", "failed", "dropped", "flushed",
  };
  guint64 sum = 0, in = flow_stream_counter (stream, "frames-in");
  guint64 gone = flow_stream_counter (stream, "dropped")
      + flow_stream_counter (stream, "flushed");
  gboolean ok;

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    sum += flow_stream_counter (stream, ends[i]);
  ok = in == stream->n_sent && sum == in
      && stream->arrivals->len + gone == in
      && stream->n_detected == flow_stream_counter (stream, "inferred")
      && stream->n_out_of_order == 0;
  if (!ok)
    g_print ("WRONG: %" G_GUINT64_FORMAT " frames sent, frames-in %"
        G_GUINT64_FORMAT ", sum of the counters %" G_GUINT64_FORMAT
        ", %u came out (%" G_GUINT64_FORMAT " with detections), %u out of "
        "order\n", stream->n_sent, in, sum, stream->arrivals->len,
        stream->n_detected, stream->n_out_of_order);
  return ok;
}

static gboolean
measure (const gchar * overload, guint contexts, gdouble seconds,
    FlowPictures * pictures)
{
  const FlowSetup setup = {.cores = 1,.contexts_per_core = contexts,
    .time = NPU_TIME,.overload = overload
  };
  FlowStream *stream = flow_stream_new (&setup, pictures);
  gint64 begin = flow_now ();
  guint64 lost = flow_stream_push_live (stream, RATE, begin,
      begin + seconds * 1000 * MS);
  gboolean ok = flow_stream_finish (stream);
  gdouble took = (flow_now () - begin) / (1000.0 * MS);

  g_print ("%-5s x %u  sent %5.1f/s, out %5.1f/s, with detections %5.1f/s;  "
      "inferred %" G_GUINT64_FORMAT ", skipped %" G_GUINT64_FORMAT
      ", dropped %" G_GUINT64_FORMAT ", lost by the camera %"
      G_GUINT64_FORMAT "\n", overload, contexts, stream->n_sent / took,
      stream->arrivals->len / took, stream->n_detected / took,
      flow_stream_counter (stream, "inferred"),
      flow_stream_counter (stream, "skipped"),
      flow_stream_counter (stream, "dropped"), lost);
  ok = check_counters (stream) && ok;
  flow_stream_free (stream);
  return ok;
}

gboolean
flow_live (const FlowOptions * options, FlowPictures * pictures)
{
  static const gchar *const overloads[] = { "wait", "skip", "drop" };
  gboolean ok = TRUE;

  g_print ("A camera of %.0f frames/s and one core with %.0f ms an inference "
      "(%.0f/s), %.0f s each; the counters are checked.\n", RATE, NPU_TIME,
      1000 / NPU_TIME, options->seconds / 2);
  for (guint i = 0; i < G_N_ELEMENTS (overloads); i++) {
    for (guint contexts = 1; contexts <= 2; contexts++)
      ok = measure (overloads[i], contexts, options->seconds / 2, pictures)
          && ok;
  }
  return ok;
}
