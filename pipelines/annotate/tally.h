/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What was found in a video, class by class. */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct _Tally Tally;

Tally *tally_new (void);
void tally_free (Tally * self);

/* Counts the detections on buffer.  One thread at a time. */
void tally_add_buffer (Tally * self, GstBuffer * buffer);

/* Prints a table, the class in most frames first. */
void tally_print (const Tally * self);

G_END_DECLS
