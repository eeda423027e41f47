/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One opened runtime library: librknnrt, the stand-in, or anything else with
 * their ABI.  Nothing here is linked at build time. */

#pragma once

#include <glib.h>

#include "rknn_api.h"
#include "ryerror.h"

G_BEGIN_DECLS

typedef struct
{
  gatomicrefcount ref_count;
  gpointer handle;
  gchar *path;                  /* the file the loader took */

  /* part of every runtime since 1.4 */
  int (*init) (rknn_context *, void *, uint32_t, uint32_t, rknn_init_extend *);
  int (*destroy) (rknn_context);
  int (*query) (rknn_context, rknn_query_cmd, void *, uint32_t);
  int (*run) (rknn_context, rknn_run_extend *);
  rknn_tensor_mem *(*create_mem) (rknn_context, uint32_t);
  int (*destroy_mem) (rknn_context, rknn_tensor_mem *);
  int (*set_io_mem) (rknn_context, rknn_tensor_mem *, rknn_tensor_attr *);

  /* NULL where the library does not have them */
  int (*dup_context) (rknn_context *, rknn_context *);
  int (*set_core_mask) (rknn_context, rknn_core_mask);
  int (*mem_sync) (rknn_context, rknn_tensor_mem *, rknn_mem_sync_mode);
  int (*set_input_shapes) (rknn_context, uint32_t, rknn_tensor_attr[]);
  const char *(*last_error) (void);     /* the stand-in's own */
} RyRuntime;

/* What a runtime says of itself; it must be asked through a context. */
typedef struct
{
  gchar api[256];               /* "2.3.2 (hash@date)" */
  gchar driver[256];            /* "0.9.8" */
} RyRuntimeVersions;

/* Opens library, a path or a name for the loader.  Returns NULL with
 * RY_ERROR_RUNTIME when it cannot be loaded or lacks a function that every
 * runtime since 1.4 has. */
RyRuntime *ry_runtime_open (const gchar * library, GError ** error);
RyRuntime *ry_runtime_ref (RyRuntime * self);
void ry_runtime_unref (RyRuntime * self);

/* Leaves empty strings where the query fails. */
void ry_runtime_get_versions (RyRuntime * self, rknn_context context,
    RyRuntimeVersions * versions);

/* TRUE when the versions are those of a runtime older than 1.4, whose structs
 * differ from rknn_api.h. */
gboolean ry_runtime_versions_too_old (const RyRuntimeVersions * versions);

/* "RKNN_ERR_MODEL_INVALID"; "unknown error -42" for others.  Static strings
 * for known codes, a thread's own otherwise; never freed. */
const gchar *ry_runtime_error_name (gint code);

/* What rknn_init's result means for the user, as sentences; free with g_free.
 * model_for says what the file was made for, doubt what speaks against the
 * file or this runtime; both may be NULL. */
gchar *ry_runtime_explain_init (RyRuntime * self, gint code,
    const gchar * model_path, const gchar * model_for, const gchar * doubt);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RyRuntime, ry_runtime_unref)

G_END_DECLS
