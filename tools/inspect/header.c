/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The tensors that the JSON of an .rknn names: the first input_num of
 * "norm_tensor" are inputs, the next output_num outputs; "url" is the name,
 * "size" the shape (pictures as NCHW). */

#include "inspection.h"

#include <json-glib/json-glib.h>

#define MAX_TENSORS 64

/* NULL unless node is an object with a member of this name and kind. */
static JsonNode *
member (JsonObject * object, const gchar * name, JsonNodeType kind)
{
  JsonNode *node = object ? json_object_get_member (object, name) : NULL;

  return node && json_node_get_node_type (node) == kind ? node : NULL;
}

static guint
uint_member (JsonObject * object, const gchar * name)
{
  JsonNode *node = member (object, name, JSON_NODE_VALUE);
  gint64 value = node ? json_node_get_int (node) : 0;

  return CLAMP (value, 0, G_MAXINT);
}

static gchar *
string_member (JsonObject * object, const gchar * name)
{
  JsonNode *node = member (object, name, JSON_NODE_VALUE);
  const gchar *text = node ? json_node_get_string (node) : NULL;

  return g_strdup (text ? text : "?");
}

static void
take_size (Tensor * tensor, JsonObject * object)
{
  JsonNode *node = member (object, "size", JSON_NODE_ARRAY);
  JsonArray *size = node ? json_node_get_array (node) : NULL;
  guint n = size ? json_array_get_length (size) : 0;

  for (guint i = 0; i < MIN (n, MAX_DIMS); i++) {
    JsonNode *one = json_array_get_element (size, i);
    gint64 value = json_node_get_node_type (one) == JSON_NODE_VALUE ?
        json_node_get_int (one) : 0;

    tensor->dims[tensor->n_dims++] = CLAMP (value, 0, G_MAXINT);
  }
}

static Tensor *
read_tensor (JsonNode * node)
{
  Tensor *tensor = g_new0 (Tensor, 1);
  JsonObject *object = json_node_get_node_type (node) == JSON_NODE_OBJECT ?
      json_node_get_object (node) : NULL;
  JsonNode *type = member (object, "dtype", JSON_NODE_OBJECT);
  g_autofree gchar *name = NULL;

  tensor->name = string_member (object, "url");
  name = string_member (type ? json_node_get_object (type) : NULL, "vx_type");
  tensor->type = g_ascii_strup (name, -1);
  take_size (tensor, object);
  if (tensor->n_dims == 4)
    tensor->format = g_strdup ("NCHW");
  return tensor;
}

static void
take_tensors (Inspection * self, JsonObject * root)
{
  guint n_inputs = uint_member (root, "input_num");
  guint n_outputs = uint_member (root, "output_num");
  JsonNode *node = member (root, "norm_tensor", JSON_NODE_ARRAY);
  JsonArray *all = node ? json_node_get_array (node) : NULL;
  guint n = all ? json_array_get_length (all) : 0;

  if (n_inputs > MAX_TENSORS || n_outputs > MAX_TENSORS
      || n < n_inputs + n_outputs)
    return;
  for (guint i = 0; i < n_inputs + n_outputs; i++) {
    g_ptr_array_add (i < n_inputs ? self->inputs : self->outputs,
        read_tensor (json_array_get_element (all, i)));
  }
}

void
header_read_tensors (Inspection * self)
{
  gsize length;
  g_autofree gchar *json = ry_model_file_dup_json (self->file, &length);
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  JsonNode *root = NULL;

  if (self->file->encrypted)
    return;
  if (json && length > 0 && g_utf8_validate (json, length, NULL)
      && json_parser_load_from_data (parser, json, length, NULL))
    root = json_parser_get_root (parser);
  if (root && json_node_get_node_type (root) == JSON_NODE_OBJECT)
    take_tensors (self, json_node_get_object (root));
  /* Unless it has been said already why nothing is known. */
  if (self->outputs->len == 0 && self->warnings->len == 0)
    inspection_warn (self, "The header at the end of the file is cut, damaged "
        "or of a form that is not known here, so the tensors cannot be told. "
        "A runtime loads such a file all the same; compare its size with the "
        "original's.");
}
