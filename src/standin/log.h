/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the stand-in has to say, on stderr, in librknnrt's form:
 *
 *   E RKNN: [12:34:56.789] text
 *
 * E lines are always written, W, I and D lines from RKNN_LOG_LEVEL 1, 2, 3. */

#pragma once

#include <glib.h>

/* Also remembered, for rknn_standin_last_error. */
void ry_log_error (const gchar * format, ...) G_GNUC_PRINTF (1, 2);
void ry_log_warning (const gchar * format, ...) G_GNUC_PRINTF (1, 2);
void ry_log_info (const gchar * format, ...) G_GNUC_PRINTF (1, 2);
void ry_log_debug (const gchar * format, ...) G_GNUC_PRINTF (1, 2);

/* The program did what librknnrt lets pass in silence. */
void ry_log_misuse (const gchar * format, ...) G_GNUC_PRINTF (1, 2);

/* The program did what crashes librknnrt: names it, then aborts. */
void ry_log_misuse_stop (const gchar * format, ...)
    G_GNUC_PRINTF (1, 2) G_GNUC_NORETURN;

/* The last E line of this thread without its prefix; "" when there is none. */
const gchar *ry_log_last_error (void);
