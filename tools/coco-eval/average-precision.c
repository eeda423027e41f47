/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "average-precision.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "dataset.h"

#define N_THRESHOLDS 10         /* IoU .50, .55 ... .95 */
#define N_RECALLS 101           /* 0, .01 ... 1 */
#define MAX_DETECTIONS 100      /* a class and picture */

enum
{ SIZE_ALL, SIZE_SMALL, SIZE_MEDIUM, SIZE_LARGE, N_SIZES };

/* Square pixels, both ends included. */
static const gdouble areas[N_SIZES][2] = {
  {0.0, 1e10},
  {0.0, 32.0 * 32.0},
  {32.0 * 32.0, 96.0 * 96.0},
  {96.0 * 96.0, 1e10},
};

/* What became of a detection: a bit a threshold. */
typedef struct
{
  gdouble score;
  guint order;
  guint16 taken;                /* an object */
  guint16 ignored;              /* counts neither as right nor as wrong */
} Match;

/* Means that come to be.  One a size and threshold. */
typedef struct
{
  gdouble precision[N_SIZES][N_THRESHOLDS];     /* sums over classes */
  gdouble recall[N_SIZES][N_THRESHOLDS];
  guint n[N_SIZES];             /* classes with objects */
} Sums;

/* A class in one picture; nothing is owned but iou. */
typedef struct
{
  const Truth **truths;
  const Detection **detections; /* best score first */
  guint n_truths, n_detections;
  gdouble *iou;                 /* [detection][truth] */
} Scene;

/* ---- one picture --------------------------------------------------------- */

static gdouble
box_iou (const Detection * d, const Truth * t)
{
  gdouble width = MIN (d->x + d->width, t->x + t->width) - MAX (d->x, t->x);
  gdouble height = MIN (d->y + d->height, t->y + t->height) - MAX (d->y, t->y);
  gdouble overlap, all;

  if (width <= 0.0 || height <= 0.0)
    return 0.0;
  overlap = width * height;
  all = d->width * d->height;
  if (!t->crowd)
    all += t->width * t->height - overlap;
  return overlap / all;
}

static void
scene_compute_iou (Scene * self)
{
  guint d, t;

  self->iou = g_new (gdouble, (gsize) self->n_detections * self->n_truths + 1);
  for (d = 0; d < self->n_detections; d++)
    for (t = 0; t < self->n_truths; t++)
      self->iou[(gsize) d * self->n_truths + t] =
          box_iou (self->detections[d], self->truths[t]);
}

static gboolean
is_outside (gdouble area, guint size)
{
  return area < areas[size][0] || area > areas[size][1];
}

/* The object that detection d takes, -1 if none: of those that count before
 * those that do not, the one that it overlaps most, the later among equals. */
static gint
choose (const Scene * scene, guint d, gdouble threshold,
    const gboolean * ignored, const guint8 * taken)
{
  const gdouble *iou = scene->iou + (gsize) d * scene->n_truths;
  gint best[2] = { -1, -1 };
  guint t;

  for (t = 0; t < scene->n_truths; t++) {
    gint *choice = &best[ignored[t] ? 1 : 0];

    if ((taken[t] && !scene->truths[t]->crowd) || iou[t] < threshold)
      continue;
    if (*choice < 0 || iou[t] >= iou[*choice])
      *choice = t;
  }
  return best[0] >= 0 ? best[0] : best[1];
}

static void
match_at (const Scene * scene, guint size, guint threshold,
    const gboolean * ignored, guint8 * taken, Match * matches)
{
  /* As numpy.linspace (.5, .95, 10) computes them. */
  gdouble iou = threshold == N_THRESHOLDS - 1 ? 0.95
      : 0.5 + threshold * ((0.95 - 0.5) / (N_THRESHOLDS - 1));
  guint16 bit = 1 << threshold;
  guint d;

  memset (taken, 0, scene->n_truths);
  for (d = 0; d < scene->n_detections; d++) {
    const Detection *detection = scene->detections[d];
    gint t = choose (scene, d, iou, ignored, taken);

    if (t >= 0) {
      taken[t] = 1;
      matches[d].taken |= bit;
    }
    if (t >= 0 ? ignored[t]
        : is_outside (detection->width * detection->height, size))
      matches[d].ignored |= bit;
  }
}

/* Appends to matches; returns how many objects count. */
static guint
scene_match (const Scene * self, guint size, GArray * matches)
{
  g_autofree gboolean *ignored = g_new (gboolean, self->n_truths + 1);
  g_autofree guint8 *taken = g_new (guint8, self->n_truths + 1);
  guint first = matches->len, counted = 0, i;

  for (i = 0; i < self->n_truths; i++) {
    ignored[i] = self->truths[i]->crowd
        || is_outside (self->truths[i]->area, size);
    counted += !ignored[i];
  }
  for (i = 0; i < self->n_detections; i++) {
    Match match = {.score = self->detections[i]->score,.order = first + i };

    g_array_append_val (matches, match);
  }
  for (i = 0; i < N_THRESHOLDS; i++)
    match_at (self, size, i, ignored, taken,
        &g_array_index (matches, Match, first));
  return counted;
}

/* ---- one class ----------------------------------------------------------- */

static gint
compare_matches (gconstpointer a, gconstpointer b)
{
  const Match *first = a, *second = b;

  if (first->score != second->score)
    return first->score > second->score ? -1 : 1;
  return (first->order > second->order) - (first->order < second->order);
}

/* Mean of the precision at the recalls.  precision and recall have n entries,
 * recall does not fall. */
static gdouble
mean_precision (gdouble * precision, const gdouble * recall, guint n)
{
  gdouble sum = 0.0;
  guint i, r;

  for (i = n; i > 1; i--)
    precision[i - 2] = MAX (precision[i - 2], precision[i - 1]);
  for (r = i = 0; r < N_RECALLS; r++) {
    gdouble wanted = r == N_RECALLS - 1 ? 1.0 : r * (1.0 / (N_RECALLS - 1));

    while (i < n && recall[i] < wanted)
      i++;
    if (i < n)
      sum += precision[i];
  }
  return sum / N_RECALLS;
}

static void
sum_up (const GArray * matches, guint n_truths, guint size, Sums * sums)
{
  g_autofree gdouble *precision = g_new (gdouble, matches->len + 1);
  g_autofree gdouble *recall = g_new (gdouble, matches->len + 1);
  guint t, i;

  sums->n[size]++;
  for (t = 0; t < N_THRESHOLDS; t++) {
    gdouble right = 0.0, wrong = 0.0;
    guint n = 0;

    for (i = 0; i < matches->len; i++) {
      const Match *match = &g_array_index (matches, Match, i);

      if (match->ignored >> t & 1)
        continue;
      *(match->taken >> t & 1 ? &right : &wrong) += 1.0;
      recall[n] = right / n_truths;
      precision[n] = right / (right + wrong + DBL_EPSILON);
      n++;
    }
    sums->precision[size][t] += mean_precision (precision, recall, n);
    sums->recall[size][t] += n > 0 ? recall[n - 1] : 0.0;
  }
}

static void
measure_class (const GArray * scenes, Sums * sums)
{
  g_autoptr (GArray) matches = g_array_new (FALSE, FALSE, sizeof (Match));
  guint size, i;

  for (size = 0; size < N_SIZES; size++) {
    guint n_truths = 0;

    g_array_set_size (matches, 0);
    for (i = 0; i < scenes->len; i++)
      n_truths +=
          scene_match (&g_array_index (scenes, Scene, i), size, matches);
    if (n_truths == 0)
      continue;
    g_array_sort (matches, compare_matches);
    sum_up (matches, n_truths, size, sums);
  }
}

/* ---- sorting by class and picture ---------------------------------------- */

#define COMPARE(a, b) \
  if ((a) != (b)) \
    return (a) < (b) ? -1 : 1

/* Where the arrays hold them, the order of the elements decides. */
static gint
compare_truths (gconstpointer a, gconstpointer b)
{
  const Truth *first = *(const Truth **) a, *second = *(const Truth **) b;

  COMPARE (first->category, second->category);
  COMPARE (first->image, second->image);
  COMPARE (first, second);
  return 0;
}

static gint
compare_detections (gconstpointer a, gconstpointer b)
{
  const Detection *first = *(const Detection **) a;
  const Detection *second = *(const Detection **) b;

  COMPARE (first->category, second->category);
  COMPARE (first->image, second->image);
  COMPARE (second->score, first->score);
  COMPARE (first, second);
  return 0;
}

static GPtrArray *
sorted_truths (const GArray * truths, GHashTable * images)
{
  GPtrArray *sorted = g_ptr_array_new ();
  guint i;

  for (i = 0; i < truths->len; i++) {
    Truth *truth = &g_array_index (truths, Truth, i);

    if (g_hash_table_contains (images, &truth->image))
      g_ptr_array_add (sorted, truth);
  }
  g_ptr_array_sort (sorted, compare_truths);
  return sorted;
}

static GPtrArray *
sorted_detections (const GArray * detections, GHashTable * images)
{
  GPtrArray *sorted = g_ptr_array_new ();
  guint i;

  for (i = 0; i < detections->len; i++) {
    Detection *detection = &g_array_index (detections, Detection, i);

    if (g_hash_table_contains (images, &detection->image))
      g_ptr_array_add (sorted, detection);
  }
  g_ptr_array_sort (sorted, compare_detections);
  return sorted;
}

typedef struct
{
  GPtrArray *truths, *detections;
  guint t, d;                   /* the first ones not yet looked at */
} Sorted;

static const Truth *
next_truth (const Sorted * self, gint64 category)
{
  const Truth *truth =
      self->t < self->truths->len ? self->truths->pdata[self->t] : NULL;

  return truth != NULL && truth->category == category ? truth : NULL;
}

static const Detection *
next_detection (const Sorted * self, gint64 category)
{
  const Detection *detection = self->d < self->detections->len
      ? self->detections->pdata[self->d] : NULL;

  return detection != NULL && detection->category == category
      ? detection : NULL;
}

/* The next picture with something of this class; FALSE after the last. */
static gboolean
take_scene (Sorted * self, gint64 category, Scene * scene)
{
  const Truth *truth = next_truth (self, category);
  const Detection *detection = next_detection (self, category);
  guint t = self->t, d = self->d;
  gint64 image;

  if (truth == NULL && detection == NULL)
    return FALSE;
  image = truth == NULL || (detection != NULL
      && detection->image < truth->image) ? detection->image : truth->image;
  while ((truth = next_truth (self, category)) && truth->image == image)
    self->t++;
  while ((detection = next_detection (self, category))
      && detection->image == image)
    self->d++;
  scene->truths = (const Truth **) self->truths->pdata + t;
  scene->detections = (const Detection **) self->detections->pdata + d;
  scene->n_truths = self->t - t;
  scene->n_detections = MIN (self->d - d, MAX_DETECTIONS);
  scene_compute_iou (scene);
  return TRUE;
}

static void
skip_to_category (Sorted * self, gint64 category)
{
  while (self->t < self->truths->len
      && ((const Truth *) self->truths->pdata[self->t])->category < category)
    self->t++;
  while (self->d < self->detections->len
      && ((const Detection *) self->detections->pdata[self->d])->category
      < category)
    self->d++;
}

/* ---- all classes --------------------------------------------------------- */

static void
clear_scene (gpointer data)
{
  g_free (((Scene *) data)->iou);
}

static gdouble
mean (const gdouble * values, guint n)
{
  gdouble sum = 0.0;
  guint i;

  for (i = 0; i < n; i++)
    sum += values[i];
  return sum / n;
}

static gdouble
size_ap (const Sums * sums, guint size)
{
  return sums->n[size] > 0
      ? mean (sums->precision[size], N_THRESHOLDS) / sums->n[size] : -1.0;
}

static void
finish (const Sums * sums, AveragePrecision * result)
{
  guint n = sums->n[SIZE_ALL];

  result->ap = size_ap (sums, SIZE_ALL);
  result->ap50 = n > 0 ? sums->precision[SIZE_ALL][0] / n : -1.0;
  result->ap75 = n > 0 ? sums->precision[SIZE_ALL][5] / n : -1.0;
  result->ap_small = size_ap (sums, SIZE_SMALL);
  result->ap_medium = size_ap (sums, SIZE_MEDIUM);
  result->ap_large = size_ap (sums, SIZE_LARGE);
  result->ar100 = n > 0 ? mean (sums->recall[SIZE_ALL], N_THRESHOLDS) / n
      : -1.0;
}

static void
add_sums (Sums * self, const Sums * other)
{
  guint size, t;

  for (size = 0; size < N_SIZES; size++) {
    self->n[size] += other->n[size];
    for (t = 0; t < N_THRESHOLDS; t++) {
      self->precision[size][t] += other->precision[size][t];
      self->recall[size][t] += other->recall[size][t];
    }
  }
}

void
average_precision (const GArray * categories, const GArray * truths,
    const GArray * detections, GHashTable * images, AveragePrecision * result,
    GArray * by_class)
{
  Sorted sorted = { sorted_truths (truths, images),
    sorted_detections (detections, images), 0, 0
  };
  Sums sums = { 0, };
  guint i;

  for (i = 0; i < categories->len; i++) {
    gint64 category = g_array_index (categories, Category, i).id;
    g_autoptr (GArray) scenes = g_array_new (FALSE, TRUE, sizeof (Scene));
    Sums class_sums = { 0, };
    Scene scene = { 0, };
    gdouble ap;

    g_array_set_clear_func (scenes, clear_scene);
    skip_to_category (&sorted, category);
    while (take_scene (&sorted, category, &scene))
      g_array_append_val (scenes, scene);
    measure_class (scenes, &class_sums);
    add_sums (&sums, &class_sums);
    ap = size_ap (&class_sums, SIZE_ALL);
    if (by_class != NULL)
      g_array_append_val (by_class, ap);
  }
  finish (&sums, result);
  g_ptr_array_unref (sorted.truths);
  g_ptr_array_unref (sorted.detections);
}
