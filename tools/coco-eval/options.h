/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The command line. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define PROGRAM "rknnyolo-coco-eval"

typedef struct
{
  gchar *model, *annotations, *output, *labels, *runtime, *format;
  gchar **properties;           /* PROPERTY=VALUE, or NULL */
  gdouble confidence, iou;
  gint limit;                   /* pictures; 0: all */
  gboolean single_label, class_index, per_class;
  gchar *folder;
} Options;

/* Initialises GStreamer, too.  Clear self in either case.  Errors are of
 * G_OPTION_ERROR. */
gboolean options_parse (Options * self, int *argc, char ***argv,
    GError ** error);
void options_clear (Options * self);

G_END_DECLS
