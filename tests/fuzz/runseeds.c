/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* main() for a fuzz target where there is no libFuzzer: runs the files named
 * on the command line, or else a fixed number of reproducible random inputs. */

#include <glib.h>

#define RANDOM_INPUTS 3000
#define MAX_SIZE 256

int LLVMFuzzerTestOneInput (const guint8 * data, gsize size);

static void
run_random_inputs (void)
{
  guint8 data[MAX_SIZE];
  GRand *random = g_rand_new_with_seed (20);
  guint i, n;

  for (n = 0; n < RANDOM_INPUTS; n++) {
    const guint size = g_rand_int_range (random, 0, MAX_SIZE + 1);

    for (i = 0; i < size; i++)
      data[i] = g_rand_int (random);
    LLVMFuzzerTestOneInput (data, size);
  }
  g_rand_free (random);
}

int
main (int argc, char **argv)
{
  int i;

  for (i = 1; i < argc; i++) {
    gchar *data;
    gsize size;

    if (!g_file_get_contents (argv[i], &data, &size, NULL)) {
      g_printerr ("cannot read %s\n", argv[i]);
      return 1;
    }
    LLVMFuzzerTestOneInput ((const guint8 *) data, size);
    g_free (data);
  }
  if (argc == 1)
    run_random_inputs ();
  return 0;
}
