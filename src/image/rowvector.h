/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* ry_rows_mix in the vector instructions that every CPU of its architecture
 * has (SSE2, NEON).  Only rows.c includes this.
 *
 * The loads are scattered and cannot be helped; what is won is that four
 * samples share the arithmetic.  Results are those of the plain loop, bit for
 * bit.  Each function returns how many pixels it made; base points at the
 * lowest channel of the first pixel; reverse, where it exists, writes the
 * channels in the opposite order.  Define RY_PORTABLE_ROWS to build without them. */

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
