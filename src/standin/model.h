/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A loaded model: what contexts that were duplicated from each other share. */

#pragma once

#include <glib.h>

#include "binding.h"
#include "ort.h"
#include "pool.h"
#include "recording.h"
#include "settings.h"
#include "tensor.h"

/* The tensors at one size of the picture. */
typedef struct
{
  RyNpuTensor *inputs, *outputs;
} RyNpuShape;

typedef struct
{
  gint refs;
  RySettings settings;          /* without config, outputs and sizes */
  guint32 flags;                /* of rknn_init */

  guint n_inputs, n_outputs;
  guint n_shapes;               /* 1 for a model of one size */
  RyNpuShape *shapes;           /* in the order in which they were said */
  const RyNpuShape *largest;    /* of them: what is told before one is set */
  gboolean dynamic;             /* sizes were said */
  GSList **versions;            /* of recorded outputs: of RyVersion */
  gchar *custom_string;         /* never NULL */
  gsize file_size;
  RyNpu *npu;                   /* a reference, not open */
  RyRecording *recording;       /* NULL: outputs are computed */

  /* Two sessions over the same file.  A run that is alone is fastest on all
   * CPUs; runs that overlap get most done on a CPU each.  Measured on two CPUs
   * with yolov8n at 640 x 640, runs a second with 1, 2, 3, 4 contexts:
   * two threads a run 20, 25, 23, 24; one thread a run 16, 29, 30, 27. */
  RyOrtSession *lone;
  RyOrtSession *overlapping;    /* NULL until a context is duplicated */
  RyPool *pool;                 /* as many threads as lone has, to convert */
  GMutex lock;                  /* while overlapping or a version of a recorded
                                   tensor is being made */
  gchar *path;
  GBytes *data;                 /* kept for overlapping; NULL with a path */
} RyNpuModel;

/* NULL with a RKNN_ERR_ value in *result and the reason in the log.
 * The strings of settings are not used after the return, nor is the memory of
 * source. */
RyNpuModel *ry_npu_model_new (const RyOrtSource * source,
    const RySettings * settings, RyNpu * npu, guint32 flags, gint * result);
RyNpuModel *ry_npu_model_ref (RyNpuModel * self);
void ry_npu_model_unref (RyNpuModel * self);

/* To be called before runs overlap. */
void ry_npu_model_prepare_overlap (RyNpuModel * self);

/* Output index as it was recorded, in the form that plan wants (plan->bytes):
 * made when first asked for, kept by the model.  NULL, with the reason in the
 * log, when memory is short. */
gconstpointer ry_npu_model_recorded (RyNpuModel * self, guint index,
    const RyOutputPlan * plan);

/* For a run beside which others are going on. */
RyOrtSession *ry_npu_model_session (RyNpuModel * self, gboolean others);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RyNpuModel, ry_npu_model_unref)
