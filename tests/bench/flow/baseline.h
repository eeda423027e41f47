/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is in a run of the element but is not the element's. */

#pragma once

#include "setup.h"

G_BEGIN_DECLS

/* CPU time, nanoseconds, of n calls of rknn_run and nothing else: from as many
 * contexts as setup has, each with a thread, the memories bound as the element
 * binds them. */
gdouble flow_cpu_of_runs (const FlowSetup * setup, guint n);

/* CPU time, nanoseconds, of making n frames, and of taking them again. */
gdouble flow_cpu_of_feeding (FlowPictures * pictures, guint n);

G_END_DECLS
