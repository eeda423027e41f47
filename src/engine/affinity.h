/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which CPUs the workers' threads run on. */

#pragma once

#include <glib.h>

#include "ryerror.h"

G_BEGIN_DECLS

#define RY_MAX_CPUS 1024

typedef struct
{
  guint64 cpus[RY_MAX_CPUS / 64];       /* a bit each, CPU 0 the lowest */
  gboolean bound;               /* FALSE: to no CPUs in particular */
} RyAffinity;

/* Makes a set of wanted: "auto" or NULL for the big CPUs where there are big
 * and little ones, "none" for all, or a list such as "4-7,2".  sysfs is where
 * the kernel tells of its CPUs ("/sys").
 *
 * Returns FALSE with RY_ERROR_SETTINGS for a text of another form, or a list
 * without any CPU that this process may use. */
gboolean ry_affinity_init (RyAffinity * self, const gchar * wanted,
    const gchar * sysfs, GError ** error);

/* Binds the calling thread.  CPUs that may have gone since are no error: the
 * thread then runs where it did. */
void ry_affinity_apply (const RyAffinity * self);

gboolean ry_affinity_has (const RyAffinity * self, guint cpu);

G_END_DECLS
