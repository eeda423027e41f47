/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is odd about the tensors of a model, though it runs. */

#include "inspection.h"

#include <math.h>
#include <string.h>

#define THRESHOLD 0.25          /* confidence-threshold's default */

/* A logit's range begins far below -1, a probability's at about 0. */
#define LOGITS_BELOW (-0.1)
#define LOGITS_ABOVE 1.1

/* A step of a logit that moves a score by 0.12 in the middle: scores tie so
 * often that the choice of a box is chance.  (Probabilities from 0 to 1 always
 * have 256 steps, or they would be taken for logits.) */
#define COARSE 0.5

static gboolean
has_scores (const Inspection * self, const Tensor * tensor)
{
  guint channels = tensor->n_dims == 4 ? tensor->dims[1] : 0;

  return self->n_classes > 0 && (channels == self->n_classes
      || channels == 3 * (self->n_classes + 5));
}

static void
check_scores (Inspection * self, const Tensor * tensor)
{
  gboolean logits = tensor->low < LOGITS_BELOW || tensor->high > LOGITS_ABOVE;
  gdouble limit = logits ? log (THRESHOLD / (1 - THRESHOLD)) : THRESHOLD;
  g_autofree gchar *text = NULL;

  if (tensor->high <= limit)
    text = g_strdup_printf ("The scores of output \"%s\" reach from %.3g to "
        "%.3g, so that none passes the usual threshold of %.2f: nothing will "
        "be found. It was calibrated with pictures in which nothing is; "
        "convert the model again with pictures like those it will see.",
        tensor->name, tensor->low, tensor->high, THRESHOLD);
  else if (tensor->low > limit)
    text = g_strdup_printf ("The scores of output \"%s\" reach from %.3g to "
        "%.3g, so that all pass the usual threshold of %.2f: finding nothing "
        "is impossible, and decoding slow. Its zero point is wrong; convert "
        "the model again.", tensor->name, tensor->low, tensor->high, THRESHOLD);
  else if (logits && tensor->scale > COARSE)
    text = g_strdup_printf ("The scores of output \"%s\" are logits in steps "
        "of %.3g: many boxes will have the same score. Convert the model again with "
        "boxes and scores in outputs of their own.", tensor->name,
        tensor->scale);
  inspection_warn (self, text);
}

/* Boxes in pixels and scores in one 8-bit tensor: one scale serves neither.
 * The engine knows by the range; the header alone does not tell it. */
static void
check_single_output (Inspection * self)
{
  const Tensor *only = g_ptr_array_index (self->outputs, 0);

  if (self->runtime_path || self->outputs->len != 1 || only->n_dims != 3
      || strcmp (only->type, "INT8") != 0)
    return;
  inspection_warn (self, "The only output is one INT8 tensor with boxes and "
      "scores. Unless the boxes are in 0..1 its steps are some pixels, and all "
      "scores become 0: that is what Ultralytics before 8.4.110 exports with "
      "int8=True. Try it on the board, or export it with separate outputs "
      "(rknnyolo-cut-heads makes them).");
}

void
warnings_find (Inspection * self)
{
  if (self->outputs->len == 0)
    return;
  check_single_output (self);
  for (guint i = 0; i < self->outputs->len; i++) {
    const Tensor *tensor = g_ptr_array_index (self->outputs, i);

    if (tensor->quantised && has_scores (self, tensor))
      check_scores (self, tensor);
  }
}
