/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the RKNN_STANDIN_ environment variables say. */

#pragma once

#include <glib.h>

#include "device.h"

typedef struct
{
  const RyNpuSoc *soc;
  guint threads;                /* for a run that is alone */
  gboolean float32;             /* float tensors are FP32, not FP16 */
  const gchar *config;          /* description file; NULL: beside the model */
  guint fail_run;               /* every Nth fails; 0: none */
  guint fail_mem;
  gint fail_init;               /* what rknn_init returns; 0: its own result */
} RySettings;

/* Returns FALSE, with the reason in the log, when a variable has a value that
 * means nothing.  config points into the environment. */
gboolean ry_settings_read (RySettings * settings);
