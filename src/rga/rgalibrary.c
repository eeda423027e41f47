/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "rga/rgalibrary.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rga/rga.h"
#include "ryerror.h"

#define SYMBOL(name) { #name, G_STRUCT_OFFSET (RyRgaLibrary, name) }

static const struct
{
  const gchar *name;
  gsize offset;                 /* of the pointer in RyRgaLibrary */
} symbols[] = {
  SYMBOL (importbuffer_fd),
  SYMBOL (releasebuffer_handle),
  SYMBOL (wrapbuffer_handle_t),
  SYMBOL (improcess),
  SYMBOL (imconfig),
  SYMBOL (querystring),
  SYMBOL (imStrError_t),
};

static const gchar *const names[] = { "librga.so.2", "librga.so" };

static gboolean
check_device (GError ** error)
{
  gint fd = open (RY_RGA_DEVICE, O_RDWR | O_CLOEXEC);

  if (fd >= 0) {
    close (fd);
    return TRUE;
  }
  if (errno == ENOENT)
    g_set_error (error, RY_ERROR, RY_ERROR_RGA,
        "There is no " RY_RGA_DEVICE ", so this machine has no RGA, or its "
        "kernel no driver for it (a container needs the device passed in).");
  else
    g_set_error (error, RY_ERROR, RY_ERROR_RGA,
        RY_RGA_DEVICE " is there but cannot be opened for reading and writing "
        "(%s): run as a user who may, for example a member of the group video.",
        g_strerror (errno));
  return FALSE;
}

/* Before the library, where that is certain to be librga: only the stand-in,
 * which has to be named, does without. */
static gpointer
open_library (const gchar * name, GError ** error)
{
  gpointer handle = NULL;

  if (name == NULL && !check_device (error))
    return NULL;
  if (name != NULL)
    handle = dlopen (name, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  for (guint i = 0; name == NULL && handle == NULL && i < G_N_ELEMENTS (names);
      i++)
    handle = dlopen (names[i], RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (handle == NULL)
    g_set_error (error, RY_ERROR, RY_ERROR_RGA,
        "The library for RGA cannot be loaded (%s). Install librga 1.9 or "
        "newer where the loader finds it, for example in /usr/lib, or name its "
        "path in the environment variable " RY_RGA_ENVIRONMENT ".", dlerror ());
  return handle;
}

static gboolean
resolve_symbols (RyRgaLibrary * self, GError ** error)
{
  Dl_info info;

  for (guint i = 0; i < G_N_ELEMENTS (symbols); i++) {
    gpointer address = dlsym (self->handle, symbols[i].name);

    if (address == NULL) {
      g_set_error (error, RY_ERROR, RY_ERROR_RGA,
          "The library for RGA has no function %s. Expected is Rockchip's "
          "librga, version 1.9 or newer.", symbols[i].name);
      return FALSE;
    }
    if (i == 0 && dladdr (address, &info) && info.dli_fname)
      self->path = g_strdup (info.dli_fname);
    G_STRUCT_MEMBER (gpointer, self, symbols[i].offset) = address;
  }
  self->standin_memory = (int (*)(uint64_t))
      dlsym (self->handle, "rga_standin_memory");
  self->is_standin = self->standin_memory != NULL;
  return TRUE;
}

/* What stands in text behind key, up to the end of the line or of the set of
 * characters. */
static gchar *
value_of (const gchar * text, const gchar * key, const gchar * characters)
{
  const gchar *found = text != NULL ? strstr (text, key) : NULL;

  if (found == NULL)
    return g_strdup ("");
  found += strlen (key);
  return g_strndup (found, strspn (found, characters));
}

gboolean
ry_rga_version_is_enough (const gchar * version)
{
  gchar *end;
  gulong major = strtoul (version, &end, 10), minor = 0;

  /* A version that cannot be read proves nothing: the functions are there. */
  if (end == version)
    return TRUE;
  if (*end == '.')
    minor = strtoul (end + 1, NULL, 10);
  return major > 1 || (major == 1 && minor >= 9);
}

/* "RGA_api version       : v1.10.3_[0]" and
 * "RGA version           : RGA_2_Enhance RGA_3 " */
static gboolean
ask_versions (RyRgaLibrary * self, GError ** error)
{
  const gchar *text = self->querystring (RGA_VERSION);
  g_autofree gchar *cores = value_of (text, "\nRGA version           : ",
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_ ");

  self->version = value_of (text, "RGA_api version       : v", "0123456789.");
  self->cores = g_strdup (g_strstrip (cores));
  if (ry_rga_version_is_enough (self->version))
    return TRUE;
  g_set_error (error, RY_ERROR, RY_ERROR_RGA,
      "%s has version %s; expected is 1.9 or newer, because older ones have "
      "another binary interface. Install a newer librga.so.", self->path,
      self->version);
  return FALSE;
}

gboolean
ry_rga_library_open (RyRgaLibrary * self, const gchar * name, GError ** error)
{
  memset (self, 0, sizeof *self);
  self->handle = open_library (name, error);
  if (self->handle == NULL)
    return FALSE;
  if (resolve_symbols (self, error)
      && (self->is_standin || check_device (error))
      && ask_versions (self, error))
    return TRUE;
  ry_rga_library_close (self);
  return FALSE;
}

void
ry_rga_library_close (RyRgaLibrary * self)
{
  g_free (self->path);
  g_free (self->version);
  g_free (self->cores);
  dlclose (self->handle);
}
