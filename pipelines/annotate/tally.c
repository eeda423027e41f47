/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tally.h"

#include <rknnyolo/detections.h>

typedef struct
{
  const gchar *label;           /* lives as long as the process */
  guint64 frames, objects;
  guint64 last_frame;           /* the frame that was counted last, from 1 */
  gdouble best;                 /* negative: no detection told its score */
} Class;

struct _Tally
{
  GHashTable *classes;          /* label -> Class */
  guint64 n_frames;
};

Tally *
tally_new (void)
{
  Tally *self = g_new0 (Tally, 1);

  self->classes = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  return self;
}

void
tally_free (Tally * self)
{
  g_hash_table_unref (self->classes);
  g_free (self);
}

static Class *
get_class (Tally * self, const gchar * label)
{
  Class *class = g_hash_table_lookup (self->classes, label);

  if (class == NULL) {
    class = g_new0 (Class, 1);
    class->label = label;
    class->best = -1.0;
    g_hash_table_insert (self->classes, (gpointer) label, class);
  }
  return class;
}

void
tally_add_buffer (Tally * self, GstBuffer * buffer)
{
  RknnyoloDetection detection;
  gpointer state = NULL;

  self->n_frames++;
  while (rknnyolo_buffer_next_detection (buffer, &state, &detection)) {
    Class *class = get_class (self, detection.label);

    class->objects++;
    class->best = MAX (class->best, detection.confidence);
    if (class->last_frame != self->n_frames) {
      class->last_frame = self->n_frames;
      class->frames++;
    }
  }
}

static gint
compare_classes (gconstpointer a, gconstpointer b)
{
  const Class *x = a, *y = b;

  if (x->frames != y->frames)
    return x->frames > y->frames ? -1 : 1;
  if (x->best != y->best)
    return x->best > y->best ? -1 : 1;
  return g_strcmp0 (x->label, y->label);
}

/* Columns on a terminal; labels may be in any script. */
static gint
text_width (const gchar * text)
{
  gint width = 0;

  for (; *text != '\0'; text = g_utf8_next_char (text)) {
    gunichar c = g_utf8_get_char (text);

    if (!g_unichar_iszerowidth (c))
      width += g_unichar_iswide (c) ? 2 : 1;
  }
  return width;
}

static void
print_class (const Class * class, gint width)
{
  g_print ("  %s%*s %8" G_GUINT64_FORMAT " %9" G_GUINT64_FORMAT, class->label,
      width - text_width (class->label), "", class->frames, class->objects);
  if (class->best >= 0.0)
    g_print (" %11.2f\n", class->best);
  else
    g_print (" %11s\n", "unknown");
}

void
tally_print (const Tally * self)
{
  GList *classes = g_list_sort (g_hash_table_get_values (self->classes),
      compare_classes);
  gint width = text_width ("class");
  GList *link;

  if (classes == NULL) {
    g_print ("Nothing was found.\n");
    return;
  }
  for (link = classes; link != NULL; link = link->next)
    width = MAX (width, text_width (((Class *) link->data)->label));

  g_print ("  %-*s %8s %9s %11s\n", width, "class", "frames", "objects",
      "best score");
  for (link = classes; link != NULL; link = link->next)
    print_class (link->data, width);
  g_list_free (classes);
}
