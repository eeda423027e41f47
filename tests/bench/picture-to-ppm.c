/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Decodes a picture as rknnyolo-coco-eval does, for programs that go on in
 * another way:
 *
 *   picture-to-ppm PICTURE > PICTURE.ppm */

#include <gst/video/video.h>
#include <stdio.h>

#include "../../tools/coco-eval/picture.h"

static gboolean
write_ppm (const GstVideoFrame * frame)
{
  guint row, bytes = 3 * GST_VIDEO_FRAME_WIDTH (frame);

  printf ("P6\n%d %d\n255\n", GST_VIDEO_FRAME_WIDTH (frame),
      GST_VIDEO_FRAME_HEIGHT (frame));
  for (row = 0; row < GST_VIDEO_FRAME_HEIGHT (frame); row++)
    fwrite ((const guint8 *) GST_VIDEO_FRAME_PLANE_DATA (frame, 0)
        + row * GST_VIDEO_FRAME_PLANE_STRIDE (frame, 0), 1, bytes, stdout);
  return fflush (stdout) == 0;
}

int
main (int argc, char *argv[])
{
  g_autoptr (GError) error = NULL;
  GstSample *sample = NULL;
  GstVideoFrame frame;
  GstVideoInfo info;
  gboolean ok = FALSE;

  gst_init (&argc, &argv);
  if (argc == 2)
    sample = picture_load (argv[1], &error);
  if (sample == NULL) {
    g_printerr ("%s\n", error ? error->message : "usage: picture-to-ppm FILE");
    return 1;
  }
  gst_video_info_from_caps (&info, gst_sample_get_caps (sample));
  if (gst_video_frame_map (&frame, &info, gst_sample_get_buffer (sample),
          GST_MAP_READ)) {
    ok = write_ppm (&frame);
    gst_video_frame_unmap (&frame);
  }
  gst_sample_unref (sample);
  return ok ? 0 : 1;
}
