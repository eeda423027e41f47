/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "decode/candidates.h"

#include <string.h>

#define RADIX_BITS 11
#define RADIX_SIZE (1 << RADIX_BITS)
#define FEW 48                  /* below, insertion is faster */

void
ry_candidates_init (RyCandidates * self)
{
  memset (self, 0, sizeof *self);
}

void
ry_candidates_clear (RyCandidates * self)
{
  g_free (self->items);
  g_free (self->keys);
  g_free (self->keys_too);
  g_free (self->sorted);
  memset (self, 0, sizeof *self);
}

void
ry_candidates_reset (RyCandidates * self)
{
  self->n = 0;
  self->full = FALSE;
}

void
ry_candidates_add (RyCandidates * self, gfloat score, guint level, guint cell,
    guint class_id)
{
  RyCandidate *item;

  if (self->full && !(score > self->floor))
    return;
  if (self->n == 2 * RY_MAX_CANDIDATES) {
    /* Whoever is not among the best of these will not be later. */
    ry_candidates_sort (self);
    self->full = TRUE;
    self->floor = self->items[self->n - 1].score;
    if (!(score > self->floor))
      return;
  }
  if (self->n == self->size) {
    self->size = MAX (256, 2 * self->size);
    self->items = g_renew (RyCandidate, self->items, self->size);
  }
  item = &self->items[self->n++];
  item->score = score;
  item->level = (guint16) level;
  item->cell = cell;
  item->class_id = (guint16) class_id;
}

/* Falling scores give rising keys; the index below makes equal scores keep
 * their order. */
static guint64
make_key (gfloat score, guint index)
{
  guint32 bits;

  memcpy (&bits, &score, sizeof bits);
  bits ^= bits & 0x80000000 ? 0xffffffff : 0x80000000;  /* order of floats */
  return (guint64) ~bits << 32 | index;
}

static void
insertion_sort (guint64 * keys, guint n)
{
  guint i, j;

  for (i = 1; i < n; i++) {
    guint64 key = keys[i];

    for (j = i; j > 0 && keys[j - 1] > key; j--)
      keys[j] = keys[j - 1];
    keys[j] = key;
  }
}

/* One pass of a stable counting sort by RADIX_BITS bits. */
static void
radix_pass (const guint64 * from, guint64 * to, guint n, guint shift)
{
  guint count[RADIX_SIZE] = { 0 };
  guint sum = 0, i;

  for (i = 0; i < n; i++)
    count[(from[i] >> shift) & (RADIX_SIZE - 1)]++;
  for (i = 0; i < RADIX_SIZE; i++) {
    guint here = count[i];

    count[i] = sum;
    sum += here;
  }
  for (i = 0; i < n; i++)
    to[count[(from[i] >> shift) & (RADIX_SIZE - 1)]++] = from[i];
}

/* Sorts keys by their upper 32 bits; the lower are in order already.  qsort
 * would allocate, and takes several times as long for thousands. */
static const guint64 *
sort_keys (RyCandidates * self)
{
  if (self->n < FEW) {
    insertion_sort (self->keys, self->n);
    return self->keys;
  }
  radix_pass (self->keys, self->keys_too, self->n, 32);
  radix_pass (self->keys_too, self->keys, self->n, 32 + RADIX_BITS);
  radix_pass (self->keys, self->keys_too, self->n, 32 + 2 * RADIX_BITS);
  return self->keys_too;
}

void
ry_candidates_sort (RyCandidates * self)
{
  const guint64 *keys;
  RyCandidate *swap;
  guint i;

  if (self->sort_size < self->size) {
    self->sort_size = self->size;
    self->keys = g_renew (guint64, self->keys, self->size);
    self->keys_too = g_renew (guint64, self->keys_too, self->size);
    self->sorted = g_renew (RyCandidate, self->sorted, self->size);
  }
  for (i = 0; i < self->n; i++)
    self->keys[i] = make_key (self->items[i].score, i);
  keys = sort_keys (self);
  self->n = MIN (self->n, RY_MAX_CANDIDATES);
  for (i = 0; i < self->n; i++)
    self->sorted[i] = self->items[(guint32) keys[i]];
  swap = self->items;
  self->items = self->sorted;
  self->sorted = swap;
  self->size = self->sort_size;
}
