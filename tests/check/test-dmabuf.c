/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Frames in dma-bufs, in every dialect of caps, and those that no dialect makes
 * readable.  The dma-bufs are no real ones; tests/run-vm.sh has such. */

#include "elementtest.h"

#include <string.h>

#include "fakedmabuf.h"
#include "gstrknnyolocaps.h"

#define DMABUF "video/x-raw(memory:DMABuf),"
#define DRM DMABUF "format=DMA_DRM,drm-format="
#define SIZE ",width=128,height=96,framerate=25/1"

static const gchar *const dialects[] = {
  "video/x-raw,format=NV12" SIZE,
  DMABUF "format=NV12" SIZE,
  DRM "NV12" SIZE,
  DRM "(string)\"NV12:0x0\"" SIZE,
  DRM "(string)\"NV12:0x0000000000000000\"" SIZE,
};

/* The next frame tells whether they were taken. */
static void
push_caps (GstHarness * harness, const gchar * text)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (text);

  fail_unless (caps != NULL, "%s", text);
  gst_pad_push_event (harness->srcpad, gst_event_new_caps (caps));
}

static GstHarness *
new_overlay_harness (void)
{
  GstHarness *harness = gst_harness_new ("rknnyolooverlay");

  gst_harness_set_src_caps_str (harness, CAPS);
  return harness;
}

/* What is in a dma-buf goes through, with detections and the same caps. */
GST_START_TEST (test_dialects)
{
  GstHarness *harness = new_harness ("");
  g_autoptr (GstCaps) expected = gst_caps_from_string (dialects[__i__]);
  g_autoptr (GstCaps) caps = NULL;

  push_caps (harness, dialects[__i__]);
  for (guint i = 0; i < 5; i++) {
    GstBuffer *buffer = fake_dma_buf_move (new_frame (i));
    GstMemory *memory = gst_buffer_peek_memory (buffer, 0);

    buffer = gst_harness_push_and_pull (harness, buffer);
    assert_equals_int (count_regions (buffer), 2);
    fail_unless (gst_buffer_peek_memory (buffer, 0) == memory);
    gst_buffer_unref (buffer);
  }
  caps = gst_pad_get_current_caps (harness->sinkpad);
  fail_unless (gst_caps_is_equal (caps, expected));
  check_sum (get_element (harness), 5);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* From one dialect to the next, frames of before still inside. */
GST_START_TEST (test_no_file_is_left)
{
  GstHarness *harness = new_harness ("max-in-flight=8");
  guint n_files, n = 0;

  gst_buffer_unref (gst_harness_push_and_pull (harness, new_frame (n++)));
  n_files = count_open_files ();
  for (guint round = 0; round < 20; round++) {
    push_caps (harness, dialects[round % G_N_ELEMENTS (dialects)]);
    for (guint i = 0; i < 5; i++, n++)
      assert_equals_int (gst_harness_push (harness,
              fake_dma_buf_move (new_frame (n))), GST_FLOW_OK);
  }
  for (guint i = 1; i < n; i++) {
    GstBuffer *buffer = gst_harness_pull (harness);

    assert_equals_uint64 (GST_BUFFER_PTS (buffer), i * FRAME);
    assert_equals_int (count_regions (buffer), 2);
    gst_buffer_unref (buffer);
  }
  assert_equals_int (count_open_files (), n_files);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* The CPU cannot read the frames: those that it need not read pass all the
 * same, the others are counted and told of once. */
GST_START_TEST (test_unmappable)
{
  GstHarness *harness = new_harness ("interval=2");
  GstBus *bus = add_bus (harness);
  GError *error = NULL;
  GstMessage *message;

  push_caps (harness, dialects[2]);
  for (guint i = 0; i < 6; i++) {
    GstBuffer *buffer = gst_buffer_new ();

    gst_buffer_append_memory (buffer,
        fake_dma_buf_new_unmappable (WIDTH * HEIGHT * 3 / 2));
    GST_BUFFER_PTS (buffer) = i * FRAME;
    buffer = gst_harness_push_and_pull (harness, buffer);
    assert_equals_int (count_regions (buffer), 0);
    gst_buffer_unref (buffer);
  }
  assert_equals_uint64 (get_counter (get_element (harness), "failed"), 3);
  assert_equals_uint64 (get_counter (get_element (harness), "passed"), 3);
  check_sum (get_element (harness), 6);

  message = gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING);
  fail_unless (message != NULL);
  gst_message_parse_warning (message, &error, NULL);
  fail_unless (strstr (error->message, "cannot be mapped") != NULL, "%s",
      error->message);
  g_error_free (error);
  gst_message_unref (message);
  fail_unless (gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING) == NULL);
  remove_bus (harness, bus);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* ---- refused --------------------------------------------------------------- */

static const struct
{
  const gchar *caps;
  const gchar *words[3];        /* of the error */
} refusals[] = {
  /* AFBC of 16 x 16, split, sparse; its type and vendor are the top bits */
  {DRM "(string)\"NV12:0x0800000000000041\"" SIZE,
      {"NV12:0x0800000000000041", "arm-afbc=false", "(fbc=false"}},
  {DRM "(string)\"NV15:0x0800000000000041\"" SIZE, {"arm-afbc=false",
          "(AFBC "}},
  {DRM "(string)\"NV12:0x0b10000000000001\"" SIZE, {"(RFBC", "fbc=false"}},
  {DRM "(string)\"XR24:0x0100000000000001\"" SIZE,
      {"(INTEL ", "do not lie in rows", "format=NV12"}},
  {DRM "(string)\"NV12:0x00ffffffffffffff\"" SIZE, {"linear"}},
  {DRM "(string)\"NV12:0x7100000000000001\"" SIZE, {"unknown vendor"}},
  {"video/x-raw,format=NV12,arm-afbc=1" SIZE,
      {"AFBC", "arm-afbc=false", "fbc=false"}},
  {DMABUF "format=NV12,rfbc=1" SIZE, {"RFBC", "fbc=false"}},
  {"video/x-raw,format=NV12_10LE40" SIZE,
      {"NV12_10LE40", "10 bits", "format=NV12"}},
  {DMABUF "format=NV12_10LE40" SIZE, {"10 bits"}},
  {"video/x-raw,format=NV16_10LE40" SIZE, {"10 bits"}},
  {DRM "NV15" SIZE, {"NV15", "10 bits", "mppvideodec"}},
  {DRM "P010" SIZE, {"10 bits"}},
  {"video/x-raw,format=I420_10LE" SIZE, {"10 bits", "videoconvert"}},
  {"video/x-raw,format=AYUV" SIZE, {"AYUV", "videoconvert"}},
  {DRM "AYUV" SIZE, {"AYUV", "videoconvert"}},
  {DRM "(string)\"NV12:\"" SIZE, {"drm-format"}},
  {DRM "(string)\"NV12:0xlinear\"" SIZE, {"drm-format"}},
  {DRM "(string)\"\"" SIZE, {"drm-format"}},
  {DMABUF "format=DMA_DRM" SIZE, {"drm-format"}},
  {"video/x-raw(memory:GLMemory),format=RGBA" SIZE,
      {"memory:GLMemory", "gldownload"}},
};

static void
check_error (GstBus * bus, const gchar * caps, const gchar * const *words)
{
  GstMessage *message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  GError *error = NULL;

  fail_unless (message != NULL, "no error for %s", caps);
  gst_message_parse_error (message, &error, NULL);
  fail_unless (g_error_matches (error, GST_STREAM_ERROR,
          GST_STREAM_ERROR_FORMAT));
  for (guint i = 0; i < 3 && words[i]; i++)
    fail_unless (strstr (error->message, words[i]) != NULL,
        "%s: no \"%s\" in: %s", caps, words[i], error->message);
  g_error_free (error);
  gst_message_unref (message);
  /* The frame brings the caps once more. */
  while ((message = gst_bus_pop (bus)))
    gst_message_unref (message);
}

static void
check_refusals (GstHarness * harness)
{
  GstElement *element = harness->element;
  GstBus *bus = gst_bus_new ();

  gst_element_set_bus (element, bus);
  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++) {
    push_caps (harness, refusals[i].caps);
    assert_equals_int (gst_harness_push (harness,
            fake_dma_buf_move (new_frame (i))), GST_FLOW_NOT_NEGOTIATED);
    check_error (bus, refusals[i].caps, refusals[i].words);
  }
  gst_element_set_bus (element, NULL);
  gst_object_unref (bus);
}

GST_START_TEST (test_refused)
{
  GstHarness *harness = new_harness ("");

  check_refusals (harness);
  push_caps (harness, dialects[1]);
  assert_equals_int (regions_of_next (harness), 2);
  gst_harness_teardown (harness);
}

GST_END_TEST;

GST_START_TEST (test_refused_by_the_overlay)
{
  GstHarness *harness = new_overlay_harness ();

  check_refusals (harness);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* ---- queries --------------------------------------------------------------- */

static GstCaps *
ask (GstHarness * harness, const gchar * filter)
{
  g_autoptr (GstCaps) caps = filter ? gst_caps_from_string (filter) : NULL;

  return gst_pad_peer_query_caps (harness->srcpad, caps);
}

static void
check_answer (GstHarness * harness, const gchar * filter,
    const gchar * expected)
{
  g_autoptr (GstCaps) answer = ask (harness, filter);
  g_autoptr (GstCaps) caps = gst_caps_from_string (expected);
  g_autofree gchar *text = gst_caps_to_string (answer);

  fail_unless (gst_caps_is_equal (answer, caps), "%s: %s", filter, text);
}

/* Who can choose is led to what works; who cannot is let come, to be told. */
GST_START_TEST (test_caps_query)
{
  GstHarness *harness = __i__ ? new_overlay_harness () : new_harness ("");

  check_answer (harness, DRM "{(string)\"NV12:0x0800000000000041\",NV12}" SIZE,
      DRM "NV12" SIZE);
  check_answer (harness, DRM "(string)\"NV12:0x0800000000000041\"" SIZE
      ";video/x-raw,format={P010_10LE,NV12}" SIZE,
      "video/x-raw,format=NV12" SIZE);
  check_answer (harness, DRM "(string)\"NV12:0x0800000000000041\"" SIZE,
      DRM "(string)\"NV12:0x0800000000000041\"" SIZE);
  check_answer (harness, "video/x-raw,format=NV12_10LE40" SIZE,
      "video/x-raw,format=NV12_10LE40" SIZE);
  check_answer (harness, "audio/x-raw", "EMPTY");

  /* What downstream does not take is none of our errors. */
  gst_harness_set_sink_caps_str (harness, "video/x-raw,format=RGB");
  check_answer (harness, "video/x-raw,format=NV12" SIZE, "EMPTY");
  gst_harness_teardown (harness);
}

GST_END_TEST;

static gboolean
accepts (GstHarness * harness, const gchar * text)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (text);

  return gst_pad_peer_query_accept_caps (harness->srcpad, caps);
}

/* textoverlay and its like ask with nothing but such caps whether their text may
 * come as a meta; they paint it where it may not. */
GST_START_TEST (test_caps_with_metas)
{
  static const gchar *const offers[] = {
    "video/x-raw(memory:SystemMemory, meta:GstVideoOverlayComposition),"
        "format=NV12" SIZE,
    "video/x-raw(memory:DMABuf, meta:GstVideoOverlayComposition),"
        "format=NV12" SIZE,
  };
  GstHarness *harness = __i__ ? new_overlay_harness () : new_harness ("");

  for (guint i = 0; i < G_N_ELEMENTS (offers); i++) {
    check_answer (harness, offers[i], "EMPTY");
    fail_if (accepts (harness, offers[i]));
  }
  fail_unless (accepts (harness, "video/x-raw,format=NV12" SIZE));
  fail_unless (accepts (harness, "video/x-raw,format=P010_10LE" SIZE));
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* dma-bufs before plain memory. */
GST_START_TEST (test_preference)
{
  GstHarness *harness = new_harness ("");
  g_autoptr (GstCaps) caps = ask (harness, NULL);

  fail_unless (gst_caps_features_contains (gst_caps_get_features (caps, 0),
          "memory:DMABuf"));
  fail_if (gst_caps_features_contains (gst_caps_get_features (caps,
              gst_caps_get_size (caps) - 1), "memory:DMABuf"));
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* Without a pool downstream upstream learns how many frames are held, and how
 * large they are. */
GST_START_TEST (test_allocation)
{
  GstHarness *harness = new_harness ("max-in-flight=7");
  g_autoptr (GstCaps) caps = gst_caps_from_string (dialects[2]);
  GstQuery *query = gst_query_new_allocation (caps, TRUE);
  guint size, min, max;

  push_caps (harness, dialects[2]);
  fail_unless (gst_pad_peer_query (harness->srcpad, query));
  fail_unless (gst_query_find_allocation_meta (query, GST_VIDEO_META_API_TYPE,
          NULL));
  /* The harness downstream does not crop. */
  fail_if (gst_query_find_allocation_meta (query, GST_VIDEO_CROP_META_API_TYPE,
          NULL));
  assert_equals_int (gst_query_get_n_allocation_pools (query), 1);
  gst_query_parse_nth_allocation_pool (query, 0, NULL, &size, &min, &max);
  assert_equals_int (size, WIDTH * HEIGHT * 3 / 2);
  fail_unless (min >= 7);
  assert_equals_int (max, 0);
  gst_query_unref (query);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* ---- names ----------------------------------------------------------------- */

/* The formats of the pad templates in both dialects are the same ones. */
static void
check_template (const gchar * name)
{
  GstElement *element = gst_element_factory_make (name, NULL);
  GstCaps *caps = GST_PAD_TEMPLATE_CAPS (gst_element_get_pad_template
      (element, "sink"));
  const GValue *drm = NULL, *plain = NULL;
  guint n;

  for (guint i = 0; i < gst_caps_get_size (caps); i++) {
    GstStructure *structure = gst_caps_get_structure (caps, i);

    if (gst_structure_has_field (structure, "drm-format"))
      drm = gst_structure_get_value (structure, "drm-format");
    else
      plain = gst_structure_get_value (structure, "format");
  }
  n = gst_value_list_get_size (plain);
  assert_equals_int (gst_value_list_get_size (drm), n);
  for (guint i = 0; i < n; i++) {
    const gchar *fourcc = g_value_get_string (gst_value_list_get_value (drm,
            i));
    g_autofree gchar *text = g_strdup_printf (DRM "(string)\"%s\"" SIZE,
        fourcc);
    g_autoptr (GstCaps) of_one = gst_caps_from_string (text);
    GstVideoInfo info;
    GValue format = G_VALUE_INIT;

    fail_unless (gst_rknn_yolo_caps_parse (of_one, &info, NULL), "%s", fourcc);
    g_value_init (&format, G_TYPE_STRING);
    g_value_set_static_string (&format, GST_VIDEO_INFO_NAME (&info));
    fail_unless (gst_value_is_subset (&format, plain), "%s", fourcc);
#if GST_CHECK_VERSION (1, 24, 0)
    assert_equals_string (gst_video_format_to_string
        (gst_video_dma_drm_fourcc_to_format
            (gst_video_dma_drm_fourcc_from_string (fourcc, NULL))),
        GST_VIDEO_INFO_NAME (&info));
#endif
    g_value_unset (&format);
  }
  gst_object_unref (element);
}

GST_START_TEST (test_templates)
{
  check_template ("rknnyolo");
  check_template ("rknnyolooverlay");
}

GST_END_TEST;

/* All else that caps say is kept. */
GST_START_TEST (test_parse)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (DRM "NV12,width=1920,"
      "height=1080,framerate=30/1,colorimetry=bt709,interlace-mode=mixed");
  GstVideoInfo info;

  fail_unless (gst_rknn_yolo_caps_parse (caps, &info, NULL));
  assert_equals_int (GST_VIDEO_INFO_FORMAT (&info), GST_VIDEO_FORMAT_NV12);
  assert_equals_int (GST_VIDEO_INFO_WIDTH (&info), 1920);
  assert_equals_int (GST_VIDEO_INFO_HEIGHT (&info), 1080);
  assert_equals_int (GST_VIDEO_INFO_FPS_N (&info), 30);
  assert_equals_int (GST_VIDEO_INFO_INTERLACE_MODE (&info),
      GST_VIDEO_INTERLACE_MODE_MIXED);
  assert_equals_int (info.colorimetry.matrix, GST_VIDEO_COLOR_MATRIX_BT709);
}

GST_END_TEST;

/* ---- the overlay ----------------------------------------------------------- */

static GstBuffer *
new_marked_frame (void)
{
  GstBuffer *buffer = fake_dma_buf_move (new_frame (100));

  gst_buffer_add_video_region_of_interest_meta (buffer, "cat", 16, 16, 32, 32);
  return buffer;
}

static guint8
pixel_at (GstBuffer * buffer, guint x, guint y)
{
  guint8 pixel;

  assert_equals_int (gst_buffer_extract (buffer, y * WIDTH + x, &pixel, 1), 1);
  return pixel;
}

/* It draws into the dma-buf itself. */
GST_START_TEST (test_overlay)
{
  GstHarness *harness = new_overlay_harness ();
  GstBuffer *buffer = new_marked_frame ();
  GstMemory *memory = gst_buffer_peek_memory (buffer, 0);

  push_caps (harness, dialects[__i__]);
  buffer = gst_harness_push_and_pull (harness, buffer);
  fail_unless (gst_buffer_peek_memory (buffer, 0) == memory);
  fail_if (pixel_at (buffer, 16, 40) == 100);
  assert_equals_int (pixel_at (buffer, 30, 35), 100);
  gst_buffer_unref (buffer);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* Both elements, with a meta that repeats what the caps call the format, in
 * memory where rows are longer than they need to be. */
GST_START_TEST (test_drm_meta)
{
#if GST_CHECK_VERSION (1, 24, 0)
  GstHarness *harness = __i__ ? new_overlay_harness () : new_harness ("");
  gsize offset[GST_VIDEO_MAX_PLANES] = { 0, 160 * HEIGHT };
  gint stride[GST_VIDEO_MAX_PLANES] = { 160, 160 };
  GstBuffer *buffer = gst_buffer_new ();
  guint8 pixel;

  push_caps (harness, dialects[2]);
  gst_buffer_append_memory (buffer, fake_dma_buf_new (NULL,
          160 * HEIGHT * 3 / 2));
  gst_buffer_add_video_meta_full (buffer, GST_VIDEO_FRAME_FLAG_NONE,
      GST_VIDEO_FORMAT_NV12, WIDTH, HEIGHT, 2, offset, stride);
  gst_buffer_get_video_meta (buffer)->format = GST_VIDEO_FORMAT_DMA_DRM;
  if (__i__)
    gst_buffer_add_video_region_of_interest_meta (buffer, "cat", 16, 16, 32,
        32);
  buffer = gst_harness_push_and_pull (harness, buffer);
  fail_unless (buffer != NULL);
  if (__i__) {
    gst_buffer_extract (buffer, 40 * 160 + 16, &pixel, 1);
    fail_if (pixel == 0);
    gst_buffer_extract (buffer, 35 * 160 + 30, &pixel, 1);
    assert_equals_int (pixel, 0);
  } else {
    assert_equals_int (count_regions (buffer), 2);
  }
  gst_buffer_unref (buffer);
  gst_harness_teardown (harness);
#endif
}

GST_END_TEST;

/* There are no dma-bufs to copy into, and downstream was promised some. */
GST_START_TEST (test_overlay_has_to_copy)
{
  GstHarness *harness = new_overlay_harness ();
  GstBus *bus = gst_bus_new ();
  GstBuffer *buffer = new_marked_frame ();
  GError *error = NULL;
  GstMessage *message;

  gst_element_set_bus (harness->element, bus);
  push_caps (harness, dialects[2]);
  assert_equals_int (gst_harness_push (harness, gst_buffer_ref (buffer)),
      GST_FLOW_ERROR);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  gst_message_parse_error (message, &error, NULL);
  fail_unless (strstr (error->message, "copy=shared") != NULL, "%s",
      error->message);
  assert_equals_int (pixel_at (buffer, 16, 40), 100);
  g_error_free (error);
  gst_message_unref (message);
  gst_element_set_bus (harness->element, NULL);
  gst_object_unref (bus);
  gst_buffer_unref (buffer);
  gst_harness_teardown (harness);
}

GST_END_TEST;

static void
add_tests (TCase * tests)
{
  tcase_add_loop_test (tests, test_dialects, 0, G_N_ELEMENTS (dialects));
  tcase_add_test (tests, test_no_file_is_left);
  tcase_add_test (tests, test_unmappable);
  tcase_add_test (tests, test_refused);
  tcase_add_loop_test (tests, test_caps_query, 0, 1);
  tcase_add_loop_test (tests, test_caps_with_metas, 0, 1);
  tcase_add_test (tests, test_preference);
  tcase_add_test (tests, test_allocation);
  tcase_add_test (tests, test_parse);
  if (!gst_registry_check_feature_version (gst_registry_get (),
          "rknnyolooverlay", 0, 0, 0)) {
    g_printerr ("SKIPPED: there is no rknnyolooverlay\n");
    return;
  }
  tcase_add_test (tests, test_refused_by_the_overlay);
  tcase_add_loop_test (tests, test_caps_query, 1, 2);
  tcase_add_test (tests, test_templates);
  tcase_add_loop_test (tests, test_overlay, 0, G_N_ELEMENTS (dialects));
  tcase_add_loop_test (tests, test_drm_meta, 0, 2);
  tcase_add_test (tests, test_overlay_has_to_copy);
}

int
main (int argc, char **argv)
{
  return element_test_main (&argc, &argv, "dmabuf", add_tests);
}
