/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Real files through rknnyolo, played in every way: seeks, rates, segments,
 * steps, pauses. */

#include "streamtest.h"

/* See the README of the test data for the numbers of frames. */
static const struct
{
  const gchar *name;
  guint n_frames;
  gboolean has_sound;
} videos[] = {
  {"debian_forensics_dog_1080p.mp4", 41, TRUE},
  {"intel_car-detection.mp4", 377, TRUE},
  {"intel_bottle-detection.mp4", 1189, FALSE},
};

#define DOG 0
#define CARS 1

static GRand *dice;

static Stream *
open_video (guint number, const gchar * properties, const gchar * sink)
{
  static const gchar *const decoders[] = { "avdec_aac", "faad", NULL };
  g_autofree gchar *path = find_video (videos[number].name);
  g_autofree gchar *line = NULL;
  gboolean sound = videos[number].has_sound && have_any_element (decoders);

  /* Looked for by main. */
  fail_unless (path != NULL);
  line = g_strdup_printf ("filesrc location=\"%s\" ! decodebin name=d "
      "d. ! video/x-raw ! rknnyolo name=yolo model=%%s %s ! "
      "fakesink name=sink %s %s", path, properties, sink,
      sound ? "d. ! audio/x-raw ! queue ! fakesink sync=false" : "");
  return stream_new (line);
}

static GstClockTime
get_duration (Stream * stream)
{
  gint64 duration = 0;

  fail_unless (gst_element_query_duration (stream_get_pipeline (stream),
          GST_FORMAT_TIME, &duration));
  fail_unless (duration > 0);
  return duration;
}

static void
seek (Stream * stream, gdouble rate, GstSeekFlags flags, GstClockTime start,
    GstClockTime stop)
{
  gboolean done;

  begin_step (stream_get_yolo (stream), "seek at rate %g from %"
      GST_TIME_FORMAT " to %" GST_TIME_FORMAT, rate, GST_TIME_ARGS (start),
      GST_TIME_ARGS (stop));
  done = gst_element_seek (stream_get_pipeline (stream), rate,
      GST_FORMAT_TIME, flags, GST_SEEK_TYPE_SET, start, GST_SEEK_TYPE_SET,
      stop);
  end_step ();
  fail_unless (done, "the seek was refused");
}

static void
seek_to (Stream * stream, GstSeekFlags flags, GstClockTime start)
{
  seek (stream, 1.0, flags | GST_SEEK_FLAG_FLUSH, start, GST_CLOCK_TIME_NONE);
}

static GstClockTime
roll_position (Stream * stream)
{
  return g_rand_double (dice) * get_duration (stream);
}

/* On to EOS, which nothing may have spoilt. */
static void
finish (Stream * stream)
{
  stream_set_state (stream, GST_STATE_PLAYING);
  stream_wait_eos (stream);
  stream_check_complete (stream);
  stream_check_times (stream);
}

static void
finish_and_free (Stream * stream)
{
  finish (stream);
  stream_free (stream);
}

/* From the beginning, to know that all of it still works. */
static void
finish_from_start (Stream * stream, guint number)
{
  stream_forget_messages (stream);
  seek_to (stream, GST_SEEK_FLAG_ACCURATE, 0);
  finish (stream);
  assert_equals_int (stream_count_out (stream), videos[number].n_frames);
  stream_free (stream);
}

GST_START_TEST (test_whole_file)
{
  Stream *stream = open_video (__i__, "", "sync=false");

  finish (stream);
  assert_equals_int (stream_count_out (stream), videos[__i__].n_frames);
  stream_free (stream);
}

GST_END_TEST;

/* ---- seek storms ---------------------------------------------------------- */

static const gchar *const settings[] = {
  "",
  "max-in-flight=1",
  "contexts-per-core=2 max-in-flight=16 interval=2",
  "overload=skip max-in-flight=2",
  "overload=drop max-in-flight=2",
};

static void
wait_for_preroll (Stream * stream)
{
  gst_message_unref (stream_wait_message (stream, GST_MESSAGE_ASYNC_DONE));
}

static GstSeekFlags
roll_flags (void)
{
  static const GstSeekFlags flags[] = {
    GST_SEEK_FLAG_ACCURATE,
    GST_SEEK_FLAG_KEY_UNIT,
    GST_SEEK_FLAG_KEY_UNIT | GST_SEEK_FLAG_SNAP_NEAREST,
    GST_SEEK_FLAG_NONE,
  };

  return flags[g_rand_int_range (dice, 0, G_N_ELEMENTS (flags))];
}

/* Some seeks follow the one before at once, some when it is through, some after
 * a while, during which EOS may come. */
static void
storm (Stream * stream, guint n)
{
  for (guint i = 0; i < n; i++) {
    gboolean wait = g_rand_boolean (dice);

    if (wait)
      stream_forget_messages (stream);
    seek_to (stream, roll_flags (), roll_position (stream));
    if (wait)
      wait_for_preroll (stream);
    g_usleep (g_rand_int_range (dice, 0, 20) * (wait ? 1000 : 100));
    stream_check (stream);
  }
}

GST_START_TEST (test_seek_storm_playing)
{
  Stream *stream = open_video (CARS, settings[__i__], "sync=false");

  stream_set_state (stream, GST_STATE_PLAYING);
  storm (stream, SANITIZED ? 30 : 100);
  if (__i__ < 4)
    finish_from_start (stream, CARS);
  else {
    stream_forget_messages (stream);
    seek_to (stream, GST_SEEK_FLAG_ACCURATE, 0);
    finish_and_free (stream);
  }
}

GST_END_TEST;

GST_START_TEST (test_seek_storm_paused)
{
  Stream *stream = open_video (CARS, settings[__i__], "sync=false");

  stream_set_state (stream, GST_STATE_PAUSED);
  storm (stream, SANITIZED ? 30 : 100);
  stream_forget_messages (stream);
  seek_to (stream, GST_SEEK_FLAG_ACCURATE, 0);
  finish_and_free (stream);
}

GST_END_TEST;

/* With a clock: frames wait in the sink and the element is full. */
GST_START_TEST (test_seek_storm_in_time)
{
  Stream *stream = open_video (CARS, "qos=true", "sync=true qos=true");

  stream_set_state (stream, GST_STATE_PLAYING);
  storm (stream, SANITIZED ? 10 : 40);
  g_object_set (stream_get (stream, "sink"), "sync", FALSE, NULL);
  stream_forget_messages (stream);
  /* Not as many frames as the file has: the decoder drops late ones too. */
  seek_to (stream, GST_SEEK_FLAG_ACCURATE, 0);
  finish_and_free (stream);
}

GST_END_TEST;

/* A seek that comes before the first frame reached the sink. */
GST_START_TEST (test_seek_during_preroll)
{
  for (guint i = 0; i < (SANITIZED ? 5 : 20); i++) {
    Stream *stream = open_video (DOG, "", "sync=false");

    stream_ask_state (stream, GST_STATE_PAUSED);
    begin_step (stream_get_yolo (stream), "wait for the first frame");
    while (stream_count_in (stream) == 0)
      g_usleep (100);
    end_step ();
    seek_to (stream, GST_SEEK_FLAG_ACCURATE, i % 8 * 100 * GST_MSECOND);
    stream_wait_state (stream);
    finish_and_free (stream);
  }
}

GST_END_TEST;

/* EOS races with the seek back. */
GST_START_TEST (test_seek_to_end_and_back)
{
  Stream *stream = open_video (DOG, "", "sync=false");
  GstClockTime duration;

  stream_set_state (stream, GST_STATE_PAUSED);
  duration = get_duration (stream);
  stream_set_state (stream, GST_STATE_PLAYING);
  for (guint i = 0; i < (SANITIZED ? 10 : 30); i++) {
    seek_to (stream, GST_SEEK_FLAG_ACCURATE, duration - i % 3 * GST_MSECOND);
    g_usleep (i % 5 * 3000);
    seek_to (stream, GST_SEEK_FLAG_ACCURATE, i % 4 * 100 * GST_MSECOND);
    g_usleep (i % 7 * 1000);
    stream_check (stream);
  }
  finish_from_start (stream, DOG);
}

GST_END_TEST;

GST_START_TEST (test_seek_after_eos)
{
  Stream *stream = open_video (DOG, "", "sync=false");

  finish (stream);
  for (guint i = 0; i < 5; i++) {
    stream_forget_messages (stream);
    seek_to (stream, GST_SEEK_FLAG_ACCURATE, 0);
    stream_wait_eos (stream);
    stream_check_complete (stream);
    assert_equals_int (stream_count_out (stream), videos[DOG].n_frames);
  }
  stream_free (stream);
}

GST_END_TEST;

/* Without a flush the frames in flight come out before those of the seek.  The
 * demuxer waits for its thread, so the pipeline must be playing. */
GST_START_TEST (test_seek_without_flush)
{
  Stream *stream = open_video (CARS, "", "sync=false");

  stream_set_state (stream, GST_STATE_PLAYING);
  for (guint i = 0; i < 5; i++)
    seek (stream, 1.0, GST_SEEK_FLAG_ACCURATE, i * GST_SECOND,
        (i + 1) * GST_SECOND);
  finish_and_free (stream);
}

GST_END_TEST;

/* ---- rates, segments, steps, pauses --------------------------------------- */

static const gdouble rates[] = { 2.0, 0.5, -1.0, -2.0 };

GST_START_TEST (test_rate)
{
  Stream *stream = open_video (CARS, "", "sync=false");
  gdouble rate = rates[__i__];
  GstClockTime duration;

  stream_set_state (stream, GST_STATE_PAUSED);
  duration = get_duration (stream);
  for (guint i = 0; i < 10; i++) {
    GstClockTime position = roll_position (stream);

    seek (stream, rate, GST_SEEK_FLAG_FLUSH | roll_flags (),
        rate > 0 ? position : 0, rate > 0 ? duration : position);
    if (i % 2)
      stream_set_state (stream, i % 4 == 1 ? GST_STATE_PLAYING :
          GST_STATE_PAUSED);
  }
  stream_forget_messages (stream);
  seek (stream, rate, GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_ACCURATE, 0,
      duration);
  finish (stream);
  assert_equals_int (stream_count_out (stream), videos[CARS].n_frames);
  stream_free (stream);
}

GST_END_TEST;

/* Which frames a decoder leaves out is its own affair. */
GST_START_TEST (test_trick_mode)
{
  Stream *stream = open_video (CARS, "", "sync=false");

  stream_set_state (stream, GST_STATE_PAUSED);
  seek (stream, 4.0, GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_TRICKMODE_KEY_UNITS,
      0, get_duration (stream));
  finish (stream);
  fail_unless (stream_count_out (stream) > 0);
  stream_free (stream);
}

GST_END_TEST;

/* A segment that plays again and again, as for a loop without a gap. */
GST_START_TEST (test_segment_seek)
{
  Stream *stream = open_video (CARS, "", "sync=false");
  guint once, total;

  stream_set_state (stream, GST_STATE_PAUSED);
  stream_forget_messages (stream);
  seek (stream, 1.0, GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_SEGMENT
      | GST_SEEK_FLAG_ACCURATE, GST_SECOND, 2 * GST_SECOND);
  stream_set_state (stream, GST_STATE_PLAYING);
  stream_wait_segment_done (stream);
  stream_check_complete (stream);
  once = stream_count_out (stream);
  /* 12.5 frames a second; those that cut across the borders may count. */
  fail_unless (once >= 12 && once <= 14, "%u frames in a second", once);

  for (guint i = 2; i < 5; i++) {
    seek (stream, 1.0, GST_SEEK_FLAG_SEGMENT | GST_SEEK_FLAG_ACCURATE,
        GST_SECOND, 2 * GST_SECOND);
    stream_wait_segment_done (stream);
    stream_check_complete (stream);
    total = stream_count_out (stream);
    assert_equals_int (total, i * once);
  }
  seek (stream, 1.0, GST_SEEK_FLAG_ACCURATE, 2 * GST_SECOND, 4 * GST_SECOND);
  finish_and_free (stream);
}

GST_END_TEST;

GST_START_TEST (test_instant_rate_change)
{
  Stream *stream = open_video (CARS, "", "sync=true");
  GstElement *pipeline = stream_get_pipeline (stream);

  stream_set_state (stream, GST_STATE_PLAYING);
  stream_wait_frames (stream, 2);
  for (guint i = 0; i < 6; i++) {
    begin_step (stream_get_yolo (stream), "change the rate");
    fail_unless (gst_element_seek (pipeline, i % 2 ? 1.0 : 8.0,
            GST_FORMAT_TIME, GST_SEEK_FLAG_INSTANT_RATE_CHANGE,
            GST_SEEK_TYPE_NONE, 0, GST_SEEK_TYPE_NONE, 0));
    stream_wait_frames (stream, 2);
  }
  g_object_set (stream_get (stream, "sink"), "sync", FALSE, NULL);
  finish (stream);
  assert_equals_int (stream_count_out (stream), videos[CARS].n_frames);
  stream_free (stream);
}

GST_END_TEST;

GST_START_TEST (test_pauses)
{
  Stream *stream = open_video (CARS, settings[__i__], "sync=false");

  for (guint i = 0; i < (SANITIZED ? 20 : 60); i++) {
    stream_set_state (stream, GST_STATE_PLAYING);
    g_usleep (g_rand_int_range (dice, 0, 5000));
    /* At the end of the file there is nothing to preroll with; go back. */
    stream_set_state (stream, GST_STATE_PAUSED);
    if (stream_count_in (stream) + 20 > videos[CARS].n_frames)
      seek_to (stream, GST_SEEK_FLAG_ACCURATE, 0);
  }
  finish_and_free (stream);
}

GST_END_TEST;

/* Frame by frame: each step takes one frame more out of the element. */
GST_START_TEST (test_steps)
{
  Stream *stream = open_video (CARS, "", "sync=false");
  GstElement *pipeline = stream_get_pipeline (stream);
  gint64 position, last = -1;

  stream_set_state (stream, GST_STATE_PAUSED);
  for (guint i = 0; i < 20; i++) {
    stream_forget_messages (stream);
    begin_step (stream_get_yolo (stream), "step");
    fail_unless (gst_element_send_event (pipeline,
            gst_event_new_step (GST_FORMAT_BUFFERS, 1 + i % 3, 1.0, TRUE,
                FALSE)));
    gst_message_unref (stream_wait_message (stream, GST_MESSAGE_STEP_DONE));
    stream_wait_state (stream);
    fail_unless (gst_element_query_position (pipeline, GST_FORMAT_TIME,
            &position));
    fail_unless (position > last);
    last = position;
  }
  finish (stream);
  assert_equals_int (stream_count_out (stream), videos[CARS].n_frames);
  stream_free (stream);
}

GST_END_TEST;

static void
add_tests (TCase * tests)
{
  tcase_add_loop_test (tests, test_whole_file, 0, G_N_ELEMENTS (videos));
  tcase_add_loop_test (tests, test_seek_storm_playing, 0,
      G_N_ELEMENTS (settings));
  tcase_add_loop_test (tests, test_seek_storm_paused, 0,
      G_N_ELEMENTS (settings));
  tcase_add_test (tests, test_seek_storm_in_time);
  tcase_add_test (tests, test_seek_during_preroll);
  tcase_add_test (tests, test_seek_to_end_and_back);
  tcase_add_test (tests, test_seek_after_eos);
  tcase_add_test (tests, test_seek_without_flush);
  tcase_add_loop_test (tests, test_rate, 0, G_N_ELEMENTS (rates));
  tcase_add_test (tests, test_trick_mode);
  tcase_add_test (tests, test_segment_seek);
  tcase_add_test (tests, test_instant_rate_change);
  tcase_add_loop_test (tests, test_pauses, 0, G_N_ELEMENTS (settings));
  tcase_add_test (tests, test_steps);
}

int
main (int argc, char **argv)
{
  g_autofree gchar *path = NULL;
  int result;

  gst_init (&argc, &argv);
  path = find_video (videos[DOG].name);
  if (!path)
    return 77;
  dice = g_rand_new_with_seed (20);
  result = stream_test_main (&argc, &argv, "seek", add_tests);
  g_rand_free (dice);
  return result;
}
