/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Files that are to be .rknn: their header and the JSON at their end. */

#include "fuzz.h"
#include "fuzz-modelmeta.h"

#include "model/formats.h"
#include "ryerror.h"

#define BEGIN "RKNN\0\0\0\0"
#define PAYLOAD "\4\0\0\0\0\0\0\0"
#define REST "........................................"

const FuzzSeed fuzz_seeds[] = {
  FUZZ_SEED (BEGIN "\6\0\0\0\0\0\0\0" PAYLOAD REST "abcd" "\xff\0\0\0\0\0\0\0"
      "{\"a\":[{\"b\":\"c\\\"\"}],\"target_platform\":[\"rk3588\",\"rk3576\"],"
      "\"version\":\"2.3.2\"}"),
  FUZZ_SEED (BEGIN "\2\0\0\0\0\0\0\0" PAYLOAD REST "abcd" "\x40\0\0\0\0\0\0\0"
      "{ \"version\" : \"1.4.0\" , \"target_platform\" : [ 1, {} ] }"),
  FUZZ_SEED (BEGIN "\1\0\0\0\0\0\0\0" PAYLOAD "abcd" "\x24\0\0\0\0\0\0\0"
      "{\"norm_tensor\":[{\"url\":\"images\"}],\"version\":\"1.2.0\"}"),
  FUZZ_SEED (BEGIN "\6\0\0\0\0\0\0\0" "\xff\xff\xff\xff\xff\xff\xff\xff" REST
      "abcd"),
};

const guint fuzz_n_seeds = G_N_ELEMENTS (fuzz_seeds);

int
LLVMFuzzerTestOneInput (const uint8_t * data, size_t size)
{
  const RyByteSource source = { -1, data, size };
  RyModelFile file = { 0 };
  GError *error = NULL;
  gboolean good;

  ry_rknn_file_sniff (&source);
  good = ry_rknn_file_read (&source, &file, &error);
  g_assert (good == (error == NULL));
  if (good)
    g_assert (file.kind == RY_MODEL_RKNN && file.format_version <= G_MAXUINT16);
  else
    fuzz_check_text (error->message);
  g_clear_error (&error);
  fuzz_check_model_file (&file);
  return 0;
}
