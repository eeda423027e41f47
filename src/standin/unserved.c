/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What librknnrt 2.3.2 exports besides rknn_api.h: matrix multiplication on
 * the NPU, operators of the user's own, properties of the device.  They need
 * the hardware.  A program links and starts, and is told so when it calls. */

#include "log.h"
#include "rknn_api.h"

/* Arguments are of no interest, and callers may pass more than are declared
 * under the C calling conventions of Linux. */
#define UNSERVED(name) \
int name (void); \
__attribute__ ((visibility ("default"))) int \
name (void) \
{ \
  ry_log_error ("%s: the stand-in for librknnrt runs models only; this needs " \
      "an NPU", __func__); \
  return RKNN_ERR_DEVICE_UNAVAILABLE; \
}

/* *INDENT-OFF* */
UNSERVED (rknn_register_custom_ops)
UNSERVED (rknn_matmul_create)
UNSERVED (rknn_matmul_create_dynamic_shape)
UNSERVED (rknn_matmul_run)
UNSERVED (rknn_matmul_destroy)
UNSERVED (rknn_matmul_set_io_mem)
UNSERVED (rknn_matmul_set_core_mask)
UNSERVED (rknn_matmul_set_quant_params)
UNSERVED (rknn_matmul_get_quant_params)
UNSERVED (rknn_matmul_set_dynamic_shape)
UNSERVED (rknn_B_normal_layout_to_native_layout)
UNSERVED (rknn_get_device_properties)
/* *INDENT-ON* */

/* This one returns a pointer. */
void *rknn_custom_op_get_op_attr (void);
/* *INDENT-OFF* */
__attribute__ ((visibility ("default"))) void *
rknn_custom_op_get_op_attr (void)
/* *INDENT-ON* */
{
  ry_log_error ("%s: the stand-in for librknnrt has no custom operators",
      __func__);
  return NULL;
}
