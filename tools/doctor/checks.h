/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The checks, a file each.  None of them needs more than the rights of the
 * user; where root would see more they say so. */

#pragma once

#include "machine.h"
#include "report.h"

G_BEGIN_DECLS

/* What earlier checks found out for later ones.  Strings may be NULL. */
typedef struct
{
  gchar *soc;                   /* "rk3588s" */
  gboolean board;               /* a Rockchip SoC whose NPU is known */
  gchar *npu_node;              /* "/dev/dri/card1" */
  guint driver, runtime;        /* versions as RY_VERSION; 0: not known */
} Known;

void check_board (const Machine * machine, Known * known, Report * report);
void check_npu (const Machine * machine, Known * known, Report * report);
void check_runtime (const Machine * machine, Known * known, Report * report);
void check_rga (const Machine * machine, Known * known, Report * report);
void check_memory (const Machine * machine, Known * known, Report * report);
void check_clocks (const Machine * machine, Known * known, Report * report);
void check_heat (const Machine * machine, Known * known, Report * report);
void check_video (const Machine * machine, Known * known, Report * report);
void check_gstreamer (const Machine * machine, Known * known, Report * report);

/* Is a device there, and may the user have it?  Adds a finding; level says
 * what its absence is. */
Access check_node (const Machine * machine, Report * report,
    const gchar * area, const gchar * id, const gchar * path, Level level,
    const gchar * remedy);

/* The text of the first of these files, NULL-terminated, that can be read, or
 * NULL; *hidden is set if one is there or may be, and only root can read it. */
gchar *check_read_debug (const Machine * machine, const gchar * const *paths,
    gboolean * hidden);

/* Where the machine's loader looks for name; the paths of all copies. */
GPtrArray *check_find_libraries (const Machine * machine, const gchar * name);

/* NULL if the library is one for this processor, else for which it is. */
const gchar *check_wrong_machine (const gchar * path);

G_END_DECLS
