/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* All that can be found out about a model, as texts and numbers. */

#pragma once

#include <glib.h>

#include "model/modelfile.h"

G_BEGIN_DECLS

#define MAX_DIMS 16

typedef struct
{
  gchar *name;
  gchar *type;                  /* "INT8" */
  gchar *format;                /* "NCHW"; NULL: not known */
  guint n_dims;
  guint dims[MAX_DIMS];
  gboolean quantised;           /* zp and scale are known: */
  gint zp;                      /* value = (q - zp) * scale */
  gdouble scale;
  gdouble low, high;            /* the range of these values */

  gchar *native_format;         /* as the NPU has it; NULL: not known */
  guint n_native;
  guint native[MAX_DIMS];
  guint native_size;            /* bytes */
} Tensor;

typedef struct
{
  const gchar *model;           /* file or folder */
  const gchar *labels, *head, *runtime; /* may be NULL */
  gboolean header_only;         /* ask no runtime */
} Question;

/* Strings may be NULL, numbers 0: not known. */
typedef struct
{
  RyModelFile *file;            /* NULL: it is no model */
  guint64 file_size;
  gchar *soc;                   /* of this machine */

  gchar *runtime_path, *runtime_version, *driver_version;
  gchar *not_asked;             /* why no runtime was asked */
  guint n_cores;

  GPtrArray *inputs, *outputs;  /* Tensor; empty when not known */
  guint width, height;          /* of the input */
  GPtrArray *sizes;             /* gchar *, "640x384"; of the input, if it has
                                 * several, the largest first */
  guint batch;                  /* pictures a run */

  gchar *head;                  /* what was recognised */
  gchar *told_by;               /* besides the shapes */
  const gchar *task;
  guint n_classes, n_keypoints;
  GPtrArray *labels;            /* gchar *; as many as classes */
  const gchar *label_source;

  GPtrArray *warnings;          /* gchar *; sentences */
  gchar *error;                 /* why it cannot be used; a sentence */
} Inspection;

Inspection *inspection_new (const Question * question);
void inspection_free (Inspection * self);

/* From the header of an .rknn: fills inputs and outputs as far as it goes. */
void header_read_tensors (Inspection * self);

/* From a runtime: all the rest.  Returns FALSE if it cannot be asked; *why is
 * the sentence then (free with g_free). */
gboolean runtime_ask (Inspection * self, const Question * question,
    gchar ** why);

/* What a decoder knows. */
void inspection_take_head (Inspection * self, gpointer decoder,
    const Question * question);
void inspection_warn (Inspection * self, const gchar * sentence);

/* Adds the warnings that tensors give rise to. */
void warnings_find (Inspection * self);

void tensor_free (gpointer tensor);

/* Results; both print to stdout. */
void inspection_print (const Inspection * self);
void inspection_print_json (const Inspection * self);

G_END_DECLS
