/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Members of a JSON object, in a line each. */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Leaves the member out for NULL; bytes that are no UTF-8 are replaced. */
void tool_json_string (JsonBuilder * json, const gchar * name,
    const gchar * value);
void tool_json_int (JsonBuilder * json, const gchar * name, gint64 value);
/* NaN and infinities, which JSON does not have, become null. */
void tool_json_double (JsonBuilder * json, const gchar * name, gdouble value);
void tool_json_bool (JsonBuilder * json, const gchar * name, gboolean value);
/* An array of gchar *. */
void tool_json_strings (JsonBuilder * json, const gchar * name,
    const GPtrArray * values);

/* Prints the finished object to stdout and frees the builder. */
void tool_json_print (JsonBuilder * json);

G_END_DECLS
