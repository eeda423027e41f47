/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* rknnyolo-inspect: says what a model is and what rknnyolo makes of it.
 *
 * Exit code 0: rknnyolo can use it, as far as can be told; 1: it cannot, which
 * is said; 2: wrong arguments. */

#include <locale.h>
#include <stdlib.h>

#include "inspection.h"

#define WRONG_ARGUMENTS 2

typedef struct
{
  gchar *model, *labels, *head, *runtime;
  gboolean header, json, version;
} Options;

static gboolean
parse_options (Options * self, int *argc, char ***argv, GError ** error)
{
  GOptionEntry entries[] = {
    {"labels", 'l', 0, G_OPTION_ARG_FILENAME, &self->labels,
        "Text file with one label a line", "FILE"},
    {"head", 0, 0, G_OPTION_ARG_STRING, &self->head,
        "The property head of rknnyolo, where shapes cannot tell", "NAME"},
    {"runtime", 'r', 0, G_OPTION_ARG_FILENAME, &self->runtime,
        "librknnrt to use in the place of the usual one", "FILE"},
    {"header", 0, 0, G_OPTION_ARG_NONE, &self->header,
        "Look at the file alone; ask no runtime", NULL},
    {"json", 'j', 0, G_OPTION_ARG_NONE, &self->json,
        "Print a JSON object, all labels in it", NULL},
    {"version", 0, 0, G_OPTION_ARG_NONE, &self->version,
        "Print the version and exit", NULL},
    {NULL}
  };
  GOptionContext *context = g_option_context_new ("MODEL");
  gboolean parsed;

  g_option_context_set_summary (context,
      "Says what a model is: a .rknn file, an .onnx file, or a folder as "
      "Ultralytics\nexports it. An .rknn needs neither an NPU nor a runtime: "
      "its header tells the\ntensors, the SoC and the toolkit. Where there is "
      "an NPU, the runtime tells zero\npoints, scales and native layouts, too; "
      "an .onnx file is opened by the stand-in.");
  g_option_context_set_description (context,
      "Exit code: 0 rknnyolo can use the model, as far as can be told; 1 it "
      "cannot;\n2 wrong arguments.");
  g_option_context_add_main_entries (context, entries, NULL);
  parsed = g_option_context_parse (context, argc, argv, error);
  g_option_context_free (context);
  if (!parsed || self->version)
    return parsed;
  if (*argc != 2) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
        "one model is needed, not %d; --help tells more.", *argc - 1);
    return FALSE;
  }
  self->model = g_strdup ((*argv)[1]);
  return TRUE;
}

static gint
inspect (const Options * options)
{
  Question question = { 0, };
  Inspection *inspection;
  gboolean good;

  question.model = options->model;
  question.labels = options->labels;
  question.head = options->head;
  question.runtime = options->runtime;
  question.header_only = options->header;
  inspection = inspection_new (&question);
  if (options->json)
    inspection_print_json (inspection);
  else
    inspection_print (inspection);
  good = inspection->error == NULL;
  inspection_free (inspection);
  return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

int
main (int argc, char **argv)
{
  Options options = { NULL, };
  g_autoptr (GError) error = NULL;
  gint code = EXIT_SUCCESS;

  setlocale (LC_ALL, "");
  setlocale (LC_NUMERIC, "C");
  if (!parse_options (&options, &argc, &argv, &error)) {
    g_printerr ("rknnyolo-inspect: %s\n", error->message);
    code = WRONG_ARGUMENTS;
  } else if (options.version) {
    g_print ("rknnyolo-inspect %s\n", PACKAGE_VERSION);
  } else {
    code = inspect (&options);
  }
  g_free (options.model);
  g_free (options.labels);
  g_free (options.head);
  g_free (options.runtime);
  return code;
}
