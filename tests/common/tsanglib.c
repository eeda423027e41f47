/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* ThreadSanitizer sees no order in GLib's futex-based locks, nor in the atomic
 * reference counts of a GStreamer that it did not compile, and reports races
 * wherever they are what forbids them.  Preloaded, this tells it of them. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <gst/gst.h>
#include <sanitizer/tsan_interface.h>

#define REAL(function) \
  __typeof__ (&function) real = \
      (__typeof__ (&function)) dlsym (RTLD_NEXT, #function)

static gboolean ready;          /* libraries lock before the sanitizer is up */

static void __attribute__((constructor))
    start (void)
{
  ready = TRUE;
}

static void
acquire (gpointer address)
{
  if (ready)
    __tsan_acquire (address);
}

static void
release (gpointer address)
{
  if (ready)
    __tsan_release (address);
}

void (g_mutex_lock) (GMutex * mutex)
{
  REAL (g_mutex_lock);
  real (mutex);
  acquire (mutex);
}

void (g_mutex_unlock) (GMutex * mutex)
{
  REAL (g_mutex_unlock);
  release (mutex);
  real (mutex);
}

gboolean (g_mutex_trylock) (GMutex * mutex) {
  REAL (g_mutex_trylock);
  gboolean locked;

  locked = real (mutex);
  if (locked)
    acquire (mutex);
  return locked;
}

void (g_cond_wait) (GCond * cond, GMutex * mutex)
{
  REAL (g_cond_wait);
  release (mutex);
  real (cond, mutex);
  acquire (mutex);
}

gboolean (g_cond_wait_until) (GCond * cond, GMutex * mutex, gint64 end) {
  REAL (g_cond_wait_until);
  gboolean signalled;

  release (mutex);
  signalled = real (cond, mutex, end);
  acquire (mutex);
  return signalled;
}

void (gst_mini_object_unref) (GstMiniObject * object)
{
  REAL (gst_mini_object_unref);
  release (object);
  /* Only the last holder may look at what the others wrote, but it cannot be
   * told who that will be. */
  acquire (object);
  real (object);
}

void (g_object_unref) (gpointer object)
{
  REAL (g_object_unref);
  release (object);
  acquire (object);
  real (object);
}

void (g_async_queue_push) (GAsyncQueue * queue, gpointer data)
{
  REAL (g_async_queue_push);
  release (queue);
  real (queue, data);
}

gpointer (g_async_queue_timeout_pop) (GAsyncQueue * queue, guint64 timeout) {
  REAL (g_async_queue_timeout_pop);
  gpointer data = real (queue, timeout);

  acquire (queue);
  return data;
}

gpointer (g_async_queue_try_pop) (GAsyncQueue * queue) {
  REAL (g_async_queue_try_pop);
  gpointer data = real (queue);

  acquire (queue);
  return data;
}
