/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One GError domain for everything below the GStreamer line.  The message of
 * an error is a paragraph for the user: what was found, what was expected,
 * what to do next. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define RY_ERROR (ry_error_quark ())
GQuark ry_error_quark (void);

typedef enum
{
  RY_ERROR_RUNTIME,             /* the runtime library is missing or unfit */
  RY_ERROR_DEVICE,              /* no NPU, or its driver refuses */
  RY_ERROR_NOT_FOUND,           /* a file is missing or cannot be read */
  RY_ERROR_MODEL,               /* the model file is damaged or not a model */
  RY_ERROR_HEAD,                /* a model, but with outputs nobody here knows */
  RY_ERROR_LABELS,              /* the label file does not fit */
  RY_ERROR_SETTINGS,            /* a property has an impossible value */
  RY_ERROR_MEMORY,              /* NPU memory is exhausted */
  RY_ERROR_INFERENCE,           /* an inference failed */
  RY_ERROR_DEAD,                /* no inference will succeed any more */
  RY_ERROR_IMAGE,               /* a frame that cannot be preprocessed */
  RY_ERROR_RGA,                 /* RGA is missing, or cannot do what it must */
} RyError;

G_END_DECLS
