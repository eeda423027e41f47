/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Memory and rknn_set_io_mem of the stand-in: what librknnrt 2.3.2 was seen to
 * do with every type in every layout. */

#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "standinapi.h"

#define ROOM 32768

typedef struct
{
  rknn_context context;
  rknn_tensor_mem *in, *out;
} Fixture;

static void
set_up (Fixture * self, gboolean quantized)
{
  self->context = standin_init_model (quantized);
  self->in = standin.create_mem (self->context, ROOM);
  self->out = standin.create_mem (self->context, ROOM);
  g_assert_nonnull (self->in);
  g_assert_nonnull (self->out);
}

static void
tear_down (Fixture * self)
{
  g_assert_cmpint (standin.destroy_mem (self->context, self->in), ==, 0);
  g_assert_cmpint (standin.destroy_mem (self->context, self->out), ==, 0);
  g_assert_cmpint (standin.destroy (self->context), ==, 0);
}

static gint
bind_input (Fixture * self, rknn_tensor_type type, rknn_tensor_format fmt,
    gboolean pass_through)
{
  rknn_tensor_attr attr;

  standin_query_attr (self->context, RKNN_QUERY_NATIVE_INPUT_ATTR, 0, &attr);
  attr.type = type;
  attr.fmt = fmt;
  attr.pass_through = pass_through;
  return standin.set_io_mem (self->context, self->in, &attr);
}

static gint
bind_output (Fixture * self, guint index, rknn_query_cmd cmd,
    rknn_tensor_type type, rknn_tensor_format fmt)
{
  rknn_tensor_attr attr;

  standin_query_attr (self->context, cmd, index, &attr);
  attr.type = type;
  attr.fmt = fmt;
  /* the name alone says which */
  attr.index = 77;
  return standin.set_io_mem (self->context, self->out, &attr);
}

static guint16
half_of (gdouble value)
{
  gint low = 0, high = 0x7bff;

  /* the nearest among all non-negative halves; ties to the even one */
  while (high - low > 1) {
    gint middle = (low + high) / 2;

    if (standin_half_value (middle) <= value)
      low = middle;
    else
      high = middle;
  }
  if (value - standin_half_value (low) < standin_half_value (high) - value)
    return low;
  if (value - standin_half_value (low) > standin_half_value (high) - value)
    return high;
  return low % 2 == 0 ? low : high;
}

static void
put (rknn_tensor_type type, gpointer to, guint index, gdouble value)
{
  switch (type) {
    case RKNN_TENSOR_FLOAT32:
      ((gfloat *) to)[index] = value;
      break;
    case RKNN_TENSOR_FLOAT16:
      ((guint16 *) to)[index] = half_of (value);
      break;
    default:
      ((guint8 *) to)[index] = (gint) value;
      break;
  }
}

static gdouble
get (rknn_tensor_type type, gconstpointer from, guint index)
{
  switch (type) {
    case RKNN_TENSOR_FLOAT32:
      return ((const gfloat *) from)[index];
    case RKNN_TENSOR_FLOAT16:
      return standin_half_value (((const guint16 *) from)[index]);
    case RKNN_TENSOR_INT8:
      return ((const gint8 *) from)[index];
    default:
      return ((const guint8 *) from)[index];
  }
}

/* The picture in type; its rows are MODEL_STRIDE pixels apart. */
static void
fill_input (Fixture * self, rknn_tensor_type type)
{
  memset (self->in->virt_addr, 0x55, ROOM);
  for (guint y = 0; y < MODEL_H; y++)
    for (guint x = 0; x < MODEL_W; x++)
      for (guint c = 0; c < 3; c++)
        put (type, self->in->virt_addr, (y * MODEL_STRIDE + x) * 3 + c,
            standin_pixel (c, y, x));
}

/* What output 0 holds, as FP32 NCHW. */
static void
expect_values (Fixture * self, gdouble (*value) (guint byte))
{
  const gfloat *out = self->out->virt_addr;

  g_assert_cmpint (standin.run (self->context, NULL), ==, 0);
  for (guint c = 0; c < 3; c++)
    for (guint y = 0; y < MODEL_H; y++)
      for (guint x = 0; x < MODEL_W; x++)
        g_assert_cmpfloat (out[(c * MODEL_H + y) * MODEL_W + x], ==,
            value (standin_pixel (c, y, x)));
}

static gdouble
as_is (guint byte)
{
  return byte;
}

/* zp -128, scale 1 */
static gdouble
as_int8 (guint byte)
{
  return (gint8) byte + 128;
}

static gdouble
as_signed (guint byte)
{
  return (gint8) byte;
}

static void
bind_plain_output (Fixture * self)
{
  g_assert_cmpint (bind_output (self, 0, RKNN_QUERY_OUTPUT_ATTR,
          RKNN_TENSOR_FLOAT32, RKNN_TENSOR_NCHW), ==, 0);
}

static void
test_input_matrix_nhwc (void)
{
  static const rknn_tensor_type types[] = { RKNN_TENSOR_UINT8,
    RKNN_TENSOR_FLOAT16, RKNN_TENSOR_FLOAT32
  };
  Fixture self;

  if (!standin_can_run ())
    return;
  for (guint quantized = 0; quantized < 2; quantized++) {
    for (guint i = 0; i < G_N_ELEMENTS (types); i++) {
      set_up (&self, quantized);
      bind_plain_output (&self);
      g_assert_cmpint (bind_input (&self, types[i], RKNN_TENSOR_NHWC, FALSE),
          ==, 0);
      fill_input (&self, types[i]);
      expect_values (&self, as_is);
      tear_down (&self);
    }
    set_up (&self, quantized);
    bind_plain_output (&self);
    g_assert_cmpint (bind_input (&self, RKNN_TENSOR_INT8, RKNN_TENSOR_NHWC,
            FALSE), ==, 0);
    fill_input (&self, RKNN_TENSOR_INT8);
    expect_values (&self, quantized ? as_int8 : as_signed);
    tear_down (&self);
  }
}

static void
test_input_matrix_pass_through (void)
{
  static const rknn_tensor_format formats[] = { RKNN_TENSOR_NCHW,
    RKNN_TENSOR_NHWC, RKNN_TENSOR_NC1HWC2, RKNN_TENSOR_UNDEFINED
  };
  Fixture self;

  if (!standin_can_run ())
    return;
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++) {
    /* bytes go to the int8 input as they are, whatever they are called */
    for (guint type = 0; type <= RKNN_TENSOR_UINT8; type++) {
      set_up (&self, TRUE);
      bind_plain_output (&self);
      g_assert_cmpint (bind_input (&self, type, formats[i], TRUE), ==, 0);
      fill_input (&self, RKNN_TENSOR_INT8);
      expect_values (&self, as_int8);
      tear_down (&self);
    }
    set_up (&self, FALSE);
    bind_plain_output (&self);
    g_assert_cmpint (bind_input (&self, RKNN_TENSOR_FLOAT16, formats[i],
            TRUE), ==, 0);
    fill_input (&self, RKNN_TENSOR_FLOAT16);
    expect_values (&self, as_is);
    tear_down (&self);
  }
}

static void
test_input_matrix_refused (void)
{
  Fixture self;

  if (!standin_can_run ())
    return;
  for (guint quantized = 0; quantized < 2; quantized++) {
    set_up (&self, quantized);
    for (guint type = 0; type <= RKNN_TENSOR_UINT8; type++) {
      g_assert_cmpint (bind_input (&self, type, RKNN_TENSOR_NC1HWC2, FALSE),
          ==, RKNN_ERR_FAIL);
      g_assert_cmpint (bind_input (&self, type, RKNN_TENSOR_NCHW, FALSE), ==,
          0);
      g_assert_cmpint (standin.run (self.context, NULL), ==, RKNN_ERR_FAIL);
      g_assert_nonnull (strstr (standin.last_error (),
              "Meet unsupported src layout for normalize"));
      g_assert_cmpint (bind_input (&self, type, RKNN_TENSOR_UNDEFINED, FALSE),
          ==, 0);
      g_assert_cmpint (standin.run (self.context, NULL), ==, RKNN_ERR_FAIL);
      g_assert_cmpint (bind_input (&self, type, RKNN_TENSOR_NHWC, FALSE), ==,
          0);
      g_assert_cmpint (standin.run (self.context, NULL), ==, 0);
    }
    tear_down (&self);
  }
}

/* q = round ((x - mean) / std / scale) + zp, as seen of librknnrt with mean 0,
 * std 255, scale 1/255: 255 -> 127, 0 -> -128, 300 -> 127, 127.5 -> 0. */
static void
test_float_input_is_quantized (void)
{
  static const gfloat values[] = { 255, 0, 300, 127.5, 0.4, 0.6, -50, NAN };
  static const gint expected[] = { 127, -128, 127, 0, -128, -127, -128, -128 };
  Fixture self;

  if (!standin_can_run ())
    return;
  set_up (&self, TRUE);
  g_assert_cmpint (bind_output (&self, 0, RKNN_QUERY_OUTPUT_ATTR,
          RKNN_TENSOR_INT8, RKNN_TENSOR_NHWC), ==, 0);
  g_assert_cmpint (bind_input (&self, RKNN_TENSOR_FLOAT32, RKNN_TENSOR_NHWC,
          FALSE), ==, 0);
  memcpy (self.in->virt_addr, values, sizeof values);
  g_assert_cmpint (standin.run (self.context, NULL), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    g_assert_cmpint (((gint8 *) self.out->virt_addr)[i], ==, expected[i]);
  tear_down (&self);
}

/* Where element (c, y, x) of output lies; 1-dimensional ones are flat. */
static guint
place (rknn_tensor_format fmt, const rknn_tensor_attr * native, guint channels,
    guint c, guint y, guint x)
{
  guint c2 = native->dims[4];

  switch (fmt) {
    case RKNN_TENSOR_NHWC:
      return (y * MODEL_W + x) * channels + c;
    case RKNN_TENSOR_NC1HWC2:
      return ((c / c2 * MODEL_H + y) * native->w_stride + x) * c2 + c % c2;
    default:
      return (c * MODEL_H + y) * MODEL_W + x;
  }
}

static gdouble
expected_in (rknn_tensor_type type, gboolean quantized, guint output, guint c,
    guint y, guint x)
{
  gint q = standin_expected_q (output, c, y, x);
  gfloat value = quantized ? (q - standin_zp (output)) * standin_scale (output)
      : standin_expected (output, c, y, x);

  switch (type) {
    case RKNN_TENSOR_INT8:
      return q;
    case RKNN_TENSOR_UINT8:
      return q + 128;
    case RKNN_TENSOR_FLOAT16:
      return standin_half_value (half_of (value));
    default:
      return value;
  }
}

typedef struct
{
  rknn_tensor_type type;
  rknn_tensor_format fmt;
  gint run;
  rknn_tensor_type written;
} OutputCell;

#define INT8 RKNN_TENSOR_INT8
#define UINT8 RKNN_TENSOR_UINT8
#define FP16 RKNN_TENSOR_FLOAT16
#define FP32 RKNN_TENSOR_FLOAT32
#define NCHW RKNN_TENSOR_NCHW
#define NHWC RKNN_TENSOR_NHWC
#define NATIVE RKNN_TENSOR_NC1HWC2
#define UNDEFINED RKNN_TENSOR_UNDEFINED

static const OutputCell int8_cells[] = {
  {INT8, NCHW, 0, INT8}, {INT8, NHWC, 0, INT8}, {INT8, NATIVE, 0, INT8},
  {INT8, UNDEFINED, 0, INT8},
  {UINT8, NCHW, 0, UINT8}, {UINT8, NHWC, 0, UINT8}, {UINT8, NATIVE, -1, 0},
  {UINT8, UNDEFINED, 0, UINT8},
  {FP32, NCHW, 0, FP32}, {FP32, NHWC, 0, FP32}, {FP32, NATIVE, 0, FP32},
  {FP32, UNDEFINED, 0, FP32},
  {FP16, NCHW, 0, FP16}, {FP16, NHWC, 0, FP32}, {FP16, NATIVE, -1, 0},
  {FP16, UNDEFINED, 0, FP16},
};

static const OutputCell fp16_cells[] = {
  {INT8, NCHW, -1, 0}, {UINT8, NHWC, -1, 0}, {INT8, NATIVE, -1, 0},
  {FP32, NCHW, 0, FP32}, {FP32, NHWC, 0, FP32}, {FP32, NATIVE, 0, FP32},
  {FP32, UNDEFINED, 0, FP32},
  {FP16, NCHW, 0, FP16}, {FP16, NHWC, 0, FP32}, {FP16, NATIVE, 0, FP16},
  {FP16, UNDEFINED, 0, FP16},
};

static void
check_cell (const OutputCell * cell, gboolean quantized, guint output,
    rknn_query_cmd cmd)
{
  guint channels = output == 0 ? 3 : MODEL_MANY;
  rknn_tensor_attr native;
  Fixture self;

  set_up (&self, quantized);
  standin_query_attr (self.context, RKNN_QUERY_NATIVE_OUTPUT_ATTR, output,
      &native);
  g_assert_cmpint (bind_input (&self, UINT8, NHWC, FALSE), ==, 0);
  fill_input (&self, UINT8);
  memset (self.out->virt_addr, 0x5a, ROOM);
  g_assert_cmpint (bind_output (&self, output, cmd, cell->type, cell->fmt),
      ==, 0);
  g_assert_cmpint (standin.run (self.context, NULL), ==, cell->run);
  for (guint c = 0; cell->run == 0 && c < channels; c++)
    for (guint y = 0; y < MODEL_H; y++)
      for (guint x = 0; x < MODEL_W; x++)
        g_assert_cmpfloat (get (cell->written, self.out->virt_addr,
                place (cell->fmt, &native, channels, c, y, x)), ==,
            expected_in (cell->written, quantized, output, c, y, x));
  tear_down (&self);
}

static void
test_output_matrix (void)
{
  static const rknn_query_cmd cmds[] = { RKNN_QUERY_OUTPUT_ATTR,
    RKNN_QUERY_NATIVE_OUTPUT_ATTR, RKNN_QUERY_NATIVE_NHWC_OUTPUT_ATTR
  };

  if (!standin_can_run ())
    return;
  for (guint output = 0; output < 2; output++) {
    for (guint k = 0; k < G_N_ELEMENTS (cmds); k++) {
      for (guint i = 0; i < G_N_ELEMENTS (int8_cells); i++)
        check_cell (&int8_cells[i], TRUE, output, cmds[k]);
      for (guint i = 0; i < G_N_ELEMENTS (fp16_cells); i++)
        check_cell (&fp16_cells[i], FALSE, output, cmds[k]);
    }
  }
}

/* The native attributes as they are, and the bytes they promise, suffice. */
static void
test_native_as_queried (void)
{
  rknn_tensor_attr attr;
  Fixture self;
  guint8 *data;

  if (!standin_can_run ())
    return;
  for (guint quantized = 0; quantized < 2; quantized++) {
    for (guint output = 0; output < 3; output++) {
      set_up (&self, quantized);
      standin_query_attr (self.context, RKNN_QUERY_NATIVE_OUTPUT_ATTR, output,
          &attr);
      memset (self.out->virt_addr, 0x5a, ROOM);
      self.out->size = attr.size_with_stride;
      g_assert_cmpint (standin.set_io_mem (self.context, self.out, &attr), ==,
          0);
      g_assert_cmpint (standin.run (self.context, NULL), ==, 0);
      data = self.out->virt_addr;
      for (guint i = attr.size_with_stride; i < ROOM; i++)
        g_assert_cmpint (data[i], ==, 0x5a);
      tear_down (&self);
    }
  }
}

static void
test_memory (void)
{
  rknn_tensor_mem *mem;
  rknn_context context;
  guint8 *map;

  if (!standin_can_run ())
    return;
  context = standin_init_model (FALSE);
  g_assert_null (standin.create_mem (context, 0));
  g_assert_null (standin.create_mem2 (context, G_MAXUINT64, 0));
  mem = standin.create_mem (context, 5000);
  g_assert_nonnull (mem);
  g_assert_cmpuint (mem->size, ==, 5000);
  g_assert_cmpuint (mem->flags, ==, 1);
  g_assert_cmpint (mem->offset, ==, 0);
  g_assert_cmpint (mem->fd, >=, 0);

  /* fd and virt_addr are the same memory */
  memset (mem->virt_addr, 0x42, 5000);
  map = mmap (NULL, 5000, PROT_READ | PROT_WRITE, MAP_SHARED, mem->fd, 0);
  g_assert_true (map != MAP_FAILED);
  g_assert_cmpint (map[4999], ==, 0x42);
  munmap (map, 5000);

  g_assert_cmpint (standin.mem_sync (context, mem,
          RKNN_MEMORY_SYNC_BIDIRECTIONAL), ==, 0);
  g_assert_cmpint (standin.mem_sync (context, mem, 0), ==, 0);
  g_assert_cmpint (standin.mem_sync (context, mem, 9), ==, 0);
  g_assert_cmpint (standin.mem_sync (context, NULL,
          RKNN_MEMORY_SYNC_TO_DEVICE), ==, RKNN_ERR_PARAM_INVALID);
  g_assert_cmpint (standin.set_weight_mem (context, mem), ==, 0);
  g_assert_cmpint (standin.set_internal_mem (context, mem), ==, 0);
  g_assert_cmpint (standin.destroy_mem (context, NULL), ==,
      RKNN_ERR_PARAM_INVALID);
  g_assert_cmpint (standin.destroy_mem (context, mem), ==, 0);

  mem = standin.create_mem2 (0, 100, RKNN_MEM_FLAG_ALLOC_NO_CONTEXT);
  g_assert_nonnull (mem);
  g_assert_cmpint (standin.destroy_mem (0, mem), ==, 0);
  standin.destroy (context);
}

static guint
count_fds (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
test_no_leaked_fds (void)
{
  guint before = 0;

  if (!standin_can_run ())
    return;
  for (guint i = 0; i < 10; i++) {
    Fixture self;

    set_up (&self, FALSE);
    tear_down (&self);
    if (i == 0)
      before = count_fds ();
  }
  g_assert_cmpuint (count_fds (), ==, before);
}

static void
test_import (void)
{
  rknn_tensor_attr attr;
  rknn_tensor_mem *mem;
  Fixture self;
  gint fd;

  if (!standin_can_run ())
    return;
  set_up (&self, FALSE);
  standin_query_attr (self.context, RKNN_QUERY_NATIVE_INPUT_ATTR, 0, &attr);
  attr.type = RKNN_TENSOR_UINT8;

  mem = standin.create_mem_from_fd (self.context, 9999, self.in->virt_addr,
      ROOM, 0);
  g_assert_nonnull (mem);
  g_assert_cmpuint (mem->flags, ==, 1);
  g_assert_cmpint (standin.set_io_mem (self.context, mem, &attr), ==,
      RKNN_ERR_MALLOC_FAIL);
  standin.destroy_mem (self.context, mem);

  for (attr.pass_through = 0; attr.pass_through < 2; attr.pass_through++) {
    mem = standin.create_mem_from_fd (self.context, self.in->fd, NULL, ROOM, 0);
    g_assert_nonnull (mem);
    g_assert_cmpint (standin.set_io_mem (self.context, mem, &attr), ==,
        RKNN_ERR_MALLOC_FAIL);
    standin.destroy_mem (self.context, mem);
  }

  attr.pass_through = 0;
  mem = standin.create_mem_from_fd (self.context, -1, self.in->virt_addr,
      ROOM, 0);
  g_assert_cmpint (standin.set_io_mem (self.context, mem, &attr), ==, 0);
  standin.destroy_mem (self.context, mem);

  /* the fd stays the caller's */
  fd = dup (self.in->fd);
  mem = standin.create_mem_from_fd (self.context, fd, self.in->virt_addr,
      ROOM, 0);
  g_assert_cmpint (standin.set_io_mem (self.context, mem, &attr), ==, 0);
  standin.destroy_mem (self.context, mem);
  g_assert_cmpint (fcntl (fd, F_GETFD), >=, 0);
  close (fd);
  tear_down (&self);
}

/* An odd offset, for bytes in and floats out. */
static void
test_import_offset (void)
{
  rknn_tensor_attr in, out;
  rknn_tensor_mem *from, *to;
  Fixture self;

  if (!standin_can_run ())
    return;
  set_up (&self, FALSE);
  standin_query_attr (self.context, RKNN_QUERY_NATIVE_INPUT_ATTR, 0, &in);
  standin_query_attr (self.context, RKNN_QUERY_OUTPUT_ATTR, 0, &out);
  in.type = RKNN_TENSOR_UINT8;
  out.type = RKNN_TENSOR_FLOAT32;
  from = standin.create_mem_from_fd (self.context, self.in->fd,
      self.in->virt_addr, ROOM - 17, 17);
  to = standin.create_mem_from_fd (self.context, self.out->fd,
      self.out->virt_addr, ROOM - 17, 17);
  g_assert_cmpint (standin.set_io_mem (self.context, from, &in), ==, 0);
  g_assert_cmpint (standin.set_io_mem (self.context, to, &out), ==, 0);
  standin_fill_picture ((guint8 *) self.in->virt_addr + 17, MODEL_STRIDE);
  g_assert_cmpint (standin.run (self.context, NULL), ==, 0);
  memmove (self.out->virt_addr, (guint8 *) self.out->virt_addr + 17, 720);
  for (guint c = 0; c < 3; c++)
    for (guint y = 0; y < MODEL_H; y++)
      for (guint x = 0; x < MODEL_W; x++)
        g_assert_cmpfloat (((gfloat *) self.out->virt_addr)
            [(c * MODEL_H + y) * MODEL_W + x], ==, standin_pixel (c, y, x));
  standin.destroy_mem (self.context, from);
  standin.destroy_mem (self.context, to);
  tear_down (&self);
}

static void
test_bind_errors (void)
{
  rknn_tensor_attr attr;
  Fixture self;

  if (!standin_can_run ())
    return;
  set_up (&self, FALSE);
  standin_query_attr (self.context, RKNN_QUERY_NATIVE_INPUT_ATTR, 0, &attr);
  g_assert_cmpint (standin.set_io_mem (self.context, NULL, &attr), ==,
      RKNN_ERR_PARAM_INVALID);
  attr.type = RKNN_TENSOR_UINT8;
  self.in->size = 150;
  g_assert_cmpint (standin.set_io_mem (self.context, self.in, &attr), ==,
      RKNN_ERR_FAIL);
  self.in->size = attr.size_with_stride / 2;    /* FP16 says twice as many */
  g_assert_cmpint (standin.set_io_mem (self.context, self.in, &attr), ==, 0);
  strcpy (attr.name, "image");
  g_assert_cmpint (standin.set_io_mem (self.context, self.in, &attr), ==,
      RKNN_ERR_FAIL);
  g_assert_nonnull (strstr (standin.last_error (), "\"image\""));
  tear_down (&self);
}

/* Memory of one context bound in another, which outlives the first. */
static void
test_foreign_memory (void)
{
  rknn_tensor_attr attr;
  rknn_context copy;
  Fixture self;

  if (!standin_can_run ())
    return;
  set_up (&self, FALSE);
  g_assert_cmpint (standin.dup_context (&self.context, &copy), ==, 0);
  standin_query_attr (copy, RKNN_QUERY_NATIVE_INPUT_ATTR, 0, &attr);
  attr.type = RKNN_TENSOR_UINT8;
  g_assert_cmpint (standin.set_io_mem (copy, self.in, &attr), ==, 0);
  g_assert_cmpint (standin.destroy (self.context), ==, 0);
  self.context = copy;
  bind_plain_output (&self);
  fill_input (&self, RKNN_TENSOR_UINT8);
  expect_values (&self, as_is);
  tear_down (&self);
}

/* Bindings and core mask are the context's own. */
static void
test_duplicate_is_bare (void)
{
  rknn_context copy;
  Fixture self;

  if (!standin_can_run ())
    return;
  set_up (&self, FALSE);
  bind_plain_output (&self);
  g_assert_cmpint (bind_input (&self, UINT8, NHWC, FALSE), ==, 0);
  fill_input (&self, UINT8);
  g_assert_cmpint (standin.dup_context (&self.context, &copy), ==, 0);
  memset (self.out->virt_addr, 0x5a, ROOM);
  g_assert_cmpint (standin.run (copy, NULL), ==, 0);
  for (guint i = 0; i < ROOM; i++)
    g_assert_cmpint (((guint8 *) self.out->virt_addr)[i], ==, 0x5a);
  expect_values (&self, as_is);
  standin.destroy (copy);
  tear_down (&self);
}

static void
test_failing_memory (void)
{
  rknn_context context;
  guint given = 0;

  if (!standin_can_run ())
    return;
  g_setenv ("RKNN_STANDIN_FAIL", "rknn_create_mem:/3", TRUE);
  context = standin_init_model (FALSE);
  g_unsetenv ("RKNN_STANDIN_FAIL");
  for (guint i = 0; i < 9; i++) {
    rknn_tensor_mem *mem = standin.create_mem (context, 64);

    g_assert_true ((mem == NULL) == (i % 3 == 2));
    if (mem == NULL)
      continue;
    given++;
    standin.destroy_mem (context, mem);
  }
  g_assert_cmpuint (given, ==, 6);
  standin.destroy (context);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  standin_open ();
  g_test_add_func ("/standin/binding/input-nhwc", test_input_matrix_nhwc);
  g_test_add_func ("/standin/binding/input-pass-through",
      test_input_matrix_pass_through);
  g_test_add_func ("/standin/binding/input-refused", test_input_matrix_refused);
  g_test_add_func ("/standin/binding/float-input-is-quantized",
      test_float_input_is_quantized);
  g_test_add_func ("/standin/binding/output-matrix", test_output_matrix);
  g_test_add_func ("/standin/binding/native-as-queried",
      test_native_as_queried);
  g_test_add_func ("/standin/binding/memory", test_memory);
  g_test_add_func ("/standin/binding/no-leaked-fds", test_no_leaked_fds);
  g_test_add_func ("/standin/binding/import", test_import);
  g_test_add_func ("/standin/binding/import-offset", test_import_offset);
  g_test_add_func ("/standin/binding/errors", test_bind_errors);
  g_test_add_func ("/standin/binding/foreign-memory", test_foreign_memory);
  g_test_add_func ("/standin/binding/duplicate-is-bare",
      test_duplicate_is_bare);
  g_test_add_func ("/standin/binding/failing-memory", test_failing_memory);
  result = g_test_run ();
  standin_close ();
  return result;
}
