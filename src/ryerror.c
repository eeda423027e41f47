/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ryerror.h"

G_DEFINE_QUARK (ry-error-quark, ry_error)
