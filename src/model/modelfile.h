/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What can be known of a model before any runtime is asked. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS typedef enum
{
  RY_MODEL_RKNN,
  RY_MODEL_ONNX,
} RyModelKind;

/* All strings may be NULL and all numbers 0: not stated. */
typedef struct
{
  RyModelKind kind;
  gchar *path;                  /* the file itself, also when a folder was named */
  gchar *name;                  /* for people: the file's name without folder and ending */

  /* from the tail of a .rknn */
  gchar *target_platform;       /* "rk3588"; several are joined by commas */
  gchar *toolkit_version;       /* "2.3.2" */
  guint format_version;
  gboolean encrypted;           /* nothing of the header can be read */

  /* from metadata.yaml or the ONNX file's own metadata */
  gchar *task;                  /* "detect" */
  GPtrArray *names;             /* gchar * by class number, NULL for a number
                                 * that is left out; NULL: not stated */
  guint stride;
  guint imgsz[2];               /* height, width */
  gint end2end;                 /* 1 yes, -1 no, 0 not stated */
  guint reg_max;
  guint kpt_shape[2];           /* keypoints, values a keypoint */
  gboolean quantized;           /* exported with int8 / quantize=8 */
} RyModelFile;

/* Looks into path, which is a .rknn, an .onnx, or a folder as Ultralytics
 * writes it (*_rknn_model/ with metadata.yaml).  Content decides, not the
 * ending; only in a folder models are found by their ending.  A metadata.yaml
 * beside a file that was named itself counts too if that file is the only
 * model in its folder; what the file says itself goes first then.
 *
 * Returns NULL with RY_ERROR_NOT_FOUND (nothing there, or unreadable) or
 * RY_ERROR_MODEL (empty, a text file, cut off, something else). */
RyModelFile *ry_model_file_open (const gchar * path, GError ** error);

/* The JSON behind the payload of an .rknn: it names the tensors.  NULL if the
 * file has none or it cannot be read; free with g_free. */
gchar *ry_model_file_dup_json (const RyModelFile * self, gsize * length);

void ry_model_file_free (RyModelFile * self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RyModelFile, ry_model_file_free)
    G_END_DECLS
