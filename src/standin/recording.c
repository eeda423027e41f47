/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "recording.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "half.h"

#define MANIFEST "manifest.txt"
#define MAX_TENSORS 1024
#define MAX_MANIFEST (1024 * 1024)
#define MAX_ELEMS (G_MAXINT32 / 8)

/* ---- The manifest ------------------------------------------------------- */

static gboolean
fail_line (guint line, GError ** error, const gchar * format, ...)
G_GNUC_PRINTF (3, 4);

     static gboolean
         fail_line (guint line, GError ** error, const gchar * format, ...)
{
  g_autofree gchar *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "line %u: %s", line,
      text);
  return FALSE;
}

/* FALSE for anything but a whole number in the range. */
static gboolean
parse_number (const gchar * word, gint64 min, gint64 max, gint64 * number)
{
  return word != NULL
      && g_ascii_string_to_signed (word, 10, min, max, number, NULL);
}

static gboolean
parse_scale (const gchar * word, gfloat * scale)
{
  gchar *end;

  if (word == NULL || word[0] == '\0')
    return FALSE;
  *scale = g_ascii_strtod (word, &end);
  return *end == '\0' && isfinite (*scale) && *scale > 0;
}

static gboolean
take_file (RyRecorded * self, const gchar * file, guint line, GError ** error)
{
  self->half = g_str_has_suffix (file, ".f16");
  if (strchr (file, G_DIR_SEPARATOR) != NULL || file[0] == '.')
    return fail_line (line, error, "\"%s\" is not the name of a file in the "
        "folder", file);
  if (!self->half && !g_str_has_suffix (file, ".i8"))
    return fail_line (line, error, "the file is \"%s\"; a name ending in .i8 "
        "or .f16 was expected", file);
  self->file = g_strdup (file);
  return TRUE;
}

static gboolean
take_shape (RyRecorded * self, gchar ** words, guint line, GError ** error)
{
  self->n_elems = 1;
  for (guint i = 0; i < self->rank; i++) {
    if (!parse_number (words[i], 1, MAX_ELEMS / (gint64) self->n_elems,
            &self->shape[i]))
      return fail_line (line, error, "dimension %u is \"%s\"; a tensor of 1 to "
          "%d elements was expected", i, words[i], MAX_ELEMS);
    self->n_elems *= self->shape[i];
  }
  return TRUE;
}

/* words are not empty. */
static gboolean
take_words (RyRecorded * self, gchar ** words, guint line, GError ** error)
{
  guint n = g_strv_length (words);
  gint64 number;

  if (n < 4 || !parse_number (words[1], 1, RY_ORT_MAX_RANK, &number)
      || n != number + 4)
    return fail_line (line, error, "a file, the number of its dimensions (up "
        "to %u), as many dimensions, a zero point and a scale were expected",
        RY_ORT_MAX_RANK);
  self->rank = number;
  if (!take_file (self, words[0], line, error)
      || !take_shape (self, words + 2, line, error))
    return FALSE;
  if (!parse_number (words[n - 2], -128, 127, &number))
    return fail_line (line, error, "the zero point is \"%s\"; a whole number "
        "from -128 to 127 was expected", words[n - 2]);
  self->zp = number;
  if (!parse_scale (words[n - 1], &self->scale))
    return fail_line (line, error, "the scale is \"%s\"; a number above 0 was "
        "expected", words[n - 1]);
  return TRUE;
}

static gboolean
take_line (RyRecorded * self, const gchar * text, guint line, GError ** error)
{
  g_auto (GStrv) words = g_strsplit_set (text, " \t\r", -1);
  guint n = 0;

  for (guint i = 0; words[i] != NULL; i++) {
    if (words[i][0] != '\0')
      words[n++] = words[i];
    else
      g_free (words[i]);
  }
  words[n] = NULL;
  return take_words (self, words, line, error);
}

static gboolean
take_lines (RyRecording * self, gchar ** lines, GError ** error)
{
  gint64 n;

  if (lines[0] == NULL || !parse_number (g_strstrip (lines[0]), 1, MAX_TENSORS,
          &n))
    return fail_line (1, error, "the number of tensors, 1 to %u, was expected",
        MAX_TENSORS);
  self->tensors = g_new0 (RyRecorded, n);
  self->n = n;
  for (guint i = 0; i < self->n; i++) {
    if (lines[i + 1] == NULL)
      return fail_line (i + 2, error, "the file ends; %u tensors were "
          "announced", self->n);
    if (!take_line (&self->tensors[i], lines[i + 1], i + 2, error))
      return FALSE;
  }
  return TRUE;
}

RyRecording *
ry_recording_parse (const gchar * text, gsize length, GError ** error)
{
  g_autoptr (RyRecording) self = g_new0 (RyRecording, 1);
  g_autofree gchar *copy = NULL;
  g_auto (GStrv) lines = NULL;

  if (length > MAX_MANIFEST || !g_utf8_validate (text, length, NULL)) {
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "it is no text of "
        "up to %u bytes", MAX_MANIFEST);
    return NULL;
  }
  copy = g_strndup (length > 0 ? text : "", length);
  lines = g_strsplit (copy, "\n", MAX_TENSORS + 2);
  return take_lines (self, lines, error) ? g_steal_pointer (&self) : NULL;
}

void
ry_recording_free (RyRecording * self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->n; i++) {
    g_free (self->tensors[i].file);
    g_free (self->tensors[i].values);
  }
  g_free (self->tensors);
  g_free (self);
}

/* ---- The tensors -------------------------------------------------------- */

static gboolean
read_values (RyRecorded * self, const gchar * folder, GError ** error)
{
  g_autofree gchar *path = g_build_filename (folder, self->file, NULL);
  g_autofree gchar *bytes = NULL;
  gsize expected = self->n_elems * (self->half ? 2 : 1);
  gsize size;

  if (!g_file_get_contents (path, &bytes, &size, error))
    return FALSE;
  if (size != expected) {
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s has %"
        G_GSIZE_FORMAT " bytes; its dimensions make %" G_GSIZE_FORMAT, path,
        size, expected);
    return FALSE;
  }
  self->values = g_try_new (gfloat, self->n_elems);
  if (self->values == NULL) {
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOMEM, "no memory for %s",
        path);
    return FALSE;
  }
  for (gsize i = 0; i < self->n_elems; i++) {
    guint16 half;

    if (self->half) {
      memcpy (&half, bytes + 2 * i, 2);
      self->values[i] = (ry_half_to_float (GUINT16_FROM_LE (half)) - self->zp)
          * self->scale;
    } else {
      self->values[i] = ((gint8) bytes[i] - self->zp) * self->scale;
    }
  }
  return TRUE;
}

RyRecording *
ry_recording_load (const gchar * folder, GError ** error)
{
  g_autofree gchar *path = g_build_filename (folder, MANIFEST, NULL);
  g_autoptr (RyRecording) self = NULL;
  g_autofree gchar *text = NULL;
  gsize length;

  if (!g_file_get_contents (path, &text, &length, error))
    return NULL;
  self = ry_recording_parse (text, length, error);
  if (self == NULL) {
    g_prefix_error (error, "%s: ", path);
    return NULL;
  }
  for (guint i = 0; i < self->n; i++) {
    if (!read_values (&self->tensors[i], folder, error))
      return NULL;
  }
  return g_steal_pointer (&self);
}

/* ---- The model ---------------------------------------------------------- */

static gchar *
describe_shape (const gint64 * shape, guint rank)
{
  GString *text = g_string_new ("[");

  for (guint i = 0; i < rank; i++)
    g_string_append_printf (text, "%s%" G_GINT64_FORMAT, i > 0 ? "," : "",
        shape[i]);
  g_string_append_c (text, ']');
  return g_string_free (text, FALSE);
}

static gboolean
tensor_fits (const RyRecorded * self, const RyOrtTensor * tensor,
    GError ** error)
{
  g_autofree gchar *found = NULL;
  g_autofree gchar *expected = NULL;

  if (tensor->type != RY_ORT_FLOAT && tensor->type != RY_ORT_FLOAT16) {
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "output %s of the "
        "model has whole numbers; only outputs of float can be played",
        tensor->name);
    return FALSE;
  }
  if (self->rank == tensor->rank
      && memcmp (self->shape, tensor->shape,
          self->rank * sizeof self->shape[0]) == 0)
    return TRUE;
  found = describe_shape (self->shape, self->rank);
  expected = describe_shape (tensor->shape, tensor->rank);
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s is %s; output %s "
      "of the model is %s", self->file, found, tensor->name, expected);
  return FALSE;
}

gboolean
ry_recording_fits (const RyRecording * self, RyOrtSession * model,
    GError ** error)
{
  guint n = ry_ort_session_n_outputs (model);

  if (self->n != n) {
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "it has %u tensors; "
        "the model has %u outputs", self->n, n);
    return FALSE;
  }
  for (guint i = 0; i < n; i++) {
    if (!tensor_fits (&self->tensors[i], ry_ort_session_output (model, i),
            error))
      return FALSE;
  }
  return TRUE;
}
