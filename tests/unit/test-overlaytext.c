/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The text cache, the colours and the rate meter of the overlay. */

#include <math.h>
#include <string.h>

#include <pango/pangocairo.h>

#include "overlay/hud.h"
#include "overlay/text.h"

#define MAX_WIDTH 400

static guint
count_ink (const RyTextPiece * piece)
{
  guint n = 0;
  gint x, y;

  for (y = 0; y < piece->mask.height; y++) {
    for (x = 0; x < piece->mask.width; x++)
      n += piece->mask.data[y * piece->mask.stride + x] >= 128;
  }
  return n;
}

static void
test_cache_reuses (void)
{
  RyTextCache *cache = ry_text_cache_new ("Sans Bold", 24, MAX_WIDTH);
  RyTextPiece *a = ry_text_cache_get (cache, "person");
  RyTextPiece *b = ry_text_cache_get (cache, "person");

  g_assert_true (a == b);
  g_assert_cmpuint (ry_text_cache_get_n_rendered (cache), ==, 1);
  g_assert_cmpuint (count_ink (a), >, 0);
  g_assert_cmpint (a->advance, >, 0);
  ry_text_piece_unref (a);
  ry_text_piece_unref (b);
  ry_text_cache_free (cache);
}

/* Scores cost ten digits and a point, however many there are. */
static void
test_numbers_share_digits (void)
{
  RyTextCache *cache = ry_text_cache_new ("Sans Bold", 24, MAX_WIDTH);
  guint i;

  for (i = 0; i < 100; i++) {
    gchar score[8];
    RyTextLine line;

    g_snprintf (score, sizeof (score), "0.%02u", i);
    ry_text_line_init (&line, cache);
    ry_text_line_add_number (&line, cache, score);
    g_assert_cmpuint (line.n_pieces, ==, 4);
    ry_text_line_clear (&line);
  }
  g_assert_cmpuint (ry_text_cache_get_n_rendered (cache), ==, 11);
  ry_text_cache_free (cache);
}

static void
test_cache_is_bounded (void)
{
  RyTextCache *cache = ry_text_cache_new ("Sans", 12, MAX_WIDTH);
  RyTextPiece *first = ry_text_cache_get (cache, "first");
  const guint ink = count_ink (first);
  guint i;

  for (i = 0; i < 3 * RY_TEXT_CACHE_PIECES; i++) {
    gchar text[16];

    g_snprintf (text, sizeof (text), "text %u", i);
    ry_text_piece_unref (ry_text_cache_get (cache, text));
    /* Used again and again, so never the oldest. */
    ry_text_piece_unref (ry_text_cache_get (cache, "always"));
    g_assert_cmpuint (ry_text_cache_get_n_pieces (cache), <=,
        RY_TEXT_CACHE_PIECES);
  }
  g_assert_cmpuint (ry_text_cache_get_n_rendered (cache), ==,
      3 * RY_TEXT_CACHE_PIECES + 2);

  /* Evicted long ago, but still held here. */
  g_assert_cmpuint (count_ink (first), ==, ink);
  ry_text_piece_unref (first);
  ry_text_cache_free (cache);
}

static void
test_large_pieces_are_bounded (void)
{
  RyTextCache *cache = ry_text_cache_new ("Sans 100000", 12, 4000);
  guint i;

  for (i = 0; i < 30; i++) {
    gchar text[16];
    RyTextPiece *piece;

    g_snprintf (text, sizeof (text), "%u WWWWWWWW", i);
    piece = ry_text_cache_get (cache, text);
    g_assert_cmpint (piece->mask.width, <, 8000);
    g_assert_cmpint (piece->mask.height, <, 8000);
    ry_text_piece_unref (piece);
  }
  g_assert_cmpuint (ry_text_cache_get_n_pieces (cache), <, 30);
  ry_text_cache_free (cache);
}

static void
test_strange_text (void)
{
  RyTextCache *cache = ry_text_cache_new ("Sans", 16, 100);
  gchar *endless = g_strnfill (5000, 'x');
  static const gchar *texts[] = { "", " ", "\xff\xff", "a\nb", "\t" };
  RyTextPiece *piece = ry_text_cache_get (cache, endless);
  guint i;

  g_assert_cmpint (piece->advance, <=, 100);
  g_assert_cmpint (piece->mask.width, <=, 110);
  ry_text_piece_unref (piece);

  for (i = 0; i < G_N_ELEMENTS (texts); i++) {
    piece = ry_text_cache_get (cache, texts[i]);
    g_assert_nonnull (piece);
    ry_text_piece_unref (piece);
  }
  g_free (endless);
  ry_text_cache_free (cache);
}

/* Where ink is, for two characters whose shape is known. */
static void
test_mask_is_the_text (void)
{
  RyTextCache *cache = ry_text_cache_new ("Sans 32px", 12, MAX_WIDTH);
  RyTextPiece *line = ry_text_cache_get (cache, "l");
  RyTextPiece *under = ry_text_cache_get (cache, "_");

  /* An l is one upright above the baseline, an underscore lies below it. */
  g_assert_cmpint (line->mask.height, >, 2 * line->mask.width);
  g_assert_cmpint (line->top, <, -16);
  g_assert_cmpint (line->top + line->mask.height, <=, 1);
  g_assert_cmpint (under->top, >=, 0);
  g_assert_cmpint (under->mask.width, >, 2 * under->mask.height);
  g_assert_cmpint (-line->top, <=, ry_text_cache_get_ascent (cache));
  g_assert_cmpint (ry_text_cache_get_descent (cache), >, 0);
  ry_text_piece_unref (line);
  ry_text_piece_unref (under);
  ry_text_cache_free (cache);
}

static gdouble
luminance (RyColor c)
{
  const guint8 channels[] = { c.r, c.g, c.b };
  const gdouble weight[] = { .2126, .7152, .0722 };
  gdouble sum = 0;
  guint i;

  for (i = 0; i < 3; i++) {
    gdouble v = channels[i] / 255.;

    sum += weight[i] * (v <= .04045 ? v / 12.92 : pow ((v + .055) / 1.055,
            2.4));
  }
  return sum;
}

/* WCAG 2.1 asks for 4.5 : 1; the better of black and white always has it. */
static void
test_text_is_readable (void)
{
  guint i;

  for (i = 0; i < 1000; i++) {
    gchar label[16];
    RyColor paper, ink;
    gdouble a, b;

    g_snprintf (label, sizeof (label), "class %u", i);
    paper = ry_color_for_class (label, -1);
    ink = ry_color_for_text (paper);
    a = luminance (paper);
    b = luminance (ink);
    g_assert_cmpfloat ((MAX (a, b) + .05) / (MIN (a, b) + .05), >=, 4.5);
  }
}

static void
test_colors (void)
{
  GHashTable *seen = g_hash_table_new (NULL, NULL);
  RyColor a = ry_color_for_class ("person", 0);
  RyColor b = ry_color_for_class ("person", 17);
  guint i;

  /* The label decides, where there is one. */
  g_assert_cmpmem (&a, sizeof (a), &b, sizeof (b));

  for (i = 0; i < 80; i++) {
    RyColor c = ry_color_for_class ("", i);

    g_hash_table_add (seen,
        GUINT_TO_POINTER (c.r << 16 | c.g << 8 | c.b | 1u << 24));
    g_assert_cmpint (MAX (c.r, MAX (c.g, c.b)), >, 200);
  }
  g_assert_cmpuint (g_hash_table_size (seen), ==, 80);
  g_hash_table_unref (seen);
}

static void
test_rate (void)
{
  RyRateMeter meter = { 0 };
  gint64 now = 1000;
  guint i;

  /* 25 frames a second. */
  for (i = 0; i < 100; i++, now += 40000)
    ry_rate_meter_count (&meter, now);
  g_assert_cmpfloat (fabs (meter.rate - 25), <, 1e-6);

  /* Then one frame every two seconds. */
  for (i = 0; i < 3; i++, now += 2000000)
    ry_rate_meter_count (&meter, now);
  g_assert_cmpfloat (fabs (meter.rate - .5), <, 1e-6);
}

gint
main (gint argc, gchar ** argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/text/reuses", test_cache_reuses);
  g_test_add_func ("/text/numbers", test_numbers_share_digits);
  g_test_add_func ("/text/bounded", test_cache_is_bounded);
  g_test_add_func ("/text/large", test_large_pieces_are_bounded);
  g_test_add_func ("/text/strange", test_strange_text);
  g_test_add_func ("/text/shape", test_mask_is_the_text);
  g_test_add_func ("/color/readable", test_text_is_readable);
  g_test_add_func ("/color/classes", test_colors);
  g_test_add_func ("/hud/rate", test_rate);
  return g_test_run ();
}
