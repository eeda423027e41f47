/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "setup.h"

#include <stdlib.h>

#define MODEL "models/yolov8n_rk9_640.onnx"
#define TENSORS "tensors/yolov8n_bus"

gboolean
flow_find_data (void)
{
  g_autofree gchar *tensors = NULL;
  const gchar *model = flow_model ();

  if (!model)
    return FALSE;
  tensors = g_build_filename (g_getenv ("RKNNYOLO_TESTDATA"), TENSORS, NULL);
  if (!g_file_test (model, G_FILE_TEST_EXISTS)
      || !g_file_test (tensors, G_FILE_TEST_IS_DIR))
    return FALSE;
  g_setenv ("RKNN_STANDIN_OUTPUTS", tensors, TRUE);
  return TRUE;
}

const gchar *
flow_model (void)
{
  const gchar *folder = g_getenv ("RKNNYOLO_TESTDATA");
  g_autofree gchar *path = NULL;

  if (!folder || !*folder)
    return NULL;
  path = g_build_filename (folder, MODEL, NULL);
  return g_intern_string (path);
}

const gchar *
flow_cores (guint n)
{
  static const gchar *const cores[] = { "0", "0,1", "0,1,2" };

  return cores[n - 1];
}

void
flow_set_npu_time (gdouble milliseconds)
{
  gchar text[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (text, sizeof (text), "%.3f", milliseconds);
  g_setenv ("RKNN_STANDIN_TIME", text, TRUE);
}

FlowStream *
flow_stream_new (const FlowSetup * setup, FlowPictures * pictures)
{
  g_autoptr (GError) error = NULL;
  FlowElement element = { 0, };
  FlowStream *stream;

  if (setup) {
    flow_set_npu_time (setup->time);
    element.model = flow_model ();
    element.cores = flow_cores (setup->cores);
    element.contexts_per_core = setup->contexts_per_core;
    element.overload = setup->overload;
    element.instance_id = setup->instance_id;
  }
  stream = flow_stream_open (setup ? &element : NULL, pictures, &error);
  if (!stream) {
    g_printerr ("%s\n", error->message);
    exit (1);
  }
  return stream;
}
