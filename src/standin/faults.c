/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "faults.h"

#include <string.h>

#include "even.h"
#include "log.h"

typedef enum
{
  AT,
  FROM,
  EVERY,
  SOMETIMES,
} When;

typedef struct
{
  guint function;
  When when;
  guint64 n;
  gdouble part;                 /* SOMETIMES: 0 to 1 */
  gint code;
} Rule;

struct _RyFaults
{
  gint refs;
  gchar *list;
  GArray *rules;                /* not changed once parsed */

  GMutex lock;
  guint64 *calls;               /* of each function */
};

/* ---- The list ----------------------------------------------------------- */

static gboolean
find_function (const gchar * name, guint * function)
{
  for (guint i = 0; i < ry_fault_names.n_functions; i++) {
    if (g_str_equal (ry_fault_names.functions[i].name, name)) {
      *function = i;
      return TRUE;
    }
  }
  return FALSE;
}

static gboolean
parse_part (const gchar * text, gdouble * part)
{
  gchar *end;

  if (!g_ascii_isdigit (text[0]))
    return FALSE;
  *part = g_ascii_strtod (text, &end) / 100;
  return *end == '\0' && *part <= 1;
}

static gboolean
parse_when (const gchar * text, Rule * rule)
{
  g_autofree gchar *number = g_strdup (text);
  gsize length = strlen (text);

  if (text[0] == '~') {
    rule->when = SOMETIMES;
    return parse_part (text + 1, &rule->part);
  }
  rule->when = AT;
  if (text[0] == '/') {
    rule->when = EVERY;
    memmove (number, text + 1, length);
  } else if (g_str_has_suffix (text, "+")) {
    rule->when = FROM;
    number[length - 1] = '\0';
  }
  return g_ascii_string_to_unsigned (number, 10, 1, G_MAXINT64, &rule->n, NULL);
}

static gboolean
parse_code (const gchar * text, Rule * rule)
{
  gint64 code;

  rule->code = ry_fault_names.functions[rule->function].code;
  if (text == NULL)
    return TRUE;
  if (rule->code == 0
      || !g_ascii_string_to_signed (text, 10, ry_fault_names.lowest_code, -1,
          &code, NULL))
    return FALSE;
  rule->code = code;
  return TRUE;
}

static gboolean
set_code_error (const gchar * text, const Rule * rule, GError ** error)
{
  if (ry_fault_names.functions[rule->function].code == 0)
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
        "\"%s\": this function returns %s and has no code", text,
        ry_fault_names.nothing);
  else
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
        "\"%s\": the code is a number from -1 to %d", text,
        ry_fault_names.lowest_code);
  return FALSE;
}

static gboolean
parse_rule (const gchar * text, Rule * rule, GError ** error)
{
  g_auto (GStrv) parts = g_strsplit (text, ":", -1);
  guint n = g_strv_length (parts);
  const gchar *wrong = NULL;

  for (guint i = 0; i < n; i++)
    g_strstrip (parts[i]);
  if (n < 2 || n > 3)
    wrong = "function:when or function:when:code was expected";
  else if (!find_function (parts[0], &rule->function))
    wrong = "there is no such function that could be made to fail";
  else if (!parse_when (parts[1], rule))
    wrong = "when is N (the Nth call), N+ (from the Nth on), /N (every Nth) "
        "or ~P (P percent of the calls)";
  else if (!parse_code (parts[2], rule))
    return set_code_error (text, rule, error);
  if (wrong != NULL)
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "\"%s\": %s", text,
        wrong);
  return wrong == NULL;
}

RyFaults *
ry_faults_parse (const gchar * list, GError ** error)
{
  g_autoptr (RyFaults) self = g_new0 (RyFaults, 1);
  g_auto (GStrv) words = g_strsplit (list, ",", -1);

  self->refs = 1;
  self->list = g_strdup (list);
  self->rules = g_array_new (FALSE, TRUE, sizeof (Rule));
  self->calls = g_new0 (guint64, ry_fault_names.n_functions);
  g_mutex_init (&self->lock);
  for (guint i = 0; words[i] != NULL; i++) {
    Rule rule = { 0, };

    if (!parse_rule (words[i], &rule, error))
      return NULL;
    g_array_append_val (self->rules, rule);
  }
  return g_steal_pointer (&self);
}

RyFaults *
ry_faults_ref (RyFaults * self)
{
  if (self != NULL)
    g_atomic_int_inc (&self->refs);
  return self;
}

void
ry_faults_unref (RyFaults * self)
{
  if (self == NULL || !g_atomic_int_dec_and_test (&self->refs))
    return;
  g_array_unref (self->rules);
  g_free (self->calls);
  g_mutex_clear (&self->lock);
  g_free (self->list);
  g_free (self);
}

/* ---- The process's ------------------------------------------------------ */

static struct
{
  GMutex lock;                  /* no other is taken with it */
  RyFaults *faults;             /* a reference */
} current;

gboolean
ry_faults_get (const gchar * list, RyFaults ** faults, GError ** error)
{
  gboolean ok = TRUE;

  if (list != NULL && list[0] == '\0')
    list = NULL;
  g_mutex_lock (&current.lock);
  if (list == NULL) {
    g_clear_pointer (&current.faults, ry_faults_unref);
  } else if (current.faults == NULL
      || !g_str_equal (current.faults->list, list)) {
    g_clear_pointer (&current.faults, ry_faults_unref);
    current.faults = ry_faults_parse (list, error);
    ok = current.faults != NULL;
  }
  *faults = ry_faults_ref (current.faults);
  g_mutex_unlock (&current.lock);
  return ok;
}

RyFaults *
ry_faults_current (void)
{
  RyFaults *faults;

  g_mutex_lock (&current.lock);
  faults = ry_faults_ref (current.faults);
  g_mutex_unlock (&current.lock);
  return faults;
}

/* ---- Counting ----------------------------------------------------------- */

static gboolean
applies (const Rule * rule, guint64 call)
{
  switch (rule->when) {
    case AT:
      return call == rule->n;
    case FROM:
      return call >= rule->n;
    case EVERY:
      return call % rule->n == 0;
    default:
      return ry_even_number (rule->function, call) < rule->part;
  }
}

gint
ry_faults_count (RyFaults * self, const gchar * function)
{
  guint index;
  guint64 call;

  if (self == NULL || !find_function (function, &index))
    return 0;
  g_mutex_lock (&self->lock);
  call = ++self->calls[index];
  g_mutex_unlock (&self->lock);

  for (guint i = 0; i < self->rules->len; i++) {
    const Rule *rule = &g_array_index (self->rules, Rule, i);

    if (rule->function != index || !applies (rule, call))
      continue;
    ry_log_error ("%s fails, as %s wants of its call %" G_GUINT64_FORMAT,
        function, ry_fault_names.variable, call);
    return rule->code != 0 ? rule->code : G_MININT;
  }
  return 0;
}
