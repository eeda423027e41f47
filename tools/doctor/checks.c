/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What several checks need. */

#include "checks.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

Access
check_node (const Machine * machine, Report * report, const gchar * area,
    const gchar * id, const gchar * path, Level level, const gchar * remedy)
{
  g_autofree gchar *advice = NULL;
  Access access = machine_access (machine, path, &advice);

  if (access == ACCESS_OK)
    report_add (report, area, id, LEVEL_OK, NULL, "%s is there and can be used",
        path);
  else if (access == ACCESS_MISSING)
    report_add (report, area, id, level, remedy, "%s is missing", path);
  else
    report_add (report, area, id, LEVEL_PROBLEM, advice,
        "%s is there, but %s may not read and write it", path,
        machine->user ? machine->user : "this user");
  return access;
}

gchar *
check_read_debug (const Machine * machine, const gchar * const *paths,
    gboolean * hidden)
{
  *hidden = FALSE;
  for (guint i = 0; paths[i]; i++) {
    gchar *text = machine_read (machine, paths[i]);
    g_autofree gchar *full = machine_path (machine, paths[i]);

    if (text && *text)
      return text;
    g_free (text);
    if (access (full, R_OK) != 0 && errno == EACCES)
      *hidden = TRUE;
  }
  return NULL;
}

/* ---- Libraries ----------------------------------------------------------- */

static void
add_library (GPtrArray * found, const Machine * machine, const gchar * folder,
    const gchar * name)
{
  g_autofree gchar *inside = g_build_filename (folder, name, NULL);
  gchar *path = machine_path (machine, inside);
  g_autofree gchar *real = realpath (path, NULL);

  /* /lib leads to /usr/lib, and names to versions. */
  for (guint i = 0; real && i < found->len; i++) {
    g_autofree gchar *other = realpath (g_ptr_array_index (found, i), NULL);

    if (g_strcmp0 (other, real) == 0)
      real = (g_free (real), NULL);
  }
  if (real && g_file_test (path, G_FILE_TEST_IS_REGULAR))
    g_ptr_array_add (found, path);
  else
    g_free (path);
}

GPtrArray *
check_find_libraries (const Machine * machine, const gchar * name)
{
  static const gchar *const folders[] = {
    "/usr/local/lib/aarch64-linux-gnu", "/usr/local/lib",
    "/lib/aarch64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/lib64",
    "/usr/lib64", "/lib", "/usr/lib", "/vendor/lib64", "/oem/usr/lib",
  };
  GPtrArray *found = g_ptr_array_new_with_free_func (g_free);
  const gchar *variable = machine->real ? g_getenv ("LD_LIBRARY_PATH") : NULL;
  g_auto (GStrv) named = g_strsplit (variable ? variable : "", ":", -1);

  for (guint i = 0; named[i]; i++) {
    if (*named[i])
      add_library (found, machine, named[i], name);
  }
  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    add_library (found, machine, folders[i], name);
  return found;
}

const gchar *
check_wrong_machine (const gchar * path)
{
  unsigned char begin[20] = { 0, };
  gint fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  gssize n = fd < 0 ? -1 : read (fd, begin, sizeof (begin));

  if (fd >= 0)
    close (fd);
  if (n < (gssize) sizeof (begin) || memcmp (begin, ELFMAG, SELFMAG) != 0)
    return "nothing: it is no shared library, or is cut off";
  switch (begin[18] | begin[19] << 8) {
    case EM_AARCH64:
      return NULL;
    case EM_ARM:
      return "32-bit ARM (armhf)";
    case EM_X86_64:
      return "x86-64";
    default:
      return "another processor";
  }
}
