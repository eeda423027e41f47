/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A V4L2 camera whose frames are real dma-bufs, in every dialect of caps.  Not
 * run with the other tests, but by tests/run-vm.sh in a virtual machine:
 *
 *   camera DEVICE PLANES-DEVICE
 *
 * DEVICE is a camera of the kernel's vivid driver, PLANES-DEVICE one whose
 * formats have a memory for each plane (the multi-planar API).  RKNNYOLO_RGA is
 * the path of librga-standin. */

#include <gst/allocators/gstdmabuf.h>
#include <string.h>

#include "rgatest.h"
#include "fakedmabuf.h"
#include "streamtest.h"

#define N_LONG 1000

/* A pipeline up to the element. */
#define CAMERA(filter) "v4l2src name=camera device=%s io-mode=dmabuf " \
    "num-buffers=%u ! capsfilter name=filter " \
    "caps-change-mode=delayed caps=" filter " ! "
#define YOLO "rknnyolo name=yolo model=%%s preprocess=%s ! "
#define OVERLAY YOLO "rknnyolooverlay name=overlay draw-labels=false ! " \
    "fakesink sync=false"
#define FILTER "video/x-raw,format=NV12," SIZE
#define DRM_FILTER "video/x-raw(memory:DMABuf),format=DMA_DRM," \
    "drm-format=NV12," SIZE
#define SIZE "width=320,height=180,framerate=60/1"

static const gchar *device, *planes_device;
static guint n_fds;
static RgaStandin rga;

/* What makes the inputs of the model. */
static const gchar *const paths[] = { "cpu", "rga" };

typedef enum
{
  PLAIN,                        /* as the camera says */
  LEGACY,
  DRM,
} Dialect;

/* What the frames that leave a pad are made of. */
typedef struct
{
  Dialect dialect;
  guint n_memories;
  guint n_frames;
  guint n_wrong;                /* memories, and frames with too many */
  GHashTable *memories;         /* different ones; may be NULL */
} Watch;

/* ---- file descriptors and mappings ---------------------------------------- */

static gboolean
camera_knows_drm (void)
{
  guint major, minor, micro, nano;

  gst_version (&major, &minor, &micro, &nano);
  return minor >= 24;
}

/* The camera of GStreamer 1.22 leaves its device and a few sockets open,
 * whatever is behind it. */
static gboolean
is_of_camera (const gchar * fd)
{
  g_autofree gchar *path = g_build_filename ("/proc/self/fd", fd, NULL);
  g_autofree gchar *target = g_file_read_link (path, NULL);

  return target && !camera_knows_drm ()
      && (g_str_has_prefix (target, "/dev/video")
      || g_str_has_prefix (target, "socket:"));
}

static guint
count_fds (void)
{
  GDir *dir = g_dir_open ("/proc/self/fd", 0, NULL);
  const gchar *name;
  guint n = 0;

  fail_unless (dir != NULL);
  while ((name = g_dir_read_name (dir)))
    n += !is_of_camera (name);
  g_dir_close (dir);
  return n;
}

static guint
count_mapped_dma_bufs (void)
{
  g_autofree gchar *maps = NULL;
  guint n = 0;

  fail_unless (g_file_get_contents ("/proc/self/maps", &maps, NULL, NULL));
  for (const gchar * at = maps; (at = strstr (at, "/dmabuf:")); at++)
    n++;
  return n;
}

static void
check_nothing_is_left (void)
{
  assert_equals_int (count_mapped_dma_bufs (), 0);
  assert_equals_int (count_fds (), n_fds);
}

/* ---- dialects -------------------------------------------------------------- */

static GstCaps *
translate (GstCaps * caps, Dialect dialect)
{
  GstCaps *result = gst_caps_copy (caps);
  const GstStructure *structure = gst_caps_get_structure (result, 0);

  if (dialect == PLAIN)
    return result;
  if (dialect == DRM)
    gst_caps_set_simple (result, "drm-format", G_TYPE_STRING,
        gst_structure_get_string (structure, "format"), "format",
        G_TYPE_STRING, "DMA_DRM", NULL);
  gst_caps_set_features_simple (result,
      gst_caps_features_new (GST_CAPS_FEATURE_MEMORY_DMABUF, NULL));
  return result;
}

/* The camera of GStreamer 1.22 knows one dialect only. */
static GstPadProbeReturn
translate_event (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info);
  const Watch *self = data;
  g_autoptr (GstCaps) translated = NULL;
  GstCaps *caps;

  if (GST_EVENT_TYPE (event) != GST_EVENT_CAPS)
    return GST_PAD_PROBE_OK;
  gst_event_parse_caps (event, &caps);
  translated = translate (caps, self->dialect);
  gst_event_unref (event);
  GST_PAD_PROBE_INFO_DATA (info) = gst_event_new_caps (translated);
  return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
look_at_memory (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  Watch *self = data;
  guint n = gst_buffer_n_memory (buffer);
  GstMapInfo map;

  /* That mappings are seen at all. */
  if (self->n_frames++ == 0) {
    GstMemory *memory = gst_buffer_peek_memory (buffer, 0);

    fail_unless (gst_memory_map (memory, &map, GST_MAP_READ));
    fail_unless (count_mapped_dma_bufs () > 0);
    gst_memory_unmap (memory, &map);
  }
  if (n != self->n_memories)
    self->n_wrong++;
  for (guint i = 0; i < n; i++) {
    GstMemory *memory = gst_buffer_peek_memory (buffer, i);

    if (!gst_is_dmabuf_memory (memory))
      self->n_wrong++;
    if (self->memories)
      g_hash_table_add (self->memories, memory);
  }
  return GST_PAD_PROBE_OK;
}

static void
add_probe (Stream * stream, const gchar * element, const gchar * name,
    GstPadProbeType type, GstPadProbeCallback function, gpointer data)
{
  g_autoptr (GstPad) pad =
      gst_element_get_static_pad (stream_get (stream, element), name);

  gst_pad_add_probe (pad, type, function, data, NULL);
}

static Stream *
new_stream (const gchar * camera, guint n_frames, const gchar * format,
    const gchar * path, Watch * watch)
{
  g_autofree gchar *line = g_strdup_printf (format, camera, n_frames, path);
  Stream *stream = stream_new (line);

  if (watch->dialect != PLAIN)
    add_probe (stream, "filter", "src", GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
        translate_event, watch);
  add_probe (stream, "yolo", "src", GST_PAD_PROBE_TYPE_BUFFER, look_at_memory,
      watch);
  return stream;
}

/* In steps, since none may take too long, and without those of the end, which
 * may be over before they are waited for. */
static void
play_to_the_end (Stream * stream, guint n_frames)
{
  stream_set_state (stream, GST_STATE_PLAYING);
  for (guint i = 100; i + 200 < n_frames; i += 100)
    stream_wait_frames (stream, 100);
  stream_wait_eos (stream);
}

static void
check_end (Stream * stream, const Watch * watch, guint n_frames)
{
  stream_check_complete (stream);
  assert_equals_int (stream_count_out (stream), n_frames);
  assert_equals_int (watch->n_frames, n_frames);
  assert_equals_int (watch->n_wrong, 0);
  assert_equals_uint64 (get_counter (stream_get_yolo (stream), "inferred"),
      n_frames);
  stream_free (stream);
}

static void
run_to_the_end (Stream * stream, const Watch * watch, guint n_frames)
{
  play_to_the_end (stream, n_frames);
  check_end (stream, watch, n_frames);
}

static void
run_camera (const gchar * camera, const gchar * path, Dialect dialect,
    guint n_memories, guint n_frames)
{
  Watch watch = { dialect, n_memories };
  Stream *stream = new_stream (camera, n_frames,
      CAMERA (FILTER) YOLO "fakesink sync=false",
      path, &watch);

  run_to_the_end (stream, &watch, n_frames);
}

GST_START_TEST (test_dialects)
{
  run_camera (device, paths[__i__ % 2], __i__ / 2, 1, 20);
  check_nothing_is_left ();
}

GST_END_TEST;

GST_START_TEST (test_planes_in_memories_of_their_own)
{
  run_camera (planes_device, "auto", __i__, 2, 20);
  check_nothing_is_left ();
}

GST_END_TEST;

GST_START_TEST (test_many_frames)
{
  run_camera (device, "cpu", LEGACY, 1, N_LONG);
  check_nothing_is_left ();
}

GST_END_TEST;

/* Each memory of the camera's pool is imported once, and nobody maps any. */
GST_START_TEST (test_many_frames_by_rga)
{
  g_autoptr (GHashTable) memories = g_hash_table_new (NULL, NULL);
  Watch watch = { DRM, 1,.memories = memories };
  Stream *stream = new_stream (device, N_LONG,
      CAMERA (FILTER) YOLO "fakesink sync=false",
      "rga", &watch);
  rga_standin_counters counters;
  guint contexts;

  rga.reset_counters ();
  play_to_the_end (stream, N_LONG);
  contexts = get_stats_uint (stream_get_yolo (stream), "contexts");
  rga.get_counters (&counters);
  assert_equals_uint64 (counters.failed_imports, 0);
  assert_equals_uint64 (counters.imports, contexts
      + g_hash_table_size (memories));
  fail_unless (g_hash_table_size (memories) < N_LONG / 10);
  /* The inputs of the contexts are tried at start, with memory of the CPU. */
  assert_equals_uint64 (counters.blits, N_LONG + contexts);
  assert_equals_uint64 (counters.mapped_sources, contexts);
  assert_equals_uint64 (get_counter (stream_get_yolo (stream), "rga-frames"),
      N_LONG);
  check_end (stream, &watch, N_LONG);
  rga.get_counters (&counters);
  assert_equals_int (counters.live, 0);
  check_nothing_is_left ();
}

GST_END_TEST;

static GstCaps *
get_caps (Stream * stream)
{
  g_autoptr (GstPad) pad =
      gst_element_get_static_pad (stream_get_yolo (stream), "sink");

  return gst_pad_get_current_caps (pad);
}

/* Left to themselves, camera and element agree on dma-bufs; those of GStreamer
 * 1.24 and newer say so. */
GST_START_TEST (test_negotiation)
{
  Watch watch = { PLAIN, 1 };
  Stream *stream = new_stream (device, 5, CAMERA ("video/x-raw(ANY)," SIZE)
      YOLO "fakesink sync=false", "auto", &watch);
  g_autoptr (GstCaps) caps = NULL;

  stream_set_state (stream, GST_STATE_PLAYING);
  stream_wait_eos (stream);
  caps = get_caps (stream);
  assert_equals_int (gst_structure_has_field (gst_caps_get_structure (caps,
              0), "drm-format"), camera_knows_drm ());
  assert_equals_int (watch.n_wrong, 0);
  stream_check_complete (stream);
  gst_clear_caps (&caps);
  stream_free (stream);
  check_nothing_is_left ();
}

GST_END_TEST;

GST_START_TEST (test_drm_caps_of_the_camera)
{
  Watch watch = { PLAIN, 1 };
  Stream *stream;

  if (!camera_knows_drm ())
    return;
  stream = new_stream (device, 20, CAMERA (DRM_FILTER) YOLO
      "fakesink sync=false", "auto", &watch);
  run_to_the_end (stream, &watch, 20);
  check_nothing_is_left ();
}

GST_END_TEST;

/* Another size and format while the camera runs: it closes its buffers and
 * makes others, while the element holds some. */
GST_START_TEST (test_caps_change)
{
  static const gchar *const filters[] = {
    "video/x-raw,format=YUY2,width=640,height=360",
    "video/x-raw,format=NV12,width=640,height=480",
    "video/x-raw,format=NV12," SIZE,
    "video/x-raw,format=RGB,width=640,height=360",
  };
  Watch watch = { LEGACY, 1 };
  Stream *stream = new_stream (device, 100000, CAMERA ("video/x-raw,"
          "format=NV12," SIZE) YOLO "fakesink sync=false", paths[__i__],
      &watch);

  stream_set_state (stream, GST_STATE_PLAYING);
  for (guint i = 0; i < 3 * G_N_ELEMENTS (filters); i++) {
    g_autoptr (GstCaps) caps =
        gst_caps_from_string (filters[i % G_N_ELEMENTS (filters)]);

    stream_wait_frames (stream, 5);
    g_object_set (stream_get (stream, "filter"), "caps", caps, NULL);
    stream_check (stream);
  }
  gst_element_send_event (stream_get_pipeline (stream), gst_event_new_eos ());
  stream_wait_eos (stream);
  stream_check_complete (stream);
  assert_equals_int (watch.n_wrong, 0);
  stream_free (stream);
  check_nothing_is_left ();
}

GST_END_TEST;

/* The brightness of a pixel on the outline of the cat, the same in every frame
 * that it is drawn on. */
static GstPadProbeReturn
look_at_outline (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  GHashTable *seen = data;
  GstVideoRegionOfInterestMeta *cat = find_region (buffer, "cat");
  const GstVideoMeta *meta = gst_buffer_get_video_meta (buffer);
  guint8 pixel;

  fail_unless (cat != NULL && meta != NULL);
  assert_equals_int (gst_buffer_extract (buffer, meta->offset[0]
          + (cat->y + cat->h / 2) * meta->stride[0] + cat->x, &pixel, 1), 1);
  g_hash_table_add (seen, GUINT_TO_POINTER (pixel));
  return GST_PAD_PROBE_OK;
}

GST_START_TEST (test_overlay)
{
  GHashTable *before = g_hash_table_new (NULL, NULL);
  GHashTable *after = g_hash_table_new (NULL, NULL);
  GHashTableIter drawn;
  gpointer pixel;
  gboolean native = __i__ == DRM && camera_knows_drm ();
  Watch watch = { native ? PLAIN : __i__, 1 };
  Stream *stream = new_stream (device, 60,
      native ? CAMERA (DRM_FILTER) OVERLAY : CAMERA (FILTER) OVERLAY, "auto",
      &watch);

  add_probe (stream, "overlay", "sink", GST_PAD_PROBE_TYPE_BUFFER,
      look_at_outline, before);
  add_probe (stream, "overlay", "src", GST_PAD_PROBE_TYPE_BUFFER,
      look_at_outline, after);
  run_to_the_end (stream, &watch, 60);
  assert_equals_int (g_hash_table_size (after), 1);
  g_hash_table_iter_init (&drawn, after);
  g_hash_table_iter_next (&drawn, &pixel, NULL);
  fail_if (g_hash_table_contains (before, pixel));
  g_hash_table_unref (before);
  g_hash_table_unref (after);
  check_nothing_is_left ();
}

GST_END_TEST;

/* What is opened once stays open. */
static void
warm_up (void)
{
  run_camera (device, "auto", PLAIN, 1, 5);
  n_fds = count_fds ();
}

GST_START_TEST (test_first)
{
  warm_up ();
}

GST_END_TEST;

static void
add_tests (TCase * tests)
{
  tcase_add_test (tests, test_first);
  tcase_add_loop_test (tests, test_dialects, 0, 2 * (DRM + 1));
  tcase_add_loop_test (tests, test_planes_in_memories_of_their_own, PLAIN,
      DRM + 1);
  tcase_add_test (tests, test_negotiation);
  tcase_add_test (tests, test_drm_caps_of_the_camera);
  tcase_add_loop_test (tests, test_caps_change, 0, 2);
  tcase_add_loop_test (tests, test_overlay, PLAIN, DRM + 1);
  tcase_add_test (tests, test_many_frames);
  tcase_add_test (tests, test_many_frames_by_rga);
}

int
main (int argc, char **argv)
{
  if (argc != 3) {
    g_printerr ("usage: camera DEVICE PLANES-DEVICE\n");
    return 2;
  }
  device = argv[1];
  planes_device = argv[2];
  argc = 1;
  /* The model of these tests is too small for an RGA3. */
  g_setenv ("RGA_STANDIN_SOC", "rk3568", TRUE);
  g_setenv ("RGA_STANDIN_WATCH", "1", TRUE);
  rga_standin_load (&rga);
  return stream_test_main (&argc, &argv, "camera", add_tests);
}
