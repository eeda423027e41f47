/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Calls that are to fail, by a variable such as RKNN_STANDIN_FAIL: a list of
 * function:when[:code] with commas between.
 *
 *   when   N      the Nth call         code   -1 to -13, what is returned;
 *          N+     from the Nth on             functions that give a pointer
 *          /N     every Nth                   have none and return NULL
 *          ~P     P percent of the calls, the same ones in every process */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _RyFaults RyFaults;

/* A function that can be made to fail. */
typedef struct
{
  const gchar *name;
  gint code;                    /* of a failure that is not its arguments'
                                 * fault; 0: it has no codes */
} RyFaultName;

/* The library that this is part of says what can fail in it. */
typedef struct
{
  const gchar *variable;        /* for messages */
  gint lowest_code;
  const gchar *nothing;         /* what functions without a code return */
  const RyFaultName *functions;
  guint n_functions;
} RyFaultNames;

extern const RyFaultNames ry_fault_names;

/* NULL with the reason in *error, which says what was expected. */
RyFaults *ry_faults_parse (const gchar * list, GError ** error);

/* Calls are counted over the process: who asks for the list that the one
 * before had asked for, gets the same.  Another list (NULL and "" are none)
 * begins to count anew.  *faults may become NULL. */
gboolean ry_faults_get (const gchar * list, RyFaults ** faults,
    GError ** error);

/* What was asked for last, for calls that have no context; may be NULL. */
RyFaults *ry_faults_current (void);

RyFaults *ry_faults_ref (RyFaults * self);
void ry_faults_unref (RyFaults * self);

/* Counts a call.  0, or what the function is to return; for one that returns
 * a pointer any other number.  self may be NULL. */
gint ry_faults_count (RyFaults * self, const gchar * function);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RyFaults, ry_faults_unref)

G_END_DECLS
