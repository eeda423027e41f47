/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "testmodel.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "runtime/locate.h"

/* Cells of the strides 8, 16 and 32. */
#define CELLS (8 * 8 + 4 * 4 + 2 * 2)

/* Field numbers of onnx.proto. */
enum
{
  MODEL_IR_VERSION = 1,
  MODEL_GRAPH = 7,
  MODEL_OPSET = 8,
  MODEL_METADATA = 14,
  GRAPH_NODE = 1,
  GRAPH_NAME = 2,
  GRAPH_INITIALIZER = 5,
  GRAPH_INPUT = 11,
  GRAPH_OUTPUT = 12,
  NODE_INPUT = 1,
  NODE_OUTPUT = 2,
  NODE_OP_TYPE = 4,
  TENSOR_DIMS = 1,
  TENSOR_DATA_TYPE = 2,
  TENSOR_NAME = 8,
  TENSOR_RAW_DATA = 9,
};

#define ONNX_FLOAT 1

static void
put_varint (GByteArray * out, guint64 value)
{
  do {
    guint8 byte = (value & 0x7f) | (value > 0x7f ? 0x80 : 0);

    g_byte_array_append (out, &byte, 1);
    value >>= 7;
  } while (value);
}

static void
put_number (GByteArray * out, guint field, guint64 value)
{
  put_varint (out, field << 3);
  put_varint (out, value);
}

static void
put_bytes (GByteArray * out, guint field, gconstpointer data, gsize size)
{
  put_varint (out, field << 3 | 2);
  put_varint (out, size);
  g_byte_array_append (out, data, size);
}

static void
put_string (GByteArray * out, guint field, const gchar * string)
{
  put_bytes (out, field, string, strlen (string));
}

/* Takes message. */
static void
put_message (GByteArray * out, guint field, GByteArray * message)
{
  put_bytes (out, field, message->data, message->len);
  g_byte_array_unref (message);
}

static GByteArray *
value_info (const gchar * name, const gint64 * dims, guint n_dims)
{
  GByteArray *info = g_byte_array_new (), *type = g_byte_array_new ();
  GByteArray *tensor = g_byte_array_new (), *shape = g_byte_array_new ();

  for (guint i = 0; i < n_dims; i++) {
    GByteArray *dim = g_byte_array_new ();
    put_number (dim, 1, dims[i]);
    put_message (shape, 1, dim);
  }
  put_number (tensor, 1, ONNX_FLOAT);
  put_message (tensor, 2, shape);
  put_message (type, 1, tensor);
  put_string (info, 1, name);
  put_message (info, 2, type);
  return info;
}

static GByteArray *
initializer (const gchar * name, const gint64 * dims, guint n_dims,
    const gfloat * data)
{
  GByteArray *tensor = g_byte_array_new ();
  gsize n_elems = 1;

  for (guint i = 0; i < n_dims; i++) {
    put_number (tensor, TENSOR_DIMS, dims[i]);
    n_elems *= dims[i];
  }
  put_number (tensor, TENSOR_DATA_TYPE, ONNX_FLOAT);
  put_string (tensor, TENSOR_NAME, name);
  put_bytes (tensor, TENSOR_RAW_DATA, data, n_elems * sizeof (gfloat));
  return tensor;
}

/* images -> (not used); constant -> Identity -> output0 */
static GByteArray *
graph (const gint64 * dims, guint n_dims, const gfloat * data)
{
  static const gint64 input[] = { 1, 3, TEST_MODEL_SIZE, TEST_MODEL_SIZE };
  GByteArray *out = g_byte_array_new (), *node = g_byte_array_new ();

  put_string (node, NODE_INPUT, "constant");
  put_string (node, NODE_OUTPUT, "output0");
  put_string (node, NODE_OP_TYPE, "Identity");
  put_message (out, GRAPH_NODE, node);
  put_string (out, GRAPH_NAME, "test");
  put_message (out, GRAPH_INITIALIZER, initializer ("constant", dims, n_dims,
          data));
  put_message (out, GRAPH_INPUT, value_info ("images", input, 4));
  put_message (out, GRAPH_OUTPUT, value_info ("output0", dims, n_dims));
  return out;
}

static void
put_metadata (GByteArray * model, const gchar * key, const gchar * value)
{
  GByteArray *entry = g_byte_array_new ();

  put_string (entry, 1, key);
  put_string (entry, 2, value);
  put_message (model, MODEL_METADATA, entry);
}

static gchar *
write_model (const gint64 * dims, guint n_dims, const gfloat * data,
    const gchar * names)
{
  g_autoptr (GByteArray) model = g_byte_array_new ();
  GByteArray *opset = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  gchar *path = NULL;
  gint fd;

  put_number (model, MODEL_IR_VERSION, 8);
  put_message (model, MODEL_GRAPH, graph (dims, n_dims, data));
  put_string (opset, 1, "");
  put_number (opset, 2, 13);
  put_message (model, MODEL_OPSET, opset);
  if (names)
    put_metadata (model, "names", names);

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
