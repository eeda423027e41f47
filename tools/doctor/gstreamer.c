/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What GStreamer sees: our plugin, decoders, encoders. */

#include "checks.h"

#include <gst/gst.h>
#include <string.h>

#define AREA "gstreamer"
#define PLUGIN_FILE "libgstrknnyolo.so"

#define REMEDY_PLUGIN "Install the plugin to GStreamer's folder of plugins, " \
  "or name its folder by GST_PLUGIN_PATH (export " \
  "GST_PLUGIN_PATH=$PWD/build/gst); if it stays, remove " \
  "~/.cache/gstreamer-1.0, which makes GStreamer look again."

/* ---- Our plugin ---------------------------------------------------------- */

static gboolean
is_blacklisted (gchar ** file)
{
  GList *plugins = gst_registry_get_plugin_list (gst_registry_get ());
  gboolean found = FALSE;

  for (GList * item = plugins; item && !found; item = item->next) {
    const gchar *name = gst_plugin_get_filename (item->data);

    found = name && g_str_has_suffix (name, PLUGIN_FILE)
        && GST_OBJECT_FLAG_IS_SET (item->data, GST_PLUGIN_FLAG_BLACKLISTED);
    if (found)
      *file = g_strdup (name);
  }
  gst_plugin_list_free (plugins);
  return found;
}

static void
say_version (GstPlugin * plugin, Report * report)
{
  const gchar *version = gst_plugin_get_version (plugin);
  const gchar *file = gst_plugin_get_filename (plugin);

  if (strcmp (version, PACKAGE_VERSION) == 0)
    report_add (report, AREA, "plugin", LEVEL_OK, NULL,
        "rknnyolo %s is registered (%s)", version, file ? file : "static");
  else
    report_add (report, AREA, "plugin", LEVEL_WARNING,
        "Two versions are installed: remove one of them.",
        "rknnyolo %s is registered (%s), and this program is of version "
        PACKAGE_VERSION, version, file ? file : "static");
}

static void
say_missing (Report * report)
{
  g_autofree gchar *file = NULL;

  if (is_blacklisted (&file))
    report_add (report, AREA, "plugin", LEVEL_PROBLEM,
        "Look with \"ldd\" at which library it misses, install that, and "
        "remove ~/.cache/gstreamer-1.0.",
        "GStreamer has blacklisted %s: it could not be loaded", file);
  else
    report_add (report, AREA, "plugin", LEVEL_PROBLEM, REMEDY_PLUGIN,
        "GStreamer does not find the plugin rknnyolo");
}

static void
check_plugin (Report * report)
{
  GstElementFactory *factory = gst_element_factory_find ("rknnyolo");
  GstPluginFeature *loaded = NULL;
  GstPlugin *plugin = NULL;

  if (factory)
    loaded = gst_plugin_feature_load (GST_PLUGIN_FEATURE (factory));
  if (loaded)
    plugin = gst_plugin_feature_get_plugin (loaded);
  if (plugin)
    say_version (plugin, report);
  else if (factory)
    report_add (report, AREA, "plugin", LEVEL_PROBLEM, REMEDY_PLUGIN,
        "rknnyolo is in GStreamer's registry, but cannot be loaded");
  else
    say_missing (report);
  g_clear_pointer (&plugin, gst_object_unref);
  g_clear_pointer (&loaded, gst_object_unref);
  g_clear_pointer (&factory, gst_object_unref);

  factory = gst_element_factory_find ("rknnyolooverlay");
  if (!factory)
    report_add (report, AREA, "overlay", LEVEL_NOTE,
        "Install libpango1.0-dev, and build the plugin again.",
        "There is no rknnyolooverlay, which draws the boxes");
  g_clear_pointer (&factory, gst_object_unref);
}

/* ---- Codecs -------------------------------------------------------------- */

typedef struct
{
  const gchar *id, *what, *remedy;
  const gchar *hardware[8], *software[6];
} Codecs;

static const Codecs codecs[] = {
  {"decoders", "H.264 and H.265 decoders",
        "Install gstreamer1.0-rockchip (mppvideodec) of the board's "
        "distribution; gstreamer1.0-libav decodes by the CPU.",
        {"mppvideodec", "v4l2slh264dec", "v4l2slh265dec", "v4l2h264dec",
          "v4l2h265dec"}, {"avdec_h264", "avdec_h265", "openh264dec"}},
  {"encoders", "H.264 and H.265 encoders",
        "Install gstreamer1.0-rockchip (mpph264enc) of the board's "
        "distribution; gstreamer1.0-plugins-ugly (x264enc) encodes by the "
        "CPU.",
        {"mpph264enc", "mpph265enc", "v4l2h264enc", "v4l2h265enc"},
      {"x264enc", "x265enc", "openh264enc"}},
};

static gchar *
list_present (const gchar * const *names)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; names[i]; i++) {
    GstElementFactory *factory = gst_element_factory_find (names[i]);

    if (factory)
      g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "",
          names[i]);
    g_clear_pointer (&factory, gst_object_unref);
  }
  return g_string_free (text, FALSE);
}

static void
check_codecs (const Codecs * self, gboolean board, Report * report)
{
  g_autofree gchar *hardware = list_present (self->hardware);
  g_autofree gchar *software = list_present (self->software);

  if (*hardware)
    report_add (report, AREA, self->id, LEVEL_OK, NULL,
        "%s in hardware: %s%s%s", self->what, hardware,
        *software ? "; by the CPU: " : "", software);
  else if (*software)
    report_add (report, AREA, self->id, board ? LEVEL_WARNING : LEVEL_OK,
        board ? self->remedy : NULL, "%s: only those by the CPU: %s",
        self->what, software);
  else
    report_add (report, AREA, self->id, LEVEL_WARNING, self->remedy,
        "%s: none", self->what);
}

void
check_gstreamer (const Machine * machine, Known * known, Report * report)
{
  g_autoptr (GError) error = NULL;
  g_autofree gchar *version = NULL;

  if (!machine->real)
    return;
  if (!gst_init_check (NULL, NULL, &error)) {
    report_add (report, AREA, "gstreamer", LEVEL_PROBLEM, NULL,
        "GStreamer does not start: %s", error ? error->message : "no reason");
    return;
  }
  version = gst_version_string ();
  report_add (report, AREA, "gstreamer", LEVEL_OK, NULL, "%s", version);
  check_plugin (report);
  for (guint i = 0; i < G_N_ELEMENTS (codecs); i++)
    check_codecs (&codecs[i], known->board, report);
}
