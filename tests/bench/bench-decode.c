/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How long decoding takes: medians over many runs of one thread, on the
 * tensors of a street picture with a bus and four persons, and on those of a
 * crowded one where crowded.py has made them; and how many instructions, where
 * the system lets programs count them (count-instructions.sh does so anywhere).
 *
 *   RKNNYOLO_TESTDATA=... bench-decode [seconds a case [part of its name]]
 *
 * Beside each case: what rknn_model_zoo's C++ takes for the same tensors (g++
 * -O2, AMD Zen 5), which is what to compare with on such a machine only, and
 * this project's own goal there.  The last column is the median by that of the
 * case before, which is the same tensors in planes (NCHW). */

#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "decodecases.h"

#define MAX_RUNS 100000

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

/* A counter of this thread's instructions outside the kernel, or -1. */
static int
open_counter (void)
{
  struct perf_event_attr attributes = { 0 };

  attributes.type = PERF_TYPE_HARDWARE;
  attributes.size = sizeof attributes;
  attributes.config = PERF_COUNT_HW_INSTRUCTIONS;
  attributes.exclude_kernel = 1;
  attributes.exclude_hv = 1;
  return (int) syscall (SYS_perf_event_open, &attributes, 0, -1, -1, 0);
}

/* Thousands of instructions of one run; 0 if nobody counts, as in many virtual
 * machines. */
static gdouble
count_instructions (RyDecoder * decoder, RyDecodeScratch * scratch,
    const HeadData * data, const RyDecodeParams * params)
{
  guint64 count = 0;
  guint runs = 10, boxes, i;
  int counter = open_counter ();

  if (counter < 0)
    return 0;
  ioctl (counter, PERF_EVENT_IOC_RESET, 0);
  for (i = 0; i < runs; i++)
    ry_decoder_run (decoder, scratch, data->tensors, params, &boxes);
  if (read (counter, &count, sizeof count) != sizeof count)
    count = 0;
  close (counter);
  return count / 1e3 / runs;
}

/* Median in microseconds. */
static gdouble
measure (const HeadData * data, const gchar * layout, guint index,
    gdouble seconds, gdouble before)
{
  static gint64 times[MAX_RUNS];
  const RyDecodeParams *params = decode_cases[index].params;
  RyHeadHints hints = { 640, 640 };
  RyDecodeScratch *scratch = ry_decode_scratch_new ();
  RyDecoder *decoder = ry_decoder_new (data->tensors, data->n, &hints, NULL);
  gint64 begin = now_ns (), last = begin;
  guint n = 0, boxes = 0;
  gdouble median;

  while (n < MAX_RUNS && last - begin < seconds * 1e9) {
    gint64 after;

    ry_decoder_run (decoder, scratch, data->tensors, params, &boxes);
    after = now_ns ();
    times[n++] = after - last;
    last = after;
  }
  qsort (times, n, sizeof times[0], compare);
  median = times[n / 2] / 1e3;
  g_print ("%-37s %-7s %7.1f us  least %7.1f  p95 %7.1f  %7.1fk instr  "
      "%3u boxes", decode_cases[index].what, layout, median, times[0] / 1e3,
      times[n * 95 / 100] / 1e3, count_instructions (decoder, scratch, data,
          params), boxes);
  if (before > 0)
    g_print ("  x %.2f\n", median / before);
  else if (decode_cases[index].goal > 0)
    g_print ("  zoo %g, goal %g\n", decode_cases[index].zoo,
        decode_cases[index].goal);
  else
    g_print ("\n");
  ry_decoder_free (decoder);
  ry_decode_scratch_free (scratch);
  return median;
}

int
main (int argc, char **argv)
{
  gdouble seconds = argc > 1 ? g_ascii_strtod (argv[1], NULL) : 0.3;
  guint n = 0, i;

  for (i = 0; i < n_decode_cases; i++) {
    HeadData *planes, *groups;
    gdouble median;

    if (argc > 2 && strstr (decode_cases[i].what, argv[2]) == NULL)
      continue;
    planes = head_data_load (decode_cases[i].folder);
    if (planes == NULL)
      continue;
    n++;
    groups = head_data_repack (planes, 16, 0, 0, 0);
    median = measure (planes, "NCHW", i, seconds, 0);
    measure (groups, "NC1HWC2", i, seconds, median);
    head_data_free (groups);
    head_data_free (planes);
  }
  return n > 0 ? 0 : 77;
}
