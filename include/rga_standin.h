/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What librga-standin has beyond rga_api.h.
 *
 * The stand-in is a librga for machines without an RGA: the same functions and
 * rules, computed by the CPU.  It works on dma-bufs and on memfds, which it
 * maps when they are imported.  docs/standin.md lists its environment
 * variables; they are read at each call. */

#ifndef RGA_STANDIN_H
#define RGA_STANDIN_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Of this process, since the last reset. */
typedef struct
{
  uint64_t imports;             /* that succeeded */
  uint64_t failed_imports;
  uint64_t releases;
  uint64_t blits;               /* that succeeded */
  uint64_t refused_blits;       /* by the rules, negative results */
  uint64_t failed_blits;        /* by the driver, result 0 */
  uint64_t mapped_sources;      /* blits whose source somebody else had mapped,
                                 * with RGA_STANDIN_WATCH */
  uint32_t live;                /* handles that exist now; not reset */
  uint32_t most_at_once;        /* blits that ran at the same time */
} rga_standin_counters;

void rga_standin_get_counters (rga_standin_counters * counters);
void rga_standin_reset_counters (void);

/* While held (not 0), blits do not return. */
void rga_standin_hold (int held);

/* Memory as a dma-heap would give it: a file descriptor to be closed, or -1. */
int rga_standin_memory (uint64_t size);

#ifdef __cplusplus
}
#endif

#endif
