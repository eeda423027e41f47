/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "runtime/runtime.h"

#include <dlfcn.h>
#include <stdlib.h>

typedef struct
{
  const gchar *name;
  gsize offset;                 /* of the pointer in RyRuntime */
  gboolean optional;
} Symbol;

#define REQUIRED(member) \
  { "rknn_" #member, G_STRUCT_OFFSET (RyRuntime, member), FALSE }
#define OPTIONAL(member) \
  { "rknn_" #member, G_STRUCT_OFFSET (RyRuntime, member), TRUE }

static const Symbol symbols[] = {
  REQUIRED (init),
  REQUIRED (destroy),
  REQUIRED (query),
  REQUIRED (run),
  REQUIRED (create_mem),
  REQUIRED (destroy_mem),
  REQUIRED (set_io_mem),
  OPTIONAL (dup_context),
  OPTIONAL (set_core_mask),
  OPTIONAL (mem_sync),
  OPTIONAL (set_input_shapes),
  {"rknn_standin_last_error", G_STRUCT_OFFSET (RyRuntime, last_error), TRUE},
};

static gboolean
resolve_symbols (RyRuntime * self, GError ** error)
{
  for (guint i = 0; i < G_N_ELEMENTS (symbols); i++) {
    gpointer address = dlsym (self->handle, symbols[i].name);

    if (!address && !symbols[i].optional) {
      g_set_error (error, RY_ERROR, RY_ERROR_RUNTIME,
          "%s is not an RKNN runtime: it has no function %s. Expected is "
          "Rockchip's librknnrt.so, version 1.4 or newer.", self->path,
          symbols[i].name);
      return FALSE;
    }
    G_STRUCT_MEMBER (gpointer, self, symbols[i].offset) = address;
  }
  return TRUE;
}

/* The path of the file that was really loaded, for messages. */
static gchar *
loaded_path (gpointer handle, const gchar * library)
{
  gpointer address = dlsym (handle, "rknn_init");
  Dl_info info;

  if (address && dladdr (address, &info) && info.dli_fname)
    return g_canonicalize_filename (info.dli_fname, NULL);
  return g_strdup (library);
}

RyRuntime *
ry_runtime_open (const gchar * library, GError ** error)
{
  RyRuntime *self;
  gpointer handle;

  /* NODELETE: librknnrt cannot be unloaded anyway, and threads that a runtime
   * started must not lose their code. */
  handle = dlopen (library, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (!handle) {
    g_set_error (error, RY_ERROR, RY_ERROR_RUNTIME,
        "The RKNN runtime %s cannot be loaded (%s).", library, dlerror ());
    return NULL;
  }

  self = g_new0 (RyRuntime, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->handle = handle;
  self->path = loaded_path (handle, library);
  if (!resolve_symbols (self, error)) {
    ry_runtime_unref (self);
    return NULL;
  }
  return self;
}

RyRuntime *
ry_runtime_ref (RyRuntime * self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
ry_runtime_unref (RyRuntime * self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  dlclose (self->handle);
  g_free (self->path);
  g_free (self);
}

void
ry_runtime_get_versions (RyRuntime * self, rknn_context context,
    RyRuntimeVersions * versions)
{
  rknn_sdk_version sdk = { 0, };

  memset (versions, 0, sizeof (*versions));
  if (self->query (context, RKNN_QUERY_SDK_VERSION, &sdk, sizeof (sdk)) != 0)
    return;
  sdk.api_version[sizeof (sdk.api_version) - 1] = '\0';
  sdk.drv_version[sizeof (sdk.drv_version) - 1] = '\0';
  g_strlcpy (versions->api, sdk.api_version, sizeof (versions->api));
  g_strlcpy (versions->driver, sdk.drv_version, sizeof (versions->driver));
}

gboolean
ry_runtime_versions_too_old (const RyRuntimeVersions * versions)
{
  gchar *end;
  gulong major = strtoul (versions->api, &end, 10), minor = 0;

  /* An unreadable version proves nothing. */
  if (end == versions->api)
    return FALSE;
  if (*end == '.')
    minor = strtoul (end + 1, NULL, 10);
  return major < 1 || (major == 1 && minor < 4);
}
