/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The tables at the end of a run. */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Prints what the stats property of rknnyolo says: who computed, the frames
 * that were not inferred, and the times of the stages. */
void report_print_stats (const GstStructure * stats);

G_END_DECLS
