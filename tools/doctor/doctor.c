/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* rknnyolo-doctor: says what of a board is not as it should be, and what to do.
 *
 * Exit code 0: no problems (there may be warnings); 1: problems; 2: wrong
 * arguments. */

#include <locale.h>
#include <stdlib.h>

#include "checks.h"

#define WRONG_ARGUMENTS 2

typedef struct
{
  gchar *root, *user;
  gboolean json, version;
} Options;

static gboolean
parse_options (Options * self, int *argc, char ***argv, GError ** error)
{
  GOptionEntry entries[] = {
    {"json", 'j', 0, G_OPTION_ARG_NONE, &self->json,
        "Print a JSON object", NULL},
    {"user", 'u', 0, G_OPTION_ARG_STRING, &self->user,
        "Whose rights count: a name, or numbers such as 1000:44,105 (you, "
          "also under sudo)", "USER"},
    {"root", 0, 0, G_OPTION_ARG_FILENAME, &self->root,
        "Look below this folder in the place of /, and not at GStreamer; for "
          "tests and for images of boards", "FOLDER"},
    {"version", 0, 0, G_OPTION_ARG_NONE, &self->version,
        "Print the version and exit", NULL},
    {NULL}
  };
  GOptionContext *context = g_option_context_new (NULL);
  gboolean parsed;

  g_option_context_set_summary (context,
      "Looks at the NPU, its driver and runtime, RGA, memory, clocks, "
      "temperatures,\ndevice rights and GStreamer, and says for each whether "
      "it is as it should be, and\nwhat to do. Changes nothing. With sudo it "
      "sees more (debugfs).");
  g_option_context_set_description (context,
      "Exit code: 0 no problems (warnings there may be); 1 problems; 2 wrong "
      "arguments.");
  g_option_context_add_main_entries (context, entries, NULL);
  parsed = g_option_context_parse (context, argc, argv, error);
  g_option_context_free (context);
  if (parsed && *argc != 1) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
        "\"%s\" is no option; --help tells which there are.", (*argv)[1]);
    return FALSE;
  }
  return parsed;
}

static void
run_checks (const Machine * machine, Report * report)
{
  Known known = { NULL, };

  check_board (machine, &known, report);
  check_npu (machine, &known, report);
  check_runtime (machine, &known, report);
  check_rga (machine, &known, report);
  check_memory (machine, &known, report);
  check_clocks (machine, &known, report);
  check_heat (machine, &known, report);
  check_video (machine, &known, report);
  check_gstreamer (machine, &known, report);
  g_free (known.soc);
  g_free (known.npu_node);
}

static gint
examine (const Options * options, GError ** error)
{
  Machine machine;
  Report *report;
  gboolean problems;

  if (!machine_init (&machine, options->root, options->user, error))
    return WRONG_ARGUMENTS;
  report = report_new ();
  run_checks (&machine, report);
  if (options->json)
    report_print_json (report);
  else
    report_print (report);
  problems = report_count (report, LEVEL_PROBLEM) > 0;
  report_free (report);
  machine_clear (&machine);
  return problems ? EXIT_FAILURE : EXIT_SUCCESS;
}

int
main (int argc, char **argv)
{
  Options options = { NULL, };
  g_autoptr (GError) error = NULL;
  gint code = WRONG_ARGUMENTS;

  setlocale (LC_ALL, "");
  setlocale (LC_NUMERIC, "C");
  if (parse_options (&options, &argc, &argv, &error)) {
    if (options.version) {
      g_print ("rknnyolo-doctor %s\n", PACKAGE_VERSION);
      code = EXIT_SUCCESS;
    } else {
      code = examine (&options, &error);
    }
  }
  if (error)
    g_printerr ("rknnyolo-doctor: %s\n", error->message);
  g_free (options.root);
  g_free (options.user);
  return code;
}
