/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The outputs of a model before anybody knows what they mean. */

#pragma once

#include "decode/decode.h"

G_BEGIN_DECLS
/* Refuses what cannot be read at all: no outputs, impossible dimensions or
 * layouts, batches, scales that are no numbers, an unknown size of input. */
    gboolean ry_tensors_check (const RyTensor * outputs, guint n,
    const RyHeadHints * hints, GError ** error);

/* A copy in which every tensor of four dimensions has its layout filled in
 * (0 stood for compact NCHW); to be freed with g_free. */
RyTensor *ry_tensors_complete (const RyTensor * outputs, guint n);

/* Appends "name [1,80,80,80] INT8 zp -128 scale 0.0037, ..." */
void ry_tensors_describe (GString * text, const RyTensor * outputs, guint n);

G_END_DECLS
