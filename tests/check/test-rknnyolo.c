/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The element in every stream situation, with a model whose detections are
 * known because they are written into it. */

#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>
#include <gst/video/video.h>
#include <glib/gstdio.h>
#include <math.h>

#include "testmodel.h"

#define WIDTH 128
#define HEIGHT 96
#define FRAME (40 * GST_MSECOND)
#define CAPS "video/x-raw,format=NV12,width=128,height=96,framerate=25/1"

/* A frame of 128 x 96 lies in the input of 64 x 64 at half its size, 8 pixels
 * below the top.  So in the frame: cat 32,16 - 64,48; dog 80,24 - 112,80. */
static const TestBox boxes[] = {
  {0, 0.9f, 16, 16, 32, 32},
  {1, 0.6f, 40, 20, 56, 48},
};

static const gchar *const names[] = { "cat", "dog", "bird", NULL };

static gchar *model;            /* made in main, for all tests */

static GstHarness *
new_harness (const gchar * properties)
{
  g_autofree gchar *line = g_strdup_printf ("rknnyolo model=%s %s", model,
      properties);
  GstHarness *harness = gst_harness_new_parse (line);

  gst_harness_set_src_caps_str (harness, CAPS);
  return harness;
}

static GstBuffer *
new_frame (guint number)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, WIDTH * HEIGHT * 3 / 2,
      NULL);

  gst_buffer_memset (buffer, 0, number & 0xff, -1);
  GST_BUFFER_PTS (buffer) = number * FRAME;
  GST_BUFFER_DURATION (buffer) = FRAME;
  return buffer;
}

static guint
count_regions (GstBuffer * buffer)
{
  return gst_buffer_get_n_meta (buffer,
      GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE);
}

static GstVideoRegionOfInterestMeta *
find_region (GstBuffer * buffer, const gchar * label)
{
  gpointer state = NULL;
  GstMeta *meta;

  while ((meta = gst_buffer_iterate_meta_filtered (buffer, &state,
              GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE))) {
    GstVideoRegionOfInterestMeta *roi = (GstVideoRegionOfInterestMeta *) meta;
    if (g_strcmp0 (g_quark_to_string (roi->roi_type), label) == 0)
      return roi;
  }
  return NULL;
}

static guint64
get_counter (GstElement * element, const gchar * name)
{
  g_autoptr (GstStructure) stats = NULL;
  guint64 value = G_MAXUINT64;

  g_object_get (element, "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint64 (stats, name, &value), "no %s", name);
  return value;
}

/* The harness owns a bin when it is made of a line with one element: no, it
 * owns the element itself; this is the one place that knows. */
static GstElement *
get_element (GstHarness * harness)
{
  return gst_harness_find_element (harness, "rknnyolo");
}

/* ---- what a buffer carries ------------------------------------------------ */

GST_START_TEST (test_metadata)
{
  GstHarness *harness = new_harness ("");
  GstBuffer *buffer = gst_harness_push_and_pull (harness, new_frame (0));
  GstVideoRegionOfInterestMeta *cat, *dog;
  GstStructure *detection;
  gdouble confidence, x_min, x_max, y_min, y_max;
  gint label_id;

  assert_equals_int (count_regions (buffer), 2);
  cat = find_region (buffer, "cat");
  dog = find_region (buffer, "dog");
  fail_unless (cat && dog);
  assert_equals_int (cat->x, 32);
  assert_equals_int (cat->y, 16);
  assert_equals_int (cat->w, 32);
  assert_equals_int (cat->h, 32);
  assert_equals_int (dog->x, 80);
  assert_equals_int (dog->y, 24);
  assert_equals_int (dog->w, 32);
  assert_equals_int (dog->h, 56);
  fail_unless (cat->id != dog->id);

  detection = gst_video_region_of_interest_meta_get_param (dog, "detection");
  fail_unless (gst_structure_get (detection, "label_id", G_TYPE_INT, &label_id,
          "confidence", G_TYPE_DOUBLE, &confidence, "x_min", G_TYPE_DOUBLE,
          &x_min, "x_max", G_TYPE_DOUBLE, &x_max, "y_min", G_TYPE_DOUBLE,
          &y_min, "y_max", G_TYPE_DOUBLE, &y_max, NULL));
  assert_equals_int (label_id, 1);
  assert_equals_string (gst_structure_get_string (detection, "label"), "dog");
  fail_unless (fabs (confidence - 0.6) < 1e-3);
  fail_unless (fabs (x_min - 80.0 / 128) < 1e-4);
  fail_unless (fabs (x_max - 112.0 / 128) < 1e-4);
  fail_unless (fabs (y_min - 24.0 / 96) < 1e-4);
  fail_unless (fabs (y_max - 80.0 / 96) < 1e-4);
  fail_unless (gst_structure_has_field_typed (detection, "model_name",
          G_TYPE_STRING));

  gst_buffer_unref (buffer);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* Ids stay unique beside regions of other elements. */
GST_START_TEST (test_foreign_regions)
{
  GstHarness *harness = new_harness ("");
  GstBuffer *buffer = new_frame (0);
  GstVideoRegionOfInterestMeta *other, *cat, *dog;

  other = gst_buffer_add_video_region_of_interest_meta (buffer, "face", 1, 2,
      3, 4);
  other->id = 7;
  buffer = gst_harness_push_and_pull (harness, buffer);
  assert_equals_int (count_regions (buffer), 3);
  other = find_region (buffer, "face");
  cat = find_region (buffer, "cat");
  dog = find_region (buffer, "dog");
  assert_equals_int (other->id, 7);
  fail_unless (cat->id != 7 && dog->id != 7 && cat->id != dog->id);
  gst_buffer_unref (buffer);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* The pixels are those that came in, in the memory in which they came, and who
 * else holds the buffer does not see our metas. */
GST_START_TEST (test_shared_buffer)
{
  GstHarness *harness = new_harness ("");
  GstBuffer *mine = new_frame (3);
  GstBuffer *out = gst_harness_push_and_pull (harness, gst_buffer_ref (mine));

  assert_equals_int (count_regions (mine), 0);
  assert_equals_int (count_regions (out), 2);
  fail_unless (gst_buffer_peek_memory (out, 0) == gst_buffer_peek_memory (mine,
          0));
  gst_buffer_unref (out);
  gst_buffer_unref (mine);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* ---- order ---------------------------------------------------------------- */

/* As many frames as go in come out: the same buffers, with their times, in
 * their order. */
GST_START_TEST (test_all_frames_in_order)
{
  enum
  { N = 300 };
  GstHarness *harness = new_harness ("contexts-per-core=2");
  GstMemory *memories[N];

  for (guint i = 0; i < N; i++) {
    GstBuffer *buffer = new_frame (i);

    memories[i] = gst_buffer_peek_memory (buffer, 0);
    gst_memory_ref (memories[i]);
    assert_equals_int (gst_harness_push (harness, buffer), GST_FLOW_OK);
  }
  gst_harness_push_event (harness, gst_event_new_eos ());
  for (guint i = 0; i < N; i++) {
    GstBuffer *buffer = gst_harness_pull (harness);

    fail_unless (buffer != NULL);
    assert_equals_uint64 (GST_BUFFER_PTS (buffer), i * FRAME);
    assert_equals_uint64 (GST_BUFFER_DURATION (buffer), FRAME);
    fail_unless (gst_buffer_peek_memory (buffer, 0) == memories[i]);
    assert_equals_int (count_regions (buffer), 2);
    gst_memory_unref (memories[i]);
    gst_buffer_unref (buffer);
  }
  fail_unless (gst_harness_try_pull (harness) == NULL);
  assert_equals_uint64 (get_counter (get_element (harness), "inferred"), N);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* What passes the sink pad of the harness, one word an item. */
static GstPadProbeReturn
note_item (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GString *list = data;

  if (info->type & GST_PAD_PROBE_TYPE_BUFFER) {
    GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
    g_string_append_printf (list, "%d ",
        (gint) (GST_BUFFER_PTS (buffer) / FRAME));
  } else {
    GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info);
    g_string_append_printf (list, "%s ", GST_EVENT_TYPE_NAME (event));
  }
  return GST_PAD_PROBE_OK;
}

static GString *
note_items (GstHarness * harness)
{
  GString *list = g_string_new (NULL);

  gst_pad_add_probe (harness->sinkpad, GST_PAD_PROBE_TYPE_BUFFER
      | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, note_item, list, NULL);
  return list;
}

/* EOS is an event of which the harness shows the arrival. */
static void
wait_for_eos (GstHarness * harness)
{
  gboolean eos = FALSE;

  while (!eos) {
    GstEvent *event = gst_harness_pull_event (harness);

    fail_unless (event != NULL, "no EOS in a minute");
    eos = GST_EVENT_TYPE (event) == GST_EVENT_EOS;
    gst_event_unref (event);
  }
}

GST_START_TEST (test_events_keep_their_place)
{
  GstHarness *harness = new_harness ("");
  GString *list;
  GstSegment segment;

  gst_buffer_unref (gst_harness_push_and_pull (harness, new_frame (0)));
  list = note_items (harness);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  segment.rate = 2.0;

  gst_harness_push (harness, new_frame (1));
  gst_harness_push_event (harness,
      gst_event_new_tag (gst_tag_list_new (GST_TAG_TITLE, "a", NULL)));
  gst_harness_push (harness, new_frame (2));
  gst_harness_push_event (harness, gst_event_new_gap (3 * FRAME, FRAME));
  gst_harness_push (harness, new_frame (4));
  gst_harness_push_event (harness, gst_event_new_segment (&segment));
  gst_harness_push (harness, new_frame (5));
  gst_harness_push_event (harness,
      gst_event_new_custom (GST_EVENT_CUSTOM_DOWNSTREAM,
          gst_structure_new_empty ("mark")));
  gst_harness_push (harness, new_frame (6));
  gst_harness_push_event (harness,
      gst_event_new_caps (gst_caps_from_string ("video/x-raw,format=NV12,"
              "width=128,height=96,framerate=50/1")));
  gst_harness_push (harness, new_frame (7));
  gst_harness_push_event (harness, gst_event_new_eos ());
  wait_for_eos (harness);

  assert_equals_string (list->str,
      "1 tag 2 gap 4 segment 5 custom-downstream 6 caps 7 eos ");
  gst_harness_teardown (harness);
  g_string_free (list, TRUE);
}

GST_END_TEST;

/* EOS comes through with nothing, and with some frames in flight. */
GST_START_TEST (test_eos)
{
  GstHarness *harness = new_harness ("");
  guint n_frames = __i__;

  for (guint i = 0; i < n_frames; i++)
    assert_equals_int (gst_harness_push (harness, new_frame (i)), GST_FLOW_OK);
  gst_harness_push_event (harness, gst_event_new_eos ());
  wait_for_eos (harness);
  assert_equals_int (gst_harness_buffers_received (harness), n_frames);
  assert_equals_int (gst_harness_push (harness, new_frame (9)), GST_FLOW_EOS);
  gst_harness_teardown (harness);
}

GST_END_TEST;

GST_START_TEST (test_caps_change)
{
  GstHarness *harness = new_harness ("");
  GstBuffer *buffer;
  GstVideoRegionOfInterestMeta *cat;

  gst_harness_push (harness, new_frame (0));
  /* Twice as large in other pixels; same place in the model. */
  gst_harness_push_event (harness,
      gst_event_new_caps (gst_caps_from_string ("video/x-raw,format=RGB,"
              "width=256,height=192,framerate=25/1")));
  buffer = gst_buffer_new_allocate (NULL, 256 * 192 * 3, NULL);
  gst_buffer_memset (buffer, 0, 50, -1);
  gst_harness_push (harness, buffer);

  buffer = gst_harness_pull (harness);
  assert_equals_int (find_region (buffer, "cat")->x, 32);
  gst_buffer_unref (buffer);
  buffer = gst_harness_pull (harness);
  cat = find_region (buffer, "cat");
  assert_equals_int (cat->x, 64);
  assert_equals_int (cat->y, 32);
  assert_equals_int (cat->w, 64);
  assert_equals_int (cat->h, 64);
  gst_buffer_unref (buffer);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* ---- full, flushed, refused ----------------------------------------------- */

typedef struct
{
  GstHarness *harness;
  guint n_frames;
  GstFlowReturn result;         /* of the last push */
  gint pushed;                  /* atomic */
} Pusher;

static gpointer
push_frames (gpointer data)
{
  Pusher *pusher = data;

  for (guint i = 0; i < pusher->n_frames; i++) {
    pusher->result = gst_pad_push (pusher->harness->srcpad, new_frame (i));
    if (pusher->result != GST_FLOW_OK)
      break;
    g_atomic_int_inc (&pusher->pushed);
  }
  return NULL;
}

static GstPadProbeReturn
block (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  return GST_PAD_PROBE_OK;
}

static gulong
block_output (GstHarness * harness)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (get_element (harness),
      "src");

  return gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BLOCK
      | GST_PAD_PROBE_TYPE_BUFFER, block, NULL, NULL);
}

static void
unblock_output (GstHarness * harness, gulong id)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (get_element (harness),
      "src");

  gst_pad_remove_probe (pad, id);
}

static void
wait_until_pushed (Pusher * pusher, gint n)
{
  for (guint i = 0; i < 6000 && g_atomic_int_get (&pusher->pushed) < n; i++)
    g_usleep (10000);
  assert_equals_int (g_atomic_int_get (&pusher->pushed), n);
}

/* With its output blocked the element takes what may be in flight and one that
 * the task holds, then blocks; a flush frees whoever waits. */
GST_START_TEST (test_flush_while_full)
{
  GstHarness *harness = new_harness ("max-in-flight=2");
  Pusher pusher = { harness, 10, GST_FLOW_OK, 0 };
  gulong id = block_output (harness);
  GThread *thread = g_thread_new ("pusher", push_frames, &pusher);
  GstSegment segment;
  GstBuffer *buffer;

  wait_until_pushed (&pusher, 3);
  g_usleep (50000);
  assert_equals_int (g_atomic_int_get (&pusher.pushed), 3);

  gst_harness_push_event (harness, gst_event_new_flush_start ());
  g_thread_join (thread);
  assert_equals_int (pusher.result, GST_FLOW_FLUSHING);
  unblock_output (harness, id);
  gst_harness_push_event (harness, gst_event_new_flush_stop (TRUE));

  /* Goes on as if nothing had been. */
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_harness_push_event (harness, gst_event_new_segment (&segment));
  gst_harness_push (harness, new_frame (100));
  buffer = gst_harness_pull (harness);
  assert_equals_uint64 (GST_BUFFER_PTS (buffer), 100 * FRAME);
  assert_equals_int (count_regions (buffer), 2);
  gst_buffer_unref (buffer);
  gst_harness_teardown (harness);
}

GST_END_TEST;

static void
check_sum (GstElement * element, guint64 frames_in)
{
  static const gchar *const parts[] = {
    "inferred", "passed", "skipped", "failed", "dropped", "flushed",
  };
  guint64 sum = 0;

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    sum += get_counter (element, parts[i]);
  assert_equals_uint64 (get_counter (element, "frames-in"), frames_in);
  assert_equals_uint64 (sum, frames_in);
}

GST_START_TEST (test_overload_drop)
{
  GstHarness *harness = new_harness ("max-in-flight=2 overload=drop");
  Pusher pusher = { harness, 10, GST_FLOW_OK, 0 };
  gulong id = block_output (harness);
  guint n_out;

  push_frames (&pusher);
  assert_equals_int (pusher.pushed, 10);
  unblock_output (harness, id);
  gst_harness_push_event (harness, gst_event_new_eos ());
  wait_for_eos (harness);
  n_out = gst_harness_buffers_received (harness);
  fail_unless (n_out >= 2 && n_out <= 3, "%u frames", n_out);
  assert_equals_uint64 (get_counter (get_element (harness), "dropped"),
      10 - n_out);
  assert_equals_uint64 (get_counter (get_element (harness), "inferred"),
      n_out);
  check_sum (get_element (harness), 10);
  gst_harness_teardown (harness);
}

GST_END_TEST;

GST_START_TEST (test_overload_skip)
{
  GstHarness *harness = new_harness ("max-in-flight=2 overload=skip");
  Pusher pusher = { harness, 7, GST_FLOW_OK, 0 };
  gulong id = block_output (harness);
  guint with = 0;

  push_frames (&pusher);
  assert_equals_int (pusher.pushed, 7);
  unblock_output (harness, id);
  gst_harness_push_event (harness, gst_event_new_eos ());
  wait_for_eos (harness);
  assert_equals_int (gst_harness_buffers_received (harness), 7);
  for (guint i = 0; i < 7; i++) {
    GstBuffer *buffer = gst_harness_pull (harness);

    assert_equals_uint64 (GST_BUFFER_PTS (buffer), i * FRAME);
    with += count_regions (buffer) > 0;
    gst_buffer_unref (buffer);
  }
  assert_equals_uint64 (get_counter (get_element (harness), "inferred"), with);
  assert_equals_uint64 (get_counter (get_element (harness), "skipped"),
      7 - with);
  check_sum (get_element (harness), 7);
  gst_harness_teardown (harness);
}

GST_END_TEST;

static GstFlowReturn flow_to_return;

static GstFlowReturn
refuse (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  gst_buffer_unref (buffer);
  return flow_to_return;
}

static const GstFlowReturn flows[] = {
  GST_FLOW_FLUSHING, GST_FLOW_EOS, GST_FLOW_ERROR, GST_FLOW_NOT_LINKED,
};

/* What downstream says reaches upstream, with the next buffer or soon. */
GST_START_TEST (test_downstream_result)
{
  GstHarness *harness = new_harness ("");
  GstFlowReturn result = GST_FLOW_OK;

  flow_to_return = flows[__i__];
  gst_pad_set_chain_function (harness->sinkpad, refuse);
  for (guint i = 0; i < 6000 && result == GST_FLOW_OK; i++) {
    result = gst_harness_push (harness, new_frame (i));
    g_usleep (1000);
  }
  assert_equals_int (result, flow_to_return);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* After downstream's EOS a new segment makes frames flow again. */
GST_START_TEST (test_segment_after_downstream_eos)
{
  GstHarness *harness = new_harness ("");
  GstFlowReturn result = GST_FLOW_OK;
  GstPadChainFunction chain = GST_PAD_CHAINFUNC (harness->sinkpad);
  GstSegment segment;
  GstBuffer *buffer;

  flow_to_return = GST_FLOW_EOS;
  gst_pad_set_chain_function (harness->sinkpad, refuse);
  for (guint i = 0; i < 6000 && result == GST_FLOW_OK; i++) {
    result = gst_harness_push (harness, new_frame (i));
    g_usleep (1000);
  }
  assert_equals_int (result, GST_FLOW_EOS);

  gst_pad_set_chain_function (harness->sinkpad, chain);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_harness_push_event (harness, gst_event_new_segment (&segment));
  assert_equals_int (gst_harness_push (harness, new_frame (50)), GST_FLOW_OK);
  buffer = gst_harness_pull (harness);
  assert_equals_uint64 (GST_BUFFER_PTS (buffer), 50 * FRAME);
  gst_buffer_unref (buffer);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* ---- frames that are not inferred ----------------------------------------- */

GST_START_TEST (test_gap_and_interval)
{
  GstHarness *harness = new_harness ("interval=3");
  guint expected[] = { 2, 0, 0, 2, 0, 0, 2 };
  GstBuffer *buffer;

  for (guint i = 0; i < G_N_ELEMENTS (expected); i++) {
    buffer = gst_harness_push_and_pull (harness, new_frame (i));
    assert_equals_int (count_regions (buffer), expected[i]);
    gst_buffer_unref (buffer);
  }
  g_object_set (get_element (harness), "interval", 1, NULL);
  buffer = new_frame (7);
  GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_GAP);
  buffer = gst_harness_push_and_pull (harness, buffer);
  assert_equals_int (count_regions (buffer), 0);
  gst_buffer_unref (buffer);

  assert_equals_uint64 (get_counter (get_element (harness), "inferred"), 3);
  assert_equals_uint64 (get_counter (get_element (harness), "passed"), 5);
  check_sum (get_element (harness), 8);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* A frame smaller than its caps say passes, is counted, and warned of once. */
GST_START_TEST (test_unreadable_frame)
{
  GstHarness *harness = new_harness ("");
  GstBus *bus = gst_bus_new ();
  GstMessage *message;
  GstBuffer *buffer;

  gst_element_set_bus (get_element (harness), bus);
  for (guint i = 0; i < 2; i++) {
    buffer = gst_buffer_new_allocate (NULL, 100, NULL);
    GST_BUFFER_PTS (buffer) = i * FRAME;
    buffer = gst_harness_push_and_pull (harness, buffer);
    assert_equals_int (gst_buffer_get_size (buffer), 100);
    assert_equals_int (count_regions (buffer), 0);
    gst_buffer_unref (buffer);
  }
  buffer = gst_harness_push_and_pull (harness, new_frame (2));
  assert_equals_int (count_regions (buffer), 2);
  gst_buffer_unref (buffer);
  assert_equals_uint64 (get_counter (get_element (harness), "failed"), 2);
  check_sum (get_element (harness), 3);

  message = gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING);
  fail_unless (message != NULL);
  gst_message_unref (message);
  fail_unless (gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING) == NULL);
  gst_element_set_bus (get_element (harness), NULL);
  gst_object_unref (bus);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* ---- live properties ------------------------------------------------------ */

static guint
regions_of_next (GstHarness * harness)
{
  GstBuffer *buffer = gst_harness_push_and_pull (harness, new_frame (0));
  guint n = count_regions (buffer);

  gst_buffer_unref (buffer);
  return n;
}

GST_START_TEST (test_live_properties)
{
  GstHarness *harness = new_harness ("");
  GstElement *element = get_element (harness);

  assert_equals_int (regions_of_next (harness), 2);
  g_object_set (element, "confidence-threshold", 0.7f, NULL);
  assert_equals_int (regions_of_next (harness), 1);
  g_object_set (element, "confidence-threshold", 0.25f, "max-detections", 1,
      NULL);
  assert_equals_int (regions_of_next (harness), 1);
  g_object_set (element, "max-detections", 300, "classes", "dog, bird", NULL);
  assert_equals_int (regions_of_next (harness), 1);
  g_object_set (element, "classes", "2", NULL);
  assert_equals_int (regions_of_next (harness), 0);
  g_object_set (element, "classes", "0,dog", NULL);
  assert_equals_int (regions_of_next (harness), 2);
  g_object_set (element, "classes", "", NULL);
  assert_equals_int (regions_of_next (harness), 2);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* ---- queries -------------------------------------------------------------- */

GST_START_TEST (test_latency)
{
  GstHarness *harness = new_harness ("");
  GstClockTime without, with;

  gst_harness_set_upstream_latency (harness, 20 * GST_MSECOND);
  without = 20 * GST_MSECOND;
  gst_buffer_unref (gst_harness_push_and_pull (harness, new_frame (0)));
  with = gst_harness_query_latency (harness);
  fail_unless (with > without);
  fail_unless (with < without + GST_SECOND);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* The pool that upstream gets is larger by what the element holds. */
GST_START_TEST (test_allocation)
{
  GstHarness *harness = new_harness ("max-in-flight=5");
  g_autoptr (GstCaps) caps = gst_caps_from_string (CAPS);
  GstQuery *query = gst_query_new_allocation (caps, TRUE);
  GstBufferPool *pool = NULL;
  guint size, min, max;

  gst_harness_push (harness, new_frame (0));
  fail_unless (gst_pad_peer_query (harness->srcpad, query));
  fail_unless (gst_query_find_allocation_meta (query, GST_VIDEO_META_API_TYPE,
          NULL));
  assert_equals_int (gst_query_get_n_allocation_pools (query), 1);
  gst_query_parse_nth_allocation_pool (query, 0, &pool, &size, &min, &max);
  assert_equals_int (size, WIDTH * HEIGHT * 3 / 2);
  fail_unless (min >= 5);
  fail_unless (max == 0 || max >= min);
  gst_clear_object (&pool);
  gst_query_unref (query);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* ---- life ----------------------------------------------------------------- */

GST_START_TEST (test_state_cycles)
{
  GstHarness *harness = new_harness ("");
  GstElement *element = get_element (harness);

  for (guint i = 0; i < 20; i++) {
    for (guint k = 0; k < i % 4; k++)
      gst_harness_push (harness, new_frame (k));
    assert_equals_int (gst_element_set_state (element, i % 2 ? GST_STATE_READY :
            GST_STATE_NULL), GST_STATE_CHANGE_SUCCESS);
    assert_equals_int (gst_element_set_state (element, GST_STATE_PLAYING),
        GST_STATE_CHANGE_SUCCESS);
    while (gst_harness_buffers_in_queue (harness))
      gst_buffer_unref (gst_harness_pull (harness));
    gst_harness_set_src_caps_str (harness, CAPS);
  }
  gst_harness_push_event (harness, gst_event_new_eos ());
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* Buffers may be held when the element is long gone. */
GST_START_TEST (test_buffers_outlive_element)
{
  GstHarness *harness = new_harness ("");
  GstBuffer *buffer = gst_harness_push_and_pull (harness, new_frame (1));
  GstVideoRegionOfInterestMeta *cat;

  gst_harness_teardown (harness);
  cat = find_region (buffer, "cat");
  assert_equals_string (g_quark_to_string (cat->roi_type), "cat");
  fail_unless (gst_video_region_of_interest_meta_get_param (cat, "detection")
      != NULL);
  gst_buffer_unref (buffer);
}

GST_END_TEST;

GST_START_TEST (test_shared_model)
{
  GstHarness *a = new_harness ("model-instance-id=shared");
  GstHarness *b = new_harness ("model-instance-id=shared");

  for (guint i = 0; i < 10; i++) {
    assert_equals_int (regions_of_next (a), 2);
    assert_equals_int (regions_of_next (b), 2);
  }
  /* Who came first may go first. */
  gst_harness_teardown (a);
  assert_equals_int (regions_of_next (b), 2);
  assert_equals_uint64 (get_counter (get_element (b), "inferred"), 11);
  gst_harness_teardown (b);
}

GST_END_TEST;

/* ---- errors a user can mend ----------------------------------------------- */

/* Starts an element and returns the text of the message of this type. */
static gchar *
start_and_get_message (const gchar * properties, GstMessageType type)
{
  g_autofree gchar *line = g_strdup_printf ("rknnyolo %s", properties);
  g_autoptr (GError) error = NULL;
  GstElement *element = gst_parse_launch (line, &error);
  GstBus *bus = gst_bus_new ();
  GstMessage *message;
  gchar *text = NULL;
  GstStateChangeReturn result;

  g_assert_no_error (error);
  gst_object_ref_sink (element);
  gst_element_set_bus (element, bus);
  result = gst_element_set_state (element, GST_STATE_PAUSED);
  fail_unless ((result == GST_STATE_CHANGE_FAILURE)
      == (type == GST_MESSAGE_ERROR));
  message = gst_bus_pop_filtered (bus, type);
  fail_unless (message != NULL, "%s: no message", line);
  if (type == GST_MESSAGE_ERROR)
    gst_message_parse_error (message, &error, NULL);
  else
    gst_message_parse_warning (message, &error, NULL);
  text = g_strdup (error->message);
  gst_message_unref (message);
  gst_element_set_state (element, GST_STATE_NULL);
  gst_element_set_bus (element, NULL);
  gst_object_unref (bus);
  gst_object_unref (element);
  return text;
}

static void
assert_error (const gchar * properties, const gchar * pattern)
{
  g_autofree gchar *text = start_and_get_message (properties,
      GST_MESSAGE_ERROR);

  fail_unless (g_pattern_match_simple (pattern, text), "\"%s\" is not like "
      "\"%s\"", text, pattern);
  fail_unless (strchr (text, '\n') == NULL, "more than a paragraph: %s", text);
}

static gchar *
write_file (const gchar * suffix, const gchar * content, gssize length)
{
  g_autofree gchar *template = g_strdup_printf ("rknnyolo-XXXXXX%s", suffix);
  g_autoptr (GError) error = NULL;
  gchar *path = NULL;
  gint fd = g_file_open_tmp (template, &path, &error);

  g_assert_no_error (error);
  g_close (fd, NULL);
  g_file_set_contents (path, content, length, &error);
  g_assert_no_error (error);
  return path;
}

static void
assert_file_error (const gchar * suffix, const gchar * content, gssize length,
    const gchar * pattern)
{
  g_autofree gchar *path = write_file (suffix, content, length);
  g_autofree gchar *properties = g_strdup_printf ("model=%s", path);

  assert_error (properties, pattern);
  g_unlink (path);
}

GST_START_TEST (test_model_errors)
{
  gchar random[4096];

  assert_error ("", "*property model*");
  assert_error ("model=/nonexistent/yolo.rknn", "*/nonexistent/yolo.rknn*");
  assert_file_error (".onnx", "", 0, "*empty*");
  assert_file_error (".rknn", "", 0, "*empty*");
  assert_file_error (".onnx", "this is no model\n", -1, "*text*");
  g_random_set_seed (4711);
  for (guint i = 0; i < sizeof (random); i++)
    random[i] = g_random_int ();
  assert_file_error (".onnx", random, sizeof (random), "*model*");
  assert_file_error (".rknn", random, sizeof (random), "*model*");
}

GST_END_TEST;

/* A .rknn file needs librknnrt, which machines with tests do not have. */
GST_START_TEST (test_rknn_without_runtime)
{
  gchar header[128] = "RKNN\0\0\0\0\6\0\0\0\0\0\0\0\x40";
  g_autofree gchar *path = write_file (".rknn", header, sizeof (header));
  g_autofree gchar *properties = g_strdup_printf ("model=%s runtime-library="
      "/nonexistent/librknnrt.so", path);

  assert_error (properties, "*/nonexistent/librknnrt.so*runtime-library*");
  g_unlink (path);
}

GST_END_TEST;

GST_START_TEST (test_unknown_head)
{
  static const gint64 dims[] = { 1, 3, 7, 5 };
  gchar *path = test_model_write_shape (dims, 4);
  g_autofree gchar *properties = g_strdup_printf ("model=%s", path);

  assert_error (properties, "*output0*[1,3,7,5]*YOLO*");
  test_model_remove (path);
}

GST_END_TEST;

GST_START_TEST (test_core_errors)
{
  g_autofree gchar *beyond = g_strdup_printf ("model=%s cores=7", model);
  g_autofree gchar *word = g_strdup_printf ("model=%s cores=first", model);

  assert_error (beyond, "*core 7*");
  assert_error (word, "*first*auto*");
}

GST_END_TEST;

/* Too few labels are odd, not wrong: the others are called by number. */
GST_START_TEST (test_labels)
{
  g_autofree gchar *path = write_file (".txt", "one\n\xe8\xa1\x8c\xe4\xba\xba\n",
      -1);
  g_autofree gchar *properties = g_strdup_printf ("model=%s labels=%s", model,
      path);
  g_autofree gchar *warning = start_and_get_message (properties,
      GST_MESSAGE_WARNING);
  g_autofree gchar *missing = g_strdup_printf ("model=%s labels=/nonexistent",
      model);
  g_autofree gchar *more = g_strdup_printf ("labels=%s", path);
  GstHarness *harness;
  GstBuffer *buffer;

  fail_unless (strstr (warning, "2") && strstr (warning, "3"), "%s", warning);
  assert_error (missing, "*/nonexistent*");

  harness = new_harness (more);
  buffer = gst_harness_push_and_pull (harness, new_frame (0));
  fail_unless (find_region (buffer, "one") != NULL);
  fail_unless (find_region (buffer, "\xe8\xa1\x8c\xe4\xba\xba") != NULL);
  gst_buffer_unref (buffer);
  gst_harness_teardown (harness);
  g_unlink (path);
}

GST_END_TEST;

/* Pixels of a compressed format under a plain name are refused. */
GST_START_TEST (test_compressed_caps)
{
  GstHarness *harness = new_harness ("");
  GstBus *bus = gst_bus_new ();
  GstMessage *message;

  gst_element_set_bus (get_element (harness), bus);
  gst_harness_push_event (harness,
      gst_event_new_caps (gst_caps_from_string (CAPS ",arm-afbc=(int)1")));
  assert_equals_int (gst_harness_push (harness, new_frame (0)),
      GST_FLOW_NOT_NEGOTIATED);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  gst_message_unref (message);
  gst_element_set_bus (get_element (harness), NULL);
  gst_object_unref (bus);
  gst_harness_teardown (harness);
}

GST_END_TEST;

static void
add_stream_tests (Suite * suite)
{
  TCase *tests = tcase_create ("stream");

  suite_add_tcase (suite, tests);
  tcase_set_timeout (tests, 120);
  tcase_add_test (tests, test_metadata);
  tcase_add_test (tests, test_foreign_regions);
  tcase_add_test (tests, test_shared_buffer);
  tcase_add_test (tests, test_all_frames_in_order);
  tcase_add_test (tests, test_events_keep_their_place);
  tcase_add_loop_test (tests, test_eos, 0, 6);
  tcase_add_test (tests, test_caps_change);
  tcase_add_test (tests, test_flush_while_full);
  tcase_add_test (tests, test_overload_drop);
  tcase_add_test (tests, test_overload_skip);
  tcase_add_loop_test (tests, test_downstream_result, 0,
      G_N_ELEMENTS (flows));
  tcase_add_test (tests, test_segment_after_downstream_eos);
  tcase_add_test (tests, test_gap_and_interval);
  tcase_add_test (tests, test_unreadable_frame);
  tcase_add_test (tests, test_live_properties);
  tcase_add_test (tests, test_latency);
  tcase_add_test (tests, test_allocation);
  tcase_add_test (tests, test_state_cycles);
  tcase_add_test (tests, test_buffers_outlive_element);
  tcase_add_test (tests, test_shared_model);
  tcase_add_test (tests, test_compressed_caps);
}

static void
add_error_tests (Suite * suite)
{
  TCase *tests = tcase_create ("errors");

  suite_add_tcase (suite, tests);
  tcase_set_timeout (tests, 60);
  tcase_add_test (tests, test_model_errors);
  tcase_add_test (tests, test_rknn_without_runtime);
  tcase_add_test (tests, test_unknown_head);
  tcase_add_test (tests, test_core_errors);
  tcase_add_test (tests, test_labels);
}

int
main (int argc, char **argv)
{
  Suite *suite;
  gint failed;

  gst_check_init (&argc, &argv);
  /* 77 is what test runners take for skipped. */
  if (!test_model_can_run ())
    return 77;
  model = test_model_write (boxes, G_N_ELEMENTS (boxes), 3, names);
  suite = suite_create ("rknnyolo");
  add_stream_tests (suite);
  add_error_tests (suite);
  failed = gst_check_run_suite (suite, "rknnyolo", __FILE__);
  test_model_remove (model);
  return failed;
}
