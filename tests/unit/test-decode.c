/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Decoding of outputs made by hand, whose boxes are known from the formulas. */

#include <math.h>
#include <string.h>

#include "refdecode.h"
#include "ryerror.h"

static const RyDecodeParams usual = { 0.25f, 0.45f, 300, FALSE, FALSE, NULL };

static RyDecoder *
make_decoder (const HeadData * data, const RyHeadHints * hints)
{
  GError *error = NULL;
  RyDecoder *decoder = ry_decoder_new (data->tensors, data->n, hints, &error);

  g_assert_no_error (error);
  g_assert_nonnull (decoder);
  return decoder;
}

/* Decodes and copies; g_free. */
static RyBox *
decode (const HeadData * data, const RyHeadHints * hints,
    const RyDecodeParams * params, guint * n)
{
  RyDecoder *decoder = make_decoder (data, hints);
  RyDecodeScratch *scratch = ry_decode_scratch_new ();
  const RyBox *boxes;
  RyBox *copy;

  boxes = ry_decoder_run (decoder, scratch, data->tensors, params, n);
  copy = g_memdup2 (boxes, *n * sizeof *boxes);
  ry_decode_scratch_free (scratch);
  ry_decoder_free (decoder);
  return copy;
}

static void
check_box (const RyBox * box, gint class_id, gdouble score, gdouble x1,
    gdouble y1, gdouble x2, gdouble y2)
{
  g_assert_cmpint (box->class_id, ==, class_id);
  g_assert_cmpfloat_with_epsilon (box->score, score, 1e-4);
  g_assert_cmpfloat_with_epsilon (box->x1, x1, 1e-3);
  g_assert_cmpfloat_with_epsilon (box->y1, y1, 1e-3);
  g_assert_cmpfloat_with_epsilon (box->x2, x2, 1e-3);
  g_assert_cmpfloat_with_epsilon (box->y2, y2, 1e-3);
}

/* Exactly one box. */
static void
check_one (const HeadData * data, const RyHeadHints * hints, gint class_id,
    gdouble score, gdouble x1, gdouble y1, gdouble x2, gdouble y2)
{
  guint n;
  RyBox *boxes = decode (data, hints, &usual, &n);

  g_assert_cmpuint (n, ==, 1);
  check_box (boxes, class_id, score, x1, y1, x2, y2);
  g_free (boxes);
}

static void
check_refused (const HeadData * data, const RyHeadHints * hints,
    const gchar * word)
{
  GError *error = NULL;
  RyDecoder *decoder = ry_decoder_new (data->tensors, data->n, hints, &error);

  g_assert_null (decoder);
  g_assert_error (error, RY_ERROR, RY_ERROR_HEAD);
  if (strstr (error->message, word) == NULL)
    g_test_message ("no \"%s\" in: %s", word, error->message);
  g_assert_nonnull (strstr (error->message, word));
  g_error_free (error);
}

/* The description, to be freed. */
static gchar *
describe (const HeadData * data, const RyHeadHints * hints)
{
  RyDecoder *decoder = make_decoder (data, hints);
  gchar *text = g_strdup (ry_decoder_get_description (decoder));

  ry_decoder_free (decoder);
  return text;
}

static void
check_description (const HeadData * data, const RyHeadHints * hints,
    const gchar * word)
{
  gchar *text = describe (data, hints);

  if (strstr (text, word) == NULL)
    g_test_message ("no \"%s\" in: %s", word, text);
  g_assert_nonnull (strstr (text, word));
  g_free (text);
}

/* Pairs of box and classes for an input of 64 x 64. */
static HeadData *
make_pairs (rknn_tensor_type type, guint box_channels, guint n_classes)
{
  HeadData *data = head_data_new ();
  gfloat box_scale = type == RKNN_TENSOR_INT8 ? 0.1f : 1;
  gfloat scale = type == RKNN_TENSOR_INT8 ? (gfloat) (1 / 255.0) : 1;
  guint cells;

  for (cells = 8; cells >= 2; cells /= 2) {
    head_data_add (data, type, type == RKNN_TENSOR_INT8 ? -20 : 0, box_scale,
        4, 1u, box_channels, cells, cells);
    head_data_add (data, type, type == RKNN_TENSOR_INT8 ? -128 : 0, scale, 4,
        1u, n_classes, cells, cells);
  }
  return data;
}

/* --- thresholds --- */

/* A grid of 16 x 16 cells with the 256 codes of one type in class 1. */
static HeadData *
make_codes (rknn_tensor_type type, gint zp, gfloat scale)
{
  HeadData *data = head_data_new ();
  RyTensor *t;
  guint i;

  t = head_data_add (data, RKNN_TENSOR_FLOAT32, 0, 1, 4, 1u, 4u, 16u, 16u);
  head_fill (t, 0.25);
  t = head_data_add (data, type, zp, scale, 4, 1u, 3u, 16u, 16u);
  memset ((gpointer) t->data, type == RKNN_TENSOR_INT8 ? 0x80 : 0, 3 * 256);
  for (i = 0; i < 256; i++)
    ((guint8 *) t->data)[256 + i] =
        (guint8) (type == RKNN_TENSOR_INT8 ? i + 128 : i);
  return data;
}

/* Score of a code by definition. */
static gfloat
score_of_code (const RyTensor * t, guint code, gboolean logits)
{
  gint q = t->type == RKNN_TENSOR_INT8 ? (gint) code - 128 : (gint) code;
  gfloat value = (gfloat) (q - t->zp) * t->scale;

  return logits ? (gfloat) (1 / (1 + exp (-(gdouble) value))) : value;
}

static void
check_threshold (const HeadData * data, gfloat threshold, gboolean logits)
{
  RyHeadHints hints = { 128, 128, 3, NULL, 0, 1 };
  RyDecodeParams params = { threshold, 1, 256, FALSE, FALSE, NULL };
  const RyTensor *t = &data->tensors[1];
  guint expected = 0, n, code, i;
  RyBox *boxes = decode (data, &hints, &params, &n);

  for (code = 0; code < 256; code++)
    if (score_of_code (t, code, logits) > threshold)
      expected++;
  g_assert_cmpuint (n, ==, expected);
  for (i = 0; i < n; i++) {
    guint cell = (guint) (boxes[i].y1 / 8) * 16 + (guint) (boxes[i].x1 / 8);

    code = cell;
    g_assert_cmpfloat (score_of_code (t, code, logits), >, threshold);
  }
  g_free (boxes);
}

static void
test_thresholds (void)
{
  static const struct
  {
    gint zp;
    gfloat scale;
    gboolean logits;
  } ranges[] = {
    {-128, 0.00392156886f}, {-128, 0.00371622434f}, {-127, 0.0039f},
    {-128, 0.0029f}, {-120, 0.004f}, {60, 0.15f, TRUE}, {124, 0.719f, TRUE},
    {20, 0.03f, TRUE}, {-100, 0.05f, TRUE},
  };
  guint i, j, code;

  for (i = 0; i < G_N_ELEMENTS (ranges); i++)
    for (j = 0; j < 2; j++) {
      rknn_tensor_type type = j == 0 ? RKNN_TENSOR_INT8 : RKNN_TENSOR_UINT8;
      HeadData *data = make_codes (type, ranges[i].zp + (j == 0 ? 0 : 128),
          ranges[i].scale);

      for (code = 0; code < 256; code++) {
        gfloat at = score_of_code (&data->tensors[1], code, ranges[i].logits);

        check_threshold (data, at, ranges[i].logits);
        check_threshold (data, nextafterf (at, 2), ranges[i].logits);
        check_threshold (data, nextafterf (at, -2), ranges[i].logits);
      }
      check_threshold (data, 0.25f, ranges[i].logits);
      check_threshold (data, 0.001f, ranges[i].logits);
      head_data_free (data);
    }
}

/* Every half and its neighbours around a threshold. */
static void
test_thresholds_float (void)
{
  static const gfloat thresholds[] = { 0.25f, 0.001f, 0.5f, 0.3333f, 0.01f };
  RyHeadHints hints = { 128, 128, 3, NULL, 0, 1 };
  guint i, k, j;

  for (i = 0; i < G_N_ELEMENTS (thresholds); i++)
    for (j = 0; j < 2; j++) {
      rknn_tensor_type type = j ? RKNN_TENSOR_FLOAT16 : RKNN_TENSOR_FLOAT32;
      HeadData *data = make_codes (RKNN_TENSOR_INT8, 0, 1);
      RyTensor *t = head_data_add (data, type, 0, 1, 4, 1u, 3u, 16u, 16u);
      RyDecodeParams params = { thresholds[i], 1, 256, FALSE, FALSE, NULL };
      guint expected = 0, n;
      RyBox *boxes;

      for (k = 0; k < 256; k++) {
        head_set (t, 2, k / 16, k % 16, thresholds[i] * (1
                + ((gdouble) k - 128) * (j ? 1e-4 : 3e-8)));
        if (ref_at (t, 2, k / 16, k % 16) > thresholds[i])
          expected++;
      }
      g_free ((gpointer) data->tensors[1].data);
      g_free ((gpointer) data->tensors[1].name);
      data->tensors[1] = data->tensors[2];
      data->n = 2;
      boxes = decode (data, &hints, &params, &n);
      g_assert_cmpuint (n, ==, expected);
      g_assert_cmpuint (n, >, 0);
      g_assert_cmpuint (n, <, 256);
      g_free (boxes);
      head_data_free (data);
    }
}

/* --- families --- */

static void
set_distances (const RyTensor * box, guint y, guint x, guint bins,
    const guint d[4])
{
  guint k;

  for (k = 0; k < 4; k++)
    if (bins == 1)
      head_set (box, k, y, x, d[k]);
    else                        /* e^-12.. beside e^0: the bin itself */
      head_set (box, k * bins + d[k], y, x, 100);
}

/* Any order of the outputs, class first as in YOLO-World, flat grids. */
static void
test_distances (void)
{
  static const guint d[4] = { 1, 2, 3, 1 };
  static const guint bins[] = { 1, 8, 11, 16, 17, 5 };
  RyHeadHints hints = { 64, 64 };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (bins); i++) {
    HeadData *data = make_pairs (RKNN_TENSOR_FLOAT32, 4 * bins[i], 7);
    HeadData *reverse;

    set_distances (&data->tensors[2], 1, 2, bins[i], d);
    head_set (&data->tensors[3], 5, 1, 2, 0.75);
    /* Stride 16, centre 40, 24. */
    check_one (data, &hints, 5, 0.75, 24, -8, 88, 40);
    reverse = head_data_reverse (data);
    check_one (reverse, &hints, 5, 0.75, 24, -8, 88, 40);
    head_data_free (reverse);
    head_data_free (data);
  }
}

static void
test_flat (void)
{
  static const guint d[4] = { 1, 2, 3, 1 };
  RyHeadHints hints = { 64, 64 };
  HeadData *data = head_data_new ();
  RyTensor *classes, *box;
  guint cells, k;

  /* NanoDet as published: all classes, then all boxes. */
  for (cells = 8; cells >= 2; cells /= 2)
    head_data_add (data, RKNN_TENSOR_FLOAT32, 0, 1, 3, 1u, cells * cells, 80u);
  for (cells = 8; cells >= 2; cells /= 2)
    head_data_add (data, RKNN_TENSOR_FLOAT32, 0, 1, 3, 1u, cells * cells, 44u);
  classes = &data->tensors[1];
  box = &data->tensors[4];
  head_set_index (classes, 6 * 80 + 5, 0.75);   /* y 1, x 2 of 4 x 4 */
  for (k = 0; k < 4; k++)
    head_set_index (box, 6 * 44 + k * 11 + d[k], 100);
  check_one (data, &hints, 5, 0.75, 24, -8, 88, 40);
  check_description (data, &hints, "NanoDet");
  head_data_free (data);
}

static void
test_not_square (void)
{
  static const guint d[4] = { 1, 1, 2, 1 };
  RyHeadHints hints = { 160, 96 };
  HeadData *data = head_data_new ();

  head_data_add (data, RKNN_TENSOR_FLOAT32, 0, 1, 4, 1u, 4u, 3u, 5u);
  head_data_add (data, RKNN_TENSOR_FLOAT32, 0, 1, 4, 1u, 2u, 3u, 5u);
  set_distances (&data->tensors[0], 2, 4, 1, d);
  head_set (&data->tensors[1], 1, 2, 4, 0.5);
  check_one (data, &hints, 1, 0.5, 112, 48, 208, 112);
  head_data_free (data);

  /* Strides that differ along the axes are no grid. */
  data = head_data_new ();
  head_data_add (data, RKNN_TENSOR_FLOAT32, 0, 1, 4, 1u, 4u, 3u, 10u);
  head_data_add (data, RKNN_TENSOR_FLOAT32, 0, 1, 4, 1u, 2u, 3u, 10u);
  check_refused (data, &hints, "[1,2,3,10]");
  head_data_free (data);
}

/* 4R = nc, and box and classes that could be each other. */
static void
test_pair_collisions (void)
{
  static const guint d[4] = { 1, 1, 1, 1 };
  RyHeadHints hints = { 64, 64 };
  HeadData *data;

  /* Both 64: the first is the box. */
  data = make_pairs (RKNN_TENSOR_FLOAT32, 64, 64);
  set_distances (&data->tensors[4], 0, 0, 16, d);
  head_set (&data->tensors[5], 63, 0, 0, 0.9);
  check_one (data, &hints, 63, 0.9, -16, -16, 48, 48);
  head_data_free (data);

  /* 4 classes beside 16 bins: a number of classes tells, and so does the
   * range of int8. */
  data = make_pairs (RKNN_TENSOR_FLOAT32, 64, 4);
  hints.n_classes = 4;
  check_description (data, &hints, "4 classes, 16 bins");
  hints.n_classes = 64;
  check_description (data, &hints, "64 classes, 1 bin");
  hints.n_classes = 0;
  hints.reg_max = 16;
  check_description (data, &hints, "4 classes, 16 bins");
  head_data_free (data);
  hints.reg_max = 0;
  data = make_pairs (RKNN_TENSOR_INT8, 64, 4);
  check_description (data, &hints, "4 classes, 16 bins");
  head_data_free (data);
  data = make_pairs (RKNN_TENSOR_INT8, 4, 64);
  check_description (data, &hints, "64 classes, 1 bin");
  head_data_free (data);

  /* 80 channels could be 20 bins, but nobody has 20. */
  data = make_pairs (RKNN_TENSOR_FLOAT32, 64, 80);
  check_description (data, &hints, "80 classes, 16 bins");
  head_data_free (data);
}

/* One class: sum and classes have one shape, and the values are the same. */
static void
test_one_class (void)
{
  static const guint d[4] = { 1, 1, 1, 1 };
  RyHeadHints hints = { 64, 64 };
  HeadData *data = head_data_new ();
  guint cells;

  for (cells = 8; cells >= 2; cells /= 2) {
    head_data_add (data, RKNN_TENSOR_FLOAT32, 0, 1, 4, 1u, 64u, cells, cells);
    head_data_add (data, RKNN_TENSOR_FLOAT32, 0, 1, 4, 1u, 1u, cells, cells);
    head_data_add (data, RKNN_TENSOR_FLOAT32, 0, 1, 4, 1u, 1u, cells, cells);
  }
  set_distances (&data->tensors[6], 1, 1, 16, d);
  head_set (&data->tensors[7], 0, 1, 1, 0.6);
  head_set (&data->tensors[8], 0, 1, 1, 0.6);
  check_one (data, &hints, 0, 0.6, 16, 16, 80, 80);
  check_description (data, &hints, "9 outputs, 1 classes");
  head_data_free (data);
}

/* Logits of floats are found out at a frame; zeros decide nothing. */
static void
test_float_logits (void)
{
  static const guint d[4] = { 1, 1, 1, 1 };
  RyHeadHints hints = { 64, 64 };
  RyDecodeParams params = { 0.6f, 0.45f, 300, FALSE, FALSE, NULL };
  HeadData *data = make_pairs (RKNN_TENSOR_FLOAT16, 4, 3);
  RyDecoder *decoder = make_decoder (data, &hints);
  RyDecodeScratch *scratch = ry_decode_scratch_new ();
  const RyBox *boxes;
  guint n, i;

  set_distances (&data->tensors[4], 1, 0, 1, d);
  ry_decoder_run (decoder, scratch, data->tensors, &usual, &n);
  g_assert_cmpuint (n, ==, 0);
  for (i = 1; i < 6; i += 2)
    head_fill (&data->tensors[i], -9);
  head_set (&data->tensors[5], 2, 1, 0, 0.5);
  for (i = 0; i < 2; i++) {
    boxes = ry_decoder_run (decoder, scratch, data->tensors, &params, &n);
    g_assert_cmpuint (n, ==, 1);
    check_box (boxes, 2, 1 / (1 + exp (-0.5)), -16, 16, 48, 80);
    /* It stays decided: the next frame alone would be probabilities, and its
     * .5 would not pass. */
    head_fill (&data->tensors[1], 0);
    head_fill (&data->tensors[3], 0);
    head_fill (&data->tensors[5], 0);
    head_set (&data->tensors[5], 2, 1, 0, 0.5);
  }
  ry_decode_scratch_free (scratch);
  ry_decoder_free (decoder);
  head_data_free (data);
}

/* Boxes that are all the same do not say whether they are pixels.  With as many
 * candidates as there may be it must not be asked of all of them for each. */
static void
test_constant_boxes (void)
{
  RyHeadHints hints = { 640, 640, 20 };
  RyDecodeParams params = usual;
  HeadData *data = head_data_new ();
  RyTensor *t = head_data_add (data, RKNN_TENSOR_FLOAT32, 0, 1, 3, 1u, 24u,
      8400u);
  RyBox *boxes;
  guint n, i;

  head_fill (t, 0.5);
  params.multi_label = TRUE;
  boxes = decode (data, &hints, &params, &n);
  g_assert_cmpuint (n, ==, 20); /* one a class */
  for (i = 0; i < n; i++)
    check_box (&boxes[i], (gint) i, 0.5, 0.25, 0.25, 0.75, 0.75);
  g_free (boxes);
  head_data_free (data);
}

/* Ultralytics' raw maps: [1,64+nc,H,W], logits. */
static void
test_raw_maps (void)
{
  static const guint d[4] = { 1, 2, 3, 1 };
  RyHeadHints hints = { 64, 64, 3 };
  HeadData *data = head_data_new ();
  guint cells, c, y, x;

  for (cells = 8; cells >= 2; cells /= 2) {
    RyTensor *t = head_data_add (data, RKNN_TENSOR_FLOAT32, 0, 1, 4, 1u, 67u,
        cells, cells);

    for (c = 64; c < 67; c++)
      for (y = 0; y < cells; y++)
        for (x = 0; x < cells; x++)
          head_set (t, c, y, x, -12);
  }
  set_distances (&data->tensors[1], 1, 2, 16, d);
  head_set (&data->tensors[1], 66, 1, 2, 2);
  check_one (data, &hints, 2, 1 / (1 + exp (-2)), 24, -8, 88, 40);
  head_data_free (data);
}

static HeadData *
make_equal (rknn_tensor_type type, guint channels)
{
  HeadData *data = head_data_new ();
  guint cells;

  for (cells = 8; cells >= 2; cells /= 2)
    head_data_add (data, type, type == RKNN_TENSOR_INT8 ? -128 : 0,
        type == RKNN_TENSOR_INT8 ? (gfloat) (1 / 255.0) : 1, 4, 1u, channels,
        cells, cells);
  return data;
}

static void
test_equal_collisions (void)
{
  static const struct
  {
    guint channels, n_classes;
    const gchar *head, *what;
  } cases[] = {
    {255, 0, NULL, "YOLOv5/v7, 3 outputs, 80 classes"},
    {255, 80, NULL, "YOLOv5/v7, 3 outputs, 80 classes"},
    {255, 250, NULL, "YOLOX, 3 outputs, 250 classes"},
    {255, 191, NULL, "raw maps, 3 outputs, 191 classes"},
    {255, 191, "yolov5", "YOLOv5/v7, 3 outputs, 80 classes"},
    {255, 0, "yolov7", "80 classes, YOLOv7 anchors"},
    {255, 0, "yolov7-tiny", "80 classes, YOLOv5 anchors"},
    {255, 0, "yolox", "YOLOX, 3 outputs, 250 classes"},
    {85, 0, NULL, "YOLOX, 3 outputs, 80 classes"},
    {85, 21, NULL, "raw maps, 3 outputs, 21 classes"},
    {144, 0, NULL, "raw maps, 3 outputs, 80 classes"},
    {144, 43, NULL, "YOLOv5/v7, 3 outputs, 43 classes"},
    {18, 0, NULL, "YOLOv5/v7, 3 outputs, 1 classes"},
    {21, 2, NULL, "YOLOv5/v7, 3 outputs, 2 classes"},
    {66, 2, NULL, "raw maps, 3 outputs, 2 classes"},
    {7, 0, NULL, "YOLOX, 3 outputs, 2 classes"},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    RyHeadHints hints = { 64, 64, cases[i].n_classes };
    HeadData *data = make_equal (RKNN_TENSOR_FLOAT32, cases[i].channels);

    hints.head = cases[i].head;
    check_description (data, &hints, cases[i].what);
    head_data_free (data);
  }
}

static gdouble
logit (gdouble p)
{
  return log (p / (1 - p));
}

/* Cell 1, 0 of 4 x 4 (stride 16), second anchor, class 1: with all of x, y, w,
 * h at p the box is known. */
static void
set_anchor_cell (const RyTensor * t, gboolean raw, gdouble p, gdouble object,
    gdouble score)
{
  gdouble values[7] = { p, p, p, p, object, 0.001, score };
  guint c;

  for (c = 0; c < 7; c++)
    head_set (t, 7 + c, 1, 0, raw ? logit (values[c]) : values[c]);
}

static void
test_no_such_head (void)
{
  static const gchar *const heads[] = { "yolo7", "foo", "-pose", "yolo" };
  HeadData *data = make_equal (RKNN_TENSOR_FLOAT32, 21);
  RyHeadHints hints = { 64, 64, 2 };

  for (guint i = 0; i < G_N_ELEMENTS (heads); i++) {
    hints.head = heads[i];
    check_refused (data, &hints, heads[i]);
    check_refused (data, &hints, "yolov7-tiny");
  }
  head_data_free (data);
}

/* 66 channels could be anchors of 17 classes. */
static void
test_later_names (void)
{
  static const gchar *const heads[] = { "yolov9", "yolov10", "yolo11",
    "yolov11", "yolo12", "yolov13", "yolo26"
  };
  HeadData *data = make_equal (RKNN_TENSOR_FLOAT32, 66);
  RyHeadHints hints = { 64, 64, 2,.head = "yolov8" };
  g_autofree gchar *raw = describe (data, &hints);

  g_assert_nonnull (strstr (raw, "2 classes"));
  for (guint i = 0; i < G_N_ELEMENTS (heads); i++) {
    hints.head = heads[i];
    check_description (data, &hints, raw);
  }
  head_data_free (data);
}

static void
test_anchors (void)
{
  RyHeadHints hints = { 64, 64, 2 };
  HeadData *data = make_equal (RKNN_TENSOR_FLOAT32, 21);
  /* 2 p = 1: centre (.5 + 0) * 16 = 8, (.5 + 1) * 16 = 24, size of the
   * anchor: 62 x 45 in v5, 76 x 55 in v7. */

  set_anchor_cell (&data->tensors[1], FALSE, 0.5, 0.8, 0.5);
  check_one (data, &hints, 1, 0.4, 8 - 31, 24 - 22.5, 8 + 31, 24 + 22.5);
  hints.head = "yolov7";
  check_one (data, &hints, 1, 0.4, 8 - 38, 24 - 27.5, 8 + 38, 24 + 27.5);
  hints.head = NULL;

  head_fill (&data->tensors[0], -9);
  head_fill (&data->tensors[1], -9);
  head_fill (&data->tensors[2], -9);
  set_anchor_cell (&data->tensors[1], TRUE, 0.5, 0.8, 0.5);
  check_one (data, &hints, 1, 0.4, 8 - 31, 24 - 22.5, 8 + 31, 24 + 22.5);

  /* Each alone is above the threshold and the product is not. */
  set_anchor_cell (&data->tensors[1], TRUE, 0.5, 0.49, 0.5);
  {
    guint n;
    RyBox *boxes = decode (data, &hints, &usual, &n);

    g_assert_cmpuint (n, ==, 0);
    g_free (boxes);
  }
  head_data_free (data);
}

/* Toolkit 1.2: [1,3,h,w,5+nc]. */
static void
test_five_dims (void)
{
  RyHeadHints hints = { 64, 64 };
  HeadData *data = head_data_new ();
  guint cells, c;

  for (cells = 8; cells >= 2; cells /= 2)
    head_data_add (data, RKNN_TENSOR_FLOAT32, 0, 1, 5, 1u, 3u, cells, cells,
        7u);
  for (c = 0; c < 7; c++)       /* anchor 1, y 1, x 0 of 4 x 4 */
    head_set_index (&data->tensors[1], ((1 * 4 + 1) * 4 + 0) * 7 + c,
        c < 4 ? 0.5 : c == 4 ? 0.8 : c == 6 ? 0.5 : 0);
  check_one (data, &hints, 1, 0.4, 8 - 31, 24 - 22.5, 8 + 31, 24 + 22.5);
  head_data_free (data);
}

/* YOLOv3 and v4 as Darknet trains them: the same cell as above, with t of w
 * ln 2 and of h 0. */
static void
test_darknet (void)
{
  static const struct
  {
    const gchar *head;
    guint n_grids;
    gdouble z, w, h;            /* of the second grid, second anchor */
  } cases[] = {
    {"yolov3", 3, 1, 62, 45}, {"yolov4", 3, 1.1, 76, 55},
    {"yolov3-tiny", 2, 1, 135, 169}, {"yolov4-tiny", 2, 1.05, 135, 169},
  };
  guint i, j, c;

  for (i = 0; i < G_N_ELEMENTS (cases); i++)
    for (j = 0; j < 2; j++) {   /* logits, and after the sigmoid */
      gboolean raw = j == 0;
      gdouble p[7] = { 0.75, 0.25, 2.0 / 3, 0.5, 0.8, 0.001, 0.5 };
      gdouble cx = (cases[i].z * 0.25 + 0.5 + 0) * 16;
      gdouble cy = (cases[i].z * -0.25 + 0.5 + 1) * 16;
      RyHeadHints hints = { 64, 64, 2 };
      HeadData *data = make_equal (RKNN_TENSOR_FLOAT32, 21);

      hints.head = cases[i].head;
      /* Two grids: 4 x 4 and 2 x 2, of which 4 x 4 is to be the second. */
      if (cases[i].n_grids == 2) {
        head_data_free (data);
        data = head_data_new ();
        head_data_add (data, RKNN_TENSOR_FLOAT32, 0, 1, 4, 1u, 21u, 8u, 8u);
        head_data_add (data, RKNN_TENSOR_FLOAT32, 0, 1, 4, 1u, 21u, 4u, 4u);
      }
      for (c = 0; raw && c < cases[i].n_grids; c++)
        head_fill (&data->tensors[c], -9);
      for (c = 0; c < 7; c++)
        head_set (&data->tensors[1], 7 + c, 1, 0, raw ? logit (p[c]) : p[c]);
      check_one (data, &hints, 1, 0.4, cx - cases[i].w, cy - cases[i].h / 2,
          cx + cases[i].w, cy + cases[i].h / 2);
      head_data_free (data);
    }
}

/* YOLO-NAS and PicoDet: x1, y1, x2, y2 and scores, each orientation. */
static void
test_two_lists (void)
{
  static const gdouble pixels[4] = { 10, 20, 30, 50 };
  RyHeadHints hints = { 64, 64 };
  guint n = 64 + 16 + 4, form, k;

  for (form = 0; form < 5; form++) {
    HeadData *data = head_data_new (), *reverse;
    gdouble unit = form == 4 ? 1 / 64.0 : 1;
    RyTensor *boxes, *scores;

    if (form == 1)
      head_data_add (data, RKNN_TENSOR_FLOAT32, 0, 1, 4, 1u, n, 4u, 1u);
    else if (form == 2)
      head_data_add (data, RKNN_TENSOR_FLOAT32, 0, 1, 3, 1u, 4u, n);
    else if (form == 3)
      head_data_add (data, RKNN_TENSOR_INT8, -90, 1, 3, 1u, n, 4u);
    else
      head_data_add (data, RKNN_TENSOR_FLOAT32, 0, 1, 3, 1u, n, 4u);
    if (form == 1)
      head_data_add (data, RKNN_TENSOR_FLOAT32, 0, 1, 4, 1u, 7u, n, 1u);
    else if (form == 3)
      head_data_add (data, RKNN_TENSOR_INT8, -128, (gfloat) (1 / 255.0), 3, 1u,
          n, 7u);
    else
      head_data_add (data, RKNN_TENSOR_FLOAT32, 0, 1, 3, 1u, n, 7u);
    boxes = &data->tensors[0];
    scores = &data->tensors[1];
    for (k = 0; k < 4; k++)
      head_set_index (boxes, form == 2 ? k * n + 70 : 70 * 4 + k,
          pixels[k] * unit);
    head_set_index (scores, form == 1 ? 5 * n + 70 : 70 * 7 + 5, 0.8);
    check_one (data, &hints, 5, 0.8, 10, 20, 30, 50);
    check_description (data, &hints, "YOLO-NAS");
    reverse = head_data_reverse (data);
    check_one (reverse, &hints, 5, 0.8, 10, 20, 30, 50);
    head_data_free (reverse);
    head_data_free (data);
  }
}

/* A cell has a box for each class above the threshold, or for its best only;
 * of equal scores the lower class comes first. */
static void
test_multi_label (void)
{
  static const gdouble scores[5] = { 0.5, 0.2, 0.9, 0.5, 0.25 };
  static const gboolean wanted[5] = { TRUE, TRUE, FALSE, TRUE, TRUE };
  static const gint order[3] = { 2, 0, 3 };
  RyHeadHints hints = { 64, 64 };
  HeadData *data = make_pairs (RKNN_TENSOR_FLOAT32, 4, 5);
  RyDecodeParams params = usual;
  RyBox *boxes;
  guint n, i;

  for (i = 0; i < 4; i++)
    head_set (&data->tensors[2], i, 1, 2, 0.5);
  for (i = 0; i < 5; i++)
    head_set (&data->tensors[3], i, 1, 2, scores[i]);
  boxes = decode (data, &hints, &params, &n);
  g_assert_cmpuint (n, ==, 1);
  check_box (boxes, 2, 0.9, 32, 16, 48, 32);
  g_free (boxes);

  params.multi_label = TRUE;    /* .25 is not above .25 */
  boxes = decode (data, &hints, &params, &n);
  g_assert_cmpuint (n, ==, 3);
  for (i = 0; i < 3; i++)
    check_box (&boxes[i], order[i], scores[order[i]], 32, 16, 48, 32);
  g_free (boxes);

  params.max_detections = 2;
  boxes = decode (data, &hints, &params, &n);
  g_assert_cmpuint (n, ==, 2);
  check_box (&boxes[1], 0, 0.5, 32, 16, 48, 32);
  g_free (boxes);

  /* The best class is not wanted: another one only if several may be. */
  params.classes = wanted;
  boxes = decode (data, &hints, &params, &n);
  g_assert_cmpuint (n, ==, 2);
  check_box (&boxes[0], 0, 0.5, 32, 16, 48, 32);
  check_box (&boxes[1], 3, 0.5, 32, 16, 48, 32);
  g_free (boxes);
  params.multi_label = FALSE;
  g_free (decode (data, &hints, &params, &n));
  g_assert_cmpuint (n, ==, 0);
  head_data_free (data);
}

/* Over all classes the best of a place stays. */
static void
test_class_agnostic (void)
{
  RyHeadHints hints = { 64, 64 };
  HeadData *data = make_pairs (RKNN_TENSOR_FLOAT32, 4, 2);
  RyDecodeParams params = usual;
  RyBox *boxes;
  guint n, k;

  for (k = 0; k < 4; k++) {
    head_set (&data->tensors[0], k, 0, 0, 3);
    head_set (&data->tensors[0], k, 0, 1, 3);
  }
  head_set (&data->tensors[1], 0, 0, 0, 0.5);
  head_set (&data->tensors[1], 1, 0, 1, 0.6);
  g_free (decode (data, &hints, &params, &n));
  g_assert_cmpuint (n, ==, 2);
  params.class_agnostic = TRUE;
  boxes = decode (data, &hints, &params, &n);
  g_assert_cmpuint (n, ==, 1);
  check_box (boxes, 1, 0.6, -12, -20, 36, 28);
  g_free (boxes);
  params.multi_label = TRUE;
  head_set (&data->tensors[1], 0, 0, 1, 0.55);
  g_free (decode (data, &hints, &params, &n));
  g_assert_cmpuint (n, ==, 1);
  head_data_free (data);
}

/* More boxes of a class than are compared at a time, of which the first
 * suppresses the last. */
static void
test_many_kept (void)
{
  RyHeadHints hints = { 320, 320 };
  RyDecodeParams params = { 0.25f, 0.5f, 300 };
  HeadData *data = head_data_new ();
  RyTensor *box, *classes;
  guint n, i, k;

  head_data_add (data, RKNN_TENSOR_FLOAT32, 0, 1, 4, 1u, 4u, 40u, 40u);
  head_data_add (data, RKNN_TENSOR_FLOAT32, 0, 1, 4, 1u, 3u, 40u, 40u);
  box = &data->tensors[0];
  classes = &data->tensors[1];
  head_fill (box, 0.4);
  for (i = 0; i < 100; i++)
    head_set (classes, 2, i / 10, i % 10, 0.9 - i * 0.001);
  for (k = 0; k < 4; k++) {     /* both are the box of cell 0, 0 */
    head_set (box, k, 30, 30, k < 2 ? 30.4 : -29.6);
    head_set (box, k, 30, 31, k == 0 ? 31.4 : k == 1 ? 30.4 : k == 2 ? -30.6
        : -29.6);
  }
  head_set (classes, 2, 30, 30, 0.3);
  head_set (classes, 1, 30, 31, 0.3);
  g_free (decode (data, &hints, &params, &n));
  g_assert_cmpuint (n, ==, 101);        /* another class stays */
  params.class_agnostic = TRUE;
  g_free (decode (data, &hints, &params, &n));
  g_assert_cmpuint (n, ==, 100);
  head_data_free (data);
}

/* Grids one after another, not decoded; and decoded to pixels. */
static void
test_yolox_list (void)
{
  RyHeadHints hints = { 64, 64, 3 };
  HeadData *data = head_data_new ();
  guint n = 64 + 16 + 4, cell = 64 + 6;
  RyTensor *t = head_data_add (data, RKNN_TENSOR_FLOAT32, 0, 1, 3, 1u, n, 8u);
  static const gfloat raw[8] = { 0.5f, 0.25f, 0, 0, 0.9f, 0, 0, 0.9f };
  static const gfloat pixels[8] = { 40, 20, 16, 32, 0.9f, 0, 0, 0.9f };
  guint c;

  for (c = 0; c < 8; c++)       /* y 1, x 2 of 4 x 4: stride 16 */
    head_set_index (t, cell * 8 + c, raw[c]);
  check_one (data, &hints, 2, 0.81, 32, 12, 48, 28);
  for (c = 0; c < 8; c++)
    head_set_index (t, cell * 8 + c, pixels[c]);
  check_one (data, &hints, 2, 0.81, 32, 4, 48, 36);
  head_data_free (data);
}

static void
test_end2end (void)
{
  static const gfloat rows[][6] = {
    {10, 20, 30, 40, 0.9f, 3}, {11, 20, 30, 40, 0.8f, 3},
    {0, 0, 0, 0, 0.7f, 1},      /* encloses nothing */
    {10, 10, 20, 20, 0.6f, 99}, /* no such class */
    {10, 10, 20, 20, 0.2f, 1}, {NAN, 10, 20, 20, 0.5f, 1},
    {10, 10, 20, 20, NAN, 1}, {10, 10, 20, 20, 0.5f, NAN},
    {40, 10, 60, 20, 0.95f, 0},
  };
  RyHeadHints hints = { 64, 64, 4 };
  HeadData *data = head_data_new ();
  RyTensor *t = head_data_add (data, RKNN_TENSOR_FLOAT32, 0, 1, 3, 1u, 300u,
      6u);
  RyBox *boxes;
  guint n;

  memcpy ((gpointer) t->data, rows, sizeof rows);
  boxes = decode (data, &hints, &usual, &n);
  /* No NMS: the two that nearly are one both stay. */
  g_assert_cmpuint (n, ==, 3);
  check_box (&boxes[0], 0, 0.95, 40, 10, 60, 20);
  check_box (&boxes[1], 3, 0.9, 10, 20, 30, 40);
  check_box (&boxes[2], 3, 0.8, 11, 20, 30, 40);
  g_free (boxes);

  hints.n_classes = 0;          /* unknown: the row says it */
  boxes = decode (data, &hints, &usual, &n);
  g_assert_cmpuint (n, ==, 4);
  check_box (&boxes[3], 99, 0.6, 10, 10, 20, 20);
  g_free (boxes);
  head_data_free (data);
}

/* --- NMS --- */

/* Equal scores: the finest grid first, then row by row. */
static void
test_ties (void)
{
  static const guint d[4] = { 2, 2, 2, 2 };
  RyHeadHints hints = { 64, 64 };
  HeadData *data = make_pairs (RKNN_TENSOR_FLOAT32, 4, 2);
  RyBox *boxes;
  guint n;

  set_distances (&data->tensors[4], 0, 0, 1, d);
  head_set (&data->tensors[5], 0, 0, 0, 0.5);
  set_distances (&data->tensors[0], 7, 0, 1, d);
  head_set (&data->tensors[1], 1, 7, 0, 0.5);
  set_distances (&data->tensors[0], 2, 5, 1, d);
  head_set (&data->tensors[1], 0, 2, 5, 0.5);
  set_distances (&data->tensors[0], 2, 6, 1, d);        /* IoU .6 with that */
  head_set (&data->tensors[1], 0, 2, 6, 0.5);
  boxes = decode (data, &hints, &usual, &n);
  g_assert_cmpuint (n, ==, 3);
  check_box (&boxes[0], 0, 0.5, 28, 4, 60, 36);
  check_box (&boxes[1], 1, 0.5, -12, 44, 20, 76);
  check_box (&boxes[2], 0, 0.5, -48, -48, 80, 80);
  g_free (boxes);
  head_data_free (data);
}

/* The same boxes in the same order whatever the layout and the order of the
 * outputs, also of more than are sorted by insertion. */
static void
test_ties_anywhere (void)
{
  static const guint groups[] = { 1, 4, 16, 0 };
  RyHeadHints hints = { 64, 64 };
  RyDecodeParams params = usual;
  guint form, n, n_first, i, k;

  for (k = 0; k < 2; k++) {
    HeadData *data = make_pairs (RKNN_TENSOR_INT8, 4, 3);
    RyBox *first;

    for (i = 0; i < 6; i += 2)  /* boxes that touch nothing */
      head_fill (&data->tensors[i], 0.3);
    for (i = 1; i < 6; i += 2)
      head_set (&data->tensors[i], 1, 1, 1, 0.5);
    for (i = 0; i < 64 && k == 1; i++)
      head_set (&data->tensors[1], i % 3, i / 8, i % 8, 0.5);
    first = decode (data, &hints, &params, &n_first);
    g_assert_cmpuint (n_first, ==, k == 1 ? 66 : 3);
    for (i = 0; i < n_first; i++) {     /* finest grid first, ... */
      gdouble stride = i + 2 < n_first ? 8 : i + 1 < n_first ? 16 : 32;

      g_assert_cmpfloat_with_epsilon (first[i].x2 - first[i].x1, 0.6 * stride,
          1e-3);
    }
    for (i = 1; i + 2 < n_first; i++)   /* ... then row by row */
      g_assert_true (first[i].y1 > first[i - 1].y1
          || (first[i].y1 == first[i - 1].y1 && first[i].x1 > first[i - 1].x1));
    for (form = 0; form < 2 * G_N_ELEMENTS (groups); form++) {
      HeadData *packed = head_data_repack (data, groups[form / 2], 0, 1, 0x55);
      HeadData *reversed = form % 2 ? head_data_reverse (packed) : NULL;
      RyBox *boxes = decode (reversed ? reversed : packed, &hints, &params, &n);

      g_assert_cmpmem (boxes, n * sizeof *boxes, first,
          n_first * sizeof *first);
      g_free (boxes);
      head_data_free (reversed);
      head_data_free (packed);
    }
    g_free (first);
    head_data_free (data);
  }
}

/* Three rotated boxes in a row: the second overlaps the first and goes, the
 * third overlaps only the second, which is gone, and stays. */
static void
test_rotated_chain (void)
{
  static const gfloat scores[] = { 0.9f, 0.8f, 0.7f };
  RyHeadHints hints = { 64, 64, 2, "obb" };
  RyDecodeParams params = usual;
  HeadData *data = head_data_new ();
  guint anchors = 84, n, i;
  RyTensor *t = head_data_add (data, RKNN_TENSOR_FLOAT32, 0, 1, 3, 1u, 7u,
      anchors);
  RyBox *boxes;

  /* Squares of 30 with 8 between centres: for them the Hellinger distance has
   * the closed form 1 - exp (-d * d / (8 * 30 * 30 / 12)), so that 1 less its
   * root is .68 for neighbours and .41 for the others. */
  for (i = 0; i < 3; i++) {
    head_set_index (t, 0 * anchors + i, 20 + 8 * i);
    head_set_index (t, 1 * anchors + i, 32);
    head_set_index (t, 2 * anchors + i, 30);
    head_set_index (t, 3 * anchors + i, 30);
    head_set_index (t, (4 + i % 2) * anchors + i, scores[i]);
  }
  boxes = decode (data, &hints, &params, &n);   /* the second is another class */
  g_assert_cmpuint (n, ==, 3);
  g_free (boxes);
  params.class_agnostic = TRUE;
  boxes = decode (data, &hints, &params, &n);
  g_assert_cmpuint (n, ==, 2);
  g_assert_cmpfloat_with_epsilon (boxes[0].cx, 20, 1e-4);
  g_assert_cmpfloat_with_epsilon (boxes[1].cx, 36, 1e-4);
  g_free (boxes);
  head_data_free (data);
}

/* IoU exactly at the threshold does not suppress; one class leaves another
 * alone. */
static void
test_iou (void)
{
  RyHeadHints hints = { 64, 64 };
  HeadData *data = make_pairs (RKNN_TENSOR_FLOAT32, 4, 2);
  RyDecodeParams params = usual;
  guint n, k;

  /* Boxes of 16 x 16 at (4,4) and (12,4): 8 x 16 common, IoU 128 / 384. */
  for (k = 0; k < 4; k++) {
    head_set (&data->tensors[0], k, 0, 0, 1);
    head_set (&data->tensors[0], k, 0, 1, 1);
  }
  head_set (&data->tensors[1], 0, 0, 0, 0.5);
  head_set (&data->tensors[1], 0, 0, 1, 0.6);
  params.iou_threshold = 128.0f / 384.0f;
  g_free (decode (data, &hints, &params, &n));
  g_assert_cmpuint (n, ==, 2);
  params.iou_threshold = nextafterf (128.0f / 384.0f, 0);
  g_free (decode (data, &hints, &params, &n));
  g_assert_cmpuint (n, ==, 1);
  hints.end2end = 1;
  g_free (decode (data, &hints, &params, &n));
  g_assert_cmpuint (n, ==, 2);
  hints.end2end = 0;
  head_set (&data->tensors[1], 1, 0, 1, 0.7);
  g_free (decode (data, &hints, &params, &n));
  g_assert_cmpuint (n, ==, 2);
  head_data_free (data);
}

/* Above the limit of candidates the best are kept, ties by order. */
static void
test_many (void)
{
  RyHeadHints hints = { 640, 640, 0, NULL, 0, 1 };
  RyDecodeParams params = { 0.1f, 0.5f, G_MAXUINT, TRUE, FALSE, NULL };
  HeadData *data = head_data_new ();
  RyTensor *t;
  RyBox *boxes;
  guint n, i, high = 0;

  head_fill (head_data_add (data, RKNN_TENSOR_FLOAT32, 0, 1, 4, 1u, 4u, 80u,
          80u), 1);
  t = head_data_add (data, RKNN_TENSOR_INT8, -128, (gfloat) (1 / 255.0), 4, 1u,
      20u, 80u, 80u);
  for (i = 0; i < 20 * 6400; i++) {
    /* 20000 good ones, all at the end; the rest ties. */
    head_set_index (t, i, i % 6400 >= 5400 ? 0.8 : 0.4);
    high += i % 6400 >= 5400;
  }
  g_assert_cmpuint (high, ==, 20000);
  boxes = decode (data, &hints, &params, &n);
  g_assert_cmpuint (n, ==, 30000);
  g_assert_cmpfloat_with_epsilon (boxes[19999].score, 0.8, 1e-3);
  g_assert_cmpfloat_with_epsilon (boxes[20000].score, 0.4, 1e-3);
  /* Of the ties the first 10000: 20 classes of cells 0 .. 499, in order. */
  for (i = 0; i < 10000; i++) {
    guint cell = i / 20;

    g_assert_cmpint (boxes[20000 + i].class_id, ==, i % 20);
    g_assert_cmpfloat (boxes[20000 + i].x1, ==, (cell % 80 - 0.5) * 8);
    g_assert_cmpfloat (boxes[20000 + i].y1, ==, (cell / 80 - 0.5) * 8);
  }
  g_free (boxes);
  head_data_free (data);
}

/* --- refusals --- */

static HeadData *
make_list (rknn_tensor_type type, gint zp, gfloat scale, guint a, guint b)
{
  HeadData *data = head_data_new ();

  head_data_add (data, type, zp, scale, 3, 1u, a, b);
  return data;
}

static void
test_broken_int8 (void)
{
  RyHeadHints hints = { 640, 640, 80 };
  HeadData *data;

  data = make_list (RKNN_TENSOR_INT8, -128, 2.6f, 84, 8400);
  check_refused (data, &hints, "FP16");
  head_data_free (data);
  data = make_list (RKNN_TENSOR_UINT8, 3, 2.6f, 8400, 84);
  check_refused (data, &hints, "8.4.110");
  head_data_free (data);
  data = make_list (RKNN_TENSOR_INT8, -128, 2.6f, 25200, 85);
  check_refused (data, &hints, "INT8");
  head_data_free (data);
  data = make_list (RKNN_TENSOR_INT8, -128, 2.6f, 300, 6);
  check_refused (data, &hints, "INT8");
  head_data_free (data);
  data = make_list (RKNN_TENSOR_INT8, -128, 0.00393f, 84, 8400);
  check_description (data, &hints, "80 classes");
  head_data_free (data);
}

static void
check_task (const HeadData * data, const RyHeadHints * hints, RyTask task,
    guint n_classes, guint n_keypoints)
{
  RyDecoder *decoder = make_decoder (data, hints);

  g_assert_cmpint (ry_decoder_get_task (decoder), ==, task);
  g_assert_cmpuint (ry_decoder_get_n_classes (decoder), ==, n_classes);
  g_assert_cmpuint (ry_decoder_get_n_keypoints (decoder), ==, n_keypoints);
  ry_decoder_free (decoder);
}

static void
test_refused (void)
{
  RyHeadHints hints = { 640, 640 };
  HeadData *data = head_data_new ();

  head_data_add (data, RKNN_TENSOR_FLOAT32, 0, 1, 2, 1u, 1000u);
  check_refused (data, &hints, "classifier");
  head_data_free (data);

  data = make_list (RKNN_TENSOR_FLOAT32, 0, 1, 84, 8400);
  hints.task = "classify";
  check_refused (data, &hints, "classifier");
  hints.task = "semantic";
  check_refused (data, &hints, "semantic");
  head_data_free (data);

  hints.task = NULL;
  data = make_list (RKNN_TENSOR_FLOAT32, 0, 1, 192, 192);
  check_refused (data, &hints, "[1,192,192] FP32");
  head_data_free (data);
}

/* What shapes do not tell: the order of tests of docs/models.md. */
static void
test_tasks_of_lists (void)
{
  static const struct
  {
    guint channels, n_classes;
    const gchar *task, *head;
    guint kpt_shape[2];
    RyTask expected;
    guint expected_classes, n_keypoints;
  } cases[] = {
    {84, 0, NULL, NULL, {0, 0}, RY_TASK_DETECT, 80, 0},
    {20, 0, NULL, NULL, {0, 0}, RY_TASK_DETECT, 16, 0},
    {20, 0, "obb", NULL, {0, 0}, RY_TASK_OBB, 15, 0},
    {20, 0, NULL, "yolov8-obb", {0, 0}, RY_TASK_OBB, 15, 0},
    {20, 0, "obb", "yolov8-pose", {0, 0}, RY_TASK_POSE, 1, 5},
    {56, 0, NULL, NULL, {0, 0}, RY_TASK_POSE, 1, 17},
    {56, 1, NULL, NULL, {0, 0}, RY_TASK_POSE, 1, 17},
    {56, 52, NULL, NULL, {0, 0}, RY_TASK_DETECT, 52, 0},
    {56, 0, "detect", NULL, {0, 0}, RY_TASK_DETECT, 52, 0},
    {56, 0, NULL, "yolov8", {0, 0}, RY_TASK_DETECT, 52, 0},
    {56, 0, "pose", NULL, {0, 0}, RY_TASK_POSE, 1, 17},
    {56, 0, "pose", NULL, {17, 3}, RY_TASK_POSE, 1, 17},
    {56, 0, "pose", NULL, {4, 2}, RY_TASK_POSE, 44, 4},
    {30, 0, NULL, NULL, {12, 2}, RY_TASK_POSE, 2, 12},
    {30, 2, "pose", NULL, {0, 0}, RY_TASK_POSE, 2, 8},
    {12, 0, "pose", NULL, {0, 0}, RY_TASK_POSE, 1, 0},
    {13, 0, "pose", NULL, {0, 0}, RY_TASK_POSE, 1, 4},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    RyHeadHints hints = { 640, 640, cases[i].n_classes, cases[i].task };
    HeadData *data = make_list (RKNN_TENSOR_FLOAT32, 0, 1, cases[i].channels,
        8400);

    hints.head = cases[i].head;
    hints.kpt_shape[0] = cases[i].kpt_shape[0];
    hints.kpt_shape[1] = cases[i].kpt_shape[1];
    if (cases[i].expected == RY_TASK_POSE && cases[i].n_keypoints == 0)
      check_refused (data, &hints, "[1,12,8400]");
    else
      check_task (data, &hints, cases[i].expected, cases[i].expected_classes,
          cases[i].n_keypoints);
    head_data_free (data);
  }
}

static void
test_impossible (void)
{
  static const gfloat scales[] = { 0, -0.01f, NAN, INFINITY };
  RyHeadHints hints = { 64, 64 };
  HeadData *data = make_pairs (RKNN_TENSOR_INT8, 64, 80);
  RyTensor good = data->tensors[1], *t = &data->tensors[1];
  guint i;

  for (i = 0; i < G_N_ELEMENTS (scales); i++) {
    t->scale = scales[i];
    check_refused (data, &hints, "scale");
  }
  *t = good;
  t->dims[0] = 4;
  check_refused (data, &hints, "batch");
  *t = good;
  t->dims[2] = 0;
  check_refused (data, &hints, "dimensions");
  *t = good;
  t->dims[1] = t->dims[2] = t->dims[3] = 0x10000000;
  check_refused (data, &hints, "dimensions");
  *t = good;
  t->dims[1] = 0x2000000;       /* would take gigabytes to remember */
  t->dims[2] = t->dims[3] = 1;
  t->plane = t->row = 1;
  check_refused (data, &hints, "dimensions");
  *t = good;
  t->row = 3;
  check_refused (data, &hints, "memory");
  *t = good;
  t->type = RKNN_TENSOR_INT64;
  check_refused (data, &hints, "type");
  *t = good;
  data->n = 0;
  check_refused (data, &hints, "outputs");
  data->n = 6;
  hints.input_width = 0;
  check_refused (data, &hints, "input");
  head_data_free (data);
}

/* Class numbers have 16 bits. */
static void
test_too_many_classes (void)
{
  RyHeadHints hints = { 32, 32 };
  HeadData *data = head_data_new ();
  RyTensor *t = head_data_add (data, RKNN_TENSOR_INT8, -128,
      (gfloat) (1 / 255.0), 3, 1u, 4u + 65536u, 21u);
  RyBox *boxes;
  guint n;

  /* Of fewer boxes than classes; said which is which. */
  hints.n_classes = 65536;
  hints.head = "yolov8";
  head_fill (t, 0);
  head_set_index (t, (4 + 65535) * 21 + 3, 0.5);
  for (n = 0; n < 4; n++)
    head_set_index (t, n * 21 + 3, 0.5);
  boxes = decode (data, &hints, &usual, &n);
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpint (boxes[0].class_id, ==, 65535);
  g_free (boxes);
  head_data_free (data);

  data = head_data_new ();
  head_data_add (data, RKNN_TENSOR_INT8, -128, (gfloat) (1 / 255.0), 3, 1u,
      4u + 65537u, 21u);
  hints.n_classes = 65537;
  check_refused (data, &hints, "65536 classes");
  head_data_free (data);
}

/* NaN and infinities: never in a box, and they hide nothing. */
static void
test_garbage (void)
{
  static const gfloat bad[] = { NAN, INFINITY, -INFINITY, 1e30f, -1e30f };
  RyHeadHints hints = { 64, 64, 7 };
  guint i, k, j;

  for (j = 0; j < 2; j++)
    for (i = 0; i < G_N_ELEMENTS (bad); i++) {
      HeadData *data = make_pairs (j ? RKNN_TENSOR_FLOAT16
          : RKNN_TENSOR_FLOAT32, 64, 7);
      RyBox *boxes;
      guint n;

      for (k = 0; k < 6; k++)
        head_fill (&data->tensors[k], k % 2 ? 0 : 1);
      /* The data decide "probabilities" only if nothing is outside 0..1. */
      for (k = 0; k < 7; k++)
        head_set (&data->tensors[1], k, 3, 3, i < 1 && k != 4 ? NAN : 0.75);
      head_set (&data->tensors[1], 4, 3, 3, 0.8);
      head_set (&data->tensors[0], 20, 5, 5, bad[i]);
      head_set (&data->tensors[1], 2, 5, 5, 0.9);
      boxes = decode (data, &hints, &usual, &n);
      for (k = 0; k < n; k++) {
        g_assert_true (isfinite (boxes[k].x1) && isfinite (boxes[k].y2));
        g_assert_cmpfloat (boxes[k].x1, <, boxes[k].x2);
        g_assert_cmpfloat (boxes[k].y1, <, boxes[k].y2);
        g_assert_cmpfloat (boxes[k].score, <=, 1);
      }
      g_assert_cmpuint (n, >=, 1);
      g_assert_cmpint (boxes[n - 1].class_id, ==, 4);
      g_free (boxes);
      head_data_free (data);
    }
}

/* Without data there are no boxes. */
static void
test_no_data (void)
{
  RyHeadHints hints = { 64, 64 };
  HeadData *data = make_pairs (RKNN_TENSOR_INT8, 64, 80);
  RyDecodeScratch *scratch = ry_decode_scratch_new ();
  RyDecoder *decoder;
  gpointer kept = (gpointer) data->tensors[3].data;
  guint n = 77;

  data->tensors[3].data = NULL;
  decoder = make_decoder (data, &hints);
  ry_decoder_run (decoder, scratch, data->tensors, &usual, &n);
  g_assert_cmpuint (n, ==, 0);
  data->tensors[3].data = kept;
  ry_decoder_free (decoder);
  ry_decode_scratch_free (scratch);
  head_data_free (data);
}

typedef struct
{
  RyDecoder *decoder;
  const HeadData *data;
} Shared;

static gpointer
decode_often (gpointer user_data)
{
  const Shared *shared = user_data;
  RyDecodeScratch *scratch = ry_decode_scratch_new ();
  guint n, i;

  for (i = 0; i < 200; i++) {
    const RyBox *boxes = ry_decoder_run (shared->decoder, scratch,
        shared->data->tensors, &usual, &n);

    g_assert_cmpuint (n, ==, 1);
    check_box (boxes, 2, 1 / (1 + exp (-0.5)), -16, 16, 48, 80);
  }
  ry_decode_scratch_free (scratch);
  return NULL;
}

/* One decoder for several threads, all of which begin undecided. */
static void
test_threads (void)
{
  static const guint d[4] = { 1, 1, 1, 1 };
  RyHeadHints hints = { 64, 64 };
  HeadData *data = make_pairs (RKNN_TENSOR_FLOAT32, 4, 3);
  Shared shared = { make_decoder (data, &hints), data };
  GThread *threads[4];
  guint i;

  for (i = 1; i < 6; i += 2)
    head_fill (&data->tensors[i], -9);
  set_distances (&data->tensors[4], 1, 0, 1, d);
  head_set (&data->tensors[5], 2, 1, 0, 0.5);
  for (i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("decode", decode_often, &shared);
  for (i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  ry_decoder_free (shared.decoder);
  head_data_free (data);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/decode/thresholds", test_thresholds);
  g_test_add_func ("/decode/thresholds-float", test_thresholds_float);
  g_test_add_func ("/decode/distances", test_distances);
  g_test_add_func ("/decode/flat", test_flat);
  g_test_add_func ("/decode/not-square", test_not_square);
  g_test_add_func ("/decode/pair-collisions", test_pair_collisions);
  g_test_add_func ("/decode/one-class", test_one_class);
  g_test_add_func ("/decode/float-logits", test_float_logits);
  g_test_add_func ("/decode/constant-boxes", test_constant_boxes);
  g_test_add_func ("/decode/raw-maps", test_raw_maps);
  g_test_add_func ("/decode/equal-collisions", test_equal_collisions);
  g_test_add_func ("/decode/anchors", test_anchors);
  g_test_add_func ("/decode/five-dims", test_five_dims);
  g_test_add_func ("/decode/darknet", test_darknet);
  g_test_add_func ("/decode/two-lists", test_two_lists);
  g_test_add_func ("/decode/multi-label", test_multi_label);
  g_test_add_func ("/decode/class-agnostic", test_class_agnostic);
  g_test_add_func ("/decode/many-kept", test_many_kept);
  g_test_add_func ("/decode/yolox-list", test_yolox_list);
  g_test_add_func ("/decode/end2end", test_end2end);
  g_test_add_func ("/decode/ties", test_ties);
  g_test_add_func ("/decode/ties-anywhere", test_ties_anywhere);
  g_test_add_func ("/decode/rotated-chain", test_rotated_chain);
  g_test_add_func ("/decode/iou", test_iou);
  g_test_add_func ("/decode/many", test_many);
  g_test_add_func ("/decode/broken-int8", test_broken_int8);
  g_test_add_func ("/decode/refused", test_refused);
  g_test_add_func ("/decode/tasks-of-lists", test_tasks_of_lists);
  g_test_add_func ("/decode/impossible", test_impossible);
  g_test_add_func ("/decode/too-many-classes", test_too_many_classes);
  g_test_add_func ("/decode/no-such-head", test_no_such_head);
  g_test_add_func ("/decode/later-names", test_later_names);
  g_test_add_func ("/decode/garbage", test_garbage);
  g_test_add_func ("/decode/no-data", test_no_data);
  g_test_add_func ("/decode/threads", test_threads);
  return g_test_run ();
}
