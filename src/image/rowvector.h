/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The loops of rows.c in the vector instructions that every CPU of its
 * architecture has (SSE2, NEON).  Only rows.c includes this.
 *
 * The loads are scattered and cannot be helped; what is won is that several
 * samples share the arithmetic.  Results are those of the plain loops, bit for
 * bit.  Each function returns how many pixels it made.
 *
 * ry_vector_mix_C_S takes pixels of C channels at distance S; base points at
 * the first channel of the first pixel.
 *
 * ry_vector_mix_rgb loads 8 bytes at a pixel's lowest channel, to which a and b
 * point, and stores 4 bytes for its 3: n is the number of pixels for which
 * either stays within its row.  reverse writes the channels backwards.
 * ry_vector_halve_rgb is the same for 2:1 in both directions.
 *
 * Define RY_PORTABLE_ROWS to build without them. */

#pragma once

#include <glib.h>
#include <string.h>

#include "image/taps.h"

#if defined (RY_PORTABLE_ROWS)
/* nothing */
#elif defined (__SSE2__)
#define RY_HAVE_ROW_VECTORS
#include "image/rowvector-sse2.h"
#elif defined (__AARCH64EL__)
#define RY_HAVE_ROW_VECTORS
#include "image/rowvector-neon.h"
#endif
