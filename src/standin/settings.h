/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the RKNN_STANDIN_ environment variables say. */

#pragma once

#include <glib.h>

#include "device.h"
#include "faults.h"

typedef struct
{
  guint threads;                /* for a run that is alone */
  gboolean float32;             /* float tensors are FP32, not FP16 */
  const gchar *config;          /* description file; NULL: beside the model */
  const gchar *outputs;         /* folder of a recording; NULL: computed */
  GArray *sizes;                /* of RyPictureSize; NULL: nothing was said */
  RyNpuPlay play;
  RyFaults *faults;             /* NULL: none */
} RySettings;

/* Returns FALSE, with the reason in the log, when a variable has a value that
 * means nothing.  config and outputs point into the environment; sizes and
 * faults are references, which ry_settings_clear gives back. */
gboolean ry_settings_read (RySettings * settings);

/* Without config, outputs and sizes. */
void ry_settings_copy (RySettings * to, const RySettings * from);
void ry_settings_clear (RySettings * settings);
