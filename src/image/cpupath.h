/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Preprocessing by the CPU: scale in the colours of the frame, then convert
 * what is left, in bands that stay in the cache. */

#pragma once

#include "image/image.h"
#include "image/scaler.h"

G_BEGIN_DECLS

/* Start with a cleared struct. */
typedef struct
{
  RyScaler scaler[RY_MAX_PLANES];
  guint8 *scratch;              /* a band of scaled planes, and a row */
  gsize scratch_size;
} RyCpuPath;

/* Everything was checked, and target->channels is 1 or 3. */
void ry_cpu_path_run (RyCpuPath * self, const RyImage * image,
    const RyLetterbox * box, const RyTarget * target);

void ry_cpu_path_clear (RyCpuPath * self);

G_END_DECLS
