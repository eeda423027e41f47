/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A loaded model on the cores of an NPU, and the work given to it.
 *
 * An engine has a number of contexts, each with a thread of its own and each
 * tied to a core.  Elements open a session; frames go in as jobs and come back
 * through the job's done function, in any order.  Jobs of several sessions are
 * taken in turn. */

#pragma once

#include <glib.h>

#include "decode/decode.h"
#include "engine/statistics.h"
#include "image/image.h"
#include "ryerror.h"

G_BEGIN_DECLS

typedef struct _RyEngine RyEngine;
typedef struct _RySession RySession;
typedef struct _RyJob RyJob;

/* Whose jobs the NPU's driver takes first. */
typedef enum
{
  RY_PRIORITY_HIGH,             /* the runtime's default */
  RY_PRIORITY_MEDIUM,
  RY_PRIORITY_LOW,
} RyPriority;

/* Whether contexts keep data in the SoC's SRAM, as far as it reaches. */
typedef enum
{
  RY_SRAM_OFF,                  /* the runtime's default */
  RY_SRAM_ON,                   /* each context has a part of its own */
  RY_SRAM_SHARED,               /* contexts take turns in one part */
} RySram;

/* What an engine is made of.  Strings may be NULL. */
typedef struct
{
  const gchar *model;           /* file or folder; must be set */
  const gchar *labels;          /* file; NULL: what the model knows */
  const gchar *runtime_library; /* NULL: by the kind of the model */
  const gchar *cores;           /* "auto", "all", "0,2" */
  guint contexts_per_core;      /* 0: RY_DEFAULT_CONTEXTS_PER_CORE */
  guint inference_timeout;      /* milliseconds; 0: by the time of the first */
  const gchar *cpu_affinity;    /* "auto", "none", "4-7" */
  const gchar *head;            /* where shapes cannot tell, see RyHeadHints */
  gboolean bgr;                 /* the model wants B, G, R */
  RyPriority npu_priority;
  RySram sram;
  RyRga *rga;                   /* to make inputs with; NULL: the CPU does */
  gboolean need_rga;            /* rather no engine than one without it */
} RyEngineConfig;

#define RY_DEFAULT_CONTEXTS_PER_CORE 2
#define RY_MAX_CONTEXTS_PER_CORE 8

/* A context that fails so often in a row, or does not come back once, is made
 * anew; so many times in vain, and it is given up. */
#define RY_MAX_FAILURES 3
#define RY_MAX_RENEWALS 3

/* For people. */
typedef struct
{
  const gchar *model_name;
  const gchar *toolkit_version; /* that made the model; NULL: not known */
  const gchar *head;            /* what was recognised */
  const gchar *runtime_path;
  const gchar *runtime_version;
  const gchar *driver_version;
  const gchar *rga;             /* what may make inputs; NULL: none */
  guint input_width, input_height;      /* the largest, if there are several */
  guint n_input_sizes;          /* that a frame's shape chooses from */
  guint batch;                  /* pictures that a run takes at most */
  guint n_classes;
  RyTask task;
  guint n_keypoints;            /* of each detection; 0 but for RY_TASK_POSE */
  guint n_cores;                /* in use */
  gint cores[RY_MAX_CORES];     /* their numbers */
  guint n_contexts;
  guint64 first_run_time;       /* of a grey picture at start, from submission
                                 * to result, microseconds; 0: it failed */
} RyEngineInfo;

/* What became of the contexts. */
typedef struct
{
  guint contexts;               /* that work or are being made anew */
  guint64 renewals;             /* attempts to make one anew */
  guint64 hangs;                /* calls that did not come back in time */
} RyHealth;

/* Loads the model and starts the threads.  warning is set where something is
 * odd but works (free with g_free).  Returns NULL with an RY_ERROR. */
RyEngine *ry_engine_new (const RyEngineConfig * config, gchar ** warning,
    GError ** error);
RyEngine *ry_engine_ref (RyEngine * self);

/* The last one stops the threads and frees everything.  All sessions must be
 * closed.  Must not be called from a job's done function. */
void ry_engine_unref (RyEngine * self);

const RyEngineInfo *ry_engine_get_info (RyEngine * self);
/* The size, pixels, in which frames of this size are looked at. */
void ry_engine_get_input_size (RyEngine * self, guint width, guint height,
    guint * input_width, guint * input_height);
void ry_engine_get_health (RyEngine * self, RyHealth * health);

/* The label of a class; "class N" beyond the known ones. */
const gchar *ry_engine_get_label (RyEngine * self, gint class_id);

/* -1 if no class has this label. */
gint ry_engine_find_label (RyEngine * self, const gchar * label);

/* How a frame is to be looked at: an immutable snapshot that jobs share. */
typedef struct
{
  gatomicrefcount ref_count;
  RyDecodeParams decode;        /* its classes belong to this struct */
  RyLetterboxMode letterbox;
  RyPreprocessMode preprocess;
} RySettings;

RySettings *ry_settings_new (const RyDecodeParams * decode,
    RyLetterboxMode letterbox, RyPreprocessMode preprocess, guint n_classes);
RySettings *ry_settings_ref (RySettings * self);
void ry_settings_unref (RySettings * self);

/* Where the mask of a detection lies in the frame. */
typedef struct
{
  gfloat x, y;                  /* its top left corner, pixels of the frame */
  gfloat scale_x, scale_y;      /* frame pixels a mask pixel */
  guint width, height;          /* mask pixels; 0: none */
  gsize offset;                 /* of its first byte in RyJob.masks; a byte is
                                 * 255 times the probability */
} RyDetectionMask;

typedef struct
{
  gfloat x1, y1, x2, y2;        /* pixels of the frame, within it */
  gfloat confidence;
  gint class_id;

  /* RY_TASK_OBB: pixels of the frame, not clipped; see RyBox */
  gfloat cx, cy, w, h, angle;
  guint first_keypoint;         /* RY_TASK_POSE: in RyJob.keypoints */
  RyDetectionMask mask;         /* RY_TASK_SEGMENT */
} RyDetection;

typedef enum
{
  RY_JOB_OK,
  RY_JOB_FAILED,                /* error says why */
  RY_JOB_CANCELLED,             /* never started */
} RyJobResult;

typedef void (*RyJobDone) (RyJob * job);

struct _RyJob
{
  /* set by the submitter and left alone until done */
  RyImage image;
  RySettings *settings;
  RyJobDone done;               /* called in a thread of the engine, or in
                                 * that which submits or cancels */
  gpointer user_data;

  /* valid in done and after */
  RyJobResult result;
  GArray *detections;           /* RyDetection, best first; kept over uses */
  GArray *keypoints;            /* RyKeypoint, pixels of the frame; those of a
                                 * detection follow each other */
  GByteArray *masks;
  GError *error;
  gint core;                    /* the core that ran it, -1 if unpinned */
  gint64 run_time;              /* of rknn_run, microseconds */
  RyRgaReason rga_reason;       /* why RGA did not make the input */
  gchar *rga_note;              /* the same in words; NULL: said before */

  /* the engine's */
  RySession *session;
  GList link;
  gint64 submitted;
  guint size;                   /* of the model's sizes, by that of image */
};

void ry_job_init (RyJob * self);
/* Forgets the result; memory stays. */
void ry_job_reset (RyJob * self);
void ry_job_clear (RyJob * self);

RySession *ry_session_new (RyEngine * engine);

/* Waits for the jobs that are running, cancels the others. */
void ry_session_free (RySession * self);
RyEngine *ry_session_get_engine (RySession * self);

/* Never blocks.  The job belongs to the engine until done is called; that may
 * be before the return when no context is left (RY_ERROR_DEAD). */
void ry_session_submit (RySession * self, RyJob * job);

/* Takes back the jobs that have not been started: done is called for each of
 * them, in this thread, before the function returns. */
void ry_session_cancel (RySession * self);

/* A snapshot of what this session's jobs took. */
void ry_session_get_statistics (RySession * self, RyStatistics * copy);

G_END_DECLS
