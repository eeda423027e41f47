/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Versions of the vendor's libraries that can be told without running them. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What stands before the version in the library, as Rockchip's own guides
 * tell to look for it with strings(1): the runtime's is in "Quick start"
 * (strings librknnrt.so | grep "librknnrt version"), librga's is
 * RGA_API_FULL_VERSION of its im2d_version.h. */
#define RY_RUNTIME_MARKER "librknnrt version: "
#define RY_RGA_MARKER "rga_api version "

/* The text behind marker in the file at path, up to the first byte that is
 * not printable: "2.3.2 (429f97ae6b@2025-04-09T09:09:27)".  NULL if the file
 * cannot be read or has no such text with a digit behind it. */
gchar *ry_library_version (const gchar * path, const gchar * marker);

/* "2.3.2 (hash@date)" or "v0.9.8" as numbers that can be compared: 2003002.
 * 0 if the text does not begin so. */
guint ry_version_number (const gchar * text);
#define RY_VERSION(major, minor, patch) \
  ((major) * 1000000 + (minor) * 1000 + (patch))

G_END_DECLS
