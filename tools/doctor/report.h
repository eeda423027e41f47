/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What was found, and what to do about it. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  LEVEL_OK,
  LEVEL_NOTE,                   /* worth knowing; nothing is wrong */
  LEVEL_WARNING,                /* works, but not as well as it could */
  LEVEL_PROBLEM,                /* does not work */
} Level;

typedef struct _Report Report;

Report *report_new (void);
void report_free (Report * self);

/* area is a static string, id one that scripts look for ("npu-node"); text
 * and remedy are sentences, remedy may be NULL. */
void report_add (Report * self, const gchar * area, const gchar * id,
    Level level, const gchar * remedy, const gchar * format, ...)
G_GNUC_PRINTF (6, 7);

/* Calls each for every finding, in their order. */
typedef void (*ReportEach) (Level level, const gchar * id, const gchar * text,
    gpointer user_data);
void report_each (const Report * self, ReportEach each, gpointer user_data);

guint report_count (const Report * self, Level level);

void report_print (const Report * self);
void report_print_json (const Report * self);

G_END_DECLS
