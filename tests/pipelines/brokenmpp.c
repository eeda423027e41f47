/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A plugin with an mppvideodec and an mpph264enc as they are on a machine that
 * has gstreamer-rockchip, and no such hardware: they do not start. */

#include <gst/gst.h>
#include <gst/video/gstvideodecoder.h>
#include <gst/video/gstvideoencoder.h>

#define RAW GST_STATIC_CAPS ("video/x-raw")
#define CODED GST_STATIC_CAPS ("video/x-h264")

typedef GstVideoDecoder BrokenDecoder;
typedef GstVideoDecoderClass BrokenDecoderClass;
typedef GstVideoEncoder BrokenEncoder;
typedef GstVideoEncoderClass BrokenEncoderClass;

GType broken_decoder_get_type (void);
GType broken_encoder_get_type (void);
G_DEFINE_TYPE (BrokenDecoder, broken_decoder, GST_TYPE_VIDEO_DECODER);
G_DEFINE_TYPE (BrokenEncoder, broken_encoder, GST_TYPE_VIDEO_ENCODER);

static void
add_pads (GstElementClass * class, GstStaticPadTemplate * sink,
    GstStaticPadTemplate * src)
{
  gst_element_class_add_static_pad_template (class, sink);
  gst_element_class_add_static_pad_template (class, src);
  gst_element_class_set_static_metadata (class, "Broken", "Codec/Video",
      "Does not start", "gst-rknnyolo");
}

static gboolean
decoder_start (GstVideoDecoder * decoder)
{
  return FALSE;
}

static void
broken_decoder_class_init (BrokenDecoderClass * class)
{
  static GstStaticPadTemplate sink =
      GST_STATIC_PAD_TEMPLATE ("sink", GST_PAD_SINK, GST_PAD_ALWAYS, CODED);
  static GstStaticPadTemplate src =
      GST_STATIC_PAD_TEMPLATE ("src", GST_PAD_SRC, GST_PAD_ALWAYS, RAW);

  add_pads (GST_ELEMENT_CLASS (class), &sink, &src);
  class->start = decoder_start;
}

static void
broken_decoder_init (BrokenDecoder * self)
{
}

static gboolean
encoder_start (GstVideoEncoder * encoder)
{
  return FALSE;
}

static void
broken_encoder_class_init (BrokenEncoderClass * class)
{
  static GstStaticPadTemplate sink =
      GST_STATIC_PAD_TEMPLATE ("sink", GST_PAD_SINK, GST_PAD_ALWAYS, RAW);
  static GstStaticPadTemplate src =
      GST_STATIC_PAD_TEMPLATE ("src", GST_PAD_SRC, GST_PAD_ALWAYS, CODED);

  add_pads (GST_ELEMENT_CLASS (class), &sink, &src);
  class->start = encoder_start;
}

static void
broken_encoder_init (BrokenEncoder * self)
{
}

static gboolean
plugin_init (GstPlugin * plugin)
{
  return gst_element_register (plugin, "mppvideodec", GST_RANK_NONE,
      broken_decoder_get_type ())
      && gst_element_register (plugin, "mpph264enc", GST_RANK_NONE,
      broken_encoder_get_type ());
}

#define PACKAGE "gst-rknnyolo"
GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, brokenmpp,
    "A codec that does not start", plugin_init, "1", "LGPL", PACKAGE,
    "https://gstreamer.freedesktop.org")
