/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What programs that measure decoding decode. */

#pragma once

#include "headdata.h"

/* Each in planes and in groups of 16 channels. */
typedef struct
{
  const gchar *folder;          /* of the test data's tensors */
  const gchar *what;
  const RyDecodeParams *params;
  gdouble zoo, goal;            /* microseconds; 0: none */
} DecodeCase;

extern const DecodeCase decode_cases[];
extern const guint n_decode_cases;
