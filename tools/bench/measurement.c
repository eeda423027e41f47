/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "measurement.h"

#include <math.h>

#include "measure.h"

/* The first frames find an empty element and cold caches. */
#define WARM_UP_TIME 300        /* ms, and so many frames for each context: */
#define WARM_UP_FRAMES 3

/* The property stats calls them so; "total" is from submission to result. */
const gchar *const measurement_stages[N_STAGES] = {
  "wait", "preprocess", "run", "decode", "total",
};

/* ---- What the element says ----------------------------------------------- */

static gchar *
dup_text (const GstStructure * stats, const gchar * name)
{
  return g_strdup (gst_structure_get_string (stats, name));
}

gboolean
element_info_init (ElementInfo * self, const FlowElement * element,
    FlowPictures * pictures, GError ** error)
{
  FlowElement all = *element;
  FlowStream *stream;
  GstStructure *stats = NULL;

  all.contexts_per_core = 1;
  stream = flow_stream_open (&all, pictures, error);
  if (!stream)
    return FALSE;
  g_object_get (stream->element, "stats", &stats, NULL);
  self->model = dup_text (stats, "model");
  self->head = dup_text (stats, "head");
  self->runtime = dup_text (stats, "runtime");
  self->runtime_version = dup_text (stats, "runtime-version");
  self->driver_version = dup_text (stats, "driver-version");
  self->cores = self->contexts = 1;
  gst_structure_get_uint (stats, "cores", &self->cores);
  gst_structure_get_uint (stats, "contexts", &self->contexts);
  gst_structure_free (stats);
  flow_stream_free (stream);
  return TRUE;
}

void
element_info_clear (ElementInfo * self)
{
  g_free (self->model);
  g_free (self->head);
  g_free (self->runtime);
  g_free (self->runtime_version);
  g_free (self->driver_version);
}

/* ---- A run --------------------------------------------------------------- */

static gchar *
list_cores (guint n)
{
  GString *list = g_string_new ("0");

  for (guint i = 1; i < n; i++)
    g_string_append_printf (list, ",%u", i);
  return g_string_free (list, FALSE);
}

/* Pushes until the time has come; the frames so far are the warm-up, if any. */
static gboolean
push_until (const Measurement * self, FlowStream * stream, gint64 end,
    guint at_least)
{
  while (flow_now () < end || stream->n_sent < at_least) {
    if (!flow_stream_push (stream))
      return FALSE;
    if (self->alone && flow_stream_wait_for (stream, stream->n_sent) < 0)
      return FALSE;
  }
  return TRUE;
}

static void
take_latency (Measurement * self, FlowStream * stream, guint skip)
{
  static const guint percents[] = { 50, 95, 99 };
  g_autoptr (GArray) values = g_array_new (FALSE, FALSE, sizeof (gdouble));

  for (guint i = skip; i < stream->arrivals->len; i++) {
    gdouble ms = flow_stream_latency (stream, i) / (gdouble) MS;

    g_array_append_val (values, ms);
  }
  for (guint i = 0; i < G_N_ELEMENTS (percents); i++)
    self->latency[i] = flow_percentile (values, percents[i]);
}

static void
take_stages (Measurement * self, FlowStream * stream)
{
  for (guint i = 0; i < N_STAGES; i++) {
    const gchar *stage = measurement_stages[i];

    self->median[i] = flow_stream_stage (stream, stage, "median-us") / 1000;
    self->p95[i] = flow_stream_stage (stream, stage, "p95-us") / 1000;
  }
  self->failed = flow_stream_counter (stream, "failed");
}

static gboolean
measure (Measurement * self, FlowStream * stream, gdouble seconds)
{
  guint n_contexts = self->cores * self->contexts, skip;
  gint64 begin = flow_now (), cpu;

  if (!push_until (self, stream, begin + WARM_UP_TIME * MS,
          WARM_UP_FRAMES * n_contexts))
    return FALSE;
  skip = stream->n_sent;
  begin = flow_now ();
  cpu = flow_cpu_time ();
  if (!push_until (self, stream, begin + (gint64) (seconds * 1000) * MS,
          skip + 10 * n_contexts) || !flow_stream_finish (stream)
      || stream->arrivals->len != stream->n_sent)
    return FALSE;
  cpu = flow_cpu_time () - cpu;
  self->frames = stream->n_sent - skip;
  self->cpu = cpu / (gdouble) MS / self->frames;
  self->rate = flow_stream_rate (stream, skip);
  take_latency (self, stream, skip);
  take_stages (self, stream);
  return TRUE;
}

gboolean
measurement_run (Measurement * self, const FlowElement * element,
    FlowPictures * pictures, gdouble seconds, GError ** error)
{
  g_autofree gchar *cores = list_cores (self->cores);
  FlowElement one = *element;
  FlowStream *stream;
  gboolean good;

  one.cores = cores;
  one.contexts_per_core = self->contexts;
  stream = flow_stream_open (&one, pictures, error);
  if (!stream)
    return FALSE;
  good = measure (self, stream, seconds);
  if (!good)
    flow_stream_take_error (stream, error);
  flow_stream_free (stream);
  return good;
}
