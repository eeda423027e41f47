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

/* An output that is the same for any picture: constant -> Identity -> name. */
static void
write_output (OnnxWriter * writer, const gchar * name, const gint64 * dims,
    guint n_dims, const gfloat * data)
{
  g_autofree gchar *constant = g_strconcat ("constant_", name, NULL);
  g_autoptr (GString) shape = g_string_new (NULL);
  guint n_elems = 1;

  for (guint i = 0; i < n_dims; i++) {
    g_string_append_printf (shape, i ? ",%d" : "%d", (gint) dims[i]);
    n_elems *= dims[i];
  }
  onnx_writer_floats (writer, constant, shape->str, data, n_elems);
  onnx_writer_node (writer, "Identity", constant, name, NULL, 0);
  onnx_writer_output (writer, name, ONNX_FLOAT, shape->str);
}

static void
begin_model (OnnxWriter * writer)
{
  onnx_writer_init (writer);
  onnx_writer_input (writer, "images", ONNX_FLOAT, INPUT_SHAPE);
}

static gchar *
finish_model (OnnxWriter * writer)
{
  g_autoptr (GByteArray) model = onnx_writer_finish (writer);
  g_autoptr (GError) error = NULL;
  gchar *path = NULL;
  gint fd;

  fd = g_file_open_tmp ("rknnyolo-test-XXXXXX.onnx", &path, &error);
  g_assert_no_error (error);
  close (fd);
  g_file_set_contents (path, (gchar *) model->data, model->len, &error);
  g_assert_no_error (error);
  return path;
}

static void
write_names (OnnxWriter * writer, const gchar * const *names)
{
  g_autoptr (GString) python = g_string_new ("{");

  for (guint i = 0; names[i]; i++)
    g_string_append_printf (python, "%s%u: '%s'", i ? ", " : "", i, names[i]);
  g_string_append_c (python, '}');
  onnx_writer_metadata (writer, "names", python->str);
}

static void
write_task (OnnxWriter * writer, const TestTask * task)
{
  const gint64 proto[] = { 1, task->n_extra, TEST_MODEL_PROTO,
    TEST_MODEL_PROTO
  };

  onnx_writer_metadata (writer, "task", task->task);
  if (task->kpt_shape)
    onnx_writer_metadata (writer, "kpt_shape", task->kpt_shape);
  if (task->proto)
    write_output (writer, "output1", proto, 4, task->proto);
}

gchar *
test_model_write_task (const TestBox * boxes, guint n_boxes, guint n_classes,
    const gchar * const *names, const TestTask * task)
{
  guint n_extra = task ? task->n_extra : 0;
  gint64 dims[] = { 1, 4 + n_classes + n_extra, CELLS };
  g_autofree gfloat *data = g_new0 (gfloat, dims[1] * CELLS);
  OnnxWriter writer;

  g_assert_cmpuint (n_boxes, <=, CELLS);
  for (guint i = 0; i < n_boxes; i++) {
    data[0 * CELLS + i] = (boxes[i].x1 + boxes[i].x2) / 2;
    data[1 * CELLS + i] = (boxes[i].y1 + boxes[i].y2) / 2;
    data[2 * CELLS + i] = boxes[i].x2 - boxes[i].x1;
    data[3 * CELLS + i] = boxes[i].y2 - boxes[i].y1;
    data[(4 + boxes[i].class_id) * CELLS + i] = boxes[i].score;
    for (guint k = 0; k < n_extra; k++)
      data[(4 + n_classes + k) * CELLS + i] = task->extra[i * n_extra + k];
  }
  begin_model (&writer);
  write_output (&writer, "output0", dims, 3, data);
  if (names)
    write_names (&writer, names);
  if (task)
    write_task (&writer, task);
  return finish_model (&writer);
}

gchar *
test_model_write (const TestBox * boxes, guint n_boxes, guint n_classes,
    const gchar * const *names)
{
  return test_model_write_task (boxes, n_boxes, n_classes, names, NULL);
}

gchar *
test_model_write_shape (const gint64 * dims, guint n_dims)
{
  g_autofree gfloat *data = NULL;
  gsize n_elems = 1;
  OnnxWriter writer;

  for (guint i = 0; i < n_dims; i++)
    n_elems *= dims[i];
  data = g_new0 (gfloat, n_elems);
  begin_model (&writer);
  write_output (&writer, "output0", dims, n_dims, data);
  return finish_model (&writer);
}

/* What a cell says from how bright its block is, 0 to 1: n channels with weight
 * times that plus bias each. */
static void
write_cells (OnnxWriter * writer, const gchar * from, const gchar * to,
    guint n, const gfloat * weights, const gfloat * biases)
{
  g_autofree gchar *w = g_strconcat ("w_", to, NULL);
  g_autofree gchar *b = g_strconcat ("b_", to, NULL);
  g_autofree gchar *inputs = g_strjoin (",", from, w, b, NULL);
  g_autofree gchar *w_shape = g_strdup_printf ("%u,1,1,1", n);
  g_autofree gchar *b_shape = g_strdup_printf ("%u", n);

  onnx_writer_floats (writer, w, w_shape, weights, n);
  onnx_writer_floats (writer, b, b_shape, biases, n);
  onnx_writer_node (writer, "Conv", inputs, to, NULL, 0);
}

/* Boxes that reach one cell to each side, and classes of which only the first
 * is ever found, at stride 8. */
static void
write_grid (OnnxWriter * writer, guint n, guint stride, const gchar * from,
    const gchar * cells)
{
  const gfloat cat_weights[3] = { stride == 8 ? 40 : 0, 0, 0 };
  const gfloat cat_biases[3] = { stride == 8 ? -30 : -20, -20, -20 };
  const gfloat zeros[64] = { 0, };
  gfloat bins[64] = { 0, };
  g_autofree gchar *box = g_strdup_printf ("box%u", stride);
  g_autofree gchar *logits = g_strdup_printf ("logits%u", stride);
  g_autofree gchar *classes = g_strdup_printf ("classes%u", stride);
  g_autofree gchar *box_shape = g_strdup_printf ("%u,64,%s", n, cells);
  g_autofree gchar *class_shape = g_strdup_printf ("%u,3,%s", n, cells);

  for (guint side = 0; side < 4; side++)
    bins[side * 16 + 1] = 20;
  write_cells (writer, from, box, 64, zeros, bins);
  write_cells (writer, from, logits, 3, cat_weights, cat_biases);
  onnx_writer_node (writer, "Sigmoid", logits, classes, NULL, 0);
  onnx_writer_output (writer, box, ONNX_FLOAT, box_shape);
  onnx_writer_output (writer, classes, ONNX_FLOAT, class_shape);
}

gchar *
test_model_write_looking (guint n, guint width, guint height,
    const gchar * shapes)
{
  static const gchar *const names[] = { "cat", "dog", "bird", NULL };
  gfloat mean[3 * 8 * 8], quarter[4] = { 0.25f, 0.25f, 0.25f, 0.25f };
  g_autofree gchar *input = shapes ? g_strdup_printf ("%u,3,height,width", n)
      : g_strdup_printf ("%u,3,%u,%u", n, height, width);
  OnnxWriter writer;

  for (guint i = 0; i < G_N_ELEMENTS (mean); i++)
    mean[i] = 1.0f / G_N_ELEMENTS (mean);
  onnx_writer_init (&writer);
  onnx_writer_input (&writer, "images", ONNX_FLOAT, input);
  onnx_writer_floats (&writer, "mean", "1,3,8,8", mean, G_N_ELEMENTS (mean));
  onnx_writer_floats (&writer, "quarter", "1,1,2,2", quarter, 4);
  onnx_writer_node_ints (&writer, "Conv", "images,mean", "grey8", "strides",
      "8,8");
  onnx_writer_node_ints (&writer, "Conv", "grey8,quarter", "grey16",
      "strides", "2,2");
  onnx_writer_node_ints (&writer, "Conv", "grey16,quarter", "grey32",
      "strides", "2,2");
  for (guint stride = 8; stride <= 32; stride *= 2) {
    g_autofree gchar *from = g_strdup_printf ("grey%u", stride);
    g_autofree gchar *cells = shapes ?
        g_strdup_printf ("h%u,w%u", stride, stride) :
        g_strdup_printf ("%u,%u", height / stride, width / stride);

    write_grid (&writer, n, stride, from, cells);
  }
  write_names (&writer, names);
  if (shapes)
    onnx_writer_metadata (&writer, "shapes", shapes);
  return finish_model (&writer);
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
