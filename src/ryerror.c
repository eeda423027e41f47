/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ryerror.h"

GQuark
ry_error_quark (void)
{
  return g_quark_from_static_string ("ry-error-quark");
}
