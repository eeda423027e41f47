/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "machine.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_FILE 4096
#define MAX_NAMES 256

/* ---- Files --------------------------------------------------------------- */

gchar *
machine_path (const Machine * self, const gchar * path)
{
  return g_build_filename (self->root, path, NULL);
}

const gchar *
machine_show (const Machine * self, const gchar * full)
{
  const gchar *rest = full + strlen (self->root);

  if (self->real || !g_str_has_prefix (full, self->root) || *rest != '/')
    return full;
  return rest;
}

gboolean
machine_has (const Machine * self, const gchar * path)
{
  g_autofree gchar *full = machine_path (self, path);

  return g_file_test (full, G_FILE_TEST_EXISTS);
}

/* Not g_file_get_contents(), which would wait at a FIFO and read without end
 * from a device. */
static gchar *
read_some (const gchar * path)
{
  gint fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  gchar buffer[MAX_FILE];
  gsize filled = 0;
  gssize n = 0;

  if (fd < 0)
    return NULL;
  while (filled < sizeof (buffer)
      && (n = read (fd, buffer + filled, sizeof (buffer) - filled)) > 0)
    filled += n;
  close (fd);
  return n < 0 ? NULL : g_utf8_make_valid (buffer, filled);
}

gchar *
machine_read (const Machine * self, const gchar * path)
{
  g_autofree gchar *full = machine_path (self, path);
  gchar *text = read_some (full);

  /* A text in the device tree ends with a NUL, which becomes a replacement. */
  if (text) {
    gchar *end = strstr (text, "\357\277\275");

    if (end)
      *end = '\0';
    g_strstrip (text);
  }
  return text;
}

guint64
machine_read_number (const Machine * self, const gchar * path)
{
  g_autofree gchar *text = machine_read (self, path);

  return text ? g_ascii_strtoull (text, NULL, 10) : 0;
}

gchar *
machine_link_name (const Machine * self, const gchar * path)
{
  g_autofree gchar *full = machine_path (self, path);
  g_autofree gchar *target = g_file_read_link (full, NULL);

  return target ? g_path_get_basename (target) : NULL;
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  const gchar *x = *(const gchar * const *) a, *y = *(const gchar * const *) b;

  /* card2 before card10 */
  if (strlen (x) != strlen (y))
    return strlen (x) < strlen (y) ? -1 : 1;
  return strcmp (x, y);
}

GPtrArray *
machine_list (const Machine * self, const gchar * folder, const gchar * prefix)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autofree gchar *full = machine_path (self, folder);
  g_autoptr (GDir) dir = g_dir_open (full, 0, NULL);
  const gchar *name;

  while (dir && names->len < MAX_NAMES && (name = g_dir_read_name (dir))) {
    if (g_str_has_prefix (name, prefix))
      g_ptr_array_add (names, g_utf8_make_valid (name, -1));
  }
  g_ptr_array_sort (names, compare_names);
  return names;
}

/* ---- Users --------------------------------------------------------------- */

static void
add_group (Machine * self, guint gid)
{
  if (self->n_groups < MACHINE_MAX_GROUPS)
    self->groups[self->n_groups++] = gid;
}

/* "1000:44,105" */
static gboolean
take_numbers (Machine * self, const gchar * user)
{
  g_auto (GStrv) parts = g_strsplit (user, ":", 2);
  g_auto (GStrv) groups = g_strsplit (parts[1] ? parts[1] : "", ",", -1);
  guint64 number;

  if (!parts[0] || !g_ascii_string_to_unsigned (parts[0], 10, 0, G_MAXUINT32,
          &number, NULL))
    return FALSE;
  self->uid = number;
  for (guint i = 0; groups[i]; i++) {
    if (!g_ascii_string_to_unsigned (groups[i], 10, 0, G_MAXUINT32, &number,
            NULL))
      return FALSE;
    add_group (self, number);
  }
  return TRUE;
}

static gboolean
take_name (Machine * self, const gchar * name)
{
  const struct passwd *entry = getpwnam (name);
  gid_t groups[MACHINE_MAX_GROUPS];
  gint n = MACHINE_MAX_GROUPS;

  if (!entry)
    return FALSE;
  self->user = g_strdup (name);
  self->uid = entry->pw_uid;
  if (getgrouplist (name, entry->pw_gid, groups, &n) < 0)
    n = MACHINE_MAX_GROUPS;
  for (gint i = 0; i < n; i++)
    add_group (self, groups[i]);
  return TRUE;
}

static void
take_process (Machine * self)
{
  gid_t groups[MACHINE_MAX_GROUPS];
  gint n = getgroups (MACHINE_MAX_GROUPS, groups);
  const struct passwd *entry = getpwuid (geteuid ());

  self->self = self->real;
  self->user = g_strdup (entry ? entry->pw_name : NULL);
  self->uid = geteuid ();
  add_group (self, getegid ());
  for (gint i = 0; i < n; i++)
    add_group (self, groups[i]);
}

gboolean
machine_init (Machine * self, const gchar * root, const gchar * user,
    GError ** error)
{
  const gchar *caller = g_getenv ("SUDO_USER");

  memset (self, 0, sizeof (*self));
  self->root = root ? root : "/";
  self->real = strcmp (self->root, "/") == 0;
  if (!user && geteuid () == 0 && caller && *caller && take_name (self, caller))
    return TRUE;
  if (!user) {
    take_process (self);
    return TRUE;
  }
  if (take_numbers (self, user) || take_name (self, user))
    return TRUE;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
      "--user %s: there is no such user. Expected is a name, or numbers such "
      "as 1000:44,105 (user and groups).", user);
  return FALSE;
}

void
machine_clear (Machine * self)
{
  g_free (self->user);
}

/* ---- Rights -------------------------------------------------------------- */

/* "video", by the machine's own list; NULL if it has no such group. */
static gchar *
group_name (const Machine * self, guint gid)
{
  g_autofree gchar *path = machine_path (self, "/etc/group");
  gboolean regular = g_file_test (path, G_FILE_TEST_IS_REGULAR);
  FILE *file = regular ? fopen (path, "re") : NULL;
  const struct group *entry;
  gchar *name = NULL;

  if (!file)
    return NULL;
  while (!name && (entry = fgetgrent (file))) {
    if (entry->gr_gid == gid)
      name = g_utf8_make_valid (entry->gr_name, -1);
  }
  fclose (file);
  return name;
}

static gboolean
is_member (const Machine * self, guint gid)
{
  for (guint i = 0; i < self->n_groups; i++) {
    if (self->groups[i] == gid)
      return TRUE;
  }
  return FALSE;
}

static gboolean
may_use (const Machine * self, const gchar * path, const struct stat *status)
{
  guint bits = status->st_mode & 7;

  if (self->self)
    return access (path, R_OK | W_OK) == 0;
  if (self->uid == 0)
    return TRUE;
  if (status->st_uid == self->uid)
    bits = status->st_mode >> 6 & 7;
  else if (is_member (self, status->st_gid))
    bits = status->st_mode >> 3 & 7;
  return (bits & 6) == 6;
}

static gchar *
advise (const Machine * self, const gchar * path, const struct stat *status)
{
  g_autofree gchar *group = group_name (self, status->st_gid);
  const gchar *user = self->user ? self->user : "$USER";
  g_autofree gchar *name = g_path_get_basename (path);
  gboolean heap = strstr (path, "/dma_heap/") != NULL;

  if (group && status->st_gid != 0 && (status->st_mode >> 3 & 6) == 6) {
    if (is_member (self, status->st_gid))
      return g_strdup_printf ("The user is in the group %s already, so the "
          "system forbids it otherwise (in a container: device cgroup).",
          group);
    return g_strdup_printf ("Run \"sudo usermod -aG %s %s\" and log in again.",
        group, user);
  }
  return g_strdup_printf ("Its owner and mode let no group use it: write the "
      "line %s==\"%s\", GROUP=\"video\", MODE=\"0660\" to "
      "/etc/udev/rules.d/99-rockchip.rules, run \"sudo udevadm trigger\" and "
      "\"sudo usermod -aG video %s\", and log in again.",
      heap ? "SUBSYSTEM" : "KERNEL", heap ? "dma_heap" : name, user);
}

Access
machine_access (const Machine * self, const gchar * path, gchar ** remedy)
{
  g_autofree gchar *full = machine_path (self, path);
  struct stat status;

  if (remedy)
    *remedy = NULL;
  if (stat (full, &status) != 0)
    return errno == EACCES ? ACCESS_DENIED : ACCESS_MISSING;
  if (may_use (self, full, &status))
    return ACCESS_OK;
  if (remedy)
    *remedy = advise (self, path, &status);
  return ACCESS_DENIED;
}
