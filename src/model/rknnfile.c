/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "model/formats.h"

#include <string.h>

#include "ryerror.h"

#define HEADER_SIZE 24          /* magic, version, payload length */
#define MAX_JSON (4 << 20)      /* real ones have 2 to 20 KiB */

static const gchar magic[8] = { 'R', 'K', 'N', 'N', 0, 0, 0, 0 };
static const gchar encrypted_magic[8] =
    { 'C', 'Y', 'P', 'T', 'R', 'K', 'N', 'N' };

static gboolean
is_encrypted (const RyByteSource * source)
{
  gchar begin[8];

  return ry_byte_source_read (source, 0, begin, sizeof begin)
      && memcmp (begin, encrypted_magic, sizeof begin) == 0;
}

gboolean
ry_rknn_file_sniff (const RyByteSource * source)
{
  gchar begin[4];

  /* Only the letters: a file cut inside its header is still called cut. */
  return is_encrypted (source)
      || (ry_byte_source_read (source, 0, begin, sizeof begin)
      && memcmp (begin, magic, sizeof begin) == 0);
}

/* The JSON is looked through for two keys of its top level and nothing else,
 * so it is scanned, not parsed: the place is known by the depth of brackets
 * alone, and a cut or strange end costs nothing of what came before. */
typedef struct
{
  const gchar *at;
  const gchar *end;
  guint depth;
} Scan;

/* At an opening quote: the string behind it, without the escapes, which the
 * two values that are looked for never have.  NULL if it does not end. */
static gchar *
scan_string (Scan * scan)
{
  const gchar *begin = ++scan->at;

  while (scan->at < scan->end && *scan->at != '"') {
    if (*scan->at == '\\')
      scan->at++;
    scan->at++;
  }
  if (scan->at >= scan->end)
    return NULL;
  scan->at++;
  return g_strndup (begin, scan->at - 1 - begin);
}

static void
scan_blanks (Scan * scan)
{
  while (scan->at < scan->end && g_ascii_isspace (*scan->at))
    scan->at++;
}

/* Behind a colon: "text" or ["text", "text"], joined by commas; NULL if it is
 * something else. */
static gchar *
scan_value (Scan * scan)
{
  GString *all = g_string_new (NULL);
  gboolean list = FALSE;

  scan_blanks (scan);
  if (scan->at < scan->end && *scan->at == '[') {
    list = TRUE;
    scan->at++;
    scan_blanks (scan);
  }
  while (scan->at < scan->end && *scan->at == '"') {
    gchar *one = scan_string (scan);

    if (one == NULL)
      break;
    g_string_append_printf (all, "%s%s", all->len > 0 ? "," : "", one);
    g_free (one);
    scan_blanks (scan);
    if (!list || scan->at >= scan->end || *scan->at != ',')
      break;
    scan->at++;
    scan_blanks (scan);
  }
  if (list && scan->at < scan->end && *scan->at == ']')
    scan->at++;
  else if (list)
    scan->depth++;              /* not a list of texts: still inside of it */
  if (all->len > 0 && g_utf8_validate (all->str, all->len, NULL))
    return g_string_free (all, FALSE);
  g_string_free (all, TRUE);
  return NULL;
}

static void
take_key (Scan * scan, const gchar * key, RyModelFile * file)
{
  gchar **field = NULL;

  if (strcmp (key, "target_platform") == 0)
    field = &file->target_platform;
  else if (strcmp (key, "version") == 0)
    field = &file->toolkit_version;
  scan_blanks (scan);
  if (field == NULL || *field != NULL)
    return;
  if (scan->at < scan->end && *scan->at == ':') {
    scan->at++;
    *field = scan_value (scan);
  }
}

static void
scan_json (const gchar * json, gsize length, RyModelFile * file)
{
  Scan scan = { json, json + length, 0 };

  while (scan.at < scan.end) {
    gchar c = *scan.at;

    if (c == '"') {
      gchar *text = scan_string (&scan);

      if (text == NULL)
        return;
      if (scan.depth == 1)
        take_key (&scan, text, file);
      g_free (text);
      continue;
    }
    if (c == '{' || c == '[')
      scan.depth++;
    else if ((c == '}' || c == ']') && scan.depth > 0)
      scan.depth--;
    scan.at++;
  }
}

static guint64
get_u64 (const guint8 * bytes)
{
  guint64 value;

  memcpy (&value, bytes, sizeof value);
  return GUINT64_FROM_LE (value);
}

/* ---- The header ---------------------------------------------------------- */

typedef struct
{
  guint64 version;
  guint64 begin;                /* of the payload */
  guint64 payload;              /* its size */
} Header;

/* FALSE if the file ends before it; *header has the sizes that there were. */
static gboolean
read_header (const RyByteSource * source, Header * header)
{
  guint8 bytes[HEADER_SIZE];

  header->version = header->payload = 0;
  header->begin = HEADER_SIZE;
  if (!ry_byte_source_read (source, 0, bytes, sizeof bytes))
    return FALSE;
  header->version = get_u64 (bytes + 8);
  header->payload = get_u64 (bytes + 16);
  header->begin = header->version == 1 ? HEADER_SIZE : 64;
  return TRUE;
}

static gboolean
is_whole (const RyByteSource * source, const Header * header)
{
  return header->begin <= source->size && header->payload > 0
      && header->payload <= source->size - header->begin;
}

/* ... of what is no header at all. */
static gboolean
is_possible (const RyByteSource * source, const Header * header)
{
  gchar begin[8];

  return ry_byte_source_read (source, 0, begin, sizeof begin)
      && memcmp (begin, magic, sizeof begin) == 0
      && header->version > 0 && header->version <= G_MAXUINT16;
}

gchar *
ry_rknn_file_dup_json (const RyByteSource * source, gsize * length)
{
  guint8 bytes[8];
  guint64 offset;
  Header header;

  if (!read_header (source, &header) || !is_possible (source, &header)
      || header.version > RY_RKNN_NEWEST_VERSION || !is_whole (source, &header))
    return NULL;
  offset = header.begin + header.payload;
  if (!ry_byte_source_read (source, offset, bytes, sizeof bytes))
    return NULL;
  offset += sizeof bytes;
  *length = MIN (get_u64 (bytes), MIN (source->size - offset, MAX_JSON));
  return ry_byte_source_dup (source, offset, *length);
}

gboolean
ry_rknn_file_read (const RyByteSource * source, RyModelFile * file,
    GError ** error)
{
  gchar *json;
  gsize length;
  Header header;

  file->kind = RY_MODEL_RKNN;
  file->encrypted = is_encrypted (source);
  if (file->encrypted)
    return TRUE;
  if (read_header (source, &header) && !is_possible (source, &header)) {
    g_set_error (error, RY_ERROR, RY_ERROR_MODEL,
        "begins with \"RKNN\", but what follows is not the header of an .rknn "
        "model. Convert the model again with RKNN-Toolkit2.");
    return FALSE;
  }
  file->format_version = (guint) header.version;
  if (header.version > RY_RKNN_NEWEST_VERSION)
    return TRUE;
  if (!is_whole (source, &header)) {
    g_set_error (error, RY_ERROR, RY_ERROR_MODEL,
        "begins as an .rknn model, but is cut off or damaged: it has %"
        G_GUINT64_FORMAT " bytes and its header promises %" G_GUINT64_FORMAT
        " behind byte %" G_GUINT64_FORMAT
        ". Copy or download the file again and compare the sizes.",
        source->size, header.payload, header.begin);
    return FALSE;
  }
  json = ry_rknn_file_dup_json (source, &length);
  if (json != NULL)
    scan_json (json, length, file);
  g_free (json);
  return TRUE;
}
