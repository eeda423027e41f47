/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Heads that are known and not decoded.  They are told by name, for without
 * that some of them would pass for detectors: a model of rotated boxes with 15
 * classes, [1,20,N], looks like a detector of 16. */

#include "decode/head.h"

#include <string.h>

#include "decode/grid.h"
#include "decode/tensors.h"
#include "ryerror.h"

/* Rotated boxes: maps and one angle a cell, [1,1,N]; or the hints' task. */
static gboolean
is_rotated (const RyHeadInput * input)
{
  gboolean maps = FALSE, angles = FALSE;
  guint i, multiple;
  RyGrid grid;

  if (input->hints->task != NULL && strcmp (input->hints->task, "obb") == 0)
    return TRUE;
  if (input->n == 1)
    return input->outputs[0].n_dims == 3 && input->outputs[0].dims[2] == 7
        && !ry_grid_of_list (input, 0, &grid, &multiple);
  for (i = 0; i < input->n; i++) {
    if (ry_grid_of_list (input, i, &grid, &multiple))
      angles |= grid.c == 1;
    else
      maps |= input->outputs[i].n_dims == 4;
  }
  return maps && angles;
}

/* YOLOv5 segmentation: pairs [1,3*(5+nc),H,W] and [1,3*K,H,W], and a prototype
 * [1,K,H',W']. */
static gboolean
is_anchor_segmentation (const RyHeadInput * input)
{
  guint channels = 0, found = 0, i;
  guint proto = ry_grid_find_proto (input, &channels);

  if (proto == input->n || input->n < 3 || input->n % 2 == 0)
    return FALSE;
  for (i = 0; i < input->n; i++)
    if (i != proto && input->outputs[i].n_dims == 4
        && input->outputs[i].dims[1] == 3 * channels)
      found++;
  return found == input->n / 2;
}

static gboolean
is_classifier (const RyHeadInput * input)
{
  return (input->hints->task != NULL
      && strcmp (input->hints->task, "classify") == 0)
      || (input->n == 1 && input->outputs[0].n_dims == 2);
}

static RyHead *
refused_recognise (const RyHeadInput * input, GError ** error)
{
  const gchar *name = NULL;
  GString *text;

  if (is_rotated (input))
    name = "a model of rotated boxes (OBB)";
  else if (is_anchor_segmentation (input))
    name = "a YOLOv5 segmentation model";
  else if (is_classifier (input))
    name = "a classifier, which has no boxes";
  if (name == NULL)
    return NULL;
  text = g_string_new (NULL);
  ry_tensors_describe (text, input->outputs, input->n);
  g_set_error (error, RY_ERROR, RY_ERROR_HEAD,
      "This is %s, with %u output%s (%s). This version does not decode it; use "
      "a detection model.", name, input->n, input->n > 1 ? "s" : "", text->str);
  g_string_free (text, TRUE);
  return NULL;
}

const RyHeadFamily ry_head_refused = {
  NULL, refused_recognise, NULL, NULL, NULL
};
