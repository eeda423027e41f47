/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is printed: the machine, the model, and a table. */

#pragma once

#include "measurement.h"
#include "model/modelfile.h"

G_BEGIN_DECLS

typedef struct
{
  const ElementInfo *info;
  const RyModelFile *file;
  FlowPictures *pictures;
  gdouble seconds;
  gchar **properties;           /* that --set set; may be NULL */
} Conditions;

/* As Markdown, to be pasted into an issue; a line is printed when it has been
 * measured. */
void result_print_header (const Conditions * conditions);
void result_print_line (const Measurement * line);
void result_print_footer (const Conditions * conditions);

/* All of it.  lines: Measurement. */
void result_print_json (const Conditions * conditions, const GArray * lines);

G_END_DECLS
