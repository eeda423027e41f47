/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "model/modelfile.h"

#include <string.h>

#include "model/folder.h"
#include "model/formats.h"
#include "model/sniff.h"
#include "ryerror.h"

#define MAX_YAML (4 << 20)
#define METADATA_YAML "metadata.yaml"

#define EXPECTED "Expected is an .rknn file, an .onnx file or a folder as " \
  "Ultralytics exports it, by a path that this process may read."

static gboolean
read_metadata (const gchar * path, RyModelFile * file, GError ** error)
{
  RyByteSource source;
  gchar *text = NULL;

  if (!ry_byte_source_open (&source, path, EXPECTED, error))
    return FALSE;
  if (source.size <= MAX_YAML)
    text = ry_byte_source_dup (&source, 0, (gsize) source.size);
  if (text != NULL)
    ry_yaml_file_parse (text, (gsize) source.size, file);
  else
    g_set_error (error, RY_ERROR, RY_ERROR_MODEL,
        "%s has %" G_GUINT64_FORMAT " bytes or cannot be read; Ultralytics "
        "writes some kilobytes there. Export the model again, or name the "
        "model file itself instead of its folder.", path, source.size);
  ry_byte_source_close (&source);
  g_free (text);
  return text != NULL;
}

static gboolean
read_onnx (const RyByteSource * source, RyModelFile * file, GError ** error)
{
  switch (ry_onnx_file_read (source, file)) {
    case RY_ONNX_YES:
      return TRUE;
    case RY_ONNX_CUT:
      g_set_error (error, RY_ERROR, RY_ERROR_MODEL,
          "begins as an ONNX model, but is cut off after %" G_GUINT64_FORMAT
          " bytes. Copy or download the file again and compare the sizes.",
          source->size);
      return FALSE;
    case RY_ONNX_NO_GRAPH:
      g_set_error (error, RY_ERROR, RY_ERROR_MODEL,
          "is an ONNX file without a network in it. Export the model again.");
      return FALSE;
    default:
      ry_sniff_explain (source, error);
      return FALSE;
  }
}

/* Says what the model at path is; errors get the path in front. */
static gboolean
read_model (const gchar * path, RyModelFile * file, GError ** error)
{
  RyByteSource source;
  gboolean good;

  if (!ry_byte_source_open (&source, path, EXPECTED, error))
    return FALSE;
  if (ry_rknn_file_sniff (&source))
    good = ry_rknn_file_read (&source, file, error);
  else
    good = read_onnx (&source, file, error);
  ry_byte_source_close (&source);
  if (!good)
    g_prefix_error (error, "%s ", path);
  return good;
}

static gchar *
name_of (const gchar * path)
{
  gchar *name = g_path_get_basename (path);
  gchar *dot = strrchr (name, '.');

  if (dot != NULL && dot != name)
    *dot = '\0';
  return name;
}

static gboolean
read_folder (const gchar * path, RyModelFile * file, GError ** error)
{
  gchar *metadata = g_build_filename (path, METADATA_YAML, NULL);
  gboolean good = TRUE;

  file->path = ry_folder_find_model (path, error);
  if (file->path == NULL)
    good = FALSE;
  else if (g_file_test (metadata, G_FILE_TEST_EXISTS))
    good = read_metadata (metadata, file, error);
  g_free (metadata);
  return good && read_model (file->path, file, error);
}

/* What lies beside the file is a help; that it is missing or unreadable is no
 * reason to refuse the file that was asked for. */
static void
read_neighbour (RyModelFile * file)
{
  gchar *folder = g_path_get_dirname (file->path);
  gchar *metadata = g_build_filename (folder, METADATA_YAML, NULL);

  if (g_file_test (metadata, G_FILE_TEST_IS_REGULAR)) {
    gchar *only = ry_folder_find_model (folder, NULL);

    if (only != NULL)
      read_metadata (metadata, file, NULL);
    g_free (only);
  }
  g_free (metadata);
  g_free (folder);
}

RyModelFile *
ry_model_file_open (const gchar * path, GError ** error)
{
  RyModelFile *file = g_new0 (RyModelFile, 1);
  gboolean good;

  if (g_file_test (path, G_FILE_TEST_IS_DIR)) {
    good = read_folder (path, file, error);
  } else {
    file->path = g_strdup (path);
    good = read_model (path, file, error);
    if (good)
      read_neighbour (file);
  }
  if (!good) {
    ry_model_file_free (file);
    return NULL;
  }
  file->name = name_of (file->path);
  return file;
}

gchar *
ry_model_file_dup_json (const RyModelFile * self, gsize * length)
{
  RyByteSource source;
  gchar *json;

  if (self->kind != RY_MODEL_RKNN
      || !ry_byte_source_open (&source, self->path, EXPECTED, NULL))
    return NULL;
  json = ry_rknn_file_dup_json (&source, length);
  ry_byte_source_close (&source);
  return json;
}

void
ry_model_file_free (RyModelFile * self)
{
  if (self == NULL)
    return;
  g_free (self->path);
  g_free (self->name);
  g_free (self->target_platform);
  g_free (self->toolkit_version);
  g_free (self->task);
  g_clear_pointer (&self->names, g_ptr_array_unref);
  g_free (self);
}
