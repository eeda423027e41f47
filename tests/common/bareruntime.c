/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A runtime that has no function but those which every runtime has, in front of
 * the stand-in that RKNNYOLO_STANDIN names; and one that tells what flags it was
 * given last, and how often it was run. */

#include <dlfcn.h>
#include <glib.h>
#include <string.h>

#include "rknn_api.h"

#define EXPORT __attribute__ ((visibility ("default")))

static gint last_flags, n_runs;

/* The function of the stand-in of this name. */
static void
find (const gchar * name, gpointer function)
{
  gpointer library = dlopen (g_getenv ("RKNNYOLO_STANDIN"), RTLD_NOW);
  gpointer symbol = library ? dlsym (library, name) : NULL;

  g_assert_nonnull (symbol);
  memcpy (function, &symbol, sizeof (symbol));
  dlclose (library);
}

/* *INDENT-OFF* */
#define FIND(name) \
  __typeof__ (name) *function; \
  find (#name, &function)
/* *INDENT-ON* */

int bare_runtime_get_flags (void);

EXPORT int
bare_runtime_get_flags (void)
{
  return g_atomic_int_get (&last_flags);
}

int bare_runtime_get_runs (void);

EXPORT int
bare_runtime_get_runs (void)
{
  return g_atomic_int_get (&n_runs);
}

EXPORT int
rknn_init (rknn_context * context, void *model, uint32_t size, uint32_t flag,
    rknn_init_extend * extend)
{
  FIND (rknn_init);
  g_atomic_int_set (&last_flags, flag);
  return function (context, model, size, flag, extend);
}

EXPORT int
rknn_destroy (rknn_context context)
{
  FIND (rknn_destroy);
  return function (context);
}

EXPORT int
rknn_query (rknn_context context, rknn_query_cmd cmd, void *info, uint32_t size)
{
  FIND (rknn_query);
  return function (context, cmd, info, size);
}

EXPORT int
rknn_run (rknn_context context, rknn_run_extend * extend)
{
  FIND (rknn_run);
  g_atomic_int_inc (&n_runs);
  return function (context, extend);
}

EXPORT rknn_tensor_mem *
rknn_create_mem (rknn_context context, uint32_t size)
{
  FIND (rknn_create_mem);
  return function (context, size);
}

EXPORT int
rknn_destroy_mem (rknn_context context, rknn_tensor_mem * mem)
{
  FIND (rknn_destroy_mem);
  return function (context, mem);
}

EXPORT int
rknn_set_io_mem (rknn_context context, rknn_tensor_mem * mem,
    rknn_tensor_attr * attr)
{
  FIND (rknn_set_io_mem);
  return function (context, mem, attr);
}
