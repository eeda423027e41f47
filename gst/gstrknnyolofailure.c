/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What rknnyolo says of frames that cannot be read and inferences that fail. */

#include "gstrknnyoloprivate.h"

#define GST_CAT_DEFAULT gst_rknn_yolo_debug

#define VERSIONS "runtime %s version %s, driver %s, model %s"
#define VERSION_ARGS(info) (info)->runtime_path, (info)->runtime_version, \
    (info)->driver_version, (info)->model_name

void
gst_rknn_yolo_failure_unreadable (GstRknnYolo * self, GstBuffer * buffer,
    const GError * error)
{
  gboolean warned;

  GST_DEBUG_OBJECT (self, "not readable: %s", error->message);
  GST_OBJECT_LOCK (self);
  warned = self->warned_unreadable;
  self->warned_unreadable = TRUE;
  GST_OBJECT_UNLOCK (self);
  if (warned)
    return;
  GST_ELEMENT_WARNING (self, RESOURCE, READ,
      ("A frame cannot be read and passes without inference: %s Further ones "
          "are counted in the property stats. If all are like that, put a caps "
          "filter \"video/x-raw,format=NV12\" behind the element that makes "
          "them.", error->message), ("%" GST_PTR_FORMAT, buffer));
}

/* Frames in ordinary memory are nothing odd. */
void
gst_rknn_yolo_failure_no_rga (GstRknnYolo * self, RyRgaReason reason,
    const gchar * note)
{
  const gchar *name = ry_rga_reason_get_name (reason);

  if (self->told_rga & 1u << reason)
    return;
  self->told_rga |= 1u << reason;
  if (reason == RY_RGA_REASON_OFF)
    GST_ELEMENT_WARNING (self, RESOURCE, FAILED,
        ("RGA cannot make inputs any more: %s. The CPU makes them, which "
            "takes longer.", note), (NULL));
  else
    GST_CAT_LEVEL_LOG (GST_CAT_DEFAULT, reason == RY_RGA_REASON_NO_DMABUF ?
        GST_LEVEL_INFO : GST_LEVEL_WARNING, self, "the CPU makes the input, "
        "counted in stats as rga-fallbacks, %s: %s", name, note);
}

void
gst_rknn_yolo_failure_warn (GstRknnYolo * self, GstRknnYoloModel * model,
    const GError * error)
{
  const RyEngineInfo *info = ry_engine_get_info (model->engine);

  GST_DEBUG_OBJECT (self, "inference failed: %s", error->message);
  if (model->warned_failure)
    return;
  model->warned_failure = TRUE;
  GST_ELEMENT_WARNING (self, LIBRARY, FAILED,
      ("An inference failed: %s The frame passes without detections; further "
          "failures are counted in the property stats.", error->message),
      (VERSIONS, VERSION_ARGS (info)));
}

void
gst_rknn_yolo_failure_check (GstRknnYolo * self, GstRknnYoloModel * model)
{
  const RyEngineInfo *info = ry_engine_get_info (model->engine);
  RyHealth health;
  guint lost;

  ry_engine_get_health (model->engine, &health);
  lost = info->n_contexts - health.contexts;
  if (lost <= model->warned_lost)
    return;
  model->warned_lost = lost;
  GST_ELEMENT_WARNING (self, LIBRARY, FAILED,
      ("%u of the %u contexts of the NPU do not work any more and could not be "
          "made anew; the others go on. Restart the pipeline to try again; the "
          "kernel's log (dmesg) may tell why.", lost, info->n_contexts),
      (VERSIONS, VERSION_ARGS (info)));
}

GstFlowReturn
gst_rknn_yolo_failure_end (GstRknnYolo * self, const GError * error)
{
  GST_ELEMENT_ERROR (self, RESOURCE, FAILED, ("%s", error->message), (NULL));
  return GST_FLOW_ERROR;
}
