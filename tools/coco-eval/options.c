/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "options.h"

#include <gst/gst.h>
#include <gst/video/video.h>
#include <string.h>

#include "../common/tool.h"

/* What cannot be said by GOption. */
static gboolean
check (const Options * self, GError ** error)
{
  if (self->confidence < 0.0 || self->confidence > 1.0 || self->iou < 0.0
      || self->iou > 1.0) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
        "thresholds are from 0 to 1, not %g and %g.", self->confidence,
        self->iou);
    return FALSE;
  }
  if (self->limit < 0) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
        "--limit %d: expected a number of pictures.", self->limit);
    return FALSE;
  }
  if (self->format != NULL && gst_video_format_from_string (self->format)
      == GST_VIDEO_FORMAT_UNKNOWN) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
        "--format %s: GStreamer has no such format. Expected one such as "
        "NV12, I420, YUY2 or BGRx.", self->format);
    return FALSE;
  }
  return TRUE;
}

gboolean
options_parse (Options * self, int *argc, char ***argv, GError ** error)
{
  GOptionEntry entries[] = {
    {"model", 'm', 0, G_OPTION_ARG_FILENAME, &self->model,
        "A .rknn file, an .onnx file or an exported folder", "FILE"},
    {"annotations", 'a', 0, G_OPTION_ARG_FILENAME, &self->annotations,
        "COCO annotations (instances_*.json) to measure against", "FILE"},
    {"output", 'o', 0, G_OPTION_ARG_FILENAME, &self->output,
        "Where to write the detections, in COCO's results form", "FILE"},
    {"labels", 'l', 0, G_OPTION_ARG_FILENAME, &self->labels,
        "Text file with one label a line", "FILE"},
    {"runtime", 'r', 0, G_OPTION_ARG_FILENAME, &self->runtime,
        "librknnrt to use in the place of the usual one", "FILE"},
    {"set", 's', 0, G_OPTION_ARG_STRING_ARRAY, &self->properties,
          "Any property of rknnyolo; may be repeated (YOLOX: "
          "--set letterbox=top-left --set channel-order=bgr)",
        "PROPERTY=VALUE"},
    {"format", 'f', 0, G_OPTION_ARG_STRING, &self->format,
          "Convert the pictures first, to NV12 as a camera has it (RGB)",
        "FORMAT"},
    {"confidence-threshold", 0, 0, G_OPTION_ARG_DOUBLE, &self->confidence,
        "Scores must be greater (0.001)", "0..1"},
    {"iou-threshold", 0, 0, G_OPTION_ARG_DOUBLE, &self->iou,
        "Boxes that overlap by more go (0.7)", "0..1"},
    {"single-label", 0, 0, G_OPTION_ARG_NONE, &self->single_label,
        "Only the best class of a box counts", NULL},
    {"class-index", 0, 0, G_OPTION_ARG_NONE, &self->class_index,
        "The model's class N is the category with the Nth lowest id, "
          "whatever its label", NULL},
    {"per-class", 0, 0, G_OPTION_ARG_NONE, &self->per_class,
        "Also print the AP of every class", NULL},
    {"limit", 0, 0, G_OPTION_ARG_INT, &self->limit,
        "Only the N pictures with the lowest ids", "N"},
    {NULL}
  };
  ToolUsage usage = { NULL, };

  memset (self, 0, sizeof *self);
  self->confidence = 0.001;
  self->iou = 0.7;
  usage.name = PROGRAM;
  usage.arguments = "FOLDER";
  usage.summary =
      "Runs the pictures of a folder (JPEG, PNG) through rknnyolo with the "
      "settings of\nvalidation, writes the detections as COCO results and "
      "prints AP@[.50:.95], AP50\nand AP75 as COCO defines them.";
  usage.description =
      "Classes get the ids of the categories of their name, which the "
      "annotations tell;\nwithout annotations they keep their number, from "
      "0. AP is measured over those\npictures of the annotations that are in "
      "the folder.\n\nExit code: 0 done, 1 failed, 2 wrong arguments.";
  usage.group = gst_init_get_option_group ();
  if (!tool_parse (&usage, entries, argc, argv, error))
    return FALSE;
  if (*argc != 2 || self->model == NULL || (self->annotations == NULL
          && self->output == NULL)) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
        "one folder, a --model and --annotations or --output or both are "
        "needed; --help tells more.");
    return FALSE;
  }
  self->folder = g_strdup ((*argv)[1]);
  return check (self, error);
}

void
options_clear (Options * self)
{
  g_free (self->model);
  g_free (self->annotations);
  g_free (self->output);
  g_free (self->labels);
  g_free (self->runtime);
  g_free (self->format);
  g_strfreev (self->properties);
  g_free (self->folder);
}
