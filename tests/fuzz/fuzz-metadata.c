/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* metadata.yaml, and the values in Python's words that stand in it and in
 * ONNX files. */

#include "fuzz.h"
#include "fuzz-modelmeta.h"

#include "model/formats.h"

const FuzzSeed fuzz_seeds[] = {
  FUZZ_SEED ("description: Ultralytics YOLO\nstride: 32\ntask: detect\nbatch: 1"
      "\nimgsz:\n- 640\n- 480\nnames:\n  0: person\n  1: \"caf\\xE9 \\\n    "
      "\\ two\"\n  2: 'driver''s'\nargs:\n  int8: true\n  quantize: 8\n"
      "end2end: false\nreg_max: 16\nkpt_shape:\n- 17\n- 3\n"),
  FUZZ_SEED ("\xef\xbb\xbf# text\n---\nnames:\n- a\n- 'b c'\n- \"\\u03b1\\n\""
      "\nimgsz: [640, 640]\nargs: {'int8': True}\n"),
  FUZZ_SEED ("names: {0: 'person', 1: \"driver's\", 2: '\\u03b1'}"),
  FUZZ_SEED ("{0: 'person', 1: \"driver's\", 2: '\\u03b1\\x41\\U0001f600'}"),
  FUZZ_SEED ("['a', 'b']"),
  FUZZ_SEED ("{'int8': True, 'a': [1, {}], 'quantize': 8}"),
  FUZZ_SEED ("(640, 480)"),
};

const guint fuzz_n_seeds = G_N_ELEMENTS (fuzz_seeds);

static void
set_arg (const gchar * key, const gchar * value, gpointer file)
{
  ry_metadata_set_arg (file, key, value);
}

static void
parse_python (const gchar * text, RyModelFile * file)
{
  GPtrArray *names = ry_py_parse_names (text);
  guint numbers[2];

  for (guint i = 0; names != NULL && i < names->len; i++)
    fuzz_check_text (g_ptr_array_index (names, i));
  g_clear_pointer (&names, g_ptr_array_unref);
  ry_py_parse_dict (text, set_arg, file);
  g_assert (ry_py_parse_uints (text, numbers, 2) <= 2);
}

int
LLVMFuzzerTestOneInput (const uint8_t * data, size_t size)
{
  gchar *text = g_strndup (size > 0 ? (const gchar *) data : "", size);
  RyModelFile file = { 0 };

  ry_yaml_file_parse ((const gchar *) data, size, &file);
  parse_python (text, &file);
  fuzz_check_model_file (&file);
  g_free (text);
  return 0;
}
