/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "image/image.h"

#include <string.h>

#include "image/border.h"
#include "image/cpupath.h"
#include "image/imagecheck.h"

struct _RyPreprocessor
{
  RyBorder border;
  RyCpuPath cpu;
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
  ry_cpu_path_clear (&self->cpu);
  g_free (self);
}

void
ry_preprocessor_forget_target (RyPreprocessor * self)
{
  memset (&self->border, 0, sizeof self->border);
}

static gboolean
run_on_cpu (RyPreprocessor * self, RyImage * image, const RyLetterbox * box,
    const RyTarget * target, GError ** error)
{
  gboolean ok;

  if (!ry_image_map (image, error))
    return FALSE;
  ok = ry_image_check_data (image, error);
  if (ok) {
    ry_border_paint (&self->border, box, target);
    ok = ry_cpu_path_run (&self->cpu, image, box, target, error);
  }
  ry_image_unmap (image);
  return ok;
}

gboolean
ry_preprocessor_run (RyPreprocessor * self, RyImage * image,
    const RyLetterbox * box, const RyTarget * target, GError ** error)
{
  RyTarget full = *target;

  if (full.channels == 0)
    full.channels = 3;
  if (!ry_image_check (image, error)
      || !ry_target_check (&full, box, image, error))
    return FALSE;

  return run_on_cpu (self, image, box, &full, error);
}
