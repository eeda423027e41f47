/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tool.h"

#include <locale.h>
#include <stdlib.h>

static gboolean
print_version (const gchar * option, const gchar * value, gpointer data,
    GError ** error)
{
  const ToolUsage *usage = data;

  g_print ("%s %s\n", usage->name, PACKAGE_VERSION);
  exit (EXIT_SUCCESS);
}

gboolean
tool_parse (const ToolUsage * usage, const GOptionEntry * entries, int *argc,
    char ***argv, GError ** error)
{
  const GOptionEntry version[] = {
    {"version", 0, G_OPTION_FLAG_NO_ARG, G_OPTION_ARG_CALLBACK, print_version,
        "Print the version and exit", NULL},
    {NULL}
  };
  GOptionContext *context = g_option_context_new (usage->arguments);
  GOptionGroup *main_group = g_option_group_new ("main", "", "",
      (gpointer) usage, NULL);
  gboolean parsed;

  setlocale (LC_ALL, "");
  setlocale (LC_NUMERIC, "C");
  g_option_group_add_entries (main_group, entries);
  g_option_group_add_entries (main_group, version);
  g_option_context_set_main_group (context, main_group);
  if (usage->group)
    g_option_context_add_group (context, usage->group);
  g_option_context_set_summary (context, usage->summary);
  g_option_context_set_description (context, usage->description);
  parsed = g_option_context_parse (context, argc, argv, error);
  g_option_context_free (context);
  return parsed;
}

gchar *
tool_get_model (int argc, char **argv, GError ** error)
{
  if (argc == 2)
    return g_strdup (argv[1]);
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
      "one model is needed, not %d; --help tells more.", argc - 1);
  return NULL;
}

void
tool_complain (const gchar * name, const GError * error)
{
  if (error)
    g_printerr ("%s: %s\n", name, error->message);
}
