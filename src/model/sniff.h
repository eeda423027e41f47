/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a file is that is no model. */

#pragma once

#include "model/bytesource.h"

G_BEGIN_DECLS
/* Sets RY_ERROR_MODEL to a text that goes on behind the name of the file. */
void ry_sniff_explain (const RyByteSource * source, GError ** error);

G_END_DECLS
