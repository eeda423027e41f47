/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The model and the played NPU that the parts measure with. */

#pragma once

#include "stream.h"

G_BEGIN_DECLS

#define FLOW_FORMAT GST_VIDEO_FORMAT_NV12
#define FLOW_WIDTH 1920
#define FLOW_HEIGHT 1080

typedef struct
{
  guint cores;
  guint contexts_per_core;
  gdouble time;                 /* of an inference on the played NPU, ms */
  const gchar *overload;
  const gchar *instance_id;     /* NULL: a model of its own */
} FlowSetup;

/* Where the model is; sets up the played NPU.  FALSE, with a line that says
 * so, when the test data are missing. */
gboolean flow_find_data (void);
/* The property model of a stream. */
const gchar *flow_model (void);
/* The property cores for the first n of them. */
const gchar *flow_cores (guint n);
/* From the next stream on. */
void flow_set_npu_time (gdouble milliseconds);

/* NULL setup: a stream without the element.  Ends the program, with the
 * element's own words, when the element does not start. */
FlowStream *flow_stream_new (const FlowSetup * setup, FlowPictures * pictures);

G_END_DECLS
