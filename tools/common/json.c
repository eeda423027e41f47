/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "json.h"

#include <math.h>

static void
add_text (JsonBuilder * json, const gchar * text)
{
  g_autofree gchar *valid = g_utf8_make_valid (text, -1);

  json_builder_add_string_value (json, valid);
}

void
tool_json_string (JsonBuilder * json, const gchar * name, const gchar * value)
{
  if (value == NULL)
    return;
  json_builder_set_member_name (json, name);
  add_text (json, value);
}

void
tool_json_int (JsonBuilder * json, const gchar * name, gint64 value)
{
  json_builder_set_member_name (json, name);
  json_builder_add_int_value (json, value);
}

void
tool_json_double (JsonBuilder * json, const gchar * name, gdouble value)
{
  json_builder_set_member_name (json, name);
  if (isfinite (value))
    json_builder_add_double_value (json, value);
  else
    json_builder_add_null_value (json);
}

void
tool_json_bool (JsonBuilder * json, const gchar * name, gboolean value)
{
  json_builder_set_member_name (json, name);
  json_builder_add_boolean_value (json, value);
}

void
tool_json_strings (JsonBuilder * json, const gchar * name,
    const GPtrArray * values)
{
  json_builder_set_member_name (json, name);
  json_builder_begin_array (json);
  for (guint i = 0; i < values->len; i++)
    add_text (json, g_ptr_array_index (values, i));
  json_builder_end_array (json);
}

void
tool_json_print (JsonBuilder * json)
{
  g_autoptr (JsonNode) root = json_builder_get_root (json);
  g_autofree gchar *text = json_to_string (root, TRUE);

  g_print ("%s\n", text);
  g_object_unref (json);
}
