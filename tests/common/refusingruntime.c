/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A librknnrt of version 2.0.0 that takes no model, as the real one answers to
 * files that it cannot read: -6, and no word why. */

#include <stddef.h>

#include "rknn_api.h"

#define EXPORT __attribute__ ((visibility ("default")))

/* Where strings(1) finds it in the real one. */
EXPORT const char refusing_version[] =
    "librknnrt version: 2.0.0 (00000000@2024-01-01T00:00:00)";

EXPORT int
rknn_init (rknn_context * context, void *model, uint32_t size, uint32_t flag,
    rknn_init_extend * extend)
{
  *context = 0xdead;
  return RKNN_ERR_MODEL_INVALID;
}

EXPORT int
rknn_destroy (rknn_context context)
{
  return RKNN_ERR_CTX_INVALID;
}

EXPORT int
rknn_query (rknn_context context, rknn_query_cmd command, void *info,
    uint32_t size)
{
  return RKNN_ERR_CTX_INVALID;
}

EXPORT int
rknn_run (rknn_context context, rknn_run_extend * extend)
{
  return RKNN_ERR_CTX_INVALID;
}

EXPORT rknn_tensor_mem *
rknn_create_mem (rknn_context context, uint32_t size)
{
  return NULL;
}

EXPORT int
rknn_destroy_mem (rknn_context context, rknn_tensor_mem * memory)
{
  return RKNN_ERR_CTX_INVALID;
}

EXPORT int
rknn_set_io_mem (rknn_context context, rknn_tensor_mem * memory,
    rknn_tensor_attr * attr)
{
  return RKNN_ERR_CTX_INVALID;
}
