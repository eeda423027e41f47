/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "headdata.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

guint
head_type_size (rknn_tensor_type type)
{
  return type == RKNN_TENSOR_FLOAT32 ? 4 : type == RKNN_TENSOR_FLOAT16 ? 2 : 1;
}

gchar *
head_data_path (const gchar * folder, const gchar * name)
{
  const gchar *root = g_getenv ("RKNNYOLO_TESTDATA");
  gchar *path;

  if (root == NULL)
    return NULL;
  path = g_build_filename (root, folder, name, NULL);
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    g_clear_pointer (&path, g_free);
  return path;
}

HeadData *
head_data_new (void)
{
  HeadData *self = g_new0 (HeadData, 1);

  self->scale = 1;
  return self;
}

void
head_data_free (HeadData * self)
{
  guint i;

  if (self == NULL)
    return;
  for (i = 0; i < self->n; i++) {
    g_free ((gpointer) self->tensors[i].data);
    g_free ((gpointer) self->tensors[i].name);
  }
  g_free (self->tensors);
  g_free (self);
}

static gsize
count_elements (const RyTensor * t)
{
  gsize n = 1;
  guint i;

  for (i = 0; i < t->n_dims; i++)
    n *= t->dims[i];
  return n;
}

static RyTensor *
append (HeadData * self)
{
  RyTensor *t;

  self->tensors = g_renew (RyTensor, self->tensors, self->n + 1);
  t = &self->tensors[self->n++];
  memset (t, 0, sizeof *t);
  t->name = g_strdup_printf ("output%u", self->n - 1);
  return t;
}

static void
set_compact (RyTensor * t)
{
  if (t->n_dims != 4)
    return;
  t->c2 = 1;
  t->row = t->dims[3];
  t->plane = (gsize) t->dims[2] * t->dims[3];
}

RyTensor *
head_data_add (HeadData * self, rknn_tensor_type type, gint zp, gfloat scale,
    guint n_dims, ...)
{
  RyTensor *t = append (self);
  va_list dims;
  guint i;

  t->type = type;
  t->zp = zp;
  t->scale = scale;
  t->n_dims = n_dims;
  va_start (dims, n_dims);
  for (i = 0; i < n_dims; i++)
    t->dims[i] = va_arg (dims, guint);
  va_end (dims);
  set_compact (t);
  t->data = g_malloc0 (count_elements (t) * head_type_size (type));
  head_fill (t, 0);
  return t;
}

/* Nearest half; independent of the code under test. */
static guint16
to_half (gdouble value)
{
  guint16 sign = signbit (value) ? 0x8000 : 0;
  gdouble magnitude = fabs (value);
  gint exponent;

  if (isnan (value))
    return 0x7e00;
  if (magnitude >= 65520)
    return sign | 0x7c00;
  if (magnitude < ldexp (1, -14))
    return sign | (guint16) rint (ldexp (magnitude, 24));
  magnitude = frexp (magnitude, &exponent);     /* 0.5 .. 1 */
  return sign + (guint16) (((exponent + 14) << 10)
      + (gint) rint (ldexp (magnitude, 11)) - 1024);
}

void
head_set_index (const RyTensor * t, gsize index, gdouble value)
{
  gdouble q = rint (value / t->scale + t->zp);

  switch (t->type) {
    case RKNN_TENSOR_INT8:
      ((gint8 *) t->data)[index] = (gint8) CLAMP (q, -128, 127);
      break;
    case RKNN_TENSOR_UINT8:
      ((guint8 *) t->data)[index] = (guint8) CLAMP (q, 0, 255);
      break;
    case RKNN_TENSOR_FLOAT16:
      ((guint16 *) t->data)[index] = to_half (value);
      break;
    default:
      ((gfloat *) t->data)[index] = (gfloat) value;
      break;
  }
}

void
head_set (const RyTensor * t, guint c, guint y, guint x, gdouble value)
{
  head_set_index (t, (c / t->c2) * t->plane + y * t->row + (gsize) x * t->c2
      + c % t->c2, value);
}

void
head_fill (const RyTensor * t, gdouble value)
{
  gsize n = count_elements (t), i;

  for (i = 0; i < n; i++)
    head_set_index (t, i, value);
}

static gboolean
read_tensor (HeadData * self, const gchar * folder, const gchar * line)
{
  gchar **words = g_strsplit (line, " ", -1);
  guint n_words = g_strv_length (words), i;
  gchar *path = g_build_filename (folder, words[0], NULL);
  gchar *data = NULL;
  gsize length = 0;
  gboolean good = n_words >= 5
      && g_file_get_contents (path, &data, &length, NULL);
  RyTensor *t = append (self);

  if (good) {
    t->n_dims = (guint) g_ascii_strtoull (words[1], NULL, 10);
    good = t->n_dims <= RKNN_MAX_DIMS && n_words == t->n_dims + 4;
  }
  if (good) {
    for (i = 0; i < t->n_dims; i++)
      t->dims[i] = (guint) g_ascii_strtoull (words[2 + i], NULL, 10);
    t->zp = (gint32) g_ascii_strtoll (words[2 + t->n_dims], NULL, 10);
    t->scale = (gfloat) g_ascii_strtod (words[3 + t->n_dims], NULL);
    t->type = g_str_has_suffix (words[0], ".f16") ? RKNN_TENSOR_FLOAT16
        : RKNN_TENSOR_INT8;
    set_compact (t);
    good = length == count_elements (t) * head_type_size (t->type);
  }
  t->data = data;
  g_strfreev (words);
  g_free (path);
  return good;
}

static gboolean
read_manifest (HeadData * self, const gchar * folder, const gchar * text)
{
  gchar **lines = g_strsplit (text, "\n", -1);
  guint n = (guint) g_ascii_strtoull (lines[0], NULL, 10), i;
  gboolean good = g_strv_length (lines) >= n + 2;
  gchar **words;

  for (i = 0; good && i < n; i++)
    good = read_tensor (self, folder, lines[1 + i]);
  if (good) {
    words = g_strsplit (lines[n + 1], " ", -1);
    good = g_strv_length (words) == 5;
    if (good) {
      self->width = (gint) g_ascii_strtoll (words[0], NULL, 10);
      self->height = (gint) g_ascii_strtoll (words[1], NULL, 10);
      self->left = g_ascii_strtod (words[2], NULL);
      self->top = g_ascii_strtod (words[3], NULL);
      self->scale = g_ascii_strtod (words[4], NULL);
    }
    g_strfreev (words);
  }
  g_strfreev (lines);
  return good;
}

HeadData *
head_data_load (const gchar * name)
{
  gchar *folder = head_data_path ("tensors", name);
  gchar *path, *text = NULL;
  HeadData *self = NULL;

  if (folder == NULL) {
    g_test_message ("RKNNYOLO_TESTDATA has no tensors/%s: skipped", name);
    return NULL;
  }
  path = g_build_filename (folder, "manifest.txt", NULL);
  if (g_file_get_contents (path, &text, NULL, NULL)) {
    self = head_data_new ();
    if (!read_manifest (self, folder, text))
      g_clear_pointer (&self, head_data_free);
  }
  if (self == NULL)
    g_test_message ("%s cannot be used", path);
  g_free (text);
  g_free (path);
  g_free (folder);
  return self;
}

static void
copy_elements (const RyTensor * from, const RyTensor * to)
{
  guint size = head_type_size (from->type), c, y, x;

  for (c = 0; c < from->dims[1]; c++)
    for (y = 0; y < from->dims[2]; y++)
      for (x = 0; x < from->dims[3]; x++) {
        gsize a = (c / from->c2) * from->plane + y * from->row
            + (gsize) x * from->c2 + c % from->c2;
        gsize b = (c / to->c2) * to->plane + y * to->row
            + (gsize) x * to->c2 + c % to->c2;

        memcpy ((guint8 *) to->data + b * size,
            (const guint8 *) from->data + a * size, size);
      }
}

HeadData *
head_data_repack (const HeadData * self, guint c2, guint extra, guint pad,
    guint8 fill)
{
  HeadData *copy = head_data_new ();
  guint i;

  copy->width = self->width;
  copy->height = self->height;
  copy->left = self->left;
  copy->top = self->top;
  copy->scale = self->scale;
  for (i = 0; i < self->n; i++) {
    const RyTensor *from = &self->tensors[i];
    RyTensor *to = append (copy);
    gchar *name = (gchar *) to->name;
    guint size = head_type_size (from->type);
    gsize bytes;

    *to = *from;
    to->name = name;
    if (from->n_dims != 4) {
      to->data = g_memdup2 (from->data, count_elements (from) * size);
      continue;
    }
    to->c2 = c2 != 0 ? c2 : from->dims[1];
    to->row = (gsize) (from->dims[3] + pad) * to->c2;
    to->plane = from->dims[2] * to->row;
    bytes = ((from->dims[1] + to->c2 - 1) / to->c2 + extra) * to->plane * size;
    to->data = memset (g_malloc (bytes), fill, bytes);
    copy_elements (from, to);
  }
  return copy;
}

HeadData *
head_data_reverse (const HeadData * self)
{
  HeadData *copy = head_data_repack (self, 1, 0, 0, 0);
  guint i;

  for (i = 0; i < copy->n / 2; i++) {
    RyTensor swap = copy->tensors[i];

    copy->tensors[i] = copy->tensors[copy->n - 1 - i];
    copy->tensors[copy->n - 1 - i] = swap;
  }
  return copy;
}
