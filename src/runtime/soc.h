/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which Rockchip SoC this is, and whose models its NPU takes. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* In the place of what the device tree says, where that cannot be read or is
 * misunderstood; "none" means that the SoC is not known. */
#define RY_SOC_ENVIRONMENT "RKNNYOLO_SOC"

/* "rk3588", "rk3566": the last name of Rockchip's in the device tree's list
 * of what the board is compatible with, which goes from the board to the SoC.
 * root is "/", or a folder that a test has in its place.  NULL where there is
 * no device tree (other machines, most containers) or no such name in it; free
 * with g_free. */
gchar *ry_soc_detect (const gchar * root);

/* What rknn-toolkit2 calls the SoC as target_platform: "rk3588" for "rk3588s".
 * NULL if it has no NPU that is known here. */
const gchar *ry_soc_platform (const gchar * soc);

/* FALSE when it is certain that the NPU of soc does not take a model for
 * targets, names joined by commas.  SoCs with the same NPU take each other's
 * models; NULL, and names that are not known here, are given the chance. */
gboolean ry_soc_takes (const gchar * soc, const gchar * targets);

G_END_DECLS
