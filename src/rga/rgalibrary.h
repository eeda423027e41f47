/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One opened librga, or the stand-in for it.  Nothing here is linked at build
 * time. */

#pragma once

#include <glib.h>

#include "rga_api.h"

G_BEGIN_DECLS

#define RY_RGA_DEVICE "/dev/rga"

typedef struct
{
  gpointer handle;
  gchar *path;                  /* the file the loader took */
  gchar *version;               /* "1.10.3" */
  gchar *cores;                 /* "RGA_2_Enhance RGA_3" */
  gboolean is_standin;

  rga_buffer_handle_t (*importbuffer_fd) (int, im_handle_param_t *);
  IM_STATUS (*releasebuffer_handle) (rga_buffer_handle_t);
  rga_buffer_t (*wrapbuffer_handle_t) (rga_buffer_handle_t, int, int, int,
      int, int);
  IM_STATUS (*improcess) (rga_buffer_t, rga_buffer_t, rga_buffer_t, im_rect,
      im_rect, im_rect, int);
  IM_STATUS (*imconfig) (int, uint64_t);
  const char *(*querystring) (int);
  const char *(*imStrError_t) (IM_STATUS);
  int (*standin_memory) (uint64_t);     /* NULL in librga */
} RyRgaLibrary;

/* Opens name: a path or a name for the loader; NULL: librga.so.2 or librga.so.
 * Librga is not touched unless /dev/rga can be opened, since it crashes then;
 * the stand-in needs no device.  FALSE with an RY_ERROR_RGA, and nothing to
 * close. */
gboolean ry_rga_library_open (RyRgaLibrary * self, const gchar * name,
    GError ** error);
void ry_rga_library_close (RyRgaLibrary * self);

/* FALSE when version, "1.10.3", is before 1.9, whose structures are others. */
gboolean ry_rga_version_is_enough (const gchar * version);

G_END_DECLS
