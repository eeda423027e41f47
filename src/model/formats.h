/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Inside the model room: one reader for each format.  All of them fill only
 * the fields of a RyModelFile that are not stated yet, so that the order of
 * the calls is the order of trust. */

#pragma once

#include "model/bytesource.h"
#include "model/modelfile.h"

G_BEGIN_DECLS
/* .rknn, rknnfile.c.  The header is
 *
 *   0   "RKNN" and four zero bytes
 *   8   u64 LE: version of the container (1: toolkit 1.2, 2: 1.4, 6: 1.6 on)
 *   16  u64 LE: size N of the payload
 *   P   payload; P is 24 in version 1 and 64 later
 *   P+N u64 LE: length of the JSON, and the JSON up to the end of the file
 *
 * as found in files of toolkits 1.2 to 2.3.2.  librknnrt loads a file whose
 * JSON is cut, so here, too, the JSON is taken as far as it goes.  Of a version
 * that is not known here only the number is taken.
 *
 * What RKNN-Toolkit2's export_encrypted_rknn_model makes begins with "CYPTRKNN";
 * the runtime decrypts it, nobody else can look into it. */
#define RY_RKNN_NEWEST_VERSION 6
    gboolean ry_rknn_file_sniff (const RyByteSource * source);
gboolean ry_rknn_file_read (const RyByteSource * source, RyModelFile * file,
    GError ** error);
gchar *ry_rknn_file_dup_json (const RyByteSource * source, gsize * length);

/* .onnx, onnxfile.c: the top level of the protobuf message ModelProto
 * (onnx.proto3); nothing below it but metadata_props is looked into. */
typedef enum
{
  RY_ONNX_NO,                   /* something else */
  RY_ONNX_CUT,                  /* begins as a model; the end is missing */
  RY_ONNX_NO_GRAPH,             /* complete, but without a graph */
  RY_ONNX_YES,
} RyOnnxVerdict;
RyOnnxVerdict ry_onnx_file_read (const RyByteSource * source,
    RyModelFile * file);

/* metadata.yaml, yamlfile.c: the subset of YAML that PyYAML's safe_dump makes
 * of Ultralytics' metadata.  What is not understood is passed over. */
void ry_yaml_file_parse (const gchar * text, gsize length, RyModelFile * file);

/* Ultralytics' metadata, metadata.c: key and value as text. */
void ry_metadata_set (RyModelFile * file, const gchar * key,
    const gchar * value);
/* The same for what was inside "args". */
void ry_metadata_set_arg (RyModelFile * file, const gchar * key,
    const gchar * value);
/* Takes names; an array without elements counts as not stated. */
void ry_metadata_take_names (RyModelFile * file, GPtrArray * names);

/* Puts name (taken) at index, where indices may come in any order.  FALSE for
 * an index no list of classes has; name is freed then. */
gboolean ry_metadata_put_name (GPtrArray * names, guint64 index, gchar * name);

/* Values that Python's repr made, pyliteral.c.  "{0: 'person', 1: 'bus'}" or
 * "['person', 'bus']" to an array of gchar * (free with g_ptr_array_unref),
 * NULL at classes that are missing; NULL if the text is nothing of the kind. */
GPtrArray *ry_py_parse_names (const gchar * text);

/* Calls each with key and value of a flat dictionary, strings without their
 * quotes; stops silently where the text stops being one. */
typedef void (*RyPyEach) (const gchar * key, const gchar * value,
    gpointer user_data);
void ry_py_parse_dict (const gchar * text, RyPyEach each, gpointer user_data);

/* The whole numbers in "[640, 480]", "(640, 480)" or "640", at most n; returns
 * how many there were. */
guint ry_py_parse_uints (const gchar * text, guint * values, guint n);

G_END_DECLS
