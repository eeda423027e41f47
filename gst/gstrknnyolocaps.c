/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gstrknnyolocaps.h"

#include <stdlib.h>
#include <string.h>

#include <drm_fourcc.h>
#include <gst/allocators/gstdmabuf.h>
#include <xf86drm.h>

/* Vendor of modifiers in Rockchip's kernels; mainline gave the number to
 * MediaTek. */
#define VENDOR_ROCKCHIP 0x0b

#define SWITCH_OFF "Switch it off in the decoder: mppvideodec arm-afbc=false " \
    "(fbc=false in newer versions; check that GST_MPP_VIDEODEC_DEFAULT_ARM_AFBC " \
    "is not set)."

/* The letters of DRM name a little-endian word, from its top. */
static const struct
{
  guint32 fourcc;
  GstVideoFormat format;
} drm_formats[] = {
  {DRM_FORMAT_NV12, GST_VIDEO_FORMAT_NV12},
  {DRM_FORMAT_NV21, GST_VIDEO_FORMAT_NV21},
  {DRM_FORMAT_NV16, GST_VIDEO_FORMAT_NV16},
  {DRM_FORMAT_NV61, GST_VIDEO_FORMAT_NV61},
  {DRM_FORMAT_NV24, GST_VIDEO_FORMAT_NV24},
  {DRM_FORMAT_YUV420, GST_VIDEO_FORMAT_I420},
  {DRM_FORMAT_YVU420, GST_VIDEO_FORMAT_YV12},
  {DRM_FORMAT_YUV422, GST_VIDEO_FORMAT_Y42B},
  {DRM_FORMAT_YUV444, GST_VIDEO_FORMAT_Y444},
  {DRM_FORMAT_YUYV, GST_VIDEO_FORMAT_YUY2},
  {DRM_FORMAT_YVYU, GST_VIDEO_FORMAT_YVYU},
  {DRM_FORMAT_UYVY, GST_VIDEO_FORMAT_UYVY},
  {DRM_FORMAT_BGR888, GST_VIDEO_FORMAT_RGB},
  {DRM_FORMAT_RGB888, GST_VIDEO_FORMAT_BGR},
  {DRM_FORMAT_XBGR8888, GST_VIDEO_FORMAT_RGBx},
  {DRM_FORMAT_BGRX8888, GST_VIDEO_FORMAT_xRGB},
  {DRM_FORMAT_XRGB8888, GST_VIDEO_FORMAT_BGRx},
  {DRM_FORMAT_RGBX8888, GST_VIDEO_FORMAT_xBGR},
  {DRM_FORMAT_ABGR8888, GST_VIDEO_FORMAT_RGBA},
  {DRM_FORMAT_BGRA8888, GST_VIDEO_FORMAT_ARGB},
  {DRM_FORMAT_ARGB8888, GST_VIDEO_FORMAT_BGRA},
  {DRM_FORMAT_RGBA8888, GST_VIDEO_FORMAT_ABGR},
  {DRM_FORMAT_R8, GST_VIDEO_FORMAT_GRAY8},
};

static gboolean
refuse (GError ** error, const gchar * format, ...)
{
  va_list args;

  va_start (args, format);
  if (error)
    *error = g_error_new_valist (GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT,
        format, args);
  va_end (args);
  return FALSE;
}

/* "NV12", or "NV12:0x0800000000000041". */
static gboolean
parse_drm_format (const gchar * text, guint32 * fourcc, guint64 * modifier)
{
  gsize length = text ? strcspn (text, ":") : 0;
  gchar letters[] = "    ";

  if (length < 1 || length > 4)
    return FALSE;
  memcpy (letters, text, length);
  *fourcc = fourcc_code (letters[0], letters[1], letters[2], letters[3]);
  *modifier = DRM_FORMAT_MOD_LINEAR;
  if (text[length] == '\0')
    return TRUE;
  text += length + 1;
  if (g_str_has_prefix (text, "0x"))
    text += 2;
  return g_ascii_string_to_unsigned (text, 16, 0, G_MAXUINT64, modifier, NULL);
}

/* The name of a compressed layout of those that Rockchip's SoCs have; NULL for
 * all others.  Below the vendor ARM has four bits for the kind. */
static const gchar *
find_compression (guint64 modifier)
{
  const guint kind = modifier >> 52 & 0xf;

  if (fourcc_mod_get_vendor (modifier) == VENDOR_ROCKCHIP)
    return "RFBC";
  if (fourcc_mod_is_vendor (modifier, ARM))
    return kind == DRM_FORMAT_MOD_ARM_TYPE_AFBC ? "AFBC" :
        kind == DRM_FORMAT_MOD_ARM_TYPE_AFRC ? "AFRC" : NULL;
  return NULL;
}

static gboolean
refuse_modifier (const gchar * text, guint64 modifier, GError ** error)
{
  const gchar *compression = find_compression (modifier);
  gchar *name = drmGetFormatModifierName (modifier);
  gchar *vendor = drmGetFormatModifierVendor (modifier);

  refuse (error, "The frames come as %s, whose modifier says that their pixels "
      "do not lie in rows but in a%s layout (%s%s%s), and this element needs "
      "linear frames. %s Or ask for linear frames with a caps filter behind "
      "the element that makes them, such as \"video/x-raw,format=NV12\".",
      text, compression ? " compressed" : "nother",
      compression ? compression : vendor ? vendor : "of an unknown vendor",
      name ? " " : "", name ? name : "", compression ? SWITCH_OFF :
      "Choose them in the element that makes the frames if it has a property "
      "for that.");
  free (name);
  free (vendor);
  return FALSE;
}

/* caps as they would be without the modifier, and with GStreamer's name of the
 * format: then GStreamer of any version can parse them. */
static GstCaps *
translate_drm (GstCaps * caps, GError ** error)
{
  const GstStructure *structure = gst_caps_get_structure (caps, 0);
  const gchar *text = gst_structure_get_string (structure, "drm-format");
  GstCaps *plain;
  guint64 modifier;
  guint32 fourcc;

  if (!parse_drm_format (text, &fourcc, &modifier)) {
    refuse (error, "The format is DMA_DRM, but drm-format, \"%s\", is no "
        "fourcc with or without a modifier as in \"NV12:0x0\". The element "
        "that makes the frames is to blame; ask for plain ones with a caps "
        "filter behind it: \"video/x-raw,format=NV12\".", text ? text : "");
    return NULL;
  }
  if (modifier != DRM_FORMAT_MOD_LINEAR) {
    refuse_modifier (text, modifier, error);
    return NULL;
  }
  for (guint i = 0; i < G_N_ELEMENTS (drm_formats); i++) {
    if (drm_formats[i].fourcc != fourcc)
      continue;
    plain = gst_caps_copy (caps);
    gst_caps_set_simple (plain, "format", G_TYPE_STRING,
        gst_video_format_to_string (drm_formats[i].format), NULL);
    gst_structure_remove_field (gst_caps_get_structure (plain, 0),
        "drm-format");
    return plain;
  }
  gst_rknn_yolo_caps_refuse_format (text, error);
  return NULL;
}

/* Rockchip's decoder may put out compressed pixels under the plain names. */
static gboolean
check_compression (GstCaps * caps, GError ** error)
{
  static const struct
  {
    const gchar *field, *name;
  } kinds[] = { {"arm-afbc", "AFBC"}, {"rfbc", "RFBC"} };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    gint compressed = 0;

    if (gst_structure_get_int (gst_caps_get_structure (caps, 0),
            kinds[i].field, &compressed) && compressed)
      return refuse (error,
          "The frames are compressed by the decoder (%s), and "
          "this element needs plain pixels. " SWITCH_OFF, kinds[i].name);
  }
  return TRUE;
}

static gboolean
check_memory (GstCaps * caps, GError ** error)
{
  GstCapsFeatures *features = gst_caps_get_features (caps, 0);
  g_autofree gchar *name = NULL;

  if (!features || gst_caps_features_is_equal (features,
          GST_CAPS_FEATURES_MEMORY_SYSTEM_MEMORY)
      || gst_caps_features_contains (features, GST_CAPS_FEATURE_MEMORY_DMABUF))
    return TRUE;
  name = gst_caps_features_to_string (features);
  return refuse (error, "The frames are of the kind %s, and this element takes "
      "system memory and memory:DMABuf. Put an element in between that "
      "downloads them, such as gldownload, or a caps filter \"video/x-raw\".",
      name);
}

void
gst_rknn_yolo_caps_refuse_format (const gchar * format, GError ** error)
{
  static const gchar *const deep[] = { "10LE", "10BE", "P010", "NV15", "NV20" };

  for (guint i = 0; i < G_N_ELEMENTS (deep); i++) {
    if (format && strstr (format, deep[i])) {
      refuse (error, "The frames are %s, with 10 bits a sample, and this "
          "element takes 8. Behind mppvideodec set its property format=NV12, "
          "then Rockchip's RGA converts them; elsewhere put videoconvert in "
          "between.", format);
      return;
    }
  }
  refuse (error, "The frames are %s, which this element does not take; "
      "gst-inspect-1.0 lists the 8-bit formats that it does. Put videoconvert "
      "in between, or a caps filter \"video/x-raw,format=NV12\" behind the "
      "element that makes the frames.", format ? format : "of no format");
}

gboolean
gst_rknn_yolo_caps_parse (GstCaps * caps, GstVideoInfo * info, GError ** error)
{
  const GstStructure *structure = gst_caps_get_structure (caps, 0);
  const gchar *format = gst_structure_get_string (structure, "format");
  g_autoptr (GstCaps) plain = NULL;

  if (!check_compression (caps, error) || !check_memory (caps, error))
    return FALSE;
  if (g_strcmp0 (format, "DMA_DRM") == 0)
    plain = translate_drm (caps, error);
  else
    plain = gst_caps_ref (caps);
  if (!plain)
    return FALSE;
  if (gst_video_info_from_caps (info, plain)
      && GST_VIDEO_INFO_FORMAT (info) != GST_VIDEO_FORMAT_ENCODED)
    return TRUE;
  gst_rknn_yolo_caps_refuse_format (format, error);
  return FALSE;
}

GstCaps *
gst_rknn_yolo_caps_normalize (GstCaps * caps)
{
  const gchar *text = gst_structure_get_string (gst_caps_get_structure (caps,
          0), "drm-format");
  g_autofree gchar *letters = NULL;
  guint64 modifier;
  guint32 fourcc;

  if (!text || !strchr (text, ':') || !parse_drm_format (text, &fourcc,
          &modifier) || modifier != DRM_FORMAT_MOD_LINEAR)
    return caps;
  letters = g_strndup (text, strcspn (text, ":"));
  caps = gst_caps_make_writable (caps);
  gst_caps_set_simple (caps, "drm-format", G_TYPE_STRING, letters, NULL);
  return caps;
}

static gboolean
is_video (GstCaps * caps)
{
  return gst_caps_get_size (caps) > 0
      && gst_structure_has_name (gst_caps_get_structure (caps, 0),
      "video/x-raw");
}

/* Whether caps would fit if they did not say that frames come with metas.
 * Elements that write text on frames ask so whether it may come as a meta, and
 * can do without. */
static gboolean
fits_without_metas (GstCaps * caps, GstCaps * templ)
{
  g_autoptr (GstCaps) plain = gst_caps_copy (caps);
  gboolean found = FALSE;

  for (guint i = 0; i < gst_caps_get_size (plain); i++) {
    GstCapsFeatures *features = gst_caps_get_features (plain, i);

    for (guint k = gst_caps_features_get_size (features); k > 0; k--) {
      const gchar *name = gst_caps_features_get_nth (features, k - 1);

      if (g_str_has_prefix (name, "meta:")) {
        gst_caps_features_remove (features, name);
        found = TRUE;
      }
    }
  }
  return found && gst_caps_can_intersect (plain, templ);
}

/* Nothing of what upstream can do fits the template. */
static void
let_filter_come (GstQuery * query, GstCaps * templ)
{
  GstCaps *filter, *result;

  gst_query_parse_caps (query, &filter);
  gst_query_parse_caps_result (query, &result);
  if (filter && result && gst_caps_is_empty (result) && is_video (filter)
      && !gst_caps_can_intersect (filter, templ)
      && !fits_without_metas (filter, templ))
    gst_query_set_caps_result (query, filter);
}

static void
let_caps_come (GstQuery * query, GstCaps * templ)
{
  GstCaps *caps;
  gboolean accepted;

  gst_query_parse_accept_caps (query, &caps);
  gst_query_parse_accept_caps_result (query, &accepted);
  if (!accepted && is_video (caps) && !gst_caps_is_subset (caps, templ)
      && !fits_without_metas (caps, templ))
    gst_query_set_accept_caps_result (query, TRUE);
}

void
gst_rknn_yolo_caps_let_misfits_come (GstQuery * query, GstCaps * templ)
{
  switch (GST_QUERY_TYPE (query)) {
    case GST_QUERY_CAPS:
      let_filter_come (query, templ);
      break;
    case GST_QUERY_ACCEPT_CAPS:
      let_caps_come (query, templ);
      break;
    default:
      break;
  }
}
