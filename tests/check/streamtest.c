/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "streamtest.h"

#include <math.h>
#include <stdlib.h>

/* ---- steps ---------------------------------------------------------------- */

static struct
{
  GMutex lock;
  GCond changed;
  gchar *what;                  /* NULL: nothing is being done */
  GstElement *yolo;
  gint64 deadline;
  GThread *thread;
} watch;

static void
give_up (void)
{
  GstElement *yolo = watch.yolo ? gst_object_ref (watch.yolo) : NULL;

  g_printerr ("HANGS: %s: not done in %d seconds\n", watch.what, STEP_LIMIT);
  /* Asked for last, since the element may hold its locks for ever. */
  if (yolo) {
    GstStructure *stats = NULL;
    gchar *text;

    g_object_get (yolo, "stats", &stats, NULL);
    text = gst_structure_to_string (stats);
    g_printerr ("stats: %s\n", text);
    g_free (text);
  }
  abort ();
}

static gpointer
watch_steps (gpointer data)
{
  g_mutex_lock (&watch.lock);
  while (TRUE) {
    if (!watch.what)
      g_cond_wait (&watch.changed, &watch.lock);
    else if (!g_cond_wait_until (&watch.changed, &watch.lock, watch.deadline)
        && watch.what && g_get_monotonic_time () >= watch.deadline)
      give_up ();
  }
  return NULL;
}

static void
set_step (GstElement * yolo, gchar * what)
{
  g_mutex_lock (&watch.lock);
  if (!watch.thread)
    watch.thread = g_thread_new ("watch", watch_steps, NULL);
  g_free (watch.what);
  watch.what = what;
  gst_object_replace ((GstObject **) & watch.yolo, (GstObject *) yolo);
  watch.deadline = g_get_monotonic_time () + STEP_LIMIT * G_USEC_PER_SEC;
  g_cond_signal (&watch.changed);
  g_mutex_unlock (&watch.lock);
}

void
begin_step (GstElement * yolo, const gchar * format, ...)
{
  va_list args;

  va_start (args, format);
  set_step (yolo, g_strdup_vprintf (format, args));
  va_end (args);
}

void
end_step (void)
{
  set_step (NULL, NULL);
}

/* ---- counters ------------------------------------------------------------- */

static guint64
read_counter (const GstStructure * stats, const gchar * name)
{
  guint64 value = 0;

  gst_structure_get_uint64 (stats, name, &value);
  return value;
}

/* Returns what is wrong. */
static gchar *
read_counters (GstElement * yolo, Counters * counters)
{
  g_autoptr (GstStructure) stats = NULL;
  guint in_flight = 0;
  guint64 sum;

  g_object_get (yolo, "stats", &stats, NULL);
  counters->frames_in = read_counter (stats, "frames-in");
  counters->inferred = read_counter (stats, "inferred");
  counters->passed = read_counter (stats, "passed");
  counters->skipped = read_counter (stats, "skipped");
  counters->failed = read_counter (stats, "failed");
  counters->dropped = read_counter (stats, "dropped");
  counters->flushed = read_counter (stats, "flushed");
  gst_structure_get_uint (stats, "in-flight", &in_flight);
  counters->in_flight = in_flight;
  sum = counters->inferred + counters->passed + counters->skipped
      + counters->failed + counters->dropped + counters->flushed + in_flight;
  if (sum == counters->frames_in)
    return NULL;
  return g_strdup_printf ("%" G_GUINT64_FORMAT " frames came in, %"
      G_GUINT64_FORMAT " are counted", counters->frames_in, sum);
}

void
get_counters (GstElement * yolo, Counters * counters)
{
  g_autofree gchar *wrong = read_counters (yolo, counters);

  fail_if (wrong != NULL, "%s", wrong);
}

/* ---- what passes the pads ------------------------------------------------- */

typedef struct
{
  GstClockTime time;
  GstCaps *caps;
  GstSegment segment;
} Item;

/* For who fails and leaves it behind. */
static GPtrArray *streams;

struct _Stream
{
  GstElement *pipeline;
  GstElement *yolo;
  GstBus *bus;

  GMutex lock;                  /* of all below */
  GCond moved;
  GArray *in, *out;             /* Item, since the last flush */
  guint n_total;                /* frames out */
  guint n_found;                /* frames out with detections, like out */
  guint n_segments;             /* SEGMENT_DONE events out */
  guint n_unfit;                /* frames in that are not what their caps say */
  Counters base;                /* at the last flush */
  gchar *wrong;                 /* what was first */
};

/* Takes what. */
static void
note_wrong (Stream * self, gchar * what)
{
  if (self->wrong)
    g_free (what);
  else
    self->wrong = what;
}

static void
clear_item (gpointer data)
{
  gst_clear_caps (&((Item *) data)->caps);
}

static void
append_item (GArray * items, GstPad * pad, GstBuffer * buffer)
{
  GstEvent *event = gst_pad_get_sticky_event (pad, GST_EVENT_SEGMENT, 0);
  Item item = { GST_BUFFER_PTS (buffer), gst_pad_get_current_caps (pad) };

  gst_segment_init (&item.segment, GST_FORMAT_UNDEFINED);
  if (event) {
    gst_event_copy_segment (event, &item.segment);
    gst_event_unref (event);
  }
  g_array_append_val (items, item);
}

/* A place in the model's input as one in the frame. */
static gdouble
to_frame (gdouble place, gint size, gdouble scale)
{
  gdouble border = floor ((TEST_MODEL_SIZE - rint (size * scale)) / 2);

  return CLAMP ((place - border) / scale, 0, size);
}

/* See elementtest.c for the boxes. */
static gboolean
region_is_right (GstBuffer * buffer, const gchar * label, gint width,
    gint height, const gint * box)
{
  GstVideoRegionOfInterestMeta *region = find_region (buffer, label);
  gdouble scale = MIN ((gdouble) TEST_MODEL_SIZE / width,
      (gdouble) TEST_MODEL_SIZE / height);

  return region
      && fabs (region->x - to_frame (box[0], width, scale)) <= 2
      && fabs (region->y - to_frame (box[1], height, scale)) <= 2
      && fabs (region->x + region->w - to_frame (box[2], width, scale)) <= 2
      && fabs (region->y + region->h - to_frame (box[3], height, scale)) <= 2;
}

static void
check_regions (Stream * self, GstBuffer * buffer, GstCaps * caps)
{
  static const gint cat[] = { 16, 16, 32, 32 }, dog[] = { 40, 20, 56, 48 };
  gint width = 0, height = 0;
  guint n = count_regions (buffer);

  if (n == 0)
    return;
  self->n_found++;
  gst_structure_get_int (gst_caps_get_structure (caps, 0), "width", &width);
  gst_structure_get_int (gst_caps_get_structure (caps, 0), "height", &height);
  if (n != 2 || !region_is_right (buffer, "cat", width, height, cat)
      || !region_is_right (buffer, "dog", width, height, dog))
    note_wrong (self, g_strdup_printf ("wrong detections at %" GST_TIME_FORMAT
            " in %dx%d", GST_TIME_ARGS (GST_BUFFER_PTS (buffer)), width,
            height));
}

/* Nothing can be in flight between the two ends of a flush. */
static void
begin_anew (Stream * self)
{
  gchar *wrong = read_counters (self->yolo, &self->base);

  if (!wrong && self->base.in_flight > 0)
    wrong = g_strdup_printf ("%" G_GUINT64_FORMAT " frames in flight after a "
        "flush", self->base.in_flight);
  if (wrong)
    note_wrong (self, wrong);
}

/* Not every upstream keeps caps and frames together: input-selector's inputs
 * overtake each other. */
static gboolean
is_unfit (GstBuffer * buffer, GstCaps * caps)
{
  GstVideoMeta *meta = gst_buffer_get_video_meta (buffer);
  GstVideoInfo info;

  /* GStreamer 1.22 does not know DMA_DRM. */
  if (caps && gst_structure_has_field (gst_caps_get_structure (caps, 0),
          "drm-format"))
    return FALSE;
  if (!caps || !gst_video_info_from_caps (&info, caps))
    return TRUE;
  if (meta)
    return meta->format != GST_VIDEO_INFO_FORMAT (&info)
        || meta->width < (guint) GST_VIDEO_INFO_WIDTH (&info)
        || meta->height < (guint) GST_VIDEO_INFO_HEIGHT (&info);
  return gst_buffer_get_size (buffer) < GST_VIDEO_INFO_SIZE (&info);
}

static GstPadProbeReturn
see_input (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Stream *self = data;

  g_mutex_lock (&self->lock);
  if (info->type & GST_PAD_PROBE_TYPE_BUFFER) {
    append_item (self->in, pad, GST_PAD_PROBE_INFO_BUFFER (info));
    if (is_unfit (GST_PAD_PROBE_INFO_BUFFER (info),
            g_array_index (self->in, Item, self->in->len - 1).caps))
      self->n_unfit++;
  } else if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info)) ==
      GST_EVENT_FLUSH_STOP) {
    g_array_set_size (self->in, 0);
    self->n_unfit = 0;
    begin_anew (self);
  }
  g_mutex_unlock (&self->lock);
  return GST_PAD_PROBE_OK;
}

static void
see_output_event (Stream * self, GstEvent * event)
{
  if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_STOP) {
    g_array_set_size (self->out, 0);
    self->n_found = 0;
  } else if (GST_EVENT_TYPE (event) == GST_EVENT_SEGMENT_DONE) {
    self->n_segments++;
    g_cond_broadcast (&self->moved);
  }
}

static GstPadProbeReturn
see_output (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Stream *self = data;

  g_mutex_lock (&self->lock);
  if (info->type & GST_PAD_PROBE_TYPE_BUFFER) {
    GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);

    append_item (self->out, pad, buffer);
    check_regions (self, buffer,
        g_array_index (self->out, Item, self->out->len - 1).caps);
    self->n_total++;
    g_cond_broadcast (&self->moved);
  } else {
    see_output_event (self, GST_PAD_PROBE_INFO_EVENT (info));
  }
  g_mutex_unlock (&self->lock);
  return GST_PAD_PROBE_OK;
}

static void
add_probe (Stream * self, const gchar * name, GstPadProbeCallback function)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (self->yolo, name);

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER
      | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM | GST_PAD_PROBE_TYPE_EVENT_FLUSH,
      function, self, NULL);
}

static GArray *
new_items (void)
{
  GArray *items = g_array_new (FALSE, FALSE, sizeof (Item));

  g_array_set_clear_func (items, clear_item);
  return items;
}

/* ---- the stream ----------------------------------------------------------- */

Stream *
stream_new_from_pipeline (GstElement * pipeline)
{
  Stream *self = g_new0 (Stream, 1);

  self->pipeline = pipeline;
  self->yolo = gst_bin_get_by_name (GST_BIN (pipeline), "yolo");
  fail_unless (self->yolo != NULL);
  self->bus = gst_pipeline_get_bus (GST_PIPELINE (pipeline));
  g_mutex_init (&self->lock);
  g_cond_init (&self->moved);
  self->in = new_items ();
  self->out = new_items ();
  add_probe (self, "sink", see_input);
  add_probe (self, "src", see_output);
  if (!streams)
    streams = g_ptr_array_new ();
  g_ptr_array_add (streams, self);
  return self;
}

Stream *
stream_new (const gchar * line)
{
  g_auto (GStrv) parts = g_strsplit (line, "%s", -1);
  g_autofree gchar *text = g_strjoinv (element_test_model, parts);
  g_autoptr (GError) error = NULL;
  GstElement *pipeline = gst_parse_launch (text, &error);

  fail_unless (pipeline != NULL && !error, "%s: %s", text,
      error ? error->message : "?");
  return stream_new_from_pipeline (pipeline);
}

static void
forget_frames (Stream * self)
{
  g_mutex_lock (&self->lock);
  /* With their memory, for those who count it. */
  g_array_unref (self->in);
  g_array_unref (self->out);
  self->in = new_items ();
  self->out = new_items ();
  self->n_found = self->n_unfit = 0;
  memset (&self->base, 0, sizeof (self->base));
  g_mutex_unlock (&self->lock);
}

static void
free_stream (Stream * self)
{
  g_ptr_array_remove (streams, self);
  gst_object_unref (self->bus);
  gst_object_unref (self->yolo);
  begin_step (NULL, "free the pipeline");
  gst_object_unref (self->pipeline);
  end_step ();
  g_array_unref (self->in);
  g_array_unref (self->out);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->moved);
  g_free (self->wrong);
  g_free (self);
}

void
stream_free (Stream * self)
{
  begin_step (self->yolo, "stop the pipeline");
  assert_equals_int (gst_element_set_state (self->pipeline, GST_STATE_NULL),
      GST_STATE_CHANGE_SUCCESS);
  stream_check (self);
  free_stream (self);
}

/* For tests that fail. */
static void
stream_clean_up (void)
{
  end_step ();
  while (streams && streams->len > 0) {
    Stream *self = g_ptr_array_index (streams, 0);

    begin_step (self->yolo, "stop after a failure");
    gst_element_set_state (self->pipeline, GST_STATE_NULL);
    free_stream (self);
  }
}

GstElement *
stream_get_pipeline (Stream * self)
{
  return self->pipeline;
}

GstElement *
stream_get_yolo (Stream * self)
{
  return self->yolo;
}

GstElement *
stream_get (Stream * self, const gchar * name)
{
  GstElement *element = gst_bin_get_by_name (GST_BIN (self->pipeline), name);

  fail_unless (element != NULL, "no element %s", name);
  gst_object_unref (element);
  return element;
}

void
stream_ask_state (Stream * self, GstState state)
{
  begin_step (self->yolo, "go to %s", gst_element_state_get_name (state));
  if (gst_element_set_state (self->pipeline, state) == GST_STATE_CHANGE_FAILURE)
    gst_message_unref (stream_wait_message (self, 0));
  end_step ();
  if (state <= GST_STATE_READY)
    forget_frames (self);
}

void
stream_wait_state (Stream * self)
{
  GstStateChangeReturn result;
  GstState state, pending;

  begin_step (self->yolo, "wait for the state");
  result = gst_element_get_state (self->pipeline, &state, &pending,
      GST_CLOCK_TIME_NONE);
  end_step ();
  if (result == GST_STATE_CHANGE_FAILURE)
    gst_message_unref (stream_wait_message (self, 0));
  stream_check (self);
}

void
stream_set_state (Stream * self, GstState state)
{
  stream_ask_state (self, state);
  stream_wait_state (self);
}

static void
fail_on_error (Stream * self, GstMessage * message)
{
  g_autoptr (GError) error = NULL;
  g_autofree gchar *debug = NULL;

  gst_message_parse_error (message, &error, &debug);
  fail ("%s: %s (%s)", GST_MESSAGE_SRC_NAME (message), error->message, debug);
}

GstMessage *
stream_wait_message (Stream * self, GstMessageType types)
{
  GstMessage *message;

  begin_step (self->yolo, "wait for the message %s",
      types ? gst_message_type_get_name (types) : "of an error");
  message = gst_bus_timed_pop_filtered (self->bus, GST_CLOCK_TIME_NONE,
      types | GST_MESSAGE_ERROR);
  end_step ();
  if (!(GST_MESSAGE_TYPE (message) & types))
    fail_on_error (self, message);
  stream_check (self);
  return message;
}

void
stream_wait_eos (Stream * self)
{
  gst_message_unref (stream_wait_message (self, GST_MESSAGE_EOS));
}

void
stream_forget_messages (Stream * self)
{
  gst_bus_set_flushing (self->bus, TRUE);
  gst_bus_set_flushing (self->bus, FALSE);
}

guint
stream_count_in (Stream * self)
{
  guint n;

  g_mutex_lock (&self->lock);
  n = self->in->len;
  g_mutex_unlock (&self->lock);
  return n;
}

guint
stream_count_out (Stream * self)
{
  guint n;

  g_mutex_lock (&self->lock);
  n = self->out->len;
  g_mutex_unlock (&self->lock);
  return n;
}

guint
stream_count_total (Stream * self)
{
  guint n;

  g_mutex_lock (&self->lock);
  n = self->n_total;
  g_mutex_unlock (&self->lock);
  return n;
}

void
stream_wait_frames (Stream * self, guint n)
{
  GstMessage *message = NULL;
  gint64 until;

  begin_step (self->yolo, "wait for %u frames", n);
  g_mutex_lock (&self->lock);
  n += self->n_total;
  while (self->n_total < n && !message) {
    until = g_get_monotonic_time () + G_USEC_PER_SEC;
    if (!g_cond_wait_until (&self->moved, &self->lock, until))
      message = gst_bus_pop_filtered (self->bus, GST_MESSAGE_ERROR);
  }
  g_mutex_unlock (&self->lock);
  end_step ();
  if (message)
    fail_on_error (self, message);
}

void
stream_wait_segment_done (Stream * self)
{
  begin_step (self->yolo, "wait for the end of the segment");
  g_mutex_lock (&self->lock);
  while (self->n_segments == 0)
    g_cond_wait (&self->moved, &self->lock);
  self->n_segments--;
  g_mutex_unlock (&self->lock);
  end_step ();
}

/* ---- checks --------------------------------------------------------------- */

void
stream_check (Stream * self)
{
  g_autofree gchar *wrong = NULL;
  Counters counters;

  g_mutex_lock (&self->lock);
  wrong = g_steal_pointer (&self->wrong);
  g_mutex_unlock (&self->lock);
  fail_if (wrong != NULL, "%s", wrong);
  get_counters (self->yolo, &counters);
}

static gboolean
same_item (const Item * a, const Item * b)
{
  return a->time == b->time && a->caps && b->caps
      && gst_caps_is_equal (a->caps, b->caps)
      && gst_segment_is_equal (&a->segment, &b->segment);
}

/* How many frames of in are not in out, which must be a part of it; returns
 * what is wrong.  Call with the lock held. */
static gchar *
count_missing (Stream * self, guint * missing)
{
  guint i = 0;

  *missing = 0;
  for (guint o = 0; o < self->out->len; o++, i++) {
    Item *out = &g_array_index (self->out, Item, o);

    while (i < self->in->len
        && !same_item (&g_array_index (self->in, Item, i), out)) {
      *missing += 1;
      i++;
    }
    if (i == self->in->len)
      return g_strdup_printf ("frame %u out, at %" GST_TIME_FORMAT ", is none "
          "of the next that came in", o, GST_TIME_ARGS (out->time));
  }
  *missing += self->in->len - i;
  return NULL;
}

void
stream_check_complete (Stream * self)
{
  g_autofree gchar *wrong = NULL;
  guint missing, n_in, n_found, n_unfit;
  Counters now, base;

  stream_check (self);
  get_counters (self->yolo, &now);
  g_mutex_lock (&self->lock);
  wrong = count_missing (self, &missing);
  base = self->base;
  n_in = self->in->len;
  n_found = self->n_found;
  n_unfit = self->n_unfit;
  g_mutex_unlock (&self->lock);

  fail_if (wrong != NULL, "%s", wrong);
  assert_equals_uint64 (now.in_flight, 0);
  assert_equals_uint64 (missing, now.dropped - base.dropped + now.flushed
      - base.flushed);
  assert_equals_uint64 (now.frames_in - base.frames_in, n_in);
  assert_equals_uint64 (now.inferred - base.inferred, n_found);
  assert_equals_uint64 (now.failed - base.failed, n_unfit);
}

void
stream_check_times (Stream * self)
{
  guint n_wrong = 0;

  g_mutex_lock (&self->lock);
  for (guint i = 1; i < self->out->len; i++) {
    Item *last = &g_array_index (self->out, Item, i - 1);
    Item *item = &g_array_index (self->out, Item, i);

    if (gst_segment_is_equal (&last->segment, &item->segment)
        && (item->segment.rate > 0 ? item->time <= last->time :
            item->time >= last->time))
      n_wrong++;
  }
  g_mutex_unlock (&self->lock);
  assert_equals_int (n_wrong, 0);
}

/* ---- material ------------------------------------------------------------- */

GstBuffer *
new_picture (GstVideoFormat format, guint width, guint height,
    GstClockTime time)
{
  GstVideoInfo info;
  GstBuffer *buffer;

  gst_video_info_set_format (&info, format, width, height);
  buffer = gst_buffer_new_allocate (NULL, GST_VIDEO_INFO_SIZE (&info), NULL);
  gst_buffer_memset (buffer, 0, 90, -1);
  GST_BUFFER_PTS (buffer) = time;
  return buffer;
}

static gboolean
have_element (const gchar * name)
{
  GstElementFactory *factory = gst_element_factory_find (name);

  if (factory)
    gst_object_unref (factory);
  return factory != NULL;
}

gboolean
have_any_element (const gchar * const *names)
{
  for (guint i = 0; names[i]; i++) {
    if (have_element (names[i]))
      return TRUE;
  }
  return FALSE;
}

gchar *
find_video (const gchar * name)
{
  static const gchar *const decoders[] = { "avdec_h264", "openh264dec", NULL };
  const gchar *folder = g_getenv ("RKNNYOLO_TESTDATA");
  g_autofree gchar *path = NULL;

  path = g_build_filename (folder ? folder : "", "videos", name, NULL);
  if (!folder || !g_file_test (path, G_FILE_TEST_EXISTS)) {
    g_printerr ("SKIPPED: there is no %s\n", path);
    return NULL;
  }
  if (!have_element ("qtdemux") || !have_any_element (decoders)) {
    g_printerr ("SKIPPED: GStreamer has no demuxer or decoder for %s\n", path);
    return NULL;
  }
  return g_steal_pointer (&path);
}

/* ---- main ----------------------------------------------------------------- */

static ElementTestAdd add_stream_tests;

static void
add_with_fixture (TCase * tests)
{
  tcase_add_checked_fixture (tests, NULL, stream_clean_up);
  add_stream_tests (tests);
}

int
stream_test_main (int *argc, char ***argv, const gchar * name,
    ElementTestAdd add)
{
  int failed;

  /* Frames that overtake each other in the engine.  Said before any thread is
   * there. */
  g_setenv ("RKNN_STANDIN_TIME", "1.5", FALSE);
  g_setenv ("RKNN_STANDIN_JITTER", "90", FALSE);
  /* So that threads end when their work does, and can be counted. */
  g_thread_pool_set_max_unused_threads (0);
  add_stream_tests = add;
  failed = element_test_main (argc, argv, name, add_with_fixture);
  /* GStreamer waits at the end for what a failed test left running. */
  begin_step (NULL, "end the program");
  return failed;
}
