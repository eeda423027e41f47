/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* metadata.yaml.  PyYAML's safe_dump writes block style: a key a line, two
 * spaces below "names:" and "args:", "- 640" for lists, quotes only where a
 * plain scalar would be read as something else, and long scalars folded onto
 * deeper lines. */

#include "model/formats.h"

#include <string.h>

typedef struct
{
  RyModelFile *file;
  gchar *block;                 /* the key of column 0 that is being filled */
  GString *list;                /* "- a", "- b" below block, as "a b " */
  GPtrArray *names;
  gchar *last_key;              /* of an indented line, ... */
  GString *last_value;          /* ... whose value may go on below */
  guint last_indent;
} Parser;

static void
append_hex (GString * out, const gchar ** at, guint digits)
{
  gunichar c = 0;
  guint i;

  for (i = 0; i < digits && g_ascii_isxdigit (**at); i++, (*at)++)
    c = c << 4 | (gunichar) g_ascii_xdigit_value (**at);
  if (c != 0 && g_unichar_validate (c))
    g_string_append_unichar (out, c);
}

/* Behind the backslash of a double-quoted scalar. */
static void
append_escape (GString * out, const gchar ** at)
{
  gchar c = **at;

  if (c == '\0')
    return;
  (*at)++;
  switch (c) {
    case 'x':
      append_hex (out, at, 2);
      break;
    case 'u':
      append_hex (out, at, 4);
      break;
    case 'U':
      append_hex (out, at, 8);
      break;
    case 'n':
    case 'r':
    case 't':
      g_string_append_c (out, ' ');
      break;
    case ' ':                  /* a blank that folding would have lost */
      g_string_append_c (out, ' ');
      break;
    default:
      g_string_append_c (out, c);
      break;
  }
}

/* A scalar without its quotes and with valid UTF-8. */
static gchar *
unquote (const gchar * text)
{
  gchar quote = *text;
  GString *out;
  gchar *valid;

  if (quote != '\'' && quote != '"')
    return g_utf8_make_valid (text, -1);
  out = g_string_new (NULL);
  text++;
  while (*text != '\0') {
    if (quote == '"' && *text == '\\') {
      text++;
      append_escape (out, &text);
    } else if (*text == quote) {
      if (quote == '"' || text[1] != '\'')
        break;
      g_string_append_c (out, '\'');    /* '' stands for one */
      text += 2;
    } else {
      g_string_append_c (out, *text++);
    }
  }
  valid = g_utf8_make_valid (out->str, out->len);
  g_string_free (out, TRUE);
  return valid;
}

/* Hands over the indented "key: value" whose last line has been seen. */
static void
flush_entry (Parser * parser)
{
  gchar *key, *value;

  if (parser->last_key == NULL)
    return;
  key = unquote (parser->last_key);
  value = unquote (parser->last_value->str);
  if (g_strcmp0 (parser->block, "names") == 0) {
    guint64 index;

    if (g_ascii_string_to_unsigned (key, 10, 0, G_MAXUINT, &index, NULL))
      ry_metadata_put_name (parser->names, index, g_steal_pointer (&value));
  } else if (g_strcmp0 (parser->block, "args") == 0) {
    ry_metadata_set_arg (parser->file, key, value);
  }
  g_free (key);
  g_free (value);
  g_clear_pointer (&parser->last_key, g_free);
}

static void
flush_block (Parser * parser)
{
  flush_entry (parser);
  if (parser->block != NULL && parser->list->len > 0)
    ry_metadata_set (parser->file, parser->block, parser->list->str);
  g_clear_pointer (&parser->block, g_free);
  g_string_truncate (parser->list, 0);
}

/* Where the key of a "key: value" line ends; NULL if it is none. */
static gchar *
find_colon (gchar * line)
{
  gchar *at = line;

  if (*at == '\'' || *at == '"') {
    at = strchr (at + 1, *at);
    if (at == NULL)
      return NULL;
  }
  for (; *at != '\0'; at++)
    if (*at == ':' && (at[1] == ' ' || at[1] == '\0'))
      return at;
  return NULL;
}

/* A list below "names:" or "imgsz:"; PyYAML does not indent its dashes. */
static void
parse_item (Parser * parser, const gchar * text)
{
  flush_entry (parser);
  if (g_strcmp0 (parser->block, "names") == 0) {
    ry_metadata_put_name (parser->names, parser->names->len, unquote (text));
  } else {
    g_string_append (parser->list, text);
    g_string_append_c (parser->list, ' ');
  }
}

static void
parse_top_level (Parser * parser, gchar * line)
{
  gchar *colon = find_colon (line);
  gchar *value;

  flush_block (parser);
  if (colon == NULL)
    return;
  *colon = '\0';
  parser->block = unquote (line);
  value = unquote (g_strstrip (colon + 1));
  if (*value != '\0')
    ry_metadata_set (parser->file, parser->block, value);
  g_free (value);
}

/* A line that goes on where value stopped.  The break stands for a blank, but
 * not behind the backslash with which a double-quoted scalar is broken. */
static void
append_folded (GString * value, const gchar * line)
{
  gsize slashes = 0;

  while (slashes < value->len && value->str[value->len - 1 - slashes] == '\\')
    slashes++;
  if (value->str[0] == '"' && slashes % 2 == 1)
    g_string_truncate (value, value->len - 1);
  else
    g_string_append_c (value, ' ');
  g_string_append (value, line);
}

static void
parse_indented (Parser * parser, gchar * line, guint indent)
{
  gchar *colon;

  if (parser->last_key != NULL && indent > parser->last_indent) {
    append_folded (parser->last_value, line);
    return;
  }
  flush_entry (parser);
  colon = find_colon (line);
  if (colon == NULL)
    return;
  *colon = '\0';
  parser->last_key = g_strdup (line);
  parser->last_indent = indent;
  g_string_assign (parser->last_value, g_strstrip (colon + 1));
}

static void
parse_line (Parser * parser, gchar * line)
{
  guint indent = 0;

  g_strchomp (line);
  while (line[indent] == ' ')
    indent++;
  line += indent;
  if (*line == '\0' || *line == '#' || strcmp (line, "---") == 0)
    return;
  if (line[0] == '-' && (line[1] == ' ' || line[1] == '\0'))
    parse_item (parser, g_strstrip (line + 1));
  else if (indent == 0)
    parse_top_level (parser, line);
  else
    parse_indented (parser, line, indent);
}

void
ry_yaml_file_parse (const gchar * text, gsize length, RyModelFile * file)
{
  Parser parser = { file };
  const gchar *end = text + length;

  parser.list = g_string_new (NULL);
  parser.last_value = g_string_new (NULL);
  parser.names = g_ptr_array_new_with_free_func (g_free);
  if (length >= 3 && memcmp (text, "\xef\xbb\xbf", 3) == 0)
    text += 3;
  while (text < end) {
    const gchar *newline = memchr (text, '\n', end - text);
    const gchar *stop = newline != NULL ? newline : end;
    gchar *line = g_strndup (text, stop - text);

    parse_line (&parser, line);
    g_free (line);
    text = stop + 1;
  }
  flush_block (&parser);
  ry_metadata_take_names (file, parser.names);
  g_string_free (parser.list, TRUE);
  g_string_free (parser.last_value, TRUE);
}
