/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "detection.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>
#include <stdio.h>

void
detection_round (Detection * self)
{
  self->x = rint (self->x * 1000) / 1000;
  self->y = rint (self->y * 1000) / 1000;
  self->width = rint (self->width * 1000) / 1000;
  self->height = rint (self->height * 1000) / 1000;
  self->score = rint (self->score * 100000) / 100000;
}

/* With a point, whatever the language of the user. */
static const gchar *
number (gchar * text, gsize size, const gchar * format, gdouble value)
{
  return g_ascii_formatd (text, size, format, value);
}

static void
write_detection (const Detection * d, FILE * file)
{
  gchar text[5][G_ASCII_DTOSTR_BUF_SIZE];

  fprintf (file, "{\"image_id\": %" G_GINT64_FORMAT ", \"category_id\": %"
      G_GINT64_FORMAT ", \"bbox\": [%s, %s, %s, %s], \"score\": %s}",
      d->image, d->category,
      number (text[0], sizeof text[0], "%.3f", d->x),
      number (text[1], sizeof text[1], "%.3f", d->y),
      number (text[2], sizeof text[2], "%.3f", d->width),
      number (text[3], sizeof text[3], "%.3f", d->height),
      number (text[4], sizeof text[4], "%.5f", d->score));
}

static gboolean
write_all (const GArray * detections, FILE * file)
{
  guint i;

  fputs ("[", file);
  for (i = 0; i < detections->len; i++) {
    fputs (i > 0 ? ",\n" : "\n", file);
    write_detection (&g_array_index (detections, Detection, i), file);
  }
  fputs ("\n]\n", file);
  return !ferror (file);
}

gboolean
detections_write (const GArray * detections, const gchar * path,
    GError ** error)
{
  g_autofree gchar *part = g_strconcat (path, ".part", NULL);
  FILE *file = g_fopen (part, "we");
  gboolean ok = file != NULL;

  if (ok)
    ok = write_all (detections, file);
  if (file != NULL && fclose (file) != 0)
    ok = FALSE;
  if (ok && g_rename (part, path) == 0)
    return TRUE;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno),
      "%s cannot be written: %s. Name another file by --output.", path,
      g_strerror (errno));
  if (file != NULL)
    g_unlink (part);
  return FALSE;
}
