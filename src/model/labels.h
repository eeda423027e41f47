/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The names of classes. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Reads a text file with one label a line (UTF-8; CRLF, a byte order mark and
 * empty lines at the end are taken).  Returns NULL with RY_ERROR_NOT_FOUND or
 * RY_ERROR_LABELS. */
GPtrArray *ry_labels_load (const gchar * path, GError ** error);

/* Makes exactly n_classes labels of what there is: from (may be NULL), else the
 * COCO names if n_classes is 80, else "class N".  Where from is too short the
 * rest is called "class N"; that and a too long list are told in warning
 * (NULL otherwise; free with g_free). */
GPtrArray *ry_labels_complete (GPtrArray * from, guint n_classes,
    gchar ** warning);

G_END_DECLS
