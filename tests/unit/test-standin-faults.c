/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* RKNN_STANDIN_FAIL: what it may say, which calls it makes fail, and that a
 * call that fails has done nothing. */

#include <string.h>

#include "standinapi.h"

static rknn_context
init_with (const gchar * list)
{
  rknn_context context;

  g_setenv ("RKNN_STANDIN_FAIL", list, TRUE);
  context = standin_init_model (FALSE);
  g_unsetenv ("RKNN_STANDIN_FAIL");
  return context;
}

/* Counting begins with a list that is not the one before. */
static void
forget_list (void)
{
  standin.destroy (standin_init_model (FALSE));
}

static void
expect_runs (const gchar * list, const gchar * results)
{
  rknn_context c = init_with (list);

  for (guint i = 0; results[i] != '\0'; i++)
    g_assert_cmpint (standin.run (c, NULL), ==,
        results[i] == '.' ? 0 : -(results[i] - '0'));
  standin.destroy (c);
  forget_list ();
}

static void
test_forms (void)
{
  if (!standin_can_run ())
    return;
  expect_runs ("rknn_run:1", "1....");
  expect_runs ("rknn_run:3", "..1...");
  expect_runs ("rknn_run:3+", "..1111");
  expect_runs ("rknn_run:/3", "..1..1..1.");
  expect_runs ("rknn_run:/1", "1111");
  expect_runs ("rknn_run:~100", "1111");
  expect_runs ("rknn_run:~0", "....");
  expect_runs ("rknn_run:2:-4", ".4..");
  /* the first that applies */
  expect_runs (" rknn_run:2:-5 , rknn_run:/2:-6, rknn_run:5", ".5.616.");
  expect_runs ("rknn_query:1,rknn_destroy_mem:1", "...");
  expect_runs ("", "...");
}

static guint
count_failures (guint n, gchar * pattern)
{
  rknn_context c = init_with ("rknn_set_batch_core_num:~20");
  guint failures = 0;

  for (guint i = 0; i < n; i++) {
    gboolean failed = standin.set_batch_core_num (c, 1) < 0;

    pattern[i] = failed;
    failures += failed;
  }
  standin.destroy (c);
  forget_list ();
  return failures;
}

static void
test_percent (void)
{
  gchar first[500], second[500];
  guint failures;

  if (!standin_can_run ())
    return;
  failures = count_failures (500, first);
  /* 100 expected, standard deviation 9 */
  g_assert_cmpuint (failures, >, 60);
  g_assert_cmpuint (failures, <, 140);
  g_assert_cmpuint (count_failures (500, second), ==, failures);
  g_assert_cmpmem (first, 500, second, 500);
}

static void
test_counted_over_the_process (void)
{
  rknn_context a, b, copy;

  if (!standin_can_run ())
    return;
  a = init_with ("rknn_run:4");
  b = init_with ("rknn_run:4");
  g_assert_cmpint (standin.dup_context (&b, &copy), ==, 0);
  g_assert_cmpint (standin.run (a, NULL), ==, 0);
  g_assert_cmpint (standin.run (b, NULL), ==, 0);
  g_assert_cmpint (standin.run (copy, NULL), ==, 0);
  g_assert_cmpint (standin.run (a, NULL), ==, RKNN_ERR_FAIL);
  g_assert_nonnull (strstr (standin.last_error (), "RKNN_STANDIN_FAIL"));
  g_assert_cmpint (standin.run (b, NULL), ==, 0);
  standin.destroy (a);
  standin.destroy (b);
  standin.destroy (copy);
  forget_list ();
}

static void
test_init (void)
{
  static const gint results[] = { 0, RKNN_ERR_MODEL_INVALID, 0 };
  gchar *path = (gchar *) standin_model_path (FALSE);

  if (!standin_can_run ())
    return;
  g_setenv ("RKNN_STANDIN_FAIL", "rknn_init:2:-6", TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (results); i++) {
    rknn_context c;

    g_assert_cmpint (standin.init (&c, path, 0, 0, NULL), ==, results[i]);
    if (results[i] == 0)
      standin.destroy (c);
  }
  g_unsetenv ("RKNN_STANDIN_FAIL");
  forget_list ();
}

static void
test_wrong_lists (void)
{
  static const gchar *const lists[] = {
    "rknn_run", "rknn_run:", "rknn_run:0", "rknn_run:-1", "rknn_run:x",
    "rknn_run:+", "rknn_run:1++", "rknn_run:/", "rknn_run:/0", "rknn_run:/2+",
    "rknn_run:~", "rknn_run:~101", "rknn_run:~-1", "rknn_run:~x",
    "rknn_run:~nan", "rknn_run:1:", "rknn_run:1:0", "rknn_run:1:1",
    "rknn_run:1:-14", "rknn_run:1:-1:1", "rknn_walk:1", "run:1", ":1", ",",
    "rknn_run:1,", "rknn_create_mem:1:-4", "rknn_run:99999999999999999999",
    "rknn_wait:1",
  };
  gchar *path = (gchar *) standin_model_path (FALSE);
  rknn_context c;

  if (!standin_can_run ())
    return;
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++) {
    g_test_message ("%s", lists[i]);
    g_setenv ("RKNN_STANDIN_FAIL", lists[i], TRUE);
    g_assert_cmpint (standin.init (&c, path, 0, 0, NULL), ==, RKNN_ERR_FAIL);
    g_assert_nonnull (strstr (standin.last_error (), "RKNN_STANDIN_FAIL"));
  }
  g_unsetenv ("RKNN_STANDIN_FAIL");
}

/* ---- Each function ------------------------------------------------------ */

#define PICTURE (MODEL_H * MODEL_W * 3)

typedef struct
{
  rknn_context context;
  rknn_tensor_mem *mem;
  rknn_output outputs[3];
} Fixture;

static gint
call_dup (Fixture * self)
{
  rknn_context copy;
  gint result = standin.dup_context (&self->context, &copy);

  if (result == 0)
    standin.destroy (copy);
  return result;
}

static gint
call_query (Fixture * self)
{
  rknn_input_output_num num = { 99, 99 };
  gint result = standin.query (self->context, RKNN_QUERY_IN_OUT_NUM, &num,
      sizeof num);

  g_assert_cmpuint (num.n_output, ==, result < 0 ? 99 : 3);
  return result;
}

static gint
call_core_mask (Fixture * self)
{
  return standin.set_core_mask (self->context, RKNN_NPU_CORE_1);
}

static gint
call_batch (Fixture * self)
{
  return standin.set_batch_core_num (self->context, 1);
}

static gint
call_inputs_set (Fixture * self)
{
  guint8 picture[PICTURE] = { 0, };
  rknn_input input = {.buf = picture,.size = PICTURE,
    .type = RKNN_TENSOR_UINT8,.fmt = RKNN_TENSOR_NHWC
  };

  return standin.inputs_set (self->context, 1, &input);
}

static gint
call_run (Fixture * self)
{
  return standin.run (self->context, NULL);
}

static gint
call_outputs_get (Fixture * self)
{
  rknn_output outputs[3] = { {.index = 0}, {.index = 1}, {.index = 2} };
  gint result = standin.outputs_get (self->context, 3, outputs, NULL);

  g_assert_true ((outputs[0].buf == NULL) == (result < 0));
  standin.outputs_release (self->context, 3, outputs);
  return result;
}

static gint
call_outputs_release (Fixture * self)
{
  rknn_output outputs[3] = { {.index = 0}, {.index = 1}, {.index = 2} };

  g_assert_cmpint (standin.outputs_get (self->context, 3, outputs, NULL), ==,
      0);
  return standin.outputs_release (self->context, 3, outputs);
}

static gint
call_set_io_mem (Fixture * self)
{
  rknn_tensor_attr attr;

  standin_query_attr (self->context, RKNN_QUERY_OUTPUT_ATTR, 0, &attr);
  return standin.set_io_mem (self->context, self->mem, &attr);
}

static gint
call_mem_sync (Fixture * self)
{
  return standin.mem_sync (self->context, self->mem,
      RKNN_MEMORY_SYNC_FROM_DEVICE);
}

static gint
call_weight_mem (Fixture * self)
{
  return standin.set_weight_mem (self->context, self->mem);
}

static gint
call_internal_mem (Fixture * self)
{
  return standin.set_internal_mem (self->context, self->mem);
}

/* What is given back is gone, whatever is returned. */
static gint
call_destroy_mem (Fixture * self)
{
  return standin.destroy_mem (self->context, standin.create_mem (self->context,
          64));
}

static gint
call_destroy (Fixture * self)
{
  rknn_context copy;

  g_assert_cmpint (standin.dup_context (&self->context, &copy), ==, 0);
  return standin.destroy (copy);
}

static gint
is_null (Fixture * self, rknn_tensor_mem * mem)
{
  if (mem == NULL)
    return RKNN_ERR_MALLOC_FAIL;
  standin.destroy_mem (self->context, mem);
  return 0;
}

static gint
call_create_mem (Fixture * self)
{
  return is_null (self, standin.create_mem (self->context, 64));
}

static gint
call_create_mem2 (Fixture * self)
{
  return is_null (self, standin.create_mem2 (self->context, 64, 0));
}

static gint
call_create_from_fd (Fixture * self)
{
  return is_null (self, standin.create_mem_from_fd (self->context, -1,
          self->outputs, 8, 0));
}

static gint
call_create_from_phys (Fixture * self)
{
  return is_null (self, standin.create_mem_from_phys (self->context, 4096,
          self->outputs, 8));
}

static void
test_functions (void)
{
  static const struct
  {
    const gchar *name;
      gint (*call) (Fixture * self);
    gint code;
    gboolean has_code;
  } functions[] = {
    {"rknn_dup_context", call_dup, -4, TRUE},
    {"rknn_query", call_query, -1, TRUE},
    {"rknn_set_core_mask", call_core_mask, -1, TRUE},
    {"rknn_set_batch_core_num", call_batch, -1, TRUE},
    {"rknn_inputs_set", call_inputs_set, -1, TRUE},
    {"rknn_run", call_run, -1, TRUE},
    {"rknn_outputs_get", call_outputs_get, -1, TRUE},
    {"rknn_outputs_release", call_outputs_release, -1, TRUE},
    {"rknn_set_io_mem", call_set_io_mem, -4, TRUE},
    {"rknn_mem_sync", call_mem_sync, -1, TRUE},
    {"rknn_set_weight_mem", call_weight_mem, -4, TRUE},
    {"rknn_set_internal_mem", call_internal_mem, -4, TRUE},
    {"rknn_destroy_mem", call_destroy_mem, -1, TRUE},
    {"rknn_destroy", call_destroy, -1, TRUE},
    {"rknn_create_mem", call_create_mem, -4, FALSE},
    {"rknn_create_mem2", call_create_mem2, -4, FALSE},
    {"rknn_create_mem_from_fd", call_create_from_fd, -4, FALSE},
    {"rknn_create_mem_from_phys", call_create_from_phys, -4, FALSE},
  };

  if (!standin_can_run ())
    return;
  for (guint i = 0; i < G_N_ELEMENTS (functions); i++) {
    g_autofree gchar *list = functions[i].has_code ?
        g_strdup_printf ("%s:2,%s:3:-9", functions[i].name, functions[i].name)
        : g_strdup_printf ("%s:2+", functions[i].name);
    gint third = functions[i].has_code ? -9 : functions[i].code;
    Fixture self = { 0, };

    g_test_message ("%s", list);
    self.context = init_with (list);
    self.mem = standin.create_mem_from_fd (self.context, -1,
        g_malloc0 (PICTURE * 4), PICTURE * 4, 0);
    g_assert_nonnull (self.mem);
    /* which was the first call of this one */
    if (strcmp (functions[i].name, "rknn_create_mem_from_fd") != 0)
      g_assert_cmpint (functions[i].call (&self), ==, 0);
    g_assert_cmpint (functions[i].call (&self), ==, functions[i].code);
    g_assert_cmpint (functions[i].call (&self), ==, third);
    if (functions[i].has_code)
      g_assert_cmpint (functions[i].call (&self), ==, 0);
    g_free (self.mem->virt_addr);
    standin.destroy_mem (self.context, self.mem);
    standin.destroy (self.context);
    forget_list ();
  }
}

/* ---- What failed has not happened --------------------------------------- */

static void
set_picture (rknn_context c, guint8 value, gint expected)
{
  guint8 picture[PICTURE];
  rknn_input input = {.buf = picture,.size = PICTURE,
    .type = RKNN_TENSOR_UINT8,.fmt = RKNN_TENSOR_NHWC
  };

  memset (picture, value, PICTURE);
  g_assert_cmpint (standin.inputs_set (c, 1, &input), ==, expected);
}

static rknn_tensor_mem *
make_output (rknn_context c, gint expected)
{
  rknn_tensor_mem *mem = standin.create_mem (c, PICTURE * sizeof (gfloat));
  rknn_tensor_attr attr;

  standin_query_attr (c, RKNN_QUERY_OUTPUT_ATTR, 0, &attr);
  attr.type = RKNN_TENSOR_FLOAT32;
  g_assert_cmpint (standin.set_io_mem (c, mem, &attr), ==, expected);
  return mem;
}

static void
test_no_effect (void)
{
  rknn_tensor_mem *bound, *refused;
  rknn_context c;
  gfloat *values, *untouched;

  if (!standin_can_run ())
    return;
  c = init_with ("rknn_inputs_set:2,rknn_run:2,rknn_set_io_mem:2:-5");
  bound = make_output (c, 0);
  refused = make_output (c, RKNN_ERR_PARAM_INVALID);
  values = bound->virt_addr;
  untouched = refused->virt_addr;
  untouched[0] = 5;

  set_picture (c, 11, 0);
  g_assert_cmpint (standin.run (c, NULL), ==, 0);
  g_assert_cmpfloat (values[0], ==, 11);
  values[0] = 99;
  set_picture (c, 22, RKNN_ERR_FAIL);
  g_assert_cmpint (standin.run (c, NULL), ==, RKNN_ERR_FAIL);
  g_assert_cmpfloat (values[0], ==, 99);
  g_assert_cmpint (standin.run (c, NULL), ==, 0);
  g_assert_cmpfloat (values[0], ==, 11);
  g_assert_cmpfloat (untouched[0], ==, 5);
  standin.destroy_mem (c, bound);
  standin.destroy_mem (c, refused);
  standin.destroy (c);
  forget_list ();
}

/* Memory without a context is counted as well. */
static void
test_no_context (void)
{
  rknn_tensor_mem *mem;
  rknn_context c;

  if (!standin_can_run ())
    return;
  c = init_with ("rknn_create_mem2:2,rknn_mem_sync:1,rknn_destroy_mem:1");
  mem = standin.create_mem2 (0, 64, RKNN_MEM_FLAG_ALLOC_NO_CONTEXT);
  g_assert_nonnull (mem);
  g_assert_null (standin.create_mem2 (0, 64, RKNN_MEM_FLAG_ALLOC_NO_CONTEXT));
  g_assert_cmpint (standin.mem_sync (0, mem, RKNN_MEMORY_SYNC_TO_DEVICE), ==,
      RKNN_ERR_FAIL);
  g_assert_cmpint (standin.destroy_mem (0, mem), ==, RKNN_ERR_FAIL);
  standin.destroy (c);
  forget_list ();
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  standin_open ();
  g_test_add_func ("/standin/faults/forms", test_forms);
  g_test_add_func ("/standin/faults/percent", test_percent);
  g_test_add_func ("/standin/faults/counted-over-the-process",
      test_counted_over_the_process);
  g_test_add_func ("/standin/faults/init", test_init);
  g_test_add_func ("/standin/faults/wrong-lists", test_wrong_lists);
  g_test_add_func ("/standin/faults/functions", test_functions);
  g_test_add_func ("/standin/faults/no-effect", test_no_effect);
  g_test_add_func ("/standin/faults/no-context", test_no_context);
  result = g_test_run ();
  standin_close ();
  return result;
}
