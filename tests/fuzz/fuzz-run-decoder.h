/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "decode/decode.h"

/* Decodes the tensors, which have their data, twice with parameters that
 * options choose, and asserts what holds of any result. */
void fuzz_run_decoder (RyDecoder * decoder, const RyTensor * tensors,
    guint options);
