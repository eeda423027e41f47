/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "decode/tensors.h"

#include <math.h>

#include "ryerror.h"

/* Real heads have up to 5 million elements; offsets are kept in 32 bits. */
#define MAX_ELEMENTS (1u << 28)
#define MAX_INPUT_SIDE 65536

/* Of a grid: boxes and RY_MAX_CLASSES classes of several anchors.  Each takes
 * memory before any data have come. */
#define MAX_CHANNELS (1u << 20)
#define MAX_OUTPUTS 64

static const gchar *
type_name (rknn_tensor_type type)
{
  switch (type) {
    case RKNN_TENSOR_INT8:
      return "INT8";
    case RKNN_TENSOR_UINT8:
      return "UINT8";
    case RKNN_TENSOR_FLOAT16:
      return "FP16";
    case RKNN_TENSOR_FLOAT32:
      return "FP32";
    default:
      return NULL;
  }
}

static gboolean
is_quantised (const RyTensor * t)
{
  return t->type == RKNN_TENSOR_INT8 || t->type == RKNN_TENSOR_UINT8;
}

static void
describe_one (GString * text, const RyTensor * t)
{
  guint i, n = MIN (t->n_dims, RKNN_MAX_DIMS);
  const gchar *type = type_name (t->type);

  if (t->name != NULL && g_utf8_validate (t->name, -1, NULL))
    g_string_append_printf (text, "%s ", t->name);
  for (i = 0; i < n; i++)
    g_string_append_printf (text, "%s%u", i == 0 ? "[" : ",", t->dims[i]);
  g_string_append (text, n == 0 ? "[]" : "]");
  if (type != NULL)
    g_string_append_printf (text, " %s", type);
  else
    g_string_append_printf (text, " type %d", (gint) t->type);
  if (is_quantised (t))
    g_string_append_printf (text, " zp %d scale %g", t->zp, t->scale);
}

void
ry_tensors_describe (GString * text, const RyTensor * outputs, guint n)
{
  guint i;

  for (i = 0; i < n && i < MAX_OUTPUTS; i++) {
    if (i > 0)
      g_string_append (text, ", ");
    describe_one (text, &outputs[i]);
  }
  if (n > MAX_OUTPUTS)
    g_string_append_printf (text, " and %u more", n - MAX_OUTPUTS);
}

static gboolean
has_good_dims (const RyTensor * t)
{
  guint64 elements = 1;
  guint i;

  if (t->n_dims == 0 || t->n_dims > RKNN_MAX_DIMS)
    return FALSE;
  for (i = 0; i < t->n_dims; i++) {
    if (t->dims[i] == 0 || t->dims[i] > MAX_ELEMENTS)
      return FALSE;
    elements *= t->dims[i];
    if (elements > MAX_ELEMENTS)
      return FALSE;
  }
  return t->n_dims != 4 || t->dims[1] <= MAX_CHANNELS;
}

static RyTensor
complete (const RyTensor * t)
{
  RyTensor copy = *t;

  if (copy.n_dims != 4)
    return copy;
  if (copy.c2 == 0)
    copy.c2 = 1;
  if (copy.row == 0)
    copy.row = (gsize) copy.dims[3] * copy.c2;
  if (copy.plane == 0)
    copy.plane = copy.dims[2] * copy.row;
  return copy;
}

/* Groups and rows may be padded, but must not lie over each other. */
static gboolean
has_good_layout (const RyTensor * t)
{
  RyTensor full = complete (t);
  guint64 groups;

  if (t->n_dims != 4)
    return TRUE;
  if (full.c2 > MAX_ELEMENTS || full.row > MAX_ELEMENTS
      || full.plane > MAX_ELEMENTS)
    return FALSE;
  groups = ((guint64) full.dims[1] + full.c2 - 1) / full.c2;
  return full.row >= (guint64) full.dims[3] * full.c2
      && full.plane >= full.row * (full.dims[2] - 1)
      + (guint64) full.dims[3] * full.c2 && groups * full.plane <= MAX_ELEMENTS;
}

static const gchar *
find_fault (const RyTensor * t)
{
  if (!has_good_dims (t))
    return "has impossible dimensions";
  if (type_name (t->type) == NULL)
    return "has a type that decoding does not know (INT8, UINT8, FP16 and FP32 "
        "it does)";
  if (is_quantised (t) && !(isfinite (t->scale) && t->scale > 0))
    return "has a scale that is no positive number";
  if (t->n_dims > 1 && t->dims[0] != 1)
    return "is a batch of several pictures, and models must have a batch of 1";
  if (!has_good_layout (t))
    return "lies in memory in a way that is impossible for its dimensions";
  return NULL;
}

gboolean
ry_tensors_check (const RyTensor * outputs, guint n, const RyHeadHints * hints,
    GError ** error)
{
  guint i;

  if (n == 0 || hints->input_width == 0 || hints->input_height == 0
      || hints->input_width > MAX_INPUT_SIDE
      || hints->input_height > MAX_INPUT_SIDE) {
    g_set_error (error, RY_ERROR, RY_ERROR_HEAD,
        "The model has %u outputs and an input of %ux%u pixels; a detector has "
        "at least one output and an input of 1 to %d pixels a side. Use a "
        "detection model.", n, hints->input_width, hints->input_height,
        MAX_INPUT_SIDE);
    return FALSE;
  }
  for (i = 0; i < n; i++) {
    const gchar *fault = find_fault (&outputs[i]);

    if (fault != NULL) {
      GString *text = g_string_new (NULL);

      describe_one (text, &outputs[i]);
      g_set_error (error, RY_ERROR, RY_ERROR_HEAD,
          "Output %u of the model (%s) %s. Convert the model again.", i,
          text->str, fault);
      g_string_free (text, TRUE);
      return FALSE;
    }
  }
  return TRUE;
}

RyTensor *
ry_tensors_complete (const RyTensor * outputs, guint n)
{
  RyTensor *copies = g_new (RyTensor, n);
  guint i;

  for (i = 0; i < n; i++)
    copies[i] = complete (&outputs[i]);
  return copies;
}
