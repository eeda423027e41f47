/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Memories as RGA knows them, imported once and kept with the memory. */

#pragma once

#include "image/image.h"

G_BEGIN_DECLS

/* What the memory of the first plane of image, a GstMemory, was imported as; a
 * new reference.  The memory has another one until it is freed, so the frames
 * of a pool are imported when they come for the first time only.  Any
 * thread. */
RyRgaImport *gst_rknn_yolo_import (RyImage * image, RyRga * rga);

G_END_DECLS
