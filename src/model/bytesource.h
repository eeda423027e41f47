/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Bounded reads out of a file or a block of memory, for the parsers of model
 * files.  Models may be 100 MB; only the few hundred bytes that say what they
 * are get read.  Not mmap: a file that is cut while it is being looked at
 * gives a read error here and a SIGBUS there. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS typedef struct
{
  gint fd;                      /* -1: bytes are used */
  const guint8 *bytes;
  guint64 size;
} RyByteSource;

/* Opens a regular file.  FALSE with RY_ERROR_NOT_FOUND, whose text ends with
 * expected: a sentence that says what to name instead. */
gboolean ry_byte_source_open (RyByteSource * self, const gchar * path,
    const gchar * expected, GError ** error);
void ry_byte_source_close (RyByteSource * self);

/* Reads exactly n bytes at offset, or returns FALSE. */
gboolean ry_byte_source_read (const RyByteSource * self, guint64 offset,
    gpointer buffer, gsize n);

/* The n bytes at offset with a NUL behind them, to be freed with g_free;
 * NULL if they are not all there or do not fit in memory. */
gchar *ry_byte_source_dup (const RyByteSource * self, guint64 offset, gsize n);

G_END_DECLS
