/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The sums of proto.c for one type of element, included once for each:
 *
 *   SUFFIX    of the function names
 *   ELEMENT   type in memory
 *   NUMBER    what an element is multiplied as
 *   VALUE(e)  element to NUMBER
 *   SUM       type of the sums
 *   EXACT     1: a lane that is no channel may be read, as its weight is 0
 *
 * Plain loops that compilers vectorise, as in scan-type.h. */

#define JOIN2(a, b) a ## _ ## b
#define JOIN(a, b) JOIN2 (a, b)
#define FN(name) JOIN (name, SUFFIX)

/* n cells of a row whose channels lie in planes; STRIDE cells at a time stay in
 * registers over all planes. */
static void
FN (sum_planes) (const RyMap * map, const ELEMENT * elements, guint n,
    const NUMBER * weights, SUM start, SUM * restrict sums)
{
  guint at, i, j;

  for (at = 0; at + STRIDE <= n; at += STRIDE) {
    const ELEMENT *plane = elements + at;
    SUM side[STRIDE];

    for (i = 0; i < STRIDE; i++)
      side[i] = start;
    for (j = 0; j < map->n_channels; j++, plane += map->plane)
      for (i = 0; i < STRIDE; i++)
        side[i] += (SUM) weights[j] * VALUE (plane[i]);
    memcpy (sums + at, side, sizeof side);
  }
  for (i = at; i < n; i++)
    sums[i] = start;
  for (j = 0; j < map->n_channels; j++)
    for (i = at; i < n; i++)
      sums[i] += (SUM) weights[j] * VALUE (elements[j * map->plane + i]);
}

static inline SUM
FN (sum_lanes) (const ELEMENT * restrict elements,
    const NUMBER * restrict weights, guint n)
{
  SUM sum = 0;
  guint k;

  for (k = 0; k < n; k++)
    sum += (SUM) weights[k] * VALUE (elements[k]);
  return sum;
}

/* The same where c2 channels lie side by side. */
static void
FN (sum_groups) (const RyMap * map, const ELEMENT * elements, guint n,
    const NUMBER * weights, SUM start, SUM * restrict sums)
{
  guint c2 = map->c2, groups = map->n_channels / c2;
  guint rest = map->n_channels % c2, g, i;

  if (EXACT && rest > 0) {
    groups++;
    rest = 0;
  }
  for (i = 0; i < n; i++) {
    const ELEMENT *cell = elements + (gsize) i * c2;
    SUM sum = start;

    for (g = 0; g < groups; g++)
      sum += FN (sum_lanes) (cell + g * map->plane, weights + g * c2, c2);
    if (rest > 0)
      sum += FN (sum_lanes) (cell + groups * map->plane, weights + groups * c2,
          rest);
    sums[i] = sum;
  }
}

/* The usual 32 channels, brought together first: one sum of 32 products is
 * vectorised, several of a few are not.  c2 is a constant here. */
static inline void
FN (sum_usual_of) (const RyMap * map, const ELEMENT * elements, guint n,
    const NUMBER * weights, SUM start, SUM * restrict sums, guint c2)
{
  ELEMENT lanes[USUAL_CHANNELS];
  guint g, i;

  for (i = 0; i < n; i++) {
    for (g = 0; g < USUAL_CHANNELS / c2; g++)
      memcpy (lanes + g * c2, elements + g * map->plane + (gsize) i * c2,
          c2 * sizeof lanes[0]);
    sums[i] = start + FN (sum_lanes) (lanes, weights, USUAL_CHANNELS);
  }
}

static void
FN (sum_row) (const RyMap * map, const ELEMENT * elements, guint n,
    const NUMBER * weights, SUM start, SUM * sums)
{
  gboolean usual = map->n_channels == USUAL_CHANNELS;

  if (map->c2 == 1)
    FN (sum_planes) (map, elements, n, weights, start, sums);
  else if (usual && map->c2 == 16)
    FN (sum_usual_of) (map, elements, n, weights, start, sums, 16);
  else if (usual && map->c2 == 8)
    FN (sum_usual_of) (map, elements, n, weights, start, sums, 8);
  else if (usual && map->c2 == 32)
    FN (sum_usual_of) (map, elements, n, weights, start, sums, 32);
  else
    FN (sum_groups) (map, elements, n, weights, start, sums);
}

#undef JOIN2
#undef JOIN
#undef FN
#undef SUFFIX
#undef ELEMENT
#undef NUMBER
#undef VALUE
#undef SUM
#undef EXACT
