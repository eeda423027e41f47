/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Writes small ONNX files, so that tests have models whose results are known
 * by arithmetic.  The field numbers are those of onnx.proto. */

#pragma once

#include <glib.h>

typedef enum
{
  ONNX_FLOAT = 1,
  ONNX_UINT8 = 2,
  ONNX_INT64 = 7,
  ONNX_FLOAT16 = 10,
  ONNX_DOUBLE = 11,
} OnnxType;

typedef struct
{
  GByteArray *graph;
  GByteArray *metadata;
} OnnxWriter;

/* Shapes are text: "1,3,6,10"; a word in the place of a number is an open
 * dimension of that name. */
void onnx_writer_init (OnnxWriter * self);
void onnx_writer_input (OnnxWriter * self, const gchar * name, OnnxType type,
    const gchar * shape);
void onnx_writer_output (OnnxWriter * self, const gchar * name,
    OnnxType type, const gchar * shape);
void onnx_writer_floats (OnnxWriter * self, const gchar * name,
    const gchar * shape, const gfloat * values, guint n);

/* inputs: names with commas between.  attribute NULL, or the name of one whole
 * number with its value. */
void onnx_writer_node (OnnxWriter * self, const gchar * op,
    const gchar * inputs, const gchar * output, const gchar * attribute,
    gint64 value);
/* The same with an attribute of several whole numbers: "8,8". */
void onnx_writer_node_ints (OnnxWriter * self, const gchar * op,
    const gchar * inputs, const gchar * output, const gchar * attribute,
    const gchar * values);
void onnx_writer_metadata (OnnxWriter * self, const gchar * key,
    const gchar * value);

/* The file; self is empty afterwards. */
GByteArray *onnx_writer_finish (OnnxWriter * self);
