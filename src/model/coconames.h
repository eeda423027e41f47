/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The 80 classes of COCO detection in the order networks use. */

#pragma once

#include <glib.h>

#define RY_N_COCO 80
extern const gchar *const ry_coco_names[RY_N_COCO];
