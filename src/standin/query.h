/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "context.h"

/* rknn_query; returns what it returns. */
gint ry_npu_query (RyNpuContext * context, rknn_query_cmd cmd, gpointer info,
    guint32 size);
