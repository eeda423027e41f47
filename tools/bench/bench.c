/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* rknnyolo-bench: how many inferences a second rknnyolo makes of a model, by
 * cores and contexts, and where the time goes.
 *
 * Exit code 0: measured; 1: that failed, which is said; 2: wrong arguments. */

#include <gst/gst.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

#include "result.h"

#define WRONG_ARGUMENTS 2
#define MAX_CONTEXTS 8          /* what contexts-per-core takes */

typedef struct
{
  gchar *model, *runtime, *size, *format;
  gchar **properties;
  gdouble seconds;
  gint cores, contexts;
  gboolean json, version;

  guint width, height;
  GstVideoFormat pixels;
} Options;

/* ---- The command line ---------------------------------------------------- */

static gboolean
check_size (Options * self, GError ** error)
{
  gchar rest;

  if (sscanf (self->size ? self->size : "1920x1080", "%ux%u%c", &self->width,
          &self->height, &rest) != 2 || self->width < 16 || self->height < 16
      || self->width > 8192 || self->height > 8192) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
        "--size %s: expected is one such as 1920x1080, from 16x16 to "
        "8192x8192.", self->size);
    return FALSE;
  }
  self->pixels = gst_video_format_from_string (self->format ? self->format :
      "NV12");
  if (self->pixels == GST_VIDEO_FORMAT_UNKNOWN) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
        "--format %s: GStreamer has no such format. Expected is one such as "
        "NV12, I420, YUY2 or BGRx.", self->format);
    return FALSE;
  }
  return TRUE;
}

static gboolean
check_numbers (const Options * self, GError ** error)
{
  if (self->seconds > 0 && self->seconds <= 3600 && self->cores >= 0
      && self->contexts >= 1 && self->contexts <= MAX_CONTEXTS)
    return TRUE;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
      "expected are --seconds above 0 and up to 3600, --cores from 1 (0: all) "
      "and --contexts-per-core from 1 to %d.", MAX_CONTEXTS);
  return FALSE;
}

static gboolean
parse_options (Options * self, int *argc, char ***argv, GError ** error)
{
  GOptionEntry entries[] = {
    {"seconds", 's', 0, G_OPTION_ARG_DOUBLE, &self->seconds,
        "Length of each measurement (5)", "S"},
    {"cores", 'c', 0, G_OPTION_ARG_INT, &self->cores,
        "Measure with 1 to N cores (0: all there are)", "N"},
    {"contexts-per-core", 'k', 0, G_OPTION_ARG_INT, &self->contexts,
        "Measure with 1 to K contexts on each core (3)", "K"},
    {"size", 0, 0, G_OPTION_ARG_STRING, &self->size,
        "Size of the frames (1920x1080)", "WIDTHxHEIGHT"},
    {"format", 'f', 0, G_OPTION_ARG_STRING, &self->format,
        "Format of the frames (NV12)", "FORMAT"},
    {"runtime", 'r', 0, G_OPTION_ARG_FILENAME, &self->runtime,
        "librknnrt to use in the place of the usual one", "FILE"},
    {"set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &self->properties,
        "Any property of rknnyolo; may be repeated", "PROPERTY=VALUE"},
    {"json", 'j', 0, G_OPTION_ARG_NONE, &self->json,
        "Print a JSON object, when all is measured", NULL},
    {"version", 0, 0, G_OPTION_ARG_NONE, &self->version,
        "Print the version and exit", NULL},
    {NULL}
  };
  GOptionContext *context = g_option_context_new ("MODEL");
  gboolean parsed;

  g_option_context_set_summary (context,
      "Feeds frames to rknnyolo as fast as it takes them, with one core and "
      "context and\nthen with more, and prints inferences a second, "
      "latencies and the times of the\nstages as a Markdown table. Frames are "
      "made beforehand and cost nothing.");
  g_option_context_set_description (context,
      "An .onnx model runs on the stand-in, on the CPU; RKNN_STANDIN_TIME=15.1 "
      "lets it\nplay an NPU of that speed (docs/standin.md).\n\nExit code: 0 "
      "measured; 1 failed; 2 wrong arguments.");
  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_add_group (context, gst_init_get_option_group ());
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
  return check_numbers (self, error) && check_size (self, error);
}

static void
options_clear (Options * self)
{
  g_free (self->model);
  g_free (self->runtime);
  g_free (self->size);
  g_free (self->format);
  g_strfreev (self->properties);
}

/* ---- The measurements ---------------------------------------------------- */

/* What there is to measure, in the order of the table. */
static GArray *
plan (const Options * options, guint available)
{
  GArray *lines = g_array_new (FALSE, TRUE, sizeof (Measurement));
  guint cores = options->cores > 0 ? MIN ((guint) options->cores, available)
      : available;
  Measurement line = {.cores = 1,.contexts = 1,.alone = TRUE };

  g_array_append_val (lines, line);
  line.alone = FALSE;
  for (line.cores = 1; line.cores <= cores; line.cores++) {
    for (line.contexts = 1; line.contexts <= (guint) options->contexts;
        line.contexts++)
      g_array_append_val (lines, line);
  }
  return lines;
}

static gboolean
measure_all (const Options * options, const Conditions * conditions,
    const FlowElement * element, GError ** error)
{
  g_autoptr (GArray) lines = plan (options, conditions->info->cores);

  if (!options->json)
    result_print_header (conditions);
  for (guint i = 0; i < lines->len; i++) {
    Measurement *line = &g_array_index (lines, Measurement, i);

    if (!measurement_run (line, element, conditions->pictures,
            conditions->seconds, error))
      return FALSE;
    if (!options->json)
      result_print_line (line);
    fflush (stdout);
  }
  if (options->json)
    result_print_json (conditions, lines);
  else
    result_print_footer (conditions);
  return TRUE;
}

static gboolean
bench (const Options * options, FlowPictures * pictures, GError ** error)
{
  FlowElement element = { 0, };
  ElementInfo info = { NULL, };
  Conditions conditions = { 0, };
  g_autoptr (RyModelFile) file = ry_model_file_open (options->model, error);
  gboolean good;

  if (!file)
    return FALSE;
  element.model = options->model;
  element.runtime = options->runtime;
  element.others = options->properties;
  if (!element_info_init (&info, &element, pictures, error))
    return FALSE;
  conditions.info = &info;
  conditions.file = file;
  conditions.pictures = pictures;
  conditions.seconds = options->seconds;
  conditions.properties = options->properties;
  good = measure_all (options, &conditions, &element, error);
  element_info_clear (&info);
  return good;
}

static gint
run (const Options * options, GError ** error)
{
  FlowPictures pictures;
  gboolean good;

  if (!flow_pictures_init (&pictures, options->pixels, options->width,
          options->height)) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
        "Frames of %ux%u in %s cannot be made.", options->width,
        options->height, gst_video_format_to_string (options->pixels));
    return EXIT_FAILURE;
  }
  good = bench (options, &pictures, error);
  flow_pictures_clear (&pictures);
  return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

int
main (int argc, char **argv)
{
  Options options = {.seconds = 5,.contexts = 3 };
  g_autoptr (GError) error = NULL;
  gint code = WRONG_ARGUMENTS;

  setlocale (LC_ALL, "");
  setlocale (LC_NUMERIC, "C");
  if (parse_options (&options, &argc, &argv, &error)) {
    if (options.version) {
      g_print ("rknnyolo-bench %s\n", PACKAGE_VERSION);
      code = EXIT_SUCCESS;
    } else {
      code = run (&options, &error);
    }
  }
  if (error)
    g_printerr ("rknnyolo-bench: %s\n", error->message);
  options_clear (&options);
  return code;
}
