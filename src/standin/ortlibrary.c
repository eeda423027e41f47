/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ortlibrary.h"

#include <dlfcn.h>
#include <string.h>

#include "log.h"

#define VARIABLE "RKNN_STANDIN_ONNXRUNTIME"

#define FIRST_MINOR RY_ORT_API_VERSION
#define LAST_MINOR 99

typedef const OrtApiBase *(*GetApiBase) (void);

static gboolean
fill_api (const OrtApiBase * base, RyOrtApi * api)
{
  void *const *table = base->GetApi (RY_ORT_API_VERSION);

  if (table == NULL)
    return FALSE;
#define FILL(place, name, result, arguments) \
  memcpy (&api->name, &table[place], sizeof api->name);
  RY_ORT_FUNCTIONS (FILL)
#undef FILL
      return TRUE;
}

/* The reason why a library does not serve goes to looked. */
static gpointer
try_library (const gchar * path, RyOrtApi * api, const gchar ** version,
    GString * looked)
{
  gpointer library = dlopen (path, RTLD_NOW | RTLD_LOCAL);
  GetApiBase get_base;
  const OrtApiBase *base;

  if (library == NULL) {
    g_string_append_printf (looked, "%s%s", looked->len ? "; " : "",
        dlerror ());
    return NULL;
  }
  get_base = (GetApiBase) dlsym (library, "OrtGetApiBase");
  base = get_base != NULL ? get_base () : NULL;
  if (base != NULL && fill_api (base, api)) {
    *version = base->GetVersionString ();
    return library;
  }

  if (base == NULL)
    g_string_append_printf (looked, "%s%s: not ONNX Runtime",
        looked->len ? "; " : "", path);
  else
    g_string_append_printf (looked, "%s%s: ONNX Runtime %s, too old",
        looked->len ? "; " : "", path, base->GetVersionString ());
  dlclose (library);
  return NULL;
}

static gchar *
own_folder (void)
{
  Dl_info info;

  if (dladdr ((gpointer) ry_ort_library_open, &info) == 0
      || info.dli_fname == NULL)
    return NULL;
  return g_path_get_dirname (info.dli_fname);
}

/* Debian's library is called after its minor version, and only its -dev
 * package has the plain name. */
static gpointer
try_minor_versions (RyOrtApi * api, const gchar ** version, GString * looked)
{
  for (guint minor = LAST_MINOR; minor >= FIRST_MINOR; minor--) {
    g_autofree gchar *name = g_strdup_printf ("libonnxruntime.so.1.%u", minor);
    gpointer found = dlopen (name, RTLD_LAZY | RTLD_LOCAL);
    gpointer library;

    if (found == NULL)
      continue;
    library = try_library (name, api, version, looked);
    dlclose (found);
    if (library != NULL)
      return library;
  }
  g_string_append_printf (looked, "; libonnxruntime.so.1.%u to .1.%u: none",
      FIRST_MINOR, LAST_MINOR);
  return NULL;
}

/* In the order of rknn_standin.h. */
static gpointer
search (RyOrtApi * api, const gchar ** version, GString * looked)
{
  static const gchar *names[] = { "libonnxruntime.so.1", "libonnxruntime.so" };
  g_autofree gchar *folder = own_folder ();
  g_autofree gchar *cached = g_build_filename (g_get_user_cache_dir (),
      "gst-rknnyolo", names[0], NULL);
  gpointer library = NULL;

  for (guint i = 0; library == NULL && i < G_N_ELEMENTS (names); i++)
    library = try_library (names[i], api, version, looked);
  if (library == NULL)
    library = try_minor_versions (api, version, looked);
  for (guint i = 0; folder != NULL && library == NULL
      && i < G_N_ELEMENTS (names); i++) {
    g_autofree gchar *beside = g_build_filename (folder, names[i], NULL);

    library = try_library (beside, api, version, looked);
  }
  return library != NULL ? library : try_library (cached, api, version, looked);
}

/* From 1.29 on, ONNX Runtime's own builds for Linux report models and machines
 * to their maker over the network, from a thread that makes a forked process
 * hang at its end.  The interface can stop this only after it has begun. */
static void
forbid_telemetry (void)
{
  g_setenv ("ORT_DISABLE_TELEMETRY", "1", FALSE);
}

gpointer
ry_ort_library_open (RyOrtApi * api, const gchar ** version, GError ** error)
{
  g_autoptr (GString) looked = g_string_new (NULL);
  const gchar *chosen = g_getenv (VARIABLE);
  gpointer library;

  forbid_telemetry ();
  /* Whoever names a library wants that one and no other. */
  if (chosen != NULL && chosen[0] != '\0')
    library = try_library (chosen, api, version, looked);
  else
    library = search (api, version, looked);
  if (library != NULL)
    return library;

  g_set_error (error, RY_ORT_ERROR, RY_ORT_ERROR_LIBRARY,
      "The stand-in for librknnrt computes with ONNX Runtime 1.12 or newer, "
      "and did not find it (%s). tools/fetch-onnxruntime of gst-rknnyolo gets "
      "it, as do Debian 13's package libonnxruntime1.21 and npm's package "
      "onnxruntime-node; set " VARIABLE " to the path of libonnxruntime.so.1 "
      "when it does not lie where the loader looks.", looked->str);
  return NULL;
}
