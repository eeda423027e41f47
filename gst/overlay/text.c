/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "text.h"

#include <string.h>

#include <pango/pangocairo.h>

/* Larger than any frame can show; it bounds the memory of one piece. */
#define MAX_FONT_SIZE 1024

typedef struct
{
  GList link;                   /* in lru; data is this entry */
  gchar *text;
  RyTextPiece *piece;
  gsize bytes;
} Entry;

struct _RyTextCache
{
  PangoContext *context;
  PangoLayout *layout;          /* reused for every piece */
  gint ascent, descent;

  GHashTable *entries;          /* text -> Entry */
  GQueue lru;                   /* most recently used first */
  gsize bytes;
  guint64 n_rendered;
};

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  ry_text_piece_unref (entry->piece);
  g_free (entry->text);
  g_free (entry);
}

static PangoFontDescription *
describe_font (const gchar * font, gint auto_size)
{
  PangoFontDescription *description = pango_font_description_from_string (font);

  if (!(pango_font_description_get_set_fields (description)
          & PANGO_FONT_MASK_SIZE)
      || pango_font_description_get_size (description) <= 0)
    pango_font_description_set_absolute_size (description,
        auto_size * (gdouble) PANGO_SCALE);
  else if (pango_font_description_get_size (description)
      > MAX_FONT_SIZE * PANGO_SCALE)
    pango_font_description_set_absolute_size (description,
        MAX_FONT_SIZE * (gdouble) PANGO_SCALE);
  return description;
}

static void
measure_font (RyTextCache * self, const PangoFontDescription * description)
{
  PangoFontMetrics *metrics =
      pango_context_get_metrics (self->context, description, NULL);

  self->ascent = PANGO_PIXELS_CEIL (pango_font_metrics_get_ascent (metrics));
  self->descent = PANGO_PIXELS_CEIL (pango_font_metrics_get_descent (metrics));
  pango_font_metrics_unref (metrics);
}

RyTextCache *
ry_text_cache_new (const gchar * font, gint auto_size, gint max_width)
{
  RyTextCache *self = g_new0 (RyTextCache, 1);
  PangoFontDescription *description = describe_font (font, auto_size);
  PangoFontMap *map = pango_cairo_font_map_new ();
  cairo_font_options_t *options = cairo_font_options_create ();

  /* Whole-pixel advances, so that a number set digit by digit looks as it
   * does set at once. */
  cairo_font_options_set_antialias (options, CAIRO_ANTIALIAS_GRAY);
  cairo_font_options_set_hint_style (options, CAIRO_HINT_STYLE_SLIGHT);
  cairo_font_options_set_hint_metrics (options, CAIRO_HINT_METRICS_ON);

  self->context = pango_font_map_create_context (map);
  pango_cairo_context_set_font_options (self->context, options);
  cairo_font_options_destroy (options);
  g_object_unref (map);

  self->layout = pango_layout_new (self->context);
  pango_layout_set_font_description (self->layout, description);
  pango_layout_set_single_paragraph_mode (self->layout, TRUE);
  pango_layout_set_width (self->layout, MAX (max_width, 1) * PANGO_SCALE);
  pango_layout_set_ellipsize (self->layout, PANGO_ELLIPSIZE_END);
  measure_font (self, description);
  pango_font_description_free (description);

  self->entries = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
      entry_free);
  g_queue_init (&self->lru);
  return self;
}

void
ry_text_cache_free (RyTextCache * self)
{
  if (self == NULL)
    return;

  /* The links belong to the entries. */
  g_hash_table_unref (self->entries);
  g_object_unref (self->layout);
  g_object_unref (self->context);
  g_free (self);
}

static void
paint_piece (RyTextCache * self, RyTextPiece * piece, gint x, gint y)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_A8,
      piece->mask.width, piece->mask.height);
  cairo_t *cr = cairo_create (surface);
  guint8 *data = (guint8 *) (piece + 1);
  const guint8 *source;
  gint row;

  cairo_translate (cr, -x, -y);
  cairo_set_source_rgba (cr, 1, 1, 1, 1);
  pango_cairo_show_layout (cr, self->layout);
  cairo_surface_flush (surface);

  /* NULL when the surface is in an error state; the piece stays blank. */
  source = cairo_image_surface_get_data (surface);
  for (row = 0; source != NULL && row < piece->mask.height; row++)
    memcpy (data + (gsize) row * piece->mask.stride, source + (gsize) row *
        cairo_image_surface_get_stride (surface), piece->mask.width);

  cairo_destroy (cr);
  cairo_surface_destroy (surface);
}

static RyTextPiece *
render_piece (RyTextCache * self, const gchar * text, gsize * bytes)
{
  PangoRectangle ink, logical;
  RyTextPiece *piece;
  gint baseline;

  if (g_utf8_validate (text, -1, NULL)) {
    pango_layout_set_text (self->layout, text, -1);
  } else {
    gchar *valid = g_utf8_make_valid (text, -1);

    pango_layout_set_text (self->layout, valid, -1);
    g_free (valid);
  }
  pango_layout_get_pixel_extents (self->layout, &ink, &logical);
  baseline = PANGO_PIXELS (pango_layout_get_baseline (self->layout));

  *bytes = (gsize) ink.width * ink.height;
  piece = g_rc_box_alloc0 (sizeof (*piece) + *bytes);
  piece->mask.data = (const guint8 *) (piece + 1);
  piece->mask.width = piece->mask.stride = ink.width;
  piece->mask.height = ink.height;
  piece->left = ink.x - logical.x;
  piece->top = ink.y - baseline;
  piece->advance = logical.width;
  piece->ascent = baseline - logical.y;
  piece->descent = logical.y + logical.height - baseline;
  if (*bytes > 0)
    paint_piece (self, piece, ink.x, ink.y);
  self->n_rendered++;
  return piece;
}

static void
evict (RyTextCache * self)
{
  while (self->lru.length > RY_TEXT_CACHE_PIECES
      || (self->bytes > RY_TEXT_CACHE_BYTES && self->lru.length > 1)) {
    Entry *entry = g_queue_pop_tail_link (&self->lru)->data;

    self->bytes -= entry->bytes;
    g_hash_table_remove (self->entries, entry->text);
  }
}

RyTextPiece *
ry_text_cache_get (RyTextCache * self, const gchar * text)
{
  Entry *entry = g_hash_table_lookup (self->entries, text);

  if (entry != NULL) {
    g_queue_unlink (&self->lru, &entry->link);
    g_queue_push_head_link (&self->lru, &entry->link);
    return g_rc_box_acquire (entry->piece);
  }

  entry = g_new0 (Entry, 1);
  entry->link.data = entry;
  entry->text = g_strdup (text);
  entry->piece = render_piece (self, text, &entry->bytes);
  g_hash_table_insert (self->entries, entry->text, entry);
  g_queue_push_head_link (&self->lru, &entry->link);
  self->bytes += entry->bytes;
  evict (self);
  return g_rc_box_acquire (entry->piece);
}

void
ry_text_piece_unref (RyTextPiece * piece)
{
  g_rc_box_release (piece);
}

gint
ry_text_cache_get_ascent (RyTextCache * self)
{
  return self->ascent;
}

gint
ry_text_cache_get_descent (RyTextCache * self)
{
  return self->descent;
}

guint
ry_text_cache_get_n_pieces (RyTextCache * self)
{
  return self->lru.length;
}

guint64
ry_text_cache_get_n_rendered (RyTextCache * self)
{
  return self->n_rendered;
}

void
ry_text_line_init (RyTextLine * self, RyTextCache * cache)
{
  self->n_pieces = 0;
  self->advance = 0;
  self->ascent = cache->ascent;
  self->descent = cache->descent;
}

void
ry_text_line_add (RyTextLine * self, RyTextCache * cache, const gchar * text)
{
  RyTextPiece *piece;

  if (self->n_pieces == RY_TEXT_LINE_PIECES || text[0] == '\0')
    return;

  piece = ry_text_cache_get (cache, text);
  self->piece[self->n_pieces++] = piece;
  self->advance += piece->advance;
  self->ascent = MAX (self->ascent, piece->ascent);
  self->descent = MAX (self->descent, piece->descent);
}

void
ry_text_line_add_number (RyTextLine * self, RyTextCache * cache,
    const gchar * text)
{
  for (; *text != '\0'; text++) {
    const gchar character[] = { *text, '\0' };

    ry_text_line_add (self, cache, character);
  }
}

void
ry_text_line_draw (const RyTextLine * self, RyCanvas * canvas, gint x,
    gint baseline, const RySample * color)
{
  guint i;

  for (i = 0; i < self->n_pieces; i++) {
    const RyTextPiece *piece = self->piece[i];

    ry_canvas_blend_mask (canvas, x + piece->left, baseline + piece->top,
        &piece->mask, color);
    x += piece->advance;
  }
}

void
ry_text_line_clear (RyTextLine * self)
{
  while (self->n_pieces > 0)
    ry_text_piece_unref (self->piece[--self->n_pieces]);
}
