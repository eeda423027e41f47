/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whose pixels rknnyolooverlay writes to: its own or nobody else's. */

#include "overlaytest.h"

#include <string.h>

#include "fakedmabuf.h"

#define WIDTH 64
#define HEIGHT 48
#define BOXES_ONLY "draw-labels=false draw-scores=false"

static const Rect rect = { 8, 8, 32, 24 };

static GstVideoInfo info;
static GstHarness *h;

static void
setup_with (const gchar * properties)
{
  overlay_info_set (&info, GST_VIDEO_FORMAT_NV12, WIDTH, HEIGHT, NULL);
  h = overlay_harness_new (&info, properties);
}

static void
setup (void)
{
  setup_with (BOXES_ONLY);
}

static void
teardown (void)
{
  gst_harness_teardown (h);
}

static GstBuffer *
new_frame (void)
{
  GstBuffer *buffer = overlay_frame_new (&info, 11, FALSE);

  overlay_add_box (buffer, "person", &rect);
  return buffer;
}

static void
assert_untouched (GstBuffer * buffer)
{
  GstBuffer *original = overlay_frame_new (&info, 11, FALSE);

  overlay_assert_equal (buffer, original, NULL, "pixels of somebody else");
  gst_buffer_unref (original);
}

static void
assert_drawn (GstBuffer * buffer)
{
  const Rgb color = overlay_find_color ("person");
  GstBuffer *expected = overlay_frame_new (&info, 11, FALSE);
  guint8 *fuzzy = g_malloc0 (gst_buffer_get_size (expected));

  overlay_expect_outline (expected, &info, &rect, 2, color, fuzzy);
  overlay_assert_equal (buffer, expected, fuzzy, "drawn frame");
  g_free (fuzzy);
  gst_buffer_unref (expected);
}

static gconstpointer
address_of (GstBuffer * buffer)
{
  gconstpointer data;
  GstMapInfo map;

  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
  data = map.data;
  gst_buffer_unmap (buffer, &map);
  return data;
}

GST_START_TEST (test_own_frame_in_place)
{
  GstBuffer *in = new_frame (), *out;
  gconstpointer data = address_of (in);

  out = gst_harness_push_and_pull (h, in);
  fail_unless (out == in);
  fail_unless (address_of (out) == data);
  assert_drawn (out);
  gst_buffer_unref (out);
}

GST_END_TEST;

GST_START_TEST (test_nothing_to_draw)
{
  GstBuffer *in = overlay_frame_new (&info, 11, FALSE), *out;

  /* Held by two, and still not copied. */
  gst_buffer_ref (in);
  out = gst_harness_push_and_pull (h, in);
  fail_unless (out == in);
  gst_buffer_unref (out);

  GST_MINI_OBJECT_FLAG_SET (in, GST_MINI_OBJECT_FLAG_LOCKABLE);
  out = gst_harness_push_and_pull (h, in);
  fail_unless (out == in);
  assert_untouched (out);
  gst_buffer_unref (out);
}

GST_END_TEST;

GST_START_TEST (test_buffer_held_elsewhere)
{
  GstBuffer *in = new_frame (), *out;

  out = gst_harness_push_and_pull (h, gst_buffer_ref (in));
  fail_if (out == in);
  assert_untouched (in);
  assert_drawn (out);
  gst_buffer_unref (out);
  gst_buffer_unref (in);
}

GST_END_TEST;

GST_START_TEST (test_memory_held_elsewhere)
{
  GstBuffer *other = new_frame (), *out;
  GstBuffer *in = gst_buffer_copy (other);

  fail_unless (gst_buffer_peek_memory (in, 0)
      == gst_buffer_peek_memory (other, 0));
  gst_buffer_add_parent_buffer_meta (in, other);
  out = gst_harness_push_and_pull (h, in);
  assert_untouched (other);
  assert_drawn (out);

  /* From the pool, and not keeping the original alive. */
  fail_unless (out->pool != NULL);
  fail_unless (gst_buffer_get_parent_buffer_meta (out) == NULL);
  gst_buffer_unref (out);
  gst_buffer_unref (other);
}

GST_END_TEST;

GST_START_TEST (test_read_only_memory)
{
  GstBuffer *source = new_frame (), *in, *out;
  const gsize size = gst_buffer_get_size (source);
  guint8 *pixels = g_malloc (size), *before;

  gst_buffer_extract (source, 0, pixels, size);
  before = g_memdup2 (pixels, size);
  in = gst_buffer_new_wrapped_full (GST_MEMORY_FLAG_READONLY, pixels, size, 0,
      size, NULL, NULL);
  overlay_add_box (in, "person", &rect);

  out = gst_harness_push_and_pull (h, in);
  fail_unless (memcmp (pixels, before, size) == 0);
  assert_drawn (out);
  gst_buffer_unref (out);
  gst_buffer_unref (source);
  g_free (before);
  g_free (pixels);
}

GST_END_TEST;

/* A decoder's frame as mppvideodec puts it out: only the flag tells that the
 * decoder still reads it.  Returns the pixels, which outlive the buffer. */
static guint8 *
push_decoder_frame (GstBuffer ** out)
{
  GstBuffer *source = new_frame (), *in;
  const gsize size = gst_buffer_get_size (source);
  guint8 *pixels = g_malloc (size);

  gst_buffer_extract (source, 0, pixels, size);
  gst_buffer_unref (source);
  in = gst_buffer_new_wrapped_full (0, pixels, size, 0, size, NULL, NULL);
  overlay_add_box (in, "person", &rect);
  GST_BUFFER_PTS (in) = 5 * GST_SECOND;
  GST_BUFFER_DURATION (in) = 40 * GST_MSECOND;
  GST_MINI_OBJECT_FLAG_SET (in, GST_MINI_OBJECT_FLAG_LOCKABLE);

  *out = gst_harness_push_and_pull (h, in);
  return pixels;
}

GST_START_TEST (test_decoder_frame)
{
  GstBuffer *out, *source = new_frame ();
  guint8 *pixels = push_decoder_frame (&out);

  fail_unless (gst_buffer_memcmp (source, 0, pixels,
          gst_buffer_get_size (source)) == 0);
  assert_drawn (out);

  /* The copy is an ordinary buffer with all that was known of the frame. */
  fail_if (GST_MINI_OBJECT_FLAG_IS_SET (out, GST_MINI_OBJECT_FLAG_LOCKABLE));
  fail_unless_equals_uint64 (GST_BUFFER_PTS (out), 5 * GST_SECOND);
  fail_unless_equals_uint64 (GST_BUFFER_DURATION (out), 40 * GST_MSECOND);
  fail_unless_equals_int (rknnyolo_buffer_count_detections (out), 1);
  fail_unless (gst_buffer_is_all_memory_writable (out));
  gst_buffer_unref (out);
  gst_buffer_unref (source);
  g_free (pixels);
}

GST_END_TEST;

GST_START_TEST (test_decoder_frame_declared_safe)
{
  GstBuffer *out, *source;
  guint8 *pixels;

  teardown ();
  setup_with (BOXES_ONLY " copy=shared");
  source = new_frame ();
  pixels = push_decoder_frame (&out);
  fail_if (gst_buffer_memcmp (source, 0, pixels,
          gst_buffer_get_size (source)) == 0);
  fail_unless (address_of (out) == pixels);
  gst_buffer_unref (out);

  /* Declared safe or not: what another branch holds is not drawn on. */
  GST_MINI_OBJECT_FLAG_SET (source, GST_MINI_OBJECT_FLAG_LOCKABLE);
  out = gst_harness_push_and_pull (h, gst_buffer_ref (source));
  assert_untouched (source);
  assert_drawn (out);
  gst_buffer_unref (out);
  gst_buffer_unref (source);
  g_free (pixels);
}

GST_END_TEST;

GST_START_TEST (test_copy_always)
{
  GstBuffer *in, *out;
  gconstpointer data;

  teardown ();
  setup_with (BOXES_ONLY " copy=always");
  in = new_frame ();
  data = address_of (in);
  out = gst_harness_push_and_pull (h, in);
  fail_if (address_of (out) == data);
  assert_drawn (out);
  gst_buffer_unref (out);
}

GST_END_TEST;

GST_START_TEST (test_copies_are_pooled)
{
  GHashTable *seen = g_hash_table_new (NULL, NULL);
  guint i;

  for (i = 0; i < 30; i++) {
    GstBuffer *in = new_frame (), *out;

    out = gst_harness_push_and_pull (h, gst_buffer_ref (in));
    g_hash_table_add (seen, (gpointer) address_of (out));
    /* A frame that is used again brings nothing of its former self along. */
    fail_unless_equals_int (rknnyolo_buffer_count_detections (out), 1);
    assert_drawn (out);
    gst_buffer_unref (out);
    gst_buffer_unref (in);
  }
  fail_unless (g_hash_table_size (seen) <= 2);
  g_hash_table_unref (seen);
}

GST_END_TEST;

static GstPadProbeReturn
offer_pool (GstPad * pad, GstPadProbeInfo * probe, gpointer data)
{
  GstQuery *query = GST_PAD_PROBE_INFO_QUERY (probe);
  GstBufferPool *pool = data;
  GstStructure *config;
  guint size, min, max;

  if (GST_QUERY_TYPE (query) != GST_QUERY_ALLOCATION)
    return GST_PAD_PROBE_OK;

  config = gst_buffer_pool_get_config (pool);
  gst_buffer_pool_config_get_params (config, NULL, &size, &min, &max);
  gst_structure_free (config);
  gst_query_add_allocation_pool (query, pool, size, min, max);
  return GST_PAD_PROBE_HANDLED;
}

static GstBufferPool *
offer_new_pool (guint max)
{
  GstBufferPool *pool = gst_video_buffer_pool_new ();
  GstStructure *config = gst_buffer_pool_get_config (pool);

  gst_buffer_pool_config_set_params (config, NULL,
      GST_VIDEO_INFO_SIZE (&info), 0, max);
  gst_buffer_pool_set_config (pool, config);
  gst_pad_add_probe (h->sinkpad, GST_PAD_PROBE_TYPE_QUERY_DOWNSTREAM,
      offer_pool, pool, NULL);
  return pool;
}

static GstBuffer *
push_shared (void)
{
  GstBuffer *in = new_frame (), *out;

  out = gst_harness_push_and_pull (h, gst_buffer_ref (in));
  assert_untouched (in);
  assert_drawn (out);
  gst_buffer_unref (in);
  return out;
}

GST_START_TEST (test_pool_of_downstream)
{
  GstBufferPool *pool = offer_new_pool (0);
  GstBuffer *out = push_shared ();

  fail_unless (out->pool == pool);
  gst_buffer_unref (out);

  /* Shut down by its owner: the stream goes on. */
  gst_buffer_pool_set_active (pool, FALSE);
  out = push_shared ();
  gst_buffer_unref (out);
  gst_object_unref (pool);
}

GST_END_TEST;

/* Frames of a pool with a limit may all be upstream. */
GST_START_TEST (test_limited_pool_of_downstream)
{
  GstBufferPool *pool = offer_new_pool (4);
  GstBuffer *out = push_shared ();

  fail_unless (out->pool != NULL && out->pool != pool);
  gst_buffer_unref (out);
  gst_object_unref (pool);
}

GST_END_TEST;

#define CROP_X 16
#define CROP_Y 8

/* The crop of a padded NV12 frame as a frame of its own, without padding. */
static GstBuffer *
cut_out (GstBuffer * buffer, const GstVideoInfo * large)
{
  GstBuffer *picture = overlay_frame_new (&info, 0, FALSE);
  GstVideoFrame from, to;
  gint y;

  fail_unless (gst_video_frame_map (&from, large, buffer, GST_MAP_READ));
  fail_unless (gst_video_frame_map (&to, &info, picture, GST_MAP_WRITE));
  for (y = 0; y < HEIGHT; y++)
    memcpy ((guint8 *) to.data[0] + y * WIDTH, (guint8 *) from.data[0]
        + (y + CROP_Y) * GST_VIDEO_FRAME_PLANE_STRIDE (&from, 0) + CROP_X,
        WIDTH);
  for (y = 0; y < HEIGHT / 2; y++)
    memcpy ((guint8 *) to.data[1] + y * WIDTH, (guint8 *) from.data[1]
        + (y + CROP_Y / 2) * GST_VIDEO_FRAME_PLANE_STRIDE (&from, 1) + CROP_X,
        WIDTH);
  gst_video_frame_unmap (&to);
  gst_video_frame_unmap (&from);
  return picture;
}

GST_START_TEST (test_padded_copy)
{
  const Rgb color = overlay_find_color ("person");
  GstBuffer *in, *out, *expected;
  GstVideoCropMeta *crop;
  GstVideoMeta *meta;
  GstVideoInfo large;
  guint8 *fuzzy;

  overlay_info_set (&large, GST_VIDEO_FORMAT_NV12, 96, 80, NULL);
  in = overlay_frame_new (&large, 4, TRUE);
  crop = gst_buffer_add_video_crop_meta (in);
  crop->x = CROP_X;
  crop->y = CROP_Y;
  crop->width = WIDTH;
  crop->height = HEIGHT;
  expected = cut_out (in, &large);
  fuzzy = g_malloc0 (gst_buffer_get_size (expected));
  overlay_expect_outline (expected, &info, &rect, 2, color, fuzzy);

  overlay_add_box (in, "person", &rect);
  out = gst_harness_push_and_pull (h, gst_buffer_ref (in));
  overlay_assert_equal (out, expected, fuzzy, "copy of a crop");
  fail_unless (gst_buffer_get_video_crop_meta (out) == NULL);
  meta = gst_buffer_get_video_meta (out);
  fail_unless (meta == NULL || meta->width == WIDTH);

  g_free (fuzzy);
  gst_buffer_unref (expected);
  gst_buffer_unref (out);
  gst_buffer_unref (in);
}

GST_END_TEST;

GST_START_TEST (test_fd_memory)
{
  GstBuffer *in = fake_dma_buf_move (new_frame ()), *out;
  GstMemory *memory = gst_buffer_peek_memory (in, 0);

  out = gst_harness_push_and_pull (h, in);
  fail_unless (gst_buffer_peek_memory (out, 0) == memory);
  assert_drawn (out);
  gst_buffer_unref (out);
}

GST_END_TEST;

GST_START_TEST (test_too_small)
{
  GstBuffer *in = gst_buffer_new_allocate (NULL, 100, NULL);
  GstBus *bus = gst_bus_new ();
  GstMessage *message;

  gst_element_set_bus (h->element, bus);
  overlay_add_box (in, "person", &rect);
  fail_unless_equals_int (gst_harness_push (h, in), GST_FLOW_ERROR);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  gst_message_unref (message);
  gst_element_set_bus (h->element, NULL);
  gst_object_unref (bus);
}

GST_END_TEST;

GST_START_TEST (test_compressed_is_refused)
{
  static const gchar *fields[] = { "arm-afbc", "rfbc" };
  GstBus *bus = gst_bus_new ();
  GstMessage *message;
  GstCaps *caps = gst_video_info_to_caps (&info);
  GError *error = NULL;

  gst_element_set_bus (h->element, bus);
  gst_caps_set_simple (caps, fields[__i__], G_TYPE_INT, 1, NULL);
  gst_harness_set_src_caps (h, caps);
  fail_if (gst_harness_push (h, new_frame ()) == GST_FLOW_OK);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  gst_message_parse_error (message, &error, NULL);
  fail_unless (g_error_matches (error, GST_STREAM_ERROR,
          GST_STREAM_ERROR_FORMAT));
  g_error_free (error);
  gst_message_unref (message);
  gst_element_set_bus (h->element, NULL);
  gst_object_unref (bus);
}

GST_END_TEST;

static GstPadProbeReturn
attach_box (GstPad * pad, GstPadProbeInfo * probe, gpointer data)
{
  GstBuffer *buffer = gst_buffer_make_writable (GST_PAD_PROBE_INFO_BUFFER
      (probe));

  overlay_add_box (buffer, "person", &rect);
  GST_PAD_PROBE_INFO_DATA (probe) = buffer;
  return GST_PAD_PROBE_OK;
}

static GstSample *
pull (GstElement * pipeline, const gchar * sink)
{
  GstElement *element = gst_bin_get_by_name (GST_BIN (pipeline), sink);
  GstSample *sample = NULL;

  g_signal_emit_by_name (element, "pull-sample", &sample);
  gst_object_unref (element);
  return sample;
}

/* Both branches of a real tee are held until the end and then compared with a
 * pipeline that has no overlay at all. */
GST_START_TEST (test_tee)
{
  GstElement *teed, *plain, *source;
  GstPad *pad;
  guint i;

  teed = gst_parse_launch ("videotestsrc num-buffers=5 pattern=ball ! "
      "video/x-raw,format=NV12,width=64,height=48 ! identity name=source ! "
      "tee name=t ! queue ! rknnyolooverlay hud=true ! "
      "appsink name=a sync=false t. ! queue ! appsink name=b sync=false", NULL);
  plain = gst_parse_launch ("videotestsrc num-buffers=5 pattern=ball ! "
      "video/x-raw,format=NV12,width=64,height=48 ! "
      "appsink name=b sync=false", NULL);
  source = gst_bin_get_by_name (GST_BIN (teed), "source");
  pad = gst_element_get_static_pad (source, "src");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, attach_box, NULL, NULL);
  gst_object_unref (pad);
  gst_object_unref (source);

  gst_element_set_state (teed, GST_STATE_PLAYING);
  gst_element_set_state (plain, GST_STATE_PLAYING);
  for (i = 0; i < 5; i++) {
    GstSample *drawn = pull (teed, "a"), *other = pull (teed, "b");
    GstSample *original = pull (plain, "b");
    GstMapInfo map;

    fail_unless (drawn != NULL && other != NULL && original != NULL);
    overlay_assert_equal (gst_sample_get_buffer (other),
        gst_sample_get_buffer (original), NULL, "the other branch");
    gst_buffer_map (gst_sample_get_buffer (original), &map, GST_MAP_READ);
    fail_if (gst_buffer_memcmp (gst_sample_get_buffer (drawn), 0, map.data,
            map.size) == 0);
    gst_buffer_unmap (gst_sample_get_buffer (original), &map);
    gst_sample_unref (drawn);
    gst_sample_unref (other);
    gst_sample_unref (original);
  }
  gst_element_set_state (teed, GST_STATE_NULL);
  gst_element_set_state (plain, GST_STATE_NULL);
  gst_object_unref (teed);
  gst_object_unref (plain);
}

GST_END_TEST;

GST_START_TEST (test_frames_outlive_the_element)
{
  GstHarness *mine;
  GstBuffer *in = new_frame (), *out;

  mine = overlay_harness_new (&info, BOXES_ONLY " copy=always");
  out = gst_harness_push_and_pull (mine, in);
  gst_harness_teardown (mine);
  assert_drawn (out);
  gst_buffer_unref (out);
}

GST_END_TEST;

static Suite *
overlay_memory_suite (void)
{
  Suite *suite = suite_create ("rknnyolooverlay memory");
  TCase *tc = tcase_create ("memory");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_test (tc, test_own_frame_in_place);
  tcase_add_test (tc, test_nothing_to_draw);
  tcase_add_test (tc, test_buffer_held_elsewhere);
  tcase_add_test (tc, test_memory_held_elsewhere);
  tcase_add_test (tc, test_read_only_memory);
  tcase_add_test (tc, test_decoder_frame);
  tcase_add_test (tc, test_decoder_frame_declared_safe);
  tcase_add_test (tc, test_copy_always);
  tcase_add_test (tc, test_copies_are_pooled);
  tcase_add_test (tc, test_pool_of_downstream);
  tcase_add_test (tc, test_limited_pool_of_downstream);
  tcase_add_test (tc, test_padded_copy);
  tcase_add_test (tc, test_fd_memory);
  tcase_add_test (tc, test_too_small);
  tcase_add_loop_test (tc, test_compressed_is_refused, 0, 2);
  tcase_add_test (tc, test_tee);
  tcase_add_test (tc, test_frames_outlive_the_element);
  return suite;
}

GST_CHECK_MAIN (overlay_memory);
