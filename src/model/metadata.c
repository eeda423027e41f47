/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What Ultralytics' exporter says about a model, whichever file it says it
 * in: task, names, stride, imgsz, end2end, reg_max, kpt_shape and args. */

#include "model/formats.h"

#include <string.h>

/* Far above any detector; keeps a damaged file from asking for gigabytes. */
#define MAX_CLASSES 65536

static gboolean
is_true (const gchar * value)
{
  return g_ascii_strcasecmp (value, "true") == 0 || strcmp (value, "1") == 0;
}

static gboolean
is_false (const gchar * value)
{
  return g_ascii_strcasecmp (value, "false") == 0 || strcmp (value, "0") == 0;
}

static void
set_uints (guint * field, const gchar * value, guint n)
{
  guint numbers[2] = { 0, 0 };
  guint count;

  if (field[0] != 0)
    return;
  count = ry_py_parse_uints (value, numbers, n);
  if (count == 0)
    return;
  field[0] = numbers[0];
  if (n == 2)                   /* "640" stands for a square */
    field[1] = count == 2 ? numbers[1] : numbers[0];
}

static void
set_arg_cb (const gchar * key, const gchar * value, gpointer file)
{
  ry_metadata_set_arg (file, key, value);
}

void
ry_metadata_set (RyModelFile * file, const gchar * key, const gchar * value)
{
  if (strcmp (key, "task") == 0) {
    if (file->task == NULL)
      file->task = g_utf8_make_valid (value, -1);
  } else if (strcmp (key, "stride") == 0) {
    set_uints (&file->stride, value, 1);
  } else if (strcmp (key, "imgsz") == 0) {
    set_uints (file->imgsz, value, 2);
  } else if (strcmp (key, "kpt_shape") == 0) {
    set_uints (file->kpt_shape, value, 2);
  } else if (strcmp (key, "reg_max") == 0) {
    set_uints (&file->reg_max, value, 1);
  } else if (strcmp (key, "end2end") == 0) {
    if (file->end2end == 0)
      file->end2end = is_true (value) ? 1 : is_false (value) ? -1 : 0;
  } else if (strcmp (key, "names") == 0) {
    ry_metadata_take_names (file, ry_py_parse_names (value));
  } else if (strcmp (key, "args") == 0) {
    ry_py_parse_dict (value, set_arg_cb, file);
  }
}

void
ry_metadata_set_arg (RyModelFile * file, const gchar * key, const gchar * value)
{
  /* Until 8.4 the exporter's argument was int8; then quantize. */
  if (strcmp (key, "int8") == 0 && is_true (value))
    file->quantized = TRUE;
  else if (strcmp (key, "quantize") == 0
      && (strcmp (value, "8") == 0 || strcmp (value, "int8") == 0))
    file->quantized = TRUE;
}

void
ry_metadata_take_names (RyModelFile * file, GPtrArray * names)
{
  if (names == NULL)
    return;
  if (file->names == NULL && names->len > 0)
    file->names = names;
  else
    g_ptr_array_unref (names);
}

gboolean
ry_metadata_put_name (GPtrArray * names, guint64 index, gchar * name)
{
  if (index >= MAX_CLASSES) {
    g_free (name);
    return FALSE;
  }
  if (index >= names->len)
    g_ptr_array_set_size (names, (gint) index + 1);
  g_free (g_ptr_array_index (names, index));
  g_ptr_array_index (names, index) = name;
  return TRUE;
}
