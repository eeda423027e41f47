/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Heaps that give out dma-bufs. */

#include "checks.h"

#include <string.h>

#define AREA "memory"
#define FOLDER "/dev/dma_heap"

/* Memory below 4 GB, by the names that kernels give it. */
static gboolean
is_low (const gchar * heap)
{
  return strstr (heap, "dma32") || strcmp (heap, "cma") == 0
      || strstr (heap, "reserved") || strstr (heap, "linux,cma");
}

static guint64
total_megabytes (const Machine * machine)
{
  g_autofree gchar *text = machine_read (machine, "/proc/meminfo");
  const gchar *line = text ? strstr (text, "MemTotal:") : NULL;

  return line ? g_ascii_strtoull (line + strlen ("MemTotal:"), NULL, 10) / 1024
      : 0;
}

static void
say_low (const Machine * machine, gboolean low, Report * report)
{
  guint64 size = total_megabytes (machine);

  if (low)
    report_add (report, AREA, "heap-low", LEVEL_OK, NULL,
        "There is a heap of memory below 4 GB, which RGA2 needs");
  else if (size > 0 && size <= 4096)
    report_add (report, AREA, "heap-low", LEVEL_OK, NULL,
        "No heap is named for memory below 4 GB, and with %" G_GUINT64_FORMAT
        " MB all memory is", size);
  else
    report_add (report, AREA, "heap-low", LEVEL_WARNING,
        "Use a kernel with the heap system-dma32 (or cma) in " FOLDER "; "
        "meanwhile RGA2 fails with buffers above 4 GB, and RGA3 or the CPU "
        "does its work.", "None of the heaps is one of memory below 4 GB, and "
        "the machine has %" G_GUINT64_FORMAT " MB", size);
}

void
check_memory (const Machine * machine, Known * known, Report * report)
{
  g_autoptr (GPtrArray) heaps = machine_list (machine, FOLDER, "");
  gboolean low = FALSE;

  if (heaps->len == 0) {
    if (known->board)
      report_add (report, AREA, "heap", LEVEL_WARNING,
          "The kernel needs CONFIG_DMABUF_HEAPS and CONFIG_DMABUF_HEAPS_SYSTEM; "
          "in a container pass the folder in (-v " FOLDER ":" FOLDER " with "
          "--device for each of its nodes).",
          FOLDER " is missing or empty: no dma-bufs can be allocated, and "
          "frames are copied");
    return;
  }
  for (guint i = 0; i < heaps->len; i++) {
    const gchar *heap = g_ptr_array_index (heaps, i);
    g_autofree gchar *path = g_build_filename (FOLDER, heap, NULL);

    low = low || is_low (heap);
    check_node (machine, report, AREA, "heap", path, LEVEL_WARNING, NULL);
  }
  if (known->board)
    say_low (machine, low, report);
}
