/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* For libFuzzer: writes the target's own seeds into the first folder that is
 * named, which is the corpus. */

#include "fuzz.h"

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  gint i;
  guint k;

  for (i = 1; i < *argc; i++)
    if (g_file_test ((*argv)[i], G_FILE_TEST_IS_DIR))
      break;
  for (k = 0; i < *argc && k < fuzz_n_seeds; k++) {
    gchar *path = g_strdup_printf ("%s/own-%u", (*argv)[i], k);

    if (!g_file_set_contents (path, fuzz_seeds[k].bytes, fuzz_seeds[k].length,
            NULL))
      g_printerr ("%s cannot be written\n", path);
    g_free (path);
  }
  return 0;
}
