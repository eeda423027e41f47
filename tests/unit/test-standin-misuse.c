/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where librknnrt crashes, the stand-in stops and names the misuse; where
 * librknnrt is silent, it names the misuse and goes on. */

#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "standinapi.h"

#define PICTURE (MODEL_H * MODEL_W * 3)

typedef struct
{
  const gchar *name;
  void (*misuse) (void);
  const gchar *words;           /* in the message */
  gboolean stops;
} Case;

static rknn_tensor_mem *
bind (rknn_context c, rknn_query_cmd cmd, rknn_tensor_type type,
    rknn_tensor_format fmt, guint size)
{
  rknn_tensor_mem *mem = standin.create_mem (c, size);
  rknn_tensor_attr attr;

  standin_query_attr (c, cmd, 0, &attr);
  attr.type = type;
  attr.fmt = fmt;
  g_assert_cmpint (standin.set_io_mem (c, mem, &attr), ==, 0);
  return mem;
}

/* ---- Where librknnrt crashes -------------------------------------------- */

static void
dup_zero (void)
{
  rknn_context zero = 0, out;

  standin.dup_context (&zero, &out);
}

static void
stale_context (void)
{
  rknn_context c = standin_init_model (FALSE);

  standin.destroy (c);
  standin.run (c, NULL);
}

static void
failed_context (void)
{
  rknn_context c = 0;

  g_assert_cmpint (standin.init (&c, NULL, 0, 0, NULL), <, 0);
  standin.run (c, NULL);
}

static void
invented_context (void)
{
  rknn_input_output_num num;

  standin.query (0x1234567890, RKNN_QUERY_IN_OUT_NUM, &num, sizeof num);
}

static void
destroy_twice (void)
{
  rknn_context c = standin_init_model (FALSE);

  standin.destroy (c);
  standin.destroy (c);
}

static void
native_index (void)
{
  rknn_tensor_attr attr = {.index = 3 };

  standin.query (standin_init_model (FALSE), RKNN_QUERY_NATIVE_OUTPUT_ATTR,
      &attr, sizeof attr);
}

static void
input_null (void)
{
  rknn_input input = {.size = PICTURE,.type = RKNN_TENSOR_UINT8,.fmt =
        RKNN_TENSOR_NHWC
  };

  standin.inputs_set (standin_init_model (FALSE), 1, &input);
}

static void
mem_after_context (void)
{
  rknn_context c = standin_init_model (FALSE);
  rknn_tensor_mem *mem = standin.create_mem (c, 100);

  standin.destroy (c);
  standin.destroy_mem (c, mem);
}

static void
bind_destroyed (void)
{
  rknn_context c = standin_init_model (FALSE);
  rknn_tensor_mem *mem = standin.create_mem (c, 4096);
  rknn_tensor_attr attr;

  standin_query_attr (c, RKNN_QUERY_NATIVE_INPUT_ATTR, 0, &attr);
  standin.destroy_mem (c, mem);
  standin.set_io_mem (c, mem, &attr);
}

static void
small_output (void)
{
  rknn_context c = standin_init_model (FALSE);

  bind (c, RKNN_QUERY_OUTPUT_ATTR, RKNN_TENSOR_FLOAT32, RKNN_TENSOR_NCHW,
      PICTURE * 4 - 1);
  standin.run (c, NULL);
}

/* As many bytes as FP16 needs are not enough for what is written. */
static void
fp16_nhwc (void)
{
  rknn_context c = standin_init_model (TRUE);

  bind (c, RKNN_QUERY_OUTPUT_ATTR, RKNN_TENSOR_FLOAT16, RKNN_TENSOR_NHWC,
      PICTURE * 2);
  standin.run (c, NULL);
}

/* ---- Where it is silent ------------------------------------------------- */

static void
small_output_bound (void)
{
  rknn_context c = standin_init_model (FALSE);
  rknn_tensor_mem *mem = bind (c, RKNN_QUERY_OUTPUT_ATTR,
      RKNN_TENSOR_FLOAT32, RKNN_TENSOR_NCHW, PICTURE * 4 - 1);

  standin.destroy_mem (c, mem);
  standin.destroy (c);
}

static void
mem_twice (void)
{
  rknn_context c = standin_init_model (FALSE);
  rknn_tensor_mem *mem = standin.create_mem (c, 100);

  g_assert_cmpint (standin.destroy_mem (c, mem), ==, 0);
  g_assert_cmpint (standin.destroy_mem (c, mem), ==, 0);
  standin.destroy (c);
}

static void
run_with_destroyed (void)
{
  rknn_context c = standin_init_model (FALSE);
  rknn_tensor_mem *mem = bind (c, RKNN_QUERY_NATIVE_INPUT_ATTR,
      RKNN_TENSOR_UINT8, RKNN_TENSOR_NHWC, 4096);

  standin.destroy_mem (c, mem);
  g_assert_cmpint (standin.run (c, NULL), ==, 0);
  standin.destroy (c);
}

static void
few_outputs (void)
{
  rknn_context c = standin_init_model (FALSE);
  rknn_output outputs[2] = { {.index = 0}, {.index = 1} };

  g_assert_cmpint (standin.outputs_get (c, 2, outputs, NULL), ==, 0);
  standin.outputs_release (c, 2, outputs);
  standin.destroy (c);
}

static void
release_twice (void)
{
  rknn_context c = standin_init_model (FALSE);
  rknn_output outputs[3] = { {.index = 0}, {.index = 1}, {.index = 2} };

  g_assert_cmpint (standin.outputs_get (c, 3, outputs, NULL), ==, 0);
  g_assert_cmpint (standin.outputs_release (c, 3, outputs), ==, 0);
  g_assert_cmpint (standin.outputs_release (c, 3, outputs), ==, 0);
  standin.destroy (c);
}

/* The documented way out: memories first, although they are bound. */
static void
proper_end (void)
{
  rknn_context c = standin_init_model (FALSE);
  rknn_tensor_mem *mem = bind (c, RKNN_QUERY_NATIVE_INPUT_ATTR,
      RKNN_TENSOR_UINT8, RKNN_TENSOR_NHWC, 4096);

  g_assert_cmpint (standin.run (c, NULL), ==, 0);
  g_assert_cmpint (standin.destroy_mem (c, mem), ==, 0);
  g_assert_cmpint (standin.destroy (c), ==, 0);
}

/* Nothing is destroyed: the end of the process takes it. */
static void
left_open (void)
{
  rknn_context c = standin_init_model (FALSE), copy;

  bind (c, RKNN_QUERY_NATIVE_INPUT_ATTR, RKNN_TENSOR_UINT8, RKNN_TENSOR_NHWC,
      4096);
  g_assert_cmpint (standin.dup_context (&c, &copy), ==, 0);
  g_assert_cmpint (standin.run (c, NULL), ==, 0);
  g_assert_cmpint (standin.run (copy, NULL), ==, 0);
}

static const Case cases[] = {
  {"dup-zero", dup_zero, "rknn_dup_context of context 0", TRUE},
  {"stale-context", stale_context, "rknn_run was given context", TRUE},
  {"failed-context", failed_context, "rknn_run was given context", TRUE},
  {"invented-context", invented_context, "0x1234567890", TRUE},
  {"destroy-twice", destroy_twice, "rknn_destroy was given context", TRUE},
  {"native-index", native_index, "output 3 of a model with 3", TRUE},
  {"input-null", input_null, "buf NULL for input images", TRUE},
  {"mem-after-context", mem_after_context, "rknn_destroy_mem was given "
        "context", TRUE},
  {"bind-destroyed", bind_destroyed, "rknn_set_io_mem was given a memory",
      TRUE},
  {"small-output", small_output, "720 bytes of output same into a memory of "
        "719", TRUE},
  {"fp16-nhwc", fp16_nhwc, "720 bytes of output same into a memory of 360",
      TRUE},
  {"small-output-bound", small_output_bound, "output same has 719 bytes, and "
        "720", FALSE},
  {"mem-twice", mem_twice, "rknn_destroy_mem of a memory that is destroyed",
      FALSE},
  {"run-with-destroyed", run_with_destroyed, "memory of tensor images "
        "destroyed while bound", FALSE},
  {"few-outputs", few_outputs, "2 entries for a model with 3", FALSE},
  {"release-twice", release_twice, "released already", FALSE},
  {"proper-end", proper_end, NULL, FALSE},
  {"left-open", left_open, NULL, FALSE},
};

static void
test_misuse (gconstpointer data)
{
  const Case *self = data;
  g_autofree gchar *pattern = NULL;

  if (g_test_subprocess ()) {
    struct rlimit none = { 0, 0 };

    setrlimit (RLIMIT_CORE, &none);
    self->misuse ();
    return;
  }
  if (!standin_can_run ())
    return;
  g_test_trap_subprocess (NULL, 0, 0);
  if (self->stops)
    g_test_trap_assert_failed ();
  else
    g_test_trap_assert_passed ();
  if (self->words == NULL) {
    g_test_trap_assert_stderr_unmatched ("*MISUSE*");
    return;
  }
  pattern = g_strdup_printf ("*E RKNN: *MISUSE*%s*", self->words);
  g_test_trap_assert_stderr (pattern);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  standin_open ();
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree gchar *path =
        g_strconcat ("/standin/misuse/", cases[i].name, NULL);

    g_test_add_data_func (path, &cases[i], test_misuse);
  }
  result = g_test_run ();
  standin_close ();
  return result;
}
