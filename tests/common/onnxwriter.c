/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onnxwriter.h"

#include <string.h>

/* ---- Protocol buffers --------------------------------------------------- */

static void
put_varint (GByteArray * to, guint64 value)
{
  do {
    guint8 byte = (value & 0x7f) | (value > 0x7f ? 0x80 : 0);

    g_byte_array_append (to, &byte, 1);
    value >>= 7;
  } while (value > 0);
}

static void
put_number (GByteArray * to, guint field, guint64 value)
{
  put_varint (to, field << 3);
  put_varint (to, value);
}

static void
put_bytes (GByteArray * to, guint field, gconstpointer data, gsize size)
{
  put_varint (to, field << 3 | 2);
  put_varint (to, size);
  g_byte_array_append (to, data, size);
}

static void
put_string (GByteArray * to, guint field, const gchar * text)
{
  put_bytes (to, field, text, strlen (text));
}

/* Takes message. */
static void
put_message (GByteArray * to, guint field, GByteArray * message)
{
  put_bytes (to, field, message->data, message->len);
  g_byte_array_unref (message);
}

/* ---- ONNX --------------------------------------------------------------- */

void
onnx_writer_init (OnnxWriter * self)
{
  self->graph = g_byte_array_new ();
  self->metadata = g_byte_array_new ();
  put_string (self->graph, 2, "test");
}

static GByteArray *
make_shape (const gchar * text)
{
  GByteArray *shape = g_byte_array_new ();
  g_auto (GStrv) dims = g_strsplit (text, ",", -1);

  for (guint i = 0; dims[i] != NULL; i++) {
    GByteArray *dim = g_byte_array_new ();

    if (g_ascii_isdigit (dims[i][0]))
      put_number (dim, 1, g_ascii_strtoull (dims[i], NULL, 10));
    else
      put_string (dim, 2, dims[i]);
    put_message (shape, 1, dim);
  }
  return shape;
}

static void
put_value_info (OnnxWriter * self, guint field, const gchar * name,
    OnnxType type, const gchar * shape)
{
  GByteArray *tensor = g_byte_array_new ();
  GByteArray *holder = g_byte_array_new ();
  GByteArray *info = g_byte_array_new ();

  put_number (tensor, 1, type);
  put_message (tensor, 2, make_shape (shape));
  put_message (holder, 1, tensor);
  put_string (info, 1, name);
  put_message (info, 2, holder);
  put_message (self->graph, field, info);
}

void
onnx_writer_input (OnnxWriter * self, const gchar * name, OnnxType type,
    const gchar * shape)
{
  put_value_info (self, 11, name, type, shape);
}

void
onnx_writer_output (OnnxWriter * self, const gchar * name, OnnxType type,
    const gchar * shape)
{
  put_value_info (self, 12, name, type, shape);
}

void
onnx_writer_floats (OnnxWriter * self, const gchar * name,
    const gchar * shape, const gfloat * values, guint n)
{
  GByteArray *tensor = g_byte_array_new ();
  g_auto (GStrv) dims = g_strsplit (shape, ",", -1);

  for (guint i = 0; dims[i] != NULL; i++)
    put_number (tensor, 1, g_ascii_strtoull (dims[i], NULL, 10));
  put_number (tensor, 2, ONNX_FLOAT);
  put_string (tensor, 8, name);
  put_bytes (tensor, 9, values, n * sizeof *values);
  put_message (self->graph, 5, tensor);
}

/* Takes attribute, which may be NULL. */
static void
put_node (OnnxWriter * self, const gchar * op, const gchar * inputs,
    const gchar * output, GByteArray * attribute)
{
  GByteArray *node = g_byte_array_new ();
  g_auto (GStrv) names = g_strsplit (inputs, ",", -1);

  for (guint i = 0; names[i] != NULL; i++)
    put_string (node, 1, names[i]);
  put_string (node, 2, output);
  put_string (node, 4, op);
  if (attribute != NULL)
    put_message (node, 5, attribute);
  put_message (self->graph, 1, node);
}

void
onnx_writer_node (OnnxWriter * self, const gchar * op, const gchar * inputs,
    const gchar * output, const gchar * attribute, gint64 value)
{
  GByteArray *message = NULL;

  if (attribute != NULL) {
    message = g_byte_array_new ();
    put_string (message, 1, attribute);
    put_number (message, 3, value);
    put_number (message, 20, 2);        /* INT */
  }
  put_node (self, op, inputs, output, message);
}

void
onnx_writer_node_ints (OnnxWriter * self, const gchar * op,
    const gchar * inputs, const gchar * output, const gchar * attribute,
    const gchar * values)
{
  GByteArray *message = g_byte_array_new ();
  g_auto (GStrv) numbers = g_strsplit (values, ",", -1);

  put_string (message, 1, attribute);
  for (guint i = 0; numbers[i] != NULL; i++)
    put_number (message, 8, g_ascii_strtoull (numbers[i], NULL, 10));
  put_number (message, 20, 7);  /* INTS */
  put_node (self, op, inputs, output, message);
}

void
onnx_writer_metadata (OnnxWriter * self, const gchar * key, const gchar * value)
{
  GByteArray *entry = g_byte_array_new ();

  put_string (entry, 1, key);
  put_string (entry, 2, value);
  put_message (self->metadata, 14, entry);
}

GByteArray *
onnx_writer_finish (OnnxWriter * self)
{
  GByteArray *model = g_byte_array_new ();
  GByteArray *opset = g_byte_array_new ();

  put_number (model, 1, 7);     /* ir_version */
  put_message (model, 7, self->graph);
  put_string (opset, 1, "");
  put_number (opset, 2, 13);
  put_message (model, 8, opset);
  g_byte_array_append (model, self->metadata->data, self->metadata->len);
  g_byte_array_unref (self->metadata);
  return model;
}
