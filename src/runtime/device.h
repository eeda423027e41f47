/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where the NPU's device nodes are, to explain why a runtime found none. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Sentences that say what is there of the nodes librknnrt opens (/dev/rknpu,
 * else the /dev/dri/cardN whose driver is rknpu) and what is wrong with them.
 * Free with g_free. */
gchar *ry_device_diagnose (void);

G_END_DECLS
