/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Runs a model over one picture and writes its outputs as they come, in the
 * form of the test data's tensors:
 *
 *   record-outputs MODEL PICTURE FOLDER
 *
 * by the stand-in of this build (RKNNYOLO_STANDIN), whose RKNN_STANDIN_CONFIG
 * says what is to be int8, or the runtime that the element would choose. */

#include <gst/video/video.h>
#include <stdio.h>

#include "../../tools/coco-eval/picture.h"
#include "engine/context.h"

static gsize
element_of (const RyTensor * t, gsize index)
{
  gsize x = index % t->dims[3], y = index / t->dims[3] % t->dims[2];
  gsize c = index / t->dims[3] / t->dims[2];

  return c / t->c2 * t->plane + y * t->row + x * t->c2 + c % t->c2;
}

/* In C order, whatever the runtime's order is. */
static gboolean
write_data (const RyTensor * t, const gchar * path)
{
  gsize size = t->type == RKNN_TENSOR_FLOAT16 ? 2 : 1, n = 1, i;
  FILE *file = fopen (path, "wb");
  gboolean good = file != NULL;

  for (i = 0; i < t->n_dims; i++)
    n *= t->dims[i];
  for (i = 0; good && i < n; i++) {
    gsize element = t->n_dims == 4 ? element_of (t, i) : i;

    good = fwrite ((const guint8 *) t->data + element * size, size, 1, file)
        == 1;
  }
  return file != NULL && fclose (file) == 0 && good;
}

static gboolean
write_tensor (FILE * manifest, const gchar * folder, guint number,
    const RyTensor * t)
{
  gboolean half = t->type == RKNN_TENSOR_FLOAT16;
  g_autofree gchar *name = g_strdup_printf ("%u.%s", number,
      half ? "f16" : "i8");
  g_autofree gchar *path = g_build_filename (folder, name, NULL);
  gchar scale[G_ASCII_DTOSTR_BUF_SIZE];
  guint i;

  if (!half && t->type != RKNN_TENSOR_INT8) {
    g_printerr ("Output %u is neither int8 nor half float.\n", number);
    return FALSE;
  }
  fprintf (manifest, "%s %u", name, t->n_dims);
  for (i = 0; i < t->n_dims; i++)
    fprintf (manifest, " %u", t->dims[i]);
  fprintf (manifest, " %d %s\n", t->zp,
      g_ascii_formatd (scale, sizeof scale, "%.9g", t->scale));
  return write_data (t, path);
}

static gboolean
write_outputs (const RyContext * context, const GstVideoFrame * frame,
    const gchar * folder)
{
  g_autofree gchar *path = g_build_filename (folder, "manifest.txt", NULL);
  const RyLetterbox *box = &context->pictures[0].letterbox;
  gint width = GST_VIDEO_FRAME_WIDTH (frame);
  guint n = context->model->sizes[0].io->n_outputs, i;
  FILE *manifest = fopen (path, "w");
  gchar scale[G_ASCII_DTOSTR_BUF_SIZE];
  gboolean good = manifest != NULL;

  if (good)
    fprintf (manifest, "%u\n", n);
  for (i = 0; good && i < n; i++)
    good = write_tensor (manifest, folder, i, &context->tensors[i]);
  if (good)
    fprintf (manifest, "%d %d %d %d %s\n", width,
        GST_VIDEO_FRAME_HEIGHT (frame), box->x, box->y,
        g_ascii_formatd (scale, sizeof scale, "%.9g",
            (gdouble) box->width / width));
  return manifest != NULL && fclose (manifest) == 0 && good;
}

static gboolean
run (RyContext * context, const GstVideoFrame * frame, GError ** error)
{
  static const RyDecodeParams params;
  RySettings *settings = ry_settings_new (&params, RY_LETTERBOX_CENTER,
      RY_PREPROCESS_CPU, 0);
  RyImage image = { RY_FORMAT_RGB };
  gboolean good;

  image.width = GST_VIDEO_FRAME_WIDTH (frame);
  image.height = GST_VIDEO_FRAME_HEIGHT (frame);
  image.n_planes = 1;
  image.data[0] = GST_VIDEO_FRAME_PLANE_DATA (frame, 0);
  image.stride[0] = GST_VIDEO_FRAME_PLANE_STRIDE (frame, 0);
  image.fd[0] = -1;
  good = ry_context_preprocess (context, 0, 0, &image, settings, error)
      && ry_context_run (context, error);
  ry_settings_unref (settings);
  return good;
}

static gboolean
record (const gchar * model_path, const GstVideoFrame * frame,
    const gchar * folder, GError ** error)
{
  RyEngineConfig config = { model_path };
  g_autoptr (RyLoadedModel) model = NULL;
  g_autofree gchar *warning = NULL;
  RyContext *context;
  rknn_context handle;
  gboolean good;

  config.runtime_library = g_getenv ("RKNNYOLO_STANDIN");
  model = ry_loaded_model_new (&config, &handle, &warning, error);
  if (model == NULL)
    return FALSE;
  context = ry_context_new (model, handle, 0, error);
  if (context == NULL)
    return FALSE;
  good = run (context, frame, error);
  if (good && !write_outputs (context, frame, folder)) {
    g_set_error (error, RY_ERROR, RY_ERROR_MODEL, "%s cannot be written to, or "
        "the outputs are not of this form.", folder);
    good = FALSE;
  }
  ry_context_free (context);
  return good;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  GstSample *sample = NULL;
  gboolean good = FALSE;
  GstVideoFrame frame;
  GstVideoInfo info;

  gst_init (&argc, &argv);
  if (argc == 4)
    sample = picture_load (argv[2], &error);
  if (sample != NULL) {
    gst_video_info_from_caps (&info, gst_sample_get_caps (sample));
    if (gst_video_frame_map (&frame, &info, gst_sample_get_buffer (sample),
            GST_MAP_READ)) {
      good = record (argv[1], &frame, argv[3], &error);
      gst_video_frame_unmap (&frame);
    }
    gst_sample_unref (sample);
  }
  if (!good)
    g_printerr ("%s\n", error ? error->message
        : "usage: record-outputs MODEL PICTURE FOLDER");
  return good ? 0 : 1;
}
