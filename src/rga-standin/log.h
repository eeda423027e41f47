/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Why a call failed: a line on stderr.  (Librga 1.10 writes to stdout.) */

#pragma once

#include <glib.h>

/* The name under which ../standin/faults.c reports, too. */
void ry_log_error (const gchar * format, ...) G_GNUC_PRINTF (1, 2);

/* The last line of this thread without its prefix. */
const gchar *ry_rga_log_last_error (void);
