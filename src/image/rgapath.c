/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "image/rgapath.h"

#include <unistd.h>

#include "image/rgaview.h"
#include "rga_api.h"
#include "ryerror.h"

/* ---- The first blit ------------------------------------------------------ */

typedef struct
{
  RyRgaPath *path;
  const RyTarget *target;
  gboolean ok;
  GError *error;
} Trial;

/* The upper half of the input goes into the lower one. */
static gboolean
try_target (RyRgaPath * self, const RyTarget * target, GError ** error)
{
  RyLetterbox half = { 0, };
  RyRgaReason reason;
  RyRgaArea from, to;

  half.width = target->width & ~1u;
  half.height = target->height / 2 & ~1u;
  if (!ry_rga_view_target (target, &half, &from, &reason, error))
    return FALSE;
  half.y = half.height;
  if (!ry_rga_view_target (target, &half, &to, &reason, error))
    return FALSE;
  return ry_rga_limits_check (ry_rga_get_limits (self->rga), &from, FALSE,
      &reason, error)
      && ry_rga_limits_check (ry_rga_get_limits (self->rga), &to, TRUE,
      &reason, error)
      && ry_rga_blit (self->rga, self->target, &from, self->target, &to, 0,
      &reason, error);
}

static gpointer
trial_main (gpointer data)
{
  Trial *trial = data;

  trial->ok = try_target (trial->path, trial->target, &trial->error);
  return NULL;
}

/* In a thread of its own, because librga remembers for each thread on which
 * cores its jobs are to run, and this thread is not ours. */
static gboolean
run_trial (RyRgaPath * self, const RyTarget * target, GError ** error)
{
  Trial trial = { self, target, FALSE, NULL };
  GThread *thread = g_thread_try_new ("rknnyolo-rga", trial_main, &trial,
      error);

  if (thread == NULL)
    return FALSE;
  g_thread_join (thread);
  if (!trial.ok)
    g_propagate_error (error, trial.error);
  return trial.ok;
}

gboolean
ry_rga_path_open (RyRgaPath * self, RyRga * rga, const RyTarget * target,
    GError ** error)
{
  RyTarget full = *target;

  if (full.channels == 0)
    full.channels = 3;
  self->rga = ry_rga_ref (rga);
  if (full.fd >= 0)
    self->target = ry_rga_import_new (rga, full.fd, full.fd_size);
  if (self->target == NULL || !ry_rga_import_is_usable (self->target))
    g_set_error (error, RY_ERROR, RY_ERROR_RGA,
        "the input of the model is in no memory that the driver of RGA takes");
  else if (run_trial (self, &full, error))
    return TRUE;
  ry_rga_path_clear (self);
  return FALSE;
}

void
ry_rga_path_clear (RyRgaPath * self)
{
  g_clear_pointer (&self->scratch, ry_rga_import_unref);
  self->scratch_size = 0;
  g_clear_pointer (&self->target, ry_rga_import_unref);
  g_clear_pointer (&self->rga, ry_rga_unref);
}

/* ---- Frames -------------------------------------------------------------- */

gboolean
ry_rga_path_plan (RyRgaPath * self, const RyImage * image,
    const RyLetterbox * box, const RyTarget * target, RyRgaPlan * plan,
    RyRgaReason * reason, GError ** error)
{
  const RyRgaLimits *limits = ry_rga_get_limits (self->rga);

  if (!ry_rga_view_image (image, &plan->from, &plan->colour, reason, error)
      || !ry_rga_limits_check (limits, &plan->from, FALSE, reason, error)
      || !ry_rga_view_target (target, box, &plan->to, reason, error)
      || !ry_rga_limits_check (limits, &plan->to, TRUE, reason, error))
    return FALSE;
  if (ry_rga_is_off (self->rga)) {
    g_set_error (error, RY_ERROR, RY_ERROR_RGA,
        "%u blits in a row have failed, so RGA is left alone until the element "
        "starts again", RY_RGA_MAX_FAILURES);
    *reason = RY_RGA_REASON_OFF;
    return FALSE;
  }
  if (ry_rga_limits_plan (limits, plan->from.width, plan->from.height,
          plan->to.width, plan->to.height, &plan->passes))
    return TRUE;
  g_set_error (error, RY_ERROR, RY_ERROR_RGA,
      "from %ux%u to %ux%u takes more than two passes of at most 1:%u",
      plan->from.width, plan->from.height, plan->to.width, plan->to.height,
      limits->max_scale);
  *reason = RY_RGA_REASON_SCALE;
  return FALSE;
}

static RyRgaArea
scratch_area (RyRgaPath * self, const RyRgaPlan * plan)
{
  RyRgaArea area;

  area.format = RK_FORMAT_RGB_888;
  area.wstride = ry_rga_limits_align_rgb (ry_rga_get_limits (self->rga),
      plan->passes.width);
  area.hstride = plan->passes.height;
  area.x = area.y = 0;
  area.width = plan->passes.width;
  area.height = plan->passes.height;
  return area;
}

static gboolean
grow_scratch (RyRgaPath * self, const RyRgaArea * area, RyRgaReason * reason,
    GError ** error)
{
  gsize size = 3 * (gsize) area->wstride * area->hstride;
  gint fd;

  if (self->scratch_size >= size)
    return TRUE;
  *reason = RY_RGA_REASON_SCALE;
  g_clear_pointer (&self->scratch, ry_rga_import_unref);
  self->scratch_size = 0;
  /* Whole pages, as dma-bufs have them. */
  size = (size + 4095) / 4096 * 4096;
  fd = ry_rga_alloc (self->rga, size, error);
  if (fd < 0)
    return FALSE;
  self->scratch = ry_rga_import_new (self->rga, fd, size);
  close (fd);
  if (ry_rga_import_is_usable (self->scratch)) {
    self->scratch_size = size;
    return TRUE;
  }
  g_clear_pointer (&self->scratch, ry_rga_import_unref);
  g_set_error (error, RY_ERROR, RY_ERROR_RGA,
      "the driver does not take the memory that two passes need");
  return FALSE;
}

static gboolean
run_passes (RyRgaPath * self, RyRgaImport * from, const RyRgaPlan * plan,
    RyRgaReason * reason, GError ** error)
{
  RyRgaArea between;

  if (plan->passes.n_passes == 1)
    return ry_rga_blit (self->rga, from, &plan->from, self->target, &plan->to,
        plan->colour, reason, error);
  between = scratch_area (self, plan);
  return grow_scratch (self, &between, reason, error)
      && ry_rga_blit (self->rga, from, &plan->from, self->scratch, &between,
      plan->colour, reason, error)
      && ry_rga_blit (self->rga, self->scratch, &between, self->target,
      &plan->to, 0, reason, error);
}

static RyRgaImport *
import_image (RyRgaPath * self, RyImage * image)
{
  if (image->access != NULL && image->access->import != NULL)
    return image->access->import (image, self->rga);
  return ry_rga_import_new (self->rga, image->fd[0], image->fd_size[0]);
}

gboolean
ry_rga_path_run (RyRgaPath * self, RyImage * image, const RyRgaPlan * plan,
    RyRgaReason * reason, GError ** error)
{
  g_autoptr (RyRgaImport) from = import_image (self, image);

  if (ry_rga_import_is_usable (from))
    return run_passes (self, from, plan, reason, error);
  g_set_error (error, RY_ERROR, RY_ERROR_RGA,
      "the driver of RGA does not take the memory of the frames, as it happens "
      "above 4 GB");
  *reason = RY_RGA_REASON_IMPORT;
  return FALSE;
}
