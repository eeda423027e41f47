/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What holds of anything that a reader of model files has filled in. */

#pragma once

#include "model/modelfile.h"

static inline void
fuzz_check_text (const gchar * text)
{
  g_assert (text == NULL || g_utf8_validate (text, -1, NULL));
}

static inline void
fuzz_check_names (const GPtrArray * names)
{
  guint i;

  g_assert (names == NULL || (names->len > 0 && names->len <= 65536));
  for (i = 0; names != NULL && i < names->len; i++)
    fuzz_check_text (g_ptr_array_index (names, i));
}

/* Frees what is in file as well. */
static inline void
fuzz_check_model_file (RyModelFile * file)
{
  fuzz_check_text (file->target_platform);
  fuzz_check_text (file->toolkit_version);
  fuzz_check_text (file->task);
  fuzz_check_names (file->names);
  g_assert (file->end2end >= -1 && file->end2end <= 1);
  g_free (file->target_platform);
  g_free (file->toolkit_version);
  g_free (file->task);
  g_clear_pointer (&file->names, g_ptr_array_unref);
}
