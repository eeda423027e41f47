/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Threads that help a caller with work that comes in pieces.  They are made
 * once, and nothing depends on them: the caller works as well, takes whatever
 * pieces nobody else has taken, and waits only for those that are being worked
 * on.  Helpers that could not be made, or wake up late, are not missed. */

#pragma once

#include <glib.h>

/* Threads that may work on one job, the caller included; conversions are bound
 * by memory, which a few threads keep busy. */
#define RY_POOL_MAX_THREADS 4

typedef struct _RyPool RyPool;

/* worker is 0 for the caller and below RY_POOL_MAX_THREADS; no two pieces of a
 * job are done at once by the same worker. */
typedef void (*RyPoolFunc) (gpointer data, guint worker, guint piece);

/* threads includes the caller's. */
RyPool *ry_pool_new (guint threads);
void ry_pool_free (RyPool * self);

/* Calls func for all pieces below n and returns when all are done.  With self
 * NULL, or busy with another caller's job, the caller does them all. */
void ry_pool_run (RyPool * self, RyPoolFunc func, gpointer data, guint n);
