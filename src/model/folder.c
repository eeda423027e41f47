/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "model/folder.h"

#include <string.h>

#include "ryerror.h"

#define MAX_NAMED 5             /* files that an error names */

static gboolean
has_ending (const gchar * name, const gchar * ending)
{
  gsize length = strlen (name), n = strlen (ending);

  return length > n && g_ascii_strcasecmp (name + length - n, ending) == 0;
}

static void
collect (const gchar * folder, GDir * dir, GPtrArray * rknn, GPtrArray * onnx)
{
  const gchar *name;

  while ((name = g_dir_read_name (dir)) != NULL) {
    GPtrArray *list = has_ending (name, ".rknn") ? rknn
        : has_ending (name, ".onnx") ? onnx : NULL;
    gchar *path;

    if (list == NULL)
      continue;
    path = g_build_filename (folder, name, NULL);
    if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
      g_ptr_array_add (list, path);
    else
      g_free (path);
  }
}

static gint
compare_paths (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const gchar * const *) a, *(const gchar * const *) b);
}

static void
set_several_error (GError ** error, const gchar * folder, GPtrArray * paths)
{
  GString *names = g_string_new (NULL);
  guint i;

  /* The order in which a folder is read is nobody's. */
  g_ptr_array_sort (paths, compare_paths);
  for (i = 0; i < paths->len && i < MAX_NAMED; i++) {
    gchar *name = g_path_get_basename (g_ptr_array_index (paths, i));

    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", name);
    g_free (name);
  }
  if (paths->len > MAX_NAMED)
    g_string_append (names, ", ...");
  g_set_error (error, RY_ERROR, RY_ERROR_MODEL,
      "The folder %s has %u models (%s), and one was expected. Name the file "
      "that is meant.", folder, paths->len, names->str);
  g_string_free (names, TRUE);
}

gchar *
ry_folder_find_model (const gchar * folder, GError ** error)
{
  GPtrArray *rknn, *onnx, *list;
  GError *cause = NULL;
  GDir *dir = g_dir_open (folder, 0, &cause);
  gchar *path = NULL;

  if (dir == NULL) {
    g_set_error (error, RY_ERROR, RY_ERROR_NOT_FOUND,
        "Cannot look into the folder %s: %s. Check its permissions or name "
        "the model file itself.", folder, cause->message);
    g_error_free (cause);
    return NULL;
  }
  rknn = g_ptr_array_new_with_free_func (g_free);
  onnx = g_ptr_array_new_with_free_func (g_free);
  collect (folder, dir, rknn, onnx);
  g_dir_close (dir);
  list = rknn->len > 0 ? rknn : onnx;
  if (list->len == 1)
    path = g_strdup (g_ptr_array_index (list, 0));
  else if (list->len > 1)
    set_several_error (error, folder, list);
  else
    g_set_error (error, RY_ERROR, RY_ERROR_MODEL,
        "The folder %s has no .rknn and no .onnx file in it. Expected is a "
        "folder as Ultralytics exports it (NAME_rknn_model with one .rknn and "
        "metadata.yaml), or the model file itself.", folder);
  g_ptr_array_unref (rknn);
  g_ptr_array_unref (onnx);
  return path;
}
