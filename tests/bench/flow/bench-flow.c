/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What rknnyolo achieves on an NPU that the stand-in plays: real models' head
 * tensors, played times, and nothing that costs time around the element.
 *
 *   bench-flow [--frames N] [--rounds N] [--seconds S] [PART...]
 *
 * Parts: throughput, scaling, alone, shared, live; all of them by default.
 * meson test --benchmark sets the environment: GST_PLUGIN_PATH,
 * RKNNYOLO_TESTDATA.
 *
 * Times never make it fail.  It exits with 1 when frames are lost, counted
 * wrongly or come out of order, and with 77 when the test data are missing. */

#include <gst/gst.h>
#include <string.h>

#include "measure.h"
#include "parts.h"

#define SKIPPED 77

static const struct
{
  const gchar *name;
  FlowPart run;
} parts[] = {
  {"throughput", flow_throughput},
  {"scaling", flow_scaling},
  {"alone", flow_alone},
  {"shared", flow_shared},
  {"live", flow_live},
};

static gboolean
is_wanted (const gchar * name, gchar ** names)
{
  return !names || g_strv_contains ((const gchar * const *) names, name);
}

static gboolean
run_parts (const FlowOptions * options, gchar ** names)
{
  FlowPictures pictures;
  gboolean ok = TRUE;

  flow_pictures_init (&pictures, FLOW_FORMAT, FLOW_WIDTH, FLOW_HEIGHT);
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++) {
    if (!is_wanted (parts[i].name, names))
      continue;
    g_print ("\n== %s: ", parts[i].name);
    flow_print_conditions ();
    ok = parts[i].run (options, &pictures) && ok;
  }
  flow_pictures_clear (&pictures);
  return ok;
}

static gboolean
check_names (gchar ** names)
{
  for (guint i = 0; names && names[i]; i++) {
    gboolean known = FALSE;

    for (guint k = 0; k < G_N_ELEMENTS (parts); k++)
      known = known || g_str_equal (names[i], parts[k].name);
    if (!known) {
      g_printerr ("There is no part \"%s\"; see --help.\n", names[i]);
      return FALSE;
    }
  }
  return TRUE;
}

int
main (int argc, char **argv)
{
  static FlowOptions options = { 3000, 3, 10 };
  static gchar **names;
  static const GOptionEntry entries[] = {
    {"frames", 'n', 0, G_OPTION_ARG_INT, &options.frames,
        "Frames of the part throughput (3000)", "N"},
    {"rounds", 'r', 0, G_OPTION_ARG_INT, &options.rounds,
        "Rounds that they are divided into (3)", "N"},
    {"seconds", 's', 0, G_OPTION_ARG_DOUBLE, &options.seconds,
        "Length of runs by the clock (10)", "S"},
    {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &names, NULL, NULL},
    {NULL}
  };
  g_autoptr (GOptionContext) context = g_option_context_new
      ("[throughput] [scaling] [alone] [shared] [live]");
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_add_group (context, gst_init_get_option_group ());
  if (!g_option_context_parse (context, &argc, &argv, &error)) {
    g_printerr ("%s\n", error->message);
    return 2;
  }
  if (!check_names (names) || options.frames == 0 || options.rounds == 0)
    return 2;
  if (!flow_find_data ()) {
    g_print ("SKIPPED: RKNNYOLO_TESTDATA does not lead to the test data, "
        "whose model and head tensors this measures with.\n");
    return SKIPPED;
  }
  return run_parts (&options, names) ? 0 : 1;
}
