/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The description file beside a model; include/rknn_standin.h has its form.
 * Also reads the numbers that stand in a model's own metadata. */

#pragma once

#include <glib.h>

#include "rknn_api.h"

G_BEGIN_DECLS

#define RY_SIDECAR_MAX_VALUES 16

/* n is 0 when nothing was said. */
typedef struct
{
  guint n;
  gfloat value[RY_SIDECAR_MAX_VALUES];
} RyValues;

typedef struct
{
  gchar *name;                  /* a tensor's name, or its number */
  gboolean input;
  gboolean has_type;
  rknn_tensor_type type;        /* INT8, FLOAT16 or FLOAT32 */
  gboolean has_quantisation;    /* zp and scale are there */
  gint zp;                      /* -128 to 127 */
  gfloat scale;                 /* finite, > 0 */
  guint c1;                     /* 0: not said */
  guint native_size;            /* 0: not said */
} RySidecarTensor;

/* Strings are NULL when nothing was said. */
typedef struct
{
  RyValues mean;
  RyValues std;                 /* none is 0 */
  GArray *sizes;                /* of RyPictureSize; NULL: nothing was said */
  gchar *soc;
  gchar *custom_string;
  GArray *tensors;              /* of RySidecarTensor */
} RySidecar;

/* Errors are of G_KEY_FILE_ERROR or G_FILE_ERROR and say which group and key
 * is wrong. */
RySidecar *ry_sidecar_parse (const gchar * data, gsize length,
    GError ** error);
RySidecar *ry_sidecar_load (const gchar * path, GError ** error);
void ry_sidecar_free (RySidecar * self);

/* What the file says of a tensor, or NULL.  A group with the tensor's name
 * comes before one with its number. */
const RySidecarTensor *ry_sidecar_find (const RySidecar * self,
    gboolean input, const gchar * name, guint index);

/* "127.5" or "123.675, 116.28, 103.53", with or without brackets. */
gboolean ry_sidecar_parse_values (const gchar * text, RyValues * values,
    GError ** error);

/* As above for divisors: none may be 0. */
gboolean ry_sidecar_parse_divisors (const gchar * text, RyValues * values,
    GError ** error);

/* "640" or "[480, 640]": height, width, each from 1 to 16384. */
gboolean ry_sidecar_parse_imgsz (const gchar * text, guint size[2],
    GError ** error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RySidecar, ry_sidecar_free)

G_END_DECLS
