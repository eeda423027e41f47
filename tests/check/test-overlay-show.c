/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What rknnyolooverlay shows and when: kept boxes, labels, the board. */

#include "overlaytest.h"

#include <string.h>

#include <pango/pangocairo.h>

#define WIDTH 320
#define HEIGHT 240
#define GREY 60

static const Rect rect = { 100, 100, 120, 100 };

static GstVideoInfo info;
static GstHarness *h;

static void
setup_with (const gchar * properties)
{
  overlay_info_set (&info, GST_VIDEO_FORMAT_GRAY8, WIDTH, HEIGHT, NULL);
  h = overlay_harness_new (&info, properties);
}

static void
setup (void)
{
  setup_with ("draw-labels=false draw-scores=false");
}

static void
teardown (void)
{
  gst_harness_teardown (h);
}

static GstBuffer *
grey_frame (guint ms)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, WIDTH * HEIGHT, NULL);

  gst_buffer_memset (buffer, 0, GREY, WIDTH * HEIGHT);
  GST_BUFFER_PTS (buffer) = ms * GST_MSECOND;
  return buffer;
}

/* How many pixels of the area are not what they were. */
static guint
count_painted (GstBuffer * buffer, gint x0, gint y0, gint x1, gint y1)
{
  GstMapInfo map;
  guint n = 0;
  gint x, y;

  gst_buffer_map (buffer, &map, GST_MAP_READ);
  for (y = y0; y < y1; y++) {
    for (x = x0; x < x1; x++)
      n += map.data[y * WIDTH + x] != GREY;
  }
  gst_buffer_unmap (buffer, &map);
  return n;
}

static gboolean
shows_box (GstBuffer * buffer)
{
  gboolean shown = count_painted (buffer, 0, 0, WIDTH, HEIGHT) > 0;

  gst_buffer_unref (buffer);
  return shown;
}

static GstBuffer *
push_frame (guint ms, gboolean inferred, gboolean found)
{
  const RknnyoloFrameInfo frame = {
    .inferred = inferred,.width = WIDTH,.height = HEIGHT
  };
  GstBuffer *buffer = grey_frame (ms);

  rknnyolo_buffer_set_frame_info (buffer, &frame);
  if (found)
    overlay_add_box (buffer, "person", &rect);
  return gst_harness_push_and_pull (h, buffer);
}

GST_START_TEST (test_skipped_frames_keep_boxes)
{
  fail_unless (shows_box (push_frame (1000, TRUE, TRUE)));
  fail_unless (shows_box (push_frame (1040, FALSE, FALSE)));
  fail_unless (shows_box (push_frame (1500, FALSE, FALSE)));
  fail_if (shows_box (push_frame (1501, FALSE, FALSE)));
  /* Gone is gone, whatever time stamps say later. */
  fail_if (shows_box (push_frame (1400, FALSE, FALSE)));
}

GST_END_TEST;

GST_START_TEST (test_empty_result_clears)
{
  fail_unless (shows_box (push_frame (0, TRUE, TRUE)));
  fail_if (shows_box (push_frame (40, TRUE, FALSE)));
  fail_if (shows_box (push_frame (80, FALSE, FALSE)));
}

GST_END_TEST;

GST_START_TEST (test_frame_without_word_clears)
{
  fail_unless (shows_box (push_frame (0, TRUE, TRUE)));
  fail_if (shows_box (gst_harness_push_and_pull (h, grey_frame (40))));
}

GST_END_TEST;

GST_START_TEST (test_keep_boxes_property)
{
  g_object_set (h->element, "keep-boxes", 0, NULL);
  fail_unless (shows_box (push_frame (0, TRUE, TRUE)));
  fail_if (shows_box (push_frame (1, FALSE, FALSE)));

  g_object_set (h->element, "keep-boxes", 10000, NULL);
  fail_unless (shows_box (push_frame (10, TRUE, TRUE)));
  fail_unless (shows_box (push_frame (9000, FALSE, FALSE)));
}

GST_END_TEST;

GST_START_TEST (test_flush_forgets)
{
  GstSegment segment;

  fail_unless (shows_box (push_frame (0, TRUE, TRUE)));
  gst_harness_push_event (h, gst_event_new_flush_start ());
  gst_harness_push_event (h, gst_event_new_flush_stop (TRUE));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_harness_push_event (h, gst_event_new_segment (&segment));
  fail_if (shows_box (push_frame (10, FALSE, FALSE)));
}

GST_END_TEST;

GST_START_TEST (test_without_time_stamps)
{
  GstBuffer *buffer = grey_frame (0);
  const RknnyoloFrameInfo skipped = {.inferred = FALSE };

  overlay_add_box (buffer, "person", &rect);
  GST_BUFFER_PTS (buffer) = GST_CLOCK_TIME_NONE;
  fail_unless (shows_box (gst_harness_push_and_pull (h, buffer)));

  g_object_set (h->element, "keep-boxes", 3600000, NULL);
  buffer = grey_frame (0);
  GST_BUFFER_PTS (buffer) = GST_CLOCK_TIME_NONE;
  rknnyolo_buffer_set_frame_info (buffer, &skipped);
  fail_unless (shows_box (gst_harness_push_and_pull (h, buffer)));
}

GST_END_TEST;

static GstBuffer *
push_labelled (const gchar * label, gdouble confidence)
{
  GstBuffer *buffer = grey_frame (0);
  GstVideoRegionOfInterestMeta *meta =
      gst_buffer_add_video_region_of_interest_meta (buffer, label, rect.x,
      rect.y, rect.w, rect.h);

  if (confidence >= 0)
    gst_video_region_of_interest_meta_add_param (meta,
        gst_structure_new ("detection", "confidence", G_TYPE_DOUBLE,
            confidence, NULL));
  return gst_harness_push_and_pull (h, buffer);
}

/* The label stands on the box, so everything above is label. */
static guint
label_width (GstBuffer * buffer)
{
  GstMapInfo map;
  guint n = 0;
  gint x;

  gst_buffer_map (buffer, &map, GST_MAP_READ);
  for (x = 0; x < WIDTH; x++)
    n += map.data[(rect.y - 2) * WIDTH + x] != GREY;
  gst_buffer_unmap (buffer, &map);
  gst_buffer_unref (buffer);
  return n;
}

GST_START_TEST (test_labels_and_scores)
{
  guint label, both, score;

  fail_unless_equals_int (label_width (push_labelled ("person", .5)), 0);
  g_object_set (h->element, "draw-labels", TRUE, NULL);
  label = label_width (push_labelled ("person", .5));
  fail_unless (label > 0);
  g_object_set (h->element, "draw-scores", TRUE, NULL);
  both = label_width (push_labelled ("person", .5));
  fail_unless (both > label);
  /* Nothing is invented where no score is known. */
  fail_unless_equals_int (label_width (push_labelled ("person", -1)), label);
  g_object_set (h->element, "draw-labels", FALSE, NULL);
  score = label_width (push_labelled ("person", .5));
  fail_unless (score > 0 && score < both);
  fail_unless_equals_int (label_width (push_labelled ("", -1)), 0);
}

GST_END_TEST;

static gsize
difference (GstBuffer * a, GstBuffer * b)
{
  GstMapInfo map_a, map_b;
  gsize i, n = 0;

  gst_buffer_map (a, &map_a, GST_MAP_READ);
  gst_buffer_map (b, &map_b, GST_MAP_READ);
  for (i = 0; i < map_a.size; i++)
    n += map_a.data[i] != map_b.data[i];
  gst_buffer_unmap (b, &map_b);
  gst_buffer_unmap (a, &map_a);
  return n;
}

GST_START_TEST (test_score_digits)
{
  GstBuffer *a, *b, *c;

  g_object_set (h->element, "draw-scores", TRUE, NULL);
  a = push_labelled ("x", .874);
  b = push_labelled ("x", .866);        /* rounds to the same */
  c = push_labelled ("x", .84);
  fail_unless_equals_int (difference (a, b), 0);
  fail_unless (difference (a, c) > 0);
  gst_buffer_unref (a);
  gst_buffer_unref (b);
  gst_buffer_unref (c);
}

GST_END_TEST;

static gboolean
has_font_for (const gchar * text)
{
  PangoFontMap *map = pango_cairo_font_map_new ();
  PangoContext *context = pango_font_map_create_context (map);
  PangoLayout *layout = pango_layout_new (context);
  gint unknown;

  pango_layout_set_text (layout, text, -1);
  unknown = pango_layout_get_unknown_glyphs_count (layout);
  g_object_unref (layout);
  g_object_unref (context);
  g_object_unref (map);
  return unknown == 0;
}

/* Two characters of the label's script differ from each other, and from the
 * boxes with which Pango stands in for characters that no font has. */
GST_START_TEST (test_chinese_label)
{
  GstBuffer *xing, *ren, *none;

  if (!has_font_for ("行人")) {
    g_printerr ("SKIPPED test_chinese_label: no font has 行人; install one, "
        "such as the package fonts-noto-cjk\n");
    return;
  }

  g_object_set (h->element, "draw-labels", TRUE, "font", "Sans 24px", NULL);
  xing = push_labelled ("行", -1);
  ren = push_labelled ("人", -1);
  none = push_labelled ("\xf4\x8f\xbf\xbd", -1);        /* private use */
  fail_unless (difference (xing, ren) > 20);
  fail_unless (difference (xing, none) > 20);
  gst_buffer_unref (xing);
  gst_buffer_unref (ren);
  gst_buffer_unref (none);
}

GST_END_TEST;

GST_START_TEST (test_strange_labels)
{
  gchar *endless = g_strnfill (100000, 'W');

  g_object_set (h->element, "draw-labels", TRUE, "draw-scores", TRUE, NULL);
  gst_buffer_unref (push_labelled (endless, .5));
  gst_buffer_unref (push_labelled ("\xff\xfe not UTF-8 \xc3", .5));
  gst_buffer_unref (push_labelled ("two\nlines\ttab\r", 1e300));
  gst_buffer_unref (push_labelled ("<b>&amp;</markup", 0));
  g_free (endless);
}

GST_END_TEST;

static GstBuffer *
push_board (guint64 number, guint cores, guint64 skipped)
{
  const RknnyoloFrameInfo frame = {
    .frame = number,.inferred = TRUE,.cores = cores,.skipped = skipped
  };
  GstBuffer *buffer = grey_frame (0);

  rknnyolo_buffer_set_frame_info (buffer, &frame);
  return gst_harness_push_and_pull (h, buffer);
}

/* Cuts one line of white text into its glyphs, columns without ink between
 * them, and returns how many there are.  hash says what each looks like. */
static guint
read_glyphs (GstBuffer * buffer, gint y0, gint y1, guint * hash, guint max)
{
  GstMapInfo map;
  guint n = 0, sum = 0;
  gboolean in_glyph = FALSE;
  gint x, y;

  gst_buffer_map (buffer, &map, GST_MAP_READ);
  for (x = 0; x < WIDTH; x++) {
    gboolean ink = FALSE;

    for (y = y0; y < y1; y++)
      ink |= map.data[y * WIDTH + x] > 100;
    if (ink && !in_glyph)
      sum = 5381;
    if (ink) {
      for (y = y0; y < y1; y++)
        sum = sum * 33 + map.data[y * WIDTH + x];
    } else if (in_glyph && n < max) {
      hash[n++] = sum;
    }
    in_glyph = ink;
  }
  gst_buffer_unmap (buffer, &map);
  return n;
}

/* The first line reads "frame 1312": where ink ends, a glyph ends ("Sans Mono"
 * keeps them apart). */
GST_START_TEST (test_board_digits)
{
  guint a[16] = { 0, }, b[16] = { 0, };
  GstBuffer *buffer;

  teardown ();
  setup_with ("hud=true font=\"DejaVu Sans Mono 30px\"");
  if (!has_font_for ("0"))
    return;

  buffer = push_board (1312, 3, 0);
  fail_unless_equals_int (read_glyphs (buffer, 10, 40, a, 16), 9);
  gst_buffer_unref (buffer);
  buffer = push_board (2313, 3, 0);
  fail_unless_equals_int (read_glyphs (buffer, 10, 40, b, 16), 9);
  gst_buffer_unref (buffer);

  fail_unless (memcmp (a, b, 5 * sizeof (guint)) == 0); /* frame */
  fail_unless (a[5] == a[7]);   /* 1 and 1 */
  fail_unless (a[5] != a[6] && a[6] != a[8] && a[5] != a[8]);
  fail_unless (b[5] == a[8]);   /* 2 */
  fail_unless (b[6] == a[6] && b[8] == a[6]);   /* 3 */
  fail_unless (b[7] == a[5]);   /* 1 */
}

GST_END_TEST;

GST_START_TEST (test_board)
{
  GstBuffer *none, *some, *other;

  g_object_set (h->element, "hud", TRUE, NULL);
  none = push_board (5, 3, 0);
  fail_unless (count_painted (none, 0, 0, 20, 20) == 20 * 20);
  fail_unless (count_painted (none, WIDTH / 2, HEIGHT / 2, WIDTH, HEIGHT) == 0);

  /* Skipped frames and cores are both to be seen. */
  some = push_board (5, 3, 12);
  fail_unless (difference (none, some) > 0);
  other = push_board (5, 2, 0);
  fail_unless (difference (none, other) > 0);
  gst_buffer_unref (none);
  gst_buffer_unref (some);
  gst_buffer_unref (other);

  g_object_set (h->element, "hud", FALSE, NULL);
  fail_if (shows_box (push_board (6, 3, 0)));
}

GST_END_TEST;

GST_START_TEST (test_live_properties)
{
  GstBuffer *thin, *thick;

  g_object_set (h->element, "line-width", 1, NULL);
  thin = push_labelled ("person", -1);
  fail_unless_equals_int (count_painted (thin, 0, 0, WIDTH, HEIGHT),
      rect.w * rect.h - (rect.w - 2) * (rect.h - 2));
  g_object_set (h->element, "line-width", 7, NULL);
  thick = push_labelled ("person", -1);
  fail_unless_equals_int (count_painted (thick, 0, 0, WIDTH, HEIGHT),
      rect.w * rect.h - (rect.w - 14) * (rect.h - 14));
  gst_buffer_unref (thin);
  gst_buffer_unref (thick);

  g_object_set (h->element, "draw-labels", TRUE, "font", "Sans 10px", NULL);
  thin = push_labelled ("person", -1);
  g_object_set (h->element, "font", "Sans 40px", NULL);
  thick = push_labelled ("person", -1);
  fail_unless (count_painted (thick, 0, 0, WIDTH, rect.y)
      > 4 * count_painted (thin, 0, 0, WIDTH, rect.y));
  gst_buffer_unref (thin);
  gst_buffer_unref (thick);
}

GST_END_TEST;

static void
check_boolean_default (const gchar * name)
{
  GParamSpec *spec =
      g_object_class_find_property (G_OBJECT_GET_CLASS (h->element), name);
  gboolean value;

  g_object_get (h->element, name, &value, NULL);
  fail_unless_equals_int (value, G_PARAM_SPEC_BOOLEAN (spec)->default_value);
}

GST_START_TEST (test_defaults)
{
  GParamSpec *spec;
  gchar *font;
  guint keep;

  teardown ();
  setup_with ("");
  check_boolean_default ("draw-labels");
  check_boolean_default ("draw-scores");
  check_boolean_default ("draw-masks");
  check_boolean_default ("draw-keypoints");
  check_boolean_default ("hud");
  g_object_get (h->element, "font", &font, "keep-boxes", &keep, NULL);
  spec = g_object_class_find_property (G_OBJECT_GET_CLASS (h->element), "font");
  fail_unless_equals_string (font, G_PARAM_SPEC_STRING (spec)->default_value);
  spec = g_object_class_find_property (G_OBJECT_GET_CLASS (h->element),
      "keep-boxes");
  fail_unless_equals_int (keep, G_PARAM_SPEC_UINT (spec)->default_value);
  g_free (font);
}

GST_END_TEST;

static Suite *
overlay_show_suite (void)
{
  Suite *suite = suite_create ("rknnyolooverlay show");
  TCase *tc = tcase_create ("show");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_test (tc, test_skipped_frames_keep_boxes);
  tcase_add_test (tc, test_empty_result_clears);
  tcase_add_test (tc, test_frame_without_word_clears);
  tcase_add_test (tc, test_keep_boxes_property);
  tcase_add_test (tc, test_flush_forgets);
  tcase_add_test (tc, test_without_time_stamps);
  tcase_add_test (tc, test_labels_and_scores);
  tcase_add_test (tc, test_score_digits);
  tcase_add_test (tc, test_chinese_label);
  tcase_add_test (tc, test_strange_labels);
  tcase_add_test (tc, test_board);
  tcase_add_test (tc, test_board_digits);
  tcase_add_test (tc, test_live_properties);
  tcase_add_test (tc, test_defaults);
  return suite;
}

GST_CHECK_MAIN (overlay_show);
