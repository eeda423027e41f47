/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Finds and opens ONNX Runtime's shared library. */

#pragma once

#include <glib.h>

#include "ort.h"

/* Returns the handle of a library that has OrtGetApiBase with a table of
 * RY_ORT_API_VERSION; fills *api and *version (static).  NULL with
 * RY_ORT_ERROR_LIBRARY, saying where it looked and how to get one. */
gpointer ry_ort_library_open (RyOrtApi * api, const gchar ** version,
    GError ** error);
