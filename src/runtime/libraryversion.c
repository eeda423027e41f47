/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "runtime/libraryversion.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define BLOCK (1 << 20)
#define MAX_VERSION 64

/* The version at text, which has n bytes; NULL if there is none, or if it may
 * go on behind them. */
static gchar *
take_version (const gchar * text, gsize n, gboolean more)
{
  gsize length = 0;

  if (n == 0 || !g_ascii_isdigit (text[0]))
    return NULL;
  while (length < n && length < MAX_VERSION && g_ascii_isprint (text[length]))
    length++;
  if (length == n && more)
    return NULL;
  return g_strchomp (g_strndup (text, length));
}

static gchar *
find_version (const gchar * block, gsize n, const gchar * marker, gboolean more)
{
  gsize length = strlen (marker);
  const gchar *at = block, *end = block + n;
  gchar *version = NULL;

  while (!version && (at = memmem (at, end - at, marker, length))) {
    at += length;
    version = take_version (at, end - at, more);
  }
  return version;
}

/* Blocks overlap by what may be cut, marker and version. */
static gchar *
search (gint fd, const gchar * marker)
{
  gsize overlap = strlen (marker) + MAX_VERSION, kept = 0;
  g_autofree gchar *block = g_malloc (overlap + BLOCK);
  gchar *version = NULL;
  gssize n;

  do {
    gsize filled;

    n = read (fd, block + kept, BLOCK);
    filled = kept + MAX (n, 0);
    version = find_version (block, filled, marker, n > 0);
    kept = MIN (overlap, filled);
    memmove (block, block + filled - kept, kept);
  } while (!version && n > 0);
  return version;
}

gchar *
ry_library_version (const gchar * path, const gchar * marker)
{
  gint fd;
  gchar *version;

  /* Not a FIFO or a device that somebody has put there. */
  if (!g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return NULL;
  fd = open (path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return NULL;
  version = search (fd, marker);
  close (fd);
  return version;
}

guint
ry_version_number (const gchar * text)
{
  guint parts[3] = { 0, };

  if (text && *text == 'v')
    text++;
  if (!text || !g_ascii_isdigit (*text))
    return 0;
  for (guint i = 0; i < 3 && g_ascii_isdigit (*text); i++) {
    gchar *end;

    parts[i] = MIN (g_ascii_strtoull (text, &end, 10), 999);
    text = *end == '.' ? end + 1 : end;
    if (*end != '.')
      break;
  }
  return RY_VERSION (parts[0], parts[1], parts[2]);
}
