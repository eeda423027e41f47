/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The manifest of recorded outputs that the stand-in plays, and the list of
 * calls that it makes fail. */

#include "fuzz.h"

#include <math.h>
#include <string.h>

#include "standin/faults.h"
#include "standin/recording.h"

const FuzzSeed fuzz_seeds[] = {
  FUZZ_SEED ("2\n0.i8 4 1 64 80 80 -65 0.13266474\n"
      "3.f16 4 1 17 3 8400 0 1\n810 1080 80 0 0.592592593\n"),
  FUZZ_SEED ("1\na.i8 1 1 127 1e-30"),
  FUZZ_SEED ("rknn_run:7,rknn_init:1+:-4,rknn_create_mem:/3,rknn_query:~2.5"),
};

const guint fuzz_n_seeds = G_N_ELEMENTS (fuzz_seeds);

static void
check_recording (const RyRecording * recording)
{
  g_assert_cmpuint (recording->n, >=, 1);
  for (guint i = 0; i < recording->n; i++) {
    const RyRecorded *tensor = &recording->tensors[i];
    guint64 n_elems = 1;

    g_assert_null (strchr (tensor->file, '/'));
    g_assert_true (tensor->rank >= 1 && tensor->rank <= RY_ORT_MAX_RANK);
    for (guint k = 0; k < tensor->rank; k++) {
      g_assert_cmpint (tensor->shape[k], >=, 1);
      n_elems *= tensor->shape[k];
      g_assert_cmpuint (n_elems, <=, G_MAXINT32);
    }
    g_assert_cmpuint (tensor->n_elems, ==, n_elems);
    g_assert_true (tensor->zp >= -128 && tensor->zp <= 127);
    g_assert_true (isfinite (tensor->scale) && tensor->scale > 0);
  }
}

int
LLVMFuzzerTestOneInput (const uint8_t * data, size_t size)
{
  g_autofree gchar *text =
      g_strndup (size > 0 ? (const gchar *) data : "", size);
  g_autoptr (RyRecording) recording =
      ry_recording_parse ((const gchar *) data, size, NULL);
  RyFaults *faults = ry_faults_parse (text, NULL);

  if (recording != NULL)
    check_recording (recording);
  if (faults != NULL)
    ry_faults_unref (faults);
  return 0;
}
