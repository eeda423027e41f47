/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The 2D engine: memories that it knows, and blits between them.
 *
 * All users in a process share one RyRga, because the driver's limits are the
 * machine's: with more than two or three jobs at once kernels were seen to
 * freeze, so a gate lets RY_RGA_MAX_JOBS through. */

#pragma once

#include <glib.h>

#include "rga/rgalimits.h"

G_BEGIN_DECLS

/* Names the library in the place of librga. */
#define RY_RGA_ENVIRONMENT "RKNNYOLO_RGA"

#define RY_RGA_MAX_JOBS 2

/* Longer nobody waits at the gate.  A job takes some milliseconds, and the
 * driver's own limit for one that got stuck is some hundred. */
#define RY_RGA_MAX_WAIT G_USEC_PER_SEC

/* After so many failures in a row RGA is left alone. */
#define RY_RGA_MAX_FAILURES 5

typedef struct _RyRga RyRga;
typedef struct _RyRgaImport RyRgaImport;

/* Opens library (NULL: librga).  NULL with an RY_ERROR_RGA.  Any thread may use
 * the result. */
RyRga *ry_rga_new (const gchar * library, GError ** error);
RyRga *ry_rga_ref (RyRga * self);
void ry_rga_unref (RyRga * self);

/* "librga 1.10.3, RGA_2_Enhance RGA_3" */
const gchar *ry_rga_get_description (RyRga * self);
const RyRgaLimits *ry_rga_get_limits (RyRga * self);

/* Whether it is left alone; retry ends that. */
gboolean ry_rga_is_off (RyRga * self);
void ry_rga_retry (RyRga * self);

/* Memory that only RGA uses: a dma-buf to be closed, or -1 with an RY_ERROR. */
gint ry_rga_alloc (RyRga * self, gsize size, GError ** error);

/* A dma-buf of size bytes as the driver knows it, which keeps it alive; fd is
 * not needed any longer.  Never NULL: one that the driver refuses is unusable,
 * so that it need not be tried again. */
RyRgaImport *ry_rga_import_new (RyRga * rga, gint fd, gsize size);
RyRgaImport *ry_rga_import_ref (RyRgaImport * self);
void ry_rga_import_unref (RyRgaImport * self);
RyRga *ry_rga_import_get_rga (RyRgaImport * self);

/* A memory that the driver refused, or with which all blits failed, as it
 * happens above 4 GB. */
gboolean ry_rga_import_is_usable (RyRgaImport * self);

/* Scales and converts an area of one memory into one of another, and returns
 * when that is done.  colour is an IM_YUV_TO_RGB_ value, or 0 when from is not
 * YUV.  Areas were checked.  FALSE with an RY_ERROR_RGA. */
gboolean ry_rga_blit (RyRga * self, RyRgaImport * from,
    const RyRgaArea * from_area, RyRgaImport * to, const RyRgaArea * to_area,
    gint colour, RyRgaReason * reason, GError ** error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RyRga, ry_rga_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RyRgaImport, ry_rga_import_unref)

G_END_DECLS
