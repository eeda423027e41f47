/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Runs a fuzz target without libFuzzer: over the files that are named, or else
 * over inputs of its own, random and mutated from the target's seeds.
 *
 *   fuzz-TARGET [FILE ...]     FUZZ_RUNS, FUZZ_SEED in the environment
 */

#include "fuzz.h"

#include <string.h>

#define DEFAULT_RUNS 20000
#define MAX_LENGTH 4096

static guint
number_from_environment (const gchar * name, guint otherwise)
{
  const gchar *value = g_getenv (name);

  return value != NULL ? (guint) g_ascii_strtoull (value, NULL, 10) : otherwise;
}

static gsize
fill_random (GRand * rand, guint8 * bytes)
{
  gsize n = g_rand_int_range (rand, 0, MAX_LENGTH), i;

  for (i = 0; i < n; i++)
    bytes[i] = (guint8) g_rand_int (rand);
  return n;
}

/* Overwrites, cuts, repeats and inserts in a seed. */
static gsize
mutate (GRand * rand, const FuzzSeed * seed, guint8 * bytes)
{
  gsize n = MIN (seed->length, MAX_LENGTH);
  gint changes = g_rand_int_range (rand, 0, 8);

  memcpy (bytes, seed->bytes, n);
  while (changes-- > 0 && n > 1) {
    gsize at = g_rand_int_range (rand, 0, n);
    gsize length = g_rand_int_range (rand, 1, 16);

    switch (g_rand_int_range (rand, 0, 5)) {
      case 0:
        bytes[at] = (guint8) g_rand_int (rand);
        break;
      case 1:
        bytes[at] ^= 1 << g_rand_int_range (rand, 0, 8);
        break;
      case 2:
        n = at;
        break;
      case 3:
        length = MIN (length, n - at);
        memmove (bytes + at, bytes + at + length, n - at - length);
        n -= length;
        break;
      default:
        length = MIN (length, MIN (n - at, MAX_LENGTH - n));
        memmove (bytes + at + length, bytes + at, n - at);
        n += length;
        break;
    }
  }
  return n;
}

/* From the heap and of the exact size, so that sanitizers see every overrun. */
static void
run (const guint8 * bytes, gsize n)
{
  guint8 *copy = g_memdup2 (bytes, n);

  LLVMFuzzerTestOneInput (copy, n);
  g_free (copy);
}

int
main (int argc, char **argv)
{
  guint runs = number_from_environment ("FUZZ_RUNS", DEFAULT_RUNS);
  GRand *rand = g_rand_new_with_seed (number_from_environment ("FUZZ_SEED", 1));
  guint8 bytes[MAX_LENGTH];
  gint i;

  for (i = 1; i < argc; i++) {
    gchar *contents;
    gsize length;

    if (g_file_get_contents (argv[i], &contents, &length, NULL)) {
      run ((const guint8 *) contents, length);
      g_free (contents);
    }
  }
  for (i = 0; argc < 2 && i < (gint) runs; i++) {
    gsize n = i % 4 == 0 || fuzz_n_seeds == 0 ? fill_random (rand, bytes)
        : mutate (rand, &fuzz_seeds[i % fuzz_n_seeds], bytes);

    run (bytes, n);
  }
  g_rand_free (rand);
  return 0;
}
