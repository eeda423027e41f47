/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a family of heads implements.  A new one is a file head-*.c with one
 * RyHeadFamily, and a line in the table of decoder.c. */

#pragma once

#include "decode/candidates.h"
#include "decode/decode.h"
#include "decode/map.h"
#include "decode/proto.h"
#include "decode/scan.h"

G_BEGIN_DECLS typedef struct _RyHead RyHead;
typedef struct _RyHeadFamily RyHeadFamily;

/* The question: what head is this? */
typedef struct
{
  const RyTensor *outputs;
  guint n;
  const RyHeadHints *hints;
} RyHeadInput;

/* Something that only real data show, found out at the first frame that shows
 * it and then kept.  state begins as 0; touched by several threads. */
typedef struct
{
  gint state;                   /* atomic: an RyDecided */
} RyDecision;

typedef enum
{
  RY_UNDECIDED,                 /* no data that say anything so far */
  RY_INSIDE,
  RY_OUTSIDE,
} RyDecided;

/* What a frame was told, so that all of it is told the same, and data that
 * decide nothing are gone through once. */
typedef struct
{
  const RyDecision *decision;   /* NULL: not asked */
  RyDecided decided;
} RyAnswer;

#define RY_MAX_DECISIONS 2      /* of a head */

/* One frame on its way through a head. */
typedef struct
{
  const gconstpointer *data;    /* of each output */
  const RyDecodeParams *params;
  RyCandidates *candidates;
  RyScanBuffer *scan;
  guint32 *cells;               /* room for RyHead.max_cells */
  RyAnswer *answers;            /* [RY_MAX_DECISIONS], ry_decide's */
} RyFrame;

/* Where the numbers of a candidate lie that are no box and no class: mask
 * coefficients, or the keypoints' x, y and perhaps confidence, one after
 * another. */
typedef struct
{
  const RyMap *map;
  guint cell;
  gfloat unit[2];               /* pixels for 1 of a keypoint's x, y */
} RyExtra;

struct _RyHeadFamily
{
  const gchar *known;           /* a line in the list of known heads */

  /* NULL without an error: not mine, ask the next one.  NULL with an error:
   * mine, and it cannot be decoded; nobody else is asked. */
  RyHead *(*recognise) (const RyHeadInput * input, GError ** error);

  /* Adds what passes params->confidence_threshold, the finest grid first, row
   * by row.  Called by several threads at a time. */
  void (*collect) (RyHead * self, const RyFrame * frame);

  /* The box of a candidate in pixels of the input; what is no box at all
   * (NaN, negative size) is dropped by the caller. */
  void (*box) (const RyHead * self, const RyFrame * frame,
      const RyCandidate * candidate, gfloat box[4]);

  void (*free) (RyHead * self);

  /* For RY_TASK_SEGMENT and RY_TASK_POSE.  extra->unit is 1 and 1 before. */
  void (*extra) (const RyHead * self, const RyFrame * frame,
      const RyCandidate * candidate, RyExtra * extra);

  /* For RY_TASK_OBB, in place of box: centre x and y, width, height in pixels
   * of the input, angle in radians, of any range. */
  void (*rotated) (const RyHead * self, const RyFrame * frame,
      const RyCandidate * candidate, gfloat xywha[5]);
};

/* Each family puts its own behind this.  Constant after recognise, but for
 * the decisions below. */
struct _RyHead
{
  const RyHeadFamily *family;
  gchar *description;
  gchar *notice;                /* NULL or a warning for the user */
  guint n_classes;              /* 0: not known */
  guint max_cells;              /* of the largest map */
  gboolean nms;
  RyTask task;
  RyProto *proto;               /* RY_TASK_SEGMENT; owned */
  guint n_keypoints;            /* RY_TASK_POSE */
  guint keypoint_dims;          /* 2 or 3 */
};

/* family and a description (taken); nms as the hints say.  What task there is,
 * has been set before. */
void ry_head_init (RyHead * self, const RyHeadFamily * family,
    const RyHeadInput * input, gchar * description);

/* Do channels first .. first + n - 1 of the float maps hold values outside
 * low .. high?  Data that are all the same (a first run that delivered only
 * zeros) decide nothing. */
RyDecided ry_decide (RyDecision * self, const RyMap * const *maps,
    guint n_maps, guint first, guint n, gfloat low, gfloat high,
    const RyFrame * frame);

/* Scores that are no probabilities: a little room for rounding. */
#define RY_SCORE_LOW (-0.01f)
#define RY_SCORE_HIGH 1.01f

/* The same question to 8-bit maps, whose range is known before any frame.  A
 * logit's range begins far below -1; a probability's at about 0 and ends at
 * about 1. */
gboolean ry_map_spans_logits (const RyMap * map);

/* Adds the candidates of one map: channels first .. first + n are classes;
 * objectness is the channel whose score is to be multiplied, or G_MAXUINT.
 * The n_cells cells are the ones worth looking at. */
typedef struct
{
  const RyMap *map;
  guint level;
  guint first, n;
  guint objectness;
  RyScores scores;
} RyClassMap;

void ry_head_add_cells (const RyFrame * frame, const RyClassMap * classes,
    const guint32 * cells, guint n_cells);

/* Finds those cells, too. */
void ry_head_add_map (const RyFrame * frame, const RyClassMap * classes);

/* The families. */
extern const RyHeadFamily ry_head_refused;
extern const RyHeadFamily ry_head_dfl;
extern const RyHeadFamily ry_head_raw;
extern const RyHeadFamily ry_head_anchors;
extern const RyHeadFamily ry_head_yolox;
extern const RyHeadFamily ry_head_ultralytics;
extern const RyHeadFamily ry_head_end2end;
extern const RyHeadFamily ry_head_lists;

G_END_DECLS
