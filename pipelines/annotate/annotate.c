/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* rknnyolo-annotate: draws what a model finds in a video file into a copy of
 * it, and says at the end what was found and how fast.
 *
 * It is also an example of how an application embeds the elements: graph.c
 * builds the pipeline, tally.c reads the detections off the buffers. */

#include <errno.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <gst/gst.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../../tools/common/progress.h"
#include "../../tools/common/tool.h"
#include "graph.h"
#include "report.h"
#include "tally.h"

#define PROGRAM "rknnyolo-annotate"
#define UNSET -1.0

typedef struct
{
  gchar *model, *labels, *output, *runtime, *cores;
  gint contexts;
  gdouble threshold;
  gchar *video;
} Options;

typedef struct
{
  Graph graph;
  GMainLoop *loop;
  Progress progress;
  gchar *part;                  /* where the output is written until it is whole */

  GMutex lock;                  /* for what the streaming threads write */
  Tally *tally;
  guint64 frames;
  gint64 first, last;           /* monotonic µs: first frame in, last one out */
  GstClockTime position;        /* of the last frame */

  GstClockTime duration;        /* of the input; NONE while unknown */
  gboolean failed, interrupted;
  gchar *input_error;           /* why the input ended early, or NULL */
} App;

/* ---- frames -------------------------------------------------------------- */

static GstPadProbeReturn
frame_comes (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  App *app = user_data;

  g_mutex_lock (&app->lock);
  app->first = g_get_monotonic_time ();
  g_mutex_unlock (&app->lock);
  return GST_PAD_PROBE_REMOVE;
}

static GstPadProbeReturn
frame_is_done (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  App *app = user_data;

  g_mutex_lock (&app->lock);
  tally_add_buffer (app->tally, buffer);
  app->frames++;
  app->last = g_get_monotonic_time ();
  if (GST_BUFFER_PTS_IS_VALID (buffer))
    app->position = GST_BUFFER_PTS (buffer);
  g_mutex_unlock (&app->lock);
  return GST_PAD_PROBE_OK;
}

static void
add_probe (GstElement * element, const gchar * name, GstPadProbeCallback probe,
    App * app)
{
  GstPad *pad = gst_element_get_static_pad (element, name);

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, probe, app, NULL);
  gst_object_unref (pad);
}

static gdouble
frames_per_second (const App * app)
{
  gint64 time = app->last - app->first;

  return app->frames > 0 && time > 0
      ? (gdouble) app->frames * G_USEC_PER_SEC / time : 0.0;
}

/* How much of the input has been annotated, 0..1; negative when unknown. */
static gdouble
fraction_done (App * app)
{
  GstPad *pad;
  gint64 duration;

  if (app->duration == GST_CLOCK_TIME_NONE) {
    pad = gst_element_get_static_pad (app->graph.convert, "sink");
    if (gst_pad_peer_query_duration (pad, GST_FORMAT_TIME, &duration)
        && duration > 0)
      app->duration = duration;
    gst_object_unref (pad);
  }
  if (app->duration == GST_CLOCK_TIME_NONE || app->frames == 0)
    return -1.0;
  return (gdouble) app->position / app->duration;
}

static gboolean
show_progress (gpointer user_data)
{
  App *app = user_data;

  g_mutex_lock (&app->lock);
  if (app->frames > 0)
    progress_show (&app->progress, app->frames, frames_per_second (app),
        fraction_done (app));
  g_mutex_unlock (&app->lock);
  return G_SOURCE_CONTINUE;
}

/* ---- what happens meanwhile ---------------------------------------------- */

static void
complain (App * app, const gchar * format, ...)
G_GNUC_PRINTF (2, 3);

     static void complain (App * app, const gchar * format, ...)
{
  g_autofree gchar *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  progress_end (&app->progress);
  g_printerr ("rknnyolo-annotate: %s\n", text);
}

static void
fail (App * app, const gchar * text)
{
  /* Errors come in flocks; the first is the cause. */
  if (!app->failed)
    complain (app, "%s", text);
  app->failed = TRUE;
  g_main_loop_quit (app->loop);
}

static gboolean
has_frames (App * app)
{
  gboolean result;

  g_mutex_lock (&app->lock);
  result = app->frames > 0;
  g_mutex_unlock (&app->lock);
  return result;
}

/* An input that breaks off leaves what has been decoded so far, which is worth
 * keeping; any other error ends everything. */
static void
handle_error (App * app, GstMessage * message)
{
  g_autoptr (GError) error = NULL;
  g_autofree gchar *debug = NULL, *text = NULL;

  gst_message_parse_error (message, &error, &debug);
  if (has_frames (app) && graph_is_input (&app->graph, message->src)) {
    if (app->input_error == NULL) {
      app->input_error = g_strdup (error->message);
      graph_end_input (&app->graph);
    }
    return;
  }
  text = g_strdup_printf ("%s: %s%s%s", GST_OBJECT_NAME (message->src),
      error->message, debug != NULL ? "\n" : "", debug != NULL ? debug : "");
  fail (app, text);
}

static gboolean
handle_message (GstBus * bus, GstMessage * message, gpointer user_data)
{
  App *app = user_data;
  g_autoptr (GError) warning = NULL;

  switch (GST_MESSAGE_TYPE (message)) {
    case GST_MESSAGE_ERROR:
      handle_error (app, message);
      break;
    case GST_MESSAGE_WARNING:
      gst_message_parse_warning (message, &warning, NULL);
      complain (app, "%s warns: %s", GST_OBJECT_NAME (message->src),
          warning->message);
      break;
    case GST_MESSAGE_STREAM_COLLECTION:
      if (graph_has_no_video (&app->graph, message))
        fail (app, "there is no video in the input");
      break;
    case GST_MESSAGE_EOS:
      g_main_loop_quit (app->loop);
      break;
    default:
      break;
  }
  return G_SOURCE_CONTINUE;
}

static gboolean
handle_interrupt (gpointer user_data)
{
  App *app = user_data;

  if (app->interrupted) {
    fail (app, "interrupted again; the output is thrown away");
  } else if (!has_frames (app)) {
    /* Elements that still look for the kind of their input take an EOS for an
     * error. */
    fail (app, "interrupted before the first frame; nothing is written");
  } else {
    complain (app, "interrupted; finishing the file");
    app->interrupted = TRUE;
    gst_element_send_event (app->graph.pipeline, gst_event_new_eos ());
  }
  return G_SOURCE_CONTINUE;
}

/* ---- the end ------------------------------------------------------------- */

static void
print_shortfall (App * app)
{
  gdouble fraction = fraction_done (app);

  if (app->input_error != NULL)
    complain (app, "the input ends early: %s The output has what came before.",
        app->input_error);
  else if (!app->interrupted && fraction >= 0.0 && fraction < 0.9)
    complain (app, "the input ends after %d %% of the time that it announces; "
        "it may be cut off. The output has what was there.",
        (gint) (100 * fraction));
}

static void
print_result (App * app, const GstStructure * stats, const gchar * output)
{
  struct rusage usage;
  gdouble cpu;

  getrusage (RUSAGE_SELF, &usage);
  cpu = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
      + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
  g_print ("\nFound in %" G_GUINT64_FORMAT " frames:\n\n", app->frames);
  tally_print (app->tally);

  g_print ("\nSpeed:   %.1f frames/s (%.1f s; %.1f ms of CPU time a frame)\n",
      frames_per_second (app), (app->last - app->first) / 1e6,
      1000 * cpu / app->frames);
  report_print_stats (stats);
  g_print ("\nWritten to %s\n", output);
}

static gboolean
finish (App * app, const gchar * output)
{
  g_autoptr (GstStructure) stats = NULL;

  /* The element knows them only as long as it runs; and only when it has
   * stopped has nobody the output open any more. */
  g_object_get (app->graph.yolo, "stats", &stats, NULL);
  gst_element_set_state (app->graph.pipeline, GST_STATE_NULL);

  progress_end (&app->progress);
  if (!app->failed && app->frames == 0) {
    complain (app, "no frame came out of the input%s%s",
        app->input_error != NULL ? ": " : "",
        app->input_error != NULL ? app->input_error : "");
    app->failed = TRUE;
  }
  if (app->failed)
    return FALSE;
  if (g_rename (app->part, output) != 0) {
    complain (app, "%s cannot be renamed to %s: %s", app->part, output,
        g_strerror (errno));
    return FALSE;
  }
  print_shortfall (app);
  print_result (app, stats, output);
  return TRUE;
}

/* ---- the run ------------------------------------------------------------- */

static void
configure (Graph * graph, const Options * options)
{
  g_object_set (graph->yolo, "model", options->model, NULL);
  if (options->labels != NULL)
    g_object_set (graph->yolo, "labels", options->labels, NULL);
  if (options->runtime != NULL)
    g_object_set (graph->yolo, "runtime-library", options->runtime, NULL);
  if (options->cores != NULL)
    g_object_set (graph->yolo, "cores", options->cores, NULL);
  if (options->contexts > 0)
    g_object_set (graph->yolo, "contexts-per-core", options->contexts, NULL);
  if (options->threshold != UNSET)
    g_object_set (graph->yolo, "confidence-threshold", options->threshold,
        NULL);
}

static void
run_loop (App * app)
{
  GstBus *bus = gst_element_get_bus (app->graph.pipeline);
  guint watch = gst_bus_add_watch (bus, handle_message, app);
  guint timer = g_timeout_add (200, show_progress, app);
  guint interrupt = g_unix_signal_add (SIGINT, handle_interrupt, app);
  guint terminate = g_unix_signal_add (SIGTERM, handle_interrupt, app);

  add_probe (app->graph.yolo, "sink", frame_comes, app);
  add_probe (app->graph.overlay, "src", frame_is_done, app);
  gst_element_set_state (app->graph.pipeline, GST_STATE_PLAYING);
  g_main_loop_run (app->loop);

  g_source_remove (terminate);
  g_source_remove (interrupt);
  g_source_remove (timer);
  g_source_remove (watch);
  gst_object_unref (bus);
}

static gboolean
annotate (const Options * options)
{
  App app = {.duration = GST_CLOCK_TIME_NONE };
  g_autoptr (GError) error = NULL;
  gboolean success = FALSE;

  app.part = g_strconcat (options->output, ".part", NULL);
  g_mutex_init (&app.lock);
  app.tally = tally_new ();
  app.loop = g_main_loop_new (NULL, FALSE);
  progress_init (&app.progress);

  if (graph_init (&app.graph, options->video, app.part, &error)) {
    configure (&app.graph, options);
    run_loop (&app);
    success = finish (&app, options->output);
  } else {
    complain (&app, "%s", error->message);
  }
  graph_clear (&app.graph);
  if (!success)
    g_unlink (app.part);

  g_main_loop_unref (app.loop);
  tally_free (app.tally);
  g_mutex_clear (&app.lock);
  g_free (app.input_error);
  g_free (app.part);
  return success;
}

/* ---- the command line ---------------------------------------------------- */

static gboolean
check_folder (const gchar * output, GError ** error)
{
  g_autofree gchar *folder = g_path_get_dirname (output);

  if (g_access (folder, W_OK | X_OK) == 0)
    return TRUE;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno),
      "%s cannot be written: %s: %s. Make the folder, or name a file in another "
      "one by --output.", output, folder, g_strerror (errno));
  return FALSE;
}

/* Nothing is renamed over the input, or over what is no file. */
static gboolean
check_files (const Options * options, GError ** error)
{
  GStatBuf input, output;

  if (g_stat (options->video, &input) != 0) {
    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno),
        "%s cannot be read: %s.", options->video, g_strerror (errno));
    return FALSE;
  }
  if (!check_folder (options->output, error))
    return FALSE;
  if (g_stat (options->output, &output) != 0)
    return TRUE;
  if (!S_ISREG (output.st_mode) || (input.st_dev == output.st_dev
          && input.st_ino == output.st_ino)) {
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_EXIST,
        "%s %s. Name another file by --output.", options->output,
        S_ISREG (output.st_mode) ? "is the input itself" : "is not a file");
    return FALSE;
  }
  return TRUE;
}

static gboolean
parse_options (Options * options, int *argc, char ***argv, GError ** error)
{
  GOptionEntry entries[] = {
    {"model", 'm', 0, G_OPTION_ARG_FILENAME, &options->model,
        "A .rknn file, an .onnx file or an exported folder", "FILE"},
    {"labels", 'l', 0, G_OPTION_ARG_FILENAME, &options->labels,
        "Text file with one label a line", "FILE"},
    {"output", 'o', 0, G_OPTION_ARG_FILENAME, &options->output,
        "MP4 file to write (annotated.mp4)", "FILE"},
    {"runtime", 'r', 0, G_OPTION_ARG_FILENAME, &options->runtime,
        "librknnrt to use in the place of the usual one", "FILE"},
    {"cores", 0, 0, G_OPTION_ARG_STRING, &options->cores,
        "NPU cores: auto, all, or a list such as 0,2", "LIST"},
    {"contexts-per-core", 0, 0, G_OPTION_ARG_INT, &options->contexts,
        "Contexts that share a core", "N"},
    {"confidence-threshold", 0, 0, G_OPTION_ARG_DOUBLE, &options->threshold,
        "Scores must be greater", "0..1"},
    {NULL}
  };
  ToolUsage usage = { NULL, };

  usage.name = PROGRAM;
  usage.arguments = "VIDEO";
  usage.summary = "Draws what a model finds in a video file into a copy of it.";
  usage.description = "Exit code: 0 written; 1 failed; 2 wrong arguments.";
  usage.group = gst_init_get_option_group ();
  if (!tool_parse (&usage, entries, argc, argv, error))
    return FALSE;
  if (*argc != 2 || options->model == NULL) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
        "one video and a --model are needed; --help tells more.");
    return FALSE;
  }
  if (options->contexts < 0 || options->contexts > 8
      || !(options->threshold == UNSET || (options->threshold >= 0.0
              && options->threshold <= 1.0))) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
        "expected are --contexts-per-core from 1 to 8 and "
        "--confidence-threshold from 0 to 1.");
    return FALSE;
  }
  options->video = g_strdup ((*argv)[1]);
  if (options->output == NULL)
    options->output = g_strdup ("annotated.mp4");
  return check_files (options, error);
}

int
main (int argc, char **argv)
{
  Options options = {.threshold = UNSET };
  g_autoptr (GError) error = NULL;
  int status = EXIT_FAILURE;

  if (!parse_options (&options, &argc, &argv, &error)) {
    tool_complain (PROGRAM, error);
    if (error->domain == G_OPTION_ERROR)
      status = TOOL_WRONG_ARGUMENTS;
  } else if (annotate (&options)) {
    status = EXIT_SUCCESS;
  }

  g_free (options.model);
  g_free (options.labels);
  g_free (options.output);
  g_free (options.runtime);
  g_free (options.cores);
  g_free (options.video);
  return status;
}
