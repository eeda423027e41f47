/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The stand-in's description file, and the numbers of a model's metadata. */

#include "fuzz.h"

#include "standin/sidecar.h"

const FuzzSeed fuzz_seeds[] = {
  FUZZ_SEED ("[model]\nmean_values=0,0,0\nstd_values=255\nsoc=rk3588\n"
      "custom_string=a text\n[input images]\ntype=int8\nzp=-128\n"
      "scale=0.0039215686\n[output 0]\ntype=int8\nzp=-3\nscale=2.5e-1\n"
      "c1=2\nnative_size=204800\n"),
  FUZZ_SEED ("[output a/b:0]\ntype=float16\n[output a/b:0]\nzp=1\n"),
  FUZZ_SEED ("[480, 640]"),
  FUZZ_SEED ("123.675, 116.28,103.53"),
};

const guint fuzz_n_seeds = G_N_ELEMENTS (fuzz_seeds);

static void
check_sidecar (const RySidecar * sidecar)
{
  for (guint i = 0; i < sidecar->tensors->len; i++) {
    const RySidecarTensor *tensor =
        &g_array_index (sidecar->tensors, RySidecarTensor, i);

    g_assert_nonnull (ry_sidecar_find (sidecar, tensor->input, tensor->name,
            i));
    g_assert_true (tensor->zp >= -128 && tensor->zp <= 127);
    g_assert_true (!tensor->has_quantisation || tensor->scale > 0);
  }
}

int
LLVMFuzzerTestOneInput (const uint8_t * data, size_t size)
{
  g_autofree gchar *text =
      g_strndup (size > 0 ? (const gchar *) data : "", size);
  g_autoptr (RySidecar) sidecar =
      ry_sidecar_parse ((const gchar *) data, size, NULL);
  RyValues values;
  guint imgsz[2];

  if (sidecar != NULL)
    check_sidecar (sidecar);
  if (ry_sidecar_parse_values (text, &values, NULL))
    g_assert_true (values.n >= 1 && values.n <= RY_SIDECAR_MAX_VALUES);
  if (ry_sidecar_parse_divisors (text, &values, NULL))
    g_assert_true (values.value[0] != 0);
  if (ry_sidecar_parse_imgsz (text, imgsz, NULL))
    g_assert_true (imgsz[0] >= 1 && imgsz[1] >= 1);
  return 0;
}
