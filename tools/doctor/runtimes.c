/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* librknnrt, and the stand-in. */

#include "checks.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "runtime/libraryversion.h"
#include "runtime/locate.h"

#define AREA "runtime"

#define OLDEST RY_VERSION (1, 4, 0)     /* the binary interface since then */
#define READS_6 RY_VERSION (1, 5, 0)    /* files of today's toolkits */
#define GOOD RY_VERSION (2, 0, 0)

#define REMEDY_INSTALL "Copy librknnrt.so of Rockchip's repository " \
  "rknn-toolkit2 (rknpu2/runtime/Linux/librknn_api/aarch64; 2.3.2 is the " \
  "version tested) to /usr/lib and run \"sudo ldconfig\"."

/* ---- librknnrt ----------------------------------------------------------- */

static void
say_version (const gchar * path, guint number, const gchar * version,
    Report * report)
{
  if (number == 0)
    report_add (report, AREA, "runtime", LEVEL_WARNING, REMEDY_INSTALL,
        "%s does not tell its version", path);
  else if (number < OLDEST)
    report_add (report, AREA, "runtime", LEVEL_PROBLEM, REMEDY_INSTALL,
        "%s has version %s; needed is 1.4 or newer, as older ones have another "
        "binary interface", path, version);
  else if (number < READS_6)
    report_add (report, AREA, "runtime", LEVEL_WARNING, REMEDY_INSTALL,
        "%s has version %s, which does not read models of rknn-toolkit2 1.6 "
        "and newer (\"Invalid RKNN model version 6\")", path, version);
  else if (number < GOOD)
    report_add (report, AREA, "runtime", LEVEL_WARNING, REMEDY_INSTALL,
        "%s has version %s; models of newer toolkits may be refused", path,
        version);
  else
    report_add (report, AREA, "runtime", LEVEL_OK, NULL, "%s, version %s",
        path, version);
}

/* Returns the version as a number. */
static guint
say_library (const Machine * machine, const gchar * path, Report * report)
{
  const gchar *shown = machine_show (machine, path);
  g_autofree gchar *version = ry_library_version (path, RY_RUNTIME_MARKER);
  const gchar *wrong = check_wrong_machine (path);
  guint number = ry_version_number (version);

  if (wrong) {
    report_add (report, AREA, "runtime", LEVEL_PROBLEM, REMEDY_INSTALL,
        "%s is for %s; needed is one for 64-bit ARM (aarch64)", shown, wrong);
    return 0;
  }
  say_version (shown, number, version, report);
  return number;
}

static void
say_copies (const Machine * machine, const GPtrArray * paths, Report * report)
{
  g_autofree gchar *first = NULL;

  for (guint i = 0; i < paths->len; i++) {
    const gchar *path = g_ptr_array_index (paths, i);
    g_autofree gchar *version = ry_library_version (path, RY_RUNTIME_MARKER);

    if (!first)
      first = g_strdup (version ? version : "");
    else if (g_strcmp0 (first, version) != 0)
      report_add (report, AREA, "runtime-copies", LEVEL_WARNING,
          "Remove the older copy and run \"sudo ldconfig\", or name the right "
          "one by RKNNYOLO_RUNTIME.",
          "There is another librknnrt, %s, version %s: which one is loaded "
          "depends on the loader's configuration", machine_show (machine, path),
          version ? version : "not told");
  }
}

static void
say_fit (const Known * known, Report * report)
{
  if (known->runtime >= GOOD && known->driver >= RY_VERSION (0, 9, 6))
    report_add (report, AREA, "runtime-fits", LEVEL_OK, NULL,
        "Runtime and driver fit");
  else if (known->runtime > 0 && known->driver > 0)
    report_add (report, AREA, "runtime-fits",
        known->runtime < OLDEST || known->driver < RY_VERSION (0, 7, 0)
        ? LEVEL_PROBLEM : LEVEL_WARNING,
        "See the one that is too old above.",
        "Runtime and driver do not fit as well as they could: a runtime of "
        "2.0 or newer with a driver of 0.9.6 or newer is what works best");
}

static void
check_vendor (const Machine * machine, Known * known, Report * report)
{
  g_autoptr (GPtrArray) paths =
      check_find_libraries (machine, RY_RUNTIME_VENDOR);
  const gchar *named = machine->real ? g_getenv (RY_RUNTIME_ENVIRONMENT) : NULL;

  if (named && *named)
    report_add (report, AREA, "runtime-variable", LEVEL_NOTE, NULL,
        RY_RUNTIME_ENVIRONMENT " names %s for all models", named);
  if (paths->len == 0) {
    report_add (report, AREA, "runtime",
        known->board && !(named && *named) ? LEVEL_PROBLEM : LEVEL_NOTE,
        known->board ? REMEDY_INSTALL : NULL,
        "There is no librknnrt.so where the loader looks");
    return;
  }
  known->runtime = say_library (machine, g_ptr_array_index (paths, 0), report);
  say_copies (machine, paths, report);
  say_fit (known, report);
}

/* ---- The stand-in -------------------------------------------------------- */

/* What it says to a model that is none: -1 when it cannot compute at all.  Its
 * lines on stderr are not for this program's user. */
static gint
try_standin (RyRuntime * runtime)
{
  gchar none[256] = "no model";
  gint kept = dup (STDERR_FILENO);
  gint null = open ("/dev/null", O_WRONLY | O_CLOEXEC);
  rknn_context context;
  gint code;

  if (kept >= 0 && null >= 0)
    dup2 (null, STDERR_FILENO);
  code = runtime->init (&context, none, sizeof (none), 0, NULL);
  if (kept >= 0 && null >= 0)
    dup2 (kept, STDERR_FILENO);
  if (kept >= 0)
    close (kept);
  if (null >= 0)
    close (null);
  return code;
}

static void
check_standin (const Machine * machine, const Known * known, Report * report)
{
  Level level = known->board ? LEVEL_NOTE : LEVEL_PROBLEM;
  g_autoptr (RyRuntime) runtime = NULL;
  g_autoptr (GError) error = NULL;

  if (!machine->real)
    return;
  runtime = ry_runtime_locate_standin (&error);
  if (!runtime)
    report_add (report, AREA, "standin", level,
        "It is built and installed with the plugin; ldconfig may be missing.",
        "The stand-in, on which .onnx models run, is not found: %s",
        error->message);
  else if (!runtime->last_error || try_standin (runtime) != RKNN_ERR_FAIL)
    report_add (report, AREA, "standin", LEVEL_OK, NULL,
        "The stand-in %s can compute: .onnx models run", runtime->path);
  else
    report_add (report, AREA, "standin", level,
        "Run tools/fetch-onnxruntime of gst-rknnyolo, or install Debian's "
        "libonnxruntime.", "The stand-in %s cannot compute: %s",
        runtime->path, runtime->last_error ());
}

void
check_runtime (const Machine * machine, Known * known, Report * report)
{
  check_vendor (machine, known, report);
  check_standin (machine, known, report);
}
