/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* ONNX Runtime, opened at run time. */

#pragma once

#include <glib.h>

#include "ortapi.h"

G_BEGIN_DECLS

#define RY_ORT_ERROR (ry_ort_error_quark ())
GQuark ry_ort_error_quark (void);

typedef enum
{
  RY_ORT_ERROR_LIBRARY,         /* there is no ONNX Runtime that serves */
  RY_ORT_ERROR_MODEL,           /* it does not take this model */
  RY_ORT_ERROR_RUN,
} RyOrtError;

#define RY_ORT_MAX_RANK 16

/* A model's tensor as ONNX has it.  Dimensions that the file leaves open are
 * below 1. */
typedef struct
{
  gchar *name;
  RyOrtType type;
  guint rank;
  gint64 shape[RY_ORT_MAX_RANK];
} RyOrtTensor;

/* Where a model comes from: data, or when that is NULL, the file at path.
 * With both, data is a part of the file. */
typedef struct
{
  const gchar *path;
  gconstpointer data;
  gsize size;
} RyOrtSource;

typedef struct _RyOrtSession RyOrtSession;

/* ONNX Runtime's version, e.g. "1.21.0"; loads the library when it is the
 * first to ask.  A failure is tried again by the next caller. */
const gchar *ry_ort_version (GError ** error);

/* threads is that of a single operator, the calling thread included.  Nothing
 * of source is used after the return. */
RyOrtSession *ry_ort_session_new (const RyOrtSource * source, guint threads,
    GError ** error);
void ry_ort_session_free (RyOrtSession * self);

guint ry_ort_session_n_inputs (RyOrtSession * self);
guint ry_ort_session_n_outputs (RyOrtSession * self);
const RyOrtTensor *ry_ort_session_input (RyOrtSession * self, guint index);
const RyOrtTensor *ry_ort_session_output (RyOrtSession * self, guint index);

/* An entry of the model's metadata; NULL when it has none of that name. */
gchar *ry_ort_session_metadata (RyOrtSession * self, const gchar * key);

/* Runs once over inputs and learns the shapes of the outputs from what comes
 * out: for models whose file leaves them open. */
gboolean ry_ort_session_probe (RyOrtSession * self, OrtValue * const *inputs,
    GError ** error);

/* Runs.  Outputs are written into the memory of the values; their shapes must
 * be what the model yields.  May be called by several threads at once. */
gboolean ry_ort_session_run (RyOrtSession * self, OrtValue * const *inputs,
    OrtValue ** outputs, GError ** error);

/* A tensor over memory of the caller's, which must outlive it. */
OrtValue *ry_ort_value_new (gpointer data, gsize size, const gint64 * shape,
    guint rank, RyOrtType type, GError ** error);
void ry_ort_value_free (OrtValue * value);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RyOrtSession, ry_ort_session_free)

G_END_DECLS
