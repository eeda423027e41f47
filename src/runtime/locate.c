/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "runtime/locate.h"

#include <dlfcn.h>

/* Relative to the folder of the plugin or program: the same folder, an
 * installation (lib/gstreamer-1.0 below lib; bin beside lib), a build tree (gst
 * and tools beside src). */
static const gchar *const standin_folders[] =
    { ".", "..", "../src/standin", "../" RY_LIBDIR };

static gchar *
folder_of_this_code (void)
{
  Dl_info info;

  if (!dladdr ((gpointer) ry_runtime_locate, &info) || !info.dli_fname)
    return NULL;
  return g_path_get_dirname (info.dli_fname);
}

static gchar *
find_standin (void)
{
  g_autofree gchar *folder = folder_of_this_code ();

  for (guint i = 0; folder && i < G_N_ELEMENTS (standin_folders); i++) {
    g_autofree gchar *path = g_build_filename (folder, standin_folders[i],
        RY_RUNTIME_STANDIN, NULL);

    if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
      return g_steal_pointer (&path);
  }
  return g_strdup (RY_RUNTIME_STANDIN);
}

static void
add_advice (GError ** error, const gchar * advice)
{
  g_autofree gchar *message = NULL;

  if (!error || !*error)
    return;
  message = g_strconcat ((*error)->message, " ", advice, NULL);
  g_free ((*error)->message);
  (*error)->message = g_steal_pointer (&message);
}

RyRuntime *
ry_runtime_locate_standin (GError ** error)
{
  g_autofree gchar *path = find_standin ();
  RyRuntime *runtime = ry_runtime_open (path, error);

  if (!runtime)
    add_advice (error, "An ONNX model runs on the stand-in runtime, which "
        "is built and installed with this plugin; the property "
        "runtime-library can name its place.");
  return runtime;
}

RyRuntime *
ry_runtime_locate (const gchar * library, gboolean standin, GError ** error)
{
  const gchar *variable = g_getenv (RY_RUNTIME_ENVIRONMENT);
  RyRuntime *runtime;

  if (library && *library) {
    runtime = ry_runtime_open (library, error);
    if (!runtime)
      add_advice (error, "It was named by the property runtime-library.");
    return runtime;
  }
  if (variable && *variable) {
    runtime = ry_runtime_open (variable, error);
    if (!runtime)
      add_advice (error, "It was named by the environment variable "
          RY_RUNTIME_ENVIRONMENT ".");
    return runtime;
  }
  if (standin)
    return ry_runtime_locate_standin (error);
  runtime = ry_runtime_open (RY_RUNTIME_VENDOR, error);
  if (!runtime)
    add_advice (error, "A .rknn model needs a Rockchip board with Rockchip's "
        "runtime: install librknnrt.so (2.3.2 is the version tested) where "
        "the loader finds it, for example in /usr/lib, or name its path with "
        "the property runtime-library. On other machines use the model's "
        ".onnx file instead.");
  return runtime;
}
