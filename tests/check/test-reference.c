/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Photographs through whole pipelines with real models, against detections
 * that were computed independently of this project (see the README of the test
 * data). */

#include <gst/check/gstcheck.h>
#include <gst/video/video.h>
#include <json-glib/json-glib.h>
#include <math.h>
#include <rknnyolo/detections.h>

#include "testmodel.h"

typedef struct
{
  gint class_id;
  gdouble score;
  gdouble box[4];               /* x1, y1, x2, y2 in pixels */
} Object;

/* Input of the models with masks and keypoints, and where bus.jpg lies in it:
 * 810 x 1080 at a scale of 16 to 27, 80 pixels from the left. */
#define INPUT 640
#define LEFT 80
#define SCALE (16. / 27)

#define MAX_KEYPOINTS 17

/* What one object has besides. */
typedef struct
{
  Object object;
  guint n_keypoints;
  gdouble keypoints[MAX_KEYPOINTS][3];  /* x, y, confidence */
  guint8 *mask;                 /* INPUT * INPUT, row by row, 1: the object */
} Extra;

static gchar *
testdata (const gchar * folder, const gchar * file)
{
  const gchar *root = g_getenv ("RKNNYOLO_TESTDATA");

  return g_build_filename (root ? root : "", folder, file, NULL);
}

/* The detections of the run at 0.25 / 0.7, single label; they are parser's. */
static JsonArray *
load_references (JsonParser * parser, const gchar * model)
{
  g_autofree gchar *name = g_strdup_printf ("%s__bus.json", model);
  g_autofree gchar *path = testdata ("refs", name);
  g_autoptr (GError) error = NULL;
  JsonObject *root;

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  root = json_node_get_object (json_parser_get_root (parser));
  return json_object_get_array_member (json_array_get_object_element
      (json_object_get_array_member (root, "runs"), 0), "detections");
}

static void
parse_object (JsonObject * detection, Object * object)
{
  JsonArray *box = json_object_get_array_member (detection, "box");

  object->class_id = json_object_get_int_member (detection, "class");
  object->score = json_object_get_double_member (detection, "score");
  for (guint k = 0; k < 4; k++)
    object->box[k] = json_array_get_double_element (box, k);
}

static GArray *
read_references (const gchar * model)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonArray *detections = load_references (parser, model);
  GArray *objects = g_array_new (FALSE, FALSE, sizeof (Object));

  for (guint i = 0; i < json_array_get_length (detections); i++) {
    Object object;

    parse_object (json_array_get_object_element (detections, i), &object);
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

typedef GstPadProbeReturn (*Collect) (GstPad * pad, GstPadProbeInfo * info,
    gpointer objects);

/* Lets the element look at bus.jpg, given as format, and shows the result to
 * collect. */
static void
run (const gchar * model, const gchar * format, Collect collector,
    GArray * objects)
{
  g_autofree gchar *file = g_strdup_printf ("%s.onnx", model);
  g_autofree gchar *model_path = testdata ("models", file);
  g_autofree gchar *image = testdata ("images", "bus.jpg");
  g_autofree gchar *line = g_strdup_printf ("filesrc location=\"%s\" ! jpegdec "
      "! videoconvert ! video/x-raw,format=%s ! rknnyolo model=\"%s\" "
      "confidence-threshold=0.25 iou-threshold=0.7 ! fakesink name=sink "
      "sync=false", image, format, model_path);
  g_autoptr (GError) error = NULL;
  GstElement *pipeline = gst_parse_launch (line, &error);
  g_autoptr (GstElement) sink = NULL;
  g_autoptr (GstPad) pad = NULL;
  g_autoptr (GstBus) bus = NULL;
  GstMessage *message;

  g_assert_no_error (error);
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  pad = gst_element_get_static_pad (sink, "sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, collector, objects, NULL);
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
}

static GArray *
detect (const gchar * model, const gchar * format)
{
  GArray *objects = g_array_new (FALSE, FALSE, sizeof (Object));

  run (model, format, collect, objects);
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

/* ---- masks and keypoints ------------------------------------------------ */

static void
clear_extra (gpointer extra)
{
  g_free (((Extra *) extra)->mask);
}

static GArray *
new_extras (void)
{
  GArray *extras = g_array_new (FALSE, TRUE, sizeof (Extra));

  g_array_set_clear_func (extras, clear_extra);
  return extras;
}

/* Runs of zeros and ones in turn, column by column. */
static guint8 *
parse_mask (JsonArray * runs)
{
  guint8 *mask = g_malloc0 (INPUT * INPUT);
  guint at = 0;

  for (guint i = 0; i < json_array_get_length (runs); i++) {
    guint end = at + json_array_get_int_element (runs, i);

    fail_unless (end <= INPUT * INPUT);
    for (; at < end; at++)
      mask[at % INPUT * INPUT + at / INPUT] = i & 1;
  }
  return mask;
}

static void
parse_extra (JsonObject * detection, Extra * extra)
{
  parse_object (detection, &extra->object);
  if (json_object_has_member (detection, "mask_rle_input_colmajor"))
    extra->mask = parse_mask (json_object_get_array_member (detection,
            "mask_rle_input_colmajor"));
  if (json_object_has_member (detection, "keypoints")) {
    JsonArray *points = json_object_get_array_member (detection, "keypoints");

    extra->n_keypoints = json_array_get_length (points);
    fail_unless (extra->n_keypoints <= MAX_KEYPOINTS);
    for (guint i = 0; i < extra->n_keypoints; i++) {
      JsonArray *point = json_array_get_array_element (points, i);

      for (guint k = 0; k < 3; k++)
        extra->keypoints[i][k] = json_array_get_double_element (point, k);
    }
  }
}

static GArray *
read_extras (const gchar * model)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonArray *detections = load_references (parser, model);
  GArray *extras = new_extras ();

  for (guint i = 0; i < json_array_get_length (detections); i++) {
    Extra extra = { {0,}, };

    parse_extra (json_array_get_object_element (detections, i), &extra);
    g_array_append_val (extras, extra);
  }
  return extras;
}

static gdouble
mask_at (const RknnyoloMask * mask, gint column, gint row)
{
  return mask->data[CLAMP (row, 0, mask->rows - 1) * mask->columns
      + CLAMP (column, 0, mask->columns - 1)];
}

/* As the header says: interpolated between the middles of the bytes. */
static gboolean
is_in_mask (const RknnyoloMask * mask, gdouble x, gdouble y)
{
  gdouble u = (x - mask->x) / mask->width * mask->columns - 0.5;
  gdouble v = (y - mask->y) / mask->height * mask->rows - 0.5;
  gint column = floor (u), row = floor (v);
  gdouble right = u - column, down = v - row;

  if (x < mask->x || x > mask->x + mask->width || y < mask->y
      || y > mask->y + mask->height)
    return FALSE;
  return (mask_at (mask, column, row) * (1 - right)
      + mask_at (mask, column + 1, row) * right) * (1 - down)
      + (mask_at (mask, column, row + 1) * (1 - right)
      + mask_at (mask, column + 1, row + 1) * right) * down >= 127.5;
}

static guint8 *
to_input (const RknnyoloMask * mask)
{
  guint8 *input = g_malloc (INPUT * INPUT);

  for (gint y = 0; y < INPUT; y++) {
    for (gint x = 0; x < INPUT; x++)
      input[y * INPUT + x] = is_in_mask (mask, (x + 0.5 - LEFT) / SCALE,
          (y + 0.5) / SCALE);
  }
  return input;
}

static void
read_extra (const RknnyoloDetection * detection, GstBuffer * buffer,
    Extra * extra)
{
  RknnyoloKeypoint keypoints[MAX_KEYPOINTS];
  RknnyoloMask mask;

  extra->object.class_id = detection->class_id;
  extra->object.score = detection->confidence;
  extra->object.box[0] = detection->x;
  extra->object.box[1] = detection->y;
  extra->object.box[2] = detection->x + detection->width;
  extra->object.box[3] = detection->y + detection->height;
  if (rknnyolo_detection_get_mask (detection, buffer, &mask))
    extra->mask = to_input (&mask);
  extra->n_keypoints = rknnyolo_detection_get_keypoints (detection, buffer,
      keypoints, MAX_KEYPOINTS);
  fail_unless (extra->n_keypoints <= MAX_KEYPOINTS);
  for (guint i = 0; i < extra->n_keypoints; i++) {
    extra->keypoints[i][0] = keypoints[i].x;
    extra->keypoints[i][1] = keypoints[i].y;
    extra->keypoints[i][2] = keypoints[i].confidence;
  }
}

static GstPadProbeReturn
collect_extras (GstPad * pad, GstPadProbeInfo * info, gpointer extras)
{
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  RknnyoloDetection detection;
  gpointer state = NULL;

  while (rknnyolo_buffer_next_detection (buffer, &state, &detection)) {
    Extra extra = { {0,}, };

    read_extra (&detection, buffer, &extra);
    g_array_append_val ((GArray *) extras, extra);
  }
  return GST_PAD_PROBE_OK;
}

static const Extra *
find_extra (const GArray * extras, const Extra * wanted)
{
  for (guint i = 0; i < extras->len; i++) {
    const Extra *extra = &g_array_index (extras, Extra, i);

    if (extra->object.class_id == wanted->object.class_id
        && intersection_over_union (extra->object.box, wanted->object.box)
        >= 0.9)
      return extra;
  }
  fail ("class %d with %.3f is not found", wanted->object.class_id,
      wanted->object.score);
  return NULL;
}

static gdouble
compare_masks (const guint8 * a, const guint8 * b)
{
  guint both = 0, any = 0;

  for (guint i = 0; i < INPUT * INPUT; i++) {
    both += a[i] & b[i];
    any += a[i] | b[i];
  }
  return (gdouble) both / any;
}

GST_START_TEST (test_masks)
{
  g_autoptr (GArray) references = read_extras ("yolov8n-seg_rk13_640");
  g_autoptr (GArray) found = new_extras ();
  guint n_compared = 0;

  run ("yolov8n-seg_rk13_640", "RGB", collect_extras, found);
  for (guint i = 0; i < references->len; i++) {
    const Extra *reference = &g_array_index (references, Extra, i);
    const Extra *extra;
    gdouble iou;

    if (reference->object.score < 0.4)
      continue;
    n_compared++;
    extra = find_extra (found, reference);
    fail_unless (extra->mask != NULL);
    iou = compare_masks (extra->mask, reference->mask);
    fail_unless (iou >= 0.9, "class %d with %.3f: IoU of the masks %.3f",
        extra->object.class_id, extra->object.score, iou);
  }
  fail_unless (n_compared >= 4);
}

GST_END_TEST;

/* References are limited to the picture.  Points that the model is sure of agree
 * within 3 pixels of the picture, the others within 3 of the model's input: it
 * guesses those of the man whom the picture cuts, and what scales the picture a
 * little differently makes it guess differently. */
GST_START_TEST (test_keypoints)
{
  g_autoptr (GArray) references = read_extras ("yolo11n-pose_rk4_640");
  g_autoptr (GArray) found = new_extras ();
  guint n_compared = 0;

  run ("yolo11n-pose_rk4_640", "RGB", collect_extras, found);
  for (guint i = 0; i < references->len; i++) {
    const Extra *reference = &g_array_index (references, Extra, i);
    const Extra *extra;

    if (reference->object.score < 0.4)
      continue;
    extra = find_extra (found, reference);
    assert_equals_int (extra->n_keypoints, 17);
    for (guint k = 0; k < extra->n_keypoints; k++) {
      const gdouble *a = extra->keypoints[k], *b = reference->keypoints[k];
      gdouble distance = hypot (CLAMP (a[0], 0, 810) - b[0],
          CLAMP (a[1], 0, 1080) - b[1]);

      if (b[2] < 0.5)
        continue;
      n_compared++;
      fail_unless (distance <= (b[2] < 0.8 ? 3 / SCALE : 3),
          "keypoint %u of %.3f: %.2f pixels away", k, extra->object.score,
          distance);
      fail_unless (fabs (a[2] - b[2]) < 0.05, "keypoint %u: %.3f, not %.3f", k,
          a[2], b[2]);
    }
  }
  fail_unless (n_compared >= 30);
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
  tcase_add_test (tests, test_masks);
  tcase_add_test (tests, test_keypoints);
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
