/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* That rknn_api.h stands alone; its own assertions pin the layouts.  Also
 * compiled as C++. */

#include "rknn_api.h"
#include "rknn_standin.h"

#include <stdio.h>
#include <string.h>

#define CHECK(condition) \
  do { \
    if (!(condition)) { \
      printf ("not ok 1 - %s\n", #condition); \
      return 1; \
    } \
  } while (0)

int
main (void)
{
  printf ("1..1\n");
  CHECK (strcmp (get_type_string (RKNN_TENSOR_BFLOAT16), "BF16") == 0);
  CHECK (strcmp (get_type_string (RKNN_TENSOR_TYPE_MAX), "UNKNOW") == 0);
  CHECK (strcmp (get_qnt_type_string (RKNN_TENSOR_QNT_AFFINE_ASYMMETRIC),
          "AFFINE") == 0);
  CHECK (strcmp (get_qnt_type_string (RKNN_TENSOR_QNT_MAX), "UNKNOW") == 0);
  CHECK (strcmp (get_format_string (RKNN_TENSOR_NC1HWC2), "NC1HWC2") == 0);
  CHECK (strcmp (get_format_string (RKNN_TENSOR_FORMAT_MAX), "UNKNOW") == 0);
  CHECK (RKNN_QUERY_NATIVE_NC1HWC2_OUTPUT_ATTR == 9);
  CHECK (RKNN_QUERY_CMD_MAX == 18);
  printf ("ok 1 - rknn-api\n");
  return 0;
}
