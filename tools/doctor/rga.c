/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The 2-D engine that converts and scales without the CPU. */

#include "checks.h"

#include <string.h>

#include "runtime/libraryversion.h"

#define AREA "rga"

#define OLDEST RY_VERSION (1, 9, 0)

#define REMEDY_INSTALL "Install librga 1.9 or newer (the board's package " \
  "librga2, or libs/Linux/gcc-aarch64 of Rockchip's repository librga)."

static void
say_library (const Machine * machine, Report * report)
{
  g_autoptr (GPtrArray) paths = check_find_libraries (machine, "librga.so.2");
  g_autoptr (GPtrArray) plain = check_find_libraries (machine, "librga.so");
  const gchar *path = paths->len > 0 ? g_ptr_array_index (paths, 0) :
      plain->len > 0 ? g_ptr_array_index (plain, 0) : NULL;
  g_autofree gchar *version = NULL;
  guint number;

  if (!path) {
    report_add (report, AREA, "librga", LEVEL_WARNING, REMEDY_INSTALL,
        "There is no librga.so where the loader looks: frames are converted "
        "by the CPU");
    return;
  }
  version = ry_library_version (path, RY_RGA_MARKER);
  number = ry_version_number (version);
  if (number == 0 || number < OLDEST)
    report_add (report, AREA, "librga", LEVEL_WARNING, REMEDY_INSTALL,
        "%s has version %s; needed is 1.9 or newer, so frames are converted "
        "by the CPU", machine_show (machine, path),
        version ? version : "not told");
  else
    report_add (report, AREA, "librga", LEVEL_OK, NULL, "%s, version %s",
        machine_show (machine, path), version);
}

/* "RGA multicore Device Driver: v1.3.0" */
static void
say_driver (const Machine * machine, Report * report)
{
  static const gchar *const files[] = { "/proc/rkrga/driver_version",
    "/sys/kernel/debug/rkrga/driver_version", NULL
  };
  gboolean hidden;
  g_autofree gchar *text = check_read_debug (machine, files, &hidden);

  if (text && strstr (text, "multicore"))
    report_add (report, AREA, "rga-driver", LEVEL_OK, NULL, "%s", text);
  else if (text)
    report_add (report, AREA, "rga-driver", LEVEL_WARNING,
        "Install a newer kernel of the vendor's.",
        "\"%s\" is not the driver \"RGA multicore\", which librga 1.9 is made "
        "for: newer functions are missing", text);
  else
    report_add (report, AREA, "rga-driver", LEVEL_NOTE,
        "Run rknnyolo-doctor with sudo: /sys/kernel/debug/rkrga needs root.",
        "The version of RGA's driver cannot be told");
}

void
check_rga (const Machine * machine, Known * known, Report * report)
{
  Access access;

  if (!known->board && !machine_has (machine, "/dev/rga"))
    return;
  access = check_node (machine, report, AREA, "rga-node", "/dev/rga",
      LEVEL_WARNING, "Frames are converted by the CPU. The kernel needs "
      "CONFIG_ROCKCHIP_MULTI_RGA; in a container pass the device in (--device "
      "/dev/rga).");
  say_library (machine, report);
  if (access != ACCESS_MISSING)
    say_driver (machine, report);
}
