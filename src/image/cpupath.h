/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Preprocessing by the CPU: libyuv scales in the colours of the frame, then
 * converts what is left. */

#pragma once

#include "image/image.h"

G_BEGIN_DECLS

/* Memory that grows to the largest request and stays. */
typedef struct
{
  guint8 *data;
  gsize size;
} RyScratch;

/* Start with a cleared struct. */
typedef struct
{
  RyScratch rows;               /* of the frame, only the height scaled */
  RyScratch unpacked;           /* what is brought to a layout for scaling */
  RyScratch scaled;             /* the picture, in the colours of the frame */
} RyCpuPath;

/* Everything was checked, and target->channels is 1 or 3.  Returns FALSE with
 * RY_ERROR_IMAGE when there is no memory for the scaled picture. */
gboolean ry_cpu_path_run (RyCpuPath * self, const RyImage * image,
    const RyLetterbox * box, const RyTarget * target, GError ** error);

void ry_cpu_path_clear (RyCpuPath * self);

G_END_DECLS
