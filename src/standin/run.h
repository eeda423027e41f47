/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What happens in rknn_run, rknn_inputs_set, rknn_outputs_get and
 * rknn_outputs_release.  All return what those return. */

#pragma once

#include "context.h"

gint ry_npu_run (RyNpuContext * context);
gint ry_npu_inputs_set (RyNpuContext * context, guint n,
    const rknn_input * inputs);
gint ry_npu_outputs_get (RyNpuContext * context, guint n,
    rknn_output * outputs);
gint ry_npu_outputs_release (RyNpuContext * context, guint n,
    rknn_output * outputs);
