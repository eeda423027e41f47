/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "runtime/device.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <xf86drm.h>

#define RKNPU_NODE "/dev/rknpu"
#define MAX_CARDS 16            /* librknnrt tries card0 to card15 */

/* The kernel driver of a DRM card, from sysfs because the node itself may not
 * be ours to open; NULL when it cannot be told. */
static gchar *
driver_of_card (const gchar * root, guint card)
{
  g_autofree gchar *name = g_strdup_printf ("card%u", card);
  g_autofree gchar *link = g_build_filename (root, "sys/class/drm", name,
      "device/driver", NULL);
  g_autofree gchar *target = g_file_read_link (link, NULL);

  return target ? g_path_get_basename (target) : NULL;
}

static gboolean
is_rknpu_driver (const gchar * name)
{
  return name && g_ascii_strncasecmp (name, "rknpu", 5) == 0;
}

gchar *
ry_device_find (const gchar * root)
{
  g_autofree gchar *plain = g_build_filename (root, RKNPU_NODE, NULL);

  if (g_file_test (plain, G_FILE_TEST_EXISTS))
    return g_strdup (RKNPU_NODE);
  for (guint i = 0; i < MAX_CARDS; i++) {
    g_autofree gchar *driver = driver_of_card (root, i);

    if (is_rknpu_driver (driver))
      return g_strdup_printf ("/dev/dri/card%u", i);
  }
  return NULL;
}

gchar *
ry_device_driver_version (const gchar * node)
{
  gint fd = open (node, O_RDWR | O_CLOEXEC);
  drmVersionPtr version;
  gchar *text = NULL;

  if (fd < 0)
    return NULL;
  version = drmGetVersion (fd);
  if (version && is_rknpu_driver (version->name))
    text = g_strdup_printf ("%d.%d.%d", version->version_major,
        version->version_minor, version->version_patchlevel);
  if (version)
    drmFreeVersion (version);
  close (fd);
  return text;
}

static gchar *
explain_node (const gchar * node)
{
  gint fd = open (node, O_RDWR | O_CLOEXEC);
  drmVersionPtr version;
  gchar *text;

  if (fd < 0)
    return g_strdup_printf ("The NPU's device %s is there but cannot be "
        "opened for reading and writing (%s): run as a user who may, for "
        "example a member of the groups video and render.", node,
        g_strerror (errno));

  version = drmGetVersion (fd);
  text = g_strdup_printf ("The NPU's device %s can be opened (driver %s), so "
      "either the driver is older than 0.7.0 or the NPU failed: look at the "
      "kernel's messages (dmesg) for rknpu.", node,
      version && version->desc ? version->desc : "of unknown version");
  if (version)
    drmFreeVersion (version);
  close (fd);
  return text;
}

gchar *
ry_device_diagnose (void)
{
  g_autofree gchar *node = ry_device_find ("/");

  if (node)
    return explain_node (node);
  return g_strdup ("No NPU was found: there is neither " RKNPU_NODE " nor a "
      "/dev/dri/card* of the driver rknpu. On a Rockchip board the kernel "
      "needs that driver (and a container needs the device passed in); on "
      "other machines use an .onnx model, which runs on the stand-in.");
}
