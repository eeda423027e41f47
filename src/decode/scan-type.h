/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The loops of scan.c for one type of element, included once for each:
 *
 *   SUFFIX   of the function names
 *   ELEMENT  type in memory
 *   ORDER    type that is compared
 *   KEY(e)   element to ORDER
 *   MASK     integer as wide as ORDER, so that comparisons need no widening
 *   LOWEST, HIGHEST  values of ORDER with none below, above
 *   IS_NUMBER(key)
 *
 * They are plain loops that compilers vectorise (checked with gcc 12 -O3 for
 * x86-64 and aarch64); no early exits inside for that reason. */

#define JOIN2(a, b) a ## _ ## b
#define JOIN(a, b) JOIN2 (a, b)
#define FN(name) JOIN (name, SUFFIX)
#define STRETCH 256             /* elements that are looked at at once */
/* ... with so many different limits: four vectors of 16 bytes. */
#define PATTERN (64 / sizeof (ORDER))

/* Is any of n neighbours above limit? */
static inline gboolean
FN (any_key) (const ORDER * keys, gsize n, ORDER limit)
{
  MASK hit = 0;
  gsize i;

  for (i = 0; i < n; i++)
    hit |= keys[i] > limit ? -1 : 0;
  return hit != 0;
}

static inline gboolean
FN (any) (const ELEMENT * elements, gsize n, ORDER limit)
{
  MASK hit = 0;
  gsize i;

  for (i = 0; i < n; i++)
    hit |= KEY (elements[i]) > limit ? -1 : 0;
  return hit != 0;
}

/* The same of n * PATTERN neighbours with a limit for each, which come again
 * and again. */
static inline gboolean
FN (any_of) (const ELEMENT * elements, gsize n, const ORDER * limits)
{
  MASK hits[PATTERN] = { 0 }, hit = 0;
  gsize i;
  guint k;

  for (i = 0; i < n; i++)
    for (k = 0; k < PATTERN; k++)
      hits[k] |= KEY (elements[i * PATTERN + k]) > limits[k] ? -1 : 0;
  for (k = 0; k < PATTERN; k++)
    hit |= hits[k];
  return hit != 0;
}

/* keys[i] = the greatest of elements[i + k * plane], k = 0 .. n_planes - 1.
 * Four planes at a time save three of four passes over keys.  What is kept is
 * never a NaN, so a NaN hides nothing. */
static void
FN (fold_planes) (ORDER * restrict keys, const ELEMENT * restrict elements,
    gsize n, gsize plane, guint n_planes)
{
  guint k = 1;
  gsize i;

  for (i = 0; i < n; i++)
    keys[i] = KEY (elements[i]) > LOWEST ? KEY (elements[i]) : LOWEST;
  for (; k + 4 <= n_planes; k += 4) {
    const ELEMENT *a = elements + k * plane;
    const ELEMENT *b = a + plane, *c = b + plane, *d = c + plane;

    for (i = 0; i < n; i++) {
      ORDER most = keys[i];

      most = KEY (a[i]) > most ? KEY (a[i]) : most;
      most = KEY (b[i]) > most ? KEY (b[i]) : most;
      most = KEY (c[i]) > most ? KEY (c[i]) : most;
      keys[i] = KEY (d[i]) > most ? KEY (d[i]) : most;
    }
  }
  for (; k < n_planes; k++) {
    const ELEMENT *a = elements + k * plane;

    for (i = 0; i < n; i++)
      keys[i] = KEY (a[i]) > keys[i] ? KEY (a[i]) : keys[i];
  }
}

/* Flags n cells that are step elements apart. */
static inline gboolean
FN (flag_cells) (const ELEMENT * elements, guint n, gsize step, ORDER limit,
    guint8 * restrict flags)
{
  guint8 found = 0;
  guint i;

  for (i = 0; i < n; i++) {
    guint8 hit = KEY (elements[i * step]) > limit;

    flags[i] |= hit;
    found |= hit;
  }
  return found;
}

/* Flags cells of lanes neighbours each.  Most stretches of a picture hold
 * nothing, so they are looked at as a whole first.  Returns whether there was
 * anything. */
static gboolean
FN (flag_keys) (const ORDER * keys, guint n_cells, guint lanes, ORDER limit,
    guint8 * restrict flags)
{
  guint stretch = MAX (1, STRETCH / lanes);
  gboolean found = FALSE;
  guint at, i;

  for (at = 0; at < n_cells; at += stretch) {
    guint n = MIN (stretch, n_cells - at);
    const ORDER *begin = keys + (gsize) at * lanes;

    if (!FN (any_key) (begin, (gsize) n * lanes, limit))
      continue;
    found = TRUE;
    for (i = 0; lanes == 1 && i < n; i++)
      flags[at + i] |= begin[i] > limit;
    for (i = 0; lanes > 1 && i < n; i++)
      flags[at + i] |= FN (any_key) (begin + (gsize) i * lanes, lanes, limit);
  }
  return found;
}

/* The same for lanes first .. first + n - 1 of every c2 elements.  Where cells
 * fill the pattern evenly, whole stretches are compared with limits that the
 * other lanes never exceed. */
static gboolean
FN (flag_lanes) (const ELEMENT * elements, guint n_cells, guint c2,
    guint first, guint n, ORDER limit, guint8 * restrict flags)
{
  gboolean even = c2 <= PATTERN && PATTERN % c2 == 0;
  guint stretch = even ? 2 * STRETCH / c2 : n_cells;
  ORDER limits[PATTERN];
  gboolean found = FALSE;
  guint at, i;

  for (i = 0; even && i < c2; i++)
    limits[i] = i - first < n ? limit : HIGHEST;
  for (i = c2; even && i < PATTERN; i *= 2)
    memcpy (limits + i, limits, i * sizeof limits[0]);
  for (at = 0; at < n_cells; at += stretch) {
    guint here = MIN (stretch, n_cells - at);
    const ELEMENT *begin = elements + (gsize) at * c2;

    if (here == stretch && even
        && !FN (any_of) (begin, (gsize) here * c2 / PATTERN, limits))
      continue;
    if (n == 1) {
      found |= FN (flag_cells) (begin + first, here, c2, limit, flags + at);
      continue;
    }
    for (i = 0; i < here; i++) {
      gboolean hit = FN (any) (begin + (gsize) i * c2 + first, n, limit);

      flags[at + i] |= hit;
      found |= hit;
    }
  }
  return found;
}

/* One block of n_cells cells that lie side by side, the first one's channel 0
 * at elements.  keys has room for the elements of a block. */
static gboolean
FN (scan_block) (const RyMap * map, const ELEMENT * elements, guint n_cells,
    guint first, guint n, ORDER limit, ORDER * keys, guint8 * flags)
{
  guint c2 = map->c2;
  guint begin = map->first + first, end = begin + n;
  gboolean found = FALSE;

  /* Groups that are wanted only in part have lanes of other channels, or of
   * none at all, whose contents mean nothing. */
  if (begin % c2 != 0) {
    guint stop = MIN (end, begin - begin % c2 + c2);

    found |= FN (flag_lanes) (elements + (begin / c2) * map->plane, n_cells,
        c2, begin % c2, stop - begin, limit, flags);
    begin = stop;
  }
  if (end - begin >= c2) {
    guint groups = (end - begin) / c2;

    FN (fold_planes) (keys, elements + (begin / c2) * map->plane,
        (gsize) n_cells * c2, map->plane, groups);
    found |= FN (flag_keys) (keys, n_cells, c2, limit, flags);
    begin += groups * c2;
  }
  if (begin < end)
    found |= FN (flag_lanes) (elements + (begin / c2) * map->plane, n_cells,
        c2, 0, end - begin, limit, flags);
  return found;
}

static guint
FN (best) (const ELEMENT * elements, const guint32 * offset, guint n)
{
  guint best = G_MAXUINT, c;
  ORDER most = LOWEST;

  for (c = 0; c < n; c++) {
    ORDER key = KEY (elements[offset[c]]);

    if (IS_NUMBER (key) && (key > most || best == G_MAXUINT)) {
      most = key;
      best = c;
    }
  }
  return best;
}

#undef JOIN2
#undef JOIN
#undef FN
#undef STRETCH
#undef PATTERN
#undef SUFFIX
#undef ELEMENT
#undef ORDER
#undef MASK
#undef KEY
#undef LOWEST
#undef HIGHEST
#undef IS_NUMBER
