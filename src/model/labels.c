/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "model/labels.h"

#include <string.h>

#include "model/bytesource.h"
#include "model/coconames.h"
#include "ryerror.h"

/* A list of ten thousand classes has 200 KiB; more is a model by mistake. */
#define MAX_LABEL_FILE (4 << 20)

#define EXPECTED "Expected is a text file with one label a line, in the " \
  "order of the classes."

static gchar *
class_name (guint number)
{
  return g_strdup_printf ("class %u", number);
}

GPtrArray *
ry_labels_load (const gchar * path, GError ** error)
{
  RyByteSource source;
  GPtrArray *labels = NULL;
  gchar *text = NULL;

  if (!ry_byte_source_open (&source, path, EXPECTED, error))
    return NULL;
  if (source.size <= MAX_LABEL_FILE)
    text = ry_byte_source_dup (&source, 0, (gsize) source.size);
  if (text != NULL)
    labels = ry_labels_parse (text, (gsize) source.size, path, error);
  else
    g_set_error (error, RY_ERROR, RY_ERROR_LABELS,
        "%s cannot be read, or its %" G_GUINT64_FORMAT " bytes are too many "
        "for a label file. " EXPECTED, path, source.size);
  ry_byte_source_close (&source);
  g_free (text);
  return labels;
}

/* All lines, stripped; empty ones at the end are left out. */
static GPtrArray *
split_lines (const gchar * text, gsize length)
{
  GPtrArray *lines = g_ptr_array_new_with_free_func (g_free);
  const gchar *end = text + length;

  while (text < end) {
    const gchar *newline = memchr (text, '\n', end - text);
    const gchar *stop = newline != NULL ? newline : end;

    g_ptr_array_add (lines, g_strstrip (g_strndup (text, stop - text)));
    text = stop + 1;
  }
  while (lines->len > 0
      && *(gchar *) g_ptr_array_index (lines, lines->len - 1) == '\0')
    g_ptr_array_remove_index (lines, lines->len - 1);
  return lines;
}

static guint
count_lines (const gchar * text, const gchar * end)
{
  guint n = 1;

  for (; text < end; text++)
    if (*text == '\n')
      n++;
  return n;
}

GPtrArray *
ry_labels_parse (const gchar * text, gsize length, const gchar * path,
    GError ** error)
{
  const gchar *bad = NULL;
  GPtrArray *lines;
  guint i;

  if (length >= 3 && memcmp (text, "\xef\xbb\xbf", 3) == 0) {
    text += 3;
    length -= 3;
  }
  if (length > 0 && !g_utf8_validate_len (text, length, &bad)) {
    g_set_error (error, RY_ERROR, RY_ERROR_LABELS,
        "Line %u of %s is not UTF-8 text. Expected is a text file with one "
        "label a line; save it as UTF-8.", count_lines (text, bad), path);
    return NULL;
  }
  lines = split_lines (text, length);
  /* Taking an empty line for a class or passing over it: either would shift
   * names silently for somebody. */
  for (i = 0; i < lines->len; i++)
    if (*(gchar *) g_ptr_array_index (lines, i) == '\0')
      break;
  if (lines->len == 0)
    g_set_error (error, RY_ERROR, RY_ERROR_LABELS,
        "The label file %s is empty. Expected is one label a line.", path);
  else if (i < lines->len)
    g_set_error (error, RY_ERROR, RY_ERROR_LABELS,
        "Line %u of the label file %s is empty, with labels below it. Remove "
        "it, or write a label for class %u there.", i + 1, path, i);
  else
    return lines;
  g_ptr_array_unref (lines);
  return NULL;
}

GPtrArray *
ry_labels_complete (GPtrArray * from, guint n_classes, gchar ** warning)
{
  GPtrArray *labels = g_ptr_array_new_with_free_func (g_free);
  guint i;

  for (i = 0; i < n_classes; i++) {
    const gchar *name = NULL;

    if (from != NULL)
      name = i < from->len ? g_ptr_array_index (from, i) : NULL;
    else if (n_classes == RY_N_COCO)
      name = ry_coco_names[i];
    g_ptr_array_add (labels, name != NULL ? g_strdup (name) : class_name (i));
  }
  if (warning == NULL)
    return labels;
  *warning = NULL;
  if (from != NULL && from->len < n_classes)
    *warning = g_strdup_printf ("There are %u labels, and the model has %u "
        "classes: those from %u on are called \"class N\". Check that the "
        "labels belong to this model.", from->len, n_classes, from->len);
  else if (from != NULL && from->len > n_classes)
    *warning = g_strdup_printf ("There are %u labels, and the model has only "
        "%u classes: the last %u labels are never used. Check that the labels "
        "belong to this model.", from->len, n_classes, from->len - n_classes);
  return labels;
}
