/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Runs every JPEG of a folder through rknnyolo and prints what it finds as a
 * COCO results file, with class numbers in the place of category ids:
 *
 *   coco-detections FOLDER "PROPERTIES OF RKNNYOLO"
 *
 * Images are named by their number, as COCO's are.  A pipeline an image: all
 * share one loaded model, which a first element keeps. */

#include <gst/gst.h>
#include <rknnyolo/detections.h>
#include <stdlib.h>
#include <string.h>

#define INSTANCE "model-instance-id=coco-detections"

typedef struct
{
  gint64 image_id;
  guint n_printed;              /* detections of all images so far */
} Output;

static GstPadProbeReturn
print_detections (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  Output *output = data;
  RknnyoloDetection d;
  gpointer state = NULL;

  while (rknnyolo_buffer_next_detection (buffer, &state, &d))
    g_print ("%s\n{\"image_id\": %" G_GINT64_FORMAT ", \"category_id\": %d, "
        "\"bbox\": [%.3f, %.3f, %.3f, %.3f], \"score\": %.5f}",
        output->n_printed++ ? "," : "", output->image_id, d.class_id, d.x, d.y,
        d.width, d.height, d.confidence);
  return GST_PAD_PROBE_OK;
}

/* Waits for the end; FALSE after an error, which is printed. */
static gboolean
run_to_end (GstElement * pipeline)
{
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message;
  GError *error = NULL;
  gboolean ok;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  ok = GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS;
  if (!ok) {
    gst_message_parse_error (message, &error, NULL);
    g_printerr ("%s\n", error->message);
    g_clear_error (&error);
  }
  gst_message_unref (message);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  return ok;
}

static gboolean
run_image (const gchar * path, const gchar * properties, Output * output)
{
  gchar *line = g_strdup_printf ("filesrc location=\"%s\" ! jpegdec ! "
      "videoconvert ! rknnyolo " INSTANCE " %s ! fakesink name=sink sync=false",
      path, properties);
  GstElement *pipeline = gst_parse_launch (line, NULL);
  GstElement *sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  GstPad *pad = gst_element_get_static_pad (sink, "sink");
  gboolean ok;

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, print_detections, output,
      NULL);
  ok = run_to_end (pipeline);
  gst_object_unref (pad);
  gst_object_unref (sink);
  gst_object_unref (pipeline);
  g_free (line);
  return ok;
}

static gboolean
run_folder (const gchar * folder, const gchar * properties)
{
  GDir *dir = g_dir_open (folder, 0, NULL);
  Output output = { 0, };
  const gchar *name;
  gboolean ok = dir != NULL;

  g_print ("[");
  while (ok && (name = g_dir_read_name (dir))) {
    gchar *path = g_build_filename (folder, name, NULL);

    output.image_id = g_ascii_strtoll (name, NULL, 10);
    if (g_str_has_suffix (name, ".jpg"))
      ok = run_image (path, properties, &output);
    g_free (path);
  }
  g_print ("]\n");
  if (dir)
    g_dir_close (dir);
  return ok;
}

int
main (int argc, char *argv[])
{
  gchar *line;
  GstElement *keeper;
  GError *error = NULL;
  gboolean ok;

  gst_init (&argc, &argv);
  if (argc != 3) {
    g_printerr ("usage: %s FOLDER \"PROPERTIES OF RKNNYOLO\"\n", argv[0]);
    return 2;
  }
  line = g_strdup_printf ("rknnyolo " INSTANCE " %s", argv[2]);
  keeper = gst_parse_launch (line, &error);
  g_free (line);
  if (!keeper) {
    g_printerr ("%s\n", error->message);
    g_clear_error (&error);
    return 1;
  }
  gst_object_ref_sink (keeper);
  ok = gst_element_set_state (keeper, GST_STATE_PAUSED)
      != GST_STATE_CHANGE_FAILURE && run_folder (argv[1], argv[2]);
  gst_element_set_state (keeper, GST_STATE_NULL);
  gst_object_unref (keeper);
  return ok ? 0 : 1;
}
