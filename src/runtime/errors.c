/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Return codes in words. */

#include "runtime/runtime.h"

#include "runtime/device.h"

static const gchar *const error_names[] = {
  "RKNN_SUCC",
  "RKNN_ERR_FAIL",
  "RKNN_ERR_TIMEOUT",
  "RKNN_ERR_DEVICE_UNAVAILABLE",
  "RKNN_ERR_MALLOC_FAIL",
  "RKNN_ERR_PARAM_INVALID",
  "RKNN_ERR_MODEL_INVALID",
  "RKNN_ERR_CTX_INVALID",
  "RKNN_ERR_INPUT_INVALID",
  "RKNN_ERR_OUTPUT_INVALID",
  "RKNN_ERR_DEVICE_UNMATCH",
  "RKNN_ERR_INCOMPATILE_PRE_COMPILE_MODEL",
  "RKNN_ERR_INCOMPATILE_OPTIMIZATION_LEVEL_VERSION",
  "RKNN_ERR_TARGET_PLATFORM_UNMATCH",
};

const gchar *
ry_runtime_error_name (gint code)
{
  static GPrivate unknown = G_PRIVATE_INIT (g_free);
  gchar *text;

  if (code <= 0 && code > -(gint) G_N_ELEMENTS (error_names))
    return error_names[-code];

  text = g_strdup_printf ("unknown error %d", code);
  g_private_replace (&unknown, text);
  return text;
}

/* The codes that librknnrt 2.3.2 was seen to return from rknn_init. */
static gchar *
explain_code (gint code, const gchar * model_for)
{
  g_autofree gchar *device = NULL;

  switch (code) {
    case RKNN_ERR_FAIL:
      device = ry_device_diagnose ();
      /* 1.3 and 1.4 were seen to answer so. */
      return g_strconcat (device, " A runtime that is older than the "
          "rknn-toolkit2 which made the model gives this code, too.", NULL);
    case RKNN_ERR_MODEL_INVALID:
      if (model_for)
        return g_strdup_printf ("The file says that it was made for %s: this "
            "code comes for a model of another SoC as well as for a damaged "
            "file. Convert the model with target_platform set to this "
            "board's SoC, with an rknn-toolkit2 that is not newer than the "
            "runtime.", model_for);
      return g_strdup ("The file is damaged, is no model, or is of a form "
          "that this runtime does not read.");
    case RKNN_ERR_MALLOC_FAIL:
      return g_strdup ("The memory for the NPU is exhausted: close other "
          "programs that use it, use fewer contexts (contexts-per-core, "
          "cores), or a smaller model.");
    case RKNN_ERR_TARGET_PLATFORM_UNMATCH:
    case RKNN_ERR_DEVICE_UNMATCH:
      return g_strdup_printf ("The model was made for %s and does not fit "
          "this SoC: convert it for the SoC of this board.",
          model_for ? model_for : "another SoC");
    default:
      return g_strdup ("Look at what the runtime itself printed; "
          "RKNN_LOG_LEVEL=3 in the environment makes it say more.");
  }
}

gchar *
ry_runtime_explain_init (RyRuntime * self, gint code, const gchar * model_path,
    const gchar * model_for, const gchar * doubt)
{
  const gchar *detail = self->last_error ? self->last_error () : NULL;
  g_autofree gchar *meaning = NULL;

  /* The stand-in knows best what went wrong in it. */
  if (detail && *detail)
    meaning = g_strdup (detail);
  else if (doubt && code != RKNN_ERR_MALLOC_FAIL)
    meaning = g_strdup (doubt);
  else
    meaning = explain_code (code, model_for);
  return g_strdup_printf ("The runtime %s could not load the model %s: "
      "rknn_init returned %d (%s). %s", self->path, model_path, code,
      ry_runtime_error_name (code), meaning);
}
