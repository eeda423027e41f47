/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The description file of the stand-in. */

#include <string.h>

#include "standin/sidecar.h"

static void
test_full (void)
{
  static const gchar text[] =
      "# as documented\n"
      "[model]\n"
      "mean_values=1, 2.5, -3\n"
      "std_values = 255\n"
      "soc=rk3588\n"
      "custom_string=hello world\n"
      "[output box/0]\n"
      "type=int8\n" "zp=-128\n" "scale=0.0039215686\n" "c1=2\n"
      "native_size=204800\n"
      "[output 0]\n" "type=float32\n" "[input images]\n" "type=INT8\n";
  g_autoptr (GError) error = NULL;
  g_autoptr (RySidecar) self = ry_sidecar_parse (text, strlen (text), &error);
  const RySidecarTensor *tensor;

  g_assert_no_error (error);
  g_assert_cmpuint (self->mean.n, ==, 3);
  g_assert_cmpfloat (self->mean.value[1], ==, 2.5f);
  g_assert_cmpfloat (self->mean.value[2], ==, -3);
  g_assert_cmpuint (self->std.n, ==, 1);
  g_assert_cmpfloat (self->std.value[0], ==, 255);
  g_assert_cmpstr (self->soc, ==, "rk3588");
  g_assert_cmpstr (self->custom_string, ==, "hello world");

  /* the name comes before the number */
  tensor = ry_sidecar_find (self, FALSE, "box/0", 0);
  g_assert_nonnull (tensor);
  g_assert_true (tensor->has_type);
  g_assert_cmpint (tensor->type, ==, RKNN_TENSOR_INT8);
  g_assert_cmpint (tensor->zp, ==, -128);
  g_assert_cmpfloat (tensor->scale, ==, 0.0039215686f);
  g_assert_cmpuint (tensor->c1, ==, 2);
  g_assert_cmpuint (tensor->native_size, ==, 204800);

  tensor = ry_sidecar_find (self, FALSE, "other", 0);
  g_assert_nonnull (tensor);
  g_assert_cmpint (tensor->type, ==, RKNN_TENSOR_FLOAT32);
  g_assert_null (ry_sidecar_find (self, FALSE, "other", 1));

  tensor = ry_sidecar_find (self, TRUE, "images", 0);
  g_assert_nonnull (tensor);
  g_assert_false (tensor->has_quantisation);
  g_assert_null (ry_sidecar_find (self, TRUE, "box/0", 0));
}

static void
test_empty (void)
{
  g_autoptr (RySidecar) self = ry_sidecar_parse ("", 0, NULL);

  g_assert_nonnull (self);
  g_assert_cmpuint (self->mean.n, ==, 0);
  g_assert_null (self->soc);
  g_assert_cmpuint (self->tensors->len, ==, 0);
}

/* Each error names the group that is wrong. */
static void
test_errors (void)
{
  static const struct
  {
    const gchar *text, *words;
  } cases[] = {
    {"no group\n", ""},
    {"[other]\n", "other"},
    {"[model]\nmean_values=\n", "mean_values"},
    {"[model]\nmean_values=1,,2\n", "mean_values"},
    {"[model]\nmean_values=1,2,\n", "mean_values"},
    {"[model]\nmean_values=a\n", "mean_values"},
    {"[model]\nmean_values=nan\n", "mean_values"},
    {"[model]\nmean_values=1e99\n", "mean_values"},
    {"[model]\nmean_values=1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17\n",
        "mean_values"},
    {"[model]\nstd_values=1,0,1\n", "std_values"},
    {"[output a]\ntype=int4\n", "output a"},
    {"[output a]\ntype=int8\n", "output a"},
    {"[output a]\ntype=int8\nzp=0\n", "output a"},
    {"[input a]\ntype=int8\nscale=1\n", "input a"},
    {"[output a]\ntype=int8\nzp=128\nscale=1\n", "output a"},
    {"[output a]\ntype=int8\nzp=x\nscale=1\n", "output a"},
    {"[output a]\ntype=int8\nzp=0\nscale=0\n", "output a"},
    {"[output a]\ntype=int8\nzp=0\nscale=-1\n", "output a"},
    {"[output a]\nc1=0\n", "output a"},
    {"[output a]\nnative_size=-5\n", "output a"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    RySidecar *self =
        ry_sidecar_parse (cases[i].text, strlen (cases[i].text), &error);

    g_test_message ("%s", cases[i].text);
    g_assert_null (self);
    g_assert_nonnull (error);
    g_assert_nonnull (strstr (error->message, cases[i].words));
  }
}

static void
test_imgsz (void)
{
  guint size[2];

  g_assert_true (ry_sidecar_parse_imgsz ("[480, 640]", size, NULL));
  g_assert_cmpuint (size[0], ==, 480);
  g_assert_cmpuint (size[1], ==, 640);
  g_assert_true (ry_sidecar_parse_imgsz (" 416 ", size, NULL));
  g_assert_cmpuint (size[0], ==, 416);
  g_assert_cmpuint (size[1], ==, 416);
  g_assert_false (ry_sidecar_parse_imgsz ("0", size, NULL));
  g_assert_false (ry_sidecar_parse_imgsz ("-640", size, NULL));
  g_assert_false (ry_sidecar_parse_imgsz ("640.5", size, NULL));
  g_assert_false (ry_sidecar_parse_imgsz ("[1,2,3]", size, NULL));
  g_assert_false (ry_sidecar_parse_imgsz ("[]", size, NULL));
  g_assert_false (ry_sidecar_parse_imgsz ("[", size, NULL));
  g_assert_false (ry_sidecar_parse_imgsz ("1e9", size, NULL));
  g_assert_false (ry_sidecar_parse_imgsz ("", size, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/standin/sidecar/full", test_full);
  g_test_add_func ("/standin/sidecar/empty", test_empty);
  g_test_add_func ("/standin/sidecar/errors", test_errors);
  g_test_add_func ("/standin/sidecar/imgsz", test_imgsz);
  return g_test_run ();
}
