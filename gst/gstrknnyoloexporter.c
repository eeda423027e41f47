/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gstrknnyoloexporter.h"

#include <string.h>

/* Devices of a PC do. */
#if defined (__x86_64__) || defined (__i386__)
#define DEVICES_SEE_CACHES TRUE
#else
#define DEVICES_SEE_CACHES FALSE
#endif

enum
{
  UNKNOWN,                      /* no qdata */
  FLUSHES_ON_REQUEST,
  FLUSHES_ON_IMPORT,
};

gboolean
gst_rknn_yolo_exporter_is_vmalloc (const gchar * fdinfo)
{
  return strstr (fdinfo, "\nexp_name:\tvideobuf2_vmalloc\n") != NULL;
}

static gint
ask_kernel (gint fd)
{
  g_autofree gchar *path = g_strdup_printf ("/proc/self/fdinfo/%d", fd);
  g_autofree gchar *text = NULL;

  if (!DEVICES_SEE_CACHES && g_file_get_contents (path, &text, NULL, NULL)
      && gst_rknn_yolo_exporter_is_vmalloc (text))
    return FLUSHES_ON_IMPORT;
  return FLUSHES_ON_REQUEST;
}

gboolean
gst_rknn_yolo_exporter_flushes_on_import (GstMiniObject * memory, gint fd)
{
  static gsize quark = 0;
  gint kind;

  if (g_once_init_enter (&quark))
    g_once_init_leave (&quark,
        g_quark_from_static_string ("rknnyolo-exporter"));
  kind = GPOINTER_TO_INT (gst_mini_object_get_qdata (memory, quark));
  if (kind == UNKNOWN) {
    kind = ask_kernel (fd);
    gst_mini_object_set_qdata (memory, quark, GINT_TO_POINTER (kind), NULL);
  }
  return kind == FLUSHES_ON_IMPORT;
}
