/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Models that are known and have no boxes.  They are told by name, as "unknown
 * outputs" would send their users looking for another export. */

#include "decode/head.h"

#include "decode/equal.h"
#include "decode/tensors.h"
#include "ryerror.h"

static const gchar *
find_name (const RyHeadInput * input)
{
  if (ry_hint_task_is (input->hints, "classify"))
    return "a classifier, which has no boxes";
  if (ry_hint_task_is (input->hints, "semantic"))
    return "a model of semantic segmentation, which has no boxes";
  if (input->hints->task == NULL && input->n == 1
      && input->outputs[0].n_dims == 2)
    return "a classifier, which has no boxes";
  return NULL;
}

static RyHead *
refused_recognise (const RyHeadInput * input, GError ** error)
{
  const gchar *name = find_name (input);
  GString *text;

  if (name == NULL)
    return NULL;
  text = g_string_new (NULL);
  ry_tensors_describe (text, input->outputs, input->n);
  g_set_error (error, RY_ERROR, RY_ERROR_HEAD,
      "This is %s, with %u output%s (%s). Use a model that detects, segments "
      "instances, or finds poses or rotated boxes.", name, input->n,
      input->n > 1 ? "s" : "", text->str);
  g_string_free (text, TRUE);
  return NULL;
}

const RyHeadFamily ry_head_refused = {
  NULL, refused_recognise, NULL, NULL, NULL, NULL, NULL
};
