/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Field numbers are those of ModelProto and StringStringEntryProto in
 * onnx.proto3; the wire format is protobuf's. */

#include "model/formats.h"

#include <string.h>

enum
{
  WIRE_VARINT = 0,
  WIRE_LENGTH = 2,
};

enum
{
  FIELD_IR_VERSION = 1,
  FIELD_PRODUCER_NAME = 2,
  FIELD_PRODUCER_VERSION = 3,
  FIELD_DOMAIN = 4,
  FIELD_MODEL_VERSION = 5,
  FIELD_DOC_STRING = 6,
  FIELD_GRAPH = 7,
  FIELD_OPSET_IMPORT = 8,
  FIELD_METADATA_PROPS = 14,
  FIELD_TRAINING_INFO = 20,
  FIELD_FUNCTIONS = 25,
  FIELD_CONFIGURATION = 26,
};

/* The names of some thousand classes; keys are a few letters. */
#define MAX_ENTRY (1 << 20)
#define MAX_FIELDS 100000       /* of the top level, functions included */

typedef struct
{
  guint64 number;
  guint wire;
  guint64 value;                /* of a varint, or the length */
  guint64 offset;               /* of what length counts */
} Field;

typedef enum
{
  WALK_FIELD,
  WALK_END,
  WALK_CUT,
  WALK_BAD,
} Walk;

static Walk
read_varint (const RyByteSource * source, guint64 * at, guint64 end,
    guint64 * value)
{
  guint64 bits = 0;
  guint shift;

  for (shift = 0; shift < 64; shift += 7) {
    guint8 byte;

    if (*at >= end || !ry_byte_source_read (source, *at, &byte, 1))
      return WALK_CUT;
    (*at)++;
    bits |= (guint64) (byte & 0x7f) << shift;
    if (byte < 0x80) {
      *value = bits;
      return WALK_FIELD;
    }
  }
  return WALK_BAD;
}

/* The field at *at, which is moved behind it.  Groups and fixed sizes, which
 * no message here has, are bad. */
static Walk
next_field (const RyByteSource * source, guint64 * at, guint64 end,
    Field * field)
{
  guint64 tag = 0;
  Walk walk;

  if (*at >= end)
    return WALK_END;
  walk = read_varint (source, at, end, &tag);
  if (walk != WALK_FIELD)
    return walk;
  field->number = tag >> 3;
  field->wire = tag & 7;
  if (field->number == 0
      || (field->wire != WIRE_VARINT && field->wire != WIRE_LENGTH))
    return WALK_BAD;
  walk = read_varint (source, at, end, &field->value);
  if (walk != WALK_FIELD || field->wire == WIRE_VARINT)
    return walk;
  field->offset = *at;
  if (field->value > end - *at)
    return WALK_CUT;
  *at += field->value;
  return WALK_FIELD;
}

static gboolean
is_known (const Field * field)
{
  switch (field->number) {
    case FIELD_IR_VERSION:
    case FIELD_MODEL_VERSION:
      return field->wire == WIRE_VARINT;
    case FIELD_PRODUCER_NAME:
    case FIELD_PRODUCER_VERSION:
    case FIELD_DOMAIN:
    case FIELD_DOC_STRING:
    case FIELD_GRAPH:
    case FIELD_OPSET_IMPORT:
    case FIELD_METADATA_PROPS:
    case FIELD_TRAINING_INFO:
    case FIELD_FUNCTIONS:
    case FIELD_CONFIGURATION:
      return field->wire == WIRE_LENGTH;
    default:
      return FALSE;
  }
}

static void
read_entry (const RyByteSource * source, const Field * entry,
    RyModelFile * file)
{
  guint64 at = entry->offset, end = entry->offset + entry->value;
  gchar *key = NULL, *value = NULL;
  Field field;

  if (entry->value > MAX_ENTRY)
    return;
  while (next_field (source, &at, end, &field) == WALK_FIELD) {
    gchar **text = field.number == 1 ? &key : &value;

    if (field.number > 2 || field.wire != WIRE_LENGTH)
      continue;
    g_free (*text);
    *text = ry_byte_source_dup (source, field.offset, field.value);
  }
  if (key != NULL && value != NULL)
    ry_metadata_set (file, key, value);
  g_free (key);
  g_free (value);
}

RyOnnxVerdict
ry_onnx_file_read (const RyByteSource * source, RyModelFile * file)
{
  gboolean version = FALSE, graph = FALSE;
  guint64 at = 0;
  guint n;
  Field field;
  Walk walk = WALK_BAD;

  for (n = 0; n < MAX_FIELDS; n++) {
    walk = next_field (source, &at, source->size, &field);
    if (walk == WALK_CUT && version && field.number <= FIELD_CONFIGURATION)
      return RY_ONNX_CUT;
    if (walk != WALK_FIELD)
      break;
    if (!is_known (&field))
      return RY_ONNX_NO;
    /* Versions are small; bytes that happen to be a varint are not. */
    if (field.number == FIELD_IR_VERSION && field.value > 0
        && field.value < 1000)
      version = TRUE;
    if (field.number == FIELD_GRAPH && field.value > 0)
      graph = TRUE;
    if (field.number == FIELD_METADATA_PROPS)
      read_entry (source, &field, file);
  }
  if (walk != WALK_END || !version)
    return RY_ONNX_NO;
  file->kind = RY_MODEL_ONNX;
  return graph ? RY_ONNX_YES : RY_ONNX_NO_GRAPH;
}
