/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Preprocessing by RGA: one blit from the frame's dma-buf into that of the
 * model's input, or two where one cannot scale so far. */

#pragma once

#include "image/image.h"
#include "rga/rga.h"

G_BEGIN_DECLS

/* Start with a cleared struct. */
typedef struct
{
  RyRga *rga;                   /* NULL: there is none */
  RyRgaImport *target;
  RyRgaImport *scratch;         /* between two passes */
  gsize scratch_size;
} RyRgaPath;

/* Makes the input known to rga and tries it with a blit within the picture,
 * whose pixels are worth nothing afterwards: the first one takes 150 ms, and
 * memory that RGA cannot reach shows.  FALSE with an RY_ERROR_RGA, and no path
 * then. */
gboolean ry_rga_path_open (RyRgaPath * self, RyRga * rga,
    const RyTarget * target, GError ** error);
void ry_rga_path_clear (RyRgaPath * self);

/* What a frame takes, found out before anything is written. */
typedef struct
{
  RyRgaArea from, to;
  gint colour;
  RyRgaPasses passes;
} RyRgaPlan;

/* Both return FALSE with a reason and an RY_ERROR_RGA.  Image and target were
 * checked. */
gboolean ry_rga_path_plan (RyRgaPath * self, const RyImage * image,
    const RyLetterbox * box, const RyTarget * target, RyRgaPlan * plan,
    RyRgaReason * reason, GError ** error);
gboolean ry_rga_path_run (RyRgaPath * self, RyImage * image,
    const RyRgaPlan * plan, RyRgaReason * reason, GError ** error);

G_END_DECLS
