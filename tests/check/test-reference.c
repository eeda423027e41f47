/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Photographs through whole pipelines with real models, against detections
 * that were computed independently of this project (see the README of the test
 * data): as a user has them, and already fitted to the model's input as the
 * references were, which leaves no difference but those of computing. */

#include <gst/check/gstcheck.h>
#include <glib/gstdio.h>
#include <gst/video/video.h>
#include <json-glib/json-glib.h>
#include <math.h>
#include <rknnyolo/detections.h>
#include <string.h>

#include "fittedpicture.h"
#include "testmodel.h"

typedef struct
{
  gint class_id;
  gdouble score;
  gdouble box[4];               /* x1, y1, x2, y2 in pixels */
} Object;

/* The picture of all references, 810 x 1080. */
#define PICTURE "bus.jpg"
#define WIDTH 810
#define HEIGHT 1080

/* Input of the model with masks. */
#define INPUT 640

#define MAX_KEYPOINTS 17

/* What one object has besides. */
typedef struct
{
  Object object;
  guint n_keypoints;
  gdouble keypoints[MAX_KEYPOINTS][3];  /* x, y, confidence */
  guint8 *mask;                 /* INPUT * INPUT, row by row, 1: the object */
} Extra;

/* Names are those of the references.  Every model of the test data is here, or
 * the test fails. */
typedef struct
{
  const gchar *name;
  gint size;
  const gchar *properties;
  gboolean top_left;
  const gchar *description;     /* what the file does not say; NULL: nothing */
} Model;

#define YOLOX "letterbox=top-left channel-order=bgr"
#define NOT_NORMALISED "[model]\nmean_values=0\nstd_values=1\n"

static const Model models[] = {
  {"yolov8n_rk9_640", 640, ""},
  {"yolov8n_rk6_640", 640, ""},
  {"yolov8n_ultra_int8_640", 640, ""},
  {"yolo11n_rk9_640", 640, ""},
  {"yolo26n_rk6logits_640", 640, ""},
  {"yolo26n_e2e_int8_640", 640, ""},
  {"yolov5n_rk3sig_640", 640, ""},
  {"yolov5n_ultra_640", 640, ""},
  {"yolox_nano_rk3_416", 416, YOLOX, TRUE, NOT_NORMALISED},
  {"yolox_nano_ultra_416", 416, YOLOX, TRUE, NOT_NORMALISED},
  {"nanodet_416", 416, ""},
  {"yolov8n-seg_rk13_640", 640, ""},
  {"yolo11n-pose_rk4_640", 640, ""},
};

static const Model *
model_named (const gchar * name)
{
  for (guint i = 0; i < G_N_ELEMENTS (models); i++)
    if (g_str_equal (models[i].name, name))
      return &models[i];
  fail ("%s of the test data is not tested", name);
  return NULL;
}

static gchar *
testdata (const gchar * folder, const gchar * file)
{
  const gchar *root = g_getenv ("RKNNYOLO_TESTDATA");

  return g_build_filename (root ? root : "", folder, file, NULL);
}

/* NanoDet is the demo's, which no test data have. */
static gchar *
model_path (const Model * model)
{
  g_autofree gchar *file = g_strdup_printf ("%s.onnx", model->name);
  gchar *path = testdata ("models", file);

  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return path;
  g_free (path);
  return g_build_filename (g_get_user_cache_dir (), "gst-rknnyolo", file, NULL);
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

/* One model's look at the picture. */
typedef struct
{
  const Model *model;
  gboolean fitted;              /* the frame is the model's input; else it is the
                                 * picture */
  Fit fit;
  GArray *found;                /* in pixels of the picture */
} Look;

static void
to_picture (const Look * look, gdouble * x, gdouble * y)
{
  if (look->fitted)
    fit_back (&look->fit, *x, *y, x, y);
}

static void
read_object (const RknnyoloDetection * detection, const Look * look,
    Object * object)
{
  object->class_id = detection->class_id;
  object->score = detection->confidence;
  object->box[0] = detection->x;
  object->box[1] = detection->y;
  object->box[2] = detection->x + detection->width;
  object->box[3] = detection->y + detection->height;
  to_picture (look, &object->box[0], &object->box[1]);
  to_picture (look, &object->box[2], &object->box[3]);
}

static GstPadProbeReturn
collect (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  Look *look = user_data;
  RknnyoloDetection detection;
  gpointer state = NULL;

  while (rknnyolo_buffer_next_detection (buffer, &state, &detection)) {
    Object object;

    read_object (&detection, look, &object);
    g_array_append_val (look->found, object);
  }
  return GST_PAD_PROBE_OK;
}

/* An element that brings the picture, to be gone on with. */
static gchar *
source_line (const Look * look, const gchar * format)
{
  g_autofree gchar *image = testdata ("images", PICTURE);

  if (look->fitted)
    return g_strdup ("appsrc name=source");
  return g_strdup_printf ("filesrc location=\"%s\" ! jpegdec ! videoconvert ! "
      "video/x-raw,format=%s", image, format);
}

static void
push_fitted (GstElement * pipeline, const Look * look, GstSample * sample)
{
  g_autoptr (GstElement) source =
      gst_bin_get_by_name (GST_BIN (pipeline), "source");
  GstFlowReturn flow;

  g_signal_emit_by_name (source, "push-sample", sample, &flow);
  assert_equals_int (flow, GST_FLOW_OK);
  g_signal_emit_by_name (source, "end-of-stream", &flow);
}

/* Numbers of the fitted picture's are those of the reference only without the
 * halves of an NPU. */
static gchar *
set_standin (const Look * look)
{
  const gchar *description = look->model->description;
  gchar *path = NULL;

  if (look->fitted)
    g_setenv ("RKNN_STANDIN_FLOAT", "fp32", TRUE);
  else
    g_unsetenv ("RKNN_STANDIN_FLOAT");
  g_unsetenv ("RKNN_STANDIN_CONFIG");
  if (description) {
    g_close (g_file_open_tmp ("reference-XXXXXX.ini", &path, NULL), NULL);
    g_assert_true (g_file_set_contents (path, description, -1, NULL));
    g_setenv ("RKNN_STANDIN_CONFIG", path, TRUE);
  }
  return path;
}

/* FALSE where this ONNX Runtime lacks an operator of the model, as Debian 13's
 * lacks ConvInteger with some types. */
static gboolean
wait_for_end (GstElement * pipeline, const gchar * model)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autoptr (GError) error = NULL;
  GstMessage *message = gst_bus_timed_pop_filtered (bus, 120 * GST_SECOND,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);

  fail_unless (message != NULL, "nothing came out in two minutes");
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    gst_message_parse_error (message, &error, NULL);
  gst_message_unref (message);
  if (error == NULL)
    return TRUE;
  if (strstr (error->message, "Could not find an implementation") == NULL)
    fail ("%s: %s", model, error->message);
  g_printerr ("SKIPPED: %s\n", error->message);
  return FALSE;
}

/* Lets the element look at the picture, given as format, and shows the result
 * to collector.  FALSE where that cannot be done here. */
static gboolean
run (Look * look, const gchar * format, GstPadProbeCallback collector)
{
  const Model *model = look->model;
  g_autofree gchar *path = model_path (model);
  g_autofree gchar *source = source_line (look, format);
  g_autofree gchar *line = g_strdup_printf ("%s ! rknnyolo model=\"%s\" %s "
      "confidence-threshold=0.25 iou-threshold=0.7 ! fakesink name=sink "
      "sync=false", source, path, model->properties);
  g_autofree gchar *image = testdata ("images", PICTURE);
  g_autofree gchar *description = set_standin (look);
  g_autoptr (GError) error = NULL;
  GstElement *pipeline = gst_parse_launch (line, &error);
  g_autoptr (GstElement) sink = NULL;
  g_autoptr (GstPad) pad = NULL;
  GstSample *sample = NULL;
  gboolean ran;

  g_assert_no_error (error);
  if (look->fitted)
    sample = fitted_picture_load (image, model->size, model->top_left,
        &look->fit);
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  pad = gst_element_get_static_pad (sink, "sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, collector, look, NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  if (look->fitted) {
    push_fitted (pipeline, look, sample);
    gst_sample_unref (sample);
  }
  ran = wait_for_end (pipeline, model->name);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  if (description)
    g_unlink (description);
  return ran;
}

/* NULL where this ONNX Runtime cannot run the model. */
static GArray *
detect (const Model * model, const gchar * format, gboolean fitted)
{
  Look look = { model, fitted };

  look.found = g_array_new (FALSE, FALSE, sizeof (Object));
  if (!run (&look, format, collect))
    g_clear_pointer (&look.found, g_array_unref);
  return look.found;
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

/* How far a result may be from the reference. */
typedef struct
{
  gdouble iou;
  gdouble score;
} Tolerance;

/* Every reference of at least 0.4 is found, and nothing above 0.4 that is no
 * reference at all. */
static void
compare_objects (const Model * model, const GArray * found,
    const Tolerance * tolerance)
{
  g_autoptr (GArray) references = read_references (model->name);
  guint n_expected = 0;

  for (guint i = 0; i < references->len; i++) {
    const Object *reference = &g_array_index (references, Object, i);
    const Object *object;

    if (reference->score < 0.4)
      continue;
    n_expected++;
    object = find_like (found, reference, tolerance->iou);
    fail_unless (object != NULL, "%s: class %d with %.3f at %.1f,%.1f is not "
        "found", model->name, reference->class_id, reference->score,
        reference->box[0], reference->box[1]);
    fail_unless (fabs (object->score - reference->score) < tolerance->score,
        "%s: score %.4f instead of %.4f", model->name, object->score,
        reference->score);
  }
  fail_unless (n_expected >= 3);

  for (guint i = 0; i < found->len; i++) {
    const Object *object = &g_array_index (found, Object, i);

    fail_unless (object->score <= 0.4
        || find_like (references, object, tolerance->iou),
        "%s: class %d with %.3f is no reference", model->name,
        object->class_id, object->score);
  }
}

static gboolean
have_model (const Model * model)
{
  g_autofree gchar *path = model_path (model);

  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  g_printerr ("SKIPPED: %s is missing\n", path);
  return FALSE;
}

/* Decoded by GStreamer's jpegdec, whose pixels are a little other than those of
 * the references, and scaled by the element. */
GST_START_TEST (test_bus)
{
  const Tolerance tolerance = { 0.95, 0.04 };
  const Model *model = &models[__i__];
  g_autoptr (GArray) found = NULL;

  if (!have_model (model))
    return;
  found = detect (model, "RGB", FALSE);
  if (found)
    compare_objects (model, found, &tolerance);
}

GST_END_TEST;

/* Loading a model takes long under a sanitizer, which changes no numbers. */
#ifdef SANITIZED
#define N_FITTED 1
#else
#define N_FITTED G_N_ELEMENTS (models)
#endif

GST_START_TEST (test_fitted)
{
  const Tolerance tolerance = { 0.9995, 0.0005 };
  const Model *model = &models[__i__];
  g_autoptr (GArray) found = NULL;

  if (!have_model (model))
    return;
  found = detect (model, "RGB", TRUE);
  if (found)
    compare_objects (model, found, &tolerance);
}

GST_END_TEST;

/* A model that is new among the test data must not go untested. */
GST_START_TEST (test_all_models)
{
  g_autofree gchar *path = testdata ("models", NULL);
  GDir *folder = g_dir_open (path, 0, NULL);
  const gchar *file;
  guint n = 0;

  fail_unless (folder != NULL);
  while ((file = g_dir_read_name (folder))) {
    if (g_str_has_suffix (file, ".onnx")) {
      g_autofree gchar *name = g_strndup (file, strlen (file) - 5);

      model_named (name);
      n++;
    }
  }
  g_dir_close (folder);
  fail_unless (n > 0);
}

GST_END_TEST;

static const gchar *const formats[] = { "NV12", "I420", "YUY2", "BGRx" };

static void
compare_formats (const GArray * rgb, const GArray * other, const gchar * format)
{
  for (guint i = 0; i < rgb->len; i++) {
    const Object *object = &g_array_index (rgb, Object, i);
    const Object *twin = find_like (other, object, 0.9);

    /* One that is at the threshold may fall below it. */
    if (!twin && object->score < 0.28)
      continue;
    fail_unless (twin != NULL, "%s: class %d with %.3f is missing", format,
        object->class_id, object->score);
    fail_unless (fabs (twin->score - object->score) <= 0.03,
        "%s: %.4f instead of %.4f", format, twin->score, object->score);
  }
}

/* The same picture in another format gives the same objects. */
GST_START_TEST (test_formats)
{
  const Model *model = model_named ("yolov8n_rk9_640");
  g_autoptr (GArray) rgb = detect (model, "RGB", FALSE);

  fail_unless (rgb->len >= 4);
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++) {
    g_autoptr (GArray) other = detect (model, formats[i], FALSE);

    compare_formats (rgb, other, formats[i]);
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
to_input (const RknnyoloMask * mask, const Look * look)
{
  guint8 *input = g_malloc (INPUT * INPUT);
  gdouble scale = look->fitted ? 1 : look->fit.scale;
  gint left = look->fitted ? 0 : look->fit.left;
  gint top = look->fitted ? 0 : look->fit.top;

  for (gint y = 0; y < INPUT; y++) {
    for (gint x = 0; x < INPUT; x++)
      input[y * INPUT + x] = is_in_mask (mask, (x + 0.5 - left) / scale,
          (y + 0.5 - top) / scale);
  }
  return input;
}

static void
read_extra (const RknnyoloDetection * detection, GstBuffer * buffer,
    const Look * look, Extra * extra)
{
  RknnyoloKeypoint keypoints[MAX_KEYPOINTS];
  RknnyoloMask mask;

  read_object (detection, look, &extra->object);
  if (rknnyolo_detection_get_mask (detection, buffer, &mask))
    extra->mask = to_input (&mask, look);
  extra->n_keypoints = rknnyolo_detection_get_keypoints (detection, buffer,
      keypoints, MAX_KEYPOINTS);
  fail_unless (extra->n_keypoints <= MAX_KEYPOINTS);
  for (guint i = 0; i < extra->n_keypoints; i++) {
    gdouble *point = extra->keypoints[i];

    point[0] = keypoints[i].x;
    point[1] = keypoints[i].y;
    point[2] = keypoints[i].confidence;
    to_picture (look, &point[0], &point[1]);
  }
}

static GstPadProbeReturn
collect_extras (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  Look *look = user_data;
  RknnyoloDetection detection;
  gpointer state = NULL;

  while (rknnyolo_buffer_next_detection (buffer, &state, &detection)) {
    Extra extra = { {0,}, };

    read_extra (&detection, buffer, look, &extra);
    g_array_append_val (look->found, extra);
  }
  return GST_PAD_PROBE_OK;
}

static GArray *
detect_extras (const gchar * model, gboolean fitted)
{
  Look look = { model_named (model), fitted };

  look.found = new_extras ();
  fit_init (&look.fit, look.model->size, WIDTH, HEIGHT, FALSE);
  fail_unless (run (&look, "RGB", collect_extras));
  return look.found;
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

static void
compare_all_masks (gboolean fitted, gdouble least)
{
  g_autoptr (GArray) references = read_extras ("yolov8n-seg_rk13_640");
  g_autoptr (GArray) found = detect_extras ("yolov8n-seg_rk13_640", fitted);
  guint n_compared = 0;

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
    fail_unless (iou >= least, "class %d with %.3f: IoU of the masks %.3f",
        extra->object.class_id, extra->object.score, iou);
  }
  fail_unless (n_compared >= 4);
}

GST_START_TEST (test_masks)
{
  compare_all_masks (FALSE, 0.9);
}

GST_END_TEST;

/* The same picture changes little: at their edges references are interpolated
 * between the network's own numbers, ours between probabilities in a byte. */
GST_START_TEST (test_fitted_masks)
{
  compare_all_masks (TRUE, 0.96);
}

GST_END_TEST;

/* How far a keypoint may be away, in pixels of the picture, where the model is
 * sure of it and where it guesses; and how far its confidence. */
typedef struct
{
  gdouble sure, guess, confidence;
} PointTolerance;

static void
compare_points (const Extra * extra, const Extra * reference,
    const PointTolerance * tolerance)
{
  assert_equals_int (extra->n_keypoints, 17);
  for (guint k = 0; k < extra->n_keypoints; k++) {
    const gdouble *a = extra->keypoints[k], *b = reference->keypoints[k];
    gdouble distance = hypot (CLAMP (a[0], 0, WIDTH) - b[0],
        CLAMP (a[1], 0, HEIGHT) - b[1]);

    if (b[2] < 0.5)
      continue;
    fail_unless (distance <= (b[2] < 0.8 ? tolerance->guess : tolerance->sure),
        "keypoint %u of %.3f: %.3f pixels away", k, extra->object.score,
        distance);
    fail_unless (fabs (a[2] - b[2]) < tolerance->confidence,
        "keypoint %u: %.4f, not %.4f", k, a[2], b[2]);
  }
}

static void
compare_all_points (gboolean fitted, const PointTolerance * tolerance)
{
  g_autoptr (GArray) references = read_extras ("yolo11n-pose_rk4_640");
  g_autoptr (GArray) found = detect_extras ("yolo11n-pose_rk4_640", fitted);
  guint n_compared = 0;

  for (guint i = 0; i < references->len; i++) {
    const Extra *reference = &g_array_index (references, Extra, i);

    if (reference->object.score < 0.4)
      continue;
    n_compared++;
    compare_points (find_extra (found, reference), reference, tolerance);
  }
  fail_unless (n_compared >= 4);
}

/* Points that the model is sure of agree within 3 pixels of the picture, the
 * others within 3 of the model's input: it guesses those of the man whom the
 * picture cuts, and pixels that differ by little make it guess differently.
 * That it is the pixels, the next test shows. */
GST_START_TEST (test_keypoints)
{
  const PointTolerance tolerance = { 3, 3 * 27. / 16, 0.05 };

  compare_all_points (FALSE, &tolerance);
}

GST_END_TEST;

/* From the picture that the references are from all points are the same. */
GST_START_TEST (test_fitted_keypoints)
{
  const PointTolerance tolerance = { 0.01, 0.01, 0.0005 };

  compare_all_points (TRUE, &tolerance);
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
  tcase_add_test (tests, test_all_models);
  tcase_add_loop_test (tests, test_bus, 0, G_N_ELEMENTS (models));
  tcase_add_loop_test (tests, test_fitted, 0, N_FITTED);
  tcase_add_test (tests, test_formats);
  tcase_add_test (tests, test_masks);
  tcase_add_test (tests, test_fitted_masks);
  tcase_add_test (tests, test_keypoints);
  tcase_add_test (tests, test_fitted_keypoints);
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
