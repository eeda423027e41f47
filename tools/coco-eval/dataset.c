/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dataset.h"

#include <json-glib/json-glib.h>

/* ---- reading ------------------------------------------------------------- */

typedef struct
{
  Dataset *dataset;
  const gchar *path;
  const gchar *array;           /* of which entry number i is read */
  guint i;
} Reader;

static gboolean
complain (const Reader * reader, const gchar * missing, GError ** error)
{
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
      "%s: entry %u of \"%s\" has no %s. Expected a file of COCO's instances "
      "form: images (id, file_name), categories (id, name) and annotations "
      "(image_id, category_id, bbox).", reader->path, reader->i,
      reader->array, missing);
  return FALSE;
}

static gboolean
is_number (JsonNode * node)
{
  return node != NULL && JSON_NODE_HOLDS_VALUE (node)
      && (json_node_get_value_type (node) == G_TYPE_INT64
      || json_node_get_value_type (node) == G_TYPE_DOUBLE);
}

static gboolean
read_number (JsonObject * object, const gchar * name, gdouble * value)
{
  JsonNode *node = json_object_get_member (object, name);

  if (!is_number (node))
    return FALSE;
  *value = json_node_get_double (node);
  return TRUE;
}

static gboolean
read_id (JsonObject * object, const gchar * name, gint64 * value)
{
  JsonNode *node = json_object_get_member (object, name);

  if (!is_number (node))
    return FALSE;
  *value = json_node_get_int (node);
  return TRUE;
}

static const gchar *
read_text (JsonObject * object, const gchar * name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node)
      && json_node_get_value_type (node) == G_TYPE_STRING
      ? json_node_get_string (node) : NULL;
}

static gint64 *
copy_id (gint64 id)
{
  return g_memdup2 (&id, sizeof id);
}

static gboolean
read_image (const Reader * reader, JsonObject * object, GError ** error)
{
  const gchar *name = read_text (object, "file_name");
  gint64 id;

  if (!read_id (object, "id", &id))
    return complain (reader, "number \"id\"", error);
  g_hash_table_add (reader->dataset->ids, copy_id (id));
  if (name != NULL)
    g_hash_table_insert (reader->dataset->ids_by_name,
        g_path_get_basename (name), copy_id (id));
  return TRUE;
}

static gboolean
read_category (const Reader * reader, JsonObject * object, GError ** error)
{
  const gchar *name = read_text (object, "name");
  Category category;

  if (!read_id (object, "id", &category.id))
    return complain (reader, "number \"id\"", error);
  if (name == NULL)
    return complain (reader, "text \"name\"", error);
  category.name = g_strdup (name);
  g_array_append_val (reader->dataset->categories, category);
  return TRUE;
}

static gboolean
read_box (JsonObject * object, Truth * truth)
{
  JsonNode *node = json_object_get_member (object, "bbox");
  gdouble *values[] = { &truth->x, &truth->y, &truth->width, &truth->height };
  JsonArray *array;
  guint i;

  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node))
    return FALSE;
  array = json_node_get_array (node);
  if (json_array_get_length (array) != 4)
    return FALSE;
  for (i = 0; i < 4; i++) {
    if (!is_number (json_array_get_element (array, i)))
      return FALSE;
    *values[i] = json_array_get_double_element (array, i);
  }
  return TRUE;
}

static gboolean
read_truth (const Reader * reader, JsonObject * object, GError ** error)
{
  gdouble crowd = 0.0;
  Truth truth;

  if (!read_id (object, "image_id", &truth.image)
      || !read_id (object, "category_id", &truth.category))
    return complain (reader, "numbers \"image_id\" and \"category_id\"", error);
  if (!read_box (object, &truth))
    return complain (reader, "\"bbox\" of four numbers", error);
  if (!read_number (object, "area", &truth.area))
    truth.area = truth.width * truth.height;
  read_number (object, "iscrowd", &crowd);
  truth.crowd = crowd != 0.0;
  g_array_append_val (reader->dataset->truths, truth);
  return TRUE;
}

typedef gboolean (*ReadEntry) (const Reader * reader, JsonObject * object,
    GError ** error);

static gboolean
read_entries (Reader * reader, JsonObject * root, const gchar * name,
    gboolean needed, ReadEntry read, GError ** error)
{
  JsonNode *node = json_object_get_member (root, name);
  JsonArray *array;

  if (node == NULL && !needed)
    return TRUE;
  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node)) {
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
        "%s has no array \"%s\". Expected annotations of COCO's instances "
        "form, such as instances_val2017.json.", reader->path, name);
    return FALSE;
  }
  array = json_node_get_array (node);
  reader->array = name;
  for (reader->i = 0; reader->i < json_array_get_length (array); reader->i++) {
    JsonNode *entry = json_array_get_element (array, reader->i);

    if (!JSON_NODE_HOLDS_OBJECT (entry))
      return complain (reader, "fields", error);
    if (!read (reader, json_node_get_object (entry), error))
      return FALSE;
  }
  return TRUE;
}

/* ---- the whole ----------------------------------------------------------- */

static void
clear_category (gpointer data)
{
  g_free (((Category *) data)->name);
}

static gint
compare_categories (gconstpointer a, gconstpointer b)
{
  gint64 first = ((const Category *) a)->id;
  gint64 second = ((const Category *) b)->id;

  return (first > second) - (first < second);
}

static Dataset *
dataset_new (void)
{
  Dataset *self = g_new0 (Dataset, 1);

  self->ids_by_name = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      g_free);
  self->ids = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->categories = g_array_new (FALSE, FALSE, sizeof (Category));
  g_array_set_clear_func (self->categories, clear_category);
  self->truths = g_array_new (FALSE, FALSE, sizeof (Truth));
  return self;
}

void
dataset_free (Dataset * self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->ids_by_name);
  g_hash_table_unref (self->ids);
  g_array_unref (self->categories);
  g_array_unref (self->truths);
  g_free (self);
}

Dataset *
dataset_load (const gchar * path, GError ** error)
{
  g_autoptr (Dataset) self = dataset_new ();
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  Reader reader = {.dataset = self,.path = path };
  JsonNode *root;
  JsonObject *object;

  if (!json_parser_load_from_file (parser, path, error)) {
    g_prefix_error (error, "the annotations cannot be read: ");
    return NULL;
  }
  root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root)) {
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
        "%s is no JSON object. Expected annotations of COCO's instances form, "
        "such as instances_val2017.json.", path);
    return NULL;
  }
  object = json_node_get_object (root);
  if (!read_entries (&reader, object, "images", TRUE, read_image, error)
      || !read_entries (&reader, object, "categories", TRUE, read_category,
          error)
      || !read_entries (&reader, object, "annotations", FALSE, read_truth,
          error))
    return NULL;
  g_array_sort (self->categories, compare_categories);
  return g_steal_pointer (&self);
}

gboolean
dataset_find_image (const Dataset * self, const gchar * basename, gint64 * id)
{
  const gint64 *found = g_hash_table_lookup (self->ids_by_name, basename);
  gchar *end;

  if (found != NULL) {
    *id = *found;
    return TRUE;
  }
  *id = g_ascii_strtoll (basename, &end, 10);
  return end != basename && g_hash_table_contains (self->ids, id);
}

const Category *
dataset_find_category (const Dataset * self, const gchar * name)
{
  guint i;

  for (i = 0; i < self->categories->len; i++) {
    const Category *category = &g_array_index (self->categories, Category, i);

    if (g_ascii_strcasecmp (category->name, name) == 0)
      return category;
  }
  return NULL;
}
