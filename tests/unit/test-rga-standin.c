/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* librga-standin: the binary interface, librga's results for what it refuses,
 * and pixels against colours computed by hand. */

#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "rga/rgalibrary.h"
#include "rga_api.h"
#include "rgaframe.h"

/* From the headers of librga 1.9 to 1.10.3, by a compiler. */
G_STATIC_ASSERT (sizeof (rga_buffer_t) == 96);
G_STATIC_ASSERT (offsetof (rga_buffer_t, fd) == 16);
G_STATIC_ASSERT (offsetof (rga_buffer_t, wstride) == 28);
G_STATIC_ASSERT (offsetof (rga_buffer_t, format) == 36);
G_STATIC_ASSERT (offsetof (rga_buffer_t, color_space_mode) == 40);
G_STATIC_ASSERT (offsetof (rga_buffer_t, rd_mode) == 48);
G_STATIC_ASSERT (offsetof (rga_buffer_t, colorkey_range) == 56);
G_STATIC_ASSERT (offsetof (rga_buffer_t, nn) == 64);
G_STATIC_ASSERT (offsetof (rga_buffer_t, rop_code) == 88);
G_STATIC_ASSERT (offsetof (rga_buffer_t, handle) == 92);
G_STATIC_ASSERT (sizeof (im_rect) == 16);
G_STATIC_ASSERT (sizeof (im_handle_param_t) == 12);

static RgaStandin standin;
static RyRgaLibrary rga;

/* ---- Blits --------------------------------------------------------------- */

#define MEMORY (8 * 1024 * 1024)

typedef struct
{
  gint fd[2];
  guint8 *data[2];
  rga_buffer_handle_t handle[2];
} Memories;

static void
memories_init (Memories * self)
{
  im_handle_param_t param = { 1024, MEMORY / 4096, RK_FORMAT_RGBA_8888 };

  for (guint i = 0; i < 2; i++) {
    self->fd[i] = rga.standin_memory (MEMORY);
    g_assert_cmpint (self->fd[i], >=, 0);
    self->data[i] = mmap (NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_SHARED,
        self->fd[i], 0);
    g_assert_true (self->data[i] != MAP_FAILED);
    self->handle[i] = rga.importbuffer_fd (self->fd[i], &param);
    g_assert_cmpuint (self->handle[i], !=, 0);
  }
}

static void
memories_clear (Memories * self)
{
  for (guint i = 0; i < 2; i++) {
    g_assert_cmpint (rga.releasebuffer_handle (self->handle[i]), ==,
        IM_STATUS_SUCCESS);
    munmap (self->data[i], MEMORY);
    close (self->fd[i]);
  }
}

typedef struct
{
  gint format;
  gint wstride, hstride, x, y, width, height;
} Area;

static IM_STATUS
blit (const Memories * memories, const Area * from, const Area * to,
    gint colour)
{
  rga_buffer_t pattern = { NULL, };
  im_rect none = { 0, }, from_rect, to_rect;
  rga_buffer_t src = rga.wrapbuffer_handle_t (memories->handle[0],
      from->width, from->height, from->wstride, from->hstride, from->format);
  rga_buffer_t dst = rga.wrapbuffer_handle_t (memories->handle[1], to->width,
      to->height, to->wstride, to->hstride, to->format);

  from_rect.x = from->x;
  from_rect.y = from->y;
  from_rect.width = from->width;
  from_rect.height = from->height;
  to_rect.x = to->x;
  to_rect.y = to->y;
  to_rect.width = to->width;
  to_rect.height = to->height;
  dst.color_space_mode = colour;
  return rga.improcess (src, dst, pattern, from_rect, to_rect, none, IM_SYNC);
}

/* ---- Results ------------------------------------------------------------- */

typedef struct
{
  const gchar *soc;
  IM_STATUS status;
  Area from, to;
  const gchar *fail;
} Case;

#define NV12 RK_FORMAT_YCbCr_420_SP
#define RGB RK_FORMAT_RGB_888

/* The codes are those that librga 1.10.3 gave on an RK3588's description, and
 * those of its public checks; 0 is what the driver refuses. */
static const Case cases[] = {
  {"rk3588", IM_STATUS_SUCCESS, {NV12, 1920, 1080, 0, 0, 1920, 1080},
      {RGB, 640, 640, 0, 140, 640, 360}},
  /* a destination 300 pixels wide, and more than 1/16 */
  {"rk3588", IM_STATUS_NOT_SUPPORTED, {NV12, 640, 480, 0, 0, 640, 480},
      {RGB, 300, 300, 0, 0, 300, 300}},
  {"rk3588", IM_STATUS_NOT_SUPPORTED, {NV12, 1920, 1080, 0, 0, 1920, 1080},
      {RGB, 112, 100, 0, 0, 100, 100}},
  /* odd sizes of YUV */
  {"rk3588", IM_STATUS_INVALID_PARAM, {NV12, 1936, 1082, 0, 0, 1921, 1081},
      {RGB, 640, 640, 0, 0, 640, 640}},
  {"rk3588", IM_STATUS_INVALID_PARAM, {NV12, 1920, 1080, 3, 0, 1280, 720},
      {RGB, 640, 640, 0, 0, 640, 640}},
  /* RGB at 1, and beyond the strides */
  {"rk3588", IM_STATUS_INVALID_PARAM, {RGB, 640, 480, 0, 1, 640, 320},
      {RGB, 640, 640, 0, 0, 640, 640}},
  {"rk3588", IM_STATUS_INVALID_PARAM, {RGB, 640, 480, 16, 0, 640, 480},
      {RGB, 640, 640, 0, 0, 640, 640}},
  {"rk3588", IM_STATUS_ILLEGAL_PARAM, {RGB, 640, 480, 0, 0, 1, 480},
      {RGB, 640, 640, 0, 0, 640, 640}},
  {"rk3588", IM_STATUS_NOT_SUPPORTED, {0x2000, 640, 480, 0, 0, 640, 480},
      {RGB, 640, 640, 0, 0, 640, 640}},
  /* an RGA3 is not to make it smaller than 1/8, the RGA2 is */
  {"rk3588", IM_STATUS_SUCCESS, {NV12, 1920, 1080, 0, 0, 1920, 1080},
      {RGB, 208, 208, 0, 0, 200, 112}},
  /* more than the memory has */
  {"rk3588", IM_STATUS_FAILED, {RGB, 2048, 2048, 0, 0, 640, 480},
      {RGB, 640, 640, 0, 0, 640, 640}},
  {"rk3588", IM_STATUS_FAILED, {NV12, 640, 480, 0, 0, 640, 480},
      {RGB, 640, 640, 0, 0, 640, 640}, "improcess:1"},
  /* four bytes are enough where there is no RGA3 */
  {"rk3568", IM_STATUS_SUCCESS, {NV12, 652, 480, 0, 0, 650, 480},
      {RGB, 300, 300, 0, 0, 300, 300}},
  {"rk3568", IM_STATUS_NOT_SUPPORTED, {NV12, 650, 480, 0, 0, 650, 480},
      {RGB, 300, 300, 0, 0, 300, 300}},
};

static const Case *current;

static void
check_case (void)
{
  Memories memories;

  memories_init (&memories);
  g_assert_cmpint (blit (&memories, &current->from, &current->to,
          IM_YUV_TO_RGB_BT601_LIMIT), ==, current->status);
  g_assert_nonnull (rga.imStrError_t (current->status));
  memories_clear (&memories);
}

static void
test_results (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    current = &cases[i];
    g_test_message ("case %u", i);
    rga_standin_run_as (current->soc, current->fail, check_case);
  }
}

/* A job that is pinned to RGA3 cores has their limits. */
static void
check_pinned (void)
{
  Area from = { NV12, 1920, 1080, 0, 0, 1920, 1080 };
  Area to = { RGB, 208, 208, 0, 0, 200, 112 };
  Memories memories;

  memories_init (&memories);
  g_assert_cmpint (rga.imconfig (IM_CONFIG_SCHEDULER_CORE, 3), >, 0);
  g_assert_cmpint (blit (&memories, &from, &to, 1), ==, IM_STATUS_FAILED);
  to.width = 240;
  to.wstride = 240;
  to.height = 136;
  g_assert_cmpint (blit (&memories, &from, &to, 1), ==, IM_STATUS_SUCCESS);
  from.format = RK_FORMAT_YCbCr_420_P;
  g_assert_cmpint (blit (&memories, &from, &to, 1), ==, IM_STATUS_FAILED);
  g_assert_cmpint (rga.imconfig (IM_CONFIG_SCHEDULER_CORE, 4), >, 0);
  g_assert_cmpint (blit (&memories, &from, &to, 1), ==, IM_STATUS_SUCCESS);
  g_assert_cmpint (rga.imconfig (IM_CONFIG_SCHEDULER_CORE, 16), <, 0);
  memories_clear (&memories);
}

static void
test_pinned (void)
{
  rga_standin_run_as ("rk3588", NULL, check_pinned);
}

static void
check_above_4g (void)
{
  static const Area from = { NV12, 640, 480, 0, 0, 640, 480 };
  static const Area to = { RGB, 640, 640, 0, 0, 640, 480 };
  Memories memories;

  memories_init (&memories);
  g_assert_cmpint (rga.imconfig (IM_CONFIG_SCHEDULER_CORE, 4), >, 0);
  g_assert_cmpint (blit (&memories, &from, &to, 1), ==, IM_STATUS_FAILED);
  g_assert_cmpint (rga.imconfig (IM_CONFIG_SCHEDULER_CORE, 3), >, 0);
  g_assert_cmpint (blit (&memories, &from, &to, 1), ==, IM_STATUS_SUCCESS);
  memories_clear (&memories);
}

static void
test_above_4g (void)
{
  rga_standin_run_as ("rk3588", "above_4g:1", check_above_4g);
}

/* ---- Handles ------------------------------------------------------------- */

static void
test_handles (void)
{
  static const Area from = { RGB, 640, 480, 0, 0, 640, 480 };
  im_handle_param_t too_large = { 1024, MEMORY / 4096 + 1,
    RK_FORMAT_RGBA_8888
  };
  rga_standin_counters counters;
  Memories memories, stale;

  memories_init (&memories);
  standin.get_counters (&counters);
  g_assert_cmpuint (counters.live, ==, 2);
  g_assert_cmpuint (rga.importbuffer_fd (memories.fd[0], &too_large), ==, 0);
  g_assert_cmpuint (rga.importbuffer_fd (memories.fd[0], NULL), ==, 0);
  g_assert_cmpuint (rga.importbuffer_fd (-1, &too_large), ==, 0);
  stale = memories;
  memories_clear (&memories);
  g_assert_cmpint (blit (&stale, &from, &from, 0), ==, IM_STATUS_FAILED);
  stale.handle[0] = 0;
  g_assert_cmpint (blit (&stale, &from, &from, 0), ==, IM_STATUS_INVALID_PARAM);
  g_assert_cmpint (rga.releasebuffer_handle (stale.handle[1]), ==,
      IM_STATUS_FAILED);
  standin.get_counters (&counters);
  g_assert_cmpuint (counters.live, ==, 0);
}

/* The memory lives on when its fd is closed, as the driver keeps a dma-buf. */
static void
test_closed_fd (void)
{
  static const Area area = { RGB, 640, 480, 0, 0, 640, 480 };
  Memories memories;

  memories_init (&memories);
  memset (memories.data[0], 99, MEMORY);
  close (memories.fd[0]);
  g_assert_cmpint (blit (&memories, &area, &area, 0), ==, IM_STATUS_SUCCESS);
  g_assert_cmpuint (memories.data[1][640 * 480 * 3 - 1], ==, 99);
  g_assert_cmpuint (memories.data[1][640 * 480 * 3], ==, 0);
  memories.fd[0] = dup (memories.fd[1]);
  memories_clear (&memories);
}

/* ---- Pixels -------------------------------------------------------------- */

/* Colours of BT.601 and BT.709 as their equations give them, rounded. */
static void
test_colours (void)
{
  static const struct
  {
    guint8 y, u, v;
    gint mode;
    guint8 rgb[3];
  } colours[] = {
    {16, 128, 128, IM_YUV_TO_RGB_BT601_LIMIT, {0, 0, 0}},
    {235, 128, 128, IM_YUV_TO_RGB_BT601_LIMIT, {255, 255, 255}},
    {81, 90, 240, IM_YUV_TO_RGB_BT601_LIMIT, {254, 0, 0}},
    {63, 102, 240, IM_YUV_TO_RGB_BT709_LIMIT, {255, 1, 0}},
    {76, 85, 255, IM_YUV_TO_RGB_BT601_FULL, {254, 0, 0}},
    {200, 128, 128, IM_YUV_TO_RGB_BT601_FULL, {200, 200, 200}},
  };
  static const Area from = { NV12, 128, 128, 0, 0, 128, 128 };
  static const Area to = { RGB, 640, 640, 160, 32, 320, 320 };
  Memories memories;

  memories_init (&memories);
  for (guint i = 0; i < G_N_ELEMENTS (colours); i++) {
    const guint8 *pixel = memories.data[1] + (32 * 640 + 160) * 3;

    memset (memories.data[1], 1, MEMORY);
    memset (memories.data[0], colours[i].y, 128 * 128);
    for (guint k = 0; k < 64 * 64; k++) {
      memories.data[0][128 * 128 + 2 * k] = colours[i].u;
      memories.data[0][128 * 128 + 2 * k + 1] = colours[i].v;
    }
    g_assert_cmpint (blit (&memories, &from, &to, colours[i].mode), ==,
        IM_STATUS_SUCCESS);
    for (guint c = 0; c < 3; c++)
      g_assert_cmpint (ABS (pixel[c] - colours[i].rgb[c]), <=, 1);
    g_assert_cmpuint (pixel[-1], ==, 1);
    g_assert_cmpuint (pixel[3 * 320], ==, 1);
    g_assert_cmpuint (pixel[-3 * 640], ==, 1);
  }
  memories_clear (&memories);
}

static void
test_versions (void)
{
  g_assert_nonnull (strstr (rga.querystring (RGA_VERSION), "v1.10.3_"));
  g_assert_cmpstr (rga.version, ==, "1.10.3");
  g_assert_cmpstr (rga.cores, ==, "RGA_2_Enhance RGA_3");
}

int
main (int argc, char **argv)
{
  GError *error = NULL;

  g_test_init (&argc, &argv, NULL);
  rga_standin_load (&standin);
  ry_rga_library_open (&rga, rga_standin_path (), &error);
  g_assert_no_error (error);
  g_test_add_func ("/rga-standin/results", test_results);
  g_test_add_func ("/rga-standin/pinned", test_pinned);
  g_test_add_func ("/rga-standin/above-4g", test_above_4g);
  g_test_add_func ("/rga-standin/handles", test_handles);
  g_test_add_func ("/rga-standin/closed-fd", test_closed_fd);
  g_test_add_func ("/rga-standin/colours", test_colours);
  g_test_add_func ("/rga-standin/versions", test_versions);
  return g_test_run ();
}
