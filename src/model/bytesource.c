/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "model/bytesource.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "ryerror.h"

gboolean
ry_byte_source_open (RyByteSource * self, const gchar * path,
    const gchar * expected, GError ** error)
{
  GStatBuf status;

  self->bytes = NULL;
  self->size = 0;
  /* Not blocking, or a named pipe without a writer would hang right here. */
  self->fd = g_open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
  if (self->fd < 0 || fstat (self->fd, &status) < 0) {
    g_set_error (error, RY_ERROR, RY_ERROR_NOT_FOUND,
        "Cannot open %s: %s. %s", path, g_strerror (errno), expected);
    ry_byte_source_close (self);
    return FALSE;
  }
  if (!S_ISREG (status.st_mode)) {
    g_set_error (error, RY_ERROR, RY_ERROR_NOT_FOUND,
        "%s is not a regular file. %s", path, expected);
    ry_byte_source_close (self);
    return FALSE;
  }
  self->size = (guint64) status.st_size;
  return TRUE;
}

void
ry_byte_source_close (RyByteSource * self)
{
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
}

static gboolean
read_fd (gint fd, guint64 offset, guint8 * buffer, gsize n)
{
  while (n > 0) {
    gssize got = pread (fd, buffer, n, (off_t) offset);

    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      return FALSE;
    buffer += got;
    offset += got;
    n -= got;
  }
  return TRUE;
}

gboolean
ry_byte_source_read (const RyByteSource * self, guint64 offset,
    gpointer buffer, gsize n)
{
  if (offset > self->size || n > self->size - offset)
    return FALSE;
  if (self->fd >= 0)
    return read_fd (self->fd, offset, buffer, n);
  if (n > 0)
    memcpy (buffer, self->bytes + offset, n);
  return TRUE;
}

gchar *
ry_byte_source_dup (const RyByteSource * self, guint64 offset, gsize n)
{
  gchar *copy;

  if (offset > self->size || n > self->size - offset)
    return NULL;
  copy = g_try_malloc (n + 1);
  if (copy == NULL)
    return NULL;
  if (!ry_byte_source_read (self, offset, copy, n)) {
    g_free (copy);
    return NULL;
  }
  copy[n] = '\0';
  return copy;
}
