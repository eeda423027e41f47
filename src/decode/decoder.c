/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "decode/decode.h"

#include "decode/extras.h"
#include "decode/head.h"
#include "decode/suppress.h"
#include "decode/tensors.h"
#include "ryerror.h"

/* In the order they are asked.  Refusals come first: they know by name what
 * others would take for something else. */
static const RyHeadFamily *const families[] = {
  &ry_head_refused,
  &ry_head_dfl,
  &ry_head_raw,
  &ry_head_anchors,
  &ry_head_yolox,
  &ry_head_end2end,
  &ry_head_lists,
  &ry_head_ultralytics,
};

struct _RyDecoder
{
  RyHead *head;
  guint n_outputs;
};

struct _RyDecodeScratch
{
  RyCandidates candidates;
  RyScanBuffer scan;
  guint32 *cells;
  guint n_cells;
  gconstpointer *data;
  guint n_data;
  RySuppressor suppressor;
  RyExtras extras;
};

static void
set_unknown_error (GError ** error, const RyTensor * outputs, guint n)
{
  GString *text = g_string_new ("The model runs, but nobody here knows what "
      "its outputs mean: ");
  guint i;

  ry_tensors_describe (text, outputs, n);
  g_string_append (text, ". Known are: ");
  for (i = 0; i < G_N_ELEMENTS (families); i++)
    if (families[i]->known != NULL)
      g_string_append_printf (text, "%s(%u) %s", i > 1 ? "; " : "", i,
          families[i]->known);
  g_string_append (text, ". Export the model again in one of these forms, and "
      "check that it is a detector.");
  g_set_error_literal (error, RY_ERROR, RY_ERROR_HEAD, text->str);
  g_string_free (text, TRUE);
}

static void
free_head (RyHead * head)
{
  g_free (head->description);
  g_free (head->notice);
  ry_proto_free (head->proto);
  head->family->free (head);
}

/* Takes head; NULL if it has more classes than can be told apart. */
static RyHead *
check_classes (RyHead * head, GError ** error)
{
  if (head->n_classes <= RY_MAX_CLASSES)
    return head;
  g_set_error (error, RY_ERROR, RY_ERROR_HEAD,
      "The outputs of this model look like %s, and %u classes are the most that "
      "can be told apart. Check that the model is a detector.",
      head->description, RY_MAX_CLASSES);
  free_head (head);
  return NULL;
}

static RyHead *
recognise (const RyHeadInput * input, GError ** error)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (families); i++) {
    GError *cause = NULL;
    RyHead *head = families[i]->recognise (input, &cause);

    if (head != NULL)
      return check_classes (head, error);
    if (cause != NULL) {
      g_propagate_error (error, cause);
      return NULL;
    }
  }
  set_unknown_error (error, input->outputs, input->n);
  return NULL;
}

RyDecoder *
ry_decoder_new (const RyTensor * outputs, guint n, const RyHeadHints * hints,
    GError ** error)
{
  RyHeadInput input = { NULL, n, hints };
  RyTensor *tensors;
  RyDecoder *self = NULL;
  RyHead *head = NULL;

  if (!ry_tensors_check (outputs, n, hints, error))
    return NULL;
  tensors = ry_tensors_complete (outputs, n);
  input.outputs = tensors;
  head = recognise (&input, error);
  if (head != NULL) {
    self = g_new0 (RyDecoder, 1);
    self->head = head;
    self->n_outputs = n;
  }
  g_free (tensors);
  return self;
}

void
ry_decoder_free (RyDecoder * self)
{
  if (self == NULL)
    return;
  free_head (self->head);
  g_free (self);
}

const gchar *
ry_decoder_get_description (const RyDecoder * self)
{
  return self->head->description;
}

const gchar *
ry_decoder_get_notice (const RyDecoder * self)
{
  return self->head->notice;
}

guint
ry_decoder_get_n_classes (const RyDecoder * self)
{
  return self->head->n_classes;
}

RyTask
ry_decoder_get_task (const RyDecoder * self)
{
  return self->head->task;
}

guint
ry_decoder_get_n_keypoints (const RyDecoder * self)
{
  return self->head->n_keypoints;
}

RyDecodeScratch *
ry_decode_scratch_new (void)
{
  RyDecodeScratch *self = g_new0 (RyDecodeScratch, 1);

  ry_candidates_init (&self->candidates);
  ry_scan_buffer_init (&self->scan);
  ry_suppressor_init (&self->suppressor);
  ry_extras_init (&self->extras);
  return self;
}

void
ry_decode_scratch_free (RyDecodeScratch * self)
{
  if (self == NULL)
    return;
  ry_candidates_clear (&self->candidates);
  ry_scan_buffer_clear (&self->scan);
  ry_suppressor_clear (&self->suppressor);
  ry_extras_clear (&self->extras);
  g_free (self->cells);
  g_free (self->data);
  g_free (self);
}

/* FALSE if a tensor has no data. */
static gboolean
prepare (RyDecodeScratch * self, const RyDecoder * decoder,
    const RyTensor * outputs)
{
  guint i;

  if (self->n_cells < decoder->head->max_cells) {
    self->n_cells = decoder->head->max_cells;
    self->cells = g_renew (guint32, self->cells, self->n_cells);
  }
  if (self->n_data < decoder->n_outputs) {
    self->n_data = decoder->n_outputs;
    self->data = g_renew (gconstpointer, self->data, self->n_data);
  }
  for (i = 0; i < decoder->n_outputs; i++) {
    if (outputs[i].data == NULL)
      return FALSE;
    self->data[i] = outputs[i].data;
  }
  ry_candidates_reset (&self->candidates);
  return TRUE;
}

const RyBox *
ry_decoder_run (RyDecoder * self, RyDecodeScratch * scratch,
    const RyTensor * outputs, const RyDecodeParams * params, guint * n_boxes)
{
  RyAnswer answers[RY_MAX_DECISIONS] = { {NULL} };
  RyFrame frame;

  *n_boxes = 0;
  ry_extras_begin (&scratch->extras);
  if (!prepare (scratch, self, outputs))
    return scratch->suppressor.boxes;
  frame.data = scratch->data;
  frame.params = params;
  frame.candidates = &scratch->candidates;
  frame.scan = &scratch->scan;
  frame.cells = scratch->cells;
  frame.answers = answers;
  self->head->family->collect (self->head, &frame);
  ry_candidates_sort (&scratch->candidates);
  ry_suppressor_run (&scratch->suppressor, self->head, &frame);
  ry_extras_run (&scratch->extras, self->head, &frame, &scratch->suppressor);
  *n_boxes = scratch->suppressor.n;
  return scratch->suppressor.boxes;
}

const RyKeypoint *
ry_decode_scratch_get_keypoints (const RyDecodeScratch * scratch, guint i)
{
  return ry_extras_keypoints (&scratch->extras, i);
}

const RyMask *
ry_decode_scratch_get_mask (const RyDecodeScratch * scratch, guint i)
{
  return ry_extras_mask (&scratch->extras, i);
}
