/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The parts of the benchmark: each prints its table.  They return FALSE only
 * when something came out wrong; no time makes them fail. */

#pragma once

#include "setup.h"

G_BEGIN_DECLS

typedef struct
{
  guint frames;                 /* of the long runs, in all rounds together */
  guint rounds;
  gdouble seconds;              /* of the runs by the clock */
} FlowOptions;

typedef gboolean (*FlowPart) (const FlowOptions * options,
    FlowPictures * pictures);

gboolean flow_throughput (const FlowOptions * options, FlowPictures * pictures);
gboolean flow_scaling (const FlowOptions * options, FlowPictures * pictures);
gboolean flow_alone (const FlowOptions * options, FlowPictures * pictures);
gboolean flow_shared (const FlowOptions * options, FlowPictures * pictures);
gboolean flow_live (const FlowOptions * options, FlowPictures * pictures);

G_END_DECLS
