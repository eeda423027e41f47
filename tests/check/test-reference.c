/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Photographs through whole pipelines with real models, against detections
 * that were computed independently of this project (see the README of the test
 * data). */

#include <gst/check/gstcheck.h>
#include <gst/video/gstvideometa.h>
#include <json-glib/json-glib.h>
#include <math.h>

#include "testmodel.h"

typedef struct
{
  gint class_id;
  gdouble score;
  gdouble box[4];               /* x1, y1, x2, y2 in pixels */
} Object;

static gchar *
testdata (const gchar * folder, const gchar * file)
{
  const gchar *root = g_getenv ("RKNNYOLO_TESTDATA");

  return g_build_filename (root ? root : "", folder, file, NULL);
}

/* The references of a run at 0.25 / 0.7, single label. */
static GArray *
read_references (const gchar * model)
{
  g_autofree gchar *name = g_strdup_printf ("%s__bus.json", model);
  g_autofree gchar *path = testdata ("refs", name);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  GArray *objects = g_array_new (FALSE, FALSE, sizeof (Object));
  JsonArray *runs, *detections;
  JsonObject *root;

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  root = json_node_get_object (json_parser_get_root (parser));
  runs = json_object_get_array_member (root, "runs");
  detections = json_object_get_array_member (json_array_get_object_element
      (runs, 0), "detections");
  for (guint i = 0; i < json_array_get_length (detections); i++) {
    JsonObject *detection = json_array_get_object_element (detections, i);
    JsonArray *box = json_object_get_array_member (detection, "box");
    Object object;

    object.class_id = json_object_get_int_member (detection, "class");
    object.score = json_object_get_double_member (detection, "score");
    for (guint k = 0; k < 4; k++)
      object.box[k] = json_array_get_double_element (box, k);
    g_array_append_val (objects, object);
  }
  return objects;
}

static GstPadProbeReturn
collect (GstPad * pad, GstPadProbeInfo * info, gpointer objects)
{
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  gpointer state = NULL;
  GstVideoInfo video;
  GstMeta *meta;

  gst_video_info_from_caps (&video, caps);
  while ((meta = gst_buffer_iterate_meta_filtered (buffer, &state,
              GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE))) {
    GstVideoRegionOfInterestMeta *roi = (GstVideoRegionOfInterestMeta *) meta;
    GstStructure *params =
        gst_video_region_of_interest_meta_get_param (roi, "detection");
    Object object;

    fail_unless (params != NULL);
    fail_unless (gst_structure_get (params,
            "label_id", G_TYPE_INT, &object.class_id,
            "confidence", G_TYPE_DOUBLE, &object.score,
            "x_min", G_TYPE_DOUBLE, &object.box[0],
            "y_min", G_TYPE_DOUBLE, &object.box[1],
            "x_max", G_TYPE_DOUBLE, &object.box[2],
            "y_max", G_TYPE_DOUBLE, &object.box[3], NULL));
    for (guint k = 0; k < 4; k++)
      object.box[k] *= k % 2 ? video.height : video.width;
    g_array_append_val (objects, object);
  }
  return GST_PAD_PROBE_OK;
}

/* What the element finds in bus.jpg, given as format. */
static GArray *
detect (const gchar * model, const gchar * format)
{
  g_autofree gchar *file = g_strdup_printf ("%s.onnx", model);
  g_autofree gchar *model_path = testdata ("models", file);
  g_autofree gchar *image = testdata ("images", "bus.jpg");
  g_autofree gchar *line = g_strdup_printf ("filesrc location=\"%s\" ! jpegdec "
      "! videoconvert ! video/x-raw,format=%s ! rknnyolo model=\"%s\" "
      "confidence-threshold=0.25 iou-threshold=0.7 ! fakesink name=sink "
      "sync=false", image, format, model_path);
  GArray *objects = g_array_new (FALSE, FALSE, sizeof (Object));
  g_autoptr (GError) error = NULL;
  GstElement *pipeline = gst_parse_launch (line, &error);
  g_autoptr (GstElement) sink = NULL;
  g_autoptr (GstPad) pad = NULL;
  g_autoptr (GstBus) bus = NULL;
  GstMessage *message;

  g_assert_no_error (error);
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  pad = gst_element_get_static_pad (sink, "sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, collect, objects, NULL);
  bus = gst_element_get_bus (pipeline);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, 120 * GST_SECOND,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless (message != NULL, "nothing came out in two minutes");
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    gst_message_parse_error (message, &error, NULL);
    fail ("%s: %s", model, error->message);
  }
  gst_message_unref (message);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  return objects;
}

static gdouble
intersection_over_union (const gdouble * a, const gdouble * b)
{
  gdouble w = MIN (a[2], b[2]) - MAX (a[0], b[0]);
  gdouble h = MIN (a[3], b[3]) - MAX (a[1], b[1]);
  gdouble both = MAX (w, 0) * MAX (h, 0);

  return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1])
      - both);
}

static const Object *
find_like (const GArray * objects, const Object * wanted, gdouble iou)
{
  for (guint i = 0; i < objects->len; i++) {
    const Object *object = &g_array_index (objects, Object, i);

    if (object->class_id == wanted->class_id
        && intersection_over_union (object->box, wanted->box) >= iou)
      return object;
  }
  return NULL;
}

/* Models whose test data is there; the names are those of the references. */
static const gchar *const models[] = {
  "yolov8n_rk9_640",
  "yolov8n_rk6_640",
  "yolo11n_rk9_640",
  "yolov5n_rk3sig_640",
  "yolov8n_ultra_int8_640",
  "yolov5n_ultra_640",
};

/* Every reference of at least 0.4 is found with IoU >= 0.95, and nothing above
 * 0.4 that is no reference at all. */
GST_START_TEST (test_bus)
{
  const gchar *model = models[__i__];
  g_autoptr (GArray) references = read_references (model);
  g_autoptr (GArray) found = detect (model, "RGB");
  guint n_expected = 0;

  for (guint i = 0; i < references->len; i++) {
    const Object *reference = &g_array_index (references, Object, i);
    const Object *object;

    if (reference->score < 0.4)
      continue;
    n_expected++;
    object = find_like (found, reference, 0.95);
    fail_unless (object != NULL, "%s: class %d with %.3f at %.1f,%.1f is not "
        "found", model, reference->class_id, reference->score,
        reference->box[0], reference->box[1]);
    fail_unless (fabs (object->score - reference->score) < 0.03,
        "%s: score %.4f instead of %.4f", model, object->score,
        reference->score);
  }
  fail_unless (n_expected >= 3);

  for (guint i = 0; i < found->len; i++) {
    const Object *object = &g_array_index (found, Object, i);

    fail_unless (object->score <= 0.4 || find_like (references, object, 0.95),
        "%s: class %d with %.3f is no reference", model, object->class_id,
        object->score);
  }
}

GST_END_TEST;

static const gchar *const formats[] = { "NV12", "I420", "YUY2", "BGRx" };

/* The same picture in another format gives the same objects. */
GST_START_TEST (test_formats)
{
  g_autoptr (GArray) rgb = detect ("yolov8n_rk9_640", "RGB");
  g_autoptr (GArray) other = detect ("yolov8n_rk9_640", formats[__i__]);

  fail_unless (rgb->len >= 4);
  for (guint i = 0; i < rgb->len; i++) {
    const Object *object = &g_array_index (rgb, Object, i);
    const Object *twin = find_like (other, object, 0.9);

    /* One that is at the threshold may fall below it. */
    if (!twin && object->score < 0.28)
      continue;
    fail_unless (twin != NULL, "%s: class %d with %.3f is missing",
        formats[__i__], object->class_id, object->score);
    fail_unless (fabs (twin->score - object->score) <= 0.03,
        "%s: %.4f instead of %.4f", formats[__i__], twin->score, object->score);
  }
}

GST_END_TEST;

static gboolean
have_testdata (void)
{
  g_autofree gchar *path = testdata ("refs", "SUMMARY.json");

  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  g_printerr ("SKIPPED: no test data at RKNNYOLO_TESTDATA=%s\n",
      g_getenv ("RKNNYOLO_TESTDATA"));
  return FALSE;
}

static Suite *
reference_suite (void)
{
  Suite *suite = suite_create ("reference");
  TCase *tests = tcase_create ("bus.jpg");

  tcase_set_timeout (tests, 300);
  suite_add_tcase (suite, tests);
  tcase_add_loop_test (tests, test_bus, 0, G_N_ELEMENTS (models));
  tcase_add_loop_test (tests, test_formats, 0, G_N_ELEMENTS (formats));
  return suite;
}

int
main (int argc, char **argv)
{
  gst_check_init (&argc, &argv);
  /* 77 is what test runners take for skipped. */
  if (!have_testdata () || !test_model_can_run ())
    return 77;
  return gst_check_run_suite (reference_suite (), "reference", __FILE__);
}
