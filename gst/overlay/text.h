/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Text as coverage masks, rendered once by Pango and kept.
 *
 * Labels repeat from frame to frame, numbers do not.  So a line is put
 * together from pieces: a label is one piece (scripts are shaped as a whole),
 * a number one piece a character, and all pieces come from one LRU cache. */

#pragma once

#include "canvas.h"

G_BEGIN_DECLS

/* Pieces kept at most, and the bytes of their masks together. */
#define RY_TEXT_CACHE_PIECES 512
#define RY_TEXT_CACHE_BYTES (8 << 20)

/* Reference counted: a piece in use outlives its eviction. */
typedef struct
{
  RyCoverage mask;                  /* the inked part */
  gint left, top;               /* its top-left corner, from the pen position on
                                 * the baseline; top is negative above it */
  gint advance;                 /* to the next pen position */
  gint ascent, descent;         /* of the fonts used, both positive */
} RyTextPiece;

typedef struct _RyTextCache RyTextCache;

/* font is a Pango font description ("Sans Bold", "Noto Sans CJK SC 14px");
 * auto_size, in pixels, is for one without a size.  Pieces longer than
 * max_width end in an ellipsis. */
RyTextCache *ry_text_cache_new (const gchar * font, gint auto_size,
    gint max_width);
void ry_text_cache_free (RyTextCache * self);

/* Never NULL.  Text that is not UTF-8 is mended.  Release with
 * ry_text_piece_unref(). */
RyTextPiece *ry_text_cache_get (RyTextCache * self, const gchar * text);
void ry_text_piece_unref (RyTextPiece * piece);

/* Of the first font of the description. */
gint ry_text_cache_get_ascent (RyTextCache * self);
gint ry_text_cache_get_descent (RyTextCache * self);

/* For tests and statistics: pieces in the cache, and how many were rendered
 * since it was made. */
guint ry_text_cache_get_n_pieces (RyTextCache * self);
guint64 ry_text_cache_get_n_rendered (RyTextCache * self);

/* A line that is being put together.  What does not fit any more is left
 * out. */
#define RY_TEXT_LINE_PIECES 48

typedef struct
{
  guint n_pieces;
  RyTextPiece *piece[RY_TEXT_LINE_PIECES];
  gint advance;
  gint ascent, descent;         /* at least those of the cache's font */
} RyTextLine;

void ry_text_line_init (RyTextLine * self, RyTextCache * cache);
void ry_text_line_add (RyTextLine * self, RyTextCache * cache,
    const gchar * text);

/* Character by character, for numbers; text is ASCII. */
void ry_text_line_add_number (RyTextLine * self, RyTextCache * cache,
    const gchar * text);

void ry_text_line_draw (const RyTextLine * self, RyCanvas * canvas, gint x,
    gint baseline, const RySample * color);
void ry_text_line_clear (RyTextLine * self);

G_END_DECLS
