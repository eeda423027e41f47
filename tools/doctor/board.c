/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The SoC, the kernel, and whether this is a container. */

#include "checks.h"

#include <string.h>

#include "runtime/device.h"
#include "runtime/soc.h"

#define AREA "board"

static gboolean
in_container (const Machine * machine)
{
  return machine_has (machine, "/.dockerenv")
      || machine_has (machine, "/run/.containerenv");
}

static void
say_soc (const Machine * machine, Known * known, Report * report)
{
  g_autofree gchar *model = machine_read (machine, "/proc/device-tree/model");

  if (known->board)
    report_add (report, AREA, "soc", LEVEL_OK, NULL, "%s, SoC %s",
        model && *model ? model : "A board", known->soc);
  else if (known->soc)
    report_add (report, AREA, "soc", LEVEL_NOTE,
        "Use .onnx models, which run on the stand-in.",
        "The SoC is %s; none is known here whose NPU librknnrt serves by that "
        "name (rk3588, rk3576, rk3568, rk3566, rk3562, rv1126b, rv1103, "
        "rv1106)", known->soc);
  else if (known->npu_node)
    report_add (report, AREA, "soc", LEVEL_PROBLEM,
        "In Docker add --security-opt systempaths=unconfined, in Compose "
        "security_opt: [systempaths=unconfined].",
        "There is an NPU, but /proc/device-tree/compatible cannot be read, "
        "from which librknnrt knows the SoC");
  else
    report_add (report, AREA, "soc", LEVEL_NOTE,
        "Use .onnx models, which run on the stand-in.",
        "This is no Rockchip board: the device tree names no SoC of theirs");
}

/* "Linux version 6.1.99-rockchip-rk3588 (...)" */
static gchar *
kernel_release (const Machine * machine)
{
  g_autofree gchar *text = machine_read (machine, "/proc/version");
  g_auto (GStrv) words = g_strsplit (text ? text : "", " ", 4);

  if (g_strv_length (words) < 3)
    return NULL;
  return g_strdup (words[2]);
}

/* Mainline Linux has a driver of its own for this NPU, since 6.18. */
static gboolean
has_rocket (const Machine * machine)
{
  g_autoptr (GPtrArray) nodes =
      machine_list (machine, "/sys/class/accel", "accel");

  for (guint i = 0; i < nodes->len; i++) {
    g_autofree gchar *link = g_strdup_printf ("/sys/class/accel/%s/device/"
        "driver", (const gchar *) g_ptr_array_index (nodes, i));
    g_autofree gchar *driver = machine_link_name (machine, link);

    if (g_strcmp0 (driver, "rocket") == 0)
      return TRUE;
  }
  return machine_has (machine, "/sys/module/rocket");
}

static void
say_kernel (const Machine * machine, const Known * known, Report * report)
{
  g_autofree gchar *release = kernel_release (machine);

  if (known->npu_node || !known->board)
    report_add (report, AREA, "kernel", LEVEL_OK, NULL, "Linux %s",
        release ? release : "(/proc/version cannot be read)");
  else if (has_rocket (machine))
    report_add (report, AREA, "kernel", LEVEL_PROBLEM,
        "Boot the vendor's kernel (5.10, 6.1 or 6.6 of Rockchip; \"vendor\" in "
        "armbian-config). rocket serves Mesa's Teflon, not librknnrt.",
        "Linux %s is a mainline kernel: its driver of the NPU is rocket, and "
        "librknnrt needs Rockchip's rknpu", release ? release : "");
  else
    report_add (report, AREA, "kernel", LEVEL_PROBLEM,
        "Boot the vendor's kernel (5.10, 6.1 or 6.6 of Rockchip) with "
        "CONFIG_ROCKCHIP_RKNPU, and check that the NPU is enabled in the "
        "device tree (status = \"okay\").",
        "Linux %s shows no driver rknpu", release ? release : "");
}

void
check_board (const Machine * machine, Known * known, Report * report)
{
  known->soc = ry_soc_detect (machine->root);
  known->board = ry_soc_platform (known->soc) != NULL;
  known->npu_node = ry_device_find (machine->root);
  say_soc (machine, known, report);
  say_kernel (machine, known, report);
  if (in_container (machine))
    report_add (report, AREA, "container", LEVEL_NOTE, NULL,
        "This is a container: devices that it needs have to be passed in "
        "(/dev/dri, /dev/dma_heap, /dev/rga, /dev/mpp_service)");
}
