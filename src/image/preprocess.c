/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "image/image.h"

#include <string.h>

#include "image/border.h"
#include "image/cpupath.h"
#include "image/imagecheck.h"
#include "image/rgapath.h"
#include "ryerror.h"

struct _RyPreprocessor
{
  RyBorder border;
  RyCpuPath cpu;
  RyRgaPath rga;
  RyPreprocessMode mode;
  gboolean unflushed;           /* the CPU wrote to the target */

  GError *no_rga;               /* why there is no path by RGA; NULL: there is,
                                 * or nobody asked for one */
  GError *note;                 /* of the last run */
  guint told;                   /* reasons, as bits */
  RyPreprocessed last;
};

RyPreprocessor *
ry_preprocessor_new (void)
{
  return g_new0 (RyPreprocessor, 1);
}

void
ry_preprocessor_free (RyPreprocessor * self)
{
  if (self == NULL)
    return;
  ry_rga_path_clear (&self->rga);
  ry_cpu_path_clear (&self->cpu);
  g_clear_error (&self->no_rga);
  g_clear_error (&self->note);
  g_free (self);
}

void
ry_preprocessor_forget_target (RyPreprocessor * self)
{
  memset (&self->border, 0, sizeof self->border);
}

gboolean
ry_preprocessor_use_rga (RyPreprocessor * self, RyRga * rga,
    const RyTarget * target, GError ** error)
{
  ry_preprocessor_forget_target (self);
  ry_rga_path_clear (&self->rga);
  g_clear_error (&self->no_rga);
  if (ry_rga_path_open (&self->rga, rga, target, &self->no_rga))
    return TRUE;
  if (error != NULL)
    *error = g_error_copy (self->no_rga);
  return FALSE;
}

void
ry_preprocessor_set_mode (RyPreprocessor * self, RyPreprocessMode mode)
{
  self->mode = mode;
}

const RyPreprocessed *
ry_preprocessor_get_last (RyPreprocessor * self)
{
  return &self->last;
}

static gboolean
run_on_cpu (RyPreprocessor * self, RyImage * image, const RyLetterbox * box,
    const RyTarget * target, GError ** error)
{
  gboolean ok;

  if (!ry_image_map (image, error))
    return FALSE;
  /* Who maps in a way of his own may have other strides. */
  ok = ry_image_check (image, error) && ry_image_check_data (image, error);
  if (ok) {
    self->unflushed = TRUE;
    ry_border_paint (&self->border, box, target);
    ok = ry_cpu_path_run (&self->cpu, image, box, target, error);
  }
  ry_image_unmap (image);
  return ok;
}

/* What the caches hold must be written before RGA writes: lines that border
 * and picture share would wipe it out later. */
static void
prepare_target (RyPreprocessor * self, const RyLetterbox * box,
    const RyTarget * target)
{
  if (ry_border_paint (&self->border, box, target))
    self->unflushed = TRUE;
  if (self->unflushed && target->flush != NULL)
    target->flush (target->flush_data);
  self->unflushed = FALSE;
}

/* Words are for the first frame of a reason, not for thousands. */
static gboolean
is_told (RyPreprocessor * self, RyRgaReason reason)
{
  return self->mode != RY_PREPROCESS_RGA && (self->told & 1u << reason);
}

static gboolean
plan_for_rga (RyPreprocessor * self, const RyImage * image,
    const RyLetterbox * box, const RyTarget * target, RyRgaPlan * plan)
{
  RyRgaReason *reason = &self->last.reason;

  *reason = RY_RGA_REASON_NONE;
  if (self->rga.rga == NULL) {
    *reason = RY_RGA_REASON_TARGET;
    if (!is_told (self, *reason))
      self->note = g_error_copy (self->no_rga);
    return FALSE;
  }
  if (ry_rga_path_plan (&self->rga, image, box, target, plan, reason, NULL))
    return TRUE;
  if (is_told (self, *reason))
    return FALSE;
  return ry_rga_path_plan (&self->rga, image, box, target, plan, reason,
      &self->note);
}

static gboolean
run_on_rga (RyPreprocessor * self, RyImage * image, const RyLetterbox * box,
    const RyTarget * target)
{
  RyRgaPlan plan;

  g_clear_error (&self->note);
  if (plan_for_rga (self, image, box, target, &plan)) {
    prepare_target (self, box, target);
    self->last.by_rga = ry_rga_path_run (&self->rga, image, &plan,
        &self->last.reason, &self->note);
    if (self->last.by_rga) {
      self->last.reason = RY_RGA_REASON_NONE;
      return TRUE;
    }
  }
  if (self->note != NULL && !is_told (self, self->last.reason))
    self->last.note = self->note->message;
  self->told |= 1u << self->last.reason;
  return FALSE;
}

static gboolean
refuse_without_rga (RyPreprocessor * self, GError ** error)
{
  g_set_error (error, RY_ERROR, RY_ERROR_RGA,
      "RGA cannot make the input of the model: %s. Mend that, or set "
      "preprocess=auto to have the CPU do it.", self->note->message);
  return FALSE;
}

/* Without RGA only those frames know of it that must not do without. */
static gboolean
is_rga_wanted (RyPreprocessor * self)
{
  if (self->rga.rga == NULL && self->no_rga == NULL
      && self->mode == RY_PREPROCESS_RGA)
    self->no_rga = g_error_new (RY_ERROR, RY_ERROR_RGA, "RGA was not opened");
  return self->rga.rga != NULL || self->no_rga != NULL;
}

gboolean
ry_preprocessor_run (RyPreprocessor * self, RyImage * image,
    const RyLetterbox * box, const RyTarget * target, GError ** error)
{
  RyTarget full = *target;

  memset (&self->last, 0, sizeof self->last);
  if (full.channels == 0)
    full.channels = 3;
  if (!ry_image_check (image, error)
      || !ry_target_check (&full, box, image, error))
    return FALSE;

  if (self->mode != RY_PREPROCESS_CPU && is_rga_wanted (self)) {
    if (run_on_rga (self, image, box, &full))
      return TRUE;
    if (self->mode == RY_PREPROCESS_RGA)
      return refuse_without_rga (self, error);
  }
  return run_on_cpu (self, image, box, &full, error);
}
