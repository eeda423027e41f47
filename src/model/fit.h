/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Does an .rknn fit this board and this runtime?  Asked before the runtime is:
 * librknnrt says -6 to a model for another SoC as to a damaged one, and old
 * ones end the process at a file that is too new for them. */

#pragma once

#include <glib.h>

#include "model/modelfile.h"

G_BEGIN_DECLS

/* soc is that of ry_soc_detect(), runtime_version that of the library; NULL or
 * "" where they are not known.
 *
 * Returns FALSE with RY_ERROR_MODEL or RY_ERROR_RUNTIME when the model cannot
 * run.  doubt is set to a sentence where it may not, which is worth a warning
 * if it does, and the likely reason if it does not; NULL otherwise (free with
 * g_free).  Nothing but .rknn files is doubted. */
gboolean ry_fit_check (const RyModelFile * file, const gchar * soc,
    const gchar * runtime_version, gchar ** doubt, GError ** error);

G_END_DECLS
