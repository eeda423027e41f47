/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The stand-in as a foreign program meets it: opened with dlopen, used through
 * rknn_api.h; and the models that its tests share. */

#pragma once

#include <glib.h>

#include "rknn_api.h"

typedef struct
{
  __typeof__ (rknn_init) * init;
  __typeof__ (rknn_dup_context) * dup_context;
  __typeof__ (rknn_destroy) * destroy;
  __typeof__ (rknn_query) * query;
  __typeof__ (rknn_inputs_set) * inputs_set;
  __typeof__ (rknn_set_batch_core_num) * set_batch_core_num;
  __typeof__ (rknn_set_core_mask) * set_core_mask;
  __typeof__ (rknn_run) * run;
  __typeof__ (rknn_wait) * wait;
  __typeof__ (rknn_outputs_get) * outputs_get;
  __typeof__ (rknn_outputs_release) * outputs_release;
  __typeof__ (rknn_create_mem) * create_mem;
  __typeof__ (rknn_create_mem2) * create_mem2;
  __typeof__ (rknn_create_mem_from_fd) * create_mem_from_fd;
  __typeof__ (rknn_create_mem_from_phys) * create_mem_from_phys;
  __typeof__ (rknn_destroy_mem) * destroy_mem;
  __typeof__ (rknn_set_weight_mem) * set_weight_mem;
  __typeof__ (rknn_set_internal_mem) * set_internal_mem;
  __typeof__ (rknn_set_io_mem) * set_io_mem;
  __typeof__ (rknn_set_input_shape) * set_input_shape;
  __typeof__ (rknn_set_input_shapes) * set_input_shapes;
  __typeof__ (rknn_mem_sync) * mem_sync;
  const char *(*last_error) (void);
} StandinApi;

extern StandinApi standin;
extern gpointer standin_library;

/* Opens the library named by STANDIN_LIBRARY and makes a folder for models,
 * after g_test_init.  To be undone with standin_close. */
void standin_open (void);
void standin_close (void);

/* FALSE, and the test is skipped, when ONNX Runtime is not there. */
gboolean standin_can_run (void);

/* Picture model, 6 rows of 10 pixels, mean 0 and std 1, so that values are the
 * bytes themselves:
 *
 *   0 "same"  [1,3,6,10]   the picture
 *   1 "many"  [1,20,6,10]  channel c is channel c % 3, times 1 + c / 4
 *   2 "flat"  [1,180]      the picture again, flattened
 *
 * With quantized, all three are int8: zp -128 scale 1; zp -3 scale 2.5; zp 7
 * scale 0.5. */
#define MODEL_H 6
#define MODEL_W 10
#define MODEL_STRIDE 16
#define MODEL_MANY 20
rknn_context standin_init_model (gboolean quantized);

/* Where such a model lies, with and without a description file. */
const gchar *standin_model_path (gboolean quantized);

/* Writes name (and name.ini when ini is not NULL) into the tests' folder;
 * takes model.  Returns the path. */
gchar *standin_write_model (const gchar * name, GByteArray * model,
    const gchar * ini);

/* The byte of channel c at (x, y) of the picture that the tests use. */
guint8 standin_pixel (guint c, guint y, guint x);

/* That picture, NHWC, with stride pixels in a row. */
void standin_fill_picture (gpointer to, guint stride);

/* What the model yields for it, as float, and through int8. */
gfloat standin_expected (guint output, guint c, guint y, guint x);
gint standin_expected_q (guint output, guint c, guint y, guint x);
gfloat standin_scale (guint output);
gint standin_zp (guint output);

/* binary16 by the definition, in doubles. */
gdouble standin_half_value (guint16 half);

void standin_query_attr (rknn_context context, rknn_query_cmd cmd,
    guint index, rknn_tensor_attr * attr);
