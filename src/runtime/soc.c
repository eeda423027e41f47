/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "runtime/soc.h"

#include <string.h>

#define VENDOR "rockchip,"
#define MAX_COMPATIBLE 4096     /* real ones have some 60 bytes */

/* Beginnings of names, as device trees have them, and what rknn-toolkit2's
 * target_platform calls them; the same number is the same NPU.  RK3582 and
 * RK3583 are RK3588 with parts switched off. */
typedef struct
{
  const gchar *prefix, *platform;
  guint npu;
} Soc;

static const Soc socs[] = {
  {"rk3588", "rk3588", 1},
  {"rk3582", "rk3588", 1},
  {"rk3583", "rk3588", 1},
  {"rk3576", "rk3576", 2},
  {"rk3566", "rk3566", 3},
  {"rk3568", "rk3568", 3},
  {"rk3562", "rk3562", 4},
  {"rv1126b", "rv1126b", 5},
  {"rv1103", "rv1103", 6},
  {"rv1106", "rv1106", 6},
};

static const Soc *
find_soc (const gchar * name)
{
  for (guint i = 0; i < G_N_ELEMENTS (socs); i++) {
    if (g_ascii_strncasecmp (name, socs[i].prefix,
            strlen (socs[i].prefix)) == 0)
      return &socs[i];
  }
  return NULL;
}

/* 0: not known. */
static guint
npu_of (const gchar * name)
{
  const Soc *soc = find_soc (name);

  return soc ? soc->npu : 0;
}

const gchar *
ry_soc_platform (const gchar * soc)
{
  const Soc *known = soc ? find_soc (soc) : NULL;

  return known ? known->platform : NULL;
}

/* "rk3588s" of "rk3588s-orangepi-5"; NULL if it is no name of a SoC. */
static gchar *
soc_name (const gchar * text)
{
  gsize n = 0;

  while (g_ascii_isalnum (text[n]))
    n++;
  if (n < 5 || text[0] != 'r' || (text[1] != 'k' && text[1] != 'v')
      || !g_ascii_isdigit (text[2]))
    return NULL;
  return g_strndup (text, n);
}

/* A list of texts, each with a NUL at its end. */
static gchar *
read_compatible (const gchar * path)
{
  g_autofree gchar *list = NULL;
  gchar *found = NULL;
  gsize length, at = 0;

  if (!g_file_test (path, G_FILE_TEST_IS_REGULAR)
      || !g_file_get_contents (path, &list, &length, NULL))
    return NULL;
  length = MIN (length, MAX_COMPATIBLE);
  while (at < length) {
    const gchar *entry = list + at;

    if (g_str_has_prefix (entry, VENDOR)) {
      gchar *name = soc_name (entry + strlen (VENDOR));

      if (name) {
        g_free (found);
        found = name;
      }
    }
    at += strlen (entry) + 1;
  }
  return found;
}

gchar *
ry_soc_detect (const gchar * root)
{
  static const gchar *const places[] = {
    "proc/device-tree/compatible",
    "sys/firmware/devicetree/base/compatible",
  };
  const gchar *told = g_getenv (RY_SOC_ENVIRONMENT);
  gchar *found = NULL;

  if (told && *told)
    return strcmp (told, "none") == 0 ? NULL : g_ascii_strdown (told, -1);
  for (guint i = 0; !found && i < G_N_ELEMENTS (places); i++) {
    g_autofree gchar *path = g_build_filename (root, places[i], NULL);

    found = read_compatible (path);
  }
  return found;
}

gboolean
ry_soc_takes (const gchar * soc, const gchar * targets)
{
  guint npu = soc ? npu_of (soc) : 0;
  g_auto (GStrv) names = NULL;

  if (npu == 0 || !targets || !*targets)
    return TRUE;
  names = g_strsplit (targets, ",", -1);
  for (guint i = 0; names[i]; i++) {
    guint wanted = npu_of (g_strstrip (names[i]));

    if (wanted == 0 || wanted == npu)
      return TRUE;
  }
  return FALSE;
}
