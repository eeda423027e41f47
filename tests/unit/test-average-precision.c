/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Expected values follow from the definition, by hand; the last test compares
 * with what the COCO evaluator says of recorded detections. */

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>

#include "average-precision.h"
#include "dataset.h"

typedef struct
{
  GArray *categories, *truths, *detections;
  GHashTable *images;
} Fixture;

static void
setup (Fixture * self, gconstpointer data)
{
  Category category = { 1, NULL };

  self->categories = g_array_new (FALSE, FALSE, sizeof (Category));
  self->truths = g_array_new (FALSE, FALSE, sizeof (Truth));
  self->detections = g_array_new (FALSE, FALSE, sizeof (Detection));
  self->images = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free,
      NULL);
  g_array_append_val (self->categories, category);
}

static void
teardown (Fixture * self, gconstpointer data)
{
  g_array_unref (self->categories);
  g_array_unref (self->truths);
  g_array_unref (self->detections);
  g_hash_table_unref (self->images);
}

static void
add_image (Fixture * self, gint64 image)
{
  gint64 *id = g_new (gint64, 1);

  *id = image;
  g_hash_table_add (self->images, id);
}

static Truth *
add_truth (Fixture * self, gint64 image, gdouble x, gdouble size)
{
  Truth truth = { image, 1, x, 0.0, size, size, size * size, FALSE };

  add_image (self, image);
  g_array_append_val (self->truths, truth);
  return &g_array_index (self->truths, Truth, self->truths->len - 1);
}

static void
add_detection (Fixture * self, gint64 image, gdouble x, gdouble width,
    gdouble height, gdouble score)
{
  Detection detection = { image, 1, x, 0.0, width, height, score };

  g_array_append_val (self->detections, detection);
}

static AveragePrecision
measure (Fixture * self)
{
  AveragePrecision result;

  average_precision (self->categories, self->truths, self->detections,
      self->images, &result, NULL);
  return result;
}

#define NEAR(a, b) g_assert_cmpfloat_with_epsilon (a, b, 1e-12)

static void
test_nothing_to_measure (Fixture * self, gconstpointer data)
{
  AveragePrecision result;

  add_detection (self, 1, 0, 10, 10, 0.9);
  result = measure (self);
  g_assert_cmpfloat (result.ap, ==, -1.0);
  g_assert_cmpfloat (result.ar100, ==, -1.0);
}

static void
test_perfect (Fixture * self, gconstpointer data)
{
  AveragePrecision result;

  add_truth (self, 1, 0, 20);
  add_truth (self, 1, 50, 50);
  add_truth (self, 2, 0, 100);
  add_detection (self, 1, 0, 20, 20, 0.9);
  add_detection (self, 1, 50, 50, 50, 0.5);
  add_detection (self, 2, 0, 100, 100, 0.1);
  result = measure (self);
  NEAR (result.ap, 1.0);
  NEAR (result.ap_small, 1.0);
  NEAR (result.ap_medium, 1.0);
  NEAR (result.ap_large, 1.0);
  NEAR (result.ar100, 1.0);
}

static void
test_missed (Fixture * self, gconstpointer data)
{
  add_truth (self, 1, 0, 20);
  NEAR (measure (self).ap, 0.0);
  g_assert_cmpfloat (measure (self).ap_large, ==, -1.0);
}

/* 72 % of a box: right at .50, .55, .60, .65, .70, wrong at the five above. */
static void
test_thresholds (Fixture * self, gconstpointer data)
{
  AveragePrecision result;

  add_truth (self, 1, 0, 100);
  add_detection (self, 1, 0, 72, 100, 0.9);
  result = measure (self);
  NEAR (result.ap, 0.5);
  NEAR (result.ap50, 1.0);
  NEAR (result.ap75, 0.0);
}

/* Right, wrong, right of two objects: precision 1 up to a recall of one half,
 * which are 51 of the 101 points, then 2/3. */
static void
test_recalls (Fixture * self, gconstpointer data)
{
  add_truth (self, 1, 0, 20);
  add_truth (self, 1, 50, 20);
  add_detection (self, 1, 50, 20, 20, 0.3);
  add_detection (self, 1, 200, 20, 20, 0.5);
  add_detection (self, 1, 0, 20, 20, 0.9);
  NEAR (measure (self).ap, (51.0 + 50.0 * 2 / 3) / 101);
}

/* The second detection of an object is wrong, though it is as good. */
static void
test_twice (Fixture * self, gconstpointer data)
{
  add_truth (self, 1, 0, 20);
  add_truth (self, 2, 0, 20);
  add_detection (self, 1, 0, 20, 20, 0.9);
  add_detection (self, 1, 0, 20, 20, 0.8);
  add_detection (self, 2, 0, 20, 20, 0.7);
  NEAR (measure (self).ap, (51.0 + 50.0 * 2 / 3) / 101);
}

/* Many may lie in a crowd, none is right or wrong. */
static void
test_crowd (Fixture * self, gconstpointer data)
{
  add_truth (self, 1, 0, 20);
  add_truth (self, 1, 100, 200)->crowd = TRUE;
  add_detection (self, 1, 110, 20, 20, 0.9);
  add_detection (self, 1, 150, 20, 20, 0.8);
  add_detection (self, 1, 0, 20, 20, 0.7);
  NEAR (measure (self).ap, 1.0);
}

/* Of 101 of a class only the best 100 count. */
static void
test_limit (Fixture * self, gconstpointer data)
{
  guint i;

  add_truth (self, 1, 0, 20);
  for (i = 0; i < 100; i++)
    add_detection (self, 1, 1000, 20, 20, 0.9);
  add_detection (self, 1, 0, 20, 20, 0.1);
  NEAR (measure (self).ar100, 0.0);
}

/* What matches no object is wrong only among those of its size. */
static void
test_sizes (Fixture * self, gconstpointer data)
{
  AveragePrecision result;

  add_truth (self, 1, 0, 20);
  add_detection (self, 1, 1000, 200, 200, 0.9);
  add_detection (self, 1, 0, 20, 20, 0.8);
  result = measure (self);
  NEAR (result.ap, 0.5);
  NEAR (result.ap_small, 1.0);
  g_assert_cmpfloat (result.ap_large, ==, -1.0);
}

/* ---- recorded detections ------------------------------------------------- */

static void
read_detections (const gchar * path, GArray * detections)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  JsonArray *array;
  guint i;

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  array = json_node_get_array (json_parser_get_root (parser));
  for (i = 0; i < json_array_get_length (array); i++) {
    JsonObject *object = json_array_get_object_element (array, i);
    JsonArray *box = json_object_get_array_member (object, "bbox");
    Detection detection;

    detection.image = json_object_get_int_member (object, "image_id");
    detection.category = json_object_get_int_member (object, "category_id");
    detection.score = json_object_get_double_member (object, "score");
    detection.x = json_array_get_double_element (box, 0);
    detection.y = json_array_get_double_element (box, 1);
    detection.width = json_array_get_double_element (box, 2);
    detection.height = json_array_get_double_element (box, 3);
    g_array_append_val (detections, detection);
  }
}

static void
test_recorded (void)
{
  const gchar *testdata = g_getenv ("RKNNYOLO_TESTDATA");
  g_autofree gchar *annotations = g_build_filename (testdata ? testdata : "",
      "coco/val_a/instances_val_a.json", NULL);
  g_autofree gchar *recorded = g_build_filename (testdata ? testdata : "",
      "refs/dets_yolov8n_val_a.json", NULL);
  g_autoptr (GArray) detections = g_array_new (FALSE, FALSE,
      sizeof (Detection));
  g_autoptr (GError) error = NULL;
  g_autoptr (Dataset) dataset = NULL;
  AveragePrecision result;

  if (!g_file_test (recorded, G_FILE_TEST_EXISTS)) {
    g_test_skip ("no test data at RKNNYOLO_TESTDATA");
    return;
  }
  dataset = dataset_load (annotations, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_hash_table_size (dataset->ids), ==, 103);
  g_assert_cmpuint (dataset->truths->len, ==, 868);
  read_detections (recorded, detections);
  average_precision (dataset->categories, dataset->truths, detections,
      dataset->ids, &result, NULL);
  /* As in the test data's README.md: four decimals. */
  g_assert_cmpfloat_with_epsilon (result.ap, 0.4136, 0.00005);
  g_assert_cmpfloat_with_epsilon (result.ap50, 0.5820, 0.00005);
  g_assert_cmpfloat_with_epsilon (result.ap75, 0.4511, 0.00005);
}

/* ---- annotations --------------------------------------------------------- */

static void
assert_refused (const gchar * text, const gchar * reason)
{
  g_autofree gchar *path = NULL;
  g_autoptr (GError) error = NULL;
  gint fd = g_file_open_tmp ("annotations-XXXXXX.json", &path, NULL);

  g_assert_cmpint (fd, >=, 0);
  g_close (fd, NULL);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  g_assert_null (dataset_load (path, &error));
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, reason));
  g_unlink (path);
}

static void
test_refused_annotations (void)
{
  assert_refused ("", "JSON");
  assert_refused ("[]", "no JSON object");
  assert_refused ("{", "cannot be read");
  assert_refused ("{\"images\": 3}", "no array \"images\"");
  assert_refused ("{\"images\": []}", "no array \"categories\"");
  assert_refused ("{\"images\": [{\"file_name\": \"1.jpg\"}]}",
      "number \"id\"");
  assert_refused ("{\"images\": [7]}", "entry 0 of \"images\"");
  assert_refused ("{\"images\": [], \"categories\": [{\"id\": 1}]}",
      "text \"name\"");
  assert_refused ("{\"images\": [], \"categories\": [], \"annotations\": "
      "[{\"image_id\": 1, \"category_id\": 1, \"bbox\": [1, 2, 3]}]}",
      "\"bbox\" of four numbers");
  assert_refused ("{\"images\": [], \"categories\": [], \"annotations\": "
      "[{\"image_id\": \"1\", \"category_id\": 1}]}", "\"image_id\"");
}

#define ADD(name, function) \
  g_test_add ("/average-precision/" name, Fixture, NULL, setup, function, \
      teardown)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("nothing-to-measure", test_nothing_to_measure);
  ADD ("perfect", test_perfect);
  ADD ("missed", test_missed);
  ADD ("thresholds", test_thresholds);
  ADD ("recalls", test_recalls);
  ADD ("twice", test_twice);
  ADD ("crowd", test_crowd);
  ADD ("limit", test_limit);
  ADD ("sizes", test_sizes);
  g_test_add_func ("/average-precision/recorded", test_recorded);
  g_test_add_func ("/annotations/refused", test_refused_annotations);
  return g_test_run ();
}
