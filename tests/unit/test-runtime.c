/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <glib.h>
#include <glib/gstdio.h>

#include "runtime/device.h"
#include "runtime/locate.h"
#include "runtime/runtime.h"

static void
test_error_names (void)
{
  g_assert_cmpstr (ry_runtime_error_name (0), ==, "RKNN_SUCC");
  g_assert_cmpstr (ry_runtime_error_name (-1), ==, "RKNN_ERR_FAIL");
  g_assert_cmpstr (ry_runtime_error_name (-6), ==, "RKNN_ERR_MODEL_INVALID");
  g_assert_cmpstr (ry_runtime_error_name (-13), ==,
      "RKNN_ERR_TARGET_PLATFORM_UNMATCH");
  g_assert_cmpstr (ry_runtime_error_name (-14), ==, "unknown error -14");
  g_assert_cmpstr (ry_runtime_error_name (3), ==, "unknown error 3");
  g_assert_cmpstr (ry_runtime_error_name (G_MININT), ==,
      "unknown error -2147483648");
}

static gboolean
is_too_old (const gchar * api)
{
  RyRuntimeVersions versions = { "", "" };

  g_strlcpy (versions.api, api, sizeof (versions.api));
  return ry_runtime_versions_too_old (&versions);
}

static void
test_versions (void)
{
  g_assert_false (is_too_old ("2.3.2 (429f97ae6b@2025-04-09T09:09:27)"));
  g_assert_false (is_too_old ("1.4.0 (a10f100eb@2022-09-09T09:07:14)"));
  g_assert_false (is_too_old ("1.10.0"));
  g_assert_true (is_too_old ("1.3.0 (9b36d4d74@2022-05-04T20:17:01)"));
  g_assert_true (is_too_old ("0.7"));
  g_assert_false (is_too_old (""));
  g_assert_false (is_too_old ("unknown"));
}

static void
test_missing_library (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (ry_runtime_open ("/nonexistent/librknnrt.so", &error));
  g_assert_error (error, RY_ERROR, RY_ERROR_RUNTIME);
  g_assert_nonnull (strstr (error->message, "/nonexistent/librknnrt.so"));
}

/* A library, but not a runtime. */
static void
test_wrong_library (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (ry_runtime_open ("libm.so.6", &error));
  g_assert_error (error, RY_ERROR, RY_ERROR_RUNTIME);
  g_assert_nonnull (strstr (error->message, "rknn_init"));
  g_assert_nonnull (strstr (error->message, "librknnrt.so"));
}

/* The property comes before the environment, and the message says which of
 * them named the library. */
static void
test_locate_order (void)
{
  g_autoptr (GError) error = NULL;

  g_setenv (RY_RUNTIME_ENVIRONMENT, "/nonexistent/variable.so", TRUE);
  g_assert_null (ry_runtime_locate ("/nonexistent/property.so", FALSE, &error));
  g_assert_nonnull (strstr (error->message, "/nonexistent/property.so"));
  g_assert_nonnull (strstr (error->message, "runtime-library"));
  g_clear_error (&error);

  g_assert_null (ry_runtime_locate (NULL, TRUE, &error));
  g_assert_nonnull (strstr (error->message, "/nonexistent/variable.so"));
  g_assert_nonnull (strstr (error->message, RY_RUNTIME_ENVIRONMENT));
  g_unsetenv (RY_RUNTIME_ENVIRONMENT);
}

static void
test_diagnosis (void)
{
  g_autofree gchar *text = ry_device_diagnose ();

  /* On any machine it is about the NPU's device, and a sentence. */
  g_assert_nonnull (strstr (text, "NPU"));
  g_assert_true (g_str_has_suffix (text, "."));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/runtime/error-names", test_error_names);
  g_test_add_func ("/runtime/versions", test_versions);
  g_test_add_func ("/runtime/missing-library", test_missing_library);
  g_test_add_func ("/runtime/wrong-library", test_wrong_library);
  g_test_add_func ("/runtime/locate-order", test_locate_order);
  g_test_add_func ("/runtime/diagnosis", test_diagnosis);
  return g_test_run ();
}
