/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Files that are to be .onnx, with the metadata in them, or else are explained
 * to the user. */

#include "fuzz.h"
#include "fuzz-modelmeta.h"

#include "model/formats.h"
#include "model/sniff.h"

const FuzzSeed fuzz_seeds[] = {
  FUZZ_SEED ("\010\010\022\007pytorch\072\004abcd\162\015\012\004task\022"
      "\006detect\162\023\012\005names\022\012{0: 'abc'}"),
  FUZZ_SEED ("\010\007\072\002ab\162\034\012\005imgsz\022\023[640, 480]"
      "\162\024\012\011kpt_shape\022\007[17, 3]"),
  FUZZ_SEED ("\010\007\072\002ab\162\031\012\004args\022\021{'int8': True, 'a"
      "': [1]}"),
  FUZZ_SEED ("version https://git-lfs"),
  FUZZ_SEED ("\xef\xbb\xbf<!DOCTYPE html> \xc3\xa9 \xe2\x82"),
};

const guint fuzz_n_seeds = G_N_ELEMENTS (fuzz_seeds);

int
LLVMFuzzerTestOneInput (const uint8_t * data, size_t size)
{
  const RyByteSource source = { -1, data, size };
  RyModelFile file = { 0 };
  GError *error = NULL;

  if (ry_onnx_file_read (&source, &file) == RY_ONNX_YES)
    g_assert (file.kind == RY_MODEL_ONNX);
  ry_sniff_explain (&source, &error);
  g_assert (error != NULL);
  fuzz_check_text (error->message);
  g_error_free (error);
  fuzz_check_model_file (&file);
  return 0;
}
