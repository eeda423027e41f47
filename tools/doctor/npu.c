/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The NPU: its node, its driver, what it has to do. */

#include "checks.h"

#include <string.h>

#include "runtime/device.h"
#include "runtime/libraryversion.h"

#define AREA "npu"

/* librknnrt answers -1 below; below the second there are reports of NPUs that
 * hang or crash, the cure being a newer driver. */
#define OLDEST RY_VERSION (0, 7, 0)
#define GOOD RY_VERSION (0, 9, 6)

#define REMEDY_DRIVER "The driver is part of the kernel: install a newer " \
  "kernel of the vendor's, or another image."

/* ---- The node ------------------------------------------------------------ */

static void
say_node (const Machine * machine, const Known * known, Report * report)
{
  if (!known->npu_node) {
    report_add (report, AREA, "npu-node",
        known->board ? LEVEL_PROBLEM : LEVEL_NOTE,
        known->board ? "See the kernel above; in a container pass the device "
        "in (--device /dev/dri)." : NULL,
        "There is no NPU: neither /dev/rknpu nor a /dev/dri/card* of the "
        "driver rknpu");
    return;
  }
  check_node (machine, report, AREA, "npu-node", known->npu_node,
      LEVEL_PROBLEM, "The kernel has it (/sys/class/drm), and /dev has not: "
      "in a container pass it in (--device /dev/dri), else look at udev.");
}

/* ---- The driver ---------------------------------------------------------- */

/* "RKNPU driver: v0.9.8", and in /sys/module nothing but the number. */
static gchar *
version_in (gchar * text)
{
  gchar *colon = text ? strrchr (text, ':') : NULL;
  gchar *version = NULL;

  if (text)
    version = g_strdup (g_strstrip (colon ? colon + 1 : text));
  if (version && *version == 'v')
    memmove (version, version + 1, strlen (version));
  g_free (text);
  return version;
}

static gchar *
driver_version (const Machine * machine, const Known * known)
{
  static const gchar *const files[] = { "/sys/module/rknpu/version",
    "/proc/rknpu/version", "/sys/kernel/debug/rknpu/version", NULL
  };
  gboolean hidden;
  gchar *version = version_in (check_read_debug (machine, files, &hidden));

  if (version && ry_version_number (version) > 0)
    return version;
  g_free (version);
  /* Whoever may use the NPU may ask its driver. */
  if (machine->real && known->npu_node)
    return ry_device_driver_version (known->npu_node);
  return NULL;
}

static void
say_driver (const Machine * machine, Known * known, Report * report)
{
  g_autofree gchar *version = driver_version (machine, known);

  if (!known->npu_node)
    return;
  known->driver = ry_version_number (version);
  if (known->driver == 0)
    report_add (report, AREA, "npu-driver", LEVEL_NOTE,
        "Run rknnyolo-doctor with sudo: /sys/kernel/debug/rknpu/version needs "
        "root.", "The version of the driver rknpu cannot be told");
  else if (known->driver < OLDEST)
    report_add (report, AREA, "npu-driver", LEVEL_PROBLEM, REMEDY_DRIVER,
        "The driver rknpu has version %s; librknnrt refuses those before 0.7.0",
        version);
  else if (known->driver < GOOD)
    report_add (report, AREA, "npu-driver", LEVEL_WARNING, REMEDY_DRIVER,
        "The driver rknpu has version %s; before 0.9.6 there are reports of "
        "hangs and crashes with several cores", version);
  else
    report_add (report, AREA, "npu-driver", LEVEL_OK, NULL,
        "The driver rknpu has version %s", version);
}

/* ---- The load ------------------------------------------------------------ */

/* "NPU load:  Core0: 19%, Core1:  8%, Core2:  8%," */
static void
say_load (const Machine * machine, const Known * known, Report * report)
{
  static const gchar *const files[] = { "/proc/rknpu/load",
    "/sys/kernel/debug/rknpu/load", NULL
  };
  gboolean hidden;
  g_autofree gchar *text = check_read_debug (machine, files, &hidden);

  if (!known->npu_node)
    return;
  if (text)
    report_add (report, AREA, "npu-load", LEVEL_OK, NULL, "%s", text);
  else
    report_add (report, AREA, "npu-load", LEVEL_NOTE,
        "Run rknnyolo-doctor with sudo: /sys/kernel/debug/rknpu/load needs "
        "root.", "What the NPU has to do cannot be told");
}

void
check_npu (const Machine * machine, Known * known, Report * report)
{
  say_node (machine, known, report);
  say_driver (machine, known, report);
  say_load (machine, known, report);
}
