#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""An application that embeds rknnyolo: prints what is seen in a video.

    watch.py MODEL VIDEO

It reads the detections at two places, of which a program needs one:

- a pad probe sees every frame in passing. It runs in the thread of the stream,
  must be quick, and the pipeline may end in any sink;
- an appsink hands over frames with their pixels, here to tell how bright each
  object is.

watch.c is the same in C.
"""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstVideo", "1.0")
# pylint: disable=wrong-import-position
from gi.repository import GLib, Gst, GstVideo  # noqa: E402

from detections import analytics, detections  # noqa: E402

PIPELINE = ("filesrc name=source ! decodebin ! videoconvert ! video/x-raw,format=NV12 ! "
            "rknnyolo name=yolo ! appsink name=sink sync=false max-buffers=4")


def frame_passes(_pad, info):
    """Pad probe: in the thread of the stream, once a frame."""
    buffer = info.get_buffer()
    objects = ["%s %.2f" % (d.label, d.confidence) for d in detections(buffer)]
    print("probe   %8.3f  %s" % (buffer.pts / Gst.SECOND, ", ".join(objects) or "nothing"))
    also = analytics(buffer)
    if also is not None:
        print("analytics %6.3f  %s" % (buffer.pts / Gst.SECOND, ", ".join(
            "%s %.2f" % entry[:2] for entry in also) or "nothing"))
    return Gst.PadProbeReturn.OK


def brightness(rows, stride, detection):
    """The mean of the pixels inside the box; the first plane of NV12 is the
    brightness."""
    total = sum(sum(rows[y * stride + detection.x:y * stride + detection.x + detection.width])
                for y in range(detection.y, detection.y + detection.height))
    return total / max(1, detection.width * detection.height)


def print_objects(sample):
    """A frame of the appsink: caps, pixels and detections."""
    buffer = sample.get_buffer()
    stride = GstVideo.VideoInfo.new_from_caps(sample.get_caps()).stride[0]
    meta = GstVideo.buffer_get_video_meta(buffer)
    if meta is not None:
        stride = meta.stride[0]
    mapped, pixels = buffer.map(Gst.MapFlags.READ)
    if not mapped:
        return
    for found in detections(buffer):
        print("appsink %8.3f  %s at %d,%d size %dx%d brightness %.0f" % (
            buffer.pts / Gst.SECOND, found.label, found.x, found.y, found.width, found.height,
            brightness(pixels.data, stride, found)))
    buffer.unmap(pixels)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    Gst.init(None)
    try:
        pipeline = Gst.parse_launch(PIPELINE)
    except GLib.Error as error:
        return "watch.py: " + error.message
    yolo, sink = pipeline.get_by_name("yolo"), pipeline.get_by_name("sink")
    yolo.set_property("model", sys.argv[1])
    pipeline.get_by_name("source").set_property("location", sys.argv[2])
    yolo.get_static_pad("src").add_probe(Gst.PadProbeType.BUFFER, frame_passes)

    pipeline.set_state(Gst.State.PLAYING)
    bus = pipeline.get_bus()
    message = None
    while message is None and not sink.get_property("eos"):
        sample = sink.emit("try-pull-sample", Gst.SECOND // 10)
        if sample is not None:
            print_objects(sample)
        message = bus.pop_filtered(Gst.MessageType.ERROR)
    pipeline.set_state(Gst.State.NULL)
    return "watch.py: " + message.parse_error()[0].message if message is not None else 0


if __name__ == "__main__":
    sys.exit(main())
