/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "sidecar.h"

#include <math.h>
#include <string.h>

#include "sizes.h"

#define MAX_IMGSZ 16384
#define MAX_C1 65536

static void
clear_tensor (gpointer tensor)
{
  g_free (((RySidecarTensor *) tensor)->name);
}

void
ry_sidecar_free (RySidecar * self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->sizes, g_array_unref);
  g_free (self->soc);
  g_free (self->custom_string);
  g_array_unref (self->tensors);
  g_free (self);
}

/* One number and what follows it: *text moves on behind the comma. */
static gboolean
next_value (const gchar ** text, gfloat * value)
{
  gchar *end;
  gdouble number = g_ascii_strtod (*text, &end);

  *value = number;
  if (end == *text || !isfinite (*value))
    return FALSE;
  while (g_ascii_isspace (*end))
    end++;
  if (*end == ',') {
    end++;
    while (g_ascii_isspace (*end))
      end++;
    if (*end == '\0')
      return FALSE;
  } else if (*end != '\0') {
    return FALSE;
  }
  *text = end;
  return TRUE;
}

gboolean
ry_sidecar_parse_values (const gchar * text, RyValues * values, GError ** error)
{
  g_autofree gchar *bare = g_strstrip (g_strdup (text));
  gsize length = strlen (bare);
  const gchar *next = bare;

  if (length >= 2 && bare[0] == '[' && bare[length - 1] == ']') {
    bare[length - 1] = '\0';
    next = g_strstrip (bare + 1);
  }

  values->n = 0;
  do {
    if (values->n == RY_SIDECAR_MAX_VALUES
        || !next_value (&next, &values->value[values->n])) {
      values->n = 0;
      g_set_error (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
          "\"%.80s\" is not a list of 1 to %d numbers with commas between",
          text, RY_SIDECAR_MAX_VALUES);
      return FALSE;
    }
    values->n++;
  } while (*next != '\0');
  return TRUE;
}

gboolean
ry_sidecar_parse_divisors (const gchar * text, RyValues * values,
    GError ** error)
{
  if (!ry_sidecar_parse_values (text, values, error))
    return FALSE;
  for (guint i = 0; i < values->n; i++) {
    if (fabsf (values->value[i]) < 1e-30f) {
      values->n = 0;
      g_set_error (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
          "\"%.80s\" has a zero, and pixels are divided by these numbers",
          text);
      return FALSE;
    }
  }
  return TRUE;
}

gboolean
ry_sidecar_parse_imgsz (const gchar * text, guint size[2], GError ** error)
{
  RyValues values;

  if (!ry_sidecar_parse_values (text, &values, error))
    return FALSE;
  for (guint i = 0; i < values.n; i++) {
    gfloat value = values.value[i];

    if (values.n > 2 || value < 1 || value > MAX_IMGSZ
        || value != floorf (value)) {
      g_set_error (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
          "\"%.80s\" is not a picture size: one or two whole numbers "
          "(height, width) from 1 to %d were expected", text, MAX_IMGSZ);
      return FALSE;
    }
  }
  size[0] = values.value[0];
  size[1] = values.value[values.n - 1];
  return TRUE;
}

static gboolean
read_values (GKeyFile * file, const gchar * key,
    gboolean (*parse) (const gchar *, RyValues *, GError **),
    RyValues * values, GError ** error)
{
  g_autofree gchar *text = g_key_file_get_string (file, "model", key, NULL);

  if (text == NULL || parse (text, values, error))
    return TRUE;
  g_prefix_error (error, "[model] %s: ", key);
  return FALSE;
}

/* A missing key leaves *number alone. */
static gboolean
read_integer (GKeyFile * file, const gchar * group, const gchar * key,
    gint min, gint max, gint * number, GError ** error)
{
  g_autoptr (GError) problem = NULL;
  gint value;

  if (!g_key_file_has_key (file, group, key, NULL))
    return TRUE;
  value = g_key_file_get_integer (file, group, key, &problem);
  if (problem == NULL && value >= min && value <= max) {
    *number = value;
    return TRUE;
  }
  g_set_error (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
      "[%s] %s: a whole number from %d to %d was expected", group, key, min,
      max);
  return FALSE;
}

static gboolean
read_type (GKeyFile * file, const gchar * group, RySidecarTensor * tensor,
    GError ** error)
{
  static const struct
  {
    const gchar *name;
    rknn_tensor_type type;
  } types[] = {
    {"int8", RKNN_TENSOR_INT8},
    {"float16", RKNN_TENSOR_FLOAT16},
    {"float32", RKNN_TENSOR_FLOAT32},
  };
  g_autofree gchar *text = g_key_file_get_string (file, group, "type", NULL);

  if (text == NULL)
    return TRUE;
  g_strstrip (text);
  for (guint i = 0; i < G_N_ELEMENTS (types); i++) {
    if (g_ascii_strcasecmp (text, types[i].name) == 0) {
      tensor->has_type = TRUE;
      tensor->type = types[i].type;
      return TRUE;
    }
  }
  g_set_error (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
      "[%s] type: \"%.80s\" is none of int8, float16, float32", group, text);
  return FALSE;
}

static gboolean
read_quantisation (GKeyFile * file, const gchar * group,
    RySidecarTensor * tensor, GError ** error)
{
  gboolean has_zp = g_key_file_has_key (file, group, "zp", NULL);
  gboolean has_scale = g_key_file_has_key (file, group, "scale", NULL);
  g_autofree gchar *text = NULL;
  RyValues scale = { 0, };

  if (has_zp != has_scale || (!has_zp && !tensor->input && tensor->has_type
          && tensor->type == RKNN_TENSOR_INT8)) {
    g_set_error (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_KEY_NOT_FOUND,
        "[%s] needs both zp and scale", group);
    return FALSE;
  }
  if (!has_zp)
    return TRUE;

  text = g_key_file_get_string (file, group, "scale", NULL);
  if (text == NULL || !ry_sidecar_parse_values (text, &scale, NULL)
      || scale.n != 1 || scale.value[0] < 1e-30f) {
    g_set_error (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
        "[%s] scale: a number above 0 was expected", group);
    return FALSE;
  }
  tensor->has_quantisation = TRUE;
  tensor->scale = scale.value[0];
  return read_integer (file, group, "zp", -128, 127, &tensor->zp, error);
}

static gboolean
read_tensor (GKeyFile * file, const gchar * group, const gchar * name,
    gboolean input, RySidecar * self, GError ** error)
{
  RySidecarTensor tensor = {.input = input };
  gint c1 = 0, native_size = 0;

  if (!read_type (file, group, &tensor, error)
      || !read_quantisation (file, group, &tensor, error)
      || !read_integer (file, group, "c1", 1, MAX_C1, &c1, error)
      || !read_integer (file, group, "native_size", 1, G_MAXINT,
          &native_size, error))
    return FALSE;

  tensor.c1 = c1;
  tensor.native_size = native_size;
  tensor.name = g_strstrip (g_strdup (name));
  g_array_append_val (self->tensors, tensor);
  return TRUE;
}

static gboolean
read_sizes (GKeyFile * file, RySidecar * self, GError ** error)
{
  g_autofree gchar *text = g_key_file_get_string (file, "model", "shapes",
      NULL);

  if (text == NULL)
    return TRUE;
  self->sizes = ry_picture_sizes_parse (text, error);
  if (self->sizes != NULL)
    return TRUE;
  g_prefix_error (error, "[model] shapes: ");
  return FALSE;
}

static gboolean
read_model (GKeyFile * file, RySidecar * self, GError ** error)
{
  self->soc = g_key_file_get_string (file, "model", "soc", NULL);
  self->custom_string =
      g_key_file_get_string (file, "model", "custom_string", NULL);
  return read_values (file, "mean_values", ry_sidecar_parse_values,
      &self->mean, error)
      && read_values (file, "std_values", ry_sidecar_parse_divisors,
      &self->std, error)
      && read_sizes (file, self, error);
}

static gboolean
read_group (GKeyFile * file, const gchar * group, RySidecar * self,
    GError ** error)
{
  if (g_str_equal (group, "model"))
    return read_model (file, self, error);
  if (g_str_has_prefix (group, "input "))
    return read_tensor (file, group, group + strlen ("input "), TRUE, self,
        error);
  if (g_str_has_prefix (group, "output "))
    return read_tensor (file, group, group + strlen ("output "), FALSE, self,
        error);
  g_set_error (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_GROUP_NOT_FOUND,
      "[%.80s] is none of [model], [input NAME], [output NAME]", group);
  return FALSE;
}

RySidecar *
ry_sidecar_parse (const gchar * data, gsize length, GError ** error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (RySidecar) self = g_new0 (RySidecar, 1);
  g_auto (GStrv) groups = NULL;

  self->tensors = g_array_new (FALSE, FALSE, sizeof (RySidecarTensor));
  g_array_set_clear_func (self->tensors, clear_tensor);

  if (length > 0 && !g_key_file_load_from_data (file, data, length,
          G_KEY_FILE_NONE, error))
    return NULL;

  groups = g_key_file_get_groups (file, NULL);
  for (guint i = 0; groups[i] != NULL; i++) {
    if (!read_group (file, groups[i], self, error))
      return NULL;
  }
  return g_steal_pointer (&self);
}

RySidecar *
ry_sidecar_load (const gchar * path, GError ** error)
{
  g_autofree gchar *data = NULL;
  gsize length;

  if (!g_file_get_contents (path, &data, &length, error))
    return NULL;
  return ry_sidecar_parse (data, length, error);
}

const RySidecarTensor *
ry_sidecar_find (const RySidecar * self, gboolean input, const gchar * name,
    guint index)
{
  const RySidecarTensor *numbered = NULL;
  gchar number[16];

  g_snprintf (number, sizeof number, "%u", index);
  for (guint i = 0; i < self->tensors->len; i++) {
    const RySidecarTensor *tensor =
        &g_array_index (self->tensors, RySidecarTensor, i);

    if (tensor->input != input)
      continue;
    if (g_str_equal (tensor->name, name))
      return tensor;
    if (g_str_equal (tensor->name, number))
      numbered = tensor;
  }
  return numbered;
}
