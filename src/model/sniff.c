/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "model/sniff.h"

#include <string.h>

#include "ryerror.h"

#define N_BEGIN 512             /* bytes that are looked at */
#define N_SHOWN 60              /* characters of a text that an error shows */

#define WANTED "Name an .rknn model, an .onnx model or a folder as " \
  "Ultralytics exports it."

static const struct
{
  guint offset;
  const gchar *bytes;
  const gchar *what;
} signatures[] = {
  {0, "version https://git-lfs", "is a Git LFS pointer, not the model: the "
        "text that stands for a large file in a repository. Fetch the model "
        "itself with \"git lfs pull\"."},
  {0, "PK\003\004", "is a ZIP archive, such as a PyTorch checkpoint (.pt). "
        "Export it first, for example with \"yolo export format=rknn "
        "name=rk3588\". " WANTED},
  {4, "TFL3", "is a TensorFlow Lite model. Convert it with RKNN-Toolkit2. "
        WANTED},
  {0, "\037\213", "is compressed with gzip. Unpack it first. " WANTED},
  {0, "<!DOCTYPE", "is a web page, perhaps what a download answered instead "
        "of the model. " WANTED},
  {0, "<!doctype", "is a web page, perhaps what a download answered instead "
        "of the model. " WANTED},
  {0, "<html", "is a web page, perhaps what a download answered instead of "
        "the model. " WANTED},
};

static const gchar *
find_signature (const gchar * begin, gsize n)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (signatures); i++) {
    gsize length = strlen (signatures[i].bytes);

    if (signatures[i].offset + length <= n
        && memcmp (begin + signatures[i].offset, signatures[i].bytes,
            length) == 0)
      return signatures[i].what;
  }
  return NULL;
}

/* The first characters if all of begin is text, or NULL.  A character that
 * the end of begin cuts is no objection. */
static gchar *
show_text (const gchar * begin, gsize n)
{
  GString *shown = g_string_new (NULL);
  const gchar *at = begin, *end = begin + n;
  guint count = 0;

  while (at < end) {
    gunichar c = g_utf8_get_char_validated (at, end - at);

    if (c == (gunichar) - 2 && end - at < 4)
      break;
    if (c == (gunichar) - 1 || c == (gunichar) - 2
        || (!g_unichar_isprint (c) && !g_unichar_isspace (c) && c != 0xfeff)) {
      g_string_free (shown, TRUE);
      return NULL;
    }
    if (count++ < N_SHOWN)
      g_string_append_unichar (shown, g_unichar_isgraph (c) ? c : ' ');
    at = g_utf8_next_char (at);
  }
  return g_string_free (shown, FALSE);
}

void
ry_sniff_explain (const RyByteSource * source, GError ** error)
{
  gsize n = (gsize) MIN (source->size, N_BEGIN);
  const gchar *what;
  gchar *begin, *text;

  begin = ry_byte_source_dup (source, 0, n);
  what = begin != NULL ? find_signature (begin, n) : NULL;
  text = begin != NULL ? show_text (begin, n) : NULL;
  if (begin == NULL)
    g_set_error (error, RY_ERROR, RY_ERROR_NOT_FOUND,
        "could not be read, though it could be opened. Check the disk.");
  else if (n == 0)
    g_set_error (error, RY_ERROR, RY_ERROR_MODEL,
        "is empty. Copy or download the model again. " WANTED);
  else if (what != NULL)
    g_set_error_literal (error, RY_ERROR, RY_ERROR_MODEL, what);
  else if (text != NULL)
    g_set_error (error, RY_ERROR, RY_ERROR_MODEL,
        "is a text file, not a model; it begins with \"%s\". " WANTED, text);
  else
    g_set_error (error, RY_ERROR, RY_ERROR_MODEL,
        "is neither an .rknn nor an ONNX model: its %" G_GUINT64_FORMAT
        " bytes begin with %02x %02x %02x %02x, where an .rknn begins with "
        "52 4b 4e 4e (\"RKNN\"). " WANTED, source->size,
        (guint8) begin[0], (guint8) begin[n > 1 ? 1 : 0],
        (guint8) begin[n > 2 ? 2 : 0], (guint8) begin[n > 3 ? 3 : 0]);
  g_free (text);
  g_free (begin);
}
