/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <gst/gst.h>

#include "gstrknnyolo.h"
#include "rknnyoloframeinfo.h"
#ifdef HAVE_OVERLAY
# include "gstrknnyolooverlay.h"
#endif

static gboolean
plugin_init (GstPlugin * plugin)
{
  gboolean registered = FALSE;

  rknnyolo_frame_meta_register ();
  registered |= GST_ELEMENT_REGISTER (rknnyolo, plugin);
#ifdef HAVE_OVERLAY
  registered |= GST_ELEMENT_REGISTER (rknnyolooverlay, plugin);
#endif
  return registered;
}

GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, rknnyolo,
    "YOLO on Rockchip NPUs, and boxes of what it finds", plugin_init,
    PACKAGE_VERSION, "LGPL", PACKAGE, "Unknown package origin")
