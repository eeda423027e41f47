/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Every family of heads over random tensors, in every type and layout,
 * against the plain decoder of refdecode.c. */

#include <math.h>

#include "refdecode.h"

#define WIDTH 96u
#define HEIGHT 64u
#define N_CLASSES 5u
#define N_CELLS (12u * 8 + 6 * 4 + 3 * 2)

static const guint strides[] = { 8, 16, 32 };

/* Scores of which about one of ten passes .25, on steps of 1/255 so that ties
 * are many. */
static gdouble
random_score (GRand * rand)
{
  gdouble x = g_rand_double (rand);

  return rint (255 * x * x * x * x * x * x * x) / 255;
}

static void
add_scores (HeadData * data, GRand * rand, rknn_tensor_type type, guint n,
    guint h, guint w)
{
  gint zp = type == RKNN_TENSOR_INT8 ? -128 : 0;
  gfloat scale = type == RKNN_TENSOR_FLOAT32 || type == RKNN_TENSOR_FLOAT16
      ? 1 : (gfloat) (1 / 255.0);
  RyTensor *t = head_data_add (data, type, zp, scale, 4, 1u, n, h, w);
  gsize i;

  for (i = 0; i < (gsize) n * h * w; i++)
    head_set_index (t, i, random_score (rand));
}

static void
add_values (HeadData * data, GRand * rand, rknn_tensor_type type, guint n,
    guint h, guint w, gdouble low, gdouble high)
{
  gboolean quantised = type == RKNN_TENSOR_INT8 || type == RKNN_TENSOR_UINT8;
  gfloat scale = quantised ? (gfloat) ((high - low) / 255) : 1;
  gint zp = !quantised ? 0 : (gint) rint ((type == RKNN_TENSOR_INT8 ? -128 : 0)
      - low / scale);
  RyTensor *t = head_data_add (data, type, zp, scale, 4, 1u, n, h, w);
  gsize i;

  for (i = 0; i < (gsize) n * h * w; i++)
    head_set_index (t, i, g_rand_double_range (rand, low, high));
}

static void
ref_distances (GArray * out, const RyTensor * box, const RyTensor * classes,
    guint first, guint bins, guint stride, const RyDecodeParams * params)
{
  guint x, y, c;

  for (y = 0; y < box->dims[2]; y++)
    for (x = 0; x < box->dims[3]; x++) {
      gfloat scores[N_CLASSES];
      gdouble xyxy[4] = {
        (x + 0.5 - ref_distance (box, 0, bins, y, x)) * stride,
        (y + 0.5 - ref_distance (box, 1, bins, y, x)) * stride,
        (x + 0.5 + ref_distance (box, 2, bins, y, x)) * stride,
        (y + 0.5 + ref_distance (box, 3, bins, y, x)) * stride
      };

      for (c = 0; c < N_CLASSES; c++)
        scores[c] = ref_at (classes, first + c, y, x);
      ref_add_cell (out, xyxy, 1, scores, N_CLASSES, params);
    }
}

/* The sum a model would put out: of the unrounded classes, clamped. */
static void
add_sum (HeadData * data, rknn_tensor_type type)
{
  guint index = data->n - 1, c, y, x;
  guint h = data->tensors[index].dims[2], w = data->tensors[index].dims[3];
  gboolean quantised = type == RKNN_TENSOR_INT8 || type == RKNN_TENSOR_UINT8;
  /* A scale of its own, that ends below the greatest class. */
  RyTensor *sum = head_data_add (data, type, type == RKNN_TENSOR_INT8 ? -128
      : 0, quantised ? (gfloat) (0.97 / 255) : 1, 4, 1u, 1u, h, w);

  for (y = 0; y < h; y++)
    for (x = 0; x < w; x++) {
      gdouble total = 0;

      for (c = 0; c < N_CLASSES; c++)
        total += ref_at (&data->tensors[index], c, y, x);
      head_set (sum, 0, y, x, MIN (total, 1));
    }
}

static HeadData *
make_dfl (GRand * rand, rknn_tensor_type type, guint bins, gboolean sum)
{
  HeadData *data = head_data_new ();
  guint i;

  for (i = 0; i < 3; i++) {
    guint h = HEIGHT / strides[i], w = WIDTH / strides[i];

    add_values (data, rand, type, 4 * bins, h, w, bins == 1 ? -0.5 : -6,
        bins == 1 ? 3 : 4);
    add_scores (data, rand, type, N_CLASSES, h, w);
    if (sum)
      add_sum (data, type);
  }
  return data;
}

static void
ref_dfl (GArray * out, const HeadData * data, const RyDecodeParams * params)
{
  guint a_scale = data->n / 3, i;

  for (i = 0; i < 3; i++) {
    const RyTensor *box = &data->tensors[i * a_scale];

    ref_distances (out, box, box + 1, 0, box->dims[1] / 4, strides[i], params);
  }
}

static HeadData *
make_dfl9 (GRand * rand, rknn_tensor_type type)
{
  return make_dfl (rand, type, 16, TRUE);
}

/* Few cells hold anything, so that it pays to go by the sums, and many of them
 * are within a step of the thresholds. */
static HeadData *
make_sparse (GRand * rand, rknn_tensor_type type)
{
  HeadData *sparse = head_data_new ();
  guint i, k;

  for (i = 0; i < 3; i++) {
    guint h = HEIGHT / strides[i], w = WIDTH / strides[i];

    add_values (sparse, rand, type, 64, h, w, -6, 4);
    add_scores (sparse, rand, type, N_CLASSES, h, w);
    head_fill (&sparse->tensors[3 * i + 1], 0);
    for (k = 0; k < 3; k++)
      head_set (&sparse->tensors[3 * i + 1],
          g_rand_int_range (rand, 0, N_CLASSES), g_rand_int_range (rand, 0, h),
          g_rand_int_range (rand, 0, w),
          k == 0 ? 0.254 : g_rand_double_range (rand, 0.2, 1));
    add_sum (sparse, type);
  }
  return sparse;
}

static HeadData *
make_dfl6 (GRand * rand, rknn_tensor_type type)
{
  return make_dfl (rand, type, 16, FALSE);
}

static HeadData *
make_nanodet (GRand * rand, rknn_tensor_type type)
{
  return make_dfl (rand, type, 11, FALSE);
}

static HeadData *
make_distances (GRand * rand, rknn_tensor_type type)
{
  return make_dfl (rand, type, 1, TRUE);
}

static HeadData *
make_anchors (GRand * rand, rknn_tensor_type type)
{
  HeadData *data = head_data_new ();
  guint i, j;

  for (i = 0; i < 3; i++) {
    guint h = HEIGHT / strides[i], w = WIDTH / strides[i];
    guint channels = 3 * (5 + N_CLASSES);
    RyTensor *t;

    add_scores (data, rand, type, channels, h, w);
    t = &data->tensors[i];
    for (j = 0; j < channels; j++)      /* boxes and objects are not rare */
      if (j % (5 + N_CLASSES) < 5) {
        guint k;

        for (k = 0; k < h * w; k++)
          head_set_index (t, (gsize) j * h * w + k, g_rand_double (rand));
      }
  }
  return data;
}

static void
ref_anchors (GArray * out, const HeadData * data, const RyDecodeParams * params)
{
  /* models/yolov5s.yaml */
  static const gdouble anchors[3][6] = { {10, 13, 16, 30, 33, 23},
  {30, 61, 62, 45, 59, 119}, {116, 90, 156, 198, 373, 326}
  };
  guint i, a, y, x, c;

  for (i = 0; i < 3; i++)
    for (a = 0; a < 3; a++)
      for (y = 0; y < HEIGHT / strides[i]; y++)
        for (x = 0; x < WIDTH / strides[i]; x++) {
          const RyTensor *t = &data->tensors[i];
          guint first = a * (5 + N_CLASSES);
          gdouble cx = (2 * ref_at (t, first, y, x) - 0.5 + x) * strides[i];
          gdouble cy = (2 * ref_at (t, first + 1, y, x) - 0.5 + y)
              * strides[i];
          gdouble w = pow (2 * ref_at (t, first + 2, y, x), 2)
              * anchors[i][2 * a];
          gdouble h = pow (2 * ref_at (t, first + 3, y, x), 2)
              * anchors[i][2 * a + 1];
          gdouble box[4] = { cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2 };
          gfloat scores[N_CLASSES];

          for (c = 0; c < N_CLASSES; c++)
            scores[c] = ref_at (t, first + 5 + c, y, x);
          ref_add_cell (out, box, ref_at (t, first + 4, y, x), scores,
              N_CLASSES, params);
        }
}

static HeadData *
make_yolox (GRand * rand, rknn_tensor_type type)
{
  HeadData *data = head_data_new ();
  guint i, c, k;

  for (i = 0; i < 3; i++) {
    guint h = HEIGHT / strides[i], w = WIDTH / strides[i];
    RyTensor *t;

    add_values (data, rand, type, 5 + N_CLASSES, h, w, -2.5, 3.8);
    t = &data->tensors[i];
    for (c = 4; c < 5 + N_CLASSES; c++)
      for (k = 0; k < h * w; k++)
        head_set_index (t, (gsize) c * h * w + k, c == 4
            ? g_rand_double (rand) : random_score (rand));
  }
  return data;
}

static void
ref_yolox (GArray * out, const HeadData * data, const RyDecodeParams * params)
{
  guint i, y, x, c;

  for (i = 0; i < 3; i++)
    for (y = 0; y < HEIGHT / strides[i]; y++)
      for (x = 0; x < WIDTH / strides[i]; x++) {
        const RyTensor *t = &data->tensors[i];
        gdouble cx = (ref_at (t, 0, y, x) + x) * strides[i];
        gdouble cy = (ref_at (t, 1, y, x) + y) * strides[i];
        gdouble w = exp (ref_at (t, 2, y, x)) * strides[i];
        gdouble h = exp (ref_at (t, 3, y, x)) * strides[i];
        gdouble box[4] = { cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2 };
        gfloat scores[N_CLASSES];

        for (c = 0; c < N_CLASSES; c++)
          scores[c] = ref_at (t, 5 + c, y, x);
        ref_add_cell (out, box, ref_at (t, 4, y, x), scores, N_CLASSES, params);
      }
}

/* [1,before+nc,n]; the boxes in unit. */
static HeadData *
make_list (GRand * rand, rknn_tensor_type type, guint before, guint n,
    gboolean transposed, gdouble unit)
{
  HeadData *data = head_data_new ();
  guint channels = before + N_CLASSES, c, i;
  gboolean quantised = type == RKNN_TENSOR_INT8 || type == RKNN_TENSOR_UINT8;
  RyTensor *t = head_data_add (data, type, type == RKNN_TENSOR_INT8 ? -128 : 0,
      quantised ? (gfloat) (1 / 255.0) : 1, 3, 1u, transposed ? n : channels,
      transposed ? channels : n);

  for (c = 0; c < channels; c++)
    for (i = 0; i < n; i++) {
      gdouble value = c < 4 ? g_rand_double (rand) * unit
          : c < before ? g_rand_double (rand) : random_score (rand);

      head_set_index (t, transposed ? (gsize) i * channels + c
          : (gsize) c * n + i, value);
    }
  return data;
}

static void
ref_list (GArray * out, const HeadData * data, const RyDecodeParams * params,
    guint before, gboolean transposed, gdouble x_unit, gdouble y_unit)
{
  const RyTensor *t = &data->tensors[0];
  guint channels = before + N_CLASSES;
  guint n = transposed ? t->dims[1] : t->dims[2], i, c;

  for (i = 0; i < n; i++) {
    gfloat v[5 + N_CLASSES];
    gdouble box[4];

    for (c = 0; c < channels; c++)
      v[c] = ref_at_index (t, transposed ? (gsize) i * channels + c
          : (gsize) c * n + i);
    box[0] = (v[0] - v[2] / 2.0) * x_unit;
    box[1] = (v[1] - v[3] / 2.0) * y_unit;
    box[2] = (v[0] + v[2] / 2.0) * x_unit;
    box[3] = (v[1] + v[3] / 2.0) * y_unit;
    ref_add_cell (out, box, before == 5 ? v[4] : 1, v + before, N_CLASSES,
        params);
  }
}

static HeadData *
make_fractions (GRand * rand, rknn_tensor_type type)
{
  return make_list (rand, type, 4, N_CELLS, FALSE, 1);
}

static void
ref_fractions (GArray * out, const HeadData * data,
    const RyDecodeParams * params)
{
  ref_list (out, data, params, 4, FALSE, WIDTH, HEIGHT);
}

static HeadData *
make_pixels (GRand * rand, rknn_tensor_type type)
{
  return make_list (rand, type, 4, N_CELLS, FALSE, 64);
}

static void
ref_pixels (GArray * out, const HeadData * data, const RyDecodeParams * params)
{
  ref_list (out, data, params, 4, FALSE, 1, 1);
}

static HeadData *
make_transposed (GRand * rand, rknn_tensor_type type)
{
  return make_list (rand, type, 4, N_CELLS, TRUE, 64);
}

static void
ref_transposed (GArray * out, const HeadData * data,
    const RyDecodeParams * params)
{
  ref_list (out, data, params, 4, TRUE, 1, 1);
}

static HeadData *
make_v5_list (GRand * rand, rknn_tensor_type type)
{
  return make_list (rand, type, 5, 3 * N_CELLS, TRUE, 64);
}

static void
ref_v5_list (GArray * out, const HeadData * data, const RyDecodeParams * params)
{
  ref_list (out, data, params, 5, TRUE, 1, 1);
}

static const struct
{
  const gchar *name;
  HeadData *(*make) (GRand * rand, rknn_tensor_type type);
  void (*reference) (GArray * out, const HeadData * data,
      const RyDecodeParams * params);
  gboolean floats_only;
} families[] = {
  {"dfl9", make_dfl9, ref_dfl},
  {"sparse", make_sparse, ref_dfl},
  {"dfl6", make_dfl6, ref_dfl},
  {"nanodet", make_nanodet, ref_dfl},
  {"distances", make_distances, ref_dfl},
  {"anchors", make_anchors, ref_anchors},
  {"yolox", make_yolox, ref_yolox},
  {"fractions", make_fractions, ref_fractions},
  {"pixels", make_pixels, ref_pixels, TRUE},
  {"transposed", make_transposed, ref_transposed, TRUE},
  {"v5-list", make_v5_list, ref_v5_list, TRUE},
};

static void
check (const HeadData * data, guint family, const RyDecodeParams * params)
{
  RyHeadHints hints = { WIDTH, HEIGHT, N_CLASSES };
  RyDecodeScratch *scratch = ry_decode_scratch_new ();
  GArray *expected = g_array_new (FALSE, FALSE, sizeof (RefBox));
  GError *error = NULL;
  RyDecoder *decoder = ry_decoder_new (data->tensors, data->n, &hints, &error);
  const RyBox *boxes;
  guint n, i;

  g_assert_no_error (error);
  g_assert_cmpuint (ry_decoder_get_n_classes (decoder), ==, N_CLASSES);
  families[family].reference (expected, data, params);
  ref_finish (expected, params, TRUE);
  for (i = 0; i < 2; i++) {     /* nothing is left over from a frame */
    boxes = ry_decoder_run (decoder, scratch, data->tensors, params, &n);
    ref_compare (boxes, n, expected);
  }
  g_array_unref (expected);
  ry_decoder_free (decoder);
  ry_decode_scratch_free (scratch);
}

static void
check_settings (const HeadData * data, guint family)
{
  static const gboolean some[N_CLASSES] = { FALSE, TRUE, FALSE, TRUE, TRUE };
  static const RyDecodeParams settings[] = {
    {0.25f, 0.45f, 300, FALSE, FALSE, NULL}, {0.25f, 0.45f, 300, TRUE, FALSE,
        NULL},
    {0.001f, 0.7f, 300, TRUE, FALSE, NULL}, {0.001f, 0.7f, 7, FALSE, FALSE,
        NULL},
    {0.25f, 0.45f, 300, FALSE, FALSE, some}, {0.1f, 0.45f, 300, TRUE, FALSE,
        some},
    {0.9f, 0, 300, FALSE, FALSE, NULL}, {0, 1, 20000, TRUE, FALSE, NULL},
    {0.98f, 0.5f, 300, FALSE, FALSE, NULL}, {-1, 0.5f, 100, FALSE, FALSE, NULL},
    {1, 0.5f, 300, TRUE, FALSE, NULL}, {0.25f, 0.45f, 0, FALSE, FALSE, NULL},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (settings); i++)
    check (data, family, &settings[i]);
}

static void
test_family (gconstpointer index)
{
  static const rknn_tensor_type types[] = { RKNN_TENSOR_INT8,
    RKNN_TENSOR_UINT8, RKNN_TENSOR_FLOAT16, RKNN_TENSOR_FLOAT32
  };
  static const guint layouts[][3] = { {16, 0, 0}, {8, 1, 4}, {4, 0, 1},
  {0, 0, 0}, {1, 0, 5}, {3, 0, 0}
  };
  guint family = GPOINTER_TO_UINT (index), i, j;
  GRand *rand = g_rand_new_with_seed (family + 1);

  for (i = families[family].floats_only ? 2 : 0; i < 4; i++) {
    HeadData *data = families[family].make (rand, types[i]);

    check_settings (data, family);
    for (j = 0; j < G_N_ELEMENTS (layouts); j++) {
      /* A float of bytes 0x7b is 1.3e36, a half 61000: both "pass". */
      HeadData *other = head_data_repack (data, layouts[j][0], layouts[j][1],
          layouts[j][2], types[i] == RKNN_TENSOR_UINT8 ? 255 : 0x7b);

      check_settings (other, family);
      head_data_free (other);
    }
    head_data_free (data);
  }
  g_rand_free (rand);
}

int
main (int argc, char **argv)
{
  guint i;

  g_test_init (&argc, &argv, NULL);
  for (i = 0; i < G_N_ELEMENTS (families); i++) {
    gchar *path = g_strdup_printf ("/decode/random/%s", families[i].name);

    g_test_add_data_func (path, GUINT_TO_POINTER (i), test_family);
    g_free (path);
  }
  return g_test_run ();
}
