/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "engine/cores.h"

#include <string.h>

static gboolean
add_core (RyCoreList * self, const gchar * word, guint n_available,
    GError ** error)
{
  guint64 core;

  if (!g_ascii_string_to_unsigned (word, 10, 0, G_MAXINT, &core, NULL)) {
    g_set_error (error, RY_ERROR, RY_ERROR_SETTINGS,
        "\"%s\" in the property cores is no number of a core. Expected is "
        "\"auto\", \"all\", or a list such as \"0,2\".", word);
    return FALSE;
  }
  if (core >= n_available) {
    g_set_error (error, RY_ERROR, RY_ERROR_SETTINGS,
        "The property cores asks for core %" G_GUINT64_FORMAT ", but this "
        "NPU has %u core%s, counted from 0.", core, n_available,
        n_available == 1 ? "" : "s");
    return FALSE;
  }
  for (guint i = 0; i < self->n_cores; i++) {
    if (self->cores[i] == (gint) core) {
      g_set_error (error, RY_ERROR, RY_ERROR_SETTINGS,
          "The property cores names core %d twice; contexts-per-core puts "
          "more work on a core.", self->cores[i]);
      return FALSE;
    }
  }
  self->cores[self->n_cores++] = core;
  return TRUE;
}

static gboolean
is_word (const gchar * wanted, const gchar * word)
{
  return g_ascii_strcasecmp (wanted, word) == 0;
}

gboolean
ry_core_list_parse (RyCoreList * self, const gchar * wanted, guint n_available,
    GError ** error)
{
  g_auto (GStrv) words = NULL;

  n_available = CLAMP (n_available, 1, RY_MAX_CORES);
  self->n_cores = 0;
  if (!wanted || !*wanted || is_word (wanted, "auto")
      || is_word (wanted, "all")) {
    for (guint i = 0; i < n_available; i++)
      self->cores[self->n_cores++] = i;
    return TRUE;
  }

  words = g_strsplit (wanted, ",", -1);
  for (guint i = 0; words[i]; i++) {
    if (!add_core (self, g_strstrip (words[i]), n_available, error))
      return FALSE;
  }
  return TRUE;
}

void
ry_core_list_adapt (RyCoreList * self, const gchar * wanted,
    RyRuntime * runtime, rknn_context context)
{
  gboolean refused = FALSE;

  if (wanted && *wanted && !is_word (wanted, "auto"))
    return;
  for (guint i = 0; i < self->n_cores && !refused; i++)
    refused = ry_cores_pin (runtime, context, self->cores[i]) != RKNN_SUCC;
  if (!refused)
    return;
  runtime->set_core_mask (context, RKNN_NPU_CORE_AUTO);
  for (guint i = 0; i < self->n_cores; i++)
    self->cores[i] = -1;
}

guint
ry_cores_available (RyRuntime * runtime, rknn_context context,
    const gchar * platform)
{
  if (platform && g_ascii_strncasecmp (platform, "rk3588", 6) == 0)
    return 3;
  if (platform && g_ascii_strncasecmp (platform, "rk3576", 6) == 0)
    return 2;
  if (platform && g_ascii_strncasecmp (platform, "rk356", 5) == 0)
    return 1;

  if (!runtime->set_core_mask)
    return 1;
  for (guint n = RY_MAX_CORES; n > 1; n--) {
    rknn_core_mask mask = 1 << (n - 1);

    if (runtime->set_core_mask (context, mask) == RKNN_SUCC)
      return n;
  }
  return 1;
}

gint
ry_cores_pin (RyRuntime * runtime, rknn_context context, gint core)
{
  gint code;

  if (core < 0 || !runtime->set_core_mask)
    return RKNN_SUCC;
  code = runtime->set_core_mask (context, 1 << core);
  /* A single-core SoC answers every mask so, that of core 0 too. */
  if (code == RKNN_ERR_TARGET_PLATFORM_UNMATCH && core == 0)
    return RKNN_SUCC;
  return code;
}
