/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Runs a fuzz target without libFuzzer: over the files that are named, or, when
 * none is, over pseudo-random inputs that are the same every time.  The number
 * of these is in RY_FUZZ_RUNS. */

#include <glib.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput (const uint8_t * data, size_t size);

static int
run_file (const gchar * path)
{
  GError *error = NULL;
  gchar *data;
  gsize size;

  if (!g_file_get_contents (path, &data, &size, &error)) {
    g_printerr ("%s\n", error->message);
    g_error_free (error);
    return 1;
  }
  LLVMFuzzerTestOneInput ((const uint8_t *) data, size);
  g_free (data);
  return 0;
}

static void
run_random (guint runs)
{
  GRand *rand = g_rand_new_with_seed (1);
  guint8 data[512];
  guint i, k;

  for (i = 0; i < runs; i++) {
    guint size = g_rand_int_range (rand, 0, sizeof data);

    for (k = 0; k < size; k++)
      data[k] = g_rand_int (rand);
    LLVMFuzzerTestOneInput (data, size);
  }
  g_rand_free (rand);
}

int
main (int argc, char **argv)
{
  const gchar *runs = g_getenv ("RY_FUZZ_RUNS");
  int i, failed = 0;

  for (i = 1; i < argc; i++)
    failed |= run_file (argv[i]);
  if (argc == 1)
    run_random (runs ? atoi (runs) : 2000);
  return failed;
}
