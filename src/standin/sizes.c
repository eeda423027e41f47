/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "sizes.h"

#include "rknn_api.h"

#define MAX_SIDE 16384

static gboolean
parse_size (const gchar * text, RyPictureSize * size)
{
  g_auto (GStrv) sides = g_strsplit (text, "x", -1);
  guint64 width, height;

  if (g_strv_length (sides) != 2
      || !g_ascii_string_to_unsigned (g_strstrip (sides[0]), 10, 1, MAX_SIDE,
          &width, NULL)
      || !g_ascii_string_to_unsigned (g_strstrip (sides[1]), 10, 1, MAX_SIDE,
          &height, NULL))
    return FALSE;
  size->width = width;
  size->height = height;
  return TRUE;
}

static gboolean
has_size (const GArray * sizes, const RyPictureSize * size)
{
  for (guint i = 0; i < sizes->len; i++) {
    const RyPictureSize *other = &g_array_index (sizes, RyPictureSize, i);

    if (other->width == size->width && other->height == size->height)
      return TRUE;
  }
  return FALSE;
}

GArray *
ry_picture_sizes_parse (const gchar * text, GError ** error)
{
  g_autoptr (GArray) sizes = g_array_new (FALSE, FALSE, sizeof (RyPictureSize));
  g_auto (GStrv) words = g_strsplit (text, ",", -1);

  for (guint i = 0; words[i] != NULL; i++) {
    RyPictureSize size;

    if (!parse_size (words[i], &size) || has_size (sizes, &size)
        || sizes->len == RKNN_MAX_DYNAMIC_SHAPE_NUM) {
      g_set_error (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
          "\"%.80s\" is not a list of at most %d different sizes "
          "WIDTHxHEIGHT, each side from 1 to %d, with commas between, such "
          "as 640x640,640x384", text, RKNN_MAX_DYNAMIC_SHAPE_NUM, MAX_SIDE);
      return NULL;
    }
    g_array_append_val (sizes, size);
  }
  if (sizes->len > 0)
    return g_steal_pointer (&sizes);
  g_set_error (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
      "no size is named; expected are some such as 640x640,640x384");
  return NULL;
}
