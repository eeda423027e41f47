/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The objects of a photograph, with inputs by RGA and with inputs by the CPU.
 * librga-standin, as the RGA of an RK3588, is the other implementation. */

#include <gst/check/gstharness.h>
#include <math.h>

#include "rgatest.h"
#include "testmodel.h"

#define MODEL "yolov8n_rk9_640.onnx"
#define PHOTOGRAPH "bus.jpg"

/* Objects are compared from this score on.  Weaker ones hang on how colours are
 * filtered: librga-standin interpolates chroma to every pixel, as scalers in
 * hardware do, the CPU's path converts with half its resolution (and takes
 * 4:2:2 as 4:2:0), which moves a score of 0.3 by up to 0.06. */
#define THRESHOLD 0.35
#define SCORE_TOLERANCE 0.03

/* Edges, as a part of the frame: a pixel of the model's input is 0.0016, and
 * those of a small picture are uncertain by more. */
#define EDGE_TOLERANCE 0.02

typedef struct
{
  gint label;
  gdouble score, edges[4];
} Object;

static RgaStandin standin;

static gchar *
testdata (const gchar * folder, const gchar * file)
{
  const gchar *root = g_getenv ("RKNNYOLO_TESTDATA");

  return g_build_filename (root ? root : "", folder, file, NULL);
}

/* The photograph in this format and size. */
static GstSample *
load_picture (const gchar * format, guint width, guint height)
{
  g_autofree gchar *path = testdata ("images", PHOTOGRAPH);
  g_autofree gchar *line = g_strdup_printf ("filesrc location=%s ! jpegdec ! "
      "videoconvert ! videoscale add-borders=true ! "
      "video/x-raw,format=%s,width=%u,height=%u,pixel-aspect-ratio=1/1,"
      "colorimetry=%s ! fakesink name=sink", path, format, width, height,
      g_str_equal (format, "RGB") ? "sRGB" : height >= 720 ? "bt709" : "bt601");
  g_autoptr (GstElement) pipeline = gst_parse_launch (line, NULL);
  g_autoptr (GstElement) sink = NULL;
  GstSample *sample = NULL;

  fail_unless (pipeline != NULL);
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  gst_element_get_state (pipeline, NULL, NULL, GST_CLOCK_TIME_NONE);
  g_object_get (sink, "last-sample", &sample, NULL);
  fail_unless (sample != NULL, "no picture from: %s", line);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  return sample;
}

static GArray *
read_objects (GstBuffer * buffer)
{
  GArray *objects = g_array_new (FALSE, FALSE, sizeof (Object));
  gpointer state = NULL;
  GstMeta *meta;

  while ((meta = gst_buffer_iterate_meta_filtered (buffer, &state,
              GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE))) {
    GstStructure *detection = gst_video_region_of_interest_meta_get_param (
        (GstVideoRegionOfInterestMeta *) meta, "detection");
    Object object;

    fail_unless (gst_structure_get (detection,
            "label_id", G_TYPE_INT, &object.label,
            "confidence", G_TYPE_DOUBLE, &object.score,
            "x_min", G_TYPE_DOUBLE, &object.edges[0],
            "y_min", G_TYPE_DOUBLE, &object.edges[1],
            "x_max", G_TYPE_DOUBLE, &object.edges[2],
            "y_max", G_TYPE_DOUBLE, &object.edges[3], NULL));
    g_array_append_val (objects, object);
  }
  return objects;
}

static GstHarness *
new_harness (const gchar * preprocess)
{
  g_autofree gchar *path = testdata ("models", MODEL);
  g_autofree gchar *line = g_strdup_printf ("rknnyolo model=%s cores=0 "
      "contexts-per-core=1 confidence-threshold=0.25 preprocess=%s", path,
      preprocess);

  return gst_harness_new_parse (line);
}

static GArray *
find_objects (GstHarness * harness, GstSample * picture, GstBuffer * frame)
{
  GstBuffer *result;
  GArray *objects;

  gst_harness_set_src_caps (harness,
      gst_caps_ref (gst_sample_get_caps (picture)));
  assert_equals_int (gst_harness_push (harness, gst_buffer_ref (frame)),
      GST_FLOW_OK);
  result = gst_harness_pull (harness);
  fail_unless (result != NULL);
  objects = read_objects (result);
  gst_buffer_unref (result);
  return objects;
}

static gboolean
is_there (const Object * a, const Object * b)
{
  for (guint i = 0; i < 4; i++) {
    if (fabs (a->edges[i] - b->edges[i]) > EDGE_TOLERANCE)
      return FALSE;
  }
  return a->label == b->label;
}

/* The largest difference of scores between the objects of a and those of b at
 * the same place; 1 for one without counterpart. */
static gdouble
compare (GArray * a, GArray * b)
{
  gdouble most = 0;

  for (guint i = 0; i < a->len; i++) {
    const Object *object = &g_array_index (a, Object, i);
    gdouble difference = 1;

    if (object->score < THRESHOLD)
      continue;

    for (guint k = 0; k < b->len; k++) {
      const Object *other = &g_array_index (b, Object, k);

      if (is_there (object, other))
        difference = MIN (difference, fabs (other->score - object->score));
    }
    most = MAX (most, difference);
  }
  return most;
}

static gboolean
compare_frame (GstHarness * rga, GstHarness * cpu, const gchar * format,
    guint width, guint height, const RgaTestLayout * layout)
{
  GstSample *picture = load_picture (format, width, height);
  GstBuffer *frame = rga_test_frame_new (picture, layout);
  g_autoptr (GArray) by_rga = find_objects (rga, picture, frame);
  g_autoptr (GArray) by_cpu = find_objects (cpu, picture, frame);
  gdouble most = MAX (compare (by_rga, by_cpu), compare (by_cpu, by_rga));

  g_printerr ("%s %ux%u at %u,%u, rows aligned to %u: %u and %u objects, "
      "scores within %.4f\n", format, width, height, layout->x, layout->y,
      layout->align, by_rga->len, by_cpu->len, most);
  gst_buffer_unref (frame);
  gst_sample_unref (picture);
  return by_cpu->len > 0 && most <= SCORE_TOLERANCE;
}

GST_START_TEST (test_same_objects)
{
  static const gchar *const formats[] = { "NV12", "NV16", "YUY2", "RGB" };
  static const guint sizes[][2] = {
    {320, 240}, {722, 486}, {1280, 720}, {1920, 1080}, {3840, 2160},
  };
  static const RgaTestLayout layouts[] = {
    {.align = 48}, {.align = 48 * 7}, {.align = 48,.x = 34,.y = 18},
  };
  GstHarness *rga = new_harness ("rga"), *cpu = new_harness ("cpu");
  guint n = 0, n_wrong = 0;

  for (guint f = 0; f < G_N_ELEMENTS (formats); f++) {
    for (guint s = 0; s < G_N_ELEMENTS (sizes); s++, n++)
      n_wrong += !compare_frame (rga, cpu, formats[f], sizes[s][0],
          sizes[s][1], &layouts[n % G_N_ELEMENTS (layouts)]);
  }
  /* First, because a failure ends the program with its threads running. */
  gst_harness_teardown (rga);
  gst_harness_teardown (cpu);
  fail_unless (n_wrong == 0, "%u of %u frames have other objects, see above",
      n_wrong, n);
}

GST_END_TEST;

static Suite *
rga_objects_suite (void)
{
  Suite *suite = suite_create ("rga-objects");
  TCase *tests = tcase_create ("objects");

  tcase_set_timeout (tests, 600);
  tcase_add_test (tests, test_same_objects);
  suite_add_tcase (suite, tests);
  return suite;
}

int
main (int argc, char **argv)
{
  g_autofree gchar *model = testdata ("models", MODEL);

  gst_check_init (&argc, &argv);
  /* 77 is what test runners take for skipped. */
  if (!g_file_test (model, G_FILE_TEST_EXISTS)) {
    g_printerr ("SKIP: %s is not there\n", model);
    return 77;
  }
  if (!test_model_can_run ())
    return 77;
  rga_standin_load (&standin);
  return gst_check_run_suite (rga_objects_suite (), "rga-objects", __FILE__);
}
