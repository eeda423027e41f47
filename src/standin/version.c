/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Apart from the rest, because the library is also built as an older one. */

#include "version.h"

#ifndef RY_STANDIN_API
#define RY_STANDIN_API "2.3.2"
#endif

const char ry_version_api[] = RY_STANDIN_API " (standin@2025-04-09T00:00:00)";
const char ry_version_driver[] = "0.9.8";
