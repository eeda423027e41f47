/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ortlibrary.h"

#include <dlfcn.h>
#include <string.h>

#include "log.h"

#define VARIABLE "RKNN_STANDIN_ONNXRUNTIME"

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

/* In the order of rknn_standin.h. */
static GPtrArray *
candidates (void)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  g_autofree gchar *folder = own_folder ();

  g_ptr_array_add (paths, g_strdup ("libonnxruntime.so.1"));
  g_ptr_array_add (paths, g_strdup ("libonnxruntime.so"));
  if (folder != NULL) {
    g_ptr_array_add (paths,
        g_build_filename (folder, "libonnxruntime.so.1", NULL));
    g_ptr_array_add (paths,
        g_build_filename (folder, "libonnxruntime.so", NULL));
  }
  g_ptr_array_add (paths, g_build_filename (g_get_user_cache_dir (),
          "gst-rknnyolo", "libonnxruntime.so.1", NULL));
  return paths;
}

gpointer
ry_ort_library_open (RyOrtApi * api, const gchar ** version, GError ** error)
{
  g_autoptr (GString) looked = g_string_new (NULL);
  const gchar *chosen = g_getenv (VARIABLE);
  gpointer library = NULL;

  /* Whoever names a library wants that one and no other. */
  if (chosen != NULL && chosen[0] != '\0') {
    library = try_library (chosen, api, version, looked);
  } else {
    g_autoptr (GPtrArray) paths = candidates ();

    for (guint i = 0; library == NULL && i < paths->len; i++)
      library = try_library (paths->pdata[i], api, version, looked);
  }
  if (library != NULL)
    return library;

  g_set_error (error, RY_ORT_ERROR, RY_ORT_ERROR_LIBRARY,
      "The stand-in for librknnrt computes with ONNX Runtime 1.12 or newer, "
      "and did not find it (%s). Get it from Debian 13's package "
      "libonnxruntime1.21 or from npm's package onnxruntime-node, and set "
      VARIABLE " to the path of libonnxruntime.so.1 when it does not lie "
      "where the loader looks.", looked->str);
  return NULL;
}
