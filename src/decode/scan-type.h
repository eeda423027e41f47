/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The loops of scan.c for one type of element, included once for each:
 *
 *   SUFFIX   of the function names
 *   ELEMENT  type in memory
 *   ORDER    type that is compared
 *   KEY(e)   element to ORDER
 *   KEYS(v)  the same of vectors, whose elements are ORDER by type only
 *   MASK     integer as wide as ORDER, so that comparisons need no widening
 *   LOWEST, HIGHEST  values of ORDER with none below, above
 *   IS_NUMBER(key)
 *
 * But for any_of they are plain loops that compilers vectorise (checked with
 * gcc 12 -O3 for x86-64 and aarch64); no early exits inside for that reason. */

#define JOIN2(a, b) a ## _ ## b
#define JOIN(a, b) JOIN2 (a, b)
#define FN(name) JOIN (name, SUFFIX)
#define STRETCH 256             /* elements that are looked at at once */
#define LANES_STRETCH 1024      /* ... if most are of no interest */
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

typedef ORDER FN (Vector) __attribute__ ((vector_size (16)));
typedef MASK FN (Hits) __attribute__ ((vector_size (16)));

static inline FN (Hits)
FN (beyond) (const ELEMENT * elements, const ORDER * limits)
{
  FN (Vector) vector, limit;

  memcpy (&vector, elements, sizeof vector);
  memcpy (&limit, limits, sizeof limit);
  return KEYS (vector) > limit;
}

/* The same of n * PATTERN neighbours with a limit for each, which come again
 * and again.  As vectors, because what compilers make of a loop over so few
 * elements takes longer at its end than for the elements. */
static inline gboolean
FN (any_of) (const ELEMENT * elements, gsize n, const ORDER limits[PATTERN])
{
  FN (Hits) a = { 0 }, b = a, c = a, d = a;
  const gsize lanes = PATTERN / 4;
  guint64 hits[2];
  gsize i;

  for (i = 0; i < n; i++, elements += PATTERN) {
    a |= FN (beyond) (elements, limits);
    b |= FN (beyond) (elements + lanes, limits + lanes);
    c |= FN (beyond) (elements + 2 * lanes, limits + 2 * lanes);
    d |= FN (beyond) (elements + 3 * lanes, limits + 3 * lanes);
  }
  a |= b | c | d;
  memcpy (hits, &a, sizeof hits);
  return (hits[0] | hits[1]) != 0;
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

/* The same for n lanes, from the first element on, of every c2 elements. */
static inline gboolean
FN (flag_each) (const ELEMENT * elements, guint n_cells, guint c2, guint n,
    ORDER limit, guint8 * restrict flags)
{
  gboolean found = FALSE;
  guint i;

  for (i = 0; i < n_cells; i++, elements += c2) {
    gboolean hit = n == 1 ? KEY (*elements) > limit
        : FN (any) (elements, n, limit);

    flags[i] |= hit;
    found |= hit;
  }
  return found;
}

/* For limits of lanes first .. first + n - 1 that others never exceed. */
static void
FN (fill_limits) (ORDER limits[PATTERN], guint c2, guint first, guint n,
    ORDER limit)
{
  guint i;

  for (i = 0; i < c2; i++)
    limits[i] = i - first < n ? limit : HIGHEST;
  for (i = c2; i < PATTERN; i *= 2)
    memcpy (limits + i, limits, i * sizeof limits[0]);
}

/* The same for lanes first .. first + n - 1.  Where cells fill the pattern
 * evenly, whole stretches are compared, and of those that hold something the
 * patterns, before any cell is. */
static gboolean
FN (flag_lanes) (const ELEMENT * elements, guint n_cells, guint c2,
    guint first, guint n, ORDER limit, guint8 * restrict flags)
{
  guint cells = c2 <= PATTERN && PATTERN % c2 == 0 ? PATTERN / c2 : 0;
  guint patterns = cells > 0 ? n_cells / cells : 0;
  guint rest = patterns * cells, at, i;
  ORDER limits[PATTERN];
  gboolean found = FALSE;

  if (patterns > 0)
    FN (fill_limits) (limits, c2, first, n, limit);
  for (at = 0; at < patterns; at += LANES_STRETCH / PATTERN) {
    guint here = MIN (LANES_STRETCH / PATTERN, patterns - at);
    const ELEMENT *begin = elements + (gsize) at * PATTERN;

    if (!FN (any_of) (begin, here, limits))
      continue;
    for (i = 0; i < here; i++, begin += PATTERN)
      if (FN (any_of) (begin, 1, limits))
        found |= FN (flag_each) (begin + first, cells, c2, n, limit,
            flags + (at + i) * cells);
  }
  return FN (flag_each) (elements + (gsize) rest * c2 + first, n_cells - rest,
      c2, n, limit, flags + rest) || found;
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
#undef LANES_STRETCH
#undef PATTERN
#undef SUFFIX
#undef ELEMENT
#undef ORDER
#undef MASK
#undef KEY
#undef KEYS
#undef LOWEST
#undef HIGHEST
#undef IS_NUMBER
