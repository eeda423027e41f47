/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "report.h"

#include <string.h>

#include "../common/json.h"

typedef struct
{
  const gchar *area;
  gchar *id, *text, *remedy;
  Level level;
} Finding;

struct _Report
{
  GPtrArray *findings;
};

static const gchar *const names[] = { "ok", "note", "warning", "problem" };

static void
finding_free (gpointer finding)
{
  Finding *self = finding;

  g_free (self->id);
  g_free (self->text);
  g_free (self->remedy);
  g_free (self);
}

Report *
report_new (void)
{
  Report *self = g_new0 (Report, 1);

  self->findings = g_ptr_array_new_with_free_func (finding_free);
  return self;
}

void
report_free (Report * self)
{
  g_ptr_array_unref (self->findings);
  g_free (self);
}

/* What devices and files say may hold anything; a line stays a line. */
static gchar *
make_line (gchar * text)
{
  gchar *line = g_utf8_make_valid (text, -1);

  for (gchar * at = line; *at; at++) {
    if (g_ascii_iscntrl (*at))
      *at = ' ';
  }
  g_free (text);
  return line;
}

void
report_add (Report * self, const gchar * area, const gchar * id, Level level,
    const gchar * remedy, const gchar * format, ...)
{
  Finding *finding = g_new0 (Finding, 1);
  va_list arguments;

  va_start (arguments, format);
  finding->text = make_line (g_strdup_vprintf (format, arguments));
  va_end (arguments);
  finding->area = area;
  finding->id = g_strdup (id);
  finding->level = level;
  finding->remedy = remedy ? make_line (g_strdup (remedy)) : NULL;
  g_ptr_array_add (self->findings, finding);
}

void
report_each (const Report * self, ReportEach each, gpointer user_data)
{
  for (guint i = 0; i < self->findings->len; i++) {
    const Finding *finding = g_ptr_array_index (self->findings, i);

    each (finding->level, finding->id, finding->text, user_data);
  }
}

guint
report_count (const Report * self, Level level)
{
  guint n = 0;

  for (guint i = 0; i < self->findings->len; i++) {
    const Finding *finding = g_ptr_array_index (self->findings, i);

    n += finding->level == level;
  }
  return n;
}

void
report_print (const Report * self)
{
  static const gchar *const marks[] = { "ok", "note", "WARNING", "PROBLEM" };
  const gchar *area = NULL;

  for (guint i = 0; i < self->findings->len; i++) {
    const Finding *finding = g_ptr_array_index (self->findings, i);

    if (!area || strcmp (area, finding->area) != 0)
      g_print ("%s%s\n", area ? "\n" : "", finding->area);
    area = finding->area;
    g_print ("  %-8s %s\n", marks[finding->level], finding->text);
    if (finding->remedy)
      g_print ("  %-8s -> %s\n", "", finding->remedy);
  }
  g_print ("\n%u ok, %u notes, %u warnings, %u problems\n",
      report_count (self, LEVEL_OK), report_count (self, LEVEL_NOTE),
      report_count (self, LEVEL_WARNING), report_count (self, LEVEL_PROBLEM));
}

void
report_print_json (const Report * self)
{
  JsonBuilder *json = json_builder_new ();

  json_builder_begin_object (json);
  json_builder_set_member_name (json, "findings");
  json_builder_begin_array (json);
  for (guint i = 0; i < self->findings->len; i++) {
    const Finding *finding = g_ptr_array_index (self->findings, i);

    json_builder_begin_object (json);
    tool_json_string (json, "area", finding->area);
    tool_json_string (json, "id", finding->id);
    tool_json_string (json, "level", names[finding->level]);
    tool_json_string (json, "text", finding->text);
    tool_json_string (json, "remedy", finding->remedy);
    json_builder_end_object (json);
  }
  json_builder_end_array (json);
  for (guint level = 0; level < G_N_ELEMENTS (names); level++)
    tool_json_int (json, names[level], report_count (self, level));
  json_builder_end_object (json);
  tool_json_print (json);
}
