/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How long decoding takes: medians over many runs of one thread, on the
 * tensors of a street picture with a bus and four persons.
 *
 *   RKNNYOLO_TESTDATA=... bench-decode [seconds a case]
 */

#include <stdlib.h>
#include <time.h>

#include "headdata.h"

#define MAX_RUNS 100000

static const struct
{
  const gchar *folder;
  const gchar *what;
  guint c2, extra, pad;         /* c2 0: as it is */
} cases[] = {
  {"yolov8n_bus", "yolov8n, 9 outputs, NCHW", 0},
  {"yolov8n_bus", "yolov8n, 9 outputs, NC1HWC2", 16},
  {"yolov8n6_bus", "yolov8n, 6 outputs, NCHW", 0},
  {"yolov8n6_bus", "yolov8n, 6 outputs, NC1HWC2", 16},
  {"yolov8n6_bus", "yolov8n, 6 outputs, c2 = 8", 8},
  {"yolo11n_bus", "yolo11n, 9 outputs, NCHW", 0},
  {"yolo26n_bus", "yolo26n, 6 outputs, NCHW", 0},
  {"yolov5n_bus", "yolov5n, 3 outputs, NCHW", 0},
  {"yolov5n_bus", "yolov5n, 3 outputs, NC1HWC2", 16},
};

static const RyDecodeParams settings[] = {
  {0.25f, 0.45f, 300, FALSE, FALSE, NULL},
  {0.001f, 0.65f, 300, FALSE, FALSE, NULL},
  {0.001f, 0.7f, 300, TRUE, FALSE, NULL},
};

static int
compare (const void *a, const void *b)
{
  gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return x < y ? -1 : x > y;
}

static gint64
now_ns (void)
{
  struct timespec t;

  clock_gettime (CLOCK_MONOTONIC, &t);
  return t.tv_sec * G_GINT64_CONSTANT (1000000000) + t.tv_nsec;
}

static void
measure (const HeadData * data, const gchar * what,
    const RyDecodeParams * params, gdouble seconds)
{
  static gint64 times[MAX_RUNS];
  RyHeadHints hints = { 640, 640 };
  RyDecodeScratch *scratch = ry_decode_scratch_new ();
  RyDecoder *decoder = ry_decoder_new (data->tensors, data->n, &hints, NULL);
  gint64 begin = now_ns (), last = begin;
  guint n = 0, boxes = 0;

  while (n < MAX_RUNS && last - begin < seconds * 1e9) {
    gint64 after;

    ry_decoder_run (decoder, scratch, data->tensors, params, &boxes);
    after = now_ns ();
    times[n++] = after - last;
    last = after;
  }
  qsort (times, n, sizeof times[0], compare);
  g_print ("%-30s conf %-5g iou %-4g %-12s %8.1f us  p95 %8.1f us  %3u boxes\n",
      what, params->confidence_threshold, params->iou_threshold,
      params->multi_label ? "multi-label" : "one label", times[n / 2] / 1e3,
      times[n * 95 / 100] / 1e3, boxes);
  ry_decoder_free (decoder);
  ry_decode_scratch_free (scratch);
}

int
main (int argc, char **argv)
{
  gdouble seconds = argc > 1 ? g_ascii_strtod (argv[1], NULL) : 0.3;
  guint i, j;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    HeadData *data = head_data_load (cases[i].folder);

    if (data == NULL)
      return 77;
    if (cases[i].c2 != 0) {
      HeadData *packed = head_data_repack (data, cases[i].c2, cases[i].extra,
          cases[i].pad, 0);

      head_data_free (data);
      data = packed;
    }
    for (j = 0; j < G_N_ELEMENTS (settings); j++)
      measure (data, cases[i].what, &settings[j], seconds);
    head_data_free (data);
  }
  return 0;
}
