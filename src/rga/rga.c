/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "rga/rga.h"

#include <string.h>

#include "rga/dmaheap.h"
#include "rga/rgalibrary.h"
#include "ryerror.h"

/* Blits that fail with a memory, before any worked, until it counts as out of
 * reach. */
#define MAX_IMPORT_FAILURES 2

struct _RyRga
{
  gatomicrefcount ref_count;
  RyRgaLibrary library;
  RyRgaLimits limits;
  gchar *description;
  gint failures;                /* in a row, atomic */

  /* The gate.  Nothing else is locked while it is held. */
  GMutex lock;
  GCond room;
  guint jobs;
};

struct _RyRgaImport
{
  gatomicrefcount ref_count;
  RyRga *rga;
  rga_buffer_handle_t handle;   /* 0: refused */
  gint failures;                /* before the first blit that worked, atomic */
  gint worked;                  /* atomic */
};

/* ---- The library --------------------------------------------------------- */

RyRga *
ry_rga_new (const gchar * library, GError ** error)
{
  RyRga *self = g_new0 (RyRga, 1);

  if (!ry_rga_library_open (&self->library, library, error)) {
    g_free (self);
    return NULL;
  }
  g_atomic_ref_count_init (&self->ref_count);
  g_mutex_init (&self->lock);
  g_cond_init (&self->room);
  ry_rga_limits_init (&self->limits, self->library.cores);
  self->description = g_strdup_printf ("%s %s, %s",
      self->library.is_standin ? "librga-standin" : "librga",
      self->library.version, self->library.cores);
  return self;
}

RyRga *
ry_rga_ref (RyRga * self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
ry_rga_unref (RyRga * self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  ry_rga_library_close (&self->library);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->room);
  g_free (self->description);
  g_free (self);
}

const gchar *
ry_rga_get_description (RyRga * self)
{
  return self->description;
}

const RyRgaLimits *
ry_rga_get_limits (RyRga * self)
{
  return &self->limits;
}

gboolean
ry_rga_is_off (RyRga * self)
{
  return g_atomic_int_get (&self->failures) >= RY_RGA_MAX_FAILURES;
}

void
ry_rga_retry (RyRga * self)
{
  g_atomic_int_set (&self->failures, 0);
}

/* ---- Memory -------------------------------------------------------------- */

gint
ry_rga_alloc (RyRga * self, gsize size, GError ** error)
{
  gint fd;

  if (self->library.standin_memory == NULL)
    return ry_dma_heap_alloc (NULL, size, error);
  fd = self->library.standin_memory (size);
  if (fd < 0)
    g_set_error (error, RY_ERROR, RY_ERROR_MEMORY,
        "the stand-in has no memory");
  return fd;
}

RyRgaImport *
ry_rga_import_new (RyRga * rga, gint fd, gsize size)
{
  RyRgaImport *self = g_new0 (RyRgaImport, 1);
  im_handle_param_t param;

  g_atomic_ref_count_init (&self->ref_count);
  self->rga = ry_rga_ref (rga);
  /* Frames of any format may come in the same memory, so it is imported as
   * pages of 4096 bytes and not as a picture. */
  param.width = 1024;
  param.height = MAX (size / 4096, 1);
  param.format = RK_FORMAT_RGBA_8888;
  self->handle = rga->library.importbuffer_fd (fd, &param);
  return self;
}

RyRgaImport *
ry_rga_import_ref (RyRgaImport * self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
ry_rga_import_unref (RyRgaImport * self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  if (self->handle != 0)
    self->rga->library.releasebuffer_handle (self->handle);
  ry_rga_unref (self->rga);
  g_free (self);
}

RyRga *
ry_rga_import_get_rga (RyRgaImport * self)
{
  return self->rga;
}

gboolean
ry_rga_import_is_usable (RyRgaImport * self)
{
  return self->handle != 0 && (g_atomic_int_get (&self->worked)
      || g_atomic_int_get (&self->failures) < MAX_IMPORT_FAILURES);
}

/* ---- Work ---------------------------------------------------------------- */

static gboolean
enter_gate (RyRga * self)
{
  gint64 until = g_get_monotonic_time () + RY_RGA_MAX_WAIT;
  gboolean in_time = TRUE;

  g_mutex_lock (&self->lock);
  while (self->jobs >= RY_RGA_MAX_JOBS && in_time)
    in_time = g_cond_wait_until (&self->room, &self->lock, until);
  if (self->jobs < RY_RGA_MAX_JOBS) {
    self->jobs++;
    in_time = TRUE;
  }
  g_mutex_unlock (&self->lock);
  return in_time;
}

static void
leave_gate (RyRga * self)
{
  g_mutex_lock (&self->lock);
  self->jobs--;
  g_cond_signal (&self->room);
  g_mutex_unlock (&self->lock);
}

static rga_buffer_t
wrap (RyRga * self, RyRgaImport * memory, const RyRgaArea * area)
{
  return self->library.wrapbuffer_handle_t (memory->handle, area->width,
      area->height, area->wstride, area->hstride, area->format);
}

static im_rect
rectangle (const RyRgaArea * area)
{
  im_rect rect;

  rect.x = area->x;
  rect.y = area->y;
  rect.width = area->width;
  rect.height = area->height;
  return rect;
}

/* A memory that never worked is its own fault; one that did shows that RGA is
 * what fails. */
static void
count_result (RyRga * self, RyRgaImport * from, gboolean ok)
{
  if (ok) {
    g_atomic_int_set (&self->failures, 0);
    g_atomic_int_set (&from->worked, TRUE);
  } else {
    g_atomic_int_inc (&self->failures);
    g_atomic_int_inc (&from->failures);
  }
}

static IM_STATUS
process (RyRga * self, RyRgaImport * from, const RyRgaArea * from_area,
    RyRgaImport * to, const RyRgaArea * to_area, gint colour)
{
  rga_buffer_t source = wrap (self, from, from_area);
  rga_buffer_t result = wrap (self, to, to_area);
  rga_buffer_t no_pattern;
  im_rect no_rect;

  memset (&no_pattern, 0, sizeof no_pattern);
  memset (&no_rect, 0, sizeof no_rect);
  result.color_space_mode = colour;
  /* It holds for the thread, which others may have set otherwise. */
  if (self->limits.scheduler != 0)
    self->library.imconfig (IM_CONFIG_SCHEDULER_CORE, self->limits.scheduler);
  return self->library.improcess (source, result, no_pattern,
      rectangle (from_area), rectangle (to_area), no_rect, IM_SYNC);
}

gboolean
ry_rga_blit (RyRga * self, RyRgaImport * from, const RyRgaArea * from_area,
    RyRgaImport * to, const RyRgaArea * to_area, gint colour,
    RyRgaReason * reason, GError ** error)
{
  IM_STATUS status;

  if (!enter_gate (self)) {
    g_set_error (error, RY_ERROR, RY_ERROR_RGA,
        "its %u jobs in progress did not end within a second", RY_RGA_MAX_JOBS);
    *reason = RY_RGA_REASON_BUSY;
    return FALSE;
  }
  status = process (self, from, from_area, to, to_area, colour);
  leave_gate (self);

  count_result (self, from, status > 0);
  if (status > 0)
    return TRUE;
  g_set_error (error, RY_ERROR, RY_ERROR_RGA,
      "librga returned %d (%s); the kernel's log (dmesg) may tell more", status,
      self->library.imStrError_t (status));
  *reason = RY_RGA_REASON_FAILED;
  return FALSE;
}
