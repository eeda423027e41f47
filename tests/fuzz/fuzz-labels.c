/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Files of labels. */

#include "fuzz.h"

#include <string.h>

#include "model/labels.h"
#include "ryerror.h"

const FuzzSeed fuzz_seeds[] = {
  FUZZ_SEED ("\xef\xbb\xbfperson\r\nbus\n\n"),
  FUZZ_SEED ("caf\xc3\xa9\n  two words \n\xe4\xba\xba"),
  FUZZ_SEED ("a\n\nb"),
  FUZZ_SEED ("a\nb\xff\n"),
};

const guint fuzz_n_seeds = G_N_ELEMENTS (fuzz_seeds);

static void
check_label (const gchar * label)
{
  g_assert (label != NULL && *label != '\0' && strchr (label, '\n') == NULL);
  g_assert (g_utf8_validate (label, -1, NULL));
}

/* As for a model of one class less, of as many, and of more. */
static void
complete (GPtrArray * labels)
{
  guint n, i;

  for (n = labels->len - 1; n < labels->len + 2; n++) {
    gchar *warning = NULL;
    GPtrArray *complete = ry_labels_complete (labels, n, &warning);

    g_assert (complete->len == n);
    g_assert ((warning == NULL) == (n == labels->len));
    for (i = 0; i < n; i++)
      check_label (g_ptr_array_index (complete, i));
    g_ptr_array_unref (complete);
    g_free (warning);
  }
}

int
LLVMFuzzerTestOneInput (const uint8_t * data, size_t size)
{
  GError *error = NULL;
  GPtrArray *labels = ry_labels_parse ((const gchar *) data, size, "file",
      &error);

  g_assert ((labels == NULL) == (error != NULL));
  if (labels != NULL) {
    g_assert (labels->len > 0);
    complete (labels);
    g_ptr_array_unref (labels);
  } else {
    g_assert (error->domain == RY_ERROR && error->code == RY_ERROR_LABELS);
    g_assert (g_utf8_validate (error->message, -1, NULL));
    g_error_free (error);
  }
  return 0;
}
