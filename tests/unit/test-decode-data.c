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
} Detection;

/* The file rounds scores to 5 and boxes to 3 decimals; the cells of a tie may
 * be another choice (see the README of the data), but are not here. */
#define SCORE_TOLERANCE 1e-4
#define BOX_TOLERANCE 2e-3

static GArray *
load_reference (const gchar * name, const gchar * file)
{
  GArray *all = g_array_new (FALSE, FALSE, sizeof (Detection));
  gchar *folder = head_data_path ("tensors", name);
  gchar *path = g_build_filename (folder, file, NULL);
  JsonParser *parser = json_parser_new ();
  GError *error = NULL;
  JsonArray *list;
  guint i, k;

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  list = json_object_get_array_member (json_node_get_object
      (json_parser_get_root (parser)), "detections");
  for (i = 0; i < json_array_get_length (list); i++) {
    JsonObject *object = json_array_get_object_element (list, i);
    JsonArray *box = json_object_get_array_member (object, "box");
    Detection d;

    d.class_id = (gint) json_object_get_int_member (object, "class");
    d.score = json_object_get_double_member (object, "score");
    for (k = 0; k < 4; k++)
      d.box[k] = json_array_get_double_element (box, k);
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
