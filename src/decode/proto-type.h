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

/* sums[i] += the weighted elements of four planes: four at a time save three
 * of four passes over sums. */
static inline void
FN (add_planes) (SUM * restrict sums, const ELEMENT * restrict elements,
    gsize plane, const NUMBER * weights, guint n)
{
  const ELEMENT *restrict a = elements, *restrict b = a + plane;
  const ELEMENT *restrict c = b + plane, *restrict d = c + plane;
  const NUMBER wa = weights[0], wb = weights[1];
  const NUMBER wc = weights[2], wd = weights[3];
  guint i;

  for (i = 0; i < n; i++)
    sums[i] += (SUM) wa * VALUE (a[i]) + (SUM) wb * VALUE (b[i])
        + (SUM) wc * VALUE (c[i]) + (SUM) wd * VALUE (d[i]);
}

/* n cells of a row whose channels lie in planes. */
static void
FN (sum_planes) (const RyMap * map, const ELEMENT * elements, guint n,
    const NUMBER * weights, SUM start, SUM * restrict sums)
{
  guint j = 0, i;

  for (i = 0; i < n; i++)
    sums[i] = start;
  for (; j + 4 <= map->n_channels; j += 4)
    FN (add_planes) (sums, elements + j * map->plane, map->plane, weights + j,
        n);
  for (; j < map->n_channels; j++) {
    const ELEMENT *restrict a = elements + j * map->plane;

    for (i = 0; i < n; i++)
      sums[i] += (SUM) weights[j] * VALUE (a[i]);
  }
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
static inline void
FN (sum_groups_of) (const RyMap * map, const ELEMENT * elements, guint n,
    const NUMBER * weights, SUM start, SUM * restrict sums, guint c2)
{
  guint groups = map->n_channels / c2, rest = map->n_channels % c2, g, i;

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

static void
FN (sum_row) (const RyMap * map, const ELEMENT * elements, guint n,
    const NUMBER * weights, SUM start, SUM * sums)
{
  if (map->c2 == 1)
    FN (sum_planes) (map, elements, n, weights, start, sums);
  else if (map->c2 == 16)
    FN (sum_groups_of) (map, elements, n, weights, start, sums, 16);
  else if (map->c2 == 8)
    FN (sum_groups_of) (map, elements, n, weights, start, sums, 8);
  else
    FN (sum_groups_of) (map, elements, n, weights, start, sums, map->c2);
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
