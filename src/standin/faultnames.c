/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The functions of librknnrt that can be made to fail. */

#include "faults.h"

#include "rknn_api.h"

static const RyFaultName functions[] = {
  {"rknn_init", RKNN_ERR_FAIL},
  {"rknn_dup_context", RKNN_ERR_MALLOC_FAIL},
  {"rknn_destroy", RKNN_ERR_FAIL},
  {"rknn_query", RKNN_ERR_FAIL},
  {"rknn_inputs_set", RKNN_ERR_FAIL},
  {"rknn_set_batch_core_num", RKNN_ERR_FAIL},
  {"rknn_set_core_mask", RKNN_ERR_FAIL},
  {"rknn_run", RKNN_ERR_FAIL},
  {"rknn_outputs_get", RKNN_ERR_FAIL},
  {"rknn_outputs_release", RKNN_ERR_FAIL},
  {"rknn_create_mem", 0},
  {"rknn_create_mem2", 0},
  {"rknn_create_mem_from_fd", 0},
  {"rknn_create_mem_from_phys", 0},
  {"rknn_destroy_mem", RKNN_ERR_FAIL},
  {"rknn_set_weight_mem", RKNN_ERR_MALLOC_FAIL},
  {"rknn_set_internal_mem", RKNN_ERR_MALLOC_FAIL},
  {"rknn_set_io_mem", RKNN_ERR_MALLOC_FAIL},
  {"rknn_mem_sync", RKNN_ERR_FAIL},
  {"rknn_set_input_shape", RKNN_ERR_FAIL},
  {"rknn_set_input_shapes", RKNN_ERR_FAIL},
};

const RyFaultNames ry_fault_names = {
  .variable = "RKNN_STANDIN_FAIL",
  .lowest_code = RKNN_ERR_TARGET_PLATFORM_UNMATCH,
  .nothing = "NULL",
  .functions = functions,
  .n_functions = G_N_ELEMENTS (functions),
};
