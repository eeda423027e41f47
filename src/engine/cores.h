/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which cores of the NPU are used. */

#pragma once

#include <glib.h>

#include "engine/statistics.h"
#include "runtime/runtime.h"

G_BEGIN_DECLS

typedef struct
{
  gint cores[RY_MAX_CORES];     /* numbers; -1: left to the runtime */
  guint n_cores;
} RyCoreList;

/* Makes a list of wanted ("auto", "all", "0,2"), given how many cores there
 * are.  Returns FALSE with RY_ERROR_SETTINGS for a text of another form, a
 * core that does not exist, or one named twice. */
gboolean ry_core_list_parse (RyCoreList * self, const gchar * wanted,
    guint n_available, GError ** error);

/* The number of cores of the NPU behind context: from the SoC's name where it
 * is known, else by asking for them.  Single-core SoCs take no core mask. */
guint ry_cores_available (RyRuntime * runtime, rknn_context context,
    const gchar * platform);

/* When wanted leaves the choice ("auto") and the runtime refuses to tie context
 * to a core of the list, as drivers before rknpu 0.9.6 do on some kernels, all
 * cores become -1: the driver then spreads the jobs itself. */
void ry_core_list_adapt (RyCoreList * self, const gchar * wanted,
    RyRuntime * runtime, rknn_context context);

/* Ties context to core; a core of -1, and a runtime or SoC without core masks,
 * leave it as it is.  Returns RKNN_SUCC or the runtime's error. */
gint ry_cores_pin (RyRuntime * runtime, rknn_context context, gint core);

G_END_DECLS
