/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "testmodel.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "onnxwriter.h"
#include "runtime/locate.h"

/* Cells of the strides 8, 16 and 32. */
#define CELLS (8 * 8 + 4 * 4 + 2 * 2)
#define INPUT_SHAPE "1,3," G_STRINGIFY (TEST_MODEL_SIZE) "," \
  G_STRINGIFY (TEST_MODEL_SIZE)

/* images -> (not used); constant -> Identity -> output0 */
static gchar *
write_model (const gint64 * dims, guint n_dims, const gfloat * data,
    const gchar * names)
{
  g_autoptr (GString) shape = g_string_new (NULL);
  g_autoptr (GByteArray) model = NULL;
  g_autoptr (GError) error = NULL;
  OnnxWriter writer;
  gchar *path = NULL;
  guint n_elems = 1;
  gint fd;

  for (guint i = 0; i < n_dims; i++) {
    g_string_append_printf (shape, i ? ",%d" : "%d", (gint) dims[i]);
    n_elems *= dims[i];
  }
  onnx_writer_init (&writer);
  onnx_writer_input (&writer, "images", ONNX_FLOAT, INPUT_SHAPE);
  onnx_writer_floats (&writer, "constant", shape->str, data, n_elems);
  onnx_writer_node (&writer, "Identity", "constant", "output0", NULL, 0);
  onnx_writer_output (&writer, "output0", ONNX_FLOAT, shape->str);
  if (names)
    onnx_writer_metadata (&writer, "names", names);
  model = onnx_writer_finish (&writer);

  fd = g_file_open_tmp ("rknnyolo-test-XXXXXX.onnx", &path, &error);
  g_assert_no_error (error);
  close (fd);
  g_file_set_contents (path, (gchar *) model->data, model->len, &error);
  g_assert_no_error (error);
  return path;
}

gchar *
test_model_write (const TestBox * boxes, guint n_boxes, guint n_classes,
    const gchar * const *names)
{
  gint64 dims[] = { 1, 4 + n_classes, CELLS };
  g_autofree gfloat *data = g_new0 (gfloat, (4 + n_classes) * CELLS);
  g_autoptr (GString) python = names ? g_string_new ("{") : NULL;

  g_assert_cmpuint (n_boxes, <=, CELLS);
  for (guint i = 0; i < n_boxes; i++) {
    data[0 * CELLS + i] = (boxes[i].x1 + boxes[i].x2) / 2;
    data[1 * CELLS + i] = (boxes[i].y1 + boxes[i].y2) / 2;
    data[2 * CELLS + i] = boxes[i].x2 - boxes[i].x1;
    data[3 * CELLS + i] = boxes[i].y2 - boxes[i].y1;
    data[(4 + boxes[i].class_id) * CELLS + i] = boxes[i].score;
  }
  for (guint i = 0; names && names[i]; i++)
    g_string_append_printf (python, "%s%u: '%s'", i ? ", " : "", i, names[i]);
  if (python)
    g_string_append_c (python, '}');
  return write_model (dims, 3, data, python ? python->str : NULL);
}

gchar *
test_model_write_shape (const gint64 * dims, guint n_dims)
{
  g_autofree gfloat *data = NULL;
  gsize n_elems = 1;

  for (guint i = 0; i < n_dims; i++)
    n_elems *= dims[i];
  data = g_new0 (gfloat, n_elems);
  return write_model (dims, n_dims, data, NULL);
}

void
test_model_remove (gchar * path)
{
  g_unlink (path);
  g_free (path);
}

gboolean
test_model_can_run (void)
{
  gchar *path = test_model_write (NULL, 0, 1, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (RyRuntime) runtime = ry_runtime_locate (g_getenv
      ("RKNNYOLO_STANDIN"), TRUE, &error);
  rknn_context context = 0;
  gint code = -1;

  if (runtime)
    code = runtime->init (&context, path, 0, 0, NULL);
  if (code == RKNN_SUCC)
    runtime->destroy (context);
  else
    g_printerr ("SKIPPED: the stand-in cannot run a model: %s\n",
        error ? error->message : runtime->last_error ?
        runtime->last_error () : "rknn_init failed");
  test_model_remove (path);
  return code == RKNN_SUCC;
}
