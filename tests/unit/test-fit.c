/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is said of a model and a machine before any runtime is asked. */

#include <string.h>

#include <glib/gstdio.h>

#include "model/fit.h"
#include "runtime/libraryversion.h"
#include "runtime/soc.h"
#include "ryerror.h"

/* --- which SoC --- */

static void
check_soc (const gchar * place, const gchar * list, gsize length,
    const gchar * soc)
{
  g_autofree gchar *root = g_dir_make_tmp ("ry-fit-XXXXXX", NULL);
  g_autofree gchar *path = g_build_filename (root, place, NULL);
  g_autofree gchar *folder = g_path_get_dirname (path);
  g_autofree gchar *found = NULL;

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, list, length, NULL));
  found = ry_soc_detect (root);
  g_assert_cmpstr (found, ==, soc);

  g_assert_cmpint (g_remove (path), ==, 0);
  while (strlen (folder) >= strlen (root)) {
    gchar *parent = g_path_get_dirname (folder);

    g_assert_cmpint (g_remove (folder), ==, 0);
    g_free (folder);
    folder = parent;
  }
}

#define CHECK_SOC(place, list, soc) \
  check_soc (place, list, sizeof (list), soc)
#define PROC "proc/device-tree/compatible"
#define SYS "sys/firmware/devicetree/base/compatible"

static void
test_soc (void)
{
  /* As boards have them: from the board to the SoC. */
  CHECK_SOC (PROC, "radxa,rock-5b\0rockchip,rk3588", "rk3588");
  CHECK_SOC (SYS, "xunlong,orangepi-5\0rockchip,rk3588s", "rk3588s");
  CHECK_SOC (PROC, "rockchip,rk3588s-orangepi-5\0rockchip,rk3588", "rk3588");
  CHECK_SOC (PROC, "radxa,e52c\0rockchip,rk3582\0rockchip,rk3588s", "rk3588s");
  CHECK_SOC (PROC, "rockchip,rv1126b-evb1", "rv1126b");
  CHECK_SOC (PROC, "raspberrypi,5-model-b\0brcm,bcm2712", NULL);
  CHECK_SOC (PROC, "rockchip,", NULL);
  CHECK_SOC (PROC, "rockchip,kernel", NULL);
  CHECK_SOC (PROC, "", NULL);
  CHECK_SOC (PROC, "\377\376rockchip\0\0\0,rk3588\0rockchip,rk", NULL);
  g_assert_null (ry_soc_detect ("/nonexistent"));
}

static void
test_soc_variable (void)
{
  g_autofree gchar *named = NULL;

  g_setenv (RY_SOC_ENVIRONMENT, "RK3576", TRUE);
  named = ry_soc_detect ("/");
  g_assert_cmpstr (named, ==, "rk3576");
  g_setenv (RY_SOC_ENVIRONMENT, "none", TRUE);
  g_assert_null (ry_soc_detect ("/"));
  g_unsetenv (RY_SOC_ENVIRONMENT);
}

static void
test_soc_takes (void)
{
  g_assert_true (ry_soc_takes ("rk3588", "rk3588"));
  g_assert_true (ry_soc_takes ("rk3588s", "RK3588"));
  g_assert_true (ry_soc_takes ("rk3582", "rk3588"));
  g_assert_true (ry_soc_takes ("rk3568", "rk3566"));
  g_assert_true (ry_soc_takes ("rk3588", "rk3566, rk3588"));
  g_assert_false (ry_soc_takes ("rk3588", "rk3566"));
  g_assert_false (ry_soc_takes ("rk3588", "rk3566,rk3568"));
  g_assert_false (ry_soc_takes ("rk3576", "rk3588"));
  g_assert_false (ry_soc_takes ("rk3562", "rk3566"));
  /* Nobody knows: the runtime decides. */
  g_assert_true (ry_soc_takes (NULL, "rk3566"));
  g_assert_true (ry_soc_takes ("rk3588", NULL));
  g_assert_true (ry_soc_takes ("rk3588", ""));
  g_assert_true (ry_soc_takes ("rk3688", "rk3588"));
  g_assert_true (ry_soc_takes ("rk3588", "rk3688"));
}

static void
test_soc_platform (void)
{
  g_assert_cmpstr (ry_soc_platform ("rk3588s"), ==, "rk3588");
  g_assert_cmpstr (ry_soc_platform ("rk3582"), ==, "rk3588");
  g_assert_cmpstr (ry_soc_platform ("rk3568b2"), ==, "rk3568");
  g_assert_null (ry_soc_platform ("rk3399"));
  g_assert_null (ry_soc_platform (NULL));
}

/* --- which runtime --- */

static void
check_version_at (gsize offset)
{
  static const gchar text[] = "\0librknnrt version: %s\0\001librknnrt version: "
      "2.3.2 (429f97ae6b@2025-04-09T09:09:27)\0more";
  gsize size = 3 << 20;
  g_autofree gchar *content = g_malloc0 (size);
  g_autofree gchar *path = NULL;
  g_autofree gchar *version = NULL;
  gint fd = g_file_open_tmp ("ry-fit-XXXXXX", &path, NULL);

  g_assert_cmpint (fd, >=, 0);
  g_close (fd, NULL);
  memcpy (content + offset, text, sizeof (text));
  g_assert_true (g_file_set_contents (path, content, size, NULL));
  version = ry_library_version (path, RY_RUNTIME_MARKER);
  g_assert_cmpstr (version, ==, "2.3.2 (429f97ae6b@2025-04-09T09:09:27)");
  g_remove (path);
}

/* Wherever it lies, and whatever block it is cut by. */
static void
test_library_version (void)
{
  check_version_at (0);
  check_version_at ((3 << 20) - 200);
  for (gsize back = 0; back <= 130; back += 3)
    check_version_at ((1 << 20) - back);
}

static void
test_no_library_version (void)
{
  g_autofree gchar *path = NULL;
  gint fd = g_file_open_tmp ("ry-fit-XXXXXX", &path, NULL);

  g_close (fd, NULL);
  g_assert_null (ry_library_version (path, RY_RUNTIME_MARKER));
  g_assert_true (g_file_set_contents (path, "librknnrt version: ", -1, NULL));
  g_assert_null (ry_library_version (path, RY_RUNTIME_MARKER));
  g_assert_null (ry_library_version ("/nonexistent", RY_RUNTIME_MARKER));
  g_assert_null (ry_library_version ("/dev/zero", RY_RUNTIME_MARKER));
  g_assert_null (ry_library_version ("/", RY_RUNTIME_MARKER));
  g_remove (path);
}

static void
test_version_number (void)
{
  g_assert_cmpuint (ry_version_number ("2.3.2 (429f@2025)"), ==, 2003002);
  g_assert_cmpuint (ry_version_number ("v0.9.8"), ==, 9008);
  g_assert_cmpuint (ry_version_number ("1.10.3_[0]"), ==, 1010003);
  g_assert_cmpuint (ry_version_number ("2.0.0b0"), ==, 2000000);
  g_assert_cmpuint (ry_version_number ("1.5.2+b642f30c"), ==, 1005002);
  g_assert_cmpuint (ry_version_number ("2"), ==, 2000000);
  g_assert_cmpuint (ry_version_number ("2."), ==, 2000000);
  g_assert_cmpuint (ry_version_number ("99999999999999999999.1"), ==,
      999001000);
  g_assert_cmpuint (ry_version_number (""), ==, 0);
  g_assert_cmpuint (ry_version_number (NULL), ==, 0);
  g_assert_cmpuint (ry_version_number ("unknown"), ==, 0);
  g_assert_cmpuint (ry_version_number ("vv1"), ==, 0);
}

/* --- the model against both --- */

typedef struct
{
  const gchar *target, *toolkit;
  guint format;
  const gchar *soc, *runtime;
  gint error;                   /* -1: none */
  const gchar *word;            /* of the error or the doubt; NULL: neither */
} FitCase;

#define OLD "1.4.0 (a10f100eb@2022-09-09T09:07:14)"
#define NEW "2.3.2 (429f97ae6b@2025-04-09T09:09:27)"

static const FitCase cases[] = {
  {"rk3588", "2.3.2", 6, "rk3588", NEW, -1, NULL},
  {"rk3588", "1.6.0", 6, "rk3588", NEW, -1, NULL},
  {"rk3588", "1.4.0", 2, "rk3588", OLD, -1, NULL},
  {NULL, NULL, 6, "rk3588", NEW, -1, NULL},
  {"rk3588", "2.3.2", 6, NULL, NULL, -1, NULL},
  {"rk3588", "2.3.2", 6, "rk3588", "unreadable", -1, NULL},
  {"rk3566", "2.3.2", 6, "rk3588", NEW, RY_ERROR_MODEL, "made for rk3566"},
  {"rk3566", "2.3.2", 6, "rk3588", OLD, RY_ERROR_MODEL, "this board is an "
        "rk3588"},
  {"rk3588", "2.3.2", 6, "rk3588", OLD, RY_ERROR_RUNTIME, "1.4.0"},
  {"rk3588", "2.3.2", 6, NULL, "1.2.0 (x)", RY_ERROR_RUNTIME, "librknnrt.so"},
  {"rk3588", "2.3.2", 6, "rk3588", "2.0.0b0 (x)", -1, "rknn-toolkit2 2.3.2"},
  {"rk3588", "2.3.2", 6, "rk3588", "2.3.0 (x)", -1, "2.3.0"},
  {"rk3588", "3.0.0", 7, "rk3588", NEW, -1, "form 7"},
};

static void
test_fit (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    const FitCase *c = &cases[i];
    g_autoptr (GError) error = NULL;
    g_autofree gchar *doubt = NULL;
    RyModelFile file = {.kind = RY_MODEL_RKNN,.format_version = c->format };
    const gchar *said;

    file.path = (gchar *) "/models/yolo.rknn";
    file.target_platform = (gchar *) c->target;
    file.toolkit_version = (gchar *) c->toolkit;
    g_assert_cmpint (ry_fit_check (&file, c->soc, c->runtime, &doubt, &error),
        ==, c->error == -1);
    if (c->error != -1)
      g_assert_error (error, RY_ERROR, c->error);
    said = error ? error->message : doubt;
    g_assert_cmpint (said != NULL, ==, c->word != NULL);
    if (!said)
      continue;
    g_assert_nonnull (strstr (said, c->word));
    g_assert_nonnull (strstr (said, "/models/yolo.rknn"));
    g_assert_null (strchr (said, '\n'));
  }
}

static void
test_fit_of_others (void)
{
  g_autofree gchar *doubt = NULL;
  RyModelFile encrypted = {.kind = RY_MODEL_RKNN,.encrypted = TRUE };
  RyModelFile onnx = {.kind = RY_MODEL_ONNX };

  encrypted.path = (gchar *) "secret.rknn";
  g_assert_true (ry_fit_check (&encrypted, "rk3588", NEW, &doubt, NULL));
  g_assert_nonnull (strstr (doubt, "encrypted"));
  g_clear_pointer (&doubt, g_free);
  g_assert_true (ry_fit_check (&onnx, "rk3588", OLD, &doubt, NULL));
  g_assert_null (doubt);
}

int
main (int argc, char *argv[])
{
  g_unsetenv (RY_SOC_ENVIRONMENT);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fit/soc", test_soc);
  g_test_add_func ("/fit/soc-variable", test_soc_variable);
  g_test_add_func ("/fit/soc-takes", test_soc_takes);
  g_test_add_func ("/fit/soc-platform", test_soc_platform);
  g_test_add_func ("/fit/library-version", test_library_version);
  g_test_add_func ("/fit/no-library-version", test_no_library_version);
  g_test_add_func ("/fit/version-number", test_version_number);
  g_test_add_func ("/fit/model", test_fit);
  g_test_add_func ("/fit/others", test_fit_of_others);
  return g_test_run ();
}
