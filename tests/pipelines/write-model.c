/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Prints the path of a new small model that finds a cat and a dog in the same
 * place in every frame: write-model. */

#include <stdlib.h>

#include "testmodel.h"

int
main (int argc, char **argv)
{
  static const gchar *const names[] = { "cat", "dog", NULL };
  static const TestBox boxes[] = {
    {0, 0.9f, 16, 16, 32, 32},
    {1, 0.6f, 40, 20, 56, 48},
  };

  if (!test_model_can_run ())
    return EXIT_FAILURE;
  g_print ("%s\n", test_model_write (boxes, G_N_ELEMENTS (boxes), 2, names));
  return EXIT_SUCCESS;
}
