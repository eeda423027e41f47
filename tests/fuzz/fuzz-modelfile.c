/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The parsers of model files and their metadata; the first byte chooses. */

#include "fuzz.h"

#include <string.h>

#include "model/formats.h"
#include "model/labels.h"
#include "model/sniff.h"

#define RKNN_HEADER "RKNN\0\0\0\0\6\0\0\0\0\0\0\0\4\0\0\0\0\0\0\0" \
  "........................................" "abcd" \
  "\xff\0\0\0\0\0\0\0"

const FuzzSeed fuzz_seeds[] = {
  FUZZ_SEED ("\0" RKNN_HEADER "{\"a\":[{\"b\":\"c\\\"\"}],\"target_platform\":["
      "\"rk3588\",\"rk3576\"],\"version\":\"2.3.2\"}"),
  FUZZ_SEED ("\1\010\010\022\007pytorch\072\004abcd\162\015\012\004task\022"
      "\006detect\162\023\012\005names\022\012{0: 'abc'}"),
  FUZZ_SEED ("\2task: detect\nimgsz:\n- 640\n- 640\nnames:\n  0: person\n"
      "  1: \"caf\\xE9 \\\n    \\ two\"\nargs:\n  int8: true\n"),
  FUZZ_SEED ("\3{0: 'person', 1: \"driver's\", 2: '\\u03b1'}"),
  FUZZ_SEED ("\3['a', 'b']"),
  FUZZ_SEED ("\4{'int8': True, 'a': [1, {}], 'quantize': 8}"),
  FUZZ_SEED ("\5\xef\xbb\xbfperson\r\nbus\n\n"),
  FUZZ_SEED ("\6version https://git-lfs"),
};

const guint fuzz_n_seeds = G_N_ELEMENTS (fuzz_seeds);

static void
clear (RyModelFile * file)
{
  g_free (file->target_platform);
  g_free (file->toolkit_version);
  g_free (file->task);
  g_clear_pointer (&file->names, g_ptr_array_unref);
}

static void
each (const gchar * key, const gchar * value, gpointer user_data)
{
  ry_metadata_set_arg (user_data, key, value);
}

static void
fuzz_text (guint choice, const gchar * text, gsize length, RyModelFile * file)
{
  GPtrArray *array = NULL;

  if (choice == 3)
    array = ry_py_parse_names (text);
  else if (choice == 4)
    ry_py_parse_dict (text, each, file);
  else
    array = ry_labels_parse (text, length, "x", NULL);
  g_clear_pointer (&array, g_ptr_array_unref);
}

static void
fuzz_explain (const RyByteSource * source)
{
  GError *error = NULL;

  ry_sniff_explain (source, &error);
  g_assert (error != NULL && g_utf8_validate (error->message, -1, NULL));
  g_error_free (error);
}

int
LLVMFuzzerTestOneInput (const uint8_t * data, size_t size)
{
  RyModelFile file = { 0 };
  RyByteSource source = { -1, NULL, 0 };
  gchar *text;

  if (size == 0)
    return 0;
  source.bytes = data + 1;
  source.size = size - 1;
  text = ry_byte_source_dup (&source, 0, size - 1);
  switch (data[0] % 7) {
    case 0:
      ry_rknn_file_read (&source, &file, NULL);
      break;
    case 1:
      ry_onnx_file_read (&source, &file);
      break;
    case 2:
      ry_yaml_file_parse ((const gchar *) data + 1, size - 1, &file);
      break;
    case 6:
      fuzz_explain (&source);
      break;
    default:
      fuzz_text (data[0] % 7, text, size - 1, &file);
      break;
  }
  clear (&file);
  g_free (text);
  return 0;
}
