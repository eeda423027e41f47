/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Numbers out of the bytes of a fuzzer; 0 where these have ended. */

#pragma once

#include <string.h>

#include <glib.h>

typedef struct
{
  const guint8 *at;
  gsize left;
} FuzzInput;

static inline guint8
fuzz_take (FuzzInput * input)
{
  if (input->left == 0)
    return 0;
  input->left--;
  return *input->at++;
}

/* Low byte first. */
static inline guint32
fuzz_take_uint32 (FuzzInput * input)
{
  guint32 value = 0;
  guint i;

  for (i = 0; i < 4; i++)
    value |= (guint32) fuzz_take (input) << (8 * i);
  return value;
}

static inline gfloat
fuzz_take_float (FuzzInput * input)
{
  guint32 bits = fuzz_take_uint32 (input);
  gfloat value;

  memcpy (&value, &bits, sizeof value);
  return value;
}

/* What is left, again and again; it stays left. */
static inline void
fuzz_fill (const FuzzInput * input, guint8 * bytes, gsize n)
{
  gsize done = MIN (n, input->left);

  if (done == 0) {
    if (n > 0)
      memset (bytes, 0, n);
    return;
  }
  memcpy (bytes, input->at, done);
  while (done < n) {
    gsize more = MIN (done, n - done);

    memcpy (bytes + done, bytes, more);
    done += more;
  }
}
