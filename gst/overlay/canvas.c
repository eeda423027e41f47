/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "canvas.h"

#include <string.h>

/* A run of samples of one row that a shape covers alike. */
typedef struct
{
  gint begin, end;              /* samples */
  gint pixels;                  /* pixels across that one sample stands for */
  gint outer, inner;            /* how many of them are in outer, in inner */
} RyRun;

/* The edges of outer and inner each cut a row before and after the sample
 * they fall into. */
#define MAX_RUNS 8

gboolean
ry_canvas_supports (const GstVideoFormatInfo * finfo)
{
  guint c;

  if (GST_VIDEO_FORMAT_INFO_IS_COMPLEX (finfo)
      || GST_VIDEO_FORMAT_INFO_IS_TILED (finfo)
      || GST_VIDEO_FORMAT_INFO_HAS_PALETTE (finfo))
    return FALSE;
  for (c = 0; c < GST_VIDEO_FORMAT_INFO_N_COMPONENTS (finfo); c++) {
    if (GST_VIDEO_FORMAT_INFO_DEPTH (finfo, c) != 8
        || GST_VIDEO_FORMAT_INFO_SHIFT (finfo, c) != 0)
      return FALSE;
  }
  return GST_VIDEO_FORMAT_INFO_N_COMPONENTS (finfo) > 0;
}

void
ry_canvas_init (RyCanvas * self, GstVideoFrame * frame)
{
  guint c;

  self->n_components = GST_VIDEO_FRAME_N_COMPONENTS (frame);
  for (c = 0; c < self->n_components; c++) {
    RyComponent *component = &self->component[c];

    component->data = GST_VIDEO_FRAME_COMP_DATA (frame, c);
    component->stride = GST_VIDEO_FRAME_COMP_STRIDE (frame, c);
    component->step = GST_VIDEO_FRAME_COMP_PSTRIDE (frame, c);
    component->w_sub = GST_VIDEO_FORMAT_INFO_W_SUB (frame->info.finfo, c);
    component->h_sub = GST_VIDEO_FORMAT_INFO_H_SUB (frame->info.finfo, c);
  }
  self->width = GST_VIDEO_FRAME_WIDTH (frame);
  self->height = GST_VIDEO_FRAME_HEIGHT (frame);
  self->clip = ry_area (0, 0, self->width, self->height);
}

void
ry_canvas_set_clip (RyCanvas * self, const RyArea * clip)
{
  const RyArea frame = { 0, 0, self->width, self->height };

  self->clip = ry_area_intersect (clip, &frame);
}

gboolean
ry_area_is_empty (const RyArea * self)
{
  return self->x0 >= self->x1 || self->y0 >= self->y1;
}

RyArea
ry_area_intersect (const RyArea * a, const RyArea * b)
{
  return ry_area (MAX (a->x0, b->x0), MAX (a->y0, b->y0),
      MIN (a->x1, b->x1), MIN (a->y1, b->y1));
}

/* (a * (255 - w) + b * w) / 255, rounded; exact for all 8-bit arguments. */
static inline guint8
mix (guint a, guint b, guint w)
{
  guint t = a * (255 - w) + b * w + 128;

  return (t + (t >> 8)) >> 8;
}

static void
paint_run (guint8 * data, gint n, gint step, guint8 value, guint weight)
{
  gint i;

  /* The upright lines of a box are runs of a few bytes, for which a call costs
   * more than the bytes do. */
  if (weight == 255 && step == 1 && n > 8) {
    memset (data, value, n);
  } else if (weight == 255) {
    for (i = 0; i < n; i++, data += step)
      *data = value;
  } else if (weight > 0) {
    for (i = 0; i < n; i++, data += step)
      *data = mix (*data, value, weight);
  }
}

static inline gint
overlap (gint a0, gint a1, gint b0, gint b1)
{
  return MAX (MIN (a1, b1) - MAX (a0, b0), 0);
}

/* Cuts the samples under outer into runs, in one dimension; outer, inner and
 * size (the frame's) are in pixels. */
static guint
find_runs (RyRun * runs, guint sub, gint size, gint outer0, gint outer1,
    gint inner0, gint inner1)
{
  const gint end = ((outer1 - 1) >> sub) + 1;
  const gint cuts[] = {
    (outer0 >> sub) + 1, inner0 >> sub, (inner0 >> sub) + 1,
    inner1 >> sub, (inner1 >> sub) + 1, (outer1 - 1) >> sub, end
  };
  gint begin = outer0 >> sub;
  guint i, n = 0;

  while (begin < end) {
    RyRun *run = &runs[n++];
    gint p0 = begin << sub, p1 = MIN ((begin + 1) << sub, size);

    run->begin = begin;
    run->end = end;
    for (i = 0; i < G_N_ELEMENTS (cuts); i++) {
      if (cuts[i] > begin && cuts[i] < run->end)
        run->end = cuts[i];
    }
    run->pixels = p1 - p0;
    run->outer = overlap (p0, p1, outer0, outer1);
    run->inner = overlap (p0, p1, inner0, inner1);
    begin = run->end;
  }
  return n;
}

static void
fill_rows (const RyComponent * component, const RyRun * rows,
    const RyRun * columns, guint n_columns, guint8 value, guint alpha)
{
  const gint area = rows->pixels;
  guint c;
  gint y;

  for (c = 0; c < n_columns; c++) {
    const RyRun *run = &columns[c];
    gint covered = run->outer * rows->outer - run->inner * rows->inner;
    guint weight = (alpha * covered + area * run->pixels / 2)
        / (area * run->pixels);
    guint8 *data = component->data + (gssize) run->begin * component->step
        + (gssize) rows->begin * component->stride;

    if (weight == 0)
      continue;
    for (y = rows->begin; y < rows->end; y++, data += component->stride)
      paint_run (data, run->end - run->begin, component->step, value, weight);
  }
}

void
ry_canvas_fill (RyCanvas * self, const RyArea * outer, const RyArea * inner,
    const RySample * color, guint8 alpha)
{
  RyArea out = ry_area_intersect (outer, &self->clip);
  RyArea in = { 0, 0, 0, 0 };
  RyRun rows[MAX_RUNS], columns[MAX_RUNS];
  guint c, r, n_rows, n_columns;

  if (ry_area_is_empty (&out))
    return;
  if (inner != NULL) {
    in = ry_area_intersect (inner, &out);
    if (ry_area_is_empty (&in))
      in = ry_area (0, 0, 0, 0);
  }

  for (c = 0; c < self->n_components; c++) {
    const RyComponent *component = &self->component[c];

    n_rows = find_runs (rows, component->h_sub, self->height,
        out.y0, out.y1, in.y0, in.y1);
    n_columns = find_runs (columns, component->w_sub, self->width,
        out.x0, out.x1, in.x0, in.x1);
    for (r = 0; r < n_rows; r++)
      fill_rows (component, &rows[r], columns, n_columns, color->value[c],
          alpha);
  }
}

/* Samples that are looked at together.  Masks consist of long runs that are
 * empty or not, and loops of a known length become vectors. */
#define LANES 16

static inline gboolean
is_empty (const guint8 * weight)
{
  guint64 half[LANES / 8];

  memcpy (half, weight, sizeof (half));
  return (half[0] | half[1]) == 0;
}

/* mix () with products in 16 bits, where they fit: 255 * 255 + 128 does. */
static inline void
blend_lanes (guint8 * restrict data, const guint8 * restrict weight,
    guint8 value)
{
  gint i;

  for (i = 0; i < LANES; i++) {
    guint16 t = data[i] * (255 - weight[i]) + value * weight[i] + 128;

    data[i] = (guint16) (t + (t >> 8)) >> 8;
  }
}

static void
blend_row (guint8 * data, gint step, const guint8 * weight, gint n,
    guint8 value)
{
  gint x, i;

  for (x = 0; x + LANES <= n; x += LANES) {
    guint8 *at = data + (gssize) x * step;

    if (is_empty (weight + x))
      continue;
    if (step == 1) {
      blend_lanes (at, weight + x, value);
    } else {
      for (i = 0; i < LANES; i++, at += step)
        *at = mix (*at, value, weight[x + i]);
    }
  }
  for (data += (gssize) x * step; x < n; x++, data += step) {
    if (weight[x] != 0)
      *data = mix (*data, value, weight[x]);
  }
}

static void
blend_mask_full (const RyComponent * component, const RyArea * area,
    const RyCoverage * mask, gint mask_x, gint mask_y, guint8 value)
{
  gint y;

  for (y = area->y0; y < area->y1; y++)
    blend_row (component->data + (gssize) y * component->stride
        + (gssize) area->x0 * component->step, component->step,
        mask->data + (gssize) (y - mask_y) * mask->stride
        + (area->x0 - mask_x), area->x1 - area->x0, value);
}

/* The sum of the mask under one sample; pixels outside area do not count. */
static inline guint
sum_mask (const RyArea * area, const RyCoverage * mask, gint mask_x,
    gint mask_y, gint px0, gint px1, gint py0, gint py1)
{
  guint sum = 0;
  gint x, y;

  px0 = MAX (px0, area->x0) - mask_x;
  px1 = MIN (px1, area->x1) - mask_x;
  py0 = MAX (py0, area->y0) - mask_y;
  py1 = MIN (py1, area->y1) - mask_y;
  for (y = py0; y < py1; y++) {
    const guint8 *row = mask->data + (gssize) y * mask->stride;

    for (x = px0; x < px1; x++)
      sum += row[x];
  }
  return sum;
}

/* One sample, the pixels of which are px0 <= x < px1, py0 <= y < py1. */
static inline void
blend_sample (const RyArea * area, const RyCoverage * mask, gint mask_x,
    gint mask_y, gint px0, gint px1, gint py0, gint py1, guint8 * data,
    guint8 value)
{
  const guint n = (px1 - px0) * (py1 - py0);
  guint sum = sum_mask (area, mask, mask_x, mask_y, px0, px1, py0, py1);

  if (sum != 0)
    *data = mix (*data, value, (sum + n / 2) / n);
}

/* n samples of two pixels by two, or two by one where both rows are the same. */
static void
blend_squares (const guint8 * upper, const guint8 * lower, guint8 * data,
    gint step, gint n, guint8 value)
{
  guint8 weight[8 * LANES];
  gint done, i;

  for (done = 0; done < n; done += sizeof (weight)) {
    const guint8 *a = upper + 2 * done, *b = lower + 2 * done;
    gint count = MIN (n - done, (gint) sizeof (weight));

    for (i = 0; i < count; i++)
      weight[i] = (a[2 * i] + a[2 * i + 1] + b[2 * i] + b[2 * i + 1] + 2) >> 2;
    blend_row (data + (gssize) done * step, step, weight, count, value);
  }
}

/* One row of samples: of rows y that begin at pixel py0 and end before py1. */
static void
blend_mask_row (const RyCanvas * self, const RyComponent * component,
    const RyArea * area, const RyCoverage * mask, gint mask_x, gint mask_y,
    gint py0, gint py1, guint8 * data, guint8 value)
{
  const guint ws = component->w_sub;
  const gint begin = area->x0 >> ws, end = ((area->x1 - 1) >> ws) + 1;
  /* In NV12, I420 and YUY2 samples that lie under the mask as a whole need no
   * bounds. */
  const gboolean square = ws == 1 && py1 - py0 <= 2 && py0 >= area->y0
      && py1 <= area->y1;
  const gint first = (area->x0 + 1) >> 1, last = area->x1 >> 1;
  gint x = begin;

  while (x < end) {
    guint8 *at = data + (gssize) (x - begin) * component->step;

    if (square && x == first && first < last) {
      const guint8 *upper = mask->data + (gssize) (py0 - mask_y) * mask->stride
          + ((first << 1) - mask_x);

      blend_squares (upper, upper + (gssize) (py1 - 1 - py0) * mask->stride,
          at, component->step, last - first, value);
      x = last;
    } else {
      blend_sample (area, mask, mask_x, mask_y, x << ws,
          MIN ((x + 1) << ws, self->width), py0, py1, at, value);
      x++;
    }
  }
}

static void
blend_mask_subsampled (const RyCanvas * self, const RyComponent * component,
    const RyArea * area, const RyCoverage * mask, gint mask_x, gint mask_y,
    guint8 value)
{
  const guint ws = component->w_sub, hs = component->h_sub;
  gint y;

  for (y = area->y0 >> hs; y <= (area->y1 - 1) >> hs; y++)
    blend_mask_row (self, component, area, mask, mask_x, mask_y, y << hs,
        MIN ((y + 1) << hs, self->height),
        component->data + (gssize) y * component->stride
        + (gssize) (area->x0 >> ws) * component->step, value);
}

void
ry_canvas_blend_mask (RyCanvas * self, gint x, gint y, const RyCoverage * mask,
    const RySample * color)
{
  RyArea area = { x, y, x + mask->width, y + mask->height };
  guint c;

  area = ry_area_intersect (&area, &self->clip);
  if (ry_area_is_empty (&area))
    return;

  for (c = 0; c < self->n_components; c++) {
    const RyComponent *component = &self->component[c];

    if (component->w_sub == 0 && component->h_sub == 0)
      blend_mask_full (component, &area, mask, x, y, color->value[c]);
    else
      blend_mask_subsampled (self, component, &area, mask, x, y,
          color->value[c]);
  }
}
