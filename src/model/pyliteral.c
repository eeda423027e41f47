/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Python literals, as str () leaves them in the metadata of ONNX files. */

#include "model/formats.h"

#include <string.h>

/* One token at a time; text ends with NUL. */
typedef struct
{
  const gchar *at;
  gchar kind;                   /* 's' string, 'w' word or number, else itself */
  GString *text;                /* of a string or a word */
} Lexer;

static gboolean
lexer_hex (Lexer * lexer, guint digits)
{
  gunichar c = 0;
  guint i;

  for (i = 0; i < digits; i++) {
    gint value = g_ascii_xdigit_value (lexer->at[i]);

    if (value < 0)
      return FALSE;
    c = c << 4 | (gunichar) value;
  }
  lexer->at += digits;
  if (c == 0 || !g_unichar_validate (c))
    return FALSE;
  g_string_append_unichar (lexer->text, c);
  return TRUE;
}

/* Behind a backslash.  repr () writes no other escapes. */
static gboolean
lexer_escape (Lexer * lexer)
{
  gchar c = *lexer->at++;

  switch (c) {
    case 'x':
      return lexer_hex (lexer, 2);
    case 'u':
      return lexer_hex (lexer, 4);
    case 'U':
      return lexer_hex (lexer, 8);
    case 'n':
    case 'r':
    case 't':
      g_string_append_c (lexer->text, ' ');
      return TRUE;
    case '\\':
    case '\'':
    case '"':
      g_string_append_c (lexer->text, c);
      return TRUE;
    default:
      return FALSE;
  }
}

static gboolean
lexer_string (Lexer * lexer, gchar quote)
{
  while (*lexer->at != quote) {
    if (*lexer->at == '\0')
      return FALSE;
    if (*lexer->at == '\\') {
      lexer->at++;
      if (!lexer_escape (lexer))
        return FALSE;
    } else {
      g_string_append_c (lexer->text, *lexer->at++);
    }
  }
  lexer->at++;
  lexer->kind = 's';
  return TRUE;
}

/* FALSE at the end and at what is no literal. */
static gboolean
lexer_next (Lexer * lexer)
{
  gchar c;

  while (g_ascii_isspace (*lexer->at))
    lexer->at++;
  c = *lexer->at;
  if (c == '\0')
    return FALSE;
  g_string_truncate (lexer->text, 0);
  if (c == '\'' || c == '"') {
    lexer->at++;
    return lexer_string (lexer, c);
  }
  if (strchr ("{}[]():,", c) != NULL) {
    lexer->at++;
    lexer->kind = c;
    return TRUE;
  }
  while (*lexer->at != '\0'
      && strchr ("{}[]():,'\" \t\r\n", *lexer->at) == NULL)
    g_string_append_c (lexer->text, *lexer->at++);
  lexer->kind = 'w';
  return TRUE;
}

static gboolean
lexer_expect (Lexer * lexer, gchar kind)
{
  return lexer_next (lexer) && lexer->kind == kind;
}

static void
lexer_init (Lexer * lexer, const gchar * text)
{
  lexer->at = text;
  lexer->kind = '\0';
  lexer->text = g_string_new (NULL);
}

static void
lexer_clear (Lexer * lexer)
{
  g_string_free (lexer->text, TRUE);
}

/* The current token as a name; NULL if it is none. */
static gchar *
lexer_dup_name (const Lexer * lexer)
{
  if (lexer->kind != 's' && lexer->kind != 'w')
    return NULL;
  return g_utf8_make_valid (lexer->text->str, lexer->text->len);
}

/* Behind the opening brace, up to and with the closing one. */
static gboolean
parse_dict_names (Lexer * lexer, GPtrArray * names)
{
  while (lexer_next (lexer) && lexer->kind != '}') {
    guint64 index;
    gchar *name;

    if (lexer->kind == ',' && lexer_next (lexer) && lexer->kind == '}')
      break;
    if ((lexer->kind != 'w' && lexer->kind != 's')
        || !g_ascii_string_to_unsigned (lexer->text->str, 10, 0, G_MAXUINT,
            &index, NULL)
        || !lexer_expect (lexer, ':') || !lexer_next (lexer))
      return FALSE;
    name = lexer_dup_name (lexer);
    if (name == NULL || !ry_metadata_put_name (names, index, name))
      return FALSE;
  }
  return lexer->kind == '}';
}

static gboolean
parse_list_names (Lexer * lexer, GPtrArray * names)
{
  while (lexer_next (lexer) && lexer->kind != ']') {
    gchar *name;

    if (lexer->kind == ',')
      continue;
    name = lexer_dup_name (lexer);
    if (name == NULL || !ry_metadata_put_name (names, names->len, name))
      return FALSE;
  }
  return lexer->kind == ']';
}

GPtrArray *
ry_py_parse_names (const gchar * text)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  gboolean good = FALSE;
  Lexer lexer;

  lexer_init (&lexer, text);
  if (lexer_next (&lexer)) {
    if (lexer.kind == '{')
      good = parse_dict_names (&lexer, names);
    else if (lexer.kind == '[')
      good = parse_list_names (&lexer, names);
  }
  lexer_clear (&lexer);
  if (!good)
    g_clear_pointer (&names, g_ptr_array_unref);
  return names;
}

/* Passes over a list or dictionary whose opening bracket is the current
 * token.  Counting is enough: who wants a value looks at flat ones only. */
static gboolean
skip_nested (Lexer * lexer)
{
  guint depth = 1;

  while (depth > 0) {
    if (!lexer_next (lexer))
      return FALSE;
    if (strchr ("{[(", lexer->kind) != NULL)
      depth++;
    else if (strchr ("}])", lexer->kind) != NULL)
      depth--;
  }
  return TRUE;
}

void
ry_py_parse_dict (const gchar * text, RyPyEach each, gpointer user_data)
{
  Lexer lexer;

  lexer_init (&lexer, text);
  if (lexer_expect (&lexer, '{')) {
    while (lexer_next (&lexer) && lexer.kind != '}') {
      gchar *key;

      if (lexer.kind == ',')
        continue;
      key = lexer_dup_name (&lexer);
      if (key == NULL || !lexer_expect (&lexer, ':') || !lexer_next (&lexer)) {
        g_free (key);
        break;
      }
      if (lexer.kind == 's' || lexer.kind == 'w')
        each (key, lexer.text->str, user_data);
      g_free (key);
      if (strchr ("{[(", lexer.kind) != NULL && !skip_nested (&lexer))
        break;
    }
  }
  lexer_clear (&lexer);
}

guint
ry_py_parse_uints (const gchar * text, guint * values, guint n)
{
  guint count = 0;

  while (*text != '\0' && count < n) {
    gchar *end;
    guint64 value;

    if (!g_ascii_isdigit (*text)) {
      text++;
      continue;
    }
    value = g_ascii_strtoull (text, &end, 10);
    if (value > G_MAXINT)
      return 0;
    values[count++] = (guint) value;
    text = end;
  }
  return count;
}
