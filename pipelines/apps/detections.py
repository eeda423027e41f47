# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reading detections off a Gst.Buffer; for Python what rknnyolo/detections.h
is for C. Copy this file into your program.

    for detection in detections(buffer):
        print(detection.label, detection.confidence, detection.x, detection.y)
"""

import collections

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstVideo", "1.0")
# pylint: disable=wrong-import-position
from gi.repository import GLib, GstVideo  # noqa: E402

try:
    gi.require_version("GstAnalytics", "1.0")       # GStreamer 1.24 and newer
    from gi.repository import GstAnalytics
except (ImportError, ValueError):
    GstAnalytics = None

# x, y, width, height: pixels of the frame, from its top left corner.
# class_id is -1, confidence None where the producer did not say.
Detection = collections.namedtuple(
    "Detection", "label class_id confidence x y width height meta")

HIGHEST_ID = 100000


def detections(buffer):
    """The detections on a buffer, in the order of their numbers."""
    missing = buffer.get_n_meta(GstVideo.video_region_of_interest_meta_api_get_type())
    # Metas cannot be iterated over from Python; they can be asked for by
    # their numbers, which begin at 0 unless something else put numbers there.
    number = 0
    while missing > 0 and number < HIGHEST_ID:
        meta = GstVideo.buffer_get_video_region_of_interest_meta_id(buffer, number)
        number += 1
        if meta is not None:
            missing -= 1
            yield _read(meta)


def _read(meta):
    label = GLib.quark_to_string(meta.roi_type)
    params = meta.get_param("detection")
    if params is None:      # of another producer, or the frame was scaled since
        return Detection(label, -1, None, meta.x, meta.y, meta.w, meta.h, meta)
    return Detection(label, params.get_int("label_id").value,
                     params.get_double("confidence").value,
                     meta.x, meta.y, meta.w, meta.h, meta)


def analytics(buffer):
    """The same from GstAnalytics, where GStreamer has it: (label, confidence,
    x, y, width, height); None where it has not, or the buffer does not."""
    relations = GstAnalytics and GstAnalytics.buffer_get_analytics_relation_meta(buffer)
    if not relations:
        return None
    found = []
    for number in range(GstAnalytics.relation_get_length(relations)):
        is_object, mtd = relations.get_od_mtd(number)
        if is_object:
            _ok, x, y, width, height, confidence = mtd.get_location()
            found.append((GLib.quark_to_string(mtd.get_obj_type()), confidence,
                          x, y, width, height))
    return found
