/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where the NPU's device nodes are, to explain why a runtime found none. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The node of the NPU that librknnrt would open: /dev/rknpu, else the
 * /dev/dri/cardN whose driver is rknpu.  root is "/", or a folder that a test
 * has in its place; the path is without it.  NULL if there is none; free with
 * g_free. */
gchar *ry_device_find (const gchar * root);

/* The version of the driver behind a node that can be opened, such as "0.9.8";
 * NULL if it cannot, or does not say.  Free with g_free. */
gchar *ry_device_driver_version (const gchar * node);

/* Sentences that say what is there of the nodes librknnrt opens (/dev/rknpu,
 * else the /dev/dri/cardN whose driver is rknpu) and what is wrong with them.
 * Free with g_free. */
gchar *ry_device_diagnose (void);

G_END_DECLS
