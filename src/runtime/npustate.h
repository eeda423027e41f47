/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How the NPU is doing, by the kernel's sysfs, which anybody may read. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  guint clock;                  /* MHz; 0: not told */
  gint temperature;             /* degrees Celsius, of the NPU or, where that
                                 * has no sensor, the SoC; 0: not told */
} RyNpuState;

/* root is the folder that has sys/: "/" but in tests. */
void ry_npu_state_read (const gchar * root, RyNpuState * state);

G_END_DECLS
