/* SPDX-License-Identifier: LGPL-2.1-or-later */

/**
 * SECTION:element-rknnyolo
 * @title: rknnyolo
 * @short_description: YOLO object detection on a Rockchip NPU
 *
 * Finds objects in video frames with a YOLO model. Frames go round-robin over
 * the cores of the NPU and leave in the order in which they came, with their
 * pixels untouched and the detections as metadata: one
 * #GstVideoRegionOfInterestMeta each, whose type is the label and whose
 * parameter structure `detection` has the confidence and the exact box, and,
 * on GStreamer 1.24 and newer, a GstAnalyticsRelationMeta with the same. Masks,
 * keypoints and rotated boxes of models that find them are in further parameter
 * structures, which rknnyolo/detections.h reads.
 *
 * The model is a .rknn file, which runs on the NPU through Rockchip's
 * librknnrt, or an .onnx file, which runs on the CPU through the stand-in
 * runtime of this plugin; the folder `*_rknn_model` that Ultralytics exports
 * works too. Everything else of a pipeline stays the same.
 *
 * ## Example launch lines
 *
 * |[
 * gst-launch-1.0 filesrc location=street.mp4 ! decodebin ! rknnyolo model=yolo11n.onnx ! rknnyolooverlay ! videoconvert ! autovideosink
 * ]| Detects on the CPU of any computer and shows the result.
 *
 * |[
 * gst-launch-1.0 v4l2src ! video/x-raw,format=NV12,width=1920,height=1080 ! rknnyolo model=yolo11n.rknn ! rknnyolooverlay hud=true ! mpph264enc ! h264parse ! matroskamux ! filesink location=camera.mkv
 * ]| Records a camera with its detections on a Rockchip board.
 *
 * |[
 * gst-launch-1.0 rtspsrc location=rtsp://camera/stream latency=100 ! rtph264depay ! h264parse ! mppvideodec ! rknnyolo model=yolov8n.rknn classes=person,car confidence-threshold=0.4 overload=skip ! rknnyolooverlay ! waylandsink
 * ]| Watches an RTSP camera for persons and cars; when the NPU cannot keep up,
 * frames pass without detections instead of piling up.
 */

#include "gstrknnyoloprivate.h"

#include <string.h>

GST_DEBUG_CATEGORY (gst_rknn_yolo_debug);
#define GST_CAT_DEFAULT gst_rknn_yolo_debug

#define DEFAULT_CONFIDENCE_THRESHOLD 0.25f
#define DEFAULT_IOU_THRESHOLD 0.45f
#define DEFAULT_MAX_DETECTIONS 300
#define DEFAULT_MULTI_LABEL FALSE
#define DEFAULT_CLASS_AGNOSTIC FALSE
#define DEFAULT_CLASSES ""
#define DEFAULT_CORES "auto"
#define DEFAULT_CPU_AFFINITY "auto"
#define DEFAULT_INFERENCE_TIMEOUT 0
#define DEFAULT_CONTEXTS_PER_CORE RY_DEFAULT_CONTEXTS_PER_CORE
#define DEFAULT_MAX_IN_FLIGHT 0
#define DEFAULT_OVERLOAD GST_RKNN_YOLO_OVERLOAD_WAIT
#define DEFAULT_INTERVAL 1
#define DEFAULT_PREPROCESS RY_PREPROCESS_AUTO
#define DEFAULT_LETTERBOX RY_LETTERBOX_CENTER
#define DEFAULT_CHANNEL_ORDER CHANNEL_ORDER_RGB
#define DEFAULT_NPU_PRIORITY RY_PRIORITY_HIGH
#define DEFAULT_SRAM RY_SRAM_OFF
#define DEFAULT_QOS FALSE
#define DEFAULT_STATS_INTERVAL 0

enum
{
  CHANNEL_ORDER_RGB,
  CHANNEL_ORDER_BGR,
};

enum
{
  PROP_0,
  PROP_MODEL,
  PROP_LABELS,
  PROP_RUNTIME_LIBRARY,
  PROP_CONFIDENCE_THRESHOLD,
  PROP_IOU_THRESHOLD,
  PROP_MAX_DETECTIONS,
  PROP_MULTI_LABEL,
  PROP_CLASS_AGNOSTIC,
  PROP_CLASSES,
  PROP_CORES,
  PROP_CONTEXTS_PER_CORE,
  PROP_CPU_AFFINITY,
  PROP_INFERENCE_TIMEOUT,
  PROP_MAX_IN_FLIGHT,
  PROP_OVERLOAD,
  PROP_INTERVAL,
  PROP_MODEL_INSTANCE_ID,
  PROP_PREPROCESS,
  PROP_LETTERBOX,
  PROP_CHANNEL_ORDER,
  PROP_HEAD,
  PROP_NPU_PRIORITY,
  PROP_SRAM,
  PROP_QOS,
  PROP_STATS,
  PROP_STATS_INTERVAL,
};

#define gst_rknn_yolo_parent_class parent_class
G_DEFINE_TYPE_WITH_CODE (GstRknnYolo, gst_rknn_yolo, GST_TYPE_ELEMENT,
    GST_DEBUG_CATEGORY_INIT (gst_rknn_yolo_debug, "rknnyolo", 0,
        "YOLO on a Rockchip NPU"));
GST_ELEMENT_REGISTER_DEFINE (rknnyolo, "rknnyolo", GST_RANK_NONE,
    GST_TYPE_RKNN_YOLO);

#define GST_TYPE_RKNN_YOLO_OVERLOAD (gst_rknn_yolo_overload_get_type ())
static GType
gst_rknn_yolo_overload_get_type (void)
{
  static GType type = 0;
  static const GEnumValue values[] = {
    {GST_RKNN_YOLO_OVERLOAD_WAIT, "Block upstream; no frame is ever skipped",
        "wait"},
    {GST_RKNN_YOLO_OVERLOAD_SKIP, "Let the frame pass without inference",
        "skip"},
    {GST_RKNN_YOLO_OVERLOAD_DROP, "Drop the frame", "drop"},
    {0, NULL, NULL},
  };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type,
        g_enum_register_static ("GstRknnYoloOverload", values));
  return type;
}

#define GST_TYPE_RKNN_YOLO_PREPROCESS (gst_rknn_yolo_preprocess_get_type ())
static GType
gst_rknn_yolo_preprocess_get_type (void)
{
  static GType type = 0;
  static const GEnumValue values[] = {
    {RY_PREPROCESS_AUTO, "RGA where there is one and it can, else the CPU",
        "auto"},
    {RY_PREPROCESS_RGA, "RGA; an error where it cannot", "rga"},
    {RY_PREPROCESS_CPU, "The CPU (libyuv)", "cpu"},
    {0, NULL, NULL},
  };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type,
        g_enum_register_static ("GstRknnYoloPreprocess", values));
  return type;
}

#define GST_TYPE_RKNN_YOLO_CHANNEL_ORDER \
  (gst_rknn_yolo_channel_order_get_type ())
static GType
gst_rknn_yolo_channel_order_get_type (void)
{
  static GType type = 0;
  static const GEnumValue values[] = {
    {CHANNEL_ORDER_RGB, "Red, green, blue", "rgb"},
    {CHANNEL_ORDER_BGR, "Blue, green, red (YOLOX)", "bgr"},
    {0, NULL, NULL},
  };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type,
        g_enum_register_static ("GstRknnYoloChannelOrder", values));
  return type;
}

#define GST_TYPE_RKNN_YOLO_LETTERBOX (gst_rknn_yolo_letterbox_get_type ())
static GType
gst_rknn_yolo_letterbox_get_type (void)
{
  static GType type = 0;
  static const GEnumValue values[] = {
    {RY_LETTERBOX_CENTER, "Aspect ratio kept, borders on both sides",
        "center"},
    {RY_LETTERBOX_TOP_LEFT, "Aspect ratio kept, borders right and below",
        "top-left"},
    {RY_LETTERBOX_STRETCH, "Stretched to the model's input", "stretch"},
    {0, NULL, NULL},
  };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type,
        g_enum_register_static ("GstRknnYoloLetterbox", values));
  return type;
}

#define GST_TYPE_RKNN_YOLO_PRIORITY (gst_rknn_yolo_priority_get_type ())
static GType
gst_rknn_yolo_priority_get_type (void)
{
  static GType type = 0;
  static const GEnumValue values[] = {
    {RY_PRIORITY_HIGH, "Before the jobs of others (the runtime's default)",
        "high"},
    {RY_PRIORITY_MEDIUM, "Between", "medium"},
    {RY_PRIORITY_LOW, "When no others wait", "low"},
    {0, NULL, NULL},
  };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type,
        g_enum_register_static ("GstRknnYoloPriority", values));
  return type;
}

#define GST_TYPE_RKNN_YOLO_SRAM (gst_rknn_yolo_sram_get_type ())
static GType
gst_rknn_yolo_sram_get_type (void)
{
  static GType type = 0;
  static const GEnumValue values[] = {
    {RY_SRAM_OFF, "Not used", "off"},
    {RY_SRAM_ON, "Each context has a part of its own", "on"},
    {RY_SRAM_SHARED, "All contexts share one part", "shared"},
    {0, NULL, NULL},
  };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type,
        g_enum_register_static ("GstRknnYoloSram", values));
  return type;
}

/* ---- states -------------------------------------------------------------- */

static GstStateChangeReturn
gst_rknn_yolo_change_state (GstElement * element, GstStateChange transition)
{
  GstRknnYolo *self = GST_RKNN_YOLO (element);
  GstStateChangeReturn result;

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED) {
    if (!gst_rknn_yolo_load_open (self))
      return GST_STATE_CHANGE_FAILURE;
    gst_rknn_yolo_reload_start (self);
    gst_rknn_yolo_report_start (self);
  }

  result = GST_ELEMENT_CLASS (parent_class)->change_state (element, transition);

  /* The pads are inactive by now: nothing new comes in. */
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY
      || (transition == GST_STATE_CHANGE_READY_TO_PAUSED
          && result == GST_STATE_CHANGE_FAILURE)) {
    gst_rknn_yolo_report_stop (self);
    gst_rknn_yolo_reload_stop (self);
    gst_rknn_yolo_load_close (self);
  }
  return result;
}

/* ---- properties and class ------------------------------------------------ */

static void
set_string (gchar ** string, const GValue * value)
{
  g_free (*string);
  *string = g_value_dup_string (value);
}

/* FALSE if id is none of those that a model is loaded with. */
static gboolean
set_config_property (GstRknnYoloModelConfig * config, guint id,
    const GValue * value)
{
  switch (id) {
    case PROP_MODEL:
      set_string (&config->model, value);
      break;
    case PROP_LABELS:
      set_string (&config->labels, value);
      break;
    case PROP_RUNTIME_LIBRARY:
      set_string (&config->runtime_library, value);
      break;
    case PROP_CORES:
      set_string (&config->cores, value);
      break;
    case PROP_CONTEXTS_PER_CORE:
      config->contexts_per_core = g_value_get_uint (value);
      break;
    case PROP_CPU_AFFINITY:
      set_string (&config->cpu_affinity, value);
      break;
    case PROP_INFERENCE_TIMEOUT:
      config->inference_timeout = g_value_get_uint (value);
      break;
    case PROP_CHANNEL_ORDER:
      config->bgr = g_value_get_enum (value) == CHANNEL_ORDER_BGR;
      break;
    case PROP_HEAD:
      set_string (&config->head, value);
      break;
    case PROP_NPU_PRIORITY:
      config->npu_priority = g_value_get_enum (value);
      break;
    case PROP_SRAM:
      config->sram = g_value_get_enum (value);
      break;
    default:
      return FALSE;
  }
  return TRUE;
}

static void
gst_rknn_yolo_set_property (GObject * object, guint id, const GValue * value,
    GParamSpec * pspec)
{
  GstRknnYolo *self = GST_RKNN_YOLO (object);
  g_autofree gchar *unknown = NULL;

  GST_OBJECT_LOCK (self);
  self->model_set |= id == PROP_MODEL;
  switch (id) {
    case PROP_CONFIDENCE_THRESHOLD:
      self->decode.confidence_threshold = g_value_get_float (value);
      break;
    case PROP_IOU_THRESHOLD:
      self->decode.iou_threshold = g_value_get_float (value);
      break;
    case PROP_MAX_DETECTIONS:
      self->decode.max_detections = g_value_get_uint (value);
      break;
    case PROP_MULTI_LABEL:
      self->decode.multi_label = g_value_get_boolean (value);
      break;
    case PROP_CLASS_AGNOSTIC:
      self->decode.class_agnostic = g_value_get_boolean (value);
      break;
    case PROP_CLASSES:
      set_string (&self->classes, value);
      break;
    case PROP_MAX_IN_FLIGHT:
      self->max_in_flight = g_value_get_uint (value);
      break;
    case PROP_OVERLOAD:
      self->overload = g_value_get_enum (value);
      break;
    case PROP_INTERVAL:
      self->interval = g_value_get_uint (value);
      break;
    case PROP_MODEL_INSTANCE_ID:
      set_string (&self->instance_id, value);
      break;
    case PROP_PREPROCESS:
      self->config.preprocess = g_value_get_enum (value);
      break;
    case PROP_LETTERBOX:
      self->letterbox = g_value_get_enum (value);
      break;
    case PROP_QOS:
      self->qos = g_value_get_boolean (value);
      break;
    case PROP_STATS_INTERVAL:
      self->stats_interval = g_value_get_uint (value);
      break;
    default:
      if (!set_config_property (&self->config, id, value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);

  g_rec_mutex_lock (&self->engine_lock);
  if (self->model)
    gst_rknn_yolo_settings_update (self, &unknown);
  g_rec_mutex_unlock (&self->engine_lock);
  if (unknown && id == PROP_CLASSES)
    gst_rknn_yolo_settings_warn (self, unknown);
  if (id == PROP_STATS_INTERVAL)
    gst_rknn_yolo_report_update (self);
}

/* FALSE if id is none of those that a model is loaded with. */
static gboolean
get_config_property (const GstRknnYoloModelConfig * config, guint id,
    GValue * value)
{
  switch (id) {
    case PROP_MODEL:
      g_value_set_string (value, config->model);
      break;
    case PROP_LABELS:
      g_value_set_string (value, config->labels);
      break;
    case PROP_RUNTIME_LIBRARY:
      g_value_set_string (value, config->runtime_library);
      break;
    case PROP_CORES:
      g_value_set_string (value, config->cores);
      break;
    case PROP_CONTEXTS_PER_CORE:
      g_value_set_uint (value, config->contexts_per_core);
      break;
    case PROP_CPU_AFFINITY:
      g_value_set_string (value, config->cpu_affinity);
      break;
    case PROP_INFERENCE_TIMEOUT:
      g_value_set_uint (value, config->inference_timeout);
      break;
    case PROP_CHANNEL_ORDER:
      g_value_set_enum (value, config->bgr ? CHANNEL_ORDER_BGR :
          CHANNEL_ORDER_RGB);
      break;
    case PROP_HEAD:
      g_value_set_string (value, config->head);
      break;
    case PROP_NPU_PRIORITY:
      g_value_set_enum (value, config->npu_priority);
      break;
    case PROP_SRAM:
      g_value_set_enum (value, config->sram);
      break;
    default:
      return FALSE;
  }
  return TRUE;
}

static void
gst_rknn_yolo_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  GstRknnYolo *self = GST_RKNN_YOLO (object);

  if (id == PROP_STATS) {
    g_value_take_boxed (value, gst_rknn_yolo_stats_new (self));
    return;
  }
  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_CONFIDENCE_THRESHOLD:
      g_value_set_float (value, self->decode.confidence_threshold);
      break;
    case PROP_IOU_THRESHOLD:
      g_value_set_float (value, self->decode.iou_threshold);
      break;
    case PROP_MAX_DETECTIONS:
      g_value_set_uint (value, self->decode.max_detections);
      break;
    case PROP_MULTI_LABEL:
      g_value_set_boolean (value, self->decode.multi_label);
      break;
    case PROP_CLASS_AGNOSTIC:
      g_value_set_boolean (value, self->decode.class_agnostic);
      break;
    case PROP_CLASSES:
      g_value_set_string (value, self->classes);
      break;
    case PROP_MAX_IN_FLIGHT:
      g_value_set_uint (value, self->max_in_flight);
      break;
    case PROP_OVERLOAD:
      g_value_set_enum (value, self->overload);
      break;
    case PROP_INTERVAL:
      g_value_set_uint (value, self->interval);
      break;
    case PROP_MODEL_INSTANCE_ID:
      g_value_set_string (value, self->instance_id);
      break;
    case PROP_PREPROCESS:
      g_value_set_enum (value, self->config.preprocess);
      break;
    case PROP_LETTERBOX:
      g_value_set_enum (value, self->letterbox);
      break;
    case PROP_QOS:
      g_value_set_boolean (value, self->qos);
      break;
    case PROP_STATS_INTERVAL:
      g_value_set_uint (value, self->stats_interval);
      break;
    default:
      if (!get_config_property (&self->config, id, value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

/* All that g_object_set() was given is set by now, in whatever order. */
static void
gst_rknn_yolo_dispatch_properties_changed (GObject * object, guint n,
    GParamSpec ** pspecs)
{
  G_OBJECT_CLASS (parent_class)->dispatch_properties_changed (object, n,
      pspecs);
  gst_rknn_yolo_reload_check (GST_RKNN_YOLO (object));
}

static void
gst_rknn_yolo_finalize (GObject * object)
{
  GstRknnYolo *self = GST_RKNN_YOLO (object);

  gst_rknn_yolo_queue_free (self->queue);
  g_rec_mutex_clear (&self->engine_lock);
  g_mutex_clear (&self->models.lock);
  g_cond_clear (&self->models.changed);
  g_clear_pointer (&self->settings, ry_settings_unref);
  gst_rknn_yolo_model_config_clear (&self->config);
  g_free (self->classes);
  g_free (self->instance_id);
  G_OBJECT_CLASS (parent_class)->finalize (object);
}

#define READY \
  (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY)
#define LIVE \
  (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING)

static void
install_model_properties (GObjectClass * klass)
{
  g_object_class_install_property (klass, PROP_MODEL,
      g_param_spec_string ("model", "Model",
          "The model: a .rknn file, an .onnx file, or a folder as Ultralytics "
          "exports it (*_rknn_model). Set while PAUSED or PLAYING it is loaded "
          "beside the stream and takes over between two frames; if it cannot "
          "be loaded the old one stays", NULL, LIVE));
  g_object_class_install_property (klass, PROP_LABELS,
      g_param_spec_string ("labels", "Labels",
          "Text file with one label a line (default: the folder's "
          "metadata.yaml, else the model's own, else the COCO names when the "
          "model has 80 classes, else \"class N\"). Read when model is set",
          NULL, LIVE));
  g_object_class_install_property (klass, PROP_RUNTIME_LIBRARY,
      g_param_spec_string ("runtime-library", "Runtime library",
          "Path of the runtime (default: the environment variable "
          "RKNNYOLO_RUNTIME, else librknnrt.so for .rknn models and the "
          "stand-in for .onnx models). Used when model is set", NULL, LIVE));
  g_object_class_install_property (klass, PROP_CORES,
      g_param_spec_string ("cores", "Cores",
          "Cores of the NPU to use: \"auto\" or \"all\" for every core there "
          "is, or a list such as \"0,2\". Used when model is set",
          DEFAULT_CORES, LIVE));
  g_object_class_install_property (klass, PROP_CONTEXTS_PER_CORE,
      g_param_spec_uint ("contexts-per-core", "Contexts per core",
          "How many contexts share a core; more than one hides the CPU's work "
          "on a frame behind the NPU's on another, and takes more memory. Used "
          "when model is set",
          1, RY_MAX_CONTEXTS_PER_CORE, DEFAULT_CONTEXTS_PER_CORE, LIVE));
  g_object_class_install_property (klass, PROP_CPU_AFFINITY,
      g_param_spec_string ("cpu-affinity", "CPU affinity",
          "CPUs on which the threads of the contexts run: \"auto\" for the big "
          "ones where there are big and little ones, \"none\" for any, or a "
          "list such as \"4-7\". Used when model is set",
          DEFAULT_CPU_AFFINITY, LIVE));
  g_object_class_install_property (klass, PROP_INFERENCE_TIMEOUT,
      g_param_spec_uint ("inference-timeout", "Inference timeout",
          "Milliseconds after which an inference that has not come back counts "
          "as failed and its context is made anew (0 = 20 times the first "
          "inference, at least 3 s). Used when model is set", 0,
          G_MAXUINT / 2, DEFAULT_INFERENCE_TIMEOUT, LIVE));
  g_object_class_install_property (klass, PROP_MODEL_INSTANCE_ID,
      g_param_spec_string ("model-instance-id", "Model instance",
          "Elements with the same id share one loaded model and its contexts, as "
          "the first of them set them; while they do, model cannot be changed",
          NULL, READY));
  g_object_class_install_property (klass, PROP_PREPROCESS,
      g_param_spec_enum ("preprocess", "Preprocess",
          "What scales and converts frames for the model. RGA takes frames in "
          "dma-bufs; why it did not is in the property stats",
          GST_TYPE_RKNN_YOLO_PREPROCESS, DEFAULT_PREPROCESS, READY));
  g_object_class_install_property (klass, PROP_CHANNEL_ORDER,
      g_param_spec_enum ("channel-order", "Channel order",
          "In which order the model takes the colours. Used when model is set",
          GST_TYPE_RKNN_YOLO_CHANNEL_ORDER, DEFAULT_CHANNEL_ORDER, LIVE));
  g_object_class_install_property (klass, PROP_HEAD,
      g_param_spec_string ("head", "Head",
          "What the model's outputs are where their shapes cannot tell: "
          "\"yolov7\" and \"yolov7-tiny\" for the anchors of those, \"yolox\" "
          "(default: recognised). Used when model is set", NULL, LIVE));
  g_object_class_install_property (klass, PROP_NPU_PRIORITY,
      g_param_spec_enum ("npu-priority", "NPU priority",
          "Whose inferences the NPU takes first where several programs or "
          "models use it. Used when model is set",
          GST_TYPE_RKNN_YOLO_PRIORITY, DEFAULT_NPU_PRIORITY, LIVE));
  g_object_class_install_property (klass, PROP_SRAM,
      g_param_spec_enum ("sram", "SRAM",
          "Whether the runtime keeps data in the SoC's SRAM, which takes load "
          "off the memory; needs librknnrt 1.6 and a kernel that gives SRAM "
          "to the NPU. Used when model is set",
          GST_TYPE_RKNN_YOLO_SRAM, DEFAULT_SRAM, LIVE));
}

static void
install_detection_properties (GObjectClass * klass)
{
  g_object_class_install_property (klass, PROP_CONFIDENCE_THRESHOLD,
      g_param_spec_float ("confidence-threshold", "Confidence threshold",
          "Detections must have a greater score", 0.0f, 1.0f,
          DEFAULT_CONFIDENCE_THRESHOLD, LIVE));
  g_object_class_install_property (klass, PROP_IOU_THRESHOLD,
      g_param_spec_float ("iou-threshold", "IoU threshold",
          "Of two boxes of one class that overlap by more only the better one "
          "stays", 0.0f, 1.0f, DEFAULT_IOU_THRESHOLD, LIVE));
  g_object_class_install_property (klass, PROP_MAX_DETECTIONS,
      g_param_spec_uint ("max-detections", "Max detections",
          "At most so many detections a frame, the best ones", 1, 10000,
          DEFAULT_MAX_DETECTIONS, LIVE));
  g_object_class_install_property (klass, PROP_MULTI_LABEL,
      g_param_spec_boolean ("multi-label", "Multi-label",
          "A box may carry every class above the threshold, not only its best "
          "(as in validation)", DEFAULT_MULTI_LABEL, LIVE));
  g_object_class_install_property (klass, PROP_CLASS_AGNOSTIC,
      g_param_spec_boolean ("class-agnostic", "Class-agnostic",
          "Of two boxes that overlap by more than iou-threshold only the better "
          "one stays whatever their classes are, so that a thing is found once",
          DEFAULT_CLASS_AGNOSTIC, LIVE));
  g_object_class_install_property (klass, PROP_CLASSES,
      g_param_spec_string ("classes", "Classes",
          "Names or numbers of the classes to keep, separated by commas; "
          "empty: all", DEFAULT_CLASSES, LIVE));
  g_object_class_install_property (klass, PROP_LETTERBOX,
      g_param_spec_enum ("letterbox", "Letterbox",
          "How the frame is fitted to the model's input",
          GST_TYPE_RKNN_YOLO_LETTERBOX, DEFAULT_LETTERBOX, LIVE));
}

static void
install_flow_properties (GObjectClass * klass)
{
  g_object_class_install_property (klass, PROP_MAX_IN_FLIGHT,
      g_param_spec_uint ("max-in-flight", "Max in flight",
          "Frames with inference inside the element (0 = contexts + 1, times "
          "the pictures that the model takes in a run)", 0, 256,
          DEFAULT_MAX_IN_FLIGHT, LIVE));
  g_object_class_install_property (klass, PROP_OVERLOAD,
      g_param_spec_enum ("overload", "Overload",
          "What happens to a frame that comes while the element is full",
          GST_TYPE_RKNN_YOLO_OVERLOAD, DEFAULT_OVERLOAD, LIVE));
  g_object_class_install_property (klass, PROP_INTERVAL,
      g_param_spec_uint ("interval", "Interval",
          "Infer every Nth frame; the others pass", 1, 1000, DEFAULT_INTERVAL,
          LIVE));
  g_object_class_install_property (klass, PROP_QOS, g_param_spec_boolean ("qos",
          "QoS",
          "Let frames that would come too late pass without inference; post "
          "QOS messages for those and for frames that are dropped", DEFAULT_QOS,
          LIVE));
  g_object_class_install_property (klass, PROP_STATS,
      g_param_spec_boxed ("stats", "Statistics",
          "Frames in, inferred, passed, skipped, failed, corrupted, dropped, "
          "flushed, in flight; latency and times of the last frames in "
          "microseconds by stage and core; model, its input size for the last "
          "frame, runtime and driver", GST_TYPE_STRUCTURE,
          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  g_object_class_install_property (klass, PROP_STATS_INTERVAL,
      g_param_spec_uint ("stats-interval", "Statistics interval",
          "Milliseconds between two element messages with the statistics, to "
          "which \"fps-in\" and \"inferred-per-second\" since the last are "
          "added (0 = none)", 0, 24 * 3600 * 1000, DEFAULT_STATS_INTERVAL,
          LIVE));
}

static void
gst_rknn_yolo_class_init (GstRknnYoloClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  klass->instances = gst_rknn_yolo_instances_new ();
  object_class->set_property = gst_rknn_yolo_set_property;
  object_class->get_property = gst_rknn_yolo_get_property;
  object_class->finalize = gst_rknn_yolo_finalize;
  object_class->dispatch_properties_changed =
      gst_rknn_yolo_dispatch_properties_changed;
  element_class->change_state = gst_rknn_yolo_change_state;

  install_model_properties (object_class);
  install_detection_properties (object_class);
  install_flow_properties (object_class);

  gst_rknn_yolo_flow_class_init (element_class);
  gst_element_class_set_static_metadata (element_class,
      "YOLO object detection on a Rockchip NPU", "Filter/Analyzer/Video",
      "Finds objects in video frames with a YOLO model on all cores of a "
      "Rockchip NPU (or on the CPU) and attaches them as metadata",
      "The gst-rknnyolo developers");

  gst_type_mark_as_plugin_api (GST_TYPE_RKNN_YOLO_OVERLOAD, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_RKNN_YOLO_PREPROCESS, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_RKNN_YOLO_LETTERBOX, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_RKNN_YOLO_CHANNEL_ORDER, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_RKNN_YOLO_PRIORITY, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_RKNN_YOLO_SRAM, 0);
}

static void
gst_rknn_yolo_init (GstRknnYolo * self)
{
  g_rec_mutex_init (&self->engine_lock);
  g_mutex_init (&self->models.lock);
  g_cond_init (&self->models.changed);
  self->config.cores = g_strdup (DEFAULT_CORES);
  self->config.cpu_affinity = g_strdup (DEFAULT_CPU_AFFINITY);
  self->config.inference_timeout = DEFAULT_INFERENCE_TIMEOUT;
  self->classes = g_strdup (DEFAULT_CLASSES);
  self->decode.confidence_threshold = DEFAULT_CONFIDENCE_THRESHOLD;
  self->decode.iou_threshold = DEFAULT_IOU_THRESHOLD;
  self->decode.max_detections = DEFAULT_MAX_DETECTIONS;
  self->decode.multi_label = DEFAULT_MULTI_LABEL;
  self->decode.class_agnostic = DEFAULT_CLASS_AGNOSTIC;
  self->letterbox = DEFAULT_LETTERBOX;
  self->config.contexts_per_core = DEFAULT_CONTEXTS_PER_CORE;
  self->max_in_flight = DEFAULT_MAX_IN_FLIGHT;
  self->overload = DEFAULT_OVERLOAD;
  self->interval = DEFAULT_INTERVAL;
  self->config.preprocess = DEFAULT_PREPROCESS;
  self->config.bgr = DEFAULT_CHANNEL_ORDER == CHANNEL_ORDER_BGR;
  self->config.npu_priority = DEFAULT_NPU_PRIORITY;
  self->config.sram = DEFAULT_SRAM;
  self->qos = DEFAULT_QOS;
  self->stats_interval = DEFAULT_STATS_INTERVAL;
  self->reported_latency = GST_CLOCK_TIME_NONE;
  gst_rknn_yolo_flow_init (self);
}
