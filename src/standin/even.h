/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Numbers that look random and are the same in every process: the nth of a
 * series, from 0 to below 1, by the finaliser of splitmix64 (Steele, Lea,
 * Flood: Fast splittable pseudorandom number generators, 2014). */

#pragma once

#include <glib.h>

static inline gdouble
ry_even_number (guint series, guint64 n)
{
  guint64 z = (((guint64) series << 48) + n) * 0x9e3779b97f4a7c15u;

  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  z ^= z >> 31;
  return (z >> 11) * 0x1p-53;
}
