/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "hud.h"

#include <math.h>

#define RATE_INTERVAL (G_USEC_PER_SEC / 2)

/* Dark enough for white text on a white wall: black at 78 % leaves 56 of 255,
 * a contrast ratio of nearly 12 to 1 (WCAG 2.1). */
#define BOARD_ALPHA 199

#define MAX_LINES 5

void
ry_rate_meter_count (RyRateMeter * self, gint64 now)
{
  if (self->since == 0) {
    self->since = now;
    return;
  }

  self->frames++;
  if (now - self->since >= RATE_INTERVAL) {
    self->rate = self->frames * (gdouble) G_USEC_PER_SEC / (now - self->since);
    self->since = now;
    self->frames = 0;
  }
}

static void
add_count (RyTextLine * line, RyTextCache * text, guint64 count,
    const gchar * one, const gchar * many)
{
  gchar number[24];

  g_snprintf (number, sizeof (number), "%" G_GUINT64_FORMAT, count);
  ry_text_line_add_number (line, text, number);
  ry_text_line_add (line, text, count == 1 ? one : many);
}

static void
add_rate (RyTextLine * line, RyTextCache * text, gdouble rate)
{
  guint64 tenths = (guint64) rint (MIN (rate, 1e6) * 10);
  gchar number[24];

  g_snprintf (number, sizeof (number),
      "%" G_GUINT64_FORMAT ".%" G_GUINT64_FORMAT, tenths / 10, tenths % 10);
  ry_text_line_add_number (line, text, number);
  ry_text_line_add (line, text, " fps");
}

static guint
compose (RyTextLine * lines, RyTextCache * text, const RyHudData * data)
{
  guint i, n = 0;
  gchar number[24];

  for (i = 0; i < MAX_LINES; i++)
    ry_text_line_init (&lines[i], text);

  g_snprintf (number, sizeof (number), "%" G_GUINT64_FORMAT, data->frame);
  ry_text_line_add (&lines[n], text, "frame ");
  ry_text_line_add_number (&lines[n++], text, number);
  if (data->rate > 0)
    add_rate (&lines[n++], text, data->rate);
  if (data->cores > 0)
    add_count (&lines[n++], text, data->cores, " NPU core", " NPU cores");
  add_count (&lines[n++], text, data->objects, " object", " objects");
  if (data->knows_skipped && data->skipped == 0)
    ry_text_line_add (&lines[n++], text, "no skip");
  else if (data->knows_skipped)
    add_count (&lines[n++], text, data->skipped, " skipped", " skipped");
  return n;
}

void
ry_hud_draw (RyHud * self, RyCanvas * canvas, const GstVideoInfo * info,
    RyTextCache * text, const RyHudData * data)
{
  const RyColor black = { 0, 0, 0 }, white = { 255, 255, 255 };
  const RySample board = ry_color_to_sample (black, info);
  const RySample ink = ry_color_to_sample (white, info);
  RyTextLine lines[MAX_LINES];
  const gint x = canvas->clip.x0, y = canvas->clip.y0;
  gint margin, baseline, height = 0;
  RyArea area;
  guint i, n = compose (lines, text, data);

  margin = lines[0].descent + 2;
  for (i = 0; i < n; i++) {
    self->width = MAX (self->width, lines[i].advance);
    height += lines[i].ascent + lines[i].descent;
  }

  area = ry_area (x, y, x + self->width + 2 * margin, y + height + 2 * margin);
  ry_canvas_fill (canvas, &area, NULL, &board, BOARD_ALPHA);

  baseline = y + margin;
  for (i = 0; i < n; i++) {
    baseline += lines[i].ascent;
    ry_text_line_draw (&lines[i], canvas, x + margin, baseline, &ink);
    baseline += lines[i].descent;
  }
  for (i = 0; i < MAX_LINES; i++)
    ry_text_line_clear (&lines[i]);
}
