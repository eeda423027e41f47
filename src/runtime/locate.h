/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which runtime serves a model. */

#pragma once

#include <glib.h>

#include "runtime/runtime.h"

G_BEGIN_DECLS

#define RY_RUNTIME_ENVIRONMENT "RKNNYOLO_RUNTIME"
#define RY_RUNTIME_VENDOR "librknnrt.so"
#define RY_RUNTIME_STANDIN "librknnrt-standin.so"

/* Opens the runtime: library if it is given, else what the environment
 * variable RKNNYOLO_RUNTIME names, else the stand-in (for ONNX models) or
 * librknnrt.so (for all others).  The stand-in is looked for beside this code,
 * where a build tree and an installation put it, and then by the loader. */
RyRuntime *ry_runtime_locate (const gchar * library, gboolean standin,
    GError ** error);

/* Opens the stand-in, whatever the environment names. */
RyRuntime *ry_runtime_locate_standin (GError ** error);

G_END_DECLS
