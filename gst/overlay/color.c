/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "color.h"

#include <math.h>

/* FNV-1a, 32 bits (draft-eastlake-fnv, constants of the section "FNV
 * Constants"), because g_str_hash may become another function one day. */
static guint32
hash_label (const gchar * label)
{
  guint32 hash = 2166136261u;

  for (; *label != '\0'; label++)
    hash = (hash ^ (guint8) * label) * 16777619u;
  return hash;
}

/* hue, saturation and value in 0..1 */
static RyColor
color_from_hsv (gdouble hue, gdouble saturation, gdouble value)
{
  gdouble channel[3];
  RyColor color;
  guint i;

  for (i = 0; i < 3; i++) {
    /* Each channel is the same trapezium over the hue, a third apart. */
    gdouble k = fmod (hue * 6 + 5 - 2 * (gint) i, 6);
    gdouble ramp = CLAMP (MIN (k, 4 - k), 0, 1);

    channel[i] = value - value * saturation * ramp;
  }

  color.r = rint (channel[0] * 255);
  color.g = rint (channel[1] * 255);
  color.b = rint (channel[2] * 255);
  return color;
}

RyColor
ry_color_for_class (const gchar * label, gint class_id)
{
  guint32 hash = label[0] != '\0' ? hash_label (label) : (guint32) class_id;
  gdouble hue;

  /* Multiplying by 2^32 divided by the golden ratio spreads numbers that lie
   * close together (Knuth, TAOCP vol. 3, 6.4). */
  hash *= 2654435769u;
  hue = hash / 4294967296.0;

  /* Two classes of the same hue still differ in most cases. */
  return color_from_hsv (hue, (hash & 0x40) ? 0.85 : 0.6,
      (hash & 0x80) ? 1.0 : 0.85);
}

static gdouble
to_linear (guint8 channel)
{
  gdouble c = channel / 255.0;

  return c <= 0.04045 ? c / 12.92 : pow ((c + 0.055) / 1.055, 2.4);
}

RyColor
ry_color_for_text (RyColor background)
{
  const RyColor black = { 0, 0, 0 }, white = { 255, 255, 255 };
  gdouble luminance = 0.2126 * to_linear (background.r)
      + 0.7152 * to_linear (background.g) + 0.0722 * to_linear (background.b);
  gdouble to_black = (luminance + 0.05) / 0.05;
  gdouble to_white = 1.05 / (luminance + 0.05);

  return to_black >= to_white ? black : white;
}

RySample
ry_color_to_sample (RyColor self, const GstVideoInfo * info)
{
  const GstVideoFormatInfo *finfo = info->finfo;
  gdouble in[3] = { self.r / 255.0, self.g / 255.0, self.b / 255.0 };
  gint offset[GST_VIDEO_MAX_COMPONENTS], scale[GST_VIDEO_MAX_COMPONENTS];
  gdouble kr, kb;
  RySample sample;
  guint i;

  if (!GST_VIDEO_FORMAT_INFO_IS_RGB (finfo)) {
    gdouble y;

    if (!gst_video_color_matrix_get_Kr_Kb (info->colorimetry.matrix, &kr, &kb))
      gst_video_color_matrix_get_Kr_Kb (GST_VIDEO_COLOR_MATRIX_BT601, &kr, &kb);
    y = kr * in[0] + (1 - kr - kb) * in[1] + kb * in[2];
    in[1] = (in[2] - y) / (2 * (1 - kb));
    in[2] = (in[0] - y) / (2 * (1 - kr));
    in[0] = y;
  }

  gst_video_color_range_offsets (info->colorimetry.range, finfo, offset, scale);
  for (i = 0; i < 3; i++)
    sample.value[i] = CLAMP (rint (offset[i] + in[i] * scale[i]), 0, 255);
  sample.value[GST_VIDEO_COMP_A] = 255;
  return sample;
}
