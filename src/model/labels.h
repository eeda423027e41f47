/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The names of classes. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS
/* Reads a text file with one label a line (UTF-8; CRLF, a byte order mark and
 * empty lines at the end are taken).  Labels are gchar *; the array frees them.
 * Returns NULL with RY_ERROR_NOT_FOUND or RY_ERROR_LABELS. */
    GPtrArray * ry_labels_load (const gchar * path, GError ** error);

/* The same of text that has been read already; path is for messages. */
GPtrArray *ry_labels_parse (const gchar * text, gsize length,
    const gchar * path, GError ** error);

/* Makes exactly n_classes labels of what there is: from (may be NULL), else the
 * COCO names if n_classes is 80, else "class N".  Where from is too short or
 * has a NULL the class is called "class N"; a list that is too short or too
 * long is told in warning (NULL otherwise; free with g_free; warning itself may
 * be NULL).  from stays the caller's. */
GPtrArray *ry_labels_complete (GPtrArray * from, guint n_classes,
    gchar ** warning);

G_END_DECLS
