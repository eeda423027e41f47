/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The RGA that is played: its cores, what they can do, what they did. */

#pragma once

#include <glib.h>

#include "rga_api.h"
#include "rga_standin.h"

G_BEGIN_DECLS

/* What one core can do. */
typedef struct
{
  const gchar *name;            /* as querystring has it */
  guint mask;                   /* IM_SCHEDULER_ bits of all of its kind */
  guint byte_stride;            /* rows begin at multiples of it */
  guint max_scale;
  gint min_width, min_height;
  gint max_input, max_output;   /* pixels, either way */
  gboolean planar, grey;        /* what it reads beside the usual formats */
  gboolean above_4g;            /* the memory it reaches */
} RyRgaCore;

typedef struct
{
  const gchar *soc;
  const RyRgaCore *cores[2];    /* the second may be NULL */
} RyRgaDevice;

/* By RGA_STANDIN_SOC; NULL after saying what was expected. */
const RyRgaDevice *ry_rga_device_get (void);

/* "1.10.3", by RGA_STANDIN_VERSION. */
const gchar *ry_rga_device_get_version (void);

/* Whether RGA_STANDIN_FAIL wants this call of function to fail. */
gboolean ry_rga_device_fails (const gchar * function);

typedef enum
{
  RY_RGA_EVENT_IMPORT,
  RY_RGA_EVENT_FAILED_IMPORT,
  RY_RGA_EVENT_RELEASE,
  RY_RGA_EVENT_BLIT,
  RY_RGA_EVENT_REFUSED_BLIT,
  RY_RGA_EVENT_FAILED_BLIT,
  RY_RGA_EVENT_MAPPED_SOURCE,
} RyRgaEvent;

void ry_rga_device_count (RyRgaEvent event);

/* Around the work of a blit, which takes RGA_STANDIN_TIME at least. */
gint64 ry_rga_device_begin_blit (void);
void ry_rga_device_end_blit (gint64 began);

G_END_DECLS
