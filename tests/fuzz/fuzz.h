/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A fuzz target: one file with these three, linked with fuzz-main.c, or with
 * fuzz-seeds.c and libFuzzer. */

#pragma once

#include <stdint.h>

#include <glib.h>

typedef struct
{
  const gchar *bytes;
  gsize length;
} FuzzSeed;

#define FUZZ_SEED(text) { text, sizeof (text) - 1 }

extern const FuzzSeed fuzz_seeds[];
extern const guint fuzz_n_seeds;

int LLVMFuzzerTestOneInput (const uint8_t * data, size_t size);

/* Called by libFuzzer first; in fuzz-seeds.c. */
int LLVMFuzzerInitialize (int *argc, char ***argv);
