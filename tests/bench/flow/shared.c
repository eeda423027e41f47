/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whether streams that share a model get equal parts of it. */

#include "parts.h"

#include "measure.h"

#define N_STREAMS 9
#define RATE 25.0

typedef struct
{
  FlowStream *stream;
  gint64 begin, end;
  guint64 lost;
} Camera;

static gpointer
film (gpointer data)
{
  Camera *self = data;

  self->lost = flow_stream_push_live (self->stream, RATE, self->begin,
      self->end);
  return NULL;
}

/* Lets all cameras film; fills in what came of each while they did, without
 * the frames that still were inside at the end. */
static gdouble
run (Camera * cameras, gdouble seconds, guint64 * detected)
{
  GThread *threads[N_STREAMS];
  gint64 begin = flow_now () + 20 * MS;

  for (guint i = 0; i < N_STREAMS; i++) {
    /* No two cameras begin together, and none is always before another. */
    cameras[i].begin = begin + i * 17 % 40 * MS;
    cameras[i].end = cameras[i].begin + seconds * 1000 * MS;
    threads[i] = g_thread_new ("camera", film, &cameras[i]);
  }
  for (guint i = 0; i < N_STREAMS; i++)
    g_thread_join (threads[i]);
  for (guint i = 0; i < N_STREAMS; i++) {
    g_mutex_lock (&cameras[i].stream->lock);
    detected[i] = cameras[i].stream->n_detected;
    g_mutex_unlock (&cameras[i].stream->lock);
  }
  return (flow_now () - begin) / (1000.0 * MS);
}

static gboolean
finish (Camera * cameras, guint64 * lost)
{
  gboolean ok = TRUE;

  for (guint i = 0; i < N_STREAMS; i++) {
    FlowStream *stream = cameras[i].stream;

    ok = flow_stream_finish (stream) && ok;
    *lost += cameras[i].lost;
    if (stream->n_out_of_order > 0) {
      g_print ("WRONG: stream %u has %u frames out of order\n", i,
          stream->n_out_of_order);
      ok = FALSE;
    }
    flow_stream_free (stream);
  }
  return ok;
}

static void
print_shares (const FlowSetup * setup, const guint64 * detected, guint64 lost,
    gdouble seconds)
{
  gdouble mean = 0, worst = 0;

  for (guint i = 0; i < N_STREAMS; i++)
    mean += detected[i] / (gdouble) N_STREAMS;
  g_print ("%5.1f ms  %-4s  inferences", setup->time, setup->overload);
  for (guint i = 0; i < N_STREAMS; i++) {
    worst = MAX (worst, ABS (detected[i] / mean - 1) * 100);
    g_print (" %" G_GUINT64_FORMAT, detected[i]);
  }
  g_print ("\n          mean %.1f, furthest from it %.2f %% (goal 2); ",
      mean, worst);
  g_print ("%.1f/s of %.1f in all; %" G_GUINT64_FORMAT " frames lost by the "
      "cameras\n", mean * N_STREAMS / seconds,
      1000 * setup->cores / setup->time, lost);
}

static gboolean
measure (gdouble time, const gchar * overload, gdouble seconds,
    FlowPictures * pictures)
{
  const FlowSetup setup = {.cores = 3,.contexts_per_core = 2,.time = time,
    .overload = overload,.instance_id = "bench"
  };
  Camera cameras[N_STREAMS] = { 0, };
  guint64 detected[N_STREAMS], lost = 0;
  gdouble took;
  gboolean ok;

  for (guint i = 0; i < N_STREAMS; i++)
    cameras[i].stream = flow_stream_new (&setup, pictures);
  took = run (cameras, seconds, detected);
  ok = finish (cameras, &lost);
  print_shares (&setup, detected, lost, took);
  return ok;
}

gboolean
flow_shared (const FlowOptions * options, FlowPictures * pictures)
{
  gdouble seconds = options->seconds;

  g_print ("%d elements that share a model, each with a camera of %.0f "
      "frames/s, 3 cores x 2; %.0f s.\n", N_STREAMS, RATE, seconds);
  return measure (13, "wait", seconds, pictures)
      && measure (20, "wait", seconds, pictures)
      && measure (20, "skip", seconds, pictures)
      && measure (20, "drop", seconds, pictures);
}
