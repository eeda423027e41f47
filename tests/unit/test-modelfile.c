/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include <glib/gstdio.h>

#include "model/modelfile.h"
#include "ryerror.h"

/* --- a folder of its own for each test --- */

typedef struct
{
  gchar *folder;
} Fixture;

static void
set_up (Fixture * fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("ry-model-XXXXXX", NULL);
  g_assert_nonnull (fixture->folder);
}

static void
remove_all (const gchar * path)
{
  GDir *dir = g_dir_open (path, 0, NULL);
  const gchar *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    gchar *child = g_build_filename (path, name, NULL);

    remove_all (child);
    g_free (child);
  }
  if (dir != NULL)
    g_dir_close (dir);
  g_remove (path);
}

static void
tear_down (Fixture * fixture, gconstpointer data)
{
  remove_all (fixture->folder);
  g_free (fixture->folder);
}

/* Writes a file and returns its path, which is to be freed. */
static gchar *
put (Fixture * fixture, const gchar * name, const void *bytes, gssize length)
{
  gchar *path = g_build_filename (fixture->folder, name, NULL);

  g_assert_true (g_file_set_contents (path, bytes, length, NULL));
  return path;
}

static RyModelFile *
open_good (const gchar * path)
{
  GError *error = NULL;
  RyModelFile *file = ry_model_file_open (path, &error);

  g_assert_no_error (error);
  g_assert_nonnull (file);
  return file;
}

static void
check_refused (const gchar * path, gint code, const gchar * word)
{
  GError *error = NULL;

  g_assert_null (ry_model_file_open (path, &error));
  g_assert_error (error, RY_ERROR, code);
  if (strstr (error->message, word) == NULL)
    g_test_message ("no \"%s\" in: %s", word, error->message);
  g_assert_nonnull (strstr (error->message, word));
  g_assert_nonnull (strstr (error->message, path));
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_error_free (error);
}

/* --- .rknn --- */

#define JSON "{\"name\":\"x \\\" target_platform\",\"inner\":{\"version\":\"9\"," \
  "\"target_platform\":[\"rk1\"]},\"target_platform\" : [ \"rk3588\" ] ," \
  "\"list\":[{\"version\":\"8\"}],\"version\":\"2.3.2\"}"

static void
append_u64 (GByteArray * bytes, guint64 value)
{
  value = GUINT64_TO_LE (value);
  g_byte_array_append (bytes, (const guint8 *) &value, 8);
}

static GByteArray *
make_rknn (guint64 version, guint payload, const gchar * json)
{
  GByteArray *bytes = g_byte_array_new ();
  guint begin = version == 1 ? 24 : 64;

  g_byte_array_append (bytes, (const guint8 *) "RKNN\0\0\0\0", 8);
  append_u64 (bytes, version);
  append_u64 (bytes, payload);
  g_byte_array_set_size (bytes, begin + payload);
  memset (bytes->data + 24, 7, begin + payload - 24);
  append_u64 (bytes, strlen (json));
  g_byte_array_append (bytes, (const guint8 *) json, strlen (json));
  return bytes;
}

static void
test_rknn (Fixture * fixture, gconstpointer data)
{
  static const guint versions[] = { 1, 2, 6 };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (versions); i++) {
    GByteArray *bytes = make_rknn (versions[i], 1000, JSON);
    gchar *path = put (fixture, "my.model.bin", bytes->data, bytes->len);
    RyModelFile *file = open_good (path);

    g_assert_cmpint (file->kind, ==, RY_MODEL_RKNN);
    g_assert_cmpuint (file->format_version, ==, versions[i]);
    g_assert_cmpstr (file->target_platform, ==, "rk3588");
    g_assert_cmpstr (file->toolkit_version, ==, "2.3.2");
    g_assert_cmpstr (file->path, ==, path);
    g_assert_cmpstr (file->name, ==, "my.model");
    g_assert_null (file->names);
    ry_model_file_free (file);
    g_byte_array_unref (bytes);
    g_free (path);
  }
}

/* Any cut behind the payload loads; any before it is told. */
static void
test_rknn_cut (Fixture * fixture, gconstpointer data)
{
  GByteArray *bytes = make_rknn (6, 100, JSON);
  guint length;

  for (length = 4; length < bytes->len; length++) {
    gchar *path = put (fixture, "a.rknn", bytes->data, length);

    if (length < 164)
      check_refused (path, RY_ERROR_MODEL, "cut off");
    else
      ry_model_file_free (open_good (path));
    g_free (path);
  }
  g_byte_array_unref (bytes);
}

static void
test_rknn_platforms (Fixture * fixture, gconstpointer data)
{
  static const struct
  {
    const gchar *json, *platform;
  } cases[] = {
    {"{\"target_platform\":\"rk3566\"}", "rk3566"},
    {"{\"target_platform\":[\"rk3566\",\"rk3568\"]}", "rk3566,rk3568"},
    {"{\"target_platform\":[]}", NULL},
    {"{\"target_platform\":7}", NULL},
    {"{\"target_platform\":[[\"a\"]], \"x\":{}}", NULL},
    {"{\"target_platform\"", NULL},
    {"{\"target_platform\":\"rk35", NULL},
    {"garbage", NULL},
    {"", NULL},
    {"{\"a\":\"\\", NULL},
    {"}}}}{\"target_platform\":\"rk3566\"}", "rk3566"},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    GByteArray *bytes = make_rknn (6, 8, cases[i].json);
    gchar *path = put (fixture, "a.rknn", bytes->data, bytes->len);
    RyModelFile *file = open_good (path);

    g_assert_cmpstr (file->target_platform, ==, cases[i].platform);
    ry_model_file_free (file);
    g_byte_array_unref (bytes);
    g_free (path);
  }
}

/* Only the runtime can look into what is encrypted. */
static void
test_rknn_encrypted (Fixture * fixture, gconstpointer data)
{
  gchar *path = put (fixture, "a.crypt.rknn", "CYPTRKNN\1\0\0\0\0\0\0\0x", 17);
  RyModelFile *file = open_good (path);
  gsize length;

  g_assert_cmpint (file->kind, ==, RY_MODEL_RKNN);
  g_assert_true (file->encrypted);
  g_assert_cmpstr (file->name, ==, "a.crypt");
  g_assert_null (file->target_platform);
  g_assert_null (ry_model_file_dup_json (file, &length));
  ry_model_file_free (file);
  g_free (path);
}

/* Of a form from the future nothing is believed but its number; 0 and the
 * absurd are no forms. */
static void
test_rknn_versions (Fixture * fixture, gconstpointer data)
{
  static const guint64 versions[] = { 7, 1000, 0, G_MAXUINT64 };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (versions); i++) {
    GByteArray *bytes = make_rknn (versions[i], 100, JSON);
    gchar *path;

    memset (bytes->data + 16, 0xff, 8);
    path = put (fixture, "a.rknn", bytes->data, bytes->len);
    if (i < 2) {
      RyModelFile *file = open_good (path);

      g_assert_cmpuint (file->format_version, ==, versions[i]);
      g_assert_null (file->target_platform);
      ry_model_file_free (file);
    } else {
      check_refused (path, RY_ERROR_MODEL, "not the header");
    }
    g_byte_array_unref (bytes);
    g_free (path);
  }
}

static void
test_rknn_json (Fixture * fixture, gconstpointer data)
{
  GByteArray *bytes = make_rknn (6, 100, JSON);
  gchar *path = put (fixture, "a.rknn", bytes->data, bytes->len);
  RyModelFile *file = open_good (path);
  gsize length;
  gchar *json = ry_model_file_dup_json (file, &length);

  g_assert_cmpstr (json, ==, JSON);
  g_assert_cmpuint (length, ==, strlen (JSON));
  g_free (json);

  /* Cut: as far as it goes. */
  g_assert_true (g_file_set_contents (path, (const gchar *) bytes->data,
          bytes->len - 5, NULL));
  json = ry_model_file_dup_json (file, &length);
  g_assert_cmpuint (length, ==, strlen (JSON) - 5);
  g_free (json);
  ry_model_file_free (file);
  g_byte_array_unref (bytes);
  g_free (path);
}

/* --- .onnx --- */

static void
append_varint (GByteArray * bytes, guint64 value)
{
  do {
    guint8 byte = (value & 0x7f) | (value > 0x7f ? 0x80 : 0);

    g_byte_array_append (bytes, &byte, 1);
    value >>= 7;
  } while (value != 0);
}

static void
append_field (GByteArray * bytes, guint number, const void *data, gsize length)
{
  append_varint (bytes, number << 3 | 2);
  append_varint (bytes, length);
  g_byte_array_append (bytes, data, length);
}

static void
append_entry (GByteArray * bytes, const gchar * key, const gchar * value)
{
  GByteArray *entry = g_byte_array_new ();

  append_field (entry, 1, key, strlen (key));
  append_field (entry, 2, value, strlen (value));
  append_field (bytes, 14, entry->data, entry->len);
  g_byte_array_unref (entry);
}

static GByteArray *
make_onnx (gboolean graph)
{
  GByteArray *bytes = g_byte_array_new ();
  gchar *weights = g_malloc0 (1000);

  append_varint (bytes, 1 << 3);        /* ir_version */
  append_varint (bytes, 8);
  append_field (bytes, 2, "pytorch", 7);
  if (graph)
    append_field (bytes, 7, weights, 1000);
  append_field (bytes, 8, "\020\021", 2);
  g_free (weights);
  return bytes;
}

static void
test_onnx (Fixture * fixture, gconstpointer data)
{
  GByteArray *bytes = make_onnx (TRUE);
  RyModelFile *file;
  gchar *path;

  append_entry (bytes, "stride", "32");
  append_entry (bytes, "task", "pose");
  append_entry (bytes, "imgsz", "[480, 640]");
  append_entry (bytes, "names", "{0: 'person', 2: \"driver's seat\", "
      "1: 'caf\\xe9 \\\\ \\u03b1'}");
  append_entry (bytes, "kpt_shape", "[17, 3]");
  append_entry (bytes, "end2end", "True");
  append_entry (bytes, "reg_max", "16");
  append_entry (bytes, "args", "{'data': None, 'scale': [1, {'int8': True}], "
      "'quantize': 8, 'nms': False}");
  path = put (fixture, "net.onnx", bytes->data, bytes->len);
  file = open_good (path);
  g_assert_cmpint (file->kind, ==, RY_MODEL_ONNX);
  g_assert_cmpstr (file->name, ==, "net");
  g_assert_cmpstr (file->task, ==, "pose");
  g_assert_cmpuint (file->stride, ==, 32);
  g_assert_cmpuint (file->imgsz[0], ==, 480);
  g_assert_cmpuint (file->imgsz[1], ==, 640);
  g_assert_cmpuint (file->kpt_shape[0], ==, 17);
  g_assert_cmpuint (file->kpt_shape[1], ==, 3);
  g_assert_cmpint (file->end2end, ==, 1);
  g_assert_cmpuint (file->reg_max, ==, 16);
  g_assert_true (file->quantized);
  g_assert_cmpuint (file->names->len, ==, 3);
  g_assert_cmpstr (g_ptr_array_index (file->names, 0), ==, "person");
  g_assert_cmpstr (g_ptr_array_index (file->names, 1), ==,
      "caf\303\251 \\ \316\261");
  g_assert_cmpstr (g_ptr_array_index (file->names, 2), ==, "driver's seat");
  ry_model_file_free (file);
  g_byte_array_unref (bytes);
  g_free (path);
}

static void
test_onnx_values (Fixture * fixture, gconstpointer data)
{
  static const struct
  {
    const gchar *key, *value;
    guint names;
    guint height, width;
    gint end2end;
    gboolean quantized;
  } cases[] = {
    {"names", "['a', 'b', 'c']", 3},
    {"names", "{}", 0},
    {"names", "{0: 'a'", 0},
    {"names", "{0: 'a', 4000000000: 'b'}", 0},
    {"names", "{-1: 'a'}", 0},
    {"names", "{'0': 'a', '1': 'b'}", 2},
    {"names", "{0: 'a\\", 0},
    {"names", "{0: '\\x", 0},
    {"names", "person, bus", 0},
    {"imgsz", "640", 0, 640, 640},
    {"imgsz", "(320, 416)", 0, 320, 416},
    {"imgsz", "[99999999999999999999]", 0, 0, 0},
    {"imgsz", "[]", 0, 0, 0},
    {"end2end", "False", 0, 0, 0, -1},
    {"end2end", "maybe", 0, 0, 0, 0},
    {"args", "{'int8': True}", 0, 0, 0, 0, TRUE},
    {"args", "{'int8': False, 'quantize': 16}", 0, 0, 0, 0, FALSE},
    {"args", "{'a': [[], {}], 'quantize': 'int8'}", 0, 0, 0, 0, TRUE},
    {"args", "{'a': [", 0},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    GByteArray *bytes = make_onnx (TRUE);
    RyModelFile *file;
    gchar *path;

    append_entry (bytes, cases[i].key, cases[i].value);
    path = put (fixture, "net.onnx", bytes->data, bytes->len);
    file = open_good (path);
    g_assert_cmpuint (file->names != NULL ? file->names->len : 0, ==,
        cases[i].names);
    g_assert_cmpuint (file->imgsz[0], ==, cases[i].height);
    g_assert_cmpuint (file->imgsz[1], ==, cases[i].width);
    g_assert_cmpint (file->end2end, ==, cases[i].end2end);
    g_assert_cmpint (file->quantized, ==, cases[i].quantized);
    ry_model_file_free (file);
    g_byte_array_unref (bytes);
    g_free (path);
  }
}

static void
test_onnx_cut (Fixture * fixture, gconstpointer data)
{
  GByteArray *bytes = make_onnx (TRUE);
  static const guint lengths[] = { 12, 16, 500, 1000 };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (lengths); i++) {
    gchar *path = put (fixture, "a.onnx", bytes->data, lengths[i]);

    check_refused (path, RY_ERROR_MODEL, "cut off");
    g_free (path);
  }
  g_byte_array_unref (bytes);
  bytes = make_onnx (FALSE);
  {
    gchar *path = put (fixture, "a.onnx", bytes->data, bytes->len);

    check_refused (path, RY_ERROR_MODEL, "without a network");
    g_free (path);
  }
  g_byte_array_unref (bytes);
}

/* --- folders --- */

#define YAML \
  "description: Ultralytics YOLO11n model trained on a very long name that\n" \
  "  PyYAML folds: twice\n" \
  "author: Ultralytics\ndate: '2025-10-14T10:47:03.453225'\n" \
  "version: 8.3.203\nstride: 32\ntask: detect\nbatch: 1\n" \
  "imgsz:\n- 320\n- 640\n" \
  "names:\n  0: person\n  1: 'no'\n  2: 'driver''s seat'\n" \
  "  3: \"caf\\xE9: \\u03B1\"\n  5: a label that is so long that it is folded\n" \
  "    onto a second line\n  4: 'a: b'\n" \
  "args:\n  batch: 1\n  half: false\n  int8: true\n  classes:\n  - 1\n" \
  "channels: 3\nend2end: false\nreg_max: 16\nkpt_shape:\n- 17\n- 3\n"

static void
check_yaml (const RyModelFile * file)
{
  static const gchar *const names[] = { "person", "no", "driver's seat",
    "caf\303\251: \316\261", "a: b",
    "a label that is so long that it is folded onto a second line"
  };
  guint i;

  g_assert_cmpstr (file->task, ==, "detect");
  g_assert_cmpuint (file->stride, ==, 32);
  g_assert_cmpuint (file->imgsz[0], ==, 320);
  g_assert_cmpuint (file->imgsz[1], ==, 640);
  g_assert_cmpuint (file->reg_max, ==, 16);
  g_assert_cmpint (file->end2end, ==, -1);
  g_assert_cmpuint (file->kpt_shape[0], ==, 17);
  g_assert_true (file->quantized);
  g_assert_nonnull (file->names);
  g_assert_cmpuint (file->names->len, ==, G_N_ELEMENTS (names));
  for (i = 0; i < G_N_ELEMENTS (names); i++)
    g_assert_cmpstr (g_ptr_array_index (file->names, i), ==, names[i]);
}

static void
test_folder (Fixture * fixture, gconstpointer data)
{
  GByteArray *bytes = make_rknn (6, 100, JSON);
  gchar *model = put (fixture, "yolo11n-rk3588.rknn", bytes->data, bytes->len);
  gchar *yaml = put (fixture, "metadata.yaml", YAML, -1), *other, *crlf;
  gchar **parts;
  RyModelFile *file = open_good (fixture->folder);

  g_assert_cmpstr (file->path, ==, model);
  g_assert_cmpstr (file->name, ==, "yolo11n-rk3588");
  g_assert_cmpstr (file->target_platform, ==, "rk3588");
  check_yaml (file);
  ry_model_file_free (file);

  file = open_good (model);     /* the file itself: the same */
  check_yaml (file);
  ry_model_file_free (file);

  parts = g_strsplit (YAML, "\n", -1);
  crlf = g_strjoinv ("\r\n", parts);
  g_strfreev (parts);
  g_free (yaml);
  yaml = put (fixture, "metadata.yaml", crlf, -1);
  g_free (crlf);
  file = open_good (fixture->folder);
  check_yaml (file);
  ry_model_file_free (file);

  /* Two models: whose metadata these are is not known. */
  other = put (fixture, "other.rknn", bytes->data, bytes->len);
  check_refused (fixture->folder, RY_ERROR_MODEL,
      "(other.rknn, yolo11n-rk3588.rknn)");
  file = open_good (model);
  g_assert_null (file->names);
  ry_model_file_free (file);

  g_byte_array_unref (bytes);
  g_free (other);
  g_free (model);
  g_free (yaml);
}

static void
test_folder_onnx (Fixture * fixture, gconstpointer data)
{
  GByteArray *bytes = make_onnx (TRUE);
  gchar *model, *yaml;
  RyModelFile *file;

  check_refused (fixture->folder, RY_ERROR_MODEL, "no .rknn and no .onnx");
  append_entry (bytes, "task", "segment");
  append_entry (bytes, "stride", "16");
  model = put (fixture, "m.ONNX", bytes->data, bytes->len);
  yaml = put (fixture, "metadata.yaml", "task: detect\nnames:\n- a\n- b\n", -1);
  file = open_good (fixture->folder);
  /* The folder's description comes first, the model's own fills gaps. */
  g_assert_cmpint (file->kind, ==, RY_MODEL_ONNX);
  g_assert_cmpstr (file->task, ==, "detect");
  g_assert_cmpuint (file->stride, ==, 16);
  g_assert_cmpuint (file->names->len, ==, 2);
  g_assert_cmpstr (g_ptr_array_index (file->names, 1), ==, "b");
  ry_model_file_free (file);
  file = open_good (model);     /* here the other way round */
  g_assert_cmpstr (file->task, ==, "segment");
  g_assert_cmpuint (file->names->len, ==, 2);
  ry_model_file_free (file);
  g_byte_array_unref (bytes);
  g_free (model);
  g_free (yaml);
}

/* --- what is no model --- */

static void
test_no_model (Fixture * fixture, gconstpointer data)
{
  static const struct
  {
    const gchar *bytes;
    gssize length;
    const gchar *word;
  } cases[] = {
    {"", 0, "is empty"},
    {"person\nbus \303\244\n", -1, "begins with \"person bus \303\244"},
    {"\033[31mred", -1, "bytes begin with 1b 5b 33 31"},
    {"version https://git-lfs.github.com/spec/v1\noid sha256:00\n", -1,
        "git lfs pull"},
    {"PK\003\004archive", -1, "PyTorch"},
    {"\034\0\0\0TFL3....", 12, "TensorFlow Lite"},
    {"<!DOCTYPE html><html>", -1, "web page"},
    {"\010", 1, "bytes begin with 08"},
    {"\xff\xfe\x00\x01", 4, "ff fe 00 01"},
    {"RKNX and more than that, so long as it goes", -1, "text file"},
    {"RKNN\1\2\3\4\6\0\0\0\0\0\0\0\4\0\0\0\0\0\0\0................"
          "..............................", 68, "header"},
    {"\010\010\377\377\377\377\377\377\377\377\377\377\377\377", 14, "neither"},
  };
  gchar *missing = g_build_filename (fixture->folder, "missing.rknn", NULL);
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    gchar *path = put (fixture, "model.rknn", cases[i].bytes, cases[i].length);

    check_refused (path, RY_ERROR_MODEL, cases[i].word);
    g_free (path);
  }
  check_refused (missing, RY_ERROR_NOT_FOUND, "No such file");
  check_refused ("/dev/null", RY_ERROR_NOT_FOUND, "regular file");
  g_free (missing);
}

/* --- real files --- */

static gchar *
find_data (const gchar * folder, const gchar * name)
{
  const gchar *root = g_getenv ("RKNNYOLO_TESTDATA");
  gchar *path = root != NULL ? g_build_filename (root, folder, name, NULL)
      : NULL;

  if (path != NULL && g_file_test (path, G_FILE_TEST_EXISTS))
    return path;
  g_free (path);
  g_test_message ("RKNNYOLO_TESTDATA has no %s/%s: skipped", folder, name);
  g_test_skip ("no test data");
  return NULL;
}

static void
test_real_rknn (gconstpointer data)
{
  /* What rknn/expected.json says of them. */
  static const gchar *const files[][2] = { {"yolov5n_rk3588.rknn", "rk3588"},
  {"yolov8n-obb_rk3562.rknn", "rk3562"}
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (files); i++) {
    gchar *path = find_data ("rknn", files[i][0]);
    RyModelFile *file;

    if (path == NULL)
      return;
    file = open_good (path);
    g_assert_cmpint (file->kind, ==, RY_MODEL_RKNN);
    g_assert_cmpuint (file->format_version, ==, 6);
    g_assert_cmpstr (file->target_platform, ==, files[i][1]);
    g_assert_cmpstr (file->toolkit_version, ==, "2.3.2");
    ry_model_file_free (file);
    g_free (path);
  }
}

static void
test_real_onnx (gconstpointer data)
{
  static const struct
  {
    const gchar *name, *task;
    guint names;
    gint end2end;
    gboolean quantized;
  } files[] = {
    {"yolov8n_rk9_640.onnx", "detect", 80, -1},
    {"yolo11n-pose_rk4_640.onnx", "pose", 1, -1, TRUE},
    {"yolov8n-seg_rk13_640.onnx", "segment", 80, -1},
    {"yolo26n_e2e_int8_640.onnx", "detect", 80, 1},
    {"yolo26n_rk6logits_640.onnx", "detect", 80, 1},
    {"yolov5n_ultra_640.onnx", NULL, 0, 0},
    {"yolox_nano_rk3_416.onnx", NULL, 0, 0},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (files); i++) {
    gchar *path = find_data ("models", files[i].name);
    RyModelFile *file;

    if (path == NULL)
      return;
    file = open_good (path);
    g_assert_cmpint (file->kind, ==, RY_MODEL_ONNX);
    g_assert_cmpstr (file->task, ==, files[i].task);
    g_assert_cmpuint (file->names != NULL ? file->names->len : 0, ==,
        files[i].names);
    g_assert_cmpint (file->end2end, ==, files[i].end2end);
    g_assert_cmpint (file->quantized, ==, files[i].quantized);
    g_assert_cmpuint (file->imgsz[0], ==, files[i].names != 0 ? 640 : 0);
    if (files[i].names == 80)
      g_assert_cmpstr (g_ptr_array_index (file->names, 79), ==, "toothbrush");
    ry_model_file_free (file);
    g_free (path);
  }
}

#define ADD(path, function) \
  g_test_add (path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/model/rknn", test_rknn);
  ADD ("/model/rknn-cut", test_rknn_cut);
  ADD ("/model/rknn-platforms", test_rknn_platforms);
  ADD ("/model/rknn-encrypted", test_rknn_encrypted);
  ADD ("/model/rknn-versions", test_rknn_versions);
  ADD ("/model/rknn-json", test_rknn_json);
  ADD ("/model/onnx", test_onnx);
  ADD ("/model/onnx-values", test_onnx_values);
  ADD ("/model/onnx-cut", test_onnx_cut);
  ADD ("/model/folder", test_folder);
  ADD ("/model/folder-onnx", test_folder_onnx);
  ADD ("/model/no-model", test_no_model);
  g_test_add_data_func ("/model/real-rknn", NULL, test_real_rknn);
  g_test_add_data_func ("/model/real-onnx", NULL, test_real_onnx);
  return g_test_run ();
}
