/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "standinapi.h"

#include <dlfcn.h>
#include <math.h>
#include <string.h>

#include <glib/gstdio.h>

#include "onnxwriter.h"

StandinApi standin;
gpointer standin_library;

static gchar *folder;
static gchar *model_paths[2];

static void
look_up (const gchar * name, gpointer function)
{
  gpointer symbol = dlsym (standin_library, name);

  g_assert_nonnull (symbol);
  memcpy (function, &symbol, sizeof symbol);
}

static void
look_up_all (void)
{
  look_up ("rknn_init", &standin.init);
  look_up ("rknn_dup_context", &standin.dup_context);
  look_up ("rknn_destroy", &standin.destroy);
  look_up ("rknn_query", &standin.query);
  look_up ("rknn_inputs_set", &standin.inputs_set);
  look_up ("rknn_set_batch_core_num", &standin.set_batch_core_num);
  look_up ("rknn_set_core_mask", &standin.set_core_mask);
  look_up ("rknn_run", &standin.run);
  look_up ("rknn_wait", &standin.wait);
  look_up ("rknn_outputs_get", &standin.outputs_get);
  look_up ("rknn_outputs_release", &standin.outputs_release);
  look_up ("rknn_create_mem", &standin.create_mem);
  look_up ("rknn_create_mem2", &standin.create_mem2);
  look_up ("rknn_create_mem_from_fd", &standin.create_mem_from_fd);
  look_up ("rknn_create_mem_from_phys", &standin.create_mem_from_phys);
  look_up ("rknn_destroy_mem", &standin.destroy_mem);
  look_up ("rknn_set_weight_mem", &standin.set_weight_mem);
  look_up ("rknn_set_internal_mem", &standin.set_internal_mem);
  look_up ("rknn_set_io_mem", &standin.set_io_mem);
  look_up ("rknn_set_input_shape", &standin.set_input_shape);
  look_up ("rknn_set_input_shapes", &standin.set_input_shapes);
  look_up ("rknn_mem_sync", &standin.mem_sync);
  look_up ("rknn_standin_last_error", &standin.last_error);
}

static GByteArray *
make_model (void)
{
  OnnxWriter writer;
  gfloat weights[MODEL_MANY][3] = { 0, };

  for (guint c = 0; c < MODEL_MANY; c++)
    weights[c][c % 3] = 1 + c / 4.0f;
  onnx_writer_init (&writer);
  onnx_writer_input (&writer, "images", ONNX_FLOAT, "1,3,6,10");
  onnx_writer_floats (&writer, "weights", "20,3,1,1", &weights[0][0],
      MODEL_MANY * 3);
  onnx_writer_node (&writer, "Identity", "images", "same", NULL, 0);
  onnx_writer_node (&writer, "Conv", "images,weights", "many", NULL, 0);
  onnx_writer_node (&writer, "Flatten", "images", "flat", "axis", 1);
  onnx_writer_output (&writer, "same", ONNX_FLOAT, "1,3,6,10");
  onnx_writer_output (&writer, "many", ONNX_FLOAT, "1,20,6,10");
  onnx_writer_output (&writer, "flat", ONNX_FLOAT, "1,180");
  onnx_writer_metadata (&writer, "mean_values", "0");
  onnx_writer_metadata (&writer, "std_values", "[1, 1, 1]");
  return onnx_writer_finish (&writer);
}

void
standin_open (void)
{
  const gchar *path = g_getenv ("STANDIN_LIBRARY");

  g_assert_nonnull (path);
  standin_library = dlopen (path, RTLD_NOW | RTLD_LOCAL);
  if (standin_library == NULL)
    g_test_message ("%s", dlerror ());
  g_assert_nonnull (standin_library);
  look_up_all ();

  /* children that are to be aborted clean nothing up: they use ours */
  if (g_test_subprocess ()) {
    folder = g_strdup (g_getenv ("STANDIN_FOLDER"));
  } else {
    folder = g_dir_make_tmp ("standin-XXXXXX", NULL);
    g_assert_nonnull (folder);
    g_setenv ("STANDIN_FOLDER", folder, TRUE);
  }
  model_paths[0] = standin_write_model ("float.onnx", make_model (), NULL);
  model_paths[1] = standin_write_model ("int8.onnx", make_model (),
      "[model]\ncustom_string=made by a test\n"
      "[output same]\ntype=int8\nzp=-128\nscale=1\n"
      "[output many]\ntype=int8\nzp=-3\nscale=2.5\n"
      "[output 2]\ntype=int8\nzp=7\nscale=0.5\n");
}

static void
remove_folder (void)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const gchar *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree gchar *path = g_build_filename (folder, name, NULL);

    g_unlink (path);
  }
  g_rmdir (folder);
}

void
standin_close (void)
{
  if (!g_test_subprocess ())
    remove_folder ();
  g_free (folder);
  g_free (model_paths[0]);
  g_free (model_paths[1]);
}

gchar *
standin_write_model (const gchar * name, GByteArray * model, const gchar * ini)
{
  gchar *path = g_build_filename (folder, name, NULL);
  g_autofree gchar *ini_path = g_strconcat (path, ".ini", NULL);

  g_assert_true (g_file_set_contents (path, (gchar *) model->data,
          model->len, NULL));
  g_byte_array_unref (model);
  if (ini != NULL)
    g_assert_true (g_file_set_contents (ini_path, ini, -1, NULL));
  return path;
}

const gchar *
standin_model_path (gboolean quantized)
{
  return model_paths[quantized ? 1 : 0];
}

gboolean
standin_can_run (void)
{
  rknn_context context;
  gint result = standin.init (&context, model_paths[0], 0, 0, NULL);

  if (result == 0) {
    standin.destroy (context);
    return TRUE;
  }
  if (strstr (standin.last_error (), "RKNN_STANDIN_ONNXRUNTIME") == NULL)
    g_error ("rknn_init gives %d: %s", result, standin.last_error ());
  g_test_skip ("SKIPPED: ONNX Runtime is missing; see rknn_standin.h for where "
      "it is looked for");
  return FALSE;
}

rknn_context
standin_init_model (gboolean quantized)
{
  rknn_context context = 0;

  g_assert_cmpint (standin.init (&context,
          (gchar *) standin_model_path (quantized), 0, 0, NULL), ==, 0);
  g_assert_cmpuint (context, !=, 0);
  return context;
}

guint8
standin_pixel (guint c, guint y, guint x)
{
  return (y * 53 + x * 19 + c * 101) % 256;
}

void
standin_fill_picture (gpointer to, guint stride)
{
  guint8 *bytes = to;

  for (guint y = 0; y < MODEL_H; y++)
    for (guint x = 0; x < MODEL_W; x++)
      for (guint c = 0; c < 3; c++)
        bytes[(y * stride + x) * 3 + c] = standin_pixel (c, y, x);
}

gfloat
standin_expected (guint output, guint c, guint y, guint x)
{
  gfloat value = standin_pixel (c % 3, y, x);

  return output == 1 ? value * (1 + c / 4.0f) : value;
}

gfloat
standin_scale (guint output)
{
  return output == 0 ? 1.0f : output == 1 ? 2.5f : 0.5f;
}

gint
standin_zp (guint output)
{
  return output == 0 ? -128 : output == 1 ? -3 : 7;
}

gint
standin_expected_q (guint output, guint c, guint y, guint x)
{
  gdouble value = standin_expected (output, c, y, x);

  return CLAMP (rint (value / standin_scale (output)) + standin_zp (output),
      -128, 127);
}

gdouble
standin_half_value (guint16 half)
{
  gint exponent = half >> 10 & 0x1f;
  gint mantissa = half & 0x3ff;
  gdouble sign = half & 0x8000 ? -1 : 1;

  if (exponent == 0x1f)
    return mantissa != 0 ? NAN : sign * INFINITY;
  if (exponent == 0)
    return sign * ldexp (mantissa, -24);
  return sign * ldexp (mantissa + 1024, exponent - 25);
}

void
standin_query_attr (rknn_context context, rknn_query_cmd cmd, guint index,
    rknn_tensor_attr * attr)
{
  memset (attr, 0, sizeof *attr);
  attr->index = index;
  g_assert_cmpint (standin.query (context, cmd, attr, sizeof *attr), ==, 0);
}
