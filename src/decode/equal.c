/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "decode/equal.h"

#include <string.h>

#include "ryerror.h"

gboolean
ry_hint_is (const RyHeadHints * hints, const gchar * name)
{
  return hints->head != NULL
      && g_ascii_strncasecmp (hints->head, name, strlen (name)) == 0;
}

/* Every name that a model of these goes by: a user who sets the head of a model
 * whose outputs say enough is right, too. */
static const struct
{
  const gchar *name;
  RyEqualKind kind;             /* of grids that all have the same channels */
} words[] = {
  {"yolov3", RY_EQUAL_ANCHORS},
  {"yolov4", RY_EQUAL_ANCHORS},
  {"yolov5", RY_EQUAL_ANCHORS},
  {"yolov6", RY_EQUAL_NONE},
  {"yolov7", RY_EQUAL_ANCHORS},
  {"yolov8", RY_EQUAL_RAW},
  {"yolov9", RY_EQUAL_RAW},
  {"yolov10", RY_EQUAL_RAW},
  {"yolo11", RY_EQUAL_RAW},
  {"yolov11", RY_EQUAL_RAW},
  {"yolo12", RY_EQUAL_RAW},
  {"yolov12", RY_EQUAL_RAW},
  {"yolov13", RY_EQUAL_RAW},
  {"yolo26", RY_EQUAL_RAW},
  {"yolov26", RY_EQUAL_RAW},
  {"yolox", RY_EQUAL_YOLOX},
  {"yolo-nas", RY_EQUAL_NONE},
  {"yolo-world", RY_EQUAL_NONE},
  {"nanodet", RY_EQUAL_NONE},
  {"picodet", RY_EQUAL_NONE},
  {"ppyoloe", RY_EQUAL_NONE},
};

gboolean
ry_hint_check (const RyHeadHints * hints, GError ** error)
{
  g_autoptr (GString) known = NULL;

  if (hints->head == NULL)
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (words); i++) {
    if (ry_hint_is (hints, words[i].name))
      return TRUE;
  }
  known = g_string_new (NULL);
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    g_string_append_printf (known, i > 0 ? ", %s" : "%s", words[i].name);
  g_set_error (error, RY_ERROR, RY_ERROR_HEAD,
      "There is no head \"%s\". Expected is one of %s, perhaps with -tiny "
      "(yolov7-tiny), -seg, -pose or -obb behind it. Leave it out where the "
      "outputs tell.", hints->head, known->str);
  return FALSE;
}

const gchar *
ry_hint_task (const RyHeadHints * hints)
{
  static const gchar *const tasks[][2] = { {"-seg", "segment"},
  {"-pose", "pose"}, {"-obb", "obb"}
  };
  guint i;

  for (i = 0; hints->head != NULL && i < G_N_ELEMENTS (tasks); i++)
    if (g_str_has_suffix (hints->head, tasks[i][0]))
      return tasks[i][1];
  return hints->task;
}

gboolean
ry_hint_task_is (const RyHeadHints * hints, const gchar * task)
{
  return g_strcmp0 (ry_hint_task (hints), task) == 0;
}

guint
ry_equal_bins (const RyHeadHints * hints)
{
  return hints->reg_max != 0 ? hints->reg_max : 16;
}

gboolean
ry_equal_find_grids (const RyHeadInput * input, guint64 skip, guint fewest,
    RyEqual * equal)
{
  guint i;

  equal->n_grids = 0;
  for (i = 0; i < input->n; i++) {
    RyGrid grid;

    if (i < 64 && (skip >> i & 1))
      continue;
    if (equal->n_grids == RY_MAX_LEVELS
        || !ry_grid_of_output (input, i, &grid) || grid.stride == 0)
      return FALSE;
    equal->grids[equal->n_grids++] = grid;
  }
  ry_grids_sort (equal->grids, equal->n_grids);
  for (i = 1; i < equal->n_grids; i++)
    if (equal->grids[i].c != equal->grids[0].c
        || equal->grids[i].stride == equal->grids[i - 1].stride)
      return FALSE;
  return equal->n_grids > 0 && equal->grids[0].c >= fewest;
}

static gboolean
spans_unit (const RyHeadInput * input, const RyEqual * equal)
{
  guint i;

  for (i = 0; i < equal->n_grids; i++) {
    const RyTensor *t = &input->outputs[equal->grids[i].output];
    gint lowest = t->type == RKNN_TENSOR_UINT8 ? 0 : -128;
    gfloat low = ((gfloat) lowest - t->zp) * t->scale;
    gfloat high = ((gfloat) lowest + 255 - t->zp) * t->scale;

    if ((t->type != RKNN_TENSOR_INT8 && t->type != RKNN_TENSOR_UINT8)
        || low < -0.1f || high > 1.1f)
      return FALSE;
  }
  return TRUE;
}

static RyEqualKind
kind_by_word (const RyHeadHints * hints)
{
  for (guint i = 0; i < G_N_ELEMENTS (words); i++) {
    if (ry_hint_is (hints, words[i].name))
      return words[i].kind;
  }
  return RY_EQUAL_NONE;
}

static RyEqualKind
kind_by_classes (const RyHeadHints * hints, guint c)
{
  if (hints->n_classes == 0)
    return RY_EQUAL_NONE;
  if (c == 3 * (5 + hints->n_classes))
    return RY_EQUAL_ANCHORS;
  if (c == 5 + hints->n_classes)
    return RY_EQUAL_YOLOX;
  if (c == 4 * ry_equal_bins (hints) + hints->n_classes)
    return RY_EQUAL_RAW;
  return RY_EQUAL_NONE;
}

static RyEqualKind
kind_by_custom (guint c)
{
  if (c == 255)
    return RY_EQUAL_ANCHORS;
  if (c == 85)
    return RY_EQUAL_YOLOX;
  if (c == 144)
    return RY_EQUAL_RAW;
  if (c % 3 == 0 && c >= 18)
    return RY_EQUAL_ANCHORS;
  return c > 64 ? RY_EQUAL_RAW : RY_EQUAL_YOLOX;
}

static gboolean
fits (RyEqualKind kind, const RyHeadHints * hints, guint c)
{
  switch (kind) {
    case RY_EQUAL_ANCHORS:
      return c % 3 == 0 && c >= 18;
    case RY_EQUAL_YOLOX:
      return c > 5;
    case RY_EQUAL_RAW:
      return c > 4 * ry_equal_bins (hints);
    default:
      return FALSE;
  }
}

RyEqual
ry_equal_find (const RyHeadInput * input, guint64 skip)
{
  RyEqual equal = { RY_EQUAL_NONE };
  guint c;

  if (!ry_equal_find_grids (input, skip, 6, &equal))
    return equal;
  c = equal.grids[0].c;
  equal.kind = kind_by_word (input->hints);
  if (!fits (equal.kind, input->hints, c))
    equal.kind = kind_by_classes (input->hints, c);
  if (equal.kind == RY_EQUAL_NONE && spans_unit (input, &equal)
      && fits (RY_EQUAL_ANCHORS, input->hints, c))
    equal.kind = RY_EQUAL_ANCHORS;
  if (equal.kind == RY_EQUAL_NONE) {
    equal.kind = kind_by_custom (c);
    equal.guessed = c != 255 && c != 85 && c != 144;
  }
  return equal;
}
