/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Nodes of decoders, encoders and cameras. */

#include "checks.h"

#include <string.h>

#define AREA "video"

static gboolean
add_list (GString * text, const gchar * name)
{
  g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", name);
  return TRUE;
}

static void
check_video_nodes (const Machine * machine, Report * report)
{
  g_autoptr (GPtrArray) nodes = machine_list (machine, "/dev", "video");
  g_autoptr (GString) good = g_string_new (NULL);
  g_autoptr (GString) denied = g_string_new (NULL);
  g_autofree gchar *remedy = NULL;

  for (guint i = 0; i < nodes->len; i++) {
    const gchar *name = g_ptr_array_index (nodes, i);
    g_autofree gchar *path = g_build_filename ("/dev", name, NULL);
    g_autofree gchar *advice = NULL;

    if (!g_ascii_isdigit (name[strlen ("video")]))
      continue;
    if (machine_access (machine, path, &advice) == ACCESS_OK)
      add_list (good, path);
    else if (add_list (denied, path) && !remedy)
      remedy = g_steal_pointer (&advice);
  }
  if (good->len > 0)
    report_add (report, AREA, "video-nodes", LEVEL_OK, NULL,
        "Cameras and V4L2 codecs that can be used: %s", good->str);
  if (denied->len > 0)
    report_add (report, AREA, "video-nodes", LEVEL_WARNING, remedy,
        "%s may not use: %s", machine->user ? machine->user : "This user",
        denied->str);
}

void
check_video (const Machine * machine, Known * known, Report * report)
{
  if (known->board || machine_has (machine, "/dev/mpp_service"))
    check_node (machine, report, AREA, "mpp-node", "/dev/mpp_service",
        LEVEL_WARNING, "Rockchip's decoders and encoders (mppvideodec, "
        "mpph264enc) need it: a vendor's kernel has it, and a container must "
        "be given it (--device /dev/mpp_service).");
  check_video_nodes (machine, report);
}
