/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What can be made to go wrong by RGA_STANDIN_FAIL.  A failure of the driver
 * is 0 from all of them, so there are no codes. */

#include "standin/faults.h"

static const RyFaultName functions[] = {
  {"importbuffer_fd", 0},
  {"releasebuffer_handle", 0},
  {"improcess", 0},
  {"imconfig", 0},
  {"above_4g", 0},              /* an import of memory that RGA2 cannot reach */
};

const RyFaultNames ry_fault_names = {
  .variable = "RGA_STANDIN_FAIL",
  .lowest_code = 0,
  .nothing = "0",
  .functions = functions,
  .n_functions = G_N_ELEMENTS (functions),
};
