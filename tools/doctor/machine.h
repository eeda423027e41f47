/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The machine that is looked at: this one, or a folder that a test has filled
 * like one.  All paths are absolute and without that folder.  What the files
 * hold is nobody's promise: it is read up to a limit and made valid text. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define MACHINE_MAX_GROUPS 128

typedef struct
{
  const gchar *root;            /* "/", or a folder */
  gboolean real;                /* it is "/" */

  /* whose rights count */
  gboolean self;                /* those of this process, ACLs and all */
  gchar *user;                  /* a name, for "usermod"; NULL: not known */
  guint uid;
  guint groups[MACHINE_MAX_GROUPS];
  guint n_groups;
} Machine;

/* user is a name of the machine's, or "UID:GID,GID"; NULL: whoever runs this,
 * or called sudo.  FALSE if there is no such user. */
gboolean machine_init (Machine * self, const gchar * root, const gchar * user,
    GError ** error);
void machine_clear (Machine * self);

/* The path to open; free with g_free. */
gchar *machine_path (const Machine * self, const gchar * path);
/* The other way round, for messages: the part of full behind root. */
const gchar *machine_show (const Machine * self, const gchar * full);
gboolean machine_has (const Machine * self, const gchar * path);

/* The beginning of a small file without blanks at its ends, or NULL. */
gchar *machine_read (const Machine * self, const gchar * path);
/* The same as a whole number; 0 if it is none. */
guint64 machine_read_number (const Machine * self, const gchar * path);
/* The last part of what a link leads to, or NULL. */
gchar *machine_link_name (const Machine * self, const gchar * path);

/* Names in a folder that begin with prefix, sorted; empty if it has none or
 * cannot be read.  Free with g_ptr_array_unref. */
GPtrArray *machine_list (const Machine * self, const gchar * folder,
    const gchar * prefix);

typedef enum
{
  ACCESS_OK,                    /* to read and to write */
  ACCESS_MISSING,
  ACCESS_DENIED,
} Access;

/* remedy is set to a sentence for ACCESS_DENIED (free with g_free), NULL
 * otherwise; it may be NULL itself. */
Access machine_access (const Machine * self, const gchar * path,
    gchar ** remedy);

G_END_DECLS
