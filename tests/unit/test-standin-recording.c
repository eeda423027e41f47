/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* RKNN_STANDIN_OUTPUTS: outputs that are played.  What a client reads is held
 * against the bytes in the files. */

#include <string.h>

#include <glib/gstdio.h>

#include "standinapi.h"

/* ---- A recording of the tests' own model -------------------------------- */

#define PIXELS (MODEL_H * MODEL_W)

static const guint sizes[3] = { 3 * PIXELS, MODEL_MANY * PIXELS, 3 * PIXELS };

static const gchar good_manifest[] = "3\n0.i8 4 1 3 6 10 -65 0.25\n"
    "1.i8 4 1 20 6 10 7 0.13266474\n2.f16 2 1 180 0 1\n";

static gchar *
make_folder (void)
{
  g_autoptr (GError) error = NULL;
  gchar *folder = g_dir_make_tmp ("recording-XXXXXX", &error);

  g_assert_no_error (error);
  return folder;
}

static void
write_file (const gchar * folder, const gchar * name, gconstpointer data,
    gssize size)
{
  g_autofree gchar *path = g_build_filename (folder, name, NULL);

  g_assert_true (g_file_set_contents (path, data, size, NULL));
}

static void
remove_folder (gchar * folder)
{
  static const gchar *const names[] = { "manifest.txt", "0.i8", "1.i8",
    "2.f16"
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree gchar *path = g_build_filename (folder, names[i], NULL);

    g_unlink (path);
  }
  g_rmdir (folder);
  g_free (folder);
}

/* All byte values, in no order that a layout has. */
static gint8
recorded_byte (guint output, guint i)
{
  return (gint8) (i * 37 + i / 256 * 11 + output * 5);
}

/* Halves from 0x3c00 on: 1, 1 + 2^-10, ... */
static guint16
recorded_half (guint i)
{
  return 0x3c00 + i;
}

static gchar *
make_recording (const gchar * manifest)
{
  gchar *folder = make_folder ();
  guint16 halves[3 * PIXELS];

  for (guint output = 0; output < 2; output++) {
    g_autofree gint8 *bytes = g_new (gint8, sizes[output]);
    g_autofree gchar *name = g_strdup_printf ("%u.i8", output);

    for (guint i = 0; i < sizes[output]; i++)
      bytes[i] = recorded_byte (output, i);
    write_file (folder, name, bytes, sizes[output]);
  }
  for (guint i = 0; i < G_N_ELEMENTS (halves); i++)
    halves[i] = GUINT16_TO_LE (recorded_half (i));
  write_file (folder, "2.f16", halves, sizeof halves);
  write_file (folder, "manifest.txt", manifest, -1);
  return folder;
}

static rknn_context
init_with (const gchar * folder)
{
  rknn_context context;

  g_setenv ("RKNN_STANDIN_OUTPUTS", folder, TRUE);
  context = standin_init_model (FALSE);
  g_unsetenv ("RKNN_STANDIN_OUTPUTS");
  return context;
}

static rknn_context
init_recorded (void)
{
  gchar *folder = make_recording (good_manifest);
  rknn_context context = init_with (folder);

  /* all is read by then */
  remove_folder (folder);
  return context;
}

/* Bound as cmd has it, or changed. */
static rknn_tensor_mem *
bind (rknn_context c, rknn_query_cmd cmd, guint output, gint type,
    rknn_tensor_attr * attr)
{
  rknn_tensor_mem *mem;

  standin_query_attr (c, cmd, output, attr);
  if (type >= 0)
    attr->type = type;
  mem = standin.create_mem (c, attr->size_with_stride * 4);
  memset (mem->virt_addr, 0x5a, mem->size);
  g_assert_cmpint (standin.set_io_mem (c, mem, attr), ==, 0);
  return mem;
}

static void
expect_run (rknn_context c, gint expected)
{
  g_assert_cmpint (standin.run (c, NULL), ==, expected);
}

static void
test_attributes (void)
{
  rknn_tensor_attr attr;
  rknn_context c;

  if (!standin_can_run ())
    return;
  c = init_recorded ();
  standin_query_attr (c, RKNN_QUERY_OUTPUT_ATTR, 0, &attr);
  g_assert_cmpint (attr.type, ==, RKNN_TENSOR_INT8);
  g_assert_cmpint (attr.qnt_type, ==, RKNN_TENSOR_QNT_AFFINE_ASYMMETRIC);
  g_assert_cmpint (attr.zp, ==, -65);
  g_assert_cmpfloat (attr.scale, ==, 0.25f);
  standin_query_attr (c, RKNN_QUERY_NATIVE_OUTPUT_ATTR, 1, &attr);
  g_assert_cmpint (attr.type, ==, RKNN_TENSOR_INT8);
  g_assert_cmpint (attr.fmt, ==, RKNN_TENSOR_NC1HWC2);
  g_assert_cmpint (attr.zp, ==, 7);
  g_assert_cmpfloat (attr.scale, ==, 0.13266474f);
  standin_query_attr (c, RKNN_QUERY_OUTPUT_ATTR, 2, &attr);
  g_assert_cmpint (attr.type, ==, RKNN_TENSOR_FLOAT16);
  /* as with every model that has int8 outputs */
  standin_query_attr (c, RKNN_QUERY_INPUT_ATTR, 0, &attr);
  g_assert_cmpint (attr.type, ==, RKNN_TENSOR_INT8);
  standin.destroy (c);
}

static void
test_nchw (void)
{
  if (!standin_can_run ())
    return;
  for (guint output = 0; output < 2; output++) {
    rknn_context c = init_recorded ();
    rknn_tensor_attr attr;
    rknn_tensor_mem *mem = bind (c, RKNN_QUERY_OUTPUT_ATTR, output, -1, &attr);
    const gint8 *bytes = mem->virt_addr;

    /* more than once: a client may have written there */
    for (guint round = 0; round < 2; round++) {
      memset (mem->virt_addr, round, mem->size);
      expect_run (c, 0);
      for (guint i = 0; i < sizes[output]; i++)
        g_assert_cmpint (bytes[i], ==, recorded_byte (output, i));
      g_assert_cmpint (bytes[sizes[output]], ==, round);
    }
    standin.destroy_mem (c, mem);
    standin.destroy (c);
  }
}

static void
test_native (void)
{
  static const gchar *const socs[] = { "rk3588", "rk3566" };

  if (!standin_can_run ())
    return;
  for (guint i = 0; i < 4; i++) {
    guint output = i % 2;
    guint c2 = i / 2 == 0 ? 16 : 8;
    guint channels = output == 0 ? 3 : MODEL_MANY;
    rknn_tensor_attr attr;
    rknn_tensor_mem *mem;
    rknn_context c;

    g_setenv ("RKNN_STANDIN_SOC", socs[i / 2], TRUE);
    c = init_recorded ();
    g_unsetenv ("RKNN_STANDIN_SOC");
    mem = bind (c, RKNN_QUERY_NATIVE_OUTPUT_ATTR, output, -1, &attr);
    g_assert_cmpuint (attr.dims[4], ==, c2);
    expect_run (c, 0);
    for (guint k = 0; k < channels; k++)
      for (guint y = 0; y < MODEL_H; y++)
        for (guint x = 0; x < MODEL_W; x++)
          g_assert_cmpint (((gint8 *) mem->virt_addr)[((k / c2 * MODEL_H + y)
                      * attr.w_stride + x) * c2 + k % c2], ==,
              recorded_byte (output, (k * MODEL_H + y) * MODEL_W + x));
    standin.destroy_mem (c, mem);
    standin.destroy (c);
  }
}

/* Floats made of bytes, halves as they are, and by rknn_outputs_get. */
static void
test_other_forms (void)
{
  rknn_output outputs[3] = { {.index = 0}, {.index = 1,.want_float = 1},
  {.index = 2}
  };
  rknn_tensor_attr attr;
  rknn_tensor_mem *floats, *halves;
  rknn_context c;

  if (!standin_can_run ())
    return;
  c = init_recorded ();
  /* nothing has run: nothing is there */
  g_assert_cmpint (standin.outputs_get (c, 3, outputs, NULL), ==, 0);
  for (guint i = 0; i < sizes[1]; i++)
    g_assert_cmpfloat_with_epsilon (((gfloat *) outputs[1].buf)[i], 0, 0.1);
  standin.outputs_release (c, 3, outputs);

  floats = bind (c, RKNN_QUERY_OUTPUT_ATTR, 0, RKNN_TENSOR_FLOAT32, &attr);
  halves = bind (c, RKNN_QUERY_OUTPUT_ATTR, 2, -1, &attr);
  expect_run (c, 0);
  for (guint i = 0; i < sizes[0]; i++) {
    g_assert_cmpfloat (((gfloat *) floats->virt_addr)[i], ==,
        (recorded_byte (0, i) + 65) * 0.25f);
    g_assert_cmpuint (((guint16 *) halves->virt_addr)[i], ==,
        recorded_half (i));
  }

  g_assert_cmpint (standin.outputs_get (c, 3, outputs, NULL), ==, 0);
  for (guint i = 0; i < sizes[0]; i++) {
    g_assert_cmpint (((gint8 *) outputs[0].buf)[i], ==, recorded_byte (0, i));
    g_assert_cmpuint (((guint16 *) outputs[2].buf)[i], ==, recorded_half (i));
  }
  for (guint i = 0; i < sizes[1]; i++)
    g_assert_cmpfloat (((gfloat *) outputs[1].buf)[i], ==,
        (recorded_byte (1, i) - 7) * 0.13266474f);
  standin.outputs_release (c, 3, outputs);
  standin.destroy_mem (c, floats);
  standin.destroy_mem (c, halves);
  standin.destroy (c);
}

/* The description file comes before the manifest: value = (q - zp) * scale
 * stays, as exact as the new type has it. */
static void
test_description_file (void)
{
  gchar *folder, *ini;
  rknn_tensor_attr attr;
  rknn_tensor_mem *mem, *half;
  rknn_context c;

  if (!standin_can_run ())
    return;
  folder = make_recording (good_manifest);
  ini = g_build_filename (folder, "0.ini", NULL);
  write_file (folder, "0.ini", "[output 0]\ntype=int8\nzp=0\nscale=0.5\n"
      "[output many]\ntype=float16\n", -1);
  g_setenv ("RKNN_STANDIN_CONFIG", ini, TRUE);
  c = init_with (folder);
  g_unsetenv ("RKNN_STANDIN_CONFIG");
  g_unlink (ini);
  g_free (ini);
  remove_folder (folder);

  mem = bind (c, RKNN_QUERY_OUTPUT_ATTR, 0, -1, &attr);
  g_assert_cmpint (attr.zp, ==, 0);
  g_assert_cmpfloat (attr.scale, ==, 0.5f);
  half = bind (c, RKNN_QUERY_OUTPUT_ATTR, 1, -1, &attr);
  g_assert_cmpint (attr.type, ==, RKNN_TENSOR_FLOAT16);
  expect_run (c, 0);
  for (guint i = 0; i < sizes[0]; i++) {
    gdouble value = (recorded_byte (0, i) + 65) * 0.25;

    /* half a step, and the lower end of int8 */
    g_assert_cmpfloat_with_epsilon (((gint8 *) mem->virt_addr)[i] * 0.5,
        MAX (value, -64), 0.2501);
  }
  for (guint i = 0; i < sizes[1]; i++) {
    gdouble value = (recorded_byte (1, i) - 7) * 0.13266474;

    g_assert_cmpfloat_with_epsilon (standin_half_value (((guint16 *)
                half->virt_addr)[i]), value, 0.01);
  }
  standin.destroy_mem (c, mem);
  standin.destroy_mem (c, half);
  standin.destroy (c);
}

/* A run that fails leaves outputs as they were; so does a wrong input. */
static void
test_failing_run (void)
{
  rknn_tensor_attr attr;
  rknn_tensor_mem *mem;
  rknn_context c;

  if (!standin_can_run ())
    return;
  g_setenv ("RKNN_STANDIN_FAIL", "rknn_run:1", TRUE);
  c = init_recorded ();
  g_unsetenv ("RKNN_STANDIN_FAIL");
  mem = bind (c, RKNN_QUERY_OUTPUT_ATTR, 0, -1, &attr);
  expect_run (c, RKNN_ERR_FAIL);
  for (guint i = 0; i < mem->size; i++)
    g_assert_cmpint (((guint8 *) mem->virt_addr)[i], ==, 0x5a);
  expect_run (c, 0);
  g_assert_cmpint (((gint8 *) mem->virt_addr)[9], ==, recorded_byte (0, 9));
  standin.destroy_mem (c, mem);
  standin.destroy (c);
}

static void
expect_refusal (const gchar * folder, const gchar * said)
{
  rknn_context c;

  g_test_message ("%s", said);
  g_setenv ("RKNN_STANDIN_OUTPUTS", folder, TRUE);
  g_assert_cmpint (standin.init (&c, (gchar *) standin_model_path (FALSE), 0, 0,
          NULL), ==, RKNN_ERR_MODEL_INVALID);
  g_unsetenv ("RKNN_STANDIN_OUTPUTS");
  g_assert_nonnull (strstr (standin.last_error (), "RKNN_STANDIN_OUTPUTS"));
  g_assert_nonnull (strstr (standin.last_error (), said));
}

static void
test_refusals (void)
{
  static const struct
  {
    const gchar *manifest, *said;
  } wrong[] = {
    {"none", "line 1"},
    {"1\n0.i8 4 1 3 6 10 -65 0.25\n", "1 tensors; the model has 3 outputs"},
    {"3\n0.i8 4 1 3 10 6 -65 0.25\n1.i8 4 1 20 6 10 7 1\n2.f16 2 1 180 0 1\n",
        "0.i8 is [1,3,10,6]; output same of the model is [1,3,6,10]"},
    {"3\n0.i8 3 3 6 10 -65 0.25\n1.i8 4 1 20 6 10 7 1\n2.f16 2 1 180 0 1\n",
        "0.i8 is [3,6,10]"},
    {"3\n0.i8 4 1 3 6 11 -65 0.25\n1.i8 4 1 20 6 10 7 1\n2.f16 2 1 180 0 1\n",
        "has 180 bytes; its dimensions make 198"},
    {"3\n9.i8 4 1 3 6 10 -65 0.25\n1.i8 4 1 20 6 10 7 1\n2.f16 2 1 180 0 1\n",
        "9.i8"},
  };

  if (!standin_can_run ())
    return;
  expect_refusal ("/nowhere/at/all", "/nowhere/at/all");
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    gchar *folder = make_recording (wrong[i].manifest);

    expect_refusal (folder, wrong[i].said);
    remove_folder (folder);
  }
}

/* ---- Tensors of a real model -------------------------------------------- */

static rknn_tensor_mem *
check_real (rknn_context c, const gchar * folder, guint output, gboolean native)
{
  rknn_tensor_attr attr, plain;
  rknn_tensor_mem *mem = bind (c, native ? RKNN_QUERY_NATIVE_OUTPUT_ATTR
      : RKNN_QUERY_OUTPUT_ATTR, output, -1, &attr);
  g_autofree gchar *name = g_strdup_printf ("%u.i8", output);
  g_autofree gchar *path = g_build_filename (folder, name, NULL);
  g_autofree gchar *file = NULL;
  gsize size;

  standin_query_attr (c, RKNN_QUERY_OUTPUT_ATTR, output, &plain);
  expect_run (c, 0);
  g_assert_true (g_file_get_contents (path, &file, &size, NULL));
  g_assert_cmpuint (size, ==, plain.n_elems);
  if (native) {
    guint h = plain.dims[2], w = plain.dims[3], c2 = attr.dims[4];
    const gchar *bytes = mem->virt_addr;

    for (guint i = 0; i < size; i++) {
      guint k = i / (h * w), y = i / w % h, x = i % w;

      if (bytes[((k / c2 * h + y) * attr.w_stride + x) * c2 + k % c2]
          != file[i])
        g_error ("output %u differs at %u", output, i);
    }
  } else {
    g_assert_cmpint (memcmp (mem->virt_addr, file, size), ==, 0);
  }
  return mem;
}

static void
test_real (void)
{
  const gchar *testdata = g_getenv ("RKNNYOLO_TESTDATA");
  g_autofree gchar *folder = NULL;
  g_autofree gchar *model = NULL;
  rknn_tensor_mem *mems[18];
  rknn_context c;

  if (!standin_can_run ())
    return;
  folder = g_build_filename (testdata != NULL ? testdata : "",
      "tensors", "yolov8n_bus", NULL);
  model = g_build_filename (testdata != NULL ? testdata : "",
      "models", "yolov8n_rk9_640.onnx", NULL);
  if (!g_file_test (folder, G_FILE_TEST_IS_DIR)
      || !g_file_test (model, G_FILE_TEST_EXISTS)) {
    g_test_skip ("SKIPPED: RKNNYOLO_TESTDATA has no tensors/yolov8n_bus");
    return;
  }
  g_setenv ("RKNN_STANDIN_OUTPUTS", folder, TRUE);
  g_assert_cmpint (standin.init (&c, model, 0, 0, NULL), ==, 0);
  g_unsetenv ("RKNN_STANDIN_OUTPUTS");
  for (guint i = 0; i < G_N_ELEMENTS (mems); i++)
    mems[i] = check_real (c, folder, i / 2, i % 2 != 0);
  for (guint i = 0; i < G_N_ELEMENTS (mems); i++)
    standin.destroy_mem (c, mems[i]);
  standin.destroy (c);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  standin_open ();
  g_test_add_func ("/standin/recording/attributes", test_attributes);
  g_test_add_func ("/standin/recording/nchw", test_nchw);
  g_test_add_func ("/standin/recording/native", test_native);
  g_test_add_func ("/standin/recording/other-forms", test_other_forms);
  g_test_add_func ("/standin/recording/description-file",
      test_description_file);
  g_test_add_func ("/standin/recording/failing-run", test_failing_run);
  g_test_add_func ("/standin/recording/refusals", test_refusals);
  g_test_add_func ("/standin/recording/real", test_real);
  result = g_test_run ();
  standin_close ();
  return result;
}
