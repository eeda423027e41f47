/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Once a format and size have been seen, a frame costs no allocation.  This
 * program's malloc stands before the C library's for GLib and libyuv too. */

#include <stdlib.h>
#include <glib.h>

#include "testframe.h"

#if defined (__GLIBC__) && !defined (__SANITIZE_ADDRESS__) \
  && !defined (RY_SANITIZED)
#define CAN_COUNT 1

extern void *__libc_malloc (size_t);
extern void *__libc_calloc (size_t, size_t);
extern void *__libc_realloc (void *, size_t);
extern void *__libc_memalign (size_t, size_t);

static gint n_allocations;

__attribute__((visibility ("default")))
     void *
     malloc (size_t size)
{
  n_allocations++;
  return __libc_malloc (size);
}

__attribute__((visibility ("default")))
     void *
     calloc (size_t n, size_t size)
{
  n_allocations++;
  return __libc_calloc (n, size);
}

__attribute__((visibility ("default")))
     void *
     realloc (void *memory, size_t size)
{
  n_allocations++;
  return __libc_realloc (memory, size);
}

__attribute__((visibility ("default")))
     void *
     aligned_alloc (size_t alignment, size_t size)
{
  n_allocations++;
  return __libc_memalign (alignment, size);
}
#else
#define CAN_COUNT 0
static gint n_allocations;
#endif

static void
check_frame (RyPixelFormat format, guint width, guint height, guint channels)
{
  RyPreprocessor *preprocessor = ry_preprocessor_new ();
  RyTarget target = {.width = 160,.height = 160,.stride = 480,
    .channels = channels
  };
  RyLetterbox box;
  TestFrame frame;
  gint before, i;

  test_frame_init (&frame, format, width, height, 0);
  target.data = g_malloc (160 * 480);
  ry_letterbox_init (&box, RY_LETTERBOX_CENTER, width, height, 160, 160);
  g_assert_true (ry_preprocessor_run (preprocessor, &frame.image, &box,
          &target, NULL));
  before = n_allocations;
  for (i = 0; i < 3; i++)
    ry_preprocessor_run (preprocessor, &frame.image, &box, &target, NULL);
  if (n_allocations != before)
    g_test_message ("%s %ux%u: %d allocations in 3 frames",
        test_format_name (format), width, height, n_allocations - before);
  g_assert_cmpint (n_allocations, ==, before);

  g_free (target.data);
  test_frame_clear (&frame);
  ry_preprocessor_free (preprocessor);
}

static void
test_steady_state (void)
{
  static const guint sizes[][2] = { {160, 120}, {320, 240}, {480, 270},
  {400, 301}, {100, 100}, {159, 160}
  };
  void *volatile probe;
  RyPixelFormat format;
  gint before = n_allocations;
  guint i;

  probe = g_malloc (1);
  g_free (probe);
  if (!CAN_COUNT || n_allocations == before) {
    g_test_skip ("allocations cannot be counted with this C library or "
        "sanitizer");
    return;
  }
  for (format = 0; format < RY_N_FORMATS; format++) {
    for (i = 0; i < G_N_ELEMENTS (sizes); i++) {
      check_frame (format, sizes[i][0], sizes[i][1], 3);
      check_frame (format, sizes[i][0], sizes[i][1], 1);
    }
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/allocations/steady-state", test_steady_state);
  return g_test_run ();
}
