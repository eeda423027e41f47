/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the main functions of the tools have in common. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define TOOL_WRONG_ARGUMENTS 2  /* exit code; 1: it failed */

typedef struct
{
  const gchar *name;            /* of the program */
  const gchar *arguments;       /* behind the options, for --help, or NULL */
  const gchar *summary, *description;
  GOptionGroup *group;          /* further options, taken over, or NULL */
} ToolUsage;

/* Sets the locale, in which numbers keep their decimal point, and parses entries
 * and --version, which prints it and ends the program.  Errors are of
 * G_OPTION_ERROR. */
gboolean tool_parse (const ToolUsage * usage, const GOptionEntry * entries,
    int *argc, char ***argv, GError ** error);

/* A copy of the only argument that is left, a model; NULL with error otherwise. */
gchar *tool_get_model (int argc, char **argv, GError ** error);

/* Says on stderr what went wrong; error may be NULL. */
void tool_complain (const gchar * name, const GError * error);

G_END_DECLS
