/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "result.h"

#include <string.h>
#include <sys/utsname.h>

#include "../common/json.h"
#include "../doctor/checks.h"
#include "runtime/locate.h"
#include "runtime/soc.h"

/* ---- The machine --------------------------------------------------------- */

static void
add_text (Level level, const gchar * id, const gchar * text, gpointer list)
{
  g_ptr_array_add (list, g_strdup (text));
}

/* Clocks and temperatures, as rknnyolo-doctor tells them. */
static GPtrArray *
list_conditions (void)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (g_free);
  Report *report = report_new ();
  Known known = { NULL, };
  Machine machine;

  if (machine_init (&machine, NULL, NULL, NULL)) {
    check_clocks (&machine, &known, report);
    check_heat (&machine, &known, report);
    machine_clear (&machine);
  }
  report_each (report, add_text, list);
  report_free (report);
  return list;
}

static gchar *
describe_machine (void)
{
  g_autofree gchar *soc = ry_soc_detect ("/");
  g_autofree gchar *board = NULL;
  struct utsname system = { 0, };
  Machine machine;

  if (machine_init (&machine, NULL, NULL, NULL)) {
    board = machine_read (&machine, "/proc/device-tree/model");
    machine_clear (&machine);
  }
  uname (&system);
  return g_strdup_printf ("%s%s%s%s%s %s, %s, %u CPUs",
      board && *board ? board : "", board && *board ? ", " : "",
      soc ? soc : "", soc ? ", " : "", system.sysname, system.release,
      system.machine, g_get_num_processors ());
}

static gchar *
describe_frames (const Conditions * self)
{
  const GstVideoInfo *info = &self->pictures->info;

  return g_strdup_printf ("%dx%d %s", GST_VIDEO_INFO_WIDTH (info),
      GST_VIDEO_INFO_HEIGHT (info),
      gst_video_format_to_string (GST_VIDEO_INFO_FORMAT (info)));
}

/* Whose numbers these are is the first thing to know. */
static const gchar *
describe_npu (const Conditions * self)
{
  const gchar *time = g_getenv ("RKNN_STANDIN_TIME");

  if (!self->info->runtime || !strstr (self->info->runtime, RY_RUNTIME_STANDIN))
    return NULL;
  if (time && *time)
    return "played by the stand-in: the time of an inference is "
        "RKNN_STANDIN_TIME, only the element's own time is measured";
  return "none: the stand-in computes on the CPU, and these numbers say "
      "nothing about an NPU";
}

/* ---- Markdown ------------------------------------------------------------ */

static void
print_field (const gchar * name, const gchar * text)
{
  if (text && *text)
    g_print ("* %s: %s\n", name, text);
}

static void
print_file (const RyModelFile * file)
{
  g_autofree gchar *text = NULL;

  if (file->kind != RY_MODEL_RKNN)
    return;
  text = g_strdup_printf (".rknn for %s, rknn-toolkit2 %s",
      file->target_platform ? file->target_platform : "(not told)",
      file->toolkit_version ? file->toolkit_version : "(not told)");
  print_field ("file", text);
}

static void
print_list (const gchar * name, const GPtrArray * list)
{
  for (guint i = 0; i < list->len; i++)
    print_field (name, g_ptr_array_index (list, i));
}

void
result_print_header (const Conditions * self)
{
  const ElementInfo *info = self->info;
  g_autoptr (GPtrArray) list = list_conditions ();
  g_autofree gchar *machine = describe_machine ();
  g_autofree gchar *frames = describe_frames (self);
  g_autofree gchar *gstreamer = gst_version_string ();
  g_autofree gchar *runtime = g_strdup_printf ("%s, version %s, driver %s",
      info->runtime, info->runtime_version, info->driver_version);
  g_autofree gchar *set = self->properties ?
      g_strjoinv (" ", self->properties) : NULL;

  g_print ("### rknnyolo-bench %s\n\n", PACKAGE_VERSION);
  print_field ("model", info->model);
  print_field ("head", info->head);
  print_file (self->file);
  print_field ("machine", machine);
  print_field ("NPU", describe_npu (self));
  print_field ("runtime", runtime);
  print_field ("GStreamer", gstreamer);
  print_list ("before", list);
  print_field ("frames", frames);
  print_field ("properties", set);
  g_print ("\n| cores | contexts | inferences/s | latency 50 %% | 95 %% | "
      "99 %% | wait | letterbox | run | decode | CPU/frame |\n"
      "|---|---|---|---|---|---|---|---|---|---|---|\n");
}

void
result_print_line (const Measurement * line)
{
  if (line->alone)
    g_print ("| one frame | at a time |");
  else
    g_print ("| %u | %u |", line->cores, line->contexts);
  g_print (" %.1f | %.1f | %.1f | %.1f | %.1f | %.1f | %.1f | %.2f | %.2f |\n",
      line->rate, line->latency[0], line->latency[1], line->latency[2],
      line->median[0], line->median[1], line->median[2], line->median[3],
      line->cpu);
  if (line->failed > 0)
    g_print ("\n%" G_GUINT64_FORMAT " inferences failed.\n\n", line->failed);
}

void
result_print_footer (const Conditions * self)
{
  g_autoptr (GPtrArray) list = list_conditions ();

  g_print ("\nTimes in ms. Contexts are those of each core. Latency is from "
      "handing a frame to the\nelement, which holds it back while it is full, "
      "until it comes out; wait (for a context),\nletterbox, run and decode "
      "are medians of the last 256 frames. %g s a line.\n", self->seconds);
  if (list->len > 0)
    g_print ("\n");
  print_list ("after", list);
}

/* ---- JSON ---------------------------------------------------------------- */

static void
add_line (JsonBuilder * json, const Measurement * line)
{
  json_builder_begin_object (json);
  tool_json_int (json, "cores", line->cores);
  tool_json_int (json, "contexts-per-core", line->contexts);
  tool_json_bool (json, "alone", line->alone);
  tool_json_int (json, "frames", line->frames);
  tool_json_double (json, "inferences-per-second", line->rate);
  tool_json_double (json, "latency-p50-ms", line->latency[0]);
  tool_json_double (json, "latency-p95-ms", line->latency[1]);
  tool_json_double (json, "latency-p99-ms", line->latency[2]);
  for (guint i = 0; i < N_STAGES; i++) {
    g_autofree gchar *median = g_strdup_printf ("%s-median-ms",
        measurement_stages[i]);
    g_autofree gchar *p95 = g_strdup_printf ("%s-p95-ms",
        measurement_stages[i]);

    tool_json_double (json, median, line->median[i]);
    tool_json_double (json, p95, line->p95[i]);
  }
  tool_json_double (json, "cpu-per-frame-ms", line->cpu);
  tool_json_int (json, "failed", line->failed);
  json_builder_end_object (json);
}

void
result_print_json (const Conditions * self, const GArray * lines)
{
  JsonBuilder *json = json_builder_new ();
  const ElementInfo *info = self->info;
  g_autofree gchar *machine = describe_machine ();
  g_autofree gchar *frames = describe_frames (self);
  g_autoptr (GPtrArray) list = list_conditions ();

  json_builder_begin_object (json);
  tool_json_string (json, "version", PACKAGE_VERSION);
  tool_json_string (json, "model", info->model);
  tool_json_string (json, "head", info->head);
  tool_json_string (json, "target-platform", self->file->target_platform);
  tool_json_string (json, "toolkit-version", self->file->toolkit_version);
  tool_json_string (json, "machine", machine);
  tool_json_string (json, "npu", describe_npu (self));
  tool_json_string (json, "runtime", info->runtime);
  tool_json_string (json, "runtime-version", info->runtime_version);
  tool_json_string (json, "driver-version", info->driver_version);
  tool_json_string (json, "frames", frames);
  tool_json_double (json, "seconds", self->seconds);
  tool_json_strings (json, "conditions", list);
  json_builder_set_member_name (json, "lines");
  json_builder_begin_array (json);
  for (guint i = 0; i < lines->len; i++)
    add_line (json, &g_array_index (lines, Measurement, i));
  json_builder_end_array (json);
  json_builder_end_object (json);
  tool_json_print (json);
}
