/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "jpeg.h"

#include <gst/video/video.h>
#include <setjmp.h>
#include <stdio.h>              /* jpeglib.h needs it */

#include <jpeglib.h>

/* libjpeg reports errors by a function that must not return. */
typedef struct
{
  struct jpeg_error_mgr base;
  jmp_buf failed;
  gchar message[JMSG_LENGTH_MAX];
} Errors;

static void
leave (j_common_ptr info)
{
  Errors *errors = (Errors *) info->err;

  info->err->format_message (info, errors->message);
  longjmp (errors->failed, 1);
}

/* Damage that libjpeg can live with: the picture is not what it was, and a
 * measurement with it is none. */
static void
treat_warning_as_error (j_common_ptr info, int level)
{
  if (level < 0)
    leave (info);
}

static void
read_rows (struct jpeg_decompress_struct *info, guint8 * pixels, gsize stride)
{
  while (info->output_scanline < info->output_height) {
    JSAMPROW row = pixels + info->output_scanline * stride;

    jpeg_read_scanlines (info, &row, 1);
  }
}

/* What jpeg_decode () frees lives there, where a longjmp cannot lose it. */
static gboolean
decode (struct jpeg_decompress_struct *info, Errors * errors,
    const guint8 * data, gsize size, GstVideoInfo * video, guint8 ** pixels)
{
  if (setjmp (errors->failed) != 0)
    return FALSE;
  jpeg_create_decompress (info);
  jpeg_mem_src (info, data, size);
  jpeg_read_header (info, TRUE);
  info->out_color_space = JCS_RGB;
  jpeg_start_decompress (info);
  gst_video_info_set_format (video, GST_VIDEO_FORMAT_RGB, info->output_width,
      info->output_height);
  *pixels = g_try_malloc0 (GST_VIDEO_INFO_SIZE (video));
  if (*pixels == NULL) {
    g_snprintf (errors->message, sizeof errors->message,
        "no memory for %u x %u pixels", info->output_width,
        info->output_height);
    return FALSE;
  }
  read_rows (info, *pixels, GST_VIDEO_INFO_PLANE_STRIDE (video, 0));
  jpeg_finish_decompress (info);
  return TRUE;
}

GstSample *
jpeg_decode (const gchar * path, const guint8 * data, gsize size,
    GError ** error)
{
  struct jpeg_decompress_struct info = { 0, };
  Errors errors = { 0, };
  GstVideoInfo video;
  guint8 *pixels = NULL;
  GstBuffer *buffer;
  GstSample *sample;
  GstCaps *caps;
  gboolean ok;

  info.err = jpeg_std_error (&errors.base);
  errors.base.error_exit = leave;
  errors.base.emit_message = treat_warning_as_error;
  gst_video_info_init (&video);
  ok = decode (&info, &errors, data, size, &video, &pixels);
  jpeg_destroy_decompress (&info);
  if (!ok) {
    g_free (pixels);
    g_set_error (error, GST_STREAM_ERROR, GST_STREAM_ERROR_DECODE,
        "%s cannot be decoded: %s. Expected a whole JPEG file in colour or "
        "grey; fetch or convert this picture again.", path, errors.message);
    return NULL;
  }
  buffer = gst_buffer_new_wrapped (pixels, GST_VIDEO_INFO_SIZE (&video));
  caps = gst_video_info_to_caps (&video);
  sample = gst_sample_new (buffer, caps, NULL, NULL);
  gst_caps_unref (caps);
  gst_buffer_unref (buffer);
  return sample;
}
