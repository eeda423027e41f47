/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "model/fit.h"

#include "model/formats.h"
#include "runtime/libraryversion.h"
#include "runtime/soc.h"
#include "ryerror.h"

/* Container version 6 came after toolkit 1.4; 1.5.2 writes it.  Runtimes 1.3
 * and 1.4 were seen to refuse it, 1.2 to end the process. */
#define FIRST_FOR_6 RY_VERSION (1, 5, 0)

static gboolean
check_soc (const RyModelFile * file, const gchar * soc, GError ** error)
{
  const gchar *platform = ry_soc_platform (soc);

  if (ry_soc_takes (soc, file->target_platform))
    return TRUE;
  g_set_error (error, RY_ERROR, RY_ERROR_MODEL,
      "The model %s was made for %s, and this board is an %s, whose NPU does "
      "not run it. Convert the model again with target_platform='%s' "
      "(RKNN-Toolkit2) or name=%s (yolo export), or take the file that was "
      "made for %s.", file->path, file->target_platform, soc, platform,
      platform, platform);
  return FALSE;
}

static gboolean
check_container (const RyModelFile * file, const gchar * version,
    GError ** error)
{
  guint number = ry_version_number (version);

  if (file->format_version != 6 || number == 0 || number >= FIRST_FOR_6)
    return TRUE;
  g_set_error (error, RY_ERROR, RY_ERROR_RUNTIME,
      "The model %s is a file of the form 6, which newer versions of "
      "rknn-toolkit2 than 1.4 write (this one: %s), and the runtime has version %s, which does not "
      "read it. Install a librknnrt.so that is as new as the toolkit, or "
      "convert the model with the toolkit of the runtime's version.",
      file->path, file->toolkit_version ? file->toolkit_version : "not known",
      version);
  return FALSE;
}

static gchar *
doubt_file (const RyModelFile * file, const gchar * version)
{
  if (file->encrypted)
    return g_strdup_printf ("The model %s is encrypted (by RKNN-Toolkit2's "
        "export_encrypted_rknn_model): only the runtime can look into it, so "
        "whether it was made for this SoC, by which toolkit, and whether it is "
        "whole cannot be told here. If it does not load, try the file from "
        "before the encryption.", file->path);
  if (file->format_version > RY_RKNN_NEWEST_VERSION)
    return g_strdup_printf ("The model %s is a file of the form %u, and the "
        "newest that is known here is %u (rknn-toolkit2 up to 2.3.2): what it "
        "was made for cannot be told. It needs a librknnrt.so of the version "
        "of the toolkit that made it.", file->path, file->format_version,
        RY_RKNN_NEWEST_VERSION);
  if (ry_version_number (version) > 0
      && ry_version_number (file->toolkit_version) >
      ry_version_number (version))
    return g_strdup_printf ("The model %s was made by rknn-toolkit2 %s, and "
        "the runtime is older: %s. It may refuse the model or give other "
        "results. Install a librknnrt.so of version %s or newer, or convert "
        "the model with the runtime's toolkit.", file->path,
        file->toolkit_version, version, file->toolkit_version);
  return NULL;
}

gboolean
ry_fit_check (const RyModelFile * file, const gchar * soc,
    const gchar * runtime_version, gchar ** doubt, GError ** error)
{
  *doubt = NULL;
  if (file->kind != RY_MODEL_RKNN)
    return TRUE;
  if (!check_soc (file, soc, error)
      || !check_container (file, runtime_version, error))
    return FALSE;
  *doubt = doubt_file (file, runtime_version);
  return TRUE;
}
