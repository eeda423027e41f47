/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Decoding against the reference detections of the test data, which were
 * computed from the same tensors by an independent program. */

#include <json-glib/json-glib.h>
#include <math.h>

#include "headdata.h"

typedef struct
{
  gint class_id;
  gdouble score;
  gdouble box[4];               /* pixels of the picture */
  GArray *keypoints;            /* of gdouble, x, y, confidence; or NULL */
  guint8 *mask;                 /* INPUT * INPUT, 1 inside; or NULL */
} Detection;

#define INPUT 640

/* The file rounds scores to 5 and boxes to 3 decimals; the cells of a tie may
 * be another choice (see the README of the data), but are not here. */
#define SCORE_TOLERANCE 1e-4
#define BOX_TOLERANCE 2e-3
#define KEYPOINT_TOLERANCE 1e-3

static void
clear_detection (gpointer data)
{
  Detection *d = data;

  g_clear_pointer (&d->keypoints, g_array_unref);
  g_clear_pointer (&d->mask, g_free);
}

static GArray *
read_keypoints (JsonObject * object)
{
  GArray *all = g_array_new (FALSE, FALSE, sizeof (gdouble));
  JsonArray *list = json_object_get_array_member (object, "keypoints");
  guint i, k;

  for (i = 0; i < json_array_get_length (list); i++)
    for (k = 0; k < 3; k++) {
      gdouble value = json_array_get_double_element
          (json_array_get_array_element (list, i), k);

      g_array_append_val (all, value);
    }
  return all;
}

/* Runs, zeros first, column by column. */
static guint8 *
read_mask (JsonObject * object)
{
  JsonArray *runs = json_object_get_array_member (object,
      "mask_rle_input_colmajor");
  guint8 *mask = g_malloc0 (INPUT * INPUT);
  guint at = 0, i, k;

  for (i = 0; i < json_array_get_length (runs); i++)
    for (k = 0; k < json_array_get_int_element (runs, i); k++, at++) {
      g_assert_cmpuint (at, <, INPUT * INPUT);
      mask[at % INPUT * INPUT + at / INPUT] = i % 2;
    }
  g_assert_cmpuint (at, ==, INPUT * INPUT);
  return mask;
}

static GArray *
load_reference (const gchar * name, const gchar * file)
{
  GArray *all = g_array_new (FALSE, TRUE, sizeof (Detection));
  gchar *folder = head_data_path ("tensors", name);
  gchar *path = g_build_filename (folder, file, NULL);
  JsonParser *parser = json_parser_new ();
  GError *error = NULL;
  JsonArray *list;
  guint i, k;

  g_array_set_clear_func (all, clear_detection);
  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  list = json_object_get_array_member (json_node_get_object
      (json_parser_get_root (parser)), "detections");
  for (i = 0; i < json_array_get_length (list); i++) {
    JsonObject *object = json_array_get_object_element (list, i);
    JsonArray *box = json_object_get_array_member (object, "box");
    Detection d = { 0 };

    d.class_id = (gint) json_object_get_int_member (object, "class");
    d.score = json_object_get_double_member (object, "score");
    for (k = 0; k < 4; k++)
      d.box[k] = json_array_get_double_element (box, k);
    if (json_object_has_member (object, "keypoints"))
      d.keypoints = read_keypoints (object);
    if (json_object_has_member (object, "mask_rle_input_colmajor"))
      d.mask = read_mask (object);
    g_array_append_val (all, d);
  }
  g_object_unref (parser);
  g_free (path);
  g_free (folder);
  return all;
}

static void
compare (const HeadData * data, const RyBox * boxes, guint n,
    const GArray * reference)
{
  guint i, k;

  g_assert_cmpuint (n, ==, reference->len);
  for (i = 0; i < n; i++) {
    const Detection *d = &g_array_index (reference, Detection, i);
    gdouble box[4] = { boxes[i].x1, boxes[i].y1, boxes[i].x2, boxes[i].y2 };

    g_assert_cmpint (boxes[i].class_id, ==, d->class_id);
    g_assert_cmpfloat_with_epsilon (boxes[i].score, d->score, SCORE_TOLERANCE);
    for (k = 0; k < 4; k++) {
      gdouble border = k % 2 == 0 ? data->left : data->top;
      gdouble most = k % 2 == 0 ? data->width : data->height;
      gdouble here = (box[k] - border) / data->scale;

      g_assert_cmpfloat_with_epsilon (CLAMP (here, 0, most), d->box[k],
          BOX_TOLERANCE);
    }
  }
}

static void
compare_keypoints (const HeadData * data, const RyDecodeScratch * scratch,
    guint n, const GArray * reference)
{
  guint i, k;

  for (i = 0; i < n; i++) {
    const GArray *expected = g_array_index (reference, Detection, i).keypoints;
    const RyKeypoint *points = ry_decode_scratch_get_keypoints (scratch, i);

    g_assert_nonnull (points);
    for (k = 0; k < expected->len / 3; k++) {
      const gdouble *e = &g_array_index (expected, gdouble, 3 * k);
      gdouble x = (points[k].x - data->left) / data->scale;
      gdouble y = (points[k].y - data->top) / data->scale;

      g_assert_cmpfloat_with_epsilon (CLAMP (x, 0, data->width), e[0],
          KEYPOINT_TOLERANCE);
      g_assert_cmpfloat_with_epsilon (CLAMP (y, 0, data->height), e[1],
          KEYPOINT_TOLERANCE);
      g_assert_cmpfloat_with_epsilon (points[k].confidence, e[2],
          SCORE_TOLERANCE);
    }
  }
  g_assert_null (ry_decode_scratch_get_keypoints (scratch, n));
}

/* How far a mask's pixel is from not being the object; 0 beside the mask. */
static gdouble
mask_at (const RyMask * mask, gint x, gint y)
{
  x -= (gint) mask->x;
  y -= (gint) mask->y;
  if (x < 0 || y < 0 || x >= (gint) mask->width || y >= (gint) mask->height)
    return 0;
  return mask->data[y * (gint) mask->width + x] - 127.5;
}

/* Of the mask brought to the size of the input, bilinearly with the centres of
 * pixels at .5. */
static gboolean
is_inside (const RyMask * mask, guint x, guint y)
{
  gdouble px = (x + 0.5) / mask->scale - 0.5;
  gdouble py = (y + 0.5) / mask->scale - 0.5;
  gint last = (gint) (INPUT / mask->scale) - 1;
  gint left = (gint) floor (px), top = (gint) floor (py);
  gdouble fx = px - left, fy = py - top;
  gint l = MAX (left, 0), r = MIN (left + 1, last);
  gint t = MAX (top, 0), b = MIN (top + 1, last);

  return (mask_at (mask, l, t) * (1 - fx) + mask_at (mask, r, t) * fx)
      * (1 - fy) + (mask_at (mask, l, b) * (1 - fx)
      + mask_at (mask, r, b) * fx) * fy > 0;
}

static void
compare_masks (const RyDecodeScratch * scratch, guint n,
    const GArray * reference, gdouble least)
{
  guint i, x, y;

  for (i = 0; i < n; i++) {
    const guint8 *expected = g_array_index (reference, Detection, i).mask;
    const RyMask *mask = ry_decode_scratch_get_mask (scratch, i);
    guint both = 0, any = 0;

    g_assert_nonnull (mask);
    g_assert_cmpfloat (mask->scale, ==, 4);
    for (y = 0; y < INPUT; y++)
      for (x = 0; x < INPUT; x++) {
        gboolean inside = is_inside (mask, x, y);

        both += inside && expected[y * INPUT + x];
        any += inside || expected[y * INPUT + x];
      }
    g_assert_cmpuint (any, >, 0);
    g_assert_cmpfloat ((gdouble) both / any, >=, least);
  }
  g_assert_null (ry_decode_scratch_get_mask (scratch, n));
}

static void
check (const gchar * name, const HeadData * data, const gchar * file,
    gfloat iou)
{
  RyHeadHints hints = { 640, 640 };
  RyDecodeParams params = { 0.25f, iou, 300, FALSE, FALSE, NULL };
  RyDecodeScratch *scratch = ry_decode_scratch_new ();
  GArray *reference = load_reference (name, file);
  GError *error = NULL;
  RyDecoder *decoder;
  const RyBox *boxes;
  guint n;

  decoder = ry_decoder_new (data->tensors, data->n, &hints, &error);
  g_assert_no_error (error);
  boxes = ry_decoder_run (decoder, scratch, data->tensors, &params, &n);
  compare (data, boxes, n, reference);
  if (ry_decoder_get_task (decoder) == RY_TASK_POSE)
    compare_keypoints (data, scratch, n, reference);
  else if (ry_decoder_get_task (decoder) == RY_TASK_SEGMENT)
    compare_masks (scratch, n, reference, 0.97);
  else
    g_assert_null (ry_decode_scratch_get_mask (scratch, 0));
  ry_decoder_free (decoder);
  ry_decode_scratch_free (scratch);
  g_array_unref (reference);
}

static void
check_both (const gchar * name, const HeadData * data)
{
  check (name, data, "ref_int8_conf25_iou45.json", 0.45f);
  check (name, data, "ref_int8_conf25_iou70.json", 0.70f);
}

static void
test_reference (gconstpointer name)
{
  static const struct
  {
    guint c2, extra, pad;
  } layouts[] = { {1, 0, 0}, {1, 0, 12}, {16, 0, 0}, {16, 1, 0}, {8, 2, 6},
  {0, 0, 0}, {0, 0, 3}, {4, 0, 0}
  };
  HeadData *data = head_data_load (name), *other;
  guint i;

  if (data == NULL) {
    g_test_skip ("no test data");
    return;
  }
  check_both (name, data);
  for (i = 0; i < G_N_ELEMENTS (layouts); i++) {
    /* 127 is the greatest of all scores, so that a padding which is taken for
     * a class or a cell shows. */
    other = head_data_repack (data, layouts[i].c2, layouts[i].extra,
        layouts[i].pad, 127);
    check_both (name, other);
    head_data_free (other);
  }
  other = head_data_reverse (data);
  check_both (name, other);
  head_data_free (other);
  head_data_free (data);
}

int
main (int argc, char **argv)
{
  static const gchar *const names[] = { "yolov8n_bus", "yolov8n6_bus",
    "yolo11n_bus", "yolo11n6_bus", "yolo26n_bus", "yolov5n_bus",
    "yolov5nraw_bus", "yolov8nseg_bus", "yolo11npose_bus"
  };
  guint i;

  g_test_init (&argc, &argv, NULL);
  for (i = 0; i < G_N_ELEMENTS (names); i++) {
    gchar *path = g_strdup_printf ("/decode/reference/%s", names[i]);

    g_test_add_data_func (path, names[i], test_reference);
    g_free (path);
  }
  return g_test_run ();
}
